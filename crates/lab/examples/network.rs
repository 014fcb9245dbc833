//! What `make bench` measures of labs and scans: `network PROBE [quick]`, where PROBE is
//! the example `probe` of portolan-scan. Prints one JSON object.
//!
//! Two namespaces and a link; ten ports listen, the others refuse or are dropped. Our
//! probes, nmap and masscan go over the same link in the same run. Where something can't
//! be measured on this machine, the reason is told instead.
#![forbid(unsafe_code)]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "what a measurement can't do ends it"
)]

#[path = "../tests/kernel/estates.rs"]
mod estates;
#[path = "../tests/kernel/rounds.rs"]
mod rounds;
#[path = "../tests/kernel/trial.rs"]
#[expect(dead_code, reason = "tests ask more of it")]
mod trial;

use std::net::{IpAddr, Ipv4Addr, TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use portolan::net::Cidr;
use portolan_lab::kernel::{Lab, Namespace, Rights};
use portolan_lab::plan::{Action, DeviceAddress, Link, Plan, Plug, Route, Space};
use portolan_lab::ruleset::{Hook, Ruleset};
use serde::Serialize;

/// What listens: seven of them are among the thousand that nmap asks first.
const OPEN: [u16; 10] = [22, 80, 443, 3306, 5432, 8080, 13337, 27017, 49999, 65001];
/// Rows of the table.
const ONE_HOST: u32 = 11;
const MANY_HOSTS: u32 = 12;
const LAB: u32 = 13;
/// Seconds that a program of others may take.
const MOST: u32 = 240;
/// Runs of our own probes.
const RUNS: usize = 10;
const SCANNER: Ipv4Addr = Ipv4Addr::new(10, 9, 0, 1);
/// masscan's own: the kernel of the scanner knows nothing of it, and resets nothing.
const OF_MASSCAN: Ipv4Addr = Ipv4Addr::new(10, 9, 0, 9);
const MAIN: u32 = 254;
const DEVICE: u32 = 10;

/// What is printed.
#[derive(Default, Serialize)]
struct Found {
    rows: Vec<Measured>,
    skipped: Vec<Skipped>,
}

#[derive(Serialize)]
struct Measured {
    number: u32,
    name: String,
    /// The median.
    seconds: f64,
    budget: Option<f64>,
    /// The least open ports that a run found.
    found: Option<u64>,
    of: u64,
}

#[derive(Serialize)]
struct Skipped {
    number: u32,
    name: String,
    why: String,
}

/// How ports that nobody listens at answer.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Closed {
    Refuse,
    Silent,
}

impl Closed {
    fn words(self) -> &'static str {
        match self {
            Self::Refuse => "closed ports refuse",
            Self::Silent => "closed ports are silent",
        }
    }
}

/// Two hosts and a link.
struct Pair {
    lab: Lab,
    targets: Vec<IpAddr>,
    ticks: Arc<AtomicBool>,
    _listeners: Vec<TcpListener>,
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let probe = PathBuf::from(arguments.next().unwrap_or_else(|| panic!("where is `probe`?")));
    let quick = arguments.next().is_some_and(|word| word == "quick");
    let mut found = Found::default();
    match portolan_lab::kernel::become_root() {
        Ok(rights) => Bench { probe: &probe, quick, rights, found: &mut found }.all(),
        Err(error) => {
            for (number, name) in [(ONE_HOST, "one host"), (MANY_HOSTS, "64 hosts"), (LAB, "lab")] {
                let (name, why) = (name.to_owned(), error.to_string());
                found.skipped.push(Skipped { number, name, why });
            }
        }
    }
    println!("{}", serde_json::to_string(&found).unwrap());
}

struct Bench<'a> {
    probe: &'a Path,
    quick: bool,
    rights: Rights,
    found: &'a mut Found,
}

