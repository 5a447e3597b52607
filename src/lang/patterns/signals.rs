//! Names of continuous signals.

use crate::lang::word::{Word, words};
use crate::pattern;

pub fn words() -> Vec<Word> {
    words! { "signals":
        /// A sine from 0.5 up, between 0 and 1, one period per cycle. With an argument it is a sound: `sine(440)`.
        ///
        ///     s("hh*8").pan(sine)
        name sine () { pattern::sine() }

        /// A sine a quarter earlier: from 1 down.
        ///
        ///     s("hh*8").pan(cosine)
        name cosine () { pattern::cosine() }

        /// A ramp from 0 up to 1.
        ///
        ///     s("hh*8").gain(saw)
        name saw () { pattern::saw() }

        /// A ramp from 1 down to 0.
        ///
        ///     s("hh*8").gain(isaw)
        name isaw () { pattern::isaw() }

        /// From 0 up to 1 at the half and back.
        ///
        ///     s("hh*8").pan(tri)
        name tri () { pattern::tri() }

        /// From 1 down to 0 at the half and back.
        ///
        ///     s("hh*8").pan(itri)
        name itri () { pattern::itri() }

        /// 0 for the first half of the cycle, 1 for the second.
        ///
        ///     s("hh*8").pan(square)
        name square () { pattern::square() }

        /// A sine between −1 and 1.
        ///
        ///     note("c*8").add(sine2.mul(0.5))
        name sine2 () { pattern::sine().to_bipolar() }

        /// A cosine between −1 and 1.
        ///
        ///     note("c*8").add(cosine2.mul(0.5))
        name cosine2 () { pattern::cosine().to_bipolar() }

        /// A ramp from −1 up to 1.
        ///
        ///     note("c*8").add(saw2.mul(12))
        name saw2 () { pattern::saw().to_bipolar() }

        /// A ramp from 1 down to −1.
        ///
        ///     note("c*8").add(isaw2.mul(12))
        name isaw2 () { pattern::isaw().to_bipolar() }

        /// From −1 up to 1 at the half and back.
        ///
        ///     note("c*8").add(tri2.mul(12))
        name tri2 () { pattern::tri().to_bipolar() }

        /// From 1 down to −1 at the half and back.
        ///
        ///     note("c*8").add(itri2.mul(12))
        name itri2 () { pattern::itri().to_bipolar() }

        /// −1 for the first half of the cycle, 1 for the second.
        ///
        ///     note("c*8").add(square2.mul(12))
        name square2 () { pattern::square().to_bipolar() }

        /// From 0 up to 1 in the first cycle, 1 from then on: `env_l.slow(8)` for a slow beginning.
        ///
        ///     s("hh*8").gain(env_l.slow(8))
        name env_l | envL () { pattern::envelope("l", |x| x) }

        /// From 1 down to 0 in the first cycle, 0 from then on.
        ///
        ///     s("hh*8").gain(env_lr.slow(8))
        name env_lr | envLR () { pattern::envelope("lr", |x| 1.0 - x) }

        /// From 1 down to 0 in the first cycle at equal power.
        ///
        ///     s("hh*8").gain(env_eq.slow(8))
        name env_eq | envEq () { pattern::envelope("eq", |x| ((1.0 - x) * std::f64::consts::FRAC_PI_2).sin().sqrt()) }

        /// From 0 up to 1 in the first cycle at equal power.
        ///
        ///     s("hh*8").gain(env_eq_r.slow(8))
        name env_eq_r | envEqR () { pattern::envelope("eq r", |x| (x * std::f64::consts::FRAC_PI_2).sin().sqrt()) }

        /// The time itself, in cycles.
        ///
        ///     n(time.segment(4))
        name time () { pattern::time_signal() }
    }
}
