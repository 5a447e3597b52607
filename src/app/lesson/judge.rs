//! The judge: whether a piece does what a question asks for, by what it means and not by its letters.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::str::FromStr;

use segue::pattern::{Hap, Pattern, Span, Time, Value};
use segue::score::{Score, Source, Track};
use segue::theory::Note;

/// Cycles in which two pieces must agree.
const CYCLES: i64 = 8;

/// What counts when two pieces are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aspect {
    /// What the track is called.
    Names,
    /// When something begins.
    Onsets,
    /// How long it lasts.
    Lengths,
    /// Which instrument plays.
    Sounds,
    /// Which pitches, however they are written.
    Notes,
    /// All that the events say.
    Values,
    /// The signal a track is made of.
    Signal,
    /// What the track goes through.
    Effects,
    /// How fast it is.
    Tempo,
}

const ASPECTS: [(&str, Aspect); 9] = [
    ("names", Aspect::Names),
    ("onsets", Aspect::Onsets),
    ("lengths", Aspect::Lengths),
    ("sounds", Aspect::Sounds),
    ("notes", Aspect::Notes),
    ("values", Aspect::Values),
    ("signal", Aspect::Signal),
    ("effects", Aspect::Effects),
    ("tempo", Aspect::Tempo),
];

impl FromStr for Aspect {
    type Err = String;

    fn from_str(word: &str) -> Result<Aspect, String> {
        let found = ASPECTS.iter().find(|(name, _)| *name == word).map(|(_, aspect)| *aspect);
        let names = || ASPECTS.map(|(name, _)| name).join(", ");
        found.ok_or_else(|| format!("one of {} expected, found `{word}`", names()))
    }
}

/// What a piece means, as far as some aspects go: a line for each thing that is heard, by track.
#[derive(Clone, Debug, PartialEq)]
pub struct Meaning {
    tracks: Vec<BTreeSet<String>>,
    tempo: Option<String>,
}

impl Meaning {
    pub fn of(score: &Score, aspects: &[Aspect]) -> Meaning {
        let tracks = score.tracks.iter().filter(|track| !track.muted).map(|track| lines(track, aspects)).collect();
        let tempo = aspects.contains(&Aspect::Tempo).then(|| format!("{:.6}", score.cps()));
        Meaning { tracks, tempo }
    }

    /// Whether it has everything the other one has; more tracks are welcome.
    pub fn does(&self, asked: &Meaning) -> bool {
        asked.tracks.iter().all(|track| self.tracks.contains(track) || self.plays(track)) && self.tempo == asked.tempo
    }

    /// Whether the instruments of a track play just that, wherever they stand: a snare is one beside a kick, too.
    fn plays(&self, asked: &BTreeSet<String>) -> bool {
        let sounds: BTreeSet<&str> = asked.iter().map(|line| sound(line)).collect();
        if sounds.contains("") || sounds.is_empty() {
            return false;
        }
        let all = self.tracks.iter().flatten().filter(|line| sounds.contains(sound(line)));
        all.collect::<BTreeSet<_>>() == asked.iter().collect()
    }
}

/// The instrument of an event's line, where that counts.
fn sound(line: &str) -> &str {
    line.split_once(" by ").map_or("", |(_, rest)| rest.split(' ').next().unwrap_or_default())
}

/// What is heard of a track.
fn lines(track: &Track, aspects: &[Aspect]) -> BTreeSet<String> {
    let mut lines = match &track.source {
        Source::Pattern(pattern) => events(pattern, aspects),
        Source::Signal(signal) if aspects.contains(&Aspect::Signal) => [format!("signal {:x}", hashed(signal))].into(),
        Source::Signal(_) => BTreeSet::new(),
    };
    if aspects.contains(&Aspect::Names) {
        lines.insert(format!("called {}", track.name));
    }
    if aspects.contains(&Aspect::Effects) {
        lines.insert(format!("effects {:x}", hashed(&track.inserts)));
    }
    lines
}

