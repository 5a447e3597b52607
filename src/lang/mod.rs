//! The language: a text in, a score and diagnostics out.

pub mod argument;
mod automation;
pub mod callback;
mod desk;
mod dispatch;
pub mod fault;
mod limits;
pub mod part;
mod patterns;
pub mod word;
