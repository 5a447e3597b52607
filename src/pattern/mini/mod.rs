//! The mini-notation: rhythms as short texts, with the place of every atom and errors that show where and what.
//!
//! `a b` in turn · `[a b]` as one step · `<a b>` one per cycle · `a, b` together · `{a b c}%4` by steps · `a | b` by chance ·
//! `a*2 a/2 a!2 a@2 a _` faster, slower, again, longer · `a?0.3` perhaps · `a(3,8,2)` Euclid · `bd:3` list · `0 .. 3` range · `a b . c` feet.

mod build;
mod density;
mod parse;
mod syntax;

use std::fmt;
use std::ops::Range;

use super::{Pattern, Value};

/// Why a text is no mini-notation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MiniError {
    /// Bytes of the text to underline; may be empty at its end.
    pub span: Range<usize>,
    /// What was expected and found.
    pub message: String,
    /// The text as it might have been meant.
    pub hint: Option<String>,
}

impl fmt::Display for MiniError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for MiniError {}

/// Where a text in mini-notation begins in what it was written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Which text it is part of.
    pub source: u32,
    /// Of its first character, counted from 1, as is the column.
    pub line: u32,
    pub column: u32,
}

impl Default for Origin {
    /// A text that stands for itself.
    fn default() -> Origin {
        Origin { source: 0, line: 1, column: 1 }
    }
}

/// The pattern a text in mini-notation means. Haps know their places in this text, as source 0.
pub fn mini(text: &str) -> Result<Pattern, MiniError> {
    mini_at(text, Some(Origin::default()), None)
}

/// What reads a word with apostrophes as values at once; else says what was expected, and perhaps the word that was meant.
pub type Chords<'a> = &'a dyn Fn(&str) -> Result<Vec<Value>, (String, Option<String>)>;

