//! Voice leading: what four voices, or any number, do from one chord to the next, and how to lead them smoothly.

use super::{Chord, Interval, Key, Note};

/// A fault, or something worth hearing, in the movement of voices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Matter {
    /// Two voices a fifth apart move to another fifth.
    ParallelFifths,
    /// Two voices an octave apart (or in unison) move to another.
    ParallelOctaves,
    /// The outer voices move the same way into a fifth or octave, the upper one by leap.
    HiddenConsonance,
    /// A voice sounds below its lower neighbour.
    Crossing,
    /// A voice goes beyond where its neighbour just was.
    Overlap,
    /// Neighbouring upper voices lie more than an octave apart.
    Spacing,
    /// The leading tone in an outer voice does not rise to the tonic that follows.
    LeadingTone,
    /// The leading tone is there twice.
    DoubledLeadingTone,
    /// A seventh neither falls by step nor stays.
    Seventh,
    /// A voice moves by an augmented second.
    AugmentedSecond,
}

impl Matter {
    /// The term to look up.
    pub fn term(self) -> &'static str {
        match self {
            Matter::ParallelFifths => "parallel fifths",
            Matter::ParallelOctaves => "parallel octaves",
            Matter::HiddenConsonance => "hidden fifths and octaves",
            Matter::Crossing => "voice crossing",
            Matter::Overlap => "voice overlap",
            Matter::Spacing => "spacing of the voices",
            Matter::LeadingTone => "resolution of the leading tone",
            Matter::DoubledLeadingTone => "doubled leading tone",
            Matter::Seventh => "resolution of the seventh",
            Matter::AugmentedSecond => "augmented second",
        }
    }
}

/// A remark on one chord or on the step to the next.
#[derive(Clone, Debug, PartialEq)]
pub struct Remark {
    pub matter: Matter,
    /// The chord it speaks of, or the first of two; counted from 0.
    pub at: usize,
    /// The voices it speaks of, counted from 0 at the bottom.
    pub voices: Vec<usize>,
    /// The notes it speaks of: of each voice its note, and the next one where it moves.
    pub notes: Vec<Note>,
}

/// Chords as sounding notes, the lowest voice first, all with the same number of voices.
pub type Setting = [Vec<Note>];

/// All that is to be said of a setting. The key is asked for leading tones; chords (one for each) for sevenths.
pub fn remarks(setting: &Setting, key: Option<&Key>, chords: &[Chord]) -> Vec<Remark> {
    let mut found = Vec::new();
    for (at, voices) in setting.iter().enumerate() {
        standing(at, voices, key, chords.get(at), &mut found);
    }
    for (at, two) in setting.windows(2).enumerate() {
        if two[0].len() != two[1].len() {
            continue;
        }
        pairs(at, &two[0], &two[1], &mut found);
        steps(at, &two[0], &two[1], &mut found);
        tendencies(at, &two[0], &two[1], key, chords, &mut found);
    }
    found.sort_by_key(|remark| (remark.at, remark.matter));
    found
}

/// What can be said of a chord alone.
fn standing(at: usize, voices: &[Note], key: Option<&Key>, chord: Option<&Chord>, found: &mut Vec<Remark>) {
    for (low, two) in voices.windows(2).enumerate() {
        let apart = two[1].midi() - two[0].midi();
        let matter = match apart {
            ..0 => Matter::Crossing,
            13.. if low > 0 => Matter::Spacing,
            _ => continue,
        };
        found.push(Remark { matter, at, voices: vec![low, low + 1], notes: two.to_vec() });
    }
    let (Some(key), Some(chord)) = (key, chord) else { return };
    let leads = leading_tone(key, chord);
    let doubled: Vec<usize> = (0..voices.len()).filter(|&v| Some(voices[v].chroma()) == leads).collect();
    if doubled.len() > 1 {
        let notes = doubled.iter().map(|&v| voices[v]).collect();
        found.push(Remark { matter: Matter::DoubledLeadingTone, at, voices: doubled, notes });
    }
}

/// What two voices do together.
fn pairs(at: usize, from: &[Note], to: &[Note], found: &mut Vec<Remark>) {
    for low in 0..from.len() {
        for high in low + 1..from.len() {
            let (below, above) = (to[low].midi() - from[low].midi(), to[high].midi() - from[high].midi());
            let (before, after) = (perfect(from[low], from[high]), perfect(to[low], to[high]));
            // By contrary motion (from a fifth to a twelfth) they are consecutive all the same.
            let moved = below != 0 && above != 0;
            let together = moved && below.signum() == above.signum();
            let outer = low == 0 && high + 1 == from.len();
            let matter = match (before, after) {
                (Some(a), Some(b)) if a == b && moved && a == 4 => Matter::ParallelFifths,
                (Some(a), Some(b)) if a == b && moved => Matter::ParallelOctaves,
                (_, Some(_)) if together && outer && above.abs() > 2 && before != after => Matter::HiddenConsonance,
                _ => continue,
            };
            let notes = vec![from[low], to[low], from[high], to[high]];
            found.push(Remark { matter, at, voices: vec![low, high], notes });
        }
    }
}

/// Letters between two notes within an octave, if they are a perfect fifth (4) or an octave or unison (0) apart.
fn perfect(low: Note, high: Note) -> Option<i32> {
    // Crossed voices are as far apart as they sound: a fourth below is no fifth.
    let (low, high) = if low.midi() > high.midi() { (high, low) } else { (low, high) };
    let interval = Interval::between(low, high);
    match (interval.steps.rem_euclid(7), interval.semitones.rem_euclid(12)) {
        (4, 7) => Some(4),
        (0, 0) => Some(0),
        _ => None,
    }
}

