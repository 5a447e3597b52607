//! The desk: what the engine plays, slot by slot, and how one part of it becomes another.

mod in_turn;
mod mute;

use std::collections::BTreeSet;

use super::conductor::{Outbox, Player, Stand};
use super::events::{Note, effects, instrument, name_hash, own};
use super::plan::{self, Edit, Name, Part, What};
use super::rig::{Built, Rig, Side};
use super::section::{self, Section, voice};
use super::stage::Standing;
use super::timeline::Timeline;
use crate::engine::{self, Change, Command, Config, Frames, Place, Pool, Strip, Target};
use crate::graph::GraphError;
use crate::pattern::{Pattern, Span, Time};
use crate::score::{Score, Track};

/// Seconds in which something new is faded in over something old.
const FADE: f64 = 0.03;
/// Seconds in which a number walks to another.
pub(super) const RAMP: f64 = 0.02;

/// The master's name.
const MASTER: &str = "master";

/// The work of finding out which sections a track will need, in haps gone through; where it is more, they come when needed.
const FORESEEN: u64 = 20_000;
/// Sections that are formed ahead for one track.
const CAST: usize = 16;

/// A part's change with everything built that it needs.
pub(super) struct Prepared {
    part: Part,
    what: What,
    /// Whether it begins when what it replaces has faded.
    in_turn: bool,
    built: Built,
    /// Sections its first notes need, and their voices.
    cast: Vec<(Section, Box<Pool>)>,
}

pub(super) struct Desk {
    config: Config,
    seed: u64,
    /// What is played now.
    pub score: Score,
    pub timeline: Timeline,
    pub standing: Standing,
    pub out: Outbox,
    /// All events before this frame have been sent.
    pub until: Frames,
    players: Vec<Option<Player>>,
    /// Names of the buses by slot.
    buses: Vec<Option<Name>>,
    /// Of the buses by slot, then the master's.
    rigs: Vec<Rig>,
    /// When each bus's slot became free.
    freed: Vec<Frames>,
}

/// What happens at one frame.
pub(super) struct Turn {
    pub at: Frames,
    pub program: Vec<Change>,
    sets: Vec<Command>,
    /// Frames in which a number walks.
    pub ramp: u32,
    /// Frames in which what is new fades in.
    pub fade: u32,
    /// Tracks whose events begin anew.
    restart: BTreeSet<Name>,
    /// All tracks' events begin anew.
    again: bool,
}

impl Prepared {
    pub fn part(&self) -> &Part {
        &self.part
    }
}

impl Turn {
    fn at(at: Frames) -> Turn {
        Turn { at, program: vec![], sets: vec![], ramp: 0, fade: 0, restart: BTreeSet::new(), again: false }
    }

    /// A strip leaves, `cut` off or ringing out.
    fn remove(&mut self, place: Place, cut: bool) {
        let what = if cut { engine::What::Cut } else { engine::What::Remove };
        self.program.push(Change { place, what });
    }

    /// How long what follows takes to cross over, in seconds if somebody says so.
    fn pace(&mut self, seconds: Option<f64>, rate: f64) {
        self.fade = (seconds.unwrap_or(FADE) * rate) as u32;
        self.ramp = (seconds.unwrap_or(RAMP) * rate) as u32;
    }

    /// A number walks to a value.
    pub fn set(&mut self, target: Target, value: f32) {
        self.sets.push(Command::Set { at: self.at, target, value, ramp: self.ramp });
    }
}

impl Desk {
    /// An empty desk at frame 0 that knows the instruments of the library.
    pub fn new(config: Config, library: &Score, seed: u64) -> Desk {
        let score = Score { synths: library.synths.clone(), ..Score::default() };
        let timeline = Timeline::new(config.rate, score.cps());
        let mut out = Outbox::default();
        out.commands.push_back(Command::Transport(timeline.line(0)));
        let places = (0..config.buses).map(|slot| Place::Bus(slot as u16)).chain([Place::Master]);
        Desk {
            config,
            seed,
            score,
            timeline,
            standing: Standing::default(),
            out,
            until: 0,
            players: (0..config.tracks).map(|_| None).collect(),
            buses: vec![None; config.buses],
            rigs: places.map(|place| Rig::new(place, MASTER, config.rate)).collect(),
            freed: vec![0; config.buses],
        }
    }

