//! Programs of others read what is written for them: Microsoft's validator of SARIF,
//! with GitHub's rules, and a reader of JUnit XML in Python. `.ci/setup` installs
//! them; a test without them says loudly that it is skipped.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::{blind, command, path, portolan, run};

/// The folder of the validators, as `.ci/setup` names it.
fn validators() -> Option<PathBuf> {
    let tools = std::env::var_os("PORTOLAN_TOOLS").map(PathBuf::from).or_else(|| {
        let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
        let cache = cache.or_else(|| Some(Path::new(&std::env::var_os("HOME")?).join(".cache")))?;
        Some(cache.join("portolan/tools"))
    })?;
    let folder = tools.join("validators-5.7.0-5.0.3");
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
