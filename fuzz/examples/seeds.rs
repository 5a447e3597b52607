//! Writes what the fuzzers begin with: the texts of the corpus, the examples and the words of the vocabulary.

#[path = "../../tests/laws/material.rs"]
#[allow(dead_code, reason = "the targets use the rest")]
mod material;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use segue::lang::Interpreter;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

/// Writes texts as the seeds of a target.
fn write(target: &str, texts: impl IntoIterator<Item = String>) -> io::Result<()> {
    let folder = root().join("corpus").join(target);
    fs::create_dir_all(&folder)?;
    for (i, text) in texts.into_iter().enumerate() {
        fs::write(folder.join(format!("seed-{i}")), text)?;
    }
    Ok(())
}

/// The pieces in a folder beside the fuzzers.
fn pieces(folder: &str) -> io::Result<Vec<String>> {
    let files = fs::read_dir(root().join("..").join(folder))?.filter_map(Result::ok).map(|entry| entry.path());
    files.filter(|path| path.extension().is_some_and(|kind| kind == "rhai")).map(fs::read_to_string).collect()
}

/// A journal in which texts are said one after the other.
fn journal(texts: &[String]) -> String {
    let mut journal = String::from("{\"segue\":1,\"rate\":48000,\"seed\":0}\n");
    for (i, text) in texts.iter().enumerate() {
        let text = serde_json::Value::from(text.as_str());
        journal += &format!("{{\"n\":{i},\"at\":{},\"repl\":true,\"text\":{text}}}\n", 64 * i);
        journal += &format!("{{\"of\":{i},\"outcome\":\"accepted\",\"at\":{}}}\n", 64 * i + 128);
    }
    journal += "{\"at_cycle\":\"3/2\",\"stage\":\"mute\",\"name\":\"d\"}\n{\"at_cycle\":2,\"undo\":true}\n";
    journal += "{\"at_cycle\":2.5,\"redo\":true}\n{\"at\":999999,\"forget\":\"a\"}\n{\"at\":999999,\"file\":\"a\"}\n";
    journal
}

fn main() -> io::Result<()> {
    let patterns = include_str!("../../tests/corpus/patterns.json");
    let material::Material { examples, calls, .. } = material::material();
    let said = material::cases(patterns, "code").into_iter().chain(material::cases(patterns, "js"));
    let scripts: Vec<String> =
        said.chain(pieces("examples")?).chain(pieces("stdlib")?).chain(examples.clone()).collect();
    write("mini", material::texts().iter().cloned())?;
    write("journal", scripts.chunks(3).take(100).map(journal))?;
    write("script", scripts.iter().cloned())?;
    write("query", (0..=255u8).map(|n| (0..16).map(|i| char::from(n.wrapping_mul(i) & 0x7f)).collect()))?;
    // What libFuzzer may put into a text at once.
    let words = Interpreter::new().vocabulary().words().iter().map(|word| word.name.to_string()).collect::<Vec<_>>();
    let listed = words.into_iter().chain(calls.iter().cloned()).filter(|word| word.is_ascii() && word.len() < 60);
    let quoted = listed.map(|word| format!("\"{}\"\n", word.replace('\\', "\\\\").replace('"', "\\\"")));
    fs::write(root().join("corpus").join("words"), quoted.filter(|line| !line.contains("\\\\")).collect::<String>())
}
