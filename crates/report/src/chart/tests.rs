//! Laws of what is written: whatever strangers called their things, it stays text.

use proptest::prelude::*;
use quick_xml::Reader;
use quick_xml::events::Event;

use super::layout::tests::charts;
use super::{write_dot, write_mermaid, write_svg};

/// Names that try to be something else.
fn hostile() -> impl Strategy<Value = String> {
    let payload = prop::sample::select(vec![
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "]]>",
        "</title></g></svg>",
        "&lt;",
        "\u{1b}[2J",
        "\u{202e}gnp",
        "\u{ffff}",
        "\0",
        "\"]; evil [label=\"",
        "\\",
        "\\\"",
        "\n  evil --> me",
        "#quot;",
        "end",
        "日本",
    ]);
    prop::collection::vec(prop_oneof![payload.prop_map(str::to_owned), any::<String>()], 1..4)
        .prop_map(|parts| parts.concat())
}

/// The elements of an XML document, which holds nothing else but text.
fn read(xml: &str) -> Vec<String> {
    let mut reader = Reader::from_str(xml);
    reader.config_mut().check_end_names = true;
    let mut elements = Vec::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) | Event::Empty(start) => {
                for attribute in start.attributes() {
                    let key = attribute.unwrap().key;
                    assert!(!key.as_ref().starts_with(b"on"), "{xml}");
                }
                elements.push(String::from_utf8(start.name().as_ref().to_vec()).unwrap());
            }
            Event::Text(_) | Event::GeneralRef(_) | Event::End(_) => {}
            Event::Eof => return elements,
            other @ (Event::CData(_)
            | Event::Comment(_)
            | Event::Decl(_)
            | Event::PI(_)
            | Event::DocType(_)) => panic!("{other:?} in {xml}"),
        }
    }
}

proptest! {
    #[test]
    fn strangers_add_no_element(chart in charts(), name in hostile()) {
        let svg = |name: &str| {
            let mut chart = chart.clone();
            for one in &mut chart.boxes {
                one.title = name.to_owned();
                one.detail = name.to_owned();
                one.names = vec![name.to_owned()];
            }
            for band in &mut chart.bands {
                band.title = name.to_owned();
                band.detail = name.to_owned();
            }
            chart.focus = vec![name.to_owned()];
            let mut out = Vec::new();
            write_svg(&mut out, &chart, name).unwrap();
            String::from_utf8(out).unwrap()
        };
        let plain = read(&svg("plain"));
        let found = svg(&name);
        prop_assert!(found.chars().all(|c| c == '\n' || !crate::untrusted::acts(c)));
        let elements = read(&found);
        let known = ["svg", "title", "desc", "style", "rect", "text", "tspan", "g", "path"];
        prop_assert!(elements.iter().all(|it| known.contains(&it.as_str())), "{elements:?}");
        // Long texts take more lines of the legend, nothing else.
        let groups = |all: &[String]| all.iter().filter(|it| *it == "g").count();
        prop_assert_eq!(groups(&plain), groups(&elements));
    }

    #[test]
    fn strangers_add_no_line(chart in charts(), name in hostile()) {
        let mut named = chart;
        let count = |chart: &_| {
            let (mut dot, mut mermaid) = (Vec::new(), Vec::new());
            write_dot(&mut dot, chart).unwrap();
            write_mermaid(&mut mermaid, chart).unwrap();
            (String::from_utf8(dot).unwrap(), String::from_utf8(mermaid).unwrap())
        };
        let (dot, mermaid) = count(&named);
        for one in &mut named.boxes {
            one.title = name.clone();
        }
        let (dot_of, mermaid_of) = count(&named);
        prop_assert_eq!(dot.lines().count(), dot_of.lines().count());
        prop_assert_eq!(mermaid.lines().count(), mermaid_of.lines().count());
        prop_assert!(!mermaid_of.contains("<script") && !mermaid_of.contains("<img"));
        for line in dot_of.lines() {
            // Quotes that are not escaped come in pairs.
            let bare = line.replace("\\\\", "").replace("\\\"", "");
            prop_assert_eq!(bare.matches('"').count() % 2, 0, "{}", line);
        }
    }
}
