//! Rules for Rust: a header in every file, a reason for every exception, no `unsafe`.

use super::{Problem, SourceFile};

/// Crates that talk to the kernel beneath the standard library, and so may hold
/// `unsafe` where the workspace's `deny` is lowered with a reason.
const MAY_BE_UNSAFE: [&str; 2] = ["portolan-scan", "portolan-lab"];

pub(super) fn check(file: &SourceFile, problems: &mut Vec<Problem>) {
    if file.kind() == "rs" {
        problems.extend(header(file));
        problems.extend(exceptions(file));
    }
}

/// A file that does not say what it decides.
fn header(file: &SourceFile) -> Option<Problem> {
    let first = file.text.lines().next().unwrap_or_default();
    let says_something = first.strip_prefix("//! ").is_some_and(|text| !text.trim().is_empty());
    (!says_something).then(|| file.problem(1, "begin the file with `//!`: what it decides"))
}

/// Lints that are silenced without a reason, or with `allow`, which stays when
/// its cause is gone.
fn exceptions(file: &SourceFile) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (at, _) in file.text.match_indices('#') {
        let Some(rest) = file.text.get(at..) else { continue };
        let rest = rest.trim_start_matches('#').trim_start_matches('!');
        let place = |message| file.problem(line_of(&file.text, at), message);
        if in_comment(&file.text, at) {
        } else if rest.starts_with("[allow(") {
            problems.push(place("write `expect(…, reason = \"…\")` in place of `allow`"));
        } else if rest.starts_with("[expect(") && !attribute(rest).contains("reason") {
            problems.push(place("an expected lint needs its `reason`"));
        }
    }
    problems
}

/// An attribute from its bracket to the one that closes it.
fn attribute(text: &str) -> &str {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '[' => depth += 1,
            ']' if depth <= 1 => return text.get(..at).unwrap_or(text),
            ']' => depth -= 1,
            _ => {}
        }
    }
    text
}

fn line_of(text: &str, at: usize) -> usize {
    text.get(..at).map_or(1, |before| before.matches('\n').count() + 1)
}

/// Whether the line up to `at` is a comment.
fn in_comment(text: &str, at: usize) -> bool {
    let line = text.get(..at).and_then(|before| before.rsplit('\n').next()).unwrap_or_default();
    line.contains("//")
}

/// The root of a crate of the workspace.
#[derive(Debug)]
pub(super) struct CrateRoot {
    /// Name of the crate.
    pub(super) name: String,
    /// Path of the file, from the root of the tree.
    pub(super) path: String,
}

/// Each crate forbids `unsafe` at its root: the workspace's `deny` can be lowered.
pub(super) fn check_roots(roots: &[CrateRoot], files: &[SourceFile], problems: &mut Vec<Problem>) {
    for root in roots.iter().filter(|root| !MAY_BE_UNSAFE.contains(&root.name.as_str())) {
        let forbids = files
            .iter()
            .find(|file| file.path == root.path)
            .is_some_and(|file| file.text.lines().any(|line| line == "#![forbid(unsafe_code)]"));
        if !forbids {
            let place = format!("{}:1", root.path);
            problems.push(Problem::new(place, "the crate's root needs `#![forbid(unsafe_code)]`"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{file, printed};
    use super::*;

    #[test]
    fn a_file_begins_by_saying_what_it_decides() {
        assert_eq!(header(&file("a.rs", "//! Ports.\nuse b;\n")), None);
        assert!(header(&file("a.rs", "use b;\n")).is_some());
        assert!(header(&file("a.rs", "//!\n//! Ports.\n")).is_some());
        assert!(header(&file("a.rs", "")).is_some());
    }

    #[test]
    fn an_exception_has_a_reason() {
        let expect = concat!("#[", "expect(");
        let good =
            format!("{expect}\n    clippy::panic,\n    reason = \"no [way]\"\n)]\nfn a() {{}}\n");
        assert_eq!(exceptions(&file("a.rs", &good)), []);
        let bad = format!("{expect}clippy::panic)]\nfn a() {{}} // reason\n");
        assert_eq!(
            printed(&exceptions(&file("a.rs", &bad))),
            ["a.rs:1: an expected lint needs its `reason`"]
        );
    }

    #[test]
    fn an_allow_is_refused_but_for_one_in_a_comment() {
        let allow = concat!("[", "allow(dead_code)]");
        assert_eq!(exceptions(&file("a.rs", &format!("// #{allow}\n"))), []);
        assert_eq!(exceptions(&file("a.rs", &format!("#{allow}\n#!{allow}\n"))).len(), 2);
    }

    #[test]
    fn a_crate_forbids_unsafe_at_its_root() {
        let root = |name: &str| CrateRoot { name: name.to_owned(), path: "src/lib.rs".to_owned() };
        let safe = [file("src/lib.rs", "//! A.\n#![forbid(unsafe_code)]\n")];
        let bare = [file("src/lib.rs", "//! A.\n")];
        let mut problems = Vec::new();
        check_roots(&[root("portolan")], &safe, &mut problems);
        check_roots(&[root("portolan-lab")], &bare, &mut problems);
        assert_eq!(problems, []);
        check_roots(&[root("portolan")], &bare, &mut problems);
        assert_eq!(problems.len(), 1);
    }
}
