//! Delays: what is heard again later, at any fraction of a frame.

use super::filters::{hold, warp};
use super::kernel::{Voice, frame_by_frame, voice};
use super::past::{Glide, Past};
use super::poles::{Pole, Share};
use super::row::make;
use super::{Build, Param, Row};
use crate::engine::GRID;
use crate::engine::processor::each;
use crate::engine::schedule::Run;

/// Between the untouched and the treated.
#[inline(always)]
pub(super) fn blend(dry: f32, wet: f32, mix: f32) -> f32 {
    dry + (wet - dry) * hold(mix, 0.0, 1.0)
}

#[derive(Clone)]
struct Delay {
    past: Past,
    glide: Glide,
    rate: f32,
}

impl Voice<4, 1> for Delay {
    const MANY_FRAMES: bool = true;

    fn frame(&mut self, [x, time, feedback, mix]: [f32; 4]) -> [f32; 1] {
        // The frame that is being written stands one before the last.
        let frames = self.glide.next(hold(time, 0.0, 1e4) * self.rate);
        let wet = if frames < 2.0 { self.past.whole(0) } else { self.past.read(frames - 1.0) };
        self.past.push(x + wet * hold(feedback, -0.98, 0.98));
        [blend(x, wet, mix)]
    }

    #[inline(always)]
    fn run<const L: usize>(&mut self, run: &mut Run<'_, 4, 1, L>, lane: usize) {
        let count = run.frames().len();
        let still = run.still_lane(1, lane).and_then(|[time, feedback, mix]: [f32; 3]| {
            let frames = self.glide.standing(hold(time, 0.0, 1e4) * self.rate)?;
            // What is nearer than two frames is no cubic.
            let wet = if frames < 2.0 { None } else { self.past.behind(frames - 1.0, count) };
            Some((wet?, feedback, mix))
        });
        let Some((wet, feedback, mix)) = still else {
            return frame_by_frame(self, run, lane);
        };
        let feedback = hold(feedback, -0.98, 0.98);
        let mut line = [0.0; GRID];
        run.column(0, lane, &mut line);
        let back: [f32; GRID] = each!(GRID, i => line[i] + wet[i] * feedback);
        self.past.push_all(&back[..count]);
        run.put_column(0, lane, &each!(GRID, i => blend(line[i], wet[i], mix)));
    }

    fn reset(&mut self, _seed: u64) {
        self.past.clear();
        self.glide.clear();
    }

    fn tail(&self) -> usize {
        self.past.len()
    }
}

/// A delay that hears itself through a lowpass and a little saturation, as tape does.
#[derive(Clone)]
struct Echo {
    past: Past,
    glide: Glide,
    tone: Pole,
    thump: Pole,
    /// Of tone and thump.
    shares: [Share; 2],
    rate: f32,
}

impl Echo {
    #[inline(always)]
    fn shares(&mut self, tone: f32) -> [f32; 2] {
        let rate = self.rate;
        [self.shares[0].of(tone, |tone| warp(tone, rate)), self.shares[1].of(60.0, |cutoff| warp(cutoff, rate))]
    }
}

impl Voice<5, 1> for Echo {
    fn frame(&mut self, [x, time, feedback, mix, tone]: [f32; 5]) -> [f32; 1] {
        let wet = self.past.read(self.glide.next(hold(time, 0.001, 1e4) * self.rate) - 1.0);
        let [tone, below] = self.shares(tone);
        let back = self.tone.lower(wet, tone);
        let back = back - self.thump.lower(back, below);
        self.past.push(super::poles::soft(x + back * hold(feedback, 0.0, 1.1)));
        [blend(x, wet, mix)]
    }

