//! masscan's JSON (`-oJ`) and JSON lines (`-oD`).
//!
//! masscan writes a record when a port answers and never says which ports it asked;
//! versions before 1.3 end the array with `{finished: 1}`, which is no JSON, or leave a
//! comma. So the file is read by line, as it is written; a file that was formatted anew
//! is read as a whole.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use portolan::net::{PortRange, Protocol};
use portolan::observed::{Observation, PortState, Scan, ScannedHost};
use serde::Deserialize;

use super::ObservedError;

const HINT: &str = "give the file that `masscan -oJ scan.json …` wrote, whole and unchanged";
const LONGEST_SERVICE: usize = 200;

/// One record of either form.
#[derive(Deserialize)]
struct Record {
    ip: String,
    #[serde(default)]
    timestamp: Option<Stamp>,
    /// `-oJ`.
    #[serde(default)]
    ports: Vec<Port>,
    /// `-oD`.
    #[serde(flatten)]
    alone: Option<Alone>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Stamp {
    Text(String),
    Number(i64),
}

#[derive(Deserialize)]
struct Port {
    port: u16,
    proto: String,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    reason: Option<String>,
    #[serde(default)]
    service: Option<Service>,
}

#[derive(Deserialize)]
struct Service {
    #[serde(default)]
    name: String,
}

#[derive(Deserialize)]
struct Alone {
    port: u16,
    proto: String,
    #[serde(default)]
    data: Data,
}

#[derive(Default, Deserialize)]
struct Data {
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    reason: Option<String>,
    #[serde(default)]
    service_name: Option<String>,
}

pub(super) fn read(file: &str, text: &str) -> Result<Scan, ObservedError> {
    let mut scan = Scan {
        files: vec![file.to_owned()],
        scanners: vec!["masscan".to_owned()],
        ..Scan::default()
    };
    let mut words = BTreeMap::new();
    let wrong =
        |line, reason| ObservedError::Content { file: file.to_owned(), line, reason, hint: HINT };
    if let Ok(records) = serde_json::from_str::<Vec<Record>>(text) {
        for record in records {
            let line = record_line(text, &record);
            take(record, line, &mut scan, &mut words).map_err(|reason| wrong(line, reason))?;
        }
    } else {
        for (line, number) in text.lines().zip(1_u64..) {
            let line = line.trim().trim_start_matches(['[', ',']).trim();
            let line = line.trim_end_matches(',').trim_end();
            if line.is_empty() || line == "]" || line.replace(' ', "") == "{finished:1}" {
                continue;
            }
            // The array may end on the last record's line.
            let line = line.strip_suffix("}]").map_or(line.to_owned(), |rest| format!("{rest}}}"));
            let record: Record = serde_json::from_str(&line).map_err(|error| {
                wrong(number, format!("no record of masscan: {}", brief(&error)))
            })?;
            take(record, number, &mut scan, &mut words).map_err(|reason| wrong(number, reason))?;
        }
    }
    if scan.observations.is_empty() {
        scan.warnings.push(format!("{file}: masscan saw nothing that answers"));
    }
    Ok(scan)
}

/// The line of a record: that of the first place that names its address.
fn record_line(text: &str, record: &Record) -> u64 {
    let offset = text.find(&format!("\"{}\"", record.ip)).unwrap_or(0);
    super::line_of(text, offset)
}

fn take(
    record: Record,
    line: u64,
    scan: &mut Scan,
    words: &mut BTreeMap<String, Arc<str>>,
) -> Result<(), String> {
    let address: IpAddr =
        record.ip.parse().map_err(|_| format!("`{}` is no address", record.ip))?;
    let address = address.to_canonical();
    let seconds = match record.timestamp {
        Some(Stamp::Text(text)) => text.parse().ok(),
        Some(Stamp::Number(number)) => Some(number),
        None => None,
    };
    scan.started = match (scan.started, seconds) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    };
    scan.ended = scan.ended.max(seconds);
    let alone = record.alone.map(|alone| Port {
        port: alone.port,
        proto: alone.proto,
        status: alone.data.status,
        reason: alone.data.reason,
        service: alone.data.service_name.map(|name| Service { name }),
    });
    if record.ports.is_empty() && alone.is_none() {
        return Err("a record without a port".to_owned());
    }
    for port in record.ports.into_iter().chain(alone) {
        let (protocol, ports) = match port.proto.as_str() {
            "tcp" => (Protocol::Tcp, PortRange::single(port.port)),
            "udp" => (Protocol::Udp, PortRange::single(port.port)),
            "sctp" => (Protocol::from_number(132), PortRange::single(port.port)),
            "icmp" if address.is_ipv4() => (Protocol::Icmp, PortRange::single(8 << 8)),
            "icmp" => (Protocol::Icmpv6, PortRange::single(128 << 8)),
            // Who answers on the same wire says nothing of a port.
            "arp" => continue,
            other => return Err(format!("`{other}` is no protocol of masscan")),
        };
        let state = match port.status.as_deref() {
            Some("open") => PortState::Open,
            Some("closed") => PortState::Closed,
            // A banner came: it is open.
            None if port.service.is_some() => PortState::Open,
            Some(other) => return Err(format!("the status `{other}`")),
            None => return Err("a port without `status`".to_owned()),
        };
        let mut word = |text: String| {
            let text: String = text.chars().take(LONGEST_SERVICE).collect();
            Arc::clone(words.entry(text).or_insert_with_key(|text| text.as_str().into()))
        };
        scan.observations.push(Observation {
            address,
            protocol,
            ports,
            state,
            reason: word(port.reason.unwrap_or_default()),
            service: word(port.service.map(|service| service.name).unwrap_or_default()),
            tls: None,
            file: 0,
            line: Some(line),
        });
    }
    if scan.hosts.last().is_none_or(|host| host.address != address) {
        scan.hosts.push(ScannedHost { address, up: true, reason: "answers".to_owned() });
    }
    Ok(())
}

/// serde's words without the place, which is one line here.
fn brief(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.clone(), |(reason, _)| reason.to_owned())
}
