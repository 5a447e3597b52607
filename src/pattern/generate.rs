//! Rhythms and numbers out of numbers: Euclid, bits, runs, and the way from one rhythm to another.

use super::combine::{fastcat, gap, pure, silence, stepcat};
use super::hap::{Hap, Span};
use super::time::Time;
use super::value::Value;
use super::{Id, Pattern};

/// The most steps of a generated rhythm.
const MOST: i64 = 1024;

/// Onsets spread as evenly as steps allow (Bjorklund, 2003; Toussaint, "The Euclidean Algorithm Generates Traditional
/// Musical Rhythms", 2005). Negative onsets give the rests of as many.
pub fn bjorklund(onsets: i64, steps: i64) -> Vec<bool> {
    let steps = steps.clamp(0, MOST);
    if onsets < 0 {
        return bjorklund(onsets.saturating_neg(), steps).into_iter().map(|x| !x).collect();
    }
    let onsets = onsets.min(steps);
    // Two kinds of groups; the fewer are dealt out to the more until only one kind, or one odd group, is left.
    let mut more = vec![vec![true]; onsets as usize];
    let mut rest = vec![vec![false]; (steps - onsets) as usize];
    while more.len().min(rest.len()) > 1 {
        let pairs = more.len().min(rest.len());
        let left = if more.len() > pairs { more.split_off(pairs) } else { rest.split_off(pairs) };
        for (group, tail) in more.iter_mut().zip(rest) {
            group.extend(tail);
        }
        rest = left;
    }
    more.into_iter().chain(rest).flatten().collect()
}

fn truths(bits: &[bool]) -> Pattern {
    fastcat(&bits.iter().map(|bit| pure(*bit)).collect::<Vec<_>>())
}

/// Onsets over steps, turned right; none if they are no numbers.
fn euclid_bits(values: &[Value]) -> Option<Vec<bool>> {
    let mut bits = bjorklund(values[0].whole()?, values[1].whole()?);
    let turn = values.get(2).map_or(Some(0), Value::whole)?;
    if !bits.is_empty() {
        let turn = turn.rem_euclid(bits.len() as i64) as usize;
        bits.rotate_right(turn);
    }
    Some(bits)
}

impl Pattern {
    /// Onsets spread over steps.
    pub fn euclid(&self, onsets: &Pattern, steps: &Pattern) -> Pattern {
        self.euclid_rot(onsets, steps, &pure(0))
    }

    /// Onsets spread over steps, turned to the right by a number of steps.
    pub fn euclid_rot(&self, onsets: &Pattern, steps: &Pattern, rotation: &Pattern) -> Pattern {
        self.with_args("euclid", &[onsets, steps, rotation], |p, values| {
            Some(p.structure(&truths(&euclid_bits(values)?)))
        })
    }

    /// As `euclid_rot`, each hap held until the next.
    pub fn euclid_legato_rot(&self, onsets: &Pattern, steps: &Pattern, rotation: &Pattern) -> Pattern {
        self.with_args("euclid_legato", &[onsets, steps, rotation], |p, values| {
            let bits = euclid_bits(values)?;
            let first = bits.iter().position(|bit| *bit)?;
            let mut lengths: Vec<(Time, Pattern)> = Vec::new();
            for i in 0..bits.len() {
                match lengths.last_mut() {
                    Some((length, _)) if !bits[(first + i) % bits.len()] => *length += Time::ONE,
                    _ => lengths.push((Time::ONE, pure(true))),
                }
            }
            Some(p.structure(&stepcat(&lengths).late_by(Time::new(first as i64, bits.len() as i64))))
        })
    }

    /// Between Euclidean (0) and even (1) spacing.
    pub fn euclidish(&self, onsets: &Pattern, steps: &Pattern, groove: &Pattern) -> Pattern {
        self.with_args("euclidish", &[onsets, steps, groove], |p, values| {
            let bits = bjorklund(values[0].whole()?, values[1].whole()?);
            let even = vec![true; bits.iter().filter(|bit| **bit).count()];
            Some(p.structure(&morphed(&bits, &even, values[2].time()?)))
        })
    }

    /// Plays only where given beats of a number of divisions of the cycle are.
    pub fn beat(&self, beats: &Pattern, divisions: &Pattern) -> Pattern {
        self.with_args("beat", &[beats, divisions], |p, values| {
            let (beat, divisions) = (values[0].time()?, values[1].time()?);
            if divisions <= Time::ZERO {
                return None;
            }
            let begin = (beat / divisions).fraction();
            let window = Span::new(begin, begin + Time::ONE / divisions);
            let id = Id::of("beat").time(window.begin).time(window.end);
            Some(p.join_inner(id, move |value| Some(pure(value.clone()).compress_to(window))))
        })
    }
}

/// The numbers from 0 to n − 1.
pub fn run(n: &Pattern) -> Pattern {
    silence().with_arg("run", n, |_, n| {
        let n = n.whole()?.clamp(0, MOST);
        Some(fastcat(&(0..n).map(pure).collect::<Vec<_>>()))
    })
}

/// The bits of a number, highest first, as truths.
pub fn binary(number: i64) -> Pattern {
    let bits = i64::from(i64::BITS - number.max(0).leading_zeros()).max(1);
    binary_n(number, bits)
}

