//! Dynamics: compressors, limiters, gates and ducking, in decibels.

use super::filters::hold;
use super::kernel::{Voice, voice};
use super::row::make;
use super::{Param, Row};

fn amp(db: f32) -> f32 {
    10f32.powf(db / 20.0)
}

/// Decibels of a level; -120 for silence.
fn decibels(level: f32) -> f32 {
    20.0 * hold(level, 1e-6, 1e6).log10()
}

/// What is left of a distance after one frame of a time constant.
#[derive(Clone, Copy)]
struct Pull {
    time: f32,
    part: f32,
}

impl Pull {
    const NEW: Pull = Pull { time: f32::NAN, part: 0.0 };

    #[inline(always)]
    fn part(&mut self, time: f32, rate: f32) -> f32 {
        if time != self.time {
            self.time = time;
            self.part = 1.0 - (-1.0 / (hold(time, 1e-5, 100.0) * rate)).exp();
        }
        self.part
    }
}

/// A gain that follows what a curve wants, quickly one way and slowly the other.
#[derive(Clone)]
struct Ride {
    /// Gain in dB, at most 0.
    gain: f32,
    down: Pull,
    up: Pull,
    rate: f32,
}

impl Ride {
    fn new(rate: f64) -> Self {
        Ride { gain: 0.0, down: Pull::NEW, up: Pull::NEW, rate: rate as f32 }
    }

    #[inline(always)]
    fn next(&mut self, wanted: f32, down: f32, up: f32) -> f32 {
        let (down, up) = (self.down.part(down, self.rate), self.up.part(up, self.rate));
        self.gain += (wanted - self.gain) * if wanted < self.gain { down } else { up };
        amp(self.gain)
    }
}

fn louder(left: f32, right: f32) -> f32 {
    left.abs().max(right.abs())
}

#[derive(Clone)]
struct Compressor(Ride);

impl Voice<8, 2> for Compressor {
    fn frame(&mut self, [left, right, threshold, ratio, attack, release, knee, makeup]: [f32; 8]) -> [f32; 2] {
        let over = decibels(louder(left, right)) - hold(threshold, -100.0, 20.0);
        let knee = hold(knee, 0.01, 48.0);
        // Giannoulis, Massberg and Reiss, JAES 2012: a parabola between the two lines.
        let bent = if over <= -0.5 * knee {
            0.0
        } else if over < 0.5 * knee {
            (over + 0.5 * knee).powi(2) / (2.0 * knee)
        } else {
            over
        };
        let wanted = bent * (1.0 / hold(ratio, 1.0, 100.0) - 1.0);
        let gain = self.0.next(wanted, attack, release) * amp(hold(makeup, -60.0, 36.0));
        [left * gain, right * gain]
    }

    fn reset(&mut self, _seed: u64) {
        self.0.gain = 0.0;
    }
}

/// Turns down what lies below the threshold.
#[derive(Clone)]
struct Expander(Ride);

impl Voice<6, 2> for Expander {
    fn frame(&mut self, [left, right, threshold, ratio, attack, release]: [f32; 6]) -> [f32; 2] {
        let under = (hold(threshold, -120.0, 20.0) - decibels(louder(left, right))).max(0.0);
        let wanted = hold(-under * (hold(ratio, 1.0, 100.0) - 1.0), -100.0, 0.0);
        // Here it is the way up that is quick.
        let gain = self.0.next(wanted, release, attack);
        [left * gain, right * gain]
    }

    fn reset(&mut self, _seed: u64) {
        self.0.gain = 0.0;
    }
}

#[derive(Clone)]
struct Duck(Ride);

impl Voice<6, 2> for Duck {
    fn frame(&mut self, [left, right, key, amount, attack, release]: [f32; 6]) -> [f32; 2] {
        let gain = self.0.next(-hold(amount, 0.0, 100.0) * hold(key.abs(), 0.0, 1.0), attack, release);
        [left * gain, right * gain]
    }

