//! What the signs mean, what was put together, what was judged.

use std::io::{self, Write};

use portolan::record::Certainty;
use portolan::record::chart::Chart;

use super::paint::{path, tip};
use super::words;
use super::xml::Xml;
use crate::chart::layout::{Piece, Point, Route, SMALL, width};
use crate::untrusted::visible;

/// The legend is as wide as this at least.
pub(super) const WIDTH: i32 = 640;

/// From line to line.
const STEP: i32 = 18;

/// What the line of a sign takes.
const LINE: i32 = 46;

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

/// A sign: the class of its line, if it has one, and what it means.
type Sign = (&'static str, &'static str);

/// A sign with where it stands: from the left, and on which line.
type Standing = (Sign, i32, i32);

/// The signs of a chart, one after the other as far as there is room.
fn signs(chart: &Chart, most: i32) -> Vec<Standing> {
    let mut signs: Vec<Sign> = vec![
        ("edge everyone", "open to everyone, who includes all others"),
        ("edge", "open to some"),
    ];
    if chart.edges.iter().any(|edge| edge.certainty == Certainty::Possible) {
        signs.push(("edge possible", "open unless something unseen forbids it"));
    }
    signs.push(("", "ports are TCP if nothing else is said"));
    let (mut x, mut line) = (0, 0);
    let mut standing = Vec::new();
    for sign in signs {
        let wide = width(sign.1, SMALL, false) + if sign.0.is_empty() { 0 } else { LINE };
        if x > 0 && x + wide > most {
            (x, line) = (0, line + 1);
        }
        standing.push((sign, x, line));
        x += wide + 22;
    }
    standing
}

/// How high it is.
pub(super) fn height(chart: &Chart, notes: &[String], most: i32) -> i32 {
    let lines = signs(chart, most).last().map_or(0, |&(_, _, line)| line + 1);
    (lines + i32::try_from(notes.len()).unwrap_or(0)) * STEP + 36
}

/// Writes it.
pub(super) fn write<W: Write>(
    xml: &mut Xml<W>,
    chart: &Chart,
    top: i32,
    notes: &[String],
    most: i32,
) -> io::Result<()> {
    let mut y = top + 30;
    for ((class, text), x, line) in signs(chart, most) {
        y = top + 30 + line * STEP;
        let x = 20 + x;
        if class.is_empty() {
            words(xml, "small", Point { x, y }, "start", text)?;
            continue;
        }
        xml.open("g", &[("class", class), ("aria-hidden", "true")])?;
        let strong = class.contains("everyone");
        let (start, end) = (Point { x, y: y - 4 }, Point { x: x + LINE - 8, y: y - 4 });
        let short = Point { x: end.x - 8, ..end };
        let route = Route { pieces: vec![Piece::Start(start), Piece::To(short), Piece::To(end)] };
        let line = Route { pieces: vec![Piece::Start(start), Piece::To(short)] };
        xml.empty("path", &[("d", &path(&line))])?;
        if let Some(tip) = tip(&route, strong) {
            xml.empty("path", &[("class", "tip"), ("d", &tip)])?;
        }
        xml.close("g")?;
        words(xml, "small", Point { x: x + LINE, y }, "start", text)?;
    }
    for note in notes {
        y += STEP;
        words(xml, "small", Point { x: 20, y }, "start", &visible(note))?;
    }
    Ok(())
}
