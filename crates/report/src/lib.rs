//! Records as text: for people, spreadsheets, pull requests and pipelines.
//!
//! Every text of a record was written by a stranger (a tag, a description, a
//! file name). Each format has one place where such a text becomes harmless:
//! [`Untrusted`] for terminals, [`json`] for JSON, [`csv`] for spreadsheets,
//! [`markdown`] for Markdown, [`sarif`] for viewers of SARIF, [`junit`] for XML,
//! [`chart`] for pictures and diagrams. Nothing here decides what is open.
#![forbid(unsafe_code)]

mod audit;
mod blast_radius;
pub mod chart;
mod console;
pub mod csv;
pub mod human;
pub mod json;
pub mod junit;
pub mod lab;
pub mod markdown;
mod refusal;
pub mod sarif;
mod untrusted;
mod verify;
mod words;

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod samples;

pub use audit::AuditReport;
pub use blast_radius::BlastReport;
pub use human::Look;
pub use untrusted::{Untrusted, visible};
pub use verify::VerifyReport;
pub use words::shell_word;
