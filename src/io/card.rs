//! The test host's inside: cpal's traits for a device and a stream, and the thread that keeps the pace.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use cpal::traits::{DeviceTrait, StreamTrait};
use cpal::{
    BufferSize, Data, DeviceDescription, DeviceDescriptionBuilder, DeviceId, Error, ErrorKind, FrameCount, I24,
    InputCallbackInfo, OutputCallbackInfo, OutputStreamTimestamp, Sample, SampleFormat, StreamConfig, StreamInstant,
    SupportedBufferSize, SupportedStreamConfig, SupportedStreamConfigRange,
};

use super::host::{Pace, Shared, lock};

/// A callback's size where neither the card nor the one who plays says one.
const PERIOD: u32 = 512;
/// Nobody asks a card for more at once.
const LARGEST: u32 = 1 << 16;

/// The device.
#[derive(Clone)]
pub(super) struct Card(pub Arc<Shared>);

type Fill = Box<dyn FnMut(&mut Data, &OutputCallbackInfo) + Send>;

/// A stream's callbacks and the buffer they fill.
pub(super) struct Body {
    fill: Fill,
    pub error: Box<dyn FnMut(Error) + Send>,
    config: StreamConfig,
    format: SampleFormat,
    /// Large and aligned enough for any sample format.
    memory: Vec<u64>,
    heard: Vec<f32>,
    /// Callbacks so far: whose turn it is among the card's sizes.
    turn: usize,
    playing: Arc<AtomicBool>,
    opened: Instant,
}

/// One callback of at most `limit` frames. Returns how many were played: 0 when nobody plays.
pub(super) fn callback(card: &Shared, limit: usize) -> usize {
    let mut guard = lock(&card.body);
    let Some(body) = guard.as_mut().filter(|b| b.playing.load(Relaxed)) else { return 0 };
    let frames = limit.min(body.next_size(card));
    body.turn += 1;
    let channels = usize::from(body.config.channels);
    let samples = frames * channels;
    body.memory.clear();
    body.memory.resize((samples * body.format.sample_size()).div_ceil(8), 0);
    // SAFETY: the memory holds at least `samples` samples, is aligned to 8 bytes and outlives the call; zeros are valid
    // samples in every format.
    let mut data = unsafe { Data::from_parts(body.memory.as_mut_ptr().cast(), samples, body.format) };
    let now = instant(body.opened);
    (body.fill)(&mut data, &OutputCallbackInfo::new(OutputStreamTimestamp { callback: now, playback: now }));
    listen(&data, &mut body.heard);
    card.record(&body.heard, channels, body.config.sample_rate);
    card.callbacks.fetch_add(1, Relaxed);
    card.frames.fetch_add(frames as u64, Relaxed);
    frames
}

impl Body {
    fn next_size(&self, card: &Shared) -> usize {
        let sizes = &card.rig.sizes;
        match (sizes.is_empty(), self.config.buffer_size) {
            (false, _) => sizes[self.turn % sizes.len()] as usize,
            (true, BufferSize::Fixed(size)) => size as usize,
            (true, BufferSize::Default) => PERIOD as usize,
        }
    }
}

/// What a loudspeaker would make of the data.
fn listen(data: &Data, heard: &mut Vec<f32>) {
    fn all<T: cpal::SizedSample>(data: &Data, heard: &mut Vec<f32>)
    where
        f32: cpal::FromSample<T>,
    {
        heard.extend(data.as_slice::<T>().into_iter().flatten().map(|x| f32::from_sample(*x)));
    }
    heard.clear();
    match data.sample_format() {
        SampleFormat::F32 => all::<f32>(data, heard),
        SampleFormat::F64 => all::<f64>(data, heard),
        SampleFormat::I16 => all::<i16>(data, heard),
        SampleFormat::I24 => all::<I24>(data, heard),
        SampleFormat::I32 => all::<i32>(data, heard),
        SampleFormat::U8 => all::<u8>(data, heard),
        SampleFormat::U16 => all::<u16>(data, heard),
        _ => heard.resize(data.len(), 0.0),
    }
}

/// A running stream; ends when dropped.
pub(super) struct Line {
    card: Arc<Shared>,
    playing: Arc<AtomicBool>,
    end: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    opened: Instant,
}

impl Drop for Line {
    fn drop(&mut self) {
        self.end.store(true, Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        *lock(&self.card.body) = None;
    }
}

/// The card's own thread.
fn run(card: &Shared, end: &AtomicBool, playing: &AtomicBool, rate: u32) {
    let mut deadline = Instant::now();
    while !end.load(Relaxed) {
        if !playing.load(Relaxed) {
            thread::sleep(Duration::from_millis(1));
            deadline = Instant::now();
            continue;
        }
        if card.rig.pace == Pace::RealTime {
            thread::sleep(deadline.saturating_duration_since(Instant::now()));
        }
        stall(card, end);
        if card.unplugged.load(Relaxed) {
            return;
        }
        let woke = Instant::now();
        let frames = callback(card, usize::MAX);
        if card.rig.pace == Pace::RealTime {
            let period = Duration::from_secs_f64(frames as f64 / f64::from(rate));
            deadline = judge(card, deadline + period, woke);
        }
    }
}

/// Says whether the sound came in time, and when the next is due.
fn judge(card: &Shared, due: Instant, woke: Instant) -> Instant {
    let done = Instant::now();
    if done <= due {
        return due;
    }
    card.late.fetch_add(1, Relaxed);
    if woke > due {
        card.late_by_machine.fetch_add(1, Relaxed);
    }
    if let Some(body) = &mut *lock(&card.body) {
        (body.error)(Error::new(ErrorKind::Xrun));
    }
    // A card goes on from where it is; it does not catch up.
    done
}

/// Sleeps as long as was asked for, in pieces, so that a stalled stream can still be dropped.
fn stall(card: &Shared, end: &AtomicBool) {
    let until = Instant::now() + Duration::from_nanos(card.stall.swap(0, Relaxed));
    while !end.load(Relaxed) && Instant::now() < until {
        thread::sleep(Duration::from_millis(5).min(until.saturating_duration_since(Instant::now())));
    }
}

impl DeviceTrait for Card {
    type SupportedInputConfigs = std::iter::Empty<SupportedStreamConfigRange>;
    type SupportedOutputConfigs = std::option::IntoIter<SupportedStreamConfigRange>;
    type Stream = Line;

