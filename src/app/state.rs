//! Where Segue keeps what outlives a session: history and journals, under the user's state folder.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use segue::session::{Lost, Rehearsal};

use super::Failure;

/// `$XDG_STATE_HOME/segue`, or `~/.local/state/segue`.
fn folder() -> PathBuf {
    let given = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let base = given("XDG_STATE_HOME").filter(|p| p.is_absolute());
    let base = base.or_else(|| given("HOME").map(|home| home.join(".local/state")));
    base.unwrap_or_else(std::env::temp_dir).join("segue")
}

pub fn file(name: &str) -> PathBuf {
    folder().join(name)
}

/// Whether the folder is there, now.
pub fn make_folder() -> bool {
    std::fs::create_dir_all(folder()).is_ok()
}

/// What stands between a journal's name and its end while it is not complete enough to be resumed.
const UNFINISHED: &str = "part";

/// A journal under a name it has to earn: until `finish` it stands beside the place where it is to be.
pub struct Draft {
    pub path: PathBuf,
    part: PathBuf,
}

impl Draft {
    /// Begins a journal at a path.
    pub fn begin(path: PathBuf) -> std::io::Result<(Draft, File)> {
        let mut part = path.clone().into_os_string();
        part.push(format!(".{UNFINISHED}"));
        let part = PathBuf::from(part);
        let file = File::create(&part)?;
        Ok((Draft { path, part }, file))
    }

    /// From now on it stands where it is to be, in the place of what stood there.
    pub fn finish(&self) -> std::io::Result<()> {
        std::fs::rename(&self.part, &self.path)?;
        // The name is on the disk as soon as its folder is; not every system has folders that can be asked.
        let folder = self.path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
        Ok(())
    }
}

/// Moves a journal in which something was written out of the way of another; tells where to.
pub fn set_aside(path: &Path) -> std::io::Result<Option<PathBuf>> {
    if !path.metadata().is_ok_and(|file| file.is_file() && file.len() > 0) {
        return Ok(None);
    }
    for count in 1..10_000 {
        let mut other = path.as_os_str().to_os_string();
        other.push(format!(".{count}"));
        let other = PathBuf::from(other);
        if !other.exists() {
            std::fs::rename(path, &other)?;
            return Ok(Some(other));
        }
    }
    Err(std::io::Error::other("every name is taken"))
}

fn journals_folder() -> PathBuf {
    folder().join("journals")
}

/// The journals nobody writes any more, the newest first; only those of a piece, if one is given.
pub fn journals(piece: Option<&Path>) -> Vec<PathBuf> {
    let stem = piece.and_then(Path::file_stem).map(|stem| stem.to_string_lossy().into_owned());
    let of_piece = |path: &Path| {
        let name = path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let (counted, number) = name.rsplit_once('-').unwrap_or((&name, ""));
        let plain = if number.parse::<u8>().is_ok() { counted } else { &name };
        // The date has seventeen characters.
        let is = |name: &str| stem.as_deref().is_none_or(|stem| name.get(STAMP + 1..) == Some(stem));
        is(&name) || is(plain)
    };
    let Ok(entries) = std::fs::read_dir(journals_folder()) else { return Vec::new() };
    let mut found: Vec<(SystemTime, PathBuf)> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|ending| ending == ENDING) && of_piece(path))
        .filter(|path| File::open(path).is_ok_and(|file| file.try_lock_shared().is_ok()))
        .filter_map(|path| Some((path.metadata().ok()?.modified().ok()?, path)))
        .collect();
    found.sort();
    found.into_iter().rev().map(|(_, path)| path).collect()
}

/// How old a journal must be that was never finished until nobody can be about to finish it.
const STALE: Duration = Duration::from_secs(600);

