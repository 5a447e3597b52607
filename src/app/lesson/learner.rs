//! Somebody who takes a lesson: what they have said so far, and what is said to it.

use std::collections::BTreeMap;

use segue::lang::{Interpreter, NoFiles};
use segue::score::Score;

use super::course::Course;
use super::judge::Meaning;
use super::{Lesson, list};

/// Letters in a line of a lesson's text.
const WIDTH: usize = 76;

/// A course, and the lesson that is open.
#[derive(Clone)]
pub struct Learner {
    course: Course,
    at: usize,
    asked: Asked,
    /// What every owner has said since the lesson began.
    said: BTreeMap<String, Score>,
    hints: usize,
    done: bool,
}

/// What is said to something that is neither the answer nor a mistake that was foreseen.
const OTHER: &str = "heard; the question asks for something else (:hint helps)";

/// What the open lesson waits for.
#[derive(Clone)]
struct Asked {
    /// What plays when it begins.
    begun: Option<Meaning>,
    right: Option<Meaning>,
    wrong: Vec<(Meaning, String)>,
}

impl Asked {
    fn of(lesson: &Lesson) -> Asked {
        let mut interpreter = Interpreter::new();
        let mut means = |code: &str| {
            let evaluation = interpreter.evaluate("lesson", code, &NoFiles).ok()?;
            interpreter.forget("lesson");
            Some(Meaning::of(&evaluation.score, &lesson.aspects))
        };
        Asked {
            begun: means(&lesson.snippet),
            right: means(&lesson.answer),
            wrong: lesson.wrong.iter().filter_map(|wrong| Some((means(&wrong.code)?, wrong.say.clone()))).collect(),
        }
    }
}

impl Learner {
    /// Opens a lesson of a course.
    pub fn new(course: Course, at: usize) -> Learner {
        let asked = Asked::of(&course.0[at]);
        Learner { course, at, asked, said: BTreeMap::new(), hints: 0, done: false }
    }

    /// Opens another lesson of the course: by number or words, or the next one. Err: what there is.
    pub fn turn_to(&mut self, word: Option<&str>) -> Result<(), String> {
        let at = match word {
            Some(word) => self.course.find(word),
            None => Some(self.at + 1).filter(|at| *at < self.course.0.len()),
        };
        let at = at.ok_or_else(|| list(&self.course))?;
        *self = Learner::new(std::mem::replace(&mut self.course, Course(Vec::new())), at);
        Ok(())
    }

    pub fn course(&self) -> &Course {
        &self.course
    }

    pub fn lesson(&self) -> &Lesson {
        &self.course.0[self.at]
    }

    /// The lesson's page: what it says before the learner types.
    pub fn page(&self) -> String {
        let lesson = self.lesson();
        let code: String = lesson.snippet.lines().map(|line| format!("    {line}\n")).collect();
        let head = format!("Lesson {} of {}: {}", self.at + 1, self.course.0.len(), lesson.title);
        let rule = "─".repeat(head.chars().count());
        let parts = [format!("{head}\n{rule}"), wrapped(&lesson.idea), code.trim_end().to_string()];
        let rest = [wrapped(&lesson.change), wrapped(&format!("Question: {}", lesson.question))];
        let page = parts.into_iter().chain(rest).filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n");
        format!("{page}\n\n:hint helps, :next goes on, :learn lists the lessons")
    }

    /// Hears what somebody says; what there is to say to it, if anything. A right answer is praised once.
    pub fn hear(&mut self, owner: &str, score: &Score) -> Option<String> {
        let before = self.said.remove(owner).unwrap_or_default();
        self.said.insert(owner.to_string(), score.over(&before));
        let whole = self.said.values().fold(Score::default(), |below, score| score.over(&below));
        let meaning = Meaning::of(&whole, &self.lesson().aspects);
        if self.asked.right.as_ref().is_some_and(|right| meaning.does(right)) {
            let first = !std::mem::replace(&mut self.done, true);
            return first.then(|| "✓ right; that is what it does. :next goes on, or play with it".to_string());
        }
        let wrong = self.asked.wrong.iter().find(|(wrong, _)| meaning.does(wrong));
        let known = wrong.map(|(_, say)| wrapped(&format!("not yet: {say}")));
        let line = Meaning::of(score, &self.lesson().aspects);
        let begun = self.asked.begun.as_ref().is_some_and(|begun| begun.does(&line));
        // Somebody who plays on after the answer is left alone.
        known.or_else(|| (!begun && !self.done).then(|| OTHER.to_string()))
    }

    /// Whether the question was answered.
    pub fn done(&self) -> bool {
        self.done
    }

    /// The next rung of the ladder; the last one is an answer.
    pub fn hint(&mut self) -> String {
        let lesson = &self.course.0[self.at];
        let hint = lesson.hints.get(self.hints);
        self.hints += 1;
        match hint {
            Some(hint) => wrapped(&format!("hint {}: {hint}", self.hints)),
            None => format!("one answer of many:\n\n    {}", lesson.answer.replace('\n', "\n    ")),
        }
    }
}

/// The words of a text; what stands between two backquotes is one.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match words.last_mut().filter(|last| last.matches('`').count() % 2 == 1) {
            Some(last) => *last += &format!(" {word}"),
            None => words.push(word.to_string()),
        }
    }
    words
}

