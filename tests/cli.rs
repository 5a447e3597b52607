//! The binary as people and tools use it: exit statuses, bad input, saves while it plays, and what the README says.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value as Json;
use tempfile::TempDir;

const GOOD: &str = "tempo(120);\ntrack d = s(\"bd*4\");\n";
const OTHER: &str = "tempo(120);\ntrack d = s(\"bd*2, hh*8\");\n";

/// A folder with a piece in it, and nothing of the user's.
struct Place(TempDir);

impl Place {
    fn new() -> Place {
        let place = Place(tempfile::tempdir().unwrap());
        place.write("good.rhai", GOOD);
        place
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.at(name), text).unwrap();
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_segue"));
        command
            .args(args)
            .current_dir(self.0.path())
            .env("LC_ALL", "C.UTF-8")
            .env_remove("TERM")
            .env("XDG_STATE_HOME", self.0.path().join("state"));
        command.env_remove("RUST_BACKTRACE").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn run(&self, args: &[&str]) -> Said {
        finish(self.command(args), "")
    }

    fn tell(&self, args: &[&str], input: &str) -> Said {
        finish(self.command(args), input)
    }
}

/// What came of a run.
#[derive(Debug)]
struct Said {
    status: i32,
    out: String,
    err: String,
}

/// The longest any run here may take. Loaded machines are slow; endless ones are broken.
const LIMIT: Duration = Duration::from_secs(120);

fn finish(mut command: Command, input: &str) -> Said {
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    // A program that ends without reading is none of our business here.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let id = child.id();
    let (done, wait) = std::sync::mpsc::channel::<()>();
    let guard = std::thread::spawn(move || {
        if wait.recv_timeout(LIMIT) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
            let _ = Command::new("kill").args(["-9", &id.to_string()]).status();
        }
    });
    let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
    drop(done);
    guard.join().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Said { status: status.code().unwrap_or(-1), out: text(stdout), err: text(stderr) }
}

