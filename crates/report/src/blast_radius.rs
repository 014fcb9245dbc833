//! What a report of `blast-radius` is about, and its records as rows.

use portolan::record::{
    BlastSummary, Coverage, LimitationRecord, OutwardWay, Reached, ReachedKind, Step, Within,
};

use crate::csv::{Row, word};
use crate::human::place;
use crate::refusal;
use crate::words::{count, some_of};

/// A report of `blast-radius`.
#[derive(Clone, Copy, Debug)]
pub struct BlastReport<'a> {
    /// The source as it was given.
    pub source: &'a str,
    /// From where, as asked.
    pub from: &'a [String],
    /// To where, as asked; empty: to anybody.
    pub to: &'a [String],
    /// In numbers.
    pub summary: &'a BlastSummary,
    /// The records, the nearest first.
    pub records: &'a [Reached],
    /// What was judged.
    pub coverage: &'a Coverage,
    /// What the answer can't know.
    pub limitations: &'a [LimitationRecord],
}

impl BlastReport<'_> {
    /// One sentence of how far it goes.
    #[must_use]
    pub fn sentence(&self) -> String {
        let BlastSummary { held, certain, possible, out_of_reach, most_hops, .. } = *self.summary;
        let from = some_of(self.from, 3);
        let mut text = match (certain, possible) {
            (0, 0) => format!("from {from} no host is within reach"),
            (0, _) => format!("from {from} {} perhaps within reach", hosts(possible)),
            (_, 0) => format!("from {from} {} within reach", hosts(certain)),
            _ => {
                format!("from {from} {} within reach, and perhaps {possible} more", hosts(certain))
            }
        };
        if certain + possible > 0 {
            text += &format!(", at most {} away", count(most_hops.into(), "hop", "hops"));
        }
        text += &format!("; {} out of reach", count(out_of_reach, "host is", "hosts are"));
        if held > 1 {
            text += &format!(" ({held} are held from the start)");
        }
        text
    }

    /// One sentence of the way out.
    #[must_use]
    pub fn way_out(&self) -> String {
        let BlastSummary { held, certain, possible, online, perhaps_online, .. } = *self.summary;
        let all = held + certain + possible;
        if all == 0 {
            return String::new();
        }
        let perhaps = match perhaps_online {
            0 => String::new(),
            more => format!(", {more} more perhaps"),
        };
        match (online, perhaps_online) {
            (0, 0) => "none of them opens connections to the internet".to_owned(),
            (0, more) => format!("{more} of these {all} perhaps open connections to the internet"),
            _ => format!("{online} of these {all} open connections to the internet{perhaps}"),
        }
    }

    /// The verdict on all that was asked for.
    #[must_use]
    pub fn verdict(&self) -> Within {
        let within = self.records.iter().map(|record| record.within);
        within.min().unwrap_or(Within::No)
    }
}

fn hosts(number: u64) -> String {
    count(number, "host is", "hosts are")
}

/// Records that differ by who they are alone.
pub(crate) struct Alike<'r> {
    pub(crate) first: &'r Reached,
    pub(crate) all: Vec<&'r Reached>,
}

/// Equal hosts together, in order.
pub(crate) fn alike(records: &[Reached]) -> Vec<Alike<'_>> {
    let mut groups: Vec<Alike<'_>> = Vec::new();
    let mut known = std::collections::BTreeMap::new();
    for record in records {
        let last = record.path.last();
        let key = (
            record.hops.is_none(),
            record.hops,
            record.within,
            record.kind,
            &record.vpc,
            &record.groups,
            last.map(|step| (&step.from, &step.ports, step.through.as_ref(), step.requests)),
            record.outward.as_ref().map(|out| (out.internet, out.network)),
            &record.held_by,
        );
        match known.get(&key).copied().and_then(|at: usize| groups.get_mut(at)) {
            Some(group) => group.all.push(record),
            None => {
                known.insert(key, groups.len());
                groups.push(Alike { first: record, all: vec![record] });
            }
        }
    }
    groups
}

impl Alike<'_> {
    /// `app-1 and 2 alike`.
    pub(crate) fn name(&self) -> String {
        let first = called(self.first);
        match self.all.len().saturating_sub(1) {
            0 => first,
            more => format!("{first} and {more} alike"),
        }
    }
}

/// The name, else the id.
pub(crate) fn called(record: &Reached) -> String {
    [&record.name, &record.instance, record.interfaces.first().unwrap_or(&record.vpc)]
        .into_iter()
        .find(|text| !text.is_empty())
        .cloned()
        .unwrap_or_default()
}

/// A list of ports for people: all of a protocol in a word, at most six.
pub(crate) fn ports(ports: &[String]) -> String {
    let whole = ["tcp/0-65535", "udp/0-65535", "other"];
    if whole.iter().all(|all| ports.iter().any(|port| port == all)) {
        return "everything".to_owned();
    }
    let words: Vec<String> = ports
        .iter()
        .map(|port| match port.split_once('/') {
            Some((protocol, "0-65535")) => format!("all of {protocol}"),
            _ => port.clone(),
        })
        .collect();
    some_of(&words, 6)
}

