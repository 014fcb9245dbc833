//! Half-open connections: a SYN, and whatever comes back of it.
//!
//! The kernel, which knows nothing of it, answers what would open a connection with a
//! RST, so that nothing is left half open on the other side. Answers are known by the
//! sequence number that they acknowledge, which nobody else can foresee.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};

use nix::sys::socket::{MsgFlags, SockaddrStorage, recv, recvfrom};
use portolan::net::Protocol;
use portolan::observed::PortState;
use socket2::{Domain, Socket, Type};

use super::{Answer, is_empty};
use crate::packet::{ACK, RST, SYN, ipv4, segment, syn, unreachable_v4, unreachable_v6};

/// Room for what comes while we send.
const RECEIVE_BUFFER: usize = 32 << 20;
/// At most so many are taken in one go.
const MOST_AT_ONCE: usize = 4_096;

pub(super) struct Syn {
    v4: Option<Raw>,
    v6: Option<Raw>,
    /// Bound and not listening: no one else gets our port.
    _reserved: Vec<Socket>,
    port: u16,
    secret: RandomState,
    /// Our own address towards each target.
    sources: BTreeMap<IpAddr, IpAddr>,
}

/// The sockets of one family.
struct Raw {
    tcp: Socket,
    icmp: Socket,
}

impl Raw {
    fn new(domain: Domain, icmp: i32) -> io::Result<Self> {
        let open = |protocol: i32| -> io::Result<Socket> {
            let socket = Socket::new(domain, Type::RAW, Some(protocol.into()))?;
            socket.set_nonblocking(true)?;
            // Beyond the system's limit if we may; else what is allowed is enough most of the time.
            let forced = nix::sys::socket::sockopt::RcvBufForce;
            if nix::sys::socket::setsockopt(&socket, forced, &RECEIVE_BUFFER).is_err() {
                drop(socket.set_recv_buffer_size(RECEIVE_BUFFER));
            }
            drop(socket.set_send_buffer_size(RECEIVE_BUFFER));
            Ok(socket)
        };
        Ok(Self { tcp: open(6)?, icmp: open(icmp)? })
    }
}

