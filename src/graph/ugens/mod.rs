//! The table of ugens: one row per word, with its code, documentation, example and parameters.

mod arithmetic;
mod blep;
mod delays;
mod dynamics;
mod envelopes;
mod feedback;
mod filters;
pub mod kernel;
mod lines;
mod mixing;
mod modulation;
mod noises;
mod oscillators;
mod past;
mod phases;
mod poles;
mod powers;
mod reverbs;
mod rounding;
mod row;
mod shapers;
mod slopes;
mod svf;
mod tones;
pub mod unit;

use std::collections::HashMap;
use std::sync::OnceLock;

pub use arithmetic::fold;
pub use feedback::Feedback;
pub use row::{Build, Make, Param, Rate, Row, Width};

/// All rows, by category.
pub fn rows() -> &'static [Row] {
    static ROWS: OnceLock<Vec<Row>> = OnceLock::new();
    ROWS.get_or_init(|| {
        [
            oscillators::ROWS,
            tones::ROWS,
            noises::ROWS,
            filters::ROWS,
            envelopes::ROWS,
            shapers::ROWS,
            delays::ROWS,
            reverbs::ROWS,
            modulation::ROWS,
            dynamics::ROWS,
            mixing::ROWS,
            arithmetic::ROWS,
        ]
        .concat()
    })
}

/// The row of a name or alias.
pub fn row(name: &str) -> Option<&'static Row> {
    static NAMES: OnceLock<HashMap<&'static str, &'static Row>> = OnceLock::new();
    let names = NAMES.get_or_init(|| {
        let words = |row: &'static Row| row.aliases.iter().chain([&row.name]).map(move |word| (*word, row));
        rows().iter().flat_map(words).collect()
    });
    names.get(name).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_and_alias_is_given_once() {
        let mut words: Vec<_> = rows().iter().flat_map(|r| r.aliases.iter().chain([&r.name])).collect();
        let all = words.len();
        words.sort();
        words.dedup();
        assert_eq!(words.len(), all);
    }

    #[test]
    fn two_outputs_come_from_no_input_or_two() {
        for row in rows() {
            assert!(row.outputs == 1 || row.inputs != 1, "{} would make four channels of two", row.name);
        }
    }
}
