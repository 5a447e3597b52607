//! What can be asked: intervals, chords, scales, degrees, rhythms, progressions and cadences, from chance.

use std::str::FromStr;

use fastrand::Rng;
use segue::theory::{Chord, Interval, Key, Note, Scale};

/// What is trained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    Intervals,
    Chords,
    Scales,
    Degrees,
    Rhythms,
    Progressions,
    Cadences,
}

/// The kinds with their names, what is asked, and what can be answered, as `answer=other words for it`.
const KINDS: [(Kind, &str, &str, &[&str]); 7] = [
    (
        Kind::Intervals,
        "intervals",
        "which interval?",
        &[
            "m2=minor second",
            "M2=major second",
            "m3=minor third",
            "M3=major third",
            "P4=perfect fourth",
            "TT=tritone",
            "P5=perfect fifth",
            "m6=minor sixth",
            "M6=major sixth",
            "m7=minor seventh",
            "M7=major seventh",
            "P8=octave",
        ],
    ),
    (
        Kind::Chords,
        "chords",
        "which chord?",
        &[
            "major=maj",
            "minor=min",
            "dim=diminished",
            "aug=augmented",
            "sus4=suspended",
            "7=dominant seventh",
            "maj7=major seventh",
            "m7=minor seventh",
            "m7b5=half diminished",
            "dim7=diminished seventh",
        ],
    ),
    (
        Kind::Scales,
        "scales",
        "which scale?",
        &[
            "major",
            "minor",
            "dorian",
            "phrygian",
            "lydian",
            "mixolydian",
            "harmonic minor",
            "melodic minor",
            "whole tone",
        ],
    ),
    (
        Kind::Degrees,
        "degrees",
        "which degree of the key?",
        &["1=first", "2=second", "3=third", "4=fourth", "5=fifth", "6=sixth", "7=seventh"],
    ),
    (Kind::Rhythms, "rhythms", "which rhythm? eight steps, x sounds and . rests: x..x..x.", &[]),
    (
        Kind::Progressions,
        "progressions",
        "which progression?",
        &[
            "I IV V I=1 4 5 1",
            "I V vi IV=1 5 6 4",
            "ii V I I=2 5 1 1",
            "I vi IV V=1 6 4 5",
            "vi IV I V=6 4 1 5",
            "I vi ii V=1 6 2 5",
            "I IV I V=1 4 1 5",
            "I iii IV V=1 3 4 5",
        ],
    ),
    (
        Kind::Cadences,
        "cadences",
        "which cadence?",
        &["perfect=authentic", "plagal=amen", "half=open", "deceptive=interrupted"],
    ),
];

/// What the cadences are, after the tonic, in roman numerals.
const CADENCES: [(&str, &[&str]); 4] = [
    ("perfect", &["IV", "V", "I"]),
    ("plagal", &["V", "IV", "I"]),
    ("half", &["I", "IV", "V"]),
    ("deceptive", &["IV", "V", "vi"]),
];

/// A bar in a second and a half.
pub const TEMPO: &str = "tempo(160);";

/// The chords of `KINDS` as symbols after a root.
pub const CHORDS: [(&str, &str); 10] = [
    ("major", ""),
    ("minor", "m"),
    ("dim", "dim"),
    ("aug", "aug"),
    ("sus4", "sus4"),
    ("7", "7"),
    ("maj7", "maj7"),
    ("m7", "m7"),
    ("m7b5", "m7b5"),
    ("dim7", "dim7"),
];

/// Tonics and roots that are spelled without trouble.
const ROOTS: [&str; 12] = ["C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"];

impl Kind {
    fn row(self) -> &'static (Kind, &'static str, &'static str, &'static [&'static str]) {
        KINDS.iter().find(|(kind, ..)| *kind == self).expect("every kind has its row")
    }

    #[cfg(test)]
    pub fn all() -> [Kind; 7] {
        KINDS.map(|(kind, ..)| kind)
    }

