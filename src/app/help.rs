//! Help that teaches: a word's page with its example drawn, or what a chord, a scale or a note is where that was asked for.

use segue::lang::{Answer, Interpreter, Style};

use super::screen::Manner;
use super::words::Words;
use super::{grid, query};

/// Lines of a drawing that stand in a page of help; larger ones do not help.
const LINES: usize = 12;

/// A page, and the line of it that can be played.
#[derive(Debug)]
pub struct Help {
    pub page: String,
    pub example: Option<String>,
}

/// What there is to say about a name; `Err`: what it may have been meant to be.
pub fn about(words: &Words, interpreter: &mut Interpreter, name: &str, manner: Manner) -> Result<Help, String> {
    match words.explain(name) {
        Ok(page) => {
            let example = words.called(name).map(|word| word.example.to_string()).find(|example| !example.is_empty());
            let syntax = words.called(name).any(|word| word.style == Style::Syntax);
            let drawn = example.as_ref().filter(|_| !syntax).and_then(|example| picture(interpreter, example, manner));
            let drawn = drawn.map_or(String::new(), |drawn| format!("\n\n{drawn}"));
            let play = if example.is_some() { "\n\n  :play plays the example" } else { "" };
            Ok(Help { page: format!("{page}{drawn}{play}"), example })
        }
        Err(why) => theory(interpreter, name, manner).ok_or(why),
    }
}

/// What an example means: a pattern as a grid, a rhythm of one sound as a necklace besides, a scale or a chord on keys.
fn picture(interpreter: &mut Interpreter, example: &str, manner: Manner) -> Option<String> {
    let drawing = match interpreter.query(example).ok()? {
        Answer::Pattern(pattern) => {
            let cycles = i64::from(example.contains('<') || example.contains("every")) + 1;
            let grid = grid::shown(&pattern, cycles, manner).ok()?;
            let ring = example.contains("euclid") || example.contains(",8)");
            let necklace =
                ring.then(|| drawn(interpreter, &format!("picture({example}, \"necklace\")"), manner)).flatten();
            match necklace {
                Some(necklace) => return Some(format!("{grid}\n\n{necklace}")),
                None => grid,
            }
        }
        Answer::Picture(picture) => query::pictured(&picture, manner),
        Answer::Value(_) if example.contains("theory::") => {
            drawn(interpreter, &format!("picture({example}, \"keys\")"), manner)?
        }
        _ => return None,
    };
    (drawing.lines().count() <= LINES).then_some(drawing)
}

fn drawn(interpreter: &mut Interpreter, code: &str, manner: Manner) -> Option<String> {
    match interpreter.query(code).ok()? {
        Answer::Picture(picture) => Some(query::pictured(&picture, manner)),
        _ => None,
    }
}

/// A chord, a note, a key or a scale: what it is, on keys, and a line that plays it. A scale without a tonic is one on C.
fn theory(interpreter: &mut Interpreter, name: &str, manner: Manner) -> Option<Help> {
    let plain = name.trim_matches('"');
    for thing in [plain.to_string(), format!("C {plain}")] {
        let Ok(Answer::Value(told)) = interpreter.query(&format!("explain({thing:?})")) else { continue };
        let keys = drawn(interpreter, &format!("picture({thing:?}, \"keys\")"), manner)?;
        let scale = interpreter.query(&format!("theory::scale({thing:?}).name")).is_ok();
        let example = if scale {
            let (tonic, name) = thing.split_once([' ', ':']).unwrap_or((&thing, "major"));
            format!("n(\"0 .. 7\").scale(\"{tonic}4:{}\")", name.replace(' ', ":"))
        } else if thing.ends_with(|c: char| c.is_ascii_digit())
            && interpreter.query(&format!("note({thing:?})")).is_ok()
        {
            format!("note({thing:?})")
        } else {
            format!("chord({thing:?}).voicing()")
        };
        let plays = matches!(interpreter.query(&example), Ok(Answer::Pattern(_)));
        let line = if plays { format!("\n\n    {example}\n\n  :play plays it") } else { String::new() };
        let page = format!("{}\n\n{keys}{line}", super::answer::words(&told));
        return Some(Help { page, example: plays.then_some(example) });
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn help(name: &str, manner: Manner) -> Help {
        let mut interpreter = Interpreter::new();
        let words = Words::of(&interpreter);
        about(&words, &mut interpreter, name, manner).unwrap()
    }

    #[test]
    fn a_word_shows_its_example_as_a_grid_and_the_example_plays() {
        let fast = help("fast", Manner::Drawn);
        assert!(
            fast.page.contains("cycle 0") && fast.page.contains("see also") && fast.page.contains("factor: "),
            "{fast:?}"
        );
        assert_eq!(fast.example.as_deref(), Some("s(\"bd sd hh cp\").fast(2)"));
        assert!(help("euclid", Manner::Drawn).page.contains('●'));
        assert!(help("fast", Manner::Spoken).page.contains("cycle 0: bd at 0"));
    }

    #[test]
    fn scales_and_chords_are_explained_on_keys_with_a_line_that_plays() {
        for (name, example) in [
            ("dorian", "n(\"0 .. 7\").scale(\"C4:dorian\")"),
            ("D harmonic minor", "n(\"0 .. 7\").scale(\"D4:harmonic:minor\")"),
            ("F#m7b5", "chord(\"F#m7b5\").voicing()"),
        ] {
            let help = help(name, Manner::Drawn);
            assert!(help.page.contains("┴───"), "{help:?}");
            assert_eq!(help.example.as_deref(), Some(example));
        }
    }
}
