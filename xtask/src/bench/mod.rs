//! Everything that is promised of Portolan's speed, measured in one run.
//!
//! A ratio within one run on one machine says more than seconds do: the floor
//! rises with a slow disk or a busy processor as the command does. Floor and
//! command run in turn, and of each the fastest run counts. What the rows mean
//! is told in docs/performance.md.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;

use crate::generate::{self, Shape};
use crate::{Outcome, tree};

mod cost;
mod estates;
mod history;
mod inside;
mod network;
mod sections;
mod table;

pub(crate) use cost::{MeasureArgs, run as measure};

use estates::Estates;
use history::Results;
use sections::Bench;
use table::{Figure, Table, float};

/// What to time
#[derive(Args, Debug)]
pub(crate) struct BenchArgs {
    /// Interfaces of the estate [default: 100000; 5000 with --quick]
    #[arg(long, value_parser = clap::value_parser!(u32).range(100..=16_000_000))]
    interfaces: Option<u32>,
    /// Interfaces of the estate that is one VPC [default: the quota of 256000, for less than
    /// 100000 interfaces as many as those]
    #[arg(long, value_parser = clap::value_parser!(u32).range(100..=256_000))]
    largest_vpc: Option<u32>,
    /// Seed of the estates
    #[arg(long, default_value_t = 7)]
    seed: u64,
    #[command(flatten)]
    shape: Shape,
    /// Where estates and results are kept between runs
    #[arg(long)]
    cache: PathBuf,
    /// The command to time
    #[arg(long)]
    portolan: PathBuf,
    /// The program that asks the libraries (xtask/examples/loaded.rs)
    #[arg(long)]
    loaded: PathBuf,
    #[command(flatten)]
    network: network::Programs,
    /// Runs of each; the fastest counts [default: 3; 2 with --quick]
    #[arg(long)]
    runs: Option<u32>,
    /// Everything on small estates, within a minute: to see that the bench itself works
    #[arg(long)]
    quick: bool,
}

/// Measures everything, prints one table and keeps the figures.
pub(crate) fn run(args: &BenchArgs) -> Outcome {
    let interfaces = args.interfaces.unwrap_or(if args.quick { 5_000 } else { 100_000 });
    let one_vpc = args.largest_vpc.unwrap_or(match interfaces {
        100_000.. => generate::LARGEST_OF_ALL,
        fewer => fewer,
    });
    let mut bench = Bench {
        xtask: std::env::current_exe()?,
        portolan: args.portolan.clone(),
        loaded: args.loaded.clone(),
        runs: args.runs.unwrap_or(if args.quick { 2 } else { 3 }),
        estates: Estates { cache: args.cache.clone(), seed: args.seed },
        interfaces,
        one_vpc,
        shape: args.shape,
        table: Table::default(),
        network: args.network.clone(),
        quick: args.quick,
    };
    bench.all()?;
    let Bench { mut table, runs, .. } = bench;
    table.rows.sort_by_key(|row| row.number);

    let figures: BTreeMap<String, f64> = table
        .rows
        .iter()
        .filter_map(|row| match row.figure {
            Figure::Number(value, _) => Some((row.key(), value)),
            Figure::Skipped(_) | Figure::Failed => None,
        })
        .collect();
    let results = Results {
        generator: generate::VERSION,
        interfaces,
        one_vpc,
        seed: args.seed,
        shape: args.shape.name(),
        cores: std::thread::available_parallelism().map_or(1, usize::from),
        at: history::now(),
        commit: history::commit(&tree()),
        figures,
    };
    let dir = args.cache.join("results");
    let before = results.before(&dir);
    println!(
        "{interfaces} interfaces (one VPC: {one_vpc}), seed {}{}, {} cores, fastest of {runs}, {}\n",
        args.seed,
        results.shape,
        results.cores,
        results.commit.as_deref().unwrap_or("not a commit"),
    );
    println!("{}\n", table.print(before.as_ref()));
    if interfaces < 100_000 {
        println!("Budgets are those of large estates: so small a one tells of trends only.");
    }
    if let Some(before) = &before {
        let hours = float(results.at.saturating_sub(before.at)) / 3600.0;
        let commit = before.commit.as_deref().unwrap_or("no commit");
        println!("Change is since the run {hours:.1} hours ago, of {commit}.");
    }
    println!("{} of {} figures miss their budget.", table.misses(), results.figures.len());
    println!("Kept in {}", results.keep(&dir)?.display());
    if !table.is_sound() {
        println!(
            "Something FAILED, or the answers are WRONG: no figure counts until that is mended."
        );
    }
    Ok(table.is_sound())
}
