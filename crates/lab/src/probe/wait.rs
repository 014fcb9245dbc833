//! One batch of probes: sent, waited for, sent again, waited for.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use portolan::net::Protocol;
use socket2::Socket;

use super::{Outcome, Patience, Probe, icmp, sockets};
use crate::kernel::Lab;
use crate::plan::SpaceId;

/// What a file that is ready belongs to.
#[derive(Clone, Copy)]
enum Ready {
    Probe(usize),
    Udp(usize),
    Icmp(usize),
}

/// Files of one kind are numbered from here.
const UDP: u64 = 1 << 32;
const ICMP: u64 = 2 << 32;

impl Ready {
    fn word(self) -> u64 {
        let number = |number: usize| u64::try_from(number).unwrap_or(0);
        match self {
            Self::Probe(at) => number(at),
            Self::Udp(at) => number(at) | UDP,
            Self::Icmp(at) => number(at) | ICMP,
        }
    }

    fn of(word: u64) -> Self {
        let number = usize::try_from(word & 0xffff_ffff).unwrap_or(usize::MAX);
        match word >> 32 {
            1 => Self::Udp(number),
            2 => Self::Icmp(number),
            _ => Self::Probe(number),
        }
    }
}

/// Probes that are under way.
pub(super) struct Batch<'p> {
    probes: &'p [Probe],
    outcomes: Vec<Option<Outcome>>,
    epoll: Epoll,
    senders: Vec<Option<Socket>>,
    /// Connections wait there; nobody takes them.
    _tcp: Vec<Socket>,
    udp: Vec<UdpSocket>,
    icmp: Vec<(IpAddr, Socket)>,
    icmp_at: BTreeMap<(SpaceId, IpAddr), usize>,
}

impl<'p> Batch<'p> {
    /// Opens what listens.
    pub(super) fn open(lab: &Lab, probes: &'p [Probe]) -> io::Result<Self> {
        let mut tcp: BTreeSet<(SpaceId, SocketAddr)> = BTreeSet::new();
        let mut udp: BTreeSet<(SpaceId, SocketAddr)> = BTreeSet::new();
        let mut raw: BTreeSet<(SpaceId, IpAddr)> = BTreeSet::new();
        for probe in probes {
            if probe.protocol.is_icmp() {
                raw.insert((probe.from, probe.source));
            }
            let Some((space, at)) = probe.receiver else { continue };
            let at_port = SocketAddr::new(at, probe.selector);
            match probe.protocol {
                Protocol::Tcp if probe.listens => drop(tcp.insert((space, at_port))),
                Protocol::Udp if probe.listens => drop(udp.insert((space, at_port))),
                Protocol::Icmp | Protocol::Icmpv6 => drop(raw.insert((space, at))),
                Protocol::Tcp | Protocol::Udp | Protocol::Other(_) => {}
            }
        }
        let mut batch = Self {
            probes,
            outcomes: vec![None; probes.len()],
            epoll: Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?,
            senders: probes.iter().map(|_| None).collect(),
            _tcp: Vec::new(),
            udp: Vec::new(),
            icmp: Vec::new(),
            icmp_at: BTreeMap::new(),
        };
        let mut inside = None;
        for (space, at) in tcp {
            enter(lab, space, &mut inside)?;
            batch._tcp.push(sockets::tcp_listener(at)?);
        }
        for (space, at) in udp {
            enter(lab, space, &mut inside)?;
            let socket = sockets::udp_listener(at)?;
            batch.epoll.add(&socket, event(Ready::Udp(batch.udp.len())))?;
            batch.udp.push(socket);
        }
        for (space, at) in raw {
            enter(lab, space, &mut inside)?;
            let socket = sockets::icmp(at)?;
            batch.epoll.add(&socket, event(Ready::Icmp(batch.icmp.len())))?;
            batch.icmp_at.insert((space, at), batch.icmp.len());
            batch.icmp.push((at, socket));
        }
        Ok(batch)
    }

