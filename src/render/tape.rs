//! Where an offline take goes: the mix, a stem for every track and bus, and the meter.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::loudness::{Loudness, Meter};
use crate::io::Error;
use crate::io::sound_file::{Bits, Format, Writer};

/// Open files; dropped before `finish`, none of them appears.
pub(super) struct Tape {
    mix: Writer,
    meter: Meter,
    /// Frames of the mix still to be left out: the master's look-ahead.
    lead: usize,
    /// Frames still wanted of the mix, and of the stems.
    mix_left: u64,
    stems: Option<Stems>,
}

/// A pair of channels of the engine and the strip that is heard there.
pub(super) struct Strip {
    pub pair: usize,
    pub name: Arc<str>,
    pub bus: bool,
}

struct Stems {
    folder: PathBuf,
    format: Format,
    files: Vec<(Writer, u64)>,
    /// Files by strip (name, bus), and by the pair of channels that feeds them at present.
    known: HashMap<(Arc<str>, bool), usize>,
    fed: HashMap<usize, usize>,
    taken: HashSet<String>,
    done: u64,
    left: u64,
}

impl Tape {
    /// `lead`: frames by which the mix lags behind the stems.
    pub fn new(out: &Path, stems: Option<&Path>, rate: u32, bits: Bits, lead: usize) -> Result<Tape, Error> {
        let format = Format { rate, channels: 2, bits };
        let mix = Writer::create(out, format)?;
        let stems = stems.map(|folder| Stems::new(folder, format)).transpose()?;
        Ok(Tape { mix, meter: Meter::new(rate), lead, mix_left: 0, stems })
    }

    /// How many more frames of music are wanted.
    pub fn want(&mut self, frames: u64) {
        self.mix_left += frames;
        if let Some(stems) = &mut self.stems {
            stems.left += frames;
        }
    }

    /// Takes a block of the engine's output, the master's pair first, and what is heard on the others.
    pub fn write(&mut self, block: &[f32], channels: usize, strips: impl FnOnce() -> Vec<Strip>) -> Result<(), Error> {
        let frames = block.len() / channels;
        let skip = self.lead.min(frames);
        self.lead -= skip;
        let take = (frames - skip).min(usize::try_from(self.mix_left).unwrap_or(usize::MAX));
        self.mix_left -= take as u64;
        let stereo: Cow<[f32]> = match channels {
            2 => block[2 * skip..2 * (skip + take)].into(),
            _ => pair(block, channels, 0).skip(2 * skip).take(2 * take).collect(),
        };
        self.meter.hear(&stereo);
        self.mix.write(&stereo)?;
        match &mut self.stems {
            Some(stems) => stems.write(block, channels, &strips()),
            None => Ok(()),
        }
    }

    /// Completes every file and gives it its name.
    pub fn finish(self) -> Result<(Loudness, usize), Error> {
        let loudness = self.meter.loudness();
        let stems = self.stems.map_or(Ok(0), Stems::finish)?;
        self.mix.finish()?;
        Ok((loudness, stems))
    }
}

impl Stems {
    fn new(folder: &Path, format: Format) -> Result<Stems, Error> {
        let failed = |why| Error::File { doing: "write", path: folder.to_owned(), why };
        fs::create_dir_all(folder).map_err(failed)?;
        Ok(Stems {
            folder: folder.to_owned(),
            format,
            files: Vec::new(),
            known: HashMap::new(),
            fed: HashMap::new(),
            taken: HashSet::new(),
            done: 0,
            left: 0,
        })
    }

    fn write(&mut self, block: &[f32], channels: usize, strips: &[Strip]) -> Result<(), Error> {
        for strip in strips {
            // A strip that is gone keeps its pair until another takes it: its tail belongs to it.
            let file = self.file(strip)?;
            self.fed.insert(strip.pair, file);
        }
        let take = (block.len() / channels).min(usize::try_from(self.left).unwrap_or(usize::MAX));
        self.left -= take as u64;
        self.done += take as u64;
        for (&channel, &file) in &self.fed {
            let stereo: Vec<f32> = pair(block, channels, channel).take(2 * take).collect();
            let (writer, written) = &mut self.files[file];
            writer.write(&stereo)?;
            *written += take as u64;
        }
        // A file that nobody feeds now may be fed again.
        let done = self.done;
        self.files.iter_mut().try_for_each(|file| pad(file, done))
    }

