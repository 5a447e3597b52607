//! Any text as a journal: it is refused with one of its lines, or every moment in it can be played.
#![no_main]

use libfuzzer_sys::fuzz_target;
use segue::session::{Moment, Rehearsal};

fuzz_target!(|text: &str| {
    match Rehearsal::read(text) {
        Err(error) => {
            assert!(!error.message.is_empty());
            assert!((1..=text.lines().count().max(1)).contains(&error.line), "{error:?}: no such line");
        }
        Ok(rehearsal) => {
            assert!(rehearsal.rate.is_finite() && rehearsal.entries.len() < text.lines().count());
            for entry in &rehearsal.entries {
                let playable = match entry.at {
                    Moment::Frame(_) => true,
                    Moment::Cycle(cycle) => cycle.is_finite() && cycle >= 0.0,
                };
                assert!(playable, "{entry:?}");
            }
        }
    }
});
