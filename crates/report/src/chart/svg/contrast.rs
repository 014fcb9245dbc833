//! How well texts and marks stand out from what is behind them, in the light and in the
//! dark, measured by the picture's own styles: at least 4.5:1 for texts and 3:1 for marks
//! (WCAG 2.2, success criteria 1.4.3 and 1.4.11, <https://www.w3.org/TR/WCAG22/>).
//!
//! The tint and the rim of a band are no marks: bands have headings.

use std::collections::{BTreeMap, BTreeSet};

use portolan::record::Certainty;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::write_svg;
use crate::chart::layout::tests::charts;

type Color = [f64; 3];

/// What a stylesheet says: selectors as lists of simple ones, properties.
struct Styles<'s> {
    rules: Vec<Rule<'s>>,
    colors: BTreeMap<&'s str, &'s str>,
}

/// Selectors, and the properties that they give.
type Rule<'s> = (Vec<Vec<&'s str>>, BTreeMap<&'s str, &'s str>);

/// An element: its name and classes.
type Element = (String, Vec<String>);

fn declared(text: &str) -> BTreeMap<&str, &str> {
    text.split(';').filter_map(|it| it.trim().split_once(':')).collect()
}

impl<'s> Styles<'s> {
    fn of(css: &'s str, dark: bool) -> Self {
        let (mut rules, mut colors) = (Vec::new(), BTreeMap::new());
        for line in css.lines() {
            let (line, media) = match line.strip_prefix("@media (prefers-color-scheme:dark){") {
                Some(line) => (line.strip_suffix('}').unwrap(), true),
                None => (line, false),
            };
            let (selectors, text) =
                line.trim_end().strip_suffix('}').unwrap().split_once('{').unwrap();
            let properties = declared(text);
            if properties.keys().all(|name| name.starts_with("--")) {
                if dark || !media {
                    colors.extend(properties);
                }
                continue;
            }
            assert!(!media, "{line}");
            let selectors = selectors.split(',').filter(|it| !it.contains(':'));
            let selectors = selectors.map(|it| it.split(' ').collect()).collect();
            rules.push((selectors, properties));
        }
        Self { rules, colors }
    }

    /// The value of a property, which comes from around an element where nothing else is said.
    fn value(&self, chain: &[Element], property: &str, inherited: bool) -> Option<&'s str> {
        let (_, around) = chain.split_last()?;
        let mut best: Option<((usize, usize), &'s str)> = None;
        for (selectors, properties) in &self.rules {
            let Some(value) = properties.get(property) else { continue };
            for selector in selectors.iter().filter(|it| is_meant(it, chain)) {
                let classes = selector.iter().map(|it| it.matches('.').count()).sum();
                let rank = (classes, selector.iter().filter(|it| !it.starts_with('.')).count());
                if best.is_none_or(|(known, _)| known <= rank) {
                    best = Some((rank, value));
                }
            }
        }
        let own = best.map(|(_, value)| value);
        own.or_else(|| inherited.then(|| self.value(around, property, true)).flatten())
    }

    fn color(&self, chain: &[Element], property: &str) -> Option<Color> {
        let value = self.value(chain, property, true)?;
        let name = value.strip_prefix("var(").and_then(|it| it.strip_suffix(')'));
        let value = name.map_or(value, |name| self.colors[name]);
        let digits = value.strip_prefix('#')?;
        let wide = |at: usize| match digits.len() {
            3 => digits[at..=at].repeat(2),
            _ => digits[2 * at..2 * at + 2].to_owned(),
        };
        Some([0, 1, 2].map(|at| f64::from(u8::from_str_radix(&wide(at), 16).unwrap()) / 255.0))
    }
}

fn is_meant(selector: &[&str], chain: &[Element]) -> bool {
    let one = |simple: &str, (name, classes): &Element| {
        let mut parts = simple.split('.');
        let element = parts.next().unwrap();
        (element.is_empty() || element == name)
            && parts.all(|part| classes.iter().any(|class| class == part))
    };
    let Some((last, before)) = selector.split_last() else { return true };
    let Some((own, around)) = chain.split_last() else { return false };
    one(last, own)
        && (before.is_empty() || (0..around.len()).rev().any(|at| is_meant(before, &around[..=at])))
}

