//! The lab: a network built out of Linux network namespaces and nftables, and probed
//! with real packets.
//!
//! [`plan::compile`] turns a network's facts into a [`plan::Plan`], [`kernel::Lab`] makes
//! it real, [`probe`] sends packets through it, [`compare`] holds what came back against
//! the specification. Everything happens inside namespaces that this process made, and
//! ends with it.
#![forbid(unsafe_code)]

pub mod compare;
pub mod kernel;
pub mod plan;
pub mod probe;
pub mod ruleset;
pub mod run;
pub mod sample;
pub mod standing;
