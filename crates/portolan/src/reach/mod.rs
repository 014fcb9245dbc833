//! What the facts of the model mean, decided twice: by the specification, one
//! packet at a time, and by the engine, in sets.

pub mod blast;
pub mod engine;
pub mod explain;
pub mod exposure;
pub mod place;
pub mod spec;
pub mod what_if;

#[cfg(test)]
mod traps;
