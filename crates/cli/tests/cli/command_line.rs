//! Help, completion, manual pages, and what is said when words are wrong.

use insta::assert_snapshot;

use crate::support::portolan;

const COMMANDS: [&str; 10] = [
    "ports",
    "chart",
    "explain",
    "audit",
    "blast-radius",
    "verify",
    "lab",
    "snapshot",
    "completion",
    "man",
];

#[test]
fn help_begins_with_the_five_questions() {
    let help = portolan(&["--help"]).stdout;
    let questions: Vec<&str> = help.lines().skip(2).take(7).collect();
    assert_snapshot!(questions.join("\n"), @"
    1. Which ports are open, and to whom?           portolan ports SOURCE
       The same as a picture                        portolan chart SOURCE -o chart.svg
    2. Why, or why not?                             portolan explain SOURCE FROM TO PORT
    3. Should they be?                              portolan audit SOURCE
       What can an attacker on a host open next?    portolan blast-radius SOURCE FROM
    4. What changed, would change, and who did it?  (no command yet)
    5. Is it really so, and how do I make it so?    portolan verify SOURCE --nmap-xml scan.xml
    ");
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
    assert_snapshot!(portolan(&["ports", "aws"]).transcript(), @"
    --- stderr
    error: invalid value 'aws' for '<SOURCE>': reading the live API is not there yet: `portolan snapshot --script` collects a folder to read (a folder that is called `aws` is `./aws`)

    For more information, try '--help'.
    --- exit 2
    ");
    assert_snapshot!(portolan(&["snapshot"]).transcript(), @"
    --- stderr
    error: collecting from the live API is not there yet
    hint: `portolan snapshot --script > collect.sh` prints the same calls as a script of `aws` commands; `--policy` prints the IAM policy that they need
    --- exit 2
    ");
    assert_snapshot!(portolan(&["quay", "--format", "json"]).transcript(), @"
    --- stderr
    error: the story of a source has no format `json`
    hint: the story is for people; `portolan ports SOURCE` has all formats
    --- exit 2
    ");
    assert_snapshot!(portolan(&["--format", "json", "ports", "quay"]).transcript(), @"
    --- stderr
    error: `--format json` stands before the command `ports`
    hint: write `portolan ports … --format json`
    --- exit 2
    ");
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
