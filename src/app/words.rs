//! The vocabulary as the terminal needs it: words found by name, by beginning, by likeness, and explained.

use std::fmt::Write;
use std::sync::Arc;

use segue::lang::{Interpreter, Need, Parameter, Style, Vocabulary, Word};

/// All words of the language, in the order of their names.
#[derive(Clone)]
pub struct Words {
    sorted: Arc<[Arc<Word>]>,
    vocabulary: Vocabulary,
}

impl Words {
    pub fn of(interpreter: &Interpreter) -> Words {
        let vocabulary = interpreter.vocabulary().clone();
        let mut sorted = vocabulary.words().to_vec();
        sorted.sort_by_key(|w| (w.name.to_lowercase(), w.style));
        Words { sorted: sorted.into(), vocabulary }
    }

    pub fn all(&self) -> impl Iterator<Item = &Word> {
        self.sorted.iter().map(Arc::as_ref)
    }

    /// All that go by this name: a word may be a pattern's and a sound's.
    pub fn called<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Word> {
        let name = name.trim_start_matches('.').trim_end_matches("()");
        self.all().filter(move |w| w.is_called(name))
    }

    pub fn knows(&self, name: &str) -> bool {
        self.called(name).next().is_some()
    }

    /// Names and aliases that begin so, with their words.
    pub fn beginning<'a>(&'a self, start: &'a str) -> impl Iterator<Item = (&'a str, &'a Word)> {
        self.all().flat_map(move |w| {
            let names = std::iter::once(&w.name).chain(&w.aliases);
            names.filter(move |n| n.starts_with(start)).map(move |n| (&**n, w))
        })
    }

    /// What there is to say about a name: every word that goes by it, or what it may have been meant to be.
    pub fn explain(&self, name: &str) -> Result<String, String> {
        let found: Vec<String> = self.called(name).map(|w| self.page(w)).collect();
        if !found.is_empty() {
            return Ok(found.join("\n\n"));
        }
        let near = self.vocabulary.nearest(name);
        let hint = near.map_or("`segue doc` lists all".into(), |near| format!("did you mean `{near}`?"));
        Err(format!("there is no word `{name}`; {hint}"))
    }

    fn page(&self, word: &Word) -> String {
        let mut page = word.signature();
        if !word.aliases.is_empty() {
            let _ = write!(page, "   (also {})", word.aliases.join(", "));
        }
        let _ = writeln!(page, "   {}", word.category);
        for line in word.doc.lines() {
            let _ = write!(page, "\n  {line}");
        }
        // What stands before the dot is no parameter to whoever types it.
        let before = usize::from(matches!(word.style, Style::Method | Style::Property));
        for p in word.params.iter().skip(before) {
            let _ = write!(page, "\n  {}", parameter(p));
        }
        if !word.example.is_empty() {
            page.push('\n');
            for line in word.example.lines() {
                let _ = write!(page, "\n    {line}");
            }
        }
        let also: Vec<&str> = self.related(word).take(6).collect();
        if !also.is_empty() {
            let _ = write!(page, "\n\n  see also: {}", also.join(", "));
        }
        page
    }

    /// Neighbours in the same category.
    fn related<'a>(&'a self, word: &'a Word) -> impl Iterator<Item = &'a str> {
        let here = self.all().position(|w| w.name == word.name && w.style == word.style).unwrap_or(0);
        let after = self.all().skip(here + 1).chain(self.all().take(here));
        after.filter(|w| w.category == word.category && w.name != word.name).map(|w| &*w.name)
    }

    /// Categories with the names in them, for a list of all.
    pub fn list(&self) -> String {
        let mut categories: Vec<(&str, Vec<&str>)> = Vec::new();
        for word in self.all() {
            match categories.iter_mut().find(|(c, _)| *c == word.category) {
                Some((_, names)) => names.push(&word.name),
                None => categories.push((&word.category, vec![&word.name])),
            }
        }
        categories.sort();
        let mut out = String::new();
        for (category, mut names) in categories {
            names.dedup();
            let _ = writeln!(out, "{category}");
            out.push_str(&folded(&names, 78));
        }
        out
    }
}

/// A parameter with what it takes: unit, range and what counts where nothing is said.
fn parameter(p: &Parameter) -> String {
    let what = match &p.range {
        Some(r) => {
            let unit = if r.unit.is_empty() { String::new() } else { format!(" {}", r.unit) };
            format!("{} to {}{unit}", r.low as f32, r.high as f32)
        }
        None => p.kind.noun().to_string(),
    };
    let left_out = match (p.range.as_ref().and_then(|r| r.default), p.need) {
        (Some(default), _) => format!(", {} where nothing is said", default as f32),
        (None, Need::Optional) => ", or nothing".to_string(),
        (None, Need::Many) => ", any number of times".to_string(),
        (None, Need::Once) => String::new(),
    };
    format!("{}: {what}{left_out}", p.name)
}

/// The first sentence of a word's help.
pub fn first_sentence(word: &Word) -> &str {
    let line = word.doc.lines().next().unwrap_or("");
    line.split_once(". ").map_or(line, |(first, _)| first).trim_end_matches('.')
}

/// Whether a word is written after a dot.
pub fn is_method(word: &Word) -> bool {
    word.style == Style::Method
}

/// Names in lines of at most `width` columns, indented by two.
fn folded(names: &[&str], width: usize) -> String {
    let mut out = String::new();
    let mut line = String::from(" ");
    for name in names {
        if line.chars().count() + 1 + name.chars().count() > width {
            let _ = writeln!(out, "{line}");
            line = String::from(" ");
        }
        line.push(' ');
        line.push_str(name);
    }
    let _ = writeln!(out, "{line}");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_explained_with_its_example_and_neighbours() {
        let words = Words::of(&Interpreter::new());
        let page = words.explain("fast").unwrap();
        assert!(page.contains("fast(") && page.contains("see also"), "{page}");
        assert!(words.explain("fsat").unwrap_err().contains("fast"));
        assert!(words.list().contains("fast"));
    }
}
