//! nmap's XML (`-oX`), of all versions since 5
//! (<https://nmap.org/book/nmap-dtd.html>).
//!
//! Ports that are many and alike nmap does not list: `extraports` says how many there
//! are in a state. Which ones is known if a newer nmap lists them (`extrareasons` with
//! `ports`), or if all ports that were asked for (`scaninfo`) and are not listed are of
//! that one state; else these ports are what all the states have in common.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use portolan::net::{PortRange, PortSet, Protocol};
use portolan::observed::{Observation, PortState, Scan, ScannedHost};
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::ObservedError;
use crate::error::count;

const HINT: &str = "give the file that `nmap -oX scan.xml …` wrote, whole and unchanged";
/// nmap nests six elements; scripts some more.
const MOST_DEPTH: usize = 64;
/// A port's service is for reading, not for storing pages.
const LONGEST_SERVICE: usize = 200;

pub(super) fn read(file: &str, text: &str) -> Result<Scan, ObservedError> {
    let mut reader = Reader::from_str(text);
    let mut run = Run::new(file, text);
    loop {
        let event = reader.read_event();
        run.at(usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX));
        let event = match event {
            Ok(event) => event,
            Err(error) => {
                run.at(usize::try_from(reader.error_position()).unwrap_or(usize::MAX));
                return Err(run.wrong(format!("not XML: {error}")));
            }
        };
        match event {
            Event::Start(element) => {
                run.open(&element)?;
                run.depth += 1;
                if run.depth > MOST_DEPTH {
                    return Err(run.wrong(format!("more than {MOST_DEPTH} elements in each other")));
                }
            }
            Event::Empty(element) => {
                run.open(&element)?;
                run.close(element.name().as_ref());
            }
            Event::End(element) => {
                run.depth = run.depth.saturating_sub(1);
                run.close(element.name().as_ref());
            }
            Event::DocType(doctype) => {
                // `<!DOCTYPE nmaprun>` is nmap's own; what follows could define entities.
                if doctype.contains(&b'[') {
                    return Err(run.wrong("a document type that defines entities is not read"));
                }
            }
            Event::GeneralRef(reference) => {
                let name = String::from_utf8_lossy(&reference).into_owned();
                let known = name.starts_with('#')
                    || ["lt", "gt", "amp", "apos", "quot"].contains(&name.as_str());
                if !known {
                    return Err(run.wrong(format!("the entity `{name}` is not one of XML's own")));
                }
            }
            Event::Text(_)
            | Event::CData(_)
            | Event::Comment(_)
            | Event::Decl(_)
            | Event::PI(_) => {}
            Event::Eof => return run.end(),
        }
    }
}

/// What was read so far.
struct Run<'t> {
    text: &'t str,
    scan: Scan,
    /// How far lines were counted, and the line there.
    counted: (usize, u64),
    depth: usize,
    /// Whether `nmaprun` was begun.
    begun: bool,
    ended: bool,
    /// The ports that were asked for.
    asked: BTreeMap<Protocol, PortSet>,
    host: Option<Host>,
    words: BTreeMap<String, Arc<str>>,
}

/// A host that is being read.
#[derive(Default)]
struct Host {
    addresses: Vec<IpAddr>,
    status: Option<(bool, String)>,
    ports: Vec<Port>,
    extra: Vec<Extra>,
    port: Option<Port>,
    line: u64,
}

struct Port {
    protocol: Protocol,
    port: u16,
    state: PortState,
    reason: Arc<str>,
    service: Arc<str>,
    line: u64,
}

/// Ports that were not listed.
struct Extra {
    state: PortState,
    count: u64,
    line: u64,
    reasons: Vec<Reasons>,
}

struct Reasons {
    reason: Arc<str>,
    ports: Option<(Protocol, PortSet)>,
}

