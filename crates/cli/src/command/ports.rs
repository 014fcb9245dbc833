//! `portolan ports`.

use std::io::{self, Write};

use clap::ValueEnum;
use portolan::record::{Audience, Port, PortClass};
use portolan_report::human::{PortsReport, coverage_sentence, write_ports};
use portolan_report::{csv, json, markdown};

use crate::args::{Common, Format, Global};
use crate::error::Error;
use crate::estate::{Estate, PortsQuery};
use crate::output::Output;
use crate::session::{Outcome, Session};
use crate::source::{self, Source};

/// List the ports that are open, and to whom
///
/// For people: one line for each group of equal interfaces and port that the
/// internet or another network can reach, which can be asked with `explain` as
/// it stands. For pipelines: one record for each interface and range of ports,
/// with everything inside the estate.
///
/// Ends with 3 if part of the source was not seen.
#[derive(Debug, clap::Args)]
pub(crate) struct PortsArgs {
    /// A folder or file of `aws ec2 describe-*` answers, or `-` for stdin
    #[arg(value_parser = source::parser())]
    source: Source,

    /// Only what these can reach: `internet`, an address or CIDR, `i-…`, `eni-…`, `sg-…`,
    /// `subnet-…`, `vpc-…`, `vpn-…`, `vgw-…`, `cvpn-endpoint-…`, `eice-…`, `tag:Key=value`,
    /// `name:web-*`, `zone:office` (can be repeated)
    #[arg(long, value_name = "SELECTOR")]
    from: Vec<String>,

    /// Only ports of these (can be repeated)
    #[arg(long, value_name = "SELECTOR")]
    to: Vec<String>,

    /// Only these ports: tcp/443, udp/53, tcp/8000-8080, icmp/8, proto/50, ssh, any
    #[arg(long, short, value_name = "PORT")]
    port: Option<String>,

    /// Only those who come this way
    #[arg(long, value_enum)]
    audience: Option<Way>,

    /// One record for each interface, or for each class of equal interfaces
    #[arg(long, value_enum)]
    by: Option<By>,

    /// Who can open connections to an interface, or where the interface can open them
    #[arg(long, value_enum, default_value = "in")]
    direction: Direction,

    /// Whether members of security groups are listed by address or by the rule that names the
    /// group [default: rules for people, else addresses]
    #[arg(long, value_enum)]
    sources: Option<Sources>,

    #[command(flatten)]
    common: Common,
}

/// Which way they come.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Way {
    /// Public addresses, through an internet gateway
    Internet,
    /// On-premises, VPN, peers that the source does not hold
    Network,
    /// Inside the VPCs of the source
    Estate,
}

/// One record for what.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum By {
    /// Each interface by itself
    Interface,
    /// Equal interfaces together
    Class,
}

/// Who opens connections.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Direction {
    /// Others, to the interface
    In,
    /// The interface, to others
    Out,
}

/// How members of security groups are listed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Sources {
    /// By the rules that name the groups
    Rules,
    /// By their addresses
    Addresses,
}

pub(crate) fn run(args: &PortsArgs, global: &Global) -> Result<Outcome, Error> {
    let session = Session::begin(&args.source, &args.common, global)?;
    let format = session.format();
    if matches!(format, Format::Sarif | Format::Junit) {
        return Err(Error::findings_only("ports", format));
    }
    let people = matches!(format, Format::Human | Format::Markdown);
    let estate = session.estate()?;
    let query = args.query(&session, people);
    let by = args.by.unwrap_or(if people { By::Class } else { By::Interface });
    let limitations = estate.limitations();
    let outcome = session.limited(&limitations);
    let report = Report { session: &session, estate: &estate, query: &query, by };
    let mut out = session.output()?;
    match format {
        Format::Human => {
            let classes = report.classes()?;
            let look = out.look(session.color());
            let book = estate.book();
            let report = PortsReport {
                book: Some(&book),
                classes: &classes,
                audience: args.audience(),
                filtered: query.is_filter(),
                source: &args.source.given(),
                coverage: &estate.coverage(),
            };
            write_ports(&mut out, look, &report).map_err(Error::Output)?;
        }
        Format::Markdown => {
            let classes = report.classes()?;
            let coverage = estate.coverage();
            let (audience, filtered) = (args.audience(), query.is_filter());
            markdown::write_ports(&mut out, &classes, audience, filtered, &coverage, &limitations)
                .map_err(Error::Output)?;
        }
        Format::Json => {
            let mut document =
                json::Document::begin(&mut out, "portolan.ports/1").map_err(Error::Output)?;
            let print = |records: Records| match records {
                Records::Ports(ports) => json::Printed::elements(&ports),
                Records::Classes(classes) => json::Printed::elements(&classes),
            };
            report.stream(&print, |printed| document.printed(&printed))?;
            document.end(&estate.coverage(), &limitations).map_err(Error::Output)?;
        }
        Format::Jsonl => {
            let print = |records: Records| match records {
                Records::Ports(ports) => json::Printed::lines(&ports),
                Records::Classes(classes) => json::Printed::lines(&classes),
            };
            report.stream(&print, |printed| printed.write(&mut out))?;
        }
        Format::Csv => report.csv(&mut out)?,
        Format::Sarif | Format::Junit => return Err(Error::findings_only("ports", format)),
    }
    out.finish()?;
    if matches!(format, Format::Jsonl | Format::Csv) {
        session.say(&coverage_sentence(&estate.coverage()));
    }
    Ok(outcome)
}