/// Who opened the last hop.
pub(crate) fn from(step: &Step) -> String {
    if step.from_name.is_empty() { step.from.clone() } else { step.from_name.clone() }
}

/// What is odd about a hop.
pub(crate) fn by(record: &Reached) -> String {
    let Some(step) = record.path.last() else { return String::new() };
    let mut notes = Vec::new();
    if let Some(through) = &step.through {
        let how = if step.requests { "asked by" } else { "through" };
        notes.push(format!("{how} load balancer {} at {}", through.load_balancer, through.port));
    }
    if step.outside {
        notes.push("by way of the outside".to_owned());
    }
    match record.kind {
        ReachedKind::Host => {}
        ReachedKind::Endpoint => notes.push("an endpoint: nobody goes on from it".to_owned()),
        ReachedKind::LoadBalancer => {
            notes.push("a load balancer: nobody goes on from it".to_owned());
        }
    }
    notes.join(", ")
}

/// The way out, in a few words.
pub(crate) fn outward(record: &Reached) -> String {
    let Some(outward) = &record.outward else { return String::new() };
    let ports = ports(&outward.internet_ports);
    let internet = match outward.internet {
        OutwardWay::Certain => format!("internet: {ports}"),
        OutwardWay::Possible => format!("internet, perhaps: {ports}"),
        OutwardWay::No => String::new(),
    };
    let network = match outward.network {
        OutwardWay::Certain => "networks",
        OutwardWay::Possible => "networks, perhaps",
        OutwardWay::No => "",
    };
    let both = [internet.as_str(), network].into_iter().filter(|text| !text.is_empty());
    let both: Vec<&str> = both.collect();
    if both.is_empty() { "nowhere".to_owned() } else { both.join("; ") }
}

/// What keeps somebody away: a line each.
pub(crate) fn held_by(record: &Reached) -> Vec<String> {
    let line = |by: &portolan::record::Blocker| {
        let stands = place(&by.file, by.line, &by.at);
        let stands = if stands.is_empty() { stands } else { format!(", {stands}") };
        format!("{}{stands}", refusal::clause(by))
    };
    record.held_by.iter().map(line).collect()
}

/// The whole way: `web-1 -tcp/8080-> app-1 -tcp/5432-> db-1`.
pub(crate) fn way(path: &[Step]) -> String {
    let mut text = String::new();
    for step in path {
        let through = match &step.through {
            Some(through) => format!(" through {}", through.load_balancer),
            None => String::new(),
        };
        let perhaps = match step.certainty {
            portolan::record::Certainty::Certain => "",
            portolan::record::Certainty::Possible => "?",
        };
        text += &format!("{} -{}{through}{perhaps}-> ", from(step), ports(&step.ports));
    }
    if let Some(last) = path.last() {
        text += if last.to_name.is_empty() { &last.to } else { &last.to_name };
    }
    text
}

impl Row for Reached {
    const COLUMNS: &'static [&'static str] = &[
        "hops",
        "within",
        "kind",
        "name",
        "instance",
        "interfaces",
        "account",
        "region",
        "vpc",
        "subnet",
        "groups",
        "addresses",
        "public_addresses",
        "ports",
        "possible_ports",
        "path",
        "outward_internet",
        "outward_internet_ports",
        "outward_network",
        "held_by",
    ];

    fn cells(&self) -> Vec<String> {
        let step = |step: &Step| {
            let through = step.through.as_ref();
            let through = through.map(|it| format!(" through {} {}", it.load_balancer, it.port));
            format!(
                "{} {} {} {}{}",
                step.from,
                step.to,
                step.address,
                step.ports.join(","),
                through.unwrap_or_default()
            )
        };
        let steps: Vec<String> = self.path.iter().map(step).collect();
        let outward = self.outward.as_ref();
        vec![
            self.hops.map_or_else(String::new, |hops| hops.to_string()),
            word(&self.within),
            word(&self.kind),
            self.name.clone(),
            self.instance.clone(),
            self.interfaces.join(" "),
            self.account.clone(),
            self.region.clone(),
            self.vpc.clone(),
            self.subnet.clone(),
            self.groups.join(" "),
            self.addresses.join(" "),
            self.public_addresses.join(" "),
            self.ports.join(" "),
            self.possible_ports.join(" "),
            steps.join("; "),
            outward.map_or_else(String::new, |out| word(&out.internet)),
            outward.map_or_else(String::new, |out| out.internet_ports.join(" ")),
            outward.map_or_else(String::new, |out| word(&out.network)),
            self.held_by
                .iter()
                .map(|by| format!("{} {} {}", by.code, by.id, by.rule))
                .collect::<Vec<_>>()
                .join("; "),
        ]
    }
}
