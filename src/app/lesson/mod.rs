//! Lessons: one idea, a snippet that plays, a question whose answer is heard, and hints; each is a page of Markdown.
//!
//! ```text
//! # Its title
//!
//! The idea, in a few lines.
//!
//! (fence)segue
//! what plays
//! (fence)
//!
//! What to change while it plays.
//!
//! ## Question
//!
//! What to make it do.
//!
//! (fence)answer onsets sounds          which aspects count: see `Aspect`
//! one way to do it
//! (fence)
//!
//! (fence)wrong
//! what some will type instead
//! (fence)
//! What to tell them.
//!
//! ## Hints
//!
//! - The first hint.
//! - The next.
//! ```

mod course;
mod judge;
mod learner;

pub use course::{Course, list, remember};
pub use judge::Aspect;
pub use learner::Learner;

/// A lesson as it is written.
#[derive(Clone, Debug, PartialEq)]
pub struct Lesson {
    /// Its file's name without the end: what progress is remembered by.
    pub name: String,
    pub title: String,
    /// What is said before the snippet plays, and after.
    pub idea: String,
    pub snippet: String,
    pub change: String,
    pub question: String,
    pub aspects: Vec<Aspect>,
    pub answer: String,
    pub wrong: Vec<Wrong>,
    pub hints: Vec<String>,
}

/// A wrong answer that is expected, and what to say to it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wrong {
    pub code: String,
    pub say: String,
}

/// What stands in a fence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fence {
    Snippet,
    Answer,
    Wrong,
}

impl Lesson {
    /// Reads a lesson.
    ///
    /// # Errors
    /// Where something is missing or not known: the line, what was expected and what was found.
    pub fn read(name: &str, text: &str) -> Result<Lesson, String> {
        let mut lesson = Lesson {
            name: name.to_string(),
            title: String::new(),
            idea: String::new(),
            snippet: String::new(),
            change: String::new(),
            question: String::new(),
            aspects: Vec::new(),
            answer: String::new(),
            wrong: Vec::new(),
            hints: Vec::new(),
        };
        let (mut part, mut fence) = ("", None);
        for (line, number) in text.lines().zip(1..) {
            let fault = |message: String| format!("{name}, line {number}: {message}");
            if let Some(words) = line.strip_prefix("```") {
                fence = match (fence, words.trim()) {
                    (Some(_), "") => None,
                    (None, words) => Some(lesson.open(words).map_err(fault)?),
                    (Some(_), words) => return Err(fault(format!("the fence's end ``` expected, found `{words}`"))),
                };
                continue;
            }
            let place = match fence {
                Some(Fence::Snippet) => &mut lesson.snippet,
                Some(Fence::Answer) => &mut lesson.answer,
                Some(Fence::Wrong) => &mut lesson.wrong.last_mut().expect("an open fence has its place").code,
                None => match (line.strip_prefix("# "), line.strip_prefix("## "), line.strip_prefix("- ")) {
                    (Some(title), ..) => {
                        lesson.title = title.trim().to_string();
                        continue;
                    }
                    (_, Some("Question"), _) => {
                        part = "Question";
                        continue;
                    }
                    (_, Some("Hints"), _) => {
                        part = "Hints";
                        continue;
                    }
                    (_, Some(other), _) => {
                        return Err(fault(format!("`## Question` or `## Hints` expected, found `## {other}`")));
                    }
                    (.., Some(hint)) if part == "Hints" => {
                        lesson.hints.push(hint.trim().to_string());
                        continue;
                    }
                    _ if part == "Hints" => match lesson.hints.last_mut() {
                        Some(hint) if !line.trim().is_empty() => {
                            hint.push(' ');
                            hint.push_str(line.trim());
                            continue;
                        }
                        _ => continue,
                    },
                    _ if part == "Question" => match lesson.wrong.last_mut() {
                        Some(wrong) => &mut wrong.say,
                        None => &mut lesson.question,
                    },
                    _ if lesson.snippet.is_empty() => &mut lesson.idea,
                    _ => &mut lesson.change,
                },
            };
            place.push_str(line);
            place.push('\n');
        }
        lesson.whole().map_err(|missing| format!("{name}: {missing}"))
    }

