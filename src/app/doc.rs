//! `segue doc`: the words of the language, one, all by name, or all as a page.

use std::fmt::Write;

use segue::lang::{Interpreter, Style, Word};

use super::Failure;
use super::args::Doc;
use super::words::Words;

pub fn run(asked: &Doc) -> Result<(), Failure> {
    let words = Words::of(&Interpreter::new());
    match &asked.word {
        Some(word) => println!("{}", words.explain(word).map_err(Failure::Usage)?),
        None if asked.reference => print!("{}", reference(&words)),
        None => print!("{}\n`segue doc WORD` explains one.\n", words.list()),
    }
    Ok(())
}

/// The whole vocabulary as Markdown: categories in order, words in order within.
pub fn reference(words: &Words) -> String {
    let mut page = String::from(
        "# Reference\n\nEvery word of the language, written by `segue doc --reference` out of the tables the words stand in.\n\
         A word with a leading dot follows a pattern or a sound: `s(\"bd\").fast(2)`.\n\n",
    );
    let mut categories: Vec<&str> = words.all().iter().map(|w| &*w.category).collect();
    categories.sort_unstable();
    categories.dedup();
    for category in &categories {
        let _ = writeln!(page, "- [{category}](#{})", anchor(category));
    }
    for category in categories {
        let _ = write!(page, "\n## {category}\n");
        for word in words.all().iter().filter(|w| w.category == category) {
            describe(&mut page, word);
        }
    }
    page
}

/// The name GitHub gives to a heading.
fn anchor(heading: &str) -> String {
    let kept = heading.to_lowercase();
    kept.chars().filter_map(|c| if c == ' ' { Some('-') } else { (c.is_alphanumeric() || c == '-').then_some(c) }).collect()
}

fn describe(page: &mut String, word: &Word) {
    let _ = write!(page, "\n### `{}`\n\n", word.signature());
    let doc = word.doc.trim();
    let _ = writeln!(page, "{doc}");
    if !word.aliases.is_empty() {
        let names: Vec<String> = word.aliases.iter().map(|a| format!("`{a}`")).collect();
        let _ = write!(page, "\nAlso: {}.\n", names.join(", "));
    }
    let ranges: Vec<_> = word.params.iter().filter_map(|p| p.range.as_ref().map(|r| (p, r))).collect();
    if !ranges.is_empty() {
        let _ = write!(page, "\n| parameter | from | to | unit | default |\n|---|---|---|---|---|\n");
        for (p, r) in ranges {
            let default = r.default.map_or(String::new(), |d| d.to_string());
            let _ = writeln!(page, "| {} | {} | {} | {} | {default} |", p.name, r.low, r.high, r.unit);
        }
    }
    if !word.example.is_empty() {
        let fence = if word.style == Style::Instrument && word.example.contains("```") { "````" } else { "```" };
        let _ = write!(page, "\n{fence}rhai\n{}\n{fence}\n", word.example.trim_end());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_holds_every_word_under_its_category() {
        let words = Words::of(&Interpreter::new());
        let page = reference(&words);
        for word in words.all() {
            assert!(page.contains(&format!("### `{}`", word.signature())), "{}", word.name);
        }
        assert_eq!(page, reference(&words));
    }

    #[test]
    fn a_heading_is_reached_by_its_anchor() {
        assert_eq!(anchor("Time and tempo"), "time-and-tempo");
        assert_eq!(anchor("a, b & c"), "a-b--c");
    }
}
