//! Tunings: where the steps of an octave lie, in ratios to its first.

use super::TheoryError;

/// The steps of one period (an octave, unless a Scala text says otherwise), ascending from 1; others repeat at its multiples.
#[derive(Clone, Debug, PartialEq)]
pub struct Tuning {
    ratios: Vec<f64>,
    period: f64,
}

/// Five-limit just intonation: the twelve-note scale of thirds 5:4 and fifths 3:2 around the tonic.
const JUST: [(f64, f64); 12] = [
    (1.0, 1.0),
    (16.0, 15.0),
    (9.0, 8.0),
    (6.0, 5.0),
    (5.0, 4.0),
    (4.0, 3.0),
    (45.0, 32.0),
    (3.0, 2.0),
    (8.0, 5.0),
    (5.0, 3.0),
    (9.0, 5.0),
    (15.0, 8.0),
];

const NAMES: [&str; 5] = ["just", "pythagorean", "meantone", "harmonic", "12edo"];

/// The most steps of a period.
const MOST: usize = 311;

impl Tuning {
    /// Reads `19edo` (equal divisions of the octave, 1…311), a name (`just`, `pythagorean`, `meantone`: quarter-comma,
    /// `harmonic`: the overtones 8 to 15), or the text of a Scala file.
    pub fn parse(text: &str) -> Result<Tuning, TheoryError> {
        if text.contains('\n') {
            return Tuning::scala(text);
        }
        if let Some(count) = text.strip_suffix("edo").or(text.strip_suffix("tet")) {
            return match count.trim().parse::<usize>() {
                Ok(n) if (1..=MOST).contains(&n) => Ok(Tuning::equal(n)),
                _ => Err(TheoryError {
                    message: format!("expected 1 to {MOST} divisions of the octave, found \"{count}\""),
                    hint: Some("19edo".to_string()),
                }),
            };
        }
        match text {
            "just" | "ji" => Ok(Tuning::octave(JUST.map(|(over, under)| over / under).to_vec())),
            "pythagorean" => Ok(Tuning::of_fifths(1.5)),
            // Four fifths are two octaves and a pure third: 5^(1/4).
            "meantone" => Ok(Tuning::of_fifths(5f64.powf(0.25))),
            "harmonic" => Ok(Tuning::octave((8..16).map(|n| f64::from(n) / 8.0).collect())),
            _ => Err(TheoryError::unknown("tuning", text, NAMES.into_iter())),
        }
    }

    fn octave(ratios: Vec<f64>) -> Tuning {
        Tuning { ratios, period: 2.0 }
    }

    /// Equal steps.
    pub fn equal(count: usize) -> Tuning {
        Tuning::octave((0..count).map(|i| (i as f64 / count as f64).exp2()).collect())
    }

    /// Twelve notes of a chain of fifths: five below the tonic, six above it, as Db to F# lie around C.
    fn of_fifths(fifth: f64) -> Tuning {
        let mut ratios: Vec<f64> = (-5..=6)
            .map(|n: i32| {
                let ratio = fifth.powi(n);
                ratio / ratio.log2().floor().exp2()
            })
            .collect();
        ratios.sort_by(f64::total_cmp);
        Tuning::octave(ratios)
    }

    /// Reads the text of a Scala file: `!` opens comments, then a description, the number of notes, and a note a line, in cents
    /// (with a point) or as a ratio; the last is the period. Source: the Scala scale file format, Op de Coul.
    pub fn scala(text: &str) -> Result<Tuning, TheoryError> {
        let refused = |expected: &str, found: &str| TheoryError {
            message: format!("expected {expected} in a Scala text, found \"{}\"", found.trim()),
            hint: Some("a description, the number of notes, then lines such as 100.0 or 3/2".to_string()),
        };
        let mut lines = text.lines().filter(|line| !line.trim_start().starts_with('!'));
        lines.next();
        let counted = lines.next().unwrap_or_default();
        let count = counted.split_whitespace().next().and_then(|word| word.parse::<usize>().ok());
        let Some(count) = count.filter(|n| (1..=MOST).contains(n)) else {
            return Err(refused(&format!("the number of notes, 1 to {MOST},"), counted));
        };
        let mut ratios = vec![1.0];
        for _ in 0..count {
            let line = lines.next().unwrap_or_default();
            ratios
                .push(scala_pitch(line).ok_or_else(|| refused("cents such as 701.955 or a ratio such as 3/2", line))?);
        }
        let period = ratios.pop().filter(|p| *p > 1.0);
        let period = period.ok_or_else(|| refused("a last note above the first", lines.next().unwrap_or("1/1")))?;
        Ok(Tuning { ratios, period })
    }

