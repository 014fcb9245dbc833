//! An exception that allows nothing that was found.

use crate::audit::rule::{Check, Rule};
use crate::record::Severity;

pub(in crate::audit) const RULE: Rule = Rule {
    code: "unused-exception",
    title: "An exception allows nothing that was found",
    why: "What it allowed was mended, or it never matched: another port, another peer, a name \
          that nothing has. Left in place it would allow the same thing silently when it comes \
          back.",
    fix: "Strike it; or correct its thing, ports or sources if it was meant for something that \
          is still found.",
    severity: Severity::Low,
    check: Check::Exceptions,
};