    /// Sends everything, and what is not answered once more.
    pub(super) fn run(mut self, lab: &Lab, patience: Patience) -> io::Result<Vec<Outcome>> {
        self.send(lab, 0)?;
        self.wait(None, patience.first)?;
        if self.is_pending() {
            let until = Instant::now().checked_add(patience.again);
            self.send(lab, 1)?;
            self.wait(until, patience.again)?;
        }
        Ok(self.outcomes.iter().map(|outcome| outcome.unwrap_or(Outcome::Filtered)).collect())
    }

    fn is_pending(&self) -> bool {
        self.outcomes.iter().any(Option::is_none)
    }

    fn send(&mut self, lab: &Lab, again: u16) -> io::Result<()> {
        let mut order: Vec<usize> = (0..self.probes.len()).collect();
        order.sort_by_key(|&at| self.probes.get(at).map(|probe| probe.from));
        let mut inside = None;
        for (sent, at) in (1_u32..).zip(order) {
            let pending = self.outcomes.get(at).is_some_and(Option::is_none);
            let Some(&probe) = self.probes.get(at).filter(|_| pending) else { continue };
            match probe.protocol {
                Protocol::Tcp | Protocol::Udp => {
                    self.send_from_port(lab, at, probe, &mut inside)?;
                }
                Protocol::Icmp | Protocol::Icmpv6 => self.send_icmp(at, probe, again)?,
                Protocol::Other(_) => {}
            }
            // Answers are taken as they come, before any buffer is full.
            if sent % 64 == 0 {
                self.take(Duration::ZERO)?;
            }
        }
        Ok(())
    }

    fn send_from_port(
        &mut self,
        lab: &Lab,
        at: usize,
        probe: Probe,
        inside: &mut Option<SpaceId>,
    ) -> io::Result<()> {
        let to = SocketAddr::new(probe.destination, probe.selector);
        let Some(sender) = self.senders.get_mut(at) else { return Ok(()) };
        // The one before is closed first: it has the same port.
        *sender = None;
        enter(lab, probe.from, inside)?;
        let socket = sockets::sender(&probe)?;
        let sent = match (socket.connect(&to.into()), probe.protocol) {
            (Ok(()), Protocol::Udp) => socket.send(b"portolan lab").map(drop),
            (connected, _) => connected,
        };
        match sent {
            Ok(()) => {}
            Err(error) if is_under_way(&error) => {}
            // The host has no way at all: nothing is sent, nothing comes back.
            Err(error) if is_nowhere(&error) => return Ok(()),
            Err(error) => return Err(error),
        }
        let mut interest = event(Ready::Probe(at));
        if probe.protocol == Protocol::Tcp {
            interest = EpollEvent::new(EpollFlags::EPOLLOUT | EpollFlags::EPOLLET, interest.data());
        }
        self.epoll.add(&socket, interest)?;
        *sender = Some(socket);
        Ok(())
    }