    /// The tracks there are, with their slots.
    pub fn tracks(&self) -> impl Iterator<Item = (&Name, u16)> {
        self.players.iter().flatten().map(|player| (&player.name, player.slot))
    }

    /// The buses there are, with their slots.
    pub fn buses(&self) -> impl Iterator<Item = (Name, u16)> {
        self.buses.iter().enumerate().filter_map(|(slot, name)| Some((name.clone()?, slot as u16)))
    }

    /// What stands at a place.
    pub fn name(&self, place: Place) -> Option<Name> {
        match place {
            Place::Track(slot) => self.players.get(slot as usize)?.as_ref().map(|player| player.name.clone()),
            Place::Bus(slot) => self.buses.get(slot as usize)?.clone(),
            Place::Master => Some(MASTER.into()),
        }
    }

    /// Whether there are slots for everything in a score.
    pub fn room_for(&self, score: &Score) -> Result<(), GraphError> {
        let kinds =
            [(score.tracks.len(), self.players.len(), "tracks"), (score.buses.len(), self.buses.len(), "buses")];
        match kinds.into_iter().find(|(found, most, _)| found > most) {
            Some((found, most, kind)) => {
                Err(GraphError { message: format!("at most {most} {kind} expected, found {found}"), hint: None })
            }
            None => Ok(()),
        }
    }

    /// Builds what a part needs to become what it is in `new`, in turn or across; none where it is that already.
    pub fn prepare(&mut self, new: &Score, part: &Part, in_turn: bool) -> Result<Option<Prepared>, GraphError> {
        let change = plan::change(&self.score, new, part);
        let anew = in_turn && plan::named(new, part);
        let Some(what) = (if anew { Some(What::Install) } else { change }) else { return Ok(None) };
        let rate = self.config.rate;
        let (new_signal, new_inserts) = match &what {
            What::Install => (true, true),
            What::Edit(edit) => (edit.signal, edit.inserts),
            What::Again | What::Remove => (false, false),
        };
        // What is installed comes after what it replaces, and takes nothing over.
        let fresh = Rig::new(Place::Master, MASTER, rate);
        let rig = self.rig(part).filter(|_| what != What::Install).unwrap_or(&fresh);
        let mut built = Built::default();
        match part {
            Part::Track(name) => {
                let (owner, track) = (format!("track {name}"), plan::track(new, name));
                if new_signal {
                    built.signal = rig.prepare_signal(track.and_then(plan::signal), &owner)?;
                }
                if new_inserts {
                    built.inserts = rig.prepare_inserts(track.and_then(|track| track.inserts.as_ref()), &owner)?;
                }
            }
            Part::Bus(name) if new_inserts => {
                built.inserts = rig.prepare_inserts(plan::bus(new, name).map(|b| &b.chain), &format!("bus {name}"))?;
            }
            Part::Master if new_inserts => built.inserts = rig.prepare_inserts(new.master.as_ref(), MASTER)?,
            // A voice that cannot be built is refused now, not when its first note comes.
            Part::Synth(name) => drop(plan::synth(new, name).map(|synth| voice(synth.def(), rate)).transpose()?),
            Part::Bus(_) | Part::Master | Part::Time | Part::Seed => {}
        }
        let events = match &what {
            What::Install => true,
            What::Edit(edit) => edit.events,
            What::Again | What::Remove => false,
        };
        let joins = what != What::Install;
        let cast = part.track().filter(|_| events).map(|name| self.cast(new, name, joins)).unwrap_or_default();
        Ok(Some(Prepared { part: part.clone(), what, in_turn, built, cast }))
    }

    fn player(&self, name: &Name) -> Option<&Player> {
        self.players.iter().flatten().find(|player| player.name == *name)
    }

