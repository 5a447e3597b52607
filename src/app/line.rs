//! What a line at the prompt asks for: the performer's bare words, the prompt's own commands, or a text of the language.

use segue::session::Stage;

/// What was asked.
#[derive(Clone, Debug, PartialEq)]
pub enum Line {
    Nothing,
    /// Gestures, in order.
    Stage(Vec<Stage>),
    Command(Command),
    /// To be evaluated.
    Text(String),
    /// Not understood: why, and what to type.
    Wrong(String),
}

/// The prompt's own commands.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    Help(Option<String>),
    /// Words by what they mean.
    Search(String),
    /// The example of the help that was shown last.
    Example,
    Tracks,
    /// The drawing of a track, or of any pattern.
    Show(String),
    /// What something of music is and does, perhaps in a key.
    Why(String),
    /// A picture of something, of a kind, perhaps into a file.
    Picture {
        thing: String,
        kind: Option<String>,
        file: Option<String>,
    },
    Swaps,
    Cost,
    Undo(usize),
    Redo(usize),
    /// The list of edits, or the piece as it was after one of them.
    At(Option<usize>),
    Pending,
    Cancel(Vec<String>),
    Play(String),
    Forget(String),
    /// A lesson by number or words, or the list of them.
    Learn(Option<String>),
    Next,
    Hint,
    /// Ear training of a kind; without one, its end.
    Ear(Option<String>),
    /// Everything in words, or drawn again.
    Plain,
    Quit,
}

/// A command's name, its argument, and what it does.
pub const COMMANDS: &[(&str, &str, &str)] = &[
    (":help", "[WORD]", "explain a word, or this list"),
    (":search", "WORDS", "find words by what they mean: `:search wobble`"),
    (":tracks", "", "what plays, how loud, and whose it is"),
    (":show", "NAME", "draw a track's pattern, time across"),
    (":show", "keys", "follow what sounds: keys, staff, frets or ladder; :show off ends"),
    (":why", "THING", "explain a track, chord, scale: `:why Dm7 G7 C`, `:why G7 in C`"),
    (":picture", "THING", "draw it: `:picture Dm7 as keys`, `:picture D dorian to d.svg`"),
    (":swaps", "", "how clean the last edits crossed over"),
    (":cost", "", "how much of the time there is each part takes"),
    (":undo", "[N]", "the sound as it was before the last edit, or N edits ago"),
    (":redo", "[N]", "take an undo back, or N of them"),
    (":at", "[N]", "the edits so far with their bars, or go back to edit N"),
    (":pending", "", "what waits for its beat or bar, and how long"),
    (":cancel", "[NAME…]", "drop what waits, or only that of NAME"),
    (":play", "[FILE]", "play and watch a file; alone, the example of the help above"),
    (":forget", "FILE", "stop playing a file"),
    (":tour", "", "the first five minutes"),
    (":learn", "[N]", "the lessons, or one of them"),
    (":hint", "", "help with the lesson's question"),
    (":next", "", "the next lesson"),
    (":ear", "[KIND]", "train the ear: intervals, chords … or piece; :stop ends"),
    (":plain", "", "tell everything in words, for a screen reader; again: draw"),
    (":quit", "", "leave (so does Ctrl-D)"),
];

/// The performer's bare words, what follows them, and what they do.
pub const GESTURES: &[(&str, &str, &str)] = &[
    ("hush", "", "stop every track, let it ring"),
    ("panic", "", "silence now"),
    ("mute", "NAME…", "silence tracks until `unmute`"),
    ("unmute", "[NAME…]", "let them play again, or all"),
    ("solo", "NAME…", "let only these be heard"),
    ("unsolo", "[NAME…]", "let the others be heard again"),
];

/// Reads a line.
pub fn read(line: &str) -> Line {
    let line = line.trim();
    if line.is_empty() {
        return Line::Nothing;
    }
    if let Some(command) = line.strip_prefix(':') {
        return self::command(command);
    }
    gesture(line).or_else(|| bare(line)).unwrap_or_else(|| Line::Text(line.to_string()))
}

