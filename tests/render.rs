//! Offline takes: the same piece is the same sound, live, offline, in stems and replayed.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use segue::engine::Config;
use segue::graph::ugens::row;
use segue::graph::{Control, Signal, SynthDef};
use segue::io::host::{Capture, Pace, Rig, TestHost};
use segue::io::sound_file::{Bits, Recording, read};
use segue::io::{Device, Request};
use segue::pattern::{Pattern, Value, fastcat, pure, stack};
use segue::render::replay::{Reader, replay};
use segue::render::{Fault, Length, Options, Taken, render};
use segue::score::{Bus, Diagnostic, Location, Score, Severity, Source, Track};
use segue::session::{Imports, News, Rehearsal, Session, When};
use serde_json::json;

fn make(ugen: &str, arguments: &[Signal]) -> Signal {
    Signal::ugen(row(ugen).unwrap(), arguments).unwrap()
}

fn number(x: f32) -> Signal {
    Signal::constant(x)
}

/// A piece of one pattern that plays an instrument, one drone and one bus; `words` say what is different.
fn piece(words: &str) -> Score {
    let says = |word: &str| words.split(' ').any(|w| w == word);
    let control = |name: &str, default, low, high| Control { name: name.into(), default, low, high, unit: "" };
    let wave = make(if says("square") { "square" } else { "saw" }, &[Signal::control("freq")]);
    let envelope = Signal::control("gate").pipe(&make("adsr", &[0.002, 0.1, 0.3, 0.05].map(number))).unwrap();
    let blip = SynthDef {
        name: "blip".into(),
        controls: vec![control("freq", 440.0, 20.0, 20_000.0), control("gate", 0.0, 0.0, 1.0)],
        body: wave.mul(&envelope).unwrap().mul(&number(0.3)).unwrap(),
        doc: "".into(),
    };
    let note = |note: f64, pan: f64| {
        let value = Value::control("s", Value::text("blip")).with("note", note.into());
        pure(value.with("pan", pan.into()).with("room", 0.3.into()))
    };
    let notes: &[f64] = if says("other") { &[48.0, 43.0, 55.0, 41.0] } else { &[48.0, 51.0, 55.0, 60.0, 58.0] };
    let notes: Vec<Pattern> = notes.iter().enumerate().map(|(i, n)| note(*n, 0.2 * i as f64)).collect();
    let level = if says("loud") { 0.2 } else { 0.1 };
    let drone = make("sine", &[number(55.0)]).mul(&number(level)).unwrap();
    let track = |name: &str, source| Track {
        name: name.into(),
        muted: false,
        source,
        inserts: None,
        sends: Vec::new(),
        automation: Vec::new(),
        quantum: None,
        crossfade: None,
        at: Location::default(),
    };
    Score {
        tempo: Some(if says("faster") { 170.0 } else { 150.0 }),
        tracks: vec![
            track("lead", Source::Pattern(fastcat(&notes))),
            track("drone", Source::Signal(drone.pipe(&make("lowpass", &[number(400.0), number(1.0)])).unwrap())),
        ],
        synths: vec![Arc::new(blip).into()],
        buses: vec![Bus {
            name: "room".into(),
            chain: make("reverb", &[number(1.5), number(0.5)]),
            automation: Vec::new(),
            at: Location::default(),
        }],
        ..Score::default()
    }
}

fn take(words: &str, out: &Path, options: &Options) -> Taken {
    let mut on = |_| ControlFlow::Continue(());
    render(&Score::default(), "piece.rhai", piece(words), out, options, &mut on).unwrap()
}

fn float(length: Length) -> Options {
    Options { length: Some(length), bits: Bits::Float32, ..Options::default() }
}

fn peak(samples: &[f32]) -> f32 {
    samples.iter().fold(0.0, |a, x| a.max(x.abs()))
}

