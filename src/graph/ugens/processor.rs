//! The processor: kernels are compiled for the least that is there and for wide registers, and one is chosen at run time.

use std::sync::atomic::{AtomicBool, Ordering};

use super::kernel::Kernel;
use crate::engine::schedule::Run;

/// Whether wide registers are left alone.
static PLAIN: AtomicBool = AtomicBool::new(false);

/// From now on kernels run as on the least processor there is, or again as wide as they can. The samples are the same; for
/// tests and measurements.
pub fn plain(plain: bool) {
    PLAIN.store(plain, Ordering::Relaxed);
}

/// Runs a kernel in the widest registers there are.
#[inline]
pub(super) fn at_full_width<K, const I: usize, const O: usize, const L: usize>(
    kernel: &mut K,
    run: &mut Run<'_, I, O, L>,
) where
    K: Kernel<I, O, L>,
{
    #[cfg(target_arch = "x86_64")]
    if L > 1 && is_x86_feature_detected!("avx2") && !PLAIN.load(Ordering::Relaxed) {
        // SAFETY: the processor has just said that it can.
        return unsafe { wide(kernel, run) };
    }
    kernel.run(run);
}

/// Two products are never contracted with a sum: the bits are those of the plain way.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn wide<K, const I: usize, const O: usize, const L: usize>(kernel: &mut K, run: &mut Run<'_, I, O, L>)
where
    K: Kernel<I, O, L>,
{
    kernel.run(run);
}
