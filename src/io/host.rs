//! A sound card that exists only in memory: a cpal host of our own, exact where real devices are not.
//!
//! It plays at a real card's pace, as fast as the machine goes, or by hand, a frame at a time. It keeps what was played,
//! counts every late callback, and stalls, floods with errors, or is pulled out when told to. Tests play through it, and
//! so does the binary with `--device test…`.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cpal::{Error as CpalError, ErrorKind, SampleFormat};
use serde::Serialize;

use super::Error;
use super::card::{self, Body, Card};
use super::sound_file::{Bits, Format, Writer};

/// How time passes on the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// As on a real card, by absolute deadlines.
    RealTime,
    /// One callback after the other.
    Free,
    /// Only when `TestHost::step` says so, on the thread that says it.
    ByHand,
}

/// What the card is like.
#[derive(Clone, Debug, PartialEq)]
pub struct Rig {
    pub pace: Pace,
    /// Callback sizes in frames, taken in turn; empty: whatever is asked for.
    pub sizes: Vec<u32>,
    pub channels: u16,
    pub format: SampleFormat,
    /// Rates it can run at until it is told otherwise, frames per second.
    pub rates: (u32, u32),
    pub capture: Capture,
}

/// What becomes of what is played: the card's first two channels.
#[derive(Clone, Debug, PartialEq)]
pub enum Capture {
    Nothing,
    Memory,
    /// A 32-bit float WAV, complete when `TestHost::finish` was called or the last handle dropped.
    File(PathBuf),
}

impl Default for Rig {
    fn default() -> Self {
        Rig {
            pace: Pace::RealTime,
            sizes: Vec::new(),
            channels: 2,
            format: SampleFormat::F32,
            rates: (8_000, 192_000),
            capture: Capture::Nothing,
        }
    }
}

/// `test[:PERIOD][:free][:CAPTURE.wav]`, in any order.
impl FromStr for Rig {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut rig = Rig::default();
        let mut parts = text.split(':');
        if parts.next() != Some("test") {
            return Err(format!("expected test[:PERIOD][:free][:CAPTURE.wav], found `{text}`"));
        }
        for part in parts {
            match part.parse() {
                Ok(0) => return Err("expected a period of at least 1 frame, found 0".into()),
                Ok(size) => rig.sizes.push(size),
                Err(_) if part == "free" => rig.pace = Pace::Free,
                Err(_) if part.ends_with(".wav") => rig.capture = Capture::File(part.into()),
                Err(_) => return Err(format!("expected a period, `free` or a name that ends in .wav, found `{part}`")),
            }
        }
        Ok(rig)
    }
}

/// What happened on the card.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Counts {
    pub callbacks: u64,
    pub frames: u64,
    /// Callbacks that were not done when their sound was due, as the card reported them (xruns).
    pub late: u64,
    /// Of these, the ones the machine is to blame for: it woke the card too late already.
    pub late_by_machine: u64,
    /// Streams opened so far.
    pub opened: u32,
}

/// A handle to the card; clones are handles to the same one.
#[derive(Clone)]
pub struct TestHost(pub(super) Arc<Shared>);

pub(super) struct Shared {
    pub rig: Rig,
    pub unplugged: AtomicBool,
    /// Rates it can run at now.
    pub rates: Mutex<(u32, u32)>,
    /// Nanoseconds by which the next callback is held up.
    pub stall: AtomicU64,
    pub callbacks: AtomicU64,
    pub frames: AtomicU64,
    pub late: AtomicU64,
    pub late_by_machine: AtomicU64,
    pub opened: AtomicU32,
    /// The stream that plays, if one does.
    pub body: Mutex<Option<Body>>,
    tape: Mutex<Tape>,
}

enum Tape {
    None,
    Memory(Vec<f32>),
    /// Opened with the first callback, which knows the rate.
    Blank(PathBuf),
    File(Box<Writer>),
    Torn(Error),
}

impl TestHost {
    pub fn new(rig: Rig) -> Self {
        let tape = match &rig.capture {
            Capture::Nothing => Tape::None,
            Capture::Memory => Tape::Memory(Vec::new()),
            Capture::File(path) => Tape::Blank(path.clone()),
        };
        let rates = Mutex::new(rig.rates);
        TestHost(Arc::new(Shared {
            rig,
            unplugged: AtomicBool::new(false),
            rates,
            stall: AtomicU64::new(0),
            callbacks: AtomicU64::new(0),
            frames: AtomicU64::new(0),
            late: AtomicU64::new(0),
            late_by_machine: AtomicU64::new(0),
            opened: AtomicU32::new(0),
            body: Mutex::new(None),
            tape: Mutex::new(tape),
        }))
    }

