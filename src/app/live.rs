//! `:show keys`, live: a picture of the notes that sound, drawn anew when they change.

use std::str::FromStr;
use std::sync::Arc;

use segue::pattern::{Pattern, Span, Time, Value};
use segue::score::{DEFAULT_METER, Source};
use segue::session::Session;
use segue::theory::explain::likeliest;
use segue::theory::picture::Picture;
use segue::theory::{Chord, Note};

use super::say::Say;
use super::screen::{self, Manner};

/// What sounds at one time is looked for in so much of a cycle.
const MOMENT: (i64, i64) = (1, 1 << 16);
/// Cycles of a piece that are listened to as a whole.
const CYCLES: i64 = 8;

/// How what sounds is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Keys,
    Frets,
    Staff,
    Ladder,
}

impl FromStr for Kind {
    type Err = ();

    fn from_str(word: &str) -> Result<Kind, ()> {
        match word {
            "keys" | "piano" => Ok(Kind::Keys),
            "frets" | "guitar" => Ok(Kind::Frets),
            "staff" => Ok(Kind::Staff),
            "ladder" => Ok(Kind::Ladder),
            _ => Err(()),
        }
    }
}

/// A picture that follows the music.
#[derive(Clone, Debug)]
pub struct Live {
    kind: Kind,
    /// Only these tracks; none: all.
    tracks: Vec<String>,
    seen: Vec<Note>,
    /// The beat in which something was shown last.
    beat: i64,
}

impl Live {
    pub fn new(kind: Kind, tracks: Vec<String>) -> Live {
        Live { kind, tracks, seen: Vec::new(), beat: i64::MIN }
    }

    /// Shows what sounds now, if it is something else than before. Rests change nothing: the eye keeps what the ear does.
    pub fn look(&mut self, session: &Session, say: &Say) {
        let cycle = session.cycle_at(session.position());
        let beat = (cycle * session.score().meter.unwrap_or(DEFAULT_METER)).floor() as i64;
        let notes = sounding(session, &self.tracks, cycle);
        let manner = screen::manner();
        let by_lines = screen::by_lines() || manner != Manner::Drawn;
        if notes.is_empty() || notes == self.seen || (by_lines && beat == self.beat) {
            return;
        }
        (self.beat, self.seen) = (beat, notes);
        if by_lines { say.line(self.caption()) } else { say.live(self.text()) }
    }

    /// The notes, and the chord they are.
    fn caption(&self) -> String {
        let names: Vec<String> = self.seen.iter().map(Note::name).collect();
        let chord = chord(&self.seen).map_or(String::new(), |chord| format!("   {}", chord.as_written()));
        format!("{}{chord}", names.join(" "))
    }

    fn text(&self) -> String {
        let notes = self.seen.clone();
        let picture = match self.kind {
            Kind::Keys => Picture::Keys(notes),
            Kind::Frets => Picture::Neck(notes),
            Kind::Staff => Picture::Staff(vec![notes], None),
            Kind::Ladder => Picture::Ladder(notes),
        };
        format!("{}\n{}", self.caption(), picture.text())
    }
}

/// The chord that at least three different notes are.
fn chord(notes: &[Note]) -> Option<Chord> {
    let mut classes: Vec<i32> = notes.iter().map(Note::chroma).collect();
    classes.sort_unstable();
    classes.dedup();
    (classes.len() > 2).then(|| likeliest(notes)).flatten()
}

/// Patterns of the tracks that play, of those named, or of all.
fn playing(session: &Session, named: &[String]) -> Vec<Pattern> {
    let status = session.tracks();
    let plays = |name: &Arc<str>| status.iter().any(|t| t.playing && t.name == *name);
    let wanted = |name: &Arc<str>| named.is_empty() || named.iter().any(|n| **n == **name);
    let tracks = session.score().tracks.iter().filter(|track| wanted(&track.name) && plays(&track.name));
    let pattern = |track: &segue::score::Track| match &track.source {
        Source::Pattern(pattern) => Some(pattern.clone()),
        Source::Signal(_) => None,
    };
    tracks.filter_map(pattern).collect()
}

/// The notes that sound at a time, lowest first, spelled as the chord they are.
fn sounding(session: &Session, tracks: &[String], cycle: f64) -> Vec<Note> {
    let begin = Time::new((cycle * 65_536.0) as i64, 1 << 16);
    let span = Span::new(begin, begin + Time::new(MOMENT.0, MOMENT.1));
    let mut notes: Vec<Note> = Vec::new();
    for pattern in playing(session, tracks) {
        let haps = pattern.try_query(span, 0).unwrap_or_default();
        notes.extend(haps.iter().filter(|hap| hap.whole.is_some()).filter_map(|hap| note(&hap.value)));
    }
    spelled(notes)
}

