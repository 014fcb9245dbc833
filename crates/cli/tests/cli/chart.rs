//! Charts of the shipped example and of the fixture.

use std::path::Path;

use crate::support::portolan;

fn harbour() -> String {
    let harbour = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/harbour");
    harbour.to_str().unwrap().to_owned()
}

#[test]
fn the_harbour_as_a_table() {
    let told = portolan(&["chart", &harbour()]);
    assert_eq!(told.code, 0, "{}", told.stderr);
    insta::assert_snapshot!(told.stdout);
}

#[test]
fn the_file_says_the_format_unless_it_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let written = |name: &str, more: &[&str]| {
        let file = folder.path().join(name);
        let harbour = harbour();
        let mut all = vec!["chart", &harbour, "-o", file.to_str().unwrap()];
        all.extend(more);
        assert_eq!(portolan(&all).code, 0);
        std::fs::read_to_string(file).unwrap()
    };
    assert!(written("a.svg", &[]).starts_with("<svg"));
    assert!(written("a.mmd", &[]).starts_with("flowchart LR"));
    assert!(written("a.dot", &[]).starts_with("digraph portolan {"));
    assert!(written("a.json", &[]).starts_with(r#"{"format":"portolan.chart/1""#));
    assert!(written("a.txt", &[]).contains("open to everyone"));
    assert!(written("b.json", &["--format", "dot"]).starts_with("digraph"));
    assert_eq!(written("c.svg", &[]), written("d.svg", &[]));
}

#[test]
fn a_focus_that_names_nothing_is_an_error() {
    let told = portolan(&["chart", &harbour(), "--focus", "grafanna-1"]);
    assert_eq!(told.code, 2);
    assert!(told.stderr.contains("grafana-1"), "{}", told.stderr);
}

#[test]
fn a_focus_is_marked() {
    let told = portolan(&["chart", &harbour(), "--focus", "grafana-1", "--format", "json"]);
    let chart: serde_json::Value = serde_json::from_str(&told.stdout).unwrap();
    let focused: Vec<&str> = chart["boxes"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["focused"] == true)
        .map(|one| one["title"].as_str().unwrap())
        .collect();
    assert_eq!(focused, ["grafana-1"]);
}
