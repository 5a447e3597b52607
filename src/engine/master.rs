//! The guard at the end of the master, which nothing removes: a DC block and a look-ahead true-peak ceiling.
//!
//! Below the ceiling it is transparent: apart from the delay and what the DC block takes away, not a bit changes.

use std::collections::VecDeque;
use std::f64::consts::TAU;

use super::GRID;
use super::fader::{SILENCE, Stereo};

/// −1 dBTP, less 0.4 dB by which two interpolators may differ near the upper end of the spectrum.
const CEILING: f32 = 0.851;
/// Corner of the DC block, in Hz.
const CORNER: f64 = 5.0;
/// How long the gain takes down before a peak, and up after it, in seconds.
const ATTACK: f64 = 0.002;
const RELEASE: f64 = 0.08;

/// Interpolator for four times the rate: ITU-R BS.1770-5, annex 2. Phases 2 and 3 are 1 and 0 turned round.
const TAPS: usize = 12;
const PHASES: [[f32; TAPS]; 2] = [
    [
        0.001_708_984_4,
        0.010_986_328,
        -0.019_653_32,
        0.033_203_125,
        -0.059_448_242,
        0.137_329_1,
        0.972_167_97,
        -0.102_294_92,
        0.047_607_422,
        -0.026_611_328,
        0.014_892_578,
        -0.008_300_781,
    ],
    [
        -0.029_174_805,
        0.029_296_875,
        -0.051_757_812,
        0.089_111_33,
        -0.166_503_9,
        0.465_087_9,
        0.779_785_16,
        -0.200_317_38,
        0.101_562_5,
        -0.058_227_54,
        0.033_081_055,
        -0.018_920_898,
    ],
];
/// No phase raises a peak by more than the sum of its magnitudes.
const WORST: f32 = 2.03;
/// Frames by which the interpolator lags, and some on both sides so that the gain holds still around a peak.
const MARGIN: usize = 8;

/// A first-order high-pass.
#[derive(Clone, Copy, Default)]
struct DcBlock {
    last: f64,
    state: f64,
}

impl DcBlock {
    fn step(&mut self, x: f32, pole: f64) -> f32 {
        let x = x as f64;
        self.state = x - self.last + pole * self.state;
        if self.state.abs() < 1e-10 {
            self.state = 0.0;
        }
        self.last = x;
        (self.state * (1.0 + pole) * 0.5) as f32
    }
}

pub(super) struct Guard {
    pole: f64,
    dc: [DcBlock; 2],
    /// The last frames before this block and the block, oldest first.
    line: [[f32; TAPS - 1 + GRID]; 2],
    delay: [Box<[f32]>; 2],
    place: usize,
    envelope: Envelope,
}

impl Guard {
    pub fn new(rate: f64) -> Self {
        let window = (ATTACK * rate).round().max(1.0) as usize;
        let delay = vec![0.0; window + MARGIN - 1].into_boxed_slice();
        Guard {
            pole: (-TAU * CORNER / rate).exp(),
            dc: Default::default(),
            line: [[0.0; TAPS - 1 + GRID]; 2],
            envelope: Envelope::new(window, delay.len(), rate),
            delay: [delay.clone(), delay],
            place: 0,
        }
    }

    /// Frames by which the output lags.
    pub fn latency(&self) -> usize {
        self.delay[0].len()
    }

    /// As new.
    pub fn reset(&mut self) {
        self.dc = Default::default();
        self.line = [[0.0; TAPS - 1 + GRID]; 2];
        self.delay.iter_mut().for_each(|side| side.fill(0.0));
        self.envelope.reset();
    }

    /// One block, in place; every sample must be a number.
    pub fn play(&mut self, sound: &mut Stereo) {
        let mut needs = [1.0; GRID];
        for side in 0..2 {
            for x in &mut sound[side] {
                *x = self.dc[side].step(*x, self.pole);
            }
            let line = &mut self.line[side];
            line.copy_within(GRID.., 0);
            line[TAPS - 1..].copy_from_slice(&sound[side]);
            measure(line, &mut needs);
        }
        let gains = self.envelope.follow(&needs);
        let length = self.delay[0].len();
        for i in 0..GRID {
            for side in 0..2 {
                let late = std::mem::replace(&mut self.delay[side][self.place], sound[side][i]);
                sound[side][i] = gains.map_or(late, |gains| late * gains[i]);
            }
            self.place = (self.place + 1) % length;
        }
    }
}

