//! `portolan lab`.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use clap::{Args, Subcommand};
use nix::sys::signal::{SigSet, Signal};
use portolan_lab::kernel::{Lab, Rights, become_root};
use portolan_lab::plan::{Options, Plan, Vantage, compile};
use portolan_lab::probe::Patience;
use portolan_lab::run::{RunOptions, run as run_lab};
use portolan_lab::standing::{self, Held, Standing};

use crate::args::{Common, Format, Global};
use crate::error::Error;
use crate::output::Output;
use crate::session::{Outcome, Session};
use crate::source::{self, Source};
use crate::stderr;

/// The name of a lab that is given none.
const NAME: &str = "lab";
/// What the process that holds a lab says when it stands.
const STANDS: &str = "stands";

/// Build the network of a source out of namespaces, and try it with real packets
///
/// Instances, route tables, network ACLs, security groups and gateways become Linux network
/// namespaces and nftables on this machine: a change can be tried with nmap, curl or tcpdump
/// before it exists in AWS. Nothing outside of the namespaces is touched, and nothing remains.
/// Needs Linux, nftables, and root or user namespaces; without them it says why and ends with 2.
///
///   portolan lab run DIR                  send packets on the edges of all rules, and say where
///                                         the kernel and the model differ
///   portolan lab up DIR                   leave it standing
///   portolan lab exec web-1 nmap -Pn 10.0.2.30
///                                         be one of its hosts
///   portolan lab down
///
/// Transit gateways, load balancers, endpoints and VPNs are not built: they are named.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct LabArgs {
    #[command(subcommand)]
    command: LabCommand,
}

#[derive(Debug, Subcommand)]
enum LabCommand {
    Run(RunArgs),
    Up(UpArgs),
    Exec(ExecArgs),
    Down(DownArgs),
    Clean(CleanArgs),
    Hold(HoldArgs),
}

/// What is built.
#[derive(Clone, Debug, Args)]
struct Build {
    /// A folder or file of `aws ec2 describe-*` answers, or `-` for stdin
    #[arg(value_parser = source::parser())]
    source: Source,

    /// Build only these hosts: `i-…`, `eni-…`, `sg-…`, `subnet-…`, `vpc-…`, an address,
    /// `tag:Key=value`, `name:web-*` (can be repeated)
    #[arg(long, value_name = "SELECTOR")]
    only: Vec<String>,

    /// Merge more files or folders into the source (can be repeated)
    #[arg(long, value_name = "PATH")]
    with: Vec<PathBuf>,
}

/// Build it, send packets, say where the kernel and the model differ
///
/// Packets lie on the edges of rules: the first and last address of every block and
/// their neighbours, the same for ports. What is not answered is sent once more and
/// waited for a second. Ends with 1 if something differs.
#[derive(Debug, Args)]
struct RunArgs {
    #[command(flatten)]
    build: Build,

    /// How many packets to draw
    #[arg(long, value_name = "N", default_value_t = 1000)]
    probes: u32,

    /// Which packets: the same number draws the same
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,

    /// What to print: `human` or `json`
    #[arg(long, short, value_enum)]
    format: Option<Format>,

    /// Write to a file, which appears when it is complete
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Limitations that don't count for the exit code: their codes, or `unmodelled`
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    accept: Vec<String>,
}

/// Build it and leave it standing, for `portolan lab exec`
///
/// Hosts have the names and addresses that they have in the source. On the internet
/// there are those that --vantage gives, or one called `internet`.
#[derive(Debug, Args)]
struct UpArgs {
    #[command(flatten)]
    build: Build,

    /// What the lab is called
    #[arg(long, default_value = NAME)]
    name: String,

    /// A host on the internet: its name and addresses (can be repeated)
    #[arg(long, value_name = "NAME=ADDRESS,…")]
    vantage: Vec<String>,
}

/// Run a command as one of the hosts: nmap, curl, tcpdump, a shell
///
/// `portolan lab exec web-1 curl http://10.0.2.10/`
#[derive(Debug, Args)]
struct ExecArgs {
    /// What the lab is called
    #[arg(long, default_value = NAME)]
    name: String,

    /// The host: its name, id or address
    host: String,

    /// The command and its arguments
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    command: Vec<String>,
}

/// Take a lab down
#[derive(Debug, Args)]
struct DownArgs {
    /// What the lab is called
    #[arg(long, default_value = NAME)]
    name: String,
}

/// Take all labs down, and remove what ended ones left
#[derive(Debug, Args)]
struct CleanArgs {}

/// Build a lab and hold it until a signal comes
#[derive(Debug, Args)]
#[command(hide = true)]
struct HoldArgs {
    #[command(flatten)]
    up: UpArgs,
}

