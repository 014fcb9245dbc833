//! Probes TCP ports of hosts as fast as it goes: `probe [connect] [ports=LIST] ADDRESS…`,
//! all ports unless some are named. For measurements in a network of one's own; nothing
//! asks whether the hosts are yours.
#![forbid(unsafe_code)]

use std::error::Error;
use std::time::Instant;

use portolan::observed::PortState;
use portolan_scan::{Approved, Options, Ports, Rate, Seen, Technique, Work, order, scan};

fn main() -> Result<(), Box<dyn Error>> {
    let mut technique = Technique::HalfOpen;
    let mut ports = Ports::parse("all")?;
    let mut hosts = Vec::new();
    for word in std::env::args().skip(1) {
        match word.strip_prefix("ports=") {
            Some(list) => ports = Ports::parse(list)?,
            None if word == "connect" => technique = Technique::Connect,
            None => hosts.push(word.parse()?),
        }
    }
    if hosts.is_empty() {
        return Err("whom? give an address".into());
    }
    let options =
        Options { technique, rate: Rate::Unlimited, total: Rate::Unlimited, ..Options::default() };
    let begun = Instant::now();
    let mut work = Vec::new();
    for host in hosts {
        let host = Approved::dangerously(host);
        let ports = order(&Default::default(), &ports, host.address().is_ipv4());
        work.push(Work { host, ports });
    }
    let mut open = 0;
    let mut tell = |seen| {
        let Seen::Whole(_, seen) = seen else { return Ok(()) };
        let open_ones = seen.iter().filter(|it| it.state == PortState::Open);
        open += open_ones.map(|it| u64::from(it.ports.size())).sum::<u64>();
        Ok(())
    };
    scan(work, &options, &mut tell, &mut |_| ())?;
    #[expect(clippy::print_stdout, reason = "it is what the example is for")]
    {
        println!("{open} open, {:.2} s", begun.elapsed().as_secs_f64());
    }
    Ok(())
}
