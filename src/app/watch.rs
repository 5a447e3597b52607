//! The watcher: what an editor saves is seen whole, once, and at once, however the editor saves.
//!
//! Editors truncate and write, or write aside and rename; some move the old file away first. So the parent folder is
//! watched, and content decides: a closed write or a rename is read at once, what looks half written waits a little.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, unbounded};
use notify::event::{AccessKind, AccessMode, CreateKind, EventKind, ModifyKind, RenameMode};
use notify::{RecommendedWatcher, RecursiveMode};

use super::piece::{Unreadable, read_even_empty};

/// How long an empty, shortened or missing file may be one that is being saved. Slow disks take 50 ms between the two.
const PATIENCE: Duration = Duration::from_millis(100);
/// How long a file must have been left alone by whoever writes it. Linux tells when it is closed, which is waited for: some
/// write in halves.
const QUIET: Duration = Duration::from_millis(if cfg!(target_os = "linux") { 500 } else { 30 });
/// How long it takes the system to tell of what has happened before a file was read.
const ECHO: Duration = Duration::from_millis(3);
/// How often files are looked at where the system cannot watch.
const POLL: Duration = Duration::from_millis(250);

/// A file's new text, or what has become of it.
#[derive(Debug)]
pub struct Saw {
    pub path: PathBuf,
    /// When the system told of it.
    pub event: Instant,
    /// Whether it looked half written and was waited for.
    pub waited: bool,
    pub what: Result<String, Unreadable>,
}

/// What an event says of one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Touch {
    /// Closed after writing, or put in place.
    Settled,
    /// Being made or written.
    Changing,
    /// Moved away or removed.
    Gone,
}

/// One file as last seen. Time is handed in.
#[derive(Debug)]
struct Sight {
    text: String,
    told: Option<Unreadable>,
    /// The event that began what is going on now.
    event: Option<Instant>,
    /// Since when it has looked half written.
    doubt: Option<Instant>,
    /// Whether it was found half written.
    waited: bool,
    /// When to look next.
    due: Option<Instant>,
}

impl Sight {
    fn of(text: String) -> Self {
        Sight { text, told: None, event: None, doubt: None, waited: false, due: None }
    }

    fn touch(&mut self, touch: Touch, now: Instant) {
        match touch {
            Touch::Settled => (self.event, self.due) = (Some(now), Some(now)),
            Touch::Changing => {
                self.event.get_or_insert(now);
                self.due = Some(now + QUIET);
            }
            Touch::Gone => {
                self.event.get_or_insert(now);
                self.doubt.get_or_insert(now);
                self.due = Some(now + PATIENCE);
            }
        }
    }

    /// What is to be told of what was found in the file, if anything; it may be looked at again later.
    fn look(&mut self, found: Result<String, Unreadable>, now: Instant) -> Option<Result<String, Unreadable>> {
        self.due = None;
        let half = match &found {
            Ok(text) => text.len() < self.text.len() && self.text.starts_with(text.as_str()) || text.trim().is_empty(),
            Err(Unreadable::Long(_)) => false,
            Err(_) => true,
        };
        let doubt = *self.doubt.get_or_insert(now);
        if half && now < doubt + PATIENCE {
            self.due = Some(doubt + PATIENCE);
            self.waited = true;
            return None;
        }
        self.doubt = None;
        match found {
            Ok(text) if text == self.text => {
                self.told = None;
                None
            }
            Ok(text) if text.trim().is_empty() => self.trouble(Unreadable::Empty),
            Ok(text) => {
                self.told = None;
                self.text.clone_from(&text);
                Some(Ok(text))
            }
            Err(why) => self.trouble(why),
        }
    }

    /// Each trouble is told once.
    fn trouble(&mut self, why: Unreadable) -> Option<Result<String, Unreadable>> {
        if self.told.as_ref() == Some(&why) {
            return None;
        }
        self.told = Some(why);
        self.told.as_ref().map(|why| Err(why.clone()))
    }
}

enum Order {
    Event(notify::Result<notify::Event>, Instant),
    Add(PathBuf, String),
    Stop,
}

