//! Help, completion, manual pages, and what is said when words are wrong.

use insta::assert_snapshot;

use crate::support::portolan;

const COMMANDS: [&str; 5] = ["ports", "explain", "snapshot", "completion", "man"];

#[test]
fn help_begins_with_the_five_questions() {
    let help = portolan(&["--help"]).stdout;
    let questions: Vec<&str> = help.lines().skip(2).take(5).collect();
    assert_snapshot!(questions.join("\n"), @"");
}

#[test]
fn help_names_commands_that_exist_and_no_others() {
    let help = portolan(&["--help"]).stdout;
    for command in COMMANDS {
        assert!(help.contains(&format!("\n  {command} ")), "{command}");
        assert_eq!(portolan(&[command, "--help"]).code, 0);
    }
    let said = help.lines().filter_map(|line| line.split("portolan ").nth(1));
    for words in said {
        let word = words.split([' ', '`']).next().unwrap();
        let exists = COMMANDS.contains(&word) || ["SOURCE", "[OPTIONS]"].contains(&word);
        assert!(exists, "{word}");
    }
}

#[test]
fn a_misspelt_command_is_recognised() {
    for args in [&["prots"][..], &["prots", "quay"], &["explian", "quay", "a", "b", "c"]] {
        let run = portolan(args);
        assert!(run.stderr.contains("did you mean the command"), "{args:?}: {}", run.stderr);
    }
}

#[test]
fn what_is_not_there_yet_is_said() {
    assert_snapshot!(portolan(&["ports", "aws"]).transcript(), @"");
    assert_snapshot!(portolan(&["snapshot"]).transcript(), @"");
    assert_snapshot!(portolan(&["quay", "--format", "json"]).transcript(), @"");
    assert_snapshot!(portolan(&["--format", "json", "ports", "quay"]).transcript(), @"");
}

#[test]
fn every_shell_is_completed() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = portolan(&["completion", shell]);
        assert_eq!(script.code, 0);
        assert!(script.stdout.contains("explain"), "{shell}");
    }
}

#[test]
fn every_command_has_a_manual_page() {
    assert!(portolan(&["man"]).stdout.contains(".TH portolan 1"));
    let folder = tempfile::tempdir().unwrap();
    let wrote = portolan(&["man", "--output", folder.path().to_str().unwrap()]);
    assert_eq!(wrote.code, 0);
    for command in COMMANDS {
        assert!(folder.path().join(format!("portolan-{command}.1")).is_file(), "{command}");
    }
}

#[test]
fn a_snapshot_is_collected_by_a_script() {
    let script = portolan(&["snapshot", "--script", "--region", "eu-west-1", "-o", "dump"]);
    assert_eq!(script.code, 0);
    assert!(script.stdout.starts_with("#!/bin/sh") || script.stdout.starts_with("#!/usr"));
    let policy = portolan(&["snapshot", "--policy"]).stdout;
    let policy: serde_json::Value = serde_json::from_str(&policy).unwrap();
    assert_eq!(policy["Statement"][0]["Effect"], "Allow");
    assert_eq!(portolan(&["snapshot", "--script", "--region", "$(x)"]).code, 2);
    assert_eq!(
        portolan(&["snapshot", "--script", "--region", "eu-west-1", "--all-regions"]).code,
        2
    );
}