impl PortsArgs {
    fn audience(&self) -> Option<Audience> {
        self.audience.map(|way| match way {
            Way::Internet => Audience::Internet,
            Way::Network => Audience::Network,
            Way::Estate => Audience::Estate,
        })
    }

    fn query(&self, session: &Session<'_>, people: bool) -> PortsQuery {
        let default = if people { Sources::Rules } else { Sources::Addresses };
        PortsQuery {
            from: self.from.clone(),
            to: self.to.clone(),
            port: self.port.clone(),
            audiences: self.audience().into_iter().collect(),
            outbound: self.direction == Direction::Out,
            addresses: self.sources.or(session.config.sources).unwrap_or(default)
                == Sources::Addresses,
        }
    }
}

/// The records of one interface, or of one class.
enum Records {
    Ports(Vec<Port>),
    Classes(Vec<PortClass>),
}

struct Report<'a> {
    session: &'a Session<'a>,
    estate: &'a Estate,
    query: &'a PortsQuery,
    by: By,
}

impl Report<'_> {
    /// All classes; single interfaces where these were asked for.
    fn classes(&self) -> Result<Vec<PortClass>, Error> {
        let working = self.session.progress("judging every port");
        let mut classes = Vec::new();
        match self.by {
            By::Class => {
                let mut take = |some: Vec<PortClass>| classes.extend(some);
                self.estate.port_classes(self.query, &|some| some, &mut take)?;
            }
            By::Interface => {
                let mut take =
                    |some: Vec<Port>| classes.extend(some.into_iter().map(PortClass::from));
                self.estate.ports(self.query, &|some| some, &mut take)?;
            }
        }
        drop(working);
        Ok(classes)
    }

    /// Records as they are found, printed on all cores and written in order;
    /// after a failure the rest is dropped.
    fn stream<P: Send>(
        &self,
        print: &(dyn Fn(Records) -> io::Result<P> + Sync),
        mut write: impl FnMut(P) -> io::Result<()>,
    ) -> Result<(), Error> {
        let working = self.session.progress("judging every port");
        let mut written = Ok(());
        let mut take = |printed: io::Result<P>| {
            if written.is_ok() {
                written = printed.and_then(&mut write);
            }
        };
        match self.by {
            By::Class => {
                let print = |classes| print(Records::Classes(classes));
                self.estate.port_classes(self.query, &print, &mut take)?;
            }
            By::Interface => {
                let print = |ports| print(Records::Ports(ports));
                self.estate.ports(self.query, &print, &mut take)?;
            }
        }
        drop(working);
        written.map_err(Error::Output)
    }

    fn csv(&self, out: &mut Output) -> Result<(), Error> {
        let header = match self.by {
            By::Class => csv::header::<PortClass>(),
            By::Interface => csv::header::<Port>(),
        };
        header.and_then(|header| out.write_all(&header)).map_err(Error::Output)?;
        let print = |records: Records| match records {
            Records::Ports(ports) => csv::rows(&ports),
            Records::Classes(classes) => csv::rows(&classes),
        };
        self.stream(&print, |rows| out.write_all(&rows))
    }
}
