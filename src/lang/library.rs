//! The standard library: instruments, kits and buses written in the language, part of the program. What nobody asks for is not
//! read.
//!
//! Law: a definition means the same whoever asks for it and whatever was asked for before, since it knows nothing but the
//! functions it calls and what is built in.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, LazyLock, OnceLock};

use super::desk::{Definition, Names, Surroundings};
use super::interpreter::learn;
use super::limits;
use crate::graph::SynthDef;
use crate::score::{Instrument, Score};

/// Name and text of each file.
const FILES: &[(&str, &str)] = &[
    ("stdlib/waves.rhai", include_str!("../../stdlib/waves.rhai")),
    ("stdlib/drums_808.rhai", include_str!("../../stdlib/drums_808.rhai")),
    ("stdlib/drums_909.rhai", include_str!("../../stdlib/drums_909.rhai")),
    ("stdlib/kit.rhai", include_str!("../../stdlib/kit.rhai")),
    ("stdlib/bass.rhai", include_str!("../../stdlib/bass.rhai")),
    ("stdlib/keys.rhai", include_str!("../../stdlib/keys.rhai")),
    ("stdlib/strings.rhai", include_str!("../../stdlib/strings.rhai")),
    ("stdlib/rooms.rhai", include_str!("../../stdlib/rooms.rhai")),
];

/// The words that begin a definition, in the first column.
const KINDS: [&str; 4] = ["synth", "effect", "bus", "fn"];

/// A definition as it stands in its file.
struct Entry {
    kind: &'static str,
    name: &'static str,
    file: &'static str,
    /// With the remarks above it.
    text: &'static str,
    /// Lines of the file before it.
    before: usize,
    learned: OnceLock<Learned>,
}

/// What a definition means.
pub struct Learned {
    pub names: Names,
    pub score: Score,
    pub surroundings: Arc<Surroundings>,
}

static ENTRIES: LazyLock<Vec<Entry>> =
    LazyLock::new(|| FILES.iter().flat_map(|(file, text)| index(file, text)).collect());

/// The definitions of a text. One ends where the remarks of the next begin.
fn index(file: &'static str, text: &'static str) -> Vec<Entry> {
    let (mut found, mut at, mut remarks): (Vec<Entry>, usize, Option<(usize, usize)>) = (Vec::new(), 0, None);
    for (before, line) in text.split_inclusive('\n').enumerate() {
        let word = line.split(' ').next().unwrap_or_default();
        let (begin, lines) = remarks.unwrap_or((at, before));
        if let Some(kind) = KINDS.into_iter().find(|kind| *kind == word) {
            let rest = &line[kind.len() + 1..];
            let name = &rest[..rest.find([' ', '(']).unwrap_or(rest.len())];
            if let Some(last) = found.last_mut() {
                last.text = &last.text[..last.text.len() - (text.len() - begin)];
            }
            found.push(Entry { kind, name, file, text: &text[begin..], before: lines, learned: OnceLock::new() });
        }
        remarks = line.starts_with("//").then_some((begin, lines));
        at += line.len();
    }
    found
}

impl Learned {
    /// What it says of one name.
    fn only(&self, name: &str) -> Learned {
        let (mut names, mut score) = (Names::default(), Score::default());
        names
            .effects
            .extend(self.names.effects.get_key_value(name).map(|(name, effect)| (name.clone(), effect.clone())));
        names.synths.extend(self.names.synths.get_key_value(name).map(|(name, synth)| (name.clone(), synth.clone())));
        score.synths.extend(self.score.synths.iter().find(|synth| &*synth.name == name).cloned());
        Learned { names, score, surroundings: self.surroundings.clone() }
    }
}

impl Entry {
    /// The text that is evaluated: each line of the definition where it stands in its file, behind it the functions it calls.
    fn whole(&self) -> String {
        let mut called = BTreeSet::new();
        calls(self.text, &mut called);
        let functions = called.into_iter().map(|place| ENTRIES[place].text).filter(|text| *text != self.text);
        let lines = std::iter::repeat_n("\n", self.before);
        lines.chain([self.text]).chain(functions).collect()
    }

    /// Reads the definition, unless somebody has.
    fn read(&self) -> &Learned {
        self.learned.get_or_init(|| learn(self.file, &self.whole()))
    }
}

