//! The command line's words: what can be asked, with which options.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// A live-coding music environment: edit the text, the sound follows without a gap.
#[derive(Debug, Parser)]
#[command(name = "segue", version, args_conflicts_with_subcommands = true, max_term_width = 80)]
#[command(after_help = "Without a command: plays and watches the files named, and opens the prompt.\n\
    Exit status: 0 done, 1 the piece has errors, 2 wrong usage, 3 the machine would not (device, disk).")]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Option<Ask>,
    #[command(flatten)]
    pub play: Play,
    /// Everything in words, for a screen reader: no pictures, no colour, line by line
    #[arg(long, global = true)]
    pub plain: bool,
}

#[derive(Debug, Subcommand)]
pub enum Ask {
    /// Play and watch files, with the prompt
    Play(Play),
    /// Write a piece to a sound file
    Render(Render),
    /// Write a journal, recorded or composed, to a sound file
    Replay(Replay),
    /// Say what is wrong with files, and nothing else
    Check(Check),
    /// Show what a pattern or an expression means
    Query(Query),
    /// Explain a word, or list them all
    Doc(Doc),
    /// Find words by what they mean
    Search(Search),
    /// List audio devices
    Devices,
    /// Try what the machine can do, and say what to do about the rest
    Doctor,
    /// Measure how many voices of each instrument this machine carries
    Bench(Bench),
    /// Start a piece
    New(New),
    /// List the lessons, or begin one
    Learn(Learn),
    /// Train the ear: hear something, and name it
    Ear(Ear),
    /// Draw a chord, scale, key or rhythm, here or as an SVG file
    Picture(Picture),
}

#[derive(Debug, Args)]
pub struct Bench {
    /// Frames per second
    #[arg(long, value_name = "HZ", default_value_t = 48_000, value_parser = clap::value_parser!(u32).range(8_000..=384_000))]
    pub rate: u32,
    /// Frames per callback
    #[arg(long, value_name = "FRAMES", default_value_t = 512, value_parser = clap::value_parser!(u32).range(16..=16_384))]
    pub buffer: u32,
}

#[derive(Debug, Args)]
pub struct Search {
    /// What you would call it: wobble, echo, drunk walk
    #[arg(required = true)]
    pub words: Vec<String>,
}

#[derive(Debug, Args)]
pub struct Picture {
    /// What: notes, a chord, a scale, a key, an interval, a progression, or an expression
    #[arg(required = true)]
    pub thing: Vec<String>,
    /// How: keys, frets, staff, ladder, circle, wheel or necklace
    #[arg(long = "as", value_name = "KIND")]
    pub kind: Option<String>,
    /// The file to write
    #[arg(long, value_name = "FILE.svg")]
    pub svg: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Ear {
    /// intervals, chords, scales, degrees, rhythms, progressions or cadences
    pub kind: String,
    /// The same items again
    #[arg(long)]
    pub seed: Option<u64>,
    /// Audio device, by its name in `segue devices` or a part of it; `null` plays to nobody in real time
    #[arg(long, value_name = "NAME")]
    pub device: Option<String>,
    /// Stop by itself after so many seconds
    #[arg(long = "for", value_name = "SECONDS", value_parser = seconds)]
    pub seconds: Option<f64>,
}

#[derive(Debug, Args)]
pub struct Learn {
    /// Its number, or words of its title
    pub lesson: Option<String>,
    /// Lessons of your own: a folder of .md files
    #[arg(long, value_name = "FOLDER")]
    pub folder: Option<PathBuf>,
    /// Audio device, by its name in `segue devices` or a part of it; `null` plays to nobody in real time
    #[arg(long, value_name = "NAME")]
    pub device: Option<String>,
    /// Stop by itself after so many seconds
    #[arg(long = "for", value_name = "SECONDS", value_parser = seconds)]
    pub seconds: Option<f64>,
}

#[derive(Debug, Default, Args)]
pub struct Play {
    /// Pieces to play; each save is heard at once
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Audio device, by its name in `segue devices` or a part of it; `null` plays to nobody in real time
    #[arg(long, value_name = "NAME")]
    pub device: Option<String>,
    /// Frames per second
    #[arg(long, value_name = "HZ", value_parser = clap::value_parser!(u32).range(8_000..=384_000))]
    pub rate: Option<u32>,
    /// Frames per callback asked of the device
    #[arg(long, value_name = "FRAMES", value_parser = clap::value_parser!(u32).range(1..=65_536))]
    pub buffer: Option<u32>,
    /// No prompt: play until interrupted
    #[arg(long)]
    pub no_repl: bool,
    /// Stop by itself after so many seconds
    #[arg(long = "for", value_name = "SECONDS", value_parser = seconds)]
    pub seconds: Option<f64>,
    /// At the end, write what was measured
    #[arg(long, value_name = "FILE.json")]
    pub report: Option<PathBuf>,
    /// Where the session is recorded (default: a new file in ~/.local/state/segue)
    #[arg(long, value_name = "FILE.jsonl")]
    pub journal: Option<PathBuf>,
    /// Go on with the last session (of the first FILE, if one is given), or with that of a journal, in the bar where it
    /// would be by now
    #[arg(long, value_name = "JOURNAL", num_args = 0..=1, require_equals = true)]
    pub resume: Option<Option<PathBuf>>,
}

/// How much of a piece, and into what.
#[derive(Debug, Args)]
pub struct Take {
    /// The sound file: .wav or .flac
    #[arg(short, long = "output", value_name = "OUT.wav|.flac")]
    pub out: PathBuf,
    /// How many cycles (without --cycles and --seconds: 16, or the whole journal)
    #[arg(long, value_name = "N", value_parser = positive, conflicts_with = "seconds")]
    pub cycles: Option<f64>,
    /// How many seconds
    #[arg(long, value_name = "S", value_parser = seconds)]
    pub seconds: Option<f64>,
    /// Also write NAME.wav for every track and bus into this folder
    #[arg(long, value_name = "DIR")]
    pub stems: Option<PathBuf>,
    /// Frames per second
    #[arg(long, value_name = "HZ", value_parser = clap::value_parser!(u32).range(8_000..=384_000))]
    pub rate: Option<u32>,
    /// Bits per sample
    #[arg(long, value_name = "BITS", default_value = "24")]
    pub bits: Bits,
    /// Threads to use; the sound does not depend on it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
}

#[derive(Debug, Args)]
pub struct Render {
    /// The piece
    pub file: PathBuf,
    #[command(flatten)]
    pub take: Take,
}

#[derive(Debug, Args)]
pub struct Replay {
    /// The journal: JSON Lines
    pub journal: PathBuf,
    #[command(flatten)]
    pub take: Take,
}

/// How a sample is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Bits {
    #[value(name = "16")]
    Sixteen,
    #[value(name = "24")]
    TwentyFour,
    /// 32-bit floating point
    #[value(name = "32f")]
    Float,
}