    fn file(&mut self, strip: &Strip) -> Result<usize, Error> {
        let key = (strip.name.clone(), strip.bus);
        if let Some(file) = self.known.get(&key) {
            return Ok(*file);
        }
        let mut name = file_name(&strip.name);
        while !self.taken.insert(name.to_lowercase()) {
            name.push_str(if strip.bus { "-bus" } else { "-2" });
        }
        let mut file = (Writer::create(&self.folder.join(format!("{name}.wav")), self.format)?, 0);
        pad(&mut file, self.done)?;
        self.files.push(file);
        self.known.insert(key, self.files.len() - 1);
        Ok(self.files.len() - 1)
    }

    fn finish(self) -> Result<usize, Error> {
        let count = self.files.len();
        self.files.into_iter().try_for_each(|(writer, _)| writer.finish())?;
        Ok(count)
    }
}

/// Silence up to frame `to`.
fn pad((writer, written): &mut (Writer, u64), to: u64) -> Result<(), Error> {
    static SILENCE: [f32; 8192] = [0.0; 8192];
    while *written < to {
        let frames = (to - *written).min(SILENCE.len() as u64 / 2);
        writer.write(&SILENCE[..2 * frames as usize])?;
        *written += frames;
    }
    Ok(())
}

/// The interleaved samples of one pair of channels.
fn pair(block: &[f32], channels: usize, pair: usize) -> impl Iterator<Item = f32> {
    block.chunks_exact(channels).flat_map(move |frame| [frame[2 * pair], frame[2 * pair + 1]])
}

/// A track's name as a file's: what file systems refuse becomes `_`.
fn file_name(name: &str) -> String {
    let fine = |c: char| !c.is_control() && !r#"/\:*?"<>|"#.contains(c);
    let name: String = name.chars().map(|c| if fine(c) { c } else { '_' }).collect();
    if name.trim_matches('.').is_empty() { format!("_{name}") } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::sound_file::read;

    fn strip(pair: usize, name: &str, bus: bool) -> Strip {
        Strip { pair, name: name.into(), bus }
    }

    #[test]
    fn the_mix_loses_its_lead_and_stems_that_come_late_begin_with_silence() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("mix.wav");
        let stems = folder.path().join("stems");
        let mut tape = Tape::new(&out, Some(&stems), 48_000, Bits::Float32, 3).unwrap();
        tape.want(8);
        // Six channels: frame i holds i on the master, i + 100 and i + 200 on the others.
        let block = |from: usize| -> Vec<f32> {
            (from..from + 6).flat_map(|i| [0.0, 0.0, 100.0, 100.0, 200.0, 200.0].map(|x| x + i as f32)).collect()
        };
        tape.write(&block(0), 6, || vec![strip(1, "a", false)]).unwrap();
        tape.write(&block(6), 6, || vec![strip(1, "a/b", false), strip(2, "a", true)]).unwrap();
        assert!(!out.exists());
        assert_eq!(tape.finish().unwrap().1, 3);
        let left = |path: PathBuf| -> Vec<f32> { read(&path).unwrap().samples.chunks(2).map(|f| f[0]).collect() };
        assert_eq!(left(out), [3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0]);
        assert_eq!(left(stems.join("a.wav")), [100.0, 101.0, 102.0, 103.0, 104.0, 105.0, 0.0, 0.0]);
        assert_eq!(left(stems.join("a_b.wav")), [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 106.0, 107.0]);
        assert_eq!(left(stems.join("a-bus.wav")), [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 206.0, 207.0]);
    }

    #[test]
    fn a_take_given_up_leaves_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let mut tape = Tape::new(&folder.path().join("mix.wav"), Some(folder.path()), 48_000, Bits::Int16, 0).unwrap();
        tape.want(100);
        tape.write(&[0.5; 400], 4, || vec![strip(1, "..", false)]).unwrap();
        drop(tape);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
