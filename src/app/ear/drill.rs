//! A drill: items of one kind after the other, what is missed more often (Leitner's boxes), none again within twenty.

use std::collections::{HashMap, VecDeque};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;

use fastrand::Rng;

use super::item::{Item, Kind};
use crate::app::state;

/// Items that must pass before one comes again.
const APART: usize = 20;
/// Boxes an answer climbs when it is right; a wrong one puts it back into the first. Each is asked half as often as the one
/// below it.
const BOXES: u32 = 5;
/// Tries to find an item that has not been heard of late.
const TRIES: usize = 200;

/// Somebody training.
pub struct Drill {
    pub kind: Kind,
    dice: Rng,
    boxes: HashMap<String, u32>,
    late: VecDeque<String>,
    item: Item,
    asked: usize,
    right: usize,
    /// What was asked and answered, as CSV.
    results: String,
}

impl Drill {
    pub fn new(kind: Kind, seed: u64) -> Drill {
        let mut dice = Rng::with_seed(seed);
        let item = Item::any(kind, kind.answers().first().copied().unwrap_or(""), &mut dice);
        let results = "kind,item,answer,given,right\n".to_string();
        let (boxes, late) = (HashMap::new(), VecDeque::new());
        let mut drill = Drill { kind, dice, boxes, late, item, asked: 0, right: 0, results };
        drill.turn();
        drill
    }

    /// What sounds now.
    pub fn item(&self) -> &Item {
        &self.item
    }

    /// What is asked, and what can be answered.
    pub fn question(&self) -> String {
        let answers = self.kind.answers();
        let among = if answers.is_empty() { String::new() } else { format!("\n  {}", answers.join(" · ")) };
        format!("{}. {}{among}", self.asked + 1, self.kind.question())
    }

    /// What to say to a line that is no answer; none where it is a text of the language, which has brackets or gives a name.
    pub fn puzzled(&self, line: &str) -> Option<String> {
        if line.contains(['(', '=']) || line.starts_with("//") {
            return None;
        }
        let answers = self.kind.answers();
        let near = answers.iter().map(|answer| (strsim::damerau_levenshtein(answer, line.trim()), answer));
        // Of a short name every other short name is near.
        let near = near.filter(|(far, answer)| answer.len() > 3 && *far <= 2).min().map(|(_, answer)| answer);
        let meant = near.map_or(String::new(), |near| format!("did you mean {near}? "));
        let answers = match self.kind {
            Kind::Rhythms => "eight steps such as x..x..x.".to_string(),
            _ => answers.join(" · "),
        };
        Some(format!("{meant}answers here are: {answers}; :stop ends"))
    }

    /// Hears a line; none where it is no answer to this question. After an answer another item is there.
    pub fn hear(&mut self, line: &str) -> Option<String> {
        let given = self.kind.read(line)?;
        let right = given == self.item.answer;
        let level = self.boxes.entry(self.item.answer.clone()).or_insert(0);
        *level = if right { (*level + 1).min(BOXES - 1) } else { 0 };
        self.asked += 1;
        self.right += usize::from(right);
        let code = self.item.code.replace('"', "\"\"");
        let (kind, answer) = (self.kind.name(), &self.item.answer);
        let _ = writeln!(self.results, "{kind},\"{code}\",{answer},{given},{}", u8::from(right));
        let said = match right {
            true => format!("✓ {answer} ({})", self.item.told),
            false => format!("✗ it was {answer} ({}), you said {given}", self.item.told),
        };
        let score = format!("{said}   {}", self.score());
        self.turn();
        Some(score)
    }

    /// How it went so far.
    pub fn score(&self) -> String {
        format!("{} of {} right", self.right, self.asked)
    }

    /// Adds the results to those of other days; tells where.
    ///
    /// # Errors
    /// A disk that would not.
    pub fn keep(&self) -> std::io::Result<PathBuf> {
        let path = state::file("ear.csv");
        state::make_folder();
        let new = !path.exists();
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(&path)?;
        let rows = self.results.split_once('\n').filter(|_| !new).map_or(&*self.results, |(_, rows)| rows);
        file.write_all(rows.as_bytes())?;
        Ok(path)
    }

    /// Chooses what comes next.
    fn turn(&mut self) {
        let answers = self.kind.answers();
        for _ in 0..TRIES {
            let weight = |answer: &&&str| 1u32 << (BOXES - 1 - self.boxes.get(**answer).copied().unwrap_or(0));
            let mut left = self.dice.u32(..answers.iter().map(|answer| weight(&answer)).sum::<u32>().max(1));
            let chosen = answers.iter().find(|answer| {
                let weight = weight(answer);
                let found = left < weight;
                left = left.saturating_sub(weight);
                found
            });
            self.item = Item::any(self.kind, chosen.unwrap_or(&""), &mut self.dice);
            if !self.late.contains(&self.item.code) {
                break;
            }
        }
        self.late.push_back(self.item.code.clone());
        if self.late.len() > APART {
            self.late.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_of_a_thousand_comes_again_within_twenty() {
        let kinds = ["intervals", "chords", "scales", "degrees", "rhythms", "progressions", "cadences"];
        for kind in kinds.map(|name| name.parse().expect("a kind")) {
            let mut drill = Drill::new(kind, 3);
            let mut heard: Vec<String> = Vec::new();
            for _ in 0..1000 {
                let (code, answer) = (drill.item().code.clone(), drill.item().answer.clone());
                assert!(!heard.iter().rev().take(APART).any(|late| *late == code), "{kind:?}: {code}");
                heard.push(code);
                drill.hear(&answer).expect("an answer");
            }
            assert!(drill.question().starts_with("1001. "));
        }
    }

    #[test]
    fn what_is_missed_is_asked_more_often() {
        let mut drill = Drill::new(Kind::Degrees, 1);
        let mut asked = HashMap::new();
        for _ in 0..700 {
            let answer = drill.item().answer.clone();
            *asked.entry(answer.clone()).or_insert(0) += 1;
            let given = if answer == "4" { "5".to_string() } else { answer };
            drill.hear(&given).expect("an answer");
        }
        let most = asked.iter().filter(|(answer, _)| *answer != "4").map(|(_, count)| *count).max();
        assert!(asked["4"] > 2 * most.unwrap_or(0), "{asked:?}");
    }

    #[test]
    fn results_are_a_table_with_a_row_for_each_answer() {
        let mut drill = Drill::new(Kind::Cadences, 5);
        let answer = drill.item().answer.clone();
        assert!(drill.hear(&answer).unwrap().starts_with('✓'));
        assert!(drill.hear("track a").is_none());
        assert!(drill.puzzled("plagel").unwrap().starts_with("did you mean plagal? answers here are: perfect · "));
        assert!(drill.puzzled("what").unwrap().ends_with(":stop ends"));
        assert_eq!(drill.puzzled("track a = s(\"bd\")"), None);
        let wrong = if drill.item().answer == "half" { "plagal" } else { "half" };
        assert!(drill.hear(wrong).unwrap().starts_with('✗'));
        let rows: Vec<&str> = drill.results.lines().collect();
        assert!(rows.len() == 3 && rows[1].ends_with(",1") && rows[2].ends_with(",0"), "{rows:?}");
    }
}
