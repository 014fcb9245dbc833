//! Sets of addresses, ports and packets.
//!
//! Everything here is exact: a set says of each address, port or packet whether
//! it belongs, and two sets are equal exactly if they hold the same members. IPv4
//! and IPv6 are separate number lines that no operation mixes. Nothing here knows
//! AWS; the one exception, the list of addresses that the internet can't send
//! from, is in [`cover`](cover_within), since the contract's text depends on it.
//!
//! From the bottom up: an [`Address`] is a point of a number line, a [`RangeSet`]
//! a set of them, an [`IpSet`] one of each family; [`Sets`] and [`IpSets`] give
//! equal sets one small id and keep equal parts of long ones once; a [`HeaderSpace`] holds such an id for each protocol
//! and port, and [`Bounds`] keeps what is certain apart from what is possible.

mod address;
mod bounds;
mod cells;
mod cidr;
mod cover;
mod header_space;
mod interner;
mod ip_set;
mod ip_sets;
mod packet;
mod port_set;
mod protocol;
mod range_set;
mod segments;
mod spaces;
mod text;

pub use address::{Address, IpAddress};
pub use bounds::{Algebra, Bounds};
pub use cells::{ContentId, Piece};
pub use cidr::{Cidr, CidrError, Prefix};
pub use cover::{cover_within, exact_cover, internet_v4, internet_v6};
pub use header_space::{FirstMatch, HeaderSpace, Match};
pub use interner::{SetId, Sets};
pub use ip_set::IpSet;
pub use ip_sets::{IpSetId, IpSets};
pub use packet::Packet;
pub use port_set::{CLIENT_PORTS, PortError, PortRange, PortSet};
pub use protocol::{IcmpType, Protocol, ProtocolError, selector_display};
pub use range_set::{Ipv4Set, Ipv6Set, RangeSet};
pub use segments::{Segment, Segments};
pub use spaces::SpaceId;
