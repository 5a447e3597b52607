//! Explanations of progressions: the key of every chord, numerals, functions, cadences, modulations, tensions left open, and
//! what the voices do where there are voices.

use super::things::{does, origin};
use super::{Cadence, Explanation, listed};
use crate::theory::leading::{Matter, remarks};
use crate::theory::reading::{Function, Reading, Source};
use crate::theory::{Chord, Interval, Key, Note};

/// What leaving a key for one nearby costs, in chords that fit: less than three do not make a modulation.
const LEAVING: f64 = 2.4;
/// What leaving for a key further away costs.
const STRAYING: f64 = 3.6;

/// The most voices whose movement is heard one by one.
const VOICES: usize = 4;

/// The key of each chord: the path through all keys that fits the chords best and seldom changes. A key that is given is the first.
pub fn keys_of(chords: &[Chord], given: Option<&Key>) -> Vec<Key> {
    let keys = candidates(chords, given);
    let Some(first) = chords.first() else { return Vec::new() };
    let begins = |key: &Key| match given {
        Some(given) => {
            if key == given {
                0.0
            } else {
                -f64::INFINITY
            }
        }
        None => 0.4 * f64::from(u8::from(first.root.chroma() == key.tonic.chroma() && key.holds(first))),
    };
    let mut best: Vec<f64> = keys.iter().map(begins).collect();
    let mut came: Vec<Vec<usize>> = Vec::new();
    for (i, chord) in chords.iter().enumerate() {
        let (mut scores, mut from) = (Vec::new(), Vec::new());
        for (k, key) in keys.iter().enumerate() {
            let cost = |j: usize| match () {
                _ if i == 0 && j != k => f64::INFINITY,
                _ if j == k => 0.0,
                _ if keys[j].near().contains(key) || keys[j].parallel() == *key => LEAVING,
                _ => STRAYING,
            };
            let way = |j: usize| best[j] - cost(j);
            // Of equals the key that goes on, then the first.
            let j = (0..keys.len()).fold(k, |a, b| if way(b) > way(a) { b } else { a });
            from.push(j);
            scores.push(way(j) + fit(key, chord, chords.get(i + 1), i + 1 == chords.len()));
        }
        best = scores;
        came.push(from);
    }
    let mut at = (0..keys.len()).fold(0, |a, b| if best[b] > best[a] { b } else { a });
    let mut path = Vec::new();
    for from in came.iter().rev() {
        path.push(keys[at].clone());
        at = from[at];
    }
    path.reverse();
    path
}

/// How well a chord, with what follows it, speaks for a key.
fn fit(key: &Key, chord: &Chord, next: Option<&Chord>, last: bool) -> f64 {
    let reading = key.read(chord, next);
    let home = chord.root.chroma() == key.tonic.chroma();
    let comes_home = next.is_some_and(|n| n.root.chroma() == key.tonic.chroma() && key.holds(n));
    let dominant = reading.source == Source::Home && reading.function == Function::Dominant;
    let seventh = dominant && chord.part(2) == Some(4) && chord.part(6) == Some(10);
    let melodic = key.minor && !["minor", "harmonic minor"].iter().any(|form| within(key, form, chord));
    let own = match reading.source {
        Source::Home if melodic => 0.6,
        Source::Home => 1.0,
        Source::Secondary(_) | Source::Neapolitan | Source::AugmentedSixth(_) => 0.4,
        Source::Borrowed(_) | Source::TritoneSubstitute(_) => 0.3,
        Source::Chromatic => -0.5,
    };
    let tonic = if home && reading.source == Source::Home { 0.2 + 0.3 * f64::from(u8::from(last)) } else { 0.0 };
    own + tonic + if seventh { 0.4 } else { 0.0 } + if dominant && comes_home { 0.4 } else { 0.0 }
}

/// Whether a form of the key's scale has all of a chord.
fn within(key: &Key, form: &str, chord: &Chord) -> bool {
    let scale = key.form(form).notes();
    chord.notes().iter().all(|n| scale.iter().any(|s| s.chroma() == n.chroma()))
}

