//! `verify --scan`: what is probed, how, and what came of it.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clap::ValueEnum;
use portolan::net::{PortRange, PortSet, Protocol};
use portolan::observed::{Observation, PortState, Scan, ScannedHost, Tls};
use portolan::reach::place::Selector;
use portolan::verify::Target;
use portolan_scan::{
    Approved, Journal, Options, Ports, Rate, Seen, Technique, Work, duration, greet, order,
    run_nmap, scan, usual_tls_port,
};

use crate::error::Error;
use crate::estate::Estate;
use crate::session::Session;

/// So many TLS servers are greeted at the same time.
const GREETED_AT_ONCE: usize = 16;

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Scan")]
pub(crate) struct ScanArgs {
    /// Probe the addresses of the source from here, and compare what they answer
    #[arg(long)]
    pub(super) scan: bool,

    /// Probe only these: an address, `i-…`, `name:web-*`, `zone:…` (can be repeated)
    #[arg(long, value_name = "SELECTOR", requires = "scan")]
    target: Vec<String>,

    /// Which ports: `usual` (all that should be open, their neighbours, and what is attacked
    /// most), `all` (every TCP port), or such as 22,tcp/8000-8080,udp/53,icmp
    #[arg(long, value_name = "PORTS", default_value = "usual")]
    ports: String,

    /// Probe one of each class of addresses that are alike: same groups, subnet and ports open
    #[arg(long, requires = "scan")]
    representatives: bool,

    /// Probes a second at each address, or `unlimited`
    #[arg(long, value_name = "RATE", default_value = "1000", value_parser = rate)]
    rate: Rate,

    /// Probes a second in all, or `unlimited` [default: 10000; unlimited with `--rate unlimited`]
    #[arg(long, value_name = "RATE", value_parser = rate)]
    total_rate: Option<Rate>,

    /// How often a port is asked before its silence counts
    #[arg(long, value_name = "N", default_value = "2", value_parser = clap::value_parser!(u8).range(1..=5))]
    tries: u8,

    /// How TCP ports are asked
    #[arg(long, value_enum, default_value = "best")]
    technique: Way,

    /// Who probes: Portolan, or nmap, which must be installed
    #[arg(long, value_enum, default_value = "portolan")]
    scanner: Scanner,

    /// Keep what is seen in a file: a scan that was interrupted goes on with the ports that are
    /// left; without `--scan` the file is compared again
    #[arg(long, value_name = "FILE")]
    pub(super) scan_file: Option<PathBuf>,

    /// Don't ask TLS servers for their certificates
    #[arg(long)]
    no_tls: bool,

    /// Probe addresses of `--target` that the source does not hold: only with the consent of
    /// whoever owns them
    #[arg(long, requires = "target")]
    danger_any_target: bool,
}

/// How TCP ports are asked.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Way {
    /// Half-open if that is allowed, else by connecting
    Best,
    /// Half-open: needs root or CAP_NET_RAW
    Syn,
    /// By connecting, which anyone may
    Connect,
}

/// Who probes.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Scanner {
    Portolan,
    Nmap,
}

fn rate(text: &str) -> Result<Rate, String> {
    if text == "unlimited" {
        return Ok(Rate::Unlimited);
    }
    match text.replace(['_', ','], "").parse() {
        Ok(rate @ 1..) => Ok(Rate::PerSecond(rate)),
        Ok(_) | Err(_) => Err("expected a number of probes a second, or `unlimited`".to_owned()),
    }
}

