//! The standard library and the examples, heard: every instrument sounds, ends, and stands beside the others at even loudness.

mod sound;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use segue::engine::Config;
use segue::io::sound_file::Bits;
use segue::lang::{Interpreter, NoFiles};
use segue::pattern::Span;
use segue::render::{Length, Options, render};
use segue::score::Source;
use segue::session::{News, Session, When, seed};
use sound::{Fingerprint, Sound};

/// A phrase each instrument is made for, one bar of 120 beats per minute.
const PHRASES: &[(&str, &str)] = &[
    ("bass", "c2 [~ c2] eb2 [g1 bb1]"),
    ("acid", "c2*2 [c2 eb2] [c3 c2] [g1 bb1]"),
    ("pluck", "c4 eb4 g4 [bb4 g4]"),
    ("piano", "[c4,e4,g4] [e4,g4,b4] [d4,f4,a4]@2"),
    ("epiano", "[c4,e4,g4,b4]@2 [a3,c4,e4,g4]@2"),
    ("organ", "[c4,e4,g4]@2 [f4,a4,c5] [g4,b4,d5]"),
    ("pad", "<[c3,g3,eb4,bb4] [ab2,eb3,c4,g4]>"),
    ("strings", "<[c3,g3,eb4] [ab2,eb3,c4]>"),
    ("bell", "c5 ~ g5 [eb5 ~]"),
    ("lead", "c4 eb4 [g4 f4] eb4"),
    ("sine", "c4 e4 g4 c5"),
    ("saw", "c4 e4 g4 c5"),
    ("square", "c4 e4 g4 c5"),
    ("tri", "c4 e4 g4 c5"),
    ("noise", "c4 ~ c4 ~"),
];

const DRUMS: [&str; 13] = ["bd", "sd", "cp", "hh", "oh", "lt", "mt", "ht", "rim", "cb", "cr", "rd", "perc"];
const KITS: [&str; 3] = ["", "tr808_", "tr909_"];

/// LUFS of a phrase at gain 1.
const LEVEL: f64 = -18.0;

/// A piece rendered to `target/heard/NAME.wav`, which stays there to be listened to.
fn hear(name: &str, text: &str, seconds: f64) -> (Sound, Vec<u8>) {
    heard_on(1, name, text, seconds)
}

fn heard_on(threads: usize, name: &str, text: &str, seconds: f64) -> (Sound, Vec<u8>) {
    let mut interpreter = Interpreter::new();
    let evaluation = interpreter.evaluate(name, text, &NoFiles).unwrap_or_else(|errors| panic!("{name}: {errors:#?}"));
    assert!(evaluation.warnings.is_empty(), "{name}: {:#?}", evaluation.warnings);
    let options =
        Options { length: Some(Length::Seconds(seconds)), bits: Bits::Float32, threads, ..Options::default() };
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("heard");
    std::fs::create_dir_all(&folder).unwrap();
    let out = folder.join(format!("{name}.wav"));
    let mut go_on = |_| ControlFlow::Continue(());
    render(interpreter.library(), name, evaluation.score, &out, &options, &mut go_on).unwrap();
    let mut wav = hound::WavReader::open(&out).unwrap();
    let samples: Vec<f32> = wav.samples().collect::<Result<_, _>>().unwrap();
    assert!(samples.iter().all(|x| x.is_finite()), "{name} has something in it that is no number");
    (Sound { samples, rate: wav.spec().sample_rate }, std::fs::read(&out).unwrap())
}

#[test]
fn instruments_play_their_phrases_at_even_loudness() {
    let mut uneven = Vec::new();
    for (name, phrase) in PHRASES {
        let (sound, _) = hear(&format!("phrase_{name}"), &format!("track x = note(\"{phrase}\").s(\"{name}\");"), 4.0);
        let loudness = sound.loudness();
        if (loudness - LEVEL).abs() > 1.0 {
            uneven.push(format!("{name} {loudness:.1}"));
        }
    }
    assert!(uneven.is_empty(), "expected {LEVEL} LUFS within 1, found {}", uneven.join(", "));
}

