//! A scan as a file: a line a host, written when the host is done, and before that lines
//! about some of its ports, so that a scan that was interrupted goes on where it was, and
//! what was seen can be compared again.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use portolan::net::{PortRange, PortSet, Protocol};
use portolan::observed::{Observation, PortState, Scan, ScannedHost, Tls};
use serde::{Deserialize, Serialize};

const FORMAT: &str = "portolan.scan/1";

/// Why the file of a scan can't be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// The system says no.
    #[error("`{}`: {error}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// It is something else.
    #[error("`{}`, line {line}: {reason}", .path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// The line.
        line: u64,
        /// Why.
        reason: String,
    },
    /// It was made from elsewhere.
    #[error("`{}` was made from `{theirs}`, not from `{ours}`", .path.display())]
    Elsewhere {
        /// The file.
        path: PathBuf,
        /// From where it was made.
        theirs: String,
        /// From where the scan is to be made now.
        ours: String,
    },
}

/// The first line.
#[derive(Deserialize, Serialize)]
struct Head {
    format: String,
    /// From where, as asked.
    from: String,
    /// Which ports, as asked.
    ports: String,
}

/// A host that is done, or some ports of one that is not.
#[derive(Deserialize, Serialize)]
struct Line {
    address: IpAddr,
    /// Seconds since 1970.
    started: i64,
    ended: i64,
    by: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    seen: Option<Vec<Seen>>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    part: Option<Vec<Part>>,
}

/// Ports of a host that is not done.
#[derive(Deserialize, Serialize)]
struct Part {
    protocol: String,
    /// Such as `22,80-90`.
    ports: String,
    state: PortState,
    reason: String,
}

#[derive(Deserialize, Serialize)]
struct Seen {
    protocol: String,
    first: u16,
    last: u16,
    state: PortState,
    reason: String,
    #[serde(skip_serializing_if = "String::is_empty", default)]
    service: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    tls: Option<Tls>,
}

/// The file of a scan.
pub struct Journal {
    path: PathBuf,
    file: File,
    /// What is in it of hosts that are done.
    pub scan: Scan,
    /// What is in it of hosts that are not.
    parts: BTreeMap<IpAddr, Known>,
    /// From where it was made, as asked.
    pub from: String,
}

impl Journal {
    /// Opens a file to go on with, or begins one.
    ///
    /// # Errors
    ///
    /// If it can't be opened, is no file of a scan, or of one from elsewhere or of
    /// other ports.
    pub fn open(path: &Path, from: &str, ports: &str) -> Result<Self, JournalError> {
        let failed = |error| JournalError::File { path: path.to_owned(), error };
        let known = path.exists().then(|| Self::read(path)).transpose()?;
        let mut file = OpenOptions::new().append(true).create(true).open(path).map_err(failed)?;
        let Some(Content { scan, parts, head, whole }) = known else {
            let head =
                Head { format: FORMAT.to_owned(), from: from.to_owned(), ports: ports.to_owned() };
            write(&mut file, &head).map_err(failed)?;
            let from = from.to_owned();
            return Ok(Self {
                path: path.to_owned(),
                file,
                scan: Scan::default(),
                parts: BTreeMap::new(),
                from,
            });
        };
        if (head.from.as_str(), head.ports.as_str()) != (from, ports) {
            return Err(JournalError::Elsewhere {
                path: path.to_owned(),
                theirs: format!("{} {}", head.from, head.ports),
                ours: format!("{from} {ports}"),
            });
        }
        // What an interruption left of a line is taken away.
        file.set_len(whole).map_err(failed)?;
        Ok(Self { path: path.to_owned(), file, scan, parts, from: head.from })
    }

    /// Reads a file of a scan: what was seen, also of hosts that are not done, and from where.
    ///
    /// # Errors
    ///
    /// If it can't be read or is something else.
    pub fn load(path: &Path) -> Result<(Scan, String), JournalError> {
        let Content { mut scan, parts, head, .. } = Self::read(path)?;
        for (address, known) in parts {
            scan.hosts.push(ScannedHost { address, up: true, reason: String::new() });
            scan.observations.extend(ranges(address, &known));
        }
        Ok((scan, head.from))
    }

