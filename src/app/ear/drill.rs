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

/// What is asked.
enum About {
    Kind(Kind),
    /// Things that were there before, each of its own kind.
    Items(Vec<Item>),
}

/// Somebody training.
pub struct Drill {
    /// Of what kind the questions are, or what they are.
    about: About,
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
        Drill::begin(About::Kind(kind), dice, item)
    }

    /// A drill of things from a piece; none if there are too few to choose from.
    pub fn of(items: Vec<Item>, seed: u64) -> Option<Drill> {
        let first = items.first().filter(|_| items.len() > 1)?.clone();
        Some(Drill::begin(About::Items(items), Rng::with_seed(seed), first))
    }

    fn begin(about: About, dice: Rng, item: Item) -> Drill {
        let results = "kind,item,answer,given,right\n".to_string();
        let (boxes, late) = (HashMap::new(), VecDeque::new());
        let mut drill = Drill { about, dice, boxes, late, item, asked: 0, right: 0, results };
        drill.turn();
        drill
    }

    /// What sounds now.
    pub fn item(&self) -> &Item {
        &self.item
    }

    /// What is asked, and what can be answered.
    pub fn question(&self) -> String {
        let kind = self.item.kind;
        let answers = kind.answers();
        let among = if answers.is_empty() { String::new() } else { format!("\n  {}", answers.join(" · ")) };
        format!("{}. {}{among}", self.asked + 1, kind.question())
    }

    /// What to say to a line that is no answer; none where it is a text of the language, which has brackets or gives a name.
    pub fn puzzled(&self, line: &str) -> Option<String> {
        if line.contains(['(', '=']) || line.starts_with("//") {
            return None;
        }
        let kind = self.item.kind;
        let answers = kind.answers();
        let near = answers.iter().map(|answer| (strsim::damerau_levenshtein(answer, line.trim()), answer));
        // Of a short name every other short name is near.
        let near = near.filter(|(far, answer)| answer.len() > 3 && *far <= 2).min().map(|(_, answer)| answer);
        let meant = near.map_or(String::new(), |near| format!("did you mean {near}? "));
        let answers = match kind {
            Kind::Rhythms => "eight steps such as x..x..x.".to_string(),
            _ => answers.join(" · "),
        };
        Some(format!("{meant}answers here are: {answers}; :stop ends"))
    }

    /// Hears a line; none where it is no answer to this question. After an answer another item is there.
    pub fn hear(&mut self, line: &str) -> Option<String> {
        let kind = self.item.kind;
        let given = kind.read(line)?;
        let right = given == self.item.answer;
        let level = self.boxes.entry(self.item.answer.clone()).or_insert(0);
        *level = if right { (*level + 1).min(BOXES - 1) } else { 0 };
        self.asked += 1;
        self.right += usize::from(right);
        let code = self.item.code.replace('"', "\"\"");
        let (kind, answer) = (kind.name(), &self.item.answer);
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
        match &self.about {
            About::Kind(kind) => self.turn_to(*kind),
            About::Items(items) => {
                let fresh: Vec<&Item> = items.iter().filter(|item| !self.late.contains(&item.code)).collect();
                let weights: Vec<u32> = fresh.iter().map(|item| self.weight(&item.answer)).collect();
                if let Some(item) = chosen(&weights, &mut self.dice).and_then(|at| fresh.get(at)) {
                    self.item = (*item).clone();
                }
            }
        }
        let apart = match &self.about {
            About::Kind(_) => APART,
            // A short piece cannot wait for twenty others.
            About::Items(items) => APART.min(items.len() / 2),
        };
        self.late.push_back(self.item.code.clone());
        while self.late.len() > apart {
            self.late.pop_front();
        }
    }

    fn turn_to(&mut self, kind: Kind) {
        let answers = kind.answers();
        for _ in 0..TRIES {
            let weights: Vec<u32> = answers.iter().map(|answer| self.weight(answer)).collect();
            let answer = chosen(&weights, &mut self.dice).map_or("", |at| answers[at]);
            self.item = Item::any(kind, answer, &mut self.dice);
            if !self.late.contains(&self.item.code) {
                break;
            }
        }
    }

    /// How often an answer is asked for: half as often for each box it has climbed.
    fn weight(&self, answer: &str) -> u32 {
        1 << (BOXES - 1 - self.boxes.get(answer).copied().unwrap_or(0))
    }
}

/// One of several things, by their weights; none of none.
fn chosen(weights: &[u32], dice: &mut Rng) -> Option<usize> {
    let all: u32 = weights.iter().sum();
    let mut left = if all > 0 { dice.u32(..all) } else { return None };
    weights.iter().position(|weight| {
        let found = left < *weight;
        left = left.saturating_sub(*weight);
        found
    })
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
    fn a_drill_of_given_items_asks_each_by_its_own_kind_and_none_twice_in_a_row() {
        let mut dice = Rng::with_seed(1);
        let items = [(Kind::Intervals, "P5"), (Kind::Chords, "minor"), (Kind::Degrees, "3")];
        let items: Vec<Item> = items.into_iter().map(|(kind, answer)| Item::any(kind, answer, &mut dice)).collect();
        assert!(Drill::of(items[..1].to_vec(), 1).is_none());
        let mut drill = Drill::of(items, 1).expect("three items");
        let mut before = String::new();
        for _ in 0..50 {
            assert_ne!(before, drill.item().code);
            before = drill.item().code.clone();
            let answer = drill.item().answer.clone();
            assert!(drill.question().contains(&answer) && drill.hear(&answer).unwrap().starts_with('✓'));
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
