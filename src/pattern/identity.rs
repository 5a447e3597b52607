//! Identity: the 128-bit digest, the counted size and the depth of the expression that made a pattern.

use std::sync::Arc;

use super::hap::Hap;
use super::time::Time;
use super::value::Value;
use super::{Node, Pattern, Query};

/// A pattern of more parts than this, sharing undone, is refused.
pub const MAX_SIZE: u64 = 1 << 20;
/// A pattern nested deeper than this is refused: its queries recurse, and the stack of a thread is finite.
pub const MAX_DEPTH: u32 = 400;
/// Patterns made while a query runs stand on top of the one that was asked.
const SPARE_DEPTH: u32 = 60;

/// A stable 128-bit digest; the same input gives the same digest in every process and on every machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest(u128);

/// An odd constant with its bits well mixed (π's fraction).
const MIX: u128 = 0x243f_6a88_85a3_08d3_1319_8a2e_0370_7345;

impl Digest {
    pub const fn new() -> Digest {
        Digest(MIX)
    }

    pub fn word(self, word: u128) -> Digest {
        let mixed = (self.0 ^ word).wrapping_mul(MIX);
        Digest((mixed ^ (mixed >> 67)).wrapping_mul(MIX).rotate_left(29))
    }

    pub fn text(self, text: &str) -> Digest {
        let mut digest = self.word(text.len() as u128);
        for chunk in text.as_bytes().chunks(16) {
            let mut word = [0; 16];
            word[..chunk.len()].copy_from_slice(chunk);
            digest = digest.word(u128::from_le_bytes(word));
        }
        digest
    }

    pub fn time(self, time: Time) -> Digest {
        self.word(time.numerator() as u64 as u128 | (time.denominator() as u128) << 64)
    }

    pub fn value(self, value: &Value) -> Digest {
        match value {
            Value::Number(x) => self.word(1).word((x + 0.0).to_bits() as u128),
            Value::Ratio(t) => self.word(2).time(*t),
            Value::Bool(b) => self.word(3).word(u128::from(*b)),
            Value::Text(word) => self.word(4).text(word),
            Value::List(values) => values.iter().fold(self.word(5).word(values.len() as u128), |d, v| d.value(v)),
            Value::Map(controls) => {
                controls.iter().fold(self.word(6).word(controls.len() as u128), |d, (name, v)| d.text(name).value(v))
            }
        }
    }

    pub fn finish(self) -> u128 {
        self.0
    }

    /// Half of it, for seeds.
    pub fn half(self) -> u64 {
        (self.0 ^ (self.0 >> 64)) as u64
    }
}

impl Default for Digest {
    fn default() -> Self {
        Digest::new()
    }
}

/// The identity of a pattern in the making: its word, then everything the word was given, in order.
#[derive(Clone)]
pub(crate) struct Id {
    digest: Digest,
    size: u64,
    depth: u32,
    /// The value of a pattern that will be nothing but one value per cycle.
    held: Option<Value>,
}

impl Id {
    pub fn of(word: &str) -> Id {
        Id { digest: Digest::new().text(word), size: 1, depth: 1, held: None }
    }

    pub fn on(self, pattern: &Pattern) -> Id {
        Id {
            digest: self.digest.word(pattern.hash()),
            size: self.size.saturating_add(pattern.size()),
            depth: self.depth.max(pattern.depth().saturating_add(1)),
            ..self
        }
    }

    pub fn all<'a>(self, patterns: impl IntoIterator<Item = &'a Pattern>) -> Id {
        patterns.into_iter().fold(self, Id::on)
    }

    pub fn time(self, time: Time) -> Id {
        Id { digest: self.digest.time(time), ..self }
    }

    pub fn number(self, x: f64) -> Id {
        Id { digest: self.digest.word(x.to_bits() as u128), ..self }
    }

    pub fn text(self, text: &str) -> Id {
        Id { digest: self.digest.text(text), ..self }
    }

    pub fn word(self, word: u128) -> Id {
        Id { digest: self.digest.word(word), ..self }
    }

    pub fn value(self, value: &Value) -> Id {
        Id { digest: self.digest.value(value), ..self }
    }

    pub fn holding(self, held: Option<Value>) -> Id {
        Id { held, ..self }
    }

    /// Half of the digest so far, as the number of this occurrence among all chances.
    pub fn occurrence(&self) -> u64 {
        self.digest.half()
    }

    pub fn pattern(self, steps: Option<Time>, query: impl Fn(&Query) -> Vec<Hap> + Send + Sync + 'static) -> Pattern {
        Pattern(Arc::new(self.node(steps, query)))
    }

    /// A pattern that never got beyond all use is what it says; one that did is silent, and holds on to nothing.
    pub(super) fn node(self, steps: Option<Time>, query: impl Fn(&Query) -> Vec<Hap> + Send + Sync + 'static) -> Node {
        let usable = self.size <= MAX_SIZE && self.depth <= MAX_DEPTH + SPARE_DEPTH;
        Node {
            hash: self.digest.finish(),
            size: self.size,
            depth: self.depth,
            steps,
            value: self.held,
            query: if usable { Box::new(query) } else { Box::new(|_| Vec::new()) },
        }
    }
}
