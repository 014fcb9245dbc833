//! A host whose name is an attack on the terminal, the spreadsheet and the page.

use crate::support::{Run, portolan};

fn all_formats(args: &[&str]) -> Vec<(String, Run)> {
    ["human", "json", "jsonl", "csv", "markdown"]
        .into_iter()
        .map(|format| {
            let mut args = args.to_vec();
            args.extend(["--format", format]);
            (format.to_owned(), portolan(&args))
        })
        .collect()
}

#[test]
fn no_format_of_findings_lets_it_out() {
    for format in ["human", "json", "jsonl", "csv", "markdown", "sarif", "junit"] {
        let run = portolan(&["audit", "quay", "--format", format]);
        assert!(run.stdout.contains("eni-06"), "{format}");
        assert!(is_plain(&run.stdout), "{format}: {:?}", run.stdout);
        assert!(is_plain(&run.stderr), "{format}: {:?}", run.stderr);
    }
    let csv = portolan(&["audit", "quay", "--format", "csv"]).stdout;
    assert!(csv.contains(",'=cmd|"), "{csv}");
    let markdown = portolan(&["audit", "quay", "--format", "markdown"]).stdout;
    assert!(!markdown.contains("<b>") && !markdown.contains("@all"), "{markdown}");
    let junit = portolan(&["audit", "quay", "--format", "junit"]).stdout;
    assert!(!junit.contains("<b>"), "{junit}");
}

fn is_plain(text: &str) -> bool {
    text.chars().all(|c| {
        let turns = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        c == '\n' || !(c.is_control() || turns)
    })
}

#[test]
fn nothing_that_a_terminal_obeys_gets_out() {
    for args in [
        &["ports", "quay"][..],
        &["ports", "quay", "--by", "class"],
        &["ports", "quay", "--audience", "estate"],
        &["ports", "quay", "--direction", "out"],
        &["explain", "quay", "internet", "eni-06", "tcp/8443"],
        &["explain", "quay", "eni-06", "orders-db", "5432"],
    ] {
        for (format, run) in all_formats(args) {
            assert!(is_plain(&run.stdout), "{format} {args:?}: {:?}", run.stdout);
            assert!(is_plain(&run.stderr), "{format} {args:?}: {:?}", run.stderr);
        }
    }
}

#[test]
fn errors_repeat_nothing_that_a_terminal_obeys() {
    let evil = "\u{1b}[2J\u{202e}\u{9b}";
    for args in [
        &["explain", "quay", evil, "10.0.2.5", "22"][..],
        &["explain", "quay", "10.0.1.11", "10.0.2.5", evil],
        &["ports", evil],
        &[evil],
        &["ports", "quay", evil],
        &["ports", "quay", "--accept", evil],
        &["ports", "quay", "--color", evil],
    ] {
        let run = portolan(args);
        assert_eq!(run.code, 2, "{args:?}");
        assert!(is_plain(&run.stderr), "{args:?}: {:?}", run.stderr);
    }
}

#[test]
fn the_name_is_no_formula_and_no_markup() {
    let csv = portolan(&["ports", "quay", "--format", "csv", "--to", "eni-06"]).stdout;
    assert!(csv.contains("'=cmd|"), "{csv}");
    let markdown = portolan(&["ports", "quay", "--format", "markdown", "--to", "eni-06"]).stdout;
    assert!(!markdown.contains("<b>") && !markdown.contains("@all"), "{markdown}");
    let json = portolan(&["ports", "quay", "--format", "jsonl", "--to", "eni-06"]).stdout;
    let record: serde_json::Value = serde_json::from_str(json.lines().next().unwrap()).unwrap();
    assert_eq!(record["name"], "=cmd|' /C calc'!A0\u{1b}[31m<b>@all\u{202e}");
}
