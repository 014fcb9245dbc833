//! What an outcome means, and what to look at: in words, for people.

use std::net::IpAddr;

use crate::observed::PortState;
use crate::record::{Expected, Outcome};

/// What was put side by side.
#[derive(Clone, Copy, Debug)]
pub(super) struct Compared<'a> {
    pub(super) expected: Expected,
    pub(super) observed: PortState,
    pub(super) reason: &'a str,
    pub(super) from: &'a str,
    pub(super) to: IpAddr,
    /// Told by the host itself: what listens.
    pub(super) inside: bool,
    pub(super) instance: &'a str,
}

/// What comes of two views.
///
/// A refusal proves that the packet got there; silence proves nothing about a port
/// that is open to some only, and nothing at all where an open port may be silent.
pub(super) fn outcome(expected: Expected, observed: PortState, inside: bool) -> Outcome {
    use PortState as Seen;
    if inside {
        return match (expected, observed) {
            (Expected::Open | Expected::Partly, Seen::Closed) => Outcome::NobodyListens,
            (Expected::Unknown, _) => Outcome::Unproven,
            (Expected::Open | Expected::Partly | Expected::Closed, _) => Outcome::Agrees,
        };
    }
    match (expected, observed) {
        (_, Seen::Unknown) => Outcome::Unproven,
        (Expected::Closed, Seen::Open) => Outcome::OpenUnexpectedly,
        (Expected::Closed, Seen::Closed | Seen::Unfiltered) => Outcome::AnswersUnexpectedly,
        (Expected::Closed, Seen::Filtered | Seen::ClosedOrFiltered | Seen::OpenOrFiltered) => {
            Outcome::Agrees
        }
        (Expected::Open | Expected::Partly, Seen::Open | Seen::Unfiltered) => Outcome::Agrees,
        (Expected::Open | Expected::Partly, Seen::Closed) => Outcome::NobodyListens,
        (Expected::Open, Seen::Filtered | Seen::ClosedOrFiltered) => Outcome::NoAnswer,
        (Expected::Partly, Seen::Filtered | Seen::ClosedOrFiltered)
        | (Expected::Open | Expected::Partly | Expected::Unknown, Seen::OpenOrFiltered)
        | (Expected::Unknown, Seen::ClosedOrFiltered) => Outcome::Unproven,
        (Expected::Unknown, Seen::Open | Seen::Closed | Seen::Unfiltered) => Outcome::ResolvedOpen,
        (Expected::Unknown, Seen::Filtered) => Outcome::ResolvedClosed,
    }
}

/// A vantage point in a sentence.
fn place(from: &str) -> &str {
    if from == "internet" { "the internet" } else { from }
}

/// What an outcome means.
pub(super) fn means(outcome: Outcome, compared: &Compared<'_>) -> String {
    let Compared { expected, observed, reason, inside, .. } = *compared;
    let from = place(compared.from);
    let text = match outcome {
        Outcome::OpenUnexpectedly => {
            return format!(
                "configured as closed to {from}, and it answers: what is in force is not what the \
                 source says"
            );
        }
        Outcome::AnswersUnexpectedly => {
            return format!(
                "configured as closed to {from}, and the host refused by itself ({reason}): the \
                 packet got there"
            );
        }
        Outcome::NoAnswer => "the network lets it through, and nothing comes back",
        Outcome::NobodyListens if inside => "open, and nobody listens: close it",
        Outcome::NobodyListens => {
            "the network lets it through, and the host refuses: nobody listens"
        }
        Outcome::ResolvedOpen if observed == PortState::Open => {
            "the source does not show whether it is open; it is"
        }
        Outcome::ResolvedOpen => {
            "the source does not show whether it is open; packets get through, and nobody listens"
        }
        Outcome::ResolvedClosed => {
            "the source does not show whether it is open; nothing comes back, as if it were closed"
        }
        Outcome::Unproven if inside => "the source does not show whether it is open",
        Outcome::Unproven if observed == PortState::OpenOrFiltered => {
            "an open port may say nothing to such a probe: it proves nothing"
        }
        Outcome::Unproven if observed == PortState::Unknown => {
            "the scanner does not say what it saw at this port"
        }
        Outcome::Unproven if expected == Expected::Partly => {
            "open to some senders or client ports only; whether these asked is not known"
        }
        Outcome::Unproven => "what was seen proves nothing",
        Outcome::NotScanned => "should be open from there, and was not probed",
        Outcome::NotInSource => "no address of the source",
        Outcome::Agrees => match (expected, observed) {
            (Expected::Closed, PortState::Open) => "listens, and the network keeps it closed",
            (Expected::Closed, _) => "closed, as configured",
            (_, PortState::Open) => "open, as configured",
            (Expected::Open | Expected::Partly | Expected::Unknown, _) => {
                "packets get through, as configured"
            }
        },
    };
    text.to_owned()
}

