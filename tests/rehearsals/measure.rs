//! What is measured of a swap: bends of the waveform, splashes in the spectrum, what is left when two takes cancel.

use std::ops::Range;
use std::sync::LazyLock;

/// Left and right.
pub type Stereo = [Vec<f32>; 2];

/// The worst second difference of both sides in a stretch of frames.
pub fn bend(sound: &Stereo, window: &Range<usize>) -> f64 {
    let side = |x: &Vec<f32>| {
        let window = window.start.saturating_sub(2)..window.end.min(x.len());
        x[window]
            .windows(3)
            .map(|w| (f64::from(w[0]) - 2.0 * f64::from(w[1]) + f64::from(w[2])).abs())
            .fold(0.0, f64::max)
    };
    sound.iter().map(side).fold(0.0, f64::max)
}

const SIZE: usize = 1024;
const HOP: usize = 128;

/// The worst short-time spectral flux of both sides in a stretch: by how much the magnitudes of all partials grow from one
/// window to the next, summed. A click is a line across the spectrum.
pub fn flux(sound: &Stereo, window: &Range<usize>) -> f64 {
    let side = |x: &Vec<f32>| {
        let mut last: Option<Vec<f32>> = None;
        let mut worst = 0.0f64;
        // Before the beginning there is silence.
        for end in (window.start..window.end + SIZE).step_by(HOP).take_while(|end| *end <= x.len()) {
            let from = end.saturating_sub(SIZE);
            let now = spectrum(SIZE - (end - from), &x[from..end]);
            if let Some(last) = last {
                worst = worst.max(now.iter().zip(&last).map(|(now, last)| f64::from((now - last).max(0.0))).sum());
            }
            last = Some(now);
        }
        worst
    };
    sound.iter().map(side).fold(0.0, f64::max)
}

/// Magnitudes of a sound after a silence, through a Hann window; a sine of full scale reads one half of its two neighbouring lines and one on its own.
fn spectrum(silence: usize, sound: &[f32]) -> Vec<f32> {
    static HANN: LazyLock<[f32; SIZE]> = LazyLock::new(|| {
        let hann = |i: usize| 0.5 - 0.5 * (std::f32::consts::TAU * i as f32 / SIZE as f32).cos();
        std::array::from_fn(|i| hann(i) * 4.0 / SIZE as f32)
    });
    let mut frame = [0.0f32; SIZE];
    frame.iter_mut().zip(HANN.iter()).skip(silence).zip(sound).for_each(|((to, hann), x)| *to = x * hann);
    microfft::real::rfft_1024(&mut frame).iter().skip(1).map(|c| (c.re * c.re + c.im * c.im).sqrt()).collect()
}

/// What is left of `heard`, divided by `times`, where it is taken from `model`: in dB below the model.
pub fn null(heard: &Stereo, model: &Stereo, times: f64, window: &Range<usize>) -> f64 {
    let (mut rest, mut whole) = (0.0, 0.0);
    for (heard, model) in heard.iter().zip(model) {
        let end = window.end.min(model.len());
        for (h, m) in heard[window.start..end].iter().zip(&model[window.start..end]) {
            rest += (f64::from(*h) / times - f64::from(*m)).powi(2);
            whole += f64::from(*m).powi(2);
        }
    }
    10.0 * ((rest + 1e-30) / whole.max(1e-30)).log10()
}

/// Root mean square of both sides in a stretch.
pub fn level(sound: &Stereo, window: &Range<usize>) -> f64 {
    let part = |x: &Vec<f32>| x[window.clone()].iter().map(|x| f64::from(*x).powi(2)).sum::<f64>();
    (sound.iter().map(part).sum::<f64>() / (2 * window.len().max(1)) as f64).sqrt()
}

/// One sound faded into another from a frame on, gently, the way a good hand does it: for comparison.
pub fn crossed(old: &Stereo, new: &Stereo, at: usize, fade: usize, equal_power: bool) -> Stereo {
    let way = |i: usize| (i as f32 - at as f32).clamp(0.0, fade as f32) / fade as f32;
    let gain = |i: usize| way(i) * way(i) * (3.0 - 2.0 * way(i));
    let law = |x: f32| if equal_power { (x * std::f32::consts::FRAC_PI_2).sin() } else { x };
    std::array::from_fn(|side| {
        let pairs = old[side].iter().zip(&new[side]).enumerate();
        pairs.map(|(i, (old, new))| old * law(1.0 - gain(i)) + new * law(gain(i))).collect()
    })
}

pub fn decibels(ratio: f64) -> f64 {
    20.0 * ratio.max(1e-12).log10()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sine(step: f32) -> Stereo {
        let side: Vec<f32> =
            (0..9600).map(|i| (i as f32 * 0.0131).sin() * 0.5 + if i >= 4800 { step } else { 0.0 }).collect();
        [side.clone(), side]
    }

    #[test]
    fn a_step_stands_out_as_a_bend_and_as_a_splash() {
        let (window, before) = (4700..5000, 1000..3000);
        let (plain, click) = (sine(0.0), sine(0.02));
        assert!(bend(&click, &window) > 10.0 * bend(&plain, &window));
        assert!(flux(&click, &window) > 3.0 * flux(&click, &before));
        assert!(flux(&plain, &window) < 1.1 * flux(&plain, &before) + 1e-6);
    }

    #[test]
    fn what_is_the_same_nulls_and_what_is_louder_nulls_when_it_is_turned_down() {
        let sound = sine(0.0);
        let louder = sound.clone().map(|side| side.iter().map(|x| x * 2.0).collect());
        assert!(null(&sound, &sound, 1.0, &(0..9600)) < -200.0);
        assert!(null(&louder, &sound, 2.0, &(0..9600)) < -140.0);
        assert!(null(&louder, &sound, 1.0, &(0..9600)).abs() < 0.01);
    }
}