    /// The rig of a part that is there.
    fn rig(&self, part: &Part) -> Option<&Rig> {
        match part {
            Part::Track(name) => self.player(name).map(|player| &player.rig),
            Part::Bus(name) => self.bus(name).map(|slot| &self.rigs[slot as usize]),
            Part::Master => self.rigs.last(),
            Part::Time | Part::Seed | Part::Synth(_) => None,
        }
    }

    /// Forms the sections that a track's notes will need in the coming cycle, but for those it has already where they `join`
    /// them: before the frame of the edit is chosen, so that the edit is not late for it.
    fn cast(&mut self, new: &Score, name: &Name, joins: bool) -> Vec<(Section, Box<Pool>)> {
        let Some(pattern) = plan::track(new, name).and_then(plan::pattern) else { return Vec::new() };
        let stand = stand(new, &self.timeline, &self.buses, self.seed, &self.config);
        let player = self.players.iter().flatten().find(|player| player.name == *name).filter(|_| joins);
        let begin = Time::from_f64(self.timeline.cycle_at(self.until).floor());
        let span = Span { begin, end: begin + Time::int(2) };
        let mut cast: Vec<(Section, Box<Pool>)> = Vec::new();
        let foreseen = pattern.weigh(span, own(stand.seed, name_hash(name)), FORESEEN);
        for hap in foreseen.map(|(haps, _)| haps).unwrap_or_default() {
            let Some(note) = hap.whole.map(|whole| Note::read(whole, &hap.value)) else { continue };
            let Some(plain) = instrument(&note, &new.synths) else { continue };
            let effects = effects(plain, &note);
            let known = cast.iter().any(|(section, _)| section.plays(plain, &effects));
            if known
                || cast.len() >= CAST
                || self.out.memory > section::ALL
                || player.is_some_and(|player| player.has(plain, &effects))
            {
                continue;
            }
            if let Ok(formed) = Section::form(plain, effects, self.out.pools + 1, stand.rate) {
                self.out.pools += 1;
                self.out.memory += formed.0.memory;
                cast.push(formed);
            }
        }
        cast
    }

    /// Makes parts what they are in `new` at frame `at`, a grid line; tracks that were hushed and are `lifted` play again.
    pub fn apply(&mut self, new: &Score, mut prepared: Vec<Prepared>, lifted: &BTreeSet<Name>, at: Frames) {
        self.catch_up(at);
        let mut turn = Turn::at(at);
        turn.restart.extend(lifted.iter().filter(|name| self.standing.hushed.remove(*name)).cloned());
        // What goes makes room for what comes.
        prepared.sort_by_key(|prepared| prepared.what != What::Remove);
        for Prepared { part, what, in_turn, built, cast } in prepared {
            let seconds = part.track().and_then(|name| plan::track(new, name)).and_then(|track| track.crossfade);
            turn.pace(seconds.or(new.crossfade), self.config.rate);
            let old = match &part {
                Part::Track(name) => plan::track(&self.score, name).cloned(),
                _ => None,
            };
            plan::adopt(&mut self.score, new, &part);
            match (part, what) {
                (Part::Time, _) => {
                    let clock = self.timeline.turn(at, self.score.cps());
                    self.out.commands.push_back(Command::Transport(clock));
                    turn.again = true;
                    let players = self.players.iter_mut().flatten().map(|player| &mut player.rig);
                    players.chain(&mut self.rigs).for_each(|rig| rig.rewind(at, &mut self.out));
                }
                (Part::Seed | Part::Synth(_), _) => turn.again = true,
                (Part::Track(name), What::Install) => self.install_track(name, built, cast, &mut turn),
                (Part::Track(name), What::Remove) => self.remove_track(&name, in_turn, &mut turn),
                (Part::Track(name), What::Edit(edit)) => {
                    self.edit_track(&name, &edit, old, built, &mut turn);
                    self.join(&name, cast, &mut turn);
                }
                (Part::Bus(name), What::Install) => self.install_bus(name, built, &mut turn),
                (Part::Bus(name), What::Remove) => self.remove_bus(&name, in_turn, &mut turn),
                (Part::Bus(name), What::Edit(edit)) => {
                    if let Some(slot) = self.bus(&name) {
                        self.edit_rig(slot as usize, &edit, built, &mut turn);
                    }
                }
                (Part::Master, What::Install) => self.install_master(built, &mut turn),
                (Part::Master, What::Remove) => {
                    let rig = &mut self.rigs[self.buses.len()];
                    rig.rewind(at, &mut self.out);
                    *rig = Rig::new(Place::Master, MASTER, self.config.rate);
                    turn.program.push(Change { place: Place::Master, what: engine::What::Remove });
                }
                (Part::Master, What::Edit(edit)) => self.edit_rig(self.buses.len(), &edit, built, &mut turn),
                // Only what nobody else stands on is asked anew.
                (Part::Track(_) | Part::Bus(_) | Part::Master, What::Again) => {}
            }
        }
        for player in self.players.iter_mut().flatten() {
            turn.program.extend(player.revoice(&self.score));
        }
        self.out.load(at, (FADE * self.config.rate) as u32, turn.program);
        self.out.commands.extend(turn.sets);
        turn.restart.extend(self.balance(at, RAMP));
        self.restart(at, |name| turn.again || turn.restart.contains(name));
        self.miss_buses();
    }

