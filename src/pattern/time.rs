//! Exact time in cycles: a rational number that never panics and never drifts.
//!
//! Numerator and denominator are `i64`, computed through `i128`; what does not fit falls to the nearest fraction that does.

use std::cmp::Ordering;
use std::fmt;
use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub};
use std::str::FromStr;

/// A point or length of time in cycles, always reduced, with a positive denominator.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Time {
    num: i64,
    den: i64,
}

impl Time {
    pub const ZERO: Time = Time { num: 0, den: 1 };
    pub const ONE: Time = Time { num: 1, den: 1 };
    pub const HALF: Time = Time { num: 1, den: 2 };

    /// The fraction `num/den`. A zero denominator gives the largest time of the numerator's sign (zero for 0/0).
    pub fn new(num: i64, den: i64) -> Time {
        Time::of(num as i128, den as i128)
    }

    /// A whole number of cycles.
    pub const fn int(cycles: i64) -> Time {
        Time { num: cycles, den: 1 }
    }

    fn of(num: i128, den: i128) -> Time {
        if den == 0 {
            return Time::int(num.signum() as i64 * i64::MAX);
        }
        if let (Ok(n), Ok(d)) = (i64::try_from(num), i64::try_from(den))
            && n > i64::MIN
            && d > i64::MIN
        {
            let common = gcd64(n.unsigned_abs(), d.unsigned_abs()).max(1) as i64 * d.signum();
            return Time { num: n / common, den: d / common };
        }
        let common = gcd128(num.unsigned_abs(), den.unsigned_abs()).max(1) as i128 * den.signum();
        fit(num / common, den / common)
    }

    /// The simplest fraction within a few units of the last place of `x`: the `f64` nearest to 1/3 becomes 1/3, while
    /// 0.333333 stays 333333/1000000. Not-a-number becomes zero.
    pub fn from_f64(x: f64) -> Time {
        if x.is_nan() {
            return Time::ZERO;
        }
        if x.abs() >= i64::MAX as f64 {
            return Time::int(x.signum() as i64 * i64::MAX);
        }
        let near = x.abs() * 1e-15;
        let (mut rest, mut before, mut now) = (x.abs(), (0i128, 1i128), (1i128, 0i128));
        loop {
            let whole = rest.floor();
            let next = (whole as i128 * now.0 + before.0, whole as i128 * now.1 + before.1);
            if next.0 > i64::MAX as i128 || next.1 > i64::MAX as i128 {
                break;
            }
            (before, now) = (now, next);
            let left = rest - whole;
            if (now.0 as f64 / now.1 as f64 - x.abs()).abs() <= near || left <= f64::EPSILON {
                break;
            }
            rest = 1.0 / left;
        }
        Time::of(now.0 * if x < 0.0 { -1 } else { 1 }, now.1)
    }

    pub fn to_f64(self) -> f64 {
        self.num as f64 / self.den as f64
    }

    pub fn numerator(self) -> i64 {
        self.num
    }

    pub fn denominator(self) -> i64 {
        self.den
    }

    /// The start of the cycle this time lies in.
    pub fn floor(self) -> Time {
        Time::int(self.cycle())
    }

    /// The number of the cycle this time lies in.
    pub fn cycle(self) -> i64 {
        self.num.div_euclid(self.den)
    }

    pub fn ceil(self) -> Time {
        -(-self).floor()
    }

    /// The start of the next cycle.
    pub fn next_cycle(self) -> Time {
        self.floor() + Time::ONE
    }

    /// The position within the cycle, 0 ≤ p < 1.
    pub fn fraction(self) -> Time {
        Time { num: self.num.rem_euclid(self.den), den: self.den }
    }

    pub fn is_zero(self) -> bool {
        self.num == 0
    }

    pub fn is_negative(self) -> bool {
        self.num < 0
    }

    pub fn abs(self) -> Time {
        if self.num < 0 { -self } else { self }
    }

