//! The one place where the command line meets the engine room: loading, open
//! ports, explanations, and what could not be known.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use portolan::audit::{AuditOptions, Excuses, Known, audit, except};
use portolan::chart::{ChartOptions, chart};
use portolan::model::{ComponentId, Direction, Locate, Network, NetworkInterfaceId};
use portolan::net::IpSet;
use portolan::observed::{Listener, Scan};
use portolan::reach::blast::{Blast, BlastOptions, blast_radius, can_start};
use portolan::reach::explain::{ExplainError, explain, limitations, no_such_place};
use portolan::reach::exposure::{self, PortsOptions, SourcesMode};
use portolan::reach::place::{PortFilter, PortFilterError, Selector, Zones, nearest};
use portolan::record::chart::Chart;
use portolan::record::{
    Audience, Compared, Coverage, Explanation, Finding, LimitationRecord, Port, PortClass,
    Verification,
};
use portolan::verify::{self, Target, Vantage};
use portolan::who::{AddressBook, AwsRanges, Portion};
use portolan_ingest::{LoadOptions, Loaded, load, load_bytes};

use crate::batch::Cell;
use crate::error::Error;
use crate::progress::Progress;
use crate::source::Source;

/// A loaded estate and the zones that questions may name.
pub(crate) struct Estate {
    loaded: Loaded,
    zones: Zones,
    /// AWS's own ranges, where they were given.
    ranges: Option<Arc<AwsRanges>>,
}

/// Something odd, for stderr.
pub(crate) struct WarningLine {
    /// Warnings of one kind are counted together.
    pub(crate) kind: String,
    /// File, place, thing and message.
    pub(crate) text: String,
}

/// What `ports` is asked.
#[derive(Clone, Debug, Default)]
pub(crate) struct PortsQuery {
    pub(crate) from: Vec<String>,
    pub(crate) to: Vec<String>,
    pub(crate) port: Option<String>,
    /// Which ways peers come; none: all.
    pub(crate) audiences: BTreeSet<Audience>,
    pub(crate) outbound: bool,
    /// Whether members of groups are listed by address.
    pub(crate) addresses: bool,
}

/// What `blast-radius` is asked.
#[derive(Clone, Debug, Default)]
pub(crate) struct BlastQuery {
    pub(crate) from: Vec<String>,
    pub(crate) to: Vec<String>,
    pub(crate) ports: Vec<String>,
    pub(crate) hops: Option<u32>,
}

impl PortsQuery {
    /// Whether less than everything is asked for.
    pub(crate) fn is_filter(&self) -> bool {
        let Self { from, to, port, audiences, .. } = self;
        !from.is_empty() || !to.is_empty() || port.is_some() || !audiences.is_empty()
    }
}

/// Why a question has no answer.
pub(crate) enum Unanswered {
    /// A cell can't be read.
    Unreadable(Cell, String),
    /// Nothing has the name.
    NoSuchPlace { text: String, nearest: Vec<String> },
}

impl Estate {
    /// Reads a source, what is merged into it, and the zones.
    pub(crate) fn load(
        source: &Source,
        with: &[PathBuf],
        zones: &BTreeMap<String, Vec<String>>,
        progress: &Progress,
    ) -> Result<Self, Error> {
        let zones = read_zones(zones)?;
        let loaded = match source {
            Source::Path(path) => {
                let paths: Vec<&Path> =
                    std::iter::once(path.as_path()).chain(with.iter().map(AsRef::as_ref)).collect();
                let tell = |so_far: portolan_ingest::Progress| {
                    progress.tell(so_far.bytes, so_far.of_bytes);
                };
                load(&paths, &LoadOptions { progress: Some(&tell), ..LoadOptions::default() })
            }
            Source::Stdin if with.is_empty() => {
                let mut bytes = Vec::new();
                std::io::stdin().lock().read_to_end(&mut bytes).map_err(Error::Stdin)?;
                load_bytes(vec![("stdin.json".to_owned(), bytes)])
            }
            Source::Stdin => return Err(Error::StdinWith),
        };
        let loaded = loaded.map_err(|error| Error::Load(error.to_string()))?;
        Ok(Self { loaded, zones, ranges: None })
    }

    /// The same with AWS's own ranges at hand.
    pub(crate) fn with_ranges(self, ranges: Option<AwsRanges>) -> Self {
        Self { ranges: ranges.map(Arc::new), ..self }
    }