/// The keys with up to seven signs, each pitch once, spelled as the chords spell it.
fn candidates(chords: &[Chord], given: Option<&Key>) -> Vec<Key> {
    let spelled = |midi: i32, sharp: bool| Note::from_midi(midi).spell(sharp).class();
    let mut keys: Vec<Key> = given.into_iter().cloned().collect();
    for minor in [false, true] {
        for midi in 60..72 {
            let ways = [spelled(midi, false), spelled(midi, true)].map(|tonic| Key { tonic, minor });
            let used = |key: &Key| chords.iter().filter(|c| c.root == key.tonic).count();
            let strange = |key: &Key| key.signature().abs();
            let [flat, sharp] = ways;
            let better =
                if used(&sharp) != used(&flat) { used(&sharp) > used(&flat) } else { strange(&sharp) < strange(&flat) };
            let key = if better { sharp } else { flat };
            let known = keys.iter().any(|k| k.minor == minor && k.tonic.chroma() == key.tonic.chroma());
            if !known {
                keys.push(key);
            }
        }
    }
    keys
}

/// A progression of chord symbols.
pub fn progression(chords: &[Chord], key: Option<&Key>) -> Explanation {
    let keys = keys_of(chords, key);
    let Some(home) = keys.first() else { return Explanation::new("no chords, nothing to explain") };
    let readings: Vec<Reading> = (0..chords.len()).map(|i| keys[i].read(&chords[i], chords.get(i + 1))).collect();
    let numerals: Vec<&str> = readings.iter().map(|r| r.numeral.as_str()).collect();
    let heard = if key.is_some() { "" } else { ", as it is heard" };
    let mut said = Explanation::new(format!("in {}{heard}: {}", home.name(), numerals.join(" ")));
    for (i, (chord, reading)) in chords.iter().zip(&readings).enumerate() {
        if i > 0 && keys[i] != keys[i - 1] {
            modulation(&mut said, chords, &keys, i);
        }
        let from = origin(&reading.source, &keys[i]).map(|(text, term)| (format!("; {text}"), term));
        let (extra, term) = from.unwrap_or((String::new(), "roman numeral analysis"));
        let text = format!("{:<8} {:<8} {}{extra}", reading.numeral, chord.as_written(), does(reading.function));
        said.say(text).at(i).term(term).notes(&chord.notes());
    }
    for i in 1..chords.len() {
        let (first, second) = ((&chords[i - 1], &readings[i - 1]), (&chords[i], &readings[i]));
        let last = i + 1 == chords.len();
        if keys[i] != keys[i - 1] {
            continue;
        }
        if let Some(cadence) = Cadence::of(&keys[i], first, second)
            .filter(|c| last || matches!(c, Cadence::Authentic | Cadence::Deceptive))
        {
            let (name, what) = cadence.told();
            let text = format!("{} to {}: {} {name}, {what}", first.0.symbol(), second.0.symbol(), article(name));
            said.say(text).at(i - 1).term(name);
        }
    }
    for (i, key) in keys.iter().enumerate() {
        open_tension(&mut said, chords, key, i);
    }
    said
}

fn article(name: &str) -> &'static str {
    if name.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" }
}

/// Says where the key changes, and which chord belongs to both.
fn modulation(said: &mut Explanation, chords: &[Chord], keys: &[Key], at: usize) {
    let (old, new) = (&keys[at - 1], &keys[at]);
    let pivot = [at, at - 1].into_iter().find(|&i| old.holds(&chords[i]) && new.holds(&chords[i]));
    let how = match pivot {
        Some(i) => {
            let chord = &chords[i];
            format!(
                "; {} is {} there and {} here: it turns from one to the other",
                chord.symbol(),
                old.roman(chord),
                new.roman(chord)
            )
        }
        None => "; no chord belongs to both, it is a step across".to_string(),
    };
    said.say(format!("from here on in {}{how}", new.name())).at(at).term("modulation");
}

