//! Reverbs: rooms, plates and halls, made of delays that feed each other.

use fundsp::prelude32::reverb_stereo;

use super::delays::{blend, mix};
use super::filters::{hold, warp};
use super::kernel::{Voice, frame_by_frame, voice};
use super::lines::{Lines, SWAYED};
use super::past::Past;
use super::phases::sine;
use super::poles::{Pole, Share};
use super::row::make;
use super::unit::unit;
use super::{Param, Row};
use crate::engine::processor::{Task, at_full_width, each};
use crate::engine::schedule::Run;
use crate::engine::{GRID, LANES};

/// An allpass of a fixed length.
#[derive(Clone)]
struct Diffuser {
    past: Past,
    frames: usize,
    amount: f32,
}

impl Diffuser {
    /// `samples` at 29,761 Hz, the rate of Dattorro's paper.
    fn new(samples: f64, rate: f64, amount: f32) -> Self {
        let frames = samples * rate / 29_761.0;
        Diffuser { past: Past::new(frames + 64.0), frames: frames as usize, amount }
    }

    #[inline(always)]
    fn next(&mut self, x: f32) -> f32 {
        self.through(x, self.past.whole(self.frames - 1))
    }

    /// Many frames in a row, in place.
    #[inline(always)]
    fn pass(&mut self, line: &mut [f32]) {
        let mut old = [0.0; GRID];
        let count = line.len().min(GRID);
        if self.frames <= count {
            return line.iter_mut().for_each(|x| *x = self.next(*x));
        }
        self.past.stretch(self.frames - 1, &mut old[..count]);
        let mut new = [0.0; GRID];
        for ((x, old), new) in line.iter_mut().zip(&old).zip(&mut new) {
            *new = *x + self.amount * old;
            *x = old - self.amount * *new;
        }
        self.past.push_all(&new[..count]);
    }

    /// The same with its length moved by some frames.
    #[inline(always)]
    fn swayed(&mut self, x: f32, by: f32) -> f32 {
        self.through(x, self.past.read(self.frames as f32 + by - 1.0))
    }

    #[inline(always)]
    fn through(&mut self, x: f32, old: f32) -> f32 {
        let new = x + self.amount * old;
        self.past.push(new);
        old - self.amount * new
    }
}

/// Jon Dattorro's plate ("Effect design, part 1", JAES 1997): four diffusers into a figure of eight.
#[derive(Clone)]
struct Plate {
    entry: [Diffuser; 4],
    sway: [Diffuser; 2],
    first: [Past; 2],
    spread: [Diffuser; 2],
    second: [Past; 2],
    dark: [Pole; 2],
    tone: Share,
    band: Pole,
    top: Share,
    back: [f32; 2],
    phase: u32,
    step: u32,
    heard: f32,
    keep: f32,
    rate: f32,
}

/// Delays of the tank's two halves, in samples at 29,761 Hz.
const FIRST: [f64; 2] = [4453.0, 4217.0];
const SECOND: [f64; 2] = [3720.0, 3163.0];
const LOOP: f64 = 672.0 + 4453.0 + 1800.0 + 3720.0 + 908.0 + 4217.0 + 2656.0 + 3163.0;

impl Plate {
    fn new(rate: f64) -> Self {
        let past = |samples: f64| Past::new(samples * rate / 29_761.0 + 4.0);
        let diffuser = |samples, amount| Diffuser::new(samples, rate, amount);
        Plate {
            entry: [diffuser(142.0, 0.75), diffuser(107.0, 0.75), diffuser(379.0, 0.625), diffuser(277.0, 0.625)],
            sway: [diffuser(672.0, -0.7), diffuser(908.0, -0.7)],
            first: FIRST.map(past),
            spread: [diffuser(1800.0, 0.5), diffuser(2656.0, 0.5)],
            second: SECOND.map(past),
            dark: [Pole::default(); 2],
            tone: Share::NEW,
            band: Pole::default(),
            top: Share::NEW,
            back: [0.0; 2],
            phase: 0,
            step: (4_294_967_296.0 / rate) as u32,
            heard: f32::NAN,
            keep: 0.0,
            rate: rate as f32,
        }
    }

    /// Frames of a place in the paper's samples.
    #[inline(always)]
    fn at(&self, samples: f32) -> usize {
        (samples * self.rate / 29_761.0) as usize
    }

