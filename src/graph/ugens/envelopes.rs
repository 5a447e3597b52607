//! Envelopes: shapes in time, begun and ended by a gate, exact to the frame.
//!
//! A gate is open while it is above zero. Segments are exponential and arrive: they aim a little past their end, as a
//! capacitor charged from a higher voltage, and stop when they get there.

use super::filters::hold;
use super::kernel::{Voice, voice};
use super::{Param, Row};

/// How far an attack aims past its end: nearly straight.
const RISE: f32 = 0.3;
/// How far decay and release aim past theirs: -50 dB.
const FALL: f32 = 0.003;
/// The shortest segment in seconds: shorter ones click.
const SHORTEST: f32 = 0.0005;

/// One exponential segment, its factor known for the time last heard.
#[derive(Clone, Copy)]
struct Segment {
    time: f32,
    factor: f32,
    past: f32,
    rate: f32,
}

impl Segment {
    fn new(past: f32, rate: f64) -> Self {
        Segment { time: f32::NAN, factor: 0.0, past, rate: rate as f32 }
    }

    /// The next level on the way to `end`, `span` being the whole way.
    #[inline(always)]
    fn next(&mut self, level: f32, end: f32, span: f32, time: f32) -> f32 {
        if time != self.time {
            self.time = time;
            let frames = hold(time, SHORTEST, 1000.0) * self.rate;
            self.factor = (-((1.0 + self.past) / self.past).ln() / frames).exp();
        }
        let aim = end + span * self.past;
        aim + (level - aim) * self.factor
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Stage {
    Idle,
    Attack,
    Decay,
    Release,
}

#[derive(Clone)]
struct Adsr {
    stage: Stage,
    level: f32,
    /// Level at which the release began.
    from: f32,
    open: bool,
    segments: [Segment; 3],
}

impl Adsr {
    fn new(rate: f64) -> Self {
        let segments = [Segment::new(RISE, rate), Segment::new(FALL, rate), Segment::new(FALL, rate)];
        Adsr { stage: Stage::Idle, level: 0.0, from: 0.0, open: false, segments }
    }

    fn next(&mut self, gate: f32, attack: f32, decay: f32, sustain: f32, release: f32) -> f32 {
        let open = gate > 0.0;
        if open != self.open {
            self.open = open;
            self.stage = if open { Stage::Attack } else { Stage::Release };
            self.from = self.level;
        }
        match self.stage {
            Stage::Idle => {}
            Stage::Attack => {
                self.level = self.segments[0].next(self.level, 1.0, 1.0, attack);
                if self.level >= 1.0 {
                    self.level = 1.0;
                    self.stage = Stage::Decay;
                }
            }
            Stage::Decay => {
                let sustain = hold(sustain, 0.0, 1.0);
                let next = self.segments[1].next(self.level, sustain, sustain - 1.0, decay);
                // From above down to sustain; when sustain is raised, up to it at the same pace.
                let arrived = if self.level >= sustain { next <= sustain } else { next >= sustain };
                self.level = if arrived { sustain } else { next };
            }
            Stage::Release => {
                self.level = self.segments[2].next(self.level, 0.0, -self.from, release);
                if self.level <= 0.0 {
                    self.level = 0.0;
                    self.stage = Stage::Idle;
                }
            }
        }
        self.level
    }

    fn clear(&mut self) {
        self.stage = Stage::Idle;
        self.level = 0.0;
        self.from = 0.0;
        self.open = false;
    }
}

impl Voice<5, 1> for Adsr {
    fn frame(&mut self, [gate, attack, decay, sustain, release]: [f32; 5]) -> [f32; 1] {
        [self.next(gate, attack, decay, sustain, release)]
    }

    fn reset(&mut self, _seed: u64) {
        self.clear();
    }
}

/// Attack, then full while the gate is open, then release.
#[derive(Clone)]
struct Ar(Adsr);

impl Voice<3, 1> for Ar {
    fn frame(&mut self, [gate, attack, release]: [f32; 3]) -> [f32; 1] {
        [self.0.next(gate, attack, 1.0, 1.0, release)]
    }

    fn reset(&mut self, _seed: u64) {
        self.0.clear();
    }
}

/// Attack, then decay to nothing, whatever becomes of the gate.
#[derive(Clone)]
struct Perc {
    level: f32,
    rising: bool,
    open: bool,
    attack: Segment,
    decay: Segment,
}

impl Voice<3, 1> for Perc {
    fn frame(&mut self, [gate, attack, decay]: [f32; 3]) -> [f32; 1] {
        let open = gate > 0.0;
        self.rising |= open && !self.open;
        self.open = open;
        if self.rising {
            self.level = self.attack.next(self.level, 1.0, 1.0, attack);
            if self.level >= 1.0 {
                self.level = 1.0;
                self.rising = false;
            }
        } else if self.level > 0.0 {
            self.level = self.decay.next(self.level, 0.0, -1.0, decay).max(0.0);
        }
        [self.level]
    }

    fn reset(&mut self, _seed: u64) {
        self.level = 0.0;
        self.rising = false;
        self.open = false;
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
        build: |b| voice::<_, 3, 1, 1>(Ar(Adsr::new(b.rate))),
    }
}

pub const ROWS: &[Row] = &[
    Row {
        example: "sine(330) * 0.4 * (lfsquare(2) >> adsr(0.01, 0.1, 0.5, 0.2))",
        params: &[ATTACK, seconds("decay", 0.1), Param::signal("sustain", "linear", 0.0, 1.0, 0.7), RELEASE],
        build: |b| voice::<_, 5, 1, 1>(Adsr::new(b.rate)),
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
        build: |b| {
            voice::<_, 3, 1, 1>(Perc {
                level: 0.0,
                rising: false,
                open: false,
                attack: Segment::new(RISE, b.rate),
                decay: Segment::new(FALL, b.rate),
            })
        },
        ..envelope(
            "perc",
            &["ad"],
            "Attack to 1, then decay to 0 however long the gate stays open: for what is struck. Times in seconds.",
        )
    },
    Row {
        example: "sine(lfsquare(2) >> sweep(800, 60, 0.1)) * 0.4",
        params: &[Param::needed("from", "", -1e6, 1e6), Param::needed("to", "", -1e6, 1e6), seconds("time", 0.1)],
        build: |b| voice::<_, 4, 1, 1>(Line { passed: 0, open: false, even: false, rate: b.rate as f32 }),
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
        build: |b| voice::<_, 3, 1, 1>(Line { passed: 0, open: false, even: true, rate: b.rate as f32 }),
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
        build: |b| voice::<_, 3, 1, 1>(Line { passed: 0, open: false, even: false, rate: b.rate as f32 }),
        ..envelope(
            "xline",
            &["expline"],
            "From one value to another in `time` seconds, in equal ratios (straight where they have different signs), begun when the sound begins.",
        )
    },
    Row {
        example: "white() * (sine(1) >> follow(0.01, 0.2)) * 0.3",
        params: &[seconds("attack", 0.01), seconds("release", 0.1)],
        build: |b| voice::<_, 3, 1, 1>(Follow::new(b.rate, true)),
        ..envelope(
            "follow",
            &["amplitude"],
            "The loudness of a signal: its distance from zero, smoothed with a rise and a fall time in seconds.",
        )
    },
    Row {
        example: "sine(lfsquare(2).range(220, 330) >> lag(0.1)) * 0.3",
        params: &[seconds("time", 0.05)],
        build: |b| voice::<_, 2, 1, 1>(Follow::new(b.rate, false)),
        ..envelope(
            "lag",
            &["smooth", "glide", "portamento"],
            "Smooths a signal: it gets within 5 % of a new value in `time` seconds.",
        )
    },
    Row {
        example: "sine(lfsquare(2).range(220, 330) >> lag_ud(0.02, 0.3)) * 0.3",
        params: &[seconds("up", 0.05), seconds("down", 0.2)],
        build: |b| voice::<_, 3, 1, 1>(Follow::new(b.rate, false)),
        ..envelope("lag_ud", &["slew"], "Smooths a signal with one time for rising and one for falling, in seconds.")
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_segment_arrives_in_its_time() {
        let mut adsr = Adsr::new(1000.0);
        let heard: Vec<f32> = (0..2000).map(|n| adsr.next(f32::from(n < 1000), 0.1, 0.3, 0.5, 0.4)).collect();
        let first = |at: &dyn Fn(f32) -> bool, from: usize| from + heard[from..].iter().position(|y| at(*y)).unwrap();
        assert!(first(&|y| y >= 1.0, 0).abs_diff(100) <= 1, "attack");
        assert!(first(&|y| y <= 0.5, 100).abs_diff(400) <= 1, "decay");
        assert!(first(&|y| y <= 0.0, 1000).abs_diff(1400) <= 1, "release");
    }

    #[test]
    fn a_gate_that_closes_in_the_attack_is_released_from_there() {
        let mut adsr = Adsr::new(1000.0);
        let heard: Vec<f32> = (0..400).map(|n| adsr.next(f32::from(n < 50), 0.1, 0.1, 0.5, 0.2)).collect();
        let steepest = heard.windows(2).map(|w| (w[1] - w[0]).abs()).fold(0.0, f32::max);
        assert!(steepest < 0.03, "a step of {steepest}");
        assert_eq!(heard[260], 0.0);
    }

    #[test]
    fn a_struck_envelope_needs_one_frame_of_gate() {
        let mut perc = Perc {
            level: 0.0,
            rising: false,
            open: false,
            attack: Segment::new(RISE, 1000.0),
            decay: Segment::new(FALL, 1000.0),
        };
        let heard: Vec<f32> = (0..400).map(|n| perc.frame([f32::from(n == 0), 0.01, 0.2])[0]).collect();
        assert!(heard.contains(&1.0) && heard[300] == 0.0);
    }
}
