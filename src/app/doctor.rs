//! `segue doctor`: tries what a session needs, and says what to do about what fails.

use std::time::{Duration, Instant};

use segue::io::{Device, Request, Sound, advice};
use segue::lang::Interpreter;

use super::piece::Folder;
use super::watch::Watcher;
use super::words::Words;
use super::{Failure, new, screen, state};

/// What came of one trial: good news or bad, and what to do.
type Finding = Result<String, (String, String)>;

type Trial = fn() -> Finding;

pub fn run() -> Result<(), Failure> {
    println!("segue {} on {} {}", env!("CARGO_PKG_VERSION"), std::env::consts::OS, std::env::consts::ARCH);
    let trials: [(&str, Trial); 4] =
        [("language", language), ("sound", sound), ("watching", watching), ("records", records)];
    let mut bad = 0;
    for (name, trial) in trials {
        match trial() {
            Ok(good) => println!("{}", screen::shown(&format!("  good  {name}: {good}"))),
            Err((what, cure)) => {
                bad += 1;
                println!("{}", screen::shown(&format!("  BAD   {name}: {what}\n        {cure}")));
            }
        }
    }
    if bad == 0 { Ok(()) } else { Err(Failure::Machine(format!("{bad} of {} trials failed", trials.len()))) }
}

/// The library loads and a piece evaluates.
fn language() -> Finding {
    let begun = Instant::now();
    let mut interpreter = Interpreter::new();
    let loaded = begun.elapsed();
    let words = Words::of(&interpreter).all().count();
    let begun = Instant::now();
    match interpreter.evaluate("doctor.rhai", new::TEMPLATE, &Folder::here()) {
        Ok(_) => Ok(format!(
            "{words} words loaded in {:.0} ms, a piece evaluated in {:.1} ms",
            loaded.as_secs_f64() * 1e3,
            begun.elapsed().as_secs_f64() * 1e3
        )),
        Err(errors) => {
            let what = errors.first().map_or_else(String::new, |d| d.message.clone());
            Err((what, "this is a fault of Segue's; please report it".into()))
        }
    }
}

/// Nothing, for as long as asked.
struct Silence;

impl Sound for Silence {
    fn process(&mut self, _: &[f32], out: &mut [f32]) {
        out.fill(0.0);
    }
}

/// The device that would be played through calls back.
fn sound() -> Finding {
    let advise = |what: String| (what, advice::no_sound());
    let request = Request { device: Device::Default, ..Request::default() };
    let prepared = request.prepare().map_err(|e| advise(e.to_string()))?;
    let (output, notices) = prepared.start(Box::new(Silence)).map_err(|e| advise(e.to_string()))?;
    std::thread::sleep(Duration::from_millis(500));
    let figures = output.figures();
    drop(output);
    let told: Vec<String> = notices.try_iter().map(|n| n.to_string()).collect();
    let told = told.join("; ");
    if told.contains("silent clock") {
        return Err(advise(told));
    }
    if figures.callbacks == 0 {
        return Err(advise(format!("the device never asked for sound; {told}")));
    }
    Ok(format!("{told}; {} callbacks of {} frames, {} gaps", figures.callbacks, figures.buffer, figures.xruns))
}

/// A saved file is noticed.
fn watching() -> Finding {
    let cure = || {
        "saves may be heard late or not at all; raise fs.inotify.max_user_watches, or play from a local disk"
            .to_string()
    };
    let wrong = |e: std::io::Error| (e.to_string(), cure());
    let folder = std::env::temp_dir().join(format!("segue-doctor-{}", std::process::id()));
    std::fs::create_dir_all(&folder).map_err(wrong)?;
    let path = folder.join("piece.rhai");
    let found = (|| {
        std::fs::write(&path, "a").map_err(wrong)?;
        let (send, seen) = crossbeam_channel::bounded(4);
        let watcher = Watcher::new(move |saw| send.try_send(saw.event).unwrap_or(())).map_err(wrong)?;
        watcher.handle().add(&path, "a");
        std::fs::write(&path, "b").map_err(wrong)?;
        let begun = Instant::now();
        let seen = seen.recv_timeout(Duration::from_secs(2));
        seen.map_err(|_| ("a saved file was not noticed within 2 s".to_string(), cure()))?;
        Ok(format!("a save is noticed within {:.1} ms", begun.elapsed().as_secs_f64() * 1e3))
    })();
    // A folder of the temporary directory that stays behind does no harm.
    let _ = std::fs::remove_dir_all(folder);
    found
}

/// Sessions can be recorded.
fn records() -> Finding {
    let place = state::file("journals");
    match state::journal(None) {
        Ok(path) => {
            // It was only a trial; an empty journal does no harm.
            let _ = std::fs::remove_file(path);
            Ok(format!("sessions are recorded in {}", place.display()))
        }
        Err(e) => Err((
            format!("{}: {e}", place.display()),
            "sessions will not be recorded; --journal FILE names another place".into(),
        )),
    }
}
