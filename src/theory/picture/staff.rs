//! Notes on a staff, one chord after another: treble above, bass below, as far as they are needed.

use super::Grid;
use crate::theory::Note;

/// Columns of one chord.
const COLUMN: usize = 6;
/// Columns before the first chord: room for the clef.
const LEFT: usize = 4;
/// The most chords in 80 columns.
const MOST: usize = 12;

/// Diatonic steps of the five lines, C0 being 0: from E4 to F5, and from G2 to A3.
const TREBLE: std::ops::RangeInclusive<i32> = 30..=38;
const BASS: std::ops::RangeInclusive<i32> = 18..=26;

/// The staff with these chords, each with its notes below; what is over after twelve is left to another.
pub fn staff(chords: &[Vec<Note>]) -> String {
    let chords: Vec<Vec<Note>> =
        chords.iter().take(MOST).map(|chord| chord.iter().map(|n| n.at(n.octave.unwrap_or(4))).collect()).collect();
    let step = |n: &Note| i32::from(n.letter) + 7 * n.octave.unwrap_or(4);
    let steps: Vec<i32> = chords.iter().flatten().map(step).collect();
    // Middle C and above belong to the treble staff.
    let (treble, bass) = (steps.is_empty() || steps.iter().any(|s| *s >= 28), steps.iter().any(|s| *s < 28));
    let mut lines: Vec<i32> = Vec::new();
    lines.extend(treble.then_some(TREBLE).into_iter().flatten().step_by(2));
    lines.extend(bass.then_some(BASS).into_iter().flatten().step_by(2));
    let low = steps.iter().chain(&lines).min().copied().unwrap_or(30).max(0);
    let high = steps.iter().chain(&lines).max().copied().unwrap_or(38).min(80);
    let width = LEFT + COLUMN * chords.len().max(1) + 1;
    let mut grid = Grid::new(width, (high - low + 1) as usize + 1);
    let row = |step: i32| usize::try_from(high - step).unwrap_or(usize::MAX);
    for &line in &lines {
        grid.write(row(line), 0, &"─".repeat(width));
    }
    if treble {
        grid.write(row(32), 1, "G");
    }
    if bass {
        grid.write(row(24), 1, "F");
    }
    for (i, chord) in chords.iter().enumerate() {
        let column = LEFT + COLUMN * i;
        for note in chord {
            ledgers(&mut grid, &lines, step(note), row, column);
            let name = note.class().name();
            let head = format!("{}●", &name[1..]);
            grid.write(row(step(note)), column + 3 - head.chars().count().min(3), &head);
        }
        let lowest = chord.iter().min_by_key(|n| n.midi()).map(Note::name).unwrap_or_default();
        grid.write((high - low + 1) as usize, column + 1, &lowest);
    }
    grid.text()
}

/// Short lines between a note and the staff nearest to it.
fn ledgers(grid: &mut Grid, lines: &[i32], step: i32, row: impl Fn(i32) -> usize, column: usize) {
    // From the nearest line of the staff outward, as far as the note; all lines of a staff are even.
    let Some(&near) = lines.iter().min_by_key(|line| (**line - step).abs()) else { return };
    let way = (step - near).signum();
    let mut line = near + 2 * way;
    while way != 0 && (line - step) * way <= 0 {
        if !lines.contains(&line) {
            grid.write(row(line), column + 1, "───");
        }
        line += 2 * way;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notes(text: &str) -> Vec<Vec<Note>> {
        text.split(' ').map(|c| c.split('-').map(|n| Note::parse(n).unwrap()).collect()).collect()
    }

    #[test]
    fn notes_stand_on_their_lines_and_between_them() {
        // One row per step: F5 above, middle C below on a line of its own.
        let text = staff(&notes("C4 E4 G#4"));
        let rows: Vec<&str> = text.lines().collect();
        assert!(rows[8].contains('●') && rows[10].contains("─●─"), "{text}");
        assert!(rows[6].contains("#●") && rows[6].contains('G'), "{text}");
    }

    #[test]
    fn low_notes_bring_the_bass_staff() {
        let text = staff(&notes("C3-G3-E4-C5"));
        assert!(text.contains("─G") && text.contains("─F"), "{text}");
        assert_eq!(text.matches('●').count(), 4);
        let lines = staff(&notes("C2")).lines().filter(|line| line.starts_with('─')).count();
        assert_eq!(lines, 5);
    }

    #[test]
    fn odd_notes_and_many_chords_stay_within_80_columns() {
        let many = ["Cbb0", "B##8", "C0", "F16"].repeat(9).join(" ");
        assert!(staff(&notes(&many)).lines().all(|line| line.chars().count() <= 80));
        assert!(staff(&[]).contains('G'));
    }
}
