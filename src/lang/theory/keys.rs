//! Words of keys and progressions.

use std::sync::Arc;

use rhai::Dynamic;

use super::scales::symbols;
use super::values::{Chords, Names, names};
use crate::lang::argument::Reply;
use crate::lang::fault::Fault;
use crate::lang::word::{Word, words};
use crate::theory::{Chord, Dictionary, Key, Voicing, explain, reading, smooth};

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

        /// The roman numerals of chords in a key as harmony is taught: small letters for minor, figured bass for inversions, `V7/V`
        /// for another chord's dominant. What follows a chord decides between readings.
        ///
        ///     theory::roman("C", "C A7/C# Dm G7 Fm C")
        theory roman | romans (key: Key, chords: Chords) {
            reading::read_all(&key, &chords.0).into_iter().map(|r| r.numeral).collect::<Vec<String>>()
        }

        /// The key of each chord of a progression, as it is heard; where the key changes, the music modulates.
        ///
        ///     theory::find_keys("C F G7 C Am D7 G Em D7 G")
        theory find_keys | find_key | detect_key (chords: Chords) {
            explain::keys_of(&chords.0, None).iter().map(Key::name).collect::<Vec<String>>()
        }

        /// Chords laid out so that each moves as little as it can from the one before: the notes of each, lowest first. The layout
        /// is `"drop2"` or another that `.voicing()` knows.
        ///
        ///     theory::voice_lead("Dm7 G7 Cmaj7", "drop2")
        theory voice_lead | smooth (chords: Chords, layout: Option<Arc<str>>) {
            let dictionary = Dictionary::parse(layout.as_deref().unwrap_or("drop2"))?;
            let led = smooth::lead(&chords.0, &Voicing { dictionary, ..Voicing::default() });
            led.iter().map(|notes| names(notes).reply()).collect::<Result<rhai::Array, Fault>>().map(Dynamic::from_array)
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

        /// The roman numeral of a chord in a key as harmony is taught, with figured bass.
        ///
        ///     theory::key("G major").roman("D7/F#")
        method roman (key: Key, chord: Chord) { key.read(&chord, None).numeral }

        /// Whether all of a chord is in the key; in minor, in one of its three scales.
        ///
        ///     theory::key("A minor").has("E7")
        method has (key: Key, chord: Chord) { key.holds(&chord) }
    }
}
