//! Sockets of the namespace in which the calling thread is.

use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::time::Duration;

use portolan::net::Protocol;
use socket2::{Domain, Socket, Type};

use super::Probe;

/// Connections that a listener holds before anybody takes them: nobody does.
const BACKLOG: i32 = 4096;

fn domain(address: IpAddr) -> Domain {
    if address.is_ipv4() { Domain::IPV4 } else { Domain::IPV6 }
}

fn bound(kind: Type, protocol: socket2::Protocol, at: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(domain(at.ip()), kind, Some(protocol))?;
    socket.set_nonblocking(true)?;
    socket.set_reuse_address(true)?;
    if at.is_ipv6() && kind != Type::RAW {
        socket.set_only_v6(true)?;
    }
    let named = |error: io::Error| io::Error::new(error.kind(), format!("{at}: {error}"));
    socket.bind(&at.into()).map_err(named)?;
    Ok(socket)
}

/// A listener, on which connections wait for ever.
pub(super) fn tcp_listener(at: SocketAddr) -> io::Result<Socket> {
    let socket = bound(Type::STREAM, socket2::Protocol::TCP, at)?;
    socket.listen(BACKLOG)?;
    Ok(socket)
}

/// A socket that datagrams come to.
pub(super) fn udp_listener(at: SocketAddr) -> io::Result<UdpSocket> {
    Ok(bound(Type::DGRAM, socket2::Protocol::UDP, at)?.into())
}

/// All ICMP to an address, and from it.
pub(super) fn icmp(at: IpAddr) -> io::Result<Socket> {
    let protocol = if at.is_ipv4() { socket2::Protocol::ICMPV4 } else { socket2::Protocol::ICMPV6 };
    let socket = bound(Type::RAW, protocol, SocketAddr::new(at, 0))?;
    // Whole batches may come before the first message is read.
    socket.set_recv_buffer_size(1 << 22)?;
    Ok(socket)
}

/// The socket that a probe of TCP or UDP is sent from.
pub(super) fn sender(probe: &Probe) -> io::Result<Socket> {
    let at = SocketAddr::new(probe.source, probe.source_port);
    if probe.protocol == Protocol::Udp {
        return bound(Type::DGRAM, socket2::Protocol::UDP, at);
    }
    let socket = bound(Type::STREAM, socket2::Protocol::TCP, at)?;
    // Closing it is a reset: nothing lingers under its port.
    socket.set_linger(Some(Duration::ZERO))?;
    Ok(socket)
}
