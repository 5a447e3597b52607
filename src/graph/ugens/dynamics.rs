//! Dynamics: compressors, limiters, gates and ducking, in decibels.

use super::filters::hold;
use super::kernel::{Voice, frame_by_frame, voice};
use super::powers::{amp, decibels};
use super::row::make;
use super::{Param, Row};
use crate::engine::processor::{Task, at_full_width, each};
use crate::engine::schedule::Run;
use crate::engine::{GRID, LANES};

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
        let parts = [self.down.part(down, self.rate), self.up.part(up, self.rate)];
        amp(self.step(wanted, parts))
    }

    #[inline(always)]
    fn step(&mut self, wanted: f32, [down, up]: [f32; 2]) -> f32 {
        self.gain += (wanted - self.gain) * if wanted < self.gain { down } else { up };
        self.gain
    }

    /// A run in one lane whose times hold still: what the curve wants is worked out for all frames at once, then what
    /// follows it, then the levels. `wanted` hears the louder side, and, of the effects that have one, the key.
    #[inline(always)]
    fn run<const I: usize, const L: usize>(
        &mut self,
        run: &mut Run<'_, I, 2, L>,
        lane: usize,
        [down, up]: [f32; 2],
        wanted: impl Fn(f32, f32) -> f32,
        makeup: f32,
    ) {
        let (count, mut left, mut right, mut key) = (run.frames().len(), [0.0; GRID], [0.0; GRID], [0.0; GRID]);
        run.column(0, lane, &mut left);
        run.column(1, lane, &mut right);
        run.column(2, lane, &mut key);
        let mut gain: [f32; GRID] = each!(GRID, i => wanted(louder(left[i], right[i]), key[i]));
        let parts = [self.down.part(down, self.rate), self.up.part(up, self.rate)];
        for gain in &mut gain[..count] {
            *gain = self.step(*gain, parts);
        }
        let gain: [f32; GRID] = each!(GRID, i => amp(gain[i]) * makeup);
        run.put_column(0, lane, &each!(GRID, i => left[i] * gain[i]));
        run.put_column(1, lane, &each!(GRID, i => right[i] * gain[i]));
    }
}

#[inline(always)]
fn louder(left: f32, right: f32) -> f32 {
    left.abs().max(right.abs())
}

#[derive(Clone)]
struct Compressor(Ride);

/// The gain in dB that a compressor wants of a level: a parabola between the two lines (Giannoulis, Massberg and Reiss, JAES
/// 2012).
#[inline(always)]
fn compressed(level: f32, threshold: f32, ratio: f32, knee: f32) -> f32 {
    let over = decibels(level) - hold(threshold, -100.0, 20.0);
    let knee = hold(knee, 0.01, 48.0);
    let into = over + 0.5 * knee;
    let bent = if over < 0.5 * knee { into * into / (2.0 * knee) } else { over };
    let bent = if into > 0.0 { bent } else { 0.0 };
    bent * (1.0 / hold(ratio, 1.0, 100.0) - 1.0)
}

impl Voice<8, 2> for Compressor {
    const MANY_FRAMES: bool = true;

    fn frame(&mut self, [left, right, threshold, ratio, attack, release, knee, makeup]: [f32; 8]) -> [f32; 2] {
        let wanted = compressed(louder(left, right), threshold, ratio, knee);
        let gain = self.0.next(wanted, attack, release) * amp(hold(makeup, -60.0, 36.0));
        [left * gain, right * gain]
    }

    #[inline(always)]
    fn run<const L: usize>(&mut self, run: &mut Run<'_, 8, 2, L>, lane: usize) {
        let Some([threshold, ratio, attack, release, knee, makeup]) = run.still_lane(2, lane) else {
            return frame_by_frame(self, run, lane);
        };
        let makeup = amp(hold(makeup, -60.0, 36.0));
        self.0.run(run, lane, [attack, release], |level, _| compressed(level, threshold, ratio, knee), makeup);
    }

    fn reset(&mut self, _seed: u64) {
        self.0.gain = 0.0;
    }
}

