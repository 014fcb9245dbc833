//! 0 done, 1 differs, 2 could not be done, 3 limitations in scope.

use crate::support::{blind, command, path, portolan, run};

const HEADER: &str = "from,to,port,expect\n";

fn batch(source: &str, rows: &str) -> (i32, String) {
    let mut command = command(&["explain", source, "--batch", "-", "--format", "jsonl"]);
    let run = run(&mut command, format!("{HEADER}{rows}").as_bytes());
    (run.code, run.stdout)
}

#[test]
fn a_complete_source_is_done() {
    assert_eq!(portolan(&["quay"]).code, 0);
    assert_eq!(portolan(&["ports", "quay"]).code, 0);
    let closed = portolan(&["explain", "quay", "203.0.113.7", "10.0.2.5", "tcp/5432"]);
    assert_eq!(closed.code, 0, "whatever the verdict");
}

#[test]
fn what_was_not_seen_is_three() {
    let blind = blind();
    assert_eq!(portolan(&["ports", path(&blind)]).code, 3);
    assert_eq!(portolan(&[path(&blind)]).code, 3);
    let unknown = portolan(&["explain", path(&blind), "203.0.113.7", "198.51.100.11", "443"]);
    assert!(unknown.stdout.starts_with("unknown"), "{}", unknown.stdout);
    assert_eq!(unknown.code, 3);
}

#[test]
fn the_scope_of_explain_is_what_the_question_meets() {
    let blind = blind();
    // Nothing but security groups is between two hosts of one subnet.
    let within = portolan(&["explain", path(&blind), "10.0.1.11", "10.0.1.22", "tcp/443"]);
    assert!(within.stdout.starts_with("closed"), "{}", within.stdout);
    assert_eq!(within.code, 0);
}

#[test]
fn what_is_accepted_leaves_the_code_and_stays_in_the_report() {
    let blind = blind();
    let codes = "not-collected,no-route-table,no-network-acl";
    let run = portolan(&["ports", path(&blind), "--accept", codes]);
    assert_eq!(run.code, 0);
    assert!(run.stderr.contains("limitation: "), "{}", run.stderr);
    assert_eq!(portolan(&["ports", path(&blind), "--accept", "unmodelled"]).code, 3);
    assert_eq!(portolan(&["ports", "quay", "--accept", "unmodeled"]).code, 2);
}

#[test]
fn an_expectation_that_is_not_met_is_one() {
    let ask = |expect| {
        portolan(&["explain", "quay", "10.0.1.11", "10.0.2.5", "5432", "--expect", expect]).code
    };
    assert_eq!(ask("open"), 0);
    assert_eq!(ask("closed"), 1);
}

#[test]
fn a_row_that_differs_is_one_and_goes_before_three() {
    let held = "10.0.1.11,10.0.2.5,tcp/5432,open\n10.0.1.22,10.0.2.5,tcp/5432,\n";
    assert_eq!(batch("quay", held).0, 0);
    let differs = "10.0.1.11,10.0.2.5,tcp/5432,closed\nnobody,10.0.2.5,tcp/5432,\n";
    let (code, stdout) = batch("quay", differs);
    assert_eq!(code, 1);
    assert_eq!(stdout.lines().count(), 2);
}

#[test]
fn a_row_that_names_nothing_is_unknown() {
    let (code, stdout) = batch("quay", "nobody,10.0.2.5,tcp/5432,\n");
    assert_eq!(code, 3);
    assert!(stdout.contains(r#""verdict":"unknown""#));
    assert!(stdout.contains("no-such-place"));
}

#[test]
fn an_unknown_verdict_is_not_what_was_expected() {
    assert_eq!(batch("quay", "nobody,10.0.2.5,tcp/5432,closed\n").0, 1);
}

#[test]
fn a_batch_that_cannot_be_read_prints_nothing() {
    for rows in [
        "10.0.1.11,10.0.2.5,tcp/5432,\n10.0.1.11,10.0.2.5,tcp/x,\n",
        "10.0.1.11,10.0.2.5,tcp/5432,\n10.0.1.11,10.0.2,tcp/1,\n",
        "10.0.1.11,10.0.2.5,tcp/5432,\n10.0.1.11,10.0.2.5\n",
        "10.0.1.11,10.0.2.5,tcp/5432,\n10.0.1.11,10.0.2.5,tcp/1,perhaps\n",
        "10.0.1.11,10.0.2.5,tcp/5432,\n10.0.1.11,10.0.2.5,65536,\n",
    ] {
        let (code, stdout) = batch("quay", rows);
        assert_eq!((code, stdout.as_str()), (2, ""), "{rows}");
    }
}

#[test]
fn what_cannot_be_done_is_two() {
    for args in [
        &[][..],
        &["nowhere"],
        &["ports"],
        &["ports", "nowhere"],
        &["ports", "quay", "--port", "tcp/x"],
        &["ports", "quay", "--to", "nobody"],
        &["ports", "quay", "--format", "xml"],
        &["ports", "quay", "--with", "nowhere"],
        &["explain", "quay", "10.0.1.11", "10.0.2.5"],
        &["explain", "quay", "nobody", "10.0.2.5", "22"],
        &["explain", "-", "--batch", "-"],
        &["aws"],
        &["ports", "@latest"],
        &["snapshot"],
        &["--format", "json", "ports", "quay"],
        &["ports", "quay", "--output", "nowhere/x.json"],
    ] {
        let run = portolan(args);
        assert_eq!(run.code, 2, "{args:?}");
        assert_eq!(run.stdout, "", "{args:?}");
        assert!(run.stderr.starts_with("error: "), "{args:?}: {}", run.stderr);
    }
}

#[test]
fn bytes_that_are_not_json_are_two() {
    let run = run(&mut command(&["ports", "-"]), b"{\"Vpcs\":[");
    assert_eq!(run.code, 2);
    assert_eq!(run.stdout, "");
}