    fn reset(&mut self, _seed: u64) {
        self.0.gain = 0.0;
    }
}

/// Frames before and after a point that say how high the wave between its samples is.
const REACH: usize = 6;

/// Left and right, four times side by side: at three places between two frames, and to fill a register.
type Wide = [f32; 8];

/// The highest point of a stereo wave between its samples (after ITU-R BS.1770-5, annex 2: four times the rate, 48 taps).
#[derive(Clone)]
struct TruePeak {
    taps: [Wide; 2 * REACH],
    /// The last frames, written twice, so that they always stand in a row.
    past: [Wide; 4 * REACH],
    at: usize,
}

impl TruePeak {
    fn new() -> Self {
        let tap = |k: usize, phase: usize| {
            let t = k as f64 - (REACH as f64 - 1.0) - (phase + 1) as f64 / 4.0;
            let angle = std::f64::consts::PI * t;
            let window = (angle / (2.0 * REACH as f64)).cos().powi(2);
            (window * angle.sin() / angle) as f32
        };
        let taps = |k| std::array::from_fn(|l| if l < 6 { tap(k, l / 2) } else { 0.0 });
        TruePeak { taps: std::array::from_fn(taps), past: [[0.0; 8]; 4 * REACH], at: 0 }
    }

    /// The peak around the frame `REACH` before this one.
    #[inline(always)]
    fn next(&mut self, [left, right]: [f32; 2]) -> f32 {
        let frame = [left, right, left, right, left, right, left, right];
        self.past[self.at] = frame;
        self.past[self.at + 2 * REACH] = frame;
        self.at = if self.at + 1 == 2 * REACH { 0 } else { self.at + 1 };
        let mut sums = [0.0; 8];
        let past = &self.past[self.at..self.at + 2 * REACH];
        for (past, taps) in past.iter().zip(&self.taps) {
            for l in 0..8 {
                sums[l] += taps[l] * past[l];
            }
        }
        // The two frames it lies between count as well.
        let around = [past[REACH - 1], past[REACH]];
        let mut peak = 0.0;
        for l in 0..8 {
            peak = around[0][l].abs().max(around[1][l].abs()).max(sums[l].abs()).max(peak);
        }
        peak
    }

    fn clear(&mut self) {
        (self.past, self.at) = ([[0.0; 8]; 4 * REACH], 0);
    }
}

/// A ceiling that is never passed: the gain is down before the peak arrives.
#[derive(Clone)]
struct Limiter {
    peaks: TruePeak,
    /// The ceiling last heard, in dB, and as a level.
    heard: f32,
    ceiling: f32,
    delay: Box<[[f32; 2]]>,
    /// Gains wanted in the window, rising, with the frame they leave it.
    window: Box<[(u64, f32)]>,
    first: usize,
    count: usize,
    /// The last gains after release, and their sum: a mean over the window.
    gains: Box<[f32]>,
    sum: f64,
    place: usize,
    at: usize,
    frame: u64,
    released: f32,
    up: Pull,
    rate: f32,
}

/// Seconds the limiter looks ahead: shorter ones distort a 50 Hz bass.
const LOOK_AHEAD: f64 = 0.002;

impl Limiter {
    fn new(rate: f64) -> Self {
        let frames = (rate * LOOK_AHEAD).ceil().max(2.0) as usize;
        Limiter {
            peaks: TruePeak::new(),
            heard: f32::NAN,
            ceiling: 1.0,
            delay: vec![[0.0; 2]; frames + REACH].into(),
            window: vec![(0, 1.0); frames + 1].into(),
            first: 0,
            count: 0,
            gains: vec![1.0; frames].into(),
            sum: frames as f64,
            place: 0,
            at: 0,
            frame: 0,
            released: 1.0,
            up: Pull::NEW,
            rate: rate as f32,
        }
    }