#[test]
fn a_take_is_as_long_as_asked_sounds_and_is_the_same_bytes_every_time() {
    let folder = tempfile::tempdir().unwrap();
    for kind in ["wav", "flac"] {
        let [a, b] = ["a", "b"].map(|name| folder.path().join(format!("{name}.{kind}")));
        let options = Options { length: Some(Length::Cycles(2.0)), ..Options::default() };
        let taken = take("", &a, &options);
        take("", &b, &Options { threads: 4, ..options });
        // Two bars of four beats at 150 beats per minute.
        assert_eq!((taken.frames, taken.seconds()), (153_600, 3.2));
        assert!(taken.loudness.integrated > -40.0 && taken.loudness.true_peak < -0.5, "{}", taken.loudness);
        assert!(std::fs::read(&a).unwrap() == std::fs::read(&b).unwrap(), "{kind}");
        if kind == "wav" {
            assert_eq!(read(&a).unwrap().samples.len(), 2 * 153_600);
        }
    }
}

#[test]
fn a_live_take_is_the_offline_take_sample_for_sample_whatever_the_callback_size() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("offline.wav");
    let frames = 96_000;
    take("", &out, &float(Length::Seconds(2.0)));
    let offline = read(&out).unwrap().samples;
    for sizes in [vec![512], vec![37, 2048, 1]] {
        let rig = Rig { pace: Pace::ByHand, capture: Capture::Memory, sizes, ..Rig::default() };
        let host = TestHost::new(rig.clone());
        let request = Request { device: Device::Test(host.clone()), rate: Some(48_000), buffer: None };
        let prepared = request.prepare().unwrap();
        let config = Config { rate: f64::from(prepared.rate), ..Config::default() };
        let (mut session, renderer) = Session::new(config, Score::default(), 0);
        let latency = renderer.latency();
        assert!(session.load("piece.rhai", piece(""), When::Score).is_empty());
        session.tick();
        let (_output, _notices) = prepared.start(Box::new(renderer)).unwrap();
        let (mut played, begun) = (0, Instant::now());
        while played < frames + latency {
            let stepped = host.step((frames + latency - played).min(700));
            assert!(begun.elapsed() < Duration::from_secs(60), "the stream never opened");
            if stepped == 0 {
                thread::sleep(Duration::from_millis(1));
            }
            played += stepped;
            session.tick();
        }
        let live = host.captured().split_off(2 * latency);
        assert!(peak(&live) > 0.01);
        assert_eq!(live.len(), offline.len());
        let differ = live.iter().zip(&offline).position(|(a, b)| a != b);
        assert_eq!(differ, None, "first difference, in callbacks of {:?}", rig.sizes);
    }
}

#[test]
fn stems_stand_beside_the_mix_one_for_each_track_and_bus() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("mix.wav");
    let stems = folder.path().join("stems");
    let options = Options { stems: Some(stems.clone()), ..float(Length::Cycles(1.0)) };
    let taken = take("", &out, &options);
    let mut names: Vec<_> =
        std::fs::read_dir(&stems).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert!(["drone.wav", "lead.wav", "room.wav"].iter().all(|n| names.contains(&n.to_string())), "{names:?}");
    assert_eq!(taken.stems, names.len());
    let mix = read(&out).unwrap().samples;
    let [lead, drone, room] = ["lead", "drone", "room"].map(|n| read(&stems.join(format!("{n}.wav"))).unwrap().samples);
    assert!([&lead, &drone, &room].iter().all(|stem| stem.len() == mix.len() && peak(stem) > 0.01));

    // Without the stems, the mix is the same.
    let plain = folder.path().join("plain.wav");
    take("", &plain, &float(Length::Cycles(1.0)));
    assert!(read(&plain).unwrap().samples == mix);

    // Where the guard does nothing, the stems are the mix, but for its block of direct current.
    let sum: Vec<f32> = (0..mix.len()).map(|i| lead[i] + drone[i] + room[i]).collect();
    let residue: f32 = mix.iter().zip(&sum).map(|(a, b)| (a - b).powi(2)).sum::<f32>();
    let power: f32 = mix.iter().map(|x| x * x).sum();
    assert!(residue < power * 0.01, "{:.1} dB", 10.0 * (residue / power).log10());
}

