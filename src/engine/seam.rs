//! Seams: how much a swap was heard, measured as the worst bend of the waveform against the music's own.

use super::fader::Stereo;
use super::level::{bends, highest};
use super::{Frames, GRID, Report};

/// Grid blocks of music before and after a swap that it is held against: a quarter of a second, an eighth note at 120 BPM.
const AROUND: usize = 188;
/// Swaps that can be watched at the same time.
const WATCHES: usize = 16;
/// Second differences below this (−90 dB) are silence.
const FLOOR: f32 = 3e-5;

#[derive(Clone, Copy)]
struct Watch {
    at: Frames,
    /// Blocks left of the crossfade, then of the time after it.
    during: u32,
    after: u32,
    music: f32,
    worst: f32,
}

pub(super) struct Seams {
    /// The last two frames of left and right.
    last: [[f32; 2]; 2],
    /// Worst bends of the last blocks.
    past: [f32; AROUND],
    place: usize,
    watches: Vec<Watch>,
}

impl Seams {
    pub fn new() -> Self {
        Seams { last: [[0.0; 2]; 2], past: [0.0; AROUND], place: 0, watches: Vec::with_capacity(WATCHES) }
    }

    /// A swap begins with the coming block and takes `fade` frames; with others that begin there it is one. Where too many are
    /// under way, the oldest is given back.
    pub fn begin(&mut self, at: Frames, fade: u32) -> Option<Report> {
        // One block more than the fade: its last frames reach into the next.
        let during = fade.div_ceil(GRID as u32) + 1;
        if let Some(same) = self.watches.iter_mut().find(|watch| watch.at == at) {
            same.during = same.during.max(during);
            return None;
        }
        let early = (self.watches.len() == WATCHES).then(|| report(&self.watches.remove(0)));
        let music = self.past.iter().copied().fold(0.0, f32::max);
        self.watches.push(Watch { at, during, after: AROUND as u32, music, worst: 0.0 });
        early
    }

    /// Hears a block of the mix; a swap whose time is over is told.
    pub fn hear(&mut self, sound: &Stereo, mut tell: impl FnMut(Report)) {
        let worst = highest(bends(sound, &mut self.last));
        self.past[self.place] = worst;
        self.place = (self.place + 1) % AROUND;
        self.watches.retain_mut(|watch| {
            if watch.during > 0 {
                watch.during -= 1;
                watch.worst = watch.worst.max(worst);
                return true;
            }
            watch.music = watch.music.max(worst);
            watch.after -= 1;
            if watch.after == 0 {
                tell(report(watch));
            }
            watch.after > 0
        });
    }
}

fn report(watch: &Watch) -> Report {
    let discontinuity = if watch.worst < FLOOR { 0.0 } else { watch.worst / watch.music.max(FLOOR) };
    Report::Swap { at: watch.at, discontinuity }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The discontinuity of a swap at block 200 in a 100 Hz sine, with a step of `step` in its window.
    fn measured(step: f32) -> f32 {
        let mut seams = Seams::new();
        let mut told = vec![];
        for block in 0..450u64 {
            if block == 200 {
                assert!(seams.begin(block * GRID as u64, 64).is_none());
            }
            let wave: [f32; GRID] = std::array::from_fn(|i| {
                let frame = block * GRID as u64 + i as u64;
                (frame as f32 * 0.0131).sin() + if frame >= 201 * GRID as u64 { step } else { 0.0 }
            });
            seams.hear(&[wave; 2], |report| told.push(report));
        }
        match told[..] {
            [Report::Swap { at: 12_800, discontinuity }] => discontinuity,
            ref other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_swap_that_is_not_heard_is_no_worse_than_the_music() {
        assert!(measured(0.0) <= 1.05);
    }

    #[test]
    fn a_click_stands_out() {
        assert!(measured(0.1) > 100.0);
    }
}