    /// The least gain wanted in the window (a queue of candidates, each smaller than what it replaces).
    fn least(&mut self, wanted: f32) -> f32 {
        let room = self.window.len();
        let wrap = |place: usize| if place >= room { place - room } else { place };
        while self.count > 0 && self.window[wrap(self.first + self.count - 1)].1 >= wanted {
            self.count -= 1;
        }
        if self.count > 0 && self.window[self.first].0 <= self.frame {
            self.first = wrap(self.first + 1);
            self.count -= 1;
        }
        self.window[wrap(self.first + self.count)] = (self.frame + self.gains.len() as u64, wanted);
        self.count += 1;
        self.window[self.first].1
    }
}

impl Voice<4, 2> for Limiter {
    fn frame(&mut self, [left, right, ceiling, release]: [f32; 4]) -> [f32; 2] {
        if ceiling != self.heard {
            self.heard = ceiling;
            // The gain moves between the samples, too: 0.1 dB for that.
            self.ceiling = amp(hold(ceiling, -60.0, 0.0) - 0.1);
        }
        let peak = self.peaks.next([left, right]);
        let least = self.least(if peak > self.ceiling { self.ceiling / peak } else { 1.0 });
        let up = self.up.part(release, self.rate);
        self.released = if least < self.released { least } else { self.released + (least - self.released) * up };
        self.sum += f64::from(self.released) - f64::from(self.gains[self.place]);
        self.gains[self.place] = self.released;
        self.place = if self.place + 1 == self.gains.len() { 0 } else { self.place + 1 };
        self.frame += 1;
        let gain = (self.sum / self.gains.len() as f64) as f32;
        let due = std::mem::replace(&mut self.delay[self.at], [left, right]);
        self.at = if self.at + 1 == self.delay.len() { 0 } else { self.at + 1 };
        [due[0] * gain, due[1] * gain]
    }

    fn reset(&mut self, _seed: u64) {
        self.peaks.clear();
        self.delay.fill([0.0; 2]);
        self.window.fill((0, 1.0));
        self.gains.fill(1.0);
        self.sum = self.gains.len() as f64;
        (self.first, self.count, self.at, self.place, self.frame) = (0, 0, 0, 0, 0);
        self.released = 1.0;
    }

    fn latency(&self) -> usize {
        self.delay.len()
    }

    fn tail(&self) -> usize {
        self.delay.len()
    }
}

const fn db(name: &'static str, low: f32, high: f32, default: f32) -> Param {
    Param::signal(name, "dB", low, high, default)
}

const fn seconds(name: &'static str, default: f32) -> Param {
    Param::signal(name, "s", 0.0, 10.0, default)
}

const RATIO: Param = Param::signal("ratio", "to 1", 1.0, 100.0, 4.0);

