//! Laws of all formats at once: whatever strangers wrote, it stays text.

use portolan::record::{
    Compared, Coverage, Explanation, Finding, LimitationRecord, Port, PortClass, Verification,
};
use proptest::prelude::*;

use crate::human::{self, Look, PortsReport, Story};
use crate::{AuditReport, VerifyReport, csv, json, junit, markdown, samples, sarif};

/// What people have put into tags to see what happens, and everything else.
fn hostile() -> impl Strategy<Value = String> {
    let payload = prop::sample::select(vec![
        "=HYPERLINK(\"http://evil\")",
        "+1",
        "-1",
        "@SUM(1)",
        "\t=1",
        "\r=1",
        "\0=1",
        "\u{1b}[2J",
        "\u{1b}]0;owned\u{7}",
        "\u{9b}31m",
        "\u{7f}",
        "\u{202e}gnp",
        "\u{2066}",
        "<img src=x onerror=alert(1)>",
        "[a](javascript:alert(1))",
        "![x](https://evil/x.png)",
        "@everyone",
        "#1",
        "a|b",
        "\\|",
        "`code`",
        "``",
        "**bold**",
        "__x__",
        "~~x~~",
        "$x$",
        "https://evil.example",
        "www.evil.example",
        "&lt;",
        "\n\n# heading",
        "\r\n",
        "\"",
        "'",
        "a,b",
        "\u{2028}",
        "日本",
        "{{x}}",
        "<!--",
        "|---|",
        "- item",
        "1. item",
    ]);
    prop::collection::vec(prop_oneof![payload.prop_map(str::to_owned), any::<String>()], 0..4)
        .prop_map(|parts| parts.concat())
}

/// Replaces every text of a record; the closed words of the contract stay.
fn fill<T: serde::Serialize + serde::de::DeserializeOwned>(record: &T, text: &str) -> T {
    fn walk(value: &mut serde_json::Value, key: &str, text: &str) {
        const CLOSED: [&str; 10] = [
            "audience",
            "breadth",
            "certainty",
            "clients",
            "verdict",
            "direction",
            "severity",
            "expected",
            "observed",
            "outcome",
        ];
        match value {
            serde_json::Value::String(string) if !CLOSED.contains(&key) => {
                text.clone_into(string);
            }
            serde_json::Value::Array(items) => {
                items.iter_mut().for_each(|item| walk(item, key, text));
            }
            serde_json::Value::Object(fields) => {
                fields.iter_mut().for_each(|(key, field)| walk(field, key, text));
            }
            serde_json::Value::Null
            | serde_json::Value::Bool(_)
            | serde_json::Value::Number(_)
            | serde_json::Value::String(_) => {}
        }
    }
    let mut value = serde_json::to_value(record).unwrap();
    walk(&mut value, "", text);
    serde_json::from_value(value).unwrap()
}

struct Records {
    port: Port,
    class: PortClass,
    explanation: Explanation,
    findings: Vec<Finding>,
    limitation: LimitationRecord,
    coverage: Coverage,
    verifications: Vec<Verification>,
    compared: Compared,
}

fn records(text: &str) -> Records {
    let mut class = fill(&samples::port_class(), text);
    // Several lines in one cell.
    class.open.sources = Some([text; 8].into_iter().collect());
    let (verifications, compared) = samples::verifications();
    Records {
        port: fill(&samples::port(), text),
        class,
        explanation: fill(&samples::explanation(), text),
        findings: [samples::finding(), samples::excepted(), samples::beyond()]
            .iter()
            .map(|finding| {
                // The directions of a finding are no closed list, and one about packets has one.
                let (code, direction) = (finding.code.clone(), finding.direction.clone());
                Finding { code, direction, ..fill(finding, text) }
            })
            .collect(),
        limitation: fill(&samples::limitation(), text),
        coverage: fill(&samples::coverage(), text),
        verifications: verifications.iter().map(|it| fill(it, text)).collect(),
        compared: fill(&compared, text),
    }
}

