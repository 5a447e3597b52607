//! `kill -9`: whatever moment it comes at, nothing that was evaluated is lost, and the session goes on in the right bar.

use std::fs::{self, File};
use std::io::Write;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use segue::session::{Fate, Mark, Past, REPL, Rehearsal, Said};
use tempfile::TempDir;

/// How long an answer may take on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(20);

struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

fn wall() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64() * 1000.0
}

/// A performer whose machine dies again and again.
struct Performer {
    place: TempDir,
    dice: Dice,
    /// Everything whose effect the performer has seen: who said it, and what.
    seen: Vec<String>,
    /// Counts what is said, so that each is another.
    count: usize,
    lives: usize,
    /// Lives that lasted until the session went on.
    went_on: usize,
    /// Those of them whose bar could be compared with the life before.
    compared: usize,
    /// How long the program needs to begin on this machine, as it is now.
    begins: Duration,
}

/// One run of the program.
struct Life {
    child: Child,
    log: PathBuf,
    ends: Instant,
}

impl Life {
    fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Waits until it says something; not beyond its end.
    fn hears(&self, words: &str) -> bool {
        while Instant::now() < self.ends {
            if self.log().contains(words) {
                return true;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        false
    }
}

/// `kill -9`: nobody is asked.
impl Drop for Life {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Performer {
    /// One whose first session has begun to play before it is killed.
    fn new(seed: u64) -> Performer {
        let place = tempfile::tempdir().unwrap();
        fs::write(place.path().join("a.rhai"), "tempo(120);\ntrack d = s(\"bd*4\"); // 0\n").unwrap();
        let dice = Dice(seed);
        let mut performer = Performer {
            place,
            dice,
            seen: Vec::new(),
            count: 0,
            lives: 0,
            went_on: 0,
            compared: 0,
            begins: Duration::ZERO,
        };
        let begun = Instant::now();
        let mut life = performer.begin(PATIENCE);
        performer.say(&mut life);
        performer.begins = begun.elapsed();
        drop(life);
        performer.check();
        performer
    }

    fn begin(&mut self, lasts: Duration) -> Life {
        self.lives += 1;
        let log = self.place.path().join(format!("log{}", self.lives));
        let mut command = Command::new(env!("CARGO_BIN_EXE_segue"));
        command.args(["--resume", "a.rhai", "--device", "null"]).current_dir(self.place.path());
        command.env("XDG_STATE_HOME", self.place.path().join("state")).env("LC_ALL", "C.UTF-8").env_remove("TERM");
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(File::create(&log).unwrap());
        Life { child: command.spawn().unwrap(), log, ends: Instant::now() + lasts }
    }

    /// The newest journal that can be resumed, if there is one yet.
    fn journal(&self) -> Option<Rehearsal> {
        let folder = self.place.path().join("state/segue/journals");
        let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
        let ended = entries.filter(|path| path.extension().is_some_and(|ending| ending == "jsonl"));
        let mut all: Vec<_> = ended.map(|path| (path.metadata().unwrap().modified().unwrap(), path)).collect();
        all.sort();
        let texts = all.into_iter().rev().map(|(_, path)| fs::read(path).unwrap());
        let read = texts.filter(|text| !text.is_empty()).filter_map(|text| {
            let read = Rehearsal::read(&text);
            // Only a header may be torn in a way that leaves nothing.
            let read = read.unwrap_or_else(|e| panic!("{e:?}: {}", String::from_utf8_lossy(&text)));
            assert!(read.lost.len() <= 1 && text.last() != Some(&b'\n') || read.lost.is_empty(), "{:?}", read.lost);
            let said = !read.past.is_empty() || !read.entries.is_empty();
            said.then_some(read)
        });
        read.into_iter().next()
    }

    /// One thing said; what to look for in the journal, once it was answered.
    fn say(&mut self, life: &mut Life) {
        self.count += 1;
        let count = self.count;
        let mut stdin = life.child.stdin.as_ref().unwrap();
        let kind = if count == 1 { 5 } else { self.dice.roll(6) };
        let (line, sign) = match kind {
            0 => ("mute d".to_string(), "mute d".to_string()),
            1 => (format!("solo e{count}"), format!("solo e{count}")),
            2 => ("unsolo".into(), "unsolo".into()),
            3 => {
                let text = format!("tempo(120);\ntrack d = s(\"bd*{}\"); // {count}\n", 1 + self.dice.roll(8));
                fs::write(self.place.path().join("a.rhai"), &text).unwrap();
                // It is in the journal when its tempo of edits shows it; the disk keeps it anyway.
                return;
            }
            _ => (format!("track e{} = s(\"hh*{count}\")", count % 4), format!("hh*{count}")),
        };
        // Whatever stands before the last word has been done when the prompt complains of it.
        if writeln!(stdin, "{line}\n:tracks\n:nonsense{count}").is_ok() && life.hears(&format!(":nonsense{count}`")) {
            self.seen.push(sign);
        }
    }

    /// A life that ends at a random moment; then the journal has all that was seen.
    fn life(&mut self) {
        let before = self.journal();
        // Half of them end before they have begun, or soon after.
        let most = 2 * self.begins + Duration::from_millis(200);
        let lasts = most * self.dice.roll(1000) as u32 / 1000;
        let mut life = self.begin(lasts);
        let went_on = life.hears("goes on in bar");
        self.went_on += usize::from(went_on);
        let now = wall();
        while Instant::now() < life.ends {
            self.say(&mut life);
        }
        let log = life.log();
        drop(life);
        assert!(!log.contains("panicked"), "{log}");
        self.check();
        if let Some(before) = before.filter(|_| went_on) {
            self.compared += usize::from(right_bar(&before, &self.journal().unwrap(), now, &log));
        }
    }

    /// Everything seen is there, in its order.
    fn check(&self) {
        let Some(journal) = self.journal() else { return assert!(self.seen.is_empty(), "{:?}", self.seen) };
        let open = journal.open.iter().map(|open| Past { cycle: 0.0, said: open.said.clone() });
        let all: Vec<String> = journal.all().into_iter().chain(open).map(|past| words(&past.said)).collect();
        let mut rest = all.iter();
        for sign in &self.seen {
            assert!(
                rest.any(|said| said.contains(sign.as_str())),
                "{sign} is lost after {} lives: {all:#?}",
                self.lives
            );
        }
    }

    /// What the program itself says it has after all, and whether the newest text of the file plays.
    fn last(mut self) {
        assert!(self.went_on * 5 >= self.lives, "{} of {} lives went on", self.went_on, self.lives);
        assert!(self.compared * 2 >= self.went_on, "{} of {} were compared", self.compared, self.went_on);
        let life = self.begin(PATIENCE);
        assert!(life.hears("goes on in bar"), "{}", life.log());
        let begun = Instant::now();
        writeln!(life.child.stdin.as_ref().unwrap(), ":tracks\n:at\n:nonsense").unwrap();
        assert!(life.hears(":nonsense`"), "{}", life.log());
        assert!(begun.elapsed() < Duration::from_secs(2));
        let log = life.log();
        drop(life);
        let text = fs::read_to_string(self.place.path().join("a.rhai")).unwrap();
        let journal = self.journal().unwrap();
        let files = journal.all().into_iter().filter_map(|past| match past.said {
            Said::Text { owner, text, .. } if &*owner != REPL => text,
            _ => None,
        });
        assert_eq!(files.last(), Some(text), "{log}");
        for track in self.seen.iter().filter(|sign| sign.starts_with("hh")) {
            let count: usize = track[3..].parse().unwrap();
            assert!(log.contains(&format!("e{} ", count % 4)), "{track}: {log}");
        }
    }
}

/// What was said, in words.
fn words(said: &Said) -> String {
    match said {
        Said::Text { text, .. } => text.clone().unwrap_or_default(),
        Said::Stage(stage) => {
            let (word, name) = stage.words();
            format!("{word} {}", name.unwrap_or_default()).trim().to_string()
        }
        other => format!("{other:?}"),
    }
}

/// The new journal goes on where the old one would be by now; whether the two can be compared.
fn right_bar(before: &Rehearsal, after: &Rehearsal, now: f64, log: &str) -> bool {
    let Some(Mark { wall, cycle, cps, .. }) = before.mark else { return false };
    let resumed = after.entries.iter().find_map(|entry| match (&entry.said, entry.fate) {
        (Said::Resume(cycle), Fate::Counts) => Some(*cycle),
        _ => None,
    });
    // It was killed between its journal's beginning and the first sound.
    let Some(resumed) = resumed else { return false };
    let expected = cycle + (now - wall as f64) / 1000.0 * cps;
    // A tenth of a bar: a busy machine looks at the clock when it has the time.
    assert!((resumed - expected).abs() < 0.1, "bar {resumed} instead of {expected}: {log}");
    true
}

#[test]
fn whenever_it_is_killed_nothing_is_lost_and_it_goes_on_in_the_right_bar() {
    let (performers, lives) = if std::env::var_os("SEGUE_LONG").is_some() { (40, 25) } else { (2, 6) };
    let perform = |seed: u64| {
        let mut performer = Performer::new(seed);
        (0..lives).for_each(|_| performer.life());
        performer.last();
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..2)
            .map(|half| scope.spawn(move || (0..performers).filter(|seed| seed % 2 == half).for_each(perform)))
            .collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
}
