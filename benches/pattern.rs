//! What patterns cost: the mix and its layers asked for cycle by cycle, windows of a scheduler, far in time, from text to the
//! first haps; and, printed at the end, the memory of a pattern.

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::sync::atomic::{AtomicIsize, Ordering::Relaxed};
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group};
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
/// Cycles asked for in a round: whatever comes round in eight has come round.
const CYCLES: i64 = 200;
/// Windows in which a scheduler may ask for a cycle.
const WINDOWS: i64 = 20;

fn pattern(interpreter: &mut Interpreter, text: &str) -> Pattern {
    match interpreter.query(text) {
        Ok(Answer::Pattern(pattern)) => pattern,
        other => panic!("a pattern expected, found {other:?}"),
    }
}

/// Onsets in a round from a cycle on, each cycle asked in so many windows.
fn onsets(pattern: &Pattern, from: i64, windows: i64) -> usize {
    let time = |window| Time::new(window, windows);
    let one = |window| black_box(pattern.query(Span::new(time(window), time(window + 1))));
    let all = from * windows..(from + CYCLES) * windows;
    all.map(|window| one(window).iter().filter(|hap| hap.has_onset()).count()).sum()
}

fn queries(c: &mut Criterion) {
    let mut interpreter = Interpreter::new();
    let mut group = c.benchmark_group("haps");
    let mut bench = |name: &str, text: &str, from: i64, windows: i64| {
        let pattern = pattern(&mut interpreter, text);
        group.throughput(Throughput::Elements(onsets(&pattern, from, windows) as u64));
        group.bench_function(name, |b| b.iter(|| onsets(black_box(&pattern), from, windows)));
    };
    bench("the mix", MIX, 0, 1);
    for (n, line) in MIX.lines().filter(|line| line.starts_with("    ")).enumerate() {
        bench(&format!("layer {} of the mix", n + 1), line.trim().trim_end_matches(','), 0, 1);
    }
    bench("the mix from cycle 100000", MIX, 100_000, 1);
    bench("layers in whole cycles", LAYERS, 0, 1);
    bench("layers in twenty windows", LAYERS, 0, WINDOWS);
}

fn texts(c: &mut Criterion) {
    let mut interpreter = Interpreter::new();
    c.bench_function("from text to the first haps", |b| b.iter(|| pattern(&mut interpreter, MIX).first_cycle()));
}

/// Bytes that a pattern holds, and that a round of questions leaves behind.
fn memory() {
    let mut interpreter = Interpreter::new();
    let mix = pattern(&mut interpreter, MIX);
    let before = HELD.load(Relaxed);
    onsets(&mix, 0, 1);
    println!("{CYCLES} cycles leave {} bytes behind", HELD.load(Relaxed) - before);
    let before = HELD.load(Relaxed);
    let made: Vec<Pattern> = (0..100).map(|_| pattern(&mut interpreter, MIX)).collect();
    let held = (HELD.load(Relaxed) - before) / made.len() as isize;
    println!("the mix holds {held} bytes for {} expressions", mix.size());
}

criterion_group! {
    name = all;
    config = Criterion::default().sample_size(10).warm_up_time(Duration::from_millis(100)).measurement_time(Duration::from_secs(1));
    targets = queries, texts
}

fn main() {
    all();
    Criterion::default().configure_from_args().final_summary();
    memory();
}
