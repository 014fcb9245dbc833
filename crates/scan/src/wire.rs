//! How probes get onto the wire and answers off it.

mod echo;
mod sockets;
mod syn;

use std::io;
use std::net::IpAddr;
use std::os::fd::BorrowedFd;
use std::time::Duration;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use portolan::net::Protocol;
use portolan::observed::PortState;

use echo::Echo;
use sockets::Sockets;
use syn::Syn;

/// Something that came back.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Answer {
    pub(crate) address: IpAddr,
    pub(crate) protocol: Protocol,
    pub(crate) port: u16,
    pub(crate) state: PortState,
    pub(crate) reason: &'static str,
}

/// What became of a probe that was to be sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Sent {
    /// It is on its way.
    Yes,
    /// There is no room at the moment.
    Later,
    /// It can't be sent at all, which is an answer too.
    Refused(PortState, &'static str),
}

/// All ways to send.
pub(crate) struct Wire {
    /// Half-open connections, if we may; else whole ones.
    syn: Option<Syn>,
    sockets: Sockets,
    echo: Echo,
}

impl Wire {
    /// With raw sockets; an error if that is not allowed.
    pub(crate) fn half_open() -> io::Result<Self> {
        Ok(Self { syn: Some(Syn::new()?), sockets: Sockets::new()?, echo: Echo::new() })
    }

    /// Without any rights.
    pub(crate) fn connecting() -> io::Result<Self> {
        Ok(Self { syn: None, sockets: Sockets::new()?, echo: Echo::new() })
    }

    pub(crate) fn send(
        &mut self,
        address: IpAddr,
        protocol: Protocol,
        port: u16,
    ) -> io::Result<Sent> {
        let sent = match (protocol, &mut self.syn) {
            (Protocol::Tcp, Some(syn)) => syn.send(address, port),
            (Protocol::Tcp | Protocol::Udp, _) => self.sockets.send(address, protocol, port),
            (Protocol::Icmp | Protocol::Icmpv6, _) => self.echo.send(address),
            (Protocol::Other(_), _) => Ok(()),
        };
        let Err(error) = sent else { return Ok(Sent::Yes) };
        let is = |kind: io::ErrorKind| error.kind() == kind;
        let errno = error.raw_os_error().map(Errno::from_raw);
        // There may be room in a moment.
        let full = [Errno::ENOBUFS, Errno::EMFILE, Errno::ENFILE, Errno::ENOMEM];
        if is(io::ErrorKind::WouldBlock)
            || is(io::ErrorKind::AddrNotAvailable)
            || errno.is_some_and(|errno| full.contains(&errno))
        {
            Ok(Sent::Later)
        } else if is(io::ErrorKind::ConnectionRefused) {
            Ok(Sent::Refused(PortState::Closed, "conn-refused"))
        } else if is(io::ErrorKind::HostUnreachable) {
            Ok(Sent::Refused(PortState::Filtered, "host-unreach"))
        } else if is(io::ErrorKind::NetworkUnreachable) {
            Ok(Sent::Refused(PortState::Filtered, "net-unreach"))
        } else if is(io::ErrorKind::PermissionDenied) {
            // A firewall of our own, or no way to send an echo request.
            Ok(Sent::Refused(PortState::Unknown, "not-permitted"))
        } else {
            Err(error)
        }
    }

    /// Takes what has come, waiting at most so long for the first.
    pub(crate) fn answers(
        &mut self,
        patience: Duration,
        found: &mut Vec<Answer>,
    ) -> io::Result<()> {
        let millis = if patience.is_zero() { 0 } else { patience.as_millis().clamp(1, 1_000) };
        let timeout = PollTimeout::try_from(millis).unwrap_or(PollTimeout::ZERO);
        let mut fds: Vec<BorrowedFd<'_>> = vec![self.sockets.as_fd()];
        fds.extend(self.syn.iter().flat_map(Syn::fds));
        fds.extend(self.echo.fds());
        let mut polled: Vec<PollFd<'_>> =
            fds.into_iter().map(|fd| PollFd::new(fd, PollFlags::POLLIN)).collect();
        match poll(&mut polled, timeout) {
            Ok(0) | Err(Errno::EINTR) => return Ok(()),
            Ok(_) => {}
            Err(error) => return Err(error.into()),
        }
        self.sockets.answers(found)?;
        if let Some(syn) = &mut self.syn {
            syn.answers(found)?;
        }
        self.echo.answers(found)
    }

    /// Nobody waits for this one any more.
    pub(crate) fn forget(&mut self, address: IpAddr, protocol: Protocol, port: u16) {
        self.sockets.forget(address, protocol, port);
    }
}

/// Nothing more is there at the moment.
fn is_empty(error: Errno) -> bool {
    matches!(error, Errno::EAGAIN | Errno::EINTR)
}
