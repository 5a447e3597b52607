//! The page a journal is written on: every line is with the system at once, and on the disk a moment later.
//!
//! A line the system has survives the program; a line on the disk survives the machine. Whoever must know that a line is on
//! the disk asks for it, on a thread that may wait.

use std::fs::File;
use std::io::{self, Write};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, unbounded};

use super::say::Say;

/// How long a disk may take before the music no longer waits for it.
const PATIENCE: Duration = Duration::from_secs(1);

/// A file whose lines are brought to the disk by a thread of its own.
pub struct Page {
    file: File,
    disk: Disk,
}

/// Asks for what was written so far to be on the disk.
#[derive(Clone)]
pub struct Disk(Sender<Option<Sender<()>>>);

/// That a line is on the disk, or will not be.
pub struct Safe(Receiver<()>);

impl Page {
    pub fn new(file: File, say: Say) -> io::Result<Page> {
        let (asks, inbox) = unbounded();
        let to_disk = file.try_clone()?;
        std::thread::Builder::new().name("journal".into()).spawn(move || sync(&to_disk, &inbox, &say))?;
        Ok(Page { file, disk: Disk(asks) })
    }

    pub fn disk(&self) -> Disk {
        self.disk.clone()
    }
}

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    /// Does not wait for the disk.
    fn flush(&mut self) -> io::Result<()> {
        // A thread that is gone has said why.
        let _ = self.disk.0.send(None);
        Ok(())
    }
}

impl Disk {
    /// Tells `done` when all that was written so far is on the disk.
    pub fn tell(&self, done: Sender<()>) {
        let _ = self.0.send(Some(done));
    }
}

impl Safe {
    /// Something to wait for, and what to tell when it is so.
    pub fn new() -> (Safe, Sender<()>) {
        let (done, wait) = crossbeam_channel::bounded(1);
        (Safe(wait), done)
    }

    /// Waits for the disk, but not for one that hangs: the music is worth more than its record.
    pub fn wait(self) {
        let _ = self.0.recv_timeout(PATIENCE);
    }

    /// Waits for as long as it takes to write much. Tells whether it is done.
    pub fn wait_for_much(self) -> bool {
        self.0.recv_timeout(30 * PATIENCE).is_ok()
    }
}

/// Brings lines to the disk, all that came meanwhile at once.
fn sync(file: &File, inbox: &Receiver<Option<Sender<()>>>, say: &Say) {
    let mut told = false;
    for first in inbox {
        let waiting: Vec<Sender<()>> = std::iter::once(first).chain(inbox.try_iter()).flatten().collect();
        match file.sync_data() {
            Err(why) if !told && why.kind() != io::ErrorKind::InvalidInput => {
                told = true;
                say.trouble(format!("the journal may not reach the disk: {why}"));
            }
            _ => {}
        }
        for done in waiting {
            let _ = done.send(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_with_the_system_at_once_and_who_waits_for_the_disk_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("j.jsonl");
        let say = Say::begin(None).unwrap();
        let mut page = Page::new(File::create(&path).unwrap(), say).unwrap();
        let disk = page.disk();
        for count in 1..=20 {
            writeln!(page, "line {count}").unwrap();
            page.flush().unwrap();
            assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), count);
            let (safe, done) = Safe::new();
            disk.tell(done);
            assert!(safe.wait_for_much());
        }
    }

    #[test]
    fn without_a_journal_nobody_waits() {
        let (safe, done) = Safe::new();
        drop(done);
        let begun = std::time::Instant::now();
        safe.wait();
        assert!(begun.elapsed() < PATIENCE);
    }
}
