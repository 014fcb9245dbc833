//! docs/semantics.md says which test proves which sentence: all of them exist.