#[test]
fn every_voice_sounds_at_once_and_ends_after_its_gate() {
    let drums = KITS.iter().flat_map(|kit| DRUMS.map(|drum| format!("{kit}{drum}")));
    let instruments = PHRASES.iter().map(|(name, _)| name.to_string());
    for name in drums.chain(instruments) {
        let text = format!("track x = note(\"<[c4 ~ ~ ~] ~!7>\").s(\"{name}\");");
        let (sound, _) = hear(&format!("hit_{name}"), &text, 6.0);
        let (begin, end) = (sound.level(0.0, 0.4), sound.level(5.5, 6.0));
        assert!(begin > 0.003, "{name} begins at {begin}");
        // -80 dB: nothing that a bar full of music would not hide.
        assert!(end < 1e-4, "{name} still sounds at {end} five seconds later");
    }
}

#[test]
fn drums_are_balanced_within_each_kit() {
    for kit in KITS {
        let peak = |drum: &str| hear(&format!("peak_{kit}{drum}"), &format!("s(\"<{kit}{drum} ~>\")"), 1.0).0.peak();
        let kick = peak("bd");
        assert!((-9.0..=-3.0).contains(&kick), "{kit}bd peaks at {kick:.1}");
        for drum in &DRUMS[1..] {
            let level = peak(drum) - kick;
            assert!((-10.0..=3.5).contains(&level), "{kit}{drum} peaks {level:.1} dB against the kick");
        }
    }
}

#[test]
fn the_first_line_anybody_types_sounds_like_a_record() {
    let (sound, _) = hear("first_line", "track d = s(\"bd*4, [~ cp]*2, hh*8\");", 8.0);
    let (loudness, peak) = (sound.loudness(), sound.peak());
    assert!((-19.5..=-14.0).contains(&loudness), "{loudness:.1} LUFS");
    assert!(peak <= -1.0, "{peak:.2} dBTP");
    let [lows, _, mids, _, highs] = sound.bands();
    assert!(lows > -4.0 && mids > -20.0 && highs > -18.0, "{:?}", sound.bands());
}

/// The examples in order, with the seconds that are looked at.
fn examples() -> Vec<(PathBuf, f64)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "rhai"));
    files.sort();
    files.into_iter().map(|path| if stem(&path) == PIECE { (path, 120.0) } else { (path, 12.0) }).collect()
}

/// The whole piece among the examples.
const PIECE: &str = "09-first-light";

fn stem(path: &Path) -> String {
    path.file_stem().unwrap().to_string_lossy().into_owned()
}

#[test]
fn every_example_is_short_enough_to_be_read_in_a_minute() {
    let all = examples();
    assert_eq!(all.len(), 9);
    for (path, _) in all {
        let lines = std::fs::read_to_string(&path).unwrap().lines().count();
        let most = if stem(&path) == PIECE { 80 } else { 29 };
        assert!(lines <= most, "{} has {lines} lines", stem(&path));
    }
}

#[test]
fn every_note_of_every_example_is_played_at_its_frame() {
    const END: u64 = 480_000;
    /// No insert of the examples looks further ahead.
    const LATENCY: u64 = 4096;
    for (path, _) in examples() {
        let (name, text) = (stem(&path), std::fs::read_to_string(&path).unwrap());
        let mut interpreter = Interpreter::new();
        let score = interpreter.evaluate(&name, &text, &NoFiles).unwrap().score;
        let (mut session, mut renderer) = Session::new(Config::default(), interpreter.library().clone(), 0);
        assert_eq!(session.load(&name, score.clone(), When::Score), []);
        let (mut news, mut block) = (Vec::new(), vec![0.0; 2 * 512]);
        while session.position() < END + LATENCY {
            session.tick();
            renderer.process(&[], &mut block);
            news.extend(session.news());
        }
        for track in score.tracks.iter().filter(|track| !track.muted) {
            let Source::Pattern(pattern) = &track.source else { continue };
            let seed = seed(score.seed.unwrap_or(0), &track.name);
            let cycles = session.cycle_at(END).ceil() as i64;
            let haps = pattern.query_seeded(Span::cycles(0, cycles), seed).into_iter().filter(|hap| hap.has_onset());
            let mut written: Vec<u64> = haps.map(|hap| session.frame_at(hap.whole.unwrap().begin.to_f64())).collect();
            written.retain(|frame| *frame < END);
            written.sort();
            let mut played: Vec<u64> = Vec::new();
            for item in &news {
                if let News::Onset { track: of, at, .. } = item
                    && *of == track.name
                {
                    played.push(*at);
                }
            }
            played.sort();
            assert!(played.len() >= written.len(), "{name}, {}: {} of {}", track.name, played.len(), written.len());
            let exact = written.iter().zip(&played).all(|(written, played)| written - played < LATENCY);
            assert!(exact, "{name}, {}: {written:?} {played:?}", track.name);
        }
    }
}

