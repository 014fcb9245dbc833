//! `nft`, which loads rulesets.

use std::io::{self, Write};
use std::process::{Command, Stdio};

use super::{LabError, Namespace, Rights};
use crate::ruleset::Ruleset;

/// What a transaction may hold in a user namespace, in bytes of text: there the kernel
/// limits the size of one message, and rulesets that are larger by far are refused.
const PIECE: usize = 8_000;

/// Whether it is there.
pub(super) fn available() -> Result<(), LabError> {
    let asked = Command::new("nft")
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    asked.map(drop).map_err(|error| LabError::NoTool { tool: "nft", error })
}

/// Loads a ruleset, in one transaction where that is possible.
pub(super) fn load(
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
        let said = run(&piece).map_err(|error| LabError::NoTool { tool: "nft", error })?;
        if let Some(said) = said {
            return Err(LabError::Ruleset { space: name.to_owned(), said });
        }
    }
    Ok(())
}

/// Gives a text to `nft`; what it said if it refused.
fn run(text: &str) -> io::Result<Option<String>> {
    let mut child = Command::new("nft")
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
