//! A scan as a file: a line a host, written when the host is done, so that a scan that
//! was interrupted goes on where it was, and what was seen can be compared again.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use portolan::net::{PortRange, Protocol};
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

/// A host.
#[derive(Deserialize, Serialize)]
struct Line {
    address: IpAddr,
    /// Seconds since 1970.
    started: i64,
    ended: i64,
    by: String,
    seen: Vec<Seen>,
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
    /// What is in it.
    pub scan: Scan,
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
        let Some((scan, head, whole)) = known else {
            let head =
                Head { format: FORMAT.to_owned(), from: from.to_owned(), ports: ports.to_owned() };
            write(&mut file, &head).map_err(failed)?;
            let from = from.to_owned();
            return Ok(Self { path: path.to_owned(), file, scan: Scan::default(), from });
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
        Ok(Self { path: path.to_owned(), file, scan, from: head.from })
    }

    /// Reads a file of a scan: what was seen, and from where.
    ///
    /// # Errors
    ///
    /// If it can't be read or is something else.
    pub fn load(path: &Path) -> Result<(Scan, String), JournalError> {
        Self::read(path).map(|(scan, head, _)| (scan, head.from))
    }

    fn read(path: &Path) -> Result<(Scan, Head, u64), JournalError> {
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
        for number in 2_u64.. {
            text.clear();
            let length = lines.read_line(&mut text).map_err(failed)?;
            if length == 0 || !text.ends_with('\n') {
                break;
            }
            let line: Line =
                serde_json::from_str(&text).map_err(|error| wrong(number, error.to_string()))?;
            add(&mut scan, line, number).map_err(|reason| wrong(number, reason))?;
            whole = whole.saturating_add(u64::try_from(length).unwrap_or(u64::MAX));
        }
        Ok((scan, head, whole))
    }

    /// The hosts that are done.
    #[must_use]
    pub fn done(&self) -> BTreeSet<IpAddr> {
        self.scan.hosts.iter().map(|host| host.address).collect()
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
        let line = Line { address, started, ended, by: by.to_owned(), seen: seen.collect() };
        write(&mut self.file, &line)
            .map_err(|error| JournalError::File { path: self.path.clone(), error })
    }
}

fn write(file: &mut File, value: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    file.write_all(&line)
}

fn add(scan: &mut Scan, line: Line, number: u64) -> Result<(), String> {
    scan.started = Some(scan.started.map_or(line.started, |known| known.min(line.started)));
    scan.ended = Some(scan.ended.map_or(line.ended, |known| known.max(line.ended)));
    scan.scanners = vec![line.by];
    scan.hosts.push(ScannedHost { address: line.address, up: true, reason: String::new() });
    for seen in line.seen {
        let protocol: Protocol = seen.protocol.parse().map_err(|error| format!("{error}"))?;
        let ports = PortRange::new(seen.first, seen.last).map_err(|error| error.to_string())?;
        scan.observations.push(Observation {
            address: line.address,
            protocol,
            ports,
            state: seen.state,
            reason: seen.reason.into(),
            service: seen.service.into(),
            tls: seen.tls.map(Arc::new),
            file: 0,
            line: Some(number),
        });
    }
    Ok(())
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
