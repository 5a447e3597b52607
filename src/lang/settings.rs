//! Settings of the whole piece, and the few words that are neither pattern nor sound.

use std::sync::Arc;

use rhai::{Dynamic, FnPtr};

use super::argument::{describe, number};
use super::desk::{self, Building};
use super::fault::Fault;
use super::part::Part;
use super::word::{Word, words};
use crate::graph::{Control, Signal};
use crate::pattern::{Pattern, Time};
use crate::score::{Quantum, Score, Source};

/// All words of this room.
pub fn words() -> Vec<Word> {
    [settings(), values()].into_iter().flatten().collect()
}

fn settings() -> Vec<Word> {
    words! { "settings":
        /// The tempo in beats per minute, 10 to 1000; 120 where nobody says otherwise. A cycle is one bar.
        ///
        ///     tempo(124)
        function tempo | bpm (bpm: f64) { set(within("tempo", bpm, 10.0, 1000.0)?, |score, x| score.tempo = Some(x)) }

        /// The tempo in cycles per minute: `setcpm(30)` is `tempo(120)` with four beats in a bar.
        ///
        ///     setcpm(120/4)
        function setcpm (cycles: f64) { set_cycles("setcpm", cycles)? }

        /// The tempo in cycles per second: `setcps(0.5)` is `tempo(120)` with four beats in a bar.
        ///
        ///     setcps(0.5)
        function setcps (cycles: f64) { set_cycles("setcps", cycles * 60.0)? }

        /// Beats in one cycle (one bar), 1 to 64; 4 where nobody says otherwise.
        ///
        ///     meter(3)
        function meter (beats: f64) { set(within("meter", beats, 1.0, 64.0)?, |score, x| score.meter = Some(x)) }

        /// When edits take effect: at once (`0`), at the next multiple of so many cycles (`1`, `4`), or on the next `"beat"`.
        ///
        ///     quantum(1)
        function quantum (when: Dynamic) { set(moment(&when)?, |score, q| score.quantum = Some(q)) }

        /// When edits of this part take effect: at once (`0`), at the next multiple of so many cycles, or on the next `"beat"`.
        ///
        ///     s("bd*4").quantum(4)
        method quantum (pattern: Pattern, when: Dynamic) {
            Part { quantum: Some(moment(&when)?), ..Part::new(Source::Pattern(pattern)) }
        }

        /// Seconds in which sounds cross over and numbers walk when they are edited, 0.005 to 60; without it 0.03 and 0.02.
        ///
        ///     crossfade(2)
        function crossfade (seconds: f64) { set(fade(seconds)?, |score, x| score.crossfade = Some(x)) }

        /// Seconds in which this part crosses over and its numbers walk when it is edited, 0.005 to 60.
        ///
        ///     s("bd*4").crossfade(4)
        method crossfade (pattern: Pattern, seconds: f64) {
            Part { crossfade: Some(fade(seconds)?), ..Part::new(Source::Pattern(pattern)) }
        }

        /// Seconds in which this sound crosses over and its numbers walk when it is edited, 0.005 to 60.
        ///
        ///     (saw(55) * 0.1).crossfade(4)
        method crossfade (sound: Part, seconds: f64) { Part { crossfade: Some(fade(seconds)?), ..sound } }

        /// Transforms every pattern that this text plays, whether it stands above or below.
        ///
        ///     all(|x| x.room(0.3));
        ///     s("bd*2 cp")
        function all (f: Dynamic) {
            let Some(function) = f.read_lock::<FnPtr>().map(|f| f.clone()) else {
                let found = describe(&f);
                return Err(Fault::new(format!("`all` expects a function of a pattern, found {found}")).hint("all(fast(2))"));
            };
            desk::with(|desk| desk.everywhere.push(function));
        }

        /// The seed of all chance in the piece: the same seed, the same music.
        ///
        ///     seed(7)
        function seed (number: i64) { set(number as u64, |score, x| score.seed = Some(x)) }

        /// Inside a synth: a control of its own, with its default and range. Inside an effect: one more argument.
        ///
        ///     synth thin = |freq, gate| pulse(freq, param("width", 0.3, 0.05, 0.5)) * 0.2 * gate;
        ///     note("a2 c3").s("thin")
        function param (name: Arc<str>, default: f64, low: Option<f64>, high: Option<f64>) {
            param(&name, default, low.unwrap_or(0.0), high.unwrap_or(1.0))
        }
    }
}