/// Waits until something is so; for files and logs, which tell nobody when they change.
fn until(what: &str, mut so: impl FnMut() -> bool) {
    let deadline = Instant::now() + LIMIT;
    while !so() {
        assert!(Instant::now() < deadline, "never: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn the_exit_status_tells_whose_fault_it_is() {
    let place = Place::new();
    place.write("bad.rhai", "tempo(120);\ntrack d = s(\"bd\").fsat(2);\n");
    place.write("empty.rhai", "");
    fs::write(place.at("long.rhai"), vec![b' '; 10 << 20]).unwrap();
    fs::write(place.at("binary.rhai"), b"\xff\xfe\x00").unwrap();
    let cases: &[(&[&str], i32, &str)] = &[
        (&["--help"], 0, ""),
        (&["--version"], 0, ""),
        (&["check", "good.rhai"], 0, ""),
        (&["check", "bad.rhai"], 1, "bad.rhai:2:"),
        (&["check", "good.rhai", "bad.rhai"], 1, "fast"),
        (&["check", "empty.rhai"], 1, "is empty"),
        (&["check", "long.rhai"], 1, "10.5 MB"),
        (&["check", "binary.rhai"], 1, "not text"),
        (&["check", "missing.rhai"], 3, "no such file"),
        (&["check", "."], 3, "folder"),
        (&["query", "s(\"bd\")"], 0, ""),
        (&["query", "s(\"bd"], 1, "1:"),
        (&["doc", "fast"], 0, ""),
        (&["doc", "fsat"], 2, "fast"),
        (&["play", "missing.rhai"], 3, "no such file"),
        (&["play", "--device", "test:nonsense"], 2, "--device"),
        (&["render", "good.rhai"], 2, "--output"),
        (&["render", "missing.rhai", "-o", "x.wav"], 3, "no such file"),
        (&["render", "bad.rhai", "-o", "x.wav"], 1, "bad.rhai:2:"),
        (&["render", "good.rhai", "-o", "x.mp3", "--cycles", "1"], 2, ".wav"),
        (&["replay", "good.rhai", "-o", "x.wav"], 1, "good.rhai:1"),
        (&["new", "good"], 3, "is there already"),
        (&["--nonsense"], 2, "--nonsense"),
        (&["devices"], 0, ""),
    ];
    for (args, status, words) in cases {
        let said = place.run(args);
        assert_eq!(said.status, *status, "{args:?}: {said:?}");
        assert!(said.err.contains(words), "{args:?}: {said:?}");
        assert!(!said.err.contains("panicked"), "{args:?}: {said:?}");
        assert!(*status == 0 || !said.err.trim().is_empty(), "{args:?} fails without a word");
    }
    assert!(!place.at("x.wav").exists());
}

#[test]
fn a_render_that_cannot_be_written_leaves_nothing_behind() {
    let place = Place::new();
    fs::create_dir(place.at("folder.wav")).unwrap();
    place.write("file", "");
    for out in ["/dev/full", "/proc/x.wav", "no/such/folder/x.wav", "folder.wav", "file/x.wav"] {
        let said = place.run(&["render", "good.rhai", "-o", out, "--cycles", "1"]);
        assert_eq!(said.status, 3, "{out}: {said:?}");
        assert!(said.err.contains(out), "{out}: {said:?}");
    }
    std::os::unix::fs::symlink("/dev/full", place.at("full.wav")).unwrap();
    let said = place.run(&["render", "good.rhai", "-o", "full.wav", "--cycles", "4"]);
    assert_eq!(said.status, 3, "{said:?}");
    assert!(said.err.contains("full"), "{said:?}");
    let mut left: Vec<_> = fs::read_dir(place.0.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["file", "folder.wav", "full.wav", "good.rhai"]);
}

#[test]
fn a_render_is_the_same_twice_and_tells_its_loudness() {
    let place = Place::new();
    for out in ["a.wav", "b.wav"] {
        let said = place.run(&["render", "good.rhai", "-o", out, "--cycles", "2", "--stems", "stems"]);
        assert_eq!(said.status, 0, "{said:?}");
        assert!(said.out.contains("LUFS") && said.out.contains("dBTP"), "{said:?}");
    }
    assert_eq!(fs::read(place.at("a.wav")).unwrap(), fs::read(place.at("b.wav")).unwrap());
    assert!(place.at("stems/d.wav").exists());
}

#[test]
fn a_new_piece_is_clean_and_nothing_is_overwritten() {
    let place = Place::new();
    assert_eq!(place.run(&["new", "song"]).status, 0);
    let said = place.run(&["check", "song.rhai"]);
    assert_eq!((said.status, said.err.as_str()), (0, ""));
    place.write("song.rhai", "mine");
    assert_eq!(place.run(&["new", "song"]).status, 3);
    assert_eq!(fs::read_to_string(place.at("song.rhai")).unwrap(), "mine");
}

#[test]
fn the_binary_works_alone_in_a_folder_where_nothing_may_be_written() {
    let place = Place::new();
    let alone = |args: &[&str]| {
        let mut command = place.command(args);
        command.current_dir("/proc").env("XDG_STATE_HOME", "/proc/nowhere").env("HOME", "/proc/nowhere");
        finish(command, "")
    };
    let out = place.at("out.wav");
    let piece = place.at("good.rhai");
    assert_eq!(alone(&["render", piece.to_str().unwrap(), "-o", out.to_str().unwrap(), "--cycles", "1"]).status, 0);
    assert_eq!(alone(&["query", "s(\"bd\")"]).status, 0);
    let said = alone(&["play", piece.to_str().unwrap(), "--device", "null", "--for", "0.5", "--no-repl"]);
    assert_eq!(said.status, 0, "{said:?}");
    assert!(said.err.contains("not recorded"), "{said:?}");
    assert_eq!(alone(&["new", "song"]).status, 3);
}

#[test]
fn a_batch_of_questions_is_answered_line_by_line() {
    let place = Place::new();
    let asks = "{\"id\":\"a\",\"mini\":\"bd*2\",\"cycles\":2}\n{\"id\":\"b\",\"code\":\"1 + 1\"}\n{\"id\":\"c\",\"mini\":\"[bd\"}\n";
    let said = place.tell(&["query", "--batch"], asks);
    assert_eq!(said.status, 0, "{said:?}");
    let answers: Vec<Json> = said.out.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(answers[0]["events"].as_array().unwrap().len(), 4);
    assert_eq!(answers[1]["value"], 2);
    assert!(answers[2]["error"].is_string());
}

/// A session over the test card, with its report and what it captured.
struct Session {
    place: Place,
    child: std::process::Child,
}

impl Session {
    fn begin(place: Place) -> Session {
        let log = fs::File::create(place.at("log")).unwrap();
        let mut command = place.command(&["play", "good.rhai", "--device", "test:512:take.wav"]);
        command.args(["--no-repl", "--report", "r.json", "--journal", "j.jsonl"]);
        let child = command.stdout(Stdio::null()).stderr(log).spawn().unwrap();
        let session = Session { place, child };
        session.hears("playing through");
        until("the piece is in the journal", || {
            fs::read_to_string(session.place.at("j.jsonl")).is_ok_and(|j| j.contains("accepted"))
        });
        session
    }

    fn log(&self) -> String {
        fs::read_to_string(self.place.at("log")).unwrap()
    }

    /// Waits until it has said something.
    fn hears(&self, words: &str) {
        until(words, || self.log().contains(words));
    }

    /// Waits until a text with these words in it has been accepted.
    fn accepts(&self, words: &str) {
        until(words, || {
            let journal = fs::read_to_string(self.place.at("j.jsonl")).unwrap();
            let lines: Vec<Json> = journal.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
            let says = |line: &&Json| line["text"].to_string().contains(words);
            let said = lines.iter().find(says).map(|line| line["n"].clone());
            said.is_some_and(|n| lines.iter().any(|line| line["of"] == n && line["outcome"] == "accepted"))
        });
    }

    /// Ctrl-C.
    fn end(mut self) -> (i32, Json, String, Place) {
        assert!(Command::new("kill").args(["-INT", &self.child.id().to_string()]).status().unwrap().success());
        let status = self.child.wait().unwrap().code().unwrap_or(-1);
        let log = self.log();
        let report = fs::read_to_string(self.place.at("r.json")).unwrap_or_else(|e| panic!("{e}: {log}"));
        (status, serde_json::from_str(&report).unwrap(), log, self.place)
    }
}

/// Root-mean-square of the last second of a take.
fn loudness_of_the_end(path: &Path) -> f64 {
    let mut wav = hound::WavReader::open(path).unwrap();
    let samples: Vec<f32> = wav.samples::<f32>().map(Result::unwrap).collect();
    let end = &samples[samples.len().saturating_sub(96_000)..];
    (end.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>() / end.len().max(1) as f64).sqrt()
}

#[test]
fn whatever_is_saved_the_music_goes_on_and_the_reason_is_told() {
    let session = Session::begin(Place::new());
    let bad: &[(&str, &str)] = &[
        ("track d = s(\"bd*4\"", "good.rhai:1:"),
        ("track d = s(\"bd*4\").fsat(2);", "fast"),
        ("track d = s(\"bd [sd\");", "good.rhai:1:"),
        ("loop { }", "does it ever end"),
        ("fn f(x) { f(x + 1) } f(0);", "deep"),
        ("let a = [1]; loop { a += a; }", "good.rhai:1:"),
        ("", "is empty"),
    ];
    for (text, words) in bad {
        let before = session.log().len();
        session.place.write("good.rhai", text);
        until(words, || session.log()[before..].contains(words));
    }
    fs::write(session.place.at("good.rhai"), vec![b'x'; 10 << 20]).unwrap();
    session.hears("10.5 MB");
    fs::remove_file(session.place.at("good.rhai")).unwrap();
    session.hears("is gone");
    let (status, report, log, place) = session.end();
    assert_eq!(status, 1, "the newest text was refused: {log}");
    assert_eq!(report["allocations"], 0, "{report}");
    let later = report["swaps"].as_array().unwrap().iter().filter(|swap| swap["at"] != 0).count();
    assert_eq!(later, 0, "only the first text took effect: {report}");
    assert!(loudness_of_the_end(&place.at("take.wav")) > 0.005, "the music stopped: {log}");
}

#[test]
fn a_machine_that_slept_goes_on_where_the_music_stood_and_hears_what_was_saved_meanwhile() {
    const ASLEEP: Duration = Duration::from_secs(3);
    let begun = Instant::now();
    let session = Session::begin(Place::new());
    let signal = |name: &str| {
        assert!(Command::new("kill").args([name, &session.child.id().to_string()]).status().unwrap().success());
    };
    signal("-STOP");
    session.place.write("good.rhai", OTHER);
    std::thread::sleep(ASLEEP);
    signal("-CONT");
    session.accepts(OTHER.lines().next().unwrap());
    std::thread::sleep(Duration::from_millis(500));
    let (status, report, log, place) = session.end();
    assert_eq!(status, 0, "{log}");
    let played = report["frames"].as_f64().unwrap() / 48_000.0;
    assert!(
        played < (begun.elapsed() - ASLEEP).as_secs_f64() + 0.5,
        "{played} s were played, some while it slept: {log}"
    );
    assert_eq!(report["allocations"], 0, "{report}");
    assert!(loudness_of_the_end(&place.at("take.wav")) > 0.005, "the music stopped: {log}");
}

#[test]
fn every_save_is_heard() {
    let saves = if std::env::var_os("SEGUE_LONG").is_some() { 100 } else { 20 };
    let session = Session::begin(Place::new());
    for round in 0..saves {
        session.place.write("good.rhai", &format!("{}// {round}\n", [OTHER, GOOD][round as usize % 2]));
        let heard = format!("// {round}\\n");
        session.accepts(&heard);
    }
    let (status, report, log, _) = session.end();
    assert_eq!(status, 0, "{log}");
    let evals = report["evals"].as_array().unwrap();
    assert_eq!(evals.len(), 1 + saves as usize, "{report}");
    assert!(evals.iter().all(|e| e["accepted"] == true && e["sound_ms"].is_number()), "{report}");
    assert_eq!(report["allocations"], 0, "{report}");
}

/// Samples of a take.
fn samples(path: &Path) -> Vec<f32> {
    hound::WavReader::open(path).unwrap().samples::<f32>().map(Result::unwrap).collect()
}

/// A live take with saves in it, as the card heard it and as its journal replays it; none where the machine was late.
fn heard_and_replayed() -> Option<(Vec<f32>, Vec<f32>)> {
    let session = Session::begin(Place::new());
    session.place.write("lib.rhai", "export const N = 3;\n");
    let edits = [
        "import \"lib\" as l; track d = s(\"bd*4\").fast(l::N); track x = sine(220) * 0.1 >> reverb(2);",
        "tempo(133); track d = s(\"bd*2, hh*8?\").room(0.4); track x = sine(220) * 0.1 >> reverb(2) >> lowpass(900);",
        "track d = s(\"cp*3\"); track b = n(\"0 3 7\").s(\"piano\").gain(0.5);",
    ];
    for (round, text) in edits.iter().enumerate() {
        session.place.write("good.rhai", &format!("{text} // {round}\n"));
        session.accepts(&format!("// {round}\\n"));
        // What is imported changes later, which is nothing to the take.
        session.place.write("lib.rhai", &format!("export const N = {};\n", 5 + round));
    }
    // Something to hear behind the last edit.
    std::thread::sleep(Duration::from_millis(1000));
    let (status, _, log, place) = session.end();
    assert_eq!(status, 0, "{log}");
    let said = place.run(&["replay", "j.jsonl", "-o", "again.wav", "--bits", "32f", "--seconds", "20"]);
    assert_eq!(said.status, 0, "{said:?}");
    let in_time = !said.err.contains("too late");
    in_time.then(|| (samples(&place.at("take.wav")), samples(&place.at("again.wav"))))
}

#[test]
fn what_the_card_heard_is_what_the_journal_replays_to_the_bit() {
    let takes = (0..5).find_map(|_| heard_and_replayed());
    let (heard, replayed) = takes.expect("one take in five in time");
    let config = segue::engine::Config::default();
    let (_, renderer) = segue::session::Session::new(config, segue::score::Score::default(), 0);
    // The master looks ahead; at the end the performer left, which is no part of the piece.
    let (from, to) = (2 * renderer.latency(), heard.len() - 2 * 12_000);
    assert!(to > 2 * 24_000 && heard[from..to].iter().any(|x| x.abs() > 0.01));
    let differ = heard[from..to].iter().zip(&replayed).position(|(a, b)| a.to_bits() != b.to_bits());
    assert_eq!(differ.map(|i| i / 2), None, "frame");
}

#[test]
fn a_damaged_journal_is_replayed_as_far_as_it_is_whole_and_says_what_is_lost() {
    let place = Place::new();
    let text = "{\"segue\":1}\n{\"at\":0,\"repl\":\"track d = s(\\\"bd*4\\\")\"}\n{\"at\":9,\"dan\0\0\n{\"n\":4,\"at\":64,\"fi";
    place.write("j.jsonl", text);
    let said = place.run(&["replay", "j.jsonl", "-o", "x.wav", "--cycles", "1"]);
    assert_eq!(said.status, 0, "{said:?}");
    assert!(said.err.contains("j.jsonl:3: left out") && said.err.contains("j.jsonl:4: left out"), "{said:?}");
    assert!(samples_of(&place.at("x.wav")) > 0);
}

/// How many samples of a take are heard.
fn samples_of(path: &Path) -> usize {
    hound::WavReader::open(path).unwrap().samples::<i32>().filter(|x| x.as_ref().is_ok_and(|x| *x != 0)).count()
}

#[test]
fn a_session_can_be_resumed_from_another_folder_and_a_journal_is_never_overwritten() {
    let place = Place::new();
    let first =
        place.tell(&["good.rhai", "--device", "null", "--journal", "j.jsonl"], "track e = s(\"hh\")\nmute e\n:quit\n");
    assert_eq!(first.status, 0, "{first:?}");
    let mut elsewhere = place.command(&["--resume=j.jsonl", "--journal", "j.jsonl", "--device", "null"]);
    fs::create_dir(place.at("sub")).unwrap();
    elsewhere.current_dir(place.at("sub"));
    fs::copy(place.at("j.jsonl"), place.at("sub/j.jsonl")).unwrap();
    let on = finish(elsewhere, ":tracks\n:undo\n:tracks\n:quit\n");
    assert_eq!(on.status, 0, "{on:?}");
    for words in ["goes on in bar", "d  playing", "good.rhai", "e  muted"] {
        assert!(on.err.contains(words), "{words}: {}", on.err);
    }
    assert_eq!(on.err.matches("e  muted").count(), 1, "undone: {}", on.err);
    let again = place.tell(&["good.rhai", "--device", "null", "--journal", "j.jsonl"], ":quit\n");
    assert!(again.err.contains("j.jsonl.1"), "{again:?}");
    let kept = fs::read_to_string(place.at("j.jsonl.1")).unwrap();
    assert!(kept.contains("track e"), "{kept}");
    let nothing = place.run(&["--resume", "--device", "null", "--for", "0.2", "--no-repl"]);
    assert!(nothing.status == 0 && nothing.err.contains("no session to resume"), "{nothing:?}");
    assert_eq!(place.run(&["--resume=none.jsonl", "--device", "null"]).status, 3);
}

#[test]
fn the_prompt_takes_lines_from_a_pipe() {
    let place = Place::new();
    let lines = "track d = s(\"bd*4\")\n:tracks\n:show d\n:show dd\nmute d\n:tracks\ntrack e =\n  s(\"hh*8\")\n\n:tracks\nhush\n:nonsense\n:help fast\n:quit\n";
    let said = place.tell(&["--device", "null"], lines);
    assert_eq!(said.status, 0, "{said:?}");
    for words in
        ["d  playing", "bd │█▒▒▒█▒▒▒█▒▒▒█▒▒▒│", "dd", "d  muted", "e  playing", "there is no command", ".fast("]
    {
        assert!(said.err.contains(words), "{words}: {}", said.err);
    }
}

#[test]
fn the_readme_s_commands_run() {
    let readme = include_str!("../README.md");
    let place = Place::new();
    let blocks = readme.split("```sh\n").skip(1).map(|b| b.split("```").next().unwrap());
    let commands: Vec<&str> = blocks.flat_map(str::lines).map(|l| l.split(" #").next().unwrap().trim()).collect();
    let mut ran = 0;
    for command in commands.iter().filter(|c| c.starts_with("segue")) {
        let mut words = shell_words(command);
        words.remove(0);
        let plays = words[0].ends_with(".rhai");
        if plays {
            words.extend(["--device", "null", "--for", "0.5"].map(String::from));
        }
        let said = place.run(&words.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(said.status, 0, "{command}: {said:?}");
        ran += 1;
    }
    assert!(ran >= 8, "the README shows how to use it");
    for name in ["play", "test", "examples", "docs/reference.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"]
    {
        assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(name).exists(), "the README speaks of {name}");
    }
}

#[test]
fn the_readme_s_pieces_are_without_fault() {
    let place = Place::new();
    for (i, block) in include_str!("../README.md").split("```rhai\n").skip(1).enumerate() {
        let name = format!("block{i}.rhai");
        place.write(&name, block.split("```").next().unwrap());
        let said = place.run(&["check", &name]);
        assert_eq!((said.status, said.err.as_str()), (0, ""), "{name}");
    }
}

/// Words of a shell command; single quotes keep blanks.
fn shell_words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            c => words.last_mut().unwrap().push(c),
        }
    }
    words.retain(|w| !w.is_empty());
    words
}

