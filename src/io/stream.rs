//! One output stream on one device: any callback size, any sample format, any number of channels.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

use cpal::traits::{DeviceTrait, StreamTrait};
use cpal::{
    BufferSize, Data, ErrorKind, FromSample, I24, OutputCallbackInfo, SampleFormat, SizedSample, StreamConfig,
    SupportedBufferSize, SupportedStreamConfig, U24,
};
use crossbeam_channel::Sender;

use super::Error;
use super::figures::Tally;
use super::seat::{Player, Seat};

/// Frames per callback to ask for where nobody says otherwise: 11 ms at 48 kHz.
pub(super) const BUFFER: u32 = 512;

/// Trouble a stream told of: the stream's number, what it is, and whether it is the end.
pub(super) struct Trouble {
    pub stream: u64,
    pub message: String,
    pub fatal: bool,
}

/// A stream that plays from the seat until it is closed.
pub(super) struct Output {
    stream: Option<cpal::Stream>,
    open: Arc<AtomicBool>,
}

/// What every stream of a session shares.
#[derive(Clone)]
pub(super) struct Stage {
    pub seat: Seat,
    pub tally: Arc<Tally>,
    pub trouble: Sender<Trouble>,
}

/// The rate to run the engine at: the one asked for, or the device's own.
pub(super) fn rate(device: &cpal::Device, name: &str, asked: Option<u32>) -> Result<u32, Error> {
    match asked {
        Some(rate) => config(device, name, rate).map(|_| rate),
        None => Ok(device.default_output_config().map_err(|why| refused(name, &why))?.sample_rate()),
    }
}

/// The device's best way to play at `rate`: its own format if that fits, else two channels if it has them, else what
/// comes closest; floating point before whole numbers, wide before narrow.
fn config(device: &cpal::Device, name: &str, rate: u32) -> Result<SupportedStreamConfig, Error> {
    let own = device.default_output_config().map_err(|why| refused(name, &why))?;
    if own.sample_rate() == rate && writable(own.sample_format()) {
        return Ok(own);
    }
    let ranges: Vec<_> = device.supported_output_configs().map_err(|why| refused(name, &why))?.collect();
    let fitting = ranges.iter().filter(|r| r.contains_rate(rate) && writable(r.sample_format()));
    let rank = |r: &&cpal::SupportedStreamConfigRange| {
        let format = r.sample_format();
        (r.channels() == 2, r.channels() == own.channels(), format.is_float(), format.bits_per_sample())
    };
    fitting.max_by_key(rank).and_then(|r| r.try_with_sample_rate(rate)).ok_or_else(|| Error::Device {
        message: format!("{name} does not run at {rate} frames per second"),
        hint: format!("set it to {rate}, or start again with --rate {}", own.sample_rate()),
    })
}

impl Output {
    /// Opens a stream of what is made at `rate` frames per second, silent until `play`; at the device's own rate where it
    /// does not run at this one. Returns it with the device's rate and the frames per callback it was promised, if it was.
    pub fn open(
        device: &cpal::Device,
        name: &str,
        rate: u32,
        buffer: Option<u32>,
        number: u64,
        stage: &Stage,
    ) -> Result<(Output, u32, Option<u32>), Error> {
        let supported = match config(device, name, rate) {
            Ok(supported) => supported,
            Err(_) => device.default_output_config().map_err(|why| refused(name, &why))?,
        };
        let size = match (supported.buffer_size(), buffer.unwrap_or(BUFFER)) {
            (SupportedBufferSize::Range { min, max }, size) if min <= max => size.clamp(*min, *max),
            (_, size) => size,
        };
        let open = Arc::new(AtomicBool::new(true));
        let attempt = |buffer_size| {
            let config = StreamConfig { buffer_size, ..supported.config() };
            let player = Player::new(stage.seat.clone(), stage.tally.clone(), rate, supported.sample_rate());
            let fill = fill(player, supported.sample_format(), config.channels.into(), open.clone());
            device.build_output_stream_raw(config, supported.sample_format(), fill, complain(number, stage), None)
        };
        // Some devices refuse every size that is not their own.
        let (stream, size) = match attempt(BufferSize::Fixed(size.max(1))) {
            Ok(stream) => (stream, Some(size)),
            Err(_) => (attempt(BufferSize::Default).map_err(|why| refused(name, &why))?, None),
        };
        Ok((Output { stream: Some(stream), open }, supported.sample_rate(), size))
    }

    pub fn play(&self, name: &str) -> Result<(), Error> {
        self.stream.as_ref().map_or(Ok(()), |s| s.play()).map_err(|why| refused(name, &why))
    }

    /// Plays no more, from the next callback on.
    pub fn leave(&self) {
        self.open.store(false, Relaxed);
    }
}

