//! The processor: what is done for many lanes is compiled for the least that is there and for wide registers, and one of
//! the two is chosen at run time.
//!
//! Law: both give the same bits. Products are never contracted with sums, and no sum is reordered.

use std::sync::atomic::{AtomicBool, Ordering};

/// Whether wide registers are left alone.
static PLAIN: AtomicBool = AtomicBool::new(false);

/// From now on everything runs as on the least processor there is, or again as wide as it can. The samples are the same: for
/// tests and measurements.
pub fn plain(plain: bool) {
    PLAIN.store(plain, Ordering::Relaxed);
}

/// An array of one value for each lane, made in a plain loop: closures are not always compiled into what calls them.
macro_rules! each {
    ($lanes:expr, $l:ident => $value:expr) => {{
        let mut all = [Default::default(); $lanes];
        for $l in 0..$lanes {
            all[$l] = $value;
        }
        all
    }};
}
pub(crate) use each;

/// Something to do in many lanes. `go` is to be `inline(always)`, and what it calls in its loops, too.
pub trait Task {
    type Gives;
    fn go(self) -> Self::Gives;
}

/// Does it in the widest registers there are, where there is more than one of `L` lanes.
#[inline(always)]
pub fn at_full_width<const L: usize, T: Task>(task: T) -> T::Gives {
    #[cfg(target_arch = "x86_64")]
    if L > 1 && is_x86_feature_detected!("avx2") && !PLAIN.load(Ordering::Relaxed) {
        // SAFETY: the processor has just said that it can.
        return unsafe { wide(task) };
    }
    task.go()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn wide<T: Task>(task: T) -> T::Gives {
    task.go()
}
