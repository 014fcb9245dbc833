//! The shipped example estates answer their own questions as their stories say, and
//! have the findings that these tell of.

use std::path::{Path, PathBuf};

use portolan::audit::{AuditOptions, Exception, Excuses, Packets, audit, except};
use portolan::model::Direction;
use portolan::reach::place::{PortFilter, Selector};
use portolan::record::{Finding, Severity};
use portolan_ingest::LoadOptions;

use crate::support::{command, run};

#[test]
fn the_harbour_answers_its_questions() {
    let harbour = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/harbour");
    let questions = harbour.join("questions.csv");
    let (harbour, questions) = (harbour.to_str().unwrap(), questions.to_str().unwrap());
    let mut asked = command(&["explain", harbour, "--batch", questions, "--format", "jsonl"]);
    let answers = run(&mut asked, b"");
    assert_eq!(answers.code, 0, "{}\n{}", answers.stderr, answers.stdout);
    assert_eq!(answers.stdout.lines().count(), 18);
    assert!(answers.stdout.contains(r#""clients":"some","client_ports":"32768-60999""#));
}

#[test]
fn the_questions_of_every_day_are_answered() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let harbour = root.join("examples/harbour");
    let harbour = harbour.to_str().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let drawn = folder.path().join("chart.svg");
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    let rows =
        readme.lines().filter_map(|line| line.strip_prefix("| ")?.split_once("| `portolan "));
    let mut asked = 0;
    for (question, rest) in rows {
        let words = rest.split('`').next().unwrap().split(' ').map(|word| match word {
            "DIR" => harbour,
            "chart.svg" => drawn.to_str().unwrap(),
            word => word.trim_matches('\''),
        });
        let words: Vec<&str> = words.collect();
        let answer = run(&mut command(&words), b"");
        assert_eq!(answer.code, 0, "{question}: {}", answer.stderr);
        let nothing = answer.stdout.starts_with("nothing that was asked for is open");
        let none = question.contains("databases") || question.contains("RDP");
        assert_eq!(nothing, none, "{question}: {}", answer.stdout);
        asked += 1;
    }
    assert!(asked >= 12 && drawn.is_file(), "{asked}");
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
    let open = [("api-1", "443"), ("reports", "5432"), ("status-1", "80"), ("web-3", "22")];
    assert_eq!(beside, open);
}

/// An estate of the examples, with its zones.
struct Example {
    loaded: portolan_ingest::Loaded,
    options: AuditOptions,
    folder: PathBuf,
}

fn example(name: &str) -> Example {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(name);
    let loaded = portolan_ingest::load(&[&folder], &LoadOptions::default()).unwrap();
    let mut options = AuditOptions::default();
    for (zone, selectors) in table(&folder.join("portolan.toml"))["zones"].as_table().unwrap() {
        options.zones.zones.insert(zone.clone(), selectors_of(selectors));
    }
    Example { loaded, options, folder }
}

fn table(path: &Path) -> toml::Table {
    std::fs::read_to_string(path).unwrap().parse().unwrap()
}

/// One text, or a list of them.
fn texts(value: &toml::Value) -> Vec<&str> {
    let list = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    list.iter().map(|it| it.as_str().unwrap()).collect()
}

fn selectors_of(value: &toml::Value) -> Vec<Selector> {
    texts(value).into_iter().map(|text| Selector::parse(text).unwrap()).collect()
}

impl Example {
    fn findings(&self) -> Vec<Finding> {
        audit(&self.loaded.network, &self.loaded.sources, &self.options)
    }

    fn exceptions(&self) -> Vec<Exception> {
        let file = table(&self.folder.join("portolan.exceptions.toml"));
        let entries = file["exception"].as_array().unwrap().iter();
        let exceptions = entries.map(|entry| {
            let text = |key: &str| entry[key].as_str().unwrap().to_owned();
            let (way, peers) = match (entry.get("from"), entry.get("to")) {
                (Some(from), None) => (Some(Direction::Ingress), Some(from)),
                (None, Some(to)) => (Some(Direction::Egress), Some(to)),
                (None, None) => (None, None),
                (Some(_), Some(_)) => panic!("{entry}"),
            };
            let packets = peers.map(|peers| Packets {
                ports: texts(&entry["ports"])
                    .into_iter()
                    .map(|text| PortFilter::filter(text).unwrap())
                    .collect(),
                sources: selectors_of(peers),
            });
            Exception {
                code: text("code"),
                thing: text("on"),
                place: Selector::parse(&text("on")).unwrap(),
                direction: way,
                packets,
                reason: text("reason"),
                owner: text("owner"),
                until: entry["until"].to_string(),
                expired: false,
                file: "portolan.exceptions.toml".to_owned(),
                line: None,
            }
        });
        exceptions.collect()
    }
}

/// Severity, code and title.
fn told(finding: &Finding) -> String {
    format!("{} {}: {}\n", finding.severity.as_str(), finding.code, finding.title)
}

#[test]
fn the_findings_of_the_harbour() {
    let findings: String = example("harbour").findings().iter().map(told).collect();
    insta::assert_snapshot!(findings);
}

#[test]
fn the_clean_harbour_has_nothing_above_information() {
    let found = example("harbour-clean").findings();
    let worse: String = found.iter().filter(|it| it.severity > Severity::Info).map(told).collect();
    assert_eq!(worse, "");
    // What is open on purpose is told, so that exceptions can say why.
    assert!(found.iter().any(|it| it.code == "port-open-to-internet"));
}

#[test]
fn the_exceptions_of_the_clean_harbour_allow_all_that_is_left() {
    let clean = example("harbour-clean");
    let mut found = clean.findings();
    let excuses = Excuses {
        exceptions: clean.exceptions(),
        zones: clean.options.zones.clone(),
        ..Excuses::default()
    };
    // One that allows nothing would be found itself.
    assert_eq!(except(&clean.loaded.network, &excuses, &mut found), []);
    let left: String = found.iter().filter(|it| it.exception.is_none()).map(told).collect();
    assert_eq!(left, "");
}

#[test]
fn the_clean_harbour_has_what_it_needs() {
    let clean = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/harbour-clean");
    let questions = clean.join("questions.csv");
    let (clean, questions) = (clean.to_str().unwrap(), questions.to_str().unwrap());
    let mut asked = command(&["explain", clean, "--batch", questions, "--format", "jsonl"]);
    let answers = run(&mut asked, b"");
    assert_eq!(answers.code, 0, "{}\n{}", answers.stderr, answers.stdout);
    assert_eq!(answers.stdout.lines().count(), 31);
}
