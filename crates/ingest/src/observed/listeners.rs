//! Listening sockets: `ss -Htuln` (iproute2), or osquery's table `listening_ports`.

use std::net::IpAddr;

use portolan::net::Protocol;
use portolan::observed::Listener;
use serde::Deserialize;

use super::ObservedError;

const HINT: &str = "give what `ss -Htuln` prints on the host, or \
                    `osqueryi --json 'select * from listening_ports'`";

pub(super) fn read(file: &str, text: &str) -> Result<Vec<Listener>, ObservedError> {
    let wrong =
        |line, reason| ObservedError::Content { file: file.to_owned(), line, reason, hint: HINT };
    if text.trim_start().starts_with('[') {
        let rows: Vec<Row> = serde_json::from_str(text).map_err(|error| {
            let line = u64::try_from(error.line()).unwrap_or(u64::MAX);
            wrong(line, format!("no rows of osquery: {error}"))
        })?;
        let mut listeners = Vec::new();
        for row in rows {
            listeners.extend(row.listener().map_err(|reason| wrong(1, reason))?);
        }
        return Ok(listeners);
    }
    let mut listeners = Vec::new();
    for (line, number) in text.lines().zip(1_u64..) {
        let words: Vec<&str> = line.split_whitespace().collect();
        // Without -H there is a heading.
        if words.is_empty() || words.first() == Some(&"Netid") {
            continue;
        }
        let listener = socket(&words).map_err(|reason| wrong(number, reason))?;
        listeners.extend(listener.map(|it| Listener { line: Some(number), ..it }));
    }
    Ok(listeners)
}

/// A line of `ss`: netid, state, two queues, the local end, the far end.
fn socket(words: &[&str]) -> Result<Option<Listener>, String> {
    let &[netid, state, _, _, local, ..] = words else {
        return Err("not a line of `ss -Htuln`".to_owned());
    };
    let protocol = match netid {
        "tcp" => Protocol::Tcp,
        "udp" => Protocol::Udp,
        // Other kinds of sockets have no ports that a group knows.
        "raw" | "icmp6" | "p_raw" | "p_dgr" | "u_str" | "u_dgr" | "u_seq" | "nl" | "mptcp"
        | "sctp" | "dccp" | "vsock" | "v_str" | "v_dgr" | "tipc" | "xdp" => return Ok(None),
        other => return Err(format!("`{other}` is no kind of socket: not a line of `ss -Htuln`")),
    };
    // UDP has no state of its own: a socket without a peer hears everybody.
    if state != "LISTEN" && (protocol == Protocol::Tcp || state != "UNCONN") {
        return Ok(None);
    }
    let (address, port) =
        local.rsplit_once(':').ok_or_else(|| format!("`{local}` is no local end"))?;
    let port = match port {
        "*" | "0" => return Ok(None),
        port => port.parse().map_err(|_| format!("`{port}` is no port: `ss` needs -n"))?,
    };
    Ok(Some(Listener { protocol, port, address: bound(address)?, line: None }))
}

/// Where a socket is bound; none: everywhere.
fn bound(text: &str) -> Result<Option<IpAddr>, String> {
    let (text, _interface) = text.split_once('%').unwrap_or((text, ""));
    let text = text.trim_start_matches('[').trim_end_matches(']');
    if text == "*" || text.is_empty() {
        return Ok(None);
    }
    let address: IpAddr = text.parse().map_err(|_| format!("`{text}` is no address"))?;
    // `[::]` takes IPv4 too unless the socket says otherwise, which is not shown.
    let everywhere = address.is_unspecified() && address.is_ipv6();
    Ok((!everywhere).then_some(address.to_canonical()))
}

/// A row of `listening_ports`: all its values are texts.
#[derive(Deserialize)]
struct Row {
    port: Text,
    protocol: Text,
    #[serde(default)]
    address: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Text {
    Text(String),
    Number(u32),
}

impl Text {
    fn number(&self) -> Result<u32, String> {
        match self {
            Self::Number(number) => Ok(*number),
            Self::Text(text) => text.parse().map_err(|_| format!("`{text}` is no number")),
        }
    }
}

impl Row {
    fn listener(&self) -> Result<Option<Listener>, String> {
        let protocol = match self.protocol.number()? {
            6 => Protocol::Tcp,
            17 => Protocol::Udp,
            _ => return Ok(None),
        };
        let port = self.port.number()?;
        let port = u16::try_from(port).map_err(|_| format!("`{port}` is no port"))?;
        if port == 0 {
            return Ok(None);
        }
        Ok(Some(Listener { protocol, port, address: bound(&self.address)?, line: None }))
    }
}
