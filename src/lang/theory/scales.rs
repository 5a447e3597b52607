//! Words of scales and tunings.

use std::sync::Arc;

use rhai::Dynamic;

use super::values::{Notes, Said, names, sizes};
use crate::lang::fault::Fault;
use crate::lang::word::{Kind, Word, words};
use crate::theory::{Chord, Interval, Note, Scale, Tuning, scale};

pub fn words() -> Vec<Word> {
    [scales(), tunings()].into_iter().flatten().collect()
}

fn scales() -> Vec<Word> {
    words! { "theory: scales":
        /// A scale by tonic and name: `"D dorian"`, `"F#3:minor:pentatonic"`, `("D", "dorian")`.
        ///
        ///     theory::scale("D dorian").notes
        theory scale (tonic: Dynamic, name: Option<Arc<str>>) {
            match name {
                Some(name) => Scale::on(Note::taken(&tonic, Kind::Note)?, &name)?,
                None => Scale::taken(&tonic, Kind::Scale)?,
            }
        }

        /// The names of all scales.
        ///
        ///     theory::scales()
        theory scales () { scale::names().map(str::to_string).collect::<Vec<String>>() }

        /// The scales that have these notes, on the first of them or on a tonic of your own: just these first, then larger ones.
        ///
        ///     theory::detect_scale("C D E G A", "C")
        theory detect_scale | detectScale (notes: Notes, tonic: Option<Note>) {
            let Some(tonic) = tonic.or(notes.0.first().copied()) else {
                return Err(Fault::new("`detect_scale` expects some notes, found none").hint("theory::detect_scale(\"C D E G A\")"));
            };
            let found = Scale::detect(&notes.0, tonic);
            found.iter().map(|s| format!("{} {}", s.tonic, s.name)).collect::<Vec<String>>()
        }

        /// The name of a scale, without its tonic.
        ///
        ///     theory::scale("C ionian").name
        property name (scale: Scale) { scale.name.to_string() }

        /// Every name the scale goes by.
        ///
        ///     theory::scale("C lydian dominant").aliases
        property aliases (scale: Scale) { scale.names().iter().map(|n| n.to_string()).collect::<Vec<String>>() }

        /// The note a scale begins on.
        ///
        ///     theory::scale("D dorian").tonic
        property tonic (scale: Scale) { scale.tonic.name() }

        /// The notes of a scale from its tonic, each spelled as the scale wants it.
        ///
        ///     theory::scale("Ab persian").notes
        property notes (scale: Scale) { names(&scale.notes()) }

        /// The intervals of a scale above its tonic.
        ///
        ///     theory::scale("C whole tone").intervals
        property intervals (scale: Scale) { sizes(scale.intervals()) }

        /// How many notes a scale has.
        ///
        ///     theory::scale("C minor pentatonic").size
        property size (scale: Scale) { scale.intervals().len() as i64 }

        /// The scale as twelve semitones: `1` where it has a note.
        ///
        ///     theory::scale("C major").chroma
        property chroma (scale: Scale) {
            let has = |s: i32| scale.intervals().iter().any(|i| i.semitones.rem_euclid(12) == s);
            (0..12).map(|s| if has(s) { '1' } else { '0' }).collect::<String>()
        }

        /// The triad on each note of the scale; nothing where the three notes have no name.
        ///
        ///     theory::scale("A harmonic minor").triads
        property triads (scale: Scale) { symbols(scale.stacks(3)) }

        /// The seventh chord on each note of the scale; nothing where the four notes have no name.
        ///
        ///     theory::scale("A melodic minor").sevenths
        property sevenths (scale: Scale) { symbols(scale.stacks(4)) }

        /// The note at a step: 0 is the tonic, 7 the octave of a scale of seven, negative ones below.
        ///
        ///     theory::scale("C4 major").step(-2)
        method step (scale: Scale, step: i64) { scale.step(step).name() }

        /// The note at a degree, counted as musicians do: 1 is the tonic, 8 the octave.
        ///
        ///     theory::scale("C4 major").degree(5)
        method degree (scale: Scale, degree: i64) {
            if degree == 0 {
                return Err(Fault::new("`degree` counts from 1, found 0").hint("step(0)"));
            }
            scale.step(if degree > 0 { degree - 1 } else { degree }).name()
        }

        /// The scale of another mode with the same notes: C major as dorian is D dorian.
        ///
        ///     theory::scale("C major").relative("dorian").tonic
        method relative (scale: Scale, mode: Arc<str>) { scale.relative(&mode)? }

        /// The same scale on a tonic an interval higher.
        ///
        ///     theory::scale("C major").transpose("M3").notes
        method transpose | trans (scale: Scale, interval: Interval) { Scale::on(scale.tonic.transpose(interval), scale.name)? }

        /// The modes of a scale: the scales with its notes that begin on its other degrees and have a name.
        ///
        ///     theory::scale("C major").modes()
        method modes (scale: Scale) {
            scale.modes().iter().map(|s| format!("{} {}", s.tonic, s.name)).collect::<Vec<String>>()
        }

        /// Whether all these notes, under whatever name, are in the scale.
        ///
        ///     theory::scale("C major").has("C E G")
        method has (scale: Scale, notes: Notes) {
            let own = scale.notes();
            notes.0.iter().all(|n| own.iter().any(|o| o.chroma() == n.chroma()))
        }

        /// The note of the scale that is nearest to a note; between two, the upper.
        ///
        ///     theory::scale("C major").nearest("F#4").name
        method nearest (scale: Scale, note: Note) { scale.snap(note) }
    }
}

fn tunings() -> Vec<Word> {
    words! { "theory: tunings":
        /// A tuning by its name (`"just"`, `"pythagorean"`, `"meantone"`, `"harmonic"`), in equal steps (`"19edo"`, `19`), or as
        /// the text of a Scala file.
        ///
        ///     theory::tuning("meantone").cents(4)
        theory tuning (name: Tuning) { name }

        /// How many steps the tuning has in its octave.
        ///
        ///     theory::tuning("19edo").size
        property size (tuning: Tuning) { tuning.steps() as i64 }

        /// The ratio of a step to step 0, on through the octaves both ways.
        ///
        ///     theory::tuning("just").ratio(7)
        method ratio (tuning: Tuning, step: i64) { tuning.ratio(step) }

        /// The size of a step in cents above step 0: an octave is 1200.
        ///
        ///     theory::tuning("pythagorean").cents(4)
        method cents (tuning: Tuning, step: i64) { tuning.cents(step) }

        /// The frequency of a step in Hz above a note, middle C if none is given.
        ///
        ///     theory::tuning("just").freq(9, "C4")
        method freq (tuning: Tuning, step: i64, base: Option<Note>) {
            base.map_or(261.625_565_300_598_6, |base| base.freq()) * tuning.ratio(step)
        }
    }
}

/// The symbols of chords, empty where there is none.
pub fn symbols(chords: Vec<Option<Chord>>) -> Vec<String> {
    chords.iter().map(|chord| chord.as_ref().map(Chord::symbol).unwrap_or_default()).collect()
}