#[test]
fn an_edit_to_one_track_leaves_the_others_stem_bit_for_bit() {
    let folder = tempfile::tempdir().unwrap();
    let stems = ["", "other square"].map(|piece| {
        let stems = tempfile::tempdir_in(&folder).unwrap().keep();
        let options = Options { stems: Some(stems.clone()), ..float(Length::Cycles(1.0)) };
        take(piece, &stems.join("mix.wav"), &options);
        ["lead", "drone"].map(|name| read(&stems.join(format!("{name}.wav"))).unwrap().samples)
    });
    assert!(stems[0][0] != stems[1][0], "the edit is heard");
    assert!(stems[0][1] == stems[1][1]);
}

/// Understands the words of `piece`, and nothing else.
struct Words;

impl Reader for Words {
    fn evaluate(&mut self, _owner: &str, text: Option<&str>, _imports: &Imports) -> Result<Score, Vec<Diagnostic>> {
        match text {
            Some(text) if !text.contains("nonsense") => Ok(piece(text)),
            _ => Err(vec![Diagnostic {
                severity: Severity::Error,
                at: Location::default(),
                width: 1,
                message: "expected music".into(),
                hint: None,
            }]),
        }
    }

    fn forget(&mut self, _owner: &str) {}
}

fn rehearse(journal: &str, out: &Path, options: &Options) -> Result<Taken, Fault> {
    let rehearsal = Rehearsal::read(journal).unwrap();
    replay(&Score::default(), &rehearsal, &mut Words, out, options, &mut |_| ControlFlow::Continue(()))
}

/// A journal of these lines under a header.
fn journal(lines: &[serde_json::Value]) -> String {
    let header = json!({"segue": 1, "rate": 48_000, "seed": 0});
    [&header]
        .into_iter()
        .chain(lines)
        .map(|line| {
            format!(
                "{line}
"
            )
        })
        .collect()
}

#[test]
fn a_rehearsal_of_one_text_is_the_render_of_that_text() {
    let folder = tempfile::tempdir().unwrap();
    let [a, b] = ["render.wav", "replay.wav"].map(|name| folder.path().join(name));
    take("", &a, &float(Length::Cycles(1.0)));
    let journal = journal(&[json!({"at": 0, "file": "piece.rhai", "text": ""})]);
    rehearse(&journal, &b, &float(Length::Cycles(1.0))).unwrap();
    assert!(read(&a).unwrap() == read(&b).unwrap());
    // Four cycles after the last thing said, where nobody says how long.
    let taken = rehearse(&journal, &b, &Options::default()).unwrap();
    assert_eq!(taken.frames, 4 * 76_800);
}

#[test]
fn an_edit_in_a_rehearsal_is_heard_at_its_cycle_and_not_before() {
    let folder = tempfile::tempdir().unwrap();
    let [a, b] = ["plain.wav", "edited.wav"].map(|name| folder.path().join(name));
    take("", &a, &float(Length::Cycles(2.0)));
    let journal = journal(&[
        json!({"at": 0, "file": "piece.rhai", "text": ""}),
        json!({"at_cycle": 1, "file": "piece.rhai", "text": "loud"}),
    ]);
    rehearse(&journal, &b, &float(Length::Cycles(2.0))).unwrap();
    let [plain, edited] = [a, b].map(|path| read(&path).unwrap().samples);
    let first = plain.iter().zip(&edited).position(|(a, b)| a != b).expect("the edit is heard") / 2;
    // The guard looks ahead, so the mix may move a little before the bar line.
    assert!((76_800 - 512..76_800 + 512).contains(&first), "at frame {first}");
}

