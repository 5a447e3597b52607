//! `segue render`: a piece becomes a sound file, as fast as the machine goes.

use std::io::IsTerminal;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use segue::io;
use segue::io::sound_file;
use segue::lang::{Interpreter, memory};
use segue::render::{Fault, Length, Options, Progress, Taken};
use segue::session::News;

use super::args::{Bits, Render, Take};
use super::{Failure, check, piece};

pub fn run(asked: &Render) -> Result<(), Failure> {
    memory::leave_zeros();
    let mut interpreter = Interpreter::new();
    let owner = asked.file.display().to_string();
    let text = piece::read(&asked.file).map_err(|why| Failure::unreadable(&asked.file, &why))?;
    let score = check::evaluate(&mut interpreter, &asked.file, &text)?;
    take(&asked.take, &owner, &text, |out, options, progress| {
        segue::render::render(interpreter.library(), &owner, score, out, options, progress)
    })?;
    check::tell(&interpreter.warnings().take(), &owner, &text);
    Ok(())
}

/// Makes a take of whatever `make` renders, with progress, and tells what came of it. `text` is what `owner` says.
pub fn take(
    asked: &Take,
    owner: &str,
    text: &str,
    make: impl FnOnce(&Path, &Options, Progress) -> Result<Taken, Fault>,
) -> Result<(), Failure> {
    let options = options(asked)?;
    let stop = Arc::new(AtomicBool::new(false));
    let stopped = stop.clone();
    // Without a handler Ctrl-C would leave half a file under its hidden name.
    ctrlc::set_handler(move || stopped.store(true, Relaxed)).map_err(Failure::signals)?;
    let bar = bar();
    let begun = Instant::now();
    let mut progress = |share: f64| {
        bar.set_position((share * STEPS as f64) as u64);
        if stop.load(Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let made = make(&asked.out, &options, &mut progress);
    bar.finish_and_clear();
    let taken = made.map_err(|fault| failure(&fault, owner, text))?;
    tell(&taken, &asked.out, begun.elapsed());
    for news in &taken.news {
        if let News::Warning(diagnostic) = news {
            check::tell(std::slice::from_ref(diagnostic), owner, text);
        }
    }
    Ok(())
}

/// A take of so many seconds is over about when other threads would have begun.
const SHORT: f64 = 1.5;

fn options(asked: &Take) -> Result<Options, Failure> {
    let ending = asked.out.extension().map(|e| e.to_string_lossy().to_lowercase());
    // A device like /dev/null has no ending and takes a WAV.
    let device = std::fs::metadata(&asked.out).is_ok_and(|m| !m.is_file() && !m.is_dir());
    if !device && !matches!(ending.as_deref(), Some("wav" | "flac")) {
        return Err(Failure::Usage(format!("{}: expected a name that ends in .wav or .flac", asked.out.display())));
    }
    let bits = match asked.bits {
        Bits::Sixteen => sound_file::Bits::Int16,
        Bits::TwentyFour => sound_file::Bits::Int24,
        Bits::Float => sound_file::Bits::Float32,
    };
    let many = || std::thread::available_parallelism().map_or(1, usize::from);
    let short = asked.seconds.is_some_and(|seconds| seconds <= SHORT);
    let threads = asked.threads.map_or_else(|| if short { 1 } else { many() }, usize::from);
    let length = asked.cycles.map(Length::Cycles).or(asked.seconds.map(Length::Seconds));
    Ok(Options { length, rate: asked.rate, bits, stems: asked.stems.clone(), threads, ..Options::default() })
}

/// Steps of the progress bar.
const STEPS: u64 = 1000;

/// A bar on a terminal, nothing elsewhere.
fn bar() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {percent:>3} %  {eta} left");
    ProgressBar::new(STEPS).with_style(style.expect("the bar's template is well formed"))
}

/// Shows a piece's errors, or says whose fault it was.
fn failure(fault: &Fault, owner: &str, text: &str) -> Failure {
    match fault {
        Fault::Piece(diagnostics) => {
            check::tell(diagnostics, owner, text);
            Failure::Piece
        }
        Fault::Disk(why @ io::Error::Format { .. }) => Failure::Usage(why.to_string()),
        Fault::Disk(why) => Failure::Machine(why.to_string()),
        Fault::Stopped => Failure::Machine("stopped; nothing was written".into()),
    }
}

fn tell(taken: &Taken, out: &Path, spent: Duration) {
    let factor = taken.seconds() / spent.as_secs_f64().max(1e-9);
    let loudness = match taken.loudness.integrated {
        x if x.is_finite() => format!("{x:.1} LUFS"),
        _ => "silent (-inf LUFS)".into(),
    };
    print!("{}: {:.2} s, {loudness}, {:.1} dBTP", out.display(), taken.seconds(), taken.loudness.true_peak);
    if taken.stems > 0 {
        print!(", {} {}", taken.stems, if taken.stems == 1 { "stem" } else { "stems" });
    }
    println!(", {factor:.1} times real time");
}
