//! Data to stdout, all else to stderr; colour, files and closed pipes.

use std::io::Read;
use std::process::Stdio;

use crate::support::{blind, command, fixtures, path, portolan, run};

#[test]
fn a_closed_pipe_is_no_error() {
    for args in [&["ports", "quay"][..], &["--help"], &["snapshot", "--script"], &["man"]] {
        let mut child =
            command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let mut stderr = String::new();
        child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(0), "{args:?}: {stderr}");
        assert_eq!(stderr, "", "{args:?}");
    }
}

#[test]
fn no_colour_without_a_terminal() {
    let plain = portolan(&["ports", "quay"]);
    assert!(!plain.stdout.contains('\u{1b}'));
    let forced = portolan(&["ports", "quay", "--color", "always"]);
    assert!(forced.stdout.contains('\u{1b}'));
    let mut painted = forced.stdout;
    for code in ["0", "1", "2", "1;31", "1;32", "1;33"] {
        painted = painted.replace(&format!("\u{1b}[{code}m"), "");
    }
    assert_eq!(painted, plain.stdout, "colour adds nothing but colour");
}

#[test]
fn no_color_is_obeyed_and_the_flag_goes_before() {
    let mut quiet = command(&["ports", "quay"]);
    let quiet = run(quiet.env("NO_COLOR", "1").env("PORTOLAN_COLOR", "auto"), b"");
    assert!(!quiet.stdout.contains('\u{1b}'));
    let mut never = command(&["ports", "quay", "--color", "never"]);
    let never = run(never.env("PORTOLAN_COLOR", "always"), b"");
    assert!(!never.stdout.contains('\u{1b}'));
}

#[test]
fn quiet_says_nothing_but_errors() {
    let blind = blind();
    let run = portolan(&["ports", path(&blind), "--quiet"]);
    assert_eq!((run.code, run.stderr.as_str()), (3, ""));
    assert!(portolan(&["--quiet", "nowhere"]).stderr.starts_with("error: "));
}

#[test]
fn a_file_appears_when_it_is_complete() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ports.json");
    let name = file.to_str().unwrap();
    let wrote = portolan(&["ports", "quay", "--format", "json", "--output", name]);
    assert_eq!((wrote.code, wrote.stdout.as_str()), (0, ""));
    let told = portolan(&["ports", "quay", "--format", "json"]).stdout;
    assert_eq!(std::fs::read_to_string(&file).unwrap(), told);
    let failed = portolan(&["ports", "quay", "--port", "x", "--output", name]);
    assert_eq!(failed.code, 2);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), told, "a failure changes nothing");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "and leaves nothing");
}

#[test]
fn jsonl_has_records_on_stdout_and_nothing_else() {
    let run = portolan(&["ports", "quay", "--format", "jsonl"]);
    assert!(run.stdout.lines().all(|line| line.starts_with("{\"format\":\"portolan.port/1\"")));
    assert!(run.stderr.contains("judged: "), "{}", run.stderr);
}

#[test]
fn a_source_comes_from_stdin() {
    let listing = fixtures().join("quay/111122223333/eu-west-1/SecurityGroups.json");
    let bytes = std::fs::read(listing).unwrap();
    let run = run(&mut command(&["-"]), &bytes);
    assert_eq!(run.code, 3, "{}", run.stderr);
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let ask = || portolan(&["ports", "quay", "--format", "json"]).stdout;
    assert_eq!(ask(), ask());
}