    /// The paper's seven taps for one side; the other side is its mirror.
    #[inline(always)]
    fn side(&self, a: usize, taps: [f32; 7]) -> f32 {
        let b = 1 - a;
        0.6 * (self.first[b].whole(self.at(taps[0])) + self.first[b].whole(self.at(taps[1]))
            - self.spread[b].past.whole(self.at(taps[2]))
            + self.second[b].whole(self.at(taps[3]))
            - self.first[a].whole(self.at(taps[4]))
            - self.spread[a].past.whole(self.at(taps[5]))
            - self.second[a].whole(self.at(taps[6])))
    }
}

impl Voice<5, 2> for Plate {
    fn frame(&mut self, [left, right, time, damping, mix]: [f32; 5]) -> [f32; 2] {
        if time != self.heard {
            self.heard = time;
            // Each half loses its part of 60 dB in `time` seconds, at two gains per half.
            let seconds = LOOP as f32 / 29_761.0;
            self.keep = hold(0.001f32.powf(seconds / 4.0 / hold(time, 0.1, 60.0)), 0.0, 0.9995);
        }
        let rate = self.rate;
        let tone =
            self.tone.of(damping, |damping| warp(18_000.0 * (1.0 - hold(damping, 0.0, 1.0)).powi(2) + 400.0, rate));
        let top = self.top.of(12_000.0, |cutoff| warp(cutoff, rate));
        let mut x = self.band.lower(0.5 * (left + right), top);
        for diffuser in &mut self.entry {
            x = diffuser.next(x);
        }
        self.phase = self.phase.wrapping_add(self.step);
        let sway = 8.0 * self.rate / 29_761.0;
        let sways = [sway * sine(self.phase), sway * sine(self.phase.wrapping_add(1 << 30))];
        let back = self.back;
        for half in 0..2 {
            let y = self.sway[half].swayed(x + self.keep * back[1 - half], sways[half]);
            self.first[half].push(y);
            let y = self.first[half].whole(self.at(FIRST[half] as f32));
            let y = self.keep * self.dark[half].lower(y, tone);
            let y = self.spread[half].next(y);
            self.second[half].push(y);
            self.back[half] = self.second[half].whole(self.at(SECOND[half] as f32));
        }
        let l = self.side(0, [266.0, 2974.0, 1913.0, 1996.0, 1990.0, 187.0, 1066.0]);
        let r = self.side(1, [353.0, 3627.0, 1228.0, 2673.0, 2111.0, 335.0, 121.0]);
        [blend(left, l, mix), blend(right, r, mix)]
    }

    fn reset(&mut self, _seed: u64) {
        let diffusers = self.entry.iter_mut().chain(&mut self.sway).chain(&mut self.spread);
        let pasts = diffusers.map(|d| &mut d.past).chain(&mut self.first).chain(&mut self.second);
        pasts.for_each(Past::clear);
        self.dark = [Pole::default(); 2];
        self.band = Pole::default();
        self.back = [0.0; 2];
        self.phase = 0;
    }

    fn tail(&self) -> usize {
        self.first.iter().chain(&self.second).map(Past::len).sum()
    }
}

/// Lines of the network: lengths in seconds, without common measure.
const LINES: [f64; 8] = [0.0297, 0.0371, 0.0411, 0.0437, 0.0532, 0.0617, 0.0689, 0.0797];

/// Eight delays mixed by Hadamard's matrix (Jot and Chaigne, AES 1991), each damped so that all decay alike.
#[derive(Clone)]
struct Network {
    entry: [[Diffuser; 2]; 2],
    lines: Lines,
    frames: [f32; 8],
    /// What each line's pole remembers, and how far all of them go.
    dark: [f32; 8],
    tone: Share,
    thump: [Pole; 2],
    below: Share,
    keep: [f32; 8],
    heard: f32,
    phase: u32,
    step: u32,
    rate: f32,
    /// Nothing has come in since it was clear: every piece has a room, and most stand empty for a while.
    empty: bool,
}

impl Network {
    /// `size` stretches the room: 1 is a concert hall's stage.
    fn new(rate: f64, size: f64) -> Self {
        let diffuser = |samples| Diffuser::new(samples * size, rate, 0.65);
        Network {
            entry: [[diffuser(142.0), diffuser(379.0)], [diffuser(151.0), diffuser(359.0)]],
            lines: Lines::new(LINES.map(|s| s * size * rate + 64.0)),
            frames: LINES.map(|s| (s * size * rate) as f32),
            dark: [0.0; 8],
            tone: Share::NEW,
            thump: [Pole::default(); 2],
            below: Share::NEW,
            keep: [0.0; 8],
            heard: f32::NAN,
            phase: 0,
            step: (4_294_967_296.0 * 0.7 / rate) as u32,
            rate: rate as f32,
            empty: true,
        }
    }
}

