//! Envelopes: shapes in time, begun and ended by a gate, exact to the frame.
//!
//! A gate is open while it is above zero. Segments are exponential and arrive: they aim a little past their end, as a
//! capacitor charged from a higher voltage, and stop when they get there.

use super::filters::{differ, hold};
use super::kernel::{Kernel, Voice, play, tick_by_tick, voice};
use super::row::make;
use super::slopes::{FALL, RISE, SHORTEST, Segment, Slopes};
use super::{Param, Row};
use crate::engine::schedule::Run;

#[derive(Clone, Copy, PartialEq)]
enum Stage {
    Idle,
    Attack,
    Decay,
    Release,
}

/// An envelope with a gate: what its segments are made of, and what its levels do meanwhile.
#[derive(Clone)]
struct Adsr<const L: usize> {
    slopes: Slopes<L>,
    stage: [Stage; L],
    /// Level at which the release began.
    from: [f32; L],
    open: [bool; L],
    segments: [[Segment; 3]; L],
    /// Attack, decay, sustain and release as last heard.
    heard: [[f32; L]; 4],
    rate: f32,
}

impl<const L: usize> Adsr<L> {
    fn new(rate: f64) -> Self {
        Adsr {
            slopes: Slopes::STILL,
            stage: [Stage::Idle; L],
            from: [0.0; L],
            open: [false; L],
            segments: [[Segment::NEW; 3]; L],
            heard: [[f32::NAN; L]; 4],
            rate: rate as f32,
        }
    }

    /// Sets a lane on its way, as its stage and what was heard say.
    fn set_out(&mut self, l: usize) {
        let [attack, decay, sustain, release] = [0, 1, 2, 3].map(|k| self.heard[k][l]);
        let (slopes, segments, rate) = (&mut self.slopes, &mut self.segments[l], self.rate);
        match self.stage[l] {
            Stage::Idle => slopes.rest(l, slopes.level[l]),
            Stage::Attack => slopes.rise(l, segments[0].factor(attack, RISE, rate)),
            Stage::Decay => {
                let sustain = hold(sustain, 0.0, 1.0);
                // From above down to sustain; when sustain is raised, up to it at the same pace.
                match slopes.level[l] == sustain {
                    true => slopes.rest(l, sustain),
                    false => slopes.fall(l, sustain, sustain - 1.0, segments[1].factor(decay, FALL, rate)),
                }
            }
            Stage::Release => slopes.fall(l, 0.0, -self.from[l], segments[2].factor(release, FALL, rate)),
        }
    }

    #[inline(always)]
    fn hear(&mut self, params: [[f32; L]; 4]) {
        let mut any = false;
        for (new, old) in params.iter().zip(&self.heard) {
            any |= differ(*new, *old);
        }
        if any {
            self.learn(params);
        }
    }

    #[inline(never)]
    fn learn(&mut self, params: [[f32; L]; 4]) {
        let old = std::mem::replace(&mut self.heard, params);
        // Only lanes that heard something new set out anew: the others go on to the bit.
        for l in (0..L).filter(|l| params.iter().zip(&old).any(|(new, old)| new[*l] != old[*l])) {
            self.set_out(l);
        }
    }

    #[inline(always)]
    fn gate(&mut self, gate: [f32; L]) {
        let mut any = false;
        for (gate, open) in gate.iter().zip(&self.open) {
            any |= (*gate > 0.0) != *open;
        }
        if any {
            self.turn(gate);
        }
    }

    #[inline(never)]
    fn turn(&mut self, gate: [f32; L]) {
        for (l, gate) in gate.into_iter().enumerate() {
            if (gate > 0.0) != self.open[l] {
                self.open[l] = gate > 0.0;
                self.stage[l] = if self.open[l] { Stage::Attack } else { Stage::Release };
                self.from[l] = self.slopes.level[l];
                self.set_out(l);
            }
        }
    }

    #[inline(never)]
    fn arrive(&mut self) {
        for l in 0..L {
            if !self.slopes.arrived(l) {
                continue;
            }
            (self.slopes.level[l], self.stage[l]) = match self.stage[l] {
                Stage::Attack => (1.0, Stage::Decay),
                Stage::Decay => (hold(self.heard[2][l], 0.0, 1.0), Stage::Decay),
                Stage::Release | Stage::Idle => (0.0, Stage::Idle),
            };
            self.set_out(l);
        }
    }

