//! `segue bench`: how many voices of each instrument this machine carries.

use std::time::Instant;

use segue::engine::{
    Change, Command, Config, Event, EventBatch, Frames, MAX_CONTROLS, MAX_SENDS, MOST_LANES, Place, Pool, Program,
    Renderer, Strip, What, engine,
};
use segue::graph::{GraphError, SynthDef, lower_choirs};
use segue::lang::Interpreter;

use super::args::Bench;
use super::{Failure, out, screen};

/// Voices that sound while one is timed.
const VOICES: usize = 2 * MOST_LANES;
/// Seconds of sound before the measurement, and in it.
const SETTLE: f64 = 0.1;
const LISTEN: f64 = 0.3;
/// How much of the time between two callbacks is given away: beyond it a live session refuses edits.
const LOAD: f64 = 0.8;
/// The widest bar.
const WIDTH: usize = 40;

pub fn run(asked: &Bench) -> Result<(), Failure> {
    let (rate, buffer) = (f64::from(asked.rate), asked.buffer as usize);
    let interpreter = Interpreter::new();
    let mut rows = Vec::new();
    for def in interpreter.library().synths.iter().map(|synth| synth.def()) {
        let cost = cost(def, rate, buffer).map_err(|why| Failure::Machine(format!("{}: {}", def.name, why.message)))?;
        rows.push((def.name.to_string(), (LOAD * buffer as f64 / rate / cost) as u64));
    }
    out::show(&format!(
        "voices of each instrument that this machine carries on one thread, at {} Hz in buffers of {}\n{}",
        asked.rate,
        asked.buffer,
        table(rows, !screen::by_lines())
    ))
}

/// The cheapest instrument first: its name, its number and a bar, where pictures are wanted.
fn table(mut rows: Vec<(String, u64)>, bars: bool) -> String {
    rows.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let most = rows.first().map_or(1, |(_, voices)| (*voices).max(1));
    let name = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0).min(24);
    let line = |(title, voices): &(String, u64)| {
        let bar = if bars { (*voices as usize * WIDTH).div_ceil(most as usize) } else { 0 };
        format!("{title:name$} {voices:>7} {}", "#".repeat(bar)).trim_end().to_string() + "\n"
    };
    rows.iter().map(line).collect()
}

/// Seconds that one more voice adds to a callback: the median of many, of a desk full of them less an empty one.
fn cost(def: &SynthDef, rate: f64, buffer: usize) -> Result<f64, GraphError> {
    let (full, empty) = (desk(Some(def), rate)?, desk(None, rate)?);
    let [full, empty] = [full, empty].map(|renderer| callback(renderer, rate, buffer));
    Ok(((full - empty) / VOICES as f64).max(1e-9))
}

/// The median time of a callback, in seconds.
fn callback(mut renderer: Renderer, rate: f64, buffer: usize) -> f64 {
    let mut sound = vec![0.0; 2 * buffer];
    let callbacks = |seconds: f64| ((seconds * rate) as usize).div_ceil(buffer).max(9);
    for _ in 0..callbacks(SETTLE) {
        renderer.process(&[], &mut sound);
    }
    let mut times: Vec<f64> = (0..callbacks(LISTEN))
        .map(|_| {
            let begun = Instant::now();
            renderer.process(&[], &mut sound);
            begun.elapsed().as_secs_f64()
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// A desk of one track, on which an instrument holds as many notes as are timed, all of them different.
fn desk(def: Option<&SynthDef>, rate: f64) -> Result<Renderer, GraphError> {
    let (mut controller, renderer) = engine(Config { rate, tracks: 1, buses: 0, ..Config::default() });
    let Some(def) = def else { return Ok(renderer) };
    let place = |name: &str| def.controls.iter().take(MAX_CONTROLS).position(|control| &*control.name == name);
    let pool = Pool {
        id: 0,
        voices: lower_choirs(def, rate, VOICES)?,
        controls: def.controls.len().min(MAX_CONTROLS) as u16,
        gate: place("gate").map(|at| at as u16),
        longest: Frames::MAX,
    };
    let pools = vec![Box::new(pool)];
    let (signal, inserts, sends) = (None, None, Vec::new());
    let strip = Strip { name: 0, gain: 0.01, pan: 0.0, muted: false, sends, signal, inserts, pools };
    let changes = vec![Change { place: Place::Track(0), what: What::Install(Box::new(strip)) }];
    let note = |n: usize| {
        let mut controls = [0.0; MAX_CONTROLS];
        controls.iter_mut().zip(&def.controls).for_each(|(value, control)| *value = control.default);
        if let Some(freq) = place("freq") {
            controls[freq] = 55.0 * 2f32.powf(n as f32 / 7.0);
        }
        let (at, off, key) = (64 * n as Frames, Frames::MAX, n as u64 + 1);
        let sends = [(0, 0.0); MAX_SENDS];
        Event { at, off, track: 0, pool: 0, key, seed: key, gain: 1.0, pan: 0.0, sends, cut: 0, controls }
    };
    let events = (0..VOICES).map(note).collect();
    // The queue is empty, so both find a place in it.
    let _ = controller.send(Command::Load(Box::new(Program { at: 0, fade: 0, changes })));
    let _ = controller.send(Command::Play(Box::new(EventBatch { events })));
    Ok(renderer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cheapest_instrument_stands_first_and_has_the_longest_bar() {
        let rows = [("a", 10), ("long name", 1000), ("b", 500)].map(|(name, voices)| (name.to_string(), voices));
        assert_eq!(table(rows.clone().into(), false).lines().next(), Some("long name    1000"));
        let table = table(rows.into(), true);
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(lines[0], format!("long name    1000 {}", "#".repeat(40)));
        assert_eq!(lines[1], format!("b             500 {}", "#".repeat(20)));
        assert_eq!(lines[2], "a              10 #");
    }

    #[test]
    fn what_is_timed_sounds() {
        let interpreter = Interpreter::new();
        for def in interpreter.library().synths.iter().map(|synth| synth.def()) {
            let mut renderer = desk(Some(def), 48_000.0).unwrap();
            let mut sound = vec![0.0; 2 * 9600];
            renderer.process(&[], &mut sound);
            assert!(sound.iter().any(|x| x.abs() > 1e-6), "{}", def.name);
        }
    }
}