/// Adds the places of the functions that a text calls, and that those call.
fn calls(text: &str, called: &mut BTreeSet<usize>) {
    for (before, _) in text.match_indices('(') {
        let word = text[..before].rsplit(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
        if let Some(place) = FUNCTIONS.get(word).copied()
            && called.insert(place)
        {
            calls(ENTRIES[place].text, called);
        }
    }
}

/// Where the functions stand.
static FUNCTIONS: LazyLock<HashMap<&str, usize>> = LazyLock::new(|| {
    let functions = ENTRIES.iter().enumerate().filter(|(_, entry)| entry.kind == "fn");
    functions.map(|(place, entry)| (entry.name, place)).collect()
});

fn place(kind: &str, name: &str) -> Option<usize> {
    ENTRIES.iter().position(|entry| entry.name == name && entry.kind == kind)
}

/// Reads groups of definitions side by side, each on a stack of its own, where no evaluation is under way whose limits it would
/// be under.
fn apart<'a>(groups: &[&'a [&'static Entry]]) {
    std::thread::scope(|scope| {
        let begin = |group: &&'a [&'static Entry]| {
            let (group, thread) = (*group, std::thread::Builder::new().name("library".into()));
            thread.stack_size(limits::STACK).spawn_scoped(scope, move || together(group))
        };
        let threads: Vec<_> = groups.iter().map(begin).collect();
        for (thread, group) in threads.into_iter().zip(groups) {
            match thread.map(|thread| thread.join()) {
                Ok(read) => read.unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
                // Where there is no thread to be had, this one does it.
                Err(_) => together(group),
            }
        }
    });
}

/// Reads definitions as one text, which is less work than one after the other.
fn together(entries: &[&'static Entry]) {
    if let [] | [_] = entries {
        return entries.iter().map(|entry| entry.read()).for_each(|_| {});
    }
    let mut called = BTreeSet::new();
    entries.iter().for_each(|entry| calls(entry.text, &mut called));
    let functions = called.into_iter().map(|place| ENTRIES[place].text);
    let text: String = entries.iter().map(|entry| entry.text).chain(functions).collect();
    let all = learn("stdlib", &text);
    for entry in entries {
        entry.learned.get_or_init(|| all.only(entry.name));
    }
}

fn learned(place: usize) -> &'static Learned {
    let entry = &ENTRIES[place];
    entry.learned.get().unwrap_or_else(|| {
        apart(&[&[entry]]);
        entry.read()
    })
}

/// The instrument of an entry.
fn instrument(place: usize) -> &'static Arc<SynthDef> {
    learned(place).score.synths[0].def()
}

/// What the library says, its instruments unread, and the names its buses need.
pub static SAID: LazyLock<(Score, Names)> = LazyLock::new(|| {
    let (mut score, mut names) = (Score::default(), Names::default());
    for (place, entry) in ENTRIES.iter().enumerate() {
        match entry.kind {
            "synth" => score.synths.push(Instrument::kept(entry.name, place, instrument)),
            "bus" => {
                score.buses.extend(entry.read().score.buses.iter().cloned());
                names.lay(&entry.read().names);
            }
            _ => {}
        }
    }
    (score, names)
});

/// The names of its instruments.
pub fn names() -> impl Iterator<Item = &'static str> {
    ENTRIES.iter().filter(|entry| entry.kind == "synth").map(|entry| entry.name)
}

/// Every instrument, read, and the chapter of the vocabulary it belongs to: the name of its file.
pub fn instruments() -> impl Iterator<Item = (&'static Arc<SynthDef>, &'static str)> {
    let synths = || ENTRIES.iter().filter(|entry| entry.kind == "synth");
    let unread: Vec<_> = synths().filter(|entry| entry.learned.get().is_none()).collect();
    if !unread.is_empty() {
        let (some, others) = unread.split_at(unread.len() / 2);
        apart(&[some, others]);
    }
    synths().map(|entry| (entry.read().score.synths[0].def(), category(entry.file)))
}

/// The effect of a name.
pub fn effect(name: &str) -> Option<&'static Definition> {
    place("effect", name).and_then(|place| learned(place).names.effects.get(name))
}

/// The instrument of a name.
pub fn synth(name: &str) -> Option<&'static (Definition, Arc<SynthDef>)> {
    place("synth", name).and_then(|place| learned(place).names.synths.get(name))
}

