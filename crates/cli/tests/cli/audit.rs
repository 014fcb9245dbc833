//! `audit`: findings, exceptions, baselines and exit codes.

use std::path::Path;
use std::process::Stdio;

use serde_json::Value;

use crate::support::{Run, blind, command, copy, fixtures, path, portolan, run};

/// The example estate, asked from the root of the tree as its readers do.
fn harbour(args: &[&str]) -> Run {
    let mut all = vec!["audit", "examples/harbour"];
    all.extend(args);
    let mut asked = command(&all);
    run(asked.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")), b"")
}

fn records(run: &Run) -> Vec<Value> {
    run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A folder with one file, and the file's name.
fn file(text: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let name = folder.path().join("e.toml").to_str().unwrap().to_owned();
    std::fs::write(&name, text).unwrap();
    (folder, name)
}

fn exception(on: &str, ports: &str, from: &str, until: &str) -> String {
    format!(
        "[[exception]]\ncode = \"administration-open-to-internet\"\non = \"{on}\"\n\
         ports = \"{ports}\"\nfrom = [\"{from}\"]\nreason = \"the move\"\nowner = \"we\"\n\
         until = {until}\n"
    )
}

/// What is found in the fixture with these exceptions, as a code, a thing and what
/// became of it each, of those about SSH or exceptions.
fn excepted(text: &str) -> Vec<String> {
    let (_folder, name) = file(text);
    let found = portolan(&["audit", "quay", "--exceptions", &name, "--format", "jsonl"]);
    assert_eq!(found.code, 0, "{}", found.stderr);
    records(&found)
        .iter()
        .filter(|it| {
            let code = it["code"].as_str().unwrap();
            code == "administration-open-to-internet" || code.ends_with("-exception")
        })
        .map(|it| {
            let beyond = it["beyond"].as_array().unwrap().len();
            let by = &it["exception"];
            let state = match (by.is_null(), beyond) {
                (true, 0) => "found".to_owned(),
                (true, _) => "beyond".to_owned(),
                (false, _) => format!("allowed until {} by {}", by["until"], by["owner"]),
            };
            let line = &it["about"]["line"];
            let severity = it["severity"].as_str().unwrap();
            match it["about"]["kind"].as_str().unwrap() {
                "exception" => format!("{severity} {} line {line}", it["code"].as_str().unwrap()),
                _ => format!("{severity} {} {state}", it["about"]["id"].as_str().unwrap()),
            }
        })
        .collect()
}

#[test]
fn the_worst_comes_first_with_what_to_do() {
    let told = harbour(&["--min-severity", "critical"]);
    // How many others there are changes with each new kind.
    let hidden = told.stdout.split(" critical; ").nth(1).unwrap().split(' ').next().unwrap();
    let shown = told.transcript().replace(&format!("; {hidden} less bad"), "; N less bad");
    insta::assert_snapshot!(shown, @r"
    CRITICAL  A way to administer the host is open to the internet  administration-open-to-internet
      fix  Let only the office, a bastion or a VPN in: name their addresses or the security group of the bastion. Session Manager and EC2 Instance Connect Endpoint need no open port.
      why  Whoever logs in owns the host. Open administration ports are tried around the clock by machines with lists of passwords and stolen keys, and a flaw in the service itself needs no password at all.
      * SSH (tcp/22) of web-3 (eni-0eb00000000000003) is open to everyone on the internet over IPv4
        by      sg-01a10000000000001 sgr-01a11000000000001  examples/harbour/111122223333/eu-west-1/SecurityGroups.json:626
        prove   portolan explain examples/harbour 203.0.113.1 eni-0eb00000000000003 tcp/22
        console https://eu-west-1.console.aws.amazon.com/ec2/home?region=eu-west-1#NetworkInterface:networkInterfaceId=eni-0eb00000000000003

    CRITICAL  A database port is open to the internet  database-open-to-internet
      fix  Let the rule name the security group of the application servers instead of addresses, and move the database to a subnet without a route to an internet gateway.
      why  Databases are found by scanners within minutes, their passwords are tried and their flaws used; what they hold is the reason to break in. Only the application servers need to reach a database, and they are inside.
      * PostgreSQL (tcp/5432) of reports (eni-04e90000000000001) is open to everyone on the internet over IPv4
        by      sg-04e90000000000001 sgr-04e91000000000001  examples/harbour/111122223333/eu-west-1/SecurityGroups.json:333
        prove   portolan explain examples/harbour 203.0.113.1 eni-04e90000000000001 tcp/5432
        console https://eu-west-1.console.aws.amazon.com/ec2/home?region=eu-west-1#NetworkInterface:networkInterfaceId=eni-04e90000000000001

    2 findings: 2 critical; N less bad, not told
    judged: 24 interfaces and 90 rules in 2 VPCs (111122223333; eu-west-1); not collected: nothing; 0 limitations; assumed: no-security-group-vpc-associations
    ");
}

#[test]
fn the_whole_report_ends_with_what_is_worst() {
    let told = harbour(&[]);
    assert_eq!(told.code, 0, "a finding fails nothing unless it is told to");
    let heads: Vec<&str> = told
        .stdout
        .lines()
        .filter(|line| line.starts_with(|c: char| c.is_ascii_uppercase()))
        .collect();
    let last: Vec<&str> = told.stdout.lines().rev().take(4).collect();
    assert!(heads[0].starts_with("CRITICAL  "), "{heads:?}");
    assert!(last[0].starts_with("judged: 24 interfaces"), "{last:?}");
    assert!(last[1].contains(" findings: 2 critical, "), "{last:?}");
    assert!(last[3].starts_with("the worst  SSH (tcp/22) of web-3"), "{last:?}");
}

#[test]
fn nothing_is_wrong_with_the_clean_harbour_but_what_it_allows() {
    let estate = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/harbour-clean");
    let exceptions = estate.join("portolan.exceptions.toml");
    let (estate, exceptions) = (estate.to_str().unwrap(), exceptions.to_str().unwrap());
    let clean = portolan(&["audit", estate, "--exceptions", exceptions, "--fail-on", "info"]);
    assert_eq!(clean.code, 0, "{}{}", clean.stdout, clean.stderr);
    assert!(clean.stdout.starts_with("nothing is open, unused or undone"), "{}", clean.stdout);
    assert_eq!(portolan(&["audit", estate, "--fail-on", "info"]).code, 1);
}

#[test]
fn each_proof_is_open_when_it_is_asked_as_printed() {
    let told = harbour(&["--min-severity", "medium"]).stdout;
    let proofs: Vec<&str> =
        told.lines().filter_map(|line| line.trim().strip_prefix("prove   portolan ")).collect();
    assert!(proofs.len() >= 3, "{told}");
    for proof in proofs {
        let words: Vec<&str> = proof.split(' ').collect();
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let answer = run(command(&words).current_dir(root), b"");
        assert!(answer.stdout.starts_with("open"), "{proof}: {}", answer.stdout);
    }
}

#[test]
fn one_kind_is_told_in_full() {
    let told = harbour(&["--code", "subnet-assigns-public-addresses"]).stdout;
    assert_eq!(told.lines().filter(|line| line.starts_with("  * ")).count(), 5, "{told}");
    assert!(told.contains("  answers  "), "{told}");
    assert!(told.contains("5 findings: 5 low\n"), "{told}");
    let none = harbour(&["--code", "all-ports-open-to-internet"]).stdout;
    assert!(none.starts_with("nothing of what was asked for was found\nnothing found\n"), "{none}");
    let misspelt = harbour(&["--code", "unused-securty-group"]);
    assert_eq!(misspelt.code, 2);
    assert!(misspelt.stderr.contains("did you mean `unused-security-group`?"));
}

#[test]
fn it_fails_only_when_it_is_told_to() {
    assert_eq!(portolan(&["audit", "quay"]).code, 0);
    let failed = portolan(&["audit", "quay", "--fail-on", "critical"]);
    assert_eq!(failed.code, 1);
    assert!(failed.stderr.contains("--fail-on critical: "), "{}", failed.stderr);
    assert_eq!(harbour(&["--fail-on", "high", "--code", "unused-security-group"]).code, 0);
    let hidden = harbour(&["--fail-on", "low", "--min-severity", "critical"]);
    assert_eq!(hidden.code, 1, "what is not told counts");
}

#[test]
fn what_was_not_seen_is_three_and_a_finding_goes_before() {
    let blind = blind();
    let seen = portolan(&["audit", path(&blind)]);
    assert_eq!(seen.code, 3);
    assert!(seen.stderr.contains("limitation: not-collected"), "{}", seen.stderr);
    assert_eq!(portolan(&["audit", path(&blind), "--fail-on", "info"]).code, 1);
    let codes = "not-collected,no-route-table,no-network-acl";
    assert_eq!(portolan(&["audit", path(&blind), "--accept", codes]).code, 0);
}

#[test]
fn a_source_without_interfaces_is_no_all_clear() {
    let listing = fixtures().join("quay/111122223333/eu-west-1/Vpcs.json");
    let told = run(&mut command(&["audit", "-"]), &std::fs::read(listing).unwrap());
    assert!(told.stdout.contains("no network interface was judged"), "{}", told.stdout);
    assert_eq!(told.code, 3);
}

#[test]
fn stdin_is_a_source() {
    let listing = fixtures().join("quay/111122223333/eu-west-1/SecurityGroups.json");
    let mut asked = command(&["audit", "-", "--format", "jsonl"]);
    let told = run(&mut asked, &std::fs::read(listing).unwrap());
    assert!(records(&told).iter().any(|it| it["code"] == "administration-open-to-internet"));
}

#[test]
fn exactly_what_is_allowed_is_excepted() {
    let all = exception("eni-03", "tcp/22", "internet", "2999-12-31");
    assert_eq!(excepted(&all), ["critical eni-03 allowed until \"2999-12-31\" by \"we\""]);
    let lapsed = exception("eni-03", "tcp/22", "internet", "2020-12-31");
    assert_eq!(excepted(&lapsed), ["critical eni-03 found", "medium expired-exception line 1"]);
    let narrow = exception("eni-03", "tcp/22", "0.0.0.0/1", "2999-12-31");
    assert_eq!(excepted(&narrow), ["critical eni-03 beyond"]);
    let unused = exception("eni-01", "tcp/22", "internet", "2999-12-31");
    assert_eq!(excepted(&unused), ["critical eni-03 found", "low unused-exception line 1"]);
    let zone = exception("eni-03", "tcp/22", "zone:office", "2999-12-31");
    assert_eq!(excepted(&zone), ["critical eni-03 beyond"]);
}

#[test]
fn what_is_allowed_does_not_fail_and_is_counted() {
    let (_folder, name) = file(&exception("eni-03", "tcp/22", "internet", "2999-12-31"));
    let args = ["audit", "quay", "--exceptions", &name, "--fail-on", "critical"];
    let critical = portolan(&["audit", "quay", "--format", "jsonl", "--min-severity", "critical"]);
    let others = records(&critical).len() - 1;
    let told = portolan(&args);
    assert_eq!(told.code, i32::from(others > 0));
    assert!(told.stdout.contains("1 allowed by exceptions or the baseline"), "{}", told.stdout);
    assert!(!told.stdout.contains("the move"), "{}", told.stdout);
    let mut args = args.to_vec();
    args.push("--show-excepted");
    let told = portolan(&args).stdout;
    assert!(told.contains("allowed until 2999-12-31 by we: the move"), "{told}");
}

#[test]
fn exceptions_that_cannot_be_read_are_named_with_line_and_mend() {
    let text = exception("eni-03", "tcp/22", "internet", "2999-12-31").replace("owner", "ownr");
    let (_folder, name) = file(&text);
    let refused = portolan(&["audit", "quay", "--exceptions", &name]);
    assert_eq!((refused.code, refused.stdout.as_str()), (2, ""));
    let start = format!("error: {name}:7: unknown field `ownr`");
    assert!(refused.stderr.starts_with(&start), "{}", refused.stderr);
    assert!(refused.stderr.contains("hint: an exception is a table"), "{}", refused.stderr);
}

/// The paths of a place for baselines.
fn baselines() -> (tempfile::TempDir, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let name = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (one, other) = (name("one.toml"), name("other.toml"));
    (folder, one, other)
}

#[test]
fn a_baseline_only_gets_shorter() {
    let (_folder, one, other) = baselines();
    let until = ["--until", "2999-12-31"];
    let estate = copy("quay");
    let audit = |more: &[&str]| {
        let mut all = vec!["audit", path(&estate)];
        all.extend(more);
        portolan(&all)
    };
    let before = records(&audit(&["--format", "jsonl"])).len();
    let wrote = audit(&["--write-baseline", &one, until[0], until[1]]);
    let said = format!("`{one}` allows {before} findings until 2999-12-31");
    assert!(wrote.stderr.contains(&said), "{}", wrote.stderr);
    // What was there is allowed, and nothing else is.
    assert_eq!(audit(&["--baseline", &one, "--fail-on", "info"]).code, 0);

    // Somebody mends the SSH rule and opens another port.
    let listings = estate.path().join("111122223333/eu-west-1");
    for file in ["SecurityGroups.json", "SecurityGroupRules.json"] {
        let text = std::fs::read_to_string(listings.join(file)).unwrap();
        let text = text.replace("Port\": 22", "Port\": 3389");
        std::fs::write(listings.join(file), text).unwrap();
    }
    let now = audit(&["--baseline", &one, "--fail-on", "high"]);
    assert_eq!(now.code, 1, "{}", now.stdout);
    assert!(now.stdout.contains("tcp/3389"), "{}", now.stdout);
    assert!(now.stdout.contains(" of the baseline mended"), "{}", now.stdout);
    let listed = audit(&["--baseline", &one, "--format", "jsonl"]).stderr;
    let mended = "mended since the baseline: administration-open-to-internet of eni-03";
    assert!(listed.contains(mended), "{listed}");

    // Written anew it lacks what is mended and does not learn what is new.
    let anew = audit(&["--baseline", &one, "--write-baseline", &one, until[0], until[1]]);
    assert_eq!(anew.code, 0, "{}", anew.stderr);
    let kept = std::fs::read_to_string(&one).unwrap();
    assert!(!kept.contains("administration-open-to-internet"), "{kept}");
    assert_eq!(audit(&["--baseline", &one, "--fail-on", "high"]).code, 1);

    // Over another one nothing is written.
    std::fs::write(&other, "until = 2999-12-31\n").unwrap();
    let refused = audit(&["--baseline", &one, "--write-baseline", &other, until[0], until[1]]);
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("there is a baseline"), "{}", refused.stderr);
}

#[test]
fn a_baseline_has_a_last_day_to_come() {
    let (_folder, one, _) = baselines();
    assert_eq!(portolan(&["audit", "quay", "--write-baseline", &one]).code, 2);
    for day in ["2020-01-01", "soon"] {
        let wrote = portolan(&["audit", "quay", "--write-baseline", &one, "--until", day]);
        assert_eq!(wrote.code, 2, "{}", wrote.stderr);
        assert!(wrote.stderr.contains("hint: write a day that is to come"), "{}", wrote.stderr);
    }
    assert!(!Path::new(&one).exists());
    std::fs::write(&one, "until = 2020-01-01\n").unwrap();
    let lapsed = portolan(&["audit", "quay", "--baseline", &one, "--code", "expired-exception"]);
    assert!(lapsed.stdout.contains("the baseline lapsed after 2020-01-01"), "{}", lapsed.stdout);
}

#[test]
fn colour_adds_nothing_but_colour() {
    let plain = portolan(&["audit", "quay", "--color", "never"]).stdout;
    let mut painted = portolan(&["audit", "quay", "--color", "always"]).stdout;
    assert!(painted.contains("\u{1b}[1;31mCRITICAL\u{1b}[0m"), "{painted}");
    for code in ["0", "1", "2", "1;31", "1;32", "1;33"] {
        painted = painted.replace(&format!("\u{1b}[{code}m"), "");
    }
    assert_eq!(painted, plain);
}

#[test]
fn a_closed_pipe_is_no_error() {
    for format in ["human", "json", "jsonl", "csv", "markdown", "sarif", "junit"] {
        let mut child = command(&["audit", "quay", "--format", format, "--quiet"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let ended = child.wait_with_output().unwrap();
        assert_eq!(ended.status.code(), Some(0), "{format}");
        assert_eq!(ended.stderr, b"", "{format}");
    }
}

#[test]
fn a_file_appears_when_it_is_complete() {
    let folder = tempfile::tempdir().unwrap();
    let name = folder.path().join("a.sarif");
    let name = name.to_str().unwrap();
    let wrote = portolan(&["audit", "quay", "-f", "sarif", "-o", name, "--fail-on", "critical"]);
    assert_eq!((wrote.code, wrote.stdout.as_str()), (1, ""), "a finding is no failure to write");
    let told = portolan(&["audit", "quay", "-f", "sarif"]).stdout;
    assert_eq!(std::fs::read_to_string(name).unwrap(), told);
    let failed = portolan(&["audit", "quay", "--exceptions", "/nonexistent", "-o", name]);
    assert_eq!(failed.code, 2);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "and leaves nothing");
}

#[test]
fn formats_of_findings_are_of_no_other_command() {
    for args in [&["ports", "quay"][..], &["explain", "quay", "any", "eni-01", "22"], &["quay"]] {
        for format in ["sarif", "junit"] {
            let mut args = args.to_vec();
            args.extend(["--format", format]);
            let refused = portolan(&args);
            assert_eq!((refused.code, refused.stdout.as_str()), (2, ""), "{args:?}");
            assert!(refused.stderr.contains("hint: "), "{}", refused.stderr);
        }
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    for format in ["human", "json", "csv", "markdown", "sarif", "junit"] {
        let ask = || portolan(&["audit", "quay", "--format", format]).stdout;
        assert_eq!(ask(), ask(), "{format}");
    }
}