impl ScanArgs {
    /// Probes, and gives what was seen.
    pub(super) fn run(
        &self,
        session: &Session<'_>,
        estate: &Estate,
        from: &str,
    ) -> Result<Scan, Error> {
        let ports = Ports::parse(&self.ports).map_err(|error| Error::Unreadable {
            what: "--ports".to_owned(),
            reason: error.to_string(),
        })?;
        let targets = estate.targets(from)?;
        let chosen = self.chosen(estate, &targets)?;
        let none = BTreeMap::new();
        let mut work: Vec<Work> = Vec::new();
        for host in chosen {
            let address = host.address();
            let known = targets.iter().find(|target| target.address == address);
            let expected = known.map_or(&none, |target| &target.expected);
            work.push(Work { host, ports: order(expected, &ports, address.is_ipv4()) });
        }
        let journal = self.scan_file.as_deref().map(|path| Journal::open(path, from, &self.ports));
        let mut journal = journal.transpose().map_err(|error| Error::Scan(error.to_string()))?;
        let mut seen = Scan::default();
        if let Some(journal) = &journal {
            let done = journal.done();
            let before = work.len();
            work.retain(|work| !done.contains(&work.host.address()));
            // nmap is asked for whole hosts.
            for work in work.iter_mut().filter(|_| self.scanner == Scanner::Portolan) {
                let mut known: BTreeMap<Protocol, Vec<PortRange>> = BTreeMap::new();
                for it in journal.part(work.host.address()) {
                    known.entry(it.protocol).or_default().push(it.ports);
                }
                for (protocol, ports) in known {
                    let known: PortSet = ports.into_iter().collect();
                    work.ports.retain(|&(of, port)| of != protocol || !known.contains(port));
                }
            }
            if before > work.len() {
                session.say(&format!(
                    "going on: {} of {before} addresses were probed before",
                    before - work.len()
                ));
            }
            seen = journal.scan.clone();
        }
        if work.is_empty() && seen.hosts.is_empty() {
            return Err(Error::NoTargets(from.to_owned()));
        }
        let options = self.options();
        self.announce(session, &work, &options);
        let fresh = match self.scanner {
            Scanner::Nmap => run_nmap(OsStr::new("nmap"), &work, &options)
                .map_err(|error| Error::Scan(error.to_string()))?,
            Scanner::Portolan => self.probe(session, work, &options, journal.as_mut())?,
        };
        seen.merge(fresh);
        Ok(seen)
    }

    /// The addresses that are probed.
    fn chosen(&self, estate: &Estate, targets: &[Target]) -> Result<Vec<Approved>, Error> {
        let mut wanted: BTreeSet<IpAddr> = BTreeSet::new();
        let mut dangerous: BTreeSet<IpAddr> = BTreeSet::new();
        if self.target.is_empty() {
            wanted.extend(targets.iter().map(|target| target.address));
        }
        for text in &self.target {
            if let Ok(Selector::Address(address)) = Selector::parse(text) {
                match Approved::by_source(targets, address) {
                    Ok(known) => drop(wanted.insert(known.address())),
                    Err(_) if self.danger_any_target => drop(dangerous.insert(address)),
                    Err(stranger) => return Err(Error::Stranger(stranger.to_string())),
                }
                continue;
            }
            let interfaces = estate.interface_ids("--target", text)?;
            let of = targets.iter().filter(|target| interfaces.contains(&target.interface));
            wanted.extend(of.map(|target| target.address));
        }
        if self.representatives {
            let mut classes = BTreeSet::new();
            let one =
                |target: &&Target| wanted.contains(&target.address) && classes.insert(target.class);
            wanted = targets.iter().filter(one).map(|target| target.address).collect();
        }
        // All of them are the source's: it was looked up, or came from there.
        let mut approved: Vec<Approved> = Vec::new();
        for address in wanted {
            let known = Approved::by_source(targets, address);
            approved.push(known.map_err(|stranger| Error::Stranger(stranger.to_string()))?);
        }
        approved.extend(dangerous.into_iter().map(Approved::dangerously));
        Ok(approved)
    }

    fn options(&self) -> Options {
        let usual = match self.rate {
            Rate::Unlimited => Rate::Unlimited,
            Rate::PerSecond(rate) => Rate::PerSecond(rate.max(10_000)),
        };
        Options {
            technique: match self.technique {
                Way::Best => Technique::Best,
                Way::Syn => Technique::HalfOpen,
                Way::Connect => Technique::Connect,
            },
            rate: self.rate,
            total: self.total_rate.unwrap_or(usual),
            tries: self.tries,
            ..Options::default()
        }
    }

    /// Says what is about to happen.
    fn announce(&self, session: &Session<'_>, work: &[Work], options: &Options) {
        let ports: usize = work.iter().map(|work| work.ports.len()).sum();
        let (least, most) = duration(work, options);
        let pace = match options.rate {
            Rate::Unlimited => "as fast as they can be sent".to_owned(),
            Rate::PerSecond(rate) => format!("{rate} a second at each"),
        };
        session.say(&format!(
            "scanning {ports} ports of {} addresses, {pace}: {} if all answer, up to {} if none does",
            work.len(),
            time(least),
            time(most)
        ));
    }