fn hashed(what: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}

fn events(pattern: &Pattern, aspects: &[Aspect]) -> BTreeSet<String> {
    let span = Span::new(Time::ZERO, Time::int(CYCLES));
    let haps = pattern.try_query(span, 0).unwrap_or_default();
    haps.iter().filter_map(|hap| event(hap, aspects)).collect()
}

/// An event as far as the aspects go; none for what does not begin here.
fn event(hap: &Hap, aspects: &[Aspect]) -> Option<String> {
    let whole = hap.whole.filter(|whole| whole.begin == hap.part.begin)?;
    let has = |aspect| aspects.contains(&aspect);
    let mut line = String::from("event");
    if has(Aspect::Onsets) {
        line += &format!(" at {}", whole.begin);
    }
    if has(Aspect::Lengths) {
        line += &format!(" for {}", whole.duration());
    }
    if has(Aspect::Sounds) {
        line += &format!(" by {}", said(hap, "s"));
    }
    if has(Aspect::Notes) {
        line += &format!(" on {}", said(hap, "note"));
    }
    if let (true, Value::Map(controls)) = (has(Aspect::Values), &hap.value) {
        line.extend(controls.iter().map(|(name, value)| format!(" {name}={}", plain(name, value))));
    }
    Some(line)
}

/// A control of an event, or nothing.
fn said(hap: &Hap, name: &str) -> String {
    match &hap.value {
        Value::Map(controls) => controls.get(name).map(|value| plain(name, value)).unwrap_or_default(),
        _ => String::new(),
    }
}

/// A value in one spelling: notes as numbers, numbers to six places.
fn plain(name: &str, value: &Value) -> String {
    let number = match value {
        Value::Text(text) if name == "note" => Note::parse(text).ok().map(|note| f64::from(note.midi())),
        value => value.number(),
    };
    number.map_or_else(|| value.to_string(), |number| format!("{number:.6}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use segue::lang::{Interpreter, NoFiles};

    fn meaning(code: &str, aspects: &[Aspect]) -> Meaning {
        let score = Interpreter::new().evaluate("piece", code, &NoFiles).expect("a piece").score;
        Meaning::of(&score, aspects)
    }

    #[test]
    fn other_letters_for_the_same_music_are_the_same() {
        use Aspect::{Notes, Onsets, Sounds, Tempo, Values};
        for (one, other, aspects) in [
            (r#"track a = s("bd*4");"#, r#"track kick = s("bd bd bd bd");"#, &[Onsets, Sounds, Values][..]),
            (r#"track a = note("c4 e4");"#, r#"track a = note("60 64").s("saw");"#, &[Onsets, Notes][..]),
            ("tempo(120);", "", &[Tempo][..]),
        ] {
            assert!(meaning(one, aspects).does(&meaning(other, aspects)), "{one} {other}");
        }
    }

    #[test]
    fn other_music_is_not() {
        use Aspect::{Effects, Lengths, Notes, Onsets, Signal, Sounds};
        for (one, other, aspects) in [
            (r#"track a = s("bd*4");"#, r#"track a = s("bd*3");"#, &[Onsets][..]),
            (r#"track a = s("bd*4");"#, r#"track a = s("cp*4");"#, &[Onsets, Sounds][..]),
            (r#"track a = note("c4 e4");"#, r#"track a = note("c4 eb4");"#, &[Onsets, Notes][..]),
            (
                r#"track a = s("bd bd");"#,
                r#"track a = s("bd bd").legato(0.5);"#,
                &[Onsets, Lengths, Aspect::Values][..],
            ),
            ("track a = sine(220) * 0.1;", "track a = sine(440) * 0.1;", &[Signal][..]),
            (r#"track a = s("bd");"#, r#"track a = s("bd") >> reverb(2, 0.5);"#, &[Onsets, Effects][..]),
        ] {
            assert!(!meaning(one, aspects).does(&meaning(other, aspects)), "{one} {other}");
        }
    }
}