impl Drop for Output {
    /// Leaves the seat at once; the device is let go on a thread of its own, for some hang when they have gone away.
    fn drop(&mut self) {
        self.leave();
        let Some(stream) = self.stream.take() else { return };
        let (done, wait) = crossbeam_channel::bounded(1);
        let close = move || {
            let _ = stream.pause();
            // Dropping a JACK stream while its callback runs aborts the process.
            thread::sleep(Duration::from_millis(60));
            drop(stream);
            let _ = done.try_send(());
        };
        if thread::Builder::new().name("closing".into()).spawn(close).is_ok() {
            let _ = wait.recv_timeout(Duration::from_millis(500));
        }
    }
}

/// The data callback.
fn fill(
    mut player: Player,
    format: SampleFormat,
    channels: usize,
    open: Arc<AtomicBool>,
) -> impl FnMut(&mut Data, &OutputCallbackInfo) + Send + 'static {
    move |data, _| {
        if !open.load(Relaxed) {
            return;
        }
        match format {
            SampleFormat::F32 => spread::<f32>(&mut player, data, channels),
            SampleFormat::F64 => spread::<f64>(&mut player, data, channels),
            SampleFormat::I8 => spread::<i8>(&mut player, data, channels),
            SampleFormat::I16 => spread::<i16>(&mut player, data, channels),
            SampleFormat::I24 => spread::<I24>(&mut player, data, channels),
            SampleFormat::I32 => spread::<i32>(&mut player, data, channels),
            SampleFormat::I64 => spread::<i64>(&mut player, data, channels),
            SampleFormat::U8 => spread::<u8>(&mut player, data, channels),
            SampleFormat::U16 => spread::<u16>(&mut player, data, channels),
            SampleFormat::U24 => spread::<U24>(&mut player, data, channels),
            SampleFormat::U32 => spread::<u32>(&mut player, data, channels),
            SampleFormat::U64 => spread::<u64>(&mut player, data, channels),
            _ => (),
        }
    }
}

fn writable(format: SampleFormat) -> bool {
    !matches!(format, SampleFormat::DsdU8 | SampleFormat::DsdU16 | SampleFormat::DsdU32)
}

/// Stereo onto the device's channels: one gets the middle, more than two stay silent from the third on.
fn spread<T: SizedSample + FromSample<f32>>(player: &mut Player, data: &mut Data, channels: usize) {
    let Some(out) = data.as_slice_mut::<T>() else { return };
    // Whole numbers end one step below full scale.
    let limit = if T::FORMAT.is_float() { f32::MAX } else { 1.0 - f32::EPSILON / 2.0 };
    let convert = |x: f32| T::from_sample(x.clamp(-limit.max(1.0), limit));
    player.play(out.len() / channels, |first, stereo| {
        let frames = out[first * channels..].chunks_exact_mut(channels);
        for (frame, pair) in frames.zip(stereo.chunks_exact(2)) {
            match frame {
                [middle] => *middle = convert(0.5 * (pair[0] + pair[1])),
                [left, right, rest @ ..] => {
                    *left = convert(pair[0]);
                    *right = convert(pair[1]);
                    rest.fill(T::EQUILIBRIUM);
                }
                [] => (),
            }
        }
    });
}

/// The error callback: counts, and passes on what fits.
fn complain(stream: u64, stage: &Stage) -> impl FnMut(cpal::Error) + Send + 'static {
    let Stage { tally, trouble, .. } = stage.clone();
    move |error| match error.kind() {
        ErrorKind::Xrun => tally.xrun(),
        // Still plays: on another route, or without the priority it asked for.
        ErrorKind::DeviceChanged | ErrorKind::RealtimeDenied => (),
        kind => {
            tally.error();
            let fatal = [
                ErrorKind::DeviceNotAvailable,
                ErrorKind::HostUnavailable,
                ErrorKind::StreamInvalidated,
                ErrorKind::UnsupportedConfig,
            ];
            let fatal = fatal.contains(&kind);
            // A flood finds the queue full and costs a counter.
            let _ = trouble.try_send(Trouble { stream, message: error.to_string(), fatal });
        }
    }
}

fn refused(name: &str, why: &cpal::Error) -> Error {
    let hint = match why.kind() {
        ErrorKind::DeviceBusy => "close what plays through it".into(),
        _ => super::advice::no_sound(),
    };
    Error::Device { message: format!("{name} cannot be opened: {}", lower(&why.to_string())), hint }
}

/// What a foreign message says first, in the house's style: lower case, no full stop.
pub(super) fn lower(message: &str) -> String {
    let first = message.split(". ").next().unwrap_or_default().trim_end_matches('.');
    let acronym = first.chars().nth(1).is_some_and(char::is_uppercase);
    let mut letters = first.chars();
    match letters.next() {
        Some(c) if !acronym => c.to_lowercase().chain(letters).collect(),
        _ => first.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::lower;

    #[test]
    fn foreign_messages_take_on_the_houses_style() {
        assert_eq!(lower("The device is busy. Another program uses it."), "the device is busy");
        assert_eq!(lower("JACK server shut down: gone"), "JACK server shut down: gone");
        assert_eq!(lower(""), "");
    }
}