pub(crate) fn run(args: &LabArgs, global: &Global) -> Result<Outcome, Error> {
    match &args.command {
        LabCommand::Run(args) => run_once(args, global),
        LabCommand::Up(args) => up(args, global),
        LabCommand::Exec(args) => exec(args),
        LabCommand::Down(args) => down(args, global),
        LabCommand::Clean(CleanArgs {}) => clean(global),
        LabCommand::Hold(args) => hold(&args.up, global),
    }
}

/// The settings of a build: those of a source that is not printed.
fn common(build: &Build) -> Common {
    Common {
        with: build.with.clone(),
        format: None,
        output: None,
        ip_ranges: None,
        accept: Vec::new(),
    }
}

fn run_once(args: &RunArgs, global: &Global) -> Result<Outcome, Error> {
    let common = Common {
        format: args.format,
        output: args.output.clone(),
        accept: args.accept.clone(),
        ..common(&args.build)
    };
    let session = Session::begin(&args.build.source, &common, global)?;
    let format = session.format();
    if !matches!(format, Format::Human | Format::Json | Format::Jsonl) {
        return Err(Error::NoSuchFormat {
            command: "lab run",
            format: format.name(),
            hint: "it prints human or json",
        });
    }
    // Before anything else: who is not root becomes so while there is one thread.
    let rights = become_root()?;
    let estate = session.estate()?;
    let options = RunOptions {
        plan: Options { only: estate.chosen("--only", &args.build.only)?, ..Options::default() },
        probes: usize::try_from(args.probes).unwrap_or(usize::MAX),
        seed: args.seed,
        patience: Patience::default(),
    };
    let working = session.progress("trying it");
    let report = run_lab(estate.model(), &options, rights)?;
    drop(working);
    let outcome = session.limited(&estate.limitations());
    let mut out = session.output()?;
    match format {
        Format::Human => {
            let source = args.build.source.given();
            portolan_report::lab::write_report(&mut out, &view(&report, &source))
        }
        Format::Json
        | Format::Jsonl
        | Format::Csv
        | Format::Markdown
        | Format::Sarif
        | Format::Junit => portolan_report::json::line(&mut out, &report),
    }
    .map_err(Error::Output)?;
    out.finish()?;
    Ok(if report.differences.is_empty() { outcome } else { Outcome::Differs })
}

fn view<'a>(
    report: &'a portolan_lab::run::Report,
    source: &'a str,
) -> portolan_report::lab::View<'a> {
    use portolan_report::lab::{Difference, View};
    View {
        source,
        hosts: report.hosts,
        namespaces: report.namespaces,
        compared: report.compared,
        outcomes: [
            ("open", report.outcomes.open),
            ("closed", report.outcomes.closed),
            ("filtered", report.outcomes.filtered),
        ],
        differences: report
            .differences
            .iter()
            .map(|one| Difference {
                from: &one.from,
                source: &one.source,
                to: &one.to,
                destination: &one.destination,
                port: &one.port,
                model: one.model,
                lab: one.lab,
            })
            .collect(),
        not_compared: report.not_compared.iter().map(|(&reason, &count)| (reason, count)).collect(),
        not_compiled: report
            .not_compiled
            .iter()
            .map(|left| (left.id.as_str(), left.reason))
            .collect(),
        seconds: [report.seconds.up, report.seconds.probes, report.seconds.down],
    }
}

/// A process of its own holds the lab; this one waits until it stands.
fn up(args: &UpArgs, global: &Global) -> Result<Outcome, Error> {
    let program = std::env::current_exe().map_err(Error::Itself)?;
    let mut command = Command::new(program);
    command.arg("lab").arg("hold").args(["--name", &args.name]);
    if global.quiet {
        command.arg("--quiet");
    }
    for (flag, values) in [("--only", &args.build.only), ("--vantage", &args.vantage)] {
        command.args(values.iter().flat_map(|value| [flag, value.as_str()]));
    }
    for path in &args.build.with {
        command.arg("--with").arg(path);
    }
    match &args.build.source {
        Source::Path(path) => command.arg("--").arg(path),
        Source::Stdin => command.args(["--", "-"]),
    };
    let mut holder = command.stdout(Stdio::piped()).spawn().map_err(Error::Itself)?;
    let mut stands = false;
    let mut out = Output::open(None)?;
    for line in holder.stdout.take().into_iter().flat_map(|out| BufReader::new(out).lines()) {
        let line = line.map_err(Error::Output)?;
        if line == STANDS {
            stands = true;
        } else {
            writeln!(out, "{line}").map_err(Error::Output)?;
        }
    }
    out.finish()?;
    if stands {
        return Ok(Outcome::Done);
    }
    drop(holder.wait());
    // It has said why.
    Ok(Outcome::Failed)
}

