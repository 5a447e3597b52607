//! Powers and logarithms to base two, and decibels: polynomials without branches, so that many are worked out side by side.

use super::filters::hold;

/// 1.5 · 2²³: what is added to it is rounded to whole numbers, which stand in its lowest bits.
const WHOLE: f32 = 12_582_912.0;
/// Octaves in a decibel: log₂(10) / 20.
const OCTAVES: f32 = 0.166_096_4;

/// Two to a power of −126 … 126, within 2·10⁻⁷ of its size (Taylor to the 7th power on half an octave); what lies beyond is
/// held there.
#[inline(always)]
pub(super) fn exp2(power: f32) -> f32 {
    let power = hold(power, -126.0, 126.0);
    let rounded = power + WHOLE;
    let part = power - (rounded - WHOLE);
    let series = 1.525_273_4e-5 * part + 1.540_353e-4;
    let series = (series * part + 1.333_355_8e-3) * part + 9.618_129e-3;
    let series = (series * part + 5.550_411e-2) * part + 0.240_226_5;
    let series = (series * part + std::f32::consts::LN_2) * part + 1.0;
    f32::from_bits(series.to_bits().wrapping_add(rounded.to_bits() << 23))
}

/// The power of two that a normal number above zero is, within 2·10⁻⁷ and the last bit (the series of artanh).
#[inline(always)]
pub(super) fn log2(number: f32) -> f32 {
    const MANTISSA: u32 = (1 << 23) - 1;
    // Mantissas around one: from √½ to √2.
    const ROOT: u32 = 0x3f35_04f3;
    let apart = number.to_bits().wrapping_sub(ROOT);
    let octaves = (apart as i32 >> 23) as f32;
    let mantissa = f32::from_bits((apart & MANTISSA) + ROOT);
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let z = s * s;
    let series = 0.262_311_8 * z + 0.320_598_9;
    let series = (series * z + 0.412_198_6) * z + 0.577_078;
    let series = (series * z + 0.961_796_7) * z + 2.885_39;
    octaves + s * series
}

/// The level of decibels, −600 … 600.
#[inline(always)]
pub(super) fn amp(db: f32) -> f32 {
    exp2(db * OCTAVES)
}

/// Decibels of a level, −120 … 120.
#[inline(always)]
pub(super) fn decibels(level: f32) -> f32 {
    log2(hold(level, 1e-6, 1e6)) / OCTAVES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_and_logarithms_are_those_of_the_library() {
        for n in -100_000..100_000 {
            let power = n as f32 * 1.234e-3;
            let exact = f64::from(power).exp2();
            assert!((f64::from(exp2(power)) / exact - 1.0).abs() < 2.5e-7, "{power}: {}", exp2(power));
            let found = f64::from(log2(exact as f32));
            let exact = f64::from(exact as f32).log2();
            assert!((found - exact).abs() < 2e-7 + 1.2e-7 * exact.abs(), "{exact}: {found}");
        }
        assert_eq!((exp2(0.0), exp2(-3.0), log2(1.0), amp(0.0)), (1.0, 0.125, 0.0, 1.0));
        assert_eq!((exp2(-1e9), exp2(1e9)), ((-126f32).exp2(), 126f32.exp2()));
    }

    #[test]
    fn decibels_are_twenty_to_ten_times_and_silence_is_the_lowest() {
        for (db, level) in [(20.0, 10.0), (-6.020_6, 0.5), (-120.0, 1e-6), (6.020_6, 2.0)] {
            assert!((decibels(level) - db).abs() < 1e-4, "{level}: {}", decibels(level));
            assert!((amp(db) / level - 1.0).abs() < 2e-6, "{db}: {}", amp(db));
        }
        assert_eq!(decibels(0.0), decibels(1e-6));
        assert_eq!(decibels(f32::NAN), decibels(1e-6));
    }
}
