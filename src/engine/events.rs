//! Events that wait for their frame, in order, with a bound per track.

use super::{Event, Frames, MAX_CONTROLS, MAX_SENDS};

/// How many tracks can fill their queue to the brim at the same time: the store is shared, the bounds are not.
const FULL_TRACKS: usize = 4;

/// So many may wait before the audio thread is the first to touch a place: more than most pieces ever need.
const USUAL: usize = 512;

/// No place in the store.
const NOWHERE: u32 = u32::MAX;

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

/// A list with room for so many, of which the usual ones have been touched.
fn touched<T: Clone>(room: usize, nothing: T) -> Vec<T> {
    let mut list = Vec::with_capacity(room);
    list.resize(room.min(USUAL), nothing);
    list.clear();
    list
}

/// What comes before and after an event on its track.
#[derive(Clone, Copy)]
struct Link {
    at: Frames,
    before: u32,
    after: u32,
}

/// The chain of a track's events.
#[derive(Clone, Copy)]
struct Chain {
    first: u32,
    last: u32,
    length: usize,
}

/// Waiting events of all tracks, in chains sorted by frame and then by arrival.
pub(super) struct Waiting {
    /// Store and links grow into the room they have from the beginning: memory that is never needed is hardly touched.
    store: Vec<Event>,
    links: Vec<Link>,
    /// Places in the store that were taken and are free again.
    free: Vec<u32>,
    tracks: Vec<Chain>,
    /// Nothing has ever waited for tracks from this one on.
    reach: usize,
    bound: usize,
    room: usize,
}

impl Waiting {
    pub fn new(tracks: usize, bound: usize) -> Self {
        let room = bound * tracks.min(FULL_TRACKS);
        Waiting {
            store: touched(room, NO_EVENT),
            links: touched(room, Link { at: 0, before: NOWHERE, after: NOWHERE }),
            free: touched(room, NOWHERE),
            tracks: vec![Chain { first: NOWHERE, last: NOWHERE, length: 0 }; tracks],
            reach: 0,
            bound,
            room,
        }
    }

    /// Takes an event in; false where its track is unknown or full.
    pub fn insert(&mut self, event: &Event) -> bool {
        let Some(chain) = self.tracks.get(event.track as usize) else { return false };
        if chain.length >= self.bound {
            return false;
        }
        // Events come nearly in order: the way from the end is short.
        let (mut before, mut after) = (chain.last, NOWHERE);
        while let Some(link) = self.links.get(before as usize).filter(|link| link.at > event.at) {
            (before, after) = (link.before, before);
        }
        let Some(place) = self.put(event, Link { at: event.at, before, after }) else { return false };
        self.reach = self.reach.max(event.track as usize + 1);
        self.tracks[event.track as usize].length += 1;
        self.join(event.track as usize, before, place);
        self.join(event.track as usize, place, after);
        true
    }

    fn put(&mut self, event: &Event, link: Link) -> Option<u32> {
        if let Some(place) = self.free.pop() {
            (self.store[place as usize], self.links[place as usize]) = (*event, link);
            return Some(place);
        }
        if self.store.len() == self.room {
            return None;
        }
        self.store.push(*event);
        self.links.push(link);
        Some(self.store.len() as u32 - 1)
    }

    /// Lets one place follow another; where one of them is nowhere, the other is an end of the chain.
    fn join(&mut self, track: usize, before: u32, after: u32) {
        match self.links.get_mut(before as usize) {
            Some(link) => link.after = after,
            None => self.tracks[track].first = after,
        }
        match self.links.get_mut(after as usize) {
            Some(link) => link.before = before,
            None => self.tracks[track].last = before,
        }
    }

    /// How many tracks, from the first on, have ever had something to wait for.
    pub fn reach(&self) -> usize {
        self.reach
    }

    /// The first event of a track, if it begins before `end`.
    pub fn first(&self, track: usize, end: Frames) -> Option<&Event> {
        let first = self.tracks[track].first as usize;
        self.links.get(first).filter(|link| link.at < end).map(|_| &self.store[first])
    }

    /// Takes the first event of a track out.
    pub fn take(&mut self, track: usize) {
        self.forget(track, self.tracks[track].first);
    }

    fn forget(&mut self, track: usize, place: u32) {
        if let Some(Link { before, after, .. }) = self.links.get(place as usize).copied() {
            self.join(track, before, after);
            self.tracks[track].length -= 1;
            self.free.push(place);
        }
    }

    /// Keeps only events that pass; the test may shorten them, but not move them.
    pub fn retain(&mut self, track: usize, mut keep: impl FnMut(&mut Event) -> bool) {
        let Some(Chain { first: mut place, .. }) = self.tracks.get(track).copied() else { return };
        while let Some(Link { after, .. }) = self.links.get(place as usize).copied() {
            if !keep(&mut self.store[place as usize]) {
                self.forget(track, place);
            }
            place = after;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn what_stays_stays_in_order_and_what_comes_later_finds_its_place() {
        let mut waiting = Waiting::new(2, 8);
        for (at, key) in [(10, 1), (20, 2), (30, 3), (40, 4)] {
            assert!(waiting.insert(&event(0, at, key)) && waiting.insert(&event(1, at, key)));
        }
        waiting.retain(0, |event| event.key == 2 || event.key == 3);
        for (at, key) in [(25, 5), (5, 6), (50, 7), (20, 8)] {
            assert!(waiting.insert(&event(0, at, key)));
        }
        assert_eq!(order(&mut waiting, 0), [6, 2, 8, 5, 3, 7]);
        assert_eq!(order(&mut waiting, 1), [1, 2, 3, 4]);
    }

    #[test]
    fn an_event_is_not_seen_before_its_block() {
        let mut waiting = Waiting::new(1, 2);
        waiting.insert(&event(0, 64, 1));
        assert!(waiting.first(0, 64).is_none());
        assert!(waiting.first(0, 65).is_some());
    }
}
