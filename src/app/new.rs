//! `segue new`: a piece to begin with.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::Path;

use super::Failure;
use super::args::New;

/// What a piece begins as: something that sounds, short enough to be thrown away.
pub const TEMPLATE: &str = include_str!("template.rhai");

/// Writes `NAME.rhai` here. What stands there already is never touched.
pub fn run(asked: &New) -> Result<(), Failure> {
    let file = if asked.name.ends_with(".rhai") { asked.name.clone() } else { format!("{}.rhai", asked.name) };
    let path = Path::new(&file);
    let mut out = OpenOptions::new().write(true).create_new(true).open(path).map_err(|e| match e.kind() {
        ErrorKind::AlreadyExists => Failure::at(path, "is there already; choose another name"),
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            Failure::at(path, "this folder may not be written; go to one that may, such as your home")
        }
        ErrorKind::NotFound => Failure::at(path, "its folder does not exist; make it first"),
        _ => Failure::at(path, e),
    })?;
    if let Err(e) = out.write_all(TEMPLATE.as_bytes()).and_then(|()| out.sync_all()) {
        drop(out);
        // Half a piece is worse than none; if it cannot be removed either, the disk is beyond us.
        let _ = std::fs::remove_file(path);
        return Err(Failure::at(path, e));
    }
    println!("{file} is there. Play it and edit it while it plays:\n  segue {file}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::piece::Folder;
    use segue::lang::Interpreter;

    #[test]
    fn the_template_is_a_piece_without_warnings() {
        let evaluation = Interpreter::new().evaluate("new.rhai", TEMPLATE, &Folder::here()).unwrap();
        assert_eq!(evaluation.warnings, []);
        assert!(evaluation.score.tracks.len() >= 2);
    }
}
