//! Live sound through a card in memory: what is played is what is heard, whatever the card does.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use cpal::{ErrorKind, SampleFormat};
use segue::io::host::{Capture, Pace, Rig, TestHost};
use segue::io::{Device, Notice, Output, Request, Sound, sound_file};

// As in the binary, so that allocations inside callbacks are counted.
#[global_allocator]
static GUARD: assert_no_alloc::AllocDisabler = assert_no_alloc::AllocDisabler;

/// Says which frame it is: left counts in steps of 2⁻²⁰, right is its negative.
struct Ramp(Arc<AtomicU64>);

const STEP: f32 = 1.0 / (1 << 20) as f32;

impl Sound for Ramp {
    fn process(&mut self, _: &[f32], out: &mut [f32]) {
        for frame in out.chunks_mut(2) {
            let now = self.0.fetch_add(1, Relaxed) as f32 * STEP;
            frame[0] = now;
            frame[1] = -now;
        }
    }
}

fn play(host: &TestHost) -> (Output, crossbeam_channel::Receiver<Notice>, Arc<AtomicU64>) {
    let frames = Arc::new(AtomicU64::new(0));
    let request = Request { device: Device::Test(host.clone()), rate: Some(48_000), buffer: None };
    let (output, notices) = request.prepare().unwrap().start(Box::new(Ramp(frames.clone()))).unwrap();
    (output, notices, frames)
}

fn until(what: &str, mut done: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !done() {
        assert!(begin.elapsed() < Duration::from_secs(30), "never: {what}");
        thread::sleep(Duration::from_millis(2));
    }
}

/// The first notice that fits, within half a minute.
fn heard<T>(notices: &crossbeam_channel::Receiver<Notice>, fits: impl Fn(&Notice) -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let notice = notices.recv_deadline(deadline).expect("a notice that fits");
        if let Some(found) = fits(&notice) {
            return found;
        }
    }
}

/// The frames that were heard. The card may ask on for a moment when nobody plays any more.
fn frames(samples: &[f32]) -> Vec<u64> {
    let mut frames: Vec<u64> = samples.chunks(2).map(|frame| (frame[0] / STEP).round() as u64).collect();
    frames.truncate(frames.iter().rposition(|frame| *frame > 0).map_or(0, |last| last + 1));
    frames
}

#[test]
fn every_callback_size_gives_the_same_capture() {
    for sizes in [vec![1], vec![2, 3, 5], vec![64], vec![480], vec![511, 1, 4096], vec![4096], vec![10_000]] {
        let host =
            TestHost::new(Rig { pace: Pace::ByHand, sizes: sizes.clone(), capture: Capture::Memory, ..Rig::default() });
        let (output, _, _) = play(&host);
        until("the stream opens", || host.step(1) == 1);
        assert_eq!(host.step(19_999), 19_999);
        let heard = host.captured();
        assert!(frames(&heard).into_iter().eq(0..20_000), "in callbacks of {sizes:?}");
        assert!(heard.chunks(2).all(|frame| frame[1] == -frame[0]));
        assert_eq!(output.figures().allocations, 0);
        assert!(output.stop().is_some(), "the sound comes back");
    }
}

#[test]
fn every_sample_format_and_number_of_channels_plays_the_same() {
    use SampleFormat::{F32, F64, I16, I24, I32, U8, U16};
    for (format, channels, step) in [
        (F32, 2, 0.0),
        (F64, 6, 0.0),
        (I16, 2, 1.0 / 32_768.0),
        (I24, 8, 1.0 / 8_388_608.0),
        (I32, 4, 0.0),
        (U8, 2, 1.0 / 128.0),
        (U16, 3, 1.0 / 32_768.0),
    ] {
        let host =
            TestHost::new(Rig { pace: Pace::ByHand, format, channels, capture: Capture::Memory, ..Rig::default() });
        let (_output, _, _) = play(&host);
        until("the stream opens", || host.step(1) == 1);
        host.step(999);
        for (i, frame) in host.captured().chunks(2).enumerate() {
            let expected = i as f32 * STEP;
            let worst = (frame[0] - expected).abs().max((frame[1] + expected).abs());
            assert!(worst <= step, "{format} on {channels} channels: {worst} off at frame {i}");
        }
    }
}

