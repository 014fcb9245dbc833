//! Untrusted bytes into the network model.
#![forbid(unsafe_code)]

pub mod collect;
