//! Loads what is named and says what it took: `cargo run --example load --profile demo -- DIR`.
#![expect(clippy::print_stdout, reason = "its output is its purpose")]

use std::path::Path;
use std::time::Instant;

use portolan_ingest::{LoadOptions, Progress};

/// As the command line has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<(), portolan_ingest::LoadError> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let paths: Vec<&Path> = arguments.iter().map(Path::new).collect();
    let started = Instant::now();
    let read = |progress: Progress| {
        if progress.files == progress.of_files {
            println!("{:.3} s, {}: all files are read", started.elapsed().as_secs_f64(), room());
        }
    };
    let options = LoadOptions { progress: Some(&read), ..LoadOptions::default() };
    let loaded = portolan_ingest::load(&paths, &options)?;
    let seconds = started.elapsed().as_secs_f64();
    let network = &loaded.network;
    let interfaces: usize =
        network.components.iter().map(|component| component.interfaces.len()).sum();
    println!(
        "{seconds:.3} s, {}: {} bytes, {} components, {interfaces} interfaces",
        room(),
        loaded.report.bytes,
        network.components.len(),
    );
    Ok(())
}

/// How much memory is in use, and how much was at most.
fn room() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let lines =
        status.lines().filter(|line| line.starts_with("VmHWM") || line.starts_with("VmRSS"));
    lines
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect::<Vec<_>>()
        .join(", ")
}
