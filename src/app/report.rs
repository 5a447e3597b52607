//! What was measured while playing, for `--report`, for `:swaps`, and for whoever wants to know how fast an edit is heard.

use std::path::Path;
use std::time::Duration;

use segue::engine::Frames;
use segue::io::figures::Figures;
use serde::Serialize;

use super::Failure;

/// What an evaluation came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Cause {
    /// The file as it was at the beginning.
    Start,
    /// A save.
    Save,
    /// A save that looked half written and was waited for.
    Waited,
    /// A file that is imported was saved.
    Import,
    Repl,
    /// A session broke off over it.
    Again,
}

/// One evaluation.
#[derive(Clone, Debug, Serialize)]
pub struct Eval {
    pub owner: String,
    pub cause: Cause,
    pub accepted: bool,
    /// Milliseconds the interpreter took.
    pub evaluate_ms: f64,
    /// Milliseconds from the event (file, key) until the session had the score.
    pub handed_ms: f64,
    /// Frames from the next callback's first frame to the first frame that sounds new.
    pub frames: Option<u64>,
    /// Milliseconds from the event to the first new frame, without the device's buffer.
    pub sound_ms: Option<f64>,
    /// The first new frame.
    pub at: Option<Frames>,
}

/// How cleanly one edit crossed over.
#[derive(Clone, Debug, Serialize)]
pub struct Swap {
    pub at: Frames,
    pub seconds: f64,
    pub cycle: f64,
    /// Beats in a bar at that time.
    pub beats: f64,
    /// The parts it changed, and what of them.
    pub touched: Vec<String>,
    /// Worst jump relative to the music's own: 1 is no worse than the music.
    pub discontinuity: f32,
}

/// What the conductor counts.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Counts {
    pub late: u64,
    pub worst_late_frames: u64,
    pub overloads: u64,
    pub stolen: u64,
    pub scrubbed: u64,
    pub onsets: u64,
}

/// Everything.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Log {
    pub evals: Vec<Eval>,
    pub swaps: Vec<Swap>,
    pub counts: Counts,
    /// Owners whose newest text was refused.
    pub refused: Vec<String>,
}

/// Evaluations and swaps that are remembered; a performance of a night stays small.
const REMEMBERED: usize = 10_000;

impl Log {
    pub fn eval(&mut self, eval: Eval) {
        if self.evals.len() < REMEMBERED {
            self.evals.push(eval);
        }
    }

    pub fn swap(&mut self, swap: Swap) {
        if self.swaps.len() < REMEMBERED {
            self.swaps.push(swap);
        }
    }

    /// An owner's oldest edit that was not heard yet begins to sound at `at`; the next callback begins at `position`.
    pub fn heard(&mut self, owner: &str, at: Frames, position: Frames, rate: f64) {
        let waiting = self.evals.iter_mut().find(|e| e.owner == owner && e.accepted && e.at.is_none());
        if let Some(eval) = waiting {
            let frames = at.saturating_sub(position);
            eval.at = Some(at);
            eval.frames = Some(frames);
            eval.sound_ms = Some(eval.handed_ms + frames as f64 / rate * 1000.0);
        }
    }
}

/// Median and worst of some milliseconds.
#[derive(Debug, PartialEq, Serialize)]
struct Spread {
    count: usize,
    median_ms: Option<f64>,
    worst_ms: Option<f64>,
}

fn spread(mut all: Vec<f64>) -> Spread {
    all.sort_by(f64::total_cmp);
    Spread { count: all.len(), median_ms: all.get(all.len() / 2).copied(), worst_ms: all.last().copied() }
}

/// The page that `--report` writes.
#[derive(Serialize)]
struct Page<'a> {
    device: &'a str,
    rate: u32,
    seconds: f64,
    #[serde(flatten)]
    figures: Figures,
    /// Saves that were seen whole at once.
    edit_to_sound: Spread,
    /// Saves that had to be waited for.
    waited: Spread,
    #[serde(flatten)]
    log: &'a Log,
}

/// Writes the report, whole or not at all.
pub fn write(
    path: &Path,
    device: &str,
    rate: u32,
    played: Duration,
    figures: Figures,
    log: &Log,
) -> Result<(), Failure> {
    let of = |cause| log.evals.iter().filter(move |e| e.cause == cause).filter_map(|e| e.sound_ms).collect::<Vec<_>>();
    let page = Page {
        device,
        rate,
        seconds: played.as_secs_f64(),
        figures,
        edit_to_sound: spread(of(Cause::Save)),
        waited: spread(of(Cause::Waited)),
        log,
    };
    let text = serde_json::to_string_pretty(&page).map_err(|e| Failure::at(path, e))?;
    let part = path.with_extension("json.part");
    let written = std::fs::write(&part, text + "\n").and_then(|()| std::fs::rename(&part, path));
    written.map_err(|e| {
        // What could not be written may not be removable either.
        let _ = std::fs::remove_file(&part);
        Failure::at(path, e)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn eval(cause: Cause) -> Eval {
        let (owner, accepted) = ("a".to_string(), true);
        Eval { owner, cause, accepted, evaluate_ms: 1.0, handed_ms: 2.0, frames: None, sound_ms: None, at: None }
    }

    #[test]
    fn an_edit_is_heard_once_and_in_order() {
        let mut log = Log::default();
        log.eval(eval(Cause::Save));
        log.eval(eval(Cause::Save));
        log.heard("b", 64, 0, 48_000.0);
        log.heard("a", 4800, 0, 48_000.0);
        assert_eq!(log.evals[0].sound_ms, Some(102.0));
        assert_eq!(log.evals[1].at, None);
        log.heard("a", 64, 128, 48_000.0);
        assert_eq!((log.evals[1].frames, log.evals[1].sound_ms), (Some(0), Some(2.0)));
    }

    #[test]
    fn the_spread_is_the_middle_and_the_worst() {
        assert_eq!(spread(vec![3.0, 1.0, 2.0]), Spread { count: 3, median_ms: Some(2.0), worst_ms: Some(3.0) });
        assert_eq!(spread(vec![]).median_ms, None);
    }

    #[test]
    fn a_report_is_whole_or_not_there() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("r.json");
        let played = Duration::from_secs(1);
        write(&path, "null", 48_000, played, Figures::default(), &Log::default()).unwrap();
        let page: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        assert_eq!((page["device"].as_str(), page["allocations"].as_u64()), (Some("null"), Some(0)));
        let nowhere = dir.path().join("no/such/r.json");
        assert!(write(&nowhere, "null", 48_000, played, Figures::default(), &Log::default()).is_err());
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
