//! Saves as every kind of editor makes them: each is heard once and whole, and what changes nothing is not heard.
#![cfg(target_os = "linux")]

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A way of saving: the file, its new text.
type Save = fn(&Path, &str);

fn ms(t: u64) -> Duration {
    Duration::from_millis(t)
}

/// Beside the file: its name with something put before and behind.
fn beside(path: &Path, before: &str, behind: &str) -> PathBuf {
    path.with_file_name(format!("{before}{}{behind}", path.file_name().unwrap().to_string_lossy()))
}

/// Writes a file that must not be there yet, in pieces, as editors with buffers do.
fn write_new(path: &Path, text: &str) {
    let mut file = File::create_new(path).unwrap();
    text.as_bytes().chunks(64).for_each(|part| file.write_all(part).unwrap());
    file.sync_all().unwrap();
}

/// Vim makes sure that it may write to the folder.
fn probe(path: &Path) {
    let probe = path.with_file_name("4913");
    drop(File::create(&probe).unwrap());
    fs::remove_file(probe).unwrap();
}

fn shell(program: &str, arguments: &[&Path]) {
    assert!(Command::new(program).args(arguments).status().unwrap().success(), "{program} failed");
}

const WAYS: &[(&str, Save)] = &[
    ("nano, ed, shell: truncated and written", |p, t| fs::write(p, t).unwrap()),
    ("vim, backupcopy=no: the old one moved away, a new one written, the old one removed", |p, t| {
        probe(p);
        fs::rename(p, beside(p, "", "~")).unwrap();
        write_new(p, t);
        fs::remove_file(beside(p, "", "~")).unwrap();
    }),
    ("vim, backupcopy=no, backup: the old one stays as backup", |p, t| {
        probe(p);
        fs::rename(p, beside(p, "", "~")).unwrap();
        write_new(p, t);
    }),
    ("vim, backupcopy=yes: the old one copied, then written over", |p, t| {
        fs::copy(p, beside(p, "", "~")).unwrap();
        fs::write(p, t).unwrap();
        fs::remove_file(beside(p, "", "~")).unwrap();
    }),
    ("neovim: a swap file while it is written", |p, t| {
        fs::write(beside(p, ".", ".swp"), "swap").unwrap();
        probe(p);
        fs::rename(p, beside(p, "", "~")).unwrap();
        write_new(p, t);
        fs::remove_file(beside(p, "", "~")).unwrap();
        fs::remove_file(beside(p, ".", ".swp")).unwrap();
    }),
    ("emacs: a lock, an auto-save, the old one moved to its backup", |p, t| {
        symlink("me@here.1234", beside(p, ".#", "")).unwrap();
        fs::write(beside(p, "#", "#"), t).unwrap();
        fs::rename(p, beside(p, "", "~")).unwrap();
        write_new(p, t);
        fs::remove_file(beside(p, "#", "#")).unwrap();
        fs::remove_file(beside(p, ".#", "")).unwrap();
    }),
    ("emacs, later saves: truncated and written", |p, t| {
        symlink("me@here.1234", beside(p, ".#", "")).unwrap();
        fs::write(p, t).unwrap();
        fs::remove_file(beside(p, ".#", "")).unwrap();
    }),
    ("VS Code: opened, truncated, written, synced", |p, t| {
        let mut file = OpenOptions::new().read(true).write(true).open(p).unwrap();
        file.set_len(0).unwrap();
        file.write_all(t.as_bytes()).unwrap();
        file.sync_data().unwrap();
    }),
    ("vim: rights and dates put back after the save", |p, t| {
        fs::write(p, t).unwrap();
        shell("chmod", &[Path::new("644"), p]);
        File::options().write(true).open(p).unwrap().set_modified(std::time::SystemTime::now()).unwrap();
    }),
    ("helix, kakoune: written aside and moved into place", |p, t| {
        write_new(&beside(p, ".", ".tmp"), t);
        fs::rename(beside(p, ".", ".tmp"), p).unwrap();
    }),
    ("sed -i", |p, t| {
        write_new(&p.with_file_name("sedXf3A9"), t);
        fs::rename(p.with_file_name("sedXf3A9"), p).unwrap();
    }),
    ("cp", |p, t| {
        let other = TempDir::new().unwrap();
        fs::write(other.path().join("x"), t).unwrap();
        shell("cp", &[&other.path().join("x"), p]);
    }),
    ("mv", |p, t| {
        let other = TempDir::new_in(p.parent().unwrap().parent().unwrap()).unwrap();
        fs::write(other.path().join("x"), t).unwrap();
        shell("mv", &[&other.path().join("x"), p]);
    }),
    ("git: removed and written", |p, t| {
        fs::remove_file(p).unwrap();
        write_new(p, t);
    }),
    ("a slow disk: truncated, and written 60 ms later", |p, t| {
        fs::write(p, "").unwrap();
        sleep(ms(60));
        OpenOptions::new().append(true).open(p).unwrap().write_all(t.as_bytes()).unwrap();
    }),
    ("a slow disk: removed, and written 60 ms later", |p, t| {
        fs::remove_file(p).unwrap();
        sleep(ms(60));
        fs::write(p, t).unwrap();
    }),
    ("a slow writer: two halves 80 ms apart, the file open meanwhile", |p, t| {
        let mut file = File::create(p).unwrap();
        let half = t.len() / 2;
        file.write_all(&t.as_bytes()[..half]).unwrap();
        sleep(ms(80));
        file.write_all(&t.as_bytes()[half..]).unwrap();
    }),
    ("written over in place, then cut to its length", |p, t| {
        let mut file = OpenOptions::new().write(true).open(p).unwrap();
        file.write_all(t.as_bytes()).unwrap();
        sleep(ms(20));
        file.set_len(t.len() as u64).unwrap();
    }),
    ("a hard link put in its place", |p, t| {
        write_new(&beside(p, "", ".new"), t);
        shell("ln", &[Path::new("-f"), &beside(p, "", ".new"), p]);
        fs::remove_file(beside(p, "", ".new")).unwrap();
    }),
    ("the folder moved away, changed, and moved back", |p, t| {
        let (folder, away) = (p.parent().unwrap(), p.parent().unwrap().with_extension("away"));
        fs::rename(folder, &away).unwrap();
        fs::write(away.join(p.file_name().unwrap()), t).unwrap();
        fs::rename(&away, folder).unwrap();
    }),
];