    #[inline(always)]
    fn run<const L: usize>(&mut self, run: &mut Run<'_, 5, 1, L>, lane: usize) {
        let count = run.frames().len();
        let still = run.still_lane(1, lane).and_then(|[time, feedback, mix, tone]: [f32; 4]| {
            let frames = self.glide.standing(hold(time, 0.001, 1e4) * self.rate)?;
            Some((self.past.behind(frames - 1.0, count)?, feedback, mix, tone))
        });
        let Some((wet, feedback, mix, tone)) = still else {
            return frame_by_frame(self, run, lane);
        };
        let [tone, below] = self.shares(tone);
        let feedback = hold(feedback, 0.0, 1.1);
        let (mut line, mut back) = ([0.0; GRID], [0.0; GRID]);
        run.column(0, lane, &mut line);
        for i in 0..count.min(GRID) {
            let dark = self.tone.lower(wet[i], tone);
            back[i] = dark - self.thump.lower(dark, below);
        }
        let back: [f32; GRID] = each!(GRID, i => super::poles::soft(line[i] + back[i] * feedback));
        self.past.push_all(&back[..count]);
        run.put_column(0, lane, &each!(GRID, i => blend(line[i], wet[i], mix)));
    }

    fn reset(&mut self, _seed: u64) {
        self.past.clear();
        self.glide.clear();
        self.tone = Pole::default();
        self.thump = Pole::default();
    }

    fn tail(&self) -> usize {
        self.past.len()
    }
}

/// Two delays that feed each other.
#[derive(Clone)]
struct PingPong {
    pasts: [Past; 2],
    glide: Glide,
    tone: [Pole; 2],
    share: Share,
    rate: f32,
    /// Nothing has come in since it was clear.
    empty: bool,
}

impl Voice<6, 2> for PingPong {
    fn frame(&mut self, [left, right, time, feedback, mix, tone]: [f32; 6]) -> [f32; 2] {
        self.empty &= left == 0.0 && right == 0.0;
        let frames = self.glide.next(hold(time, 0.001, 1e4) * self.rate) - 1.0;
        let wet = [self.pasts[0].read(frames), self.pasts[1].read(frames)];
        let rate = self.rate;
        let share = self.share.of(tone, |tone| warp(tone, rate));
        let feedback = hold(feedback, 0.0, 0.98);
        let back = [self.tone[0].lower(wet[1], share) * feedback, self.tone[1].lower(wet[0], share) * feedback];
        // What comes in enters on the left and crosses over with every repeat.
        self.pasts[0].push(0.5 * (left + right) + back[0]);
        self.pasts[1].push(back[1]);
        [blend(left, wet[0], mix), blend(right, wet[1], mix)]
    }

    #[inline(always)]
    fn run<const L: usize>(&mut self, run: &mut Run<'_, 6, 2, L>, lane: usize) {
        let count = run.frames().len();
        let mut sides = [[0.0; GRID]; 2];
        run.column(0, lane, &mut sides[0]);
        run.column(1, lane, &mut sides[1]);
        let silent = sides == [[0.0; GRID]; 2];
        let still = run.still_lane(2, lane).and_then(|[time, feedback, mix, tone]: [f32; 4]| {
            let frames = self.glide.standing(hold(time, 0.001, 1e4) * self.rate)? - 1.0;
            if self.empty && silent {
                return Some(([[0.0; GRID]; 2], feedback, mix, tone));
            }
            Some(([self.pasts[0].behind(frames, count)?, self.pasts[1].behind(frames, count)?], feedback, mix, tone))
        });
        let Some((wet, feedback, mix, tone)) = still else {
            return frame_by_frame(self, run, lane);
        };
        self.empty &= silent;
        if self.empty {
            (0..2).for_each(|k| run.put_column(k, lane, &[0.0; GRID]));
            return;
        }
        let rate = self.rate;
        let share = self.share.of(tone, |tone| warp(tone, rate));
        let feedback = hold(feedback, 0.0, 0.98);
        let mut back = [[0.0; GRID]; 2];
        let [left, right] = sides;
        for i in 0..count.min(GRID) {
            for side in 0..2 {
                back[side][i] = self.tone[side].lower(wet[1 - side][i], share) * feedback;
            }
        }
        let entered: [f32; GRID] = each!(GRID, i => 0.5 * (left[i] + right[i]) + back[0][i]);
        self.pasts[0].push_all(&entered[..count]);
        self.pasts[1].push_all(&back[1][..count]);
        for (k, side) in sides.iter().enumerate() {
            run.put_column(k, lane, &each!(GRID, i => blend(side[i], wet[k][i], mix)));
        }
    }

