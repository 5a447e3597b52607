//! Journals of released versions stay readable: one of each kind of line, as that version wrote it. Files are added here, never
//! changed.

use std::path::Path;

use segue::session::{Dropped, Entry, Fate, Moment, REPL, Rehearsal, Said, Stage};

fn journal(name: &str) -> Rehearsal {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/journals").join(name);
    let read = Rehearsal::read(std::fs::read(&path).unwrap()).unwrap_or_else(|e| panic!("{name}: {e:?}"));
    assert_eq!(read.lost, [], "{name}");
    read
}

/// What was said and counts, with the frames at which it took effect.
fn counts(read: &Rehearsal) -> Vec<(Moment, Said)> {
    let counts = read.entries.iter().filter(|entry| entry.fate == Fate::Counts);
    counts.map(|Entry { at, said, .. }| (*at, said.clone())).collect()
}

#[test]
fn texts_and_what_came_of_them() {
    let read = journal("1-text.jsonl");
    let file = Said::text("good.rhai", "tempo(120);\ntrack d = s(\"bd*4\");\n");
    let line = Said::text(REPL, "track e = s(\"hh*8\").quantum(4)");
    assert_eq!(counts(&read), [(Moment::Frame(0), file), (Moment::Frame(1024), line)]);
    assert_eq!((read.entries.len(), read.entries[2].fate), (3, Fate::Refused));
    assert_eq!((read.rate, read.seed, read.folder.as_deref()), (48_000.0, 0, Some("/home/ada/music")));
}

#[test]
fn what_made_way_for_what() {
    let read = journal("1-turn.jsonl");
    let in_turn: Vec<String> = read.entries[1].in_turn.iter().map(ToString::to_string).collect();
    assert_eq!(in_turn, ["bus room", "pad"]);
    assert!(read.entries[0].in_turn.is_empty());
}

#[test]
fn the_texts_of_imported_files() {
    let Said::Text { imports, .. } = &journal("1-imports.jsonl").entries[0].said else { panic!("a text") };
    assert_eq!(imports["lib.rhai"], "export const K = 3;\n");
}

#[test]
fn gestures_files_that_left_and_steps_through_the_history() {
    let said = |name: &str| counts(&journal(name)).into_iter().map(|(_, said)| said).collect::<Vec<_>>();
    let stages = [Stage::Mute("d".into()), Stage::Unmute(None), Stage::Hush].map(Said::Stage);
    assert_eq!(said("1-stage.jsonl"), stages);
    assert_eq!(said("1-forget.jsonl")[1], Said::Forget { owner: "good.rhai".into() });
    assert_eq!(said("1-undo.jsonl")[1..], [Said::Undo(1), Said::Redo(1)]);
    assert_eq!(said("1-cancel.jsonl")[2], Said::Cancel(vec![Dropped { part: "e".into(), back: 1 }]));
}

#[test]
fn a_session_that_goes_on_and_where_the_music_stood() {
    let read = journal("1-resume.jsonl");
    assert_eq!((read.past.len(), read.past[2].said.clone()), (3, Said::Undo(1)));
    assert_eq!(counts(&read), [(Moment::Frame(1024), Said::Resume(1.517166707356771))]);
    assert_eq!(read.all().len(), 3);
    let mark = read.mark.unwrap();
    assert_eq!((mark.wall, mark.cycle, mark.cps), (1_795_353_524_685, 0.021333333333333333, 0.5));
    assert_eq!(journal("1-clock.jsonl").mark.unwrap().at, 2048);
}

#[test]
fn what_was_never_answered_and_what_went_wrong() {
    let open = journal("1-open.jsonl").open;
    let open: Vec<(Said, u64)> = open.into_iter().map(|open| (open.said, open.broke)).collect();
    assert_eq!(open, [(Said::text(REPL, "track e = s(\"hh\")"), 2), (Said::text(REPL, "track f = s(\"hh\")"), 1)]);
    assert_eq!(journal("1-happened.jsonl").mishaps, 2);
}

#[test]
fn a_rehearsal_written_by_hand() {
    let read = journal("1-rehearsal.jsonl");
    assert_eq!((read.rate, read.seed), (44_100.0, 7));
    let at: Vec<Moment> = counts(&read).into_iter().map(|(at, _)| at).collect();
    assert_eq!(at, [Moment::Frame(0), Moment::Cycle(1.5), Moment::Cycle(2.0), Moment::Cycle(3.0), Moment::Cycle(4.0)]);
    assert!(matches!(&read.entries[0].said, Said::Text { text: None, .. }));
    assert_eq!(read.entries[4].said, Said::Undo(1));
}

#[test]
fn every_journal_kept_here_is_readable() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/journals");
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let read = names
        .map(|name| journal(&name))
        .filter(|read| !read.entries.is_empty() || read.mark.is_some() || !read.open.is_empty());
    assert!(read.count() >= 11);
}
