//! Intervals: how many letters and how many semitones lie between two notes.

use super::{Note, TheoryError, note::NATURALS};

/// A distance with its spelling; both numbers are negative where it descends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Interval {
    /// Letters: 0 is a prime, 2 a third, 7 an octave.
    pub steps: i32,
    pub semitones: i32,
}

impl Interval {
    pub const UNISON: Interval = Interval { steps: 0, semitones: 0 };
    pub const OCTAVE: Interval = Interval { steps: 7, semitones: 12 };

    /// Reads `M3 P5 d7 AA4`, descending `-m3`, also number first (`3M`, `-2M`).
    pub fn parse(text: &str) -> Result<Interval, TheoryError> {
        Interval::read(text).ok_or_else(|| TheoryError {
            message: format!("expected an interval like M3 or -P5, found \"{text}\""),
            hint: Some("M3".to_string()),
        })
    }

    fn read(text: &str) -> Option<Interval> {
        let (sign, body) = match text.strip_prefix('-') {
            Some(body) => (-1, body),
            None => (1, text),
        };
        let quality = body.trim_matches(|c: char| c.is_ascii_digit());
        let number = body.trim_matches(|c: char| !c.is_ascii_digit());
        if quality.is_empty() || quality.len() + number.len() != body.len() {
            return None;
        }
        let steps = number.parse::<i32>().ok().filter(|n| (1..=99).contains(n))? - 1;
        let perfect = is_perfect(steps);
        let count = quality.len() as i32;
        let alteration = match quality.chars().next()? {
            'P' if perfect && count == 1 => 0,
            'M' if !perfect && count == 1 => 0,
            'm' if !perfect && count == 1 => -1,
            'A' if count <= 4 && quality.chars().all(|c| c == 'A') => count,
            'd' if count <= 4 && quality.chars().all(|c| c == 'd') => -count - i32::from(!perfect),
            _ => return None,
        };
        Some(Interval { steps: sign * steps, semitones: sign * (natural(steps) + alteration) })
    }

    /// An interval that no sum leads beyond what has a name: forty octaves either way, at most forty times altered.
    fn bounded(steps: i32, semitones: i32) -> Interval {
        let steps = steps.clamp(-280, 280);
        let natural = if steps < 0 { -natural(-steps) } else { natural(steps) };
        Interval { steps, semitones: semitones.clamp(natural - 40, natural + 40) }
    }

    /// The usual name of a number of semitones: six is a diminished fifth.
    pub fn from_semitones(semitones: i32) -> Interval {
        const STEPS: [i32; 12] = [0, 1, 1, 2, 2, 3, 4, 4, 5, 5, 6, 6];
        let size = semitones.abs();
        let steps = STEPS[(size % 12) as usize] + 7 * (size / 12);
        Interval { steps: semitones.signum() * steps, semitones }
    }

    /// From one note to another; between two without octaves, up to the next so called.
    pub fn between(from: Note, to: Note) -> Interval {
        if from.octave.is_none() && to.octave.is_none() {
            let octave = i32::from(to.letter < from.letter);
            return Interval::between(from.at(4), to.at(4 + octave));
        }
        let place = |n: Note| n.letter as i32 + 7 * n.octave.unwrap_or(super::note::DEFAULT_OCTAVE);
        Interval { steps: place(to) - place(from), semitones: to.midi() - from.midi() }
    }

    /// Quality first, `-` where it descends: `m3`, `-P5`.
    pub fn name(&self) -> String {
        let down = self.steps < 0 || (self.steps == 0 && self.semitones < 0);
        let (steps, semitones) = if down { (-self.steps, -self.semitones) } else { (self.steps, self.semitones) };
        let alteration = semitones - natural(steps);
        let quality = match (is_perfect(steps), alteration) {
            (true, 0) => "P".to_string(),
            (false, 0) => "M".to_string(),
            (false, -1) => "m".to_string(),
            (_, up @ 1..) => "A".repeat(up as usize),
            (true, low) => "d".repeat(low.unsigned_abs() as usize),
            (false, low) => "d".repeat(low.unsigned_abs() as usize - 1),
        };
        format!("{}{quality}{}", if down { "-" } else { "" }, steps + 1)
    }

    /// What completes it to an octave: a minor third's inversion is a major sixth, a prime's an octave.
    pub fn invert(&self) -> Interval {
        let (steps, octaves) = (self.steps.rem_euclid(7), self.steps.div_euclid(7));
        let semitones = self.semitones - 12 * octaves;
        match steps {
            0 if octaves == 0 => Interval { steps: 7, semitones: 12 - semitones },
            0 => Interval { steps: 0, semitones: -semitones },
            _ => Interval { steps: 7 - steps, semitones: 12 - semitones },
        }
    }

