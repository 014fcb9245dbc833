//! Programs of others read what is written for them: Microsoft's validator of SARIF,
//! with GitHub's rules, a reader of JUnit XML in Python, Graphviz and Mermaid.
//! `.ci/setup` installs them; a test without them says loudly that it is skipped.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::{blind, command, copy, path, portolan, run};

/// The folder of some validators, as `.ci/setup` names it.
fn installed(name: &str) -> Option<PathBuf> {
    let tools = std::env::var_os("PORTOLAN_TOOLS").map(PathBuf::from).or_else(|| {
        let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
        let cache = cache.or_else(|| Some(Path::new(&std::env::var_os("HOME")?).join(".cache")))?;
        Some(cache.join("portolan/tools"))
    })?;
    let folder = tools.join(name);
    if folder.join("complete").is_file() {
        return Some(folder);
    }
    // Not through eprintln!, which is silent while tests pass.
    drop(writeln!(
        std::io::stderr(),
        "SKIPPED: no validators at {}: `PORTOLAN_WANT=validators .ci/setup` installs them",
        folder.display()
    ));
    None
}

fn validators() -> Option<PathBuf> {
    installed("validators-5.7.0-5.0.3")
}

/// The same source with and without exceptions, and one that was not all seen.
fn reports(format: &str) -> Vec<(String, String)> {
    let blind = blind();
    let excused = tempfile::tempdir().unwrap();
    let exceptions = excused.path().join("e.toml");
    let text = "[[exception]]\ncode = \"administration-open-to-internet\"\non = \"eni-03\"\n\
                ports = \"tcp/22\"\nfrom = \"internet\"\nreason = \"a <b> ]]> & \\\"c\\\"\"\n\
                owner = \"we\"\nuntil = 2999-12-31\n";
    std::fs::write(&exceptions, text).unwrap();
    let exceptions = exceptions.to_str().unwrap();
    [
        vec!["audit", "quay"],
        vec!["audit", "quay", "--exceptions", exceptions],
        vec!["audit", "quay", "--fail-on", "critical"],
        vec!["audit", path(&blind)],
        vec!["audit", "quay", "--code", "reply-blocked"],
    ]
    .into_iter()
    .map(|mut args| {
        args.extend(["--format", format]);
        let report = portolan(&args);
        assert_ne!(report.code, 2, "{args:?}: {}", report.stderr);
        (args.join(" "), report.stdout)
    })
    .collect()
}

fn told(output: &Output) -> String {
    let [out, err] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    format!("{out}{err}")
}

#[test]
fn sarif_is_valid_to_its_authors_and_to_github() {
    let Some(folder) = validators() else { return };
    let validator = folder.join("node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool");
    let reports = reports("sarif");
    let files = tempfile::tempdir().unwrap();
    let mut names = Vec::new();
    for (number, (_, report)) in reports.iter().enumerate() {
        let file = files.path().join(format!("{number}.sarif"));
        std::fs::write(&file, report).unwrap();
        names.push(file);
    }
    // That it finds something at all: a report whose results are nowhere.
    let broken = files.path().join("broken.sarif");
    let text = reports[0].1.replace("\"ruleId\"", "\"rule\"");
    std::fs::write(&broken, text).unwrap();
    let validate = |files: &[PathBuf]| {
        let mut command = Command::new(&validator);
        command.arg("validate").args(files).args(["--rule-kind", "Sarif;Ghas"]);
        // What is a matter of taste is a note or a warning.
        command.args(["--level", "Error"]);
        command.env("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1");
        command.env("DOTNET_BUNDLE_EXTRACT_BASE_DIR", folder.join("extracted"));
        command.output().unwrap()
    };
    let whole = validate(&names);
    let said = told(&whole);
    assert!(whole.status.success() && !said.contains(": error "), "{said}");
    assert!(said.contains("Analysis completed successfully"), "{said}");
    let said = told(&validate(&[broken]));
    assert!(said.contains(": error "), "a broken report is valid to it: {said}");
}

#[test]
fn junit_is_read_by_others() {
    let Some(folder) = validators() else { return };
    let script = "import sys\nfrom junitparser import JUnitXml, Failure, Skipped\n\
                  xml = JUnitXml.fromfile(sys.argv[1])\n\
                  cases = [case for suite in xml for case in suite]\n\
                  kinds = [type(r).__name__ for case in cases for r in case.result]\n\
                  print(len(cases), kinds.count('Failure'), kinds.count('Skipped'))\n\
                  print(xml.tests, xml.failures, xml.skipped)\n";
    for (args, report) in reports("junit") {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), report).unwrap();
        let mut python = Command::new("python3");
        python.args(["-c", script]).arg(file.path()).env("PYTHONPATH", folder.join("python"));
        let read = python.output().unwrap();
        let said = told(&read);
        assert!(read.status.success(), "{args}: {said}");
        let lines: Vec<&str> = said.lines().collect();
        assert_eq!(lines.len(), 2, "{args}: {said}");
        assert_eq!(lines[0], lines[1], "{args}: the counts are those of the cases");
        let counts: Vec<u64> = lines[0].split(' ').map(|it| it.parse().unwrap()).collect();
        assert!(counts[0] >= 45, "{args}: {said}");
        if args.contains("--exceptions") {
            assert_eq!(counts[2], 1, "{args}: {said}");
        }
    }
}

