//! Tunings: where the steps of an octave lie, in ratios to its first.

use super::TheoryError;

/// The steps of one octave, ascending from 1; steps beyond it repeat at its multiples.
#[derive(Clone, Debug, PartialEq)]
pub struct Tuning {
    ratios: Vec<f64>,
}

/// Name and ratios: five-limit just intonation, Pythagorean fifths, the overtones 8 to 15.
const NAMED: &[(&str, &[f64])] = &[
    (
        "just",
        &[
            1.0,
            16.0 / 15.0,
            9.0 / 8.0,
            6.0 / 5.0,
            5.0 / 4.0,
            4.0 / 3.0,
            45.0 / 32.0,
            3.0 / 2.0,
            8.0 / 5.0,
            5.0 / 3.0,
            9.0 / 5.0,
            15.0 / 8.0,
        ],
    ),
    (
        "pythagorean",
        &[
            1.0,
            256.0 / 243.0,
            9.0 / 8.0,
            32.0 / 27.0,
            81.0 / 64.0,
            4.0 / 3.0,
            729.0 / 512.0,
            3.0 / 2.0,
            128.0 / 81.0,
            27.0 / 16.0,
            16.0 / 9.0,
            243.0 / 128.0,
        ],
    ),
    ("harmonic", &[1.0, 9.0 / 8.0, 5.0 / 4.0, 11.0 / 8.0, 3.0 / 2.0, 13.0 / 8.0, 7.0 / 4.0, 15.0 / 8.0]),
];

impl Tuning {
    /// Reads `19edo` (equal divisions of the octave, 1…311) or a name of the table.
    pub fn parse(text: &str) -> Result<Tuning, TheoryError> {
        if let Some(count) = text.strip_suffix("edo") {
            return match count.parse::<usize>() {
                Ok(n) if (1..=311).contains(&n) => Ok(Tuning::equal(n)),
                _ => Err(TheoryError {
                    message: format!("expected 1 to 311 divisions of the octave, found \"{count}\""),
                    hint: Some("19edo".to_string()),
                }),
            };
        }
        match NAMED.iter().find(|(name, _)| *name == text) {
            Some((_, ratios)) => Ok(Tuning { ratios: ratios.to_vec() }),
            None => Err(TheoryError::unknown("tuning", text, NAMED.iter().map(|&(n, _)| n).chain(["12edo"]))),
        }
    }

    /// Equal steps.
    fn equal(count: usize) -> Tuning {
        Tuning { ratios: (0..count).map(|i| (i as f64 / count as f64).exp2()).collect() }
    }

    /// How many steps make an octave.
    pub fn steps(&self) -> usize {
        self.ratios.len()
    }

    /// The ratio of a step to step 0, on through the octaves both ways.
    pub fn ratio(&self, step: i64) -> f64 {
        let count = self.ratios.len() as i64;
        let octaves = step.div_euclid(count).clamp(-12, 12) as i32;
        self.ratios[step.rem_euclid(count) as usize] * 2f64.powi(octaves)
    }
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
}