/// The report of an audit as each wish makes it.
fn audits<'a>(
    records: &'a Records,
    limitations: &'a [LimitationRecord],
    text: &'a str,
) -> Vec<AuditReport<'a>> {
    let report = samples::audit(&records.findings, &records.coverage, limitations);
    let report = AuditReport { source: text, show_excepted: true, ..report };
    vec![report, AuditReport { narrowed: true, ..report }]
}

fn verify_report<'a>(records: &'a Records, source: &'a str) -> VerifyReport<'a> {
    VerifyReport {
        source,
        records: &records.verifications,
        compared: &records.compared,
        coverage: &records.coverage,
        limitations: std::slice::from_ref(&records.limitation),
    }
}

fn in_human(records: &Records, look: Look, text: &str) -> String {
    let mut out = Vec::new();
    let classes = [records.class.clone()];
    let Records { coverage, explanation, limitation, .. } = records;
    for audience in [None, Some(records.class.open.audience)] {
        let report = PortsReport {
            classes: &classes,
            audience,
            filtered: false,
            source: text,
            coverage,
            book: None,
        };
        human::write_ports(&mut out, look, &report).unwrap();
    }
    let whose = [(text, vec![text.to_owned()])];
    human::write_explanation(&mut out, look, explanation, &whose, coverage).unwrap();
    human::write_explanations(&mut out, look, text, std::slice::from_ref(explanation), coverage)
        .unwrap();
    let limitations = [limitation.clone()];
    let story = Story { source: text, classes: &classes, coverage, limitations: &limitations };
    human::write_story(&mut out, look, &story).unwrap();
    for report in audits(records, &limitations, text) {
        human::write_audit(&mut out, look, &report).unwrap();
    }
    human::write_verify(&mut out, look, &verify_report(records, text)).unwrap();
    for line in human::limitation_lines(&limitations) {
        out.extend_from_slice(line.as_bytes());
        out.push(b'\n');
    }
    String::from_utf8(out).unwrap()
}

fn in_csv(records: &Records) -> String {
    let tables = [
        csv::header::<Port>().unwrap(),
        csv::rows(std::slice::from_ref(&records.port)).unwrap(),
        csv::header::<Explanation>().unwrap(),
        csv::rows(std::slice::from_ref(&records.explanation)).unwrap(),
        csv::header::<Finding>().unwrap(),
        csv::rows(&records.findings).unwrap(),
        csv::header::<Verification>().unwrap(),
        csv::rows(&records.verifications).unwrap(),
    ];
    String::from_utf8(tables.concat()).unwrap()
}

fn in_json(records: &Records) -> String {
    let mut out = Vec::new();
    json::Printed::lines(std::slice::from_ref(&records.port)).unwrap().write(&mut out).unwrap();
    let mut document = json::Document::begin(&mut out, "portolan.ports/1").unwrap();
    document.record(&records.class).unwrap();
    let classes = json::Printed::elements(std::slice::from_ref(&records.class)).unwrap();
    document.printed(&classes).unwrap();
    document.printed(&json::Printed::elements(&records.findings).unwrap()).unwrap();
    document.end(&records.coverage, std::slice::from_ref(&records.limitation)).unwrap();
    let mut document = json::Document::begin(&mut out, "portolan.verifications/1").unwrap();
    records.verifications.iter().for_each(|it| document.record(it).unwrap());
    let limitations = std::slice::from_ref(&records.limitation);
    document.end_compared(&records.compared, &records.coverage, limitations).unwrap();
    String::from_utf8(out).unwrap()
}

fn in_markdown(records: &Records) -> String {
    let mut out = Vec::new();
    let limitations = [records.limitation.clone()];
    let classes = [records.class.clone()];
    markdown::write_ports(&mut out, &classes, None, false, &records.coverage, &limitations)
        .unwrap();
    let answers = [records.explanation.clone()];
    markdown::write_explanations(&mut out, &answers, &records.coverage, &limitations).unwrap();
    for report in audits(records, &limitations, "dump") {
        markdown::write_audit(&mut out, &report).unwrap();
    }
    markdown::write_verify(&mut out, &verify_report(records, "dump")).unwrap();
    String::from_utf8(out).unwrap()
}

