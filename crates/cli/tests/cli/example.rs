//! The shipped example estate answers its own questions as its story says.

use std::path::Path;

use crate::support::{command, run};

#[test]
fn the_harbour_answers_its_questions() {
    let harbour = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/harbour");
    let questions = harbour.join("questions.csv");
    let (harbour, questions) = (harbour.to_str().unwrap(), questions.to_str().unwrap());
    let mut asked = command(&["explain", harbour, "--batch", questions, "--format", "jsonl"]);
    let answers = run(&mut asked, b"");
    assert_eq!(answers.code, 0, "{}\n{}", answers.stderr, answers.stdout);
    assert_eq!(answers.stdout.lines().count(), 13);
    assert!(answers.stdout.contains(r#""clients":"some","client_ports":"32768-60999""#));
}

#[test]
fn only_the_mistakes_are_open_to_everyone_beside_the_web() {
    let harbour = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/harbour");
    let harbour = harbour.to_str().unwrap();
    let mut asked = command(&["ports", harbour, "--audience", "internet", "--format", "jsonl"]);
    let everyone: std::collections::BTreeSet<(String, String)> = run(&mut asked, b"")
        .stdout
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .filter(|port| port["breadth"] == "everyone")
        .map(|port| [&port["name"], &port["ports"]].map(|cell| cell.as_str().unwrap().to_owned()))
        .map(|[name, ports]| (name, ports))
        .collect();
    let beside: Vec<(&str, &str)> = everyone
        .iter()
        .map(|(name, ports)| (name.as_str(), ports.as_str()))
        .filter(|(name, ports)| !(name.starts_with("web-") && ["80", "443"].contains(ports)))
        .collect();
    assert_eq!(beside, [("api-1", "443"), ("reports", "5432"), ("web-3", "22")]);
}