/// Something done to a file, by name.
type Touch = (&'static str, fn(&Path));

/// What happens to files and changes nothing.
const TOUCHES: &[Touch] = &[
    ("touch", |p| File::options().write(true).open(p).unwrap().set_modified(std::time::SystemTime::now()).unwrap()),
    ("the same text again", |p| fs::write(p, fs::read(p).unwrap()).unwrap()),
    ("the same text, moved into place", |p| {
        fs::copy(p, beside(p, "", ".new")).unwrap();
        fs::rename(beside(p, "", ".new"), p).unwrap();
    }),
    ("other rights", |p| shell("chmod", &[Path::new("644"), p])),
    ("read by somebody", |p| drop(fs::read(p).unwrap())),
    ("opened for writing and closed", |p| drop(OpenOptions::new().append(true).open(p).unwrap())),
    ("moved away and back", |p| {
        fs::rename(p, beside(p, "", ".away")).unwrap();
        fs::rename(beside(p, "", ".away"), p).unwrap();
    }),
    ("other files in the folder", |p| {
        fs::write(beside(p, "other_", ""), "loop {}").unwrap();
        fs::remove_file(beside(p, "other_", "")).unwrap();
    }),
];

/// A piece that plays in a folder of its own.
struct Stage {
    dir: TempDir,
    child: Child,
}

impl Stage {
    fn begin(files: &[(&str, &str)], played: &[&str]) -> Stage {
        let dir = TempDir::new().unwrap();
        fs::create_dir(dir.path().join("songs")).unwrap();
        for (name, text) in files {
            fs::write(dir.path().join("songs").join(name), text).unwrap();
        }
        let log = File::create(dir.path().join("log")).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_segue"))
            .arg("play")
            .args(played.iter().map(|name| format!("songs/{name}")))
            .args(["--device", "null", "--no-repl", "--journal", "j.jsonl"])
            .current_dir(&dir)
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let stage = Stage { dir, child };
        stage.until("every file is taken", || stage.texts().len() == played.len());
        stage
    }

    fn at(&self, name: &str) -> PathBuf {
        self.dir.path().join("songs").join(name)
    }

    fn log(&self) -> String {
        fs::read_to_string(self.dir.path().join("log")).unwrap()
    }

    /// What was evaluated so far: file and text, as the journal has them.
    fn texts(&self) -> Vec<(String, String)> {
        let journal = fs::read_to_string(self.dir.path().join("j.jsonl")).unwrap_or_default();
        let whole = journal.rsplit_once('\n').map_or("", |(lines, _)| lines);
        let entry = |line: &str| {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            Some((line["file"].as_str()?.trim_start_matches("songs/").into(), line["text"].as_str()?.into()))
        };
        whole.lines().filter_map(entry).collect()
    }

    fn until(&self, what: &str, mut so: impl FnMut() -> bool) {
        let deadline = Instant::now() + Duration::from_secs(20);
        while !so() {
            assert!(Instant::now() < deadline, "never: {what}; heard last: {:?}\n{}", self.texts().last(), self.log());
            sleep(ms(3));
        }
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Saves in each way.
fn rounds() -> usize {
    if std::env::var_os("SEGUE_LONG").is_some() { 100 } else { 3 }
}

/// Now longer, now shorter than the one before, and now the beginning of it.
fn text(way: usize, round: usize) -> String {
    let rest = "// and so on\n".repeat(round * 7 % 31);
    format!("track d = s(\"bd*{}\"); // way {way}, round {round}\n{rest}", 1 + (way + round) % 7)
}

#[test]
fn every_save_is_heard_once_and_whole_however_it_is_made() {
    let stage = Stage::begin(&[("a.rhai", "track d = s(\"bd\");")], &["a.rhai"]);
    let mut expected = vec![("a.rhai".to_string(), "track d = s(\"bd\");".to_string())];
    for (way, (how, save)) in WAYS.iter().enumerate() {
        for round in 0..rounds() {
            let text = text(way, round);
            save(&stage.at("a.rhai"), &text);
            expected.push(("a.rhai".into(), text));
            stage.until(how, || stage.texts().len() >= expected.len());
            assert_eq!(stage.texts().last(), expected.last(), "{how}, save {round}");
        }
    }
    // What would come late has time to.
    sleep(ms(600));
    assert_eq!(stage.texts(), expected);
}

#[test]
fn a_save_is_heard_at_once_though_rights_and_dates_are_put_back_after_it() {
    let stage = Stage::begin(&[("a.rhai", "track d = s(\"bd\");")], &["a.rhai"]);
    let (_, save) = WAYS.iter().find(|(how, _)| how.starts_with("vim: rights")).unwrap();
    let waits = (1..=5).map(|round| {
        let begun = Instant::now();
        save(&stage.at("a.rhai"), &text(0, round));
        stage.until("the save", || stage.texts().len() > round);
        begun.elapsed()
    });
    // The quickest: a busy machine delays some.
    assert!(waits.min().unwrap() < ms(300), "it waits for what never comes");
}

#[test]
fn what_changes_nothing_is_not_heard() {
    let stage = Stage::begin(&[("a.rhai", "track d = s(\"bd\");")], &["a.rhai"]);
    for _ in 0..rounds() {
        TOUCHES.iter().for_each(|(_, touch)| touch(&stage.at("a.rhai")));
        sleep(ms(20));
    }
    // A change that is heard has everything before it behind it.
    fs::write(stage.at("a.rhai"), "track d = s(\"hh\");").unwrap();
    stage.until("the change", || stage.texts().len() > 1);
    sleep(ms(600));
    assert_eq!(stage.texts().len(), 2, "{:?}", stage.texts());
    assert!(!stage.log().contains("is gone"), "{}", stage.log());
}

#[test]
fn a_storm_of_saves_ends_with_the_last_and_none_is_heard_in_part() {
    let stage = Stage::begin(&[("a.rhai", "track d = s(\"bd\");")], &["a.rhai"]);
    let mut written = vec!["track d = s(\"bd\");".to_string()];
    for round in 0..60 {
        let (_, save) = WAYS[round * 5 % (WAYS.len() - 1)];
        written.push(text(99, round));
        save(&stage.at("a.rhai"), &written[round + 1]);
    }
    stage.until("the last", || stage.texts().last().is_some_and(|(_, text)| Some(text) == written.last()));
    for (_, heard) in stage.texts() {
        assert!(written.contains(&heard), "nobody wrote {heard:?}");
    }
}

#[test]
fn files_side_by_side_and_what_they_import_are_heard_each_by_itself() {
    let piece = "import \"kit\" as kit;\nprint(`round ${kit::ROUND}`);\ntrack d = s(\"bd\");";
    let files = [("a.rhai", piece), ("b.rhai", "track e = s(\"hh\");"), ("kit.rhai", "export const ROUND = 0;")];
    let stage = Stage::begin(&files, &["a.rhai", "b.rhai"]);
    let mut expected = stage.texts().len();
    let mut number = 0;
    for (how, save) in WAYS {
        for round in 0..rounds() {
            number += 1;
            save(&stage.at("kit.rhai"), &format!("export const ROUND = {number};{}", " ".repeat(round * 13 % 40)));
            let shown = format!("round {number}\n");
            expected += 1;
            stage.until(how, || stage.log().contains(&shown) && stage.texts().len() >= expected);
            assert_eq!(stage.texts().last().map(|(file, _)| file.as_str()), Some("a.rhai"), "{how}");
            save(&stage.at("b.rhai"), &text(77, number));
            expected += 1;
            stage.until(how, || stage.texts().len() >= expected);
            assert_eq!(stage.texts().last(), Some(&("b.rhai".to_string(), text(77, number))), "{how}");
        }
    }
    sleep(ms(600));
    assert_eq!(stage.texts().len(), expected);
}