    fn network(&self) -> &Network {
        &self.loaded.network
    }

    /// The network itself, for what is done with it as a whole.
    pub(crate) fn model(&self) -> &Network {
        self.network()
    }

    /// The interfaces that selectors name; `None`: there are no selectors.
    pub(crate) fn chosen(
        &self,
        flag: &str,
        texts: &[String],
    ) -> Result<Option<BTreeSet<(ComponentId, NetworkInterfaceId)>>, Error> {
        let selectors = self.selectors(flag, texts)?;
        Ok((!texts.is_empty()).then(|| self.interfaces(&selectors)))
    }

    fn locate(&self) -> &(dyn Locate + Sync) {
        &self.loaded.sources
    }

    /// What was judged and what was not.
    pub(crate) fn coverage(&self) -> Coverage {
        exposure::coverage(self.network())
    }

    /// What answers about the whole source can't know.
    pub(crate) fn limitations(&self) -> Vec<LimitationRecord> {
        limitations(self.network(), self.locate())
    }

    /// What was odd and changes no answer.
    pub(crate) fn warnings(&self) -> Vec<WarningLine> {
        let network = self.network();
        let line = |warning: &portolan::model::Warning| {
            let located = warning.place.map(|place| self.locate().locate(place));
            let located = located.unwrap_or_default();
            let file = match located.line {
                Some(line) => format!("{}:{line}: ", located.file),
                None if located.at.is_empty() => String::new(),
                None => format!("{}: ", located.at),
            };
            let about = match network.text(warning.about) {
                "" => String::new(),
                about => format!("{about}: "),
            };
            WarningLine {
                kind: kind(&warning.message),
                text: format!("{file}{about}{}", warning.message),
            }
        };
        network.warnings.iter().map(line).collect()
    }

    /// The open ports of all interfaces: what `print` makes of those of one, in
    /// order, while others are worked on.
    pub(crate) fn ports<R: Send>(
        &self,
        query: &PortsQuery,
        print: &(dyn Fn(Vec<Port>) -> R + Sync),
        take: &mut dyn FnMut(R),
    ) -> Result<(), Error> {
        exposure::ports(self.network(), self.locate(), &self.options(query)?, print, take);
        Ok(())
    }

    /// The same by class of equal interfaces.
    pub(crate) fn port_classes<R: Send>(
        &self,
        query: &PortsQuery,
        print: &(dyn Fn(Vec<PortClass>) -> R + Sync),
        take: &mut dyn FnMut(R),
    ) -> Result<(), Error> {
        exposure::port_classes(self.network(), self.locate(), &self.options(query)?, print, take);
        Ok(())
    }

    /// What somebody who holds some places can open next.
    pub(crate) fn blast_radius(&self, query: &BlastQuery) -> Result<Blast, Error> {
        let mut ports: Option<Vec<_>> = (!query.ports.is_empty()).then(Vec::new);
        for text in &query.ports {
            let filter = PortFilter::filter(text).map_err(|error| Error::Unreadable {
                what: "--port".to_owned(),
                reason: error.to_string(),
            })?;
            let matches = filter.matches().unwrap_or_else(|| vec![portolan::net::Match::All]);
            ports.iter_mut().for_each(|ports| ports.extend(&matches));
        }
        let from = self.selectors("FROM", &query.from)?;
        for (selector, text) in from.iter().zip(&query.from) {
            if !can_start(self.network(), selector, &self.zones) {
                let what = format!("FROM `{text}`");
                let reason =
                    "no host is called so, and nobody holds a load balancer or an endpoint";
                return Err(Error::Unreadable { what, reason: reason.to_owned() });
            }
        }
        let options = BlastOptions {
            from,
            zones: self.zones.clone(),
            to: self.chosen("--to", &query.to)?,
            ports,
            hops: query.hops,
        };
        Ok(blast_radius(self.network(), self.locate(), &options))
    }

    /// The chart, which looks closely at what is in focus.
    pub(crate) fn chart(&self, focus: &[String]) -> Result<Chart, Error> {
        let selectors = self.selectors("--focus", focus)?;
        let options = ChartOptions {
            zones: self.zones.clone(),
            focus: (!focus.is_empty()).then(|| self.interfaces(&selectors)),
            asked: focus.to_vec(),
        };
        Ok(chart(self.network(), self.locate(), &options))
    }

