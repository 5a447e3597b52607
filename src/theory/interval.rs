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

    /// The usual name of a number of semitones: six is a diminished fifth.
    pub fn from_semitones(semitones: i32) -> Interval {
        const STEPS: [i32; 12] = [0, 1, 1, 2, 2, 3, 4, 4, 5, 5, 6, 6];
        let size = semitones.abs();
        let steps = STEPS[(size % 12) as usize] + 7 * (size / 12);
        Interval { steps: semitones.signum() * steps, semitones }
    }

    /// From one note to another.
    pub fn between(from: Note, to: Note) -> Interval {
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

    /// What completes it to an octave: a minor third's inversion is a major sixth.
    pub fn invert(&self) -> Interval {
        let (steps, octaves) = (self.steps.rem_euclid(7), self.steps.div_euclid(7));
        let semitones = self.semitones - 12 * octaves;
        Interval { steps: (7 - steps) % 7, semitones: if steps == 0 { -semitones } else { 12 - semitones } }
    }
}

impl std::ops::Add for Interval {
    type Output = Interval;
    fn add(self, other: Interval) -> Interval {
        Interval { steps: self.steps + other.steps, semitones: self.semitones + other.semitones }
    }
}

impl std::ops::Sub for Interval {
    type Output = Interval;
    fn sub(self, other: Interval) -> Interval {
        Interval { steps: self.steps - other.steps, semitones: self.semitones - other.semitones }
    }
}

/// Primes, fourths, fifths and octaves are perfect; the rest is major or minor.
fn is_perfect(steps: i32) -> bool {
    matches!(steps.rem_euclid(7), 0 | 3 | 4)
}

/// Semitones of the perfect or major interval over that many letters.
fn natural(steps: i32) -> i32 {
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
    fn number_first_means_the_same() {
        assert_eq!(Interval::parse("-2M"), Interval::parse("-M2"));
        assert_eq!(Interval::parse("5P").unwrap().semitones, 7);
    }
}
