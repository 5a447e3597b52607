//! Sound files: WAV and FLAC, complete under their name or not there at all.
//!
//! A file is written beside its place under a hidden name and takes its name when it is whole.

use std::fs::{self, File};
use std::io::{self, BufWriter, Seek, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::Error;
use super::flac::Flac;
use super::quantise::Quantiser;
use super::wav::{Kind, Wav};

/// How a sample is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Bits {
    /// 16-bit whole numbers, dithered: a CD.
    Int16,
    /// 24-bit whole numbers, dithered: what a studio passes on.
    #[default]
    Int24,
    /// 32-bit floating point: bit for bit what was played.
    Float32,
}

impl FromStr for Bits {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "16" => Ok(Bits::Int16),
            "24" => Ok(Bits::Int24),
            "32f" | "32" | "f32" => Ok(Bits::Float32),
            _ => Err(format!("expected 16, 24 or 32f, found `{text}`")),
        }
    }
}

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format {
    /// Frames per second.
    pub rate: u32,
    pub channels: u16,
    pub bits: Bits,
}

trait Disk: Write + Seek + Send {}
impl<T: Write + Seek + Send> Disk for T {}

/// A disk behind a buffer whose type is known: samples are written one by one.
type Buffered = BufWriter<Box<dyn Disk>>;

enum Encoder {
    Wav(Wav<Buffered>, Option<Quantiser>),
    Flac(Box<Flac<Buffered>>, Quantiser),
}

/// A file being written. Dropped before `finish`, it leaves nothing behind.
pub struct Writer {
    /// Gone once finished.
    encoder: Option<Encoder>,
    path: PathBuf,
    /// The hidden name, where there is one: devices like `/dev/null` are written in place.
    part: Option<PathBuf>,
    /// Bytes of music a WAV may still take.
    room: u64,
    width: u64,
}

impl Writer {
    /// Begins a file; its kind is its extension, `.wav` or `.flac`.
    ///
    /// # Errors
    /// An unknown kind, a format the kind cannot hold, a folder that is missing, forbidden or full.
    pub fn create(path: &Path, format: Format) -> Result<Writer, Error> {
        let flac = is_flac(path)?;
        check(path, format, flac)?;
        let in_place = fs::metadata(path).is_ok_and(|m| !m.is_file());
        let part = (!in_place).then(|| hidden(path));
        let open = part.as_deref().unwrap_or(path);
        let file = File::create(open).map_err(|why| Error::file("write", path, why))?;
        Self::on(Box::new(file), path, part, format, flac)
    }

    fn on(
        disk: Box<dyn Disk>,
        path: &Path,
        part: Option<PathBuf>,
        format: Format,
        flac: bool,
    ) -> Result<Writer, Error> {
        let disk = BufWriter::with_capacity(1 << 16, disk);
        let quantiser = match format.bits {
            Bits::Float32 => None,
            Bits::Int16 => Some(Quantiser::new(16)),
            Bits::Int24 => Some(Quantiser::new(24)),
        };
        let bits = match format.bits {
            Bits::Int16 => 16,
            Bits::Int24 => 24,
            Bits::Float32 => 32,
        };
        let mut writer = Writer {
            encoder: None,
            path: path.to_owned(),
            part,
            // A RIFF file counts its bytes in 32 bits.
            room: if flac { u64::MAX } else { u64::from(u32::MAX) - 128 },
            width: u64::from(bits / 8),
        };
        writer.encoder = Some(match quantiser {
            Some(quantiser) if flac => {
                let flac = Flac::new(disk, format.rate, format.channels, bits);
                Encoder::Flac(Box::new(flac.map_err(|why| writer.fail(why))?), quantiser)
            }
            quantiser => {
                let kind = if quantiser.is_some() { Kind::Whole(bits as u16) } else { Kind::Float };
                let wav = Wav::new(disk, format.rate, format.channels, kind);
                Encoder::Wav(wav.map_err(|why| writer.fail(why))?, quantiser)
            }
        });
        Ok(writer)
    }

