//! The conductor: asks each track's pattern for what comes next, a few windows ahead of the sound, and sends it as events.
//!
//! Law: which events are sent depends on the score and the clock alone, never on how often or how early it is asked.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use super::events::{Note, chance, effects, instrument, name_hash, nearest, own};
use super::news::News;
use super::plan::{self, Name};
use super::rig::Rig;
use super::section::{self, Section};
use super::timeline::Timeline;
use crate::engine::{Change, Command, Event, EventBatch, Frames, MAX_SENDS, Place, Program, Target, What};
use crate::graph::SynthDef;
use crate::pattern::{Hap, Pattern, Span, Time};
use crate::score::{DEFAULT_METER, Diagnostic, Score, Severity};

/// Seconds in which a control of a voice that goes on walks to its new value.
const BEND: f64 = 0.02;
/// Instruments a track plays at the same time; where there are more, the one that was heard longest ago is let go.
const SECTIONS: usize = 48;
/// The work of a track's pattern in one window or a few, in haps gone through: a hundred times what most music needs.
const WORK: u64 = 20_000;

/// What people call drums, and what they are called here.
const SPOKEN: [(&str, &str); 16] = [
    ("kick", "bd"),
    ("bassdrum", "bd"),
    ("bass_drum", "bd"),
    ("snare", "sd"),
    ("sn", "sd"),
    ("hat", "hh"),
    ("hihat", "hh"),
    ("closedhat", "hh"),
    ("openhat", "oh"),
    ("clap", "cp"),
    ("crash", "cr"),
    ("ride", "rd"),
    ("rimshot", "rim"),
    ("tom", "mt"),
    ("cowbell", "cb"),
    ("shaker", "perc"),
];
/// The work of all tracks together; whoever comes later may do a little still.
const TOGETHER: u64 = 60_000;
const LITTLE: u64 = 500;
/// What forming a section is as work.
const FORMED: u64 = 2_000;
/// Seconds for which a pattern that was too much work is not asked again.
const REST: f64 = 0.5;
/// Where queries are cut, per cycle: fine enough to waste little, coarse enough for exact arithmetic.
const FINE: i64 = 65_536;

/// The stretch of time just after a cycle position.
pub(super) fn fine(cycle: f64) -> Span {
    let begin = cut(cycle, 0);
    Span { begin, end: begin + Time::new(1, FINE) }
}

/// The cut before a cycle position, or `more` cuts later.
fn cut(cycle: f64, more: i64) -> Time {
    Time::new((cycle * FINE as f64).floor() as i64 + more, FINE)
}

/// What everybody plays by.
pub(super) struct Stand<'a> {
    pub score: &'a Score,
    pub timeline: &'a Timeline,
    /// Bus names by slot.
    pub buses: &'a [Option<Name>],
    pub seed: u64,
    pub rate: f64,
}

/// What is on its way to the engine and to the watcher.
#[derive(Default)]
pub(super) struct Outbox {
    pub commands: VecDeque<Command>,
    pub news: Vec<News>,
    /// Pools that were ever made.
    pub pools: u32,
    /// Work done for the present window.
    pub work: u64,
    /// Frames that the voices of all tracks remember in their delays.
    pub memory: usize,
    /// The largest part of what all tracks together may cost that was ever used: 0 … 1.
    pub strained: f64,
}

impl Outbox {
    /// Notes how much of what all tracks together may cost is used.
    pub fn strain(&mut self) {
        let parts = [self.work as f64 / TOGETHER as f64, self.memory as f64 / section::ALL as f64];
        self.strained = parts.into_iter().fold(self.strained, f64::max);
    }

    pub fn set(&mut self, at: Frames, target: Target, value: f32, ramp: u32) {
        self.commands.push_back(Command::Set { at, target, value, ramp });
    }

    pub fn load(&mut self, at: Frames, fade: u32, changes: Vec<Change>) {
        if !changes.is_empty() {
            self.commands.push_back(Command::Load(Box::new(Program { at, fade, changes })));
        }
    }

    fn play(&mut self, events: Vec<Event>) {
        if !events.is_empty() {
            self.commands.push_back(Command::Play(Box::new(EventBatch { events })));
        }
    }
}

/// A note that was sent.
struct Sent {
    note: Note,
    event: Event,
}

