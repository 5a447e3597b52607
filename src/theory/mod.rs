//! Pitches, intervals, scales and chords, without time or sound.
