//! The desk: strips in their slots, buses in order, the master, and those that are leaving.

use super::channel::{Bench, Channel, Here, fits_inserts, fits_signal};
use super::events::Waiting;
use super::fader::{Ramp, SILENCE, Stereo, add};
use super::feeds::Feeds;
use super::level::{bearable, peak};
use super::queues::{Move, Plan, Reports, Retired, Returns};
use super::residue::frames;
use super::{Config, Frames, GRID, Place, Played, Report, Share, Target};

/// A strip that leaves is given so many seconds to ring out.
const RING: f64 = 30.0;
/// Shortest crossfade of a program. 2 ms: the shortest that does not click on most material.
const FADE: f64 = 0.002;

struct Leaving {
    place: Place,
    channel: Box<Channel>,
    /// The frame at which it has rung long enough.
    until: Frames,
}

pub(super) struct Desk {
    tracks: Vec<Option<Box<Channel>>>,
    buses: Vec<Option<Box<Channel>>>,
    master: Option<Box<Channel>>,
    /// How much of the mix goes past the master strip: all of it where there is none.
    direct: Ramp,
    /// In order of leaving.
    leaving: Vec<Leaving>,
    room_to_leave: usize,
    pub waiting: Waiting,
    feeds: Feeds,
    bench: Bench,
    /// Sounds of the direct outs: tracks, then buses; empty where nobody wants them.
    pub outs: Vec<Stereo>,
    /// Which of them sounded in this block.
    pub heard: Vec<bool>,
    /// Tracks and buses from these on have never had a strip.
    reach: [usize; 2],
    scratch: usize,
    shortest: u32,
    ring: Frames,
    share: Share,
    /// What this engine or others played of the tracks.
    pub played: Vec<Played>,
}

impl Desk {
    pub fn new(config: &Config) -> Self {
        let outs = if config.direct_outs { config.tracks + config.buses } else { 0 };
        // Twice the desk: every strip can be replaced while those it replaced still ring.
        let room_to_leave = 2 * (config.tracks + config.buses + 1);
        Desk {
            tracks: (0..config.tracks).map(|_| None).collect(),
            buses: (0..config.buses).map(|_| None).collect(),
            master: None,
            direct: Ramp::new(1.0),
            leaving: Vec::with_capacity(room_to_leave),
            room_to_leave,
            waiting: Waiting::new(config.tracks, config.events),
            feeds: Feeds::new(config.buses),
            bench: Bench::new(config),
            outs: vec![SILENCE; outs],
            heard: vec![false; outs],
            reach: [0; 2],
            scratch: config.scratch,
            shortest: frames(FADE, config.rate) as u32,
            ring: frames(RING, config.rate),
            share: config.share,
            played: (0..config.share.lists()).map(|_| Played::default()).collect(),
        }
    }

    fn slot(&mut self, place: Place) -> Option<&mut Option<Box<Channel>>> {
        match place {
            Place::Track(track) => self.tracks.get_mut(track as usize),
            Place::Bus(bus) => self.buses.get_mut(bus as usize),
            Place::Master => Some(&mut self.master),
        }
    }

    fn channel(&mut self, place: Place) -> Option<&mut Channel> {
        self.slot(place)?.as_deref_mut()
    }

    /// Moves a number at the grid line `block`.
    pub fn set(&mut self, target: Target, value: f32, ramp: u32, block: Frames) {
        let place = match target {
            Target::Gain(place) | Target::Pan(place) | Target::Mute(place) | Target::Rest(place) => place,
            Target::Send(place, _) | Target::Insert(place, _) | Target::Signal(place, _) => place,
        };
        if value.is_finite()
            && let Some(channel) = self.channel(place)
        {
            channel.set(target, value, ramp, block);
        }
    }

    pub fn bend(&mut self, track: u16, key: u64, control: u16, value: f32, ramp: u32) {
        if value.is_finite()
            && let Some(channel) = self.channel(Place::Track(track))
        {
            channel.bend(key, control, value, ramp);
        }
    }

