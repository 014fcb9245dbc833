//! What is known of each port of a host while it is probed.

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use portolan::net::{PortRange, Protocol};
use portolan::observed::{Observation, PortState};

use crate::pace::{Bucket, Rate};
use crate::timing::Timing;

/// The most times that a port is asked, however much was lost.
const MOST_TRIES: u8 = 5;

/// A host that is being probed.
pub(crate) struct Host {
    pub(crate) address: IpAddr,
    /// What is still to be asked for the first time, the next one last.
    todo: Vec<(Protocol, u16)>,
    /// What was asked and is to be asked again.
    again: VecDeque<(Protocol, u16)>,
    /// What was asked, in the order in which it was.
    waiting: VecDeque<(Instant, Protocol, u16)>,
    slots: BTreeMap<Protocol, Vec<Slot>>,
    timing: Timing,
    pub(crate) bucket: Bucket,
    tries: u8,
    /// Whether a later try brought what an earlier one had lost.
    lossy: bool,
    /// Ports that have no state yet.
    left: usize,
    /// Of how many.
    all: usize,
}

/// One port.
#[derive(Clone, Copy, Default)]
struct Slot {
    tries: u8,
    sent: Option<Instant>,
    state: Option<(PortState, &'static str)>,
    /// Whether the state was told as news.
    told: bool,
}

impl Host {
    pub(crate) fn new(
        address: IpAddr,
        mut ports: Vec<(Protocol, u16)>,
        (rate, tries): (Rate, u8),
        now: Instant,
    ) -> Self {
        let mut slots = BTreeMap::new();
        for &(protocol, _) in &ports {
            slots.entry(protocol).or_insert_with(|| vec![Slot::default(); 1 << 16]);
        }
        let left = ports.len();
        ports.reverse();
        Self {
            address,
            todo: ports,
            again: VecDeque::new(),
            waiting: VecDeque::new(),
            slots,
            timing: Timing::default(),
            bucket: Bucket::new(rate, now),
            tries: tries.max(1),
            lossy: false,
            left,
            all: left,
        }
    }

    fn slot(&mut self, protocol: Protocol, port: u16) -> Option<&mut Slot> {
        self.slots.get_mut(&protocol)?.get_mut(usize::from(port))
    }

    /// What is to be asked next.
    pub(crate) fn next(&mut self) -> Option<(Protocol, u16)> {
        while let Some(&(protocol, port)) = self.again.front() {
            // It may have answered late.
            if self.slot(protocol, port).is_some_and(|slot| slot.state.is_none()) {
                return Some((protocol, port));
            }
            self.again.pop_front();
        }
        self.todo.last().copied()
    }

    /// What [`Self::next`] gave was asked.
    pub(crate) fn asked(&mut self, now: Instant) {
        let next = self.again.pop_front().or_else(|| self.todo.pop());
        let Some((protocol, port)) = next else { return };
        self.bucket.take(now);
        if let Some(slot) = self.slot(protocol, port) {
            slot.tries = slot.tries.saturating_add(1);
            slot.sent = Some(now);
        }
        self.waiting.push_back((now, protocol, port));
    }

