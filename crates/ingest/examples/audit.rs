//! Audits what is named and prints the findings: `cargo run --example audit --profile demo -- DIR`.
#![expect(clippy::print_stdout, reason = "its output is its purpose")]

use std::path::Path;
use std::time::Instant;

use portolan::audit::{AuditOptions, audit};
use portolan_ingest::LoadOptions;

/// As the command line has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<(), portolan_ingest::LoadError> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let quiet = arguments.iter().any(|argument| argument == "--count");
    let paths: Vec<&Path> =
        arguments.iter().filter(|argument| !argument.starts_with("--")).map(Path::new).collect();
    let loaded = portolan_ingest::load(&paths, &LoadOptions::default())?;
    let started = Instant::now();
    let findings = audit(&loaded.network, &loaded.sources, &AuditOptions::default());
    let seconds = started.elapsed().as_secs_f64();
    let mut codes = std::collections::BTreeMap::new();
    for finding in &findings {
        *codes
            .entry((std::cmp::Reverse(finding.severity), finding.code.clone()))
            .or_insert(0_u64) += 1;
        if quiet {
            continue;
        }
        let witness = finding
            .witness
            .as_ref()
            .map(|it| format!("\n    witness {} -> {} {}", it.from, it.to, it.port));
        let causes: Vec<String> = finding
            .because
            .iter()
            .map(|it| format!("{} {} of {}", it.kind, it.id, it.of))
            .collect();
        let blockers: Vec<String> = finding
            .blocked_by
            .iter()
            .map(|it| format!("{} {} {:?}", it.code, it.id, it.direction))
            .collect();
        println!(
            "{} {}: {}\n    {} {}/{} from {}{}\n    because {}\n    blocked by {}",
            finding.severity.as_str(),
            finding.code,
            finding.title,
            finding.direction,
            finding.protocol,
            finding.ports,
            finding.sources.joined(),
            witness.unwrap_or_default(),
            causes.join(", "),
            blockers.join(", "),
        );
    }
    for ((severity, code), count) in &codes {
        println!("{count:>7} {} {code}", severity.0.as_str());
    }
    println!("{} findings in {seconds:.3} s", findings.len());
    Ok(())
}