/// A track as the conductor sees it.
pub(super) struct Player {
    pub name: Name,
    pub slot: u16,
    /// All events before this frame have been sent.
    pub until: Frames,
    /// Its events start earlier by as many frames as its inserts delay them.
    pub rig: Rig,
    /// When its strip comes onto the desk.
    since: Frames,
    /// Where it last began anew: a note that is nudged to before that begins there, its instrument is no earlier.
    anew: Frames,
    /// Whether the engine was told to mute it.
    pub silenced: bool,
    /// From this frame on it lies still, because nobody has heard it for a while: it is asked for nothing and sent nothing.
    lies_from: Frames,
    /// Whether the engine was told of that.
    laid: bool,
    hash: u64,
    sections: Vec<Section>,
    /// Notes whose gates have not closed yet.
    sent: Vec<Sent>,
    /// Keys of notes that have begun before the last restart though their time is after it: they are not sent again.
    early: Vec<u64>,
    /// Until when its pattern is not asked, because it was too much work.
    rests: Frames,
    /// What it was warned of, so that it is said once.
    warned: BTreeSet<String>,
}

impl Player {
    pub fn new(name: &Name, slot: u16, at: Frames, rate: f64) -> Player {
        Player {
            name: name.clone(),
            slot,
            until: at,
            since: at,
            anew: at,
            rig: Rig::new(Place::Track(slot), name, rate),
            silenced: false,
            lies_from: Frames::MAX,
            laid: false,
            hash: name_hash(name),
            sections: Vec::new(),
            sent: Vec::new(),
            early: Vec::new(),
            rests: 0,
            warned: BTreeSet::new(),
        }
    }

    /// Sends everything from where it stands to frame `to`.
    pub fn advance(&mut self, pattern: Option<&Pattern>, stand: &Stand, to: Frames, out: &mut Outbox) {
        let from = self.until;
        if to > self.lies_from {
            self.lay(out);
        }
        let to = to.min(self.lies_from);
        if to <= from {
            return;
        }
        let pattern = pattern.filter(|_| from >= self.rests);
        let notes = pattern.map(|pattern| self.onsets(pattern, stand, from, to, out)).unwrap_or_default();
        self.play(notes, 0, stand, out);
        self.until = to;
    }

    /// Begins anew at `at` and goes on to `to`: what waits is forgotten, voices whose note is also in the new pattern go on
    /// with their controls walking to the new values, other gates close, and long notes under way begin at once.
    pub fn restart(&mut self, pattern: Option<&Pattern>, stand: &Stand, at: Frames, to: Frames, out: &mut Outbox) {
        self.warned.clear();
        self.rests = 0;
        if at >= self.lies_from {
            return self.lay(out);
        }
        self.anew = at;
        let mut sounding = std::mem::take(&mut self.sent);
        sounding.retain(|sent| sent.event.at < at);
        self.early = sounding.iter().filter(|s| self.onset(&s.note, stand) >= at).map(|s| s.note.key).collect();
        sounding.retain(|sent| sent.event.off > at);
        let mut new = pattern.map(|pattern| self.under_way(pattern, &sounding, stand, at, out)).unwrap_or_default();
        let mut keep = Vec::new();
        let mut bends = Vec::new();
        for exact in [true, false] {
            for mut sent in std::mem::take(&mut sounding) {
                let bent = |note: &Note| if exact { Some(sent.event) } else { self.bent(&sent, note, stand) };
                let found = new.iter().enumerate().find_map(|(i, note)| {
                    (!exact || note.key == sent.note.key).then(|| bent(note)).flatten().map(|event| (i, event))
                });
                let Some((i, event)) = found else {
                    sounding.push(sent);
                    continue;
                };
                bends.extend(self.bend(&sent.event, &event, at, stand.rate));
                keep.push(sent.event.key);
                sent = Sent { note: new.remove(i), event };
                self.sent.push(sent);
            }
        }
        out.commands.push_back(Command::Retract { at, track: self.slot, keep: keep.into() });
        out.commands.extend(bends);
        let beat = 1.0 / stand.score.meter.unwrap_or(DEFAULT_METER);
        // What is yet to be heard (nudged, or behind inserts that look ahead) is played however short it is.
        new.retain(|note| {
            let heard = self.gate(note, stand).0 + self.rig.latency;
            self.onset(note, stand) < at && (heard >= at || note.whole.duration().to_f64() > beat)
        });
        self.play(new, at, stand, out);
        self.until = at;
        self.advance(pattern, stand, to, out);
    }

    /// From frame `at` on, a grid line, it lies still.
    pub fn lie_down(&mut self, at: Frames) {
        (self.lies_from, self.laid) = (at, false);
    }

