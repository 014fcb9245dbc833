//! What could not be done, and what to do about it.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::ErrorKind;

use crate::args::Format;
use crate::stderr;

/// Why a command could not do what was asked: exit code 2.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// Nothing at all was asked.
    #[error("nothing was asked")]
    NoSource,
    /// A SOURCE or `--with` that is not there.
    #[error("there is no file or folder `{path}`")]
    NoSuchSource { path: String, command: Option<&'static str> },
    /// An option of the story, before the name of a command.
    #[error("`{given}` stands before the command `{command}`")]
    BeforeCommand { given: String, command: &'static str },
    /// The source can't be read.
    #[error("{0}")]
    Load(String),
    /// AWS's ranges can't be read.
    #[error("{reason}")]
    IpRanges { reason: String, hint: Option<&'static str> },
    /// stdin can't be read.
    #[error("stdin can't be read: {0}")]
    Stdin(std::io::Error),
    /// Two inputs want stdin.
    #[error("the source and the batch can't both come from stdin")]
    StdinTwice,
    /// More files beside stdin.
    #[error("nothing can be merged into what comes from stdin")]
    StdinWith,
    /// A selector, zone or port that can't be read.
    #[error("{what}: {reason}")]
    Unreadable { what: String, reason: String },
    /// A selector that nothing matches.
    #[error("nothing in the source is called `{text}`")]
    NoSuchPlace { text: String, nearest: Vec<String> },
    /// A batch that can't be read.
    #[error("{file}: line {line}, column {column}: {reason}")]
    Batch { file: String, line: u64, column: String, reason: String },
    /// A file that can't be read or written.
    #[error("`{}` can't be {done}: {error}", .path.display())]
    File { path: PathBuf, done: &'static str, error: std::io::Error },
    /// Standard output is gone for a reason other than a closed pipe.
    #[error("the output can't be written: {0}")]
    Output(std::io::Error),
    /// A configuration file that can't be understood.
    #[error("{file}:{line}: {reason}")]
    Config { file: String, line: usize, reason: String },
    /// Exceptions, or a baseline, that can't be understood.
    #[error("{file}:{line}: {reason}")]
    Excuses { file: String, line: u64, reason: String, mend: String },
    /// A code that no finding has.
    #[error("`{0}` is not the code of a finding")]
    NoSuchFinding(String, Option<&'static str>),
    /// A baseline that would be written over, and might grow.
    #[error("there is a baseline `{}` already", .0.display())]
    Ratchet(PathBuf),
    /// A day for `--until` that can't be.
    #[error("--until: {0}")]
    Until(String),
    /// A variable of the environment that can't be understood.
    #[error("the variable {name} is `{value}`, which is not one of {allowed}")]
    Variable { name: &'static str, value: String, allowed: String },
    /// `--accept` of something that is no code.
    #[error("`{0}` is not the code of a limitation")]
    NoSuchCode(String, Option<&'static str>),
    /// An expectation of nobody.
    #[error("`--expect` does not say what is, or is not, to be within reach")]
    ExpectOfWhom,
    /// A format that a command has not.
    #[error("{command} has no format `{format}`")]
    NoSuchFormat { command: &'static str, format: &'static str, hint: &'static str },
    /// `snapshot` without `--script` or `--policy`.
    #[error("collecting from the live API is not there yet")]
    NoLiveSnapshot,
    /// A scan, or a list of what listens, that can't be read.
    #[error("{reason}")]
    Observed { reason: String, hint: Option<&'static str> },
    /// A scan that can't be made, or whose file can't be used.
    #[error("{0}")]
    Scan(String),
    /// A scan of an address that is not the source's.
    #[error("{0}: it is not probed")]
    Stranger(String),
    /// A scan without targets.
    #[error("the source has no address that can be probed from `{0}`")]
    NoTargets(String),
    /// `--scan` together with the scans of others.
    #[error("`--scan` makes a scan of its own: it is not compared together with files of others")]
    TwoScans,
    /// `verify` without anything that was seen.
    #[error("there is nothing to compare the source with")]
    NothingObserved,
    /// A private address that was scanned from a place that nobody named.
    #[error("`{0}` can't be scanned from the internet")]
    FromWhere(String),
    /// `--listeners` without a host.
    #[error("`--listeners {0}` does not say whose they are")]
    ListenersOfWhom(String),
    /// A lab that can't be had.
    #[cfg(target_os = "linux")]
    #[error(transparent)]
    Lab(#[from] portolan_lab::kernel::LabError),
    /// A lab that stands, or does not.
    #[cfg(target_os = "linux")]
    #[error(transparent)]
    Standing(#[from] portolan_lab::standing::StandingError),
    /// A process of ours can't be run.
    #[error("portolan can't run itself: {0}")]
    Itself(std::io::Error),
    /// A script that would not be safe.
    #[error("{0}")]
    Script(String),
}

impl Error {
    /// A command other than `audit` was asked for a format of findings.
    pub(crate) fn findings_only(command: &'static str, format: Format) -> Self {
        let hint = "sarif and junit are for findings: `portolan audit SOURCE`";
        Self::NoSuchFormat { command, format: format.name(), hint }
    }

    /// What to do about it.
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            Self::NoSource => Some("`portolan --help` lists the questions".to_owned()),
            Self::NoSuchSource { command: Some(command), .. } => {
                Some(format!("did you mean the command `{command}`?"))
            }
            Self::NoSuchSource { command: None, .. } => Some(
                "`portolan snapshot --script` prints a script that collects a folder to read"
                    .to_owned(),
            ),
            Self::BeforeCommand { given, command } => {
                Some(format!("write `portolan {command} … {given}`"))
            }
            Self::NoSuchPlace { nearest, .. } if nearest.is_empty() => Some(
                "places are `internet`, an address or CIDR, `i-…`, `eni-…`, `sg-…`, `subnet-…`, \
                 `vpc-…`, `vpn-…`, `cvpn-endpoint-…`, `tag:Key=value`, `name:web-*`, `zone:office`"
                    .to_owned(),
            ),
            Self::NoSuchPlace { nearest, .. } => {
                let names: Vec<String> = nearest.iter().map(|name| format!("`{name}`")).collect();
                Some(format!("did you mean {}?", names.join(" or ")))
            }
            Self::Batch { .. } => Some(
                "a batch is CSV with the columns from,to,port and, if wanted, expect (open or \
                 closed)"
                    .to_owned(),
            ),
            Self::NoSuchCode(_, Some(near)) => Some(format!("did you mean `{near}`?")),
            Self::NoSuchCode(_, None) => {
                Some("codes stand in `limitations` of `--format json`; `unmodelled` is one for all that is not modelled".to_owned())
            }
            Self::Excuses { mend, .. } => Some(mend.clone()),
            Self::NoSuchFinding(_, Some(near)) => Some(format!("did you mean `{near}`?")),
            Self::NoSuchFinding(_, None) => {
                Some("docs/findings.md lists the findings and their codes".to_owned())
            }
            Self::Ratchet(path) => Some(format!(
                "name it with `--baseline {}` too: then what is mended is struck from it and \
                 nothing is added; or remove it to begin anew",
                portolan_report::shell_word(&path.display().to_string())
            )),
            Self::Until(_) => Some("write a day that is to come: 2026-12-31".to_owned()),
            Self::NoSuchFormat { hint, .. } => Some((*hint).to_owned()),
            Self::IpRanges { hint, .. } | Self::Observed { hint, .. } => hint.map(str::to_owned),
            Self::Stranger(_) => Some(
                "`--danger-any-target` probes addresses that the source does not hold: only with \
                 the consent of whoever owns them"
                    .to_owned(),
            ),
            Self::NoTargets(_) => Some(
                "from the internet public and IPv6 addresses can be probed, from inside private \
                 and IPv6 ones: say with `--from` where you are"
                    .to_owned(),
            ),
            Self::TwoScans => Some("run `verify` twice".to_owned()),
            Self::NothingObserved => Some(
                "`--scan` probes from here; `--nmap-xml FILE` takes what `nmap -oX FILE` wrote, `--masscan FILE` what \
                 `masscan -oJ FILE` wrote, `--listeners HOST=FILE` what `ss -Htuln` printed there"
                    .to_owned(),
            ),
            Self::FromWhere(_) => Some(
                "say with `--from` where the scan was made: an instance, an address, a zone"
                    .to_owned(),
            ),
            Self::ListenersOfWhom(file) => Some(format!(
                "write `--listeners HOST={}`, HOST being an instance, an interface, an address \
                 or a name",
                portolan_report::shell_word(file)
            )),
            Self::ExpectOfWhom => Some("name it with `--to`: `--to db-1 --expect closed`".to_owned()),
            Self::NoLiveSnapshot => Some(
                "`portolan snapshot --script > collect.sh` prints the same calls as a script of \
                 `aws` commands; `--policy` prints the IAM policy that they need"
                    .to_owned(),
            ),
            #[cfg(target_os = "linux")]
            Self::Lab(error) => error.hint().map(str::to_owned),
            #[cfg(target_os = "linux")]
            Self::Standing(error) => error.hint().map(str::to_owned),
            Self::Itself(_)
            | Self::Load(_)
            | Self::Stdin(_)
            | Self::StdinTwice
            | Self::StdinWith
            | Self::Unreadable { .. }
            | Self::File { .. }
            | Self::Output(_)
            | Self::Config { .. }
            | Self::Variable { .. }
            | Self::Scan(_)
            | Self::Script(_) => None,
        }
    }
}

/// Prints what clap says: help and version are data, all else is an error.
pub(crate) fn usage(usage: &clap::Error) -> ExitCode {
    if matches!(usage.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        // A closed pipe is no error.
        drop(usage.print());
        return ExitCode::SUCCESS;
    }
    stderr::text(&usage.render().to_string());
    if let Some(command) = misspelt() {
        stderr::line(&format!("hint: did you mean the command `{command}`?"));
    }
    ExitCode::from(2)
}

/// The command that the first word was meant to be, if it is nothing else.
fn misspelt() -> Option<&'static str> {
    let first =
        std::env::args_os().skip(1).find(|arg| !arg.as_encoded_bytes().starts_with(b"-"))?;
    if std::path::Path::new(&first).exists() {
        return None;
    }
    command_near(first.to_str()?)
}

/// The command whose name is nearest to a word that is none.
pub(crate) fn command_near(word: &str) -> Option<&'static str> {
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
    if COMMANDS.contains(&word) {
        return None;
    }
    nearest(word, &COMMANDS)
}

/// The candidate that differs from `word` by at most two letters, or a third of them.
pub(crate) fn nearest(word: &str, candidates: &[&'static str]) -> Option<&'static str> {
    let allowed = (word.len() / 3).clamp(1, 3);
    candidates
        .iter()
        .map(|candidate| (distance(word, candidate), *candidate))
        .filter(|&(distance, _)| distance <= allowed)
        .min()
        .map(|(_, candidate)| candidate)
}

/// How many letters must be added, removed, changed or swapped with the next
/// (optimal string alignment).
fn distance(one: &str, other: &str) -> usize {
    let one: Vec<char> = one.chars().take(64).collect();
    let other: Vec<char> = other.chars().take(64).collect();
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=other.len()).collect();
    for (row, &a) in one.iter().enumerate() {
        let mut current = vec![row + 1];
        for (column, &b) in other.iter().enumerate() {
            let at =
                |line: &[usize], index: usize| line.get(index).copied().unwrap_or(usize::MAX / 2);
            let mut best = (at(&above, column) + usize::from(a != b))
                .min(at(&above, column + 1) + 1)
                .min(at(&current, column) + 1);
            let swapped = row > 0
                && column > 0
                && one.get(row - 1) == Some(&b)
                && other.get(column - 1) == Some(&a);
            if swapped {
                best = best.min(at(&before, column - 1) + 1);
            }
            current.push(best);
        }
        before = std::mem::replace(&mut above, current);
    }
    above.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_command_is_recognised() {
        assert_eq!(command_near("prots"), Some("ports"));
        assert_eq!(command_near("explian"), Some("explain"));
        assert_eq!(command_near("dumps"), None);
    }
}
