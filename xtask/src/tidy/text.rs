//! Rules for every kind of text: size, marks, white space, machine paths, the licence.

use super::{Problem, SourceFile};

/// More lines than this are said.
const MANY_LINES: usize = 600;
/// More lines than this fail.
const TOO_MANY_LINES: usize = 1_000;

/// Kinds that people write and read as code.
const CODE: [&str; 6] = ["rs", "ts", "svelte", "py", "sh", "js"];

pub(super) fn check(file: &SourceFile, problems: &mut Vec<Problem>) {
    problems.extend(size(file));
    problems.extend(marks(file));
    problems.extend(white_space(file));
    problems.extend(machine_paths(file));
}

/// A file that is too long to be read at once.
fn size(file: &SourceFile) -> Option<Problem> {
    if !["rs", "ts", "svelte", "py"].contains(&file.kind()) {
        return None;
    }
    let lines = file.text.lines().count();
    let problem = file.problem(1, format!("{lines} lines; split it by what its parts are about"));
    match lines {
        _ if lines > TOO_MANY_LINES => Some(problem),
        _ if lines > MANY_LINES => Some(problem.warning()),
        _ => None,
    }
}

/// Work left for later without an issue that holds it. A mark is fine beside
/// a number: `#12`.
fn marks(file: &SourceFile) -> Vec<Problem> {
    // Cut in two, or this list would be its own first problem.
    const WORDS: [&str; 4] =
        [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("X", "XX"), concat!("to", "do!")];
    const ATTRIBUTES: [&str; 2] = [concat!("#[ig", "nore"), concat!("should_", "panic")];
    if !CODE.contains(&file.kind()) && !["toml", "yml", "yaml", "Makefile"].contains(&file.kind()) {
        return Vec::new();
    }
    file.lines()
        .filter(|(_, line)| !has_issue(line))
        .flat_map(|(number, line)| {
            let words = WORDS.into_iter().filter(|word| has_word(line, word));
            let attributes = ATTRIBUTES.into_iter().filter(|mark| line.contains(mark));
            words.chain(attributes).map(move |mark| (number, mark))
        })
        .map(|(number, mark)| file.problem(number, format!("`{mark}` without an issue (`#12`)")))
        .collect()
}

/// Whether a line names an issue: `#` and digits.
fn has_issue(line: &str) -> bool {
    line.split('#').skip(1).any(|after| after.starts_with(|c: char| c.is_ascii_digit()))
}

/// Whether `word` stands in `line` by itself, not as a part of a longer name.
fn has_word(line: &str, word: &str) -> bool {
    let part_of_name = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let before = line.get(..at).and_then(|before| before.chars().next_back());
        let after = line.get(at + word.len()..).and_then(|after| after.chars().next());
        !before.is_some_and(part_of_name) && !after.is_some_and(part_of_name)
    })
}

/// Tabs, blanks at the end of a line, no or several line ends at the end of the file.
fn white_space(file: &SourceFile) -> Vec<Problem> {
    if !CODE.contains(&file.kind()) && !["toml", "md", "css", "html", "yml"].contains(&file.kind())
    {
        return Vec::new();
    }
    let mut problems = Vec::new();
    for (number, line) in file.lines() {
        if line.contains('\t') {
            problems
                .push(file.problem(number, "a tab; indent with blanks, write `\\t` in strings"));
        }
        if line.ends_with([' ', '\t', '\r']) {
            problems.push(file.problem(number, "white space at the end of the line"));
        }
    }
    if !file.text.is_empty() && (!file.text.ends_with('\n') || file.text.ends_with("\n\n")) {
        problems.push(file.problem(file.text.lines().count(), "end the file with one line end"));
    }
    problems
}

/// An absolute path of somebody's machine, which is of no use on another.
fn machine_paths(file: &SourceFile) -> Vec<Problem> {
    const FOLDERS: [&str; 4] = ["work", "root", "home", "Users"];
    let part_of_path = |c: char| c.is_alphanumeric() || "_.-/}~)>*".contains(c);
    file.lines()
        .flat_map(|(number, line)| {
            let found = FOLDERS.into_iter().filter(move |folder| {
                line.match_indices(&format!("/{folder}/")).any(|(at, _)| {
                    let before = line.get(..at).and_then(|before| before.chars().next_back());
                    !before.is_some_and(part_of_path)
                })
            });
            found.map(move |folder| (number, folder))
        })
        .map(|(number, folder)| {
            file.problem(
                number,
                format!("the machine path `/{folder}/…`; say it relative to the tree"),
            )
        })
        .collect()
}

/// A tree without its licence may not be used by anyone.
pub(super) fn check_license(paths: &[String], problems: &mut Vec<Problem>) {
    if !paths.iter().any(|path| path == "LICENSE") {
        problems.push(Problem::new("LICENSE", "the licence is missing"));
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{file, printed};
    use super::*;

    #[test]
    fn a_long_file_warns_and_a_very_long_one_fails() {
        let lines = |count: usize| file("a.rs", &"x\n".repeat(count));
        assert_eq!(size(&lines(600)), None);
        assert!(size(&lines(601)).unwrap().only_warns);
        assert!(size(&lines(1_000)).unwrap().only_warns);
        assert!(!size(&lines(1_001)).unwrap().only_warns);
        assert_eq!(size(&file("data.json", &"x\n".repeat(5_000))), None);
    }

    #[test]
    fn a_mark_needs_an_issue() {
        let mark = concat!("TO", "DO");
        let good = format!("// {mark} #12: IPv6\nlet {mark}S = 1;\n");
        assert_eq!(marks(&file("a.rs", &good)), []);
        let bad = format!("// {mark}: IPv6\n{}\n", concat!("#[ig", "nore]"));
        assert_eq!(
            printed(&marks(&file("a.rs", &bad))),
            [
                format!("a.rs:1: `{mark}` without an issue (`#12`)"),
                format!("a.rs:2: `{}` without an issue (`#12`)", concat!("#[ig", "nore"))
            ]
        );
        assert_eq!(marks(&file("STYLE.md", &bad)), []);
    }

    #[test]
    fn white_space_is_blanks_between_words_and_one_line_end() {
        assert_eq!(white_space(&file("a.rs", "fn a() {\n    b();\n}\n")), []);
        assert_eq!(white_space(&file("Makefile", "a:\n\tb\n")), []);
        assert_eq!(
            printed(&white_space(&file("a.rs", "fn a() {\n\tb(); \n}"))),
            [
                "a.rs:2: a tab; indent with blanks, write `\\t` in strings",
                "a.rs:2: white space at the end of the line",
                "a.rs:3: end the file with one line end"
            ]
        );
    }

    #[test]
    fn a_path_of_a_machine_is_found_and_a_part_of_a_path_is_not() {
        let good = "crates/home/a\nhttps://example.com/home/b\n$HOME/work/c\n";
        assert_eq!(machine_paths(&file("a.md", good)), []);
        let bad = format!("see {}home/me/a\nDIR={}work/x\n", "/", "/");
        assert_eq!(machine_paths(&file("a.md", &bad)).len(), 2);
    }

    #[test]
    fn the_licence_must_be_there() {
        let mut problems = Vec::new();
        check_license(&["LICENSE".to_owned()], &mut problems);
        assert_eq!(problems, []);
        check_license(&["LICENSE.old".to_owned()], &mut problems);
        assert_eq!(problems.len(), 1);
    }
}
