//! Meters: peak and mean level of a strip, told every 2048 frames.

use super::fader::Stereo;
use super::level::powers;
use super::{Frames, GRID, Place, Report};

/// Grid blocks between two readings.
const BLOCKS: Frames = 32;

#[derive(Clone, Copy, Default)]
pub(super) struct Meter {
    peak: [f32; 2],
    power: [f32; 2],
    /// The last reading was not silence.
    shown: bool,
}

impl Meter {
    /// Whether a reading is due at the end of the block that begins at `block`.
    pub fn due(block: Frames) -> bool {
        (block / GRID as Frames) % BLOCKS == BLOCKS - 1
    }

    /// Hears a block whose peaks are known.
    pub fn hear(&mut self, sound: &Stereo, peaks: [f32; 2]) {
        let powers = powers(sound);
        for side in 0..2 {
            self.peak[side] = self.peak[side].max(peaks[side]);
            self.power[side] += powers[side];
        }
    }

    /// The levels since the last reading; silence is told once.
    pub fn read(&mut self, place: Place) -> Option<Report> {
        let Meter { peak, power, shown } = std::mem::take(self);
        self.shown = peak != [0.0; 2];
        let rms = power.map(|power| (power / (BLOCKS as f32 * GRID as f32)).sqrt());
        (self.shown || shown).then_some(Report::Meter { place, peak, rms })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_meter_shows_peak_and_mean_level_and_silence_once() {
        let mut meter = Meter::default();
        (0..BLOCKS).for_each(|_| meter.hear(&[[0.5; GRID], [-0.25; GRID]], [0.5, 0.25]));
        let reading = meter.read(Place::Master);
        assert_eq!(reading, Some(Report::Meter { place: Place::Master, peak: [0.5, 0.25], rms: [0.5, 0.25] }));
        assert!(matches!(meter.read(Place::Master), Some(Report::Meter { peak: [0.0, 0.0], .. })));
        assert_eq!(meter.read(Place::Master), None);
    }
}
