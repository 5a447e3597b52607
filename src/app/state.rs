//! Where Segue keeps what outlives a session: history and journals, under the user's state folder.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

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

/// A new journal, named after the time and the piece.
pub fn journal(piece: Option<&Path>) -> std::io::Result<(PathBuf, File)> {
    let folder = folder().join("journals");
    std::fs::create_dir_all(&folder)?;
    let stem = piece.and_then(Path::file_stem).map_or("repl".into(), |s| s.to_string_lossy());
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let mut last = std::io::Error::other("every name is taken");
    for count in 0..100 {
        let more = if count == 0 { String::new() } else { format!("-{count}") };
        let path = folder.join(format!("{}-{stem}{more}.jsonl", stamp(now)));
        match File::options().write(true).create_new(true).open(&path) {
            Ok(file) => return Ok((path, file)),
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
