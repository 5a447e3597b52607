//! A desk under test: an engine, what it was told and what it said.

use segue::engine::*;

pub struct Rig {
    pub controller: Controller,
    pub renderer: Renderer,
    pub reports: Vec<Report>,
    channels: usize,
}

/// Four tracks, two buses, every strip on a pair of its own.
pub fn small() -> Config {
    let config = Config { tracks: 4, buses: 2, events: 256, queue: 256, scratch: 16, ..Config::default() };
    config.with_direct_outs()
}

impl Rig {
    pub fn new(config: Config) -> Self {
        let (controller, renderer) = engine(config);
        Rig { controller, renderer, reports: vec![], channels: config.outputs }
    }

    pub fn send(&mut self, command: Command) {
        assert!(self.controller.send(command).is_ok(), "the queue is full");
    }

    pub fn load(&mut self, at: Frames, fade: u32, changes: Vec<(Place, What)>) {
        let changes = changes.into_iter().map(|(place, what)| Change { place, what }).collect();
        self.send(Command::Load(Box::new(Program { at, fade, changes })));
    }

    pub fn play(&mut self, events: Vec<Event>) {
        self.send(Command::Play(Box::new(EventBatch { events })));
    }

    /// Renders, hears the reports, frees what is over; all channels, interleaved.
    pub fn render(&mut self, frames: usize) -> Vec<f32> {
        let mut out = vec![0.0; frames * self.channels];
        for part in out.chunks_mut(GRID * self.channels) {
            self.renderer.process(&[], part);
            self.reports.extend(std::iter::from_fn(|| self.controller.report()));
            self.controller.collect();
        }
        out
    }

    /// Renders, and hears one channel.
    pub fn hear(&mut self, frames: usize, channel: usize) -> Vec<f32> {
        let channels = self.channels;
        self.render(frames).into_iter().skip(channel).step_by(channels).collect()
    }
}

/// The left channel of a track's direct out.
pub fn track(track: usize) -> usize {
    2 + 2 * track
}

/// The left channel of a bus's direct out on the small desk.
pub fn bus(bus: usize) -> usize {
    2 + 2 * (4 + bus)
}

/// The worst second difference.
pub fn bend(sound: &[f32]) -> f32 {
    sound.windows(3).map(|w| (w[0] - 2.0 * w[1] + w[2]).abs()).fold(0.0, f32::max)
}

pub fn peak(sound: &[f32]) -> f32 {
    sound.iter().fold(0.0, |peak, x| peak.max(x.abs()))
}
