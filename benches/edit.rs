//! What an edit costs from its text to the audio thread that has it in hand, what the audio thread pays for it, and what
//! beginning costs.

use std::fmt::Write;
use std::hint::black_box;
use std::time::{Duration, Instant};

use cpu_time::ThreadTime;
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use segue::engine::{Config, GRID, Renderer};
use segue::lang::{Interpreter, NoFiles};
use segue::score::Score;
use segue::session::{News, Session, When};

/// Ten tracks.
const PIECE: &str = include_str!("edit.rhai");
/// What is edited, and into what.
const EDITS: [(&str, &str, &str); 4] = [
    ("a number of a pattern", ".gain(0.9)", ".gain(0.8)"),
    ("a number of an effect", "lowpass(sine(rate).range(200, 2000), 2.0)", "lowpass(sine(rate).range(200, 2000), 2.5)"),
    ("a pattern", "hh*16", "hh*8"),
    ("a synth", "1.007", "1.009"),
];
/// What is swapped, likewise.
const SWAPS: [(&str, &str, &str); 4] = [
    ("an effect of a track", ">> chorus(0.4)", ">> delay(0.2)"),
    ("a bus", "reverb(3.2, 0.6) >> highpass(220)", "highpass(220) >> reverb(2.2, 0.6)"),
    ("the master", "compressor(-16, 2) >> limiter", "gain(-1) >> compressor(-16, 2) >> limiter"),
    ("a track", "track perc  = s", "track clicks = s"),
];
/// Callbacks after an edit, 64 frames each: until it has crossed over and what it replaced is freed.
const SETTLE: usize = 40;

/// A piece that plays as it does live, but for the threads.
struct Live {
    interpreter: Interpreter,
    session: Session,
    renderer: Renderer,
    block: [f32; 2 * GRID],
}

impl Live {
    fn new(text: &str) -> Live {
        let interpreter = Interpreter::new();
        let (mut session, renderer) = Session::new(Config::default(), interpreter.library().clone(), 0);
        let begun = Instant::now();
        session.watch_cost(Box::new(move || begun.elapsed().as_secs_f64()));
        let mut live = Live { interpreter, session, renderer, block: [0.0; 2 * GRID] };
        live.edit(text);
        (0..1500).for_each(|_| live.play());
        live
    }

    fn play(&mut self) {
        self.session.tick();
        self.renderer.process(&[], &mut self.block);
        self.session.news();
    }

    /// From the text to the callback that has taken the program from its queue: what evaluating took, and all of it.
    fn edit(&mut self, text: &str) -> (Duration, Duration) {
        let begun = Instant::now();
        let score = score(&mut self.interpreter, text);
        let evaluated = begun.elapsed();
        let faults = self.session.load("piece", score, When::Score);
        self.renderer.process(&[], &mut self.block);
        let spent = begun.elapsed();
        assert!(faults.is_empty(), "{faults:?}");
        (evaluated, spent)
    }

    /// What the block takes at whose beginning an edit takes effect, by the time of the thread that plays.
    fn swap(&mut self, text: &str) -> Duration {
        let score = score(&mut self.interpreter, text);
        let faults = self.session.load("piece", score, When::Score);
        assert!(faults.is_empty(), "{faults:?}");
        let applied = |news: &News| if let News::Applied { at, .. } = news { Some(*at) } else { None };
        let at = self.session.news().iter().find_map(applied).expect("it was let in");
        while self.session.position() < at {
            self.renderer.process(&[], &mut self.block);
        }
        let begun = ThreadTime::now();
        self.renderer.process(&[], &mut self.block);
        let spent = begun.elapsed();
        (0..SETTLE).for_each(|_| self.play());
        spent
    }

    /// What so many edits between two texts take, each after the one before has crossed over.
    fn edits(&mut self, texts: [&str; 2], count: u64, which: impl Fn((Duration, Duration)) -> Duration) -> Duration {
        let mut spent = Duration::ZERO;
        for n in 0..count {
            spent += which(self.edit(texts[(n % 2) as usize]));
            (0..SETTLE).for_each(|_| self.play());
        }
        spent
    }
}

fn score(interpreter: &mut Interpreter, text: &str) -> Score {
    match interpreter.evaluate("piece", text, &NoFiles) {
        Ok(evaluation) => evaluation.score,
        Err(errors) => panic!("the piece evaluates: {errors:?}"),
    }
}