    /// Sends what comes before `at`, if it has not been sent yet: by what plays until then.
    pub fn catch_up(&mut self, at: Frames) {
        if self.until < at {
            self.advance(at);
        }
    }

    /// Lets these tracks begin anew at a frame up to which everything has been sent; controls that follow a pattern go on.
    pub fn restart(&mut self, at: Frames, which: impl Fn(&Name) -> bool) {
        let until = self.until;
        self.everyone(|player, pattern, stand, out| match which(&player.name) {
            true => player.restart(pattern, stand, at, until, out),
            false => player.advance(pattern, stand, until, out),
        });
        self.move_controls(until);
    }

    /// Sends the moves of controls that follow a pattern up to frame `to`.
    fn move_controls(&mut self, to: Frames) {
        let stand = stand(&self.score, &self.timeline, &self.buses, self.seed, &self.config);
        self.players.iter_mut().flatten().for_each(|player| player.follow(&stand, to, &mut self.out));
        self.rigs.iter_mut().for_each(|rig| rig.advance(&stand, to, &mut self.out));
    }

    /// Says where a signal is sent to a bus that is not there.
    fn miss_buses(&mut self) {
        let stand = stand(&self.score, &self.timeline, &self.buses, self.seed, &self.config);
        for player in self.players.iter_mut().flatten() {
            let sends = plan::track(&self.score, &player.name).map(|track| &track.sends[..]).unwrap_or_default();
            let missing = sends.iter().filter(|(name, _)| !self.buses.iter().any(|bus| bus.as_ref() == Some(name)));
            missing.for_each(|(name, _)| player.miss(name, &stand, &mut self.out));
        }
    }

    /// Sends everything up to frame `to`.
    pub fn advance(&mut self, to: Frames) {
        self.everyone(|player, pattern, stand, out| player.advance(pattern, stand, to, out));
        self.move_controls(to);
        self.until = self.until.max(to);
    }

    /// Forgets what lies before `now`.
    pub fn tidy(&mut self, now: Frames) {
        self.timeline.pass(now);
        for player in self.players.iter_mut().flatten() {
            player.tidy(now, self.config.rate, &mut self.out);
        }
    }

    /// Everyone's gates close at `at`, and what waits is forgotten.
    pub fn hush(&mut self, at: Frames) {
        self.out.commands.push_back(Command::Hush { at });
        self.balance(at, RAMP);
        self.restart(at, |_| true);
    }

    /// Silence from `at` on, tails included.
    pub fn panic(&mut self, at: Frames) {
        self.out.commands.push_back(Command::Panic { at });
        self.balance(at, 0.0);
        self.restart(at, |_| true);
    }

