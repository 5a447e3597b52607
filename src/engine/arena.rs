//! The arena: scratch memory that schedules of any number of lanes use one after another.

use super::schedule::Buffer;
use super::{GRID, MOST_LANES};

/// Bytes of a cache line, on which buffers begin.
const LINE: usize = 64;

pub(super) struct Arena {
    memory: Vec<f32>,
    /// Numbers before the first cache line.
    skip: usize,
}

impl Arena {
    /// Room for so many buffers of the most lanes there are.
    pub fn new(buffers: usize) -> Self {
        let memory = vec![0.0; buffers * MOST_LANES * GRID + LINE / size_of::<f32>()];
        let skip = memory.as_ptr().align_offset(LINE).min(LINE / size_of::<f32>());
        Arena { memory, skip }
    }

    /// All of it as buffers of `L` lanes; what stands there is unspecified.
    pub fn buffers<const L: usize>(&mut self) -> &mut [Buffer<L>] {
        self.memory[self.skip..].as_chunks_mut::<L>().0.as_chunks_mut::<GRID>().0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_room_for_any_number_of_lanes_on_whole_cache_lines() {
        let mut arena = Arena::new(3);
        assert_eq!(arena.buffers::<MOST_LANES>().len(), 3);
        assert_eq!(arena.buffers::<1>().len(), 3 * MOST_LANES);
        assert_eq!(arena.buffers::<MOST_LANES>().as_ptr() as usize % LINE, 0);
    }
}