    /// The same within an octave, its direction kept; an octave stays one.
    pub fn simple(&self) -> Interval {
        let octaves = (self.steps.abs() - 1).max(0) / 7 * self.steps.signum();
        Interval { steps: self.steps - 7 * octaves, semitones: self.semitones - 12 * octaves }
    }

    /// Wider than an octave.
    pub fn is_compound(&self) -> bool {
        self.steps.abs() > 7
    }

    /// In words: `minor third`, `descending perfect fifth`, `doubly augmented fourth`.
    pub fn words(&self) -> String {
        let name = self.name();
        let (down, name) = name.strip_prefix('-').map_or(("", name.as_str()), |rest| ("descending ", rest));
        let quality = match name.trim_end_matches(|c: char| c.is_ascii_digit()) {
            "P" => "perfect",
            "M" => "major",
            "m" => "minor",
            "A" => "augmented",
            "d" => "diminished",
            "AA" => "doubly augmented",
            "dd" => "doubly diminished",
            more if more.starts_with('A') => "multiply augmented",
            _ => "multiply diminished",
        };
        format!("{down}{quality} {}", ordinal(self.steps.abs() + 1))
    }
}

/// The name of an interval's number: prime, second … fifteenth, then 16th and so on.
fn ordinal(number: i32) -> String {
    const NAMES: [&str; 15] = [
        "prime",
        "second",
        "third",
        "fourth",
        "fifth",
        "sixth",
        "seventh",
        "octave",
        "ninth",
        "tenth",
        "eleventh",
        "twelfth",
        "thirteenth",
        "fourteenth",
        "fifteenth",
    ];
    let named = usize::try_from(number - 1).ok().and_then(|i| NAMES.get(i));
    named.map_or_else(|| format!("{number}th"), |name| name.to_string())
}

impl std::ops::Add for Interval {
    type Output = Interval;
    fn add(self, other: Interval) -> Interval {
        Interval::bounded(self.steps + other.steps, self.semitones + other.semitones)
    }
}

impl std::ops::Sub for Interval {
    type Output = Interval;
    fn sub(self, other: Interval) -> Interval {
        Interval::bounded(self.steps - other.steps, self.semitones - other.semitones)
    }
}

/// Primes, fourths, fifths and octaves are perfect; the rest is major or minor.
pub(super) fn is_perfect(steps: i32) -> bool {
    matches!(steps.rem_euclid(7), 0 | 3 | 4)
}

/// Semitones of the perfect or major interval over that many letters.
pub(super) fn natural(steps: i32) -> i32 {
    NATURALS[steps.rem_euclid(7) as usize] + 12 * steps.div_euclid(7)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back_as_they_were_written() {
        for name in ["P1", "m2", "M3", "A4", "d5", "d7", "P8", "M9", "A11", "m13", "-m3", "-P5", "dd5", "AA4"] {
            assert_eq!(Interval::parse(name).unwrap().name(), name);
        }
        for wrong in ["", "M", "3", "P3", "M5", "x3", "m3m", "M0", "--M3"] {
            assert!(Interval::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_inversion_completes_the_octave_both_ways() {
        for (name, inverted) in [("m3", "M6"), ("P1", "P8"), ("P8", "P1"), ("A4", "d5"), ("M9", "m7"), ("A1", "d8")] {
            assert_eq!(Interval::parse(name).unwrap().invert().name(), inverted);
        }
    }

    #[test]
    fn intervals_are_said_in_words() {
        let words = |t: &str| Interval::parse(t).unwrap().words();
        assert_eq!(words("-m3"), "descending minor third");
        assert_eq!(words("AA4"), "doubly augmented fourth");
        assert_eq!((words("M16"), words("P8")), ("major 16th".to_string(), "perfect octave".to_string()));
        let simple = |t: &str| Interval::parse(t).unwrap().simple().name();
        assert_eq!([simple("M10"), simple("-P12"), simple("P8"), simple("P15")], ["M3", "-P5", "P8", "P8"]);
    }

    #[test]
    fn pitch_classes_lie_upward() {
        let up = |a: &str, b: &str| Interval::between(Note::parse(a).unwrap(), Note::parse(b).unwrap()).name();
        assert_eq!((up("G", "C"), up("C", "B"), up("B", "C")), ("P4".into(), "M7".into(), "m2".into()));
    }

    #[test]
    fn number_first_means_the_same() {
        assert_eq!(Interval::parse("-2M"), Interval::parse("-M2"));
        assert_eq!(Interval::parse("5P").unwrap().semitones, 7);
    }
}
