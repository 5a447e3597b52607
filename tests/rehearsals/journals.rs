//! The journals beside this file, one folder for each kind of edit: every third of them, or all with `SEGUE_LONG=1`.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use segue::lang::Interpreter;

use crate::proof::Proof;

fn journals() -> Vec<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rehearsals");
    let within = |folder: &Path| -> Vec<PathBuf> {
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
    };
    let folders = within(&here).into_iter().filter(|path| path.is_dir());
    let mut all: Vec<PathBuf> = folders.flat_map(|folder| within(&folder)).collect();
    all.sort();
    all
}

/// The name by which a journal is spoken of, and chosen with `REHEARSAL=`: `kind/name`.
fn name(path: &Path) -> String {
    let kind = path.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
    format!("{kind}/{}", path.file_stem().unwrap_or_default().to_string_lossy())
}

#[test]
fn every_rehearsal_holds_what_its_header_says() {
    let journals: Vec<PathBuf> = match std::env::var("REHEARSAL") {
        Ok(chosen) => journals().into_iter().filter(|path| name(path).contains(&chosen)).collect(),
        Err(_) if std::env::var_os("SEGUE_LONG").is_some() => journals(),
        Err(_) => journals().into_iter().step_by(3).collect(),
    };
    let (next, faults) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let mut interpreter = Interpreter::new();
                while let Some(path) = journals.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let journal = std::fs::read_to_string(path).unwrap();
                    let found = Proof::read(&journal).check(&journal, &mut interpreter);
                    faults.lock().unwrap().extend(found.into_iter().map(|fault| format!("{}: {fault}", name(path))));
                }
            });
        }
    });
    let mut faults = faults.into_inner().unwrap();
    faults.sort();
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn there_are_sixty_rehearsals_and_each_says_what_it_is_about() {
    let journals = journals();
    assert!(journals.len() >= 60, "found {}", journals.len());
    for path in journals {
        let says = Proof::read(&std::fs::read_to_string(&path).unwrap()).says;
        assert!(says.split_whitespace().count() >= 3, "{}: {says}", name(&path));
    }
}
