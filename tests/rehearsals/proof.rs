//! A rehearsal and its proof: what the journal's header claims, and which of the claims do not hold.

use std::collections::BTreeSet;
use std::ops::Range;

use segue::lang::Interpreter;
use segue::session::{Fate, Rehearsal};
use serde::Deserialize;

use crate::measure::{Stereo, bend, crossed, decibels, flux, null};
use crate::take::{Line, RATE, Take, Word, understand};

/// Frames after an edit in which it crosses over: fade or ramp, and a block or two.
const SWAP: usize = RATE * 40 / 1000;
/// How much louder than the music's own a bend or a splash may be, in dB.
const LOUDER: f64 = 1.0;
/// The same of a splash where a note begins: it meets others than it would have met.
const TOGETHER: f64 = 3.0;
/// Bends below −90 dB are silence.
const SILENCE: f64 = 3e-5;
/// A splash of less than −60 dB, all partials together, is not heard.
const FAINT: f64 = 1e-3;
/// The fade of a plain crossfade, in frames: as quick as a number walks.
const FADE: usize = RATE * 20 / 1000;

/// What a journal's header says of it, beside rate and seed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// What happens and what must come of it, for people.
    pub says: String,
    /// How long it plays.
    seconds: f64,
    /// Tracks that the edits mean; all others sound as if nothing had happened. `bus NAME` for a bus.
    touched: Vec<String>,
    /// Stretches in which a strip must sound as if nothing had happened.
    #[serde(default)]
    null: Vec<Null>,
    /// An edit begins a note: the notes of the piece are the measure, wherever they stand.
    #[serde(default)]
    onset: bool,
    /// The last edit cuts the sound off, as it was told to.
    #[serde(default)]
    cuts: bool,
    /// Claims that do not hold as yet; the test fails when they do.
    #[serde(default)]
    fails: BTreeSet<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Null {
    strip: String,
    from: f64,
    #[serde(default)]
    to: Option<f64>,
    /// By how much it has become louder.
    #[serde(default = "one")]
    times: f64,
    /// 0 left, 1 right; both if left out.
    #[serde(default)]
    side: Option<usize>,
}

fn one() -> f64 {
    1.0
}

/// How far two takes must cancel, in dB.
const NULLS: f64 = -120.0;

impl Proof {
    /// What the header of a journal says.
    pub fn read(journal: &str) -> Proof {
        #[derive(Deserialize)]
        struct Header {
            proof: Proof,
        }
        let header: Header =
            serde_json::from_str(journal.lines().next().unwrap_or_default()).expect("a header with a proof");
        header.proof
    }

    /// Plays the journal and tells what speaks against it; empty if all is well, the marked claims failing.
    pub fn check(&self, journal: &str, interpreter: &mut Interpreter) -> Vec<String> {
        let rehearsal = Rehearsal::read(journal).expect("a journal");
        assert_eq!(rehearsal.lost, []);
        let lines = understand(&rehearsal.entries, interpreter);
        let nonsense = rehearsal.entries.iter().filter(|entry| entry.fate == Fate::Refused).count();
        let found = self.claims(&Runs::of(interpreter, rehearsal.seed, &lines, self.seconds), nonsense);
        let failing: BTreeSet<String> = found.iter().map(|(claim, _)| claim.to_string()).collect();
        let held = self.fails.difference(&failing).map(|claim| format!("{claim} holds: take the mark away"));
        let failed = found.into_iter().filter(|(claim, _)| !self.fails.contains(*claim));
        held.chain(failed.map(|(claim, why)| format!("{claim}: {why}"))).collect()
    }

    fn claims(&self, runs: &Runs, nonsense: usize) -> Vec<(&'static str, String)> {
        let mut faults = Vec::new();
        if runs.played.refused != nonsense {
            faults.push(("refusals", format!("expected {nonsense}, found {}", runs.played.refused)));
        }
        let named = |strip: &str| self.touched.iter().any(|touched| touched == strip);
        let everywhere = self.touched.iter().all(|touched| touched.starts_with("bus ") || touched == "master");
        let mut strips: Vec<&str> = runs.played.strips().collect();
        strips.sort_unstable();
        for strip in &strips {
            let listens = match *strip {
                "mix" => !self.touched.is_empty(),
                bus if bus.starts_with("bus ") => !everywhere,
                _ => false,
            };
            if !named(strip)
                && !listens
                && let Some(apart) = runs.apart(strip)
            {
                faults.push(("stems", format!("{strip} is another from frame {apart} on")));
            }
        }
        for claim in &self.null {
            let at = |seconds: f64| (seconds * RATE as f64) as usize;
            let window = at(claim.from)..at(claim.to.unwrap_or(self.seconds));
            let sides = |[left, right]: Stereo| match claim.side {
                Some(0) => [left, Vec::new()],
                Some(_) => [Vec::new(), right],
                None => [left, right],
            };
            let (heard, model) = (sides(runs.played.strip(&claim.strip)), sides(runs.alone[0].strip(&claim.strip)));
            let only =
                |sound: Stereo| sound.map(|side| if side.is_empty() { vec![0.0; at(self.seconds)] } else { side });
            let left = null(&only(heard), &only(model), claim.times, &window);
            if left.is_nan() || left > NULLS {
                faults.push(("null", format!("{} from {} s on: {left:.1} dB are left", claim.strip, claim.from)));
            }
        }
        let heard = strips.iter().filter(|strip| **strip == "mix" || named(strip));
        for strip in heard {
            faults.extend(runs.seams(strip, self.onset, self.cuts));
        }
        faults
    }
}