/// Whether a function of the library has this name.
pub fn has_function(name: &str) -> bool {
    FUNCTIONS.contains_key(name)
}

/// Where a function of this name stands that takes so many arguments.
pub fn function(name: &str, count: usize) -> Option<&'static Surroundings> {
    let learned = learned(*FUNCTIONS.get(name)?);
    let mut functions = learned.surroundings.functions.iter_functions();
    functions.any(|f| f.name == name && f.params.len() == count).then_some(&learned.surroundings)
}

/// A file's name without folder and ending.
fn category(file: &str) -> &str {
    let name = file.rsplit('/').next().unwrap_or(file);
    name.strip_suffix(".rhai").unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::{Interpreter, NoFiles};

    #[test]
    fn what_is_read_alone_is_what_the_files_say_when_they_are_read_as_one_text() {
        let text: String = FILES.iter().flat_map(|(_, text)| [text, "\n"]).collect();
        let whole = learn("whole", &text).score;
        let (score, _) = &*SAID;
        assert_eq!(score.synths.len(), whole.synths.len());
        for (kept, said) in score.synths.iter().zip(&whole.synths) {
            assert_eq!(kept.name, said.name);
            assert_eq!(kept.def(), said.def());
            assert!(!kept.def().doc.is_empty(), "{}", kept.name);
        }
        assert_eq!(score.buses.len(), whole.buses.len());
        for (kept, said) in score.buses.iter().zip(&whole.buses) {
            assert_eq!((&kept.name, &kept.chain), (&said.name, &said.chain));
        }
    }

    #[test]
    fn what_is_read_together_is_what_is_read_alone() {
        for (def, _) in instruments() {
            let entry = &ENTRIES[place("synth", &def.name).unwrap()];
            let alone = learn(entry.file, &entry.whole());
            assert_eq!(def, alone.score.synths[0].def(), "{}", entry.name);
            assert!(synth(&def.name).is_some() && alone.names.synths.len() == 1);
        }
    }

    #[test]
    fn a_definition_is_the_same_whatever_was_read_before_it() {
        let again = |entry: &Entry| learn(entry.file, &entry.whole()).score.synths;
        let backwards = ENTRIES.iter().rev().filter(|entry| entry.kind == "synth");
        for entry in backwards {
            assert_eq!(again(entry), entry.read().score.synths, "{}", entry.name);
        }
    }

    #[test]
    fn every_line_of_the_library_belongs_to_a_definition_and_stands_where_it_stands() {
        for (file, text) in FILES {
            let entries: Vec<_> = ENTRIES.iter().filter(|entry| entry.file == *file).collect();
            let head: String = text.split_inclusive('\n').take(entries[0].before).collect();
            assert!(head.lines().all(|line| line.is_empty() || line.starts_with("//")), "{file}: {head}");
            let rest = entries.iter().map(|entry| entry.text);
            assert_eq!(std::iter::once(head.as_str()).chain(rest).collect::<String>(), **text);
            for entry in &entries {
                let line = entry.whole().lines().position(|line| line.starts_with(entry.kind)).unwrap();
                let begins = format!("{} {}", entry.kind, entry.name);
                assert!(text.lines().nth(line).unwrap().starts_with(&begins), "{file}: {begins}");
            }
        }
    }

    #[test]
    fn a_text_calls_what_the_library_has_and_its_own_functions_change_nothing_there() {
        let sound = |text: &str| {
            let score = Interpreter::new().evaluate("a.rhai", text, &NoFiles).unwrap().score;
            score.tracks[0].source.clone()
        };
        let plain = sound("track a = lt() + claps(1.0, 0.01, 0.3)");
        let own = "fn tom(gate, hz, decay) { sine(1) }\nfn claps(hands) { noise() }\n";
        assert_eq!(sound(&format!("{own}track a = lt() + claps(1.0, 0.01, 0.3)")), plain);
        assert_eq!(sound("let hands = claps; track a = lt() + hands.call(1.0, 0.01, 0.3)"), plain);
        assert_ne!(sound(&format!("{own}track a = lt() + claps(1.0)")), plain);
        let mut interpreter = Interpreter::new();
        assert!(interpreter.evaluate("a.rhai", "track a = claps(1.0)", &NoFiles).is_err());
    }
}
