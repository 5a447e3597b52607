//! Voicings: a chord laid out as notes near an anchor.
//!
//! A pure function of symbol and settings. Chords that follow each other move little because each is laid out as close
//! to the same anchor as it can be.

use super::{Chord, Interval, Note, TheoryError, fretboard};

/// How the layout relates to the anchor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Mode {
    /// The top note lies at or below it.
    #[default]
    Below,
    /// The bottom note lies at or above it.
    Above,
    /// As below, without the anchor's own note: room for a melody there.
    Duck,
    /// The root is at the bottom, at or below it.
    Root,
}

/// A way of laying chords out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Dictionary {
    /// Wide, with doubled notes, as on a guitar.
    #[default]
    Open,
    /// Three-note inversions; what exceeds a triad is left out.
    Triads,
    /// All notes within an octave, any inversion.
    Close,
    /// A pianist's left hand: no root, third or seventh below, with ninths and thirteenths.
    Lefthand,
    /// Four notes close together, the second from the top an octave down.
    Drop2,
    /// Four notes close together, the third from the top an octave down.
    Drop3,
    /// As a hand holds it on six strings in standard tuning, wherever the anchor is.
    Guitar,
}

/// Settings of a layout.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Voicing {
    pub anchor: Note,
    pub mode: Mode,
    pub dictionary: Dictionary,
    /// Inversions up or down from the nearest layout.
    pub offset: i32,
}

impl Default for Voicing {
    fn default() -> Self {
        let anchor = Note { letter: 0, alteration: 0, octave: Some(5) };
        Voicing { anchor, mode: Mode::default(), dictionary: Dictionary::default(), offset: 0 }
    }
}

impl Mode {
    pub fn parse(text: &str) -> Result<Mode, TheoryError> {
        match text {
            "below" => Ok(Mode::Below),
            "above" => Ok(Mode::Above),
            "duck" => Ok(Mode::Duck),
            "root" => Ok(Mode::Root),
            _ => Err(TheoryError::unknown("voicing mode", text, ["below", "above", "duck", "root"].into_iter())),
        }
    }
}

impl Dictionary {
    /// Their names.
    pub const NAMES: [&str; 7] = ["open", "triads", "close", "lefthand", "drop2", "drop3", "guitar"];

    /// Names of its own, and those Strudel uses for similar ones.
    pub fn parse(text: &str) -> Result<Dictionary, TheoryError> {
        match text {
            "open" | "default" | "guidetones" | "legacy" | "ireal" | "ireal-ext" => Ok(Dictionary::Open),
            "triads" => Ok(Dictionary::Triads),
            "close" => Ok(Dictionary::Close),
            "lefthand" | "rootless" => Ok(Dictionary::Lefthand),
            "drop2" | "drop 2" | "drop-2" => Ok(Dictionary::Drop2),
            "drop3" | "drop 3" | "drop-3" => Ok(Dictionary::Drop3),
            "guitar" => Ok(Dictionary::Guitar),
            _ => Err(TheoryError::unknown("voicing dictionary", text, Dictionary::NAMES.into_iter())),
        }
    }
}

impl Voicing {
    /// The chord's notes, lowest first, spelled and with octaves. A slash's bass is laid below.
    pub fn notes(&self, chord: &Chord) -> Vec<Note> {
        let mut notes = self.laid_out(chord);
        if let (Some(bass), Some(lowest)) = (chord.bass, notes.first().copied()) {
            let below = bass.at((lowest.midi() - bass.at(-1).midi()).div_euclid(12) - 1);
            if below.midi() < lowest.midi() {
                notes.insert(0, below);
            }
        }
        if self.mode == Mode::Duck {
            notes.retain(|n| n.midi() != self.anchor.midi());
        }
        notes
    }

    /// One note of the layout by number; beyond its ends it goes on in other octaves.
    pub fn pick(&self, chord: &Chord, n: i64) -> Option<Note> {
        let notes = self.laid_out(chord);
        let count = notes.len() as i64;
        let note = *notes.get(n.checked_rem_euclid(count)? as usize)?;
        let octaves = n.div_euclid(count).clamp(-8, 8) as i32;
        Some(note.at(note.octave.unwrap_or(super::note::DEFAULT_OCTAVE) + octaves))
    }