    fn reset(&mut self, _seed: u64) {
        self.pasts.iter_mut().for_each(Past::clear);
        self.glide.clear();
        self.tone = [Pole::default(); 2];
        self.empty = true;
    }

    fn tail(&self) -> usize {
        2 * self.pasts[0].len()
    }
}

/// The input some time ago, as it is.
#[derive(Clone)]
struct Tap {
    past: Past,
    rate: f32,
}

impl Voice<2, 1> for Tap {
    fn frame(&mut self, [x, time]: [f32; 2]) -> [f32; 1] {
        self.past.push(x);
        let frames = hold(time, 0.0, 1e4) * self.rate;
        // Within the first frame there is nothing older to draw a cubic through: a line.
        let near = self.past.whole(0) + frames * (self.past.whole(1) - self.past.whole(0));
        [if frames < 1.0 { near } else { self.past.read(frames) }]
    }

    #[inline(always)]
    fn run<const L: usize>(&mut self, run: &mut Run<'_, 2, 1, L>, lane: usize) {
        let (count, mut line, mut frames) = (run.frames().len(), [0.0; GRID], [0.0; GRID]);
        run.column(0, lane, &mut line);
        run.column(1, lane, &mut frames);
        for frames in &mut frames {
            *frames = hold(*frames, 0.0, 1e4) * self.rate;
        }
        if frames[..count].iter().any(|frames| *frames < 1.0) {
            return frame_by_frame(self, run, lane);
        }
        self.past.push_all(&line[..count]);
        run.put_column(0, lane, &self.past.glance(count, &frames));
    }

    fn reset(&mut self, _seed: u64) {
        self.past.clear();
    }

    fn tail(&self) -> usize {
        self.past.len()
    }
}

/// A delay of one period that dies away in a given time, plain or allpass.
#[derive(Clone)]
struct Comb {
    past: Past,
    rate: f32,
    /// Whether the input is taken away again, so that all frequencies pass alike.
    even: bool,
    /// Frequency or time, and decay, and the feedback they make.
    heard: [f32; 2],
    feedback: f32,
}

impl Comb {
    fn new(rate: f64, even: bool, longest: f64) -> Self {
        Comb { past: Past::new(rate * longest), rate: rate as f32, even, heard: [f32::NAN; 2], feedback: 0.0 }
    }
}

impl Voice<3, 1> for Comb {
    fn frame(&mut self, [x, pitch, decay]: [f32; 3]) -> [f32; 1] {
        let period = if self.even { hold(pitch, 1e-4, 10.0) } else { 1.0 / hold(pitch, 20.0, 20_000.0) };
        if [pitch, decay] != self.heard {
            self.heard = [pitch, decay];
            // Gone by 60 dB after `decay` seconds.
            self.feedback = hold(0.001f32.powf(period / hold(decay, 1e-3, 100.0)), 0.0, 0.9999);
        }
        let old = self.past.read(period * self.rate - 1.0);
        let new = x + old * self.feedback;
        self.past.push(new);
        [if self.even { old - new * self.feedback } else { new }]
    }

    fn reset(&mut self, _seed: u64) {
        self.past.clear();
    }

    fn tail(&self) -> usize {
        self.past.len()
    }
}

/// A string plucked whenever the gate opens (Karplus and Strong, 1983), in tune by a cubic between frames.
#[derive(Clone)]
struct Pluck {
    past: Past,
    dice: super::noises::Dice,
    /// Frames of noise still to come, the loop's filter, the noise's.
    left: f32,
    last: f32,
    burst: Pole,
    /// Takes the mean out of the burst: the loop would keep it.
    mean: Pole,
    open: bool,
    /// Frequency and decay, and what the loop keeps of every period.
    heard: [f32; 2],
    keep: f32,
    rate: f32,
}

