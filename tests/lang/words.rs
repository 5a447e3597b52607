//! What words mean, as lines of the language and the haps of their first cycle.

use segue::lang::{Answer, Interpreter, NoFiles};
use segue::pattern::{Align, Operator, Pattern, mini};
use segue::score::Source;

/// An expression and the onsets of its first cycle: when, how long, what.
const MEANINGS: &[(&str, &str)] = &[
    // Alignments without an operator set values.
    (r#"mini("0 2 4").in("5 6")"#, "0+1/3 5, 1/3+1/3 5, 2/3+1/3 6"),
    (r#"mini("0 2 4").out("5 6")"#, "0+1/2 5, 1/2+1/2 6"),
    (r#"mini("0 2 4").mix("5 6")"#, "0+1/3 5, 1/3+1/6 5, 1/2+1/6 6, 2/3+1/3 6"),
    (r#"mini("0 2").squeeze("5 6")"#, "0+1/4 5, 1/4+1/4 6, 1/2+1/4 5, 3/4+1/4 6"),
    (r#"n("0 1").squeezeout(s("a b"))"#, "0+1/4 n:0 s:a, 1/4+1/4 n:1 s:a, 1/2+1/4 n:0 s:b, 3/4+1/4 n:1 s:b"),
    (r#"n("0 1").poly(s("a b c"))"#, "0+1/2 n:0 s:a, 1/2+1/2 n:1 s:b"),
    // Texts are patterns on either side of an operator, and after a dot.
    (r#"mini("0 1") + "4""#, "0+1/2 4, 1/2+1/2 5"),
    (r#""4" + mini("0 1")"#, "0+1 4"),
    (r#"mini("0 1").add("4 5")"#, "0+1/2 4, 1/2+1/2 6"),
    (r#""0 1".add.out("4 5 6")"#, "0+1/3 4, 1/3+1/3 5, 2/3+1/3 7"),
    // Time.
    (r#"mini("0 2").fast_squeeze("1 2")"#, "0+1/4 0, 1/4+1/4 2, 1/2+1/8 0, 5/8+1/8 2, 3/4+1/8 0, 7/8+1/8 2"),
    (r#"mini("0 2").slowSqueeze("1 2")"#, "0+1/4 0, 1/4+1/4 2, 1/2+1/2 0"),
    (r#"mini("<0 1> 7").fast_repeat_cycles(2)"#, "0+1/4 0, 1/4+1/4 7, 1/2+1/4 0, 3/4+1/4 7"),
    (r#"mini("a b c d").within_arc(0, 1/4, ply(2))"#, "0+1/8 a, 1/8+1/8 a, 1/4+1/8 b, 3/8+1/8 b, 1/2+1/4 c, 3/4+1/4 d"),
    (r#"s("a b c d").chew(4, "0 [2 3]")"#, "0+1/2 s:a speed:0.5, 1/2+1/4 s:c speed:1, 3/4+1/4 s:d speed:1"),
    // Songs.
    (r#"ur(1, "a b:loud", #{ a: "x*2", b: "<y z>" }, #{ loud: |p| p.fast(2) })"#, "0+1/2 x, 1/2+1/2 y"),
    (r#"mini("a b").spread(fast, [2, 3])"#, "0+1/4 a, 1/4+1/4 b, 1/2+1/4 a, 3/4+1/4 b"),
    (r#"note("c").spread(0.5)"#, "0+1 note:c spread:0.5"),
    // Values.
    (r#"mini("0 2 4 6").to_scale([0, 2, 3, 7, 8])"#, "0+1/4 0, 1/4+1/4 3, 1/2+1/4 8, 3/4+1/4 14"),
    (r#"n("-1 5").toScale([0, 3], 10)"#, "0+1/2 n:-7, 1/2+1/2 n:23"),
    (r#"mini("1").struct(bjorklund(3, 8))"#, "0+1/8 1, 3/8+1/8 1, 3/4+1/8 1"),
    (r#"wchooseBy("0 0.9", ["a", 5], ["b", 1])"#, "0+1/2 a, 1/2+1/2 b"),
    (r#"parray("c e", "<g b>")"#, "0+1/2 c:g, 1/2+1/2 e:g"),
    (r#"mini("[c,e] [d,f]").arp_with(|notes| notes[1])"#, "0+1/2 e, 1/2+1/2 f"),
    (r#"s("a").hsl(0.5, 0.8, 0.6)"#, "0+1 color:hsl(180 80% 60%) s:a"),
    (r#"s("a").hsla(1.25, 0.8, 0.6, 0.5)"#, "0+1 color:hsl(90 80% 60% / 0.5) s:a"),
    (r#"s("a b").grain("0 0.25", 0.5)"#, "0+1/2 begin:0 end:0.5 s:a, 1/2+1/2 begin:0.25 end:0.75 s:b"),
    (r#"s("a").striate_l(2, 3)"#, "0+1/2 begin:0 end:0.5 loop:3 s:a, 1/2+1/2 begin:0.5 end:1 loop:3 s:a"),
    // Parts.
    (
        r#"n("0 2 4 7").fix_range(#{ n: [2, 5] }, fast(2))"#,
        "1/8+1/8 n:2, 1/4+1/8 n:4, 5/8+1/8 n:2, 3/4+1/8 n:4, 0+1/4 n:0, 3/4+1/4 n:7",
    ),
    (r#"n("0 7").unfix_range(#{ n: [2, 9] }, ply(2))"#, "1/2+1/2 n:7, 0+1/4 n:0, 1/4+1/4 n:0"),
    (r#"n("0 7").contrast_range(ply(2), rev, #{ n: [2, 9] })"#, "1/2+1/4 n:7, 3/4+1/4 n:7, 1/2+1/2 n:0"),
    (r#"s("a").juxcut(rev)"#, "0+1 cut:-1 pan:0 s:a, 0+1 cut:-2 pan:1 s:a"),
    (r#"s("a").jux4(rev)"#, "0+1 pan:0.625 s:a, 0+1 pan:0.125 s:a"),
    (r#"s("a").jux_all(rev, rev, rev)"#, "0+1 pan:0 s:a, 0+1 pan:0.5 s:a, 0+1 pan:1 s:a"),
];

fn pattern(code: &str) -> Pattern {
    match Interpreter::new().query(code) {
        Ok(Answer::Pattern(pattern)) => pattern,
        other => panic!("{code} is no pattern: {other:?}"),
    }
}

fn shown(pattern: &Pattern) -> String {
    let haps = pattern.first_cycle();
    let onsets = haps.iter().filter(|hap| hap.has_onset()).filter_map(|hap| Some((hap.whole?, &hap.value)));
    onsets.map(|(whole, value)| format!("{}+{} {value}", whole.begin, whole.duration())).collect::<Vec<_>>().join(", ")
}

#[test]
fn words_mean_what_they_say() {
    let wrong = MEANINGS.iter().filter_map(|(code, expected)| {
        let found = shown(&pattern(code));
        (found != *expected).then(|| format!("{code}\n  {expected}\n  {found}"))
    });
    let wrong: Vec<String> = wrong.collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_operator_takes_every_alignment() {
    let mut interpreter = Interpreter::new();
    let (left, right) = (mini("1 2 <5 3>").expect("steps"), mini("1 [0 2]").expect("steps"));
    for (word, operator) in Operator::ALL {
        for (place, align) in Align::ALL {
            let code = format!("\"1 2 <5 3>\".{word}.{place}(\"1 [0 2]\")");
            let Ok(Answer::Pattern(found)) = interpreter.query(&code) else { panic!("{code} is no pattern") };
            assert_eq!(found, left.operate(operator, align, &right), "{code}");
            assert!(!found.first_cycle().is_empty(), "{code} is silent");
        }
    }
}

#[test]
fn random_rhythms_fill_every_cycle_with_so_many_steps() {
    let rhythm = pattern("rand_struct(5)");
    for cycle in 0..50 {
        let mut haps = rhythm.query(segue::pattern::Span::cycles(cycle, cycle + 1));
        haps.sort_by_key(|hap| hap.part.begin);
        assert_eq!(haps.len(), 5);
        assert!(haps.windows(2).all(|two| two[0].part.end == two[1].part.begin), "cycle {cycle} has gaps");
    }
    assert_eq!(shown(&pattern("mini(\"a b\").stripe(2)")).split(", ").count(), 4);
}

#[test]
fn what_is_said_of_all_is_true_of_every_pattern_of_the_text_and_of_no_other() {
    let mut interpreter = Interpreter::new();
    let text = "track a = s(\"bd\") >> lowpass(800); all(fast(2)); all(|x| x.pan(0.3)); track b = sine(100); s(\"hh\")";
    let score = interpreter.evaluate("piece.rhai", text, &NoFiles).expect("the text is well").score;
    let shown = |name: &str| match &score.tracks.iter().find(|t| &*t.name == name).expect("the track").source {
        Source::Pattern(pattern) => shown(pattern),
        Source::Signal(_) => "a sound".to_string(),
    };
    assert_eq!(shown("a"), "0+1/2 pan:0.3 s:bd, 1/2+1/2 pan:0.3 s:bd");
    assert_eq!(shown("it"), "0+1/2 pan:0.3 s:hh, 1/2+1/2 pan:0.3 s:hh");
    assert_eq!(shown("b"), "a sound");
    let other = interpreter.evaluate("other.rhai", "track c = s(\"bd\")", &NoFiles).expect("the text is well").score;
    assert!(matches!(&other.tracks[0].source, Source::Pattern(pattern) if pattern.first_cycle().len() == 1));
    let errors =
        interpreter.evaluate("piece.rhai", "all(|x| x.fsat(2)); s(\"hh\")", &NoFiles).expect_err("no such word");
    assert!(errors[0].message.contains("no word `fsat`"), "{}", errors[0].message);
}

#[test]
fn a_tempo_of_its_own_is_a_ratio_to_the_tempo_where_the_word_stands() {
    let onsets = |text: &str| {
        let evaluation = Interpreter::new().evaluate("piece.rhai", text, &NoFiles).expect("the text is well");
        let Source::Pattern(pattern) = &evaluation.score.tracks[0].source else { panic!("{text} is no pattern") };
        pattern.first_cycle().len()
    };
    assert_eq!(onsets("track d = s(\"bd\").cpm(60)"), 2);
    assert_eq!(onsets("tempo(240); track d = s(\"bd\").cpm(120)"), 2);
    assert_eq!(onsets("track d = s(\"bd\").cpm(60); tempo(240)"), 2);
}

#[test]
fn a_part_of_a_song_that_nobody_gave_is_refused_by_name() {
    let errors = Interpreter::new().query("ur(4, \"a x\", #{ a: s(\"bd\") })").expect_err("there is no x");
    assert!(errors[0].message.contains("found `x`"), "{}", errors[0].message);
    assert_eq!(errors[0].hint.as_deref(), Some("one of: a"));
}
