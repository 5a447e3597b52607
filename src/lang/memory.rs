//! Memory: how many bytes the present thread holds, counted where they are given out.
//!
//! A program that installs `Counting` as its allocator bounds what an evaluation may take, whatever takes it.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// An allocator that counts, thread by thread, what passes through it on its way to the system's.
pub struct Counting<A>(A);

/// Bytes from which on longer blocks are asked of the system itself, which can move pages.
const LARGE: usize = 1 << 16;

thread_local! {
    static HELD: Cell<isize> = const { Cell::new(0) };
}

/// Bytes that this thread has taken and not given back; less than nothing where it frees what others took. Always 0 where
/// `Counting` is not installed.
pub fn held() -> isize {
    HELD.get()
}

/// Whether zeros are left to the system.
static LEFT: AtomicBool = AtomicBool::new(false);

/// From now on zeros are the system's own, which take no time and no memory before they are touched: for a program that plays
/// to nobody, so that whoever renders may wait for a page.
pub fn leave_zeros() {
    LEFT.store(true, Relaxed);
    give_back();
}

/// Lets large blocks go back to the system when they are freed. The system's allocator keeps blocks as long as the longest that
/// was ever freed, and whoever asks for zeros then gets a used block that has to be cleared.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn give_back() {
    use std::ffi::c_int;
    // glibc, malloc.h. Setting them, even to what they are at first, keeps them from growing.
    const TRIM_THRESHOLD: c_int = -1;
    const MMAP_THRESHOLD: c_int = -3;
    unsafe extern "C" {
        safe fn mallopt(param: c_int, value: c_int) -> c_int;
    }
    // 1 where it is done; where it is not, memory is used again as everywhere else.
    let _ = mallopt(MMAP_THRESHOLD, 1 << 17);
    // What is small is asked for again soon.
    let _ = mallopt(TRIM_THRESHOLD, 1 << 22);
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn give_back() {}

fn count(bytes: isize) {
    HELD.set(HELD.get().wrapping_add(bytes));
}

impl<A: GlobalAlloc> Counting<A> {
    /// Counts what passes through `within`.
    ///
    /// # Safety
    /// `within` must take from [`System`] and give back to it, and may do no more beside than watch.
    pub const unsafe fn new(within: A) -> Self {
        Counting(within)
    }

    /// Lets `within` see that memory is asked for, where it is not asked itself: a guard that only knows `alloc` and `dealloc`
    /// would copy where pages could move.
    fn seen(&self) {
        let layout = Layout::new::<u8>();
        // SAFETY: the layout has a size, and what is given back was taken with it.
        unsafe {
            let probe = self.0.alloc(layout);
            if !probe.is_null() {
                self.0.dealloc(probe, layout);
            }
        }
    }
}

// SAFETY: every call goes to the system's allocator, by way of `A` or past it; counting neither allocates nor fails, for its
// cell needs no destructor.
unsafe impl<A: GlobalAlloc> GlobalAlloc for Counting<A> {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        unsafe { self.0.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        if layout.size() >= LARGE && LEFT.load(Relaxed) {
            self.seen();
            return unsafe { System.alloc_zeroed(layout) };
        }
        // Zeros are written at once, and not by whoever needs the memory first: that would be the audio thread.
        let at = unsafe { self.0.alloc(layout) };
        if !at.is_null() {
            unsafe { at.write_bytes(0, layout.size()) };
        }
        at
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size as isize - layout.size() as isize);
        if layout.size() < LARGE {
            return unsafe { self.0.realloc(at, layout, size) };
        }
        self.seen();
        unsafe { System.realloc(at, layout, size) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        unsafe { self.0.dealloc(at, layout) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_is_counted_until_it_is_given_back() {
        // SAFETY: it is the system's allocator.
        let counting = unsafe { Counting::new(System) };
        let (small, large) = (Layout::new::<[u8; 100]>(), Layout::new::<[u8; 300]>());
        let before = held();
        // SAFETY: the layouts are those the memory was taken with.
        unsafe {
            let at = counting.alloc(small);
            assert_eq!(held() - before, 100);
            let at = counting.realloc(at, small, 300);
            assert_eq!(held() - before, 300);
            counting.dealloc(at, large);
            let at = counting.alloc_zeroed(small);
            assert_eq!((held() - before, *at), (100, 0));
            counting.dealloc(at, small);
            let huge = Layout::array::<u8>(2 * LARGE).expect("it is small enough");
            let at = counting.alloc_zeroed(huge);
            assert_eq!((held() - before, *at.add(LARGE)), (2 * LARGE as isize, 0));
            let at = counting.realloc(at, huge, LARGE);
            assert_eq!(held() - before, LARGE as isize);
            counting.dealloc(at, Layout::array::<u8>(LARGE).expect("it is small enough"));
        }
        assert_eq!(held(), before);
    }
}
