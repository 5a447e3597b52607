//! What patterns cost: haps per second of the mix, memory of a pattern, time from text to the first hap, near and far in time.

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::sync::atomic::{AtomicIsize, Ordering::Relaxed};
use std::time::Instant;

use segue::lang::{Answer, Interpreter};
use segue::pattern::{Pattern, Span, Time};

/// Bytes allocated now and not yet freed.
static HELD: AtomicIsize = AtomicIsize::new(0);

struct Counting;

// SAFETY: every call is handed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        HELD.fetch_add(layout.size() as isize, Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size() as isize, Relaxed);
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const MIX: &str = include_str!("mix.rhai");
const LAYERS: &str = include_str!("layers.rhai");
const CYCLES: i64 = 1000;
const ROUNDS: usize = 5;
/// Windows in which a scheduler may ask for a cycle.
const WINDOWS: i64 = 20;

fn pattern(interpreter: &mut Interpreter, text: &str) -> Pattern {
    match interpreter.query(text) {
        Ok(Answer::Pattern(pattern)) => pattern,
        other => panic!("a pattern expected, found {other:?}"),
    }
}

/// Onsets in some cycles, each cycle asked on its own, as a player asks.
fn onsets(pattern: &Pattern, from: i64, cycles: i64) -> usize {
    in_windows(pattern, from, cycles, 1)
}

/// The same, with each cycle in so many windows.
fn in_windows(pattern: &Pattern, from: i64, cycles: i64, windows: i64) -> usize {
    let time = |window| Time::new(window, windows);
    let one = |window| black_box(pattern.query(Span::new(time(window), time(window + 1))));
    let all = from * windows..(from + cycles) * windows;
    all.map(|window| one(window).iter().filter(|hap| hap.has_onset()).count()).sum()
}

/// Onsets and seconds of the fastest of some rounds.
fn fastest(pattern: &Pattern, from: i64, cycles: i64) -> (usize, f64) {
    let round = || {
        let begin = Instant::now();
        (onsets(pattern, from, cycles), begin.elapsed().as_secs_f64())
    };
    (0..ROUNDS).map(|_| round()).min_by(|a, b| a.1.total_cmp(&b.1)).expect("there are rounds")
}

fn report(name: &str, pattern: &Pattern) {
    let (count, seconds) = fastest(pattern, 0, CYCLES);
    println!("{name:>24} {:>12.0} haps/s {count:>8} haps", count as f64 / seconds);
}

fn main() {
    let mut interpreter = Interpreter::new();
    let mix = pattern(&mut interpreter, MIX);
    report("the mix", &mix);
    for line in MIX.lines().filter(|line| line.starts_with("    ")) {
        let layer = line.trim().trim_end_matches(',');
        report(layer.split('(').next().unwrap_or(layer), &pattern(&mut interpreter, layer));
    }

    let layers = pattern(&mut interpreter, LAYERS);
    for windows in [1, WINDOWS] {
        let round = || {
            let begin = Instant::now();
            (in_windows(&layers, 0, CYCLES, windows), begin.elapsed().as_secs_f64())
        };
        let (count, seconds) = (0..ROUNDS).map(|_| round()).min_by(|a, b| a.1.total_cmp(&b.1)).expect("rounds");
        println!("{:>24} {:>12.0} haps/s {count:>8} haps", format!("layers in {windows}"), count as f64 / seconds);
    }

    for from in [0, 100_000] {
        let (_, seconds) = fastest(&mix, from, CYCLES);
        println!("{:>24} {:>12.1} µs per cycle", format!("from cycle {from}"), seconds * 1e6 / CYCLES as f64);
    }

    let before = HELD.load(Relaxed);
    onsets(&mix, 0, CYCLES);
    println!("{:>24} {:>12} bytes", "1000 cycles left behind", HELD.load(Relaxed) - before);

    let text_to_hap = |interpreter: &mut Interpreter| {
        let begin = Instant::now();
        black_box(pattern(interpreter, MIX).first_cycle());
        begin.elapsed().as_secs_f64() * 1e6
    };
    let fastest = (0..100).map(|_| text_to_hap(&mut interpreter)).fold(f64::MAX, f64::min);
    println!("{:>24} {fastest:>12.1} µs", "text to the first haps");

    let before = HELD.load(Relaxed);
    let made: Vec<Pattern> = (0..100).map(|_| pattern(&mut interpreter, MIX)).collect();
    let held = (HELD.load(Relaxed) - before) / made.len() as isize;
    println!("{:>24} {held:>12} bytes for {} expressions", "the mix in memory", mix.size());
}
