//! A strip of the desk in play: voices and signal, through inserts and fader, to buses and master.

use super::arena::Arena;
use super::events::Waiting;
use super::fader::{Fader, Ramp, SILENCE, Stereo, add, apply, finite, sound_level};
use super::level::{bearable, highest, peaks};
use super::message::Strip;
use super::meter::Meter;
use super::pool::Bank;
use super::queues::{Reports, Retired, Returns};
use super::residue::{Mix, Residue, frames};
use super::swap::Swap;
use super::voice::Stage;
use super::{Config, Event, Frames, GRID, Passage, Place, Report, Schedule, Target};

/// Shortest ramp of fader, pan, mute and sends. 5 ms: shorter clicks on a 50 Hz sine.
const RAMP: f64 = 0.005;
/// Inserts without input that stay below −120 dB for this long (or for their own longest silence) rest.
const PATIENCE: f64 = 0.5;
const REST: f32 = 1e-6;
/// Instruments a strip can hold at the same time.
pub(super) const BANKS: usize = 64;

/// Scratch space that strips use one after another.
pub(super) struct Bench {
    pub arena: Arena,
    pub mix: Mix,
    /// What the strip that played last put out, after its fader.
    pub sound: Stereo,
    curve: Stereo,
    line: [f32; GRID],
    /// The strip's entry, for both sides.
    entry: Stereo,
    /// Whether the entry is wide open.
    open: bool,
    /// The share of the voices' own sends.
    share: [f32; GRID],
}

impl Bench {
    pub fn new(config: &Config) -> Self {
        Bench {
            arena: Arena::new(config.scratch.max(2)),
            mix: Mix::new(config.buses),
            sound: SILENCE,
            curve: SILENCE,
            line: [0.0; GRID],
            entry: SILENCE,
            open: true,
            share: SILENCE[0],
        }
    }
}

/// When and where a strip plays.
#[derive(Clone, Copy)]
pub(super) struct Here {
    pub block: Frames,
    pub place: Place,
    /// A program begins within this block: events for instruments unknown as yet wait for it.
    pub expecting: bool,
}

pub(super) struct Channel {
    name: u64,
    #[expect(clippy::vec_box, reason = "instruments come and go as boxes: nothing is freed here")]
    banks: Vec<Box<Bank>>,
    signal: Swap,
    /// The level of a signal that came with the strip; none while it stands still.
    rise: Ramp,
    inserts: Swap,
    fader: Fader,
    /// Level at which its sources and its input arrive: fades when the strip comes or leaves.
    entry: Ramp,
    /// Share of the voices' own sends; the rest is sent after the inserts.
    own: Ramp,
    /// Levels of the latest onset, by bus.
    onset: Vec<Ramp>,
    latest: Frames,
    /// Levels of the strip, by bus.
    sends: Vec<Ramp>,
    residue: Residue,
    meter: Meter,
    /// Frames of silence so far.
    still: usize,
    patience: usize,
    ramp: u32,
    leaving: bool,
    /// Nothing has sounded here so far: there are no tails.
    unheard: bool,
    /// It was resting when it was last asked to play, and nobody has touched it since.
    asleep: bool,
    /// An instrument waits for its last voice to end.
    closing: bool,
}

