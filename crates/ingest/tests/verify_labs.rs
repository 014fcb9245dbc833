//! What really answered in real AWS networks, beside what their configuration says.
//!
//! The inputs are not part of the project; `PORTOLAN_TEST_DATA` names the folder that
//! holds them. Without it this test says so and passes.

use std::collections::BTreeMap;
use std::path::Path;

use expect_test::expect;
use portolan::net::{PortRange, Protocol};
use portolan::observed::{Observation, PortState, Scan};
use portolan::reach::place::Zones;
use portolan::verify::{Vantage, verify};

#[test]
fn nothing_answers_that_is_configured_as_closed() {
    let Some(data) = std::env::var_os("PORTOLAN_TEST_DATA") else {
        eprintln!("SKIPPED: PORTOLAN_TEST_DATA is not set, so real AWS probes were not verified");
        return;
    };
    let data = Path::new(&data);
    let table = std::fs::read_to_string(data.join("expected/A1-observed.csv")).unwrap();
    let mut rows = table.lines();
    let header: Vec<&str> = rows.next().unwrap().split(',').collect();
    let column = |name: &str| header.iter().position(|known| *known == name).unwrap();
    // By lab and sender: what it saw.
    let mut scans: BTreeMap<(String, String), Scan> = BTreeMap::new();
    for row in rows {
        let cells: Vec<&str> = row.split(',').collect();
        let cell = |name: &str| cells[column(name)];
        if cell("scope") != "network" {
            continue;
        }
        let (protocol, port) = match cell("proto") {
            "icmp" => (Protocol::Icmp, 8 << 8),
            protocol => (protocol.parse().unwrap(), cell("dst_port").parse().unwrap()),
        };
        let state = match (cell("observed_state"), cell("reachable")) {
            ("closed", _) => PortState::Closed,
            (_, "yes") => PortState::Open,
            _ => PortState::Filtered,
        };
        let key = (cell("lab").to_owned(), cell("src_ip").to_owned());
        scans.entry(key).or_default().observations.push(Observation {
            address: cell("dst_ip").parse().unwrap(),
            protocol,
            ports: PortRange::single(port),
            state,
            reason: cell("observed_state").into(),
            service: "".into(),
            tls: None,
            file: 0,
            line: None,
        });
    }
    let mut labs: BTreeMap<&str, portolan_ingest::Loaded> = BTreeMap::new();
    let mut outcomes: BTreeMap<&str, u64> = BTreeMap::new();
    let mut told = String::new();
    for ((lab, sender), scan) in &scans {
        let loaded = labs.entry(lab).or_insert_with(|| {
            let folder = data.join("A1-labs").join(lab).join("aws_configs");
            portolan_ingest::load(&[&folder], &portolan_ingest::LoadOptions::default()).unwrap()
        });
        let zones = Zones::default();
        let from = Vantage::parse(&loaded.network, &zones, sender).unwrap();
        let (records, _) = verify(&loaded.network, &zones, &(), &from, scan);
        for record in &records {
            *outcomes.entry(record.outcome.as_str()).or_default() += record.count;
            if record.differs {
                let (outcome, to) = (record.outcome.as_str(), &record.to);
                let port = format!("{}/{}", record.protocol, record.ports);
                told.push_str(&format!("{lab} {sender} {to} {port}: {outcome}\n"));
            }
        }
    }
    for (outcome, ports) in outcomes {
        told.push_str(&format!("{ports} {outcome}\n"));
    }
    expect![[r#"
        1140 agrees
        75 not-in-source
        458952 not-scanned
    "#]]
    .assert_eq(&told);
}