/// Commands that are understood without their colon where nothing else could be meant: alone, or `help` with a word.
const BARE: [&str; 9] = ["help", "quit", "exit", "next", "hint", "tour", "undo", "redo", "learn"];

fn bare(line: &str) -> Option<Line> {
    let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
    let plain = rest.chars().all(|c| c.is_alphanumeric() || c == '_');
    let fits = BARE.contains(&word) && (rest.is_empty() || (word == "help" && plain));
    fits.then(|| command(line))
}

fn command(text: &str) -> Line {
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let rest = rest.trim();
    let given = (!rest.is_empty()).then(|| rest.trim_matches('"').to_string());
    let command = match (word, given) {
        ("help" | "h" | "doc" | "?", given) => Command::Help(given),
        ("tracks" | "t", None) => Command::Tracks,
        ("show", Some(_)) => Command::Show(rest.to_string()),
        ("why" | "explain", Some(_)) => Command::Why(rest.to_string()),
        ("picture" | "pic", Some(_)) => picture(rest),
        ("swaps", None) => Command::Swaps,
        ("cost", None) => Command::Cost,
        ("undo" | "u", None) => Command::Undo(1),
        ("redo", None) => Command::Redo(1),
        ("undo" | "u" | "redo", Some(edits)) => match edits.parse() {
            Ok(edits @ 1..) if word == "redo" => Command::Redo(edits),
            Ok(edits @ 1..) => Command::Undo(edits),
            _ => return Line::Wrong(format!("how many edits? :{word} 2 (found `{edits}`)")),
        },
        ("at", None) => Command::At(None),
        ("at", Some(edit)) => match edit.parse() {
            Ok(edit) => Command::At(Some(edit)),
            Err(_) => return Line::Wrong(format!("which edit? :at 3 (:at lists them; found `{edit}`)")),
        },
        ("pending", None) => Command::Pending,
        ("cancel", names) => {
            let names = names.unwrap_or_default();
            let names = names.split([' ', '\t', ',']).filter(|name| !name.is_empty());
            Command::Cancel(names.map(String::from).collect())
        }
        ("play", Some(file)) => Command::Play(file),
        ("forget", Some(file)) => Command::Forget(file),
        ("tour", None) => Command::Learn(Some("1".into())),
        ("learn", lesson) => Command::Learn(lesson),
        ("ear", kind) => Command::Ear(kind),
        ("stop", None) => Command::Ear(None),
        ("hint", None) => Command::Hint,
        ("next", None) => Command::Next,
        ("plain", None) => Command::Plain,
        ("quit" | "q" | "exit", None) => Command::Quit,
        ("search" | "find", Some(asked)) => Command::Search(asked),
        ("search" | "find", None) => return Line::Wrong("search for what? :search wobble".into()),
        ("play", None) => Command::Example,
        ("forget", None) => return Line::Wrong(format!("which file? :{word} FILE")),
        ("why" | "explain", None) => return Line::Wrong("why what? :why Dm7 G7 C, or the name of a track".into()),
        ("picture" | "pic", None) => return Line::Wrong("a picture of what? :picture Dm7 as keys".into()),
        ("show", None) => return Line::Wrong("which track? :show NAME (:tracks lists them)".into()),
        ("tracks" | "swaps" | "cost" | "pending" | "tour" | "hint" | "next" | "plain" | "quit", Some(rest)) => {
            return Line::Wrong(format!(":{word} stands alone, found `{rest}` after it"));
        }
        _ => return Line::Wrong(format!("there is no command `:{word}`; :help lists them")),
    };
    Line::Command(command)
}

/// `THING [as KIND] [to FILE]`.
fn picture(rest: &str) -> Command {
    let (rest, file) = rest.rsplit_once(" to ").map_or((rest, None), |(rest, file)| (rest, Some(file.trim().into())));
    let (thing, kind) =
        rest.rsplit_once(" as ").map_or((rest, None), |(thing, kind)| (thing, Some(kind.trim().into())));
    Command::Picture { thing: thing.trim().to_string(), kind, file }
}