/// Names that try to be something else in a chart.
const HOSTILE: [&str; 14] = [
    "\"]; evil [label=\"",
    "] --> evil[\"x\"]",
    "</text><script>alert(1)</script>",
    "a\nb\r\nc",
    "end",
    "\\\" \\\\N \\G \\",
    "\u{1f980} \"\u{65e5}\u{672c}\" \u{202e}gnp \u{0}\u{1b}[2J",
    "#quot; #35; &lt; %%{init: {}}%%",
    "`${x}` **b** _i_",
    "subgraph x",
    "click b1 href \"javascript:alert(1)\"",
    "---\ntitle: x\n---",
    "{<b>}|{a|b}",
    "graph TD; A-->B",
];

/// Calls everything that has a name something hostile, from a number on.
fn rename(value: &mut serde_json::Value, number: &mut usize) {
    match value {
        serde_json::Value::Object(fields) => {
            if fields.get("Key").is_some_and(|key| key == "Name") {
                let name = HOSTILE[*number % HOSTILE.len()];
                fields.insert("Value".to_owned(), name.into());
                *number += 1;
            }
            fields.values_mut().for_each(|it| rename(it, number));
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(|it| rename(it, number)),
        serde_json::Value::Null
        | serde_json::Value::Bool(_)
        | serde_json::Value::Number(_)
        | serde_json::Value::String(_) => {}
    }
}

/// The fixture with hostile names, from a number on.
fn hostile(mut number: usize) -> tempfile::TempDir {
    let folder = copy("quay");
    for file in ["Vpcs", "Subnets", "Instances"] {
        let file = folder.path().join(format!("111122223333/eu-west-1/{file}.json"));
        let mut value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        rename(&mut value, &mut number);
        std::fs::write(file, serde_json::to_vec(&value).unwrap()).unwrap();
    }
    folder
}

#[test]
fn charts_are_read_by_graphviz_and_mermaid() {
    let Some(folder) = installed("charts-1.29.2-11.17.2-29.1.1") else { return };
    let harbour = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/harbour");
    let sources: Vec<tempfile::TempDir> = (0..HOSTILE.len()).step_by(4).map(hostile).collect();
    let mut sources: Vec<&str> = sources.iter().map(path).collect();
    sources.push(harbour.to_str().unwrap());
    let files = tempfile::tempdir().unwrap();
    let (mut names, mut wanted) = (Vec::new(), Vec::new());
    for (number, source) in sources.iter().enumerate() {
        let json = portolan(&["chart", source, "--format", "json"]).stdout;
        let chart: serde_json::Value = serde_json::from_str(&json).unwrap();
        let count = |list: &str| chart[list].as_array().unwrap().len();
        for kind in ["dot", "mmd"] {
            let file = files.path().join(format!("{number}.{kind}"));
            assert_eq!(portolan(&["chart", source, "-o", file.to_str().unwrap()]).code, 0);
            names.push(file);
            wanted.push((count("boxes"), count("edges")));
        }
    }
    // That they refuse something at all.
    for (kind, text) in [("dot", "digraph { a -> }"), ("mmd", "flowchart LR\n a --> [")] {
        let file = files.path().join(format!("broken.{kind}"));
        std::fs::write(&file, text).unwrap();
        names.push(file);
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/charts.mjs");
    let read = Command::new("node").arg(script).arg(folder).args(&names).output().unwrap();
    assert!(read.status.success(), "{}", told(&read));
    let lines = String::from_utf8(read.stdout).unwrap();
    let lines: Vec<serde_json::Value> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), names.len());
    for ((line, name), wanted) in lines.iter().zip(&names).zip(&wanted) {
        let text = std::fs::read_to_string(name).unwrap();
        assert!(line["refused"].is_null(), "{line} of {text}");
        let count = |what: &str| usize::try_from(line[what].as_u64().unwrap()).unwrap();
        assert_eq!((count("boxes"), count("edges")), *wanted, "{line} of {text}");
        assert_eq!(line["scripts"], 0, "{line} of {text}");
    }
    for line in lines.iter().skip(wanted.len()) {
        assert!(line["refused"].is_string(), "a broken chart is read: {line}");
    }
}

#[test]
fn a_table_is_read_by_others() {
    // The standard library's reader of CSV, where there is a Python.
    let script = "import csv, sys\nrows = list(csv.reader(open(sys.argv[1], newline='')))\n\
                  assert len(set(map(len, rows))) == 1, 'rows differ in length'\n\
                  assert not any(c[:1] in '=+-@\\t\\r' for r in rows for c in r if c), 'a formula'\n\
                  print(len(rows))\n";
    if Command::new("python3").arg("--version").output().is_err() {
        drop(writeln!(std::io::stderr(), "SKIPPED: no python3 here"));
        return;
    }
    let lines = run(&mut command(&["audit", "quay", "--format", "jsonl"]), b"").stdout;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), portolan(&["audit", "quay", "--format", "csv"]).stdout).unwrap();
    let read = Command::new("python3").args(["-c", script]).arg(file.path()).output().unwrap();
    assert!(read.status.success(), "{}", told(&read));
    let rows: usize = told(&read).trim().parse().unwrap();
    assert_eq!(rows, lines.lines().count() + 1);
}