    #[inline(always)]
    fn level(&mut self) -> [f32; L] {
        if self.slopes.next() {
            self.arrive();
        }
        self.slopes.level
    }

    /// A run in which times and levels hold still.
    #[inline(always)]
    fn frames<const I: usize>(&mut self, run: &mut Run<'_, I, 1, L>, params: [[f32; L]; 4]) {
        self.hear(params);
        let gate = run.inputs[0];
        if let Some(gate) = gate.still() {
            self.gate(gate);
            if self.slopes.still() {
                return run.out(0).fill(self.slopes.level);
            }
            let mut frames = run.frames();
            while !frames.is_empty() {
                frames.start = self.slopes.glide(frames.clone(), run.outputs[0]);
                if self.slopes.any_arrived() {
                    self.arrive();
                    run.put(frames.start - 1, [self.slopes.level]);
                }
            }
            return;
        }
        for i in run.frames() {
            self.gate(gate.at(i));
            let level = self.level();
            run.put(i, [level]);
        }
    }

    fn clear(&mut self, l: usize) {
        self.stage[l] = Stage::Idle;
        self.slopes.rest(l, 0.0);
        self.from[l] = 0.0;
        self.open[l] = false;
    }
}

impl<const L: usize> Kernel<5, 1, L> for Adsr<L> {
    #[inline(always)]
    fn tick(&mut self, [gate, attack, decay, sustain, release]: [[f32; L]; 5]) -> [[f32; L]; 1] {
        self.hear([attack, decay, sustain, release]);
        self.gate(gate);
        [self.level()]
    }

    #[inline(always)]
    fn run(&mut self, run: &mut Run<'_, 5, 1, L>) {
        match run.still(1) {
            Some(params) => self.frames(run, params),
            None => tick_by_tick(self, run),
        }
    }

    fn reset(&mut self, lane: usize, _seed: u64) {
        self.clear(lane);
    }
}

/// Attack, then full while the gate is open, then release.
#[derive(Clone)]
struct Ar<const L: usize>(Adsr<L>);

impl<const L: usize> Kernel<3, 1, L> for Ar<L> {
    #[inline(always)]
    fn tick(&mut self, [gate, attack, release]: [[f32; L]; 3]) -> [[f32; L]; 1] {
        self.0.tick([gate, attack, [1.0; L], [1.0; L], release])
    }

    #[inline(always)]
    fn run(&mut self, run: &mut Run<'_, 3, 1, L>) {
        match run.still(1) {
            Some([attack, release]) => self.0.frames(run, [attack, [1.0; L], [1.0; L], release]),
            None => tick_by_tick(self, run),
        }
    }

    fn reset(&mut self, lane: usize, _seed: u64) {
        self.0.clear(lane);
    }
}

/// Attack, then decay to nothing, whatever becomes of the gate.
#[derive(Clone)]
struct Perc<const L: usize> {
    slopes: Slopes<L>,
    rising: [bool; L],
    open: [bool; L],
    segments: [[Segment; 2]; L],
    /// Attack and decay as last heard.
    heard: [[f32; L]; 2],
    rate: f32,
}

impl<const L: usize> Perc<L> {
    fn new(rate: f64) -> Self {
        Perc {
            slopes: Slopes::STILL,
            rising: [false; L],
            open: [false; L],
            segments: [[Segment::NEW; 2]; L],
            heard: [[f32::NAN; L]; 2],
            rate: rate as f32,
        }
    }

    fn set_out(&mut self, l: usize) {
        let ([attack, decay], slopes) = ([0, 1].map(|k| self.heard[k][l]), &mut self.slopes);
        if self.rising[l] {
            slopes.rise(l, self.segments[l][0].factor(attack, RISE, self.rate));
        } else if slopes.level[l] > 0.0 {
            slopes.fall(l, 0.0, -1.0, self.segments[l][1].factor(decay, FALL, self.rate));
        } else {
            slopes.rest(l, slopes.level[l]);
        }
    }

