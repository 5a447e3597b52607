//! Spellings of other live-coding languages that mean one thing only, turned into ours before parsing: `x => …`, `{a: …}`,
//! `$: …`, `.5`.

use super::source::{Source, code};

/// From a place on, `width` characters become `text`, which is never shorter.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    pub line: usize,
    pub column: usize,
    pub width: usize,
    pub text: String,
}

/// A character of code and its place.
type Mark = (char, u32, u32);

/// All changes a text needs, in its order.
pub fn changes(source: &Source) -> Vec<Change> {
    let code = code(source);
    let mut reader = Reader { code: &code, found: Vec::new(), open: Vec::new(), chooses: false, unnamed: 0 };
    for k in 0..code.len() {
        reader.read(k);
    }
    let mut found = reader.found;
    found.sort_by_key(|change| (change.line, change.column));
    found
}

struct Reader<'a> {
    code: &'a [Mark],
    found: Vec<Change>,
    /// Brackets that are open: where, and whether they hold the cases of a `switch`.
    open: Vec<(usize, bool)>,
    /// A `switch` waits for its bracket.
    chooses: bool,
    /// Tracks named `$` so far.
    unnamed: usize,
}

impl Reader<'_> {
    fn read(&mut self, k: usize) {
        match self.code[k].0 {
            '{' => {
                if self.is_map(k) {
                    self.change(k, 1, "#{");
                }
                let cases = std::mem::take(&mut self.chooses);
                self.open.push((k, cases));
            }
            '(' | '[' => self.open.push((k, false)),
            ')' | ']' | '}' => drop(self.open.pop()),
            '=' if self.at(k + 1) == Some('>') && self.adjoins(k) => self.arrow(k),
            ':' if self.open.is_empty() => self.label(k),
            '.' if self.begins_number(k) => self.change(k, 1, "0."),
            's' if self.begins_word(k) && self.word(k) == "switch" => self.chooses = true,
            _ => {}
        }
    }

    fn at(&self, k: usize) -> Option<char> {
        self.code.get(k).map(|mark| mark.0)
    }

    /// Whether the next character of code stands right behind this one.
    fn adjoins(&self, k: usize) -> bool {
        let (here, next) = (self.code[k], self.code.get(k + 1));
        next.is_some_and(|next| next.1 == here.1 && next.2 == here.2 + 1)
    }

    fn change(&mut self, k: usize, width: usize, text: impl Into<String>) {
        let (_, line, column) = self.code[k];
        self.found.push(Change { line: line as usize, column: column as usize, width, text: text.into() });
    }

    fn is_word(c: char) -> bool {
        c.is_ascii_alphanumeric() || c == '_'
    }

    fn begins_word(&self, k: usize) -> bool {
        k == 0 || !self.at(k - 1).is_some_and(Self::is_word) || !self.adjoins(k - 1)
    }

    /// The word whose first character is the `k`th.
    fn word(&self, k: usize) -> String {
        let mut end = k;
        while self.at(end).is_some_and(Self::is_word) && (end == k || self.adjoins(end - 1)) {
            end += 1;
        }
        self.code[k..end].iter().map(|mark| mark.0).collect()
    }

    /// The last character before the `k`th that is not blank.
    fn before(&self, k: usize) -> Option<usize> {
        self.code[..k].iter().rposition(|mark| !mark.0.is_whitespace())
    }

    /// Where the name that ends with the `k`th character begins; none where that is no name.
    fn name_to(&self, k: usize) -> Option<usize> {
        let mut begin = k + 1;
        while begin > 0 && Self::is_word(self.code[begin - 1].0) && (begin > k || self.adjoins(begin - 1)) {
            begin -= 1;
        }
        (begin <= k && !self.code[begin].0.is_ascii_digit() && self.word(begin) != "_").then_some(begin)
    }

    /// `x =>` and `(x, y) =>` begin a function, except between the cases of a `switch`.
    fn arrow(&mut self, k: usize) {
        if self.open.last().is_some_and(|(_, cases)| *cases) {
            return;
        }
        let Some(last) = self.before(k) else { return };
        if self.code[last].0 == ')' {
            let Some(first) = self.code[..last].iter().rposition(|mark| mark.0 == '(') else { return };
            let called = first > 0 && self.adjoins(first - 1) && Self::is_word(self.code[first - 1].0);
            let names = |mark: &Mark| Self::is_word(mark.0) || mark.0 == ',' || mark.0.is_whitespace();
            if called || !self.code[first + 1..last].iter().all(names) {
                return;
            }
            self.change(first, 1, "|");
            self.change(last, 1, "|");
        } else {
            let Some(first) = self.name_to(last) else { return };
            let name = self.word(first);
            self.change(first, name.len(), format!("|{name}|"));
        }
        self.change(k, 2, "  ");
    }

    /// `{a: …` is a map: a block begins with no name and colon.
    fn is_map(&self, k: usize) -> bool {
        if k > 0 && self.code[k - 1].0 == '#' {
            return false;
        }
        let Some(first) = (k + 1..self.code.len()).find(|k| !self.code[*k].0.is_whitespace()) else { return false };
        let after = first + self.word(first).len();
        let colon = (after..self.code.len()).find(|k| !self.code[*k].0.is_whitespace());
        let is_colon = |k: usize| self.code[k].0 == ':' && self.at(k + 1) != Some(':');
        after > first && colon.is_some_and(is_colon) && self.begins_word(first)
    }

    /// `$:` and `name:` at the beginning of a statement name a track.
    fn label(&mut self, k: usize) {
        if self.at(k + 1) == Some(':') || k == 0 || !self.adjoins(k - 1) || self.code[k - 1].0 == ':' {
            return;
        }
        let dollar = self.code[k - 1].0 == '$';
        let hushed = dollar && k > 1 && self.code[k - 2].0 == '_' && self.adjoins(k - 2);
        let begin = match dollar {
            true => Some(k - 1 - usize::from(hushed)),
            false => self.name_to(k - 1),
        };
        let Some(begin) = begin.filter(|begin| self.begins_statement(*begin)) else { return };
        let name = match dollar {
            true => {
                self.unnamed += 1;
                format!("{}d{}", if hushed { "_" } else { "" }, self.unnamed)
            }
            false => self.word(begin),
        };
        self.change(begin, k + 1 - begin, format!("track {name} ="));
    }

    fn begins_statement(&self, k: usize) -> bool {
        self.before(k).is_none_or(|before| self.code[before].0 == ';' || self.code[before].1 < self.code[k].1)
    }

    /// The point of `.5`.
    fn begins_number(&self, k: usize) -> bool {
        let joins = k > 0 && self.adjoins(k - 1) && {
            let before = self.code[k - 1].0;
            before.is_alphanumeric() || "_.)]}".contains(before)
        };
        let text_before = k > 0 && !self.adjoins(k - 1) && self.code[k - 1].1 == self.code[k].1;
        !joins && !text_before && self.adjoins(k) && self.at(k + 1).is_some_and(|next| next.is_ascii_digit())
    }
}