/// The pattern of a text that stands somewhere in a larger one: its haps know their places there, or (none) no places at all.
/// Words with apostrophes are what `chords` makes of them: `c'maj7'ii`.
pub fn mini_at(text: &str, origin: Option<Origin>, chords: Option<Chords>) -> Result<Pattern, MiniError> {
    let tree = parse::parse(text, chords)?;
    Ok(build::Builder::new(text, origin).layers(&tree))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::{Place, Span};
    use proptest::prelude::*;

    /// Onsets of the first cycle as `begin value`.
    fn check(text: &str, expected: &str) {
        let mut haps = mini(text).unwrap_or_else(|e| panic!("{text}: {e}")).first_cycle();
        haps.sort_by_key(|hap| (hap.part.begin, hap.value.to_string()));
        let shown: Vec<String> = haps.iter().map(|hap| format!("{} {}", hap.part.begin, hap.value)).collect();
        assert_eq!(shown.join(", "), expected, "{text}");
    }

    #[test]
    fn every_construct_gives_its_haps() {
        for (text, expected) in [
            ("a [b c]", "0 a, 1/2 b, 3/4 c"),
            ("<a b> c", "0 a, 1/2 c"),
            ("a@3 b", "0 a, 3/4 b"),
            ("a _ b", "0 a, 2/3 b"),
            ("a!2 b", "0 a, 1/3 a, 2/3 b"),
            ("a, b c", "0 a, 0 b, 1/2 c"),
            ("{a b c}%2", "0 a, 1/2 b"),
            ("a(3,8,2)", "0 a, 1/4 a, 5/8 a"),
            ("bd:3*2", "0 bd:3, 1/2 bd:3"),
            ("0 .. 3", "0 0, 1/4 1, 1/2 2, 3/4 3"),
            ("0..2", "0 0, 1/3 1, 2/3 2"),
            ("a b . c", "0 a, 1/4 b, 1/2 c"),
            ("a ~ - b", "0 a, 3/4 b"),
            ("a*<2 3>", "0 a, 1/2 a"),
            ("", ""),
            ("[] a", "1/2 a"),
        ] {
            check(text, expected);
        }
    }

    #[test]
    fn errors_say_where_and_what_to_type() {
        for (text, span, hint) in [
            ("bd [sd", 3..4, Some("bd [sd]")),
            ("bd <sd [hh>", 7..8, Some("bd <sd [hh]>")),
            ("bd sd]", 5..6, Some("bd sd")),
            ("bd*", 3..3, Some("bd*2")),
            ("bd*x", 3..4, Some("bd*2")),
            ("bd(3", 2..3, Some("bd(3,8)")),
            ("bd & sd", 3..4, Some("bd , sd")),
            ("bd + sd", 3..4, Some("bd  sd")),
            ("bd**2", 3..4, Some("bd*2")),
            ("(bd sd)*2", 0..1, Some("[bd sd]*2")),
            ("bd(3 8)", 2..3, Some("bd(3,8)")),
            ("bd(3,8,2,1) sd", 2..3, Some("bd(3,8) sd")),
            ("bd:", 3..3, Some("bd:1")),
            ("bd: 3", 3..4, Some("bd:3")),
            ("bd:*2", 3..4, Some("bd:1*2")),
            ("1 ..", 4..4, Some("1 .. 3")),
            ("bd % 4", 3..4, Some("bd  4")),
            ("bd*1000000000", 3..13, None),
            ("a .. d", 0..1, Some("0 .. d")),
            ("0 .. d", 5..6, Some("0 .. 3")),
            ("{a b} %4", 6..7, Some("{a b}%4")),
            ("{a b}% x", 7..8, Some("{a b}% 4")),
        ] {
            let error = mini(text).expect_err(text);
            assert_eq!((error.span.clone(), error.hint.as_deref()), (span, hint), "{text}: {error}");
        }
    }

    #[test]
    fn haps_know_their_letters() {
        let origin = Origin { source: 7, line: 3, column: 10 };
        let haps = mini_at("é [sd\n hh]", Some(origin), None).unwrap().query(Span::cycles(0, 1));
        assert_eq!(haps[1].places.as_slice(), [Place { source: 7, line: 3, column: 13, length: 2 }]);
        assert_eq!(haps[2].places.as_slice(), [Place { source: 7, line: 4, column: 2, length: 2 }]);
    }

    #[test]
    fn blanks_and_places_do_not_make_another_pattern() {
        assert_eq!(mini("bd  [sd hh]"), mini_at(" bd [ sd hh ]", None, None));
        assert_ne!(mini("bd sd"), mini("sd bd"));
    }

    #[test]
    fn two_chances_in_one_text_are_independent() {
        let haps = |text| mini(text).unwrap().query(Span::cycles(0, 2000));
        let both = haps("[a?,b?]").chunk_by(|x, y| x.part == y.part).count();
        let together = haps("[a,b]?").len();
        assert!(both > 1000 && together > 1900 && together % 2 == 0);
        let a = haps("a? a?").iter().filter(|h| h.part.begin.fraction().is_zero()).count();
        assert!((900..1100).contains(&a), "{a}");
    }

    #[test]
    fn a_caret_says_whose_steps_count() {
        for (text, steps) in
            [("a b c", 3), ("[^a b] c", 4), ("a [^b c d]", 6), ("a b, ^c d e", 3), ("<^a b> [^c d e]", 12)]
        {
            assert_eq!(mini(text).unwrap().steps(), Some(crate::pattern::Time::int(steps)), "{text}");
        }
        check("[^a b] c", "0 a, 1/4 b, 1/2 c");
    }

    #[test]
    fn deep_nesting_is_refused() {
        let error = mini(&"[".repeat(60_000)).unwrap_err();
        assert!(error.message.contains("deep"), "{error}");
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[a-d0-9\\[\\]<>{}()*/!@_?:.,|~ %^#é-]{0,40}") {
            if let Ok(pattern) = mini(&text) {
                pattern.query(Span::cycles(0, 2));
            }
        }

        #[test]
        fn no_text_at_all_makes_it_panic(text in "\\PC*") {
            let _ = mini(&text);
        }
    }
}