#[test]
fn every_instrument_is_found_by_a_name_that_no_text_holds() {
    let mut interpreter = Interpreter::new();
    let names: Vec<String> = interpreter.library().synths.iter().map(|synth| synth.name.to_string()).collect();
    let parts = names.iter().map(|name| format!("s({:?} + {:?})", &name[..1], &name[1..]));
    let all = format!("[{}]", parts.collect::<Vec<_>>().join(", "));
    let asked = "mini(\"0 1\").fmap(|n| if n == 0 { \"b\" + \"d\" } else { \"pia\" + \"no\" }).s()";
    let text = format!("tempo(960)\ntrack all = cat({all})\ntrack asked = {asked}");
    let score = interpreter.evaluate("computed", &text, &NoFiles).unwrap_or_else(|errors| panic!("{errors:#?}")).score;
    let (mut session, mut renderer) = Session::new(Config::default(), interpreter.library().clone(), 0);
    assert_eq!(session.load("computed", score, When::Score), []);
    let (mut news, mut block, end) = (Vec::new(), vec![0.0; 2 * 512], session.frame_at(names.len() as f64));
    while session.position() < end {
        session.tick();
        renderer.process(&[], &mut block);
        news.extend(session.news());
    }
    let warnings: Vec<_> = news.iter().filter(|news| matches!(news, News::Warning(_))).collect();
    assert!(warnings.is_empty(), "{warnings:?}");
    let played =
        |name: &str| news.iter().filter(|n| matches!(n, News::Onset { track, .. } if &**track == name)).count();
    assert!(
        played("all") >= names.len() && played("asked") >= 2 * names.len(),
        "{} {}",
        played("all"),
        played("asked")
    );
}

/// `SEGUE_BLESS=1 cargo test --test library` writes the fingerprints anew: after listening.
#[test]
fn every_example_sounds_as_it_did_and_the_same_on_three_threads() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/examples.txt");
    let known = std::fs::read_to_string(&golden).unwrap_or_default();
    let (mut lines, mut wrong) = (Vec::new(), Vec::new());
    for (path, seconds) in examples() {
        let (name, text) = (stem(&path), std::fs::read_to_string(&path).unwrap());
        let again = std::thread::spawn({
            let (name, text) = (format!("{name}-again"), text.clone());
            move || heard_on(3, &name, &text, seconds).1
        });
        let (sound, bytes) = hear(&name, &text, seconds);
        assert!(again.join().unwrap() == bytes, "{name} sounds different on several threads");
        let found = sound.fingerprint();
        assert!(found.peak <= -1.0, "{name} peaks at {:.2} dBTP", found.peak);
        assert!((-24.0..=-12.0).contains(&found.loudness), "{name} is at {:.1} LUFS", found.loudness);
        let line = format!("{name}: {}", found.line());
        let before = known.lines().find_map(|l| Fingerprint::parse(l.strip_prefix(&format!("{name}: "))?));
        if !before.is_some_and(|before| before.alike(&found)) {
            wrong.push(line.clone());
        }
        lines.push(line);
    }
    if std::env::var_os("SEGUE_BLESS").is_some() {
        let head = "# LUFS, dBTP, onsets, shares of five bands in dB: how the examples sound.";
        std::fs::write(&golden, format!("{head}\n{}\n", lines.join("\n"))).unwrap();
        return;
    }
    assert!(wrong.is_empty(), "these sound different now:\n{}\nwas\n{known}", wrong.join("\n"));
}
