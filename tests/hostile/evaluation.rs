//! What an evaluation may cost: every script of the corpus in a process of its own, watched from outside.

use std::process::Command;
use std::time::{Duration, Instant};

use segue::lang::{Interpreter, NoFiles};

use crate::at_length;
use crate::corpus::{self, Expected, Script};

/// The time an evaluation has, and how much later it must have ended.
const LIMIT: Duration = Duration::from_millis(1000);
const GRACE: Duration = Duration::from_millis(100);
/// What the process may grow by during one evaluation, in KiB.
const MOST: i64 = 256 << 10;
/// Says to a copy of this program which scripts it is to evaluate: every `n`th, from the `k`th on.
const SHARE: &str = "SEGUE_HOSTILE_SHARE";

/// Memory of this process in KiB, by its name in `/proc/self/status`; none where there is no such file.
fn memory(name: &str) -> Option<i64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status
        .lines()
        .find_map(|line| line.strip_prefix(name)?.trim_start_matches(':').trim().strip_suffix(" kB")?.parse().ok())
}

/// Lets the highest memory begin at the present one.
fn forget_the_peak() {
    // Where the system does not know this, the peak of all scripts so far counts.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

/// What is wrong with how a script ended; nothing where it ended as expected.
fn wrong(script: &Script, interpreter: &mut Interpreter) -> Option<String> {
    let result = interpreter.evaluate("hostile.rhai", &script.text, &NoFiles);
    let short = |text: &str| text.chars().take(120).collect::<String>();
    let told = |diagnostics: &[segue::score::Diagnostic]| {
        diagnostics.iter().map(|d| format!("{}:{} {}", d.at.line, d.at.column, short(&d.message))).collect::<Vec<_>>()
    };
    match (&script.expected, result) {
        (Expected::Plays, Ok(done)) if done.warnings.is_empty() => None,
        (Expected::Either, _) => None,
        (Expected::Held, Ok(done)) if done.warnings.iter().all(|d| d.message.ends_with(" counts")) => None,
        (Expected::Warned(part), Ok(done)) if done.warnings.iter().any(|d| d.message.contains(part)) => None,
        (Expected::Refused(parts), Err(errors))
            if parts.split("; or ").any(|part| errors[0].message.contains(part)) =>
        {
            let longest = errors.iter().map(|d| d.message.len() + d.hint.as_ref().map_or(0, String::len)).max();
            longest.filter(|length| *length > 1000).map(|length| format!("{length} letters to read"))
        }
        (_, Ok(done)) => Some(format!("it was taken; warnings {:?}", told(&done.warnings))),
        (_, Err(errors)) => Some(format!("it was refused: {:?}", told(&errors))),
    }
}

/// Runs only in a process of its own, where it evaluates one share of the corpus and prints what is wrong.
#[test]
fn a_share_of_the_corpus() {
    let Ok(share) = std::env::var(SHARE) else { return };
    let (k, n) = share.split_once('/').unwrap();
    let (k, n): (usize, usize) = (k.parse().unwrap(), n.parse().unwrap());
    let mut interpreter = Interpreter::new();
    // In a slow build on a busy machine only what is far too late is late.
    let grace = if cfg!(debug_assertions) { 8 * GRACE } else { GRACE };
    for script in corpus::all().iter().skip(k).step_by(n) {
        println!("\n> {}", script.name);
        let mut faults = Vec::new();
        // Another program may take the processor away, but not three times.
        for _ in 0..3 {
            faults.clear();
            forget_the_peak();
            let (before, begun) = (memory("VmRSS"), Instant::now());
            faults.extend(wrong(script, &mut interpreter));
            let took = begun.elapsed();
            if let (Some(before), Some(peak)) = (before, memory("VmHWM"))
                && peak - before > MOST
            {
                faults.push(format!("it took {} MiB", (peak - before) >> 10));
            }
            if took < LIMIT + grace {
                break;
            }
            faults.push(format!("it took {} ms", took.as_millis()));
        }
        faults.iter().for_each(|fault| println!("! {}: {fault}", script.name));
    }
    println!("\n> done");
}

#[test]
fn every_script_is_stopped_in_time_and_memory_with_the_reason_that_is_expected() {
    let shares = if at_length() { vec!["0/1"] } else { vec!["0/9"] };
    for share in shares {
        let program = std::env::current_exe().unwrap();
        let arguments = ["--exact", "evaluation::a_share_of_the_corpus", "--nocapture"];
        let output = Command::new(program).args(arguments).env(SHARE, share).output().unwrap();
        let printed = String::from_utf8_lossy(&output.stdout);
        let faults: Vec<&str> = printed.lines().filter(|line| line.starts_with("! ")).collect();
        let last = printed.lines().rev().find(|line| line.starts_with("> ")).unwrap_or("nothing");
        assert_eq!(last, "> done", "the process ended in the middle:\n{}", String::from_utf8_lossy(&output.stderr));
        assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    }
}