/// Removes what sessions left behind that ended before they had anything to remember.
fn sweep(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let Ok(file) = entry.metadata() else { continue };
        let unfinished = path.extension().is_some_and(|ending| ending == UNFINISHED);
        let empty = path.extension().is_some_and(|ending| ending == ENDING) && file.len() == 0;
        let stale = file.modified().ok().and_then(|then| then.elapsed().ok()).is_some_and(|age| age > STALE);
        if stale && (unfinished || empty) && File::open(&path).is_ok_and(|file| file.try_lock().is_ok()) {
            // What cannot be removed does no harm.
            let _ = std::fs::remove_file(path);
        }
    }
}

/// The journal's ending.
const ENDING: &str = "jsonl";
/// Characters of a stamp.
const STAMP: usize = 17;

/// A new journal's name, after the time and the piece.
pub fn journal(piece: Option<&Path>) -> std::io::Result<PathBuf> {
    let folder = journals_folder();
    std::fs::create_dir_all(&folder)?;
    sweep(&folder);
    let stem = piece.and_then(Path::file_stem).map_or("repl".into(), |s| s.to_string_lossy());
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let mut last = std::io::Error::other("every name is taken");
    for count in 0..100 {
        let more = if count == 0 { String::new() } else { format!("-{count}") };
        let path = folder.join(format!("{}-{stem}{more}.jsonl", stamp(now)));
        match File::options().write(true).create_new(true).open(&path) {
            Ok(_) => return Ok(path),
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => last = e,
            Err(e) => return Err(e),
        }
    }
    Err(last)
}

/// Milliseconds since 1970.
pub fn wall() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(now.as_millis()).unwrap_or(u64::MAX)
}

/// Reads a journal, and tells `lost` every line that could not be read.
pub fn read(path: &Path, lost: impl Fn(&Lost)) -> Result<Rehearsal, Failure> {
    let name = path.display();
    let text = std::fs::read(path).map_err(|why| match why.kind() {
        std::io::ErrorKind::NotFound => Failure::Machine(format!("{name}: there is no such journal")),
        _ => Failure::at(path, why),
    })?;
    let rehearsal =
        Rehearsal::read(&text).map_err(|e| Failure::NoPiece(format!("{name}:{}:1: {}", e.line, e.message)))?;
    rehearsal.lost.iter().for_each(lost);
    Ok(rehearsal)
}

/// Seconds since 1970 as `2026-01-31-235959`, in universal time.
fn stamp(seconds: u64) -> String {
    let (days, of_day) = (seconds / 86_400, seconds % 86_400);
    // Howard Hinnant, "chrono-compatible low-level date algorithms": eras of 400 years that begin in March.
    let shifted = days + 719_468;
    let (era, day) = (shifted / 146_097, shifted % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let date = of_year - (153 * month + 2) / 5 + 1;
    let (month, carry) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    let year = year + era * 400 + carry;
    format!("{year:04}-{month:02}-{date:02}-{:02}{:02}{:02}", of_day / 3600, of_day / 60 % 60, of_day % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_never_finished_is_swept_away_once_it_is_old() {
        let folder = tempfile::tempdir().unwrap();
        let old = SystemTime::now() - 2 * STALE;
        let make = |name: &str, text: &str, old_one: bool| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            if old_one {
                File::options().write(true).open(&path).unwrap().set_modified(old).unwrap();
            }
        };
        make("a.jsonl.part", "{", true);
        make("b.jsonl", "", true);
        make("c.jsonl.part", "{", false);
        make("d.jsonl", "", false);
        make("e.jsonl", "{", true);
        sweep(folder.path());
        let mut left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["c.jsonl.part", "d.jsonl", "e.jsonl"]);
    }

    #[test]
    fn a_stamp_is_the_date() {
        for (seconds, expected) in [
            (0, "1970-01-01-000000"),
            (951_782_400, "2000-02-29-000000"),
            (1_769_903_999, "2026-01-31-235959"),
            (4_107_542_400, "2100-03-01-000000"),
        ] {
            assert_eq!(stamp(seconds), expected);
        }
    }
}