    fn laid_out(&self, chord: &Chord) -> Vec<Note> {
        if self.dictionary == Dictionary::Guitar
            && let Some(shape) = fretboard::Shape::of(chord)
        {
            return shape.notes(chord);
        }
        let mut shapes = shapes(chord, self.dictionary);
        if self.mode == Mode::Root {
            let rooted = |s: &Vec<Interval>| s.first().is_some_and(|i| i.semitones % 12 == 0);
            if shapes.iter().any(rooted) {
                shapes.retain(rooted);
            } else {
                shapes.iter_mut().for_each(|s| s.insert(0, s[0] - drop_to_root(s[0])));
            }
        }
        let placed = shapes.iter().enumerate().map(|(index, shape)| {
            let (octave, far) = self.place(chord.root, shape);
            (far, index, octave)
        });
        let Some((_, index, octave)) = placed.min() else {
            return Vec::new();
        };
        // Moving on from the last inversion is the first one an octave up.
        let place = index as i32 + self.offset.clamp(-64, 64);
        let count = shapes.len() as i32;
        let root = chord.root.at(octave + place.div_euclid(count));
        shapes[place.rem_euclid(count) as usize].iter().map(|&i| root.transpose(i)).collect()
    }

    /// The root's octave that brings a shape nearest to the anchor on its side, and how far it remains.
    fn place(&self, root: Note, shape: &[Interval]) -> (i32, i32) {
        let above = self.mode == Mode::Above;
        let edge = match self.mode {
            Mode::Above | Mode::Root => shape.first(),
            Mode::Below | Mode::Duck => shape.last(),
        };
        let low = root.at(-1).midi() + edge.map_or(0, |i| i.semitones);
        let room = self.anchor.midi() - low;
        let octaves = if above { -(-room).div_euclid(12) } else { room.div_euclid(12) };
        (octaves - 1, (room - 12 * octaves).abs())
    }
}

/// The descent from the lowest note of a rootless shape to the root below it.
fn drop_to_root(lowest: Interval) -> Interval {
    Interval { steps: lowest.steps.rem_euclid(7), semitones: lowest.semitones.rem_euclid(12) }
}

/// The parts notes play in a chord; shapes are written in these.
struct Parts {
    third: Interval,
    fifth: Interval,
    /// A seventh or a sixth.
    seventh: Option<Interval>,
    /// Ninths, elevenths and thirteenths, within an octave of the root.
    tensions: Vec<Interval>,
}

impl Parts {
    fn of(chord: &Chord) -> Parts {
        let fold = |i: &Interval| Interval { steps: i.steps % 7, semitones: i.semitones % 12 };
        let own: Vec<Interval> = chord.intervals().iter().map(fold).collect();
        let by = |steps: i32| own.iter().copied().find(|i| i.steps == steps);
        let third = by(2).or(by(3)).or(by(1)).or(by(4)).unwrap_or(Interval::UNISON);
        let seventh = by(6).or_else(|| by(5).filter(|i| by(4).is_some() || i.semitones == 9));
        let fifth = by(4).or_else(|| by(5).filter(|i| Some(*i) != seventh)).unwrap_or(third);
        let used = [Some(Interval::UNISON), Some(third), Some(fifth), seventh];
        let tensions = own.iter().copied().filter(|i| !used.contains(&Some(*i))).collect();
        Parts { third, fifth, seventh, tensions }
    }
}

/// The layouts of a chord in a dictionary, from the lowest upward; each is ascending intervals above the root.
pub(super) fn shapes(chord: &Chord, dictionary: Dictionary) -> Vec<Vec<Interval>> {
    let parts = Parts::of(chord);
    match dictionary {
        Dictionary::Open => open(&parts),
        Dictionary::Triads => inversions(&[Interval::UNISON, parts.third, parts.fifth]),
        Dictionary::Close => {
            let mut tones = vec![Interval::UNISON, parts.third, parts.fifth];
            tones.extend(parts.seventh);
            tones.extend(&parts.tensions);
            inversions(&tones)
        }
        Dictionary::Lefthand => lefthand(chord, &parts),
        Dictionary::Drop2 => dropped(&parts, 2),
        Dictionary::Drop3 => dropped(&parts, 3),
        Dictionary::Guitar => open(&parts),
    }
}

/// Notes stacked in the given order, each at the next place above the one before.
fn stacked(order: &[Interval]) -> Vec<Interval> {
    let mut shape: Vec<Interval> = Vec::with_capacity(order.len());
    for &tone in order {
        let mut tone = tone;
        while shape.last().is_some_and(|low| tone.semitones <= low.semitones) {
            tone = tone + Interval::OCTAVE;
        }
        shape.push(tone);
    }
    shape
}

