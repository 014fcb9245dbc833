//! Runs the binary as people do, in a world that holds nothing but the fixtures.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What a run left behind.
#[derive(Debug)]
pub(crate) struct Run {
    /// The data.
    pub(crate) stdout: String,
    /// All else.
    pub(crate) stderr: String,
    /// The exit code.
    pub(crate) code: i32,
}

/// The folder of the fixtures; paths in answers are relative to it.
pub(crate) fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

/// The binary, in the fixtures' folder, without settings of whoever runs the tests.
pub(crate) fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_portolan"));
    command.args(args).current_dir(fixtures()).env_clear().env("HOME", "/nonexistent");
    command.stdin(Stdio::null());
    command
}

/// Runs the binary.
pub(crate) fn portolan(args: &[&str]) -> Run {
    run(&mut command(args), b"")
}

/// Runs a command and feeds it.
pub(crate) fn run(command: &mut Command, stdin: &[u8]) -> Run {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let fed = stdin.to_vec();
    // Who does not read is not fed.
    let feeder = std::thread::spawn(move || drop(input.write_all(&fed)));
    let output = child.wait_with_output().unwrap();
    feeder.join().unwrap();
    Run {
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
        code: output.status.code().unwrap(),
    }
}

impl Run {
    /// All of it, for a snapshot.
    pub(crate) fn transcript(&self) -> String {
        let mut text = self.stdout.clone();
        if !self.stderr.is_empty() {
            text.push_str("--- stderr\n");
            text.push_str(&self.stderr);
        }
        if self.code != 0 {
            text.push_str(&format!("--- exit {}\n", self.code));
        }
        text
    }
}

/// A copy of a fixture that a test may change.
pub(crate) fn copy(fixture: &str) -> tempfile::TempDir {
    fn copy_folder(from: &Path, to: &Path) {
        std::fs::create_dir_all(to).unwrap();
        for entry in std::fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            let to = to.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                copy_folder(&entry.path(), &to);
            } else {
                std::fs::copy(entry.path(), to).unwrap();
            }
        }
    }
    let folder = tempfile::tempdir().unwrap();
    copy_folder(&fixtures().join(fixture), folder.path());
    folder
}

/// The fixture without its route tables and network ACLs.
pub(crate) fn blind() -> tempfile::TempDir {
    let folder = copy("quay");
    let listings = folder.path().join("111122223333/eu-west-1");
    std::fs::remove_file(listings.join("RouteTables.json")).unwrap();
    std::fs::remove_file(listings.join("NetworkAcls.json")).unwrap();
    folder
}

/// The same as an argument.
pub(crate) fn path(folder: &tempfile::TempDir) -> &str {
    folder.path().to_str().unwrap()
}
