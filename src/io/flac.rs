//! FLAC, written frame by frame as the music comes, so that an hour needs no more memory than a second.

use std::io::{Error, ErrorKind, Result, Seek, SeekFrom, Write};

use flacenc::bitsink::ByteSink;
use flacenc::component::{BitRepr, Stream, StreamInfo};
use flacenc::config::Encoder;
use flacenc::error::{Verified, Verify};
use flacenc::source::{Context, Fill, FrameBuf};

/// Frames of music in one frame of the file: what the reference encoder takes.
const BLOCK: usize = 4096;

/// An open FLAC stream on a disk.
pub struct Flac<W: Write + Seek> {
    disk: W,
    encoder: Verified<Encoder>,
    /// Where the first would inflate the music: its sums for the fixed predictors wrap in loud 24-bit blocks.
    careful: Verified<Encoder>,
    info: StreamInfo,
    digest: Context,
    block: FrameBuf,
    waiting: Vec<i32>,
    frames: usize,
}

impl<W: Write + Seek> Flac<W> {
    /// `rate` up to 96 kHz, `channels` 1 to 8, `bits` 16 or 24.
    pub fn new(mut disk: W, rate: u32, channels: u16, bits: u32) -> Result<Self> {
        let verified = |encoder: Encoder| encoder.into_verified().map_err(|(_, why)| refuse(why));
        let mut careful = Encoder::default();
        careful.subframe_coding.use_fixed = false;
        let info = StreamInfo::new(rate as usize, channels as usize, bits as usize).map_err(refuse)?;
        disk.write_all(&header(&info)?)?;
        Ok(Flac {
            disk,
            encoder: verified(Encoder::default())?,
            careful: verified(careful)?,
            info,
            digest: Context::new(bits as usize, channels as usize),
            block: FrameBuf::with_size(channels as usize, BLOCK).map_err(refuse)?,
            waiting: Vec::with_capacity(BLOCK * channels as usize),
            frames: 0,
        })
    }

    /// One sample of the interleaved stream.
    pub fn write(&mut self, sample: i32) -> Result<()> {
        self.waiting.push(sample);
        if self.waiting.len() == BLOCK * self.info.channels() {
            self.encode()?;
        }
        Ok(())
    }

    /// Encodes what waits and completes the header.
    pub fn finish(mut self) -> Result<W> {
        if !self.waiting.is_empty() {
            self.encode()?;
        }
        // The last block may be shorter and does not count (RFC 9639, section 8.2).
        self.info.set_block_sizes(BLOCK, BLOCK).map_err(refuse)?;
        self.info.set_md5_digest(&self.digest.md5_digest());
        self.info.set_total_samples(self.digest.total_samples());
        self.disk.seek(SeekFrom::Start(0))?;
        self.disk.write_all(&header(&self.info)?)?;
        self.disk.flush()?;
        Ok(self.disk)
    }

    fn encode(&mut self) -> Result<()> {
        self.digest.fill_interleaved(&self.waiting).map_err(refuse)?;
        self.block.fill_interleaved(&self.waiting).map_err(refuse)?;
        let by =
            |encoder| flacenc::encode_fixed_size_frame(encoder, &self.block, self.frames, &self.info).map_err(refuse);
        let mut frame = by(&self.encoder)?;
        if frame.count_bits() > self.waiting.len() * self.info.bits_per_sample() {
            frame = by(&self.careful)?;
        }
        self.info.update_frame_info(&frame);
        let mut bytes = ByteSink::new();
        frame.write(&mut bytes).map_err(refuse)?;
        self.disk.write_all(bytes.as_slice())?;
        self.frames += 1;
        self.waiting.clear();
        Ok(())
    }
}

/// The marker and STREAMINFO, 42 bytes whatever it says.
fn header(info: &StreamInfo) -> Result<Vec<u8>> {
    let mut bytes = ByteSink::new();
    Stream::with_stream_info(info.clone()).write(&mut bytes).map_err(refuse)?;
    Ok(bytes.as_slice().to_vec())
}

fn refuse(why: impl std::fmt::Debug) -> Error {
    Error::new(ErrorKind::InvalidData, format!("flac encoder: {why:?}"))
}