impl Pluck {
    fn new(rate: f64) -> Self {
        Pluck {
            past: Past::new(rate / 20.0),
            dice: super::noises::Dice::new(0),
            left: 0.0,
            last: 0.0,
            burst: Pole::default(),
            mean: Pole::default(),
            open: false,
            heard: [f32::NAN; 2],
            keep: 0.0,
            rate: rate as f32,
        }
    }

    /// What the loop keeps of a period: gone by 60 dB after `decay` seconds.
    #[inline(always)]
    fn keep(&mut self, freq: f32, decay: f32) -> f32 {
        if [freq, decay] != self.heard {
            self.heard = [freq, decay];
            self.keep = 0.001f32.powf(1.0 / (freq * hold(decay, 0.01, 100.0)));
        }
        self.keep
    }
}

impl Voice<4, 1> for Pluck {
    fn frame(&mut self, [gate, freq, decay, damping]: [f32; 4]) -> [f32; 1] {
        let freq = hold(freq, 20.0, 0.2 * self.rate);
        let period = self.rate / freq;
        let open = gate > 0.0;
        if open && !self.open {
            self.left = period;
        }
        self.open = open;
        let damping = hold(damping, 0.0, 1.0);
        let mut strike = 0.0;
        if self.left > 0.0 {
            self.left -= 1.0;
            let bright = 500.0 + 16_000.0 * (1.0 - damping) * (1.0 - damping);
            let noise = self.burst.low(self.dice.roll(), warp(bright, self.rate));
            strike = noise - self.mean.low(noise, warp(0.5 * freq, self.rate));
        }
        // A two-point mean of weight m is m frames long at low frequencies.
        let mean = 0.5 * damping;
        let old = self.past.read(period - mean - 1.0);
        let smooth = old + (self.last - old) * mean;
        self.last = old;
        let y = strike + smooth * self.keep(freq, decay);
        self.past.push(y);
        [y]
    }

    /// Between two strokes, while its period is longer than a run, the string hears nothing but itself.
    #[inline(always)]
    fn run<const L: usize>(&mut self, run: &mut Run<'_, 4, 1, L>, lane: usize) {
        let (count, mut gate) = (run.frames().len(), [0.0; GRID]);
        run.column(0, lane, &mut gate);
        let open = gate[..count].iter().fold(self.open, |open, gate| open || *gate > 0.0);
        let struck = self.left > 0.0 || open && !(self.open && gate[..count].iter().all(|gate| *gate > 0.0));
        let still = run.still_lane(1, lane).filter(|_| !struck).and_then(|[freq, decay, damping]: [f32; 3]| {
            let freq = hold(freq, 20.0, 0.2 * self.rate);
            let mean = 0.5 * hold(damping, 0.0, 1.0);
            let old = self.past.behind(self.rate / freq - mean - 1.0, count)?;
            Some((old, mean, self.keep(freq, decay)))
        });
        let Some((old, mean, keep)) = still else {
            return frame_by_frame(self, run, lane);
        };
        let before = each!(GRID, i => if i == 0 { self.last } else { old[i - 1] });
        let line: [f32; GRID] = each!(GRID, i => (old[i] + (before[i] - old[i]) * mean) * keep);
        self.last = old[count - 1];
        self.past.push_all(&line[..count]);
        run.put_column(0, lane, &line);
    }

    fn reset(&mut self, seed: u64) {
        self.past.clear();
        self.dice = super::noises::Dice::new(seed);
        self.left = 0.0;
        self.last = 0.0;
        self.burst = Pole::default();
        self.mean = Pole::default();
        self.open = false;
    }

    fn tail(&self) -> usize {
        self.past.len()
    }
}