    /// The least time both divide: 1 and 1/3 give 1, 3/4 and 1/2 give 3/2. Zero if either is zero.
    pub fn least_common_multiple(self, other: Time) -> Time {
        if self.num == 0 || other.num == 0 {
            return Time::ZERO;
        }
        let (a, b) = (self.abs(), other.abs());
        let top = a.num as i128 / gcd64(a.num as u64, b.num as u64) as i128 * b.num as i128;
        Time::of(top, gcd64(a.den as u64, b.den as u64) as i128)
    }
}

/// Stein's binary algorithm (1967) after one step of Euclid's, which makes a late cycle as cheap as an early one.
fn gcd64(a: u64, mut b: u64) -> u64 {
    if b <= 1 {
        return if b == 0 { a } else { 1 };
    }
    let mut a = a % b;
    if a == 0 {
        return b;
    }
    let twos = (a | b).trailing_zeros();
    a >>= a.trailing_zeros();
    while b != 0 {
        b >>= b.trailing_zeros();
        (a, b) = (a.min(b), a.abs_diff(b));
    }
    a << twos
}

fn gcd128(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// The last convergent of a reduced fraction whose parts fit 64 bits.
fn fit(num: i128, den: i128) -> Time {
    const MOST: i128 = i64::MAX as i128;
    let sign = num.signum();
    let (mut a, mut b) = (num.abs(), den);
    let (mut before, mut now) = ((0i128, 1i128), (1i128, 0i128));
    while b != 0 {
        let whole = a / b;
        let next = (
            whole.saturating_mul(now.0).saturating_add(before.0),
            whole.saturating_mul(now.1).saturating_add(before.1),
        );
        if next.0 > MOST || next.1 > MOST {
            break;
        }
        (before, now) = (now, next);
        (a, b) = (b, a % b);
    }
    if now.1 == 0 {
        return Time::int((sign * MOST) as i64);
    }
    Time { num: (sign * now.0) as i64, den: now.1 as i64 }
}

impl Add for Time {
    type Output = Time;
    fn add(self, other: Time) -> Time {
        // A fraction and a whole number of cycles, the commonest sum there is, stay reduced.
        let (part, whole) = if self.den == 1 { (other, self) } else { (self, other) };
        if whole.den == 1
            && let Some(num) = whole.num.checked_mul(part.den).and_then(|n| n.checked_add(part.num))
            && num > i64::MIN
        {
            return Time { num, den: part.den };
        }
        let (a, b, c, d) = (self.num as i128, self.den as i128, other.num as i128, other.den as i128);
        if b == d { Time::of(a + c, b) } else { Time::of(a * d + c * b, b * d) }
    }
}

impl AddAssign for Time {
    fn add_assign(&mut self, other: Time) {
        *self = *self + other;
    }
}

impl Sub for Time {
    type Output = Time;
    fn sub(self, other: Time) -> Time {
        self + -other
    }
}

impl Mul for Time {
    type Output = Time;
    fn mul(self, other: Time) -> Time {
        Time::of(self.num as i128 * other.num as i128, self.den as i128 * other.den as i128)
    }
}

impl Div for Time {
    type Output = Time;
    fn div(self, other: Time) -> Time {
        Time::of(self.num as i128 * other.den as i128, self.den as i128 * other.num as i128)
    }
}

impl Neg for Time {
    type Output = Time;
    fn neg(self) -> Time {
        Time { num: self.num.saturating_neg(), den: self.den }
    }
}

impl PartialOrd for Time {
    fn partial_cmp(&self, other: &Time) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Time {
    fn cmp(&self, other: &Time) -> Ordering {
        if self.den == other.den {
            return self.num.cmp(&other.num);
        }
        (self.num as i128 * other.den as i128).cmp(&(other.num as i128 * self.den as i128))
    }
}

impl From<i64> for Time {
    fn from(cycles: i64) -> Time {
        Time::int(cycles)
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        if self.den == 1 { write!(f, "{}", self.num) } else { write!(f, "{}/{}", self.num, self.den) }
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text was neither `3`, `3/2` nor `1.5`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotATime;

impl FromStr for Time {
    type Err = NotATime;

    fn from_str(text: &str) -> Result<Time, NotATime> {
        let whole = |t: &str| t.trim().parse::<i64>().map_err(|_| NotATime);
        if let Some((num, den)) = text.split_once('/') {
            return match whole(den)? {
                0 => Err(NotATime),
                den => Ok(Time::new(whole(num)?, den)),
            };
        }
        whole(text).map(Time::int).or_else(|_| {
            let x: f64 = text.trim().parse().map_err(|_| NotATime)?;
            if x.is_finite() { Ok(Time::from_f64(x)) } else { Err(NotATime) }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn fractions_print_and_parse_reduced() {
        for (text, shown) in
            [("3/2", "3/2"), ("6/4", "3/2"), ("4/2", "2"), ("-1/3", "-1/3"), ("0.25", "1/4"), ("7", "7")]
        {
            assert_eq!(text.parse::<Time>().map(|t| t.to_string()), Ok(shown.to_string()));
        }
        for bad in ["", "x", "1/0", "inf", "1/2/3"] {
            assert_eq!(bad.parse::<Time>(), Err(NotATime), "{bad}");
        }
    }

    #[test]
    fn floats_become_the_simplest_fraction_that_is_as_near() {
        for (x, shown) in [
            (1.0 / 3.0, "1/3"),
            (0.333333, "333333/1000000"),
            (0.1 + 0.2, "3/10"),
            (-0.125, "-1/8"),
            (5.0 / 7.0, "5/7"),
        ] {
            assert_eq!(Time::from_f64(x).to_string(), shown);
        }
        assert_eq!(Time::from_f64(f64::NAN), Time::ZERO);
        assert_eq!(Time::from_f64(f64::INFINITY), Time::int(i64::MAX));
    }

    #[test]
    fn cycles_before_zero_count_downwards() {
        let t = Time::new(-1, 4);
        assert_eq!((t.cycle(), t.fraction(), t.next_cycle()), (-1, Time::new(3, 4), Time::ZERO));
        assert_eq!(t.ceil(), Time::ZERO);
    }

    #[test]
    fn the_least_common_multiple_of_fractions_is_exact() {
        assert_eq!(Time::new(3, 4).least_common_multiple(Time::new(1, 2)), Time::new(3, 2));
        assert_eq!(Time::int(4).least_common_multiple(Time::int(6)), Time::int(12));
    }

    #[test]
    fn what_does_not_fit_falls_to_a_near_neighbour() {
        let fine = Time::new(1, i64::MAX) + Time::new(1, i64::MAX - 1);
        assert!(fine > Time::ZERO && fine.to_f64() < 1e-18);
        let long = Time::new(i64::MAX, 3) * Time::new(i64::MAX, 5);
        assert_eq!(long, Time::int(i64::MAX));
        assert_eq!(Time::ONE / Time::ZERO, Time::int(i64::MAX));
    }

    proptest! {
        #[test]
        fn arithmetic_never_panics_and_stays_near(a: i64, b: i64, c: i64, d: i64) {
            let (x, y) = (Time::new(a, b), Time::new(c, d));
            for (got, want) in [(x + y, x.to_f64() + y.to_f64()), (x * y, x.to_f64() * y.to_f64())] {
                let most = i64::MAX as f64;
                let want = want.clamp(-most, most);
                prop_assert!((got.to_f64() - want).abs() <= 1e-6 * want.abs().max(1.0), "{got:?} {want}");
            }
            let _ = (x / y, x - y, x.cmp(&y), x.floor(), x.ceil(), x.fraction(), x.least_common_multiple(y));
        }

        #[test]
        fn small_fractions_survive_the_way_through_a_float(n in -1000i64..1000, d in 1i64..1000) {
            prop_assert_eq!(Time::from_f64(Time::new(n, d).to_f64()), Time::new(n, d));
        }
    }
}