/// Sums and differences of what stands `REACH` apart: three of them are Hadamard's matrix.
#[inline(always)]
fn butterfly<const REACH: usize>(x: [f32; 8]) -> [f32; 8] {
    each!(8, k => if k & REACH == 0 { x[k] + x[k + REACH] } else { x[k - REACH] - x[k] })
}

impl Network {
    /// What its parameters come to: how far its poles go, those that darken and those that take the rumble away.
    #[inline(always)]
    fn hear(&mut self, time: f32, damping: f32) -> [f32; 2] {
        if time != self.heard {
            self.heard = time;
            let time = hold(time, 0.05, 60.0) * self.rate;
            self.keep = self.frames.map(|frames| hold(0.001f32.powf(frames / time), 0.0, 0.9999));
        }
        let rate = self.rate;
        let tone =
            self.tone.of(damping, |damping| warp(19_000.0 * (1.0 - hold(damping, 0.0, 1.0)).powi(2) + 300.0, rate));
        [tone, self.below.of(20.0, |cutoff| warp(cutoff, rate))]
    }

    /// The length of a line that sways by a fifth of a millisecond: no resonance stands.
    #[inline(always)]
    fn length(&self, line: usize, phase: u32) -> f32 {
        let sway = sine(phase.wrapping_add((line as u32) << 30)) * 0.0001 * self.rate;
        self.frames[line] + sway - 1.0
    }

    /// One frame through the matrix: what came out of the lines, and what has come in through the diffusers.
    #[inline(always)]
    fn mingle(&mut self, heard: [f32; 8], x: [f32; 2], [tone, below]: [f32; 2]) -> [f32; 2] {
        let way: [f32; 8] = each!(8, k => (heard[k] - self.dark[k]) * tone);
        let low: [f32; 8] = each!(8, k => way[k] + self.dark[k]);
        self.dark = each!(8, k => low[k] + way[k]);
        let y: [f32; 8] = each!(8, k => low[k] * self.keep[k]);
        let mut out = [0.0; 2];
        for side in 0..2 {
            let sum = y[side] - y[side + 2] + y[side + 4] - y[side + 6];
            out[side] = 0.4 * (sum - self.thump[side].lower(sum, below));
        }
        let y = butterfly::<4>(butterfly::<2>(butterfly::<1>(y)));
        self.lines.push(each!(8, k => y[k] * 0.353_553_4 + x[k % 2]));
        out
    }
}

impl Voice<5, 2> for Network {
    fn frame(&mut self, [left, right, time, damping, mix]: [f32; 5]) -> [f32; 2] {
        self.empty &= left == 0.0 && right == 0.0;
        let poles = self.hear(time, damping);
        let mut x = [left, right];
        for (x, diffusers) in x.iter_mut().zip(&mut self.entry) {
            for diffuser in diffusers {
                *x = diffuser.next(*x);
            }
        }
        self.phase = self.phase.wrapping_add(self.step);
        let mut heard = [0.0; 8];
        for (k, heard) in heard.iter_mut().enumerate() {
            *heard = if k < SWAYED {
                self.lines.read(k, self.length(k, self.phase))
            } else {
                self.lines.whole(k, self.frames[k] as usize - 1)
            };
        }
        let out = self.mingle(heard, x, poles);
        [blend(left, out[0], mix), blend(right, out[1], mix)]
    }

    #[inline(always)]
    fn run<const L: usize>(&mut self, run: &mut Run<'_, 5, 2, L>, lane: usize) {
        let count = run.frames().len();
        // Nothing that is heard in this run is written in it.
        let long = self.frames.iter().all(|frames| *frames > (count + 8) as f32 + 0.0001 * self.rate);
        let Some([time, damping, mix]) = run.still_lane(2, lane).filter(|_| long) else {
            return frame_by_frame(self, run, lane);
        };
        let mut sides = [[0.0; GRID]; 2];
        for (k, side) in sides.iter_mut().enumerate() {
            run.column(k, lane, side);
        }
        self.empty &= sides == [[0.0; GRID]; 2];
        if self.empty {
            self.phase = self.phase.wrapping_add(self.step.wrapping_mul(count as u32));
            (0..2).for_each(|k| run.put_column(k, lane, &[0.0; GRID]));
            return;
        }
        let poles = self.hear(time, damping);
        let wet = at_full_width::<LANES, _>(Block { network: self, sides: &sides, count, poles });
        for (k, (side, wet)) in sides.iter_mut().zip(&wet).enumerate() {
            for (x, wet) in side.iter_mut().zip(wet) {
                *x = blend(*x, *wet, mix);
            }
            run.put_column(k, lane, side);
        }
    }