#[test]
fn a_card_with_one_channel_hears_the_middle() {
    let host = TestHost::new(Rig { pace: Pace::ByHand, channels: 1, capture: Capture::Memory, ..Rig::default() });
    let (_output, _, _) = play(&host);
    until("the stream opens", || host.step(1) == 1);
    host.step(100);
    assert!(host.captured().iter().all(|&x| x == 0.0), "left and right are opposite here");
}

#[test]
fn a_lost_card_is_replaced_by_the_silent_clock_and_taken_back_at_the_very_frame() {
    let host = TestHost::new(Rig { capture: Capture::Memory, sizes: vec![128], ..Rig::default() });
    let (output, notices, played) = play(&host);
    until("sound", || host.counts().frames > 2_000);
    host.unplug();
    heard(&notices, |n| matches!(n, Notice::Lost { .. }).then_some(()));
    let silent = played.load(Relaxed);
    until("the piece goes on", || played.load(Relaxed) > silent + 4_800);
    let back = Instant::now();
    host.plug();
    heard(&notices, |n| matches!(n, Notice::Playing { again: true, .. }).then_some(()));
    assert!(back.elapsed() < Duration::from_secs(2), "took {:?}", back.elapsed());
    let opened = host.counts().frames;
    until("sound again", || host.counts().frames > opened + 1_000);
    output.stop().expect("the sound comes back");

    let sound = frames(&host.captured());
    let jumps: Vec<_> = sound.windows(2).filter(|w| w[1] != w[0] + 1).collect();
    // One jump, forward: what the silent clock played meanwhile.
    assert_eq!(jumps.len(), 1, "{jumps:?}");
    assert!(jumps[0][1] > jumps[0][0] + 4_800, "{jumps:?}");
    assert_eq!(*sound.last().unwrap() + 1, played.load(Relaxed), "nothing was played that nobody heard at the end");
}

#[test]
fn a_card_that_hangs_or_floods_counts_as_lost_and_is_opened_anew() {
    for hang in [true, false] {
        let host = TestHost::new(Rig { sizes: vec![256], ..Rig::default() });
        let (output, notices, _) = play(&host);
        until("sound", || host.counts().frames > 2_000);
        match hang {
            true => host.stall(Duration::from_secs(3_600)),
            false => host.complain(100_000, ErrorKind::BackendError),
        }
        let why = heard(&notices, |n| match n {
            Notice::Lost { why, .. } => Some(why.clone()),
            _ => None,
        });
        let expected = if hang { "for a second" } else { "nothing but errors" };
        assert!(why.contains(expected), "{why}");
        let before = host.counts();
        until("sound again", || host.counts().frames > before.frames + 1_000);
        assert!(host.counts().opened >= 2);
        let told = notices.try_iter().count();
        assert!(told < 20, "{told} notices for one loss");
        assert!(output.stop().is_some());
    }
}

#[test]
fn a_card_that_returns_at_another_rate_plays_on_at_the_same_pace() {
    let host = TestHost::new(Rig { capture: Capture::Memory, sizes: vec![441], ..Rig::default() });
    let (output, notices, played) = play(&host);
    until("sound", || host.counts().frames > 2_000);
    host.unplug();
    heard(&notices, |n| matches!(n, Notice::Lost { .. }).then_some(()));
    host.set_rate(44_100);
    host.plug();
    let notice = heard(&notices, |n| matches!(n, Notice::Playing { again: true, .. }).then(|| n.to_string()));
    assert!(notice.contains("at 44100 Hz") && notice.contains("resampled from 48000 Hz"), "{notice}");
    host.captured();
    let (card, engine) = (host.counts().frames, played.load(Relaxed));
    until("sound again", || host.counts().frames > card + 20_000);
    assert_eq!(output.figures().allocations, 0);
    let (card, engine) = ((host.counts().frames - card) as f64, (played.load(Relaxed) - engine) as f64);
    assert!((engine / card * 44_100.0 / 48_000.0 - 1.0).abs() < 0.1, "{engine} frames came out as {card}");
    // A ramp stays a ramp, with steps as much larger as its frames are fewer.
    let sound = host.captured();
    let steps: Vec<f32> = sound.chunks(2).skip(500).map(|frame| frame[0] / STEP).collect();
    let wrong = steps.windows(2).filter(|w| (w[1] - w[0] - 48_000.0 / 44_100.0).abs() > 0.2).count();
    assert_eq!(wrong, 0, "of {} steps", steps.len());
    output.stop().expect("the sound comes back");
}