fn hold(args: &UpArgs, global: &Global) -> Result<Outcome, Error> {
    let folder = standing::folder()?;
    let mut held = Held::claim(&folder, &args.name)?;
    let common = common(&args.build);
    let session = Session::begin(&args.build.source, &common, global)?;
    let vantages = vantages(&args.vantage)?;
    let rights: Rights = become_root()?;
    // Signals wait until they are asked for: no thread that is made from here on takes one.
    let mut signals = SigSet::empty();
    for signal in [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP] {
        signals.add(signal);
    }
    let estate = session.estate()?;
    let options = Options { only: estate.chosen("--only", &args.build.only)?, vantages };
    let plan = compile(estate.model(), &options);
    let lab = Lab::build(&plan, rights)?;
    signals.thread_block().map_err(|error| Error::Itself(error.into()))?;
    let standing = held.tell(&plan, &lab)?;
    if !session.is_quiet() {
        left_out(&estate, &plan);
    }
    // Of its own, so that the end of a terminal or of a command is not its end.
    _ = nix::unistd::setsid();
    say_it_stands(&standing, &args.name)?;
    _ = signals.wait();
    drop(lab);
    drop(held);
    Ok(Outcome::Done)
}

fn left_out(estate: &crate::estate::Estate, plan: &Plan) {
    for note in &plan.not_compiled {
        let id = estate.model().text(note.id);
        stderr::line(&format!("not built: {id}: {}", note.reason));
    }
}

/// Prints the hosts, and closes what others wait to be closed.
fn say_it_stands(standing: &Standing, name: &str) -> Result<(), Error> {
    let mut out = Output::open(None)?;
    portolan_report::lab::write_hosts(
        &mut out,
        name,
        standing.hosts.iter().map(|host| {
            let addresses = host.addresses.iter().chain(&host.public);
            (host.name.as_str(), host.id.as_str(), addresses.map(ToString::to_string).collect())
        }),
    )
    .map_err(Error::Output)?;
    writeln!(out, "{STANDS}").map_err(Error::Output)?;
    out.finish()?;
    let nowhere =
        std::fs::OpenOptions::new().write(true).open("/dev/null").map_err(Error::Output)?;
    for closed in [nix::unistd::dup2_stdout(&nowhere), nix::unistd::dup2_stderr(&nowhere)] {
        closed.map_err(|error| Error::Output(error.into()))?;
    }
    Ok(())
}

/// `office=203.0.113.10,2001:db8::10`; without any a host called `internet`.
fn vantages(texts: &[String]) -> Result<Vec<Vantage>, Error> {
    if texts.is_empty() {
        // Addresses for documentation (RFC 5737, RFC 3849), which nobody has.
        let addresses = [[192, 0, 2, 1].into(), [0x2001, 0xdb8, 0xffff, 0, 0, 0, 0, 1].into()];
        return Ok(vec![Vantage { name: "internet".to_owned(), addresses: addresses.to_vec() }]);
    }
    let read = |text: &String| {
        let unreadable = || Error::Unreadable {
            what: "--vantage".to_owned(),
            reason: format!("`{text}` is not NAME=ADDRESS,…"),
        };
        let (name, addresses) = text.split_once('=').ok_or_else(unreadable)?;
        let addresses: Result<Vec<_>, _> = addresses.split(',').map(str::parse).collect();
        Ok(Vantage { name: name.to_owned(), addresses: addresses.map_err(|_| unreadable())? })
    };
    texts.iter().map(read).collect()
}

fn exec(args: &ExecArgs) -> Result<Outcome, Error> {
    let standing = standing::find(&standing::folder()?, &args.name)?;
    standing.enter(&args.host)?;
    let Some((program, rest)) = args.command.split_first() else { return Err(Error::NoSource) };
    // It becomes the command, with its exit code.
    let error = Command::new(program).args(rest).exec();
    Err(Error::File { path: program.into(), done: "run", error })
}

fn down(args: &DownArgs, global: &Global) -> Result<Outcome, Error> {
    let stood = standing::down(&standing::folder()?, &args.name)?;
    if !stood && !global.quiet {
        stderr::line(&format!("there was no lab `{}`", args.name));
    }
    Ok(Outcome::Done)
}

fn clean(global: &Global) -> Result<Outcome, Error> {
    for (name, stood) in standing::clean(&standing::folder()?)? {
        if !global.quiet {
            let what = if stood { "taken down" } else { "was gone; its file is removed" };
            stderr::line(&format!("lab `{name}` {what}"));
        }
    }
    Ok(Outcome::Done)
}