    /// An answer came; whether it says something new.
    pub(crate) fn answered(
        &mut self,
        protocol: Protocol,
        port: u16,
        (state, reason): (PortState, &'static str),
        now: Instant,
    ) -> bool {
        let Some(slot) = self.slot(protocol, port) else { return false };
        // Nobody asked.
        let Some(sent) = slot.sent else { return false };
        // An answer of the host goes before one of the way to it.
        if slot.state.is_some_and(|(known, _)| known >= state) {
            return false;
        }
        let first = slot.state.is_none();
        slot.state = Some((state, reason));
        slot.told = false;
        let tries = slot.tries;
        if first {
            self.left = self.left.saturating_sub(1);
        }
        if state.answered() {
            if tries == 1 {
                // Of what was asked twice it is not known which was answered (Karn).
                self.timing.took(now.saturating_duration_since(sent));
            } else if !self.lossy {
                self.lossy = true;
                self.tries = (self.tries + 1).min(MOST_TRIES);
            }
        }
        true
    }

    /// Gives up what has waited long enough, to be asked again or for good; tells of
    /// each what is no longer waited for.
    pub(crate) fn overdue(&mut self, now: Instant, mut forget: impl FnMut(Protocol, u16)) {
        let patience = self.timing.patience();
        while let Some(&(sent, protocol, port)) = self.waiting.front() {
            if now.saturating_duration_since(sent) < patience {
                break;
            }
            self.waiting.pop_front();
            forget(protocol, port);
            let tries = self.tries;
            let Some(slot) = self.slot(protocol, port) else { continue };
            if slot.state.is_some() {
                continue;
            }
            if slot.tries < tries {
                self.again.push_back((protocol, port));
                continue;
            }
            slot.state = Some(match protocol {
                Protocol::Udp => (PortState::OpenOrFiltered, "no-response"),
                Protocol::Tcp | Protocol::Icmp | Protocol::Icmpv6 | Protocol::Other(_) => {
                    (PortState::Filtered, "no-response")
                }
            });
            self.left = self.left.saturating_sub(1);
        }
    }

    /// How long until something is overdue.
    pub(crate) fn until_overdue(&self, now: Instant) -> Option<Duration> {
        let &(sent, _, _) = self.waiting.front()?;
        Some((sent + self.timing.patience()).saturating_duration_since(now))
    }

    /// Ports that have no state yet.
    pub(crate) fn left(&self) -> usize {
        self.left
    }

    /// All its ports.
    pub(crate) fn all(&self) -> usize {
        self.all
    }

    /// Whether something is still to be asked.
    pub(crate) fn has_more(&self) -> bool {
        !self.todo.is_empty() || !self.again.is_empty()
    }

    /// Whether it is known what all its ports do.
    pub(crate) fn is_done(&self) -> bool {
        self.left == 0
    }

    /// What came of every port, in ranges.
    pub(crate) fn observations(&self) -> Vec<Observation> {
        self.of_slots(|_| true)
    }

    /// What came of ports since it was asked last, in ranges.
    pub(crate) fn news(&mut self) -> Vec<Observation> {
        let news = self.of_slots(|slot| !slot.told);
        for slot in self.slots.values_mut().flatten() {
            slot.told |= slot.state.is_some();
        }
        news
    }

    fn of_slots(&self, wanted: impl Fn(&Slot) -> bool) -> Vec<Observation> {
        let mut all: Vec<Observation> = Vec::new();
        for (&protocol, slots) in &self.slots {
            for (port, slot) in (0..=u16::MAX).zip(slots).filter(|(_, slot)| wanted(slot)) {
                let Some((state, reason)) = slot.state else { continue };
                if let Some(last) = all.last_mut()
                    && last.protocol == protocol
                    && last.state == state
                    && &*last.reason == reason
                    && last.ports.last().checked_add(1) == Some(port)
                    && let Ok(longer) = PortRange::new(last.ports.first(), port)
                {
                    last.ports = longer;
                    continue;
                }
                all.push(Observation {
                    address: self.address,
                    protocol,
                    ports: PortRange::single(port),
                    state,
                    reason: Arc::from(reason),
                    service: Arc::from(""),
                    tls: None,
                    file: 0,
                    line: None,
                });
            }
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(ports: &[u16], tries: u8, now: Instant) -> Host {
        let ports = ports.iter().map(|&port| (Protocol::Tcp, port)).collect();
        Host::new("192.0.2.1".parse().unwrap(), ports, (Rate::Unlimited, tries), now)
    }

    fn ask_all(host: &mut Host, now: Instant) -> Vec<u16> {
        let mut asked = Vec::new();
        while let Some((_, port)) = host.next() {
            host.asked(now);
            asked.push(port);
        }
        asked
    }

    const OPEN: (PortState, &str) = (PortState::Open, "syn-ack");

    #[test]
    fn one_packet_without_an_answer_proves_nothing() {
        let start = Instant::now();
        let mut host = host(&[22, 80], 2, start);
        assert_eq!(ask_all(&mut host, start), [22, 80]);
        assert!(host.answered(Protocol::Tcp, 22, OPEN, start + Duration::from_millis(5)));
        let later = start + Duration::from_secs(2);
        host.overdue(later, |_, _| {});
        assert!(!host.is_done());
        assert_eq!(ask_all(&mut host, later), [80]);
        host.overdue(later + Duration::from_secs(2), |_, _| {});
        assert!(host.is_done());
        let states: Vec<PortState> = host.observations().iter().map(|it| it.state).collect();
        assert_eq!(states, [PortState::Open, PortState::Filtered]);
    }

    #[test]
    fn what_was_lost_once_makes_all_that_is_silent_be_asked_once_more() {
        let start = Instant::now();
        let mut host = host(&[22, 80], 2, start);
        ask_all(&mut host, start);
        let later = start + Duration::from_secs(2);
        host.overdue(later, |_, _| {});
        ask_all(&mut host, later);
        assert!(host.answered(Protocol::Tcp, 22, OPEN, later + Duration::from_millis(5)));
        let last = later + Duration::from_secs(2);
        host.overdue(last, |_, _| {});
        assert_eq!(ask_all(&mut host, last), [80]);
    }

    #[test]
    fn news_are_told_once_and_again_if_they_change() {
        let start = Instant::now();
        let mut host = host(&[22, 80], 1, start);
        ask_all(&mut host, start);
        assert!(host.answered(Protocol::Tcp, 22, (PortState::Filtered, "host-unreach"), start));
        let ports = |seen: Vec<Observation>| -> Vec<(u16, PortState)> {
            seen.iter().map(|it| (it.ports.first(), it.state)).collect()
        };
        assert_eq!(ports(host.news()), [(22, PortState::Filtered)]);
        assert_eq!(ports(host.news()), []);
        assert!(host.answered(Protocol::Tcp, 22, OPEN, start));
        assert_eq!(ports(host.news()), [(22, PortState::Open)]);
    }

    #[test]
    fn a_late_answer_counts_and_an_unasked_one_does_not() {
        let start = Instant::now();
        let mut host = host(&[22], 1, start);
        assert!(!host.answered(Protocol::Tcp, 22, OPEN, start));
        ask_all(&mut host, start);
        host.overdue(start + Duration::from_secs(4), |_, _| {});
        assert!(host.is_done());
        assert!(host.answered(Protocol::Tcp, 22, OPEN, start + Duration::from_secs(5)));
        assert_eq!(host.observations()[0].state, PortState::Open);
    }
}
