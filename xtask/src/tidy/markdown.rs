//! Rules for documents: links lead somewhere, decisions say why.

use std::path::{Component, Path, PathBuf};

use super::{Problem, SourceFile};

pub(super) fn check(
    file: &SourceFile,
    exists: &dyn Fn(&Path) -> bool,
    problems: &mut Vec<Problem>,
) {
    if file.kind() == "md" {
        problems.extend(links(file, exists));
        problems.extend(decision(file));
    }
}

/// Relative links whose file is not in the tree.
fn links(file: &SourceFile, exists: &dyn Fn(&Path) -> bool) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut in_code = false;
    for (number, line) in file.lines() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        }
        if in_code {
            continue;
        }
        for target in targets(&without_code(line)) {
            let lead_elsewhere = target.contains("://") || target.starts_with("mailto:");
            let path = target.split(['#', '?']).next().unwrap_or_default();
            if lead_elsewhere || path.is_empty() {
                continue;
            }
            if !resolve(&file.path, path).is_some_and(|path| exists(&path)) {
                problems.push(file.problem(number, format!("the link `{target}` leads nowhere")));
            }
        }
    }
    problems
}

/// A line without what stands between backticks.
fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect::<Vec<_>>().join("` `")
}

/// The targets of `[text](target "title")` and of `[name]: target`.
fn targets(line: &str) -> Vec<String> {
    let inline = line
        .split("](")
        .skip(1)
        .filter_map(|after| after.split([')', ' ']).next())
        .map(|target| target.trim_matches(['<', '>']).to_owned());
    let reference = line
        .strip_prefix('[')
        .and_then(|line| line.split_once("]: "))
        .filter(|(name, _)| !name.starts_with('^') && !name.contains(']'))
        .and_then(|(_, target)| target.split_whitespace().next())
        .map(str::to_owned);
    inline.chain(reference).collect()
}

/// `link` of the document at `from`, from the root of the tree; none above it.
fn resolve(from: &str, link: &str) -> Option<PathBuf> {
    let mut path = match link.strip_prefix('/') {
        Some(_) => PathBuf::new(),
        None => Path::new(from).parent()?.to_owned(),
    };
    for part in Path::new(link).components() {
        match part {
            Component::Normal(name) => path.push(name),
            Component::ParentDir => {
                if !path.pop() {
                    return None;
                }
            }
            Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
        }
    }
    Some(path)
}

/// A decision record without its three parts.
fn decision(file: &SourceFile) -> Option<Problem> {
    let name = file.path.strip_prefix("docs/decisions/")?;
    if !name.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let missing: Vec<_> = ["Context", "Decision", "Consequences"]
        .into_iter()
        .filter(|part| !file.text.lines().any(|line| line.trim_end() == format!("## {part}")))
        .collect();
    (!missing.is_empty()).then(|| {
        file.problem(1, format!("a decision needs the heading `## {}`", missing.join("`, `## ")))
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{file, printed};
    use super::*;

    fn exists(path: &Path) -> bool {
        ["docs/a.md", "README.md", "docs"].iter().any(|known| path == Path::new(known))
    }

    #[test]
    fn a_link_leads_somewhere() {
        let good = "[a](a.md#part) [up](../README.md) [w](https://example.com/x) [here](#x)\n\
                    `[code](nowhere.md)` [dir](.)\n```\n[code](nowhere.md)\n```\n[r]: a.md\n";
        assert_eq!(links(&file("docs/b.md", good), &exists), []);
        let bad = "[a](b/a.md) and [too far](../../README.md)\n[r]: c.md\n";
        assert_eq!(
            printed(&links(&file("docs/b.md", bad), &exists)),
            [
                "docs/b.md:1: the link `b/a.md` leads nowhere",
                "docs/b.md:1: the link `../../README.md` leads nowhere",
                "docs/b.md:2: the link `c.md` leads nowhere"
            ]
        );
    }

    #[test]
    fn a_decision_has_context_decision_and_consequences() {
        let good = "# 1\n\n## Context\n\n## Decision\n\n## Consequences\n";
        assert_eq!(decision(&file("docs/decisions/0001-a.md", good)), None);
        assert_eq!(decision(&file("docs/decisions/README.md", "# Decisions\n")), None);
        let bad = decision(&file("docs/decisions/0001-a.md", "# 1\n\n## Context\n")).unwrap();
        assert_eq!(bad.message, "a decision needs the heading `## Decision`, `## Consequences`");
    }
}
