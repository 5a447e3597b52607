//! Smooth voice leading: chords laid out so that each moves as little as it can from the one before.

use super::leading::{Matter, remarks};
use super::voicing::{Dictionary, Voicing, shapes};
use super::{Chord, Note};

/// What a parallel fifth or octave weighs, in semitones of movement.
const PARALLEL: i32 = 6;

/// Lays chords out one after another: the first as the voicing says, every other as near to the one before it as a layout of the
/// same dictionary comes, parallels avoided where little more movement does it.
pub fn lead(chords: &[Chord], voicing: &Voicing) -> Vec<Vec<Note>> {
    let mut led: Vec<Vec<Note>> = Vec::with_capacity(chords.len());
    for chord in chords {
        let next = match led.last() {
            None => voicing.notes(chord),
            Some(before) => nearest(chord, voicing, before),
        };
        led.push(next);
    }
    led
}

/// The layout that moves least; of equals the lowest.
fn nearest(chord: &Chord, voicing: &Voicing, before: &[Note]) -> Vec<Note> {
    if voicing.dictionary == Dictionary::Guitar {
        return voicing.notes(chord);
    }
    let layouts = shapes(chord, voicing.dictionary).into_iter().flat_map(|shape| {
        (1..=6).map(move |octave| {
            let root = chord.root.at(octave);
            shape.iter().map(|&i| root.transpose(i)).collect::<Vec<Note>>()
        })
    });
    layouts.min_by_key(|notes| movement(before, notes)).unwrap_or_default()
}

/// Semitones that voices move in all; where their numbers differ, to the nearest note.
fn movement(from: &[Note], to: &[Note]) -> i32 {
    let gap = |a: &Note, b: &Note| (a.midi() - b.midi()).abs();
    if from.len() != to.len() {
        let far = |note: &Note, others: &[Note]| others.iter().map(|o| gap(note, o)).min().unwrap_or(0);
        return from.iter().map(|n| far(n, to)).sum::<i32>() + to.iter().map(|n| far(n, from)).sum::<i32>();
    }
    let moved: i32 = from.iter().zip(to).map(|(a, b)| gap(a, b)).sum();
    let parallel = |m: &Matter| matches!(m, Matter::ParallelFifths | Matter::ParallelOctaves);
    let faults = remarks(&[from.to_vec(), to.to_vec()], None, &[]).into_iter().filter(|r| parallel(&r.matter)).count();
    moved + PARALLEL * faults as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_five_one_moves_by_steps() {
        let chords: Vec<Chord> = ["Dm7", "G7", "Cmaj7"].iter().map(|c| Chord::parse(c).unwrap()).collect();
        let led = lead(&chords, &Voicing { dictionary: Dictionary::Drop2, ..Voicing::default() });
        let moves = led.windows(2).map(|two| movement(&two[0], &two[1])).collect::<Vec<_>>();
        assert!(moves.iter().all(|&m| m <= 6), "{led:?} {moves:?}");
        for (chord, notes) in chords.iter().zip(&led) {
            assert_eq!(notes.len(), 4);
            assert!(chord.notes().iter().all(|n| notes.iter().any(|v| v.class() == *n)), "{notes:?}");
        }
    }

    #[test]
    fn whatever_the_chords_they_move_less_than_laid_out_alone() {
        let symbols = "C F#m7b5 Bb7 Ebmaj7 Am Dm9 G13 C6 Abmaj7 Db7 C".split(' ');
        let chords: Vec<Chord> = symbols.map(|c| Chord::parse(c).unwrap()).collect();
        for dictionary in
            [Dictionary::Close, Dictionary::Drop2, Dictionary::Drop3, Dictionary::Triads, Dictionary::Lefthand]
        {
            let voicing = Voicing { dictionary, ..Voicing::default() };
            let total = |led: &[Vec<Note>]| led.windows(2).map(|two| movement(&two[0], &two[1])).sum::<i32>();
            let alone: Vec<Vec<Note>> = chords.iter().map(|c| voicing.notes(c)).collect();
            assert!(total(&lead(&chords, &voicing)) <= total(&alone), "{dictionary:?}");
        }
        assert!(lead(&[], &Voicing::default()).is_empty());
    }
}
