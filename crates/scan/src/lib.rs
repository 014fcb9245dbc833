//! Probes: what answers at the ports of an estate, seen from here.
//!
//! A scan sends packets at hosts, which is one of the two dangerous things that
//! Portolan can do: it takes [`Approved`] addresses only, which come from the source
//! that was read, or from somebody who wrote a flag with `danger` in its name.
//!
//! A port is *open* if it answered as such, *closed* if the host refused, and
//! *filtered* only after every try stayed without an answer: a single packet that
//! nobody answers proves nothing. How long an answer is waited for is learned from
//! those that come; if a later try brings what an earlier one lost, all that is silent is
//! tried once more.
#![forbid(unsafe_code)]

mod approve;
mod hosts;
mod journal;
mod nmap;
mod order;
mod pace;
mod packet;
mod payload;
mod run;
mod timing;
mod tls;
mod wire;

pub use approve::{Approved, NotInSource};
pub use journal::{Journal, JournalError};
pub use nmap::{NmapError, run_nmap};
pub use order::{Ports, PortsError, order};
pub use pace::Rate;
pub use run::{Options, Progress, ScanError, Seen, Technique, Work, duration, scan};
pub use tls::{greet, usual_tls_port};
