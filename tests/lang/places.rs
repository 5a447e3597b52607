//! Haps know the letters they came from, through every word, as line and column of the file.

use segue::lang::{Answer, Interpreter, NoFiles, Style, Word, source_of};
use segue::pattern::{Hap, Pattern, Place, Span};
use segue::score::Source;

/// Words whose values come from no text in mini-notation, though their example has one.
const NOWHERE: &[(&str, &str)] = &[
    ("pure", "its text is a value, not notation"),
    ("run", "counts"),
    ("scan", "counts"),
    ("each_cycle", "a function makes the values"),
    ("markov", "the texts are what may follow, not what comes when"),
    ("walk", "chance makes the numbers"),
    ("melody", "rules make the notes"),
    ("lsystem", "the text grows"),
    ("irand", "chance makes the numbers"),
    ("randrun", "chance makes the order"),
];

/// The patterns of an example, and by what name their haps call its text.
fn patterns(interpreter: &mut Interpreter, example: &str) -> (Vec<Pattern>, &'static str) {
    let Ok(evaluation) = interpreter.evaluate("example.rhai", example, &NoFiles) else { return (Vec::new(), "") };
    interpreter.forget("example.rhai");
    let tracks = evaluation.score.tracks.into_iter().filter_map(|track| match track.source {
        Source::Pattern(pattern) => Some(pattern),
        Source::Signal(_) => None,
    });
    let tracks: Vec<Pattern> = tracks.collect();
    match interpreter.query(example) {
        Ok(Answer::Pattern(pattern)) if tracks.is_empty() => (vec![pattern], "query"),
        _ => (tracks, "example.rhai"),
    }
}

/// The letters of a place, if they stand inside a text in quotes.
fn letters(text: &str, place: &Place) -> Option<String> {
    let line: Vec<char> = text.lines().nth(place.line as usize - 1)?.chars().collect();
    let (begin, end) = (place.column as usize - 1, (place.column + place.length) as usize - 1);
    let inside = line.get(..begin)?.iter().filter(|c| **c == '"').count() % 2 == 1;
    let letters = line.get(begin..end).filter(|letters| inside && !letters.contains(&'"'))?;
    Some(letters.iter().collect())
}

/// What is wrong with a hap's places.
fn misplaced(example: &str, source: u32, hap: &Hap) -> Option<String> {
    let places = hap.places.as_slice();
    if places.is_empty() {
        return Some(format!("{} comes from nowhere", hap.value));
    }
    let wrong = places.iter().find(|place| {
        let word = letters(example, place);
        place.source != source || word.is_none_or(|word| word.is_empty() || word.contains(char::is_whitespace))
    });
    wrong.map(|place| format!("{} comes from {place:?}", hap.value))
}

#[test]
fn every_word_keeps_the_letters_its_haps_came_from() {
    let mut interpreter = Interpreter::new();
    let words: Vec<Word> = interpreter.vocabulary().words().iter().map(|word| (**word).clone()).collect();
    let (mut wrong, mut checked) = (Vec::new(), 0);
    for word in words.iter().filter(|w| matches!(w.style, Style::Method | Style::Function) && w.example.contains('"')) {
        let (patterns, name) = patterns(&mut interpreter, &word.example);
        let source = source_of(name);
        let haps = patterns.iter().flat_map(|pattern| pattern.query(Span::cycles(0, 4)));
        let faults: Vec<String> = haps.filter_map(|hap| misplaced(&word.example, source, &hap)).collect();
        checked += usize::from(!patterns.is_empty());
        let known = NOWHERE.iter().any(|(name, _)| *name == word.name);
        if known == faults.is_empty() && !patterns.is_empty() {
            wrong.push(format!(
                "{word:?}: {}\n  {}",
                word.example,
                faults.first().map_or("is well now", String::as_str)
            ));
        }
    }
    assert!(checked > 300, "only {checked} words");
    assert!(wrong.is_empty(), "{} words:\n{}", wrong.len(), wrong.join("\n"));
}

/// Where the first hap of each value says it stands.
fn shown(text: &str) -> Vec<(String, u32, u32)> {
    let (patterns, name) = patterns(&mut Interpreter::new(), text);
    let mut haps = patterns[0].first_cycle();
    haps.sort_by_key(|hap| hap.part.begin);
    let place = |hap: &Hap| {
        let place = hap.places.as_slice()[0];
        assert_eq!(place.source, source_of(name));
        (letters(text, &place).unwrap_or_default(), place.line, place.column)
    };
    haps.iter().map(place).collect()
}

#[test]
fn equal_texts_are_told_apart_by_where_they_stand() {
    let found = shown("track d = s(\"a b\")\n  .n(\"a b\"); track e = s(\"a b\");");
    assert_eq!(found, [("a".into(), 1, 14), ("b".into(), 1, 16)]);
    let second = shown("let x = 1;\ntrack d = seq(\"é a\", \"é a\").s()");
    assert_eq!(second.iter().map(|place| place.2).collect::<Vec<_>>(), [16, 18, 23, 25]);
    let dotted = shown("track d = \"a b\".seq(\"a b\").s()");
    assert_eq!(dotted.iter().map(|place| place.2).collect::<Vec<_>>(), [12, 14, 22, 24]);
    let added = shown("track d = n(\"0 1\" + mini(\"0 1\"))");
    assert_eq!(added[0].2, 14);
}

#[test]
fn a_text_over_several_lines_and_one_mended_for_the_parser_keep_their_columns() {
    let places = shown("track d = s(`a\n  b c`)");
    assert_eq!(places.iter().map(|(_, line, column)| (*line, *column)).collect::<Vec<_>>(), [(1, 14), (2, 3), (2, 5)]);
    let mended = "$: s(\"a\").gain(.5).late(\"<1 2>\")";
    let (patterns, _) = patterns(&mut Interpreter::new(), mended);
    let mut places: Vec<String> =
        patterns[0].first_cycle()[0].places.as_slice().iter().filter_map(|p| letters(mended, p)).collect();
    places.sort();
    assert_eq!(places, ["1", "a"]);
}

#[test]
fn a_text_that_was_put_together_has_no_place() {
    let (patterns, _) = patterns(&mut Interpreter::new(), "let k = 2; track d = s(\"bd*\" + k)");
    assert!(patterns[0].first_cycle().iter().all(|hap| hap.places.as_slice().is_empty()));
}
