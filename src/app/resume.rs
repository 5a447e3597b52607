//! `--resume`: the last session goes on after whatever ended it.
//!
//! Rule: the music stands where it would stand had nothing happened, by the clock on the wall, for ten minutes; after that
//! it begins with the bar after the one in which it broke off. Files that were saved meanwhile count as saved just now.

use std::path::{Path, PathBuf};

use segue::session::{Mark, Open, Past, REPL, Said, Stage};

use super::args::Play;
use super::say::Say;
use super::{Failure, state};

/// A text over which a session breaks off is evaluated once more, not for ever.
const ONCE_MORE: u64 = 1;

/// A text that was never answered.
#[derive(Clone, Debug)]
pub struct Unanswered {
    pub owner: String,
    pub text: String,
    /// How many sessions broke off over it.
    pub broke: u64,
}

/// A session that goes on.
pub struct Resumed {
    /// What was said.
    pub past: Vec<Past>,
    /// The files that were playing.
    files: Vec<PathBuf>,
    /// Texts that were never answered.
    pub open: Vec<Unanswered>,
    pub mark: Option<Mark>,
    folder: Option<String>,
}

impl Resumed {
    /// The session that was asked for: the journal named, or the newest one in which something was said.
    ///
    /// # Errors
    /// A journal that was named and cannot be read.
    pub fn find(asked: &Play, say: &Say) -> Result<Option<Resumed>, Failure> {
        let named = match &asked.resume {
            None => return Ok(None),
            Some(Some(path)) => Some(path.clone()),
            Some(None) => asked.journal.clone().filter(|path| path.exists()),
        };
        if let Some(path) = named {
            return Resumed::read(path, say).map(Some);
        }
        for path in state::journals(asked.files.first().map(PathBuf::as_path)) {
            let found = Resumed::read(path, say);
            if let Ok(found) = found
                && (!found.past.is_empty() || !found.open.is_empty())
                && asked.files.first().is_none_or(|file| found.played(file))
            {
                return Ok(Some(found));
            }
        }
        say.aside("there is no session to resume; a new one begins");
        Ok(None)
    }

    fn read(path: PathBuf, say: &Say) -> Result<Resumed, Failure> {
        let name = path.display().to_string();
        let read = state::read(&path, |lost| say.aside(format!("{name}:{}: left out: {}", lost.line, lost.why)))?;
        let mut open = Vec::new();
        for Open { said, broke } in &read.open {
            let Said::Text { owner, text: Some(text), .. } = said else { continue };
            if *broke > ONCE_MORE {
                say.trouble(format!("sessions broke off over this text again and again, it is left out:\n{text}"));
            } else {
                open.push(Unanswered { owner: owner.to_string(), text: text.clone(), broke: *broke });
            }
        }
        let past = read.all();
        let mut files: Vec<PathBuf> = Vec::new();
        for Past { said, .. } in &past {
            match said {
                Said::Text { owner, .. } if &**owner != REPL => files.push(PathBuf::from(&**owner)),
                Said::Forget { owner } => files.retain(|file| *file != Path::new(&**owner)),
                _ => {}
            }
        }
        Ok(Resumed { past, files, open, mark: read.mark, folder: read.folder })
    }

    /// The file that was playing before others.
    pub fn first(&self) -> Option<&Path> {
        self.files.first().map(PathBuf::as_path)
    }

    /// Whether it is a session of this very file, by where it stands.
    fn played(&self, file: &Path) -> bool {
        let here = std::env::current_dir().unwrap_or_default();
        let there = self.folder.as_deref().map_or(here.clone(), PathBuf::from);
        let open = self.open.iter().map(|open| Path::new(&open.owner));
        self.files.iter().map(PathBuf::as_path).chain(open).any(|known| there.join(known) == here.join(file))
    }

    /// Whether a file was playing.
    pub fn plays(&self, path: &Path) -> bool {
        self.files.iter().any(|file| file == path)
    }

    /// Goes to the folder in which the session was played: its files' paths begin there. `asked` stays where it was.
    pub fn enter(&self, asked: &mut Play) {
        let Some(folder) = self.folder.as_deref().map(Path::new).filter(|folder| folder.is_dir()) else { return };
        let here = std::env::current_dir().unwrap_or_default();
        if here == folder {
            return;
        }
        let known = &self.files;
        // A file that the session played goes by the name it had there.
        let given = asked.files.iter_mut().filter(|file| !known.contains(file));
        for path in given.chain(&mut asked.journal).chain(&mut asked.report) {
            *path = here.join(&*path);
        }
        if std::env::set_current_dir(folder).is_err() {
            return;
        }
        for file in &mut asked.files {
            if let Ok(inside) = file.strip_prefix(folder)
                && known.iter().any(|known| known == inside)
            {
                *file = inside.to_path_buf();
            }
        }
    }
}

/// The newest things said that can all be undone again after a session has gone on.
const UNDOABLE: usize = 300;

/// Which texts of a long session mean nothing any more, so that it is back in time: versions of a file that were followed by
/// its next version at once. Not the newest, which may be undone; none that was walked over by an undo; and none behind a
/// line at the prompt or a hush, which hold until a file says something new. They stay in the journal that had them.
pub fn superseded(past: &[Past]) -> Vec<bool> {
    let walks = |past: &Past| matches!(past.said, Said::Undo(_) | Said::Redo(_) | Said::Cancel(_));
    let after = past.iter().rposition(walks).map_or(0, |last| last + 1);
    let owner = |past: &Past| match &past.said {
        Said::Text { owner, .. } => Some(owner.clone()),
        _ => None,
    };
    let holds = |past: &Past| {
        owner(past).as_deref() == Some(REPL) || matches!(past.said, Said::Stage(Stage::Hush | Stage::Panic))
    };
    let until = past.iter().position(holds).unwrap_or(past.len());
    let until = until.min(past.len().saturating_sub(UNDOABLE));
    let next = |i: usize| past.get(i + 1).and_then(owner);
    (0..past.len())
        .map(|i| (after..until).contains(&i) && owner(&past[i]).is_some_and(|owner| Some(owner) == next(i)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn past(said: impl IntoIterator<Item = Said>) -> Vec<Past> {
        said.into_iter().map(|said| Past { cycle: 0.0, said }).collect()
    }

    fn count(past: &[Past]) -> usize {
        superseded(past).into_iter().filter(|superseded| *superseded).count()
    }

    #[test]
    fn only_old_versions_of_a_file_that_nothing_else_met_are_superseded() {
        let many = || (0..1000).map(|i| Said::text("a.rhai", &format!("{i}")));
        let (line, other) = (Said::text(REPL, "x"), Said::text("b.rhai", "x"));
        assert_eq!(count(&past(many().take(UNDOABLE))), 0);
        assert_eq!(count(&past(many())), 1000 - UNDOABLE);
        assert_eq!(count(&past([line].into_iter().chain(many()))), 0);
        assert_eq!(count(&past(many().chain([Said::Undo(1)]))), 0);
        assert_eq!(count(&past([Said::Undo(1)].into_iter().chain(many()))), 1000 - UNDOABLE);
        let both = past(many().take(10).chain([other]).chain(many()));
        assert_eq!(superseded(&both)[8..13], [true, false, false, true, true]);
    }
}
