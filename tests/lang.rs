//! The language as its users meet it: words, examples, scores, errors and limits.

#[path = "lang/bounds.rs"]
mod bounds;
#[path = "lang/callbacks.rs"]
mod callbacks;
#[path = "lang/examples.rs"]
mod examples;
#[path = "lang/mistakes.rs"]
mod mistakes;
#[path = "lang/peers.rs"]
mod peers;
#[path = "lang/places.rs"]
mod places;
#[path = "lang/scores.rs"]
mod scores;
#[path = "lang/words.rs"]
mod words;