/// A seventh or leading tone that the next chord does not take up.
fn open_tension(said: &mut Explanation, chords: &[Chord], key: &Key, i: usize) {
    let Some(next) = chords.get(i + 1).filter(|next| *next != &chords[i]) else { return };
    let chord = &chords[i];
    let dominant = chord.part(2) == Some(4) && chord.part(6) == Some(10);
    if !dominant || next.root.chroma() == chord.root.chroma() {
        return;
    }
    let seventh = chord.root.class().transpose(Interval { steps: 6, semitones: 10 });
    let notes = next.notes();
    let taken = notes.iter().any(|n| matches!((seventh.chroma() - n.chroma()).rem_euclid(12), 0..=2));
    if !taken {
        let text = format!(
            "the seventh {seventh} of {} is left open: {} has no note a step below it",
            chord.symbol(),
            next.symbol()
        );
        said.say(text).at(i).term("resolution of the seventh").notes(&[seventh]);
    }
    let leading = chord.root.class().transpose(Interval { steps: 2, semitones: 4 });
    let answered = notes.iter().any(|n| matches!((n.chroma() - leading.chroma()).rem_euclid(12), 0 | 1 | 11));
    if !answered {
        let text = format!(
            "{leading} of {} leads nowhere in {}, {} has no note beside it",
            chord.symbol(),
            key.name(),
            next.symbol()
        );
        said.say(text).at(i).term("resolution of the leading tone").notes(&[leading]);
    }
}

/// Chords as they sound, voice by voice: the progression they are, and what the voices do.
pub fn setting(voices: &[Vec<Note>], key: Option<&Key>) -> Explanation {
    let chords: Vec<Option<Chord>> = voices.iter().map(|notes| likeliest(notes)).collect();
    let known: Vec<Chord> = chords.iter().flatten().cloned().collect();
    let keys = keys_of(&known, key);
    let mut said = match known.len() == voices.len() {
        true => progression(&known, key),
        false => Explanation::new(format!("{} chords, {} of them with a name", voices.len(), known.len())),
    };
    if voices.iter().any(|notes| notes.len() > VOICES) {
        said.say("with more than four notes doublings are colour, not voices: nothing is said of how they move")
            .term("voice leading");
        return said;
    }
    let all_known: Vec<Chord> = if known.len() == voices.len() { known } else { Vec::new() };
    for remark in remarks(voices, keys.first(), &all_known) {
        let text = format!("{}: {}", remark.matter.term(), what(remark.matter, &remark.notes));
        let count = voices[remark.at].len();
        let parts: Vec<String> = remark.voices.iter().map(|&v| voice(v, count)).collect();
        said.say(format!("{text} ({})", listed(&parts))).at(remark.at).term(remark.matter.term()).notes(&remark.notes);
    }
    said
}

/// The chord that some notes are: of the ways to hear them, one in thirds before one with an added note.
pub fn likeliest(notes: &[Note]) -> Option<Chord> {
    let mut found = Chord::detect(notes);
    let added = |c: &Chord| {
        let thirds =
            matches!(c.quality.as_str(), "" | "m" | "dim" | "aug" | "7" | "m7" | "maj7" | "m7b5" | "dim7" | "mMaj7");
        let altered = c.quality.contains("Ger") || c.quality.contains("Fr6") || c.quality.contains("It6");
        if thirds || altered { 0 } else { 1 }
    };
    found.sort_by_key(added);
    found.into_iter().next()
}

/// The name of a voice: of four, those of a choir.
fn voice(index: usize, count: usize) -> String {
    match count {
        4 => ["bass", "tenor", "alto", "soprano"][index.min(3)].to_string(),
        _ if index == 0 => "lowest voice".to_string(),
        _ if index + 1 == count => "highest voice".to_string(),
        _ => format!("voice {} from below", index + 1),
    }
}

