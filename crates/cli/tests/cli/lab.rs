//! `portolan lab`: what stands, what is left, and who may. Without the right to make
//! namespaces these tests say that they are skipped.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::schemas::hold;
use crate::support::{Run, command, fixtures, run};

/// An ordinary user of every system.
const NOBODY: u32 = 65_534;

fn lab(args: &[&str], runtime: &Path) -> Command {
    let mut command = command(&[&["lab"], args].concat());
    command.env("PATH", "/usr/bin:/bin").env("XDG_RUNTIME_DIR", runtime);
    command
}

/// The same as somebody who is not root.
fn as_nobody(args: &[&str], runtime: &Path) -> Run {
    let mut command = lab(args, runtime);
    if nix::unistd::geteuid().is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    run(&mut command, b"")
}

/// Whether a lab can be had here, by this run; says so if not.
fn is_skipped(run: &Run) -> bool {
    let no = run.code == 2
        && ["namespace", "`nft` can't be run"].iter().any(|why| run.stderr.contains(why));
    if no {
        println!("SKIPPED: lab not available: {}", run.stderr);
    }
    no
}

/// A folder, and a copy of the example, that everybody may read; the binary too.
fn world() -> Option<(tempfile::TempDir, String)> {
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::chown(folder.path(), owner(), owner()).unwrap();
    let estate = folder.path().join("estate");
    let example = fixtures().join("../../../../examples/harbour");
    let copied = Command::new("cp").arg("-r").args([&example, &estate]).status().unwrap();
    assert!(copied.success());
    let opened = Command::new("chmod").args(["-R", "a+rX"]).arg(&estate).status().unwrap();
    assert!(opened.success());
    let readable = as_nobody(&["--help"], folder.path()).code == 0;
    if !readable {
        println!("SKIPPED: the build folder is not everybody's to read");
    }
    readable.then(|| {
        let estate = estate.to_str().unwrap().to_owned();
        (folder, estate)
    })
}

fn owner() -> Option<u32> {
    nix::unistd::geteuid().is_root().then_some(NOBODY)
}

#[test]
fn the_kernel_agrees_about_the_example_for_who_is_not_root() {
    let Some((folder, estate)) = world() else { return };
    let run = as_nobody(&["run", &estate, "--probes", "300", "-f", "json"], folder.path());
    if is_skipped(&run) {
        return;
    }
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(report["format"], "portolan.lab/1");
    assert_eq!(report["differences"], serde_json::json!([]));
    hold("lab", &run.stdout);
    assert!(report["compared"].as_u64().unwrap() > 100, "{report}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "something is left");
}

#[test]
fn a_lab_stands_until_it_is_taken_down() {
    let Some((folder, estate)) = world() else { return };
    let at = folder.path();
    let up = as_nobody(&["up", &estate, "--vantage", "office=203.0.113.9"], at);
    if is_skipped(&up) {
        return;
    }
    assert_eq!(up.code, 0, "{}", up.stderr);
    assert!(up.stdout.contains("office"), "{}", up.stdout);
    assert!(up.stderr.contains("not built: vpce-"), "{}", up.stderr);

    let again = as_nobody(&["up", &estate], at);
    assert_eq!(again.code, 2);
    assert!(again.stderr.contains("there is a lab `lab` already"), "{}", again.stderr);

    // By name, by id, by address; with the command's own exit code.
    for host in ["web-1", "i-0eb00000000000001", "10.0.0.11"] {
        let run = as_nobody(&["exec", host, "cat", "/proc/net/fib_trie"], at);
        assert!(run.stdout.contains("10.0.0.11"), "{host}: {}{}", run.stdout, run.stderr);
    }
    assert_eq!(as_nobody(&["exec", "office", "sh", "-c", "exit 7"], at).code, 7);
    let nobody = as_nobody(&["exec", "nosuch", "true"], at);
    assert!(nobody.stderr.contains("no host `nosuch`"), "{}", nobody.stderr);

    assert_eq!(as_nobody(&["down"], at).code, 0);
    let gone = as_nobody(&["exec", "web-1", "true"], at);
    assert_eq!(gone.code, 2);
    assert!(gone.stderr.contains("there is no lab `lab`"), "{}", gone.stderr);
}

#[test]
fn of_a_lab_that_crashed_nothing_remains() {
    let Some((folder, estate)) = world() else { return };
    let at = folder.path();
    let up = as_nobody(&["up", &estate, "--name", "crash"], at);
    if is_skipped(&up) {
        return;
    }
    let file = at.join("portolan-lab/crash.json");
    let standing: serde_json::Value =
        serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    let holder = i32::try_from(standing["process"].as_i64().unwrap()).unwrap();
    let holder = nix::unistd::Pid::from_raw(holder);
    nix::sys::signal::kill(holder, nix::sys::signal::Signal::SIGKILL).unwrap();
    let killed = Instant::now();
    let exec = ["exec", "--name", "crash", "web-1", "true"];
    while as_nobody(&exec, at).code == 0 {
        assert!(killed.elapsed() < Duration::from_secs(10));
    }
    let gone = as_nobody(&exec, at);
    assert!(gone.stderr.contains("there is no lab `crash`"), "{}", gone.stderr);
    assert!(file.exists());
    let cleaned = as_nobody(&["clean"], at);
    assert!(cleaned.stderr.contains("lab `crash` was gone"), "{}", cleaned.stderr);
    assert!(!file.exists());
}

#[test]
fn an_interrupted_lab_goes_by_itself() {
    let Some((folder, estate)) = world() else { return };
    let at = folder.path();
    let up = as_nobody(&["up", &estate, "--name", "stop"], at);
    if is_skipped(&up) {
        return;
    }
    let file = at.join("portolan-lab/stop.json");
    let standing: serde_json::Value =
        serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    let holder = i32::try_from(standing["process"].as_i64().unwrap()).unwrap();
    let holder = nix::unistd::Pid::from_raw(holder);
    nix::sys::signal::kill(holder, nix::sys::signal::Signal::SIGINT).unwrap();
    let asked = Instant::now();
    while file.exists() {
        assert!(asked.elapsed() < Duration::from_secs(10));
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn names_are_plain() {
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::chown(folder.path(), owner(), owner()).unwrap();
    let run = as_nobody(&["down", "--name", "../x"], folder.path());
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("`../x` is no name for a lab"), "{}", run.stderr);
}