/// Lowers `needs` to the gain that brings each frame's true peak below the ceiling.
fn measure(line: &[f32; TAPS - 1 + GRID], needs: &mut [f32; GRID]) {
    let loudest = line.iter().fold(0.0f32, |peak, x| peak.max(x.abs()));
    if loudest * WORST <= CEILING {
        return;
    }
    for (i, need) in needs.iter_mut().enumerate() {
        let frames = &line[i..i + TAPS];
        let mut peak = frames[TAPS / 2].abs();
        for phase in &PHASES {
            let there: f32 = frames.iter().zip(phase).map(|(x, tap)| x * tap).sum();
            let back: f32 = frames.iter().zip(phase.iter().rev()).map(|(x, tap)| x * tap).sum();
            peak = peak.max(there.abs()).max(back.abs());
        }
        if peak > CEILING {
            *need = need.min(CEILING / peak);
        }
    }
}

/// Gain over time: the lowest need in sight, released exponentially, smoothed to straight lines.
struct Envelope {
    frame: u64,
    hold: u64,
    /// Needs below 1 in sight, rising from the lowest: (frame, need).
    lowest: VecDeque<(u64, f32)>,
    released: f32,
    release: f32,
    /// The last `released` gains, their sum and how many of them are below 1.
    window: Box<[f32]>,
    place: usize,
    sum: f64,
    below: usize,
    gains: [f32; GRID],
}

impl Envelope {
    fn new(window: usize, hold: usize, rate: f64) -> Self {
        Envelope {
            frame: 0,
            hold: hold as u64,
            lowest: VecDeque::with_capacity(hold + 1),
            released: 1.0,
            release: (1.0 - (-1.0 / (RELEASE * rate)).exp()) as f32,
            window: vec![1.0; window].into_boxed_slice(),
            place: 0,
            sum: window as f64,
            below: 0,
            gains: [1.0; GRID],
        }
    }

    fn reset(&mut self) {
        self.lowest.clear();
        self.released = 1.0;
        self.window.fill(1.0);
        self.sum = self.window.len() as f64;
        self.below = 0;
    }

    /// Gains of a block; None where all are 1.
    fn follow(&mut self, needs: &[f32; GRID]) -> Option<&[f32; GRID]> {
        let calm = self.lowest.is_empty() && self.released == 1.0 && self.below == 0;
        if calm && needs.iter().all(|need| *need == 1.0) {
            self.frame += GRID as u64;
            return None;
        }
        for i in 0..GRID {
            self.gains[i] = self.step(needs[i]);
        }
        Some(&self.gains)
    }

    fn step(&mut self, need: f32) -> f32 {
        while self.lowest.front().is_some_and(|(frame, _)| frame + self.hold <= self.frame) {
            self.lowest.pop_front();
        }
        if need < 1.0 {
            while self.lowest.back().is_some_and(|(_, later)| *later >= need) {
                self.lowest.pop_back();
            }
            self.lowest.push_back((self.frame, need));
        }
        self.frame += 1;
        let lowest = self.lowest.front().map_or(1.0, |(_, need)| *need);
        let risen = self.released + (1.0 - self.released) * self.release;
        self.released = lowest.min(if risen > 0.999_99 { 1.0 } else { risen });
        let past = std::mem::replace(&mut self.window[self.place], self.released);
        self.place = (self.place + 1) % self.window.len();
        self.below = self.below + usize::from(self.released < 1.0) - usize::from(past < 1.0);
        if self.below == 0 {
            // The sum begins anew so that rounding never gathers and unity is exactly 1.
            self.sum = self.window.len() as f64;
            return 1.0;
        }
        self.sum += self.released as f64 - past as f64;
        (self.sum / self.window.len() as f64).min(1.0) as f32
    }
}

/// Takes a block for what it is worth: nonsense becomes silence. False where it was nonsense.
pub(super) fn scrub(sound: &mut Stereo) -> bool {
    let sane = super::fader::sane(sound);
    if !sane {
        *sound = SILENCE;
    }
    sane
}
