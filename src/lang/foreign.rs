//! Lines of other languages, and texts without their quotes: what they are in ours.

/// Drums as other languages name their samples, and ours.
const DRUMS: [(&str, &str); 10] = [
    ("bd", "bd"),
    ("drum_bass", "bd"),
    ("sn", "sd"),
    ("drum_snare", "sd"),
    ("drum_cymbal", "cr"),
    ("drum_tom", "mt"),
    ("drum_cowbell", "cb"),
    ("hat", "hh"),
    ("elec_hi_snare", "sd"),
    ("perc", "perc"),
];

/// The language a line is of, and what to type instead; none for what is ours.
pub fn line(text: &str) -> Option<(&'static str, String)> {
    let text = text.trim();
    if text.starts_with('{') && text.ends_with("}.play") {
        return Some(("SuperCollider", supercollider(text)));
    }
    let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
    let rest = rest.trim();
    let name = rest.trim_start_matches(':');
    let name = name.split([' ', ',']).next().unwrap_or_default();
    let symbol = rest.starts_with(':');
    let number = rest.starts_with(|c: char| c.is_ascii_digit());
    let hint = match word {
        "play" if rest.starts_with("s(") || rest.starts_with("n(") || rest.starts_with("note(") => {
            format!("track d = {rest}")
        }
        "play" | "synth" if symbol || number => format!("track d = note(\"{name}\")"),
        "play" if rest.starts_with('[') => {
            format!("track d = note(\"{}\")", rest.replace([':', '[', ']', ','], "").trim())
        }
        "play_pattern" | "play_pattern_timed" | "play_chord" if !rest.is_empty() => "track d = note(\"c e g\")".into(),
        "sleep" if number => "note(\"c ~ e ~\"): in a pattern, ~ waits".into(),
        "live_loop" if symbol => format!("track {name} = s(\"bd*4\")"),
        "in_thread" if rest == "do" => "track d = s(\"bd*4\")".into(),
        "use_synth" if symbol => format!("note(\"c e g\").s(\"{}\")", instrument(name)),
        "use_bpm" if number => format!("tempo({name})"),
        "sample" if symbol => format!("track d = s(\"{}\")", drum(name)),
        "with_fx" if symbol => format!("note(\"c e g\").{}", effect(name)),
        _ => return None,
    };
    Some(("Sonic Pi", hint))
}

fn drum(sample: &str) -> &'static str {
    DRUMS.iter().find(|(theirs, _)| sample.starts_with(theirs)).map_or("bd", |(_, ours)| ours)
}

fn instrument(synth: &str) -> &'static str {
    ["piano", "pluck", "saw", "sine", "square", "tri", "noise", "supersaw", "pad", "organ"]
        .into_iter()
        .find(|ours| synth.contains(ours))
        .unwrap_or("saw")
}

fn effect(fx: &str) -> &'static str {
    match fx {
        "echo" | "ping_pong" => "delay(0.5)",
        "distortion" | "krush" | "bitcrusher" => "distort(1)",
        "lpf" | "rlpf" | "wobble" => "lpf(800)",
        "hpf" | "rhpf" => "hpf(800)",
        _ => "room(0.5)",
    }
}

/// `{ SinOsc.ar(440) }.play`: the oscillator and its frequency.
fn supercollider(text: &str) -> String {
    let wave = match text {
        t if t.contains("Saw") => "saw",
        t if t.contains("Pulse") => "square",
        t if t.contains("LFTri") => "tri",
        _ => "sine",
    };
    let after = text.split_once(".ar(").map_or("", |(_, after)| after);
    let number: String = after.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    format!("track d = {wave}({}) * 0.1", if number.is_empty() { "440" } else { &number })
}

/// A call as it is with quotes around what stands in its brackets, if that looks like a pattern: `s(bd*4)`. `from`: where its
/// word begins, in characters.
pub fn quoted(line: &[char], from: usize) -> Option<String> {
    let rest = line.get(from..)?;
    let open = rest.iter().position(|c| *c == '(')?;
    let word: String = rest[..open].iter().collect();
    let close = rest.iter().position(|c| *c == ')')?;
    let inside: String = rest.get(open + 1..close)?.iter().collect();
    let letters = |c: char| c.is_alphanumeric() || " #*/~<>[]!@?:._-".contains(c);
    let plain = !inside.trim().is_empty() && inside.chars().all(letters) && inside.contains(char::is_alphabetic);
    let called = !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || c == '_');
    (plain && called).then(|| format!("{word}(\"{}\")", inside.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_other_languages_are_told_in_ours() {
        for (theirs, ours) in [
            ("play 60", "track d = note(\"60\")"),
            ("play :c4, release: 2", "track d = note(\"c4\")"),
            ("play [:c, :e, :g]", "track d = note(\"c e g\")"),
            ("play s(\"bd\")", "track d = s(\"bd\")"),
            ("live_loop :drums do", "track drums = s(\"bd*4\")"),
            ("sample :bd_haus", "track d = s(\"bd\")"),
            ("sample :drum_snare_hard, amp: 2", "track d = s(\"sd\")"),
            ("use_synth :tb303", "note(\"c e g\").s(\"saw\")"),
            ("use_bpm 120", "tempo(120)"),
            ("{ SinOsc.ar(440) }.play", "track d = sine(440) * 0.1"),
            ("{ Saw.ar(110, 0.3) }.play", "track d = saw(110) * 0.1"),
        ] {
            assert_eq!(line(theirs).map(|(_, hint)| hint).as_deref(), Some(ours), "{theirs}");
        }
        for ours in ["track a = s(\"bd\")", "play", "synth acid = |f| f", "sample", "end", "{ 1 }"] {
            assert_eq!(line(ours), None, "{ours}");
        }
    }

    #[test]
    fn a_pattern_without_quotes_gets_them() {
        let quoted = |text: &str, from: usize| super::quoted(&text.chars().collect::<Vec<_>>(), from);
        assert_eq!(quoted("track a = s(bd*4);", 10).as_deref(), Some("s(\"bd*4\")"));
        assert_eq!(quoted("a.s(pluckish)", 2).as_deref(), Some("s(\"pluckish\")"));
        assert_eq!(quoted("note(c4 e4)", 0).as_deref(), Some("note(\"c4 e4\")"));
        assert_eq!(quoted("s(f(x))", 0), None);
        assert_eq!(quoted("sine(440)", 0), None);
    }
}
