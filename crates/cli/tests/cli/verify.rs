//! `verify`: what is configured and what answers.

use std::io::Write;
use std::net::TcpListener;

use serde_json::Value;

use crate::support::{Run, portolan};

/// A scan of one host of the fixture from the internet.
pub(crate) fn scan_of(address: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let xml = format!(
        "<?xml version=\"1.0\"?>\n<!DOCTYPE nmaprun>\n\
         <nmaprun scanner=\"nmap\" version=\"7.93\" start=\"1793534400\">\n\
         <scaninfo type=\"syn\" protocol=\"tcp\" numservices=\"65535\" services=\"1-65535\"/>\n\
         <host><status state=\"up\" reason=\"user-set\"/>\
         <address addr=\"{address}\" addrtype=\"ipv4\"/><ports>\n\
         <extraports state=\"filtered\" count=\"65532\">\
         <extrareasons reason=\"no-response\" count=\"65532\"/></extraports>\n\
         <port protocol=\"tcp\" portid=\"443\"><state state=\"open\" reason=\"syn-ack\"/></port>\n\
         <port protocol=\"tcp\" portid=\"23\"><state state=\"open\" reason=\"syn-ack\"/>\
         <service name=\"telnet&#x1b;[2J\"/></port>\n\
         <port protocol=\"tcp\" portid=\"80\"><state state=\"closed\" reason=\"reset\"/></port>\n\
         </ports></host>\n<runstats><finished time=\"1793534500\"/></runstats></nmaprun>\n"
    );
    file.write_all(xml.as_bytes()).unwrap();
    file
}

fn verify(address: &str, args: &[&str]) -> Run {
    let file = scan_of(address);
    let mut all = vec!["verify", "quay", "--nmap-xml", file.path().to_str().unwrap()];
    all.extend(args);
    let mut run = portolan(&all);
    run.stdout = run.stdout.replace(file.path().to_str().unwrap(), "scan.xml");
    run
}

#[test]
fn every_difference_is_explained() {
    insta::assert_snapshot!(verify("198.51.100.11", &[]).transcript());
}

#[test]
fn formats_say_the_same() {
    let lines = verify("198.51.100.11", &["--format", "jsonl"]);
    let records: Vec<Value> =
        lines.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |outcome: &str| {
        let of = records.iter().filter(|it| it["outcome"] == outcome);
        of.map(|it| it["ports"].as_str().unwrap()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(of("open-unexpectedly"), "23");
    assert!(!of("agrees").is_empty());
    let ports: u64 = records
        .iter()
        .filter(|it| it["outcome"] != "not-scanned")
        .map(|it| it["count"].as_u64().unwrap())
        .sum();
    assert_eq!(ports, 65_535);
    let whole = verify("198.51.100.11", &["--format", "json"]);
    let document: Value = serde_json::from_str(&whole.stdout).unwrap();
    assert_eq!(document["records"].as_array().unwrap().len(), records.len());
    assert_eq!(document["compared"]["scanners"][0], "nmap 7.93");
    let csv = verify("198.51.100.11", &["--format", "csv"]);
    assert_eq!(csv.stdout.lines().count(), records.len() + 1);
    assert!(!csv.stdout.contains('\u{1b}'));
    let markdown = verify("198.51.100.11", &["--format", "markdown"]);
    assert!(markdown.stdout.contains("### 1 open that should be closed"), "{}", markdown.stdout);
    for run in [lines, whole, csv, markdown] {
        assert_eq!(run.code, 1, "{}", run.stderr);
    }
}

#[test]
fn who_scanned_private_addresses_says_from_where() {
    let run = verify("10.0.1.11", &[]);
    assert_eq!(run.code, 2);
    assert!(
        run.stderr.contains("`10.0.1.11` can't be scanned from the internet"),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("--from"), "{}", run.stderr);
    assert_ne!(verify("10.0.1.11", &["--from", "10.0.2.5"]).code, 2);
}

#[test]
fn what_can_not_be_compared_is_an_error() {
    for (args, said) in [
        (&["verify", "quay"][..], "nothing to compare"),
        (&["verify", "quay", "--nmap-xml", "quay/portolan.toml"], "no `nmaprun`"),
        (&["verify", "quay", "--nmap-xml", "nowhere.xml"], "nowhere.xml"),
        (&["verify", "quay", "--listeners", "ss.txt"], "does not say whose"),
        (&["verify", "quay", "--scan", "--nmap-xml", "x.xml"], "a scan of its own"),
        (&["verify", "quay", "--scan", "--target", "127.0.0.1"], "no address of the source"),
        (&["verify", "quay", "--scan", "--rate", "0"], "probes a second"),
        (&["verify", "quay", "--danger-any-target"], "--target"),
    ] {
        let run = portolan(args);
        assert_eq!(run.code, 2, "{args:?}");
        assert!(run.stderr.contains(said), "{args:?}: {}", run.stderr);
    }
}

#[test]
fn listeners_of_a_host_show_what_may_be_closed() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(b"tcp   LISTEN 0 511  *:443  *:*\n").unwrap();
    let argument = format!("web-1={}", file.path().display());
    let run = portolan(&["verify", "quay", "--listeners", &argument, "--format", "jsonl"]);
    let records: Vec<Value> =
        run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let idle = records.iter().filter(|it| it["outcome"] == "nobody-listens");
    assert!(idle.clone().all(|it| it["ports"] != "443"), "{}", run.stdout);
    assert!(records.iter().any(|it| it["observed"] == "open" && it["ports"] == "443"));
}

/// Only the loopback interface is probed, and only where something listens.
#[test]
fn a_scan_of_our_own_is_kept_and_gone_on_with() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("scan.jsonl");
    let kept = kept.to_str().unwrap();
    let args = [
        "verify",
        "quay",
        "--scan",
        "--target",
        "127.0.0.1",
        "--danger-any-target",
        "--ports",
        &port,
        "--technique",
        "connect",
        "--scan-file",
        kept,
        "--format",
        "jsonl",
    ];
    let run = portolan(&args);
    assert!(
        run.stderr.contains("scanning 1 ports of 1 addresses, 1000 a second"),
        "{}",
        run.stderr
    );
    let record: Value = serde_json::from_str(run.stdout.lines().next().unwrap()).unwrap();
    assert_eq!(
        (record["observed"].as_str(), record["outcome"].as_str()),
        (Some("open"), Some("not-in-source"))
    );
    let again = portolan(&args);
    assert!(
        again.stderr.contains("going on: 1 of 1 addresses were probed before"),
        "{}",
        again.stderr
    );
    let compared = portolan(&["verify", "quay", "--scan-file", kept, "--format", "jsonl"]);
    assert_eq!(compared.stdout.lines().count(), again.stdout.lines().count());
}
