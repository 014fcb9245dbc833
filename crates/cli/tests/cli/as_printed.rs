//! Each line of `ports` for people can be asked with `explain` as it stands.

use crate::support::{command, portolan, run};

/// FROM, TO and PORT of each line.
fn lines(text: &str) -> Vec<[String; 3]> {
    let mut lines = Vec::new();
    let mut table = false;
    for line in text.lines() {
        table = if line.starts_with("  FROM ") { true } else { table && line.starts_with("  ") };
        let cells: Vec<&str> = line.split("  ").filter(|cell| !cell.is_empty()).collect();
        // What has no port goes on with the peers of the line above.
        if table && line.starts_with("  ") && cells.len() >= 3 && cells[0].trim() != "FROM" {
            lines.push([cells[0], cells[1], cells[2]].map(|cell| cell.trim().to_owned()));
        }
    }
    lines
}

fn held(source: &str) {
    for extra in [&[][..], &["--audience", "estate"], &["--direction", "out"]] {
        let mut asked = vec!["ports", source];
        asked.extend(extra);
        let lines = lines(&portolan(&asked).stdout);
        assert!(!lines.is_empty(), "{asked:?}");
        let mut batch = String::from("from,to,port,expect\n");
        for [from, to, port] in &lines {
            batch.push_str(&format!("{from},{to},{port},open\n"));
        }
        let mut explain = command(&["explain", source, "--batch", "-", "--format", "jsonl"]);
        let answers = run(&mut explain, batch.as_bytes());
        // A set may meet a limitation beside what is surely open: 3, not 1.
        assert!([0, 3].contains(&answers.code), "{asked:?}: {}", answers.stderr);
        assert_eq!(answers.stdout.lines().count(), lines.len());
    }
}

#[test]
fn lines_of_the_fixture_are_questions() {
    held("quay");
}

#[test]
fn lines_of_the_example_are_questions() {
    held("../../../../examples/harbour");
}

#[test]
fn commands_that_are_printed_can_be_run() {
    for asked in [&["quay"][..], &["ports", "quay"]] {
        let told = portolan(asked).stdout;
        let commands: Vec<&str> = told
            .lines()
            .filter_map(|line| line.split_once("portolan "))
            .map(|(_, it)| it)
            .collect();
        assert!(!commands.is_empty());
        for command in commands {
            let words: Vec<&str> = command.split(' ').collect();
            assert_eq!(portolan(&words).code, 0, "{command}");
        }
    }
}