    pub fn name(self) -> &'static str {
        self.row().1
    }

    pub fn question(self) -> &'static str {
        self.row().2
    }

    /// What can be answered.
    pub fn answers(self) -> Vec<&'static str> {
        self.row().3.iter().map(|answer| answer.split('=').next().unwrap_or(answer)).collect()
    }

    /// The answer somebody means by a line, if it is one.
    pub fn read(self, line: &str) -> Option<String> {
        let line = line.trim().trim_matches('"').replace('-', " ");
        if self == Kind::Rhythms {
            let steps: String = line.chars().filter(|c| !c.is_whitespace()).collect();
            let plain = steps.len() == 8 && steps.chars().all(|c| matches!(c, 'x' | 'X' | '.' | '~'));
            return plain.then(|| steps.replace('X', "x").replace('~', "."));
        }
        // `M3` and `m3` differ by the size of a letter; words do not.
        let exact = self.answers().into_iter().find(|answer| *answer == line);
        let words = self.row().3.iter().find(|row| row.split('=').any(|word| word.eq_ignore_ascii_case(&line)));
        exact.or_else(|| words.and_then(|row| row.split('=').next())).map(String::from)
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(word: &str) -> Result<Kind, String> {
        let fits = |name: &str| !word.is_empty() && name.starts_with(&word.to_lowercase());
        let found = KINDS.iter().find(|(_, name, ..)| fits(name)).map(|(kind, ..)| *kind);
        let names = || KINDS.map(|(_, name, ..)| name).join(", ");
        found.ok_or_else(|| format!("one of {} expected, found `{word}`", names()))
    }
}

/// What sounds, and what it is called.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// What is asked of it.
    pub kind: Kind,
    /// A text of the language: the track `ear`, from the beginning of what it says.
    pub code: String,
    pub answer: String,
    /// What is told afterwards: the notes.
    pub told: String,
}

impl Item {
    /// An item whose answer is this one; for rhythms any.
    pub fn any(kind: Kind, answer: &str, dice: &mut Rng) -> Item {
        let root = Note::parse(ROOTS[dice.usize(..ROOTS.len())]).expect("a note").at(dice.i32(3..=4));
        let made = match kind {
            Kind::Intervals => interval(answer, root, dice),
            Kind::Chords => chord(answer, root, dice),
            Kind::Scales => Scale::on(root, answer).ok().map(|scale| {
                let mut notes = scale.notes();
                notes.push(root.transpose(Interval { steps: 7, semitones: 12 }));
                (format!("<[{}] ~>", names(&notes, " ")), names(&notes, " "))
            }),
            Kind::Degrees => degree(answer, root),
            Kind::Rhythms => {
                let steps: String = (0..8).map(|step| if step == 0 || dice.u32(..5) < 2 { 'x' } else { '.' }).collect();
                let mini: Vec<&str> = steps.chars().map(|step| if step == 'x' { "rim" } else { "~" }).collect();
                let code = format!("{TEMPO} quantum(1); track ear = s(\"{}\");", mini.join(" "));
                return Item { kind, code, told: steps.clone(), answer: steps };
            }
            Kind::Progressions => chords(root, &answer.split(' ').collect::<Vec<_>>()),
            Kind::Cadences => {
                let (_, ways) = CADENCES.iter().find(|(name, _)| *name == answer).expect("a cadence");
                let way: Vec<&str> = [&["I"], *ways].concat();
                chords(root, &way)
            }
        };
        let (mini, told) = made.expect("every answer can sound");
        // It comes in where its first cycle is the first.
        let cycles = if matches!(kind, Kind::Degrees | Kind::Progressions | Kind::Cadences) { 4 } else { 2 };
        let code = format!("{TEMPO} quantum({cycles}); track ear = note(\"{mini}\").gain(0.7);");
        Item { kind, code, told, answer: answer.to_string() }
    }
}

fn names(notes: &[Note], between: &str) -> String {
    notes.iter().map(Note::name).collect::<Vec<_>>().join(between)
}

/// What is played, and what is told.
type Sounding = Option<(String, String)>;

fn interval(answer: &str, low: Note, dice: &mut Rng) -> Sounding {
    let name = if answer == "TT" { ["A4", "d5"][dice.usize(..2)] } else { answer };
    let high = low.transpose(Interval::parse(name).ok()?);
    let told = names(&[low, high], " ");
    let mini = match dice.u32(..3) {
        0 => format!("<[{low} {high}] ~>"),
        1 => format!("<[{high} {low}] ~>"),
        _ => format!("<[{low},{high}] ~>"),
    };
    Some((mini, told))
}

