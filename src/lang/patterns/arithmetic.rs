//! Words that reckon with values.

use crate::lang::argument::{Arguments, Numbers, Reply};
use crate::lang::prose::Prose;
use crate::lang::word::{Kind, Need, Parameter, Style, Word, words};
use crate::pattern::{Align, Operator, Pattern};

pub fn words() -> Vec<Word> {
    let mut all: Vec<Word> = Operator::ALL.iter().map(|(word, operator)| row(word, *operator)).collect();
    all.extend(functions());
    all.extend(bare());
    all
}

/// Alignments without an operator.
fn bare() -> Vec<Word> {
    words! { "arithmetic":
        /// Takes the other's values, or sets its controls, in the rhythm of this pattern: as `set`.
        ///
        ///     n("0 2 4").in(s("bell saw"))
        method in (pattern: Pattern, other: Pattern) { pattern.operate(Operator::Set, Align::In, &other) }

        /// As `in`, in the rhythm of the other.
        ///
        ///     n("0 2 4").out(s("bell saw"))
        method out (pattern: Pattern, other: Pattern) { pattern.operate(Operator::Set, Align::Out, &other) }

        /// As `in`, wherever events of both overlap.
        ///
        ///     n("0 2 4").mix(s("bell saw"))
        method mix (pattern: Pattern, other: Pattern) { pattern.operate(Operator::Set, Align::Mix, &other) }

        /// As `in`, a cycle of the other inside each event.
        ///
        ///     n("0 2").squeeze(s("bell saw"))
        method squeeze (pattern: Pattern, other: Pattern) { pattern.operate(Operator::Set, Align::Squeeze, &other) }

        /// As `in`, a cycle of this pattern inside each event of the other.
        ///
        ///     n("0 2 4").squeezeout(s("bell saw"))
        method squeezeout | squeeze_out | squeezeOut (pattern: Pattern, other: Pattern) { pattern.operate(Operator::Set, Align::SqueezeOut, &other) }

        /// As `in`, step by step, each looping at its own length.
        ///
        ///     n("0 2 4").poly(s("bell saw"))
        method poly (pattern: Pattern, other: Pattern) { pattern.operate(Operator::Set, Align::Poly, &other) }
    }
}

/// Meaning and example of an operator.
fn meaning(operator: Operator) -> (&'static str, &'static str) {
    use Operator::*;
    match operator {
        Set => (
            "Takes the other's values, or sets its controls, where this pattern has events",
            "n(\"0 2 4\").set(s(\"bell\"))",
        ),
        Keep => {
            ("Keeps its own values, and takes controls of the other that it has not", "s(\"bd sd\").keep(n(\"1 2\"))")
        }
        KeepIf => ("Keeps its values where the other is not zero", "s(\"hh*8\").keepif(\"1 0 1\")"),
        Add => (
            "Adds; a plain number goes to the pitch, controls to those of the same name",
            "n(\"0 2 4\").add(\"<0 7>\")",
        ),
        Sub => ("Subtracts", "n(\"7 9\").sub(\"<0 2>\")"),
        Mul => ("Multiplies", "note(mini(\"24 36\").mul(2))"),
        Div => ("Divides", "note(mini(\"96 120\").div(2))"),
        Mod => ("What is left after dividing", "n(mini(\"0 5 9\").mod(7))"),
        Pow => ("Raises to a power", "n(mini(\"1 2 3\").pow(2))"),
        BitAnd => ("Bits that both have", "n(mini(\"5 6\").band(3))"),
        BitOr => ("Bits that either has", "n(mini(\"4 1\").bor(2))"),
        BitXor => ("Bits that only one has", "n(mini(\"5 3\").bxor(1))"),
        ShiftLeft => ("Bits moved up", "n(mini(\"1 2\").blshift(1))"),
        ShiftRight => ("Bits moved down", "n(mini(\"8 16\").brshift(1))"),
        Less => ("Whether it is less", "s(\"hh*4\").struct(saw.segment(4).lt(0.5))"),
        Greater => ("Whether it is greater", "s(\"hh*4\").struct(saw.segment(4).gt(0.5))"),
        AtMost => ("Whether it is less or equal", "s(\"hh*4\").struct(saw.segment(4).lte(0.5))"),
        AtLeast => ("Whether it is greater or equal", "s(\"hh*4\").struct(saw.segment(4).gte(0.5))"),
        Equal => ("Whether it is equal", "s(\"hh*4\").struct(mini(\"0 1 2 1\").eq(1))"),
        NotEqual => ("Whether it is different", "s(\"hh*4\").struct(mini(\"0 1 2 1\").ne(1))"),
        And => ("The other where this is not zero", "s(\"hh*4\").struct(mini(\"1 0 1 1\").and(\"<1 0>\"))"),
        Or => ("This where it is not zero, else the other", "s(\"hh*4\").struct(mini(\"1 0 0 1\").or(\"<1 0>\"))"),
    }
}