impl Syn {
    pub(super) fn new() -> io::Result<Self> {
        let v4 = Raw::new(Domain::IPV4, 1)?;
        // A kernel without IPv6 can still scan IPv4.
        let v6 = Raw::new(Domain::IPV6, 58).ok();
        let first = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        first.bind(&SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)).into())?;
        let port = first.local_addr()?.as_socket().map_or(0, |address| address.port());
        let mut reserved = vec![first];
        if v6.is_some() {
            let second = Socket::new(Domain::IPV6, Type::STREAM, None)?;
            second.set_only_v6(true)?;
            // If somebody has it for IPv6 their answers are told apart by the sequence.
            drop(second.bind(&SocketAddr::from((Ipv6Addr::UNSPECIFIED, port)).into()));
            reserved.push(second);
        }
        Ok(Self {
            v4: Some(v4),
            v6,
            _reserved: reserved,
            port,
            secret: RandomState::new(),
            sources: BTreeMap::new(),
        })
    }

    pub(super) fn fds(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        self.v4.iter().chain(&self.v6).flat_map(|raw| [raw.tcp.as_fd(), raw.icmp.as_fd()])
    }

    fn sequence(&self, address: IpAddr, port: u16) -> u32 {
        let [a, b, c, d, ..] = self.secret.hash_one((address, port)).to_be_bytes();
        u32::from_be_bytes([a, b, c, d])
    }

    /// Our address towards a target: as the kernel would choose it.
    fn source(&mut self, target: IpAddr) -> io::Result<IpAddr> {
        if let Some(&known) = self.sources.get(&target) {
            return Ok(known);
        }
        let any: IpAddr = match target {
            IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
            IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
        };
        let socket = UdpSocket::bind((any, 0))?;
        socket.connect((target, 9))?;
        let source = socket.local_addr()?.ip();
        self.sources.insert(target, source);
        Ok(source)
    }

    pub(super) fn send(&mut self, address: IpAddr, port: u16) -> io::Result<()> {
        let source = self.source(address)?;
        let bytes = syn((source, self.port), (address, port), self.sequence(address, port));
        let raw = match address {
            IpAddr::V4(_) => &self.v4,
            IpAddr::V6(_) => &self.v6,
        };
        let raw = raw.as_ref().ok_or(io::ErrorKind::NetworkUnreachable)?;
        raw.tcp.send_to(&bytes, &SocketAddr::from((address, 0)).into())?;
        Ok(())
    }

    pub(super) fn answers(&mut self, found: &mut Vec<Answer>) -> io::Result<()> {
        let mut buffer = [0_u8; 512];
        if let Some(raw) = &self.v4 {
            for _ in 0..MOST_AT_ONCE {
                let Some(length) = take(raw.tcp.as_raw_fd(), &mut buffer)? else { break };
                let bytes = buffer.get(..length).unwrap_or_default();
                if let Some((address, rest)) = ipv4(bytes) {
                    found.extend(self.segment(address, rest));
                }
            }
            for _ in 0..MOST_AT_ONCE {
                let Some(length) = take(raw.icmp.as_raw_fd(), &mut buffer)? else { break };
                let bytes = buffer.get(..length).unwrap_or_default();
                let error = ipv4(bytes).and_then(|(_, message)| unreachable_v4(message));
                found.extend(error.and_then(|error| self.unreachable(&error)));
            }
        }
        if let Some(raw) = &self.v6 {
            for _ in 0..MOST_AT_ONCE {
                let fd = raw.tcp.as_raw_fd();
                let (length, from) = match recvfrom::<SockaddrStorage>(fd, &mut buffer) {
                    Ok((length, Some(from))) => (length, from),
                    Ok((_, None)) => continue,
                    Err(error) if is_empty(error) => break,
                    Err(error) => return Err(error.into()),
                };
                let Some(address) = from.as_sockaddr_in6().map(|it| IpAddr::V6(it.ip())) else {
                    continue;
                };
                let bytes = buffer.get(..length).unwrap_or_default();
                found.extend(self.segment(address, bytes));
            }
            for _ in 0..MOST_AT_ONCE {
                let Some(length) = take(raw.icmp.as_raw_fd(), &mut buffer)? else { break };
                let error = unreachable_v6(buffer.get(..length).unwrap_or_default());
                found.extend(error.and_then(|error| self.unreachable(&error)));
            }
        }
        Ok(())
    }

    /// What a segment says, if it is an answer to ours.
    fn segment(&self, address: IpAddr, bytes: &[u8]) -> Option<Answer> {
        let segment = segment(bytes)?;
        let ours = segment.destination_port == self.port
            && segment.acknowledged == self.sequence(address, segment.source_port).wrapping_add(1);
        if !ours {
            return None;
        }
        let (state, reason) = if segment.flags & RST != 0 {
            (PortState::Closed, "reset")
        } else if segment.flags & (SYN | ACK) == SYN | ACK {
            (PortState::Open, "syn-ack")
        } else {
            return None;
        };
        let port = segment.source_port;
        Some(Answer { address, protocol: Protocol::Tcp, port, state, reason })
    }

    fn unreachable(&self, error: &crate::packet::Unreachable) -> Option<Answer> {
        (error.protocol == 6 && error.source_port == self.port).then_some(Answer {
            address: error.destination,
            protocol: Protocol::Tcp,
            port: error.destination_port,
            state: PortState::Filtered,
            reason: error.reason,
        })
    }
}

/// One packet; none if there is none.
fn take(fd: std::os::fd::RawFd, buffer: &mut [u8]) -> io::Result<Option<usize>> {
    match recv(fd, buffer, MsgFlags::MSG_DONTWAIT) {
        Ok(length) => Ok(Some(length)),
        Err(error) if is_empty(error) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