    /// Forgets a track's events from `at` on and closes the gates of its earlier notes then, but for those in `keep`.
    pub fn retract(&mut self, at: Frames, track: u16, keep: &[u64]) {
        self.waiting.retain(track as usize, |event| {
            if event.at < at && !keep.contains(&event.key) {
                event.off = event.off.min(at);
            }
            event.at < at
        });
        if let Some(channel) = self.channel(Place::Track(track)) {
            channel.close(at, keep);
        }
    }

    /// Lets go of so many voices, those first that are missed least.
    pub fn shed(&mut self, voices: u32, reports: &Reports) {
        for _ in 0..voices {
            let tracks = self.tracks.iter_mut().enumerate();
            let ranked = tracks.filter_map(|(track, channel)| Some((track, channel.as_mut()?.least()?)));
            let Some((track, (_, bank))) = ranked.min_by_key(|(_, (rank, _))| *rank) else { return };
            if let Some(key) = bank.shed() {
                reports.tell(Report::Stolen { track: track as u16, key });
            }
        }
    }

    pub fn hush(&mut self, at: Frames) {
        (0..self.tracks.len()).for_each(|track| self.retract(at, track as u16, &[]));
    }

    /// Everything falls silent at once and begins anew.
    pub fn reset(&mut self) {
        self.all().for_each(|channel| channel.reset());
        for leaving in &mut self.leaving {
            leaving.channel.reset();
            leaving.until = 0;
        }
    }

    fn all(&mut self) -> impl Iterator<Item = &mut Box<Channel>> {
        let [tracks, buses] = self.reach;
        self.tracks[..tracks].iter_mut().chain(&mut self.buses[..buses]).chain([&mut self.master]).flatten()
    }

    /// Makes a program's changes. False where strips must leave before there is room for the rest: to be called again.
    pub fn load(&mut self, plan: &mut Plan, block: Frames, reports: &Reports) -> bool {
        let fade = plan.fade.max(self.shortest);
        while let Some((place, step)) = plan.changes.get_mut(plan.done) {
            if matches!(step, Move::Install(_) | Move::Remove | Move::Cut)
                && self.leaving.len() == self.room_to_leave
                && self.channel(*place).is_some()
            {
                self.leaving.iter_mut().for_each(|leaving| leaving.channel.hurry());
                return false;
            }
            let place = *place;
            let left = self.change(place, std::mem::replace(step, Move::Done), fade, block);
            if !matches!(left, Move::Done) {
                if let Move::Install(_) | Move::Pool(_) = left {
                    let track = if let Place::Track(track) = place { track } else { 0 };
                    reports.tell(Report::Overload { track, lost: 0 });
                }
                *step = left;
            }
            plan.done += 1;
        }
        true
    }

    /// Makes one change; what it left over, or could not use, comes back.
    fn change(&mut self, place: Place, step: Move, fade: u32, block: Frames) -> Move {
        let scratch = self.scratch;
        match step {
            Move::Install(channel) => self.install(place, channel, fade, block),
            Move::Remove => {
                self.remove(place, fade, block);
                Move::Done
            }
            Move::Cut => {
                if let Some(channel) = self.channel(place) {
                    channel.cut(fade);
                }
                self.remove(place, fade, block);
                Move::Done
            }
            Move::Inserts(mut passage) => {
                let fits = passage.schedules().all(|chain| fits_inserts(chain, scratch));
                if let Some(channel) = self.channel(place).filter(|_| fits) {
                    channel.inserts(&mut passage);
                }
                Move::Inserts(passage)
            }
            Move::Signal(mut passage) => {
                let fits = passage.schedules().all(|signal| fits_signal(signal, scratch));
                if let Some(channel) = self.channel(place).filter(|_| fits) {
                    channel.signal(&mut passage);
                }
                Move::Signal(passage)
            }
            Move::Pool(bank) => match self.channel(place) {
                Some(channel) if bank.fits(scratch) => channel.pool(bank).map_or_else(Move::Pool, |()| Move::Done),
                _ => Move::Pool(bank),
            },
            Move::Close(id) => {
                if let Some(channel) = self.channel(place) {
                    channel.close_pool(id);
                }
                Move::Done
            }
            Move::Done => Move::Done,
        }
    }

