//! `segue learn`: the list of lessons, or one of them, live.

use super::args::{Learn, Play};
use super::evaluator::Learn as Begun;
use super::lesson::{self, Course, Learner};
use super::{Failure, out, play};

pub fn run(asked: Learn) -> Result<(), Failure> {
    let course = asked.folder.as_deref().map_or_else(|| Ok(Course::own()), Course::of)?;
    let Some(word) = &asked.lesson else { return out::show(&format!("{}\n", lesson::list(&course))) };
    let Some(at) = course.find(word) else {
        return Err(Failure::Usage(format!(
            "a lesson by its number or words of its title expected, found `{word}`; `segue learn` lists them"
        )));
    };
    let play = Play { device: asked.device, seconds: asked.seconds, ..Play::default() };
    play::run(play, Some(Begun::Begin(Box::new(Learner::new(course, at)))))
}