    /// How many steps make a period.
    pub fn steps(&self) -> usize {
        self.ratios.len()
    }

    /// The ratio of a step to step 0, on through the octaves both ways.
    pub fn ratio(&self, step: i64) -> f64 {
        let count = self.ratios.len() as i64;
        let octaves = step.div_euclid(count).clamp(-12, 12) as i32;
        self.ratios[step.rem_euclid(count) as usize] * self.period.powi(octaves)
    }

    /// The size of a step above step 0 in cents.
    pub fn cents(&self, step: i64) -> f64 {
        1200.0 * self.ratio(step).log2()
    }
}

/// A note's line: cents where it has a point, else a ratio or a whole number; what follows it does not count.
fn scala_pitch(line: &str) -> Option<f64> {
    let word = line.split_whitespace().next()?;
    let ratio = if word.contains('.') {
        (word.parse::<f64>().ok()? / 1200.0).exp2()
    } else {
        let (over, under) = word.split_once('/').unwrap_or((word, "1"));
        over.parse::<u64>().ok()? as f64 / under.parse::<u64>().ok()? as f64
    };
    (ratio.is_finite() && ratio > 0.0).then_some(ratio)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twelve_equal_steps_are_the_piano() {
        let tuning = Tuning::parse("12edo").unwrap();
        assert!((tuning.ratio(9) - 440.0 / 261.6255653).abs() < 1e-8);
        assert_eq!(tuning.ratio(24), 4.0);
    }

    #[test]
    fn a_just_fifth_is_three_to_two_in_every_octave() {
        let tuning = Tuning::parse("just").unwrap();
        assert_eq!((tuning.ratio(7), tuning.ratio(-5)), (1.5, 0.75));
        assert!(Tuning::parse("0edo").is_err() && Tuning::parse("jus").unwrap_err().hint.as_deref() == Some("just"));
    }

    #[test]
    fn chains_of_fifths_have_twelve_ascending_notes_and_their_commas() {
        let pythagorean = Tuning::parse("pythagorean").unwrap();
        assert!((pythagorean.cents(4) - 407.82).abs() < 0.01 && (pythagorean.cents(7) - 701.955).abs() < 0.001);
        let meantone = Tuning::parse("meantone").unwrap();
        assert!((meantone.ratio(4) - 1.25).abs() < 1e-12 && (meantone.cents(7) - 696.578).abs() < 0.001);
        for tuning in [pythagorean, meantone] {
            assert_eq!(tuning.steps(), 12);
            assert!((0..24).all(|step| tuning.ratio(step) < tuning.ratio(step + 1)));
        }
    }

    #[test]
    fn a_scala_text_is_read_with_its_period() {
        let text = "! a.scl\n!\nthree notes\n 3\n!\n 9/8\n 701.955 fifth\n 2/1\n";
        let tuning = Tuning::parse(text).unwrap();
        assert_eq!((tuning.steps(), tuning.ratio(1), tuning.ratio(4)), (3, 1.125, 2.25));
        assert!((tuning.cents(2) - 701.955).abs() < 1e-9);
        let tritave = Tuning::scala("Bohlen\n1\n3/1").unwrap();
        assert_eq!(tritave.ratio(2), 9.0);
        for wrong in ["\n", "x\n0\n", "x\n2\n3/2\n", "x\n1\n0/1\n", "x\n1\n1/0", "x\n1\nfive", "x\n999\n", "x\n1\n1/2"]
        {
            assert!(Tuning::scala(wrong).is_err(), "{wrong:?}");
        }
    }
}