    /// Tells the engine that it lies still.
    fn lay(&mut self, out: &mut Outbox) {
        if !std::mem::replace(&mut self.laid, true) {
            out.set(self.lies_from, Target::Rest(Place::Track(self.slot)), 1.0, 0);
        }
    }

    /// It plays again from frame `at` on. Whether it lay still: then it is to begin anew.
    pub fn get_up(&mut self, stand: &Stand, at: Frames, out: &mut Outbox) -> bool {
        let (lay, since) = (at >= self.lies_from, self.lies_from);
        self.stay_up(at, out);
        if lay {
            self.sent.clear();
            self.early.clear();
            self.rig.catch_up(stand, since, at, out);
        }
        lay
    }

    /// It is not to lie down at frame `at` or later.
    pub fn stay_up(&mut self, at: Frames, out: &mut Outbox) {
        self.lies_from = Frames::MAX;
        if std::mem::take(&mut self.laid) {
            // It may have lain down before it hears that it is not to.
            let target = Target::Rest(Place::Track(self.slot));
            out.commands.push_back(Command::Release { at, target });
            out.set(at, target, 0.0, 0);
        }
    }

    /// Sends the moves of its controls up to frame `to`.
    pub fn follow(&mut self, stand: &Stand, to: Frames, out: &mut Outbox) {
        self.rig.advance(stand, to.min(self.lies_from), out);
    }

    /// Forgets what has ended and closes sections that have long been silent; one that lies still keeps them, to be back
    /// at once.
    pub fn tidy(&mut self, now: Frames, rate: f64, out: &mut Outbox) {
        self.sent.retain(|sent| sent.event.off > now);
        if now >= self.lies_from {
            return;
        }
        let changes = self.close(|section| section.idle(now, rate));
        out.load(now, 0, changes);
    }

    /// Closes sections whose instrument is not what it was.
    pub fn revoice(&mut self, score: &Score) -> Vec<Change> {
        self.close(|section| {
            !plan::synth(score, &section.plain.name).is_some_and(|synth| Arc::ptr_eq(synth.def(), &section.plain))
        })
    }

    fn close(&mut self, over: impl Fn(&Section) -> bool) -> Vec<Change> {
        let closed = self.sections.extract_if(.., |section| over(section));
        closed.map(|section| Change { place: Place::Track(self.slot), what: What::Close(section.pool) }).collect()
    }

    /// Frames that its voices remember in their delays.
    pub fn memory(&self) -> usize {
        self.sections.iter().map(|section| section.memory).sum()
    }

    /// Whether it has a section for this instrument with these effects.
    pub fn has(&self, plain: &Arc<SynthDef>, effects: &[&str]) -> bool {
        self.sections.iter().any(|section| section.plays(plain, effects))
    }

    /// A section whose voices are on their way; what has to go for it.
    pub fn join(&mut self, mut section: Section, at: Frames) -> Option<Change> {
        let gone = self.make_room();
        section.last = at;
        self.sections.push(section);
        gone
    }

    /// Where there are as many sections as there may be, lets the one go that was heard longest ago.
    fn make_room(&mut self) -> Option<Change> {
        if self.sections.len() < SECTIONS {
            return None;
        }
        let (oldest, _) = self.sections.iter().enumerate().min_by_key(|(_, section)| section.last)?;
        let pool = self.sections.remove(oldest).pool;
        Some(Change { place: Place::Track(self.slot), what: What::Close(pool) })
    }

    /// Sends notes, none earlier than frame `earliest`.
    fn play(&mut self, notes: Vec<Note>, earliest: Frames, stand: &Stand, out: &mut Outbox) {
        let mut events = Vec::new();
        for note in notes {
            let Some(event) = self.event(&note, earliest, stand, out) else { continue };
            events.push(event);
            self.sent.push(Sent { note, event });
        }
        out.play(events);
    }

    fn event(&mut self, note: &Note, earliest: Frames, stand: &Stand, out: &mut Outbox) -> Option<Event> {
        let section = self.section(note, stand, out)?;
        let (on, off) = self.gate(note, stand);
        let sends = self.sends(note, stand, out);
        let seed = chance(stand.seed, self.hash, note.whole.begin);
        let section = &mut self.sections[section];
        section.last = section.last.max(off);
        Some(note.event(&section.voice(self.slot), on.max(earliest).max(self.anew), off, seed, &sends))
    }