    /// Appends interleaved samples, −1 … 1.
    ///
    /// # Errors
    /// A disk that is full or gone; a WAV that would pass 4 GB.
    pub fn write(&mut self, samples: &[f32]) -> Result<(), Error> {
        let bytes = samples.len() as u64 * self.width;
        if bytes > self.room {
            let message = "a wav holds 4 GB (render to .flac, or in parts)";
            return Err(Error::format(&self.path, message));
        }
        self.room -= bytes;
        let encoder = self.encoder.as_mut().expect("an encoder until finished");
        let result = match encoder {
            Encoder::Wav(wav, None) => wav.float(samples),
            Encoder::Wav(wav, Some(quantiser)) => wav.whole(samples, |x| quantiser.quantise(x)),
            Encoder::Flac(flac, quantiser) => samples.iter().try_for_each(|x| flac.write(quantiser.quantise(*x))),
        };
        result.map_err(|why| self.fail(why))
    }

    /// Completes the file and gives it its name.
    ///
    /// # Errors
    /// A disk that is full or gone; nothing stands under the name then but what stood there before.
    pub fn finish(mut self) -> Result<(), Error> {
        let finished = match self.encoder.take().expect("an encoder until finished") {
            Encoder::Wav(wav, _) => wav.finish().map(drop),
            Encoder::Flac(flac, _) => flac.finish().map(drop),
        };
        finished.map_err(|why| self.fail(why))?;
        if let Some(part) = self.part.take() {
            // What stood there before is given up for what is on the disk, whatever happens to the machine. Where nothing
            // stood, the disk is not waited for, which may take as long as all the rest: a text plays again to the same bytes.
            let kept = if self.path.exists() { File::open(&part).and_then(|file| file.sync_all()) } else { Ok(()) };
            let named = kept.and_then(|()| fs::rename(&part, &self.path));
            named.inspect_err(|_| drop(fs::remove_file(&part))).map_err(|why| self.fail(why))?;
        }
        Ok(())
    }

    fn fail(&self, why: io::Error) -> Error {
        Error::file("write", &self.path, why)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.encoder = None;
        if let Some(part) = &self.part {
            let _ = fs::remove_file(part);
        }
    }
}

/// A whole sound in memory.
#[derive(Clone, Debug, PartialEq)]
pub struct Recording {
    /// Frames per second.
    pub rate: u32,
    pub channels: u16,
    /// Interleaved, full scale ±1.
    pub samples: Vec<f32>,
}

/// Reads a WAV of any width.
///
/// # Errors
/// A file that is missing, forbidden, or no WAV.
pub fn read(path: &Path) -> Result<Recording, Error> {
    let file = File::open(path).map_err(|why| Error::file("read", path, why))?;
    let broken = |why: hound::Error| match why {
        hound::Error::IoError(why) if why.raw_os_error().is_some() => Error::file("read", path, why),
        why => Error::format(path, format!("expected a wav, found something else: {why}")),
    };
    let mut wav = hound::WavReader::new(io::BufReader::new(file)).map_err(broken)?;
    let spec = wav.spec();
    let samples: Result<Vec<f32>, _> = match spec.sample_format {
        hound::SampleFormat::Float => wav.samples::<f32>().collect(),
        hound::SampleFormat::Int => {
            let scale = 1.0 / f64::from(1u32 << (spec.bits_per_sample - 1));
            wav.samples::<i32>().map(|x| x.map(|x| (f64::from(x) * scale) as f32)).collect()
        }
    };
    Ok(Recording { rate: spec.sample_rate, channels: spec.channels, samples: samples.map_err(broken)? })
}