/// Every rotation of the tones, stacked within an octave.
fn inversions(tones: &[Interval]) -> Vec<Vec<Interval>> {
    let mut tones = tones.to_vec();
    tones.sort_by_key(|i| i.semitones);
    tones.dedup_by_key(|i| i.semitones);
    let rotation = |from: usize| stacked(&[&tones[from..], &tones[..from]].concat());
    (0..tones.len()).map(rotation).collect()
}

/// The close inversions of four tones, the n-th from the top an octave lower. A ninth takes the root's place, an eleventh or
/// thirteenth the fifth's: the bass plays the root.
fn dropped(parts: &Parts, nth: usize) -> Vec<Vec<Interval>> {
    let tension = |steps: &[i32]| parts.tensions.iter().copied().find(|i| steps.contains(&i.steps));
    let full = parts.seventh.is_some();
    let root = tension(&[1]).filter(|_| full).unwrap_or(Interval::UNISON);
    let fifth = tension(&[3, 5]).filter(|_| full && parts.fifth.semitones == 7).unwrap_or(parts.fifth);
    let fourth = parts.seventh.or(parts.tensions.first().copied());
    let tones: Vec<Interval> = [root, parts.third, fifth].into_iter().chain(fourth).collect();
    let mut shapes = inversions(&tones);
    for shape in &mut shapes {
        let place = shape.len().saturating_sub(nth);
        if place > 0 {
            shape[place] = shape[place] - Interval::OCTAVE;
            shape.sort_by_key(|i| i.semitones);
        }
    }
    shapes
}

/// Five notes or so over nearly two octaves: root or fifth low, the colours above.
fn open(parts: &Parts) -> Vec<Vec<Interval>> {
    let (root, third, fifth) = (Interval::UNISON, parts.third, parts.fifth);
    let minor = third.semitones == 3;
    let Some(seventh) = parts.seventh else {
        if parts.tensions.is_empty() {
            // A low minor third is clear enough, a low major third wants the root above it.
            let inner = if minor { [root, third, fifth, root, third] } else { [third, root, third, fifth, root] };
            let outer = [[root, fifth, root, third, fifth], inner, [fifth, root, third, fifth, root]];
            return outer.iter().map(|o| stacked(o)).chain([stacked(&[root, fifth, root, third])]).collect();
        }
        let colour = &parts.tensions[..];
        return [[&[root, fifth, third], colour].concat(), [&[root, third, fifth], colour].concat()]
            .map(|o| stacked(&o))
            .into();
    };
    match parts.tensions[..] {
        [] if minor => [
            [root, third, fifth, seventh, third],
            [seventh, third, fifth, seventh, root],
            [root, seventh, third, fifth, root],
        ]
        .map(|o| stacked(&o))
        .into(),
        [] if seventh.semitones == 11 => {
            vec![
                stacked(&[root, fifth, seventh, third, fifth]),
                stacked(&[root, third, fifth, seventh]),
                stacked(&[third, seventh, third, fifth, root]),
            ]
        }
        [] => [
            [root, seventh, root, third, fifth],
            [third, seventh, third, fifth, root],
            [root, third, fifth, seventh, third],
        ]
        .map(|o| stacked(&o))
        .into(),
        // With a tension the plain fifth is the note that is missed least.
        ref colours => {
            let kept: Vec<Interval> = (fifth.semitones != 7 && fifth != third).then_some(fifth).into_iter().collect();
            let over = |low: &[Interval]| stacked(&[low, &kept, colours].concat());
            vec![
                over(&[root, third, seventh]),
                over(&[root, seventh, third]),
                stacked(&[&[third, seventh, root], &kept[..], colours].concat()),
            ]
        }
    }
}