#[cfg(test)]
mod tests {
    use super::super::source::{Source, prepare};

    fn ready(text: &str) -> String {
        prepare(text, &Source::new(text)).text
    }

    #[test]
    fn arrows_are_functions_but_not_between_the_cases_of_a_switch() {
        assert_eq!(ready("f(x => x.fast(2), 1)"), "f(|x|    x.fast(2), 1)");
        assert_eq!(ready("f((a, b)=>a+b, ()=>c)"), "f(|a, b|  a+b, ||  c)");
        assert_eq!(ready("switch x { 1 if y => 2, _ => 3 }"), "switch x { 1 if y => 2, _ => 3 }");
        assert_eq!(ready("switch x { 1 => f(y => y) }"), "switch x { 1 => f(|y|    y) }");
        assert_eq!(ready("\"x => y\" // x => y"), "\"x => y\" // x => y");
    }

    #[test]
    fn a_bracket_before_a_name_and_a_colon_is_a_map() {
        assert_eq!(ready("f({a: 1, b: {c: 2}})"), "f(#{a: 1, b: #{c: 2}})");
        assert_eq!(ready("f(#{a: 1}) { a::b() } {}"), "f(#{a: 1}) { a::b() } {}");
    }

    #[test]
    fn labels_at_the_beginning_of_a_statement_are_tracks() {
        assert_eq!(
            ready("$: s(\"bd\")\n  .fast(2)\n_$: x; lead: y"),
            "track d1 = s(\"bd\")\n  .fast(2)\ntrack _d2 = x; track lead = y"
        );
        assert_eq!(ready("a::b(1)\nf(a: 1)\n1: 2"), "a::b(1)\nf(a: 1)\n1: 2");
    }

    #[test]
    fn columns_are_those_of_the_text_as_it_was_typed() {
        let text = "$: s(\"bd\").every(2, x => x.fsat(2))";
        let given = prepare(text, &Source::new(text));
        let column = given.text.find("fsat").map_or(0, |at| at + 1);
        assert_eq!(given.inserted.given(1, column), 28);
    }
}