    #[inline(always)]
    fn hear(&mut self, params: [[f32; L]; 2]) {
        if differ(params[0], self.heard[0]) | differ(params[1], self.heard[1]) {
            self.learn(params);
        }
    }

    #[inline(never)]
    fn learn(&mut self, params: [[f32; L]; 2]) {
        let old = std::mem::replace(&mut self.heard, params);
        // Only lanes that heard something new set out anew: the others go on to the bit.
        for l in (0..L).filter(|l| params.iter().zip(&old).any(|(new, old)| new[*l] != old[*l])) {
            self.set_out(l);
        }
    }

    #[inline(always)]
    fn gate(&mut self, gate: [f32; L]) {
        let mut any = false;
        for (gate, open) in gate.iter().zip(&self.open) {
            any |= (*gate > 0.0) != *open;
        }
        if any {
            self.turn(gate);
        }
    }

    #[inline(never)]
    fn turn(&mut self, gate: [f32; L]) {
        for (l, gate) in gate.into_iter().enumerate() {
            let open = gate > 0.0;
            if open && !self.open[l] {
                self.rising[l] = true;
                self.set_out(l);
            }
            self.open[l] = open;
        }
    }

    #[inline(never)]
    fn arrive(&mut self) {
        for l in 0..L {
            if !self.slopes.arrived(l) {
                continue;
            }
            self.slopes.level[l] = if self.rising[l] { 1.0 } else { 0.0 };
            self.rising[l] = false;
            self.set_out(l);
        }
    }

    #[inline(always)]
    fn level(&mut self) -> [f32; L] {
        if self.slopes.next() {
            self.arrive();
        }
        self.slopes.level
    }
}

impl<const L: usize> Kernel<3, 1, L> for Perc<L> {
    #[inline(always)]
    fn tick(&mut self, [gate, attack, decay]: [[f32; L]; 3]) -> [[f32; L]; 1] {
        self.hear([attack, decay]);
        self.gate(gate);
        [self.level()]
    }

    #[inline(always)]
    fn run(&mut self, run: &mut Run<'_, 3, 1, L>) {
        let gate = run.inputs[0];
        let Some(params) = run.still(1) else {
            return tick_by_tick(self, run);
        };
        self.hear(params);
        if let Some(gate) = gate.still() {
            self.gate(gate);
            let mut frames = run.frames();
            while !frames.is_empty() {
                frames.start = self.slopes.glide(frames.clone(), run.outputs[0]);
                if self.slopes.any_arrived() {
                    self.arrive();
                    run.put(frames.start - 1, [self.slopes.level]);
                }
            }
            return;
        }
        for i in run.frames() {
            self.gate(gate.at(i));
            let level = self.level();
            run.put(i, [level]);
        }
    }

    fn reset(&mut self, lane: usize, _seed: u64) {
        self.slopes.rest(lane, 0.0);
        self.rising[lane] = false;
        self.open[lane] = false;
    }
}

/// From one value to another in a straight line or in equal ratios, begun by birth and by every gate.
#[derive(Clone)]
struct Line {
    passed: u64,
    open: bool,
    even: bool,
    rate: f32,
}

impl Line {
    fn value(&mut self, gate: f32, from: f32, to: f32, time: f32) -> f32 {
        let open = gate > 0.0;
        if open && !self.open {
            self.passed = 0;
        }
        self.open = open;
        let part = (self.passed as f32 / (hold(time, SHORTEST, 1000.0) * self.rate)).min(1.0);
        self.passed += 1;
        if self.even || from * to <= 0.0 { from + (to - from) * part } else { from * (to / from).powf(part) }
    }
}

impl Voice<3, 1> for Line {
    fn frame(&mut self, [from, to, time]: [f32; 3]) -> [f32; 1] {
        [self.value(0.0, from, to, time)]
    }

    fn reset(&mut self, _seed: u64) {
        self.passed = 0;
        self.open = false;
    }
}

impl Voice<4, 1> for Line {
    fn frame(&mut self, [gate, from, to, time]: [f32; 4]) -> [f32; 1] {
        [self.value(gate, from, to, time)]
    }

    fn reset(&mut self, _seed: u64) {
        self.passed = 0;
        self.open = false;
    }
}