/// A rehearsal and what it is held against.
pub struct Runs<'a> {
    interpreter: &'a Interpreter,
    seed: u64,
    lines: &'a [Line],
    pub played: Take,
    /// What was said up to each edit, from the start: the first never hears an edit.
    pub alone: Vec<Take>,
    /// When something was said.
    edits: Vec<usize>,
    frames: usize,
}

impl<'a> Runs<'a> {
    pub fn of(interpreter: &'a Interpreter, seed: u64, lines: &'a [Line], seconds: f64) -> Runs<'a> {
        let (library, frames) = (interpreter.library(), (seconds * RATE as f64) as usize);
        let opening = lines.iter().take_while(|line| line.at == 0).count();
        let edits: Vec<usize> = lines[opening..].iter().map(|line| line.at as usize).collect();
        let played = Take::of(library, seed, lines, frames);
        let said = |word: &Word| !matches!(word, Word::Nonsense);
        let alone = (opening..=lines.len()).filter(|count| *count == opening || said(&lines[count - 1].word));
        let alone = alone.map(|count| Take::at_once(library, seed, &lines[..count], frames)).collect();
        Runs { interpreter, seed, lines, played, alone, edits, frames }
    }

    /// The first frame at which a strip is not, to the bit, what it would have been without the edits.
    pub fn apart(&self, strip: &str) -> Option<usize> {
        let (heard, model) = (self.played.strip(strip), self.alone[0].strip(strip));
        let apart = |side: usize| heard[side].iter().zip(&model[side]).position(|(a, b)| a.to_bits() != b.to_bits());
        apart(0).into_iter().chain(apart(1)).min()
    }

    /// Stretches in which something crosses over; edits within one fade share theirs.
    fn windows(&self) -> Vec<Range<usize>> {
        let mut windows: Vec<Range<usize>> = Vec::new();
        for &at in &self.edits {
            match windows.last_mut() {
                Some(last) if at < last.end => last.end = at + SWAP,
                _ => windows.push(at..at + SWAP),
            }
        }
        windows.iter().map(|window| window.start..window.end.min(self.frames)).collect()
    }

    /// The worst bend in a stretch if what was said before its end had been said at its beginning, to a silent desk: a
    /// compressor that is new there has not yet taken hold, a tremolo begins its swing.
    fn begun(&self, strip: &str, window: &Range<usize>) -> f64 {
        let at = window.start as u64;
        let said = self.lines.iter().take_while(|line| line.at < window.end as u64);
        let lines: Vec<Line> = said.map(|line| Line { at: line.at.max(at), ..line.clone() }).collect();
        bend(&Take::of(self.interpreter.library(), self.seed, &lines, window.end).strip(strip), window)
    }

    /// Where a strip's swaps can be heard apart from its music. `onset`: its music is all of it; `cuts`: the last is none.
    pub fn seams(&self, strip: &str, onset: bool, cuts: bool) -> Vec<(&'static str, String)> {
        let heard = self.played.strip(strip);
        let alone: Vec<Stereo> = self.alone.iter().map(|take| take.strip(strip)).collect();
        let mut windows = self.windows();
        if cuts {
            windows.pop();
        }
        let mut faults = Vec::new();
        for window in windows {
            let music = if onset { 0..self.frames } else { window.clone() };
            let worst = |measure: fn(&Stereo, &Range<usize>) -> f64, window: &Range<usize>| {
                alone.iter().map(|sound| measure(sound, window)).fold(0.0, f64::max)
            };
            let (found, own) = (bend(&heard, &window), worst(bend, &music).max(SILENCE));
            let mut over = decibels(found / own);
            if over > LOUDER {
                over = over.min(decibels(found / self.begun(strip, &window).max(SILENCE)));
            }
            if over > LOUDER {
                faults
                    .push(("click", format!("{strip} at frame {}: bends {over:+.1} dB over its music", window.start)));
            }
            let plain = alone.windows(2).flat_map(|pair| {
                [false, true].map(|law| flux(&crossed(&pair[0], &pair[1], window.start, FADE, law), &window))
            });
            let own = worst(flux, &music).max(plain.fold(FAINT, f64::max));
            let over = decibels(flux(&heard, &window) / own);
            if over > if onset { TOGETHER } else { LOUDER } {
                faults.push((
                    "flux",
                    format!("{strip} at frame {}: splashes {over:+.1} dB over its music", window.start),
                ));
            }
        }
        faults
    }
}
