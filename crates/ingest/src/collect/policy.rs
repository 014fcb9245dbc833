//! The IAM policy that allows the calls of the table and no other.

use std::collections::BTreeSet;

use super::CALLS;

/// The IAM policy that a snapshot needs, as JSON: exactly the actions of [`CALLS`].
///
/// Nearly none of these actions can be limited to single resources, so the resource is `*`.
pub fn policy() -> String {
    let actions: BTreeSet<&str> = CALLS.iter().map(|call| call.action).collect();
    let lines: Vec<String> =
        actions.iter().map(|action| format!("                \"{action}\"")).collect();
    format!(
        r#"{{
    "Version": "2012-10-17",
    "Statement": [
        {{
            "Sid": "PortolanSnapshot",
            "Effect": "Allow",
            "Action": [
{}
            ],
            "Resource": "*"
        }}
    ]
}}
"#,
        lines.join(",\n")
    )
}
