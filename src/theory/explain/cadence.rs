//! Cadences: how two chords in a row close a phrase, or leave it open.

use crate::theory::reading::{Function, Reading, Source};
use crate::theory::{Chord, Key};

/// How a phrase ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cadence {
    Authentic,
    /// The same with an inversion or the leading chord: less final.
    Imperfect,
    Plagal,
    Deceptive,
    Half,
    /// From the sixth degree in the bass of minor down to the dominant.
    Phrygian,
}

impl Cadence {
    /// The cadence two chords make, if they make one.
    pub fn of(key: &Key, first: (&Chord, &Reading), second: (&Chord, &Reading)) -> Option<Cadence> {
        let degree = |chord: &Chord| (chord.root.chroma() - key.tonic.chroma()).rem_euclid(12);
        let rooted = |chord: &Chord| chord.lowest().chroma() == chord.root.chroma();
        let dominant = |(chord, reading): (&Chord, &Reading)| {
            matches!(degree(chord), 7 | 11)
                && reading.function == Function::Dominant
                && !matches!(reading.source, Source::Secondary(_))
        };
        let lowered_sixth = (first.0.lowest().chroma() - key.tonic.chroma()).rem_euclid(12) == 8;
        Some(match (degree(first.0), degree(second.0)) {
            (7, 0) if dominant(first) && rooted(first.0) && rooted(second.0) => Cadence::Authentic,
            (7 | 11, 0) if dominant(first) && second.0.inverted() != Some(2) => Cadence::Imperfect,
            (5, 0) if rooted(second.0) => Cadence::Plagal,
            (7, 8 | 9) if dominant(first) && second.1.function == Function::NearHome => Cadence::Deceptive,
            (5, 7) if key.minor && lowered_sixth && dominant(second) => Cadence::Phrygian,
            (_, 7) if !dominant(first) && dominant(second) && second.0.part(6).is_none() && rooted(second.0) => {
                Cadence::Half
            }
            _ => return None,
        })
    }

    /// Its name and what it does to the ear.
    pub fn told(self) -> (&'static str, &'static str) {
        match self {
            Cadence::Authentic => ("authentic cadence", "the dominant comes home: a full stop"),
            Cadence::Imperfect => ("imperfect authentic cadence", "home, but not quite at rest: a comma"),
            Cadence::Plagal => ("plagal cadence", "home from the subdominant: an amen"),
            Cadence::Deceptive => ("deceptive cadence", "the dominant goes elsewhere than home: the phrase must go on"),
            Cadence::Half => ("half cadence", "it stops on the dominant: a question"),
            Cadence::Phrygian => ("Phrygian half cadence", "the bass falls by a semitone to the dominant: a question"),
        }
    }
}
