//! What players of the peers will notice: every line of the page is run.

use segue::lang::{Answer, Interpreter};
use segue::pattern::Pattern;

const PAGE: &str = include_str!("../../docs/peers.md");

/// Onsets of the first cycle in the order they come.
fn shown(pattern: &Pattern) -> String {
    let mut haps = pattern.first_cycle();
    haps.retain(segue::pattern::Hap::has_onset);
    haps.sort_by_key(|hap| hap.part.begin);
    haps.iter().map(|hap| format!("{} {}", hap.part.begin, hap.value)).collect::<Vec<_>>().join(", ")
}

/// What is typed and what comes of it, of every line of a table.
fn lines() -> Vec<(&'static str, &'static str)> {
    let cells = |line: &'static str| {
        let (code, rest) = line.strip_prefix("| `")?.split_once("` | ")?;
        Some((code, rest.split_once(" | ")?.0.trim()))
    };
    PAGE.lines().filter_map(cells).collect()
}

#[test]
fn the_page_for_players_of_the_peers_says_what_happens() {
    let mut interpreter = Interpreter::new();
    let mut wrong = Vec::new();
    for (code, expected) in lines() {
        // A text alone is what `mini` makes of it.
        let alone = code.starts_with('"') && code[1..].find('"') == Some(code.len() - 2);
        let asked = if alone { format!("mini({code})") } else { code.to_string() };
        let found = match interpreter.query(&asked) {
            Ok(Answer::Pattern(pattern)) => format!("`{}`", shown(&pattern)),
            Ok(other) => format!("{other:?}"),
            Err(errors) => format!("error: {}", errors[0].message),
        };
        let same = found == expected || (expected.starts_with("error: ") && found.starts_with(expected));
        if !same {
            wrong.push(format!("{code}\n  {expected}\n  {found}"));
        }
    }
    assert!(lines().len() > 40, "only {} lines", lines().len());
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), lines().len(), wrong.join("\n"));
}
