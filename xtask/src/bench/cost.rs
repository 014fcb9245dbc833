//! What a command costs, as the kernel counts it.
//!
//! Each command is run by a process of its own (`xtask measure`), since the
//! kernel keeps one maximum of memory for all children of a process.

use std::collections::BTreeSet;
use std::error::Error;
use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::process::{ChildStdout, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use clap::Args;
use nix::sys::resource::{Usage, UsageWho, getrusage};
use nix::sys::time::TimeVal;
use serde::{Deserialize, Serialize};

use crate::Outcome;

/// What to measure
#[derive(Args, Debug)]
pub(crate) struct MeasureArgs {
    /// Count the records that the command writes; otherwise they go to /dev/null
    #[arg(long)]
    records: bool,
    /// The command with its arguments
    #[arg(last = true, required = true)]
    command: Vec<OsString>,
}

/// What a command cost.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(super) struct Cost {
    pub(super) wall: Duration,
    /// User and system.
    pub(super) processor: Duration,
    /// Resident at most.
    pub(super) peak_bytes: u64,
    code: Option<i32>,
    /// What it said on stderr.
    pub(super) said: String,
    pub(super) records: Option<Records>,
}

/// What a command wrote.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub(super) struct Records {
    /// Lines.
    pub(super) count: u64,
    pub(super) bytes: u64,
    /// Different interfaces that they are about.
    pub(super) interfaces: u64,
}

/// Runs a command and prints what it cost as one JSON object.
pub(crate) fn run(args: &MeasureArgs) -> Outcome {
    let (program, arguments) = args.command.split_first().ok_or("no command")?;
    let started = Instant::now();
    let mut child = Command::new(program)
        .args(arguments)
        .stdout(if args.records { Stdio::piped() } else { Stdio::null() })
        .stderr(Stdio::piped())
        .spawn()?;
    let stderr = child.stderr.take();
    let listener = thread::spawn(move || {
        let mut said = Vec::new();
        stderr.map(|mut pipe| pipe.read_to_end(&mut said)).transpose().map(|_| said)
    });
    let records = child.stdout.take().map(count).transpose()?;
    let status = child.wait()?;
    let wall = started.elapsed();
    let said = listener.join().map_err(|_| "the listener died")??;
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let cost = Cost {
        wall,
        processor: processor(&usage),
        // The kernel counts in KiB.
        peak_bytes: u64::try_from(usage.max_rss())?.saturating_mul(1024),
        code: status.code(),
        said: String::from_utf8_lossy(&said).into_owned(),
        records,
    };
    println!("{}", serde_json::to_string(&cost)?);
    Ok(true)
}

/// User and system time.
fn processor(usage: &Usage) -> Duration {
    let duration = |time: TimeVal| {
        let seconds = u64::try_from(time.tv_sec()).unwrap_or_default();
        Duration::from_secs(seconds)
            + Duration::from_micros(u64::try_from(time.tv_usec()).unwrap_or_default())
    };
    duration(usage.user_time()) + duration(usage.system_time())
}

/// Reads all lines of JSON, whose interfaces mostly come in order.
fn count(stdout: ChildStdout) -> io::Result<Records> {
    count_in(&mut BufReader::with_capacity(1 << 20, stdout))
}

fn count_in(lines: &mut impl BufRead) -> io::Result<Records> {
    let mut records = Records::default();
    let mut interfaces: BTreeSet<String> = BTreeSet::new();
    let (mut line, mut last) = (Vec::new(), String::new());
    while lines.read_until(b'\n', &mut line)? > 0 {
        records.count += 1;
        records.bytes += u64::try_from(line.len()).unwrap_or_default();
        // Identity comes first: within the head of a record.
        let head = String::from_utf8_lossy(line.get(..512).unwrap_or(&line));
        let after = head.split_once("\"interface\":\"").map(|(_, after)| after);
        if let Some((id, _)) = after.and_then(|after| after.split_once('"'))
            && id != last
        {
            last = id.to_owned();
            interfaces.insert(last.clone());
        }
        line.clear();
    }
    records.interfaces = u64::try_from(interfaces.len()).unwrap_or_default();
    Ok(records)
}

/// A command to be measured.
#[derive(Clone, Debug)]
pub(super) struct Contestant {
    pub(super) command: Vec<OsString>,
    /// The exit codes that mean that it did what it should.
    pub(super) codes: &'static [i32],
}

impl Contestant {
    /// Runs it once.
    pub(super) fn once(&self, measure: &Path, records: bool) -> Result<Cost, Box<dyn Error>> {
        let mut command = Command::new(measure);
        command.arg("measure");
        if records {
            command.arg("--records");
        }
        let output = command.arg("--").args(&self.command).output()?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned().into());
        }
        let cost: Cost = serde_json::from_slice(&output.stdout)?;
        if cost.code.is_some_and(|code| self.codes.contains(&code)) {
            return Ok(cost);
        }
        Err(format!("{:?} ended with {:?}: {}", self.command, cost.code, cost.said.trim()).into())
    }
}

/// Lets all run in turn, A B A B, and gives of each the least time and the most memory.
pub(super) fn contest<const N: usize>(
    measure: &Path,
    runs: u32,
    contestants: &[Contestant; N],
) -> Result<[Cost; N], Box<dyn Error>> {
    let mut best: [Option<Cost>; N] = [const { None }; N];
    for _ in 0..runs.max(1) {
        for (contestant, best) in contestants.iter().zip(&mut best) {
            let cost = contestant.once(measure, false)?;
            *best = Some(match best.take() {
                None => cost,
                Some(known) => Cost {
                    wall: known.wall.min(cost.wall),
                    processor: known.processor.min(cost.processor),
                    peak_bytes: known.peak_bytes.max(cost.peak_bytes),
                    ..cost
                },
            });
        }
    }
    Ok(best.map(Option::unwrap_or_default))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_and_their_interfaces_are_counted() {
        let text =
            b"{\"interface\":\"eni-1\"}\n{\"interface\":\"eni-2\"}\n{\"interface\":\"eni-2\"}\n\
                     {\"interface\":\"eni-1\",\"also\":\"\\\"interface\\\":\\\"eni-3\"}\n";
        let records = count_in(&mut text.as_slice()).unwrap();
        assert_eq!((records.count, records.interfaces), (4, 2));
        assert_eq!(records.bytes, u64::try_from(text.len()).unwrap());
    }
}
