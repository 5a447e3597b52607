//! Words of keys and progressions.

use super::scales::symbols;
use super::values::{Chords, Names, names};
use crate::lang::word::{Word, words};
use crate::theory::{Chord, Key};

use std::sync::Arc;

pub fn words() -> Vec<Word> {
    words! { "theory: keys":
        /// A key by its name: `"Eb major"`, `"F#:minor"`, `"C"` (major), `"a"` (minor).
        ///
        ///     theory::key("F# minor").signature
        theory key (name: Key) { name }

        /// The chords that roman numerals mean in a key. Numerals count from the major scale; a suffix is a chord symbol's.
        ///
        ///     theory::progression("Eb", "IIm7 V7 Imaj7")
        theory progression (key: Key, numerals: Names) {
            let chords: Result<Vec<Chord>, _> = numerals.0.iter().map(|numeral| key.chord(numeral)).collect();
            chords?.iter().map(Chord::as_written).collect::<Vec<String>>()
        }

        /// The roman numerals of chords in a key, each with its chord symbol's suffix.
        ///
        ///     theory::analyze("C", "Dm7 G7 CMaj7")
        theory analyze | analyse (key: Key, chords: Chords) {
            chords.0.iter().map(|chord| key.numeral(chord)).collect::<Vec<String>>()
        }

        /// The name of a key: `F# minor`.
        ///
        ///     theory::key("f#").name
        property name (key: Key) { key.name() }

        /// The tonic of a key.
        ///
        ///     theory::key("F# minor").tonic
        property tonic (key: Key) { key.tonic.name() }

        /// `major` or `minor`.
        ///
        ///     theory::key("a").mode
        property mode (key: Key) { if key.minor { "minor" } else { "major" }.to_string() }

        /// The signature of a key: a sharp or flat for each note it alters.
        ///
        ///     theory::key("Ab major").signature
        property signature (key: Key) {
            let count = key.signature();
            if count < 0 { "b" } else { "#" }.repeat(count.unsigned_abs() as usize)
        }

        /// How many sharps the signature has; flats count below zero.
        ///
        ///     theory::key("Ab major").alteration
        property alteration (key: Key) { i64::from(key.signature()) }

        /// The notes the signature alters, in the order they are written.
        ///
        ///     theory::key("A major").accidentals
        property accidentals | altered (key: Key) { names(&key.altered()) }

        /// The scale of a key: major or natural minor.
        ///
        ///     theory::key("B minor").scale
        property scale (key: Key) { names(&key.notes()) }

        /// The harmonic minor scale on the key's tonic: its seventh raised to lead home.
        ///
        ///     theory::key("B minor").harmonic
        property harmonic (key: Key) { names(&key.form("harmonic minor").notes()) }

        /// The melodic minor scale on the key's tonic, as it ascends.
        ///
        ///     theory::key("B minor").melodic
        property melodic (key: Key) { names(&key.form("melodic minor").notes()) }

        /// The triad on each note of the key.
        ///
        ///     theory::key("D major").triads
        property triads (key: Key) { symbols(key.triads().into_iter().map(Some).collect()) }

        /// The seventh chord on each note of the key.
        ///
        ///     theory::key("D major").sevenths
        property sevenths (key: Key) { symbols(key.sevenths().into_iter().map(Some).collect()) }

        /// The key with the same signature in the other mode.
        ///
        ///     theory::key("C major").relative
        property relative (key: Key) { key.relative().name() }

        /// The key on the same tonic in the other mode.
        ///
        ///     theory::key("C major").parallel
        property parallel (key: Key) { key.parallel().name() }

        /// The keys nearest to a key: its relative, its neighbours on the circle of fifths, and their relatives.
        ///
        ///     theory::key("C major").near
        property near (key: Key) { key.near().iter().map(Key::name).collect::<Vec<String>>() }

        /// The chord that a roman numeral means in a key.
        ///
        ///     theory::key("G major").chord("V7").notes
        method chord (key: Key, numeral: Arc<str>) { key.chord(&numeral)? }

        /// The roman numeral of a chord in a key, with the chord symbol's suffix.
        ///
        ///     theory::key("G major").numeral("D7")
        method numeral (key: Key, chord: Chord) { key.numeral(&chord) }
    }
}