/// A piece of so many tracks, one line each.
fn desk(tracks: usize) -> String {
    let mut text = String::new();
    for n in 0..tracks {
        let (name, cutoff, level) = (["acid", "bass", "pluck", "lead"][n % 4], 400 + 10 * n, 0.5 / tracks as f64);
        let _ = match n % 4 {
            0 => writeln!(text, "track t{n} = s(\"bd*{} hh({},8)\").gain({level});", 1 + n % 4, 1 + n % 7),
            1 => writeln!(text, "track t{n} = n(\"0 <{n} 3> 5*2\").scale(\"A2:minor\").s(\"bass\").gain({level});"),
            2 => {
                writeln!(text, "track t{n} = note(\"c4 e4 <g4 b4>\").s(\"{name}\").gain({level}) >> lowpass({cutoff});")
            }
            _ => writeln!(text, "track t{n} = sine({}) * {level} >> lowpass({cutoff}, 1.0);", 55 + n),
        };
    }
    text
}

/// One track and so many patterns that are heard nowhere, one line each.
fn lines(lines: usize) -> String {
    let mut text = String::from("track kick = s(\"bd*4\").gain(0.9);\n");
    for n in 1..lines {
        let _ = writeln!(text, "let p{n} = n(\"0 {n} [3 5]\").fast(2).scale(\"A1:minor\");");
    }
    text
}

fn edits(c: &mut Criterion) {
    let mut live = Live::new(PIECE);
    for (what, before, after) in EDITS {
        let changed = PIECE.replace(before, after);
        assert_ne!(changed, PIECE, "{what}");
        let texts = [changed.as_str(), PIECE];
        c.bench_function(&format!("edit of {what}"), |b| b.iter_custom(|n| live.edits(texts, n, |(_, all)| all)));
    }
    let changed = PIECE.replace(EDITS[0].1, EDITS[0].2);
    c.bench_function("edit of a number, its evaluation alone", |b| {
        b.iter_custom(|n| live.edits([&changed, PIECE], n, |(evaluated, _)| evaluated));
    });
}

fn swaps(c: &mut Criterion) {
    let mut live = Live::new(PIECE);
    let mut group = c.benchmark_group("the block in which");
    group.bench_function("nothing changes", |b| {
        b.iter_custom(|n| {
            let mut one = || {
                let begun = ThreadTime::now();
                live.renderer.process(&[], &mut live.block);
                let spent = begun.elapsed();
                (0..SETTLE).for_each(|_| live.play());
                spent
            };
            (0..n).map(|_| one()).sum()
        });
    });
    for (what, before, after) in SWAPS {
        let changed = PIECE.replace(before, after);
        assert_ne!(changed, PIECE, "{what}");
        let texts = [changed.as_str(), PIECE];
        group.bench_function(format!("{what} is swapped"), |b| {
            b.iter_custom(|n| (0..n).map(|n| live.swap(texts[(n % 2) as usize])).sum());
        });
    }
}

fn evaluation(c: &mut Criterion) {
    let mut interpreter = Interpreter::new();
    c.bench_function("evaluate the piece", |b| b.iter(|| score(&mut interpreter, black_box(PIECE))));
    for count in [10, 100, 1000] {
        let text = lines(count);
        c.bench_function(&format!("evaluate {count} lines"), |b| b.iter(|| score(&mut interpreter, black_box(&text))));
    }
    for tracks in [10, 100] {
        let text = desk(tracks);
        c.bench_function(&format!("evaluate {tracks} tracks"), |b| {
            b.iter(|| score(&mut interpreter, black_box(&text)))
        });
        let score = score(&mut interpreter, &text);
        let session = || Session::new(Config::default(), interpreter.library().clone(), 0);
        c.bench_function(&format!("plan and send {tracks} tracks"), |b| {
            let load = |(mut session, renderer): (Session, Renderer)| {
                session.load("piece", score.clone(), When::Score);
                (session, renderer)
            };
            b.iter_batched(session, load, BatchSize::PerIteration);
        });
        let mut live = Live::new(&text);
        let changed = text.replacen("bd*1", "bd*2", 1);
        c.bench_function(&format!("edit of one of {tracks} tracks"), |b| {
            b.iter_custom(|n| live.edits([&changed, &text], n, |(_, all)| all));
        });
    }
}

fn beginning(c: &mut Criterion) {
    c.bench_function("another interpreter", |b| b.iter(Interpreter::new));
    let library = Interpreter::new().library().clone();
    c.bench_function("session and engine", |b| b.iter(|| Session::new(Config::default(), library.clone(), 0)));
}

criterion_group! {
    name = all;
    config = Criterion::default().sample_size(20).warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(2));
    targets = edits, swaps, evaluation, beginning
}
criterion_main!(all);