const fn dynamics(name: &'static str, aliases: &'static [&'static str], doc: &'static str) -> Row {
    Row {
        name,
        aliases,
        category: "dynamics",
        doc,
        example: "",
        inputs: 2,
        outputs: 2,
        params: LIMITER,
        make: make!(|b| voice::<_, 4, 2, _>(Limiter::new(b.rate))),
    }
}

const LIMITER: &[Param] = &[db("ceiling", -60.0, 0.0, -1.0), seconds("release", 0.1)];

pub const ROWS: &[Row] = &[
    Row {
        example: "saw(110) * lfsquare(2).range(0.05, 0.6) >> compressor(-18, 4) >> gain(-9)",
        params: &[
            db("threshold", -100.0, 20.0, -18.0),
            RATIO,
            seconds("attack", 0.005),
            seconds("release", 0.12),
            db("knee", 0.0, 48.0, 6.0),
            db("makeup", -60.0, 36.0, 0.0),
        ],
        make: make!(|b| voice::<_, 8, 2, _>(Compressor(Ride::new(b.rate)))),
        ..dynamics(
            "compressor",
            &["comp"],
            "Turns down what is louder than `threshold` dB, by `ratio`; both sides together. `attack` and `release` in seconds, a soft `knee`, `makeup` gain in dB.",
        )
    },
    Row {
        example: "saw(110) * 2 >> limiter(-12)",
        ..dynamics(
            "limiter",
            &["limit", "ceiling"],
            "Nothing passes the `ceiling` (dB true peak, between the samples, too): the gain is down before the peak arrives, and comes back in `release` seconds. Looks ahead 2 ms.",
        )
    },
    Row {
        example: "pink() * lfsquare(2).range(0.005, 0.3) >> noise_gate(-30)",
        params: &[db("threshold", -120.0, 20.0, -50.0), seconds("attack", 0.001), seconds("release", 0.08)],
        make: make!(|b| voice::<_, 5, 2, _>(NoiseGate(Expander(Ride::new(b.rate))))),
        ..dynamics(
            "noise_gate",
            &["gated"],
            "Silences what is quieter than `threshold` dB; opens in `attack` and closes in `release` seconds.",
        )
    },
    Row {
        example: "pink() * lfsquare(2).range(0.02, 0.3) >> expander(-20, 2)",
        params: &[db("threshold", -120.0, 20.0, -40.0), RATIO, seconds("attack", 0.002), seconds("release", 0.1)],
        make: make!(|b| voice::<_, 6, 2, _>(Expander(Ride::new(b.rate)))),
        ..dynamics(
            "expander",
            &[],
            "Makes what is quieter than `threshold` dB quieter still, by `ratio`: less hiss between notes.",
        )
    },
    Row {
        example: "saw(110) * 0.3 >> duck(impulse(2) >> perc(0.001, 0.2), 18)",
        params: &[
            Param::needed("key", "0 … 1", -1.0, 1.0),
            db("amount", 0.0, 100.0, 12.0),
            seconds("attack", 0.005),
            seconds("release", 0.15),
        ],
        make: make!(|b| voice::<_, 6, 2, _>(Duck(Ride::new(b.rate)))),
        ..dynamics(
            "duck",
            &["sidechain"],
            "Makes room for something else: down by `amount` dB where `key` is 1, back in `release` seconds. The pump of dance music.",
        )
    },
];

/// An expander so steep that it is a door.
#[derive(Clone)]
struct NoiseGate(Expander);

impl Voice<5, 2> for NoiseGate {
    fn frame(&mut self, [left, right, threshold, attack, release]: [f32; 5]) -> [f32; 2] {
        self.0.frame([left, right, threshold, 20.0, attack, release])
    }

    fn reset(&mut self, seed: u64) {
        self.0.reset(seed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_passes_the_ceiling() {
        let mut limiter = Limiter::new(48_000.0);
        let mut meter = TruePeak::new();
        let mut worst: f32 = 0.0;
        for n in 0..48_000 {
            // A quarter of the rate, sampled beside its crests: sample peaks are 3 dB below true peaks.
            let angle = std::f32::consts::PI * (0.5 * n as f32 + 0.25);
            let x = angle.sin() * if n / 4800 % 2 == 0 { 0.1 } else { 4.0 };
            let [y, _] = limiter.frame([x, x, -1.0, 0.05]);
            worst = worst.max(meter.next([y, y]));
        }
        let worst = decibels(worst);
        assert!((-1.6..=-1.0).contains(&worst), "the ceiling is -1 dB, found {worst}");
    }

    #[test]
    fn a_compressor_of_two_to_one_halves_what_is_over() {
        let mut compressor = Compressor(Ride::new(48_000.0));
        let mut last = 0.0;
        for _ in 0..48_000 {
            last = compressor.frame([1.0, 1.0, -20.0, 2.0, 0.01, 0.1, 0.0, 0.0])[0];
        }
        assert!((decibels(last) + 10.0).abs() < 0.1, "20 dB over become 10, found {}", decibels(last));
    }
}
