//! How loud a block is: peaks, powers, and whether it is sound at all.

use super::fader::Stereo;
use super::processor::{Task, at_full_width};
use super::{GRID, LANES, MOST_LANES};

/// Above this nothing is taken for sound any more (+96 dB over full scale).
const LOUDEST: f32 = 65_536.0;

/// The largest magnitude of each side; no number where one of them is none.
pub(super) fn peaks(sound: &Stereo) -> [f32; 2] {
    at_full_width::<STRIDE, _>(Peaks(sound))
}

/// The largest magnitude of both sides.
pub(super) fn peak(sound: &Stereo) -> f32 {
    highest(peaks(sound))
}

/// The larger of two magnitudes; no number where one of them is none.
pub(super) fn highest([left, right]: [f32; 2]) -> f32 {
    f32::from_bits(left.to_bits().max(right.to_bits()))
}

/// The largest second difference of each side behind its last two frames, the later last; those of this block stand there
/// then.
pub(super) fn bends(sound: &Stereo, last: &mut [[f32; 2]; 2]) -> [f32; 2] {
    at_full_width::<LANES, _>(Bends { sound, last })
}

/// The sum of squares of each side.
pub(super) fn powers(sound: &Stereo) -> [f32; 2] {
    at_full_width::<STRIDE, _>(Powers(sound))
}

/// Whether a peak is a number, and one that could be meant as sound.
pub(super) fn bearable(peak: f32) -> bool {
    peak <= LOUDEST
}

/// Whether every number is one, and one that could be meant as sound.
pub(super) fn sane(sound: &Stereo) -> bool {
    bearable(peak(sound))
}

/// Numbers that are looked at side by side.
const STRIDE: usize = MOST_LANES;

/// Raises `most` to the magnitudes of some numbers, as bits: they order magnitudes with infinity and not-a-number on top, and
/// are compared many at a time.
#[inline(always)]
fn raise(most: &mut [i32; STRIDE], part: &[f32; STRIDE]) {
    for l in 0..STRIDE {
        most[l] = most[l].max((part[l].to_bits() & !(1 << 31)) as i32);
    }
}

/// The largest of magnitudes as bits, in halves.
#[inline(always)]
fn top(mut most: [i32; STRIDE]) -> f32 {
    let mut half = STRIDE / 2;
    while half > 0 {
        for l in 0..half {
            most[l] = most[l].max(most[l + half]);
        }
        half /= 2;
    }
    f32::from_bits(most[0] as u32)
}

struct Peaks<'a>(&'a Stereo);

impl Task for Peaks<'_> {
    type Gives = [f32; 2];

    #[inline(always)]
    fn go(self) -> [f32; 2] {
        let mut most = [[0; STRIDE]; 2];
        for (most, sound) in most.iter_mut().zip(self.0) {
            for part in sound.as_chunks().0 {
                raise(most, part);
            }
        }
        [top(most[0]), top(most[1])]
    }
}

struct Powers<'a>(&'a Stereo);

impl Task for Powers<'_> {
    type Gives = [f32; 2];

    #[inline(always)]
    fn go(self) -> [f32; 2] {
        let mut all = [0.0; 2];
        for (all, sound) in all.iter_mut().zip(self.0) {
            let mut sums = [0.0; STRIDE];
            for part in sound.as_chunks::<STRIDE>().0 {
                for l in 0..STRIDE {
                    sums[l] += part[l] * part[l];
                }
            }
            let mut half = STRIDE / 2;
            while half > 0 {
                for l in 0..half {
                    sums[l] += sums[l + half];
                }
                half /= 2;
            }
            *all = sums[0];
        }
        all
    }
}

struct Bends<'a> {
    sound: &'a Stereo,
    last: &'a mut [[f32; 2]; 2],
}

impl Task for Bends<'_> {
    type Gives = [f32; 2];

    #[inline(always)]
    fn go(self) -> [f32; 2] {
        let mut worst = [0.0; 2];
        for ((worst, sound), last) in worst.iter_mut().zip(self.sound).zip(self.last) {
            let mut line = [0.0; GRID + 2];
            line[..2].copy_from_slice(last);
            line[2..].copy_from_slice(sound);
            let mut most = [0; STRIDE];
            for from in (0..GRID).step_by(STRIDE) {
                let mut bends = [0.0; STRIDE];
                for l in 0..STRIDE {
                    bends[l] = line[from + l] - 2.0 * line[from + l + 1] + line[from + l + 2];
                }
                raise(&mut most, &bends);
            }
            *worst = top(most);
            last.copy_from_slice(&line[GRID..]);
        }
        worst
    }
}

#[cfg(test)]
mod tests {
    use super::super::fader::SILENCE;
    use super::*;

    #[test]
    fn a_block_is_as_loud_as_its_largest_number_and_its_squares() {
        let mut sound = SILENCE;
        (sound[0][3], sound[0][63], sound[1][20]) = (0.25, -0.5, 2.0);
        assert_eq!((peaks(&sound), peak(&sound)), ([0.5, 2.0], 2.0));
        assert_eq!(powers(&sound), [0.3125, 4.0]);
    }

    #[test]
    fn a_bend_reaches_over_the_end_of_a_block() {
        let (mut last, mut sound) = ([[0.0; 2]; 2], SILENCE);
        sound[0][63] = 1.0;
        assert_eq!(bends(&sound, &mut last), [1.0, 0.0]);
        assert_eq!(bends(&SILENCE, &mut last), [2.0, 0.0]);
        assert_eq!(last, [[0.0; 2]; 2]);
    }

    #[test]
    fn what_is_no_number_is_found_among_numbers() {
        for bad in [f32::NAN, f32::INFINITY, -1e9] {
            let mut sound = SILENCE;
            sound[1][63] = bad;
            assert!(!sane(&sound));
        }
        assert!(sane(&SILENCE));
    }
}
