//! The language: a text in, a score and diagnostics out.