impl Bench<'_> {
    fn all(&mut self) {
        for closed in [Closed::Refuse, Closed::Silent] {
            let budget = if closed == Closed::Refuse { 1.0 } else { 3.0 };
            let one = Pair::build(self.rights, 1, closed);
            self.contest(ONE_HOST, "one host, 65,535 ports", &one, "1-65535", (closed, budget), 10);
            if one.delay() {
                let name = "one host, 65,535 ports, 50 ms away";
                let times = self.ours(&one, "1-65535");
                self.tell(ONE_HOST, name, "Portolan", closed, times, (Some(budget), 10));
            } else if closed == Closed::Refuse {
                self.found.skipped.push(Skipped {
                    number: ONE_HOST,
                    name: "one host, 50 ms away".to_owned(),
                    why: "this kernel has no netem".to_owned(),
                });
            }
            drop(one);
            let many = Pair::build(self.rights, 64, closed);
            let (ports, open) = match top_thousand() {
                Some(ports) => (ports, 448),
                None => ("1-998,3306,5432".to_owned(), 64 * 5),
            };
            self.contest(
                MANY_HOSTS,
                "64 hosts, 1,000 ports",
                &many,
                &ports,
                (closed, budget),
                open,
            );
        }
        let rounds = rounds::fifty_hosts(self.rights);
        let all = format!(
            "lab of {} hosts in {} namespaces up, 1,000 probes, down, median of five",
            rounds.hosts, rounds.spaces
        );
        let [up, sent, down] = rounds.parts;
        for (name, seconds, budget) in [
            (all.as_str(), rounds.all, Some(rounds::PROMISED)),
            ("of which up", up, None),
            ("of which probes", sent, None),
            ("of which down", down, None),
        ] {
            let name = name.to_owned();
            self.found.rows.push(Measured {
                number: LAB,
                name,
                seconds,
                budget,
                found: None,
                of: 0,
            });
        }
    }

    /// Ours ten times, the others once.
    fn contest(
        &mut self,
        number: u32,
        what: &str,
        pair: &Pair,
        ports: &str,
        (closed, budget): (Closed, f64),
        open: u64,
    ) {
        let times = self.ours(pair, ports);
        self.tell(number, what, "Portolan", closed, times, (Some(budget), open));
        let targets: Vec<String> = pair.targets.iter().map(ToString::to_string).collect();
        // Where nothing answers they take minutes.
        if self.quick && closed == Closed::Silent {
            return;
        }
        let mut nmap = patient("nmap");
        nmap.args(["-n", "-Pn", "-sS", "-T4", "-oG", "-", "-p", ports]).args(&targets);
        let timed = pair.run(&mut nmap, |line| line.matches("/open/").count());
        self.other(number, what, "nmap -sS -T4", closed, timed, open);

        let mut masscan = patient("masscan");
        let own = OF_MASSCAN.to_string();
        let rate = if closed == Closed::Refuse { "100000" } else { "20000" };
        masscan.args(["-p", ports, "--rate", rate, "--wait", "2", "--retries", "1"]);
        masscan.args(["-oL", "-", "-i", "eth0", "--adapter-ip", &own]);
        // All ends of the lab's links have one.
        masscan.args(["--adapter-mac", "02-00-00-00-00-01", "--router-mac", "02-00-00-00-00-01"]);
        masscan.args(&targets);
        pair.ticks.store(true, Ordering::Relaxed);
        let timed = pair.run(&mut masscan, |line| usize::from(line.starts_with("open tcp ")));
        pair.ticks.store(false, Ordering::Relaxed);
        let name = format!("masscan --rate {rate} --wait 2");
        self.other(number, what, &name, closed, timed, open);
    }

    /// The times of our probes, and what each run found.
    fn ours(&self, pair: &Pair, ports: &str) -> Vec<(f64, u64)> {
        let runs = if self.quick { 2 } else { RUNS };
        (0..runs)
            .map(|_| {
                let mut command = Command::new(self.probe);
                command.arg(format!("ports={ports}"));
                command.args(pair.targets.iter().map(ToString::to_string));
                let first = |line: &str| line.split(' ').next().and_then(|word| word.parse().ok());
                pair.run(&mut command, |line| first(line).unwrap_or(0)).unwrap()
            })
            .collect()
    }

    fn other(
        &mut self,
        number: u32,
        what: &str,
        who: &str,
        closed: Closed,
        timed: Result<(f64, u64), String>,
        open: u64,
    ) {
        match timed {
            Ok(timed) => self.tell(number, what, who, closed, vec![timed], (None, open)),
            Err(why) => {
                let name = format!("{what}, {}: {who}", closed.words());
                eprintln!("{name}: {why}");
                self.found.skipped.push(Skipped { number, name, why });
            }
        }
    }

    fn tell(
        &mut self,
        number: u32,
        what: &str,
        who: &str,
        closed: Closed,
        mut times: Vec<(f64, u64)>,
        (budget, of): (Option<f64>, u64),
    ) {
        times.sort_by(|one, other| one.0.total_cmp(&other.0));
        let name = format!("{what}, {}: {who}", closed.words());
        eprintln!("{name}: {times:.2?}");
        self.found.rows.push(Measured {
            number,
            name,
            seconds: times[times.len() / 2].0,
            budget,
            found: times.iter().map(|&(_, found)| found).min(),
            of,
        });
    }
}

