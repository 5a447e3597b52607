//! WAV: samples as they are, behind a header that says what they are.
//!
//! Multimedia Programming Interface and Data Specifications 1.0 (IBM and Microsoft, 1991); what is wider than 16 bits, or has
//! more than two channels, is told as WAVE_FORMAT_EXTENSIBLE asks.

use std::io::{self, Seek, SeekFrom, Write};

/// Samples that are turned into bytes at once.
const STRETCH: usize = 1024;

/// What the numbers of a file are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Whole numbers of 16 or 24 bits.
    Whole(u16),
    /// Floating point, 32 bits.
    Float,
}

impl Kind {
    fn bits(self) -> u16 {
        if let Kind::Whole(bits) = self { bits } else { 32 }
    }
}

/// A WAV being written. Complete only once finished.
pub(super) struct Wav<W> {
    disk: W,
    kind: Kind,
    /// Bytes of the header, and of the samples so far.
    header: u32,
    data: u32,
}

impl<W: Write + Seek> Wav<W> {
    /// Begins a file of `rate` frames per second, 1 or more channels.
    ///
    /// # Errors
    /// A disk that is full or gone.
    pub fn new(mut disk: W, rate: u32, channels: u16, kind: Kind) -> io::Result<Self> {
        let header = header(rate, channels, kind);
        disk.write_all(&header)?;
        Ok(Wav { disk, kind, header: header.len() as u32, data: 0 })
    }

    /// Appends samples as floating point; the file must be of that kind.
    ///
    /// # Errors
    /// A disk that is full or gone.
    pub fn float(&mut self, samples: &[f32]) -> io::Result<()> {
        debug_assert_eq!(self.kind, Kind::Float);
        let mut bytes = [0; 4 * STRETCH];
        for part in samples.chunks(STRETCH) {
            for (to, x) in bytes.as_chunks_mut().0.iter_mut().zip(part) {
                *to = x.to_le_bytes();
            }
            self.put(&bytes[..4 * part.len()])?;
        }
        Ok(())
    }

    /// Appends samples as whole numbers, which `whole` makes of them; the file must be of that kind.
    ///
    /// # Errors
    /// A disk that is full or gone.
    pub fn whole(&mut self, samples: &[f32], mut whole: impl FnMut(f32) -> i32) -> io::Result<()> {
        let mut bytes = [0; 3 * STRETCH];
        for part in samples.chunks(STRETCH) {
            let width = if self.kind.bits() == 16 {
                let to = bytes.as_chunks_mut().0.iter_mut();
                to.zip(part).for_each(|(to, x)| *to = (whole(*x) as i16).to_le_bytes());
                2
            } else {
                for (to, x) in bytes.as_chunks_mut().0.iter_mut().zip(part) {
                    let [low, middle, high, _] = whole(*x).to_le_bytes();
                    *to = [low, middle, high];
                }
                3
            };
            self.put(&bytes[..width * part.len()])?;
        }
        Ok(())
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.disk.write_all(bytes)?;
        self.data = self.data.saturating_add(bytes.len() as u32);
        Ok(())
    }

    /// Says in the header how much has come, and gives the disk back with nothing left in a buffer.
    ///
    /// # Errors
    /// A disk that is full or gone.
    pub fn finish(mut self) -> io::Result<W> {
        // Chunks begin at even bytes.
        let pad = self.data % 2;
        self.disk.write_all(&[0][..pad as usize])?;
        let whole = (self.header - 8).saturating_add(self.data).saturating_add(pad);
        for (at, size) in [(4, whole), (self.header - 4, self.data)] {
            self.disk.seek(SeekFrom::Start(at.into()))?;
            self.disk.write_all(&size.to_le_bytes())?;
        }
        self.disk.flush()?;
        Ok(self.disk)
    }
}

/// Everything before the samples, their number left open.
fn header(rate: u32, channels: u16, kind: Kind) -> Vec<u8> {
    const PCM: u16 = 1;
    const FLOAT: u16 = 3;
    const EXTENSIBLE: u16 = 0xfffe;
    /// What follows the first two bytes of every format's long name.
    const NAME: [u8; 14] = [0, 0, 0, 0, 16, 0, 128, 0, 0, 170, 0, 56, 155, 113];
    let (bits, tag) = (kind.bits(), if kind == Kind::Float { FLOAT } else { PCM });
    let plain = bits == 16 && channels <= 2;
    let frame = u32::from(channels) * u32::from(bits / 8);
    let mut format = vec![];
    format.extend(if plain { tag } else { EXTENSIBLE }.to_le_bytes());
    format.extend(channels.to_le_bytes());
    format.extend(rate.to_le_bytes());
    format.extend(rate.saturating_mul(frame).to_le_bytes());
    format.extend((frame as u16).to_le_bytes());
    format.extend(bits.to_le_bytes());
    if !plain {
        // What one and two channels are is known: the middle, left and right.
        let speakers: u32 = match channels {
            1 => 0b100,
            2 => 0b11,
            _ => 0,
        };
        format.extend(22u16.to_le_bytes());
        format.extend(bits.to_le_bytes());
        format.extend(speakers.to_le_bytes());
        format.extend(tag.to_le_bytes());
        format.extend(NAME);
    }
    let mut all = b"RIFF\0\0\0\0WAVEfmt ".to_vec();
    all.extend((format.len() as u32).to_le_bytes());
    all.extend(format);
    all.extend(b"data\0\0\0\0");
    all
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn wave(frames: usize) -> Vec<f32> {
        (0..frames).map(|i| (i as f32 * 0.37).sin() * 0.9).collect()
    }

    /// A file in memory.
    fn file(channels: u16, kind: Kind, samples: &[f32]) -> Vec<u8> {
        let mut wav = Wav::new(Cursor::new(vec![]), 44_100, channels, kind).unwrap();
        let whole = |x: f32| (x * f32::from(i16::MAX)) as i32;
        for part in samples.chunks(777) {
            match kind {
                Kind::Float => wav.float(part).unwrap(),
                Kind::Whole(_) => wav.whole(part, whole).unwrap(),
            }
        }
        wav.finish().unwrap().into_inner()
    }

    #[test]
    fn another_reader_finds_every_kind_as_it_was_written() {
        for channels in [1, 2, 5] {
            for kind in [Kind::Whole(16), Kind::Whole(24), Kind::Float] {
                // An odd number of bytes where a number has three.
                let samples = wave(usize::from(channels) * 5135);
                let bytes = file(channels, kind, &samples);
                let mut reader = hound::WavReader::new(Cursor::new(&bytes)).unwrap();
                let spec = reader.spec();
                assert_eq!((spec.channels, spec.sample_rate, spec.bits_per_sample), (channels, 44_100, kind.bits()));
                assert_eq!(reader.len() as usize, samples.len());
                if kind == Kind::Float {
                    assert!(reader.samples::<f32>().map(Result::unwrap).eq(samples));
                } else {
                    let whole = samples.iter().map(|x| (x * f32::from(i16::MAX)) as i32);
                    assert!(reader.samples::<i32>().map(Result::unwrap).eq(whole));
                }
                let length = u32::from_le_bytes(bytes[4..8].try_into().unwrap());
                assert_eq!(length as usize, bytes.len() - 8, "{channels} channels, {kind:?}");
                assert_eq!(bytes.len() % 2, 0);
            }
        }
    }
}