/// Turns down what lies below the threshold.
#[derive(Clone)]
struct Expander(Ride);

/// The gain in dB that an expander wants of a level.
#[inline(always)]
fn expanded(level: f32, threshold: f32, ratio: f32) -> f32 {
    let under = hold(threshold, -120.0, 20.0) - decibels(level);
    let under = if under > 0.0 { under } else { 0.0 };
    hold(-under * (hold(ratio, 1.0, 100.0) - 1.0), -100.0, 0.0)
}

impl Voice<6, 2> for Expander {
    const MANY_FRAMES: bool = true;

    fn frame(&mut self, [left, right, threshold, ratio, attack, release]: [f32; 6]) -> [f32; 2] {
        // Here it is the way up that is quick.
        let gain = self.0.next(expanded(louder(left, right), threshold, ratio), release, attack);
        [left * gain, right * gain]
    }

    #[inline(always)]
    fn run<const L: usize>(&mut self, run: &mut Run<'_, 6, 2, L>, lane: usize) {
        let Some([threshold, ratio, attack, release]) = run.still_lane(2, lane) else {
            return frame_by_frame(self, run, lane);
        };
        self.0.run(run, lane, [release, attack], |level, _| expanded(level, threshold, ratio), 1.0);
    }

    fn reset(&mut self, _seed: u64) {
        self.0.gain = 0.0;
    }
}

#[derive(Clone)]
struct Duck(Ride);

/// The gain in dB that a key wants.
#[inline(always)]
fn ducked(key: f32, amount: f32) -> f32 {
    -hold(amount, 0.0, 100.0) * hold(key.abs(), 0.0, 1.0)
}

impl Voice<6, 2> for Duck {
    const MANY_FRAMES: bool = true;

    fn frame(&mut self, [left, right, key, amount, attack, release]: [f32; 6]) -> [f32; 2] {
        let gain = self.0.next(ducked(key, amount), attack, release);
        [left * gain, right * gain]
    }

    #[inline(always)]
    fn run<const L: usize>(&mut self, run: &mut Run<'_, 6, 2, L>, lane: usize) {
        let Some([amount, attack, release]) = run.still_lane(3, lane) else {
            return frame_by_frame(self, run, lane);
        };
        self.0.run(run, lane, [attack, release], |_, key| ducked(key, amount), 1.0);
    }

    fn reset(&mut self, _seed: u64) {
        self.0.gain = 0.0;
    }
}

/// Frames before and after a point that say how high the wave between its samples is.
const REACH: usize = 6;
/// Frames that were heard before those that are measured.
const PAST: usize = 2 * REACH - 1;
/// Places between two frames that are looked at.
const BETWEEN: usize = 3;

/// The highest point of a stereo wave between its samples (after ITU-R BS.1770-5, annex 2: four times the rate, 48 taps).
#[derive(Clone)]
struct TruePeak {
    taps: [[f32; BETWEEN]; 2 * REACH],
    /// By no more than this a peak can rise above the samples around it.
    most: f32,
    /// The last frames and the present ones, by side.
    line: [[f32; PAST + GRID]; 2],
}

impl TruePeak {
    fn new() -> Self {
        let tap = |k: usize, phase: usize| {
            let t = k as f64 - (REACH as f64 - 1.0) - (phase + 1) as f64 / 4.0;
            let angle = std::f64::consts::PI * t;
            let window = (angle / (2.0 * REACH as f64)).cos().powi(2);
            (window * angle.sin() / angle) as f32
        };
        let taps: [[f32; BETWEEN]; 2 * REACH] = std::array::from_fn(|k| std::array::from_fn(|phase| tap(k, phase)));
        let sums = (0..BETWEEN).map(|phase| taps.iter().map(|taps| taps[phase].abs()).sum());
        TruePeak { taps, most: 1.01 * sums.fold(1.0, f32::max), line: [[0.0; PAST + GRID]; 2] }
    }