    /// The section that plays a note; it is formed where there is none yet, and its voices are sent ahead of the events.
    fn section(&mut self, note: &Note, stand: &Stand, out: &mut Outbox) -> Option<usize> {
        let Some(plain) = instrument(note, &stand.score.synths) else {
            let wanted = note.instruments.last()?;
            let names = stand.score.synths.iter().map(|known| &*known.name);
            let known = SPOKEN.iter().find(|(spoken, _)| *spoken == &**wanted).map(|(_, short)| *short);
            let near = known.or_else(|| nearest(wanted, names)).map(|name| format!("did you mean {name}?"));
            let hint = near.or(Some("s(\"piano\"); Tab inside s(\"\") and `segue doc` list the instruments".into()));
            self.warn(wanted, format!("an instrument expected, found no {wanted}"), hint, stand, out);
            return None;
        };
        let effects = effects(plain, note);
        if let Some(found) = self.sections.iter().position(|section| section.plays(plain, &effects)) {
            return Some(found);
        }
        if let Some(gone) = self.make_room() {
            out.load(self.since, 0, vec![gone]);
        }
        if out.work > TOGETHER || out.memory > section::ALL {
            self.rests = self.until + (REST * stand.rate) as Frames;
            let message = format!("{} plays too many instruments, or such as remember too much", self.name);
            let hint = Some("put delays behind the track: s(\"bd\") >> delay(0.5)".into());
            self.warn("voices", message, hint, stand, out);
            return None;
        }
        match Section::form(plain, effects, out.pools + 1, stand.rate) {
            Ok((section, pool)) => {
                out.pools += 1;
                out.work += FORMED;
                out.memory += section.memory;
                self.sections.push(section);
                let change = Change { place: Place::Track(self.slot), what: What::Pool(pool) };
                out.load(self.since, 0, vec![change]);
                Some(self.sections.len() - 1)
            }
            Err(error) => {
                self.warn(
                    &plain.name,
                    format!("{} cannot be played: {}", plain.name, error.message),
                    error.hint,
                    stand,
                    out,
                );
                None
            }
        }
    }

    /// Bus slots and levels of a note.
    fn sends(&mut self, note: &Note, stand: &Stand, out: &mut Outbox) -> Vec<(u16, f32)> {
        let mut sends = Vec::new();
        for (name, level) in note.sends() {
            match stand.buses.iter().position(|bus| bus.as_ref() == Some(&name)) {
                Some(slot) => sends.push((slot as u16, level)),
                None => self.miss(&name, stand, out),
            }
        }
        if sends.len() > MAX_SENDS {
            let message = format!("at most {MAX_SENDS} sends of a note expected, found {}", sends.len());
            self.warn("sends", message, Some("bus both = delay(0.3) >> reverb(3)".into()), stand, out);
            sends.truncate(MAX_SENDS);
        }
        sends
    }

    /// Says that a bus it sends to is not there.
    pub fn miss(&mut self, bus: &str, stand: &Stand, out: &mut Outbox) {
        let hint = Some(format!("bus {bus} = reverb(3)"));
        self.warn(bus, format!("a bus expected, found no {bus}"), hint, stand, out);
    }

    /// What a sounding event would be if its voice played this note instead; none where another voice would have to.
    fn bent(&self, sent: &Sent, note: &Note, stand: &Stand) -> Option<Event> {
        let plain = instrument(note, &stand.score.synths)?;
        let section = self.sections.iter().find(|section| section.pool == sent.event.pool)?;
        let same = section.plays(plain, &effects(plain, note)) && note.whole == sent.note.whole;
        let old = &sent.event;
        let sends: Vec<(u16, f32)> = old.sends.iter().copied().filter(|(_, level)| *level > 0.0).collect();
        let off = self.gate(note, stand).1;
        let event = note.event(&section.voice(self.slot), old.at, off, old.seed, &sends);
        let pitch = section.freq();
        let stays = (event.off, event.gain, event.pan, event.cut, pitch.map(|k| event.controls[k]))
            == (old.off, old.gain, old.pan, old.cut, pitch.map(|k| old.controls[k]))
            && note.sends() == sent.note.sends();
        // The voice keeps the name under which the engine knows it.
        (same && stays).then_some(Event { key: old.key, ..event })
    }

    fn bend(&self, old: &Event, new: &Event, at: Frames, rate: f64) -> Vec<Command> {
        let ramp = (BEND * rate) as u32;
        let moved = old.controls.iter().zip(&new.controls).enumerate().filter(|(_, (old, new))| old != new);
        moved
            .map(|(control, (_, value))| Command::Bend {
                at,
                track: self.slot,
                key: old.key,
                control: control as u16,
                value: *value,
                ramp,
            })
            .collect()
    }

