//! The documents that are generated, so that they can't go stale: `docs/cli.md` from
//! the command's own help, the picture of the README, `docs/findings.md` and a page for each finding from the
//! rules of the audit.

mod findings;

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::Outcome;

const MANUAL: &str = "docs/cli.md";

/// The picture of the README, and how it is drawn.
const PICTURE: &str = "docs/images/harbour.svg";
const CHART: &[&str] =
    &["chart", "examples/harbour", "--format", "svg", "--accept", "unknown-security-group"];

/// Deeper than any command is nested: `portolan plan open` has two words.
const DEEPEST: usize = 4;

/// Writes the documents, or with `check` says whether those in the tree are up to date.
pub(crate) fn run(root: &Path, check: bool) -> Outcome {
    let mut pages = BTreeMap::from([(MANUAL.to_owned(), manual(&|words| help(root, words))?)]);
    pages.insert(PICTURE.to_owned(), portolan(root, CHART)?);
    pages.extend(findings::pages(&portolan(root, findings::EXAMPLE)?)?);
    let mut stale: Vec<&str> = Vec::new();
    for (name, fresh) in &pages {
        if fs::read_to_string(root.join(name)).ok().as_deref() != Some(fresh.as_str()) {
            stale.push(name);
        }
    }
    let left = findings::left(root, &pages)?;
    if stale.is_empty() && left.is_empty() {
        println!("docs: {} pages are up to date", pages.len());
        return Ok(true);
    }
    let named: Vec<&str> = stale.iter().copied().chain(left.iter().map(String::as_str)).collect();
    if check {
        eprintln!("docs: stale: {}; write them anew with `cargo xtask docs`", named.join(", "));
        return Ok(false);
    }
    for name in &stale {
        let path = root.join(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(path, pages.get(*name).map_or("", String::as_str))?;
    }
    for name in &left {
        fs::remove_file(root.join(name))?;
    }
    println!("docs: wrote {}", named.join(", "));
    Ok(true)
}

/// The help of `portolan <words> --help`, or `None` if it gives none.
type Help<'a> = dyn Fn(&[String]) -> Result<Option<String>, Box<dyn Error>> + 'a;

/// The manual: the help of the command and of each of its subcommands, in the
/// order in which the help names them.
fn manual(help: &Help<'_>) -> Result<String, Box<dyn Error>> {
    let mut pages = Vec::new();
    collect(help, &[], &mut pages)?;
    if pages.is_empty() {
        return Err("`portolan --help` prints nothing".into());
    }
    let mut text = String::from(
        "# The command line\n\n\
         Generated from `portolan --help` by `cargo xtask docs`: change the doc comments\n\
         in `crates/cli/src/command`, not this file.\n",
    );
    for (words, page) in pages {
        let mut name = String::from("portolan");
        for word in &words {
            name.push(' ');
            name.push_str(word);
        }
        write!(text, "\n## `{name}`\n\n```text\n")?;
        for line in page.trim().lines() {
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text.push_str("```\n");
    }
    Ok(text)
}

/// Adds the page of `words` and of every subcommand below it.
fn collect(
    help: &Help<'_>,
    words: &[String],
    pages: &mut Vec<(Vec<String>, String)>,
) -> Result<(), Box<dyn Error>> {
    let Some(page) = help(words)? else { return Ok(()) };
    if !words.is_empty() && !is_page_of(&page, words) {
        return Ok(());
    }
    let candidates = candidates(&page);
    pages.push((words.to_vec(), page));
    if words.len() < DEEPEST {
        for candidate in candidates {
            let mut below = words.to_vec();
            below.push(candidate);
            if !pages.iter().any(|(known, _)| *known == below) {
                collect(help, &below, pages)?;
            }
        }
    }
    Ok(())
}

/// Words that may be subcommands: a lower-case word that begins an indented line
/// and stands alone or before a description. The help groups commands by
/// question, so there is no one heading to look for.
fn candidates(page: &str) -> Vec<String> {
    let mut words = Vec::new();
    for line in page.lines().filter(|line| line.starts_with("  ")) {
        let line = line.trim();
        let word = line.split(' ').next().unwrap_or_default();
        let described = line.strip_prefix(word).is_some_and(|rest| {
            rest.is_empty()
                || rest.starts_with("  ")
                || rest.starts_with(" <")
                || rest.starts_with(" [")
        });
        let named = word.starts_with(|c: char| c.is_ascii_lowercase())
            && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        if described && named && word != "help" && !words.iter().any(|known| known == word) {
            words.push(word.to_owned());
        }
    }
    words
}

/// Whether the usage line of a page is that of `words`: a bare source is an
/// argument of `portolan` too, so that any word gets the main help.
fn is_page_of(page: &str, words: &[String]) -> bool {
    let wanted = words.join(" ");
    page.lines().filter_map(|line| line.trim().strip_prefix("Usage: portolan ")).any(|usage| {
        usage.strip_prefix(&wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    })
}

/// The page of help for some words.
fn help(root: &Path, words: &[String]) -> Result<Option<String>, Box<dyn Error>> {
    let words: Vec<&str> = words.iter().map(String::as_str).chain(["--help"]).collect();
    let output = asked(root, &words)?;
    if !output.status.success() {
        if words.len() == 1 {
            return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned().into());
        }
        return Ok(None);
    }
    let page = String::from_utf8(output.stdout)?;
    Ok((!page.trim().is_empty()).then_some(page))
}

/// What a command prints.
fn portolan(root: &Path, words: &[&str]) -> Result<String, Box<dyn Error>> {
    let output = asked(root, words)?;
    // 3: part of the example was not seen, which is part of the example.
    if !matches!(output.status.code(), Some(0 | 3)) {
        return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned().into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// Asks the binary that `PORTOLAN_BIN` names, or the one that cargo builds.
fn asked(root: &Path, words: &[&str]) -> Result<Output, Box<dyn Error>> {
    let mut command = match std::env::var_os("PORTOLAN_BIN") {
        Some(binary) => Command::new(binary),
        None => {
            let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
            let mut command = Command::new(cargo);
            command.args([
                "run",
                "--quiet",
                "--package",
                "portolan-cli",
                "--bin",
                "portolan",
                "--",
            ]);
            command
        }
    };
    let output = command
        .args(words)
        .current_dir(root)
        .env("NO_COLOR", "1")
        .env("COLUMNS", "100")
        .stdin(Stdio::null())
        .output()?;
    Ok(output)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAIN: &str = "\
Which ports are open?

Usage: portolan [SOURCE]
       portolan <COMMAND>

Which ports are open, and to whom?
  ports    What is open, to whom
  plan     The least change
  directory  is only an argument

Options:
  -h, --help  Print help
";

    fn pages(words: &[String]) -> Option<String> {
        let page = match words.join(" ").as_str() {
            "ports" => "List ports   \n\nUsage: portolan ports [OPTIONS] <SOURCE>\n",
            "plan" => {
                "Plan\n\nUsage: portolan plan <COMMAND>\n\nCommands:\n  open  Open a port\n  help  Help\n"
            }
            "plan open" => "Open\n\nUsage: portolan plan open <FROM>\n",
            _ => MAIN,
        };
        Some(page.to_owned())
    }

    #[test]
    fn every_subcommand_has_its_page_and_nothing_else_has() {
        let manual = manual(&|words| Ok(pages(words))).unwrap();
        let headings: Vec<_> = manual.lines().filter(|line| line.starts_with("## ")).collect();
        assert_eq!(
            headings,
            [
                "## `portolan`",
                "## `portolan ports`",
                "## `portolan plan`",
                "## `portolan plan open`"
            ]
        );
        assert!(!manual.lines().any(|line| line.ends_with(' ')), "{manual}");
    }

    #[test]
    fn a_command_without_help_is_an_error() {
        assert!(manual(&|_| Ok(None)).is_err());
    }
}
