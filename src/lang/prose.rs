//! Prose: what is said of a word, put together when somebody reads it, since every start makes all words and reads none.

use std::ops::Deref;
use std::sync::{Arc, OnceLock};

/// A text that is made when it is first read.
#[derive(Clone)]
pub struct Prose {
    from: From,
    made: OnceLock<String>,
}

#[derive(Clone)]
enum From {
    Given(&'static str),
    /// Lines of documentation, of which it is all but the example, or the example.
    Doc(&'static str),
    Example(&'static str),
    Told(Arc<dyn Fn() -> String + Send + Sync>),
}

impl Prose {
    /// What lines of documentation say, without the example.
    pub fn doc(lines: &'static str) -> Prose {
        From::Doc(lines).into()
    }

    /// The example in lines of documentation: the last block indented by four.
    pub fn example(lines: &'static str) -> Prose {
        From::Example(lines).into()
    }

    /// What `tell` says when it is asked.
    pub fn told(tell: impl Fn() -> String + Send + Sync + 'static) -> Prose {
        From::Told(Arc::new(tell)).into()
    }
}

impl std::convert::From<From> for Prose {
    fn from(from: From) -> Prose {
        Prose { from, made: OnceLock::new() }
    }
}

impl std::convert::From<&'static str> for Prose {
    fn from(text: &'static str) -> Prose {
        From::Given(text).into()
    }
}

impl Deref for Prose {
    type Target = str;

    fn deref(&self) -> &str {
        match &self.from {
            From::Given(text) => text,
            From::Doc(lines) => self.made.get_or_init(|| split_example(lines).0),
            From::Example(lines) => self.made.get_or_init(|| split_example(lines).1),
            From::Told(tell) => self.made.get_or_init(|| tell()),
        }
    }
}

impl std::fmt::Display for Prose {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str(self)
    }
}

/// Documentation lines to (doc, example): the example is the last block indented by four.
fn split_example(lines: &str) -> (String, String) {
    let lines: Vec<&str> = lines.lines().map(|l| l.strip_prefix(' ').unwrap_or(l)).collect();
    let end = lines.iter().rposition(|l| l.starts_with("    ")).map_or(0, |i| i + 1);
    let begin = lines[..end].iter().rposition(|l| !l.starts_with("    ")).map_or(0, |i| i + 1);
    let example: Vec<&str> = lines[begin..end].iter().map(|l| &l[4..]).collect();
    let doc: Vec<&str> = lines[..begin].iter().chain(&lines[end..]).copied().collect();
    (doc.join("\n").trim().to_string(), example.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_indented_block_is_the_example_and_the_rest_is_the_meaning() {
        let lines = " Plays twice.\n\n     s(\"bd\")\n       .fast(2)\n\n And more.";
        assert_eq!(&*Prose::doc(lines), "Plays twice.\n\n\nAnd more.");
        assert_eq!(&*Prose::example(lines), "s(\"bd\")\n  .fast(2)");
        assert_eq!(&*Prose::told(|| "told".into()).clone(), "told");
    }
}