    fn options(&self, query: &PortsQuery) -> Result<PortsOptions, Error> {
        let from: Vec<Selector> = self.selectors("--from", &query.from)?;
        let to: Vec<Selector> = self.selectors("--to", &query.to)?;
        let ports: Option<Result<_, Error>> = query.port.as_deref().map(|text| {
            let unreadable = |error: PortFilterError| Error::Unreadable {
                what: "--port".to_owned(),
                reason: error.to_string(),
            };
            Ok(PortFilter::filter(text).map_err(unreadable)?.matches())
        });
        // Inbound the far side sends and the near side is ours; outbound the other way round.
        let (far, near) = if query.outbound { (&to, &from) } else { (&from, &to) };
        Ok(PortsOptions {
            direction: if query.outbound { Direction::Egress } else { Direction::Ingress },
            from: (!far.is_empty()).then(|| self.addresses(far)),
            to: (!near.is_empty()).then(|| self.interfaces(near)),
            ports: ports.transpose()?.flatten(),
            audiences: (!query.audiences.is_empty()).then(|| query.audiences.clone()),
            sources: if query.addresses { SourcesMode::Addresses } else { SourcesMode::Rules },
            through: true,
        })
    }

    fn selectors(&self, flag: &str, texts: &[String]) -> Result<Vec<Selector>, Error> {
        let read = |text: &String| {
            let selector = Selector::parse(text).map_err(|error| Error::Unreadable {
                what: flag.to_owned(),
                reason: error.to_string(),
            })?;
            if selector.names_something(self.network(), &self.zones) {
                return Ok(selector);
            }
            let nearest = nearest(self.network(), &self.zones, text);
            Err(Error::NoSuchPlace { text: text.clone(), nearest })
        };
        texts.iter().map(read).collect()
    }

    fn addresses(&self, selectors: &[Selector]) -> IpSet {
        let each = selectors.iter().map(|one| one.addresses(self.network(), &self.zones));
        each.reduce(|one, other| one.union(&other)).unwrap_or_default()
    }

    fn interfaces(&self, selectors: &[Selector]) -> BTreeSet<(ComponentId, NetworkInterfaceId)> {
        selectors.iter().flat_map(|one| one.interfaces(self.network(), &self.zones)).collect()
    }

    /// All findings, the worst first.
    pub(crate) fn audit(&self) -> Vec<Finding> {
        let options = AuditOptions {
            zones: self.zones.clone(),
            aws: self.ranges.clone(),
            now: Some(jiff::Timestamp::now().as_second()),
            ..AuditOptions::default()
        };
        audit(self.network(), self.locate(), &options)
    }

    /// Notes on each finding what allows it; gives those of the baseline that are gone.
    pub(crate) fn except(&self, excuses: &Excuses, findings: &mut Vec<Finding>) -> Vec<Known> {
        except(self.network(), excuses, findings)
    }

    /// May FROM reach PORT of TO, why, or why not?
    pub(crate) fn explain(
        &self,
        from: &str,
        to: &str,
        port: &str,
    ) -> Result<Explanation, Unanswered> {
        readable(from, to, port)?;
        match explain(self.network(), &self.zones, self.locate(), from, to, port) {
            Ok(answer) => Ok(answer),
            Err(ExplainError::NoSuchPlace { text, nearest }) => {
                Err(Unanswered::NoSuchPlace { text, nearest })
            }
            Err(error @ ExplainError::Selector(_)) => {
                Err(Unanswered::Unreadable(Cell::From, error.to_string()))
            }
            Err(error @ ExplainError::Port(_)) => {
                Err(Unanswered::Unreadable(Cell::Port, error.to_string()))
            }
        }
    }