impl Pair {
    fn build(rights: Rights, targets: u8, closed: Closed) -> Self {
        let all = [Cidr::ALL_V4, Cidr::ALL_V6];
        let host = |name: &str, addresses: Vec<IpAddr>| Space {
            name: name.to_owned(),
            addresses: addresses
                .into_iter()
                .map(|address| DeviceAddress { device: DEVICE, address })
                .collect(),
            routes: all
                .map(|destination| Route {
                    table: MAIN,
                    destination,
                    action: Action::Device(DEVICE),
                })
                .to_vec(),
            ..Space::default()
        };
        let targets: Vec<IpAddr> =
            (1..=targets).map(|number| Ipv4Addr::new(10, 9, 1, number).into()).collect();
        let mut spaces =
            vec![host("scanner", vec![SCANNER.into()]), host("target", targets.clone())];
        if closed == Closed::Silent {
            let mut rules = Ruleset::default();
            let hook = Hook { kind: "filter", hook: "input", priority: 0, policy: "accept" };
            rules.base_chain("closed", hook);
            let open: Vec<String> = OPEN.iter().map(ToString::to_string).collect();
            rules.rule("closed", &format!("tcp dport != {{ {} }} drop", open.join(", ")));
            spaces[1].ruleset = rules;
        }
        let plug = |space| Plug { space, name: "eth0".to_owned(), index: DEVICE, group: 0 };
        let links = vec![Link { near: plug(0), far: plug(1) }];
        let lab = Lab::build(&Plan { spaces, links, ..Plan::default() }, rights).unwrap();
        let target = lab.space(1).unwrap();
        let listen = |port| target.within(|| TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)));
        let listeners = OPEN.iter().map(|&port| listen(port).unwrap()).collect();
        let ticker = target.within(|| UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))).unwrap();
        let ticks = Arc::new(AtomicBool::new(false));
        let wanted = Arc::downgrade(&ticks);
        // masscan ends when a packet comes after its time; nobody else sends it one.
        std::thread::spawn(move || {
            while let Some(wanted) = wanted.upgrade() {
                if wanted.load(Ordering::Relaxed) {
                    drop(ticker.send_to(b"tick", (SCANNER, 9)));
                }
                drop(wanted);
                std::thread::sleep(Duration::from_millis(50));
            }
        });
        Self { lab, targets, ticks, _listeners: listeners }
    }

    fn scanner(&self) -> &Namespace {
        self.lab.space(0).unwrap()
    }

    /// Answers take 50 ms longer from now on; false: the kernel can't.
    fn delay(&self) -> bool {
        let words = ["qdisc", "add", "dev", "eth0", "root", "netem", "delay", "50ms", "limit"];
        let asked = self
            .lab
            .space(1)
            .unwrap()
            .within(|| Command::new("tc").args(words).arg("1000000").output());
        asked.is_ok_and(|output| output.status.success())
    }

    /// How long a command takes at the scanner, and how much it finds.
    fn run(
        &self,
        command: &mut Command,
        count: impl Fn(&str) -> usize,
    ) -> Result<(f64, u64), String> {
        let begun = Instant::now();
        let output =
            self.scanner().within(|| command.output()).map_err(|error| error.to_string())?;
        let seconds = begun.elapsed().as_secs_f64();
        if output.status.code() == Some(124) {
            return Err(format!("it took longer than {MOST} s"));
        }
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(said.trim().lines().last().unwrap_or("it failed").to_owned());
        }
        let found: usize = String::from_utf8_lossy(&output.stdout).lines().map(count).sum();
        Ok((seconds, u64::try_from(found).unwrap()))
    }
}

/// A program of others that is ended when it takes too long.
fn patient(program: &str) -> Command {
    let mut command = Command::new("timeout");
    command.args([MOST.to_string().as_str(), program]);
    command
}

/// The thousand ports that nmap asks first.
fn top_thousand() -> Option<String> {
    let output =
        Command::new("nmap").args(["-v", "-oG", "-", "--top-ports", "1000"]).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let (_, rest) = text.split_once("TCP(1000;")?;
    Some(rest.split_once(')')?.0.to_owned())
}