fn is_flac(path: &Path) -> Result<bool, Error> {
    let extension = path.extension().map(|e| e.to_string_lossy().to_lowercase());
    match extension.as_deref() {
        Some("wav" | "wave") => Ok(false),
        Some("flac") => Ok(true),
        // A device has no extension and takes what comes.
        None if fs::metadata(path).is_ok_and(|m| !m.is_file() && !m.is_dir()) => Ok(false),
        Some(other) => Err(Error::format(path, format!("expected .wav or .flac, found .{other}"))),
        None => Err(Error::format(path, "expected a name that ends in .wav or .flac")),
    }
}

fn check(path: &Path, format: Format, flac: bool) -> Result<(), Error> {
    let limit = if flac { 96_000 } else { 768_000 };
    if !(1..=limit).contains(&format.rate) {
        let message = format!("expected a rate of 1 to {limit} frames per second, found {}", format.rate);
        return Err(Error::format(path, message));
    }
    if flac && format.bits == Bits::Float32 {
        return Err(Error::format(path, "flac holds 16 or 24 bits, found 32f (type --bits 24, or name a .wav)"));
    }
    if flac && !(1..=8).contains(&format.channels) {
        return Err(Error::format(path, format!("flac holds 1 to 8 channels, found {}", format.channels)));
    }
    Ok(())
}