impl Channel {
    pub fn new(strip: Strip, config: &Config) -> Self {
        let dry = strip.inserts.is_none();
        let mut sends = vec![Ramp::new(0.0); config.buses];
        for (bus, level) in strip.sends {
            if let Some(send) = sends.get_mut(bus as usize) {
                *send = Ramp::new(sound_level(level));
            }
        }
        let mut banks = Vec::with_capacity(BANKS.max(strip.pools.len()));
        banks.extend(strip.pools.into_iter().map(|pool| Box::new(Bank::new(*pool, config.rate))));
        let mut rise = Ramp::new(if strip.signal.is_some() { 0.0 } else { 1.0 });
        rise.to(1.0, frames(RAMP, config.rate) as u32);
        Channel {
            name: strip.name,
            banks,
            signal: Swap::new(strip.signal),
            rise,
            inserts: Swap::new(strip.inserts),
            fader: Fader::new(sound_level(strip.gain), finite(strip.pan), strip.muted),
            entry: Ramp::new(1.0),
            own: Ramp::new(if dry { 1.0 } else { 0.0 }),
            onset: vec![Ramp::new(0.0); config.buses],
            latest: 0,
            sends,
            residue: Residue::new(config.buses, config.rate),
            meter: Meter::default(),
            still: 0,
            patience: frames(PATIENCE, config.rate) as usize,
            ramp: frames(RAMP, config.rate) as u32,
            leaving: false,
            unheard: true,
            asleep: false,
            closing: false,
        }
    }

    /// Begins to count its silence anew.
    fn wake(&mut self) {
        (self.still, self.asleep) = (0, false);
    }

    /// Whether everything it brings can be played here.
    pub fn fits(&mut self, scratch: usize) -> bool {
        self.banks.iter().all(|bank| bank.fits(scratch))
            && self.signal.now().is_none_or(|signal| fits_signal(signal, scratch))
            && self.inserts.now().is_none_or(|inserts| fits_inserts(inserts, scratch))
    }

    /// What was a sound before it came fades in over `fade`: for strips that take an input over from another.
    pub fn enter(&mut self, fade: u32) {
        self.entry = Ramp::new(0.0);
        self.entry.to(1.0, fade);
    }

    /// Closes its gates and fades its input; what rings in the inserts rings out.
    pub fn leave(&mut self, block: Frames, fade: u32) {
        self.close(block + 1, &[]);
        self.entry.to(0.0, fade.max(self.ramp));
        self.leaving = true;
        self.wake();
    }

    /// A strip that leaves is silent within 5 ms.
    pub fn hurry(&mut self) {
        self.cut(self.ramp);
    }

    /// Fades all that is heard of it, for good.
    pub fn cut(&mut self, fade: u32) {
        if self.fader.open.target() != 0.0 {
            self.asleep = false;
            self.fader.open.to(0.0, fade.max(self.ramp));
        }
    }

    /// A strip that leaves has nothing more to say.
    pub fn gone(&self) -> bool {
        self.fader.open.is_zero() || self.entry.is_zero() && self.resting()
    }

    /// Everything falls silent at once and begins anew.
    pub fn reset(&mut self) {
        self.banks.iter_mut().for_each(|bank| bank.silence());
        self.residue.clear();
        self.signal.reset(self.name);
        self.inserts.reset(self.name);
        self.entry = Ramp::new(self.entry.target());
        (self.still, self.asleep) = (usize::MAX / 2, false);
    }

    /// Its inserts turn into others; what is replaced is in the passage afterwards.
    pub fn inserts(&mut self, passage: &mut Passage) {
        self.own.to(if passage.leads_to_one() { 0.0 } else { 1.0 }, passage.fade);
        self.wake();
        self.inserts.change(passage);
    }

    /// Its signal turns into another, likewise.
    pub fn signal(&mut self, passage: &mut Passage) {
        self.wake();
        self.signal.change(passage);
    }

    /// Takes in one more instrument, or gives it back where there is no place for it.
    pub fn pool(&mut self, bank: Box<Bank>) -> Result<(), Box<Bank>> {
        if self.banks.len() == self.banks.capacity() {
            return Err(bank);
        }
        self.banks.push(bank);
        Ok(())
    }

    pub fn close_pool(&mut self, id: u32) {
        self.closing = true;
        self.banks.iter_mut().filter(|bank| bank.id == id).for_each(|bank| bank.closed = true);
    }

    pub fn has_pool(&self, id: u32) -> bool {
        self.banks.iter().any(|bank| bank.id == id)
    }

