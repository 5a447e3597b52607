//! The audio thread: no allocation, no dependence on callback sizes, nothing lost, nothing but sound.

use assert_no_alloc::violation_count;
use proptest::prelude::*;
use segue::engine::schedule::Step;
use segue::engine::*;

use crate::fakes::{Workshop, cut, note, passage, strip};
use crate::rig::{Rig, peak, small, track};

/// −1 dBTP as a sample value.
const CEILING: f32 = 0.891_25;

fn desk(rig: &mut Rig, workshop: &Workshop) {
    for place in 0..3u16 {
        let pools = vec![workshop.pool(1, 4, || workshop.sine_voice(0.9995))];
        let inserts = Some(workshop.echo(480));
        let strip = Strip { pools, inserts, sends: vec![(0, 0.3)], ..strip(place as u64) };
        rig.load(0, 64, vec![(Place::Track(place), What::Install(Box::new(strip)))]);
    }
    let room = Strip { inserts: Some(workshop.echo(4800)), sends: vec![(1, 0.5)], ..strip(8) };
    rig.load(
        0,
        64,
        vec![
            (Place::Bus(0), What::Install(Box::new(room))),
            (Place::Bus(1), What::Install(Box::new(strip(9)))),
            (Place::Master, What::Install(Box::new(Strip { inserts: Some(workshop.level(0.9)), ..strip(10) }))),
        ],
    );
}

/// A signal that allocates while it plays.
#[derive(Clone)]
struct Careless;

impl Operation<1> for Careless {
    fn process(&mut self, io: &mut Io<'_, 1>) {
        let zeros = std::hint::black_box(vec![0.0; io.len()]);
        io.output(0).iter_mut().zip(zeros).for_each(|(out, zero)| out[0] = zero);
    }
    fn reset(&mut self, _lane: usize, _seed: u64) {}
    fn duplicate(&self) -> Box<dyn Operation<1>> {
        Box::new(self.clone())
    }
}

#[test]
fn the_guard_against_allocation_sees_one() {
    let step = Step { operation: Box::new(Careless), path: 1, inputs: [].into(), outputs: [0].into() };
    let signal = Some(Box::new(Schedule::new(vec![step], vec![], 0, vec![Wire::Buffer(0); 2])));
    let mut rig = Rig::new(small());
    rig.load(0, 64, vec![(Place::Track(0), What::Install(Box::new(Strip { signal, ..strip(1) })))]);
    let before = violation_count();
    rig.render(64);
    assert_eq!(violation_count() - before, 2, "one block: allocated and freed");
}

#[test]
fn nothing_is_allocated_over_a_hundred_thousand_blocks_of_notes_swaps_and_full_queues() {
    let workshop = Workshop::default();
    let (mut controller, mut renderer) = engine(Config { queue: 64, events: 64, ..small() });
    let before = violation_count();
    let channels = small().outputs;
    let mut out = vec![0.0; GRID * channels];
    let (mut sent, mut refused) = (0u64, 0u64);
    let mut send = |controller: &mut Controller, command| match controller.send(command) {
        Ok(()) => sent += 1,
        Err(_) => refused += 1,
    };
    for block in 0..100_000u64 {
        let now = controller.position();
        if block % 3 == 0 {
            let events = (0..6).map(|k| Event {
                track: (block + k) as u16 % 4,
                pool: 1 + (block / 640 % 2) as u32,
                cut: (k % 3) as u32,
                sends: [(0, 0.5), (1, 0.1), (9, 1.0), (0, 0.0)],
                ..note(block, now + 31 * k, now + 31 * k + 500)
            });
            send(&mut controller, Command::Play(Box::new(EventBatch { events: events.collect() })));
        }
        if block % 40 == 0 {
            let place = Place::Track((block / 40 % 4) as u16);
            let what = match block / 40 % 7 {
                0 | 1 => {
                    let pools = vec![workshop.pool(1, 3, || workshop.sine_voice(0.999))];
                    What::Install(Box::new(Strip { pools, sends: vec![(0, 0.2)], ..strip(block) }))
                }
                2 => What::Inserts(cut(Some(workshop.echo(640)))),
                3 => What::Signal(cut(Some(workshop.noise(0.1)))),
                4 => What::Pool(workshop.pool(2, 3, || workshop.gate_voice())),
                5 => What::Close(2),
                _ => What::Remove,
            };
            let changes = vec![Change { place, what }];
            send(&mut controller, Command::Load(Box::new(Program { at: now + block % 999, fade: 480, changes })));
        }
        if block % 7 == 0 {
            let target = Target::Gain(Place::Track(block as u16 % 5));
            send(&mut controller, Command::Set { at: now, target, value: 0.8, ramp: 100 });
            send(&mut controller, Command::Retract { at: now + 10, track: block as u16 % 5, keep: vec![block].into() });
        }
        if block % 9_999 == 0 {
            send(&mut controller, Command::Panic { at: 0 });
        }
        renderer.process(&[], &mut out);
        // Reports are never read; returns only in the second half of each thousand, so that both queues fill.
        if block % 1000 > 500 {
            controller.collect();
        }
    }
    assert_eq!(violation_count() - before, 0);
    assert!(sent > 30_000 && refused > 100, "sent {sent}, refused {refused}");
    drop((controller, renderer));
    assert_eq!(workshop.alive(), 0);
}

