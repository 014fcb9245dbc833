//! The words in which people are told.

use portolan::record::Clients;

/// `1 interface`, `2 interfaces`.
pub(crate) fn count(number: u64, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {many}") }
}

/// A length as the numbers of the records are counted.
pub(crate) fn length<T>(items: &[T]) -> u64 {
    u64::try_from(items.len()).unwrap_or(u64::MAX)
}

/// `a, b and 3 more`, with at most `most` of them named.
pub(crate) fn some_of(items: &[String], most: usize) -> String {
    let named = items.get(..most.min(items.len())).unwrap_or_default().join(", ");
    match items.len().saturating_sub(most) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

/// A word of a shell command that stands for exactly `text`.
#[must_use]
pub fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:,@%+=".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Whose client ports are which.
const CLIENTS: [(&str, u16, u16); 3] = [
    ("Linux", 32768, 60999),
    ("Windows", 49152, 65535),
    ("NAT gateways, load balancers and Lambda", 1024, 65535),
];

/// What it means that answers reach these client ports only.
pub(crate) fn client_ports(ports: &str) -> String {
    let ranges: Vec<(u16, u16)> = ports.split(',').filter_map(range).collect();
    let whose: Vec<String> = CLIENTS
        .iter()
        .map(|&(who, first, last)| {
            let size = u64::from(last - first) + 1;
            let reached: u64 = ranges
                .iter()
                .filter(|&&(from, to)| from <= last && first <= to)
                .map(|&(from, to)| u64::from(to.min(last) - from.max(first)) + 1)
                .sum();
            let share = match reached {
                0 => "never".to_owned(),
                all if all >= size => "always".to_owned(),
                some => format!("{}% of the time", (some * 100 / size).max(1)),
            };
            format!("{who} ({first}-{last}) {share}")
        })
        .collect();
    format!("answers reach client ports {ports} only: {}", whose.join(", "))
}

fn range(text: &str) -> Option<(u16, u16)> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (first.parse().ok()?, last.parse().ok()?);
    (first <= last).then_some((first, last))
}

/// The clients of an open port, where there is something to say.
pub(crate) fn clients(clients: Clients, ports: &str) -> Option<String> {
    match clients {
        Clients::All | Clients::None => None,
        Clients::Some => Some(client_ports(ports)),
        Clients::Unknown => Some("which clients get answers can't be told".to_owned()),
    }
}

/// What a service is called where people talk of it, and how bad it is to have it
/// open to everyone: smaller is worse.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Danger {
    pub(crate) rank: u8,
    pub(crate) first: u16,
    pub(crate) last: u16,
    pub(crate) name: &'static str,
}

const fn danger(rank: u8, first: u16, last: u16, name: &'static str) -> Danger {
    Danger { rank, first, last, name }
}

/// Administration first, then data, then file shares; the web last.
const DANGERS: &[Danger] = &[
    danger(0, 22, 22, "ssh"),
    danger(0, 3389, 3389, "rdp"),
    danger(0, 23, 23, "telnet"),
    danger(0, 5985, 5986, "winrm"),
    danger(0, 5900, 5903, "vnc"),
    danger(0, 2375, 2376, "docker"),
    danger(0, 10250, 10250, "kubelet"),
    danger(0, 6443, 6443, "kubernetes"),
    danger(0, 2379, 2380, "etcd"),
    danger(1, 5432, 5432, "postgresql"),
    danger(1, 3306, 3306, "mysql"),
    danger(1, 1433, 1434, "sql server"),
    danger(1, 1521, 1521, "oracle"),
    danger(1, 27017, 27018, "mongodb"),
    danger(1, 6379, 6379, "redis"),
    danger(1, 9200, 9200, "elasticsearch"),
    danger(1, 9300, 9300, "elasticsearch"),
    danger(1, 5439, 5439, "redshift"),
    danger(1, 9042, 9042, "cassandra"),
    danger(1, 11211, 11211, "memcached"),
    danger(1, 5601, 5601, "kibana"),
    danger(2, 445, 445, "smb"),
    danger(2, 139, 139, "netbios"),
    danger(2, 2049, 2049, "nfs"),
    danger(2, 20, 21, "ftp"),
    danger(2, 389, 389, "ldap"),
    danger(2, 9092, 9092, "kafka"),
    danger(4, 80, 80, "http"),
    danger(4, 443, 443, "https"),
];

/// The worst of what a record opens: `None` where ports say nothing.
pub(crate) fn worst(protocol: &str, ports: &str) -> Danger {
    let other = danger(3, 0, 0, "");
    if protocol == "icmp" || protocol == "icmpv6" {
        return danger(5, 0, 0, "");
    }
    if protocol != "tcp" {
        return other;
    }
    let Some((first, last)) = range(ports) else { return other };
    let within = |danger: &&Danger| danger.first <= last && first <= danger.last;
    let Some(worst) = DANGERS.iter().filter(within).min_by_key(|danger| danger.rank) else {
        return other;
    };
    // A range that holds more than the web is no web server.
    if worst.rank == 4 && last > first { other } else { *worst }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_client_ports_are_said_by_who_uses_them() {
        assert_eq!(
            client_ports("32768-60999"),
            "answers reach client ports 32768-60999 only: Linux (32768-60999) always, \
             Windows (49152-65535) 72% of the time, \
             NAT gateways, load balancers and Lambda (1024-65535) 43% of the time"
        );
    }

    #[test]
    fn a_range_is_as_bad_as_the_worst_in_it() {
        assert_eq!(worst("tcp", "0-65535").name, "ssh");
        assert_eq!(worst("tcp", "443").name, "https");
        assert_eq!(worst("tcp", "80-90").rank, 3);
        assert_eq!(worst("udp", "22").rank, 3);
    }

    #[test]
    fn a_shell_word_stands_for_itself() {
        assert_eq!(shell_word("dumps/a-1"), "dumps/a-1");
        assert_eq!(shell_word("it's $HOME"), r"'it'\''s $HOME'");
    }
}