    fn read(path: &Path) -> Result<Content, JournalError> {
        let failed = |error| JournalError::File { path: path.to_owned(), error };
        let wrong =
            |line, reason: String| JournalError::Content { path: path.to_owned(), line, reason };
        let mut lines = BufReader::new(File::open(path).map_err(failed)?);
        let mut text = String::new();
        lines.read_line(&mut text).map_err(failed)?;
        let head: Head = serde_json::from_str(&text)
            .map_err(|error| wrong(1, format!("not the file of a scan: {error}")))?;
        if head.format != FORMAT {
            return Err(wrong(1, format!("the format is `{}`, not `{FORMAT}`", head.format)));
        }
        let mut whole = u64::try_from(text.len()).unwrap_or(u64::MAX);
        let mut scan = Scan {
            files: vec![path.display().to_string()],
            scanners: vec!["portolan".to_owned()],
            ..Scan::default()
        };
        let mut parts = BTreeMap::new();
        for number in 2_u64.. {
            text.clear();
            let length = lines.read_line(&mut text).map_err(failed)?;
            if length == 0 || !text.ends_with('\n') {
                break;
            }
            let line: Line =
                serde_json::from_str(&text).map_err(|error| wrong(number, error.to_string()))?;
            add(&mut scan, &mut parts, line, number).map_err(|reason| wrong(number, reason))?;
            whole = whole.saturating_add(u64::try_from(length).unwrap_or(u64::MAX));
        }
        Ok(Content { scan, parts, head, whole })
    }

    /// The hosts that are done.
    #[must_use]
    pub fn done(&self) -> BTreeSet<IpAddr> {
        self.scan.hosts.iter().map(|host| host.address).collect()
    }

    /// What is known of a host that is not done.
    #[must_use]
    pub fn part(&self, address: IpAddr) -> Vec<Observation> {
        self.parts.get(&address).map(|known| ranges(address, known)).unwrap_or_default()
    }

    /// Adds a host.
    ///
    /// # Errors
    ///
    /// If it can't be written.
    pub fn add(
        &mut self,
        address: IpAddr,
        (started, ended): (i64, i64),
        by: &str,
        seen: &[Observation],
    ) -> Result<(), JournalError> {
        let seen = seen.iter().map(|it| Seen {
            protocol: it.protocol.to_string(),
            first: it.ports.first(),
            last: it.ports.last(),
            state: it.state,
            reason: it.reason.to_string(),
            service: it.service.to_string(),
            tls: it.tls.as_deref().cloned(),
        });
        let seen = Some(seen.collect());
        let by = by.to_owned();
        self.write(&Line { address, started, ended, by, seen, part: None })
    }

    /// Adds some ports of a host that is not done.
    ///
    /// # Errors
    ///
    /// If it can't be written.
    pub fn add_part(
        &mut self,
        address: IpAddr,
        (started, ended): (i64, i64),
        by: &str,
        seen: &[Observation],
    ) -> Result<(), JournalError> {
        let mut alike: BTreeMap<(Protocol, PortState, &str), Vec<PortRange>> = BTreeMap::new();
        for it in seen {
            alike.entry((it.protocol, it.state, &*it.reason)).or_default().push(it.ports);
        }
        let part = alike.into_iter().map(|((protocol, state, reason), ports)| Part {
            protocol: protocol.to_string(),
            ports: ports.into_iter().collect::<PortSet>().to_string(),
            state,
            reason: reason.to_owned(),
        });
        let part = Some(part.collect());
        let by = by.to_owned();
        self.write(&Line { address, started, ended, by, seen: None, part })
    }

    fn write(&mut self, line: &Line) -> Result<(), JournalError> {
        write(&mut self.file, line)
            .map_err(|error| JournalError::File { path: self.path.clone(), error })
    }
}

fn write(file: &mut File, value: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    file.write_all(&line)
}

/// What a file of a scan holds.
struct Content {
    scan: Scan,
    parts: BTreeMap<IpAddr, Known>,
    head: Head,
    /// The length of all whole lines.
    whole: u64,
}

/// What ports of a host do, so far.
type Known = BTreeMap<(Protocol, u16), (PortState, Arc<str>)>;

fn add(
    scan: &mut Scan,
    parts: &mut BTreeMap<IpAddr, Known>,
    line: Line,
    number: u64,
) -> Result<(), String> {
    let address = line.address;
    scan.started = Some(scan.started.map_or(line.started, |known| known.min(line.started)));
    scan.ended = Some(scan.ended.map_or(line.ended, |known| known.max(line.ended)));
    scan.scanners = vec![line.by];
    let protocol = |text: &str| text.parse::<Protocol>().map_err(|error| error.to_string());
    match (line.seen, line.part) {
        (Some(seen), None) => {
            // All that was known of it before is in it.
            parts.remove(&address);
            scan.hosts.push(ScannedHost { address, up: true, reason: String::new() });
            for seen in seen {
                let ports =
                    PortRange::new(seen.first, seen.last).map_err(|error| error.to_string())?;
                scan.observations.push(Observation {
                    address,
                    protocol: protocol(&seen.protocol)?,
                    ports,
                    state: seen.state,
                    reason: seen.reason.into(),
                    service: seen.service.into(),
                    tls: seen.tls.map(Arc::new),
                    file: 0,
                    line: Some(number),
                });
            }
        }
        (None, Some(part)) => {
            let known = parts.entry(address).or_default();
            for some in part {
                let (protocol, reason) = (protocol(&some.protocol)?, Arc::<str>::from(some.reason));
                let ports: PortSet =
                    some.ports.parse().map_err(|_| format!("`{}` are no ports", some.ports))?;
                for port in ports.ranges().flat_map(|range| range.first()..=range.last()) {
                    known.insert((protocol, port), (some.state, Arc::clone(&reason)));
                }
            }
        }
        (Some(_), Some(_)) | (None, None) => {
            return Err("expected either `seen` or `part`".to_owned());
        }
    }
    Ok(())
}

