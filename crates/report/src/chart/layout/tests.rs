//! Laws of the layout, on charts of all shapes.

use portolan::record::chart::{Ask, Band, BoxKind, ChartBox, Column, Edge, Level};
use portolan::record::{Certainty, Clients, Coverage};
use proptest::prelude::*;

use super::*;

const COLUMNS: [Column; 6] = [
    Column::Internet,
    Column::Edge,
    Column::Public,
    Column::Private,
    Column::Data,
    Column::Networks,
];

/// Boxes by column and band, and edges by the places of their boxes.
pub(crate) fn charts() -> impl Strategy<Value = Chart> {
    let boxes = prop::collection::vec((0..6_usize, 0..4_usize, 0..12_u64), 1..30);
    let edges = prop::collection::vec(
        (any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..6_usize, any::<bool>()),
        0..60,
    );
    (boxes, edges, 1..4_usize).prop_map(|(places, links, bands)| {
        let boxes: Vec<ChartBox> = places
            .iter()
            .enumerate()
            .map(|(at, &(column, band, count))| {
                let column = COLUMNS[column];
                let outside =
                    column == Column::Internet || (column == Column::Networks && band == 0);
                let kind = match (column, count) {
                    (Column::Internet, 0) => BoxKind::Everyone,
                    (Column::Edge, 0..6) => BoxKind::InternetGateway,
                    _ => BoxKind::Interfaces,
                };
                ChartBox {
                    id: format!("b{}", at + 1),
                    kind,
                    column,
                    band: if outside { String::new() } else { format!("r{}", band % bands + 1) },
                    title: "a-name-of-a-service"
                        .chars()
                        .take(3 + usize::try_from(count).unwrap())
                        .collect(),
                    detail: "groups, and more groups".to_owned(),
                    count,
                    classes: 1,
                    names: Vec::new(),
                    ids: Vec::new(),
                    public: count % 2 == 0,
                    everyone: if count > 9 { vec!["tcp/22".to_owned()] } else { Vec::new() },
                    inside: Vec::new(),
                    focused: false,
                }
            })
            .collect();
        let mut boxes = boxes;
        // A band has one gate.
        let mut gated = std::collections::BTreeSet::new();
        for one in &mut boxes {
            if one.kind == BoxKind::InternetGateway && !gated.insert(one.band.clone()) {
                one.kind = BoxKind::NatGateway;
            }
        }
        let mut edges: Vec<Edge> = Vec::new();
        for (from, to, ports, everyone) in links {
            let (from, to) = (from.get(&boxes), to.get(&boxes));
            let known = edges.iter().any(|edge| edge.from == from.id && edge.to == to.id);
            // Only what is inside has ports.
            if from.id == to.id || known || to.band.is_empty() {
                continue;
            }
            edges.push(Edge {
                from: from.id.clone(),
                to: to.id.clone(),
                ports: (0..=ports).map(|port| format!("tcp/{}", port * 997 + 22)).collect(),
                possible: Vec::new(),
                everyone,
                certainty: Certainty::Certain,
                clients: Clients::All,
                via: Vec::new(),
                ask: Ask::default(),
            });
        }
        let bands = (0..bands).map(|at| Band {
            id: format!("r{}", at + 1),
            title: "vpc".to_owned(),
            detail: String::new(),
            account: String::new(),
            region: String::new(),
            vpcs: Vec::new(),
            idle: 0,
        });
        Chart {
            format: "portolan.chart/1".to_owned(),
            level: Level::Class,
            merged: String::new(),
            focus: Vec::new(),
            bands: bands.collect(),
            boxes,
            edges,
            coverage: Coverage::default(),
            limitations: Vec::new(),
        }
    })
}

fn meet(one: Area, other: Area) -> bool {
    one.x < other.x + other.width
        && other.x < one.x + one.width
        && one.y < other.y + other.height
        && other.y < one.y + one.height
}

