//! Any text as mini-notation: it is refused with a place and a remedy, or it keeps the law of query, near and far away.
#![no_main]

#[path = "../../tests/laws/law.rs"]
mod law;

use libfuzzer_sys::fuzz_target;
use segue::pattern::Time;

fuzz_target!(|text: &str| {
    let far = Time::int(1_000_000);
    let cuts = [
        (Time::ZERO, Time::new(5, 7), Time::int(2)),
        (Time::new(-3, 2), Time::new(-1, 3), Time::HALF),
        (far + Time::new(1, 3), far + Time::ONE, far + Time::new(9, 8)),
    ];
    law::well_read(text, &cuts).unwrap_or_else(|why| panic!("{why}"));
});
