//! Lanes: a choir of many sounds as its voices would one by one, whatever becomes of its notes.

use segue::engine::processor::{self, Registers};
use segue::engine::schedule::mix;
use segue::engine::*;
use segue::graph::ugens::Width;
use segue::graph::{Control, Row, Signal, SynthDef, lower_voices, row};

use crate::fakes::{note, strip};
use crate::rig::{Rig, small};

/// Voices of the instrument, and the notes there are for them: far more than can sound at once.
const VOICES: usize = 16;
const NOTES: u64 = 400;
const SECONDS: u64 = 2;

fn word(name: &str, arguments: &[Signal]) -> Signal {
    Signal::ugen(row(name).unwrap(), arguments).unwrap()
}

/// A saw through a filter that moves, an envelope, and a little noise of the voice's own.
fn instrument(stereo: bool) -> SynthDef {
    let named = |name: &str, default| Control { name: name.into(), default, low: 0.0, high: 1e4, unit: "" };
    let (number, control) = (Signal::constant, Signal::control);
    let bright = word("lfsine", &[number(5.0)]).range(&number(300.0), &control("cutoff")).unwrap();
    let tone = word("saw", &[control("freq")]).add(&word("white", &[]).mul(&number(0.1)).unwrap()).unwrap();
    let tone = tone.pipe(&word("lowpass", &[bright, number(2.0)])).unwrap();
    let envelope = [0.004, 0.05, 0.5, 0.03].map(Signal::constant);
    let envelope = control("gate").pipe(&word("adsr", &envelope)).unwrap();
    let mut body = tone.mul(&envelope).unwrap();
    if stereo {
        body = body.pipe(&word("pan", &[number(0.3)])).unwrap();
    }
    let controls = vec![named("freq", 220.0), named("gate", 0.0), named("cutoff", 2000.0)];
    SynthDef { name: "tried".into(), controls, body, doc: "".into() }
}

/// What chance says, below `sides`.
fn roll(what: u64, sides: u64) -> u64 {
    mix(what, 0x7a11) % sides
}

/// Notes that come, overlap, cut each other off, are stolen, feed a bus and are bent; heard on every channel.
fn heard<const L: usize>(def: &SynthDef) -> Vec<u32>
where
    Row: Width<L>,
{
    let mut rig = Rig::new(small());
    let schedules = (0..VOICES / L).map(|_| lower_voices::<L>(def, 48_000.0).unwrap().schedule);
    let voices = schedules.collect::<Vec<_>>().into();
    let pools = vec![Box::new(Pool { id: 1, voices, controls: 3, gate: Some(1), longest: 48_000 })];
    rig.load(0, 64, vec![(Place::Track(0), What::Install(Box::new(Strip { pools, ..strip(1) })))]);
    rig.load(0, 64, vec![(Place::Bus(0), What::Install(Box::new(strip(2))))]);
    let mut heard = vec![];
    for second in 0..SECONDS {
        let begin = second * 48_000;
        let notes = (0..NOTES / SECONDS).map(|n| {
            let n = n + second * NOTES;
            let at = begin + roll(n, 48_000);
            let mut event = note(n, at, at + 1 + roll(n + 1000, 6000));
            event.controls[0] = 40.0 + roll(n + 2000, 1500) as f32;
            event.controls[2] = 400.0 + roll(n + 3000, 5000) as f32;
            event.gain = 0.1;
            event.pan = roll(n + 4000, 200) as f32 * 0.01 - 1.0;
            event.cut = (roll(n + 5000, 6) == 0) as u32;
            event.sends[0] = (0, if roll(n + 6000, 3) == 0 { 0.5 } else { 0.0 });
            event
        });
        let mut notes: Vec<Event> = notes.collect();
        notes.sort_by_key(|event| event.at);
        for event in notes.iter().filter(|event| roll(event.key, 4) == 1) {
            let (key, value) = (event.key, event.controls[2] * 0.5);
            rig.send(Command::Bend { at: event.at + 300, track: 0, key, control: 2, value, ramp: 700 });
        }
        notes.chunks(100).for_each(|part| rig.play(part.to_vec()));
        heard.extend(rig.render(48_000).into_iter().map(f32::to_bits));
    }
    assert!(rig.reports.iter().any(|report| matches!(report, Report::Stolen { .. })), "nobody gave way");
    heard
}

#[test]
fn a_choir_of_many_sounds_as_its_voices_one_by_one() {
    for stereo in [false, true] {
        let def = instrument(stereo);
        let (one, many) = (heard::<1>(&def), heard::<LANES>(&def));
        assert!(one.iter().filter(|bits| **bits != 0).count() > one.len() / 8);
        let apart = one.iter().zip(&many).position(|(a, b)| a != b);
        assert_eq!(apart, None, "stereo: {stereo}");
        for registers in Registers::ALL {
            processor::at_most(registers);
            assert!(heard::<LANES>(&def) == many, "{registers:?} is heard");
            assert!(heard::<MOST_LANES>(&def) == many, "twice as many, {registers:?}");
        }
    }
}
