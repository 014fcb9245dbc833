//! The scan itself: what is sent when, and when enough was waited for.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use portolan::net::Protocol;
use portolan::observed::Observation;

use crate::approve::Approved;
use crate::hosts::Host;
use crate::pace::{Bucket, Rate};
use crate::wire::{Answer, Sent, Wire};

/// So many probes go to one host before answers are looked at.
const BURST: usize = 32;
/// How long the wire may stay without room.
const STUCK: Duration = Duration::from_secs(30);

/// How TCP ports are asked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Technique {
    /// Half-open if we may, else by connecting.
    Best,
    /// A SYN, whose answer is reset: needs the right to raw sockets (root, `CAP_NET_RAW`).
    HalfOpen,
    /// A connection, which is reset at once.
    Connect,
}

/// How a scan is made.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How TCP ports are asked.
    pub technique: Technique,
    /// Probes a second at one host.
    pub rate: Rate,
    /// Probes a second in all.
    pub total: Rate,
    /// How often a port is asked before its silence counts.
    pub tries: u8,
    /// Hosts that are probed at the same time.
    pub hosts: usize,
    /// After what time what is known of hosts that are not done is told.
    pub parts: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            technique: Technique::Best,
            rate: Rate::PerSecond(1_000),
            total: Rate::PerSecond(10_000),
            tries: 2,
            hosts: 64,
            parts: Duration::from_secs(2),
        }
    }
}

/// What is asked of one host.
#[derive(Clone, Debug)]
pub struct Work {
    /// The host.
    pub host: Approved,
    /// Its ports, in this order; of ICMP the type and code of the echo request.
    pub ports: Vec<(Protocol, u16)>,
}

/// What is known of a host.
#[derive(Clone, Debug)]
pub enum Seen {
    /// What some of its ports do: all that became known since it was told last.
    Part(IpAddr, Vec<Observation>),
    /// What all its ports do; nothing more will be told of it.
    Whole(IpAddr, Vec<Observation>),
}

/// How far a scan got.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Progress {
    /// Ports of which it is known what they do.
    pub done: u64,
    /// Of how many.
    pub of: u64,
}

/// Why a scan could not go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScanError {
    /// No raw sockets.
    #[error("half-open probes need the right to raw sockets: {0}")]
    NotPermitted(io::Error),
    /// The system refuses to send.
    #[error("probes can't be sent: {0}")]
    Wire(#[from] io::Error),
    /// Nothing can be sent any more.
    #[error("probes could not be sent for {} seconds: no room in the system's buffers", STUCK.as_secs())]
    Stuck,
}

/// How long a scan takes at least, if everything answers, and at most, if nothing does.
#[must_use]
pub fn duration(work: &[Work], options: &Options) -> (Duration, Duration) {
    let count = |ports: usize| u64::try_from(ports).unwrap_or(u64::MAX);
    let all: u64 = work.iter().map(|it| count(it.ports.len())).sum();
    let longest = work.iter().map(|it| count(it.ports.len())).max().unwrap_or(0);
    let time = |times: u64| {
        let one = options.rate.time(longest.saturating_mul(times));
        one.max(options.total.time(all.saturating_mul(times)))
    };
    let tries = u64::from(options.tries.max(1));
    let silent = Duration::from_secs(tries);
    (time(1), time(tries) + silent)
}

/// Probes hosts. What they do is given to `tell`: of each host in the end all of it, and
/// meanwhile what is new. An error of `tell` ends the scan. Gives the technique that was used.
///
/// # Errors
///
/// If probes can't be sent, or `tell` fails.
pub fn scan(
    work: Vec<Work>,
    options: &Options,
    tell: &mut dyn FnMut(Seen) -> io::Result<()>,
    progress: &mut dyn FnMut(Progress),
) -> Result<Technique, ScanError> {
    let (wire, technique) = match options.technique {
        Technique::Connect => (Wire::connecting()?, Technique::Connect),
        Technique::HalfOpen => {
            (Wire::half_open().map_err(ScanError::NotPermitted)?, Technique::HalfOpen)
        }
        Technique::Best => match Wire::half_open() {
            Ok(wire) => (wire, Technique::HalfOpen),
            Err(_) => (Wire::connecting()?, Technique::Connect),
        },
    };
    let of = work.iter().map(|it| it.ports.len()).sum();
    let mut run = Run {
        wire,
        total: Bucket::new(options.total, Instant::now()),
        to_come: work.into(),
        active: BTreeMap::new(),
        answers: Vec::new(),
        finished: 0,
        moved: Instant::now(),
    };
    let mut told = Instant::now();
    let mut parts = Instant::now();
    while run.begin(options) {
        let sent = run.send()?;
        let patience = if sent { Duration::ZERO } else { run.patience() };
        run.receive(patience)?;
        run.end(tell)?;
        if parts.elapsed() > options.parts {
            parts = Instant::now();
            run.parts(tell)?;
        }
        if told.elapsed() > Duration::from_millis(100) {
            told = Instant::now();
            progress(run.progress(of));
        }
    }
    progress(run.progress(of));
    Ok(technique)
}

