//! Reading pieces from disk: whole, small enough, and as text, or a reason why not.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use segue::lang::Files;
use segue::session::Imports;

/// The longest text that is taken for a piece, in bytes. A book of 200,000 words is as long.
pub const LONGEST: u64 = 1 << 20;

/// Why a file is no piece; `Display` says it to a musician.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreadable {
    Missing,
    Folder,
    Forbidden,
    Long(u64),
    /// The line on which the first byte stands that is not UTF-8.
    NotText(usize),
    Empty,
    Other(String),
}

impl std::fmt::Display for Unreadable {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        match self {
            Unreadable::Missing => f.write_str("there is no such file; `segue new NAME` starts one"),
            Unreadable::Folder => f.write_str("is a folder, expected a file"),
            Unreadable::Forbidden => f.write_str("may not be read; `chmod u+r` allows it"),
            Unreadable::Long(bytes) => {
                write!(
                    f,
                    "is {:.1} MB long, expected at most {} MB; is it a piece?",
                    *bytes as f64 / 1e6,
                    LONGEST >> 20
                )
            }
            Unreadable::NotText(line) => write!(f, "is not text: line {line} is not UTF-8"),
            Unreadable::Empty => f.write_str("is empty, expected a piece, such as: track d = s(\"bd cp\")"),
            Unreadable::Other(why) => f.write_str(why),
        }
    }
}

/// The text of a piece.
pub fn read(path: &Path) -> Result<String, Unreadable> {
    let text = read_even_empty(path)?;
    if text.trim().is_empty() { Err(Unreadable::Empty) } else { Ok(text) }
}

/// The text of a file, which may be empty.
pub fn read_even_empty(path: &Path) -> Result<String, Unreadable> {
    let wrong = |e: std::io::Error| match e.kind() {
        ErrorKind::NotFound => Unreadable::Missing,
        ErrorKind::PermissionDenied => Unreadable::Forbidden,
        ErrorKind::IsADirectory => Unreadable::Folder,
        _ => Unreadable::Other(e.to_string()),
    };
    let kind = std::fs::metadata(path).map_err(wrong)?;
    if kind.is_dir() {
        return Err(Unreadable::Folder);
    }
    if !kind.is_file() {
        return Err(Unreadable::Other("is not a plain file".into()));
    }
    if kind.len() > LONGEST {
        return Err(Unreadable::Long(kind.len()));
    }
    let mut bytes = Vec::with_capacity(kind.len() as usize);
    // It may be growing while we read.
    File::open(path).map_err(wrong)?.take(LONGEST + 1).read_to_end(&mut bytes).map_err(wrong)?;
    if bytes.len() as u64 > LONGEST {
        return Err(Unreadable::Long(bytes.len() as u64));
    }
    String::from_utf8(bytes).map_err(|e| {
        let good = &e.as_bytes()[..e.utf8_error().valid_up_to()];
        Unreadable::NotText(good.iter().filter(|b| **b == b'\n').count() + 1)
    })
}

/// Where `import` may reach: the piece's own folder and what is below it.
pub struct Folder(PathBuf);

impl Folder {
    /// The folder a piece stands in.
    pub fn of(piece: &Path) -> Folder {
        match piece.parent() {
            Some(parent) if parent != Path::new("") => Folder(parent.to_path_buf()),
            _ => Folder::here(),
        }
    }

    /// The folder we stand in, for what is typed.
    pub fn here() -> Folder {
        Folder(PathBuf::from("."))
    }

    /// The file that `import "name"` means, if it lies inside.
    pub fn resolve(&self, name: &str) -> Result<PathBuf, String> {
        let with_ending = if name.ends_with(".rhai") { name.to_string() } else { format!("{name}.rhai") };
        let candidate = self.0.join(with_ending);
        let inside = self.0.canonicalize().map_err(|e| format!("{}: {e}", self.0.display()))?;
        match candidate.canonicalize() {
            Ok(real) if real.starts_with(&inside) => Ok(candidate),
            Ok(_) => Err(format!("`{name}` lies outside the piece's folder; imports stay inside it")),
            Err(_) => Err(format!("`{}`: {}", candidate.display(), Unreadable::Missing)),
        }
    }
}

/// Files that are as they were once read, or are read now and remembered.
pub struct Shelf<'a> {
    folder: &'a Folder,
    given: Imports,
    read: Mutex<BTreeMap<String, String>>,
}

impl Shelf<'_> {
    pub fn new(folder: &Folder, given: Imports) -> Shelf<'_> {
        Shelf { folder, given, read: Mutex::default() }
    }

    /// All that was read.
    pub fn read(self) -> Imports {
        Imports::new(self.read.into_inner().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Files for Shelf<'_> {
    fn read(&self, path: &str) -> Result<String, String> {
        let text = self.given.get(path).cloned().map_or_else(|| self.folder.read(path), Ok)?;
        self.read.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_string(), text.clone());
        Ok(text)
    }
}

impl Files for Folder {
    fn read(&self, path: &str) -> Result<String, String> {
        let file = self.resolve(path)?;
        read_even_empty(&file).map_err(|why| format!("`{}` {why}", file.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn what_is_no_piece_says_why() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        fs::write(at("empty"), " \n").unwrap();
        fs::write(at("long"), vec![b'x'; 10 << 20]).unwrap();
        fs::write(at("binary"), b"ok\nok\n\xff\xfe").unwrap();
        fs::write(at("good"), "s(\"bd\")").unwrap();
        assert_eq!(read(&at("missing")), Err(Unreadable::Missing));
        assert_eq!(read(dir.path()), Err(Unreadable::Folder));
        assert_eq!(read(&at("empty")), Err(Unreadable::Empty));
        assert_eq!(read(&at("long")), Err(Unreadable::Long(10 << 20)));
        assert_eq!(read(&at("binary")), Err(Unreadable::NotText(3)));
        assert_eq!(read(&at("good")).unwrap(), "s(\"bd\")");
        assert!(read(Path::new("/dev/zero")).unwrap_err().to_string().contains("not a plain file"));
    }

    #[test]
    fn imports_stay_inside_the_piece_s_folder() {
        let dir = tempfile::tempdir().unwrap();
        let piece = dir.path().join("songs");
        fs::create_dir(&piece).unwrap();
        fs::write(dir.path().join("secret.rhai"), "1").unwrap();
        fs::write(piece.join("drums.rhai"), "2").unwrap();
        let folder = Folder::of(&piece.join("a.rhai"));
        assert_eq!(folder.read("drums").unwrap(), "2");
        assert!(folder.read("../secret").unwrap_err().contains("outside"));
        assert!(folder.read("/etc/passwd").unwrap_err().contains("no such file"));
        assert!(folder.read("nothing").unwrap_err().contains("no such file"));
    }
}
