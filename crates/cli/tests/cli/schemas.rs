//! What the program writes is what the published schemas say.

use std::path::Path;

use serde_json::Value;

use crate::support::{blind, command, path, portolan, run};
use crate::verify::scan_of;

fn schema(name: &str) -> Value {
    let file = format!("../../docs/schemas/{name}.schema.json");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
}

/// Holds each line of a text to a schema; there must be some.
pub(crate) fn hold(name: &str, text: &str) {
    let validator = jsonschema::validator_for(&schema(name)).unwrap();
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Value>().peekable();
    assert!(values.peek().is_some(), "nothing to hold to {name}");
    for value in values {
        let value = value.unwrap();
        let errors: Vec<String> =
            validator.iter_errors(&value).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(errors.is_empty(), "{name}: {errors:?} in {value}");
    }
}

#[test]
fn ports_are_as_published() {
    let blind = blind();
    for source in ["quay", path(&blind)] {
        for direction in ["in", "out"] {
            let ask = |args: &[&str]| {
                let mut all = vec!["ports", source, "--direction", direction];
                all.extend(args);
                portolan(&all).stdout
            };
            hold("port", &ask(&["--format", "jsonl"]));
            hold("port-class", &ask(&["--format", "jsonl", "--by", "class"]));
            hold("ports", &ask(&["--format", "json"]));
            hold("ports", &ask(&["--format", "json", "--by", "class", "--sources", "rules"]));
        }
    }
}

#[test]
fn findings_are_as_published() {
    let blind = blind();
    let folder = tempfile::tempdir().unwrap();
    let name = folder.path().join("e.toml");
    let exception = |on: &str, from: &str| {
        format!(
            "[[exception]]\ncode = \"administration-open-to-internet\"\non = \"{on}\"\n\
             ports = \"tcp/22\"\nfrom = \"{from}\"\nreason = \"r\"\nowner = \"o\"\n\
             until = 2999-12-31\n"
        )
    };
    let name = name.to_str().unwrap();
    for (on, from) in [("eni-03", "internet"), ("eni-03", "0.0.0.0/1"), ("eni-01", "internet")] {
        std::fs::write(name, exception(on, from)).unwrap();
        for source in ["quay", path(&blind), "../../../../examples/harbour"] {
            let ask = |format| {
                portolan(&["audit", source, "--exceptions", name, "--format", format]).stdout
            };
            hold("finding", &ask("jsonl"));
            hold("findings", &ask("json"));
        }
    }
}

#[test]
fn charts_are_as_published() {
    let blind = blind();
    for source in ["quay", path(&blind)] {
        hold("chart", &portolan(&["chart", source, "--format", "json"]).stdout);
        hold("chart", &portolan(&["chart", source, "--focus", "any", "--format", "json"]).stdout);
    }
}

#[test]
fn blast_radii_are_as_published() {
    let blind = blind();
    for source in ["quay", path(&blind), "../../../../examples/harbour"] {
        for more in [["internet", "--port", "any"], ["internet", "--to", "any"]] {
            let ask = |format| {
                let asked = [&["blast-radius", source], &more[..], &["--format", format]].concat();
                portolan(&asked).stdout
            };
            hold("reached", &ask("jsonl"));
            hold("blast-radius", &ask("json"));
        }
    }
}

#[test]
fn verifications_are_as_published() {
    let blind = blind();
    let scan = scan_of("198.51.100.11");
    let scan = scan.path().to_str().unwrap();
    for source in ["quay", path(&blind)] {
        let ask = |format| portolan(&["verify", source, "--nmap-xml", scan, "--format", format]);
        hold("verification", &ask("jsonl").stdout);
        hold("verifications", &ask("json").stdout);
    }
}

#[test]
fn explanations_are_as_published() {
    let blind = blind();
    let batch = "from,to,port\n10.0.1.11,10.0.2.5,tcp/5432\n10.0.1.22,10.0.2.5,tcp/5432\n\
                 nobody,10.0.2.5,22\n203.0.113.9,198.51.100.36,8443\n10.0.1.11,10.0.1.11,1\n\
                 internet,web-1,443\n203.0.113.9,198.51.100.11,443\n";
    for source in ["quay", path(&blind)] {
        for (format, schema) in [("jsonl", "explain"), ("json", "explanations")] {
            let mut asked = command(&["explain", source, "--batch", "-", "--format", format]);
            hold(schema, &run(&mut asked, batch.as_bytes()).stdout);
        }
    }
    let single =
        portolan(&["explain", "quay", "10.0.1.22", "10.0.2.5", "5432", "--format", "json"]);
    hold("explain", &single.stdout);
}

#[test]
fn a_definition_is_the_same_in_every_schema() {
    let ports = schema("ports");
    let explanations = schema("explanations");
    let port = schema("port");
    let explain = schema("explain");
    assert_eq!(port["$defs"]["cause"], ports["$defs"]["cause"]);
    assert_eq!(schema("port-class")["$defs"]["cause"], ports["$defs"]["cause"]);
    assert_eq!(ports["$defs"]["coverage"], explanations["$defs"]["coverage"]);
    assert_eq!(ports["$defs"]["limitation"], explanations["$defs"]["limitation"]);
    let (finding, findings) = (schema("finding"), schema("findings"));
    for name in ["cause", "coverage", "limitation"] {
        assert_eq!(ports["$defs"][name], findings["$defs"][name], "{name}");
    }
    assert_eq!(explanations["$defs"]["blocker"], findings["$defs"]["blocker"]);
    for name in ["about", "witness", "exception", "beyond", "cause", "blocker"] {
        assert_eq!(finding["$defs"][name], findings["$defs"][name], "{name}");
    }
    let (verification, verifications) = (schema("verification"), schema("verifications"));
    for name in ["cause", "limitation", "blocker"] {
        assert_eq!(findings["$defs"][name], verification["$defs"][name], "{name}");
        assert_eq!(findings["$defs"][name], verifications["$defs"][name], "{name}");
    }
    assert_eq!(findings["$defs"]["coverage"], verifications["$defs"]["coverage"]);
    assert_eq!(verification["$defs"]["tls"], verifications["$defs"]["tls"]);
    let (reached, radius) = (schema("reached"), schema("blast-radius"));
    for name in ["step", "outward", "blocker"] {
        assert_eq!(reached["$defs"][name], radius["$defs"][name], "{name}");
    }
    for name in ["blocker", "coverage", "limitation"] {
        assert_eq!(findings["$defs"][name], radius["$defs"][name], "{name}");
    }
    for (record, inside) in [
        (&verification, &verifications["$defs"]["verification"]),
        (&reached, &radius["$defs"]["reached"]),
        (&port, &ports["$defs"]["port"]),
        (&explain, &explanations["$defs"]["explain"]),
        (&finding, &findings["$defs"]["finding"]),
    ] {
        assert_eq!(record["properties"], inside["properties"]);
        assert_eq!(record["required"], inside["required"]);
    }
}

#[test]
fn a_field_that_is_new_is_allowed_and_one_that_lacks_is_not() {
    let text = portolan(&["explain", "quay", "10.0.1.22", "10.0.2.5", "5432", "-f", "json"]);
    let mut record: Value = serde_json::from_str(&text.stdout).unwrap();
    let validator = jsonschema::validator_for(&schema("explain")).unwrap();
    record["novel"] = true.into();
    assert!(validator.is_valid(&record));
    record.as_object_mut().unwrap().remove("also");
    assert!(!validator.is_valid(&record));
}