/// A take of ten thousand frames of everything, in callbacks of `size`.
fn take(size: usize) -> Vec<u32> {
    let workshop = Workshop::default();
    let mut rig = Rig::new(small());
    desk(&mut rig, &workshop);
    rig.play(
        (0..200)
            .map(|k| Event { track: (k % 3) as u16, cut: (k % 2) as u32, ..note(k, 47 * k, 47 * k + 300) })
            .collect(),
    );
    rig.load(3001, 480, vec![(Place::Track(1), What::Inserts(cut(Some(workshop.level(0.5)))))]);
    rig.load(5001, 480, vec![(Place::Track(2), What::Remove)]);
    rig.send(Command::Set { at: 2000, target: Target::Pan(Place::Track(0)), value: 0.5, ramp: 300 });
    rig.send(Command::Bend { at: 2500, track: 0, key: 51, control: 0, value: 0.02, ramp: 100 });
    let channels = small().outputs;
    let mut out = vec![0.0; 10_000 * channels];
    for part in out.chunks_mut(size * channels) {
        rig.renderer.process(&[], part);
        rig.controller.collect();
    }
    out.into_iter().map(f32::to_bits).collect()
}

#[test]
fn the_size_of_the_callbacks_changes_no_bit() {
    let reference = take(64);
    assert!(reference.iter().filter(|bits| **bits != 0).count() > 50_000);
    for size in [1, 7, 100, 1000, 4096] {
        assert!(take(size) == reference, "callbacks of {size}");
    }
}

#[test]
fn position_and_period_follow_the_callbacks() {
    let mut rig = Rig::new(small());
    let mut out = vec![0.0; 100 * small().outputs];
    rig.send(Command::Transport(Clock::new(48_000.0, 0.5)));
    rig.renderer.process(&[], &mut out);
    assert_eq!((rig.controller.position(), rig.controller.period()), (100, 100));
    assert!((rig.controller.cycle() - 100.0 / 96_000.0).abs() < 1e-12);
}

/// Instrument and inserts that do harm.
type Harm<'a> = &'a dyn Fn(&Workshop) -> (Option<Box<Pool>>, Option<Box<Schedule<1>>>);

