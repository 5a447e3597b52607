//! Words: one row holds a word's name, aliases, category, documentation, example, parameters and code.
//!
//! Families of words are written with `words!`; sounds and controls become rows from their own tables.

use std::borrow::Cow;
use std::sync::Arc;

use rhai::{Dynamic, NativeCallContext};

use super::fault::Fault;
use super::prose::Prose;

/// How a word is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Style {
    /// After a dot, its first parameter before it: `p.fast(2)`. Without it, a function of patterns: `every(4, fast(2))`.
    Method,
    /// On its own: `stack(a, b)`.
    Function,
    /// Bare: `silence`.
    Name,
    /// Part of the grammar: `track NAME = …`.
    Syntax,
    /// A name for `s(…)`.
    Instrument,
    /// Of the module `theory`: `theory::note("C4")`; its name says so.
    Theory,
    /// After a dot without brackets: `chord.notes`.
    Property,
}

/// What a parameter takes, as far as the language can tell beforehand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    Pattern,
    Number,
    Whole,
    Time,
    Text,
    Truth,
    List,
    /// From pattern to pattern: `rev`, `fast(2)`, `|x| x.add(1)`.
    Transform,
    /// From value to value: `|x| x + 1`.
    Callback,
    Sound,
    Note,
    Interval,
    Scale,
    Chord,
    Key,
    Tuning,
    Any,
}

impl Kind {
    /// The kind as a noun with its article.
    pub fn noun(self) -> &'static str {
        match self {
            Kind::Pattern => "a pattern",
            Kind::Number => "a number",
            Kind::Whole => "a whole number",
            Kind::Time => "a time in cycles",
            Kind::Text => "a text",
            Kind::Truth => "true or false",
            Kind::List => "a list",
            Kind::Transform => "a function of a pattern, such as rev or |x| x.fast(2)",
            Kind::Callback => "a function, such as |x| x + 1",
            Kind::Sound => "a sound",
            Kind::Note => "a note, such as \"Eb4\"",
            Kind::Interval => "an interval, such as \"m3\"",
            Kind::Scale => "a scale, such as \"D dorian\"",
            Kind::Chord => "a chord, such as \"Dm7\"",
            Kind::Key => "a key, such as \"A minor\"",
            Kind::Tuning => "a tuning, such as \"just\"",
            Kind::Any => "a value",
        }
    }
}

/// How often a parameter is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    Once,
    Optional,
    /// Any number of times, or once as a list.
    Many,
}

/// One parameter of a word.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    pub name: Cow<'static, str>,
    pub kind: Kind,
    pub need: Need,
    /// Unit, lowest, highest and default value, where a table gives them.
    pub range: Option<Range>,
}

/// The numbers a table gives of a parameter or control.
#[derive(Clone, Debug, PartialEq)]
pub struct Range {
    pub unit: &'static str,
    pub low: f64,
    pub high: f64,
    pub default: Option<f64>,
}

/// What a word does when it is called.
pub type Code = Arc<dyn Fn(&Call) -> Result<Dynamic, Fault> + Send + Sync>;

/// One word of the language.
#[derive(Clone)]
pub struct Word {
    pub name: Cow<'static, str>,
    pub aliases: Vec<Cow<'static, str>>,
    pub category: Cow<'static, str>,
    /// Meaning, units, ranges, source.
    pub doc: Prose,
    /// A line that can be typed.
    pub example: Prose,
    pub style: Style,
    /// Of a method: the receiver first.
    pub params: Vec<Parameter>,
    /// None: the grammar or the desk does it.
    pub code: Option<Code>,
}

/// The most arguments a word takes when it takes many; longer lists go in brackets.
pub const MANY: usize = 16;

impl Word {
    /// Fewest and most arguments, the receiver among them.
    pub fn arity(&self) -> (usize, usize) {
        let least = self.params.iter().filter(|p| p.need == Need::Once).count();
        let many = self.params.iter().any(|p| p.need == Need::Many);
        (least, if many { MANY } else { self.params.len() })
    }

