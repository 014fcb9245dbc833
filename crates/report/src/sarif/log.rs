//! The parts of SARIF 2.1.0 that are written, by the names of the standard.

use std::collections::BTreeMap;

use portolan::record::{Certainty, Severity, Shared};
use serde::Serialize;

use super::escaped;

#[derive(Serialize)]
pub(super) struct Tool {
    pub(super) driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Driver {
    pub(super) name: &'static str,
    pub(super) semantic_version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) information_uri: Option<String>,
    pub(super) rules: Vec<Descriptor>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Descriptor {
    pub(super) id: &'static str,
    pub(super) name: String,
    pub(super) short_description: Message,
    pub(super) full_description: Message,
    pub(super) help: Help,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) help_uri: Option<String>,
    pub(super) default_configuration: Configuration,
    pub(super) properties: RuleProperties,
}

#[derive(Serialize)]
pub(super) struct Help {
    pub(super) text: String,
    pub(super) markdown: String,
}

#[derive(Serialize)]
pub(super) struct Configuration {
    pub(super) level: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct RuleProperties {
    pub(super) tags: Vec<String>,
    pub(super) precision: &'static str,
    pub(super) security_severity: &'static str,
}

#[derive(Serialize)]
pub(super) struct Message {
    pub(super) text: String,
}

/// A text that is no link and obeys nothing.
pub(super) fn message(text: &str) -> Message {
    Message { text: escaped(text) }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Result {
    pub(super) rule_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rule_index: Option<usize>,
    pub(super) level: &'static str,
    pub(super) message: Message,
    pub(super) locations: Vec<Location>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) related_locations: Vec<Location>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) code_flows: Vec<CodeFlow>,
    pub(super) partial_fingerprints: BTreeMap<&'static str, String>,
    /// Always there: where some results have suppressions, one without is not suppressed.
    pub(super) suppressions: Vec<Suppression>,
    pub(super) properties: ResultProperties,
}

#[derive(Serialize)]
pub(super) struct ResultProperties {
    pub(super) severity: Severity,
    pub(super) attached: bool,
    pub(super) certainty: Certainty,
    pub(super) resource: String,
    pub(super) account: String,
    pub(super) region: String,
    pub(super) controls: Shared<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) console: Option<String>,
}

#[derive(Serialize)]
pub(super) struct Suppression {
    pub(super) kind: &'static str,
    pub(super) status: &'static str,
    pub(super) justification: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CodeFlow {
    pub(super) message: Message,
    pub(super) thread_flows: Vec<ThreadFlow>,
}

#[derive(Serialize)]
pub(super) struct ThreadFlow {
    pub(super) id: &'static str,
    pub(super) locations: Vec<Step>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Step {
    pub(super) execution_order: u64,
    pub(super) location: Location,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Location {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) physical_location: Option<Physical>,
    pub(super) logical_locations: Vec<Logical>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) message: Option<Message>,
}

impl Location {
    /// A resource, where its file says it is.
    pub(super) fn of(
        file: &str,
        line: Option<u64>,
        at: &str,
        name: &str,
        whole: &str,
        kind: &str,
    ) -> Self {
        let resource = Logical {
            name: Some(name.to_owned()),
            fully_qualified_name: whole.to_owned(),
            kind: kind.to_owned(),
        };
        let pointer = Logical {
            name: None,
            fully_qualified_name: at.to_owned(),
            // One of the standard's words for what a JSON document holds.
            kind: "object".to_owned(),
        };
        Self {
            id: None,
            physical_location: (!file.is_empty()).then(|| Physical::of(file, line)),
            logical_locations: [resource, pointer]
                .into_iter()
                .filter(|it| !it.fully_qualified_name.is_empty())
                .collect(),
            message: None,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Physical {
    artifact_location: Artifact,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<Region>,
}

impl Physical {
    pub(super) fn of(file: &str, line: Option<u64>) -> Self {
        // Lines are counted from one.
        let line = line.filter(|&line| line > 0);
        Self {
            artifact_location: Artifact { uri: uri(file) },
            region: line.map(|start_line| Region { start_line }),
        }
    }
}

#[derive(Serialize)]
struct Artifact {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Logical {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    fully_qualified_name: String,
    kind: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Invocation {
    pub(super) execution_successful: bool,
    pub(super) tool_execution_notifications: Vec<Notification>,
}

#[derive(Serialize)]
pub(super) struct Notification {
    pub(super) level: &'static str,
    pub(super) message: Message,
}

/// A path as a URI reference (RFC 3986): relative, or of the file system. A colon
/// in a relative path would make a scheme of what stands before it.
fn uri(path: &str) -> String {
    let relative = path.trim_start_matches("./");
    let mut uri = if path.starts_with('/') { "file://".to_owned() } else { String::new() };
    for byte in relative.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    if uri.is_empty() { ".".to_owned() } else { uri }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_reference_that_means_itself() {
        assert_eq!(uri("dump/a b:c#1.json"), "dump/a%20b%3Ac%231.json");
        assert_eq!(uri("./x/é"), "x/%C3%A9");
        assert_eq!(uri("/srv/x.json"), "file:///srv/x.json");
        assert_eq!(uri("-"), "-");
        assert_eq!(uri(""), ".");
    }
}
