//! Words of chords.

use std::sync::Arc;

use super::values::{Notes, names, sizes};
use crate::lang::fault::Fault;
use crate::lang::word::{Word, words};
use crate::theory::fretboard::Shape;
use crate::theory::{Chord, Dictionary, Interval, Note, Voicing, chord};

pub fn words() -> Vec<Word> {
    words! { "theory: chords":
        /// A chord by its symbol: `"Am7"`, `"F#m7b5"`, `"C/E"`, `"G7(b9,#11)"`.
        ///
        ///     theory::chord("Dm7/C").notes
        theory chord (symbol: Chord) { symbol }

        /// The names of all chord qualities by their usual spelling.
        ///
        ///     theory::chords()
        theory chords () {
            chord::qualities().map(|(symbol, name)| if symbol.is_empty() { name.to_string() } else { format!("{symbol}: {name}") }).collect::<Vec<String>>()
        }

        /// The chords that these notes are, the lowest first: the likeliest name first, the quality always said.
        ///
        ///     theory::detect("E G C")
        theory detect | detect_chord (notes: Notes) {
            Chord::detect(&notes.0).iter().map(Chord::formal).collect::<Vec<String>>()
        }

        /// The symbol of a chord as it was written.
        ///
        ///     theory::chord("CΔ").symbol
        property symbol (chord: Chord) { chord.as_written() }

        /// A chord in words.
        ///
        ///     theory::chord("Cm7b5").name
        property name (chord: Chord) { chord.name() }

        /// The quality of a chord by its usual spelling; nothing for major.
        ///
        ///     theory::chord("C-7").quality
        property quality (chord: Chord) { chord.quality.clone() }

        /// Every spelling of the chord's quality.
        ///
        ///     theory::chord("C^7").aliases
        property aliases (chord: Chord) { chord.spellings().iter().map(|s| s.to_string()).collect::<Vec<String>>() }

        /// The root of a chord.
        ///
        ///     theory::chord("D7/F#").root
        property root (chord: Chord) { chord.root.name() }

        /// The lowest note of a chord: what stands after the slash, else the root.
        ///
        ///     theory::chord("D7/F#").bass
        property bass (chord: Chord) { chord.lowest().name() }

        /// The notes of a chord, the bass first.
        ///
        ///     theory::chord("F#m7b5").notes
        property notes (chord: Chord) { names(&chord.notes()) }

        /// The intervals of a chord above its root.
        ///
        ///     theory::chord("C13").intervals
        property intervals (chord: Chord) { sizes(chord.intervals()) }

        /// How many notes a chord has.
        ///
        ///     theory::chord("C9").size
        property size (chord: Chord) { chord.notes().len() as i64 }

        /// The inversions of a chord, root position first.
        ///
        ///     theory::chord("C7").inversions
        property inversions (chord: Chord) {
            (0..chord.intervals().len()).map(|n| chord.inversion(n).symbol()).collect::<Vec<String>>()
        }

        /// A chord with its n-th note at the bottom: 0 is root position, 1 the first inversion.
        ///
        ///     theory::chord("C7").inversion(1).symbol
        method inversion | inv (chord: Chord, n: i64) {
            let most = chord.intervals().len() as i64 - 1;
            let n = usize::try_from(n).ok().filter(|n| *n as i64 <= most);
            let unfit = || Fault::new(format!("`inversion` of {} expects 0 to {most}", chord.symbol())).hint("inversion(1)");
            chord.inversion(n.ok_or_else(unfit)?)
        }

        /// The notes of a chord laid out, lowest first: `"open"`, `"close"`, `"triads"`, `"drop2"`, `"drop3"`, `"rootless"` or
        /// `"guitar"`, its highest note near an anchor (C5).
        ///
        ///     theory::chord("Cmaj7").voicing("drop2")
        method voicing (chord: Chord, layout: Option<Arc<str>>, anchor: Option<Note>) {
            let usual = Voicing::default();
            let dictionary = layout.map_or(Ok(usual.dictionary), |layout| Dictionary::parse(&layout))?;
            names(&Voicing { dictionary, anchor: anchor.unwrap_or(usual.anchor), ..usual }.notes(&chord))
        }

        /// How a guitar in standard tuning holds a chord: a fret for each string, the lowest first, `x` where it is silent.
        ///
        ///     theory::chord("Am7").frets
        property frets (chord: Chord) { Shape::of(&chord).map(|shape| shape.text()).unwrap_or_default() }

        /// A chord over another bass.
        ///
        ///     theory::chord("C").over("D").symbol
        method over (chord: Chord, bass: Note) { chord.over(bass) }

        /// A chord an interval higher.
        ///
        ///     theory::chord("Dm7").transpose("m3").symbol
        method transpose | trans (chord: Chord, interval: Interval) { chord.transpose(interval) }

        /// Whether all these notes, under whatever name, are in the chord.
        ///
        ///     theory::chord("C7").has("E Bb")
        method has (chord: Chord, notes: Notes) {
            let own = chord.notes();
            notes.0.iter().all(|n| own.iter().any(|o| o.chroma() == n.chroma()))
        }
    }
}
