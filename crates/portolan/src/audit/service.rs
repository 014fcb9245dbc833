//! Services by their ports, as far as findings tell them apart.
//!
//! A port does not prove a service; it is what is found there as a rule, and
//! what scanners on the internet try. Ports are those of IANA's registry and of
//! the lists of Security Hub (EC2.19) and Prowler
//! (`ec2_instance_port_…_exposed_to_internet`).

use super::traffic::{Kind, Traffic};
use crate::model::{Component, NetworkInterfaceId, ServiceKind};
use crate::net::{PortRange, PortSet, Protocol};
use crate::record;

/// More ports than any one service uses.
pub(crate) const MANY: u32 = 100;

/// What a service is for.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Use {
    /// Logging in to the host, or commanding it.
    Administration,
    /// Keeping data.
    Database,
    /// Files of other hosts.
    FileSharing,
    /// A protocol that sends passwords in the clear.
    Plaintext,
    /// Anything else that is not meant for strangers.
    Internal,
}

/// A service that is known by its ports.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Service {
    /// As people call it.
    pub name: &'static str,
    /// What it is for.
    pub of: Use,
    /// TCP or UDP.
    pub protocol: Protocol,
    /// Its ports: first and last.
    pub ports: &'static [(u16, u16)],
}

const fn tcp(name: &'static str, of: Use, ports: &'static [(u16, u16)]) -> Service {
    Service { name, of, protocol: Protocol::Tcp, ports }
}

const fn udp(name: &'static str, of: Use, ports: &'static [(u16, u16)]) -> Service {
    Service { name, of, protocol: Protocol::Udp, ports }
}

/// All that are known. A port stands under one service of a protocol.
pub const SERVICES: &[Service] = &[
    tcp("SSH", Use::Administration, &[(22, 22)]),
    tcp("RDP", Use::Administration, &[(3389, 3389)]),
    udp("RDP", Use::Administration, &[(3389, 3389)]),
    tcp("WinRM", Use::Administration, &[(5985, 5986)]),
    tcp("VNC", Use::Administration, &[(5500, 5500), (5800, 5801), (5900, 5903)]),
    tcp("Docker API", Use::Administration, &[(2375, 2376)]),
    tcp(
        "Kubernetes API and kubelet",
        Use::Administration,
        &[(6443, 6443), (10250, 10250), (10255, 10255)],
    ),
    tcp("Telnet", Use::Plaintext, &[(23, 23)]),
    tcp("FTP", Use::Plaintext, &[(20, 21)]),
    tcp("r-commands", Use::Plaintext, &[(512, 514)]),
    tcp("POP3", Use::Plaintext, &[(110, 110)]),
    tcp("IMAP", Use::Plaintext, &[(143, 143)]),
    udp("TFTP", Use::Plaintext, &[(69, 69)]),
    tcp("SMB and NetBIOS", Use::FileSharing, &[(135, 135), (137, 139), (445, 445)]),
    udp("NetBIOS", Use::FileSharing, &[(137, 138)]),
    tcp("NFS", Use::FileSharing, &[(111, 111), (2049, 2049)]),
    udp("NFS", Use::FileSharing, &[(111, 111), (2049, 2049)]),
    tcp("rsync", Use::FileSharing, &[(873, 873)]),
    tcp("SQL Server", Use::Database, &[(1433, 1434)]),
    udp("SQL Server Browser", Use::Database, &[(1434, 1434)]),
    tcp("Oracle", Use::Database, &[(1521, 1521), (2483, 2484)]),
    tcp("MySQL and MariaDB", Use::Database, &[(3306, 3306), (33060, 33060)]),
    tcp("mSQL", Use::Database, &[(4333, 4333)]),
    tcp("PostgreSQL", Use::Database, &[(5432, 5432)]),
    tcp("Redshift", Use::Database, &[(5439, 5439)]),
    tcp("CouchDB", Use::Database, &[(5984, 5984), (6984, 6984)]),
    tcp("Redis and Valkey", Use::Database, &[(6379, 6380), (16379, 16379)]),
    tcp("Cassandra", Use::Database, &[(7000, 7001), (7199, 7199), (9042, 9042), (9160, 9160)]),
    tcp("Neo4j", Use::Database, &[(7473, 7474), (7687, 7687)]),
    tcp("Neptune", Use::Database, &[(8182, 8182)]),
    tcp("InfluxDB", Use::Database, &[(8086, 8086)]),
    tcp("ClickHouse", Use::Database, &[(8123, 8123)]),
    tcp("Elasticsearch and OpenSearch", Use::Database, &[(9200, 9200), (9300, 9300)]),
    tcp("Memcached", Use::Database, &[(11211, 11211)]),
    udp("Memcached", Use::Database, &[(11211, 11211)]),
    tcp("MongoDB and DocumentDB", Use::Database, &[(27017, 27019)]),
    tcp("Db2", Use::Database, &[(50000, 50000)]),
    tcp("SMTP", Use::Internal, &[(25, 25)]),
    tcp("Kerberos", Use::Internal, &[(88, 88), (464, 464), (749, 750)]),
    udp("Kerberos", Use::Internal, &[(88, 88), (464, 464), (749, 750)]),
    udp("SNMP", Use::Internal, &[(161, 162)]),
    tcp("LDAP", Use::Internal, &[(389, 389), (636, 636)]),
    udp("LDAP", Use::Internal, &[(389, 389)]),
    tcp("ZooKeeper", Use::Internal, &[(2181, 2181), (2888, 2888), (3888, 3888)]),
    tcp("etcd", Use::Internal, &[(2379, 2380)]),
    tcp(
        "development servers",
        Use::Internal,
        &[(3000, 3000), (5000, 5000), (8080, 8080), (8088, 8088), (8888, 8888)],
    ),
    tcp("Kibana and OpenSearch Dashboards", Use::Internal, &[(5601, 5601)]),
    tcp("Prometheus and exporters", Use::Internal, &[(9090, 9091), (9100, 9100)]),
    tcp("Kafka", Use::Internal, &[(9092, 9094)]),
    tcp("Consul", Use::Internal, &[(8300, 8302), (8500, 8500)]),
    tcp("RabbitMQ", Use::Internal, &[(5671, 5672), (15672, 15672)]),
    udp("SSDP", Use::Internal, &[(1900, 1900)]),
];