    fn send_icmp(&mut self, at: usize, probe: Probe, again: u16) -> io::Result<()> {
        let Some((_, socket)) =
            self.icmp_at.get(&(probe.from, probe.source)).and_then(|&at| self.icmp.get(at))
        else {
            return Ok(());
        };
        let number = u16::try_from(at).unwrap_or(u16::MAX);
        let message = icmp::message(probe.protocol, probe.selector, number, again);
        let to = SocketAddr::new(probe.destination, 0);
        match socket.send_to(&message, &to.into()) {
            Ok(_) => Ok(()),
            Err(error) if is_nowhere(&error) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Waits until all is answered, nothing comes for `quiet`, or the time is up.
    fn wait(&mut self, until: Option<Instant>, quiet: Duration) -> io::Result<()> {
        while self.is_pending() {
            let left = match until {
                Some(until) => until.saturating_duration_since(Instant::now()),
                None => quiet,
            };
            if !self.take(left)? {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Takes what is there, or the first that comes; whether anything came in time.
    fn take(&mut self, patience: Duration) -> io::Result<bool> {
        let mut events = [EpollEvent::empty(); 256];
        let timeout = EpollTimeout::try_from(patience).unwrap_or(EpollTimeout::ZERO);
        let ready = match self.epoll.wait(&mut events, timeout) {
            Ok(ready) => ready,
            Err(Errno::EINTR) => return Ok(true),
            Err(error) => return Err(error.into()),
        };
        for event in events.iter().take(ready) {
            match Ready::of(event.data()) {
                Ready::Probe(at) => self.probe_is_ready(at)?,
                Ready::Udp(at) => self.answer_udp(at)?,
                Ready::Icmp(at) => self.take_icmp(at)?,
            }
        }
        Ok(ready > 0)
    }

    fn probe_is_ready(&mut self, at: usize) -> io::Result<()> {
        let Some(Some(socket)) = self.senders.get_mut(at) else { return Ok(()) };
        let mut error = socket.take_error()?;
        let is_udp = self.probes.get(at).is_some_and(|probe| probe.protocol == Protocol::Udp);
        if is_udp && error.is_none() {
            let mut buffer = [0; 64];
            error = socket.read(&mut buffer).err();
        }
        let outcome = match error {
            None => Some(Outcome::Open),
            Some(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                Some(Outcome::Closed)
            }
            Some(_) => None,
        };
        if let Some(place) = self.outcomes.get_mut(at) {
            *place = place.or(outcome);
        }
        // Its connection is of no more use; what failed otherwise may be tried again.
        if let Some(sender) = self.senders.get_mut(at) {
            *sender = None;
        }
        Ok(())
    }

    fn answer_udp(&mut self, at: usize) -> io::Result<()> {
        let Some(socket) = self.udp.get(at) else { return Ok(()) };
        let mut buffer = [0; 64];
        loop {
            match socket.recv_from(&mut buffer) {
                Ok((length, from)) => {
                    // An answer that can't leave is one that does not come.
                    drop(socket.send_to(buffer.get(..length).unwrap_or(&[]), from));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                // An error of an earlier answer, by ICMP.
                Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {}
                Err(error) if is_nowhere(&error) => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn take_icmp(&mut self, at: usize) -> io::Result<()> {
        let Some((address, socket)) = self.icmp.get_mut(at) else { return Ok(()) };
        let mut buffer = [0; 256];
        loop {
            let length = match socket.read(&mut buffer) {
                Ok(length) => length,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) if is_nowhere(&error) => continue,
                Err(error) => return Err(error),
            };
            let Some((key, number)) = icmp::read(buffer.get(..length).unwrap_or(&[]), *address)
            else {
                continue;
            };
            let number = usize::from(number);
            let Some(probe) = self.probes.get(number) else { continue };
            let arrived = match icmp::answer(probe.protocol, probe.selector) {
                Some(answer) => key == answer && probe.source == *address,
                None => {
                    let at = probe.receiver.map(|(_, at)| at);
                    key == probe.selector && at == Some(*address)
                }
            };
            if arrived && let Some(place) = self.outcomes.get_mut(number) {
                *place = Some(Outcome::Open);
            }
        }
    }
}

fn event(ready: Ready) -> EpollEvent {
    EpollEvent::new(EpollFlags::EPOLLIN, ready.word())
}

/// Takes the thread into a namespace, unless it is there.
fn enter(lab: &Lab, space: SpaceId, inside: &mut Option<SpaceId>) -> io::Result<()> {
    if *inside == Some(space) {
        return Ok(());
    }
    let found = lab.space(space).ok_or(io::ErrorKind::NotFound)?;
    found.enter()?;
    *inside = Some(space);
    Ok(())
}

/// `EINPROGRESS`.
fn is_under_way(error: &io::Error) -> bool {
    error.raw_os_error().map(Errno::from_raw) == Some(Errno::EINPROGRESS)
}

/// No route, or a filter that says so.
fn is_nowhere(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::HostUnreachable
            | io::ErrorKind::NetworkUnreachable
            | io::ErrorKind::PermissionDenied
            | io::ErrorKind::ConnectionRefused
    )
}