/// A text in lines that fit, its paragraphs kept.
fn wrapped(text: &str) -> String {
    let paragraph = |paragraph: &str| {
        let mut lines = vec![String::new()];
        for word in words(paragraph) {
            let line = lines.last_mut().expect("there is a line");
            if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > WIDTH {
                lines.push(word);
            } else {
                line.push_str(if line.is_empty() { "" } else { " " });
                line.push_str(&word);
            }
        }
        lines.join("\n")
    };
    text.split("\n\n").map(paragraph).collect::<Vec<_>>().join("\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use segue::engine::Config;
    use segue::session::{Moment, Session, When};

    fn score(interpreter: &mut Interpreter, code: &str) -> Score {
        let evaluation = interpreter.evaluate("repl", code, &NoFiles);
        interpreter.forget("repl");
        evaluation.unwrap_or_else(|why| panic!("{code}: {why:#?}")).score
    }

    /// The loudest sample of the first three seconds.
    fn loudest(interpreter: &mut Interpreter, code: &str) -> f32 {
        let (mut session, mut renderer) = Session::new(Config::default(), interpreter.library().clone(), 0);
        assert_eq!(session.load("repl", score(interpreter, code), When::At(Moment::Frame(0))), [], "{code}");
        let (mut block, mut peak) = ([0.0f32; 1024], 0.0f32);
        for _ in 0..3 * 48_000 / 512 {
            session.tick();
            renderer.process(&[], &mut block);
            peak = block.iter().fold(peak, |peak, x| peak.max(x.abs()));
        }
        peak
    }

    #[test]
    fn every_lesson_sounds_knows_its_answer_and_three_wrong_ones_and_fits_a_screen() {
        let course = Course::own();
        assert!(course.0.len() >= 30, "{} lessons", course.0.len());
        let mut interpreter = Interpreter::new();
        let faults: Vec<String> = (0..course.0.len()).flat_map(|at| faults(&course, at, &mut interpreter)).collect();
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    }

    /// What is wrong with a lesson.
    fn faults(course: &Course, at: usize, interpreter: &mut Interpreter) -> Vec<String> {
        let lesson = &course.0[at];
        // Somebody who has begun the lesson and then says this.
        let new = Learner::new(course.clone(), at);
        let mut told = |code: Option<&str>| {
            let mut learner = new.clone();
            let begun = learner.hear("repl", &score(interpreter, &lesson.snippet));
            code.map_or(begun, |code| learner.hear("repl", &score(interpreter, code))).unwrap_or_default()
        };
        let page = new.page();
        let (begun, answered) = (told(None), told(Some(&lesson.answer)));
        let wide = page.lines().map(|line| line.chars().count()).max().unwrap_or(0);
        let mut faults = vec![
            (!begun.is_empty(), format!("nothing was asked yet: {begun}")),
            (!answered.starts_with('✓'), format!("no answer: {answered}")),
            (lesson.wrong.len() < 3 || lesson.hints.len() < 2, "too few hints or wrong answers".to_string()),
            (wide > 80 || page.lines().count() > 30, format!("more than a screen: {page}")),
        ];
        for wrong in &lesson.wrong {
            let (heard, say) = (told(Some(&wrong.code)), wrapped(&format!("not yet: {}", wrong.say)));
            faults.push((heard != say, format!("{}: {heard:?}", wrong.code)));
        }
        faults.push((loudest(interpreter, &lesson.snippet) < 0.003, "the snippet is silent".into()));
        faults.retain(|(fault, _)| *fault);
        faults.into_iter().map(|(_, why)| format!("{}: {why}", lesson.name)).collect()
    }

    #[test]
    fn what_is_neither_the_answer_nor_foreseen_is_heard_and_what_was_asked_in_one_track_is_right_in_two() {
        let mut interpreter = Interpreter::new();
        let mut learner = Learner::new(Course::own(), 0);
        learner.turn_to(Some("backbeat")).unwrap();
        let mut told = |code: &str| learner.hear("repl", &score(&mut interpreter, code)).unwrap_or_default();
        assert_eq!(told("track kick = s(\"bd ~ bd ~\");"), "", "what plays already");
        assert_eq!(told("track hat = s(\"hh*8\");"), OTHER);
        assert!(told("track drums = s(\"~ [sd,rim] ~ [sd,rim]\");").starts_with('✓'));
    }

    #[test]
    fn the_ladder_of_hints_ends_with_an_answer() {
        let mut learner = Learner::new(Course::own(), 0);
        let rungs = learner.lesson().hints.len();
        let ladder: Vec<String> = (0..=rungs).map(|_| learner.hint()).collect();
        assert!(ladder[0].starts_with("hint 1: ") && ladder[rungs].contains(&learner.lesson().answer));
    }

    #[test]
    fn lessons_are_found_by_number_and_by_words() {
        let mut learner = Learner::new(Course::own(), 0);
        learner.turn_to(Some("3")).unwrap();
        assert_eq!(learner.at, 2);
        learner.turn_to(None).unwrap();
        assert_eq!(learner.at, 3);
        assert!(learner.turn_to(Some("999")).unwrap_err().contains("segue learn"));
    }
}