fn chord(answer: &str, root: Note, dice: &mut Rng) -> Sounding {
    let symbol = CHORDS.iter().find(|(name, _)| *name == answer).map_or(answer, |(_, symbol)| symbol);
    let chord = Chord::parse(&format!("{}{symbol}", root.class())).ok()?;
    let notes: Vec<Note> = chord.intervals().iter().map(|interval| root.transpose(*interval)).collect();
    let mini = match dice.bool() {
        true => format!("<[{}] ~>", names(&notes, ",")),
        false => format!("<[{}] [{}]>", names(&notes, " "), names(&notes, ",")),
    };
    Some((mini, format!("{}: {}", chord.symbol(), names(&notes, " "))))
}

fn degree(answer: &str, tonic: Note) -> Sounding {
    let key = Key::parse(&format!("{} major", tonic.class())).ok()?;
    let note = Scale::on(tonic, "major").ok()?.step(answer.parse::<i64>().ok()? - 1);
    let (home, _) = chords(tonic, &["I", "IV", "V", "I"])?;
    let home = home.trim_matches(['<', '>']).to_string();
    Some((format!("<[{home}] {note} {note} ~>"), format!("{note} in {}", key.name())))
}

/// Chords of a major key by their numerals, a cycle each.
fn chords(tonic: Note, numerals: &[&str]) -> Sounding {
    let key = Key::parse(&format!("{} major", tonic.class())).ok()?;
    let chord = |numeral: &&str| {
        let chord = key.chord(numeral).ok()?;
        let root = chord.notes().first()?.at(4);
        let notes: Vec<Note> = chord.intervals().iter().map(|interval| root.transpose(*interval)).collect();
        Some((format!("[{}]", names(&notes, ",")), chord.symbol()))
    };
    let (minis, symbols): (Vec<String>, Vec<String>) =
        numerals.iter().map(chord).collect::<Option<Vec<_>>>()?.into_iter().unzip();
    Some((format!("<{}>", minis.join(" ")), format!("{} in {}", symbols.join(" "), key.name())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use segue::lang::{Interpreter, NoFiles};
    use segue::pattern::{Span, Time, Value};
    use segue::score::Source;

    /// The notes, or the onsets, of a track in its first cycles: those that sound together, in the order of time.
    fn heard(interpreter: &mut Interpreter, code: &str, cycles: i64) -> Vec<(Time, Vec<Note>)> {
        let score = interpreter.evaluate("ear", code, &NoFiles).unwrap_or_else(|why| panic!("{code}: {why:#?}")).score;
        interpreter.forget("ear");
        let Source::Pattern(pattern) = &score.tracks[0].source else { panic!("{code}") };
        let mut heard: Vec<(Time, Vec<Note>)> = Vec::new();
        for hap in pattern.try_query(Span::new(Time::ZERO, Time::int(cycles)), 0).expect("few events") {
            let Value::Map(controls) = &hap.value else { panic!("{code}") };
            let note = controls.get("note").map(|note| Note::parse(&note.to_string()).expect("a note"));
            let onset = hap.whole.expect("an event").begin;
            match heard.iter_mut().find(|(at, _)| *at == onset) {
                Some((_, notes)) => notes.extend(note),
                None => heard.push((onset, note.into_iter().collect())),
            }
        }
        heard.sort_by_key(|(at, _)| *at);
        heard
    }

    /// What an ear with the theory in it would call what sounds.
    fn named(kind: Kind, heard: &[(Time, Vec<Note>)]) -> Vec<String> {
        let notes: Vec<Note> = heard.iter().flat_map(|(_, notes)| notes.clone()).collect();
        let lowest = |notes: &[Note]| notes.iter().map(Note::midi).min().unwrap_or(0);
        let roman = |tonic: Note, chord: &[Note]| {
            let key = Key { tonic: tonic.class(), minor: false };
            Chord::detect(chord).iter().map(|chord| key.roman(chord)).collect::<Vec<_>>()
        };
        match kind {
            Kind::Intervals => {
                let names = ["P1", "m2", "M2", "m3", "M3", "P4", "TT", "P5", "m6", "M6", "m7", "M7", "P8"];
                let highest = notes.iter().map(Note::midi).max().unwrap_or(0);
                vec![names[(highest - lowest(&notes)) as usize].to_string()]
            }
            Kind::Chords => {
                let together = &heard.last().expect("a chord").1;
                let symbols =
                    Chord::detect(together).into_iter().filter(|chord| chord.root.chroma() == together[0].chroma());
                symbols
                    .map(|chord| match &chord.symbol()[chord.root.class().name().len()..] {
                        "" => "major".to_string(),
                        "m" => "minor".to_string(),
                        other => other.to_string(),
                    })
                    .collect()
            }
            Kind::Scales => {
                let found = Scale::detect(&notes, notes[0]);
                found.iter().flat_map(|scale| scale.names()).map(String::from).collect()
            }
            Kind::Degrees => {
                // The cadence says where home is.
                let home = heard[0].1[0];
                let up = (notes[notes.len() - 1].chroma() - home.chroma()).rem_euclid(12);
                let degree = [0, 2, 4, 5, 7, 9, 11].iter().position(|step| *step == up).expect("a note of the key");
                vec![(degree + 1).to_string()]
            }
            Kind::Rhythms => {
                let sounds = |step: i64| heard.iter().any(|(at, _)| *at == Time::new(step, 8));
                vec![(0..8).map(|step| if sounds(step) { 'x' } else { '.' }).collect()]
            }
            Kind::Progressions => KINDS[5]
                .3
                .iter()
                .map(|row| row.split('=').next().unwrap())
                .filter(|progression| {
                    let numerals: Vec<&str> = progression.split(' ').collect();
                    // Some tonic there is in which each chord is what the progression says.
                    ROOTS.iter().any(|root| {
                        let tonic = Note::parse(root).unwrap();
                        heard
                            .iter()
                            .zip(&numerals)
                            .all(|((_, chord), numeral)| roman(tonic, chord).iter().any(|r| r == numeral))
                    })
                })
                .map(String::from)
                .collect(),
            Kind::Cadences => {
                let tonic = heard[0].1[0];
                let last = |n: usize| roman(tonic, &heard[heard.len() - n].1)[0].clone();
                vec![match (&*last(2), &*last(1)) {
                    ("V", "I") => "perfect".to_string(),
                    ("IV", "I") => "plagal".to_string(),
                    (_, "V") => "half".to_string(),
                    ("V", "vi") => "deceptive".to_string(),
                    other => format!("{other:?}"),
                }]
            }
        }
    }

    #[test]
    fn of_a_thousand_items_every_key_is_what_sounds() {
        let (mut dice, mut interpreter) = (Rng::with_seed(7), Interpreter::new());
        let mut faults = Vec::new();
        for n in 0..1000 {
            let kind = KINDS[n % 7].0;
            let answers = kind.answers();
            let answer = if answers.is_empty() { "" } else { answers[dice.usize(..answers.len())] };
            let item = Item::any(kind, answer, &mut dice);
            let cycles = match kind {
                Kind::Progressions | Kind::Cadences => 4,
                Kind::Degrees | Kind::Chords => 2,
                _ => 1,
            };
            let names = named(kind, &heard(&mut interpreter, &item.code, cycles));
            if !names.contains(&item.answer) {
                faults.push(format!("{}: {} is called {names:?}", item.code, item.answer));
            }
        }
        assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults[..faults.len().min(20)].join("\n"));
    }

    #[test]
    fn answers_are_read_as_people_type_them() {
        let read = |kind: Kind, line: &str| kind.read(line);
        assert_eq!(read(Kind::Intervals, "m3").as_deref(), Some("m3"));
        assert_eq!(read(Kind::Intervals, "M3").as_deref(), Some("M3"));
        assert_eq!(read(Kind::Intervals, "Minor Third").as_deref(), Some("m3"));
        assert_eq!(read(Kind::Chords, "half-diminished").as_deref(), Some("m7b5"));
        assert_eq!(read(Kind::Rhythms, "x..x ..X.").as_deref(), Some("x..x..x."));
        assert_eq!(read(Kind::Progressions, "1 5 6 4").as_deref(), Some("I V vi IV"));
        assert_eq!(read(Kind::Cadences, "track a = s(\"bd\")"), None);
        assert_eq!("int".parse(), Ok(Kind::Intervals));
        assert!("x".parse::<Kind>().unwrap_err().contains("cadences"));
    }
}
