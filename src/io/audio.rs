//! Live sound: a device for as long as there is one, the silent clock meanwhile, and one thread that sees to it.
//!
//! The piece never stops: when a device is lost, the silent clock goes on from the very frame, the device is tried again
//! twice a second, and takes over from there. The engine's rate is fixed when it starts; a device that returns at another
//! rate plays what is resampled for it.

use std::fmt;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};

use super::Error;
use super::device::{self, Device};
use super::figures::{Figures, Tally};
use super::host::{Counts, TestHost};
use super::seat::{Seat, Sound};
use super::silent::Silent;
use super::stream::{self, Stage, Trouble};

/// Rate where neither a device nor anybody says another, frames per second.
pub const RATE: u32 = 48_000;

/// How often the supervisor looks.
const LOOK: Duration = Duration::from_millis(50);
/// Looks without a callback after which a device counts as gone: 1 s. Counted in looks, because a machine that slept has
/// missed callbacks and looks alike.
const DEAF: u32 = 20;
/// Errors between two looks after which a device counts as gone: no callback is shorter than 0.1 ms.
const FLOOD: u64 = 500;
/// How long to wait before trying a device again.
const RETRY: Duration = Duration::from_millis(500);

/// What is asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Request {
    pub device: Device,
    /// Frames per second; the device's own unless given.
    pub rate: Option<u32>,
    /// Frames per callback; 512 unless given, or what the device takes.
    pub buffer: Option<u32>,
}

/// What was found: the engine must run at `rate`.
#[derive(Clone, Debug)]
pub struct Prepared {
    device: Device,
    /// Frames per second.
    pub rate: u32,
    buffer: Option<u32>,
}

/// What the player should know. Displayed, each is one line.
#[derive(Clone, Debug, PartialEq)]
pub enum Notice {
    /// A device plays; the first one, or one that came (back); `resampled` from the engine's rate where that is another.
    Playing { device: String, rate: u32, buffer: Option<u32>, again: bool, resampled: Option<u32> },
    /// Nothing plays, and time goes on: why, and what to do.
    Silent { why: String },
    /// A device is gone.
    Lost { device: String, why: String },
    /// A device told of an error and goes on.
    Trouble { device: String, why: String },
    /// The test card's capture could not be written.
    Capture { why: String },
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Notice::Playing { device, rate, buffer, again, resampled } => {
                write!(f, "{} {device} at {rate} Hz", if *again { "back on" } else { "playing through" })?;
                buffer.map_or(Ok(()), |frames| write!(f, ", {frames} frames"))?;
                resampled.map_or(Ok(()), |engine| write!(f, ", resampled from {engine} Hz"))
            }
            Notice::Silent { why } => write!(f, "playing on the silent clock: {why}"),
            Notice::Lost { device, why } => write!(f, "lost {device}: {why}"),
            Notice::Trouble { device, why } => write!(f, "{device}: {why}"),
            Notice::Capture { why } => f.write_str(why),
        }
    }
}

impl Request {
    /// Looks for the device and settles the rate.
    ///
    /// # Errors
    /// Where a device was named that is not there, or a rate it does not run at. Without any device the silent clock will
    /// do: that is no error.
    pub fn prepare(self) -> Result<Prepared, Error> {
        let Request { device, rate, buffer } = self;
        if let Some(rate) = rate.filter(|rate| !(8_000..=384_000).contains(rate)) {
            let message = format!("expected a rate of 8000 to 384000 frames per second, found {rate}");
            return Err(Error::Device { message, hint: "type --rate 48000".into() });
        }
        let found = match &device {
            Device::Null => None,
            Device::Default => device::find(&device).ok(),
            named => Some(device::find(named)?),
        };
        let settled = match found.map(|(found, name)| stream::rate(&found, &name, rate)) {
            Some(Ok(settled)) => settled,
            Some(Err(why)) if device != Device::Default => return Err(why),
            _ => rate.unwrap_or(RATE),
        };
        Ok(Prepared { device, rate: settled, buffer })
    }
}

/// Sound under way. Dropped, it ends.
pub struct Output {
    tally: Arc<Tally>,
    seat: Seat,
    end: Sender<()>,
    supervisor: Option<JoinHandle<()>>,
    card: Option<TestHost>,
}

impl Prepared {
    /// Begins to play. What the player should know arrives in the receiver; it need not be read.
    ///
    /// # Errors
    /// Where the machine has no thread left.
    pub fn start(self, sound: Box<dyn Sound>) -> Result<(Output, Receiver<Notice>), Error> {
        let (tally, seat) = (Arc::new(Tally::default()), Seat::new(sound));
        let card = match &self.device {
            Device::Test(host) => Some(host.clone()),
            _ => None,
        };
        let (end, ended) = bounded(1);
        let (notices, told) = bounded(64);
        let (trouble, troubles) = bounded(16);
        let supervisor = Supervisor {
            stage: Stage { seat: seat.clone(), tally: tally.clone(), trouble },
            prepared: self,
            troubles,
            ended,
            notices,
            streams: 0,
        };
        let thread = thread::Builder::new().name("audio supervisor".into()).spawn(move || supervisor.run());
        let thread = thread.map_err(|why| Error::Device { message: why.to_string(), hint: String::new() })?;
        Ok((Output { tally, seat, end, supervisor: Some(thread), card }, told))
    }
}

impl Output {
    /// Callbacks, gaps and load since the beginning, over all devices.
    pub fn figures(&self) -> Figures {
        self.tally.figures()
    }

    /// The counters themselves, for whoever shows them while they move.
    pub fn tally(&self) -> Arc<Tally> {
        self.tally.clone()
    }

