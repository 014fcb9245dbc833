//! Links, addresses, routes and rules, asked of the kernel in batches.

use std::io;
use std::net::IpAddr;
use std::os::fd::RawFd;

use netlink_packet_core::{
    NLM_F_ACK, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE, NLM_F_REQUEST, NetlinkHeader,
    NetlinkMessage, NetlinkPayload,
};
use netlink_packet_route::address::{AddressAttribute, AddressHeaderFlags, AddressMessage};
use netlink_packet_route::link::{
    InfoData, InfoKind, InfoVeth, LinkAttribute, LinkFlags, LinkInfo, LinkMessage,
};
use netlink_packet_route::route::{
    RouteAddress, RouteAttribute, RouteMessage, RouteProtocol, RouteScope, RouteType,
};
use netlink_packet_route::rule::{RuleAction, RuleAttribute, RuleMessage};
use netlink_packet_route::{AddressFamily, RouteNetlinkMessage};
use netlink_sys::protocols::NETLINK_ROUTE;
use netlink_sys::{Socket, SocketAddr};

use crate::plan::{Action, DeviceAddress, Link, Packets, Plug, Route, Rule};

/// The address of every device: see `plan`.
const MAC: [u8; 6] = [0x02, 0, 0, 0, 0, 0x01];
/// The loopback device.
const LOOPBACK: u32 = 1;
/// Requests that are answered together: their answers fit into the socket's buffer.
const BATCH: usize = 64;

/// A socket of one namespace.
#[derive(Debug)]
pub(super) struct Netlink(Socket);

/// Something to ask, and what it is in words.
pub(super) struct Request {
    message: RouteNetlinkMessage,
    flags: u16,
    what: String,
}

impl Netlink {
    /// Of the namespace of the calling thread.
    pub(super) fn open() -> io::Result<Self> {
        let mut socket = Socket::new(NETLINK_ROUTE)?;
        socket.bind_auto()?;
        // An answer then holds no copy of what was asked.
        socket.set_cap_ack(true)?;
        Ok(Self(socket))
    }

    /// Asks for everything; the first refusal is the error, with what was refused.
    pub(super) fn ask(&self, requests: Vec<Request>) -> Result<(), (String, io::Error)> {
        let mut requests = requests.into_iter();
        loop {
            let batch: Vec<Request> = requests.by_ref().take(BATCH).collect();
            if batch.is_empty() {
                return Ok(());
            }
            self.ask_together(batch)?;
        }
    }

    fn ask_together(&self, batch: Vec<Request>) -> Result<(), (String, io::Error)> {
        let mut bytes = Vec::new();
        let mut asked = Vec::new();
        for (number, request) in (1..).zip(batch) {
            let mut header = NetlinkHeader::default();
            header.flags = NLM_F_REQUEST | NLM_F_ACK | request.flags;
            header.sequence_number = number;
            let mut message =
                NetlinkMessage::new(header, NetlinkPayload::InnerMessage(request.message));
            message.finalize();
            let start = bytes.len();
            // Messages begin at multiples of four.
            bytes.resize(start.saturating_add(message.buffer_len().next_multiple_of(4)), 0);
            if let Some(place) = bytes.get_mut(start..) {
                message.serialize(place);
            }
            asked.push(request.what);
        }
        let failed = |error| (asked.join("; "), error);
        self.0.send_to(&bytes, &SocketAddr::new(0, 0), 0).map_err(failed)?;
        let mut refused = None;
        let mut answered = 0;
        while answered < asked.len() {
            let mut buffer = Vec::with_capacity(1 << 15);
            self.0.recv(&mut buffer, 0).map_err(failed)?;
            let mut rest = buffer.as_slice();
            while !rest.is_empty() {
                let answer = NetlinkMessage::<RouteNetlinkMessage>::deserialize(rest)
                    .map_err(|error| failed(io::Error::other(error.to_string())))?;
                answered = answered.saturating_add(1);
                if let NetlinkPayload::Error(error) = &answer.payload
                    && error.code.is_some()
                    && refused.is_none()
                {
                    let number = usize::try_from(answer.header.sequence_number).unwrap_or(0);
                    let what = asked.get(number.saturating_sub(1)).cloned().unwrap_or_default();
                    refused = Some((what, error.to_io()));
                }
                let length = usize::try_from(answer.header.length).unwrap_or(usize::MAX);
                rest = rest.get(length.next_multiple_of(4).max(4)..).unwrap_or(&[]);
            }
        }
        refused.map_or(Ok(()), Err)
    }
}

/// A pair of devices, the near one up, the far one in the namespace `far`.
pub(super) fn link(link: &Link, far: RawFd) -> Request {
    let mut peer = plug(&link.far);
    // It can't be up before it has a peer itself: see `up`.
    peer.header.flags = LinkFlags::Noarp;
    peer.header.change_mask = LinkFlags::Noarp;
    peer.attributes.push(LinkAttribute::NetNsFd(far));
    let mut message = plug(&link.near);
    message.attributes.push(LinkAttribute::LinkInfo(vec![
        LinkInfo::Kind(InfoKind::Veth),
        LinkInfo::Data(InfoData::Veth(InfoVeth::Peer(peer))),
    ]));
    Request {
        message: RouteNetlinkMessage::NewLink(message),
        flags: NLM_F_CREATE | NLM_F_EXCL,
        what: format!("link {} to {}", link.near.name, link.far.name),
    }
}

