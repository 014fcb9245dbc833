//! Portolan's core: which ports of an AWS estate are open, to whom, and why.
//!
//! The core is pure: facts in, answers out; no I/O, no clock, no randomness.
//! Facts become a [`model::Network`]; [`reach`] says what they mean, twice: the
//! specification judges one packet hop by hop, the engine all packets in sets.
//!
//! The tour, from a network to an answer (in the notation of tests; real
//! networks come from `portolan-ingest`, which reads `aws ec2 describe-*` dumps):
//!
//! ```
//! # #[cfg(feature = "testing")] {
//! use portolan::reach::explain::explain;
//! use portolan::reach::place::Zones;
//! use portolan::record::{Clients, Verdict};
//!
//! let network = portolan::testing::network(
//!     "vpc v 10.0.0.0/16 igw
//!      acl tight v in 100 allow all any; out 100 allow tcp/32768-60999 any
//!      subnet web v 10.0.1.0/24 acl=tight route 0.0.0.0/0->igw
//!      group front v in tcp/443 any
//!      interface a web 10.0.1.10 public=198.51.100.7 groups=front",
//! )?;
//! let ask = |port| explain(&network, &Zones::default(), &(), "203.0.113.9", "198.51.100.7", port);
//!
//! // The group admits 443; but the ACL lets replies go to Linux clients only.
//! let https = ask("tcp/443")?;
//! assert_eq!((https.verdict, https.clients), (Verdict::Open, Clients::Some));
//! assert_eq!(https.client_ports, "32768-60999");
//!
//! // Nothing admits 22, and the answer names what refuses it.
//! let ssh = ask("tcp/22")?;
//! assert_eq!(ssh.verdict, Verdict::Closed);
//! assert_eq!(ssh.blocked_by[0].code, "ENI_SG_RULES_MISMATCH");
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

pub mod audit;
pub mod chart;
pub mod model;
pub mod net;
pub mod observed;
mod parallel;
pub mod reach;
pub mod record;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod verify;
pub mod who;
