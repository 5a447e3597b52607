//! Tracks on several threads: each plays some of them in a session of its own, whoever renders the take adds them up.
//!
//! Law: the bytes are those of one thread. Every session hears the same score; a session that comes so near to what all tracks
//! together may cost that tracks might have rested says so, and then one thread renders the piece.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;

use super::{BLOCK, Score, Session};
use crate::engine::{Config, Frames, Played, Renderer, Share};
use crate::session::{News, When};

/// Callbacks that are played in one turn and handed in together: threads that wait for each other wake less often.
pub(super) const TURN: usize = 8;
/// Turns that a part may be ahead of who adds it up: a second of music.
const AHEAD: usize = 6;
/// A part that takes more than its share of what all tracks may cost, less a little, does not know what the others took.
const AT_EASE: f64 = 0.9;

/// So many may work at a time.
#[derive(Clone)]
pub(super) struct Turns(Arc<(Mutex<usize>, Condvar)>);

impl Turns {
    fn new(turns: usize) -> Self {
        Turns(Arc::new((Mutex::new(turns), Condvar::new())))
    }

    /// Works as soon as it is its turn.
    pub fn take<T>(&self, work: impl FnOnce() -> T) -> T {
        let (free, freed) = &*self.0;
        let lock = free.lock().unwrap_or_else(PoisonError::into_inner);
        let mut lock = freed.wait_while(lock, |free| *free == 0).unwrap_or_else(PoisonError::into_inner);
        *lock -= 1;
        drop(lock);
        let done = work();
        *free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        freed.notify_one();
        done
    }
}

/// One callback of a part: what it played, and whether it was at ease.
type Callback = (Played, bool);

/// A session that plays some of the tracks.
struct Part {
    turns: Receiver<Vec<Callback>>,
    /// What is left of its last turn.
    left: std::vec::IntoIter<Callback>,
    thread: JoinHandle<Vec<News>>,
}

/// The sessions that play the tracks.
pub(super) struct Ensemble {
    parts: Vec<Part>,
    pub turns: Turns,
}

/// What everybody plays, and how it begins.
#[derive(Clone)]
pub(super) struct Piece {
    pub library: Score,
    pub owner: String,
    pub score: Score,
    pub seed: u64,
}

impl Piece {
    /// A session that plays its share of the piece, unless the piece has errors: whoever renders it says so.
    pub fn begin(self, config: Config) -> (Session, Renderer) {
        let (mut session, renderer) = Session::new(config, self.library, self.seed);
        session.load(&self.owner, self.score, When::Score);
        (session, renderer)
    }
}

impl Ensemble {
    /// How many parts so many threads play of so many tracks; nobody else plays where there is none. More parts than threads,
    /// as one may hold the tracks that cost most.
    pub fn parts(threads: usize, tracks: usize) -> usize {
        if threads < 2 { 0 } else { (2 * threads).min(tracks) }
    }

    /// Begins to play: `callbacks` says how long each is, given where the session stands.
    pub fn begin(
        piece: &Piece,
        config: Config,
        (parts, threads): (usize, usize),
        callback: impl Fn(&Session, &Renderer) -> usize + Clone + Send + 'static,
    ) -> Ensemble {
        let turns = Turns::new(threads);
        let begin = |part| {
            let (piece, callback, turns) = (piece.clone(), callback.clone(), turns.clone());
            let (sender, receiver) = sync_channel(AHEAD);
            let config = Config { share: Share::Part { part, of: parts }, ..config };
            let thread = std::thread::spawn(move || play(piece, config, &turns, &sender, callback));
            Part { turns: receiver, left: Vec::new().into_iter(), thread }
        };
        Ensemble { parts: (0..parts).map(begin).collect(), turns: turns.clone() }
    }

    /// Waits for the next callback of every part and hands it to who plays the rest. False where one was not at ease.
    pub fn hand_in(&mut self, renderer: &mut Renderer) -> bool {
        let mut at_ease = true;
        for (part, into) in self.parts.iter_mut().zip(renderer.played()) {
            if part.left.len() == 0 {
                // Nothing comes from one whose thread broke: `finish` says why.
                part.left = part.turns.recv().unwrap_or_default().into_iter();
            }
            let (played, ease) = part.left.next().unwrap_or_default();
            *into = played;
            at_ease &= ease;
        }
        at_ease
    }

    /// Waits until all have ended; what they told on the way.
    pub fn finish(self) -> Vec<News> {
        let mut news = Vec::new();
        for Part { turns, thread, .. } in self.parts {
            drop(turns);
            match thread.join() {
                Ok(told) => news.extend(told),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        news
    }
}

/// Plays a part until there is no more to play or nobody listens.
fn play(
    piece: Piece,
    config: Config,
    turns: &Turns,
    to: &SyncSender<Vec<Callback>>,
    callback: impl Fn(&Session, &Renderer) -> usize,
) -> Vec<News> {
    let most = match config.share {
        Share::Part { of, .. } => AT_EASE / of as f64,
        _ => AT_EASE,
    };
    let (mut session, mut renderer) = turns.take(|| piece.begin(config));
    let (mut sound, mut news) = (vec![0.0; BLOCK * config.outputs], Vec::new());
    loop {
        let turn = turns.take(|| {
            let mut turn = Vec::with_capacity(TURN);
            for _ in 0..TURN {
                let frames = callback(&session, &renderer);
                if frames == 0 {
                    break;
                }
                session.tick();
                news.extend(session.news());
                renderer.process(&[], &mut sound[..frames * config.outputs]);
                let played = renderer.played().iter_mut().map(std::mem::take).next().unwrap_or_default();
                turn.push((played, session.strained() < most));
            }
            turn
        });
        if turn.is_empty() || to.send(turn).is_err() {
            return news;
        }
    }
}

/// How long the next callback is on the way to a frame.
pub(super) fn stride(position: Frames, to: Frames) -> usize {
    to.saturating_sub(position).min(BLOCK as Frames) as usize
}
