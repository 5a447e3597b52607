//! The house rules: which floor may name which, how long a file may be, how it opens, and what stands in none.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A module, what it may name of ours, and what of others. A new arrow changes ARCHITECTURE.md, too, with its reason.
const FLOORS: &[(&str, &[&str], &[&str])] = &[
    ("theory", &[], &[]),
    ("pattern", &[], &[]),
    ("engine", &[], &["fundsp", "crossbeam_channel", "assert_no_alloc", "no_denormals"]),
    ("graph", &["engine"], &["fundsp", "wide"]),
    ("score", &["pattern", "graph"], &[]),
    ("lang", &["pattern", "theory", "graph", "score"], &["rhai", "serde", "serde_json"]),
    ("session", &["pattern", "graph", "engine", "score"], &["crossbeam_channel", "serde_json", "strsim"]),
    (
        "io",
        &["engine", "session"],
        &["cpal", "alsa", "serde", "crossbeam_channel", "assert_no_alloc", "hound", "flacenc", "rubato"],
    ),
    ("render", &["pattern", "score", "session", "engine", "io"], &[]),
];

/// The longest a file of ours may be.
const LONGEST: usize = 600;

/// Every Rust file below `folder`, in order.
fn rust_files(folder: &str) -> Vec<PathBuf> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        let Ok(entries) = fs::read_dir(folder) else {
            return;
        };
        for entry in entries.flatten() {
            let path = entry.path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut found);
    found.sort();
    found
}

fn ours() -> Vec<PathBuf> {
    ["src", "tests", "benches", "examples", "fuzz/fuzz_targets", "fuzz/examples"]
        .iter()
        .flat_map(|f| rust_files(f))
        .collect()
}

fn name(path: &Path) -> String {
    path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap().display().to_string()
}

/// The text with comments and what stands in strings blanked, lines kept.
fn code_of(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut i = 0;
    let blank = |out: &mut String, c: char| out.push(if c == '\n' { '\n' } else { ' ' });
    while i < chars.len() {
        let rest = &chars[i..];
        let identifier_before = i > 0 && (chars[i - 1].is_alphanumeric() || chars[i - 1] == '_');
        if rest.starts_with(&['/', '/']) {
            while i < chars.len() && chars[i] != '\n' {
                blank(&mut out, chars[i]);
                i += 1;
            }
        } else if rest.starts_with(&['/', '*']) {
            let mut depth = 0;
            loop {
                if chars[i..].starts_with(&['/', '*']) {
                    depth += 1;
                    i += 2;
                } else if chars[i..].starts_with(&['*', '/']) {
                    depth -= 1;
                    i += 2;
                } else {
                    blank(&mut out, chars[i]);
                    i += 1;
                }
                if depth == 0 || i >= chars.len() {
                    break;
                }
            }
        } else if rest[0] == 'r' && !identifier_before && raw_hashes(rest).is_some() {
            let hashes = raw_hashes(rest).unwrap();
            let close: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
            i += 2 + hashes;
            while i < chars.len() && !chars[i..].starts_with(&close) {
                blank(&mut out, chars[i]);
                i += 1;
            }
            out.push_str("\"\"");
            i += close.len();
        } else if rest[0] == '"' {
            i += 1;
            while i < chars.len() && chars[i] != '"' {
                let step = if chars[i] == '\\' { 2 } else { 1 };
                chars[i..(i + step).min(chars.len())].iter().for_each(|c| blank(&mut out, *c));
                i += step;
            }
            out.push_str("\"\"");
            i += 1;
        } else if rest[0] == '\'' && rest.len() > 2 && (rest[1] == '\\' || rest[2] == '\'') {
            // A character, not a lifetime.
            i += if rest[1] == '\\' { 3 } else { 2 };
            while i < chars.len() && chars[i] != '\'' {
                i += 1;
            }
            out.push_str("' '");
            i += 1;
        } else {
            out.push(rest[0]);
            i += 1;
        }
    }
    out
}

/// How many `#` open the raw string that begins here, if one does.
fn raw_hashes(rest: &[char]) -> Option<usize> {
    let hashes = rest[1..].iter().take_while(|c| **c == '#').count();
    (rest.get(1 + hashes) == Some(&'"')).then_some(hashes)
}

/// The code before the unit tests at the foot.
fn before_tests(code: &str) -> &str {
    code.split("#[cfg(test)]\nmod ").next().unwrap()
}

/// The first segments named after `prefix` (`crate::`, `super::super::`), groups opened: `crate::{a::B, c}` names a and c.
fn named_after(code: &str, prefix: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices(prefix) {
        let before = code[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':' || c == '$') {
            continue;
        }
        let rest = code[at + prefix.len()..].trim_start();
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut word = String::new();
            for c in group.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => {
                        found.push(std::mem::take(&mut word));
                        continue;
                    }
                    _ => {}
                }
                word.push(c);
            }
            found.push(word);
        } else {
            found.push(rest.to_string());
        }
    }
    let head = |s: String| s.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    found.into_iter().map(head).filter(|s| !s.is_empty()).collect()
}

/// Crates of others whose names stand in Cargo.toml.
fn crates_of_others() -> Vec<String> {
    let manifest = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).unwrap();
    let mut inside = false;
    let mut crates = Vec::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            inside = line.ends_with("dependencies]");
        } else if let Some((key, _)) = line.split_once('=').filter(|_| inside) {
            crates.push(key.trim().trim_end_matches(".workspace").replace('-', "_"));
        }
    }
    crates
}

