//! What can be measured of a rendered sound: loudness, peak, onsets and the balance of its bands.

use ebur128::{EbuR128, Mode};

/// Interleaved stereo.
pub struct Sound {
    pub samples: Vec<f32>,
    pub rate: u32,
}

/// What stays the same as long as a piece sounds the same.
#[derive(Clone, Debug, PartialEq)]
pub struct Fingerprint {
    /// Integrated, LUFS.
    pub loudness: f64,
    /// dBTP.
    pub peak: f64,
    /// How often the sound gets up.
    pub onsets: usize,
    /// Share of the energy below 120, 500, 2000, 6000 Hz and above, in dB.
    pub bands: [f64; 5],
}

const CROSSOVERS: [f64; 4] = [120.0, 500.0, 2000.0, 6000.0];

impl Sound {
    fn meter(&self, mode: Mode) -> EbuR128 {
        let mut meter = EbuR128::new(2, self.rate, mode).unwrap();
        meter.add_frames_f32(&self.samples).unwrap();
        meter
    }

    /// Integrated loudness in LUFS; minus infinity for silence.
    pub fn loudness(&self) -> f64 {
        self.meter(Mode::I).loudness_global().unwrap()
    }

    /// True peak in dBTP.
    pub fn peak(&self) -> f64 {
        let meter = self.meter(Mode::TRUE_PEAK);
        20.0 * meter.true_peak(0).unwrap().max(meter.true_peak(1).unwrap()).max(1e-9).log10()
    }

    pub fn mono(&self) -> Vec<f64> {
        self.samples.chunks_exact(2).map(|f| f64::from(f[0] + f[1]) * 0.5).collect()
    }

    /// Root mean square of a stretch of seconds.
    pub fn level(&self, from: f64, to: f64) -> f64 {
        let at = |s: f64| ((s * f64::from(self.rate)) as usize * 2).min(self.samples.len());
        let part = &self.samples[at(from)..at(to)];
        (part.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>() / part.len().max(1) as f64).sqrt()
    }

    /// Rises of 6 dB and more within 30 ms, over 1 % of full scale, 60 ms apart at least.
    pub fn onsets(&self) -> usize {
        let hop = self.rate as usize / 100;
        let mono = self.mono();
        let steps: Vec<f64> =
            mono.chunks(hop).map(|c| (c.iter().map(|x| x * x).sum::<f64>() / c.len() as f64).sqrt()).collect();
        let (mut count, mut last) = (0, -6isize);
        for i in 0..steps.len() {
            let before = steps[i.saturating_sub(3)..i].iter().copied().fold(f64::INFINITY, f64::min);
            let rises = steps[i] > 0.01 && (i == 0 || steps[i] > 2.0 * before);
            if rises && i as isize - last >= 6 {
                count += 1;
                last = i as isize;
            }
        }
        count
    }

    /// Energy shares of five bands in dB, through second-order crossovers.
    pub fn bands(&self) -> [f64; 5] {
        let mono = self.mono();
        let below = CROSSOVERS.map(|hz| energy(&lowpassed(&mono, hz, f64::from(self.rate))));
        let whole = energy(&mono).max(1e-12);
        let mut edges = vec![0.0];
        edges.extend(below);
        edges.push(whole);
        std::array::from_fn(|i| 10.0 * ((edges[i + 1] - edges[i]).max(0.0) / whole).max(1e-9).log10())
    }

    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint { loudness: self.loudness(), peak: self.peak(), onsets: self.onsets(), bands: self.bands() }
    }
}

fn energy(x: &[f64]) -> f64 {
    x.iter().map(|x| x * x).sum()
}

/// Twice the Butterworth low-pass of the RBJ cookbook.
fn lowpassed(x: &[f64], hz: f64, rate: f64) -> Vec<f64> {
    let w = std::f64::consts::TAU * hz / rate;
    let (alpha, cos) = (w.sin() / std::f64::consts::SQRT_2, w.cos());
    let (a0, a1, a2) = (1.0 + alpha, -2.0 * cos, 1.0 - alpha);
    let (b0, b1) = ((1.0 - cos) / 2.0 / a0, (1.0 - cos) / a0);
    let mut y = x.to_vec();
    for _ in 0..2 {
        let (mut s1, mut s2) = (0.0, 0.0);
        for v in &mut y {
            let out = b0 * *v + s1;
            s1 = b1 * *v - a1 / a0 * out + s2;
            s2 = b0 * *v - a2 / a0 * out;
            *v = out;
        }
    }
    y
}

impl Fingerprint {
    /// One line: `-16.2 LUFS  -1.2 dBTP  128 onsets  bands -8.1 -3.2 -7.0 -12.4 -14.0`.
    pub fn line(&self) -> String {
        let bands: Vec<String> = self.bands.iter().map(|b| format!("{b:.1}")).collect();
        format!("{:.1} {:.1} {} {}", self.loudness, self.peak, self.onsets, bands.join(" "))
    }

    pub fn parse(line: &str) -> Option<Fingerprint> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let number = |i: usize| words.get(i)?.parse::<f64>().ok();
        let bands = [number(3)?, number(4)?, number(5)?, number(6)?, number(7)?];
        Some(Fingerprint { loudness: number(0)?, peak: number(1)?, onsets: number(2)? as usize, bands })
    }

    /// Alike to the ear: half a dB everywhere it counts, and onsets within one in ten.
    pub fn alike(&self, other: &Fingerprint) -> bool {
        let near = |a: f64, b: f64, by: f64| (a - b).abs() <= by;
        near(self.loudness, other.loudness, 0.5)
            && near(self.peak, other.peak, 1.0)
            && self.onsets.abs_diff(other.onsets) <= 1 + self.onsets / 10
            && self.bands.iter().zip(other.bands).all(|(&a, b)| near(a, b, 0.7) || (a < -30.0 && b < -30.0))
    }
}
