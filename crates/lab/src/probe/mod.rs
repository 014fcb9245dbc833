//! Real packets, sent and awaited by one thread.
//!
//! A socket belongs to the namespace in which it was made: the thread goes round, opens
//! listeners and senders everywhere, and then waits for all of them at once. What is not
//! answered is sent once more and waited for longer before it counts as filtered.

mod icmp;
mod sockets;
mod wait;

use std::io;
use std::net::IpAddr;
use std::time::Duration;

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use portolan::net::Protocol;

use crate::kernel::{Lab, LabError};
use crate::plan::SpaceId;
use wait::Batch;

/// One packet to send, and where it should arrive.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Probe {
    /// The namespace that sends.
    pub from: SpaceId,
    /// The address that it sends from.
    pub source: IpAddr,
    /// The port that it sends from, of TCP and UDP.
    pub source_port: u16,
    /// The address that it sends to.
    pub destination: IpAddr,
    /// The namespace that receives, and at which of its addresses; `None`: nobody.
    pub receiver: Option<(SpaceId, IpAddr)>,
    /// TCP, UDP or ICMP.
    pub protocol: Protocol,
    /// The port, or the ICMP key.
    pub selector: u16,
    /// Whether somebody listens on the port.
    pub listens: bool,
}

/// What came back.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Outcome {
    /// An answer of somebody who listens; of one-way ICMP, its arrival.
    Open,
    /// A refusal of the host itself.
    Closed,
    /// Nothing.
    Filtered,
}

impl Outcome {
    /// Whether the packet arrived.
    #[must_use]
    pub fn arrived(self) -> bool {
        match self {
            Self::Open | Self::Closed => true,
            Self::Filtered => false,
        }
    }

    /// In nmap's words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
            Self::Filtered => "filtered",
        }
    }
}

/// How long an answer is waited for.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// After the last answer to the first packets.
    pub first: Duration,
    /// In all, for what is sent again.
    pub again: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { first: Duration::from_millis(40), again: Duration::from_secs(1) }
    }
}

/// Probes at a time, where the number of open files allows it.
const BATCH: u64 = 4_000;

/// Sends all probes; outcomes in their order.
///
/// # Errors
///
/// A socket can't be had.
pub fn send(lab: &Lab, probes: &[Probe], patience: Patience) -> Result<Vec<Outcome>, LabError> {
    let batch = batch_size().map_err(LabError::kernel("limit of open files"))?;
    let work = || -> io::Result<Vec<Outcome>> {
        let mut outcomes = Vec::with_capacity(probes.len());
        for some in probes.chunks(batch) {
            outcomes.extend(Batch::open(lab, some)?.run(lab, patience)?);
        }
        Ok(outcomes)
    };
    // On a thread of its own, which ends in another namespace than it began.
    let sent = std::thread::scope(|scope| scope.spawn(work).join());
    sent.map_err(|_| LabError::Worker)?.map_err(LabError::kernel("sending probes"))
}

/// Two files a probe, after the limit was raised as far as it goes.
fn batch_size() -> io::Result<usize> {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, hard, hard)?;
    let fits = hard.saturating_sub(200) / 2;
    Ok(usize::try_from(fits.clamp(50, BATCH)).unwrap_or(50))
}
