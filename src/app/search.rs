//! `:search`: words, ways of doing things and lessons, found by what they mean.
//!
//! What is found is ranked by how rare the asked words are and where they stand; slips of a letter are forgiven.

mod meanings;

use std::collections::HashMap;

use super::args::Search;
use super::lesson::Course;
use super::words::{Words, first_sentence};
use super::{Failure, out};
use segue::lang::Interpreter;
use segue::theory::{Scale, scale};

/// Things that are shown.
const SHOWN: usize = 8;
/// What is shown must count at least this part of the best.
const FAINT: f64 = 0.25;
/// Words that say nothing about what is sought.
const EMPTY: &[&str] = &[
    "a", "an", "the", "to", "of", "in", "on", "it", "is", "with", "and", "or", "for", "i", "do", "how", "make", "my",
    "get", "sound", "play", "want", "like", "some", "what", "can", "that", "this",
];

/// Something that can be found.
struct Thing {
    name: String,
    about: String,
    /// A line that can be typed, or the command that tells more.
    line: String,
    /// Its words with their weights.
    terms: HashMap<String, f64>,
}

/// All that can be found.
pub struct Index {
    things: Vec<Thing>,
    /// In how many things a term stands.
    spread: HashMap<String, usize>,
}

impl Index {
    pub fn new(words: &Words) -> Index {
        let mut things: Vec<Thing> = meanings::WAYS.iter().map(way).collect();
        things.extend(words.all().map(|word| {
            let mut thing = Thing::new(&word.signature(), first_sentence(word), &format!(":help {}", word.name));
            thing.say(&word.name, 6.0);
            word.aliases.iter().for_each(|alias| thing.say(alias, 5.0));
            thing.say(&word.category, 1.5);
            thing.say(&word.doc, 1.0);
            thing.say(first_sentence(word), 1.0);
            thing
        }));
        things.extend(Course::own().0.iter().enumerate().map(|(i, lesson)| {
            let line = format!(":learn {}", i + 1);
            let mut thing = Thing::new(&format!("lesson {}", i + 1), &lesson.title, &line);
            thing.say(&lesson.title, 4.0);
            thing.say(&lesson.idea, 0.7);
            thing
        }));
        things.extend(scale::names().map(|name| {
            let colour = meanings::SCALES.iter().find(|(scale, _)| *scale == name).map_or("", |(_, words)| words);
            let line = format!(":picture C {name}");
            let others = Scale::parse(&format!("C {name}")).map(|scale| scale.names().join(" ")).unwrap_or_default();
            let mut thing = Thing::new(&format!("the scale {name}"), colour, &line);
            thing.say(name, 3.0);
            thing.say(&others, 2.0);
            thing.say("scale mode", 0.5);
            thing.say(colour, 3.0);
            thing
        }));
        let mut spread = HashMap::new();
        for term in things.iter().flat_map(|thing| thing.terms.keys()) {
            *spread.entry(term.clone()).or_insert(0) += 1;
        }
        Index { things, spread }
    }

    /// What fits best, best first.
    fn find(&self, asked: &str) -> Vec<&Thing> {
        let terms = self.terms(asked);
        let score = |thing: &Thing| -> f64 {
            let each = terms.iter().map(|alike| {
                let counts = |(term, likeness): &(String, f64)| {
                    let weight = thing.terms.get(term).copied().unwrap_or(0.0);
                    let rare = (self.things.len() as f64 / self.spread.get(term).copied().unwrap_or(1) as f64).ln();
                    weight.sqrt() * rare * likeness
                };
                alike.iter().map(counts).fold(0.0, f64::max)
            });
            let each: Vec<f64> = each.collect();
            // What answers to all that was asked stands before what answers to one word of it.
            let met = each.iter().filter(|score| **score > 0.0).count() as f64 / terms.len().max(1) as f64;
            each.iter().sum::<f64>() * met
        };
        let mut found: Vec<(f64, &Thing)> = self.things.iter().map(|thing| (score(thing), thing)).collect();
        found.retain(|(score, _)| *score > 0.0);
        found.sort_by(|a, b| b.0.total_cmp(&a.0));
        let best = found.first().map_or(0.0, |(score, _)| *score);
        found.into_iter().take_while(|(score, _)| *score >= FAINT * best).map(|(_, thing)| thing).take(SHOWN).collect()
    }

    /// For each word that was asked for, the terms it may mean with how surely.
    fn terms(&self, asked: &str) -> Vec<Vec<(String, f64)>> {
        let all = stems(asked);
        let telling: Vec<&String> = all.iter().filter(|term| !EMPTY.contains(&term.as_str())).collect();
        let asked: Vec<&String> = if telling.is_empty() { all.iter().collect() } else { telling };
        let alike = |term: &&String| {
            let mut alike = vec![(term.to_string(), 1.0)];
            let also = meanings::ALSO.iter().find(|row| row.contains(&term.as_str()));
            alike.extend(also.into_iter().flat_map(|row| row.iter()).map(|other| (other.to_string(), 0.7)));
            if !self.spread.contains_key(*term) {
                let slips = |known: &&String| {
                    let far = strsim::damerau_levenshtein(known, term);
                    let most = if term.len() > 6 { 2 } else { usize::from(term.len() > 3) };
                    far <= most && known.len() > 2
                };
                alike.extend(self.spread.keys().filter(slips).map(|known| (known.clone(), 0.6)));
                let begun = |known: &&String| term.len() > 3 && known.starts_with(term.as_str());
                alike.extend(self.spread.keys().filter(begun).map(|known| (known.clone(), 0.5)));
            }
            alike
        };
        asked.iter().map(alike).collect()
    }

