//! An exception, or a baseline, whose last day is over.

use crate::audit::rule::{Check, Rule};
use crate::record::Severity;

pub(in crate::audit) const RULE: Rule = Rule {
    code: "expired-exception",
    title: "An exception has lapsed",
    why: "An exception says until when something may be as it is. After that day it allows \
          nothing: what it allowed is found again at its real severity, and the exception is \
          found beside it, so that its owner decides instead of nobody. It is low where nothing \
          needs the exception any more.",
    fix: "Mend what it allowed and strike the exception; or let its owner say again why it may \
          be so, and give it a new last day.",
    severity: Severity::Medium,
    check: Check::Exceptions,
};