/// Watches until it is dropped.
pub struct Watcher {
    orders: Sender<Order>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Watcher {
    /// Tells `saw` of every change from now on, from a thread of its own.
    pub fn new(saw: impl FnMut(Saw) + Send + 'static) -> std::io::Result<Watcher> {
        let (orders, inbox) = unbounded();
        let events = orders.clone();
        let thread = std::thread::Builder::new().name("watcher".into()).spawn(move || {
            let handler = move |event| {
                // The receiver is gone only when nobody wants to know.
                let _ = events.send(Order::Event(event, Instant::now()));
            };
            let system = notify::recommended_watcher(handler).ok();
            let (folders, lost, sights) = (HashMap::new(), HashSet::new(), HashMap::new());
            Room { system, polling: false, folders, lost, sights, ends: false, saw }.run(&inbox);
        })?;
        Ok(Watcher { orders, thread: Some(thread) })
    }

    pub fn handle(&self) -> Handle {
        Handle(self.orders.clone())
    }
}

/// For asking a watcher to watch more; does not keep it alive.
#[derive(Clone)]
pub struct Handle(Sender<Order>);

impl Handle {
    /// Watches one file more, whose present text is `text`.
    pub fn add(&self, path: &Path, text: &str) {
        let _ = self.0.send(Order::Add(path.to_path_buf(), text.to_string()));
    }

