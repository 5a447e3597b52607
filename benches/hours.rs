//! What a second of a piece costs when it has played for hours: the time of the processor, session and renderer together. And,
//! printed at the end, what an hour of it costs from quarter to quarter, and what memory is held.

use std::time::Duration;

use cpu_time::ThreadTime;
use criterion::{Criterion, criterion_group};
use segue::engine::{Config, GRID, Renderer};
use segue::lang::{Interpreter, NoFiles};
use segue::session::{Imports, Moment, Said, Session, When};

/// A whole piece of two minutes, over and over.
const PIECE: &str = include_str!("../examples/09-first-light.rhai");
/// Its cycles in an hour: it comes round thirty times.
const HOUR: f64 = 1680.0;
/// The cycle at which everything plays.
const CHORUS: f64 = 33.0;
/// Seconds that are timed.
const SECONDS: usize = 8;
const RATE: usize = 48_000;
const CALLBACK: usize = 8 * GRID;

struct Take {
    session: Session,
    renderer: Renderer,
    sound: [f32; 2 * CALLBACK],
}

impl Take {
    /// The piece as it resumes at a cycle.
    fn at(cycle: f64) -> Take {
        let mut interpreter = Interpreter::new();
        let (session, renderer) = Session::new(Config::default(), interpreter.library().clone(), 0);
        let mut take = Take { session, renderer, sound: [0.0; 2 * CALLBACK] };
        let score = interpreter.evaluate("piece", PIECE, &NoFiles).map(|evaluation| evaluation.score);
        let said = Said::Text { owner: "piece".into(), text: None, imports: Imports::default() };
        take.session.recall(&said, 0.0, Some(score.unwrap_or_else(|why| panic!("{why:?}"))));
        take.play(1);
        let faults = take.session.resume(|_| cycle, When::At(Moment::Frame(RATE as u64)));
        assert!(faults.is_empty(), "{faults:?}");
        take.play(2);
        take
    }

    fn play(&mut self, seconds: usize) {
        for _ in 0..seconds * RATE / CALLBACK {
            self.session.tick();
            self.renderer.process(&[], &mut self.sound);
            self.session.news();
        }
    }

    /// What a second costs, of so many.
    fn second(&mut self, seconds: usize) -> Duration {
        let begun = ThreadTime::now();
        self.play(seconds);
        begun.elapsed() / seconds as u32
    }
}

fn hours(c: &mut Criterion) {
    let mut group = c.benchmark_group("a second after");
    for hours in [0, 1, 4, 24, 24 * 365] {
        group.bench_function(format!("{hours} hours"), |b| {
            b.iter_custom(|rounds| {
                (0..rounds).map(|_| Take::at(f64::from(hours) * HOUR + CHORUS).second(SECONDS)).sum()
            });
        });
    }
}

/// Memory of this process in MB, where the system says.
fn resident() -> f64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    text.split_whitespace().nth(1).and_then(|pages| pages.parse::<f64>().ok()).map_or(f64::NAN, |p| p * 4096.0 / 1e6)
}

/// An hour from beginning to end.
fn whole() {
    let mut take = Take::at(0.0);
    for quarter in 1..=4 {
        let second = take.second(900);
        println!("quarter {quarter}: {:.2} ms a second, {:.1} MB", second.as_secs_f64() * 1e3, resident());
    }
}

criterion_group! {
    name = all;
    config = Criterion::default().sample_size(10).warm_up_time(Duration::from_millis(1)).measurement_time(Duration::from_secs(1));
    targets = hours
}

fn main() {
    all();
    Criterion::default().configure_from_args().final_summary();
    if std::env::args().any(|word| word == "--bench") {
        whole();
    }
}