/// What to look at, the likeliest first.
pub(super) fn check(outcome: Outcome, compared: &Compared<'_>) -> Vec<String> {
    let Compared { expected, to, inside, instance, .. } = *compared;
    let from = place(compared.from);
    let by = match to {
        IpAddr::V4(_) if super::expect::is_private(to) => "addresses.private-ip-address",
        IpAddr::V4(_) => "association.public-ip",
        IpAddr::V6(_) => "ipv6-addresses.ipv6-address",
    };
    match outcome {
        Outcome::OpenUnexpectedly | Outcome::AnswersUnexpectedly => vec![
            "is the source older than the scan? collect it again".to_owned(),
            format!(
                "who holds the address now: aws ec2 describe-network-interfaces --filters \
                 Name={by},Values={to}"
            ),
            match compared.from {
                "internet" => "the scanner may be among those to whom it is open: name with \
                               --from the address that it had"
                    .to_owned(),
                _ => format!("was the scan made from {from}? name with --from where it was"),
            },
            "does a proxy, firewall or load balancer on the scanner's way answer for it?"
                .to_owned(),
        ],
        Outcome::NoAnswer => {
            let mut look = vec![
                match instance {
                    "" => {
                        "is the host up, and does it listen at this address: ss -Htuln".to_owned()
                    }
                    instance => {
                        format!("is {instance} up, and does it listen at this address: ss -Htuln")
                    }
                },
                "a firewall on the host itself: nft list ruleset, netsh advfirewall".to_owned(),
                format!("does the network of {from} let such packets out?"),
            ];
            if expected == Expected::Partly {
                look.push("is the scanner among those to whom it is open?".to_owned());
            }
            look
        }
        Outcome::NobodyListens if inside => {
            vec!["close it, or start what should listen".to_owned()]
        }
        Outcome::NobodyListens => vec![
            "close it if nothing should listen there".to_owned(),
            "is the service down, or bound to another address: ss -Htuln".to_owned(),
        ],
        Outcome::ResolvedOpen | Outcome::ResolvedClosed => {
            vec!["collect what the source lacks, to be sure".to_owned()]
        }
        Outcome::Unproven if expected == Expected::Partly => {
            vec!["name with --from the address that the scan was made from".to_owned()]
        }
        Outcome::NotScanned => vec!["scan these ports too".to_owned()],
        Outcome::Unproven | Outcome::NotInSource | Outcome::Agrees => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_open_port_is_never_shown_as_in_order_where_it_should_be_closed() {
        for observed in [PortState::Open, PortState::Closed, PortState::Unfiltered] {
            assert!(outcome(Expected::Closed, observed, false).is_alarm(), "{observed:?}");
        }
    }

    #[test]
    fn silence_closes_only_what_would_have_spoken() {
        assert_eq!(outcome(Expected::Open, PortState::Filtered, false), Outcome::NoAnswer);
        assert_eq!(outcome(Expected::Partly, PortState::Filtered, false), Outcome::Unproven);
        for expected in [Expected::Open, Expected::Partly, Expected::Unknown] {
            assert_eq!(outcome(expected, PortState::OpenOrFiltered, false), Outcome::Unproven);
        }
        assert_eq!(outcome(Expected::Unknown, PortState::Filtered, false), Outcome::ResolvedClosed);
    }

    #[test]
    fn a_listener_behind_a_closed_port_is_in_order() {
        assert_eq!(outcome(Expected::Closed, PortState::Open, true), Outcome::Agrees);
        assert_eq!(outcome(Expected::Partly, PortState::Closed, true), Outcome::NobodyListens);
    }
}
