//! Records as text.
#![forbid(unsafe_code)]