#[test]
fn a_live_sessions_journal_is_the_same_sound_again() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("journal.jsonl");
    let config = Config { rate: 48_000.0, ..Config::default() };
    let (mut session, mut renderer) = Session::new(config, Score::default(), 0);
    session.record(Box::new(std::fs::File::create(&page).unwrap()), "").unwrap();
    let edits = [(0, ""), (30_000, "square"), (41_000, "square faster loud"), (70_000, "other")];
    let (mut live, mut block) = (Vec::new(), vec![0.0; 2 * 480]);
    let (latency, mut next) = (renderer.latency(), edits.iter().peekable());
    while live.len() < 2 * (120_000 + latency) {
        if let Some((_, text)) = next.next_if(|(at, _)| live.len() / 2 >= *at) {
            session.said("piece.rhai", text);
            assert!(session.load("piece.rhai", piece(text), When::Score).is_empty());
        }
        session.tick();
        renderer.process(&[], &mut block);
        live.extend_from_slice(&block);
    }
    let out = folder.path().join("replay.wav");
    let journal = std::fs::read_to_string(page).unwrap();
    rehearse(&journal, &out, &float(Length::Seconds(2.5))).unwrap();
    let Recording { samples: replayed, .. } = read(&out).unwrap();
    let live = &live[2 * latency..2 * (120_000 + latency)];
    assert_eq!(replayed.len(), live.len());
    let differ = live.iter().zip(&replayed).position(|(a, b)| a != b);
    assert_eq!(differ.map(|i| i / 2), None, "first differing frame");
}

#[test]
fn a_stop_a_fault_and_a_bad_disk_leave_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("x.wav");
    let (library, score) = (Score::default(), piece(""));
    for threads in [1, 3] {
        let mut told = Vec::new();
        let options = Options { threads, ..float(Length::Cycles(4.0)) };
        let stopped = render(&library, "piece.rhai", score.clone(), &out, &options, &mut |share| {
            told.push(share);
            if share > 0.3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        assert!(matches!(stopped, Err(Fault::Stopped)));
        assert!(told.windows(2).all(|w| w[0] < w[1]), "progress goes forward");
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0, "neither the file nor a part of it");
    }

    let nowhere = folder.path().join("no/such/folder/x.wav");
    let fault =
        render(
            &library,
            "piece.rhai",
            score,
            &nowhere,
            &float(Length::Cycles(1.0)),
            &mut |_| ControlFlow::Continue(()),
        );
    assert!(matches!(&fault, Err(Fault::Disk(_))), "{fault:?}");

    let journal = journal(&[json!({"at": 0, "repl": "nonsense +"})]);
    assert!(matches!(rehearse(&journal, &out, &Options::default()), Err(Fault::Piece(_))));
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
}

#[test]
fn tracks_that_are_too_much_together_rest_on_many_threads_as_they_do_on_one() {
    let folder = tempfile::tempdir().unwrap();
    // Each is half of what a track may ask for, and all of them more than all may: of nearly nothing, beside what is heard.
    let nothing = pure(Value::control("s", Value::text("blip"))).fast(&120_000.into()).degrade_by(&1.0.into());
    let crowd = |tracks: usize| {
        let mut score = piece("");
        let Source::Pattern(heard) = score.tracks[0].source.clone() else { panic!("the lead plays notes") };
        let dense = stack(&[heard, nothing.clone()]);
        let named = |n| Track {
            name: format!("t{n}").into(),
            source: Source::Pattern(dense.clone()),
            ..score.tracks[0].clone()
        };
        score.tracks = (0..tracks).map(named).collect();
        score
    };
    let take = |tracks: usize, threads: usize| {
        let out = folder.path().join(format!("{tracks}-{threads}.wav"));
        let options = Options { threads, ..float(Length::Seconds(0.4)) };
        let mut on = |_| ControlFlow::Continue(());
        let taken = render(&Score::default(), "piece.rhai", crowd(tracks), &out, &options, &mut on).unwrap();
        (std::fs::read(&out).unwrap(), taken.news)
    };
    for (tracks, rests) in [(3, false), (12, true)] {
        let (alone, told) = take(tracks, 1);
        let dense = |news: &News| matches!(news, News::Warning(why) if why.message.contains("too dense"));
        assert_eq!(told.iter().any(dense), rests, "{tracks} tracks: {told:?}");
        for threads in [2, 4] {
            let (together, heard) = take(tracks, threads);
            assert!(alone == together, "{tracks} tracks on {threads} threads");
            assert_eq!(heard.iter().filter(|news| dense(news)).count(), told.iter().filter(|news| dense(news)).count());
        }
    }
}