    /// Closes the gates of notes that began before `at` and are not kept.
    pub fn close(&mut self, at: Frames, keep: &[u64]) {
        self.banks.iter_mut().for_each(|bank| bank.close(at, keep));
    }

    /// The instrument with the voice that is missed least, and that one's rank.
    pub fn least(&mut self) -> Option<((bool, u64), &mut Bank)> {
        let ranked = self.banks.iter_mut().filter_map(|bank| Some((bank.least()?, &mut **bank)));
        ranked.min_by_key(|(rank, _)| *rank)
    }

    pub fn bend(&mut self, key: u64, control: u16, value: f32, ramp: u32) {
        self.banks.iter_mut().for_each(|bank| bank.bend(key, control, value, ramp));
    }

    /// Moves a number of this strip at the grid line `block`; fader and sends take at least 5 ms.
    pub fn set(&mut self, target: Target, value: f32, ramp: u32, block: Frames) {
        self.wake();
        let slow = ramp.max(self.ramp);
        let cell = |schedule: Option<&mut Schedule<1>>, cell: u16| {
            if let Some(schedule) = schedule.filter(|schedule| (cell as usize) < schedule.cells()) {
                schedule.cell(cell as usize).ramp(0, value, ramp);
            }
        };
        match target {
            Target::Gain(_) => self.fader.gain.to(sound_level(value), slow),
            Target::Pan(_) => self.fader.pan.to(value, slow),
            Target::Mute(_) => self.fader.open.to(1.0 - value.clamp(0.0, 1.0), slow),
            Target::Rest(_) => self.rest(value > 0.5, block),
            Target::Send(_, bus) => {
                if let Some(send) = self.sends.get_mut(bus as usize) {
                    send.to(sound_level(value), slow);
                }
            }
            Target::Insert(_, k) => cell(self.inserts.now(), k),
            Target::Signal(_, k) => cell(self.signal.now(), k),
        }
    }

    /// Lets go of everything and stands still, or goes on.
    fn rest(&mut self, rests: bool, block: Frames) {
        if rests {
            self.close(block, &[]);
        }
        match rests && self.unheard {
            true => self.rise = Ramp::new(0.0),
            false => self.rise.to(f32::from(u8::from(!rests)), self.ramp),
        }
    }

    /// Whether no signal is played.
    fn stands_still(&self) -> bool {
        self.signal.is_empty() || self.rise.is_zero() && !self.signal.fading()
    }

    /// Sends what is over on its way back: schedules that have faded out, instruments whose last voice has ended.
    pub fn settle(&mut self, returns: &mut Returns) {
        self.signal.settle(returns);
        self.inserts.settle(returns);
        if !self.closing {
            return;
        }
        let mut k = 0;
        while k < self.banks.len() {
            if self.banks[k].closed && !self.banks[k].sounding() && returns.room() {
                let bank = self.banks.remove(k);
                returns.give(Retired::Pool(bank));
            } else {
                k += 1;
            }
        }
        self.closing = self.banks.iter().any(|bank| bank.closed);
    }

    fn resting(&self) -> bool {
        let calm = !self.residue.live() && !self.fader.moving() && !self.entry.moving() && !self.inserts.fading();
        let silent = self.stands_still() || self.leaving && self.entry.is_zero();
        calm && silent && self.rung_out() && !self.banks.iter().any(|bank| bank.sounding())
    }

    /// Whether its inserts have been silent for longer than anything may lie in them.
    fn rung_out(&self) -> bool {
        let tail = || if self.unheard && !self.inserts.speaks() { 0 } else { self.inserts.tail() };
        self.inserts.is_empty() || self.still >= self.patience && self.still >= tail()
    }