#[test]
fn a_card_that_does_not_run_at_the_rate_asked_for_is_refused_in_words() {
    let host = TestHost::new(Rig { rates: (44_100, 44_100), ..Rig::default() });
    let request = Request { device: Device::Test(host.clone()), rate: Some(48_000), buffer: None };
    let refused = request.prepare().unwrap_err().to_string();
    assert!(refused.contains("does not run at 48000") && refused.contains("--rate 44100"), "{refused}");
    let own = Request { device: Device::Test(host), ..Request::default() };
    assert_eq!(own.prepare().unwrap().rate, 44_100);
}

#[test]
fn an_xrun_the_card_reports_is_counted_and_the_stall_that_made_it_is_the_machines() {
    let host = TestHost::new(Rig { sizes: vec![1024], ..Rig::default() });
    let (output, _, _) = play(&host);
    until("sound", || host.counts().callbacks > 3);
    let before = host.counts();
    host.stall(Duration::from_millis(200));
    until("the stall is over", || host.counts().late > before.late);
    until("it was told", || output.figures().xruns >= 1);
    assert!(host.counts().late_by_machine > before.late_by_machine);
}

#[test]
fn without_a_device_the_piece_plays_on_the_silent_clock() {
    let frames = Arc::new(AtomicU64::new(0));
    let prepared = Request { device: Device::Null, ..Request::default() }.prepare().unwrap();
    assert_eq!(prepared.rate, 48_000);
    let (output, notices) = prepared.start(Box::new(Ramp(frames.clone()))).unwrap();
    assert!(matches!(notices.recv().unwrap(), Notice::Silent { .. }));
    until("time passes", || frames.load(Relaxed) > 4_800);
    assert!(output.stop().is_some());
    let stopped = frames.load(Relaxed);
    thread::sleep(Duration::from_millis(30));
    assert_eq!(frames.load(Relaxed), stopped);
}

#[test]
fn the_binarys_test_card_writes_what_was_played_to_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("take.wav");
    let device: Device = format!("test:256:{}", path.display()).parse().unwrap();
    let frames_played = Arc::new(AtomicU64::new(0));
    let prepared = Request { device, ..Request::default() }.prepare().unwrap();
    let (output, notices) = prepared.start(Box::new(Ramp(frames_played.clone()))).unwrap();
    until("sound", || frames_played.load(Relaxed) > 5_000);
    assert!(!path.exists(), "no half file under the name");
    output.stop().unwrap();
    let take = sound_file::read(&path).unwrap();
    assert_eq!((take.rate, take.channels), (48_000, 2));
    assert!(frames(&take.samples).into_iter().eq(0..frames_played.load(Relaxed)));
    assert!(!notices.try_iter().any(|n| matches!(n, Notice::Capture { .. })));
}

#[test]
fn a_capture_that_cannot_be_written_is_told_and_does_not_stop_the_music() {
    let device: Device = "test:free:/no/such/folder/take.wav".parse().unwrap();
    let frames_played = Arc::new(AtomicU64::new(0));
    let prepared = Request { device, ..Request::default() }.prepare().unwrap();
    let (output, notices) = prepared.start(Box::new(Ramp(frames_played.clone()))).unwrap();
    until("sound", || frames_played.load(Relaxed) > 5_000);
    output.stop().unwrap();
    let told: Vec<_> = notices.try_iter().map(|n| n.to_string()).collect();
    assert!(told.iter().any(|t| t.contains("its folder does not exist")), "{told:?}");
    assert!(!Path::new("/no/such/folder").exists());
}