#[test]
fn what_is_no_number_stays_in_the_track_that_made_it() {
    let take = |harm: Harm| {
        let workshop = Workshop::default();
        let mut rig = Rig::new(small());
        desk(&mut rig, &workshop);
        let (pool, inserts) = harm(&workshop);
        let strip = Strip { pools: pool.into_iter().collect(), inserts, sends: vec![(0, 1.0)], ..strip(4) };
        rig.load(0, 64, vec![(Place::Track(3), What::Install(Box::new(strip)))]);
        rig.play((0..40).map(|k| Event { track: (k % 4) as u16, ..note(k, 200 * k, 200 * k + 300) }).collect());
        (rig.render(9600), rig.reports)
    };
    let fine = take(&|_| (None, None)).0;
    let harms: [Harm; 3] = [
        &|w| (Some(w.pool(1, 2, || w.nan_voice(100))), None),
        &|w| (Some(w.pool(1, 2, || w.sine_voice(0.999))), Some(w.nan(1000))),
        &|w| (Some(w.pool(1, 2, || w.sine_voice(0.999))), Some(w.infinite(0.3))),
    ];
    for harm in harms {
        let (sound, reports) = take(harm);
        assert!(sound.iter().all(|x| x.is_finite()));
        assert!(reports.contains(&Report::Scrubbed { place: Place::Track(3) }));
        assert!(!reports.contains(&Report::Scrubbed { place: Place::Master }));
        let channels = small().outputs;
        for channel in [track(0), track(1), track(2)] {
            let of = |take: &[f32]| -> Vec<u32> {
                take.iter().skip(channel).step_by(channels).map(|x| x.to_bits()).collect()
            };
            assert!(of(&sound) == of(&fine), "channel {channel}");
        }
    }
}

#[test]
fn a_silent_desk_gives_exact_silence_and_a_loud_one_stays_below_the_ceiling() {
    let workshop = Workshop::default();
    let mut rig = Rig::new(small());
    assert_eq!(peak(&rig.render(4096)), 0.0);
    desk(&mut rig, &workshop);
    rig.play((0..12).map(|k| Event { track: (k % 3) as u16, gain: 50.0, ..note(k, 5000 + 200 * k, 90_000) }).collect());
    let sound = rig.hear(48_000, 0);
    assert!(peak(&sound) > 0.7 && peak(&sound) <= CEILING, "{}", peak(&sound));
}

#[test]
fn a_note_of_absurd_gain_harms_its_track_for_a_moment_and_the_bus_not_at_all() {
    let workshop = Workshop::default();
    let mut rig = Rig::new(small());
    let pools = |id| vec![workshop.pool(id, 2, || workshop.gate_voice())];
    rig.load(
        0,
        64,
        vec![
            (Place::Track(0), What::Install(Box::new(Strip { pools: pools(1), ..strip(1) }))),
            (Place::Track(1), What::Install(Box::new(Strip { pools: pools(1), ..strip(2) }))),
            (Place::Bus(0), What::Install(Box::new(strip(3)))),
        ],
    );
    let sends = [(0, 0.5), (0, 0.0), (0, 0.0), (0, 0.0)];
    let mut mad = note(1, 1000, 1100);
    (mad.gain, mad.controls[2], mad.sends) = (1e30, 60_000.0, [(0, 1e30), (0, 0.0), (0, 0.0), (0, 0.0)]);
    rig.play(vec![mad, Event { sends, ..note(2, 3000, 9000) }, Event { track: 1, sends, ..note(3, 0, 9000) }]);
    let sound = rig.render(6000);
    let channels = small().outputs;
    let at = |frame: usize, channel: usize| sound[frame * channels + channel];
    let one = std::f32::consts::FRAC_1_SQRT_2;
    assert!(rig.reports.contains(&Report::Scrubbed { place: Place::Track(0) }));
    assert!((at(1050, crate::rig::bus(0)) - 0.5 * one).abs() < 1e-6, "the other track is still heard there");
    assert!((at(5000, track(0)) - one).abs() < 1e-6, "the next note plays");
    assert!((at(5000, crate::rig::bus(0)) - one).abs() < 1e-6);
    assert!((at(5000, track(1)) - one).abs() < 1e-6);
}

#[test]
fn the_master_is_metered_where_it_leaves_even_without_a_strip() {
    let workshop = Workshop::default();
    let mut rig = Rig::new(small());
    let signal = Some(workshop.sine(0.01, 0.5));
    rig.load(0, 64, vec![(Place::Track(0), What::Install(Box::new(Strip { signal, ..strip(1) })))]);
    rig.render(6 * 2048);
    let master = rig.reports.iter().rev().find_map(|report| match report {
        Report::Meter { place: Place::Master, peak, rms } => Some((peak[0], rms[1])),
        _ => None,
    });
    let (peak, rms) = master.expect("a reading");
    assert!((peak - 0.5).abs() < 1e-2 && (rms - 0.354).abs() < 1e-2, "{peak} {rms}");
}

