//! A course: lessons in their order, the built-in ones or a teacher's folder, and which of them were done.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;

use include_dir::{Dir, include_dir};

use super::Lesson;
use crate::app::{Failure, state};

static LESSONS: Dir = include_dir!("$CARGO_MANIFEST_DIR/stdlib/lessons");

/// Where it is remembered which lessons were done: a name on each line.
const DONE: &str = "lessons";

#[derive(Clone, Debug)]
pub struct Course(pub Vec<Lesson>);

impl Course {
    /// The lessons that come with the program.
    pub fn own() -> Course {
        let mut files: Vec<_> = LESSONS.files().collect();
        files.sort_by_key(|file| file.path());
        let read = |file: &include_dir::File| {
            let (name, text) = (file.path().file_stem()?.to_str()?, file.contents_utf8()?);
            Some(Lesson::read(name, text).unwrap_or_else(|why| panic!("{why}")))
        };
        Course(files.into_iter().filter_map(read).collect())
    }

    /// The lessons of a folder: every `.md` in it, by name.
    ///
    /// # Errors
    /// A folder that cannot be read, has none, or one that is no lesson.
    pub fn of(folder: &Path) -> Result<Course, Failure> {
        let entries = std::fs::read_dir(folder).map_err(|why| Failure::at(folder, why))?;
        let mut paths: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        paths.retain(|path| path.extension().is_some_and(|end| end == "md"));
        paths.sort();
        let read = |path: &std::path::PathBuf| {
            let text = std::fs::read_to_string(path).map_err(|why| Failure::at(path, why))?;
            let name = path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            Lesson::read(&name, &text).map_err(Failure::Usage)
        };
        let lessons: Vec<Lesson> = paths.iter().map(read).collect::<Result<_, _>>()?;
        if lessons.is_empty() {
            return Err(Failure::Usage(format!("{}: lessons (*.md) expected, found none", folder.display())));
        }
        Ok(Course(lessons))
    }

    /// The lesson under a number from 1, or a part of its name or title.
    pub fn find(&self, word: &str) -> Option<usize> {
        if let Ok(number) = word.parse::<usize>() {
            return number.checked_sub(1).filter(|at| *at < self.0.len());
        }
        let word = word.to_lowercase();
        self.0.iter().position(|lesson| lesson.name.contains(&word) || lesson.title.to_lowercase().contains(&word))
    }

    /// The first lesson that was not done; the first of all where all were.
    pub fn next(&self) -> usize {
        let done = done();
        self.0.iter().position(|lesson| !done.contains(&lesson.name)).unwrap_or(0)
    }
}

/// The lessons with their numbers and what was done, and how to begin.
pub fn list(course: &Course) -> String {
    let done = done();
    let row = |(i, lesson): (usize, &Lesson)| {
        let mark = if done.contains(&lesson.name) { "✓ done" } else { "" };
        format!("{:>3}  {:<46} {mark}", i + 1, lesson.title).trim_end().to_string()
    };
    let rows: Vec<String> = course.0.iter().enumerate().map(row).collect();
    format!("{}\n\nsegue learn {}   begins where you are; at the prompt: :learn N", rows.join("\n"), course.next() + 1)
}

fn done() -> BTreeSet<String> {
    let text = std::fs::read_to_string(state::file(DONE)).unwrap_or_default();
    text.lines().map(String::from).collect()
}

/// Remembers that a lesson was done. Progress is a comfort: where it cannot be kept, the lesson goes on.
pub fn remember(lesson: &Lesson) {
    if !done().contains(&lesson.name) && state::make_folder() {
        let file = std::fs::OpenOptions::new().create(true).append(true).open(state::file(DONE));
        let _ = file.and_then(|mut file| writeln!(file, "{}", lesson.name));
    }
}