    /// Whose addresses are.
    pub(crate) fn book(&self) -> AddressBook<'_> {
        AddressBook::of(self.network(), &self.zones, self.ranges.as_deref())
    }

    /// What was seen from a place beside what the source says of it.
    pub(crate) fn verify(
        &self,
        from: &str,
        scan: &Scan,
    ) -> Result<(Vec<Verification>, Compared), Error> {
        let from = self.vantage(from)?;
        Ok(verify::verify(self.network(), &self.zones, self.locate(), &from, scan))
    }

    /// What listens on a host beside what is open to anyone.
    pub(crate) fn verify_listeners(
        &self,
        host: &str,
        file: &str,
        listeners: &[Listener],
    ) -> Result<(Vec<Verification>, Compared), Error> {
        let scan = verify::listening(self.network(), &self.zones, host, file, listeners)
            .map_err(|error| unplaced("--listeners", error))?;
        Ok(verify::verify_listeners(self.network(), &self.zones, self.locate(), &scan))
    }

    /// The addresses that can be probed from a place.
    pub(crate) fn targets(&self, from: &str) -> Result<Vec<Target>, Error> {
        let from = self.vantage(from)?;
        Ok(verify::targets(self.network(), &self.zones, self.locate(), &from))
    }

    /// The ids of the interfaces that a selector names.
    pub(crate) fn interface_ids(&self, flag: &str, text: &str) -> Result<BTreeSet<String>, Error> {
        let selectors = self.selectors(flag, &[text.to_owned()])?;
        let network = self.network();
        let id = |(component, interface): (ComponentId, NetworkInterfaceId)| {
            network.text(network.components[component].interface(interface).id()).to_owned()
        };
        Ok(self.interfaces(&selectors).into_iter().map(id).collect())
    }

    /// The place from which something was, or is to be, probed.
    fn vantage(&self, from: &str) -> Result<Vantage, Error> {
        Vantage::parse(self.network(), &self.zones, from).map_err(|error| unplaced("--from", error))
    }

    /// Whose public addresses are that a question names, in words, where that is known.
    pub(crate) fn whose(&self, text: &str) -> Vec<String> {
        let addresses = match Selector::parse(text) {
            Ok(Selector::Address(address)) => IpSet::single(address),
            Ok(Selector::Cidr(cidr)) => IpSet::from_cidr(cidr),
            Ok(_) | Err(_) => return Vec::new(),
        };
        let internet = Selector::Internet.addresses(self.network(), &self.zones);
        let public = addresses.intersection(&internet);
        let portions = self.book().who(&public, None);
        let known = portions.iter().filter(|portion| portion.who.is_somebody());
        known.map(Portion::label).collect()
    }

    /// The answer to a row of a batch that names nothing: it is not known.
    pub(crate) fn nowhere(from: &str, to: &str, port: &str, text: &str) -> Explanation {
        no_such_place(from, to, port, text)
    }
}

/// A flag that names no place.
fn unplaced(flag: &str, error: ExplainError) -> Error {
    match error {
        ExplainError::NoSuchPlace { text, nearest } => Error::NoSuchPlace { text, nearest },
        error @ (ExplainError::Selector(_) | ExplainError::Port(_)) => {
            Error::Unreadable { what: flag.to_owned(), reason: error.to_string() }
        }
    }
}

/// Whether all three can be read, before anything is answered.
pub(crate) fn readable(from: &str, to: &str, port: &str) -> Result<(), Unanswered> {
    let place = |cell, text| match Selector::parse(text) {
        Ok(_) => Ok(()),
        Err(error) => Err(Unanswered::Unreadable(cell, error.to_string())),
    };
    place(Cell::From, from)?;
    place(Cell::To, to)?;
    match PortFilter::question(port) {
        Ok(_) => Ok(()),
        Err(error) => Err(Unanswered::Unreadable(Cell::Port, error.to_string())),
    }
}

/// The zones of the configuration, read.
pub(crate) fn read_zones(zones: &BTreeMap<String, Vec<String>>) -> Result<Zones, Error> {
    let mut read = Zones::default();
    for (name, selectors) in zones {
        let members: Result<Vec<Selector>, Error> = selectors
            .iter()
            .map(|text| {
                Selector::parse(text).map_err(|error| Error::Unreadable {
                    what: format!("zone `{name}`"),
                    reason: error.to_string(),
                })
            })
            .collect();
        read.zones.insert(name.clone(), members?);
    }
    Ok(read)
}

/// A message without what differs from case to case: quoted things and numbers.
fn kind(message: &str) -> String {
    let unquoted: String = message.split('`').step_by(2).collect::<Vec<_>>().join("…");
    unquoted.chars().filter(|c| !c.is_ascii_digit()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_that_differ_in_things_are_of_one_kind() {
        assert_eq!(kind("unknown field `A` (12)"), kind("unknown field `B` (7)"));
        assert_ne!(kind("unknown field `A`"), kind("host bits in `A`"));
    }
}