/// The lowest bits of a number, highest first, as truths.
pub fn binary_n(number: i64, bits: i64) -> Pattern {
    let bit = |i: i64| pure(i64::from(i < 64 && (number >> i) & 1 == 1));
    fastcat(&(0..bits.clamp(0, MOST)).rev().map(bit).collect::<Vec<_>>())
}

/// A rhythm on its way from one list of truths to another.
pub fn morph(from: &[bool], to: &[bool], by: &Pattern) -> Pattern {
    let (from, to) = (from.to_vec(), to.to_vec());
    let name = format!("morph{from:?}{to:?}");
    silence().with_arg(&name, by, move |_, by| Some(morphed(&from, &to, by.time()?)))
}

fn morphed(from: &[bool], to: &[bool], by: Time) -> Pattern {
    let onsets = |bits: &[bool]| -> Vec<Time> {
        let at = |(i, bit): (usize, &bool)| bit.then(|| Time::new(i as i64, bits.len() as i64));
        bits.iter().enumerate().filter_map(at).collect()
    };
    let length = Time::new(1, from.len().max(1) as i64);
    let begins: Vec<Time> = onsets(from).iter().zip(onsets(to)).map(|(a, b)| *a + by * (b - *a)).collect();
    let id = begins.iter().fold(Id::of("morph").time(length), |id, t| id.time(*t));
    id.pattern(None, move |q| {
        let mut haps = Vec::new();
        for q in q.cycles() {
            let cycle = q.span.begin.floor();
            for begin in &begins {
                let whole = Span::new(cycle + *begin, cycle + *begin + length);
                if let Some(part) = whole.intersection(q.span) {
                    haps.push(Hap::new(Some(whole), part, Value::Bool(true)));
                }
            }
        }
        haps
    })
}

/// Parts of a song one after the other, each for a number of cycles, looped.
pub fn arrange(parts: &[(Time, Pattern)]) -> Pattern {
    let parts: Vec<_> = parts.iter().filter(|(cycles, _)| *cycles > Time::ZERO).collect();
    let total = parts.iter().fold(Time::ZERO, |sum, (cycles, _)| sum + *cycles);
    if parts.is_empty() {
        return silence();
    }
    let squeezed: Vec<_> = parts.iter().map(|(cycles, part)| (*cycles, part.fast_by(*cycles))).collect();
    stepcat(&squeezed).slow_by(total)
}

/// Parts of a song by their first and last cycle; they may overlap, and loop all together if asked to.
pub fn seq_p(parts: &[(Time, Time, Pattern)], looped: bool) -> Pattern {
    let within = |(begin, end, part): &(Time, Time, Pattern)| {
        let (begin, end) = (*begin, *end);
        let id = Id::of("seq_p").time(begin).time(end);
        part.late_by(begin).keep_haps(id, move |hap| {
            let at = hap.whole_or_part().begin;
            at >= begin && at < end
        })
    };
    let all = super::combine::stack(&parts.iter().map(within).collect::<Vec<_>>());
    let end = parts.iter().map(|(_, end, _)| *end).max().unwrap_or(Time::ONE);
    if looped && end > Time::ZERO { all.ribbon(&pure(Time::ZERO), &pure(end)) } else { all }
}

/// Patterns step by step, each looping at its own length.
pub fn polymeter(patterns: &[Pattern]) -> Pattern {
    let steps = patterns.iter().filter_map(Pattern::steps).filter(|s| !s.is_zero());
    let Some(steps) = steps.reduce(Time::least_common_multiple) else {
        return super::combine::stack(patterns);
    };
    let paced: Vec<Pattern> = patterns.iter().map(|p| p.paced(steps)).collect();
    super::combine::stack(&paced).with_steps(Some(steps))
}

/// Patterns of unequal step counts together, the shorter padded: 0 after, 1 before, 0.5 on both sides.
pub fn stack_by(place: f64, patterns: &[Pattern]) -> Pattern {
    let most = patterns.iter().filter_map(Pattern::steps).max().unwrap_or(Time::ONE);
    let place = Time::from_f64(place.clamp(0.0, 1.0));
    let padded = |p: &Pattern| {
        let own = p.steps().unwrap_or(Time::ONE);
        let before = (most - own) * place;
        let after = most - own - before;
        stepcat(&[(before, gap(before)), (own, p.clone()), (after, gap(after))])
    };
    super::combine::stack(&patterns.iter().map(padded).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn euclid_gives_the_rhythms_of_the_world() {
        for (onsets, steps, shown) in [
            (3, 8, "x..x..x."),
            (5, 8, "x.xx.xx."),
            (2, 5, "x.x.."),
            (4, 9, "x.x.x.x.."),
            (7, 12, "x.xx.x.xx.x."),
            (0, 4, "...."),
            (4, 4, "xxxx"),
            (9, 4, "xxxx"),
            (-3, 8, ".xx.xx.x"),
        ] {
            let text: String = bjorklund(onsets, steps).iter().map(|b| if *b { 'x' } else { '.' }).collect();
            assert_eq!(text, shown, "({onsets},{steps})");
        }
    }

    #[test]
    fn a_song_plays_its_parts_for_their_cycles() {
        let song = arrange(&[(Time::int(2), pure("a")), (Time::ONE, pure("b"))]);
        let shown: Vec<String> = (0..6).map(|c| song.query(Span::cycles(c, c + 1))[0].value.to_string()).collect();
        assert_eq!(shown, ["a", "a", "b", "a", "a", "b"]);
    }
}