fn values() -> Vec<Word> {
    words! { "values":
        /// A text in mini-notation as a pattern. Most words do this by themselves to a text.
        ///
        ///     mini("0 [2 4] <7 9>").fast(2)
        function mini | m (text: Arc<str>) { super::argument::notation(&text)? }

        /// The fraction `a` over `b`, exact: what `a/b` gives, too.
        ///
        ///     s("bd sd").late(frac(1, 3))
        function frac | fraction (a: Time, b: Option<Time>) {
            let b = b.unwrap_or(Time::ONE);
            if b.is_zero() {
                return Err(Fault::new("division by zero").hint("frac(1, 3)"));
            }
            a / b
        }
    }
}

fn set<T>(value: T, f: impl FnOnce(&mut Score, T)) -> Result<(), Fault> {
    desk::with(|desk| f(&mut desk.score, value))
        .ok_or_else(|| Fault::new("settings are made while a text is evaluated"))
}

/// A tempo in cycles per minute, with as many beats in each as the piece has said by now.
fn set_cycles(word: &str, cycles: f64) -> Result<(), Fault> {
    let beats = desk::with(|desk| desk.score.meter).flatten().unwrap_or(4.0);
    let bpm = within("tempo", cycles * beats, 10.0, 1000.0).map_err(|_| {
        Fault::new(format!("`{word}` expects {} to {} cycles a minute, found {cycles}", 10.0 / beats, 1000.0 / beats))
            .hint("tempo(120)")
    })?;
    set(bpm, |score, x| score.tempo = Some(x))
}

fn within(word: &str, value: f64, low: f64, high: f64) -> Result<f64, Fault> {
    if (low..=high).contains(&value) {
        return Ok(value);
    }
    let nearest = value.clamp(low, high);
    Err(Fault::new(format!("`{word}` expects {low} to {high}, found {value}")).hint(format!("{word}({nearest})")))
}

fn fade(seconds: f64) -> Result<f64, Fault> {
    within("crossfade", seconds, 0.005, 60.0)
}

fn moment(when: &Dynamic) -> Result<Quantum, Fault> {
    if let Some(cycles) = number(when).filter(|n| (0.0..=1024.0).contains(n)) {
        return Ok(if cycles == 0.0 { Quantum::Now } else { Quantum::Cycles(cycles) });
    }
    match when.as_immutable_string_ref().ok().as_deref().map(|t| t.as_str()) {
        Some("beat") => Ok(Quantum::Beat),
        Some("now") => Ok(Quantum::Now),
        Some("bar" | "cycle") => Ok(Quantum::Cycles(1.0)),
        _ => Err(Fault::new(format!("`quantum` expects a number of cycles or \"beat\", found {}", describe(when)))
            .hint("quantum(1)")),
    }
}

fn param(name: &Arc<str>, default: f64, low: f64, high: f64) -> Result<Dynamic, Fault> {
    if low >= high || !(low..=high).contains(&default) {
        return Err(Fault::new(format!(
            "param {name} expects a default between low and high, found {default} in {low} to {high}"
        ))
        .hint(format!("param(\"{name}\", 0.5, 0, 1)")));
    }
    let name: Arc<str> = crate::pattern::control(name).map_or(name.clone(), |row| row.name.into());
    let control = Control { name: name.clone(), default: default as f32, low: low as f32, high: high as f32, unit: "" };
    let answer = desk::with(|desk| match desk.building.last_mut()? {
        Building::Effect { left } => Some(left.pop().unwrap_or_else(|| Dynamic::from_float(default))),
        Building::Synth { controls } => {
            if !controls.iter().any(|c| c.name == name) {
                controls.push(control);
            }
            Some(Dynamic::from(Signal::control(&name)))
        }
    });
    answer.flatten().ok_or_else(|| {
        Fault::new("param belongs inside a synth or an effect")
            .hint("synth x = |freq| pulse(freq, param(\"width\", 0.3, 0, 1))")
    })
}