    /// What was found, for people.
    pub fn told(&self, asked: &str) -> String {
        let found = self.find(asked);
        if found.is_empty() {
            return format!("nothing is called or does something like `{asked}`; try another word, or :help");
        }
        let rows: Vec<String> = found
            .iter()
            .map(|Thing { name, about, line, .. }| {
                let about = if about.is_empty() { String::new() } else { format!(": {about}") };
                format!("{name}{about}\n    {line}")
            })
            .collect();
        rows.join("\n")
    }
}

fn way((name, words, about, line): &meanings::Way) -> Thing {
    let mut thing = Thing::new(name, about, line);
    thing.say(name, 7.0);
    thing.say(words, 7.0);
    thing.say(about, 2.0);
    thing
}

impl Thing {
    fn new(name: &str, about: &str, line: &str) -> Thing {
        Thing { name: name.into(), about: about.into(), line: line.into(), terms: HashMap::new() }
    }

    /// Counts the words of a text, each once, the heaviest place counting.
    fn say(&mut self, text: &str, weight: f64) {
        for stem in stems(text) {
            let held = self.terms.entry(stem).or_insert(0.0);
            *held = held.max(weight);
        }
    }
}

/// The words of a text without their endings.
fn stems(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '#').filter(|word| !word.is_empty());
    words.map(|word| stem(&word.to_lowercase())).collect()
}

/// A word without what grammar adds to it.
fn stem(word: &str) -> String {
    let cut = |end: &str| word.strip_suffix(end).filter(|rest| rest.len() > 3);
    match (cut("ing"), cut("ed"), cut("es"), cut("s")) {
        (Some(rest), ..) | (_, Some(rest), ..) => rest.to_string(),
        (.., Some(rest), _) if rest.ends_with("sh") || rest.ends_with("ch") || rest.ends_with('x') => rest.to_string(),
        (.., Some(rest)) if !rest.ends_with('s') => rest.to_string(),
        _ => word.to_string(),
    }
}

/// `segue search`: the same on the command line.
pub fn run(asked: &Search) -> Result<(), Failure> {
    let index = Index::new(&Words::of(&Interpreter::new()));
    out::show(&(index.told(&asked.words.join(" ")) + "\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use segue::lang::NoFiles;

    #[test]
    fn things_are_found_by_what_they_mean_and_in_spite_of_slips() {
        let index = Index::new(&Words::of(&Interpreter::new()));
        for (asked, expected) in [
            ("wobble", "wobble"),
            ("wobbly bass", "wobble"),
            ("echo", "echo"),
            ("repeat the sound quieter and quieter", "echo"),
            ("drunk walk", "random walk"),
            ("make it faster", "fast"),
            ("backwards", "rev"),
            ("reverb", "reverb"),
            ("revreb", "reverb"),
            ("big room", "room"),
            ("random", "rand"),
            ("sad", "minor"),
            ("spanish", "phrygian"),
            ("distortion", "distort"),
            ("euclidean rhythm", "euclid"),
            ("four on the floor", "four on the floor"),
            ("left and right", "pan"),
            ("circle of fifths", "circle"),
            ("stop everything", "hush"),
            ("silence", "silence"),
            ("quiet", "gain"),
            ("sidechain", "pump"),
            ("vibrato", "vib"),
            ("arpeggio", "arp"),
            ("swing", "swing"),
            ("tempo", "tempo"),
            ("undo", ":undo"),
        ] {
            let found = index.find(asked);
            let rank = found.iter().position(|thing| thing.name.contains(expected) || thing.line.contains(expected));
            let names: Vec<&str> = found.iter().map(|thing| &*thing.name).collect();
            assert!(rank.is_some_and(|rank| rank < 4), "{asked}: {names:?}");
        }
        assert!(index.told("qqqqqqq").starts_with("nothing is called"));
    }

    #[test]
    fn every_way_can_be_typed_and_makes_a_track() {
        let mut interpreter = Interpreter::new();
        for (name, _, _, line) in meanings::WAYS.iter().filter(|(.., line)| line.contains('(')) {
            let evaluation = interpreter.evaluate("repl", line, &NoFiles);
            let evaluation = evaluation.unwrap_or_else(|why| panic!("{name}: {line}: {why:?}"));
            assert!(!evaluation.score.tracks.is_empty() || line.contains("tempo"), "{name}: {line}");
            assert_eq!(evaluation.warnings, [], "{name}");
            interpreter.forget("repl");
        }
        for (scale, _) in meanings::SCALES {
            assert!(scale::names().any(|name| name == *scale), "{scale}");
        }
    }

    #[test]
    fn endings_do_not_count() {
        assert_eq!(stems("Echoes repeated, repeating!"), ["echoe", "repeat", "repeat"]);
        assert_eq!(stems("C# bass chords"), ["c#", "bass", "chord"]);
    }
}
