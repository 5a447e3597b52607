//! An hour of the whole piece with an edit every second, as fast as the machine goes: nothing is allocated in the callback,
//! nothing grows, nothing slows down. `SEGUE_LONG=1` plays the hour; without it, some seconds.

use std::time::Instant;

use assert_no_alloc::violation_count;
use cpu_time::ThreadTime;
use segue::engine::Config;
use segue::lang::{Interpreter, NoFiles};
use segue::session::{Moment, News, Session, When};

#[global_allocator]
static ALLOCATOR: assert_no_alloc::AllocDisabler = assert_no_alloc::AllocDisabler;

const RATE: usize = 48_000;
const CALLBACK: usize = 512;
const PIECE: &str = include_str!("../examples/09-first-light.rhai");

/// What is edited, one after the other: what stands in the text and what it becomes. Every second time it is taken back.
const EDITS: &[[&str; 2]] = &[
    ["chorus(0.3) >> highpass(160)", "chorus(0.3) >> highpass(240)"],
    ["chorus(0.3) >> highpass(160)", "chorus(0.3) >> lowpass(3000) >> highpass(160)"],
    ["chorus(0.3) >> highpass(160)", "highpass(160) >> chorus(0.3)"],
    ["reverb(3.2, 0.6) >> highpass(220)", "reverb(3.2, 0.6) >> highpass(220) >> gain(-3)"],
    ["reverb(3.2, 0.6) >> highpass(220)", "delay(0.3, 0.6) >> highpass(220)"],
    ["compressor(-16, 2) >> limiter(-1.2)", "compressor(-20, 3) >> limiter(-1.2)"],
    ["compressor(-16, 2) >> limiter(-1.2)", "gain(-2) >> compressor(-16, 2) >> limiter(-1.2)"],
    ["track kick = four", "track thump = four"],
    ["s(\"bd*4\")", "s(\"bd*4, rim(3,8)\")"],
    [".s(\"bell\")", ".s(\"pluck\")"],
    ["[~ hh]*4, [hh*16]", "[~ oh]*4, [hh*8]"],
    [".gain(0.85)", ".gain(0.7)"],
    ["tempo(112)", "tempo(126)"],
    ["track sub =", "track _sub ="],
    [
        "track crash =",
        "synth mine = |freq, gate| saw(freq) * gate * 0.1;\ntrack more = note(\"c2*8\").s(\"mine\");\ntrack crash =",
    ],
    ["seed(3)", "seed(4)"],
];

/// Resident memory of this process in MB; none where the system does not say.
fn resident() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: f64 = text.split_whitespace().nth(1)?.parse().ok()?;
    Some(pages * 4096.0 / 1e6)
}

/// The slope of a line through points one apart.
fn slope(points: &[f64]) -> f64 {
    let middle = (points.len() as f64 - 1.0) / 2.0;
    let mean = points.iter().sum::<f64>() / points.len() as f64;
    let along = points.iter().enumerate().map(|(i, y)| (i as f64 - middle) * (y - mean)).sum::<f64>();
    along / points.iter().enumerate().map(|(i, _)| (i as f64 - middle).powi(2)).sum::<f64>()
}

fn percentile(times: &[f32], share: f64) -> f32 {
    let mut times = times.to_vec();
    times.sort_by(f32::total_cmp);
    times[((times.len() - 1) as f64 * share) as usize]
}

#[test]
fn an_hour_of_edits_neither_allocates_nor_grows() {
    let edits = if std::env::var_os("SEGUE_LONG").is_some() { 3600 } else { 8 };
    let mut interpreter = Interpreter::new();
    let (mut session, mut renderer) = Session::new(Config::default(), interpreter.library().clone(), 0);
    session.record(Box::new(std::io::sink()), "").unwrap();
    let mut block = vec![0.0f32; 2 * CALLBACK];
    // What is measured has its place from the start (zeros alone would not be in memory yet): it is not what may grow.
    let (mut times, mut memory) = (vec![1.0f32; edits * RATE / CALLBACK], vec![1.0f64; edits]);
    times.clear();
    memory.clear();
    let (mut frames, mut swaps, mut loudest, begun) = (0, 0, 0.0f32, Instant::now());
    let before = violation_count();
    for n in 0..edits {
        let [what, becomes] = EDITS[(n / 2) % EDITS.len()];
        assert!(PIECE.contains(what), "{what}");
        let text = if n % 2 == 1 { PIECE.replace(what, becomes) } else { PIECE.to_string() };
        session.said("piece.rhai", &text);
        let score =
            interpreter.evaluate("piece.rhai", &text, &NoFiles).unwrap_or_else(|why| panic!("{text}: {why:#?}"));
        let when = When::At(Moment::Frame((n * RATE) as u64));
        assert_eq!(session.load("piece.rhai", score.score, when), []);
        while frames < (n + 1) * RATE - 4096 {
            session.tick();
            // The thread's own time: what else the machine does in between is not counted.
            let at = ThreadTime::now();
            renderer.process(&[], &mut block);
            times.push(at.elapsed().as_secs_f32());
            loudest = block.iter().fold(loudest, |peak, x| peak.max(x.abs()));
            frames += CALLBACK;
            for news in session.news() {
                match news {
                    News::Swapped { .. } => swaps += 1,
                    News::Late { .. } | News::Overload { .. } | News::Scrubbed { .. } => panic!("{news:?}"),
                    _ => {}
                }
            }
        }
        memory.extend(resident());
    }
    assert_eq!(violation_count() - before, 0, "allocations in the callback");
    assert!(loudest > 0.1 && loudest <= 0.892, "{loudest}");
    assert!(swaps >= edits * 9 / 10, "{swaps} of {edits} edits were measured");
    let tenth = times.len() / 10;
    let (first, last) = (percentile(&times[..tenth], 0.99), percentile(&times[times.len() - tenth..], 0.99));
    let speed = frames as f64 / RATE as f64 / begun.elapsed().as_secs_f64();
    println!(
        "{edits} edits at {speed:.0} times real time; p99 of a callback {:.3} ms in the first tenth, {:.3} ms in the last",
        first * 1e3,
        last * 1e3
    );
    let shares = |share: f64| {
        let tenths = times.chunks(tenth.max(1)).take(10).map(|times| percentile(times, share) * 1e3);
        tenths.map(|ms| format!("{ms:.3}")).collect::<Vec<_>>().join(" ")
    };
    println!("by tenths, in ms: median {}; p99 {}", shares(0.5), shares(0.99));
    // The first quarter fills what is kept on purpose: the list of edits, samples, pools.
    if edits >= 1000 && memory.len() == edits {
        let growth = slope(&memory[edits / 4..]) * 1000.0;
        println!("{:.1} MB in the end, growing by {growth:.3} MB per 1000 edits", memory[edits - 1]);
        assert!(growth < 1.0, "{growth} MB per 1000 edits");
    }
}