/// Follows a signal: up and down in times of their own.
#[derive(Clone)]
struct Follow {
    level: f32,
    times: [f32; 2],
    parts: [f32; 2],
    rectify: bool,
    /// Whether the first frame has been heard; a lag begins where its signal is.
    begun: bool,
    rate: f32,
}

impl Follow {
    fn new(rate: f64, rectify: bool) -> Self {
        Follow { level: 0.0, times: [f32::NAN; 2], parts: [0.0; 2], rectify, begun: false, rate: rate as f32 }
    }

    fn next(&mut self, x: f32, times: [f32; 2]) -> f32 {
        if times != self.times {
            self.times = times;
            // A time constant of a third: what is left after the time is 5 %.
            self.parts = times.map(|t| 1.0 - (-3.0 / (hold(t, 1e-5, 100.0) * self.rate)).exp());
        }
        let x = if self.rectify { x.abs() } else { x };
        if !self.begun && !self.rectify {
            self.level = x;
        }
        self.begun = true;
        self.level += (x - self.level) * self.parts[usize::from(x < self.level)];
        self.level
    }
}

impl Voice<3, 1> for Follow {
    fn frame(&mut self, [x, up, down]: [f32; 3]) -> [f32; 1] {
        [self.next(x, [up, down])]
    }

    fn reset(&mut self, _seed: u64) {
        self.level = 0.0;
        self.begun = false;
    }
}

impl Voice<2, 1> for Follow {
    fn frame(&mut self, [x, time]: [f32; 2]) -> [f32; 1] {
        [self.next(x, [time, time])]
    }

    fn reset(&mut self, _seed: u64) {
        self.level = 0.0;
        self.begun = false;
    }
}

const fn seconds(name: &'static str, default: f32) -> Param {
    Param::signal(name, "s", 0.0, 100.0, default)
}

const ATTACK: Param = seconds("attack", 0.005);
const RELEASE: Param = seconds("release", 0.2);