impl<'t> Run<'t> {
    fn new(file: &str, text: &'t str) -> Self {
        Self {
            text,
            scan: Scan {
                files: vec![file.to_owned()],
                scanners: vec!["nmap".to_owned()],
                ..Scan::default()
            },
            counted: (0, 1),
            depth: 0,
            begun: false,
            ended: false,
            asked: BTreeMap::new(),
            host: None,
            words: BTreeMap::new(),
        }
    }

    /// Counts lines up to a byte.
    fn at(&mut self, offset: usize) {
        let (from, line) = self.counted;
        let between = self.text.as_bytes().get(from..offset).unwrap_or_default();
        let more = count(memchr::memchr_iter(b'\n', between).count());
        self.counted = (offset.max(from), line + more);
    }

    fn wrong(&self, reason: impl Into<String>) -> ObservedError {
        ObservedError::Content {
            file: self.scan.files.first().cloned().unwrap_or_default(),
            line: self.counted.1,
            reason: reason.into(),
            hint: HINT,
        }
    }

    fn warn(&mut self, line: u64, text: &str) {
        let file = self.scan.files.first().cloned().unwrap_or_default();
        self.scan.warnings.push(format!("{file}:{line}: {text}"));
    }

    fn word(&mut self, text: Cow<'_, str>) -> Arc<str> {
        if let Some(known) = self.words.get(&*text) {
            return Arc::clone(known);
        }
        let word: Arc<str> = text.as_ref().into();
        self.words.insert(text.into_owned(), Arc::clone(&word));
        word
    }

