//! `nft`, which loads rulesets.

use std::io::{self, Write};
use std::process::{Command, Stdio};

use super::{LabError, Namespace, Rights};
use crate::ruleset::Ruleset;

/// What a transaction may hold in a user namespace, in bytes of text: there the kernel
/// limits the size of one message, and rulesets that are larger by far are refused.
const PIECE: usize = 8_000;

/// Where it is; the search path of an ordinary user often lacks the folder.
const PLACES: [&str; 3] = ["nft", "/usr/sbin/nft", "/sbin/nft"];

/// The program, as it can be run here.
pub(super) fn program() -> Result<&'static str, LabError> {
    let mut missing = io::ErrorKind::NotFound.into();
    for program in PLACES {
        let mut asked = Command::new(program);
        asked.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        match asked.status() {
            Ok(_) => return Ok(program),
            Err(error) => missing = error,
        }
    }
    Err(LabError::NoTool { tool: "nft", error: missing })
}

/// Loads a ruleset, in one transaction where that is possible.
pub(super) fn load(
    program: &str,
    name: &str,
    space: &Namespace,
    rules: &Ruleset,
    rights: Rights,
) -> Result<(), LabError> {
    let size = match rights {
        Rights::Root => usize::MAX,
        Rights::UserNamespace => PIECE,
    };
    space.enter().map_err(LabError::kernel(format!("namespace `{name}`")))?;
    for piece in rules.pieces(size) {
        let said = run(program, &piece).map_err(|error| LabError::NoTool { tool: "nft", error })?;
        if let Some(said) = said {
            return Err(LabError::Ruleset { space: name.to_owned(), said });
        }
    }
    Ok(())
}

/// Gives a text to `nft`; what it said if it refused.
fn run(program: &str, text: &str) -> io::Result<Option<String>> {
    let mut child = Command::new(program)
        .args(["-f", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        // If it ended early, what it said tells more.
        drop(stdin.write_all(text.as_bytes()));
    }
    let ended = child.wait_with_output()?;
    if ended.status.success() {
        return Ok(None);
    }
    let said = String::from_utf8_lossy(&ended.stderr);
    let lines: Vec<&str> = said.lines().take(6).collect();
    Ok(Some(lines.join("\n")))
}
