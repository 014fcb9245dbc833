//! Portolan's core: which ports of an AWS estate are open, to whom, and why.
#![forbid(unsafe_code)]

pub mod model;
pub mod net;
pub mod reach;
pub mod record;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