impl Service {
    /// Its ports.
    pub fn ranges(&self) -> impl Iterator<Item = PortRange> {
        self.ports.iter().filter_map(|&(first, last)| PortRange::new(first, last).ok())
    }
}

/// Whether AWS runs a database behind an interface.
#[must_use]
pub(crate) fn runs_a_database(component: &Component, interface: NetworkInterfaceId) -> bool {
    component.services_of(interface).any(|service| service.kind.is_database())
}

/// The TCP ports of databases that AWS runs, whatever ports databases have as a rule.
#[must_use]
pub(crate) fn own_ports(services: &[record::Service]) -> PortSet {
    let is_database = |kind: &str| {
        ServiceKind::ALL.iter().any(|known| known.as_str() == kind && known.is_database())
    };
    let databases = services.iter().filter(|service| is_database(&service.kind));
    databases.flat_map(|service| &service.ports).map(|&port| PortRange::single(port)).collect()
}

/// The parts of some traffic that belong to a thing's own database ports, without those
/// that belong to databases anyway.
#[must_use]
pub(crate) fn of_own(traffic: Traffic, own: &PortSet) -> Vec<PortRange> {
    match traffic.kind {
        Kind::Of(Protocol::Tcp) => {
            traffic.within(&own.difference(&ports_for(Use::Database, Protocol::Tcp)))
        }
        Kind::Of(_) | Kind::Any | Kind::Other => Vec::new(),
    }
}

/// The ports of all services of a protocol that are for `of`.
#[must_use]
pub(crate) fn ports_for(of: Use, protocol: Protocol) -> PortSet {
    let services = SERVICES.iter().filter(|it| it.of == of && it.protocol == protocol);
    services.flat_map(Service::ranges).collect()
}

/// The parts of some traffic that belong to services of a use.
#[must_use]
pub(crate) fn of_use(traffic: Traffic, of: Use) -> Vec<PortRange> {
    match traffic.kind {
        Kind::Of(protocol) => traffic.within(&ports_for(of, protocol)),
        Kind::Any | Kind::Other => Vec::new(),
    }
}

/// The names of the services that some traffic may reach, in the order of the
/// table, each once.
#[must_use]
pub(crate) fn names(traffic: Traffic) -> Vec<&'static str> {
    let Kind::Of(protocol) = traffic.kind else { return Vec::new() };
    let mut names = Vec::new();
    for service in SERVICES.iter().filter(|service| service.protocol == protocol) {
        let meets = service.ranges().any(|range| range.intersection(traffic.ports).is_some());
        if meets && !names.contains(&service.name) {
            names.push(service.name);
        }
    }
    names
}

/// Whether all of the traffic's ports are ports of services.
#[must_use]
pub(crate) fn is_whole(traffic: Traffic) -> bool {
    let Kind::Of(protocol) = traffic.kind else { return false };
    let services = SERVICES.iter().filter(|service| service.protocol == protocol);
    let known: PortSet = services.flat_map(Service::ranges).collect();
    known.contains_range(traffic.ports)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_stands_under_one_service() {
        for protocol in [Protocol::Tcp, Protocol::Udp] {
            let all = SERVICES.iter().filter(|service| service.protocol == protocol);
            let mut ranges: Vec<PortRange> = all.flat_map(Service::ranges).collect();
            ranges.sort();
            for pair in ranges.windows(2) {
                assert!(pair[0].last() < pair[1].first(), "{protocol} {} {}", pair[0], pair[1]);
            }
        }
    }

    #[test]
    fn the_ports_of_security_hub_are_all_known() {
        // EC2.19: https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html
        let ports = [
            20, 21, 22, 23, 25, 110, 135, 143, 445, 1433, 1434, 3000, 3306, 3389, 4333, 5000, 5432,
            5500, 5601, 8080, 8088, 8888, 9200, 9300,
        ];
        for port in ports {
            let traffic = Traffic { kind: Kind::Of(Protocol::Tcp), ports: PortRange::single(port) };
            assert_eq!(names(traffic).len(), 1, "{port}");
        }
    }
}
