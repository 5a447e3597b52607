//! An ensemble: several engines that hear the same commands, of which each plays some of the tracks and one the rest.
//!
//! Law: it sounds to the bit as one engine that plays everything. Tracks do not hear each other, and whoever plays the rest
//! adds what they played in the order in which one engine would.

use assert_no_alloc::permit_alloc;

use super::fader::Stereo;
use super::{Frames, Place};

/// What an engine plays itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Share {
    /// All of it.
    #[default]
    Whole,
    /// One of so many parts of the tracks, nothing else: `Renderer::played` is what came of it.
    Part { part: usize, of: usize },
    /// All but the tracks. What so many others played of them is given to `Renderer::played` before it is to be heard.
    Rest { of: usize },
}

impl Share {
    /// Whether it plays what stands there.
    pub fn plays(self, place: Place) -> bool {
        match (self, place) {
            (Share::Whole, _) => true,
            (Share::Part { part, of }, Place::Track(track)) => track as usize % of == part,
            (Share::Part { .. }, _) | (Share::Rest { .. }, Place::Track(_)) => false,
            (Share::Rest { .. }, _) => true,
        }
    }

    /// The list in which what sounds on a track is noted.
    pub(super) fn list(self, track: u16) -> usize {
        if let Share::Rest { of } = self { track as usize % of } else { 0 }
    }

    /// How many lists there are.
    pub(super) fn lists(self) -> usize {
        if let Share::Rest { of } = self { of } else { 1 }
    }
}

/// What strips of tracks put out, block by block, in the order in which they played.
#[derive(Default)]
pub struct Played {
    notes: Vec<Note>,
    sounds: Vec<Stereo>,
    /// Up to here it was heard.
    heard: usize,
}

#[derive(Clone, Copy, PartialEq)]
struct Note {
    block: Frames,
    track: u16,
    /// Where it goes: to the mix, or to a bus.
    bus: Option<u16>,
}

impl Played {
    /// Notes what a track sent to a bus in a block, or put out.
    pub(super) fn note(&mut self, block: Frames, track: u16, bus: Option<u16>, sound: &Stereo) {
        // No audio thread has a share: whoever has one takes the list away now and then.
        permit_alloc(|| {
            self.notes.push(Note { block, track, bus });
            self.sounds.push(*sound);
        });
    }

    /// The next sound, and where it goes, if it is this track's in this block.
    pub(super) fn next(&mut self, block: Frames, track: u16) -> Option<(Option<u16>, &Stereo)> {
        let note = self.notes.get(self.heard).filter(|note| (note.block, note.track) == (block, track))?;
        self.heard += 1;
        Some((note.bus, &self.sounds[self.heard - 1]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::fader::SILENCE;

    #[test]
    fn what_was_played_is_heard_in_its_block_on_its_track_in_order() {
        let mut played = Played::default();
        played.note(64, 3, Some(0), &SILENCE);
        played.note(64, 3, None, &SILENCE);
        played.note(128, 3, None, &SILENCE);
        assert!(played.next(0, 3).is_none() && played.next(64, 1).is_none());
        assert_eq!(played.next(64, 3).map(|(bus, _)| bus), Some(Some(0)));
        assert_eq!(played.next(64, 3).map(|(bus, _)| bus), Some(None));
        assert!(played.next(64, 3).is_none());
        assert!(played.next(128, 3).is_some());
    }

    #[test]
    fn every_place_is_played_once() {
        let shares = [Share::Part { part: 0, of: 2 }, Share::Part { part: 1, of: 2 }, Share::Rest { of: 2 }];
        for place in [Place::Track(0), Place::Track(1), Place::Track(7), Place::Bus(0), Place::Master] {
            assert_eq!(shares.iter().filter(|share| share.plays(place)).count(), 1, "{place:?}");
            assert!(Share::Whole.plays(place));
        }
    }
}
