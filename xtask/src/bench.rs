//! `portolan ports` on a generated estate against the cost of reading its bytes.
//!
//! A ratio within one run on one machine says more than seconds do: the floor
//! rises with a slow disk or a busy processor as the command does.

use std::error::Error;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use clap::Args;

use crate::floor::gigabytes;
use crate::generate::{self, GenerateArgs, Shape};
use crate::{Outcome, floor};

/// What to time
#[derive(Debug, Args)]
pub(crate) struct BenchArgs {
    /// Interfaces of the estate
    #[arg(long, default_value_t = 100_000)]
    interfaces: u32,
    /// Seed of the estate
    #[arg(long, default_value_t = 7)]
    seed: u64,
    #[command(flatten)]
    shape: Shape,
    /// Where estates are kept between runs
    #[arg(long)]
    cache: PathBuf,
    /// The command to time
    #[arg(long)]
    portolan: PathBuf,
    /// Runs of each; the fastest counts
    #[arg(long, default_value_t = 3)]
    runs: u32,
}

/// Wall and processor time of a process.
#[derive(Clone, Copy, Debug)]
struct Took {
    wall: Duration,
    /// User and system; unknown where the system has no `/proc`.
    processor: Option<Duration>,
}

/// Prints the table: floor, command, ratio.
pub(crate) fn run(args: &BenchArgs) -> Outcome {
    let estate = estate(args)?;
    let bytes: u64 = floor::json_files(&estate)?.iter().map(|(size, _)| size).sum();

    let this = std::env::current_exe()?;
    let read = || Command::new(&this).arg("floor").arg(&estate).stdout(Stdio::null()).status();
    let ports = || {
        Command::new(&args.portolan)
            .args(["ports".as_ref(), estate.as_os_str()])
            .args(["--by", "class", "--format", "jsonl"])
            .stdout(Stdio::null())
            .status()
    };
    let floor = fastest(args.runs, &[0], read)?;
    // 3: done, and part of the estate was not seen.
    let command = fastest(args.runs, &[0, 3], ports)?;

    println!(
        "{} interfaces, seed {}{}, {:.2} GB of JSON, fastest of {}",
        args.interfaces,
        args.seed,
        args.shape.name(),
        gigabytes(bytes),
        args.runs
    );
    println!("{:<44}{:>10}{:>12}", "", "wall s", "user+sys s");
    row("xtask floor (read and validate)", floor);
    row("portolan ports --by class --format jsonl", command);
    println!(
        "{:<44}{:>10}{:>12}",
        "ratio (budget: 4)",
        ratio(Some(command.wall), Some(floor.wall)),
        ratio(command.processor, floor.processor)
    );
    Ok(true)
}

/// The estate of this size and seed, generated once.
fn estate(args: &BenchArgs) -> Result<PathBuf, Box<dyn Error>> {
    let shape = args.shape.name();
    let name = format!("v{}-{}-{}{shape}", generate::VERSION, args.interfaces, args.seed);
    let finished = args.cache.join(&name);
    if !finished.is_dir() {
        let growing = args.cache.join(format!("{name}.part"));
        if growing.exists() {
            fs::remove_dir_all(&growing)?;
        }
        generate::run(&GenerateArgs {
            interfaces: args.interfaces,
            seed: args.seed,
            out: growing.clone(),
            shape: args.shape,
        })?;
        fs::rename(&growing, &finished)?;
    }
    warm(&finished)?;
    Ok(finished)
}

/// Reads everything once, so that both contestants find the files in memory.
fn warm(dir: &Path) -> io::Result<()> {
    for (_, path) in floor::json_files(dir)? {
        io::copy(&mut File::open(path)?, &mut io::sink())?;
    }
    Ok(())
}

/// The fastest of `runs` runs of `start`, which must end with one of `codes`.
fn fastest(
    runs: u32,
    codes: &[i32],
    start: impl Fn() -> io::Result<std::process::ExitStatus>,
) -> Result<Took, Box<dyn Error>> {
    let mut best: Option<Took> = None;
    for _ in 0..runs.max(1) {
        let before = children_time();
        let started = Instant::now();
        let status = start()?;
        let wall = started.elapsed();
        if !status.code().is_some_and(|code| codes.contains(&code)) {
            return Err(format!("a timed command ended with {status}").into());
        }
        let processor = before.zip(children_time()).map(|(before, after)| after - before);
        if best.is_none_or(|best| wall < best.wall) {
            best = Some(Took { wall, processor });
        }
    }
    best.ok_or_else(|| "nothing was timed".into())
}

/// Processor time of all children waited for so far (Linux: `/proc/self/stat`).
fn children_time() -> Option<Duration> {
    children_time_in(&fs::read_to_string("/proc/self/stat").ok()?)
}

/// Fields 16 and 17 of proc_pid_stat(5), counted after the name in parentheses,
/// which may hold anything; the kernel shows them in hundredths of a second.
fn children_time_in(stat: &str) -> Option<Duration> {
    let (_, after_name) = stat.rsplit_once(')')?;
    let mut fields = after_name.split_whitespace().skip(13);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(Duration::from_millis((user + system) * 10))
}

fn row(name: &str, took: Took) {
    let processor =
        took.processor.map_or("-".to_owned(), |time| format!("{:.2}", time.as_secs_f64()));
    println!("{name:<44}{:>10.3}{processor:>12}", took.wall.as_secs_f64());
}

fn ratio(of: Option<Duration>, to: Option<Duration>) -> String {
    match of.zip(to) {
        Some((of, to)) if !to.is_zero() => format!("{:.2}", of.as_secs_f64() / to.as_secs_f64()),
        _ => "-".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_children_is_found_behind_any_name() {
        let stat = "12 (a) b (c) S 1 2 3 4 5 6 7 8 9 10 11 12 150 50 20 0 1";
        assert_eq!(children_time_in(stat), Some(Duration::from_secs(2)));
        assert_eq!(children_time_in("12 (short) S 1"), None);
    }
}