/// Rootless: the two inversions pianists keep near middle C.
fn lefthand(chord: &Chord, parts: &Parts) -> Vec<Vec<Interval>> {
    let Some(seventh) = parts.seventh else {
        return inversions(&[Interval::UNISON, parts.third, parts.fifth]);
    };
    let (ninth, thirteenth) = (Interval { steps: 1, semitones: 2 }, Interval { steps: 5, semitones: 9 });
    let tension = |steps: i32| parts.tensions.iter().copied().find(|i| i.steps == steps);
    let diminished = parts.fifth.semitones == 6 && parts.third.semitones == 3;
    let dominant = parts.third.semitones == 4 && seventh.semitones == 10;
    // A half-diminished chord's ninth lies outside its key: the root stays.
    let second = if diminished { Interval::UNISON } else { tension(1).unwrap_or(ninth) };
    let altered = parts.fifth.semitones != 7 || tension(1).is_some_and(|i| i.semitones != 2);
    let middle = match tension(5) {
        Some(sixth) => sixth,
        None if dominant && !altered && chord.quality != "7b5" => thirteenth,
        None => parts.fifth,
    };
    [[parts.third, middle, seventh, second], [seventh, second, parts.third, middle]].map(|o| stacked(&o)).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(symbol: &str, voicing: Voicing) -> String {
        let notes = voicing.notes(&Chord::parse(symbol).unwrap());
        notes.iter().map(Note::name).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_top_comes_as_near_below_the_anchor_as_it_can() {
        assert_eq!(names("Eb", Voicing::default()), "Eb3 Bb3 Eb4 G4 Bb4");
        assert_eq!(names("Cm", Voicing::default()), "G3 C4 Eb4 G4 C5");
    }

    #[test]
    fn a_left_hand_plays_no_root() {
        let lefthand = Voicing { dictionary: Dictionary::Lefthand, ..Voicing::default() };
        assert_eq!(names("Am7", lefthand), "C4 E4 G4 B4");
        assert_eq!(names("G7", lefthand), "B3 E4 F4 A4");
    }

    #[test]
    fn every_chord_lies_on_its_side_of_the_anchor_within_an_octave_and_ascends() {
        for quality in super::super::qualities::QUALITIES {
            let chord =
                Chord::parse(&format!("F{}", quality.symbols.split(' ').next().unwrap().trim_matches('_'))).unwrap();
            for dictionary in [Dictionary::Open, Dictionary::Triads, Dictionary::Close, Dictionary::Lefthand] {
                for mode in [Mode::Below, Mode::Above, Mode::Root] {
                    let voicing = Voicing { mode, dictionary, ..Voicing::default() };
                    let midi: Vec<i32> = voicing.notes(&chord).iter().map(Note::midi).collect();
                    assert!(midi.windows(2).all(|w| w[0] < w[1]), "{} {midi:?}", chord.symbol());
                    let edge = if mode == Mode::Below { midi.last() } else { midi.first() };
                    let gap = if mode == Mode::Above { edge.unwrap() - 72 } else { 72 - edge.unwrap() };
                    assert!((0..12).contains(&gap), "{} {mode:?} {midi:?}", chord.symbol());
                    assert!(mode != Mode::Root || midi[0] % 12 == 5, "{} {midi:?}", chord.symbol());
                    let own: Vec<i32> = chord.notes().iter().map(Note::chroma).collect();
                    assert!(dictionary == Dictionary::Lefthand || midi.iter().all(|m| own.contains(&(m % 12))));
                }
            }
        }
    }

    #[test]
    fn dropping_a_voice_opens_the_chord() {
        let with = |dictionary| Voicing { dictionary, ..Voicing::default() };
        assert_eq!(names("Cmaj7", with(Dictionary::Drop2)), "B3 E4 G4 C5");
        assert_eq!(names("Dm7", with(Dictionary::Drop3)), "F3 D4 A4 C5");
        assert_eq!(names("C", with(Dictionary::Guitar)), "C3 E3 G3 C4 E4");
        assert_eq!(names("Am", with(Dictionary::Guitar)), "A2 E3 A3 C4 E4");
        assert_eq!(names("G", with(Dictionary::Guitar)), "G2 B2 D3 G3 B3 G4");
    }

    #[test]
    fn picking_goes_on_in_other_octaves() {
        let chord = Chord::parse("Eb").unwrap();
        let pick = |n| Voicing::default().pick(&chord, n).unwrap().midi();
        assert_eq!([pick(2), pick(0), pick(5), pick(-1)], [63, 51, 63, 58]);
    }

    #[test]
    fn a_slash_lays_its_bass_below() {
        assert_eq!(names("C/G", Voicing { dictionary: Dictionary::Triads, ..Voicing::default() }), "G3 E4 G4 C5");
    }

    #[test]
    fn an_offset_of_all_inversions_is_an_octave() {
        let up = Voicing { dictionary: Dictionary::Triads, offset: 3, ..Voicing::default() };
        assert_eq!(names("C", up), "E5 G5 C6");
    }
}
