//! Echo requests: through the sockets that are made for them, or raw ones.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};

use nix::sys::socket::{SockaddrStorage, recvfrom};
use portolan::net::Protocol;
use portolan::observed::PortState;
use socket2::{Domain, Socket, Type};

use super::{Answer, is_empty};
use crate::packet;

pub(super) struct Echo {
    v4: Option<Socket>,
    v6: Option<Socket>,
    /// What raw sockets know our answers by; the others have a number of their own.
    number: u16,
}

impl Echo {
    /// As far as it is allowed.
    pub(super) fn new() -> Self {
        let open = |domain, protocol: i32| {
            let of = |kind| Socket::new(domain, kind, Some(protocol.into()));
            let socket = of(Type::DGRAM).or_else(|_| of(Type::RAW)).ok()?;
            socket.set_nonblocking(true).ok()?;
            Some(socket)
        };
        let number = u16::try_from(std::process::id() & 0xffff).unwrap_or(1);
        Self { v4: open(Domain::IPV4, 1), v6: open(Domain::IPV6, 58), number }
    }

    pub(super) fn fds(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        self.v4.iter().chain(&self.v6).map(AsFd::as_fd)
    }

    pub(super) fn send(&self, address: IpAddr) -> io::Result<()> {
        let socket = if address.is_ipv4() { &self.v4 } else { &self.v6 };
        let socket = socket.as_ref().ok_or(io::ErrorKind::PermissionDenied)?;
        let message = packet::echo(address, self.number);
        socket.send_to(&message, &SocketAddr::from((address, 0)).into())?;
        Ok(())
    }

    pub(super) fn answers(&self, found: &mut Vec<Answer>) -> io::Result<()> {
        let mut buffer = [0_u8; 256];
        for socket in self.v4.iter().chain(&self.v6) {
            loop {
                let (length, from) =
                    match recvfrom::<SockaddrStorage>(socket.as_raw_fd(), &mut buffer) {
                        Ok((length, from)) => (length, from),
                        Err(error) if is_empty(error) => break,
                        Err(error) => return Err(error.into()),
                    };
                let v4 = from.and_then(|it| it.as_sockaddr_in().map(|it| IpAddr::V4(it.ip())));
                let v6 = from.and_then(|it| it.as_sockaddr_in6().map(|it| IpAddr::V6(it.ip())));
                let Some(address) = v4.or(v6) else { continue };
                let bytes = buffer.get(..length).unwrap_or_default();
                // Raw sockets of IPv4 give the packet's header too.
                let whole = address.is_ipv4() && bytes.first().is_some_and(|it| it >> 4 == 4);
                let message = match packet::ipv4(bytes) {
                    Some((_, message)) if whole => message,
                    _ => bytes,
                };
                let (kind, protocol, port) = match address {
                    IpAddr::V4(_) => (0, Protocol::Icmp, 8 << 8),
                    IpAddr::V6(_) => (129, Protocol::Icmpv6, 128 << 8),
                };
                if message.first() == Some(&kind) && message.ends_with(b"portolan") {
                    let (state, reason) = (PortState::Open, "echo-reply");
                    found.push(Answer { address, protocol, port, state, reason });
                }
            }
        }
        Ok(())
    }
}
