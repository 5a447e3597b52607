//! Overload: when the sound takes longer to make than it lasts, voices are let go of, and it is said.
//!
//! The rule: where the callbacks of a quarter of a second took more than 95 % of their time, voices go, the quietest that are
//! releasing first, then the oldest: four, or four times the load if it is more than all the time there is. While that is not
//! enough, twice as many go a quarter of a second later, at most sixty-four at once.

use std::sync::Arc;
use std::time::Duration;

use segue::io::Tally;

/// Above this share of the time there is no reserve left.
const MOST: f64 = 0.95;
/// Sound over which the load is taken.
const WINDOW: Duration = Duration::from_millis(250);
/// Voices that go first, and at most at once.
const FIRST: u32 = 4;
const LAST: u32 = 64;

/// Watches the load of what plays.
#[derive(Default)]
pub struct Overload {
    tally: Option<Arc<Tally>>,
    /// Time used and time available when the window began.
    before: (Duration, Duration),
    /// Voices that went last.
    last: u32,
}

impl Overload {
    /// From now on looks at these figures.
    pub fn watch(&mut self, tally: Arc<Tally>) {
        self.before = tally.time();
        self.tally = Some(tally);
    }

    /// The load of the last window and how many voices are to go, once it is over and was too much.
    pub fn look(&mut self) -> Option<(f64, u32)> {
        let time = self.tally.as_ref()?.time();
        self.judge(time)
    }

    fn judge(&mut self, now: (Duration, Duration)) -> Option<(f64, u32)> {
        let (busy, available) = (now.0.saturating_sub(self.before.0), now.1.saturating_sub(self.before.1));
        if available.is_zero() || busy.max(available) < WINDOW {
            return None;
        }
        let load = busy.as_secs_f64() / available.as_secs_f64();
        self.before = now;
        self.last = match load > MOST {
            true => (self.last * 2).max(FIRST * load as u32).clamp(FIRST, LAST),
            false => 0,
        };
        (self.last > 0).then_some((load, self.last))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is let go of in windows of 300 ms with these loads.
    fn let_go(loads: &[f64]) -> Vec<u32> {
        let mut overload = Overload::default();
        let (mut busy, mut available) = (0.0, 0.0);
        let windows = loads.iter().map(|load| {
            (busy, available) = (busy + 0.3 * load, available + 0.3);
            let time = (Duration::from_secs_f64(busy), Duration::from_secs_f64(available));
            overload.judge(time).map_or(0, |(_, voices)| voices)
        });
        windows.collect()
    }

    #[test]
    fn more_go_as_long_as_it_is_too_much_and_none_when_it_is_not() {
        assert_eq!(let_go(&[0.5, 0.94, 0.96, 1.4, 1.2, 1.1, 1.0, 0.9, 1.0]), [0, 0, 4, 8, 16, 32, 64, 0, 4]);
    }

    #[test]
    fn much_too_much_is_heard_soon_and_answered_at_once() {
        let mut overload = Overload::default();
        let ms = Duration::from_millis;
        assert_eq!(overload.judge((ms(250), ms(31))), Some((250.0 / 31.0, 32)));
    }

    #[test]
    fn a_short_burst_is_no_overload() {
        let mut overload = Overload::default();
        let ms = Duration::from_millis;
        assert_eq!(overload.judge((ms(200), ms(20))), None);
        assert_eq!(overload.judge((ms(220), ms(260))), None);
    }
}
