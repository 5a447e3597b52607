//! Bytes as a composition of the vocabulary's words: whatever it means, cutting a query never changes its haps.
#![no_main]

#[path = "../../tests/laws/law.rs"]
mod law;
#[path = "../../tests/laws/material.rs"]
#[allow(dead_code, reason = "the other targets use the rest")]
mod material;

use libfuzzer_sys::{Corpus, fuzz_target};
use segue::pattern::Time;

fuzz_target!(|bytes: &[u8]| -> Corpus {
    let [fineness, begin, first, second, words @ ..] = bytes else { return Corpus::Reject };
    let mut numbers = words.chunks(2).map(|pair| pair.iter().fold(0, |n, byte| n << 8 | usize::from(*byte)));
    let code = material::expression(&mut numbers);
    let Some(pattern) = material::pattern(&code) else { return Corpus::Reject };
    let far = if fineness & 4 == 0 { Time::ZERO } else { Time::int(1000) };
    let part = [24, 35, 64, 7][usize::from(fineness & 3)];
    let at = |n: i64| far + Time::new(n, part);
    let (begin, first, second) = (i64::from(*begin), i64::from(first % 48) + 1, i64::from(second % 48) + 1);
    let said = law::splits(&pattern, at(begin), at(begin + first), at(begin + first + second));
    said.unwrap_or_else(|why| panic!("code {code}\n{why}"));
    Corpus::Keep
});
