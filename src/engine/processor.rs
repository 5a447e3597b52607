//! The processor: what is done for many lanes is compiled for the least that is there and for wider registers, and one of
//! them is chosen at run time.
//!
//! Law: all give the same bits. Products are never contracted with sums, and no sum is reordered.

use std::sync::atomic::{AtomicU8, Ordering};

use super::{LANES, MOST_LANES};

/// How wide the registers are that are worked with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Registers {
    /// What every processor of its kind has: four numbers side by side.
    Least = 1,
    /// Eight: AVX2.
    Wide = 2,
    /// Sixteen: AVX-512.
    Widest = 3,
}

impl Registers {
    pub const ALL: [Registers; 3] = [Registers::Least, Registers::Wide, Registers::Widest];

    /// The widest this processor has.
    fn there() -> Registers {
        #[cfg(target_arch = "x86_64")]
        {
            // The last of these tells processors on which the widest registers do not slow the clock.
            let widest = is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vl")
                && is_x86_feature_detected!("avx512vbmi2");
            if is_x86_feature_detected!("avx2") {
                return if widest { Registers::Widest } else { Registers::Wide };
            }
        }
        Registers::Least
    }
}

/// What is worked with; nothing before somebody has asked.
static WIDEST: AtomicU8 = AtomicU8::new(0);

/// From now on everything runs in registers of this width at most. The samples are the same: for tests and measurements.
pub fn at_most(registers: Registers) {
    WIDEST.store(registers.min(Registers::there()) as u8, Ordering::Relaxed);
}

/// What is worked with.
#[inline]
pub fn registers() -> Registers {
    match WIDEST.load(Ordering::Relaxed) {
        1 => Registers::Least,
        2 => Registers::Wide,
        3 => Registers::Widest,
        _ => {
            at_most(Registers::Widest);
            Registers::there()
        }
    }
}

/// Voices that are best played side by side.
pub fn lanes() -> usize {
    if registers() == Registers::Widest { MOST_LANES } else { LANES }
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

/// Keeps frames apart in a loop over frames that do not depend on each other: what is `L` lanes wide would otherwise be taken
/// to pieces, to do many frames of one lane at once. No instruction comes of it.
#[inline(always)]
pub fn separate<const L: usize>() {
    #[cfg(target_arch = "x86_64")]
    if L > 1 {
        // SAFETY: it is empty.
        unsafe { std::arch::asm!("", options(nomem, nostack, preserves_flags)) };
    }
}

/// Something to do in many lanes. `go` is to be `inline(always)`, and what it calls in its loops, too.
pub trait Task {
    type Gives;
    fn go(self) -> Self::Gives;
}

/// Does it in the widest registers there are that `L` lanes fill.
#[inline(always)]
pub fn at_full_width<const L: usize, T: Task>(task: T) -> T::Gives {
    #[cfg(target_arch = "x86_64")]
    if L > 1 {
        match registers() {
            // SAFETY: the processor has said that it has these registers.
            Registers::Widest if L > LANES => return unsafe { widest(task) },
            // SAFETY: likewise, and who has the widest has these, too.
            Registers::Wide | Registers::Widest => return unsafe { wide(task) },
            Registers::Least => {}
        }
    }
    task.go()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn wide<T: Task>(task: T) -> T::Gives {
    task.go()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,avx512f,avx512bw,avx512dq,avx512vl")]
fn widest<T: Task>(task: T) -> T::Gives {
    task.go()
}