    /// How it is written, for help and errors: `.fast(factor)`, `stack(patterns…)`.
    pub fn signature(&self) -> String {
        let params = match self.style {
            Style::Method | Style::Property => &self.params[1.min(self.params.len())..],
            _ => &self.params[..],
        };
        let list = params.iter().map(|p| match p.need {
            Need::Once => p.name.to_string(),
            Need::Optional => format!("{}?", p.name),
            Need::Many => format!("{}…", p.name),
        });
        let list = list.collect::<Vec<_>>().join(", ");
        match self.style {
            Style::Method => format!(".{}({list})", self.name),
            Style::Function | Style::Theory => format!("{}({list})", self.name),
            Style::Property => format!(".{}", self.name),
            Style::Instrument => format!("s(\"{}\")", self.name),
            Style::Name | Style::Syntax => self.name.to_string(),
        }
    }

    /// Whether it goes by this name.
    pub fn is_called(&self, name: &str) -> bool {
        self.name == name || self.aliases.iter().any(|a| a == name)
    }
}

impl std::fmt::Debug for Word {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str(&self.signature())
    }
}

/// A word being called: which, by what name, with what.
pub struct Call<'a> {
    pub context: &'a NativeCallContext<'a>,
    pub word: &'a Word,
    /// The name it was called by.
    pub name: &'a str,
    pub args: &'a [Dynamic],
}

/// A family of words as rows. `words! { "category": … }` is an expression of type `Vec<Word>`.
///
/// A row is documentation (its last block indented by four is the example), style, name and aliases, typed parameters and
/// code. The code sees its parameters by name, converted ([`Argument`](super::argument::Argument) says from what), may use `?` on faults, and yields
/// anything that is a [`Reply`](super::argument::Reply). `Option<T>` may be left out; `Vec<T>` takes any number of arguments, or one list.
/// A `name` has no parameters and is written bare; a `theory` word stands in the module `theory`; a `property` has one
/// parameter, before the dot, and no brackets.
///
/// ```text
/// words! { "time":
///     /// Plays `factor` times as fast.
///     ///
///     ///     s("bd sd hh cp").fast(2)
///     method fast | density (pattern: Pattern, factor: Pattern) { pattern.fast(factor) }
///
///     /// Nothing at all.
///     ///
///     ///     silence
///     name silence | nothing () { Pattern::silence() }
/// }
/// ```
macro_rules! words {
    ($category:literal: $($(#[doc = $doc:literal])+ $style:ident $name:ident $(| $alias:ident)* ($($param:ident: $ty:ty),* $(,)?) $code:block)*) => {
        vec![$({
            let lines = concat!($($doc, "\n"),+);
            $crate::lang::word::Word {
                name: words!(@named $style $name),
                aliases: vec![$(words!(@named $style $alias)),*],
                category: $category.into(),
                doc: $crate::lang::prose::Prose::doc(lines),
                example: $crate::lang::prose::Prose::example(lines),
                style: words!(@style $style),
                params: vec![$($crate::lang::word::Parameter {
                    name: stringify!($param).into(),
                    kind: <$ty as $crate::lang::argument::Argument>::KIND,
                    need: <$ty as $crate::lang::argument::Argument>::NEED,
                    range: None,
                }),*],
                code: Some(std::sync::Arc::new(|call: &$crate::lang::word::Call| {
                    #[allow(unused_mut, reason = "a name takes nothing")]
                    let mut taken = $crate::lang::argument::Arguments::new(call);
                    $(let $param: $ty = taken.take()?;)*
                    taken.finish()?;
                    $crate::lang::argument::Reply::reply($code)
                })),
            }
        }),*]
    };
    (@named theory $name:ident) => { concat!("theory::", stringify!($name)).into() };
    (@named $style:ident $name:ident) => { stringify!($name).into() };
    (@style theory) => { $crate::lang::word::Style::Theory };
    (@style property) => { $crate::lang::word::Style::Property };
    (@style method) => { $crate::lang::word::Style::Method };
    (@style function) => { $crate::lang::word::Style::Function };
    (@style name) => { $crate::lang::word::Style::Name };
}
pub(crate) use words;