const fn envelope(name: &'static str, aliases: &'static [&'static str], doc: &'static str) -> Row {
    Row {
        name,
        aliases,
        category: "envelopes",
        doc,
        example: "",
        inputs: 1,
        outputs: 1,
        params: &[ATTACK, RELEASE],
        make: make!(|b| play::<_, 3, 1, _>(Ar(Adsr::new(b.rate)))),
    }
}

pub const ROWS: &[Row] = &[
    Row {
        example: "sine(330) * 0.4 * (lfsquare(2) >> adsr(0.01, 0.1, 0.5, 0.2))",
        params: &[ATTACK, seconds("decay", 0.1), Param::signal("sustain", "linear", 0.0, 1.0, 0.7), RELEASE],
        make: make!(|b| play::<_, 5, 1, _>(Adsr::new(b.rate))),
        ..envelope(
            "adsr",
            &[],
            "Attack to 1, decay to the sustain level, hold while the gate is open, release to 0. Every segment arrives exactly in its time, in seconds.",
        )
    },
    Row {
        example: "tri(330) * 0.4 * (lfsquare(2) >> ar(0.01, 0.2))",
        ..envelope("ar", &["asr"], "Attack to 1, hold while the gate is open, release to 0. Times in seconds.")
    },
    Row {
        example: "sine(660) * 0.4 * (impulse(3) >> perc(0.002, 0.25))",
        params: &[ATTACK, seconds("decay", 0.3)],
        make: make!(|b| play::<_, 3, 1, _>(Perc::new(b.rate))),
        ..envelope(
            "perc",
            &["ad"],
            "Attack to 1, then decay to 0 however long the gate stays open: for what is struck. Times in seconds.",
        )
    },
    Row {
        example: "sine(lfsquare(2) >> sweep(800, 60, 0.1)) * 0.4",
        params: &[Param::needed("from", "", -1e6, 1e6), Param::needed("to", "", -1e6, 1e6), seconds("time", 0.1)],
        make: make!(|b| voice::<_, 4, 1, _>(Line { passed: 0, open: false, even: false, rate: b.rate as f32 })),
        ..envelope(
            "sweep",
            &[],
            "From one value to another in `time` seconds, in equal ratios, begun again by every gate: pitch drops of drums.",
        )
    },
    Row {
        example: "sine(line(220, 440, 2)) * 0.3",
        inputs: 0,
        params: &[Param::needed("from", "", -1e6, 1e6), Param::needed("to", "", -1e6, 1e6), seconds("time", 1.0)],
        make: make!(|b| voice::<_, 3, 1, _>(Line { passed: 0, open: false, even: true, rate: b.rate as f32 })),
        ..envelope(
            "line",
            &[],
            "From one value to another in `time` seconds, in a straight line, begun when the sound begins.",
        )
    },
    Row {
        example: "sine(xline(880, 55, 2)) * 0.3",
        inputs: 0,
        params: &[Param::needed("from", "", -1e6, 1e6), Param::needed("to", "", -1e6, 1e6), seconds("time", 1.0)],
        make: make!(|b| voice::<_, 3, 1, _>(Line { passed: 0, open: false, even: false, rate: b.rate as f32 })),
        ..envelope(
            "xline",
            &["expline"],
            "From one value to another in `time` seconds, in equal ratios (straight where they have different signs), begun when the sound begins.",
        )
    },
    Row {
        example: "white() * (sine(1) >> follow(0.01, 0.2)) * 0.3",
        params: &[seconds("attack", 0.01), seconds("release", 0.1)],
        make: make!(|b| voice::<_, 3, 1, _>(Follow::new(b.rate, true))),
        ..envelope(
            "follow",
            &["amplitude"],
            "The loudness of a signal: its distance from zero, smoothed with a rise and a fall time in seconds.",
        )
    },
    Row {
        example: "sine(lfsquare(2).range(220, 330) >> lag(0.1)) * 0.3",
        params: &[seconds("time", 0.05)],
        make: make!(|b| voice::<_, 2, 1, _>(Follow::new(b.rate, false))),
        ..envelope(
            "lag",
            &["smooth", "glide", "portamento"],
            "Smooths a signal: it gets within 5 % of a new value in `time` seconds.",
        )
    },
    Row {
        example: "sine(lfsquare(2).range(220, 330) >> lag_ud(0.02, 0.3)) * 0.3",
        params: &[seconds("up", 0.05), seconds("down", 0.2)],
        make: make!(|b| voice::<_, 3, 1, _>(Follow::new(b.rate, false))),
        ..envelope("lag_ud", &["slew"], "Smooths a signal with one time for rising and one for falling, in seconds.")
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_segment_arrives_in_its_time() {
        let mut adsr = Adsr::<1>::new(1000.0);
        let heard: Vec<f32> =
            (0..2000).map(|n| adsr.tick([[f32::from(n < 1000)], [0.1], [0.3], [0.5], [0.4]])[0][0]).collect();
        let first = |at: &dyn Fn(f32) -> bool, from: usize| from + heard[from..].iter().position(|y| at(*y)).unwrap();
        assert!(first(&|y| y >= 1.0, 0).abs_diff(100) <= 1, "attack");
        assert!(first(&|y| y <= 0.5, 100).abs_diff(400) <= 1, "decay");
        assert!(first(&|y| y <= 0.0, 1000).abs_diff(1400) <= 1, "release");
    }

    #[test]
    fn a_gate_that_closes_in_the_attack_is_released_from_there() {
        let mut adsr = Adsr::<1>::new(1000.0);
        let heard: Vec<f32> =
            (0..400).map(|n| adsr.tick([[f32::from(n < 50)], [0.1], [0.1], [0.5], [0.2]])[0][0]).collect();
        let steepest = heard.windows(2).map(|w| (w[1] - w[0]).abs()).fold(0.0, f32::max);
        assert!(steepest < 0.03, "a step of {steepest}");
        assert_eq!(heard[260], 0.0);
    }

    #[test]
    fn a_struck_envelope_needs_one_frame_of_gate() {
        let mut perc = Perc::<1>::new(1000.0);
        let heard: Vec<f32> = (0..400).map(|n| perc.tick([[f32::from(n == 0)], [0.01], [0.2]])[0][0]).collect();
        assert!(heard.contains(&1.0) && heard[300] == 0.0);
    }
}