    /// The card as a device of cpal's.
    pub fn device(&self) -> cpal::Device {
        cpal::platform::CustomDevice::from_device(Card(self.0.clone())).into()
    }

    pub fn counts(&self) -> Counts {
        let card = &self.0;
        Counts {
            callbacks: card.callbacks.load(Relaxed),
            frames: card.frames.load(Relaxed),
            late: card.late.load(Relaxed),
            late_by_machine: card.late_by_machine.load(Relaxed),
            opened: card.opened.load(Relaxed),
        }
    }

    /// Plays `frames` now (`Pace::ByHand`), in callbacks of the card's sizes, the last one cut to fit. Returns the frames
    /// played: 0 when no stream runs.
    pub fn step(&self, frames: usize) -> usize {
        let mut played = 0;
        while played < frames {
            match card::callback(&self.0, frames - played) {
                0 => break,
                n => played += n,
            }
        }
        played
    }

    /// Interleaved stereo played so far (`Capture::Memory`), taken away.
    pub fn captured(&self) -> Vec<f32> {
        match &mut *lock(&self.0.tape) {
            Tape::Memory(samples) => std::mem::take(samples),
            _ => Vec::new(),
        }
    }

    /// Holds up the next callback.
    pub fn stall(&self, time: Duration) {
        self.0.stall.store(time.as_nanos() as u64, Relaxed);
    }

    /// Pulls the plug: the running stream fails, and new ones do until `plug`.
    pub fn unplug(&self) {
        self.0.unplugged.store(true, Relaxed);
        self.complain(1, ErrorKind::DeviceNotAvailable);
    }

    pub fn plug(&self) {
        self.0.unplugged.store(false, Relaxed);
    }

    /// Lets it run at this rate alone from the next stream on.
    pub fn set_rate(&self, rate: u32) {
        *lock(&self.0.rates) = (rate, rate);
    }

    /// Reports the same error so many times.
    pub fn complain(&self, times: usize, kind: ErrorKind) {
        if let Some(body) = &mut *lock(&self.0.body) {
            for _ in 0..times {
                (body.error)(CpalError::new(kind));
            }
        }
    }

    /// Completes the capture.
    ///
    /// # Errors
    /// Where the file could not be written, at any time before.
    pub fn finish(&self) -> Result<(), Error> {
        let mut tape = lock(&self.0.tape);
        if !matches!(*tape, Tape::File(_) | Tape::Torn(_)) {
            return Ok(());
        }
        match std::mem::replace(&mut *tape, Tape::None) {
            Tape::File(writer) => writer.finish(),
            Tape::Torn(why) => Err(why),
            _ => Ok(()),
        }
    }
}

impl Shared {
    /// Keeps what was played: the first two of `channels`.
    pub fn record(&self, samples: &[f32], channels: usize, rate: u32) {
        let mut tape = lock(&self.tape);
        let stereo = || samples.chunks(channels).flat_map(|frame| [frame[0], frame[1.min(channels - 1)]]);
        if let Tape::Blank(path) = &*tape {
            *tape = match Writer::create(path, Format { rate, channels: 2, bits: Bits::Float32 }) {
                Ok(writer) => Tape::File(Box::new(writer)),
                Err(why) => Tape::Torn(why),
            };
        }
        match &mut *tape {
            Tape::Memory(all) => all.extend(stereo()),
            Tape::File(writer) => {
                if let Err(why) = writer.write(&stereo().collect::<Vec<_>>()) {
                    *tape = Tape::Torn(why);
                }
            }
            _ => (),
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        let tape = self.tape.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Tape::File(writer) = std::mem::replace(tape, Tape::None) {
            let _ = writer.finish();
        }
    }
}

impl PartialEq for TestHost {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for TestHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TestHost").field(&self.0.rig).finish()
    }
}

/// A panic elsewhere does not spoil what was counted.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rig_is_read_from_a_device_name() {
        assert_eq!("test".parse(), Ok(Rig::default()));
        let rig: Rig = "test:256:free:out/a.wav".parse().unwrap();
        assert_eq!((rig.sizes, rig.pace), (vec![256], Pace::Free));
        assert_eq!(rig.capture, Capture::File("out/a.wav".into()));
        for bad in ["toast", "test:0", "test:fast", "test:a.mp3"] {
            assert!(bad.parse::<Rig>().unwrap_err().contains("expected"), "{bad}");
        }
    }
}