const TIME: Param = Param::needed("time", "s", 0.0, 10.0);
const FEEDBACK: Param = Param::signal("feedback", "linear", 0.0, 0.98, 0.5);
const DELAY: &[Param] = &[TIME, Param::signal("feedback", "linear", -0.98, 0.98, 0.0), mix(1.0), MAX];
const MAX: Param = Param::built("max", "s", 0.01, 10.0, 2.0);

pub(super) const fn mix(default: f32) -> Param {
    Param::signal("mix", "0 dry … 1 wet", 0.0, 1.0, default)
}

/// Seconds of a delay line: its `max`, and room for the cubic.
fn past(build: &Build) -> Past {
    Past::new(build.rate * f64::from(build.values[0]) + 4.0)
}

const fn delay(name: &'static str, aliases: &'static [&'static str], doc: &'static str) -> Row {
    Row {
        name,
        aliases,
        category: "delays",
        doc,
        example: "",
        inputs: 1,
        outputs: 1,
        params: DELAY,
        make: make!(|b| voice::<_, 4, 1, _>(Delay { past: past(b), glide: Glide::new(b.rate), rate: b.rate as f32 })),
    }
}

pub const ROWS: &[Row] = &[
    Row {
        example: "lfsquare(1) >> pluck(220, 1) >> delay(0.3, 0.5, 0.4) >> gain(-6)",
        ..delay(
            "delay",
            &[],
            "Heard again `time` seconds later, and again by `feedback`. By default only the delayed sound, as sends and `&` want it; `mix` 0.4 keeps the dry one, too. A moved time glides. `max` seconds are kept.",
        )
    },
    Row {
        example: "sine(660) * (impulse(1) >> perc(0.001, 0.1)) * 0.4 >> echo(0.25, 0.6)",
        params: &[
            Param::signal("time", "s", 0.001, 10.0, 0.25),
            Param::signal("feedback", "linear", 0.0, 1.1, 0.5),
            mix(0.35),
            Param::signal("tone", "Hz", 10.0, 20_000.0, 4000.0),
            MAX,
        ],
        make: make!(|b| {
            let (tone, thump, shares) = (Pole::default(), Pole::default(), [Share::NEW; 2]);
            let (past, glide, rate) = (past(b), Glide::new(b.rate), b.rate as f32);
            voice::<_, 5, 1, _>(Echo { past, glide, tone, thump, shares, rate })
        }),
        ..delay(
            "echo",
            &["tape_delay"],
            "A tape echo: every repeat is darker (`tone`) and a little saturated; feedback beyond 1 builds up to saturation, never further.",
        )
    },
    Row {
        example: "sine(660) * (impulse(1) >> perc(0.001, 0.1)) * 0.4 >> pingpong(0.25, 0.6)",
        inputs: 2,
        outputs: 2,
        params: &[
            Param::signal("time", "s", 0.001, 10.0, 0.25),
            FEEDBACK,
            mix(0.35),
            Param::signal("tone", "Hz", 10.0, 20_000.0, 6000.0),
            MAX,
        ],
        make: make!(|b| {
            voice::<_, 6, 2, _>(PingPong {
                pasts: [past(b), past(b)],
                glide: Glide::new(b.rate),
                tone: [Pole::default(); 2],
                share: Share::NEW,
                rate: b.rate as f32,
                empty: true,
            })
        }),
        ..delay("pingpong", &[], "Echoes that fall left, right, left …, each darker by `tone`.")
    },
    Row {
        example: "saw(110) * 0.2 >> (pass() & tap(sine(0.3).range(0.001, 0.006)))",
        params: &[TIME, Param::built("max", "s", 0.001, 10.0, 1.0)],
        make: make!(|b| voice::<_, 2, 1, _>(Tap { past: past(b), rate: b.rate as f32 })),
        ..delay(
            "tap",
            &[],
            "The sound `time` seconds ago, exactly: time may be modulated at once, pitch follows. `max` seconds are kept.",
        )
    },
    Row {
        example: "white() * (impulse(2) >> perc(0.001, 0.02)) >> comb(220, 1) >> gain(-9)",
        params: &[Param::needed("freq", "Hz", 20.0, 20_000.0), Param::signal("decay", "s", 0.001, 100.0, 0.5)],
        make: make!(|b| voice::<_, 3, 1, _>(Comb::new(b.rate, false, 0.06))),
        ..delay("comb", &[], "A tuned echo: rings at `freq` and its multiples, gone by 60 dB after `decay` seconds.")
    },
    Row {
        example: "white() * (impulse(2) >> perc(0.001, 0.02)) >> allpass_delay(0.03, 1) >> gain(-9)",
        params: &[Param::needed("time", "s", 0.0001, 1.0), Param::signal("decay", "s", 0.001, 100.0, 1.0)],
        make: make!(|b| voice::<_, 3, 1, _>(Comb::new(b.rate, true, 1.0))),
        ..delay(
            "allpass_delay",
            &["allpass_n", "diffuse"],
            "Echoes without a pitch of their own (Schroeder's allpass): smears transients, the seed of a reverb.",
        )
    },
    Row {
        name: "pluck",
        category: "oscillators",
        example: "lfsquare(2) >> pluck(110, 2, 0.3) >> gain(-3)",
        params: &[
            Param::needed("freq", "Hz", 20.0, 8000.0),
            Param::signal("decay", "s", 0.01, 100.0, 2.0),
            Param::signal("damping", "", 0.0, 1.0, 0.4),
        ],
        make: make!(|b| voice::<_, 4, 1, _>(Pluck::new(b.rate))),
        ..delay(
            "pluck",
            &["karplus", "string"],
            "A string, plucked whenever the gate piped in opens (Karplus and Strong, 1983): gone by 60 dB after `decay` seconds, darker with `damping`.",
        )
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Power of a frequency in a sound.
    fn power(sound: &[f32], hz: f64) -> f64 {
        let (mut re, mut im) = (0.0, 0.0);
        for (n, x) in sound.iter().enumerate() {
            let angle = std::f64::consts::TAU * hz * n as f64 / 48_000.0;
            let window = (std::f64::consts::PI * n as f64 / sound.len() as f64).sin().powi(2);
            re += f64::from(*x) * window * angle.cos();
            im += f64::from(*x) * window * angle.sin();
        }
        re * re + im * im
    }

    #[test]
    fn a_string_is_in_tune() {
        let row = ROWS.iter().find(|r| r.name == "pluck").unwrap();
        for freq in [82.41_f32, 440.0, 1760.0] {
            let node = (row.make.one)(&Build { rate: 48_000.0, values: &[] });
            let mut node = super::super::unit::Node::new(node, 4, 1);
            let mut out = [0.0];
            let mut sound = vec![];
            for _ in 0..48_000 {
                fundsp::prelude::AudioUnit::tick(&mut node, &[1.0, freq, 6.0, 0.4], &mut out);
                sound.push(out[0]);
            }
            let cents = |c: f64| power(&sound[4800..], f64::from(freq) * (c / 1200.0).exp2());
            // The peak of the parabola through three levels 20 cents apart.
            let [a, b, c] = [-20.0, 0.0, 20.0].map(|c| cents(c).ln());
            let off = 10.0 * (a - c) / (a - 2.0 * b + c);
            assert!(off.abs() < 3.0, "{freq} Hz is {off:.1} cents off");
        }
    }

    #[test]
    fn a_delay_is_exact_to_the_frame() {
        let mut delay = Delay { past: Past::new(48_000.0), glide: Glide::new(48_000.0), rate: 48_000.0 };
        let heard: Vec<f32> = (0..2000).map(|n| delay.frame([f32::from(n == 0), 0.025, 0.5, 1.0])[0]).collect();
        let found: Vec<_> = (0..2000).filter(|n| heard[*n].abs() > 0.01).map(|n| (n, heard[n])).collect();
        assert_eq!(found, [(1200, 1.0)]);
    }
}