/// What one voice does, seen by itself and against where its neighbours were.
fn steps(at: usize, from: &[Note], to: &[Note], found: &mut Vec<Remark>) {
    for voice in 0..from.len() {
        let interval = Interval::between(from[voice], to[voice]);
        if (interval.steps.abs(), interval.semitones.abs()) == (1, 3) {
            let notes = vec![from[voice], to[voice]];
            found.push(Remark { matter: Matter::AugmentedSecond, at, voices: vec![voice], notes });
        }
        let above = from.get(voice + 1).is_some_and(|n| to[voice].midi() > n.midi());
        let below = voice.checked_sub(1).is_some_and(|v| to[voice].midi() < from[v].midi());
        if above || below {
            let other = if above { voice + 1 } else { voice - 1 };
            let notes = vec![from[voice], to[voice], from[other]];
            found.push(Remark { matter: Matter::Overlap, at, voices: vec![voice, other], notes });
        }
    }
}

/// What notes that want to go somewhere do.
fn tendencies(at: usize, from: &[Note], to: &[Note], key: Option<&Key>, chords: &[Chord], found: &mut Vec<Remark>) {
    let (Some(chord), Some(next)) = (chords.get(at), chords.get(at + 1)) else { return };
    let leads = key.and_then(|key| leading_tone(key, chord));
    let seventh = chord.intervals().iter().find(|i| i.steps == 6).map(|&i| chord.root.transpose(i).chroma());
    let stays = |chroma: i32| to.iter().any(|n| n.chroma() == chroma);
    for voice in 0..from.len() {
        let (note, moved) = (from[voice], Interval::between(from[voice], to[voice]));
        let remark = |matter| Remark { matter, at, voices: vec![voice], notes: vec![note, to[voice]] };
        let outer = voice == 0 || voice + 1 == from.len();
        let tonic = (note.chroma() + 1).rem_euclid(12);
        let resolves = moved.semitones == 1 || moved.semitones == 0;
        if leads == Some(note.chroma()) && outer && next.root.chroma() == tonic && !resolves {
            found.push(remark(Matter::LeadingTone));
        }
        let falls = moved.steps == -1 || moved.semitones == 0;
        if seventh == Some(note.chroma()) && chord != next && !falls && !stays(note.chroma()) {
            found.push(remark(Matter::Seventh));
        }
    }
}

/// The leading tone of a key, where a chord holds it as part of a dominant.
fn leading_tone(key: &Key, chord: &Chord) -> Option<i32> {
    let tone = key.tonic.chroma() + 11;
    let dominant = matches!((chord.root.chroma() - key.tonic.chroma()).rem_euclid(12), 7 | 11);
    (dominant && chord.notes().iter().any(|n| n.chroma() == tone.rem_euclid(12))).then_some(tone.rem_euclid(12))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setting(text: &str) -> Vec<Vec<Note>> {
        text.split(' ').map(|c| c.split('-').map(|n| Note::parse(n).unwrap()).collect()).collect()
    }

    fn matters(text: &str, key: &str, chords: &str) -> Vec<Matter> {
        let chords: Vec<Chord> = chords.split(' ').map(|c| Chord::parse(c).unwrap()).collect();
        let mut all: Vec<Matter> =
            remarks(&setting(text), Some(&Key::parse(key).unwrap()), &chords).into_iter().map(|r| r.matter).collect();
        all.dedup();
        all
    }

    #[test]
    fn chords_shifted_as_they_are_run_in_fifths_and_octaves() {
        let found = matters("C3-G3-C4-E4 D3-A3-D4-F#4", "C", "C D");
        assert_eq!(found, [Matter::ParallelFifths, Matter::ParallelOctaves]);
        let all = remarks(&setting("C3-G3-E4-C5 D3-A3-F#4-D5"), None, &[]);
        let fifths: Vec<_> = all.iter().filter(|r| r.matter == Matter::ParallelFifths).collect();
        assert_eq!((fifths.len(), &fifths[0].voices, fifths[0].notes[2].name()), (1, &vec![0, 1], "G3".to_string()));
    }

    #[test]
    fn a_textbook_cadence_has_nothing_to_be_said_of() {
        assert_eq!(matters("C3-G3-E4-C5 F2-A3-F4-C5 G2-G3-D4-B4 C3-G3-E4-C5", "C", "C F G C"), []);
        assert_eq!(matters("G2-F3-D4-B4 C3-E3-C4-C5", "C", "G7 C"), []);
    }

    #[test]
    fn a_diminished_fifth_beside_a_perfect_one_is_no_parallel() {
        assert_eq!(matters("B3-F4 C4-G4", "C", "G C"), []);
    }

    #[test]
    fn notes_that_want_to_move_are_missed_where_they_do_not() {
        assert_eq!(matters("G2-D3-G3-B4 C3-E3-G3-G4", "C", "G C"), [Matter::Spacing, Matter::LeadingTone]);
        assert_eq!(matters("G2-B3-D4-F4 C3-C4-E4-G4", "C", "G7 C"), [Matter::Seventh]);
        assert_eq!(
            matters("G2-B3-D4-B4 C3-C4-E4-C5", "C", "G C"),
            [Matter::ParallelOctaves, Matter::DoubledLeadingTone]
        );
        assert_eq!(matters("A3-F4 E3-G#4", "A minor", "F E"), [Matter::AugmentedSecond]);
    }

    #[test]
    fn voices_that_cross_or_overlap_are_named() {
        assert_eq!(matters("C3-G4-E4-C5", "C", "C"), [Matter::Crossing]);
        assert_eq!(matters("C3-E3-G3-C4 C3-A3-C4-F4", "C", "C F"), [Matter::Overlap]);
    }
}