fn within(one: Area, whole: Area) -> bool {
    one.x >= whole.x
        && one.y >= whole.y
        && one.x + one.width <= whole.x + whole.width
        && one.y + one.height <= whole.y + whole.height
}

fn area(label: &Label) -> Area {
    let width = label.width;
    Area { x: label.middle.x - width / 2, y: label.middle.y - 7, width, height: 14 }
}

/// Points of a way, close to each other.
fn points(route: &Route) -> Vec<Point> {
    let mut points: Vec<Point> = Vec::new();
    let mut last = Point::default();
    for piece in &route.pieces {
        match *piece {
            Piece::Start(at) => last = at,
            Piece::To(to) => {
                points.extend((0..=40).map(|step| Point {
                    x: last.x + (to.x - last.x) * step / 40,
                    y: last.y + (to.y - last.y) * step / 40,
                }));
                last = to;
            }
            Piece::Curve(one, other, to) => {
                let at = |a: i32, b: i32, c: i32, d: i32, step: i32| {
                    let (t, u) = (i64::from(step), i64::from(40 - step));
                    let [a, b, c, d] = [a, b, c, d].map(i64::from);
                    let sum = a * u * u * u + 3 * b * u * u * t + 3 * c * u * t * t + d * t * t * t;
                    i32::try_from(sum / 64000).unwrap()
                };
                points.extend((0..=40).map(|step| Point {
                    x: at(last.x, one.x, other.x, to.x, step),
                    y: at(last.y, one.y, other.y, to.y, step),
                }));
                last = to;
            }
        }
    }
    points
}

fn holds(area: Area, point: Point) -> bool {
    point.x > area.x
        && point.x < area.x + area.width
        && point.y > area.y
        && point.y < area.y + area.height
}

proptest! {
    #[test]
    fn nothing_covers_anything_else(chart in charts()) {
        let picture = layout(&chart);
        let whole = Area { x: 0, y: 0, width: picture.width, height: picture.height };
        for (at, (one, _)) in picture.boxes.iter().enumerate() {
            prop_assert!(within(*one, whole), "{one:?} of {whole:?}");
            for (other, _) in picture.boxes.iter().skip(at + 1) {
                prop_assert!(!meet(*one, *other), "{one:?} {other:?}");
            }
        }
        for (one, (area, _)) in chart.boxes.iter().zip(&picture.boxes) {
            let band = chart.bands.iter().position(|band| band.id == one.band);
            if let Some(band) = band {
                prop_assert!(within(*area, picture.bands[band]), "{area:?} {:?}", picture.bands[band]);
            }
        }
        for (at, label) in picture.labels.iter().enumerate() {
            for other in picture.labels.iter().skip(at + 1) {
                prop_assert!(!meet(area(label), area(other)), "{label:?} {other:?}");
            }
            for (one, _) in &picture.boxes {
                prop_assert!(!meet(area(label), *one), "{label:?} {one:?}");
            }
        }
    }

    #[test]
    fn no_line_crosses_a_box_or_a_text(chart in charts()) {
        let picture = layout(&chart);
        for (edge, route) in chart.edges.iter().zip(&picture.edges) {
            prop_assert!(!route.pieces.is_empty());
            let points = points(route);
            for (one, (area, _)) in chart.boxes.iter().zip(&picture.boxes) {
                // What comes from the internet passes the gate.
                if one.kind == BoxKind::InternetGateway {
                    continue;
                }
                prop_assert!(!points.iter().any(|&point| holds(*area, point)), "{edge:?} {one:?}");
            }
            for label in &picture.labels {
                let told = &chart.edges[label.edge];
                let own = told.to == edge.to;
                let crossed = points.iter().any(|&point| holds(area(label), point));
                prop_assert!(own || !crossed, "{edge:?} {label:?}");
            }
        }
    }

    #[test]
    fn the_same_chart_is_the_same_picture(chart in charts()) {
        let (one, other) = (layout(&chart), layout(&chart));
        prop_assert_eq!(format!("{one:?}"), format!("{other:?}"));
    }
}