/// What the notes of a remark do.
fn what(matter: Matter, notes: &[Note]) -> String {
    let move_of = |i: usize| match (notes.get(i), notes.get(i + 1)) {
        (Some(from), Some(to)) => format!("{from} to {to}"),
        _ => String::new(),
    };
    let both = || format!("{} under {}", move_of(0), move_of(2));
    match matter {
        Matter::ParallelFifths => format!("{}: two voices sound as one", both()),
        Matter::ParallelOctaves => format!("{}: one voice is lost", both()),
        Matter::HiddenConsonance => format!("{}: both leap the same way into an open sound", both()),
        Matter::Crossing => format!("{} lies below {}", notes[1], notes[0]),
        Matter::Spacing => format!("{} and {} are more than an octave apart", notes[0], notes[1]),
        Matter::Overlap => format!("{} goes past {}", move_of(0), notes.last().map(Note::name).unwrap_or_default()),
        Matter::LeadingTone => format!("{} instead of a semitone up", move_of(0)),
        Matter::DoubledLeadingTone => "it wants to rise, and two voices cannot both".to_string(),
        Matter::Seventh => format!("{} instead of a step down", move_of(0)),
        Matter::AugmentedSecond => format!("{}, hard to sing", move_of(0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chords(text: &str) -> Vec<Chord> {
        text.split(' ').map(|c| Chord::parse(c).unwrap()).collect()
    }

    fn keys(text: &str) -> Vec<String> {
        let mut names: Vec<String> = keys_of(&chords(text), None).iter().map(Key::name).collect();
        names.dedup();
        names
    }

    #[test]
    fn a_progression_is_heard_in_its_key() {
        assert_eq!(keys("C Am F G7 C"), ["C major"]);
        assert_eq!(keys("Am Dm E7 Am"), ["A minor"]);
        assert_eq!(keys("Dm7 G7 Cmaj7"), ["C major"]);
        assert_eq!(keys("Dm G C"), ["C major"]);
        assert_eq!(keys("F#m7b5 B7 Em"), ["E minor"]);
        assert_eq!(keys("Eb Cm Ab Bb7 Eb"), ["Eb major"]);
        assert_eq!(keys("C D7 G7 C A7 Dm G7 C"), ["C major"]);
    }

    #[test]
    fn a_change_of_key_is_heard_where_chords_of_the_new_key_go_on() {
        assert_eq!(keys("C F G7 C Am D7 G Em Am D7 G C D7 G"), ["C major", "G major"]);
        let text = progression(&chords("C F G7 C Am D7 G Em Am D7 G C D7 G"), None).to_string();
        assert!(text.contains("from here on in G major") && text.contains("turns from one to the other"), "{text}");
    }

    #[test]
    fn cadences_and_open_tensions_are_named() {
        let text = |t: &str| progression(&chords(t), Some(&Key::parse("C").unwrap())).to_string();
        assert!(text("Dm7 G7 C").contains("authentic cadence"));
        assert!(text("C F G7 Am").contains("deceptive cadence"));
        assert!(text("C F C").contains("plagal cadence") && text("C Am Dm G").contains("half cadence"));
        assert!(text("C G7 Bb").contains("Bb") && !text("C G7 C").contains("left open"));
        assert!(text("C G7 D").contains("the seventh F of G7 is left open"), "{}", text("C G7 D"));
    }

    #[test]
    fn voices_are_spoken_of_by_their_names() {
        let notes = |text: &str| text.split('-').map(|n| Note::parse(n).unwrap()).collect::<Vec<_>>();
        let voices: Vec<Vec<Note>> = "C3-G3-E4-C5 D3-A3-F4-D5".split(' ').map(notes).collect();
        let said = setting(&voices, Some(&Key::parse("C").unwrap()));
        let text = said.to_string();
        assert!(text.contains("parallel fifths: C3 to D3 under G3 to A3") && text.contains("bass and tenor"), "{text}");
        assert!(said.terms().contains(&"parallel octaves"));
    }

    #[test]
    fn nothing_to_explain_is_said_so() {
        assert!(progression(&[], None).to_string().contains("nothing"));
        assert!(setting(&[vec![]], None).to_string().contains("0 of them"));
    }
}