/// SARIF and JUnit, each by itself: they are whole documents.
fn in_documents(records: &Records, text: &str) -> [Vec<u8>; 2] {
    let limitations = [records.limitation.clone()];
    let audits = audits(records, &limitations, text);
    let (mut log, mut suites) = (Vec::new(), Vec::new());
    sarif::write(&mut log, &audits[0], &|_| Some(records.explanation.clone())).unwrap();
    junit::write(&mut suites, &audits[0]).unwrap();
    [log, suites]
}

/// No control but LF, nothing that turns the direction of writing.
fn is_plain(text: &str) -> bool {
    text.chars().all(|c| {
        let turns = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        c == '\n' || !(c.is_control() || turns)
    })
}

proptest! {
    #[test]
    fn no_format_lets_a_terminal_obey(text in hostile(), width in prop::option::of(40_u16..200)) {
        let records = records(&text);
        let look = Look { color: false, width };
        prop_assert!(is_plain(&in_human(&records, look, &text)));
        prop_assert!(is_plain(&in_csv(&records)));
        prop_assert!(is_plain(&in_json(&records)));
        prop_assert!(is_plain(&in_markdown(&records)));
        for document in in_documents(&records, &text) {
            prop_assert!(is_plain(std::str::from_utf8(&document).unwrap()));
        }
    }

    #[test]
    fn documents_stay_what_they_are(text in hostile()) {
        let records = records(&text);
        let [log, suites] = in_documents(&records, &text);
        let log: serde_json::Value = serde_json::from_slice(&log).unwrap();
        let result = &log["runs"][0]["results"][0];
        // A link of SARIF is made of brackets: none is bare.
        let said = result["message"]["text"].as_str().unwrap().replace("\\\\", "");
        let said = said.replace("\\[", "").replace("\\]", "");
        prop_assert!(!said.contains(['[', ']', '\\']), "{said}");
        let read = quick_junit::Report::deserialize_from_str(std::str::from_utf8(&suites).unwrap());
        prop_assert!(read.is_ok(), "{:?}", read.err());
    }

    #[test]
    fn colour_is_ours_alone(text in hostile()) {
        let mut shown = in_human(&records(&text), Look { color: true, width: None }, &text);
        for code in ["0", "1", "2", "1;31", "1;32", "1;33"] {
            shown = shown.replace(&format!("\u{1b}[{code}m"), "");
        }
        prop_assert!(is_plain(&shown));
    }

    #[test]
    fn no_cell_is_a_formula(text in hostile()) {
        let shown = in_csv(&records(&text));
        let mut reader = ::csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(shown.as_bytes());
        for row in reader.records() {
            for cell in &row.unwrap() {
                prop_assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\0']));
            }
        }
    }

    #[test]
    fn json_reads_back_as_it_was(text in hostile()) {
        let records = records(&text);
        let mut out = Vec::new();
        json::line(&mut out, &records.port).unwrap();
        prop_assert_eq!(&serde_json::from_slice::<Port>(&out).unwrap(), &records.port);
    }

    #[test]
    fn markdown_has_only_our_markup(text in hostile()) {
        let escaped = markdown::escaped(&text);
        let mut rest = escaped.as_str();
        let mut bare = String::new();
        while let Some(at) = rest.find("&#") {
            bare.push_str(&rest[..at]);
            let end = rest[at..].find(';').unwrap();
            prop_assert!(rest[at + 2..at + end].chars().all(|c| c.is_ascii_digit()));
            bare.push('\u{fffc}');
            rest = &rest[at + end + 1..];
        }
        bare.push_str(rest);
        prop_assert!(!bare.contains(['|', '`', '<', '>', '&', '[', ']', '*', '_', '@', '#', '~', '\\', '$']));
        prop_assert!(!bare.contains("://") && !bare.to_lowercase().contains("www."));
    }

    #[test]
    fn a_markdown_table_keeps_its_shape(text in hostile()) {
        let ours = in_markdown(&records("x"));
        let theirs = in_markdown(&records(&text));
        let shape = |text: &str| -> Vec<usize> {
            text.lines().map(|line| line.matches('|').count()).collect()
        };
        prop_assert_eq!(shape(&ours), shape(&theirs));
    }
}
