//! The chart as an SVG picture that needs nothing else: no script, no font, no file.
//!
//! What colour says is said by thickness, dashes or words too. Each box and each
//! edge is a group with a title, which browsers show when it is pointed at and
//! screen readers read. Dark or light is as the reader's system is.

#[cfg(test)]
mod contrast;
mod legend;
mod paint;
mod xml;

use std::io::{self, Write};

use portolan::record::Certainty;
use portolan::record::chart::{BoxKind, Chart, ChartBox, Column};

use super::label::{summary, told_of_box, told_of_edge};
use super::layout::{Area, LineKind, Picture, Point, badge, layout};
use crate::human::coverage_sentence;
use crate::untrusted::visible;
use paint::{path, tip};
use xml::Xml;

/// Above the picture: its title and what it shows.
const TOP: i32 = 62;

/// Writes the chart of a source.
pub fn write_svg(out: &mut impl Write, chart: &Chart, source: &str) -> io::Result<()> {
    let picture = layout(chart);
    let mut notes = legend::notes(chart);
    notes.push(coverage_sentence(&chart.coverage));
    let width = picture.width.max(legend::WIDTH);
    let notes = legend::broken(&notes, width - 40);
    let height = TOP + picture.height + legend::height(chart, &notes, width - 40);
    let mut xml = Xml::new(out);
    let (w, h) = (width.to_string(), height.to_string());
    let title = format!("{}: which ports are open, and to whom", visible(source));
    xml.open(
        "svg",
        &[
            ("xmlns", "http://www.w3.org/2000/svg"),
            ("class", "chart"),
            ("width", &w),
            ("height", &h),
            ("viewBox", &format!("0 0 {w} {h}")),
            ("role", "graphics-document document"),
            ("aria-labelledby", "chart-title chart-summary"),
        ],
    )?;
    xml.text("title", &[("id", "chart-title")], &title)?;
    xml.text("desc", &[("id", "chart-summary")], &summary(chart))?;
    xml.text("style", &[], include_str!("style.css"))?;
    xml.empty("rect", &[("class", "page"), ("width", &w), ("height", &h), ("rx", "12")])?;
    xml.text("text", &[("class", "title"), ("x", "20"), ("y", "30")], &title)?;
    xml.text("text", &[("class", "small"), ("x", "20"), ("y", "48")], &summary(chart))?;
    let shift = (width - picture.width) / 2;
    xml.open("g", &[("transform", &format!("translate({shift} {TOP})"))])?;
    ground(&mut xml, chart, &picture)?;
    let gate = |one: &ChartBox| one.kind == BoxKind::InternetGateway;
    for everyone in [false, true] {
        for (at, _) in chart.edges.iter().enumerate().filter(|(_, it)| it.everyone == everyone) {
            edge(&mut xml, chart, &picture, at, source)?;
        }
    }
    for wanted in [true, false] {
        for (one, (area, lines)) in chart.boxes.iter().zip(&picture.boxes) {
            if gate(one) == wanted {
                boxed(&mut xml, one, *area, lines)?;
            }
        }
    }
    for label in &picture.labels {
        let strong = chart.edges.get(label.edge).is_some_and(|edge| edge.everyone);
        xml.open("g", &[("class", "label"), ("aria-hidden", "true")])?;
        let Point { x, y } = label.middle;
        xml.empty(
            "rect",
            &[
                ("x", &(x - label.width / 2 - 3).to_string()),
                ("y", &(y - 7).to_string()),
                ("width", &(label.width + 6).to_string()),
                ("height", "14"),
            ],
        )?;
        words(
            &mut xml,
            if strong { "strong" } else { "" },
            Point { x: label.middle.x, y: label.middle.y + 4 },
            "middle",
            &label.text,
        )?;
        xml.close("g")?;
    }
    xml.close("g")?;
    legend::write(&mut xml, chart, TOP + picture.height, &notes, width - 40)?;
    xml.close("svg")?;
    xml.end()
}

/// Bands and the headings of columns.
fn ground<W: Write>(xml: &mut Xml<W>, chart: &Chart, picture: &Picture) -> io::Result<()> {
    for &(column, x) in &picture.headings {
        words(xml, "head", Point { x, y: 16 }, "middle", heading(column))?;
    }
    for (band, area) in chart.bands.iter().zip(&picture.bands) {
        let size = [area.x, area.y, area.width, area.height].map(|it| it.to_string());
        let [x, y, width, height] = &size;
        xml.empty(
            "rect",
            &[
                ("class", "band"),
                ("x", x),
                ("y", y),
                ("width", width),
                ("height", height),
                ("rx", "10"),
            ],
        )?;
        let at = Point { x: area.x + 14, y: area.y + 21 };
        let mut detail = vec![band.detail.clone()];
        if chart.coverage.accounts.len() > 1 || chart.coverage.regions.len() > 1 {
            detail.extend([band.account.clone(), band.region.clone()]);
        }
        if band.idle > 0 {
            detail.push(format!(
                "{} not in use",
                crate::words::count(band.idle, "interface", "interfaces")
            ));
        }
        detail.retain(|text| !text.is_empty() && *text != band.title);
        let title = visible(&band.title);
        xml.open("text", &[("class", "name"), ("x", &at.x.to_string()), ("y", &at.y.to_string())])?;
        xml.words(&title)?;
        xml.text("tspan", &[("class", "small"), ("dx", "8")], &visible(&detail.join(" · ")))?;
        xml.close("text")?;
    }
    Ok(())
}