    /// What a fence's first line opens.
    fn open(&mut self, words: &str) -> Result<Fence, String> {
        let mut words = words.split_whitespace();
        match words.next() {
            Some("segue") => Ok(Fence::Snippet),
            Some("wrong") => {
                self.wrong.push(Wrong::default());
                Ok(Fence::Wrong)
            }
            Some("answer") => {
                self.aspects = words.map(str::parse).collect::<Result<_, _>>()?;
                Ok(Fence::Answer)
            }
            other => Err(format!("a fence of segue, answer or wrong expected, found `{}`", other.unwrap_or_default())),
        }
    }

    /// The same with its texts trimmed, if nothing is missing.
    fn whole(mut self) -> Result<Lesson, String> {
        let texts = [&mut self.idea, &mut self.snippet, &mut self.change, &mut self.question, &mut self.answer];
        let wrong = self.wrong.iter_mut().flat_map(|wrong| [&mut wrong.code, &mut wrong.say]);
        texts.into_iter().chain(wrong).for_each(|text| *text = text.trim().to_string());
        let needed = [
            (self.title.is_empty(), "a title, `# …`"),
            (self.idea.is_empty(), "the idea before the snippet"),
            (self.snippet.is_empty(), "a snippet, ```segue"),
            (self.question.is_empty(), "a question after `## Question`"),
            (self.answer.is_empty(), "an answer, ```answer"),
            (self.aspects.is_empty(), "what the answer is judged by, as ```answer onsets sounds"),
            (self.hints.is_empty(), "hints, `- …` after `## Hints`"),
            (self.wrong.iter().any(|wrong| wrong.say.is_empty()), "what to say to a wrong answer, after its fence"),
        ];
        match needed.into_iter().find(|(missing, _)| *missing) {
            Some((_, what)) => Err(format!("{what} expected, found none")),
            None => Ok(self),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# Four\n\nAn idea.\n\n```segue\ntrack a = s(\"bd\");\n```\n\nChange it.\n\n## Question\n\nFour?\n\n\
        ```answer onsets sounds\ntrack a = s(\"bd*4\");\n```\n\n```wrong\ntrack a = s(\"bd*2\");\n```\nThat is two.\n\n\
        ## Hints\n\n- Count\n  them.\n- `*4`\n";

    #[test]
    fn a_page_is_read_with_all_its_parts() {
        let lesson = Lesson::read("four", PAGE).unwrap();
        assert_eq!((&*lesson.title, &*lesson.idea, &*lesson.change), ("Four", "An idea.", "Change it."));
        assert_eq!((&*lesson.snippet, &*lesson.answer), ("track a = s(\"bd\");", "track a = s(\"bd*4\");"));
        assert_eq!(lesson.aspects, [Aspect::Onsets, Aspect::Sounds]);
        assert_eq!(lesson.wrong, [Wrong { code: "track a = s(\"bd*2\");".into(), say: "That is two.".into() }]);
        assert_eq!(lesson.hints, ["Count them.", "`*4`"]);
    }

    #[test]
    fn what_is_missing_or_unknown_is_told_with_its_line() {
        let without = |what: &str| Lesson::read("four", &PAGE.replace(what, "")).unwrap_err();
        assert_eq!(
            without("That is two."),
            "four: what to say to a wrong answer, after its fence expected, found none"
        );
        assert!(without("# Four\n").contains("a title"));
        let unknown = Lesson::read("four", &PAGE.replace("onsets", "onset")).unwrap_err();
        assert!(unknown.starts_with("four, line 15: ") && unknown.contains("onsets"), "{unknown}");
        let unknown = Lesson::read("four", &PAGE.replace("```wrong", "```rong")).unwrap_err();
        assert!(unknown.contains("found `rong`"), "{unknown}");
    }
}