    fn everyone(&mut self, mut each: impl FnMut(&mut Player, Option<&Pattern>, &Stand, &mut Outbox)) {
        self.out.work = 0;
        self.out.memory = self.players.iter().flatten().map(Player::memory).sum();
        let stand = stand(&self.score, &self.timeline, &self.buses, self.seed, &self.config);
        let share = self.config.share;
        for player in self.players.iter_mut().flatten().filter(|player| share.plays(Place::Track(player.slot))) {
            let track =
                plan::track(&self.score, &player.name).filter(|track| !self.standing.hushed.contains(&track.name));
            each(player, track.and_then(plan::pattern), &stand, &mut self.out);
        }
        self.out.strain();
    }

    fn bus(&self, name: &str) -> Option<u16> {
        self.buses.iter().position(|bus| bus.as_deref() == Some(name)).map(|slot| slot as u16)
    }

    /// New sections join a track that is there.
    fn join(&mut self, name: &Name, cast: Vec<(Section, Box<Pool>)>, turn: &mut Turn) {
        let Some(player) = self.players.iter_mut().flatten().find(|player| player.name == *name) else { return };
        for (section, pool) in cast {
            turn.program.extend(player.join(section, turn.at));
            turn.program.push(Change { place: Place::Track(player.slot), what: engine::What::Pool(pool) });
        }
    }

    fn install_track(&mut self, name: Name, built: Built, cast: Vec<(Section, Box<Pool>)>, turn: &mut Turn) {
        let old = self.players.iter().position(|player| player.as_ref().is_some_and(|player| player.name == name));
        let Some(slot) = old.or_else(|| self.players.iter().position(Option::is_none)) else { return };
        if let Some(old) = &mut self.players[slot] {
            old.rig.rewind(turn.at, &mut self.out);
            old.stay_up(turn.at, &mut self.out);
        }
        let Some(track) = plan::track(&self.score, &name) else { return };
        let mut player = Player::new(&name, slot as u16, turn.at, self.config.rate);
        player.silenced = self.silenced(track);
        if player.silenced {
            player.lie_down(turn.at);
        }
        let stand = stand(&self.score, &self.timeline, &self.buses, self.seed, &self.config);
        let mut strip = strip(&name, stand.seed);
        strip.muted = player.silenced;
        strip.sends = track.sends.iter().filter_map(|(bus, level)| Some((self.bus(bus)?, *level as f32))).collect();
        strip.signal = player.rig.begin(Side::Signal, built.signal, &track.automation, &stand, turn.at);
        strip.inserts = player.rig.begin(Side::Inserts, built.inserts, &track.automation, &stand, turn.at);
        player.rig.follow(&track.automation, turn.at, &mut self.out);
        for (section, pool) in cast {
            player.join(section, turn.at);
            strip.pools.push(pool);
        }
        self.players[slot] = Some(player);
        turn.program.push(Change { place: Place::Track(slot as u16), what: engine::What::Install(strip) });
        turn.restart.insert(name);
    }

    fn remove_track(&mut self, name: &Name, cut: bool, turn: &mut Turn) {
        let found = self.players.iter_mut().find(|player| player.as_ref().is_some_and(|p| p.name == *name));
        if let Some(mut player) = found.and_then(Option::take) {
            player.rig.rewind(turn.at, &mut self.out);
            player.stay_up(turn.at, &mut self.out);
            turn.remove(Place::Track(player.slot), cut);
        }
    }

    fn edit_track(&mut self, name: &Name, edit: &Edit, old: Option<Track>, built: Built, turn: &mut Turn) {
        let stand = stand(&self.score, &self.timeline, &self.buses, self.seed, &self.config);
        let Some(track) = plan::track(&self.score, name) else { return };
        let Some(player) = self.players.iter_mut().flatten().find(|player| player.name == *name) else { return };
        let latency = player.rig.latency;
        player.rig.edit(edit, built, &track.automation, &stand, turn, &mut self.out);
        if edit.events || player.rig.latency != latency {
            turn.restart.insert(name.clone());
        }
        if edit.sends {
            let level = |bus: &Name| track.sends.iter().find(|(name, _)| name == bus).map_or(0.0, |(_, level)| *level);
            let buses: BTreeSet<&Name> =
                old.iter().flat_map(|old| &old.sends).chain(&track.sends).map(|(b, _)| b).collect();
            for bus in buses {
                if let Some(slot) = self.buses.iter().position(|name| name.as_ref() == Some(bus)) {
                    turn.set(Target::Send(Place::Track(player.slot), slot as u16), level(bus) as f32);
                }
            }
        }
    }