#[derive(Clone, Debug)]
enum Gesture {
    Notes(u8, u16, u16, u8),
    Install(u8, u8),
    Inserts(u8, u8),
    Signal(u8, u8),
    Remove(u8),
    Pool(u8, u8),
    Set(u8, u8, f32),
    Retract(u8, u16),
    Bend(u8, u8, f32),
    Hush(u16),
    Panic,
    Wait(u16),
    Deaf(u16),
}

fn gesture() -> impl Strategy<Value = Gesture> {
    use Gesture::*;
    let number =
        prop_oneof![Just(0.0f32), Just(1.0), Just(-3.0), Just(1e30), Just(f32::NAN), Just(f32::INFINITY), -2.0f32..2.0];
    prop_oneof![
        4 => (any::<u8>(), any::<u16>(), any::<u16>(), any::<u8>()).prop_map(|(a, b, c, d)| Notes(a, b, c, d)),
        2 => (any::<u8>(), any::<u8>()).prop_map(|(a, b)| Install(a, b)),
        2 => (any::<u8>(), any::<u8>()).prop_map(|(a, b)| Inserts(a, b)),
        2 => (any::<u8>(), any::<u8>()).prop_map(|(a, b)| Signal(a, b)),
        1 => any::<u8>().prop_map(Remove),
        1 => (any::<u8>(), any::<u8>()).prop_map(|(a, b)| Pool(a, b)),
        3 => (any::<u8>(), any::<u8>(), number.clone()).prop_map(|(a, b, c)| Set(a, b, c)),
        1 => (any::<u8>(), any::<u16>()).prop_map(|(a, b)| Retract(a, b)),
        1 => (any::<u8>(), any::<u8>(), number).prop_map(|(a, b, c)| Bend(a, b, c)),
        1 => any::<u16>().prop_map(Hush),
        1 => Just(Panic),
        4 => (1u16..3000).prop_map(Wait),
        1 => (1u16..3000).prop_map(Deaf),
    ]
}

fn place(k: u8) -> Place {
    match k % 9 {
        k @ 0..5 => Place::Track(k as u16),
        k @ 5..8 => Place::Bus(k as u16 - 5),
        _ => Place::Master,
    }
}

fn inserts(workshop: &Workshop, k: u8) -> Option<Box<Schedule<1>>> {
    match k % 6 {
        0 => None,
        1 => Some(workshop.echo(300)),
        2 => Some(workshop.level(3.0)),
        3 => Some(workshop.nan(2000)),
        4 => Some(workshop.infinite(0.5)),
        _ => Some(workshop.level(1e20)),
    }
}

fn signal(workshop: &Workshop, k: u8) -> Option<Box<Schedule<1>>> {
    match k % 4 {
        0 => None,
        1 => Some(workshop.noise(10.0)),
        2 => Some(workshop.sine(0.1, 1e9)),
        _ => Some(workshop.sine(0.02, 0.5)),
    }
}

fn pool(workshop: &Workshop, k: u8) -> Box<Pool> {
    workshop.pool(1 + k as u32 % 3, k as usize % 4, || match k % 3 {
        0 => workshop.sine_voice(0.999),
        1 => workshop.nan_voice(500),
        _ => workshop.gate_voice(),
    })
}

fn target(k: u8, which: u8) -> Target {
    let place = place(k);
    match which % 7 {
        0 => Target::Gain(place),
        1 => Target::Pan(place),
        2 => Target::Mute(place),
        3 => Target::Send(place, which as u16 % 4),
        4 => Target::Insert(place, which as u16 % 3),
        5 => Target::Rest(place),
        _ => Target::Signal(place, which as u16 % 3),
    }
}