    fn description(&self) -> Result<DeviceDescription, Error> {
        Ok(DeviceDescriptionBuilder::new("test").build())
    }

    fn id(&self) -> Result<DeviceId, Error> {
        Err(Error::new(ErrorKind::UnsupportedOperation))
    }

    fn supported_input_configs(&self) -> Result<Self::SupportedInputConfigs, Error> {
        Ok(std::iter::empty())
    }

    fn supported_output_configs(&self) -> Result<Self::SupportedOutputConfigs, Error> {
        self.plugged()?;
        let (rig, sizes) = (&self.0.rig, self.sizes());
        let (low, high) = *lock(&self.0.rates);
        let range = SupportedStreamConfigRange::new(rig.channels, low, high, sizes, rig.format);
        Ok(Some(range).into_iter())
    }

    fn default_input_config(&self) -> Result<SupportedStreamConfig, Error> {
        Err(Error::new(ErrorKind::UnsupportedOperation))
    }

    fn default_output_config(&self) -> Result<SupportedStreamConfig, Error> {
        self.plugged()?;
        let (rig, sizes) = (&self.0.rig, self.sizes());
        let (low, high) = *lock(&self.0.rates);
        let rate = 48_000.clamp(low, high);
        Ok(SupportedStreamConfig::new(rig.channels, rate, sizes, rig.format))
    }

    fn build_input_stream_raw<D, E>(
        &self,
        _: StreamConfig,
        _: SampleFormat,
        _: D,
        _: E,
        _: Option<Duration>,
    ) -> Result<Self::Stream, Error>
    where
        D: FnMut(&Data, &InputCallbackInfo) + Send + 'static,
        E: FnMut(Error) + Send + 'static,
    {
        Err(Error::new(ErrorKind::UnsupportedOperation))
    }

    fn build_output_stream_raw<D, E>(
        &self,
        config: StreamConfig,
        format: SampleFormat,
        fill: D,
        error: E,
        _: Option<Duration>,
    ) -> Result<Self::Stream, Error>
    where
        D: FnMut(&mut Data, &OutputCallbackInfo) + Send + 'static,
        E: FnMut(Error) + Send + 'static,
    {
        self.plugged()?;
        let rig = &self.0.rig;
        let rate = config.sample_rate;
        let (low, high) = *lock(&self.0.rates);
        if format != rig.format || config.channels != rig.channels || !(low..=high).contains(&rate) {
            return Err(Error::new(ErrorKind::UnsupportedConfig));
        }
        let (playing, opened) = (Arc::new(AtomicBool::new(false)), Instant::now());
        let mut body = lock(&self.0.body);
        if body.is_some() {
            return Err(Error::new(ErrorKind::DeviceBusy));
        }
        *body = Some(Body {
            fill: Box::new(fill),
            error: Box::new(error),
            config,
            format,
            memory: Vec::new(),
            heard: Vec::new(),
            turn: 0,
            playing: playing.clone(),
            opened,
        });
        drop(body);
        self.0.opened.fetch_add(1, Relaxed);
        let mut line = Line { card: self.0.clone(), playing, end: Arc::default(), thread: None, opened };
        if rig.pace != Pace::ByHand {
            let (card, end, playing) = (self.0.clone(), line.end.clone(), line.playing.clone());
            let thread = thread::Builder::new().name("test card".into());
            let thread = thread.spawn(move || run(&card, &end, &playing, rate));
            line.thread = Some(thread.map_err(|_| Error::new(ErrorKind::ResourceExhausted))?);
        }
        Ok(line)
    }
}

impl Card {
    /// A card of one size says so; others take anything.
    fn sizes(&self) -> SupportedBufferSize {
        match *self.0.rig.sizes {
            [size] => SupportedBufferSize::Range { min: size, max: size },
            _ => SupportedBufferSize::Range { min: 1, max: LARGEST },
        }
    }

    fn plugged(&self) -> Result<(), Error> {
        match self.0.unplugged.load(Relaxed) {
            true => Err(Error::new(ErrorKind::DeviceNotAvailable)),
            false => Ok(()),
        }
    }
}

impl StreamTrait for Line {
    fn play(&self) -> Result<(), Error> {
        self.playing.store(true, Relaxed);
        Ok(())
    }

    fn pause(&self) -> Result<(), Error> {
        self.playing.store(false, Relaxed);
        Ok(())
    }

    fn now(&self) -> StreamInstant {
        instant(self.opened)
    }

    fn buffer_size(&self) -> Result<FrameCount, Error> {
        // As on real devices: a guess.
        Ok(PERIOD)
    }
}

fn instant(since: Instant) -> StreamInstant {
    let passed = since.elapsed();
    StreamInstant::new(passed.as_secs(), passed.subsec_nanos())
}

impl PartialEq for Card {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Card {}

impl Hash for Card {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.0).hash(state);
    }
}

impl fmt::Debug for Card {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Card").field(&self.0.rig).finish()
    }
}

impl fmt::Display for Card {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("test")
    }
}
