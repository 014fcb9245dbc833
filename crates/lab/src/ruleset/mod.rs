//! Rulesets of nftables, as commands that `nft -f -` reads.
//!
//! Every command is a line that stands for itself, so that a ruleset may be loaded
//! at once or, where the kernel takes no large messages, piece by piece.

pub mod filter;
pub mod words;

/// The table of the lab in every namespace.
const TABLE: &str = "inet lab";

/// Elements on one line: more make lines that some kernels refuse.
const ELEMENTS_OF_A_LINE: usize = 64;

/// The commands of one namespace, in order.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Ruleset {
    /// One command each.
    pub lines: Vec<String>,
}

/// Where a base chain stands.
#[derive(Clone, Copy, Debug)]
pub struct Hook {
    /// `filter` or `nat`.
    pub kind: &'static str,
    /// `prerouting`, `forward`, …
    pub hook: &'static str,
    /// Lower goes first.
    pub priority: i32,
    /// `accept` or `drop`: of what no rule decides.
    pub policy: &'static str,
}

impl Ruleset {
    /// Whether nothing is to be loaded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    fn line(&mut self, line: String) {
        if self.lines.is_empty() {
            self.lines.push(format!("add table {TABLE}"));
        }
        self.lines.push(line);
    }

    /// A chain that others jump to.
    pub fn chain(&mut self, name: &str) {
        self.line(format!("add chain {TABLE} {name}"));
    }

    /// A chain that the kernel asks.
    pub fn base_chain(&mut self, name: &str, hook: Hook) {
        let Hook { kind, hook, priority, policy } = hook;
        self.line(format!(
            "add chain {TABLE} {name} {{ type {kind} hook {hook} priority {priority}; policy {policy}; }}"
        ));
    }

    /// A rule at the end of a chain.
    pub fn rule(&mut self, chain: &str, rule: &str) {
        self.line(format!("add rule {TABLE} {chain} {}", rule.trim()));
    }

    /// A set, or a map if `kind` has a colon.
    pub fn set(&mut self, name: &str, kind: &str, intervals: bool, elements: &[String]) {
        let what = if kind.contains(" : ") { "map" } else { "set" };
        let flags = if intervals { " flags interval;" } else { "" };
        self.line(format!("add {what} {TABLE} {name} {{ type {kind};{flags} }}"));
        for some in elements.chunks(ELEMENTS_OF_A_LINE) {
            self.line(format!("add element {TABLE} {name} {{ {} }}", some.join(", ")));
        }
    }

    /// All of it as one text: one transaction.
    #[must_use]
    pub fn text(&self) -> String {
        self.pieces(usize::MAX).concat()
    }

    /// The text in pieces of at most `size` bytes, or one line.
    #[must_use]
    pub fn pieces(&self, size: usize) -> Vec<String> {
        let mut pieces: Vec<String> = Vec::new();
        for line in &self.lines {
            match pieces.last_mut() {
                Some(piece) if piece.len().saturating_add(line.len()) < size => {
                    piece.push_str(line);
                    piece.push('\n');
                }
                Some(_) | None => {
                    pieces.push(format!("{line}\n"));
                }
            }
        }
        pieces
    }
}
