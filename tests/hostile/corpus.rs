//! The corpus: files of scripts, each under a line that names it and says what is expected.
//!
//! `== name | expected` begins a script: part of the message it is refused with (`a; or b`: one
//! of them), `refused` with any,
//! `warns: part of a warning`, `plays`, `held`: it plays, and is warned of numbers out of range, if of anything, or `either`: as
//! far as its function comes in its time, it is refused or plays.
//! `== name $x | expected | a b c` is a script for each of the words that `$x` stands for. `@{100 text}@` is that text a hundred
//! times; `@{nul}@`, `@{bom}@`, `@{cr}@`, `@{esc}@` and `@{u202e}@` are characters that nobody can see.

use std::path::{Path, PathBuf};

/// What becomes of a script.
#[derive(Clone, Debug, PartialEq)]
pub enum Expected {
    Refused(String),
    Warned(String),
    Held,
    Either,
    Plays,
}

#[derive(Clone, Debug)]
pub struct Script {
    /// `file: name`.
    pub name: String,
    pub text: String,
    pub expected: Expected,
}

pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile")
}

/// All scripts of all files, in order.
pub fn all() -> Vec<Script> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|e| e == "txt"));
    files.sort();
    files.iter().flat_map(|path| read(path)).collect()
}

fn read(path: &Path) -> Vec<Script> {
    let kind = path.file_stem().unwrap().to_string_lossy().into_owned();
    let text = std::fs::read_to_string(path).unwrap();
    let scripts = text.split("\n== ").skip(1);
    scripts.flat_map(|script| family(&kind, script.split_once('\n').unwrap_or((script, "")))).collect()
}

fn family(kind: &str, (head, body): (&str, &str)) -> Vec<Script> {
    let parts: Vec<&str> = head.split(" | ").map(str::trim).collect();
    let [name, expected, ..] = parts[..] else { panic!("{kind}: `{head}` says nothing of what is expected") };
    let body = body.trim_end_matches('\n');
    let words = parts.get(2).map_or(vec![""], |words| words.split_whitespace().collect());
    let script = |word: &str| Script {
        name: format!("{kind}: {}", name.replace("$x", word)),
        text: expand(&body.replace("$x", word)),
        expected: match expected {
            "plays" => Expected::Plays,
            "held" => Expected::Held,
            "either" => Expected::Either,
            warns if warns.starts_with("warns: ") => Expected::Warned(warns["warns: ".len()..].into()),
            "refused" => Expected::Refused(String::new()),
            message => Expected::Refused(message.into()),
        },
    };
    words.into_iter().map(script).collect()
}

/// A text with what stands in `@{…}` written out, from the inside out.
fn expand(text: &str) -> String {
    let Some(begin) = text.rfind("@{") else { return text.to_string() };
    let inside = &text[begin + 2..];
    // The text that is repeated may hold brackets of its own: what closes it is followed by a mark.
    let end = inside.find("}@").unwrap_or_else(|| panic!("`}}@` missing after {inside:.40}"));
    let written = match inside[..end].split_once(' ') {
        Some((count, repeated)) => repeated.repeat(count.parse().unwrap()),
        None => match &inside[..end] {
            "nul" => "\0".to_string(),
            "bom" => "\u{feff}".to_string(),
            "cr" => "\r".to_string(),
            "esc" => "\u{1b}".to_string(),
            code => char::from_u32(u32::from_str_radix(&code[1..], 16).unwrap()).unwrap().to_string(),
        },
    };
    expand(&format!("{}{written}{}", &text[..begin], &inside[end + 2..]))
}

#[test]
fn the_corpus_holds_at_least_three_hundred_scripts_no_two_alike() {
    let mut texts: Vec<String> = all().into_iter().map(|script| script.text).collect();
    texts.sort();
    let count = texts.len();
    texts.dedup();
    assert_eq!(texts.len(), count, "two scripts are the same");
    assert!(count >= 300, "{count}");
}

#[test]
fn repeated_texts_are_written_out_from_the_inside_out() {
    assert_eq!(expand("a@{3 (}@b"), "a(((b");
    assert_eq!(expand("@{2 x@{2 y}@}@"), "xyyxyy");
    assert_eq!(expand("@{u202e}@"), "\u{202e}");
}
