//! The language as its users meet it: words, examples, scores, errors and limits.

#[path = "lang/examples.rs"]
mod examples;
#[path = "lang/mistakes.rs"]
mod mistakes;
#[path = "lang/scores.rs"]
mod scores;