/// What begins together in the first cycles of each track that plays, note by note and chord by chord.
pub fn moments(session: &Session) -> Vec<Vec<Vec<Note>>> {
    let of = |pattern: Pattern| {
        let mut moments: Vec<(Time, Vec<Note>)> = Vec::new();
        for hap in pattern.try_query(Span::cycles(0, CYCLES), 0).unwrap_or_default() {
            let (Some(note), true) = (note(&hap.value), hap.has_onset()) else { continue };
            match moments.iter_mut().find(|(begin, _)| *begin == hap.part.begin) {
                Some((_, notes)) => notes.push(note),
                None => moments.push((hap.part.begin, vec![note])),
            }
        }
        moments.sort_by_key(|(begin, _)| *begin);
        moments.into_iter().map(|(_, notes)| spelled(notes)).collect::<Vec<_>>()
    };
    playing(session, &[]).into_iter().map(of).filter(|moments| !moments.is_empty()).collect()
}

/// The note an event plays.
fn note(value: &Value) -> Option<Note> {
    let note = match value.get("note")? {
        Value::Text(word) => Note::parse(word).ok().map(|n| n.at(n.octave.unwrap_or(3)))?,
        number => number.number().filter(|n| n.abs() < 200.0).map(|n| Note::from_midi(n.round() as i32))?,
    };
    Some(note)
}

/// Notes from the lowest up, each once; those of a chord as the chord spells them.
fn spelled(mut notes: Vec<Note>) -> Vec<Note> {
    notes.sort_by_key(Note::midi);
    notes.dedup_by_key(|note| note.midi());
    let own = chord(&notes).map(|chord| chord.notes()).unwrap_or_default();
    let respell = |note: Note| {
        let class = own.iter().find(|n| n.chroma() == note.chroma())?.class();
        // Octaves go by letters: Cb4 is B3.
        Some(class.at((note.midi() - class.at(-1).midi()).div_euclid(12) - 1))
    };
    notes.into_iter().map(|note| respell(note).unwrap_or(note)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use segue::engine::Config;
    use segue::lang::{Interpreter, NoFiles};
    use segue::session::{Moment, When};

    fn session(code: &str) -> Session {
        let mut interpreter = Interpreter::new();
        let (mut session, _) = Session::new(Config::default(), interpreter.library().clone(), 0);
        let score = interpreter.evaluate("a.rhai", code, &NoFiles).unwrap().score;
        session.load("a.rhai", score, When::At(Moment::Frame(0)));
        session
    }

    #[test]
    fn what_sounds_is_the_notes_of_all_tracks_that_play_spelled_as_their_chord() {
        let session = session(
            "track a = chord(\"<Ebm C>\").voicing(); track b = note(\"<eb2 c2>\"); track _c = note(\"d5\"); \
             track d = s(\"bd*4\"); track e = sine(220);",
        );
        let names = |tracks: &[String], cycle| {
            sounding(&session, tracks, cycle).iter().map(Note::name).collect::<Vec<_>>().join(" ")
        };
        let all = names(&[], 0.3);
        assert!(all.starts_with("Eb2 ") && all.contains("Gb") && all.contains("Bb") && !all.contains("D5"), "{all}");
        assert_eq!(names(&["b".to_string()], 1.5), "C2");
    }

    #[test]
    fn a_piece_is_heard_moment_by_moment() {
        let session = session("track a = note(\"<[c4 e4] [f4,a4,c5]>\"); track d = s(\"bd*4\");");
        let heard = moments(&session);
        assert_eq!(heard.len(), 1);
        let names: Vec<String> =
            heard[0][..3].iter().map(|notes| notes.iter().map(Note::name).collect::<Vec<_>>().join(",")).collect();
        assert_eq!(names, ["C4", "E4", "F4,A4,C5"]);
    }

    #[test]
    fn a_caption_names_the_notes_and_the_chord() {
        let notes = ["C4", "E4", "G4"].map(|n| Note::parse(n).unwrap()).to_vec();
        let live = Live { seen: notes, ..Live::new(Kind::Keys, vec![]) };
        assert_eq!(live.caption(), "C4 E4 G4   C");
        assert!(live.text().contains("│ C │"), "{}", live.text());
    }
}
