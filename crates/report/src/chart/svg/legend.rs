//! What the signs mean, what was put together, what was judged.

use std::io::{self, Write};

use portolan::record::Certainty;
use portolan::record::chart::Chart;

use super::words;
use super::xml::Xml;
use crate::chart::layout::{Point, SMALL, width};
use crate::untrusted::visible;

/// The legend is as wide as this at least.
pub(super) const WIDTH: i32 = 760;

/// From line to line.
const STEP: i32 = 18;

/// What has to be said in words.
pub(super) fn notes(chart: &Chart) -> Vec<String> {
    let mut notes = Vec::new();
    if !chart.focus.is_empty() {
        notes.push(format!("about {}", visible(&chart.focus.join(", "))));
    }
    if !chart.merged.is_empty() {
        notes.push(format!("{}; --focus SELECTOR looks closely", chart.merged));
    }
    notes
}

/// Notes in lines that are no wider than `most`.
pub(super) fn broken(notes: &[String], most: i32) -> Vec<String> {
    let mut lines = Vec::new();
    for note in notes {
        let mut line = String::new();
        for word in note.split(' ') {
            let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
            if !line.is_empty() && width(&longer, SMALL, false) > most {
                lines.push(std::mem::replace(&mut line, word.to_owned()));
            } else {
                line = longer;
            }
        }
        lines.push(line);
    }
    lines
}

/// How high it is.
pub(super) fn height(notes: &[String]) -> i32 {
    30 + i32::try_from(notes.len()).unwrap_or(0) * STEP + 26
}

/// Writes it.
pub(super) fn write<W: Write>(
    xml: &mut Xml<W>,
    chart: &Chart,
    top: i32,
    notes: &[String],
) -> io::Result<()> {
    let mut x = 20;
    let y = top + 30;
    let possible = chart.edges.iter().any(|edge| edge.certainty == Certainty::Possible);
    let mut signs = vec![
        ("edge everyone", "open to everyone (told once: everyone includes all others)"),
        ("edge", "open to some"),
    ];
    if possible {
        signs.push(("edge possible", "open unless something unseen forbids it"));
    }
    for (class, text) in signs {
        xml.open("g", &[("class", class), ("aria-hidden", "true")])?;
        xml.empty("path", &[("d", &format!("M{x} {}h30", y - 4))])?;
        let (length, half) = if class.contains("everyone") { (11, 6) } else { (9, 4) };
        let (end, back) = (x + 38, x + 38 - length);
        let tip = format!("M{end} {}L{back} {}L{back} {}Z", y - 4, y - 4 - half, y - 4 + half);
        xml.empty("path", &[("class", "tip"), ("d", &tip)])?;
        xml.close("g")?;
        words(xml, "small", Point { x: x + 46, y }, "start", text)?;
        x += 46 + width(text, SMALL, false) + 24;
    }
    for (note, at) in notes.iter().zip(1_i32..) {
        words(xml, "small", Point { x: 20, y: y + at * STEP }, "start", &visible(note))?;
    }
    Ok(())
}
