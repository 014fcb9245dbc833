//! Probes that anyone may send: a TCP connection that is reset at once, a UDP datagram
//! in the words of its usual service.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use nix::sys::socket::{MsgFlags, recv};
use portolan::net::Protocol;
use portolan::observed::PortState;
use socket2::{Domain, Socket, Type};

use super::Answer;
use crate::payload;

/// Descriptors that are left for everything else.
const SPARE: usize = 64;

pub(super) struct Sockets {
    epoll: Epoll,
    open: BTreeMap<u64, Asked>,
    numbers: BTreeMap<(IpAddr, Protocol, u16), u64>,
    next: u64,
    most: usize,
}

struct Asked {
    socket: Socket,
    address: IpAddr,
    protocol: Protocol,
    port: u16,
}

impl Sockets {
    pub(super) fn new() -> io::Result<Self> {
        use nix::sys::resource::{Resource, getrlimit, setrlimit};
        let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
        let wanted = hard.min(16_384).max(soft);
        // What we may not have we do without.
        let allowed = setrlimit(Resource::RLIMIT_NOFILE, wanted, hard).map_or(soft, |()| wanted);
        let most = usize::try_from(allowed).unwrap_or(usize::MAX).saturating_sub(SPARE);
        Ok(Self {
            epoll: Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?,
            open: BTreeMap::new(),
            numbers: BTreeMap::new(),
            next: 0,
            most: most.clamp(16, 8_192),
        })
    }

    pub(super) fn as_fd(&self) -> BorrowedFd<'_> {
        self.epoll.0.as_fd()
    }

    pub(super) fn send(
        &mut self,
        address: IpAddr,
        protocol: Protocol,
        port: u16,
    ) -> io::Result<()> {
        if self.open.len() >= self.most {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let domain = if address.is_ipv4() { Domain::IPV4 } else { Domain::IPV6 };
        let stream = protocol == Protocol::Tcp;
        let kind = if stream { Type::STREAM } else { Type::DGRAM };
        let socket = Socket::new(domain, kind.nonblocking(), None)?;
        if stream {
            // Closing resets: no data follows, and nothing lingers.
            socket.set_linger(Some(Duration::ZERO))?;
        }
        let target = SocketAddr::from((address, port)).into();
        match socket.connect(&target) {
            Ok(()) => {}
            Err(error) if error.raw_os_error().map(Errno::from_raw) == Some(Errno::EINPROGRESS) => {
            }
            Err(error) => return Err(error),
        }
        if !stream {
            socket.send(payload::of(port))?;
        }
        let number = self.next;
        self.next += 1;
        let flags = if stream { EpollFlags::EPOLLOUT } else { EpollFlags::EPOLLIN };
        self.epoll.add(&socket, EpollEvent::new(flags, number))?;
        self.forget(address, protocol, port);
        self.numbers.insert((address, protocol, port), number);
        self.open.insert(number, Asked { socket, address, protocol, port });
        Ok(())
    }

    pub(super) fn forget(&mut self, address: IpAddr, protocol: Protocol, port: u16) {
        if let Some(number) = self.numbers.remove(&(address, protocol, port)) {
            // Closing takes it out of the epoll set too.
            self.open.remove(&number);
        }
    }

    pub(super) fn answers(&mut self, found: &mut Vec<Answer>) -> io::Result<()> {
        let mut events = [EpollEvent::empty(); 256];
        let ready = match self.epoll.wait(&mut events, EpollTimeout::ZERO) {
            Ok(ready) => ready,
            Err(Errno::EINTR) => 0,
            Err(error) => return Err(error.into()),
        };
        for event in events.get(..ready).unwrap_or_default() {
            let Some(asked) = self.open.get(&event.data()) else { continue };
            let (address, protocol, port) = (asked.address, asked.protocol, asked.port);
            let (state, reason) = if protocol == Protocol::Tcp {
                match asked.socket.take_error()? {
                    None => (PortState::Open, "syn-ack"),
                    Some(error) => refused(&error),
                }
            } else {
                let mut buffer = [0_u8; 16];
                match recv(asked.socket.as_raw_fd(), &mut buffer, MsgFlags::MSG_DONTWAIT) {
                    Ok(_) => (PortState::Open, "udp-response"),
                    Err(error) if super::is_empty(error) => continue,
                    Err(Errno::ECONNREFUSED) => (PortState::Closed, "port-unreach"),
                    Err(error) => refused(&error.into()),
                }
            };
            found.push(Answer { address, protocol, port, state, reason });
            self.forget(address, protocol, port);
        }
        Ok(())
    }
}

/// What an error of a socket says of the port.
fn refused(error: &io::Error) -> (PortState, &'static str) {
    let known = [
        (io::ErrorKind::ConnectionRefused, PortState::Closed, "conn-refused"),
        (io::ErrorKind::ConnectionReset, PortState::Closed, "reset"),
        (io::ErrorKind::HostUnreachable, PortState::Filtered, "host-unreach"),
        (io::ErrorKind::NetworkUnreachable, PortState::Filtered, "net-unreach"),
        (io::ErrorKind::PermissionDenied, PortState::Filtered, "admin-prohibited"),
        (io::ErrorKind::TimedOut, PortState::Filtered, "no-response"),
    ];
    let found = known.iter().find(|(kind, ..)| *kind == error.kind());
    found.map_or((PortState::Unknown, "error"), |&(_, state, reason)| (state, reason))
}
