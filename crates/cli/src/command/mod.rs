//! One file a command: parse, call, print.

pub(crate) mod audit;
pub(crate) mod blast_radius;
pub(crate) mod chart;
pub(crate) mod completion;
pub(crate) mod explain;
#[cfg(target_os = "linux")]
pub(crate) mod lab;
pub(crate) mod man;
pub(crate) mod ports;
pub(crate) mod snapshot;
pub(crate) mod story;
pub(crate) mod verify;