    /// Plays one block into `bench.sound` and what it sends into `bench.mix.sends`. False where it rests: then nothing was
    /// written.
    pub fn play(
        &mut self,
        here: Here,
        input: Option<&Stereo>,
        waiting: Option<&mut Waiting>,
        bench: &mut Bench,
        reports: &Reports,
    ) -> bool {
        let due = match (&waiting, here.place) {
            (Some(waiting), Place::Track(track)) => {
                waiting.first(track as usize, here.block + GRID as Frames).is_some()
            }
            _ => false,
        };
        self.asleep = input.is_none() && !due && (self.asleep || self.resting());
        if self.asleep {
            self.tell_level(here, reports);
            return false;
        }
        let silent = !self.sources(here, input, waiting, bench, reports);
        self.unheard &= silent;
        bench.sound = bench.mix.sum;
        let mut sane = self.inserts.play(bench.arena.buffers(), &mut bench.sound, self.name);
        let mut peak = peaks(&bench.sound);
        if !bearable(highest(peak)) {
            (sane, peak, bench.sound) = (false, [0.0; 2], SILENCE);
        }
        if !sane {
            bench.mix.sends.clear();
            reports.tell(Report::Scrubbed { place: here.place });
        }
        self.still = if silent && highest(peak) < REST { self.still.saturating_add(GRID) } else { 0 };
        let still = self.fader.block(&mut bench.curve);
        apply(&mut bench.sound, still, &bench.curve);
        self.send(still, bench);
        // Rounding keeps what is largest largest: the peak of what a level made of a sound is what it makes of its peak.
        let peak =
            still.map_or_else(|| peaks(&bench.sound), |level| [0, 1].map(|side| (peak[side] * level[side]).abs()));
        self.meter.hear(&bench.sound, peak);
        self.tell_level(here, reports);
        true
    }

    fn tell_level(&mut self, here: Here, reports: &Reports) {
        // The master is metered where it leaves the engine, whether it has a strip or not.
        if Meter::due(here.block)
            && here.place != Place::Master
            && let Some(reading) = self.meter.read(here.place)
        {
            reports.tell(reading);
        }
    }

    /// Voices, signal and input of one block into `bench.mix`; false where all of it is silence.
    fn sources(
        &mut self,
        here: Here,
        input: Option<&Stereo>,
        waiting: Option<&mut Waiting>,
        bench: &mut Bench,
        reports: &Reports,
    ) -> bool {
        bench.mix.clear();
        bench.open = true;
        if self.leaving && self.entry.is_zero() {
            self.banks.iter_mut().for_each(|bank| bank.silence());
            self.residue.clear();
            return false;
        }
        let mut live = input.is_some() || self.residue.live();
        self.residue.begin(&mut bench.mix);
        live |= self.voices(here, waiting, bench, reports);
        bench.mix.gather();
        if !self.stands_still() {
            live = true;
            let mut sound = SILENCE;
            if !self.signal.play(bench.arena.buffers(), &mut sound, self.name) {
                reports.tell(Report::Scrubbed { place: here.place });
            }
            let still = self.rise.block(&mut bench.line);
            add(&mut bench.mix.sum, &sound, still, &bench.line);
        }
        if let Some(input) = input {
            add(&mut bench.mix.sum, input, Some(1.0), &bench.line);
        }
        bench.open = self.entry.is_one();
        if !bench.open {
            if let Some(level) = self.entry.block(&mut bench.entry[0]) {
                bench.entry[0].fill(level);
            }
            bench.entry[1] = bench.entry[0];
            apply(&mut bench.mix.sum, None, &bench.entry);
        }
        live
    }