/// What is known of ports, in ranges.
fn ranges(address: IpAddr, known: &Known) -> Vec<Observation> {
    let mut all: Vec<Observation> = Vec::new();
    for (&(protocol, port), (state, reason)) in known {
        if let Some(last) = all.last_mut()
            && (last.protocol, last.state, &last.reason) == (protocol, *state, reason)
            && last.ports.last().checked_add(1) == Some(port)
            && let Ok(longer) = PortRange::new(last.ports.first(), port)
        {
            last.ports = longer;
            continue;
        }
        all.push(Observation {
            address,
            protocol,
            ports: PortRange::single(port),
            state: *state,
            reason: Arc::clone(reason),
            service: Arc::from(""),
            tls: None,
            file: 0,
            line: None,
        });
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(address: &str) -> Observation {
        Observation {
            address: address.parse().unwrap(),
            protocol: Protocol::Tcp,
            ports: PortRange::new(1, 443).unwrap(),
            state: PortState::Filtered,
            reason: "no-response".into(),
            service: "".into(),
            tls: Some(Arc::new(Tls { version: "TLS 1.3".into(), ..Tls::default() })),
            file: 0,
            line: None,
        }
    }

    #[test]
    fn an_interrupted_scan_goes_on_with_the_hosts_that_are_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("scan.jsonl");
        let mut journal = Journal::open(&path, "internet", "usual").unwrap();
        let address = "192.0.2.1".parse().unwrap();
        journal.add(address, (100, 105), "portolan", &[seen("192.0.2.1")]).unwrap();
        drop(journal);
        // The line of the next host was not finished.
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(b"{\"address\":\"192.0.2.2\",\"sta").unwrap();
        let mut journal = Journal::open(&path, "internet", "usual").unwrap();
        assert_eq!(journal.done(), BTreeSet::from([address]));
        let next = "192.0.2.2".parse().unwrap();
        journal.add(next, (106, 110), "portolan", &[seen("192.0.2.2")]).unwrap();
        let (scan, from) = Journal::load(&path).unwrap();
        assert_eq!((from.as_str(), scan.started, scan.ended), ("internet", Some(100), Some(110)));
        assert_eq!(scan.observations.len(), 2);
        assert_eq!(scan.observations[1].tls.as_ref().unwrap().version, "TLS 1.3");
    }

    #[test]
    fn an_interrupted_host_goes_on_with_the_ports_that_are_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("scan.jsonl");
        let mut journal = Journal::open(&path, "internet", "all").unwrap();
        let address = "192.0.2.1".parse().unwrap();
        let of = |first, last, state| Observation {
            ports: PortRange::new(first, last).unwrap(),
            state,
            tls: None,
            ..seen("192.0.2.1")
        };
        let silent = of(1, 443, PortState::Filtered);
        journal.add_part(address, (100, 102), "portolan", &[silent]).unwrap();
        // It answered late.
        let late = of(22, 22, PortState::Open);
        journal.add_part(address, (100, 104), "portolan", &[late]).unwrap();
        drop(journal);
        let mut journal = Journal::open(&path, "internet", "all").unwrap();
        assert_eq!((journal.done().len(), journal.scan.observations.len()), (0, 0));
        let known: Vec<_> = journal
            .part(address)
            .iter()
            .map(|it| (it.ports.first(), it.ports.last(), it.state))
            .collect();
        let (open, silent) = (PortState::Open, PortState::Filtered);
        assert_eq!(known, [(1, 21, silent), (22, 22, open), (23, 443, silent)]);
        // Who compares the file meanwhile sees them too.
        assert_eq!(Journal::load(&path).unwrap().0.observations.len(), 3);
        let all = of(1, 65535, PortState::Filtered);
        journal.add(address, (100, 110), "portolan", &[all]).unwrap();
        assert_eq!(Journal::load(&path).unwrap().0.observations.len(), 1);
        let journal = Journal::open(&path, "internet", "all").unwrap();
        assert_eq!((journal.done().len(), journal.part(address).len()), (1, 0));
    }

    #[test]
    fn another_scan_is_not_gone_on_with() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("scan.jsonl");
        drop(Journal::open(&path, "internet", "usual").unwrap());
        let error = Journal::open(&path, "10.0.0.1", "usual").map(drop).unwrap_err();
        assert!(error.to_string().contains("was made from `internet usual`"), "{error}");
        std::fs::write(&path, "hello\n").unwrap();
        let error = Journal::open(&path, "internet", "usual").map(drop).unwrap_err();
        assert!(error.to_string().contains("line 1: not the file of a scan"), "{error}");
    }
}