fn heading(column: Column) -> &'static str {
    match column {
        Column::Internet => "INTERNET",
        Column::Edge => "EDGE",
        Column::Public => "PUBLIC",
        Column::Private => "PRIVATE",
        Column::Data => "DATA",
        Column::Networks => "PEERS AND NETWORKS",
    }
}

fn edge<W: Write>(
    xml: &mut Xml<W>,
    chart: &Chart,
    picture: &Picture,
    at: usize,
    source: &str,
) -> io::Result<()> {
    let (Some(edge), Some(route)) = (chart.edges.get(at), picture.edges.get(at)) else {
        return Ok(());
    };
    let mut class = String::from("edge");
    if edge.everyone {
        class.push_str(" everyone");
    }
    if edge.certainty == Certainty::Possible {
        class.push_str(" possible");
    }
    xml.open("g", &[("class", &class), ("role", "graphics-symbol img"), ("tabindex", "0")])?;
    xml.text("title", &[], &told_of_edge(chart, edge, source))?;
    xml.empty("path", &[("d", &path(route))])?;
    if let Some(tip) = tip(route, edge.everyone) {
        xml.empty("path", &[("class", "tip"), ("d", &tip)])?;
    }
    xml.close("g")
}

fn boxed<W: Write>(
    xml: &mut Xml<W>,
    one: &ChartBox,
    area: Area,
    lines: &[super::layout::Line],
) -> io::Result<()> {
    let mut class = String::from("box");
    match one.kind {
        BoxKind::InternetGateway => class.push_str(" gate"),
        BoxKind::Everyone => class.push_str(" open"),
        BoxKind::NatGateway
        | BoxKind::EgressOnlyInternetGateway
        | BoxKind::Addresses
        | BoxKind::Inside
        | BoxKind::Peer
        | BoxKind::TransitGateway
        | BoxKind::VpnGateway
        | BoxKind::Network => class.push_str(" gray"),
        BoxKind::Interfaces | BoxKind::SecurityGroup if !one.everyone.is_empty() => {
            class.push_str(" open");
        }
        BoxKind::Interfaces | BoxKind::SecurityGroup => {}
    }
    if one.focused {
        class.push_str(" focus");
    }
    xml.open("g", &[("class", &class), ("role", "graphics-symbol img"), ("tabindex", "0")])?;
    xml.text("title", &[], &told_of_box(one))?;
    let size = [area.x, area.y, area.width, area.height].map(|it| it.to_string());
    let [x, y, width, height] = &size;
    xml.empty("rect", &[("x", x), ("y", y), ("width", width), ("height", height), ("rx", "6")])?;
    let text = i32::try_from(lines.len()).unwrap_or(1) * 16;
    // A gate has its text on top, a box in the middle.
    let top = if one.kind == BoxKind::InternetGateway { 7 } else { (area.height - text) / 2 };
    for (line, at) in lines.iter().zip(0_i32..) {
        let mut point = Point { x: area.x + 10, y: area.y + top + at * 16 + 12 };
        let class = match line.kind {
            LineKind::Title => "name",
            LineKind::Detail => "small",
            LineKind::Everyone => "red",
        };
        if line.kind == LineKind::Everyone {
            xml.empty("path", &[("class", "alarm"), ("d", &paint::alarm(point))])?;
            point.x += 16;
        }
        words(xml, class, point, "start", &line.text)?;
    }
    if let Some(badge) = badge(one) {
        let at = Point { x: area.x + area.width - 9, y: area.y + top + 12 };
        words(xml, "badge", at, "end", &badge)?;
    }
    xml.close("g")
}

/// A text that was made visible before.
fn words<W: Write>(
    xml: &mut Xml<W>,
    class: &str,
    at: Point,
    anchor: &str,
    text: &str,
) -> io::Result<()> {
    let (x, y) = (at.x.to_string(), at.y.to_string());
    let mut attributes = vec![("x", x.as_str()), ("y", y.as_str())];
    if !class.is_empty() {
        attributes.push(("class", class));
    }
    if anchor != "start" {
        attributes.push(("text-anchor", anchor));
    }
    xml.text("text", &attributes, text)
}