struct Run {
    wire: Wire,
    total: Bucket,
    to_come: VecDeque<Work>,
    active: BTreeMap<IpAddr, Host>,
    answers: Vec<Answer>,
    /// Ports of hosts that are done.
    finished: usize,
    /// When something was sent or came last.
    moved: Instant,
}

impl Run {
    /// Takes up hosts; whether there is anything to do.
    fn begin(&mut self, options: &Options) -> bool {
        while self.active.len() < options.hosts.max(1) {
            let Some(Work { host, ports }) = self.to_come.pop_front() else { break };
            let address = host.address();
            let limits = (options.rate, options.tries);
            self.active.insert(address, Host::new(address, ports, limits, Instant::now()));
        }
        !self.active.is_empty()
    }

    /// Sends what may be sent now; whether anything was.
    fn send(&mut self) -> Result<bool, ScanError> {
        let Self { wire, total, active, moved, .. } = self;
        let mut any = false;
        for (&address, host) in active.iter_mut() {
            let now = Instant::now();
            host.overdue(now, |protocol, port| wire.forget(address, protocol, port));
            for _ in 0..BURST {
                if !(host.bucket.has(now) && total.has(now)) {
                    break;
                }
                let Some((protocol, port)) = host.next() else { break };
                match wire.send(address, protocol, port)? {
                    Sent::Yes => {
                        host.asked(now);
                        total.take(now);
                        any = true;
                    }
                    Sent::Refused(state, reason) => {
                        host.asked(now);
                        host.answered(protocol, port, (state, reason), now);
                        any = true;
                    }
                    Sent::Later if moved.elapsed() > STUCK => return Err(ScanError::Stuck),
                    Sent::Later => break,
                }
            }
        }
        if any {
            *moved = Instant::now();
        }
        Ok(any)
    }

    /// How long nothing has to be done.
    fn patience(&self) -> Duration {
        let now = Instant::now();
        let mut least = Duration::from_millis(100);
        for host in self.active.values() {
            least = least.min(host.until_overdue(now).unwrap_or(least));
        }
        // Something waits for its turn.
        let next =
            self.active.values().filter(|host| host.has_more()).map(|host| host.bucket.wait(now));
        match next.min() {
            Some(wait) => least.min(wait.max(self.total.wait(now))).max(Duration::from_millis(1)),
            None => least,
        }
    }

    fn receive(&mut self, patience: Duration) -> io::Result<()> {
        self.answers.clear();
        self.wire.answers(patience, &mut self.answers)?;
        let now = Instant::now();
        for answer in &self.answers {
            let Answer { address, protocol, port, state, reason } = *answer;
            if let Some(host) = self.active.get_mut(&address) {
                host.answered(protocol, port, (state, reason), now);
                self.moved = now;
            }
        }
        Ok(())
    }

    /// Hands over hosts that are done.
    fn end(&mut self, tell: &mut dyn FnMut(Seen) -> io::Result<()>) -> io::Result<()> {
        let ready: Vec<IpAddr> =
            self.active.iter().filter(|(_, host)| host.is_done()).map(|(&it, _)| it).collect();
        for address in ready {
            if let Some(host) = self.active.remove(&address) {
                self.finished += host.all();
                tell(Seen::Whole(address, host.observations()))?;
            }
        }
        Ok(())
    }

    /// Tells what is new of hosts that are not done.
    fn parts(&mut self, tell: &mut dyn FnMut(Seen) -> io::Result<()>) -> io::Result<()> {
        for (&address, host) in &mut self.active {
            let news = host.news();
            if !news.is_empty() {
                tell(Seen::Part(address, news))?;
            }
        }
        Ok(())
    }

    fn progress(&self, of: usize) -> Progress {
        let active: usize = self.active.values().map(|host| host.all() - host.left()).sum();
        let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        Progress { done: count(self.finished + active), of: count(of) }
    }
}
