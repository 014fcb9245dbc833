//! `blast-radius`: what is said, and how it ends.

use insta::assert_snapshot;

use crate::support::{blind, path, portolan};

const HARBOUR: &str = "../../../../examples/harbour";

#[test]
fn from_a_web_host_hop_by_hop() {
    let run = portolan(&["blast-radius", HARBOUR, "web-1", "--color", "never"]);
    assert_eq!(run.code, 0);
    assert_snapshot!(run.stdout);
}

#[test]
fn whether_something_is_within_reach_can_be_a_test() {
    let ask = |to, expect| {
        let words = ["blast-radius", HARBOUR, "web-1", "--to", to, "--expect", expect];
        portolan(&words)
    };
    let reached = ask("name:mysql-*", "closed");
    assert_eq!(reached.code, 1);
    assert!(reached.stdout.contains("way: web-1 -tcp/8080-> app-1 -tcp/3306-> mysql-"));
    assert!(reached.stderr.contains("expected closed, is within reach: name:mysql-* from web-1"));
    assert_eq!(ask("name:mysql-*", "open").code, 0);
    let held = ask("bastion-1", "closed");
    assert_eq!(held.code, 0, "{}", held.stdout);
    assert!(held.stdout.contains("not within any number of hops"), "{}", held.stdout);
    assert!(held.stdout.contains("bastion-1"), "{}", held.stdout);
    assert_eq!(ask("bastion-1", "open").code, 1);
}

#[test]
fn ports_and_hops_narrow_it() {
    let hosts = |more: &[&str]| {
        let words = [&["blast-radius", HARBOUR, "web-1", "--format", "jsonl"], more].concat();
        portolan(&words).stdout.lines().count()
    };
    let all = hosts(&[]);
    assert!(hosts(&["--hops", "1"]) < all);
    assert!(hosts(&["--port", "ssh"]) < hosts(&["--port", "ssh,tcp/443"]));
}

#[test]
fn what_it_can_not_be_asked() {
    let ask = |words: &[&str]| portolan(&[&["blast-radius", HARBOUR], words].concat());
    let nobody = ask(&["web-9"]);
    assert_eq!(nobody.code, 2);
    assert!(nobody.stderr.contains("did you mean"), "{}", nobody.stderr);
    assert_eq!(ask(&["web-1", "--expect", "closed"]).code, 2);
    assert_eq!(ask(&["web-1", "--format", "sarif"]).code, 2);
    assert_eq!(ask(&[]).code, 2);
}

#[test]
fn what_was_not_seen_is_three_and_makes_it_possible() {
    let blind = blind();
    let run = portolan(&["blast-radius", path(&blind), "internet"]);
    assert_eq!(run.code, 3);
    assert!(run.stdout.contains("perhaps"), "{}", run.stdout);
}

#[test]
fn strangers_text_stays_text() {
    for format in ["human", "markdown", "csv", "jsonl"] {
        let run = portolan(&["blast-radius", "quay", "internet", "--format", format]);
        assert!(!run.stdout.contains(['\u{1b}', '\u{202e}']), "{format}");
        assert!(run.stdout.contains("A0"), "{format}: {}", run.stdout);
        if format == "csv" {
            assert!(run.stdout.contains(",\"'=cmd") || run.stdout.contains(",'=cmd"));
        }
    }
}
