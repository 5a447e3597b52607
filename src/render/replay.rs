//! Replay: a journal, recorded or composed, becomes sound again.

use std::path::Path;

use super::{Fault, Length, Options, Progress, RATE, Take, Taken};
use crate::engine::Frames;
use crate::score::{Diagnostic, Score};
use crate::session::{Entry, Fate, Imports, Moment, Past, Rehearsal, Said, When};

/// Cycles after the last thing said where nobody says how long a replay is.
const CODA: f64 = 4.0;
/// Frames before its moment at which something is said: a live session needs time, too.
const LEAD: Frames = 4096;

/// Who understands the texts of a journal.
pub trait Reader {
    /// What an owner's text means. Without a text, the file on disk is meant; so it is for what is imported and not given.
    fn evaluate(&mut self, owner: &str, text: Option<&str>, imports: &Imports) -> Result<Score, Vec<Diagnostic>>;

    /// The owner's text is no more.
    fn forget(&mut self, owner: &str);
}

/// Renders a journal to a sound file. What was refused live is not said again; in a journal written by hand, everything
/// counts. At another rate than the journal's the same moments are meant, in seconds.
///
/// # Errors
/// A text that is refused now, a disk that would not, or a stop.
pub fn replay(
    library: &Score,
    rehearsal: &Rehearsal,
    reader: &mut dyn Reader,
    out: &Path,
    options: &Options,
    progress: Progress,
) -> Result<Taken, Fault> {
    let recorded = rehearsal.rate.round().clamp(1.0, f64::from(u32::MAX)) as u32;
    let rate = options.rate.unwrap_or(if recorded == 0 { RATE } else { recorded });
    let scale = f64::from(rate) / rehearsal.rate;
    let mut take = Take::begin(library, out, rate, rehearsal.seed, options, 0)?;
    let moment = |moment: Moment| match moment {
        Moment::Frame(frame) => Moment::Frame((frame as f64 * scale).round() as Frames),
        cycle => cycle,
    };
    let entries: Vec<&Entry> = rehearsal.entries.iter().filter(|entry| entry.fate == Fate::Counts).collect();
    let last = entries.last().map_or(Moment::Frame(0), |entry| entry.at);
    // Where the take ends, by the tempo known so far.
    let end = |take: &Take| match (options.length, moment(last)) {
        (Some(Length::Cycles(cycles)), _) => take.session.frame_at(cycles),
        (Some(Length::Seconds(seconds)), _) => (seconds * f64::from(rate)).round() as Frames,
        (None, Moment::Frame(frame)) => take.session.frame_at(take.session.cycle_at(frame) + CODA),
        (None, Moment::Cycle(cycle)) => take.session.frame_at(cycle + CODA),
    };
    for Past { cycle, said } in &rehearsal.past {
        recall(&mut take, reader, said, *cycle)?;
    }
    for entry in entries {
        let at = moment(entry.at);
        let due = match at {
            Moment::Frame(frame) => frame,
            Moment::Cycle(cycle) => take.session.frame_at(cycle),
        };
        let end = end(&take);
        if options.length.is_some() && due >= end {
            break;
        }
        take.session.hold(due);
        take.until(due.saturating_sub(LEAD), end, progress)?;
        say(&mut take, reader, &entry.said, When::Taken(at, entry.in_turn.clone()))?;
    }
    take.session.hold(Frames::MAX);
    let end = end(&take);
    take.until(end, end, progress)?;
    take.finish()
}

/// Remembers one thing that had been said before the take began.
fn recall(take: &mut Take, reader: &mut dyn Reader, said: &Said, cycle: f64) -> Result<(), Fault> {
    let score = match said {
        Said::Text { owner, text, imports } => {
            Some(reader.evaluate(owner, text.as_deref(), imports).map_err(Fault::Piece)?)
        }
        Said::Forget { owner } => {
            reader.forget(owner);
            None
        }
        _ => None,
    };
    take.session.recall(said, cycle, score);
    Ok(())
}

/// Says one thing of the journal to the session.
fn say(take: &mut Take, reader: &mut dyn Reader, said: &Said, when: When) -> Result<(), Fault> {
    let session = &mut take.session;
    match said {
        Said::Text { owner, text, imports } => {
            let score = reader.evaluate(owner, text.as_deref(), imports).map_err(Fault::Piece)?;
            let faults = session.load(owner, score, when);
            if !faults.is_empty() {
                return Err(Fault::Piece(faults));
            }
        }
        Said::Forget { owner } => {
            reader.forget(owner);
            session.forget(owner, when);
        }
        Said::Stage(stage) => session.stage(stage.clone(), when),
        Said::Undo(edits) => drop(session.undo(*edits, when)),
        Said::Redo(edits) => drop(session.redo(*edits, when)),
        Said::Cancel(dropped) => drop(session.drop_waiting(dropped, when)),
        Said::Resume(cycle) => {
            let faults = session.resume(|_| *cycle, when);
            if !faults.is_empty() {
                return Err(Fault::Piece(faults));
            }
        }
    }
    Ok(())
}
