//! How an edit is heard: what it touched, in the performer's words, and the measure that is taken of it.

use std::collections::VecDeque;
use std::fmt;

use super::desk::Prepared;
use super::plan::{self, Part, What};
use super::{News, Session, Stage};
use crate::engine::{Command, Frames};
use crate::score::Score;

/// Seconds in which an edit crosses over, unless the piece says otherwise: the fade, and the last of what walks.
const WINDOW: f64 = 0.04;
/// Edits that wait for their measure; the reports of more were lost.
const MOST: usize = 64;

/// A part that an edit touched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Touch {
    /// A track by its name, `bus NAME`, `synth NAME`, `master`, `tempo`, `seed`; `all` for a gesture at everything.
    pub part: String,
    /// What changed of it: `came`, `left`, `notes`, `sound`, `effects`, `sends`, `mute`, `automation`, or a gesture.
    /// Nothing where the part is all there is to say.
    pub how: Vec<&'static str>,
}

impl fmt::Display for Touch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.part)?;
        if self.how.is_empty() { Ok(()) } else { write!(f, ": {}", self.how.join(", ")) }
    }
}

/// Edits that were sent and whose measure is to come.
#[derive(Default)]
pub(super) struct Heard(VecDeque<(Frames, Vec<Touch>)>);

impl Heard {
    fn expect(&mut self, at: Frames, touched: Vec<Touch>) {
        match self.0.iter_mut().find(|(known, _)| *known == at) {
            Some((_, all)) => all.extend(touched),
            None => self.0.push_back((at, touched)),
        }
        if self.0.len() > MOST {
            self.0.pop_front();
        }
    }

    /// What was touched at a frame of which the measure is there.
    pub fn measured(&mut self, at: Frames, discontinuity: f32) -> News {
        let place = self.0.iter().position(|(known, _)| *known == at);
        let touched = place.and_then(|place| self.0.remove(place)).map(|(_, touched)| touched).unwrap_or_default();
        News::Swapped { at, touched, discontinuity }
    }
}

impl Session {
    /// Listens to the parts that become what they are in `new` at a frame.
    pub(super) fn listen_to(&mut self, prepared: &[Prepared], new: &Score, at: Frames) {
        let old = &self.desk.score;
        let parts = prepared.iter().map(Prepared::part);
        let touched = parts.clone().filter_map(|part| plan::change(old, new, part).map(|what| touch(part, &what)));
        let touched: Vec<Touch> = touched.collect();
        let fades = parts.filter_map(|part| part.track().and_then(|name| plan::track(new, name)));
        let fades = fades.filter_map(|track| track.crossfade).chain(new.crossfade);
        self.watch(touched, fades.fold(0.0, f64::max), at);
    }

    /// Listens to a gesture; not to a panic, which is to be sudden.
    pub(super) fn listen_to_gesture(&mut self, stage: &Stage, at: Frames) {
        if let (how, part) = stage.words()
            && !matches!(stage, Stage::Panic)
        {
            let part = part.map_or("all".into(), |part| part.as_ref().into());
            self.watch(vec![Touch { part, how: vec![how] }], 0.0, at);
        }
    }

    fn watch(&mut self, touched: Vec<Touch>, seconds: f64, at: Frames) {
        if !touched.is_empty() {
            self.heard.expect(at, touched);
            let window = ((seconds + WINDOW) * self.rate()) as u32;
            self.desk.out.commands.push_back(Command::Watch { at, window });
        }
    }
}

fn touch(part: &Part, what: &What) -> Touch {
    let how = match what {
        What::Install => vec!["came"],
        What::Remove => vec!["left"],
        What::Again => Vec::new(),
        What::Edit(edit) => {
            let aspects = [
                (edit.events, "notes"),
                (edit.signal, "sound"),
                (edit.inserts, "effects"),
                (edit.sends, "sends"),
                (edit.muted, "mute"),
                (edit.automation, "automation"),
            ];
            aspects.into_iter().filter_map(|(changed, name)| changed.then_some(name)).collect()
        }
    };
    Touch { part: part.to_string(), how }
}