    fn reset(&mut self, _seed: u64) {
        self.entry.iter_mut().flatten().for_each(|diffuser| diffuser.past.clear());
        self.lines.clear();
        self.dark = [0.0; 8];
        self.thump = [Pole::default(); 2];
        self.phase = 0;
        self.empty = true;
    }

    fn tail(&self) -> usize {
        self.lines.tail()
    }
}

/// A block through the network.
struct Block<'a> {
    network: &'a mut Network,
    sides: &'a [[f32; GRID]; 2],
    count: usize,
    poles: [f32; 2],
}

impl Task for Block<'_> {
    type Gives = [[f32; GRID]; 2];

    #[inline(always)]
    fn go(self) -> [[f32; GRID]; 2] {
        let Block { network, sides, count, poles } = self;
        let count = count.min(GRID);
        let mut entered = *sides;
        for (line, diffusers) in entered.iter_mut().zip(&mut network.entry) {
            for diffuser in diffusers {
                diffuser.pass(&mut line[..count]);
            }
        }
        let (phase, step) = (network.phase, network.step);
        network.phase = phase.wrapping_add(step.wrapping_mul(count as u32));
        let mut swayed = [[0.0; GRID]; SWAYED];
        for (k, lengths) in swayed.iter_mut().enumerate() {
            *lengths = each!(GRID, i => network.length(k, phase.wrapping_add(step.wrapping_mul(i as u32 + 1))));
        }
        let lengths = each!(8, k => network.frames[k] as usize - 1);
        let mut heard = [[0.0; 8]; GRID];
        network.lines.glance(&lengths, &swayed, &mut heard[..count]);
        let mut out = [[0.0; GRID]; 2];
        for i in 0..count {
            let wet = network.mingle(heard[i], [entered[0][i], entered[1][i]], poles);
            (out[0][i], out[1][i]) = (wet[0], wet[1]);
        }
        out
    }
}

const fn time(default: f32) -> Param {
    Param::signal("time", "s", 0.05, 60.0, default)
}

const DAMPING: Param = Param::signal("damping", "", 0.0, 1.0, 0.5);

const REVERB: &[Param] = &[time(2.0), DAMPING, mix(1.0)];