/// The gesture a line is, if it is nothing but one: `mute` as a variable stays a variable.
fn gesture(line: &str) -> Option<Line> {
    let line = line.trim_end_matches(';').trim_end();
    let line = line.strip_suffix("()").unwrap_or(line);
    let mut words = line.split([' ', '\t', ',']).filter(|w| !w.is_empty());
    let word = words.next()?;
    let names: Vec<&str> = words.collect();
    let plain = |n: &&str| n.chars().all(|c| c.is_alphanumeric() || c == '_');
    if !GESTURES.iter().any(|(g, ..)| *g == word) || !names.iter().all(plain) {
        return None;
    }
    if names.is_empty() {
        return Some(match Stage::from_words(word, None) {
            Some(stage) => Line::Stage(vec![stage]),
            None => Line::Wrong(format!("which track? {word} NAME (:tracks lists them)")),
        });
    }
    let stages: Option<Vec<Stage>> = names.iter().map(|name| Stage::from_words(word, Some(name))).collect();
    Some(
        stages.map_or_else(
            || Line::Wrong(format!("`{word}` stands alone; for one track: mute {}", names[0])),
            Line::Stage,
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_performer_s_words_need_no_punctuation() {
        for (line, expected) in [
            ("hush", Line::Stage(vec![Stage::Hush])),
            (" hush; ", Line::Stage(vec![Stage::Hush])),
            ("panic()", Line::Stage(vec![Stage::Panic])),
            ("mute bass", Line::Stage(vec![Stage::Mute("bass".into())])),
            ("solo a, b", Line::Stage(vec![Stage::Solo("a".into()), Stage::Solo("b".into())])),
            ("unmute", Line::Stage(vec![Stage::Unmute(None)])),
            ("", Line::Nothing),
            (":u", Line::Command(Command::Undo(1))),
            (":redo 12", Line::Command(Command::Redo(12))),
            (":at", Line::Command(Command::At(None))),
            (":at 3", Line::Command(Command::At(Some(3)))),
            (":pending", Line::Command(Command::Pending)),
            (":cancel", Line::Command(Command::Cancel(vec![]))),
            (":cancel a, b", Line::Command(Command::Cancel(vec!["a".into(), "b".into()]))),
            (":show d.fast(2)", Line::Command(Command::Show("d.fast(2)".into()))),
            (":why G7 in C", Line::Command(Command::Why("G7 in C".into()))),
            (
                ":picture D dorian as wheel to d.svg",
                Line::Command(Command::Picture {
                    thing: "D dorian".into(),
                    kind: Some("wheel".into()),
                    file: Some("d.svg".into()),
                }),
            ),
            (":help fast", Line::Command(Command::Help(Some("fast".into())))),
            (":play \"my song.rhai\"", Line::Command(Command::Play("my song.rhai".into()))),
        ] {
            assert_eq!(read(line), expected, "{line}");
        }
    }

    #[test]
    fn what_only_looks_like_a_gesture_is_a_text() {
        assert_eq!(read("help fast"), Line::Command(Command::Help(Some("fast".into()))));
        assert_eq!(read("next"), Line::Command(Command::Next));
        for line in [
            "next = 1",
            "help.fast(2)",
            "hint(2)",
            "let mute = 1",
            "mute = 1",
            "solo(d)",
            "hush.fast(2)",
            "track hush = s(\"bd\")",
        ] {
            assert_eq!(read(line), Line::Text(line.into()));
        }
    }

    #[test]
    fn what_is_incomplete_says_what_to_type() {
        for (line, word) in [
            ("mute", "mute NAME"),
            ("hush bass", "mute bass"),
            (":nonsense", ":help"),
            (":show", ":show NAME"),
            (":why", ":why Dm7 G7 C"),
            (":forget", ":forget FILE"),
            (":undo all", ":undo 2"),
            (":undo 0", ":undo 2"),
        ] {
            let Line::Wrong(why) = read(line) else { panic!("{line} was understood") };
            assert!(why.contains(word), "{why}");
        }
    }
}