fn luminance(color: Color) -> f64 {
    let linear = |it: f64| {
        if it <= 0.04045 { it / 12.92 } else { ((it + 0.055) / 1.055).powf(2.4) }
    };
    let [red, green, blue] = color.map(linear);
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

fn contrast(one: Color, other: Color) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// A filled rectangle: left, top, right, bottom.
type Filled = ([f64; 4], Color);

/// What lies at a point.
fn behind(filled: &[Filled], x: f64, y: f64) -> Option<Color> {
    let holds = |&&([left, top, right, bottom], _): &&Filled| {
        left <= x && x <= right && top <= y && y <= bottom
    };
    filled.iter().rev().find(holds).map(|(_, color)| *color)
}

/// The contrasts of a picture: what it is of, the least allowed, the measure.
fn measured(svg: &str, dark: bool) -> Vec<(String, f64, f64)> {
    let styles = Styles::of(include_str!("style.css"), dark);
    let mut reader = Reader::from_str(svg);
    let (mut chain, mut shifts, mut filled, mut found) =
        (Vec::<Element>::new(), vec![(0.0, 0.0)], Vec::<Filled>::new(), Vec::new());
    let mut spot = (0.0, 0.0);
    loop {
        let event = reader.read_event().unwrap();
        let start: &BytesStart<'_> = match &event {
            Event::Start(start) | Event::Empty(start) => start,
            Event::End(_) => {
                chain.pop();
                shifts.pop();
                continue;
            }
            Event::Eof => return found,
            Event::Text(_)
            | Event::CData(_)
            | Event::Comment(_)
            | Event::Decl(_)
            | Event::PI(_)
            | Event::DocType(_)
            | Event::GeneralRef(_) => continue,
        };
        let get = |name: &str| {
            let value = start.try_get_attribute(name).unwrap();
            value.map(|it| String::from_utf8(it.value.to_vec()).unwrap()).unwrap_or_default()
        };
        let number = |name: &str| get(name).parse::<f64>().unwrap_or(0.0);
        let name = String::from_utf8(start.name().as_ref().to_vec()).unwrap();
        let classes = get("class").split_whitespace().map(str::to_owned).collect();
        chain.push((name.clone(), classes));
        let mut shift = *shifts.last().unwrap();
        if let Some(by) = get("transform").strip_prefix("translate(") {
            let (x, y) = by.trim_end_matches(')').split_once(' ').unwrap();
            shift = (shift.0 + x.parse::<f64>().unwrap(), shift.1 + y.parse::<f64>().unwrap());
        }
        shifts.push(shift);
        let called = || {
            let all = chain.iter().flat_map(|(name, classes)| {
                std::iter::once(name.as_str()).chain(classes.iter().map(String::as_str))
            });
            all.collect::<Vec<_>>().join(" ")
        };
        let fill = styles.color(&chain, "fill");
        let stroke = styles.color(&chain, "stroke");
        let (x, y) = (number("x") + shift.0, number("y") + shift.1);
        match name.as_str() {
            "rect" => {
                let area = [x, y, x + number("width"), y + number("height")];
                let below = behind(&filled, x, y);
                let band = called().ends_with("band");
                if let (Some(stroke), Some(below), false) = (stroke, below, band) {
                    found.push((called(), 3.0, contrast(stroke, below)));
                }
                let opacity = styles.value(&chain, "fill-opacity", true);
                let opacity: f64 = opacity.map_or(1.0, |it| it.parse().unwrap());
                if let Some(fill) = fill {
                    let below = below.unwrap_or(fill);
                    let mixed =
                        [0, 1, 2].map(|at| fill[at] * opacity + below[at] * (1.0 - opacity));
                    filled.push((area, mixed));
                }
            }
            "text" | "tspan" => {
                if name == "text" {
                    let inward = match get("text-anchor").as_str() {
                        "end" => -1.0,
                        "middle" => 0.0,
                        _ => 1.0,
                    };
                    spot = (x + inward, y - 4.0);
                }
                let behind =
                    behind(&filled, spot.0, spot.1).unwrap_or_else(|| panic!("{}", called()));
                found.push((called(), 4.5, contrast(fill.unwrap(), behind)));
            }
            "path" => {
                let data = get("d");
                let numbers: Vec<f64> = data
                    .split(|c: char| !c.is_ascii_digit() && c != '-' && c != '.')
                    .filter_map(|it| it.parse().ok())
                    .collect();
                let (Some(&x), Some(&y)) = (numbers.first(), numbers.get(1)) else {
                    panic!("{data}")
                };
                let ends = [(x, y), (numbers[numbers.len() - 2], numbers[numbers.len() - 1])];
                // The triangle of an alarm is written with steps.
                let ends = if called().ends_with("alarm") { &ends[..1] } else { &ends[..] };
                for (x, y) in ends {
                    let Some(behind) = behind(&filled, x + shift.0, y + shift.1) else { continue };
                    let paint = stroke.or(fill).unwrap_or_else(|| panic!("{}", called()));
                    found.push((called(), 3.0, contrast(paint, behind)));
                }
            }
            _ => {}
        }
        if matches!(event, Event::Empty(_)) {
            chain.pop();
            shifts.pop();
        }
    }
}

#[test]
fn the_measure_is_that_of_the_recommendation() {
    assert!((contrast([0.0; 3], [1.0; 3]) - 21.0).abs() < 1e-9);
    // #767676 on white is the known limit of 4.5:1.
    let gray = [f64::from(0x76) / 255.0; 3];
    assert!((contrast(gray, [1.0; 3]) - 4.54).abs() < 0.01);
}

#[test]
fn texts_and_marks_stand_out_in_the_light_and_in_the_dark() {
    let mut runner = TestRunner::deterministic();
    let mut seen = BTreeSet::new();
    for round in 0..10 {
        let mut chart = charts().new_tree(&mut runner).unwrap().current();
        for (at, one) in chart.boxes.iter_mut().enumerate() {
            one.focused = (at + round) % 5 == 0;
        }
        for (at, edge) in chart.edges.iter_mut().enumerate() {
            if (at + round) % 3 == 0 {
                edge.certainty = Certainty::Possible;
            }
        }
        chart.focus = vec!["web".to_owned()];
        let mut svg = Vec::new();
        write_svg(&mut svg, &chart, "dump").unwrap();
        let svg = String::from_utf8(svg).unwrap();
        for dark in [false, true] {
            for (of, least, measure) in measured(&svg, dark) {
                assert!(measure >= least, "{of}: {measure:.2} of {least}, dark: {dark}");
                seen.insert(of);
            }
        }
    }
    // All of them were looked at.
    for wanted in [
        "title", "small", "head", "badge", "red", "alarm", "label", "strong", "gate", "gray",
        "open", "focus", "edge", "everyone", "possible", "tip",
    ] {
        assert!(seen.iter().any(|of| of.split(' ').any(|it| it == wanted)), "{wanted}: {seen:?}");
    }
}
