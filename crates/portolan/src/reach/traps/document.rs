//! docs/semantics.md says which test proves which sentence: it names all tests
//! that are here, and only tests that exist.

use std::collections::BTreeSet;

/// The modules that the document may name, with their source text.
const MODULES: [(&str, &str); 22] = [
    ("access", include_str!("access.rs")),
    ("endpoints", include_str!("endpoints.rs")),
    ("firewalls", include_str!("firewalls.rs")),
    ("groups", include_str!("groups.rs")),
    ("hosts", include_str!("hosts.rs")),
    ("interface_endpoints", include_str!("interface_endpoints.rs")),
    ("internet", include_str!("internet.rs")),
    ("ipv6", include_str!("ipv6.rs")),
    ("load_balancers", include_str!("load_balancers.rs")),
    ("middleboxes", include_str!("middleboxes.rs")),
    ("nat", include_str!("nat.rs")),
    ("network_acls", include_str!("network_acls.rs")),
    ("oddities", include_str!("../../../../ingest/tests/oddities.rs")),
    ("peering", include_str!("peering.rs")),
    ("references", include_str!("references.rs")),
    ("remote_access", include_str!("remote_access.rs")),
    ("routes", include_str!("routes.rs")),
    ("services", include_str!("services.rs")),
    ("through", include_str!("through.rs")),
    ("torture", include_str!("torture.rs")),
    ("transit_gateways", include_str!("transit_gateways.rs")),
    ("unmodelled", include_str!("unmodelled.rs")),
];

/// `module::name` of every test of the modules.
fn tests() -> BTreeSet<String> {
    let mut tests = BTreeSet::new();
    for (module, text) in MODULES {
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            if line != "#[test]" {
                continue;
            }
            let name = lines.next().and_then(|line| line.strip_prefix("fn ")).unwrap();
            let name = name.split('(').next().unwrap();
            tests.insert(format!("{module}::{name}"));
        }
    }
    tests
}

/// The names in backticks that have the form of a test's.
fn named() -> BTreeSet<String> {
    let document = include_str!("../../../../../docs/semantics.md");
    let quoted = document.split('`').skip(1).step_by(2);
    let test = |word: &&str| {
        word.split_once("::").is_some_and(|(module, name)| {
            MODULES.iter().any(|(known, _)| *known == module) && name != "…"
        })
    };
    quoted.filter(test).map(str::to_owned).collect()
}

#[test]
fn every_test_that_the_document_names_exists() {
    let tests = tests();
    let missing: Vec<String> = named().into_iter().filter(|name| !tests.contains(name)).collect();
    assert_eq!(missing, Vec::<String>::new());
}

#[test]
fn the_document_names_every_trap() {
    let named = named();
    let traps = tests().into_iter().filter(|name| !name.starts_with("oddities::"));
    let missing: Vec<String> = traps.filter(|name| !named.contains(name)).collect();
    assert_eq!(missing, Vec::<String>::new());
}