    /// Watches one file more, as it is now.
    pub fn add_unread(&self, path: &Path) {
        self.add(path, &read_even_empty(path).unwrap_or_default());
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        let _ = self.orders.send(Order::Stop);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The watcher's thread.
struct Room<S> {
    system: Option<RecommendedWatcher>,
    /// Whether some folder could not be watched, so that files are looked at by the clock.
    polling: bool,
    /// Real place of a file to the path it is known by; a link and what it leads to are two places.
    folders: HashMap<PathBuf, PathBuf>,
    /// Folders that were moved or removed; they are watched again once they are back.
    lost: HashSet<PathBuf>,
    sights: HashMap<PathBuf, Sight>,
    ends: bool,
    saw: S,
}

impl<S: FnMut(Saw)> Room<S> {
    fn run(&mut self, inbox: &Receiver<Order>) {
        while !self.ends {
            let now = Instant::now();
            let due = self.sights.values().filter_map(|s| s.due).min();
            let mut wait = due.map_or(Duration::from_secs(3600), |d| d.saturating_duration_since(now));
            if self.polling || !self.lost.is_empty() {
                wait = wait.min(POLL);
            }
            match inbox.recv_timeout(wait) {
                Err(RecvTimeoutError::Timeout) if self.polling => self.touch_all(Touch::Settled),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
                Ok(order) => self.take(order),
            }
            self.find_lost();
            self.look(inbox);
        }
    }

    fn take(&mut self, order: Order) {
        match order {
            Order::Event(event, at) => self.heed(event, at),
            Order::Add(path, text) => self.add(path, text),
            Order::Stop => self.ends = true,
        }
    }

    /// Whether the system watches a folder from now on.
    fn watch(&mut self, folder: &Path) -> bool {
        let watched = self.system.as_mut().map(|s| notify::Watcher::watch(s, folder, RecursiveMode::NonRecursive));
        matches!(watched, Some(Ok(())))
    }

    /// The files of a folder that is not where it was: the system goes on watching what is now elsewhere.
    fn lose(&mut self, folder: &Path, at: Instant) {
        if let Some(system) = &mut self.system {
            // Of a removed folder the system may know already.
            let _ = notify::Watcher::unwatch(system, folder);
        }
        self.lost.insert(folder.to_path_buf());
        self.touch_in(folder, Touch::Gone, at);
    }

    fn find_lost(&mut self) {
        let back: Vec<PathBuf> = self.lost.iter().filter(|folder| folder.is_dir()).cloned().collect();
        for folder in back {
            if self.watch(&folder) {
                self.lost.remove(&folder);
                self.touch_in(&folder, Touch::Settled, Instant::now());
            }
        }
    }

    fn touch_in(&mut self, folder: &Path, touch: Touch, at: Instant) {
        let inside = self.folders.iter().filter(|(place, _)| place.parent() == Some(folder));
        for (_, known) in inside {
            if let Some(sight) = self.sights.get_mut(known) {
                sight.touch(touch, at);
            }
        }
    }

    fn add(&mut self, path: PathBuf, text: String) {
        if self.sights.contains_key(&path) {
            return;
        }
        for place in places(&path) {
            let folder = place.parent().unwrap_or(Path::new("/")).to_path_buf();
            if !self.watch(&folder) {
                self.polling = true;
            }
            self.folders.insert(place, path.clone());
        }
        // It may have changed between being read and being watched.
        let mut sight = Sight::of(text);
        sight.touch(Touch::Changing, Instant::now());
        self.sights.insert(path, sight);
    }

    fn heed(&mut self, event: notify::Result<notify::Event>, at: Instant) {
        let event = match event {
            Ok(event) if !event.need_rescan() => event,
            // Events were lost: look at everything.
            _ => return self.touch_all(Touch::Settled),
        };
        let last = event.paths.len().saturating_sub(1);
        for (k, path) in event.paths.iter().enumerate() {
            let touch = match event.kind {
                EventKind::Access(AccessKind::Close(AccessMode::Write)) => Touch::Settled,
                EventKind::Modify(ModifyKind::Name(RenameMode::From)) | EventKind::Remove(_) => Touch::Gone,
                EventKind::Modify(ModifyKind::Name(RenameMode::Both)) if k < last => Touch::Gone,
                EventKind::Modify(ModifyKind::Name(_) | ModifyKind::Metadata(_)) => Touch::Settled,
                EventKind::Create(CreateKind::Folder) | EventKind::Access(_) => continue,
                EventKind::Create(_) | EventKind::Modify(_) | EventKind::Any | EventKind::Other => Touch::Changing,
            };
            if touch == Touch::Gone && self.folders.keys().any(|place| place.parent() == Some(path)) {
                self.lose(path, at);
                continue;
            }
            let known = self.folders.get(path).and_then(|known| self.sights.get_mut(known));
            // Rights and dates, which editors put back after a save, are of interest only where something was wrong.
            let of_no_interest = |sight: &Sight| is_about_rights(&event.kind) && sight.told.is_none();
            if let Some(sight) = known.filter(|sight| !of_no_interest(sight)) {
                sight.touch(touch, at);
            }
        }
    }

    fn touch_all(&mut self, touch: Touch) {
        let now = Instant::now();
        self.sights.values_mut().for_each(|s| s.touch(touch, now));
    }

    /// Looks at the files whose time it is.
    fn look(&mut self, inbox: &Receiver<Order>) {
        let now = Instant::now();
        let due = |sight: &Sight| sight.due.is_some_and(|due| due <= now);
        let paths: Vec<PathBuf> = self.sights.iter().filter(|(_, s)| due(s)).map(|(path, _)| path.clone()).collect();
        for path in paths {
            let found = read_even_empty(&path);
            let Some(sight) = self.sights.get_mut(&path) else { continue };
            sight.due = None;
            if found.as_ref().is_ok_and(|text| *text != sight.text) {
                // Somebody may have begun to write it again before it was read: the system tells of that in a moment.
                while let Ok(order) = inbox.recv_timeout(ECHO) {
                    self.take(order);
                }
            }
            let Some(sight) = self.sights.get_mut(&path).filter(|sight| sight.due.is_none()) else { continue };
            let told = sight.look(found, now);
            if sight.due.is_none() {
                let event = sight.event.take().unwrap_or(now);
                let waited = std::mem::take(&mut sight.waited);
                if let Some(what) = told {
                    (self.saw)(Saw { path, event, waited, what });
                }
            }
        }
    }
}

fn is_about_rights(kind: &EventKind) -> bool {
    matches!(kind, EventKind::Modify(ModifyKind::Metadata(_)))
}

/// Where a file really stands: its name in its real folder, and, through a link, what it leads to.
fn places(path: &Path) -> Vec<PathBuf> {
    let folder = match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    let mut found = Vec::new();
    if let (Ok(folder), Some(name)) = (folder.canonicalize(), path.file_name()) {
        found.push(folder.join(name));
    }
    found.extend(path.canonicalize().ok().filter(|real| !found.contains(real)));
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn ms(t: u64) -> Duration {
        Duration::from_millis(t)
    }

    #[test]
    fn a_closed_write_is_told_at_once() {
        let t = Instant::now();
        let mut sight = Sight::of("a".into());
        sight.touch(Touch::Settled, t);
        assert_eq!(sight.due, Some(t));
        assert_eq!(sight.look(Ok("b".into()), t), Some(Ok("b".into())));
        assert_eq!(sight.look(Ok("b".into()), t), None, "the same text is no news");
    }

    #[test]
    fn a_truncated_file_is_waited_for_and_then_believed() {
        let t = Instant::now();
        let mut sight = Sight::of("abc".into());
        sight.touch(Touch::Settled, t);
        assert_eq!(sight.look(Ok("ab".into()), t), None);
        assert_eq!(sight.due, Some(t + PATIENCE));
        assert_eq!(sight.look(Ok("ab".into()), t + ms(50)), None);
        assert_eq!(sight.look(Ok("abd".into()), t + ms(60)), Some(Ok("abd".into())), "the rest came");
        assert_eq!(sight.look(Ok("a".into()), t + ms(70)), None);
        assert_eq!(sight.look(Ok("a".into()), t + ms(170)), Some(Ok("a".into())), "it is meant");
    }

    #[test]
    fn a_vanished_or_emptied_file_is_told_once_and_forgiven() {
        let t = Instant::now();
        let mut sight = Sight::of("abc".into());
        sight.touch(Touch::Gone, t);
        assert_eq!(sight.look(Err(Unreadable::Missing), t + ms(100)), Some(Err(Unreadable::Missing)));
        sight.touch(Touch::Gone, t + ms(200));
        assert_eq!(sight.look(Err(Unreadable::Missing), t + ms(300)), None);
        assert_eq!(sight.look(Ok(String::new()), t + ms(400)), None);
        assert_eq!(sight.look(Ok(String::new()), t + ms(500)), Some(Err(Unreadable::Empty)));
        assert_eq!(sight.look(Ok("abc".into()), t + ms(600)), None, "it is what is playing");
        assert_eq!(sight.look(Ok("new".into()), t + ms(700)), Some(Ok("new".into())));
    }

    /// A way of saving, as editors do.
    type Save = fn(&Path, &str);

    const SAVES: &[(&str, Save)] = &[
        ("truncate and write: nano, VS Code", |p, t| fs::write(p, t).unwrap()),
        ("write aside and rename: sed -i, helix", |p, t| {
            let aside = p.with_extension("tmp");
            fs::write(&aside, t).unwrap();
            fs::rename(aside, p).unwrap();
        }),
        ("move away and write anew: vim, emacs", |p, t| {
            fs::rename(p, p.with_extension("rhai~")).unwrap();
            fs::write(p, t).unwrap();
            fs::remove_file(p.with_extension("rhai~")).unwrap();
        }),
        ("remove and write anew: git", |p, t| {
            fs::remove_file(p).unwrap();
            fs::write(p, t).unwrap();
        }),
    ];

    #[test]
    fn every_save_of_every_editor_is_seen_whole_and_once() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("piece.rhai");
        for (how, save) in SAVES {
            fs::write(&path, "start").unwrap();
            let (send, seen) = unbounded();
            let watcher = Watcher::new(move |saw| send.send(saw.what).unwrap()).unwrap();
            watcher.handle().add(&path, "start");
            for round in 0..10 {
                let text = format!("{round}: {}", ["s(\"bd\")", "n(\"0 1 2 3\")"][round % 2]);
                save(&path, &text);
                let what = seen.recv_timeout(Duration::from_secs(10)).unwrap_or_else(|_| panic!("{how}: not seen"));
                assert_eq!(what, Ok(text), "{how}");
            }
            drop(watcher);
            assert!(seen.try_recv().is_err(), "{how}: seen twice");
        }
    }

    #[test]
    fn a_folder_that_was_moved_or_removed_is_watched_again_when_it_is_back() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("pieces");
        let path = folder.join("a.rhai");
        for way in
            [|f: &Path| fs::rename(f, f.with_extension("old")).unwrap(), |f: &Path| fs::remove_dir_all(f).unwrap()]
        {
            fs::create_dir_all(&folder).unwrap();
            fs::write(&path, "one").unwrap();
            let (send, seen) = unbounded();
            let watcher = Watcher::new(move |saw| send.send(saw.what).unwrap()).unwrap();
            watcher.handle().add(&path, "one");
            let next = || seen.recv_timeout(Duration::from_secs(10)).unwrap();
            fs::write(&path, "two").unwrap();
            assert_eq!(next(), Ok("two".into()));
            way(&folder);
            assert_eq!(next(), Err(Unreadable::Missing));
            for text in ["three", "four"] {
                fs::create_dir_all(&folder).unwrap();
                fs::write(&path, text).unwrap();
                assert_eq!(next(), Ok(text.into()));
            }
        }
    }

    #[test]
    fn a_link_s_target_is_watched_too() {
        let dir = tempfile::tempdir().unwrap();
        let (real, link) = (dir.path().join("real.rhai"), dir.path().join("folder/link.rhai"));
        fs::create_dir(dir.path().join("folder")).unwrap();
        fs::write(&real, "one").unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        let (send, seen) = unbounded();
        let watcher = Watcher::new(move |saw| send.send((saw.path, saw.what)).unwrap()).unwrap();
        watcher.handle().add(&link, "one");
        fs::write(&real, "two").unwrap();
        assert_eq!(seen.recv_timeout(Duration::from_secs(10)).unwrap(), (link, Ok("two".into())));
    }
}