const fn reverb(name: &'static str, aliases: &'static [&'static str], doc: &'static str) -> Row {
    Row {
        name,
        aliases,
        category: "reverbs",
        doc,
        example: "",
        inputs: 2,
        outputs: 2,
        params: REVERB,
        make: make!(|b| voice::<_, 5, 2, _>(Network::new(b.rate, 1.0))),
    }
}

pub const ROWS: &[Row] = &[
    Row {
        example: "sine(660) * (impulse(1) >> perc(0.001, 0.1)) * 0.4 >> reverb(3, 0.4, 0.4)",
        ..reverb(
            "reverb",
            &["reverb_stereo"],
            "A room that dies away by 60 dB in `time` seconds; `damping` 0 is bright, 1 dark. By default only the room, as a bus wants it; `mix` 0.3 keeps the dry sound, too. (Feedback delay network, Jot 1991.)",
        )
    },
    Row {
        example: "sine(660) * (impulse(1) >> perc(0.001, 0.1)) * 0.4 >> small_room(0.5, 0.5, 0.4)",
        params: &[time(0.6), DAMPING, mix(1.0)],
        make: make!(|b| voice::<_, 5, 2, _>(Network::new(b.rate, 0.3))),
        ..reverb(
            "small_room",
            &["chamber"],
            "A small room: early, dense, short. `time` in seconds, `damping` 0 bright to 1 dark, `mix` as in reverb.",
        )
    },
    Row {
        example: "sine(660) * (impulse(1) >> perc(0.001, 0.1)) * 0.4 >> plate(2, 0.3, 0.4)",
        make: make!(|b| voice::<_, 5, 2, _>(Plate::new(b.rate))),
        ..reverb(
            "plate",
            &["dattorro"],
            "A steel plate: instantly dense, shimmering; good on voices and drums. `time` in seconds, `damping` 0 bright to 1 dark. (Dattorro, JAES 1997.)",
        )
    },
    Row {
        example: "sine(660) * (impulse(1) >> perc(0.001, 0.1)) * 0.4 >> hall(30, 4, 0.5)",
        params: &[
            Param::built("size", "m", 1.0, 100.0, 20.0),
            Param::built("time", "s", 0.1, 60.0, 3.0),
            Param::built("damping", "", 0.0, 1.0, 0.5),
        ],
        make: make!(|b| {
            let [size, time, damping] = [b.values[0], b.values[1], b.values[2]];
            // Measured: it takes twice the time asked for, and comes out 6 dB below the other reverbs.
            unit(b.rate, reverb_stereo(size, 0.52 * time, damping) * 2.0)
        }),
        ..reverb(
            "hall",
            &[],
            "A large hall of 32 delays; `size` in metres, `time` in seconds, `damping` 0 bright to 1 dark. Only the room, without the dry sound. (fundsp's reverb_stereo.)",
        )
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::ugens::Build;
    use crate::graph::ugens::unit::Node;

    /// Two seconds of what a click becomes in a reverb of two seconds.
    fn response(row: &Row) -> Vec<[f32; 2]> {
        let built = row.params.iter().any(|p| p.name == "size");
        let values: &[f32] = if built { &[20.0, 2.0, 0.2] } else { &[] };
        let mut input = if built { vec![0.0; 2] } else { vec![0.0, 0.0, 2.0, 0.2, 1.0] };
        let mut node = Node::new((row.make.one)(&Build { rate: 48_000.0, values }), input.len(), 2);
        let mut frame = |n: usize| {
            let mut out = [0.0; 2];
            input[..2].fill(f32::from(n == 0));
            fundsp::prelude::AudioUnit::tick(&mut node, &input, &mut out);
            out
        };
        (0..96_000).map(&mut frame).collect()
    }

    #[test]
    fn every_reverb_dies_away_in_the_time_asked_for() {
        for row in ROWS {
            let mut energies: Vec<f64> = response(row).iter().map(|[l, r]| f64::from(l * l + r * r)).collect();
            // Schroeder's backward integral, from -5 to -25 dB.
            energies.iter_mut().rev().fold(0.0, |sum, e| {
                *e += sum;
                *e
            });
            let when = |db: f64| energies.iter().position(|e| *e < energies[0] * 10f64.powf(db / 10.0)).unwrap();
            let seconds = 3.0 * (when(-25.0) - when(-5.0)) as f64 / 48_000.0;
            assert!((1.4..2.6).contains(&seconds), "{} takes {seconds:.2} s for 2 s", row.name);
        }
    }

    /// Abel and Huang ("A simple, robust measure of reverberation echo density", AES 2006): how many frames stand out of
    /// their neighbourhood, as a share of those of a dense noise.
    fn density(sound: &[f32]) -> f32 {
        let deviation = (sound.iter().map(|x| x * x).sum::<f32>() / sound.len() as f32).sqrt();
        let out = sound.iter().filter(|x| x.abs() > deviation).count();
        out as f32 / sound.len() as f32 / 0.3173
    }

    #[test]
    fn echoes_are_as_dense_as_noise_within_half_a_second() {
        for row in ROWS {
            let heard = response(row);
            for side in 0..2 {
                let late: Vec<f32> = heard[24_000..36_000].iter().map(|frame| frame[side]).collect();
                let worst = late.chunks_exact(1200).map(density).fold(f32::MAX, f32::min);
                assert!(worst > 0.8, "{}: {worst:.2} of a noise", row.name);
            }
        }
    }

    #[test]
    fn no_resonance_stands_out_of_a_tail() {
        // A small room that rang for two seconds would be made of tin.
        for row in ROWS.iter().filter(|row| row.name != "small_room") {
            let heard = response(row);
            // Two thirds of a second, its decay taken back, at every hertz and a half between 500 Hz and 1.4 kHz.
            let power = |hz: f64| {
                let (mut re, mut im) = (0.0, 0.0);
                for (n, [x, _]) in heard[24_000..57_000].iter().enumerate() {
                    let time = n as f64 / 48_000.0;
                    let window = (std::f64::consts::PI * n as f64 / 33_000.0).sin().powi(2);
                    let x = f64::from(*x) * 10f64.powf(1.5 * time) * window;
                    let angle = std::f64::consts::TAU * hz * time;
                    re += x * angle.cos();
                    im += x * angle.sin();
                }
                re * re + im * im
            };
            let powers: Vec<f64> = (0..600).map(|n| power(500.0 + 1.5 * f64::from(n))).collect();
            let mean = powers.iter().sum::<f64>() / powers.len() as f64;
            let worst = 10.0 * (powers.iter().fold(0.0, |most: f64, p| most.max(*p)) / mean).log10();
            // Of a noise the highest of so many stands 8 to 9 dB above the mean.
            assert!(worst < 13.0, "{}: {worst:.1} dB", row.name);
        }
    }
}