    fn install_bus(&mut self, name: Name, built: Built, turn: &mut Turn) {
        // What feeds a slot may ring on when its bus has left: the slot that has been free for longest is taken.
        let free = (0..self.buses.len()).filter(|slot| self.buses[*slot].is_none());
        let Some(slot) = free.min_by_key(|slot| self.freed[*slot]) else { return };
        self.buses[slot] = Some(name.clone());
        self.rigs[slot] = Rig::new(Place::Bus(slot as u16), &name, self.config.rate);
        let stand = stand(&self.score, &self.timeline, &self.buses, self.seed, &self.config);
        let Some(bus) = plan::bus(&self.score, &name) else { return };
        let mut strip = strip(&name, stand.seed);
        strip.inserts = self.rigs[slot].begin(Side::Inserts, built.inserts, &bus.automation, &stand, turn.at);
        self.rigs[slot].follow(&bus.automation, turn.at, &mut self.out);
        turn.program.push(Change { place: Place::Bus(slot as u16), what: engine::What::Install(strip) });
        turn.again = true;
        for player in self.players.iter().flatten() {
            let sends = plan::track(&self.score, &player.name).map(|track| &track.sends[..]).unwrap_or_default();
            if let Some((_, level)) = sends.iter().find(|(bus, _)| *bus == name) {
                turn.set(Target::Send(Place::Track(player.slot), slot as u16), *level as f32);
            }
        }
    }

    fn install_master(&mut self, built: Built, turn: &mut Turn) {
        let stand = stand(&self.score, &self.timeline, &self.buses, self.seed, &self.config);
        let mut strip = strip(MASTER, stand.seed);
        let rig = &mut self.rigs[self.buses.len()];
        strip.inserts = rig.begin(Side::Inserts, built.inserts, &self.score.master_automation, &stand, turn.at);
        rig.follow(&self.score.master_automation, turn.at, &mut self.out);
        turn.program.push(Change { place: Place::Master, what: engine::What::Install(strip) });
    }

    fn remove_bus(&mut self, name: &str, cut: bool, turn: &mut Turn) {
        let Some(slot) = self.bus(name) else { return };
        self.buses[slot as usize] = None;
        self.freed[slot as usize] = turn.at + 1;
        self.rigs[slot as usize].rewind(turn.at, &mut self.out);
        // Nobody's send is to be found by the bus that stands here next.
        for player in self.players.iter().flatten() {
            turn.set(Target::Send(Place::Track(player.slot), slot), 0.0);
        }
        turn.remove(Place::Bus(slot), cut);
        turn.again = true;
    }

    fn edit_rig(&mut self, rig: usize, edit: &Edit, built: Built, turn: &mut Turn) {
        let stand = stand(&self.score, &self.timeline, &self.buses, self.seed, &self.config);
        let bus = self.buses.get(rig).and_then(Option::as_ref).and_then(|name| plan::bus(&self.score, name));
        let follows = bus.map_or(&self.score.master_automation, |bus| &bus.automation);
        self.rigs[rig].edit(edit, built, follows, &stand, turn, &mut self.out);
    }
}

fn stand<'a>(
    score: &'a Score,
    timeline: &'a Timeline,
    buses: &'a [Option<Name>],
    seed: u64,
    config: &Config,
) -> Stand<'a> {
    Stand { score, timeline, buses, seed: score.seed.unwrap_or(seed), rate: config.rate }
}

fn strip(name: &str, seed: u64) -> Box<Strip> {
    Box::new(Strip {
        name: own(seed, name_hash(name)),
        gain: 1.0,
        pan: 0.0,
        muted: false,
        sends: Vec::new(),
        signal: None,
        inserts: None,
        pools: Vec::new(),
    })
}
