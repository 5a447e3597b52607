//! The guitar: where notes lie on six strings in standard tuning, and how a hand holds a chord.

use super::{Chord, Note};

/// MIDI numbers of the open strings, lowest first: E A D G B E.
pub const STRINGS: [i32; 6] = [40, 45, 50, 55, 59, 64];

/// The highest fret a shape begins at.
const HIGHEST: i32 = 9;

/// How a chord is held: a fret on each string, 0 for an open one, none for a silent one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape(pub [Option<i32>; 6]);

impl Shape {
    /// The easiest shape of a chord: its bass lowest, every note that matters, four fingers, no silent string inside.
    pub fn of(chord: &Chord) -> Option<Shape> {
        let own: Vec<i32> = chord.notes().iter().map(Note::chroma).collect();
        let mut needed = own.clone();
        // Where there are more notes than a hand holds, the plain fifth is missed least.
        if own.len() > 4 {
            let fifth = chord.intervals().iter().find(|i| (i.steps, i.semitones) == (4, 7));
            needed.retain(|&n| Some(n) != fifth.map(|&i| chord.root.transpose(i).chroma()));
        }
        let search = Search { own, needed, bass: chord.lowest().chroma() };
        let positions = (1..=HIGHEST).filter_map(|position| search.at(position));
        positions.min_by_key(|(effort, _)| *effort).map(|(_, shape)| shape)
    }

    /// The notes it sounds, lowest first, spelled as the chord spells them.
    pub fn notes(&self, chord: &Chord) -> Vec<Note> {
        let spelled = chord.notes();
        let sounding = self.0.iter().zip(STRINGS).filter_map(|(fret, open)| Some(open + (*fret)?));
        let named = sounding.map(|midi| {
            let class = spelled.iter().find(|n| n.chroma() == midi.rem_euclid(12)).copied();
            let class = class.unwrap_or(Note::from_midi(midi));
            let octave = (midi - class.at(-1).midi()).div_euclid(12) - 1;
            class.at(octave)
        });
        named.collect()
    }

    /// The frets as players write them, lowest string first: `x32010`.
    pub fn text(&self) -> String {
        let high = self.0.iter().flatten().any(|&fret| fret > 9);
        let frets = self.0.iter().map(|fret| fret.map_or("x".to_string(), |fret| fret.to_string()));
        frets.collect::<Vec<_>>().join(if high { "-" } else { "" })
    }
}

/// A search for a shape of one chord.
struct Search {
    own: Vec<i32>,
    needed: Vec<i32>,
    bass: i32,
}

impl Search {
    /// The best shape whose lowest finger is at a fret, with what it costs.
    fn at(&self, position: i32) -> Option<(i32, Shape)> {
        let choices = STRINGS.map(|open| {
            let frets = std::iter::once(0).chain(position..position + 4);
            let fits = frets.filter(|fret| self.own.contains(&(open + fret).rem_euclid(12)));
            fits.map(Some).chain([None]).collect::<Vec<Option<i32>>>()
        });
        let mut best: Option<(i32, Shape)> = None;
        let mut frets = [None; 6];
        self.string(0, &choices, &mut frets, &mut best);
        best
    }

    /// Tries every choice on this string and those above it.
    fn string(
        &self,
        string: usize,
        choices: &[Vec<Option<i32>>; 6],
        frets: &mut [Option<i32>; 6],
        best: &mut Option<(i32, Shape)>,
    ) {
        if string == 6 {
            if let Some(effort) = self.effort(frets)
                && best.is_none_or(|(least, _)| effort < least)
            {
                *best = Some((effort, Shape(*frets)));
            }
            return;
        }
        let below = frets[..string].iter().any(Option::is_some);
        for &fret in &choices[string] {
            // The first that sounds is the bass; once a string sounds, those above it sound.
            let first = fret.is_some_and(|fret| (STRINGS[string] + fret).rem_euclid(12) != self.bass) && !below;
            if first || (below && fret.is_none() && string < 5) {
                continue;
            }
            frets[string] = fret;
            self.string(string + 1, choices, frets, best);
        }
        frets[string] = None;
    }

    /// What a shape costs a hand; none where it cannot be held or does not say the chord.
    fn effort(&self, frets: &[Option<i32>; 6]) -> Option<i32> {
        let pitches: Vec<i32> = frets.iter().zip(STRINGS).filter_map(|(f, open)| Some(open + (*f)?)).collect();
        if pitches.windows(2).any(|two| two[0] >= two[1]) {
            return None;
        }
        let sounding: Vec<i32> = pitches.iter().map(|midi| midi.rem_euclid(12)).collect();
        if !self.needed.iter().all(|n| sounding.contains(n)) || sounding.len() < 3 {
            return None;
        }
        let pressed: Vec<i32> = frets.iter().flatten().copied().filter(|&f| f > 0).collect();
        let (low, high) = (pressed.iter().min().copied().unwrap_or(0), pressed.iter().max().copied().unwrap_or(0));
        let bar = pressed.iter().filter(|&&f| f == low).count();
        let open = frets.contains(&Some(0));
        // One finger may lie across its lowest fret where no open string sounds.
        let fingers = if open { pressed.len() } else { pressed.len() - bar.saturating_sub(1) };
        if fingers > 4 || high - low > 3 || (open && high > 4) {
            return None;
        }
        let silent = 6 - sounding.len() as i32;
        let barred = i32::from(!open && bar > 1);
        Some(3 * silent + 2 * low + (high - low) + fingers as i32 + 2 * barred)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(symbol: &str) -> String {
        Shape::of(&Chord::parse(symbol).unwrap()).map(|s| s.text()).unwrap_or_default()
    }

    #[test]
    fn open_chords_are_held_as_players_hold_them() {
        let expected = [
            ("C", "x32010"),
            ("Am", "x02210"),
            ("E", "022100"),
            ("Em", "022000"),
            ("D", "xx0232"),
            ("G", "320003"),
            ("A", "x02220"),
            ("Dm", "xx0231"),
            ("F", "133211"),
            ("B7", "x21202"),
        ];
        for (symbol, frets) in expected {
            assert_eq!(shape(symbol), frets, "{symbol}");
        }
    }

    #[test]
    fn every_shape_says_its_chord_over_its_bass() {
        for symbol in ["F", "Bm", "F#m7b5", "Bb7", "Ebmaj7", "C#dim7", "Gsus4", "D/F#", "Am7", "C9", "E7#9"] {
            let chord = Chord::parse(symbol).unwrap();
            let notes = Shape::of(&chord).unwrap().notes(&chord);
            assert_eq!(notes[0].chroma(), chord.lowest().chroma(), "{symbol}");
            assert!(notes.windows(2).all(|two| two[0].midi() < two[1].midi()), "{symbol}");
            assert!(notes.iter().all(|n| chord.notes().contains(&n.class())), "{symbol}");
        }
    }
}