fn row(word: &'static str, operator: Operator) -> Word {
    let (doc, example) = meaning(operator);
    let param =
        |name: &'static str| Parameter { name: name.into(), kind: Kind::Pattern, need: Need::Once, range: None };
    let aligned =
        "With `.in .out .mix .squeeze .squeezeout .reset .restart .poly` after it, the rhythm comes from there";
    Word {
        name: word.into(),
        aliases: match operator {
            Operator::Equal => vec!["eqt".into()],
            Operator::NotEqual => vec!["net".into()],
            _ => Vec::new(),
        },
        category: "arithmetic".into(),
        doc: Prose::told(move || format!("{doc}. {aligned}: `{word}.squeeze(…)`.")),
        example: example.into(),
        style: Style::Method,
        params: vec![param("pattern"), param("other")],
        code: Some(std::sync::Arc::new(move |call| {
            let mut taken = Arguments::new(call);
            let (pattern, other): (Pattern, Pattern) = (taken.take()?, taken.take()?);
            taken.finish()?;
            pattern.operate(operator, Align::In, &other).reply()
        })),
    }
}

fn functions() -> Vec<Word> {
    words! { "arithmetic":
        /// From 0 … 1 to between two numbers.
        ///
        ///     s("hh*8").pan(sine.range(0.2, 0.8))
        method range (pattern: Pattern, low: Numbers, high: Numbers) { pattern.range(&low, &high) }

        /// From 0 … 1 to between two numbers above zero, in equal ratios: for frequencies.
        ///
        ///     s("saw").cutoff(sine.rangex(200, 4000).slow(4))
        method rangex (pattern: Pattern, low: Numbers, high: Numbers) { pattern.rangex(&low, &high) }

        /// From −1 … 1 to between two numbers.
        ///
        ///     s("hh*8").pan(sine2.range2(0.2, 0.8))
        method range2 (pattern: Pattern, low: Numbers, high: Numbers) { pattern.range2(&low, &high) }

        /// To the nearest whole number, halves up.
        ///
        ///     n(saw.range(0, 7).round().segment(8))
        method round (pattern: Pattern) { pattern.round() }

        /// Down to a whole number.
        ///
        ///     n(saw.range(0, 7).floor().segment(8))
        method floor (pattern: Pattern) { pattern.floor() }

        /// Up to a whole number.
        ///
        ///     n(saw.range(0, 7).ceil().segment(8))
        method ceil (pattern: Pattern) { pattern.ceil() }

        /// The power of two that a number is. A second number is taken and ignored.
        ///
        ///     n(mini("1 2 8").log2())
        method log2 (pattern: Pattern, ignored: Option<f64>) {
            let _ = ignored;
            pattern.log2()
        }

        /// From 0 … 1 to −1 … 1.
        ///
        ///     note(saw.to_bipolar().mul(12).add(60).segment(8))
        method to_bipolar | toBipolar (pattern: Pattern) { pattern.to_bipolar() }

        /// From −1 … 1 to 0 … 1.
        ///
        ///     s("hh*8").pan(sine2.from_bipolar())
        method from_bipolar | fromBipolar (pattern: Pattern) { pattern.from_bipolar() }

        /// To the nearest multiple of 1/n.
        ///
        ///     s("hh*8").pan(rand.quantise(4))
        method quantise | quantize | qround (pattern: Pattern, n: Numbers) {
            pattern.operate_in(Operator::Mul, &n).round().operate_in(Operator::Div, &n)
        }

        /// Down to a multiple of 1/n.
        ///
        ///     s("hh*8").pan(rand.qfloor(4))
        method qfloor (pattern: Pattern, n: Numbers) {
            pattern.operate_in(Operator::Mul, &n).floor().operate_in(Operator::Div, &n)
        }

        /// Up to a multiple of 1/n.
        ///
        ///     s("hh*8").pan(rand.qceiling(4))
        method qceiling | qceil (pattern: Pattern, n: Numbers) {
            pattern.operate_in(Operator::Mul, &n).ceil().operate_in(Operator::Div, &n)
        }

        /// Ones become zeros and zeros ones.
        ///
        ///     s("hh").struct(mini("1 0 0 1").invert())
        method invert | inv (pattern: Pattern) { pattern.invert() }

        /// `3:2` as 1.5.
        ///
        ///     note("c").freq(mini("1:1 3:2 2:1").ratio().mul(220))
        method ratio (pattern: Pattern) { pattern.ratio() }

        /// Numbers and note names as numbers.
        ///
        ///     note(mini("c e g").as_number().add(12))
        method as_number | asNumber | to_midi | toMIDI (pattern: Pattern) { pattern.as_number() }
    }
}