fn plug(plug: &Plug) -> LinkMessage {
    let mut message = LinkMessage::default();
    message.header.index = plug.index;
    message.header.flags = LinkFlags::Up | LinkFlags::Noarp;
    message.header.change_mask = LinkFlags::Up | LinkFlags::Noarp;
    message.attributes.push(LinkAttribute::IfName(plug.name.clone()));
    message.attributes.push(LinkAttribute::Address(MAC.to_vec()));
    if plug.group != 0 {
        message.attributes.push(LinkAttribute::Group(plug.group));
    }
    message
}

/// The loopback device, up.
pub(super) fn loopback() -> Request {
    up(LOOPBACK)
}

/// A device, up.
pub(super) fn up(index: u32) -> Request {
    let mut message = LinkMessage::default();
    message.header.index = index;
    message.header.flags = LinkFlags::Up;
    message.header.change_mask = LinkFlags::Up;
    Request {
        message: RouteNetlinkMessage::SetLink(message),
        flags: 0,
        what: format!("device {index} up"),
    }
}

/// An address of a device.
pub(super) fn address(given: &DeviceAddress) -> Request {
    let mut message = AddressMessage::default();
    message.header.family = family(given.address.is_ipv4());
    message.header.prefix_len = if given.address.is_ipv4() { 32 } else { 128 };
    message.header.flags = AddressHeaderFlags::Nodad;
    message.header.index = given.device;
    message.attributes =
        vec![AddressAttribute::Local(given.address), AddressAttribute::Address(given.address)];
    Request {
        message: RouteNetlinkMessage::NewAddress(message),
        flags: NLM_F_CREATE | NLM_F_REPLACE,
        what: format!("address {}", given.address),
    }
}

/// A route.
pub(super) fn route(given: &Route) -> Request {
    let mut message = RouteMessage::default();
    let ipv4 = given.destination.is_v4();
    message.header.address_family = family(ipv4);
    message.header.destination_prefix_length = given.destination.length();
    message.header.protocol = RouteProtocol::Static;
    message.header.scope = RouteScope::Universe;
    let (kind, device) = match given.action {
        Action::Device(device) => (RouteType::Unicast, Some(device)),
        Action::Here => (RouteType::Local, Some(LOOPBACK)),
        Action::NextRule => (RouteType::Throw, None),
        Action::Drop => (RouteType::BlackHole, None),
    };
    message.header.kind = kind;
    if ipv4 {
        message.header.scope = match given.action {
            Action::Device(_) => RouteScope::Link,
            Action::Here => RouteScope::Host,
            Action::NextRule | Action::Drop => RouteScope::Universe,
        };
    }
    if given.destination.length() > 0 {
        let first: RouteAddress = given.destination.first().into();
        message.attributes.push(RouteAttribute::Destination(first));
    }
    if let Some(device) = device {
        message.attributes.push(RouteAttribute::Oif(device));
    }
    message.attributes.push(RouteAttribute::Table(given.table));
    Request {
        message: RouteNetlinkMessage::NewRoute(message),
        flags: NLM_F_CREATE | NLM_F_REPLACE,
        what: format!("route {} in table {}", given.destination, given.table),
    }
}

/// A rule, once for each family that it is about.
pub(super) fn rule(given: &Rule) -> Vec<Request> {
    let families = match given.packets {
        Packets::Marked { .. } => vec![true, false],
        Packets::From(block) => vec![block.is_v4()],
    };
    families.into_iter().map(|ipv4| rule_of(given, ipv4)).collect()
}

fn rule_of(given: &Rule, ipv4: bool) -> Request {
    let mut message = RuleMessage::default();
    message.header.family = family(ipv4);
    message.header.action = RuleAction::ToTable;
    message.attributes =
        vec![RuleAttribute::Priority(given.priority), RuleAttribute::Table(given.table)];
    match given.packets {
        Packets::Marked { mark, mask } => {
            message.attributes.push(RuleAttribute::FwMark(mark));
            message.attributes.push(RuleAttribute::FwMask(mask));
        }
        Packets::From(block) => {
            message.header.src_len = block.length();
            let first: IpAddr = block.first();
            message.attributes.push(RuleAttribute::Source(first));
        }
    }
    Request {
        message: RouteNetlinkMessage::NewRule(message),
        flags: NLM_F_CREATE | NLM_F_EXCL,
        what: format!("rule {} for table {}", given.priority, given.table),
    }
}

fn family(ipv4: bool) -> AddressFamily {
    if ipv4 { AddressFamily::Inet } else { AddressFamily::Inet6 }
}