    fn voices(&mut self, here: Here, waiting: Option<&mut Waiting>, bench: &mut Bench, reports: &Reports) -> bool {
        let Place::Track(track) = here.place else { return false };
        let Bench { arena, mix, .. } = bench;
        let Channel { banks, residue, .. } = self;
        let mut stage = Stage { block: here.block, arena, mix, residue };
        let mut sane = true;
        if let Some(waiting) = waiting {
            while let Some(event) = waiting.first(track as usize, here.block + GRID as Frames).copied() {
                let bank = banks.iter().position(|bank| bank.id == event.pool);
                if bank.is_none() && here.expecting {
                    break;
                }
                waiting.take(track as usize);
                match bank {
                    Some(bank) if !banks[bank].closed => {
                        let at = event.at.saturating_sub(here.block) as usize;
                        sane &= onset(banks, bank, &event, at, &mut stage, reports);
                        self.latest =
                            levels(&mut self.onset, &event, here.block + at as Frames, self.latest, self.ramp);
                    }
                    Some(_) => {}
                    None => reports.tell(Report::Overload { track, lost: 1 }),
                }
            }
        }
        let mut live = false;
        for bank in banks.iter_mut().filter(|bank| bank.sounding()) {
            live = true;
            sane &= bank.finish(&mut stage, |key| reports.tell(Report::VoiceRetired { track, key }));
        }
        if !sane {
            reports.tell(Report::Scrubbed { place: here.place });
        }
        live
    }

    /// After the fader: the strip's sends, the latest onset's, and what the voices sent by themselves.
    fn send(&mut self, still: Option<[f32; 2]>, bench: &mut Bench) {
        let whole = self.own.is_one();
        if !whole && let Some(share) = self.own.block(&mut bench.share) {
            bench.share.fill(share);
        }
        for bus in 0..self.sends.len() {
            if let Some(own) = bench.mix.sends.taken(bus) {
                if !whole {
                    apply(own, None, &[bench.share; 2]);
                }
                if !bench.open {
                    apply(own, None, &bench.entry);
                }
                apply(own, still, &bench.curve);
            }
            let (strip, onset) = (&mut self.sends[bus], &mut self.onset[bus]);
            if strip.is_zero() && (onset.is_zero() || self.own.is_one()) {
                continue;
            }
            for (level, share) in bench.line.iter_mut().zip(&bench.share) {
                let share = if whole { 1.0 } else { *share };
                *level = strip.step() + onset.step() * (1.0 - share);
            }
            if let Some(send) = bench.mix.sends.get(bus) {
                add(send, &bench.sound, None, &bench.line);
            }
        }
    }
}

/// Plays a note's onset, cutting off the notes of its group first. False where one of them made nonsense.
fn onset(banks: &mut [Box<Bank>], bank: usize, event: &Event, at: usize, stage: &mut Stage, reports: &Reports) -> bool {
    let Event { track, key, off, cut, .. } = *event;
    let mut sane = true;
    if cut != 0 {
        for bank in banks.iter_mut() {
            sane &= bank.cut(cut, at, stage);
        }
    }
    if event.at < stage.block {
        reports.tell(Report::Late { track, by: stage.block - event.at });
    }
    if let Some(key) = banks[bank].begin(event, at, stage) {
        reports.tell(Report::Stolen { track, key });
    }
    reports.tell(Report::Onset { track, key, at: stage.block + at as Frames, off });
    sane
}

/// Sends of a strip with inserts follow the latest onset; of onsets in the same frame, the loudest send.
fn levels(sends: &mut [Ramp], event: &Event, at: Frames, latest: Frames, ramp: u32) -> Frames {
    for (bus, send) in sends.iter_mut().enumerate() {
        let named = event.sends.iter().filter(|(to, _)| *to as usize == bus).map(|(_, level)| *level);
        let level = named.fold(0.0, f32::max);
        let level = if at == latest { level.max(send.target()) } else { level };
        if level != send.target() {
            send.to(level, ramp);
        }
    }
    at
}

/// Whether a signal can sound here: no inputs, two outputs.
pub(super) fn fits_signal(signal: &Schedule<1>, scratch: usize) -> bool {
    signal.inputs() == 0 && signal.outputs() == 2 && signal.scratch() <= scratch
}

/// Whether a chain of inserts can play here: two inputs, two outputs.
pub(super) fn fits_inserts(chain: &Schedule<1>, scratch: usize) -> bool {
    chain.inputs() <= 2 && chain.outputs() == 2 && chain.scratch() <= scratch
}
