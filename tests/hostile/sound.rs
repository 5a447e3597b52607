//! The music that plays meanwhile: bit for bit what it would have been.

use assert_no_alloc::violation_count;
use segue::engine::{Config, Renderer};
use segue::lang::{Interpreter, NoFiles};
use segue::score::Score;
use segue::session::{Session, When};

use crate::at_length;
use crate::corpus::{self, Script};

const PIECE: &str = r#"
synth acid = |freq, gate, cutoff| saw(freq) * 0.3 * (gate >> adsr(0.003, 0.2, 0.4, 0.1)) >> moog(cutoff, 0.6);
track drums = s("bd*4, [~ cp]*2, hh(5,8)?0.2");
track bass = n("0 0 [3 5] <7 -2>").scale("A1:minor").s("acid").cutoff(sine.range(300, 2400).slow(8)) >> chorus(0.4);
track drone = sine(55) * 0.1 >> pan(-0.3);
bus hall = reverb(2.0, 0.7);
"#;

const CALLBACK: usize = 256;
/// Frames between two scripts, and after the last.
const BETWEEN: usize = 2048;
/// The pairs of channels listened to: the piece's tracks stand in the first slots.
const TRACKS: usize = 3;

struct Take {
    session: Session,
    renderer: Renderer,
    channels: usize,
    block: Vec<f32>,
    /// Left and right of the piece's tracks.
    stems: Vec<u32>,
}

impl Take {
    fn new(library: &Score, piece: &Score) -> Take {
        let config = Config::default().with_direct_outs();
        let (mut session, renderer) = Session::new(config, library.clone(), 7);
        assert_eq!(session.load("piece.rhai", piece.clone(), When::Score), []);
        let channels = config.outputs;
        let mut take = Take { session, renderer, channels, block: vec![0.0; CALLBACK * channels], stems: Vec::new() };
        take.play(8192);
        let mut slots: Vec<u16> = take.session.tracks().iter().map(|track| track.slot).collect();
        slots.sort_unstable();
        assert_eq!(slots, [0, 1, 2]);
        take
    }

    fn play(&mut self, frames: usize) {
        for _ in 0..frames / CALLBACK {
            self.session.tick();
            self.renderer.process(&[], &mut self.block);
            let stems = self.block.chunks(self.channels).flat_map(|frame| &frame[2..2 + 2 * TRACKS]);
            self.stems.extend(stems.map(|x| x.to_bits()));
            assert!(self.block.iter().all(|x| x.is_finite()), "something that is no number was heard");
        }
    }
}

/// Whether a score speaks of the piece as a whole, whose sound it may then change.
fn of_the_whole(score: &Score) -> bool {
    score.tempo.is_some() || score.meter.is_some() || score.seed.is_some() || score.quantum.is_some()
}

/// Plays the piece while these scripts are evaluated; what was heard must be what is heard without them.
fn check(interpreter: &mut Interpreter, piece: &Score, scripts: &[Script]) {
    let library = interpreter.library().clone();
    let mut alone = Take::new(&library, piece);
    let mut take = Take::new(&library, piece);
    let before = violation_count();
    for script in scripts {
        let evaluated = interpreter.evaluate("hostile.rhai", &script.text, &NoFiles).ok().map(|done| done.score);
        if let Some(score) = evaluated.filter(|score| !of_the_whole(score)) {
            // The session may refuse it; then nothing has changed, either.
            take.session.load("hostile.rhai", score, When::Score);
        }
        take.play(BETWEEN);
        alone.play(BETWEEN);
        assert!(take.stems == alone.stems, "{}: the music heard of it", script.name);
        assert_eq!(violation_count(), before, "{}: the audio thread allocated", script.name);
        take.stems.clear();
        alone.stems.clear();
    }
    interpreter.forget("hostile.rhai");
}

#[test]
fn the_music_is_byte_for_byte_the_same_whatever_is_evaluated_meanwhile() {
    let mut interpreter = Interpreter::new();
    let piece = interpreter.evaluate("piece.rhai", PIECE, &NoFiles).unwrap().score;
    let every = if at_length() { 1 } else { 13 };
    let scripts: Vec<Script> = corpus::all().into_iter().skip(1).step_by(every).collect();
    for group in scripts.chunks(40) {
        check(&mut interpreter, &piece, group);
    }
}