/// The name a file has while it is written: same folder, so that the rename cannot cross disks.
fn hidden(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}.part", std::process::id()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEREO: Format = Format { rate: 48_000, channels: 2, bits: Bits::Float32 };

    fn wave(frames: usize) -> Vec<f32> {
        (0..frames * 2).map(|i| (i as f32 * 0.013).sin() * 0.8).collect()
    }

    fn entries(folder: &Path) -> Vec<String> {
        let names = fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
        names.collect()
    }

    #[test]
    fn a_float_wav_comes_back_bit_for_bit_and_whole_numbers_within_their_dither() {
        let folder = tempfile::tempdir().unwrap();
        let sound = wave(10_000);
        for (bits, worst) in [(Bits::Float32, 0.0), (Bits::Int24, 1.6 / 8_388_608.0), (Bits::Int16, 1.6 / 32_768.0)] {
            let path = folder.path().join("a.wav");
            let mut writer = Writer::create(&path, Format { bits, ..STEREO }).unwrap();
            sound.chunks(999).for_each(|c| writer.write(c).unwrap());
            writer.finish().unwrap();
            let back = read(&path).unwrap();
            assert_eq!((back.rate, back.channels, back.samples.len()), (48_000, 2, sound.len()));
            let error = back.samples.iter().zip(&sound).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(error <= worst, "{bits:?}: {error}");
        }
        assert_eq!(entries(folder.path()), ["a.wav"]);
    }

    #[test]
    fn a_flac_holds_the_same_numbers_as_the_wav_of_its_width() {
        let folder = tempfile::tempdir().unwrap();
        let sound = wave(10_001);
        for (bits, scale) in [(Bits::Int16, 32_768.0), (Bits::Int24, 8_388_608.0)] {
            let [wav, flac] = ["a.wav", "a.flac"].map(|name| folder.path().join(name));
            for path in [&wav, &flac] {
                let mut writer = Writer::create(path, Format { bits, ..STEREO }).unwrap();
                sound.chunks(777).for_each(|c| writer.write(c).unwrap());
                writer.finish().unwrap();
            }
            let mut reader = claxon::FlacReader::open(&flac).unwrap();
            let decoded: Vec<f32> = reader.samples().map(|x| x.unwrap() as f32 / scale).collect();
            assert_eq!(reader.streaminfo().samples, Some(10_001));
            assert!(decoded == read(&wav).unwrap().samples, "{bits:?} differs");
        }
    }

    #[test]
    fn a_flac_is_never_larger_than_the_numbers_it_holds() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.flac");
        let quiet_then_loud = |i: usize| if i % 4096 < 1200 { 0.0 } else { ((i * i * 7) % 1999) as f32 / 1000.0 - 1.0 };
        let sound: Vec<f32> = (0..40_000).map(quiet_then_loud).collect();
        let mut writer = Writer::create(&path, Format { bits: Bits::Int24, ..STEREO }).unwrap();
        writer.write(&sound).unwrap();
        writer.finish().unwrap();
        let size = fs::metadata(&path).unwrap().len();
        assert!(size < 40_000 * 3 + 1000, "{size} bytes");
    }

    #[test]
    fn the_same_sound_gives_the_same_bytes() {
        let folder = tempfile::tempdir().unwrap();
        for kind in ["wav", "flac"] {
            let bytes = [1, 2].map(|n| {
                let path = folder.path().join(format!("{n}.{kind}"));
                let mut writer = Writer::create(&path, Format { bits: Bits::Int16, ..STEREO }).unwrap();
                writer.write(&wave(5000)).unwrap();
                writer.finish().unwrap();
                fs::read(path).unwrap()
            });
            assert!(bytes[0] == bytes[1]);
        }
    }

    #[test]
    fn a_file_given_up_leaves_what_stood_there_before() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("take.wav");
        fs::write(&path, "the take before").unwrap();
        let mut writer = Writer::create(&path, STEREO).unwrap();
        writer.write(&wave(50_000)).unwrap();
        assert_eq!(entries(folder.path()).len(), 2, "the part stands beside");
        drop(writer);
        assert_eq!(entries(folder.path()), ["take.wav"]);
        assert_eq!(fs::read(&path).unwrap(), b"the take before");
    }

    /// A disk that takes so many bytes and no more.
    struct Small(io::Cursor<Vec<u8>>, usize);

    impl Write for Small {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.0.position() as usize + bytes.len() > self.1 {
                return Err(io::ErrorKind::StorageFull.into());
            }
            self.0.write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Seek for Small {
        fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
            self.0.seek(to)
        }
    }

    #[test]
    fn a_disk_that_fills_is_an_error_that_says_so() {
        for (flac, bits) in [(false, Bits::Float32), (false, Bits::Int24), (true, Bits::Int16)] {
            let disk = Box::new(Small(io::Cursor::default(), 20_000));
            let mut writer = Writer::on(disk, Path::new("x.wav"), None, Format { bits, ..STEREO }, flac).unwrap();
            let full = (0..100).find_map(|_| writer.write(&wave(1000)).err()).expect("20 kB are not enough");
            assert!(full.to_string().contains("the disk is full"), "{full}");
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_full_device_is_an_error_in_place_and_a_forbidden_folder_is_told_at_once() {
        let mut writer = Writer::create(Path::new("/dev/full"), STEREO).unwrap();
        let error = writer.write(&wave(100_000)).and_then(|()| writer.finish()).unwrap_err();
        assert!(error.to_string().contains("the disk is full"), "{error}");
        assert!(Writer::create(Path::new("/proc/segue.wav"), STEREO).is_err());
        let error = Writer::create(Path::new("/no/such/folder/x.wav"), STEREO).err().unwrap();
        assert!(error.to_string().contains("its folder does not exist"), "{error}");
    }

    #[test]
    fn what_a_kind_cannot_hold_is_refused_with_a_way_out() {
        for (name, format, says) in [
            ("a.mp3", STEREO, "expected .wav or .flac, found .mp3"),
            ("a", STEREO, "ends in .wav or .flac"),
            ("a.flac", STEREO, "--bits 24"),
            ("a.flac", Format { rate: 192_000, bits: Bits::Int24, ..STEREO }, "96000"),
            ("a.wav", Format { rate: 0, ..STEREO }, "found 0"),
        ] {
            let error = Writer::create(Path::new(name), format).err().expect(name).to_string();
            assert!(error.contains(says), "{error}");
        }
    }

    #[test]
    fn what_is_no_wav_is_told_from_what_is_not_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("text.wav");
        assert!(read(&path).unwrap_err().to_string().contains("no such file"));
        for text in ["", "RIFF", "to be or not to be, that is the question here"] {
            fs::write(&path, text).unwrap();
            assert!(read(&path).unwrap_err().to_string().contains("expected a wav"));
        }
    }
}