    /// The peaks around the frames `REACH` before these; none where all of them are below the ceiling.
    #[inline(always)]
    fn next(&mut self, sides: [&[f32]; 2], ceiling: f32) -> Option<[f32; GRID]> {
        let count = sides[0].len();
        for (line, side) in self.line.iter_mut().zip(sides) {
            line[PAST..PAST + count].copy_from_slice(side);
        }
        let lines = self.line.iter().map(|line| &line[..PAST + count]);
        let loud = lines.flatten().fold(0.0, |most: f32, x| most.max(x.abs())) * self.most > ceiling;
        let peaks = loud.then(|| at_full_width::<LANES, _>(Peaks(self, count)));
        for line in &mut self.line {
            line.copy_within(count..count + PAST, 0);
        }
        peaks
    }

    fn clear(&mut self) {
        self.line = [[0.0; PAST + GRID]; 2];
    }
}

/// Looks for the peaks of so many frames, eight at a time.
struct Peaks<'a>(&'a TruePeak, usize);

impl Task for Peaks<'_> {
    type Gives = [f32; GRID];

    #[inline(always)]
    #[expect(clippy::needless_range_loop, reason = "plain loops over places become wide arithmetic")]
    fn go(self) -> [f32; GRID] {
        let mut peaks = [0.0; GRID];
        for from in (0..self.1.min(GRID)).step_by(LANES) {
            let mut high = [0.0f32; LANES];
            for line in &self.0.line {
                let mut sums = [[0.0; LANES]; BETWEEN];
                for k in 0..2 * REACH {
                    for phase in 0..BETWEEN {
                        for l in 0..LANES {
                            sums[phase][l] += self.0.taps[k][phase] * line[from + k + l];
                        }
                    }
                }
                // The two frames it lies between count as well.
                for l in 0..LANES {
                    high[l] = high[l].max(line[from + REACH - 1 + l].abs()).max(line[from + REACH + l].abs());
                    for sums in &sums {
                        high[l] = high[l].max(sums[l].abs());
                    }
                }
            }
            peaks[from..from + LANES].copy_from_slice(&high);
        }
        peaks
    }
}

/// A ceiling that is never passed: the gain is down before the peak arrives.
#[derive(Clone)]
struct Limiter {
    peaks: TruePeak,
    /// The ceiling last heard, in dB, and as a level.
    heard: f32,
    ceiling: f32,
    delay: [Box<[f32]>; 2],
    /// Gains wanted in the window, rising, with the frame they leave it.
    window: Box<[(u64, f32)]>,
    first: usize,
    count: usize,
    /// The last gains after release, their sum, and how many of them are below 1: a mean over the window.
    gains: Box<[f32]>,
    sum: f64,
    below: usize,
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
        let delay: Box<[f32]> = vec![0.0; frames + REACH].into();
        Limiter {
            peaks: TruePeak::new(),
            heard: f32::NAN,
            ceiling: 1.0,
            delay: [delay.clone(), delay],
            window: vec![(0, 1.0); frames + 1].into(),
            first: 0,
            count: 0,
            gains: vec![1.0; frames].into(),
            sum: frames as f64,
            below: 0,
            place: 0,
            at: 0,
            frame: 0,
            released: 1.0,
            up: Pull::NEW,
            rate: rate as f32,
        }
    }

    /// The least gain wanted in the window (a queue of candidates below 1, each smaller than what it replaces).
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
        if wanted < 1.0 {
            self.window[wrap(self.first + self.count)] = (self.frame + self.gains.len() as u64, wanted);
            self.count += 1;
        }
        if self.count > 0 { self.window[self.first].1 } else { 1.0 }
    }

    /// The gain of the next frame.
    fn gain(&mut self, wanted: f32, release: f32) -> f32 {
        let least = self.least(wanted);
        let up = self.up.part(release, self.rate);
        let risen = self.released + (least - self.released) * up;
        // Within a thousandth of a decibel is there: an endless approach would never be at rest.
        self.released = if least < self.released || least - risen < 1e-4 { least } else { risen };
        let past = std::mem::replace(&mut self.gains[self.place], self.released);
        self.below = self.below + usize::from(self.released < 1.0) - usize::from(past < 1.0);
        self.sum += f64::from(self.released) - f64::from(past);
        self.place = if self.place + 1 == self.gains.len() { 0 } else { self.place + 1 };
        self.frame += 1;
        if self.below == 0 {
            // The sum begins anew, so that rounding never gathers.
            self.sum = self.gains.len() as f64;
            return 1.0;
        }
        (self.sum / self.gains.len() as f64) as f32
    }

    /// Up to a block of frames, in place.
    fn play(&mut self, [left, right]: [&mut [f32]; 2], ceiling: f32, release: f32) {
        if ceiling != self.heard {
            self.heard = ceiling;
            // The gain moves between the samples, too: 0.1 dB for that.
            self.ceiling = amp(hold(ceiling, -60.0, 0.0) - 0.1);
        }
        let peaks = self.peaks.next([left, right], self.ceiling);
        let count = left.len();
        for (sound, delay) in [&mut *left, &mut *right].into_iter().zip(&mut self.delay) {
            let (mut rest, mut at) = (&mut sound[..], self.at);
            while !rest.is_empty() {
                let (part, later) = rest.split_at_mut(rest.len().min(delay.len() - at));
                part.swap_with_slice(&mut delay[at..at + part.len()]);
                (rest, at) = (later, 0);
            }
        }
        self.at = (self.at + count) % self.delay[0].len();
        if peaks.is_none() && self.count == 0 && self.below == 0 {
            self.frame += count as u64;
            return;
        }
        let peaks = peaks.unwrap_or([0.0; GRID]);
        for i in 0..count {
            let wanted = if peaks[i] > self.ceiling { self.ceiling / peaks[i] } else { 1.0 };
            let gain = self.gain(wanted, release);
            left[i] *= gain;
            right[i] *= gain;
        }
    }
}