#[test]
fn a_reader_who_has_seen_enough_is_no_error() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_segue"))
        .args(["doc", "--markdown"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let done = child.wait_with_output().unwrap();
    assert!(done.status.success() && done.stderr.is_empty(), "{done:?}");
}

#[test]
fn a_lesson_plays_hints_praises_the_right_answer_and_remembers_it() {
    let place = Place::new();
    let list = place.run(&["learn"]);
    assert!(list.status == 0 && list.out.lines().count() > 30 && !list.out.contains('✓'), "{list:?}");
    let told = place.tell(
        &["learn", "four so many", "--device", "null"],
        ":hint\ntrack kick = s(\"hh*4\")\ntrack boom = s(\"bd bd bd bd\")\n:next\n",
    );
    // The lesson is found by words of its title only as they stand there.
    assert!(told.status == 2 && told.err.contains("`segue learn` lists them"), "{told:?}");
    let told = place.tell(
        &["learn", "times so many", "--device", "null"],
        ":hint\ntrack kick = s(\"hh*4\")\ntrack boom = s(\"bd bd bd bd\")\n:next\n",
    );
    for words in ["Lesson 6 of", "hint 1: ", "not yet: The rhythm is right", "✓ right", "Lesson 7 of"] {
        assert!(told.err.contains(words), "{words}: {told:?}");
    }
    assert!(place.run(&["learn"]).out.lines().nth(5).is_some_and(|line| line.contains("✓ done")));
}

#[test]
fn a_teachers_folder_is_a_course_and_a_page_that_is_no_lesson_is_told_with_its_line() {
    let place = Place::new();
    fs::create_dir(place.at("mine")).unwrap();
    let none = place.run(&["learn", "--folder", "mine"]);
    assert!(none.status == 2 && none.err.contains("lessons (*.md) expected"), "{none:?}");
    let page = fs::read_to_string("stdlib/lessons/06-repeat.md").unwrap();
    place.write("mine/one.md", &page);
    let list = place.run(&["learn", "--folder", "mine"]);
    assert!(list.status == 0 && list.out.contains("1  Times so many"), "{list:?}");
    place.write("mine/one.md", &page.replace("answer onsets", "answer onset"));
    let torn = place.run(&["learn", "--folder", "mine"]);
    assert!(torn.status == 2 && torn.err.contains("one, line ") && torn.err.contains("found `onset`"), "{torn:?}");
}

#[test]
fn the_ear_is_asked_told_and_its_results_are_kept() {
    let place = Place::new();
    let told = place.tell(
        &["ear", "cadences", "--seed", "1", "--device", "null"],
        "plagal\nperfect\ntrack a = s(\"bd\")\nwhat\nhalf\n:ear\n:ear\n",
    );
    assert!(
        told.status == 0 && told.err.contains("answers here are: perfect · plagal · half · deceptive; :stop ends"),
        "{told:?}"
    );
    for words in
        ["1. which cadence?\n  perfect · plagal", "2. which", "4. which", "of 3 right", "no drill is under way"]
    {
        assert!(told.err.contains(words), "{words}: {told:?}");
    }
    let kept = fs::read_to_string(place.at("state/segue/ear.csv")).unwrap();
    assert_eq!(kept.lines().count(), 4, "{kept}");
    let wrong = place.run(&["ear", "smells"]);
    assert!(wrong.status == 2 && wrong.err.contains("one of intervals, chords"), "{wrong:?}");
}