/// Does one gesture; what it made sound.
fn make(rig: &mut Rig, workshop: &Workshop, gesture: &Gesture) -> Vec<f32> {
    let now = rig.controller.position();
    let mut load = |k: u8, what| {
        let changes = vec![Change { place: place(k), what }];
        let _ = rig.controller.send(Command::Load(Box::new(Program { at: now + 100, fade: k as u32 * 10, changes })));
    };
    match *gesture {
        Gesture::Notes(k, at, length, gain) => {
            let events = (0..k as u64 % 20).map(|i| Event {
                track: (i + k as u64) as u16 % 5,
                pool: 1 + i as u32 % 3,
                gain: if gain == 7 { f32::NAN } else { gain as f32 },
                cut: i as u32 % 2,
                sends: [(0, 1.0), (1, 0.5), (7, 1.0), (1, f32::INFINITY)],
                ..note(i, (now + at as u64 % 5000).saturating_sub(500), now + length as u64)
            });
            let _ = rig.controller.send(Command::Play(Box::new(EventBatch { events: events.collect() })));
        }
        Gesture::Install(k, how) => {
            let pools = (0..how % 3).map(|i| pool(workshop, how / 2 + i)).collect();
            let (signal, inserts) = (signal(workshop, how / 3), inserts(workshop, how / 5));
            let strip = Strip { pools, signal, inserts, sends: vec![(0, 1.0), (9, 1.0)], ..strip(how as u64) };
            load(k, What::Install(Box::new(strip)));
        }
        Gesture::Inserts(k, how) => load(k, What::Inserts(passage(inserts(workshop, how), 20 * how as u32))),
        Gesture::Signal(k, how) => load(k, What::Signal(passage(signal(workshop, how), 20 * how as u32))),
        Gesture::Remove(k) => load(k, What::Remove),
        Gesture::Pool(k, how) if how % 2 == 0 => load(k, What::Pool(pool(workshop, how))),
        Gesture::Pool(k, how) => load(k, What::Close(how as u32 % 4)),
        Gesture::Set(k, which, value) => {
            let _ = rig.controller.send(Command::Set { at: now, target: target(k, which), value, ramp: which as u32 });
        }
        Gesture::Retract(k, at) => {
            let command = Command::Retract { at: now + at as u64, track: k as u16 % 6, keep: Box::new([0, 1]) };
            let _ = rig.controller.send(command);
        }
        Gesture::Bend(k, control, value) => {
            let (track, key, control) = (k as u16 % 6, k as u64 % 4, control as u16 % 5);
            let _ = rig.controller.send(Command::Bend { at: now, track, key, control, value, ramp: 64 });
        }
        Gesture::Hush(at) => {
            let _ = rig.controller.send(Command::Hush { at: now + at as u64 });
        }
        Gesture::Panic => {
            let _ = rig.controller.send(Command::Panic { at: 0 });
        }
        Gesture::Wait(frames) => return rig.render(frames as usize),
        Gesture::Deaf(frames) => {
            let mut out = vec![0.0; frames as usize * small().outputs];
            rig.renderer.process(&[], &mut out);
            return out;
        }
    }
    vec![]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn no_storm_of_commands_makes_anything_but_sound_below_the_ceiling(storm in prop::collection::vec(gesture(), 1..80)) {
        let workshop = Workshop::default();
        let mut rig = Rig::new(Config { queue: 24, events: 40, ..small() });
        let before = violation_count();
        let channels = small().outputs;
        for gesture in &storm {
            let sound = make(&mut rig, &workshop, gesture);
            prop_assert!(sound.iter().all(|x| x.is_finite()), "after {gesture:?}");
            let master = sound.chunks(channels).flat_map(|frame| &frame[..2]);
            prop_assert!(master.clone().all(|x| x.abs() <= CEILING), "after {gesture:?}");
        }
        prop_assert_eq!(violation_count() - before, 0);
        for track in 0..5 {
            make(&mut rig, &workshop, &Gesture::Remove(track));
            rig.render(640);
        }
        drop(rig);
        prop_assert_eq!(workshop.alive(), 0);
    }
}
