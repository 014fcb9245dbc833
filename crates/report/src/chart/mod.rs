//! The chart as a picture (SVG), as text for diagrams (Mermaid, DOT) and for people.
//!
//! Where everything stands is computed here, in whole pixels, so that the same chart
//! is the same picture everywhere, byte for byte.

mod dot;
mod label;
mod layout;
mod mermaid;
mod svg;
#[cfg(test)]
mod tests;
mod text;

pub use dot::write_dot;
pub use mermaid::write_mermaid;
pub use svg::write_svg;
pub use text::write_text;
