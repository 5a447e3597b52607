//! Questions from the learner's own piece: the intervals, chords and degrees that occur in the tracks that play.

use segue::theory::explain::{keys_of, likeliest};
use segue::theory::{Chord, Interval, Key, Note};

use super::item::{CHORDS, Item, Kind, TEMPO};

/// Names of the intervals of one to twelve half steps, as they are answered.
const SIZES: [&str; 12] = ["m2", "M2", "m3", "M3", "P4", "TT", "P5", "m6", "M6", "m7", "M7", "P8"];

/// What can be asked about these tracks: what begins together in each, moment by moment. Each thing once.
pub fn items(tracks: &[Vec<Vec<Note>>]) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    for moments in tracks {
        items.extend(moments.windows(2).filter_map(|two| match (&two[0][..], &two[1][..]) {
            ([one], [other]) => interval(*one, *other),
            _ => None,
        }));
        items.extend(moments.iter().filter_map(|notes| chord(notes)));
    }
    if let Some(key) = key(tracks) {
        let single = tracks.iter().flatten().filter(|notes| notes.len() == 1);
        items.extend(single.filter_map(|notes| degree(notes[0], &key)));
    }
    let mut kept: Vec<Item> = Vec::new();
    for item in items {
        if !kept.iter().any(|other| other.code == item.code) {
            kept.push(item);
        }
    }
    kept
}

fn item(kind: Kind, mini: &str, answer: &str, told: String) -> Item {
    let cycles = if kind == Kind::Degrees { 4 } else { 2 };
    let code = format!("{TEMPO} quantum({cycles}); track ear = note(\"{mini}\").gain(0.7);");
    Item { kind, code, answer: answer.to_string(), told }
}

fn interval(one: Note, other: Note) -> Option<Item> {
    let size = (other.midi() - one.midi()).unsigned_abs() as usize;
    let answer = SIZES.get(size.checked_sub(1)?)?;
    Some(item(Kind::Intervals, &format!("<[{one} {other}] ~>"), answer, format!("{one} {other}")))
}

fn chord(notes: &[Note]) -> Option<Item> {
    let chord = (notes.len() > 2).then(|| likeliest(notes)).flatten()?;
    let (answer, _) = CHORDS.iter().find(|(_, quality)| *quality == chord.quality)?;
    let names = |between: &str| notes.iter().map(Note::name).collect::<Vec<_>>().join(between);
    let told = format!("{}: {}", chord.as_written(), names(" "));
    Some(item(Kind::Chords, &format!("<[{}] ~>", names(",")), answer, told))
}

/// The key of the piece: that of its chords, else the one on its first note that has most of its notes.
fn key(tracks: &[Vec<Vec<Note>>]) -> Option<Key> {
    let chords: Vec<Chord> =
        tracks.iter().flatten().filter(|notes| notes.len() > 2).filter_map(|notes| likeliest(notes)).take(16).collect();
    if let Some(key) = keys_of(&chords, None).into_iter().next() {
        return Some(key);
    }
    let notes: Vec<Note> = tracks.iter().flatten().flatten().copied().collect();
    let tonic = notes.first()?.class();
    let holds = |key: &Key| notes.iter().filter(|n| key.notes().iter().any(|own| own.chroma() == n.chroma())).count();
    let keys = [false, true].map(|minor| Key { tonic, minor });
    keys.into_iter().rev().max_by_key(holds).filter(|key| holds(key) * 10 >= notes.len() * 8)
}

/// A note of the key, after chords that say where home is.
fn degree(note: Note, key: &Key) -> Option<Item> {
    let place = key.notes().iter().position(|own| own.chroma() == note.chroma())?;
    let numerals = if key.minor { ["i", "iv", "V", "i"] } else { ["I", "IV", "V", "I"] };
    let sound = |numeral: &str| {
        let chord = key.chord(numeral).ok()?;
        let root = chord.notes().first()?.at(3);
        let notes: Vec<String> = chord.intervals().iter().map(|up: &Interval| root.transpose(*up).name()).collect();
        Some(format!("[{}]", notes.join(",")))
    };
    let home: Vec<String> = numerals.into_iter().map(sound).collect::<Option<_>>()?;
    let mini = format!("<[{}] {note} {note} ~>", home.join(" "));
    Some(item(Kind::Degrees, &mini, &(place + 1).to_string(), format!("{note} in {}", key.name())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notes(text: &str) -> Vec<Vec<Note>> {
        text.split(' ').map(|c| c.split(',').map(|n| Note::parse(n).unwrap()).collect()).collect()
    }

    #[test]
    fn a_piece_is_asked_for_its_own_intervals_chords_and_degrees() {
        let items = items(&[notes("C4 E4 G4 E4 C4"), notes("C3,E3,G3 D3,F3,A3 G3,B3,D4,F4")]);
        let of = |kind: Kind| {
            let own = items.iter().filter(|item| item.kind == kind);
            own.map(|item| format!("{} {}", item.answer, item.told)).collect::<Vec<_>>()
        };
        assert_eq!(of(Kind::Intervals), ["M3 C4 E4", "m3 E4 G4", "m3 G4 E4", "M3 E4 C4"]);
        assert_eq!(of(Kind::Chords), ["major C: C3 E3 G3", "minor Dm: D3 F3 A3", "7 G7: G3 B3 D4 F4"]);
        assert_eq!(of(Kind::Degrees), ["1 C4 in C major", "3 E4 in C major", "5 G4 in C major"]);
    }

    #[test]
    fn the_key_of_a_line_is_on_its_first_note() {
        assert_eq!(key(&[notes("A3 C4 E4 F4 G4")]).map(|key| key.name()), Some("A minor".to_string()));
        assert_eq!(key(&[notes("A3 C#4 E4 F#4")]).map(|key| key.name()), Some("A major".to_string()));
        assert!(items(&[]).is_empty());
    }
}