    /// What happened on the test card, where one plays: whose fault its gaps were.
    pub fn card(&self) -> Option<Counts> {
        self.card.as_ref().map(TestHost::counts)
    }

    /// Ends the sound and gives it back; `None` when a device that hangs has taken it along.
    pub fn stop(mut self) -> Option<Box<dyn Sound>> {
        self.close();
        self.seat.leave(Duration::from_millis(500))
    }

    fn close(&mut self) {
        let _ = self.end.try_send(());
        if let Some(supervisor) = self.supervisor.take() {
            let _ = supervisor.join();
        }
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        self.close();
    }
}

/// Who plays.
enum Playing {
    Device { stream: stream::Output, name: String, watch: Watch },
    Silent { clock: Option<Silent>, retry: Option<Instant> },
}

/// What the supervisor saw of a device when it last looked.
#[derive(Default)]
struct Watch {
    callbacks: u64,
    errors: u64,
    deaf: u32,
}

struct Supervisor {
    stage: Stage,
    prepared: Prepared,
    troubles: Receiver<Trouble>,
    ended: Receiver<()>,
    notices: Sender<Notice>,
    /// Streams opened so far: the number of the present one.
    streams: u64,
}

impl Supervisor {
    fn run(mut self) {
        let mut last = None;
        let mut playing = match self.prepared.device {
            Device::Null => {
                self.tell(Notice::Silent { why: "no device was asked for".into() });
                Playing::Silent { clock: self.clock(), retry: None }
            }
            _ => self.attempt(None, false, &mut last),
        };
        while let Err(RecvTimeoutError::Timeout) = self.ended.recv_timeout(LOOK) {
            playing = match playing {
                Playing::Device { stream, name, mut watch } => match self.loss(&name, &mut watch) {
                    None => Playing::Device { stream, name, watch },
                    Some(why) => {
                        // Time goes on before the device is let go, which can take long.
                        stream.leave();
                        let clock = self.clock();
                        drop(stream);
                        self.tell(Notice::Lost { device: name, why });
                        last = None;
                        Playing::Silent { clock, retry: Some(Instant::now()) }
                    }
                },
                Playing::Silent { clock, retry: Some(when) } if Instant::now() >= when => {
                    self.attempt(clock, true, &mut last)
                }
                silent => silent,
            };
        }
        drop(playing);
        if let Device::Test(host) = &self.prepared.device
            && let Err(why) = host.finish()
        {
            self.tell(Notice::Capture { why: why.to_string() });
        }
    }

    /// Why the device must be given up, if it must.
    fn loss(&self, name: &str, watch: &mut Watch) -> Option<String> {
        let figures = self.stage.tally.figures();
        let errors = figures.errors + figures.xruns;
        let flood = errors - watch.errors > FLOOD;
        watch.deaf = if figures.callbacks == watch.callbacks { watch.deaf + 1 } else { 0 };
        (watch.callbacks, watch.errors) = (figures.callbacks, errors);
        let mut trouble = None;
        while let Ok(found) = self.troubles.try_recv() {
            if found.stream == self.streams {
                trouble = trouble.filter(|t: &Trouble| t.fatal).or(Some(found));
            }
        }
        match trouble {
            Some(trouble) if trouble.fatal => return Some(stream::lower(&trouble.message)),
            Some(trouble) if !flood => {
                self.tell(Notice::Trouble { device: name.into(), why: stream::lower(&trouble.message) });
            }
            _ => (),
        }
        if flood {
            return Some("it reports nothing but errors".into());
        }
        (watch.deaf >= DEAF).then(|| "it has asked for no sound for a second".into())
    }

    /// Hands over from the silent clock to the device, or goes on with the clock.
    fn attempt(&mut self, mut clock: Option<Silent>, again: bool, last: &mut Option<String>) -> Playing {
        match self.open(&mut clock, again) {
            Ok(device) => device,
            Err(why) => {
                self.explain(&why, last);
                let clock = clock.or_else(|| self.clock());
                Playing::Silent { clock, retry: Some(Instant::now() + RETRY) }
            }
        }
    }

    fn open(&mut self, clock: &mut Option<Silent>, again: bool) -> Result<Playing, Error> {
        let Prepared { device, rate, buffer } = &self.prepared;
        let (found, name) = device::find(device)?;
        self.streams += 1;
        let (stream, own, size) = stream::Output::open(&found, &name, *rate, *buffer, self.streams, &self.stage)?;
        // The clock ends first: two players at once would each take every other buffer.
        *clock = None;
        stream.play(&name)?;
        self.tell(Notice::Playing {
            device: name.clone(),
            rate: own,
            buffer: size,
            again,
            resampled: (own != *rate).then_some(*rate),
        });
        let figures = self.stage.tally.figures();
        let watch = Watch { callbacks: figures.callbacks, errors: figures.errors + figures.xruns, deaf: 0 };
        Ok(Playing::Device { stream, name, watch })
    }

    /// Says once why nothing plays.
    fn explain(&self, why: &Error, last: &mut Option<String>) {
        let why = why.to_string();
        if last.as_ref() != Some(&why) {
            self.tell(Notice::Silent { why: why.clone() });
            *last = Some(why);
        }
    }

    fn clock(&self) -> Option<Silent> {
        let (seat, tally) = (self.stage.seat.clone(), self.stage.tally.clone());
        Silent::start(seat, tally, self.prepared.rate, self.prepared.buffer.unwrap_or(stream::BUFFER)).ok()
    }

    fn tell(&self, notice: Notice) {
        let _ = self.notices.try_send(notice);
    }
}
