//! `--resume`: the last session goes on after whatever ended it.
//!
//! Rule: the music stands where it would stand had nothing happened, by the clock on the wall, for ten minutes; after that
//! it begins with the bar after the one in which it broke off. Files that were saved meanwhile count as saved just now.

use std::path::{Path, PathBuf};

use segue::session::{Mark, Past, REPL, Said};

use super::args::Play;
use super::say::Say;
use super::{Failure, state};

/// A session that goes on.
pub struct Resumed {
    /// What was said.
    pub past: Vec<Past>,
    /// The files that were playing.
    files: Vec<PathBuf>,
    /// Texts that were never answered, by their owners.
    pub open: Vec<(String, String)>,
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
        let (mut open, mut twice) = (Vec::new(), Vec::new());
        for (said, again) in read.open() {
            if let Said::Text { owner, text: Some(text), .. } = said {
                if again { twice.push(text) } else { open.push((owner.to_string(), text)) }
            }
        }
        for text in twice {
            say.trouble(format!("this was being evaluated twice when the session broke off, and is left out:\n{text}"));
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