    fn install(&mut self, place: Place, mut channel: Box<Channel>, fade: u32, block: Frames) -> Move {
        if !channel.fits(self.scratch) || self.slot(place).is_none() {
            return Move::Install(channel);
        }
        let track = if let Place::Track(track) = place { Some(track as usize) } else { None };
        match place {
            Place::Track(n) => self.reach[0] = self.reach[0].max(n as usize + 1),
            Place::Bus(n) => self.reach[1] = self.reach[1].max(n as usize + 1),
            Place::Master => {}
        }
        let old = self.slot(place).and_then(Option::take);
        if let (Some(old), Some(track)) = (&old, track) {
            self.waiting.retain(track, |event| !old.has_pool(event.pool) || channel.has_pool(event.pool));
        }
        match place {
            Place::Track(_) => {}
            Place::Bus(_) => channel.enter(fade),
            Place::Master => {
                channel.enter(fade);
                self.direct.to(0.0, fade);
            }
        }
        if let Some(slot) = self.slot(place) {
            *slot = Some(channel);
        }
        self.farewell(place, old, fade, block);
        Move::Done
    }

    fn remove(&mut self, place: Place, fade: u32, block: Frames) {
        let old = self.slot(place).and_then(Option::take);
        if let (Some(old), Place::Track(track)) = (&old, place) {
            self.waiting.retain(track as usize, |event| !old.has_pool(event.pool));
        }
        if place == Place::Master {
            self.direct.to(1.0, fade);
        }
        self.farewell(place, old, fade, block);
    }

    fn farewell(&mut self, place: Place, old: Option<Box<Channel>>, fade: u32, block: Frames) {
        if let Some(mut channel) = old {
            channel.leave(block, fade);
            self.leaving.push(Leaving { place, channel, until: block + self.ring });
        }
    }

    /// Sends back what is over, and sees to it that what leaves does leave.
    pub fn settle(&mut self, block: Frames, returns: &mut Returns) {
        self.all().for_each(|channel| channel.settle(returns));
        let mut k = 0;
        while k < self.leaving.len() {
            let leaving = &mut self.leaving[k];
            if block >= leaving.until {
                leaving.channel.hurry();
            }
            if (leaving.channel.gone() || !self.share.plays(leaving.place)) && returns.room() {
                let leaving = self.leaving.remove(k);
                returns.give(Retired::Strip(leaving.channel));
            } else {
                leaving.channel.settle(returns);
                k += 1;
            }
        }
    }

    /// Plays one block of everything; the mix after the master strip.
    pub fn play(&mut self, block: Frames, expecting: bool, reports: &Reports) -> Stereo {
        let mut mix = SILENCE;
        self.heard.fill(false);
        self.feeds.clear();
        for track in 0..self.reach[0].max(self.waiting.reach()) {
            let place = Place::Track(track as u16);
            if self.share.plays(place) || self.share.plays(Place::Master) {
                self.strips(Here { block, place, expecting }, &mut mix, reports);
            }
        }
        if !self.share.plays(Place::Master) {
            return mix;
        }
        for bus in 0..self.reach[1] {
            self.feeds.pass(bus);
            self.strips(Here { block, place: Place::Bus(bus as u16), expecting }, &mut mix, reports);
        }
        self.finish(Here { block, place: Place::Master, expecting }, mix, reports)
    }

