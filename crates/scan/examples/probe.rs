//! Probes every TCP port of one host as fast as it goes: `probe ADDRESS [connect]`.
//! For measurements in a network of one's own; nothing asks whether the host is yours.
#![forbid(unsafe_code)]

use std::error::Error;
use std::time::Instant;

use portolan::net::Protocol;
use portolan::observed::PortState;
use portolan_scan::{Approved, Options, Rate, Technique, Work, scan};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().ok_or("whom? give an address")?.parse()?;
    let connect = arguments.next().is_some_and(|word| word == "connect");
    let options = Options {
        technique: if connect { Technique::Connect } else { Technique::HalfOpen },
        rate: Rate::Unlimited,
        total: Rate::Unlimited,
        ..Options::default()
    };
    let ports = (1..=u16::MAX).map(|port| (Protocol::Tcp, port)).collect();
    let work = vec![Work { host: Approved::dangerously(address), ports }];
    let begun = Instant::now();
    let mut open = 0;
    let mut done = |_, seen: Vec<portolan::observed::Observation>| {
        open += seen.iter().filter(|it| it.state == PortState::Open).count();
        Ok(())
    };
    scan(work, &options, &mut done, &mut |_| ())?;
    #[expect(clippy::print_stdout, reason = "it is what the example is for")]
    {
        println!("{open} open, {:.2} s", begun.elapsed().as_secs_f64());
    }
    Ok(())
}
