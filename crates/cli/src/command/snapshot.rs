//! `portolan snapshot`.

use std::io::Write;

use portolan_ingest::collect::{Regions, ScriptOptions, policy, script};

use crate::error::Error;
use crate::output::Output;
use crate::session::Outcome;

/// Collect a snapshot of an account: so far as a script of `aws` commands
///
/// The script makes read-only calls with the credentials of the AWS CLI and
/// writes a folder that every other command reads.
///
/// `portolan snapshot --script --all-regions > collect.sh`
#[derive(Debug, clap::Args)]
pub(crate) struct SnapshotArgs {
    /// Print the shell script that collects
    #[arg(long, conflicts_with = "policy")]
    script: bool,

    /// Print the IAM policy that allows exactly the calls of the script
    #[arg(long, conflicts_with_all = ["region", "all_regions", "profile", "output"])]
    policy: bool,

    /// A region to collect; without one, that to which the AWS CLI is set (can be repeated)
    #[arg(long, value_name = "REGION", conflicts_with = "all_regions")]
    region: Vec<String>,

    /// Collect all regions that are enabled for the account
    #[arg(long)]
    all_regions: bool,

    /// The profile of the AWS CLI to use
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,

    /// The folder that the script writes
    #[arg(short, long, value_name = "DIR", default_value = "snapshot")]
    output: String,
}

pub(crate) fn run(args: &SnapshotArgs) -> Result<Outcome, Error> {
    let text = if args.policy {
        policy()
    } else if args.script {
        let regions = match (args.all_regions, args.region.as_slice()) {
            (true, _) => Regions::All,
            (false, []) => Regions::Current,
            (false, named) => Regions::Named(named.to_vec()),
        };
        let options = ScriptOptions::new(args.profile.as_deref(), regions, &args.output)
            .map_err(|error| Error::Script(error.to_string()))?;
        script(&options)
    } else {
        return Err(Error::NoLiveSnapshot);
    };
    let mut out = Output::open(None)?;
    out.write_all(text.as_bytes()).map_err(Error::Output)?;
    out.finish()?;
    Ok(Outcome::Done)
}