    /// Plays the strip of a slot and those that leave it into `mix`.
    fn strips(&mut self, here: Here, mix: &mut Stereo, reports: &Reports) {
        let Desk { tracks, buses, leaving, waiting, feeds, bench, outs, heard, share, played, .. } = self;
        let (slot, out) = match here.place {
            Place::Track(track) => (&mut tracks[track as usize], track as usize),
            Place::Bus(bus) => (&mut buses[bus as usize], tracks.len() + bus as usize),
            Place::Master => return,
        };
        let mut sounds = |sound: &Stereo| {
            add(mix, sound, Some(1.0), &SILENCE[0]);
            if let Some(pair) = outs.get_mut(out) {
                if std::mem::replace(&mut heard[out], true) {
                    add(pair, sound, Some(1.0), &SILENCE[0]);
                } else {
                    *pair = *sound;
                }
            }
        };
        if let (Place::Track(track), Share::Rest { .. }) = (here.place, *share) {
            while let Some((bus, sound)) = played[share.list(track)].next(here.block, track) {
                match bus {
                    None => sounds(sound),
                    Some(bus) => feed(feeds, bus as usize, sound),
                }
            }
            return;
        }
        if slot.is_none() {
            unheard(here, waiting, reports);
        }
        let mut leaving = leaving.iter_mut().filter(|leaving| leaving.place == here.place).peekable();
        if slot.is_none() && leaving.peek().is_none() {
            return;
        }
        let input = if let Place::Bus(bus) = here.place { input(feeds, bus, here, reports) } else { None };
        let mut play = |channel: &mut Channel, waiting: Option<&mut Waiting>| {
            if !channel.play(here, input.as_ref(), waiting, bench, reports) {
                return;
            }
            let noted =
                if let (Place::Track(track), Share::Part { .. }) = (here.place, *share) { Some(track) } else { None };
            for bus in 0..bench.mix.sends.len() {
                if let Some(sound) = bench.mix.sends.heard(bus) {
                    match noted {
                        Some(track) => played[0].note(here.block, track, Some(bus as u16), sound),
                        None => feed(feeds, bus, sound),
                    }
                }
            }
            match noted {
                Some(track) => played[0].note(here.block, track, None, &bench.sound),
                None => sounds(&bench.sound),
            }
        };
        if let Some(channel) = slot {
            play(channel, Some(waiting));
        }
        leaving.for_each(|leaving| play(&mut leaving.channel, None));
    }

    /// The mix through the master strip, those that leave its place, and past it where there is none.
    fn finish(&mut self, here: Here, mix: Stereo, reports: &Reports) -> Stereo {
        let Desk { master, leaving, bench, direct, .. } = self;
        let mut curve = SILENCE[0];
        let still = direct.block(&mut curve);
        if still == Some(1.0) && master.is_none() && leaving.iter().all(|leaving| leaving.place != Place::Master) {
            return mix;
        }
        let input = (peak(&mix) > 0.0).then_some(mix);
        let mut sum = mix;
        match still {
            Some(1.0) => {}
            Some(_) => sum = SILENCE,
            None => super::fader::apply(&mut sum, None, &[curve; 2]),
        }
        let gone = leaving.iter_mut().filter(|l| l.place == Place::Master).map(|l| &mut l.channel);
        for channel in master.iter_mut().chain(gone) {
            if channel.play(here, input.as_ref(), None, bench, reports) {
                add(&mut sum, &bench.sound, Some(1.0), &SILENCE[0]);
            }
        }
        sum
    }
}

/// Adds to what arrives at a bus.
fn feed(feeds: &mut Feeds, bus: usize, sound: &Stereo) {
    if let Some(sum) = feeds.get(bus) {
        add(sum, sound, Some(1.0), &SILENCE[0]);
    }
}

/// What arrives at a bus, if it is sound; held at +60 dB, so that one strip's madness costs the others no more than that.
fn input(feeds: &Feeds, bus: u16, here: Here, reports: &Reports) -> Option<Stereo> {
    const HOTTEST: f32 = 1000.0;
    let mut input = *feeds.heard(bus as usize)?;
    let peak = peak(&input);
    if peak > HOTTEST || !bearable(peak) {
        reports.tell(Report::Scrubbed { place: here.place });
        input.as_flattened_mut().iter_mut().for_each(|x| *x = super::fader::finite(*x).clamp(-HOTTEST, HOTTEST));
    }
    (peak > 0.0).then_some(input)
}

/// Events for a track that is not there: they wait for a program that is about to begin, else they are lost.
fn unheard(here: Here, waiting: &mut Waiting, reports: &Reports) {
    let Place::Track(track) = here.place else { return };
    let mut lost = 0;
    while !here.expecting && waiting.first(track as usize, here.block + GRID as Frames).is_some() {
        waiting.take(track as usize);
        lost += 1;
    }
    if lost > 0 {
        reports.tell(Report::Overload { track, lost });
    }
}