    /// An attribute, if it is there.
    fn attribute<'e>(
        &self,
        element: &'e BytesStart<'_>,
        name: &str,
    ) -> Result<Option<Cow<'e, str>>, ObservedError> {
        let attribute = element.try_get_attribute(name);
        let attribute = attribute.map_err(|error| self.wrong(format!("not XML: {error}")))?;
        let value = attribute
            .map(|attribute| attribute.normalized_value(XmlVersion::Explicit1_0))
            .transpose();
        value.map_err(|error| self.wrong(format!("the attribute `{name}`: {error}")))
    }

    fn needed<'e>(
        &self,
        element: &'e BytesStart<'_>,
        name: &str,
    ) -> Result<Cow<'e, str>, ObservedError> {
        self.attribute(element, name)?.ok_or_else(|| {
            let element = String::from_utf8_lossy(element.name().as_ref()).into_owned();
            self.wrong(format!("`{element}` without the attribute `{name}`"))
        })
    }

    fn open(&mut self, element: &BytesStart<'_>) -> Result<(), ObservedError> {
        let name = element.name();
        if !self.begun {
            if name.as_ref() != b"nmaprun" {
                let name = String::from_utf8_lossy(name.as_ref()).into_owned();
                return Err(self.wrong(format!("it begins with `{name}`, not with `nmaprun`")));
            }
            self.begun = true;
            return self.begin(element);
        }
        match name.as_ref() {
            b"scaninfo" => self.scan_info(element),
            b"host" if self.depth == 1 => {
                let line = self.counted.1;
                if let Some(start) = self.attribute(element, "starttime")? {
                    self.scan.started = earlier(self.scan.started, start.parse().ok());
                }
                if let Some(end) = self.attribute(element, "endtime")? {
                    self.scan.ended = self.scan.ended.max(end.parse().ok());
                }
                self.host = Some(Host { line, ..Host::default() });
                Ok(())
            }
            b"status" if self.depth == 2 && self.host.is_some() => {
                let up = self.needed(element, "state")? == "up";
                let reason = self.attribute(element, "reason")?.unwrap_or_default().into_owned();
                if let Some(host) = &mut self.host {
                    host.status = Some((up, reason));
                }
                Ok(())
            }
            b"address" if self.depth == 2 && self.host.is_some() => self.address(element),
            b"extraports" => self.extra_ports(element),
            b"extrareasons" => self.extra_reasons(element),
            b"port" if self.host.is_some() => self.port(element),
            b"state" => self.state(element),
            b"service" => self.service(element),
            b"finished" => {
                if let Some(time) = self.attribute(element, "time")? {
                    self.scan.ended = self.scan.ended.max(time.parse().ok());
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn begin(&mut self, element: &BytesStart<'_>) -> Result<(), ObservedError> {
        let scanner = self.attribute(element, "scanner")?.unwrap_or(Cow::Borrowed("nmap"));
        let version = self.attribute(element, "version")?.unwrap_or_default();
        self.scan.scanners = vec![format!("{scanner} {version}").trim().to_owned()];
        let start = self.attribute(element, "start")?;
        self.scan.started = start.and_then(|start| start.parse().ok());
        Ok(())
    }

    fn scan_info(&mut self, element: &BytesStart<'_>) -> Result<(), ObservedError> {
        let Some(protocol) = protocol(&self.needed(element, "protocol")?) else { return Ok(()) };
        let services = self.attribute(element, "services")?.unwrap_or_default();
        let ports =
            ports(&services).ok_or_else(|| self.wrong("the ports of `services` can't be read"))?;
        let known = self.asked.entry(protocol).or_default();
        *known = known.union(&ports);
        Ok(())
    }

    fn address(&mut self, element: &BytesStart<'_>) -> Result<(), ObservedError> {
        let kind = self.attribute(element, "addrtype")?.unwrap_or(Cow::Borrowed("ipv4"));
        if kind == "mac" {
            return Ok(());
        }
        let text = self.needed(element, "addr")?;
        let address: IpAddr =
            text.parse().map_err(|_| self.wrong(format!("`{text}` is no address")))?;
        if let Some(host) = &mut self.host {
            host.addresses.push(address.to_canonical());
        }
        Ok(())
    }

    fn port(&mut self, element: &BytesStart<'_>) -> Result<(), ObservedError> {
        let named = self.needed(element, "protocol")?;
        let number = self.needed(element, "portid")?;
        let port: u16 = number.parse().map_err(|_| self.wrong(format!("`{number}` is no port")))?;
        let (protocol, port) = match (protocol(&named), &*named) {
            (Some(protocol), _) => (protocol, port),
            // What stands for a port is the number of the protocol (`nmap -sO`).
            (None, "ip") => match u8::try_from(port) {
                Ok(number) => (Protocol::from_number(number), 0),
                Err(_) => return Err(self.wrong(format!("`{number}` is no protocol"))),
            },
            (None, _) => return Err(self.wrong(format!("`{named}` is no protocol of nmap"))),
        };
        // That TCP as a whole is let through says nothing of a port.
        let whole = &*named == "ip" && !matches!(protocol, Protocol::Other(_));
        let line = self.counted.1;
        let nothing: Arc<str> = self.word(Cow::Borrowed(""));
        if let Some(host) = &mut self.host
            && !whole
        {
            let (state, reason, service) = (PortState::Unknown, Arc::clone(&nothing), nothing);
            host.port = Some(Port { protocol, port, state, reason, service, line });
        }
        Ok(())
    }

    fn state(&mut self, element: &BytesStart<'_>) -> Result<(), ObservedError> {
        if self.host.as_ref().is_none_or(|host| host.port.is_none()) {
            return Ok(());
        }
        let text = self.needed(element, "state")?;
        let state = state(&text).ok_or_else(|| self.wrong(format!("the state `{text}`")))?;
        let reason = self.attribute(element, "reason")?.unwrap_or_default();
        let reason = self.word(reason);
        if let Some(port) = self.host.as_mut().and_then(|host| host.port.as_mut()) {
            (port.state, port.reason) = (state, reason);
        }
        Ok(())
    }

    fn service(&mut self, element: &BytesStart<'_>) -> Result<(), ObservedError> {
        if self.host.as_ref().is_none_or(|host| host.port.is_none()) {
            return Ok(());
        }
        let mut words = Vec::new();
        for name in ["name", "product", "version"] {
            words.extend(self.attribute(element, name)?.filter(|word| !word.is_empty()));
        }
        let service: String = words.join(" ").chars().take(LONGEST_SERVICE).collect();
        let service = self.word(Cow::Owned(service));
        if let Some(port) = self.host.as_mut().and_then(|host| host.port.as_mut()) {
            port.service = service;
        }
        Ok(())
    }

    fn extra_ports(&mut self, element: &BytesStart<'_>) -> Result<(), ObservedError> {
        let text = self.needed(element, "state")?;
        let state = state(&text).ok_or_else(|| self.wrong(format!("the state `{text}`")))?;
        let text = self.needed(element, "count")?;
        let count = text.parse().map_err(|_| self.wrong(format!("the count `{text}`")))?;
        let line = self.counted.1;
        if let Some(host) = &mut self.host {
            host.extra.push(Extra { state, count, line, reasons: Vec::new() });
        }
        Ok(())
    }

    fn extra_reasons(&mut self, element: &BytesStart<'_>) -> Result<(), ObservedError> {
        let reason = self.attribute(element, "reason")?.unwrap_or_default();
        let reason = self.word(reason);
        let listed = self.attribute(element, "ports")?;
        let named = self.attribute(element, "proto")?;
        let ports = match (listed, named.as_deref().and_then(protocol)) {
            (Some(listed), Some(protocol)) => {
                let ports = ports(&listed)
                    .ok_or_else(|| self.wrong("the ports of `extrareasons` can't be read"))?;
                Some((protocol, ports))
            }
            _ => None,
        };
        if let Some(extra) = self.host.as_mut().and_then(|host| host.extra.last_mut()) {
            extra.reasons.push(Reasons { reason, ports });
        }
        Ok(())
    }

    fn close(&mut self, name: &[u8]) {
        match name {
            b"port" => {
                if let Some(host) = &mut self.host {
                    host.ports.extend(host.port.take());
                }
            }
            b"host" if self.depth == 1 => {
                if let Some(host) = self.host.take() {
                    self.finish(&host);
                }
            }
            b"nmaprun" if self.depth == 0 => self.ended = true,
            _ => {}
        }
    }

    fn finish(&mut self, host: &Host) {
        let (up, reason) = host.status.clone().unwrap_or((true, String::new()));
        if host.addresses.is_empty() {
            self.warn(host.line, "a host without an IP address");
        }
        let rest = if up || !host.ports.is_empty() { self.rest(host) } else { Vec::new() };
        for &address in &host.addresses {
            self.scan.hosts.push(ScannedHost { address, up, reason: reason.clone() });
            for port in &host.ports {
                self.scan.observations.push(Observation {
                    address,
                    protocol: port.protocol,
                    ports: PortRange::single(port.port),
                    state: port.state,
                    reason: Arc::clone(&port.reason),
                    service: Arc::clone(&port.service),
                    tls: None,
                    file: 0,
                    line: Some(port.line),
                });
            }
            for extra in &rest {
                self.scan.observations.extend(extra.ports.ranges().map(|ports| Observation {
                    address,
                    protocol: extra.protocol,
                    ports,
                    state: extra.state,
                    reason: Arc::clone(&extra.reason),
                    service: Arc::clone(&extra.service),
                    tls: None,
                    file: 0,
                    line: Some(extra.line),
                }));
            }
        }
    }

    /// Which ports `extraports` speaks of.
    fn rest(&mut self, host: &Host) -> Vec<Rest> {
        let nothing = self.word(Cow::Borrowed(""));
        let mut rest = Vec::new();
        let mut left = self.asked.clone();
        for port in &host.ports {
            if let Some(of) = left.get_mut(&port.protocol) {
                *of = of.difference(&PortSet::from(PortRange::single(port.port)));
            }
        }
        let mut unlisted: Vec<&Extra> = Vec::new();
        for extra in &host.extra {
            let listed: Vec<&Reasons> =
                extra.reasons.iter().filter(|reasons| reasons.ports.is_some()).collect();
            if listed.is_empty() || listed.len() < extra.reasons.len() {
                unlisted.push(extra);
                continue;
            }
            for reasons in listed {
                let Some((protocol, ports)) = &reasons.ports else { continue };
                if let Some(of) = left.get_mut(protocol) {
                    *of = of.difference(ports);
                }
                rest.push(Rest {
                    protocol: *protocol,
                    ports: ports.clone(),
                    state: extra.state,
                    reason: Arc::clone(&reasons.reason),
                    service: Arc::clone(&nothing),
                    line: extra.line,
                });
            }
        }
        let Some(first) = unlisted.first() else { return rest };
        let counted = unlisted.iter().fold(0_u64, |sum, extra| sum.saturating_add(extra.count));
        let there: u64 = left.values().map(|ports| u64::from(ports.size())).sum();
        let mut state = common(unlisted.iter().map(|extra| extra.state));
        if counted != there {
            let text = format!(
                "{counted} ports are counted and {there} are neither listed nor counted elsewhere: \
                 nothing is concluded of these"
            );
            self.warn(first.line, &text);
            state = PortState::Unknown;
        }
        let mut reasons: Vec<&str> = unlisted
            .iter()
            .flat_map(|extra| extra.reasons.iter().map(|reasons| &*reasons.reason))
            .collect();
        reasons.dedup();
        let reason = self.word(Cow::Owned(reasons.join(",")));
        rest.extend(left.into_iter().map(|(protocol, ports)| Rest {
            protocol,
            ports,
            state,
            reason: Arc::clone(&reason),
            service: Arc::clone(&nothing),
            line: first.line,
        }));
        rest
    }

    fn end(mut self) -> Result<Scan, ObservedError> {
        if !self.begun {
            return Err(self.wrong("it has no `nmaprun`"));
        }
        if let Some(host) = &self.host {
            return Err(self.wrong(format!(
                "it ends within the host that begins in line {}: the scan was cut off",
                host.line
            )));
        }
        if !self.ended {
            let line = self.counted.1;
            self.warn(line, "the file ends before the scan did: hosts may be missing");
        }
        Ok(self.scan)
    }
}

/// Ports that were not listed one by one.
struct Rest {
    protocol: Protocol,
    ports: PortSet,
    state: PortState,
    reason: Arc<str>,
    service: Arc<str>,
    line: u64,
}

/// What ports have in common of which each is in one of these states.
fn common(states: impl Iterator<Item = PortState>) -> PortState {
    let mut states: Vec<PortState> = states.collect();
    states.sort_unstable();
    states.dedup();
    match states.as_slice() {
        [one] => *one,
        all if all.iter().all(|state| {
            use PortState::{Closed, ClosedOrFiltered, Filtered};
            matches!(state, Closed | ClosedOrFiltered | Filtered)
        }) =>
        {
            PortState::ClosedOrFiltered
        }
        _ => PortState::Unknown,
    }
}

fn protocol(name: &str) -> Option<Protocol> {
    match name {
        "tcp" => Some(Protocol::Tcp),
        "udp" => Some(Protocol::Udp),
        "sctp" => Some(Protocol::from_number(132)),
        _ => None,
    }
}

fn state(text: &str) -> Option<PortState> {
    Some(match text {
        "open" => PortState::Open,
        "closed" => PortState::Closed,
        "filtered" => PortState::Filtered,
        "unfiltered" => PortState::Unfiltered,
        "open|filtered" => PortState::OpenOrFiltered,
        "closed|filtered" => PortState::ClosedOrFiltered,
        "unknown" => PortState::Unknown,
        _ => return None,
    })
}

/// `1,3-4,6-7`, also nothing.
fn ports(text: &str) -> Option<PortSet> {
    let mut ranges = Vec::new();
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        ranges.push(PortRange::new(first.parse().ok()?, last.parse().ok()?).ok()?);
    }
    Some(ranges.into_iter().collect())
}

fn earlier(one: Option<i64>, other: Option<i64>) -> Option<i64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}
