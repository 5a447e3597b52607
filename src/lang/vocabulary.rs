//! The vocabulary: every word once, for registration, help, completion, hints and the reference.

use std::sync::{Arc, OnceLock};

use super::prose::Prose;
use super::word::{Kind, Need, Parameter, Range, Style, Word};
use super::{library, patterns, settings, sounds, syntax, theory};
use crate::graph::SynthDef;

/// All words of the language. Those of the library are read when somebody asks for all.
#[derive(Clone)]
pub struct Vocabulary {
    built_in: Arc<[Arc<Word>]>,
    all: Arc<OnceLock<Vec<Arc<Word>>>>,
}

impl Vocabulary {
    /// The words that are built in: grammar, settings, patterns, controls, sounds.
    pub(super) fn built_in() -> Self {
        let rooms = [syntax::words(), settings::words(), patterns::words(), sounds::words(), theory::words()];
        Vocabulary { built_in: rooms.into_iter().flatten().map(Arc::new).collect(), all: Arc::default() }
    }

    pub(super) fn built_in_words(&self) -> &[Arc<Word>] {
        &self.built_in
    }

    /// Every word, the instruments of the library last.
    pub fn words(&self) -> &[Arc<Word>] {
        let instruments = || library::instruments().map(|(def, category)| Arc::new(instrument(def, category)));
        self.all.get_or_init(|| self.built_in.iter().cloned().chain(instruments()).collect())
    }

    /// Every word of this name or alias: a method, a function and an instrument may share one.
    pub fn find<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Word> {
        let kept = library::names().any(|kept| kept == name);
        let words = if kept { self.words() } else { &self.built_in };
        words.iter().map(Arc::as_ref).filter(move |w| w.is_called(name))
    }

    /// Names and aliases that begin like this, sorted, without repetition.
    pub fn complete(&self, prefix: &str) -> Vec<&str> {
        let mut names: Vec<&str> = self.names().filter(|n| n.starts_with(prefix)).collect();
        names.sort();
        names.dedup();
        names
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let built_in = self.built_in.iter().flat_map(|w| std::iter::once(&w.name).chain(&w.aliases));
        built_in.map(|name| &**name).chain(library::names().map(|name: &str| name))
    }

    /// The name that was probably meant.
    pub fn nearest(&self, name: &str) -> Option<&str> {
        nearest(name, self.names())
    }
}

/// The word that an instrument is.
fn instrument(def: &'static SynthDef, category: &'static str) -> Word {
    let controls = def.controls.iter().map(|c| Parameter {
        name: c.name.to_string().into(),
        kind: Kind::Number,
        need: Need::Optional,
        range: Some(Range { unit: c.unit, low: c.low.into(), high: c.high.into(), default: Some(c.default.into()) }),
    });
    Word {
        name: (&*def.name).into(),
        aliases: Vec::new(),
        category: category.into(),
        doc: Prose::told(move || def.doc.to_string()),
        example: Prose::told(move || format!("s(\"{}\")", def.name)),
        style: Style::Instrument,
        params: controls.collect(),
        code: None,
    }
}

/// The candidate nearest to a name that is not among them, if one is near: a third of its letters may differ.
pub fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    // Nobody slips in a word of more letters.
    let name = if name.len() > 64 { "" } else { name };
    let reach = name.chars().count().div_ceil(3).min(3);
    let lower = name.to_lowercase();
    let near = candidates.map(|c| (distance(&lower, &c.to_lowercase()), c)).filter(|(d, _)| *d <= reach);
    // Of equals, the one of the same letters, that begins alike, is of like length, is the first by name: the same hint every time.
    let letters = |word: &str| {
        let mut letters: Vec<char> = word.to_lowercase().chars().collect();
        letters.sort_unstable();
        letters
    };
    let own = letters(name);
    // fst: letters are left out more often than struck wrong.
    let holds = |c: &str| {
        let mut rest = c.chars();
        name.chars().all(|letter| rest.any(|other| other.eq_ignore_ascii_case(&letter)))
    };
    let alike = |c: &str| c.chars().zip(name.chars()).take_while(|(a, b)| a.eq_ignore_ascii_case(b)).count();
    let rank = |(d, c): &(usize, &'a str)| {
        (
            *d,
            letters(c) != own,
            !holds(c),
            std::cmp::Reverse(alike(c)),
            c.chars().count().abs_diff(name.chars().count()),
            *c,
        )
    };
    near.min_by_key(rank).map(|(_, c)| c)
}

/// Letters to insert, leave out, replace or swap with their neighbour (Damerau 1964, optimal string alignment).
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > 3 || a.len() > 64 || b.len() > 64 {
        return usize::MAX;
    }
    let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            table[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let replace = table[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                let swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
                let swap = if swapped { table[i - 2][j - 2] + 1 } else { usize::MAX };
                replace.min(table[i - 1][j] + 1).min(table[i][j - 1] + 1).min(swap)
            };
        }
    }
    table[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_led_back_to_its_word() {
        let words = ["fast", "slow", "lowpass", "degrade_by", "pan"];
        for (slip, meant) in [("fsat", "fast"), ("lowpas", "lowpass"), ("degradeby", "degrade_by"), ("slo", "slow")] {
            assert_eq!(nearest(slip, words.into_iter()), Some(meant));
        }
        assert_eq!(nearest("gane", ["band", "gain"].into_iter()), Some("gain"), "what begins alike was meant");
        assert_eq!(nearest("ards", ["arpg", "adsr"].into_iter()), Some("adsr"), "letters out of order");
        assert_eq!(nearest("xyzzy", words.into_iter()), None);
    }
}