impl Voice<4, 2> for Limiter {
    fn frame(&mut self, [left, right, ceiling, release]: [f32; 4]) -> [f32; 2] {
        let (mut left, mut right) = ([left], [right]);
        self.play([&mut left, &mut right], ceiling, release);
        [left[0], right[0]]
    }

    #[inline(always)]
    fn run<const L: usize>(&mut self, run: &mut Run<'_, 4, 2, L>, lane: usize) {
        let Some([ceiling, release]) = run.still_lane(2, lane) else {
            return frame_by_frame(self, run, lane);
        };
        let (count, mut left, mut right) = (run.frames().len(), [0.0; GRID], [0.0; GRID]);
        run.column(0, lane, &mut left);
        run.column(1, lane, &mut right);
        self.play([&mut left[..count], &mut right[..count]], ceiling, release);
        run.put_column(0, lane, &left);
        run.put_column(1, lane, &right);
    }

    fn reset(&mut self, _seed: u64) {
        self.peaks.clear();
        self.delay.iter_mut().for_each(|side| side.fill(0.0));
        self.window.fill((0, 1.0));
        self.gains.fill(1.0);
        self.sum = self.gains.len() as f64;
        (self.first, self.count, self.at, self.place, self.below, self.frame) = (0, 0, 0, 0, 0, 0);
        self.released = 1.0;
    }

    fn latency(&self) -> usize {
        self.delay[0].len()
    }

    fn tail(&self) -> usize {
        self.delay[0].len()
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

/// How steep it is.
const DOOR: f32 = 20.0;

impl Voice<5, 2> for NoiseGate {
    const MANY_FRAMES: bool = true;

    fn frame(&mut self, [left, right, threshold, attack, release]: [f32; 5]) -> [f32; 2] {
        self.0.frame([left, right, threshold, DOOR, attack, release])
    }

    #[inline(always)]
    fn run<const L: usize>(&mut self, run: &mut Run<'_, 5, 2, L>, lane: usize) {
        let Some([threshold, attack, release]) = run.still_lane(2, lane) else {
            return frame_by_frame(self, run, lane);
        };
        self.0.0.run(run, lane, [release, attack], |level, _| expanded(level, threshold, DOOR), 1.0);
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
            worst = worst.max(meter.next([&[y], &[y]], 0.0).map_or(0.0, |peaks| peaks[0]));
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