    /// The frame of a cycle, earlier by the track's latency.
    fn frame(&self, cycle: f64, stand: &Stand) -> Frames {
        stand.timeline.frame_at(cycle).saturating_sub(self.rig.latency)
    }

    /// The frame at which a note is written.
    fn onset(&self, note: &Note, stand: &Stand) -> Frames {
        self.frame(note.whole.begin.to_f64(), stand)
    }

    /// The frames at which a note's gate opens and closes, nudged.
    fn gate(&self, note: &Note, stand: &Stand) -> (Frames, Frames) {
        let begin = note.whole.begin.to_f64();
        let nudge = (note.nudge() * stand.rate).round() as i64;
        [begin, begin + note.length()].map(|cycle| self.frame(cycle, stand).saturating_add_signed(nudge)).into()
    }

    /// Notes that begin in the frames `from..to`, in the order of time.
    fn onsets(&mut self, pattern: &Pattern, stand: &Stand, from: Frames, to: Frames, out: &mut Outbox) -> Vec<Note> {
        let cycle = |frame: Frames| stand.timeline.cycle_at(frame + self.rig.latency);
        // What is due before the beginning, because of the latency, is played there.
        let first = if from == 0 { stand.timeline.cycle_at(0) } else { cycle(from - 1) };
        let begin = cut(first, -1).max(Time::ZERO);
        let span = Span { begin, end: cut(cycle(to), 2) };
        let mut notes = self.ask(pattern, span, Hap::has_onset, stand, out);
        notes.retain(|note| (from..to).contains(&self.onset(note, stand)) && !self.early.contains(&note.key));
        notes.sort_by_key(|note| note.whole.begin);
        notes
    }

    /// Notes that are written before frame `at` and last beyond it, and those that were begun early; of those that ring
    /// beyond their hap (`legato`) only such as began with one of the `sounding`.
    fn under_way(
        &mut self,
        pattern: &Pattern,
        sounding: &[Sent],
        stand: &Stand,
        at: Frames,
        out: &mut Outbox,
    ) -> Vec<Note> {
        let now = fine(stand.timeline.cycle_at(at + self.rig.latency));
        let mut notes = self.ask(pattern, now, |_| true, stand, out);
        let elsewhere = |whole: &Span| whole.end <= now.begin || whole.begin >= now.end;
        let begins: BTreeSet<Time> =
            sounding.iter().map(|sent| sent.note.whole).filter(elsewhere).map(|w| w.begin).collect();
        for begin in begins {
            let then = Span { begin, end: begin + Time::new(1, FINE) };
            let there = |hap: &Hap| hap.whole.is_some_and(|whole| whole.begin == begin && elsewhere(&whole));
            notes.extend(self.ask(pattern, then, there, stand, out));
        }
        notes.retain(|note| {
            let begun = || self.early.contains(&note.key);
            self.gate(note, stand).1 > at && (self.onset(note, stand) < at || begun())
        });
        notes.sort_by_key(|note| (note.whole.begin, note.whole.end));
        notes
    }

    fn ask(
        &mut self,
        pattern: &Pattern,
        span: Span,
        choose: impl Fn(&Hap) -> bool,
        stand: &Stand,
        out: &mut Outbox,
    ) -> Vec<Note> {
        let most = WORK.min(TOGETHER.saturating_sub(out.work)).max(LITTLE);
        let answer = pattern.weigh(span, own(stand.seed, self.hash), most);
        out.work += answer.as_ref().map_or(most, |(_, work)| *work);
        let Ok((haps, _)) = answer else {
            self.rests = self.until + (REST * stand.rate) as Frames;
            let message = format!(
                "a pattern that can be played expected, found {} far too dense or its functions too slow",
                self.name
            );
            self.warn("", message, None, stand, out);
            return Vec::new();
        };
        let chosen = haps.iter().filter(|hap| choose(hap));
        chosen.filter_map(|hap| hap.whole.map(|whole| Note::read(whole, &hap.value))).collect()
    }

    /// Says something about this track once.
    fn warn(&mut self, about: &str, message: String, hint: Option<String>, stand: &Stand, out: &mut Outbox) {
        if self.warned.insert(about.into()) {
            let at = plan::track(stand.score, &self.name).map(|track| track.at.clone()).unwrap_or_default();
            let width = self.name.chars().count().max(1);
            out.news.push(News::Warning(Diagnostic { severity: Severity::Warning, at, width, message, hint }));
        }
    }
}