/// Whether the code names a crate as the beginning of a path or by `use`.
fn names_crate(code: &str, krate: &str) -> bool {
    code.match_indices(krate).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        let after = &code[at + krate.len()..];
        let begins = !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '.'))
            && (!code[..at].ends_with("::") || code[..at - 2].chars().next_back().is_none_or(|c| !c.is_alphanumeric()));
        let used = code[..at].trim_end().ends_with("use") && after.starts_with([';', ' ']);
        begins && (after.starts_with("::") || used)
    })
}

/// The floor a file of `src` belongs to, and how many `super::` lead from it to the crate's root.
fn floor_of(path: &Path) -> (String, usize) {
    let inside = path.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap();
    let parts: Vec<String> = inside.iter().map(|p| p.to_string_lossy().into_owned()).collect();
    let room = parts[0].trim_end_matches(".rs").to_string();
    let depth = if parts.last().unwrap() == "mod.rs" { parts.len() - 1 } else { parts.len() };
    (room, depth)
}

#[test]
fn each_floor_names_only_what_the_table_allows() {
    let others = crates_of_others();
    let mut faults = Vec::new();
    for path in rust_files("src") {
        let (room, depth) = floor_of(&path);
        if ["lib", "main", "app"].contains(&room.as_str()) {
            continue;
        }
        let Some((_, ours, theirs)) = FLOORS.iter().find(|(floor, ..)| *floor == room) else {
            faults.push(format!("{}: `{room}` has no row in the table of floors", name(&path)));
            continue;
        };
        let text = fs::read_to_string(&path).unwrap();
        let code = code_of(&text);
        let code = before_tests(&code);
        let mut named = named_after(code, "crate::");
        named.extend(named_after(code, &"super::".repeat(depth)));
        for module in named {
            let known = FLOORS.iter().any(|(floor, ..)| *floor == module);
            if known && module != room && !ours.contains(&module.as_str()) {
                faults.push(format!("{}: `{room}` may not name `{module}`", name(&path)));
            }
        }
        for krate in &others {
            if names_crate(code, krate) && !theirs.contains(&krate.as_str()) {
                faults.push(format!("{}: `{room}` may not name the crate `{krate}`", name(&path)));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_file_opens_with_one_sentence_and_stays_short() {
    let mut faults = Vec::new();
    for path in ours() {
        let text = fs::read_to_string(&path).unwrap();
        if !text.starts_with("//! ") {
            faults.push(format!("{}: opens without `//! `", name(&path)));
        }
        let lines = text.lines().count();
        if lines > LONGEST {
            faults.push(format!("{}: {lines} lines, more than {LONGEST}: it wants to be two", name(&path)));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_median_file_is_short() {
    let mut lengths: Vec<usize> =
        rust_files("src").iter().map(|p| fs::read_to_string(p).unwrap().lines().count()).collect();
    lengths.sort_unstable();
    let median = lengths[lengths.len() / 2];
    assert!(median <= 300, "the median file has {median} lines");
}

#[test]
fn nothing_is_left_for_later_and_nothing_can_unwrap() {
    // Put together, so that this file does not name them itself.
    let later: Vec<String> = ["TO|DO", "FIX|ME", "XX|X", "todo|!(", "unimple|mented!(", "#[ig|nore"]
        .iter()
        .map(|w| w.replace('|', ""))
        .collect();
    let mut faults = Vec::new();
    for path in ours() {
        let text = fs::read_to_string(&path).unwrap();
        for (number, line) in text.lines().enumerate() {
            if let Some(word) = later.iter().find(|w| line.contains(w.as_str())) {
                faults.push(format!("{}:{}: `{word}`", name(&path), number + 1));
            }
        }
        if path.starts_with(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
            let code = code_of(&text);
            for (number, line) in before_tests(&code).lines().enumerate() {
                if line.contains(".unwrap()") || line.contains(".unwrap_err()") {
                    faults.push(format!("{}:{}: `unwrap` outside tests", name(&path), number + 1));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn what_was_generated_or_set_aside_is_not_in_the_tree() {
    for path in ours() {
        let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
        let banned = ["utils", "util", "helpers", "helper", "common", "misc", "manager", "old", "v2"];
        assert!(!banned.contains(&stem.as_str()), "{}: a file is named after what is in it", name(&path));
    }
}

#[test]
fn the_reader_of_code_sees_what_the_compiler_sees() {
    let code = code_of(
        "use crate::{pattern::{Span, Time}, score};\n// crate::lang\nlet s = \"crate::io\"; let c = '\"'; super::super::engine::x();\n",
    );
    assert_eq!(named_after(&code, "crate::"), ["pattern", "score"]);
    assert_eq!(named_after(&code, "super::super::"), ["engine"]);
    let cases: BTreeMap<&str, bool> = [
        ("use rhai::Engine;", true),
        ("rhai::Engine::new()", true),
        ("use ::rhai::Engine;", true),
        ("use rhai;", true),
        ("self.rhai::x", false),
        ("let rhai = 1;", false),
        ("use my_rhai::x;", false),
        ("use crate::rhai::x;", false),
    ]
    .into();
    for (line, expected) in cases {
        assert_eq!(names_crate(line, "rhai"), expected, "{line}");
    }
}
