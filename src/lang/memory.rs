//! Memory: how many bytes the present thread holds, counted where they are given out.
//!
//! A program that installs `Counting` as its allocator bounds what an evaluation may take, whatever takes it.

use std::alloc::{GlobalAlloc, Layout};
use std::cell::Cell;

/// An allocator that counts, thread by thread, what passes through it.
pub struct Counting<A>(pub A);

thread_local! {
    static HELD: Cell<isize> = const { Cell::new(0) };
}

/// Bytes that this thread has taken and not given back; less than nothing where it frees what others took. Always 0 where
/// `Counting` is not installed.
pub fn held() -> isize {
    HELD.get()
}

fn count(bytes: isize) {
    HELD.set(HELD.get().wrapping_add(bytes));
}

// SAFETY: every call is passed on unchanged; counting neither allocates nor fails, for its cell needs no destructor.
unsafe impl<A: GlobalAlloc> GlobalAlloc for Counting<A> {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        unsafe { self.0.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        unsafe { self.0.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size as isize - layout.size() as isize);
        unsafe { self.0.realloc(at, layout, size) }
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
        let counting = Counting(std::alloc::System);
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
        }
        assert_eq!(held(), before);
    }
}