    fn probe(
        &self,
        session: &Session<'_>,
        work: Vec<Work>,
        options: &Options,
        mut journal: Option<&mut Journal>,
    ) -> Result<Scan, Error> {
        let mut seen = Scan {
            files: vec![String::new()],
            scanners: vec![concat!("portolan ", env!("CARGO_PKG_VERSION")).to_owned()],
            started: Some(now()),
            ..Scan::default()
        };
        let by = seen.scanners.first().cloned().unwrap_or_default();
        let started = now();
        let bar = session.progress("scanning");
        let mut failed = None;
        let mut tell = |it: Seen| {
            let kept = match it {
                Seen::Part(address, news) => {
                    let kept = journal
                        .as_mut()
                        .map(|journal| journal.add_part(address, (started, now()), &by, &news));
                    (kept, None)
                }
                Seen::Whole(address, mut observations) => {
                    if let Some(journal) = &journal {
                        observations.extend(journal.part(address));
                    }
                    if !self.no_tls {
                        greet_all(&mut observations);
                    }
                    let kept = journal
                        .as_mut()
                        .map(|journal| journal.add(address, (started, now()), &by, &observations));
                    (kept, Some((address, observations)))
                }
            };
            let (kept, whole) = kept;
            if let Some(Err(error)) = kept {
                failed = Some(error.to_string());
                return Err(std::io::ErrorKind::Other.into());
            }
            let Some((address, observations)) = whole else { return Ok(()) };
            seen.hosts.push(ScannedHost { address, up: true, reason: String::new() });
            seen.observations.extend(observations);
            Ok(())
        };
        let result = scan(work, options, &mut tell, &mut |it| bar.tell(it.done, it.of));
        drop(bar);
        if let Some(failed) = failed {
            return Err(Error::Scan(failed));
        }
        let technique = result.map_err(|error| Error::Scan(error.to_string()))?;
        if technique == Technique::Connect && self.technique == Way::Best {
            session.say(
                "probed by connecting: half-open probes, which are faster, need root or \
                 CAP_NET_RAW",
            );
        }
        seen.ended = Some(now());
        Ok(seen)
    }
}

/// Asks TLS servers among open ports what they are.
fn greet_all(observations: &mut Vec<Observation>) {
    let open: Vec<(IpAddr, u16)> = observations
        .iter()
        .filter(|it| it.state == PortState::Open && it.protocol == Protocol::Tcp)
        .flat_map(|it| (it.ports.first()..=it.ports.last()).map(|port| (it.address, port)))
        .filter(|&(_, port)| usual_tls_port(port))
        .collect();
    if open.is_empty() {
        return;
    }
    let shown: Mutex<Vec<((IpAddr, u16), Tls)>> = Mutex::new(Vec::new());
    for some in open.chunks(GREETED_AT_ONCE) {
        std::thread::scope(|scope| {
            for &(address, port) in some {
                let shown = &shown;
                scope.spawn(move || {
                    if let Some(tls) = greet(address, port) {
                        let mut shown = shown.lock().unwrap_or_else(PoisonError::into_inner);
                        shown.push(((address, port), tls));
                    }
                });
            }
        });
    }
    // What is told of one port stands before what is told of the range that holds it.
    for ((address, port), tls) in shown.into_inner().unwrap_or_else(PoisonError::into_inner) {
        let known = observations.iter().find(|it| {
            it.address == address && it.protocol == Protocol::Tcp && it.ports.contains(port)
        });
        if let Some(known) = known.cloned() {
            let ports = PortRange::single(port);
            observations.push(Observation { ports, tls: Some(Arc::new(tls)), ..known });
        }
    }
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// `40 s`, `3 min`, `2 h 5 min`.
fn time(duration: Duration) -> String {
    let seconds = duration.as_secs() + u64::from(duration.subsec_millis() > 0);
    match seconds {
        0..=119 => format!("{} s", seconds.max(1)),
        120..=7_199 => format!("{} min", seconds.div_ceil(60)),
        _ => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_and_times_are_for_people() {
        assert_eq!(rate("1,000"), Ok(Rate::PerSecond(1_000)));
        assert_eq!(rate("unlimited"), Ok(Rate::Unlimited));
        assert!(rate("0").is_err() && rate("fast").is_err());
        let of = |seconds| time(Duration::from_secs(seconds));
        assert_eq!([of(0), of(66), of(131), of(7_500)], ["1 s", "66 s", "3 min", "2 h 5 min"]);
    }
}
