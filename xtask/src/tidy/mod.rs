//! The rules of the tree that no compiler knows.
//!
//! Each rule is a function from what it looks at to the problems that it sees,
//! with a good and a bad example as tests. A problem names its place as
//! compilers do, so that an editor can jump to it.

use std::error::Error;
use std::fmt;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::Outcome;

mod edges;
mod markdown;
mod rust;
mod text;

/// A file of the tree that is text.
#[derive(Debug)]
struct SourceFile {
    /// From the root of the tree, with slashes.
    path: String,
    text: String,
}

impl SourceFile {
    /// The part after the last dot, or the whole name (`Makefile`).
    fn kind(&self) -> &str {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        name.rsplit('.').next().unwrap_or_default()
    }

    /// The lines with their numbers, which begin at 1.
    fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.split('\n').enumerate().map(|(index, line)| (index + 1, line))
    }

    fn problem(&self, line: usize, message: impl Into<String>) -> Problem {
        Problem::new(format!("{}:{line}", self.path), message)
    }
}

/// Something that is against a rule.
#[derive(Debug, Eq, PartialEq)]
struct Problem {
    place: String,
    message: String,
    /// Said, but no reason to fail.
    only_warns: bool,
}

impl Problem {
    fn new(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self { place: place.into(), message: message.into(), only_warns: false }
    }

    fn warning(self) -> Self {
        Self { only_warns: true, ..self }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = if self.only_warns { "warning: " } else { "" };
        write!(f, "{}: {severity}{}", self.place, self.message)
    }
}

/// Checks the tree at `root` and prints what is against its rules.
pub(crate) fn run(root: &Path) -> Outcome {
    let paths = paths(root)?;
    let files = read(root, &paths);
    let metadata = edges::metadata(root)?;

    let mut problems = Vec::new();
    for file in &files {
        text::check(file, &mut problems);
        rust::check(file, &mut problems);
        markdown::check(file, &|path| root.join(path).exists(), &mut problems);
    }
    edges::check(&metadata, &mut problems);
    rust::check_roots(&metadata.crate_roots(root), &files, &mut problems);
    text::check_license(&paths, &mut problems);

    for problem in &problems {
        eprintln!("{problem}");
    }
    let failures = problems.iter().filter(|problem| !problem.only_warns).count();
    let warnings = problems.len() - failures;
    println!("tidy: {} files, {failures} problems, {warnings} warnings", paths.len());
    Ok(failures == 0)
}

/// The files of the tree: what git tracks or would track; every file where there is no git.
fn paths(root: &Path) -> Result<Vec<String>, Box<dyn Error>> {
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output();
    let mut paths = match listed {
        Ok(output) if output.status.success() => String::from_utf8(output.stdout)?
            .split('\0')
            .filter(|path| !path.is_empty())
            .map(str::to_owned)
            .collect(),
        _ => walk(root)?,
    };
    // A file that is deleted but not yet committed is still listed.
    paths.retain(|path| root.join(path).is_file());
    paths.sort();
    Ok(paths)
}

/// Every file below `root` but those that builds leave behind.
fn walk(root: &Path) -> Result<Vec<String>, Box<dyn Error>> {
    const LEFT_BEHIND: [&str; 5] = [".git", "target", "node_modules", ".cache", "dist"];
    let mut paths = Vec::new();
    let mut folders = vec![String::new()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root.join(&folder))? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
            if !entry.file_type()?.is_dir() {
                paths.push(path);
            } else if !LEFT_BEHIND.contains(&name.as_str()) {
                folders.push(path);
            }
        }
    }
    Ok(paths)
}

/// The files that are text; pictures and archives have no rules.
fn read(root: &Path, paths: &[String]) -> Vec<SourceFile> {
    paths
        .iter()
        .filter_map(|path| {
            let text = fs::read_to_string(root.join(path)).ok()?;
            Some(SourceFile { path: path.clone(), text })
        })
        .collect()
}

#[cfg(test)]
mod testing {
    //! What the tests of the rules share.

    use super::{Problem, SourceFile};

    /// A file, as the rules see it.
    pub(super) fn file(path: &str, text: &str) -> SourceFile {
        SourceFile { path: path.to_owned(), text: text.to_owned() }
    }

    /// The problems as they are printed.
    pub(super) fn printed(problems: &[Problem]) -> Vec<String> {
        problems.iter().map(ToString::to_string).collect()
    }
}
