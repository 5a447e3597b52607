//! Words of notes and intervals.

use rhai::Dynamic;

use super::values::{Notes, Said, names};
use crate::lang::fault::Fault;
use crate::lang::word::{Kind, Word, words};
use crate::theory::{Interval, Note};

pub fn words() -> Vec<Word> {
    [notes(), intervals()].into_iter().flatten().collect()
}

fn notes() -> Vec<Word> {
    words! { "theory: notes":
        /// A note by its name or MIDI number: `"Eb4"`, `"f##"`, `61`. C4 is middle C; without an octave it is any C.
        ///
        ///     theory::note("Eb4").midi
        theory note (note: Note) { note }

        /// The note nearest to a frequency in Hz, with A4 at 440.
        ///
        ///     theory::from_freq(466.16).name
        theory from_freq | freq_to_note (hz: f64) {
            let heard = Note::from_freq(hz).filter(|_| (1.0..=200_000.0).contains(&hz));
            heard.ok_or_else(|| Fault::new(format!("`from_freq` expects 1 to 200000 Hz, found {hz}")).hint("theory::from_freq(440)"))?
        }

        /// Cents between two frequencies: 100 are a semitone, 1200 an octave.
        ///
        ///     theory::cents(440, 660)
        theory cents (from: f64, to: f64) {
            if from <= 0.0 || to <= 0.0 {
                return Err(Fault::new(format!("`cents` expects two frequencies above 0 Hz, found {from} and {to}")).hint("theory::cents(440, 660)"));
            }
            1200.0 * (to / from).log2()
        }

        /// So many notes up the circle of fifths from a note, itself first; down where the number is negative.
        ///
        ///     theory::fifths("C", 6)
        theory fifths | circle_of_fifths (note: Note, count: i64) {
            let count = bounded(count, "fifths", 40)?;
            names(&(0..=count.abs()).map(|i| note.fifths(i * count.signum())).collect::<Vec<_>>())
        }

        /// The name of a note, capital first: `Eb4`.
        ///
        ///     theory::note("eb4").name
        property name (note: Note) { note.name() }

        /// The letter of a note, without accidentals.
        ///
        ///     theory::note("Eb4").letter
        property letter (note: Note) { note.class().name()[..1].to_string() }

        /// The accidentals of a note: `bb`, `b`, nothing, `#`, `##`.
        ///
        ///     theory::note("F##").accidental
        property accidental | acc (note: Note) { note.class().name()[1..].to_string() }

        /// The octave of a note; 3 where none is written.
        ///
        ///     theory::note("Eb4").octave
        property octave | oct (note: Note) { i64::from(note.octave.unwrap_or(3)) }

        /// The note without its octave.
        ///
        ///     theory::note("Eb4").class.name
        property class | pc | pitch_class (note: Note) { note.class() }

        /// The MIDI number of a note: middle C is 60.
        ///
        ///     theory::note("C4").midi
        property midi (note: Note) { i64::from(note.midi()) }

        /// The frequency of a note in Hz, equal temperament with A4 at 440.
        ///
        ///     theory::note("A3").freq
        property freq | hz (note: Note) { note.freq() }

        /// Semitones above C, 0 to 11.
        ///
        ///     theory::note("Eb4").chroma
        property chroma (note: Note) { i64::from(note.chroma()) }

        /// The name with a flat, if it is a black key.
        ///
        ///     theory::note(61).flat
        property flat (note: Note) { note.spell(false).name() }

        /// The name with a sharp, if it is a black key.
        ///
        ///     theory::note(61).sharp
        property sharp (note: Note) { note.spell(true).name() }

        /// The note an interval higher (lower if the interval descends), spelled as the interval says.
        ///
        ///     theory::note("Ab3").transpose("m6").name
        method transpose | trans (note: Note, interval: Interval) { note.transpose(interval) }

        /// The note so many fifths further round the circle, in its own octave.
        ///
        ///     theory::note("Gb").fifths(5).name
        method fifths (note: Note, count: i64) { note.fifths(bounded(count, "fifths", 40)?) }

        /// The plainest name of the same pitch: Fb is E, F## is G, C# stays.
        ///
        ///     theory::note("Fb").simplify().name
        method simplify (note: Note) { note.simplify() }

        /// The other name of the same pitch: C# is Db, E# is F.
        ///
        ///     theory::note("C#").enharmonic().name
        method enharmonic (note: Note) { note.enharmonic() }

        /// The interval from this note to another.
        ///
        ///     theory::note("C4").to("A4").name
        method to (note: Note, other: Note) { Interval::between(note, other) }
    }
}

fn intervals() -> Vec<Word> {
    words! { "theory: intervals":
        /// An interval by its name, in semitones, or from one note to another: `"m3"`, `"-P5"`, `7`, `("C4", "Eb4")`.
        ///
        ///     theory::interval("C4", "Eb4").name
        theory interval (from: Dynamic, to: Option<Note>) {
            match to {
                Some(to) => Interval::between(Note::taken(&from, Kind::Note)?, to),
                None => Interval::taken(&from, Kind::Interval)?,
            }
        }

        /// The intervals from each note of a list to the next.
        ///
        ///     theory::intervals("C4 E4 G4 C5")
        theory intervals (notes: Notes) {
            notes.0.windows(2).map(|two| Interval::between(two[0], two[1]).name()).collect::<Vec<String>>()
        }

        /// The name of an interval, quality first, `-` where it descends: `m3`, `-P5`.
        ///
        ///     theory::interval("C4", "D6").name
        property name (interval: Interval) { interval.name() }

        /// The interval in words: `descending minor third`.
        ///
        ///     theory::interval("-m3").words
        property words (interval: Interval) { interval.words() }

        /// Semitones from the first note to the second, negative where it descends.
        ///
        ///     theory::interval("P5").semitones
        property semitones (interval: Interval) { i64::from(interval.semitones) }

        /// Letters counted from the first note to the second, both counted: a third is 3, a descending one -3.
        ///
        ///     theory::interval("M3").number
        property number | num (interval: Interval) {
            let down = interval.name().starts_with('-');
            (i64::from(interval.steps.abs()) + 1) * if down { -1 } else { 1 }
        }

        /// The quality of an interval: `P`, `M`, `m`, `A`, `d`, or more of the last two.
        ///
        ///     theory::interval("A4").quality
        property quality (interval: Interval) {
            interval.name().chars().filter(|c| c.is_ascii_alphabetic()).collect::<String>()
        }

        /// Whether an interval is wider than an octave.
        ///
        ///     theory::interval("M9").compound
        property compound (interval: Interval) { interval.is_compound() }

        /// What completes an interval to an octave: a minor third's inversion is a major sixth.
        ///
        ///     theory::interval("m3").invert().name
        method invert | inversion (interval: Interval) { interval.invert() }

        /// The same interval within an octave.
        ///
        ///     theory::interval("M10").simple().name
        method simple | simplify (interval: Interval) { interval.simple() }

        /// One interval on top of another.
        ///
        ///     theory::interval("M3").add("m3").name
        method add (interval: Interval, other: Interval) { interval + other }

        /// An interval less another.
        ///
        ///     theory::interval("P8").sub("m6").name
        method sub (interval: Interval, other: Interval) { interval - other }
    }
}

/// A count that leads nowhere absurd.
fn bounded(count: i64, word: &str, most: i64) -> Result<i32, Fault> {
    if count.abs() <= most {
        return Ok(count as i32);
    }
    Err(Fault::new(format!("`{word}` expects at most {most} steps, found {count}")).hint(format!("{most}")))
}
