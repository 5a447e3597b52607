//! Events that wait for their frame, in order, with a bound per track.

use std::collections::VecDeque;

use super::{Event, Frames};

/// How many tracks can fill their queue to the brim at the same time: the store is shared, the bounds are not.
const FULL_TRACKS: usize = 4;

#[derive(Clone, Copy)]
struct Ticket {
    at: Frames,
    slot: u32,
}

/// Waiting events of all tracks, sorted by frame and then by arrival.
pub(super) struct Waiting {
    /// Grows into the room it has from the beginning: memory that is never needed is never touched.
    store: Vec<Event>,
    /// Places in the store that were taken and are free again.
    free: Vec<u32>,
    tracks: Vec<VecDeque<Ticket>>,
    /// Nothing has ever waited for tracks from this one on.
    reach: usize,
    bound: usize,
}

impl Waiting {
    pub fn new(tracks: usize, bound: usize) -> Self {
        let room = bound * tracks.min(FULL_TRACKS);
        Waiting {
            store: Vec::with_capacity(room),
            free: Vec::with_capacity(room),
            tracks: (0..tracks).map(|_| VecDeque::with_capacity(bound)).collect(),
            reach: 0,
            bound,
        }
    }

    /// Takes an event in; false where its track is unknown or full.
    pub fn insert(&mut self, event: &Event) -> bool {
        let Some(queue) = self.tracks.get_mut(event.track as usize) else { return false };
        if queue.len() >= self.bound {
            return false;
        }
        let slot = match self.free.pop() {
            Some(slot) => slot,
            None if self.store.len() < self.store.capacity() => {
                self.store.push(*event);
                self.store.len() as u32 - 1
            }
            None => return false,
        };
        self.reach = self.reach.max(event.track as usize + 1);
        self.store[slot as usize] = *event;
        let place = queue.partition_point(|ticket| ticket.at <= event.at);
        queue.insert(place, Ticket { at: event.at, slot });
        true
    }

    /// How many tracks, from the first on, have ever had something to wait for.
    pub fn reach(&self) -> usize {
        self.reach
    }

    /// The first event of a track, if it begins before `end`.
    pub fn first(&self, track: usize, end: Frames) -> Option<&Event> {
        let ticket = self.tracks[track].front().filter(|ticket| ticket.at < end)?;
        Some(&self.store[ticket.slot as usize])
    }

    /// Takes the first event of a track out.
    pub fn take(&mut self, track: usize) {
        if let Some(ticket) = self.tracks[track].pop_front() {
            self.free.push(ticket.slot);
        }
    }

    /// Keeps only events that pass; the test may shorten them, but not move them.
    pub fn retain(&mut self, track: usize, mut keep: impl FnMut(&mut Event) -> bool) {
        let Waiting { store, free, tracks, .. } = self;
        let Some(queue) = tracks.get_mut(track) else { return };
        queue.retain(|ticket| {
            let stays = keep(&mut store[ticket.slot as usize]);
            if !stays {
                free.push(ticket.slot);
            }
            stays
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{MAX_CONTROLS, MAX_SENDS};

    const NO_EVENT: Event = Event {
        at: 0,
        off: 0,
        track: 0,
        pool: 0,
        key: 0,
        seed: 0,
        gain: 0.0,
        pan: 0.0,
        sends: [(0, 0.0); MAX_SENDS],
        cut: 0,
        controls: [0.0; MAX_CONTROLS],
    };

    fn event(track: u16, at: Frames, key: u64) -> Event {
        Event { track, at, key, ..NO_EVENT }
    }

    fn order(waiting: &mut Waiting, track: usize) -> Vec<u64> {
        let mut keys = vec![];
        while let Some(event) = waiting.first(track, Frames::MAX) {
            keys.push(event.key);
            waiting.take(track);
        }
        keys
    }

    #[test]
    fn events_come_by_frame_and_then_by_arrival() {
        let mut waiting = Waiting::new(1, 8);
        for (at, key) in [(30, 1), (10, 2), (30, 3), (20, 4), (10, 5)] {
            assert!(waiting.insert(&event(0, at, key)));
        }
        assert_eq!(order(&mut waiting, 0), [2, 5, 4, 1, 3]);
    }

    #[test]
    fn a_full_track_refuses_and_leaves_the_others_their_room() {
        let mut waiting = Waiting::new(2, 2);
        assert!(waiting.insert(&event(0, 1, 1)) && waiting.insert(&event(0, 2, 2)));
        assert!(!waiting.insert(&event(0, 3, 3)));
        assert!(waiting.insert(&event(1, 3, 4)));
        assert!(!waiting.insert(&event(7, 3, 5)), "there is no such track");
    }

    #[test]
    fn what_is_forgotten_makes_room_again() {
        let mut waiting = Waiting::new(1, 2);
        for round in 0..10 {
            assert!(waiting.insert(&event(0, round, round)) && waiting.insert(&event(0, round, round)));
            waiting.retain(0, |_| false);
        }
        assert!(waiting.first(0, Frames::MAX).is_none());
    }

    #[test]
    fn an_event_is_not_seen_before_its_block() {
        let mut waiting = Waiting::new(1, 2);
        waiting.insert(&event(0, 64, 1));
        assert!(waiting.first(0, 64).is_none());
        assert!(waiting.first(0, 65).is_some());
    }
}