#[derive(Debug, Args)]
pub struct Check {
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Query {
    /// An expression of the language
    #[arg(required_unless_present = "batch")]
    pub expression: Option<String>,
    /// How many cycles to show
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub cycles: u32,
    /// Answer one JSON request per line of standard input with one JSON line
    #[arg(long, conflicts_with = "expression")]
    pub batch: bool,
}

#[derive(Debug, Args)]
pub struct Doc {
    /// The word to explain
    pub word: Option<String>,
    /// Write the whole reference as Markdown
    #[arg(long, conflicts_with = "word")]
    pub markdown: bool,
}

#[derive(Debug, Args)]
pub struct New {
    /// The piece's name; `NAME.rhai` is written here
    pub name: String,
}

/// What was asked on the command line; `--plain` may stand anywhere.
pub fn asked() -> Arguments {
    Arguments::parse_from(reordered(std::env::args_os().collect()))
}

/// The same with `--plain` at the end: before a command, the parser would take it for an option of playing files.
fn reordered(words: Vec<OsString>) -> Vec<OsString> {
    let end = words.iter().position(|word| word == "--").unwrap_or(words.len());
    let (ours, theirs) = words.split_at(end);
    let (plain, mut rest): (Vec<_>, Vec<_>) = ours.iter().cloned().partition(|word| word == "--plain");
    rest.extend(plain.into_iter().take(1));
    rest.extend(theirs.iter().cloned());
    rest
}

fn positive(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(x) if x > 0.0 && x <= 1e6 => Ok(x),
        _ => Err("expected a number above 0, at most 1000000".into()),
    }
}

fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(x) if x > 0.0 && x <= 86_400.0 => Ok(x),
        _ => Err("expected seconds above 0, at most 86400 (a day)".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    fn parse(line: &str) -> Result<Arguments, clap::error::ErrorKind> {
        Arguments::try_parse_from(reordered(line.split_whitespace().map(OsString::from).collect()))
            .map_err(|e| e.kind())
    }

    #[test]
    fn the_definition_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn files_alone_play() {
        let asked = parse("segue a.rhai b.rhai --for 5 --device null").unwrap();
        assert!(asked.command.is_none());
        assert_eq!(asked.play.files, [PathBuf::from("a.rhai"), PathBuf::from("b.rhai")]);
        assert_eq!((asked.play.seconds, asked.play.device.as_deref()), (Some(5.0), Some("null")));
    }

    #[test]
    fn every_form_of_the_contract_is_understood() {
        for line in [
            "segue",
            "segue play a.rhai --rate 44100 --buffer 256 --no-repl --report r.json",
            "segue bench --rate 96000 --buffer 128",
            "segue render a.rhai -o a.wav --cycles 8 --stems out --bits 32f --threads 2 --rate 96000",
            "segue render a.rhai -o a.flac --seconds 2.5 --bits 16",
            "segue --resume",
            "segue --resume a.rhai --device null",
            "segue play --resume=j.jsonl a.rhai",
            "segue replay j.jsonl -o a.wav",
            "segue check a.rhai b.rhai",
            "segue query --batch",
            "segue query x --cycles 4",
            "segue doc",
            "segue doc fast",
            "segue doc --markdown",
            "segue devices",
            "segue doctor",
            "segue new song",
            "segue picture D dorian --as wheel --svg wheel.svg",
            "segue --plain learn",
        ] {
            assert!(parse(line).is_ok(), "{line}: {:?}", parse(line).err());
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for line in [
            "segue render a.rhai",
            "segue render a.rhai -o a.wav --cycles 1 --seconds 1",
            "segue render a.rhai -o a.wav --cycles 0",
            "segue render a.rhai -o a.wav --bits 12",
            "segue --for -1",
            "segue --rate 7",
            "segue check",
            "segue query",
            "segue query --cycles 0 x",
        ] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}
