//! nmap as the one who probes: run with its arguments as a list, never through a shell.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io;
use std::process::{Command, Stdio};

use portolan::net::{PortRange, PortSet, Protocol};
use portolan::observed::Scan;
use portolan_ingest::{ObservedError, ScanFormat, read_scan};

use crate::pace::Rate;
use crate::run::{Options, Technique, Work};

/// Why nmap saw nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NmapError {
    /// It is not there, or may not be run.
    #[error("nmap can't be run: {0}")]
    Run(io::Error),
    /// It ended with an error.
    #[error("nmap failed: {0}")]
    Failed(String),
    /// What it wrote can't be read.
    #[error(transparent)]
    Output(#[from] ObservedError),
}

/// Has nmap probe hosts: once for all that are asked the same ports.
///
/// # Errors
///
/// If it can't be run, fails, or writes something else than its XML.
pub fn run_nmap(program: &OsStr, work: &[Work], options: &Options) -> Result<Scan, NmapError> {
    let mut alike: BTreeMap<(bool, String), Vec<String>> = BTreeMap::new();
    for Work { host, ports } in work {
        let address = host.address();
        let listed = listed(ports);
        if !listed.is_empty() {
            alike.entry((address.is_ipv6(), listed)).or_default().push(address.to_string());
        }
    }
    let mut all: Option<Scan> = None;
    for ((v6, ports), hosts) in alike {
        let output = Command::new(program)
            .args(arguments(v6, &ports, options))
            // Addresses, as they were parsed: none can be taken for an option.
            .args(&hosts)
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .output()
            .map_err(NmapError::Run)?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            let last = said.trim().lines().last().unwrap_or("it said nothing").to_owned();
            return Err(NmapError::Failed(last));
        }
        let scan = read_scan("nmap's output", &output.stdout, ScanFormat::NmapXml)?;
        match &mut all {
            Some(all) => all.merge(scan),
            None => all = Some(scan),
        }
    }
    Ok(all.unwrap_or_default())
}

fn arguments(v6: bool, ports: &str, options: &Options) -> Vec<String> {
    let mut arguments: Vec<String> =
        ["-Pn", "-n", "-oX", "-", "--noninteractive"].map(str::to_owned).to_vec();
    if v6 {
        arguments.push("-6".to_owned());
    }
    match options.technique {
        // nmap connects where it may do nothing else.
        Technique::Best if ports.contains("U:") && ports.contains("T:") => {
            arguments.push("-sS".to_owned());
        }
        Technique::Best => {}
        Technique::HalfOpen => arguments.push("-sS".to_owned()),
        Technique::Connect => arguments.push("-sT".to_owned()),
    }
    if ports.contains("U:") {
        arguments.push("-sU".to_owned());
    }
    let most = [options.rate, options.total].into_iter().filter_map(|rate| match rate {
        Rate::PerSecond(rate) => Some(rate),
        Rate::Unlimited => None,
    });
    // nmap has one rate for all hosts together: the smaller is kept.
    if let Some(rate) = most.min() {
        arguments.extend(["--max-rate".to_owned(), rate.to_string()]);
    }
    let again = options.tries.saturating_sub(1);
    arguments.extend(["--max-retries".to_owned(), again.to_string()]);
    arguments.extend(["-p".to_owned(), ports.to_owned()]);
    arguments
}

/// `T:22,80-90,U:53`, as nmap takes ports; empty if there are none.
fn listed(ports: &[(Protocol, u16)]) -> String {
    let of = |wanted: Protocol| -> PortSet {
        let of = ports.iter().filter(|(protocol, _)| *protocol == wanted);
        of.map(|&(_, port)| PortRange::single(port)).collect()
    };
    let mut words = Vec::new();
    for (name, protocol) in [("T:", Protocol::Tcp), ("U:", Protocol::Udp)] {
        let ranges: Vec<String> = of(protocol).ranges().map(|range| range.to_string()).collect();
        if !ranges.is_empty() {
            words.push(format!("{name}{}", ranges.join(",")));
        }
    }
    words.join(",")
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::approve::Approved;

    /// A program that writes its arguments down and prints an empty scan.
    fn fake(folder: &std::path::Path, ending: &str) -> std::path::PathBuf {
        let program = folder.join("nmap");
        let text = format!(
            "#!/bin/sh\nfor word in \"$@\"; do printf '%s\\n' \"$word\"; done >> '{}'\n{ending}\n",
            folder.join("arguments").display()
        );
        std::fs::write(&program, text).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        program
    }

    fn work(address: &str, ports: &[(Protocol, u16)]) -> Work {
        Work { host: Approved::dangerously(address.parse().unwrap()), ports: ports.to_vec() }
    }

    #[test]
    fn hosts_with_the_same_ports_are_asked_together() {
        let folder = tempfile::tempdir().unwrap();
        let program = fake(folder.path(), "echo '<nmaprun scanner=\"nmap\"></nmaprun>'");
        let ports = [(Protocol::Tcp, 81), (Protocol::Tcp, 80), (Protocol::Udp, 53)];
        let all = [work("192.0.2.1", &ports), work("192.0.2.2", &ports)];
        run_nmap(program.as_os_str(), &all, &Options::default()).unwrap();
        let told = std::fs::read_to_string(folder.path().join("arguments")).unwrap();
        let told: Vec<&str> = told.lines().collect();
        assert_eq!(
            told.join(" "),
            "-Pn -n -oX - --noninteractive -sS -sU --max-rate 1000 --max-retries 1 \
             -p T:80-81,U:53 192.0.2.1 192.0.2.2"
        );
    }

    #[test]
    fn what_nmap_complains_of_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let program = fake(folder.path(), "echo 'requires root privileges.' >&2; exit 1");
        let all = [work("192.0.2.1", &[(Protocol::Tcp, 80)])];
        let error = run_nmap(program.as_os_str(), &all, &Options::default()).unwrap_err();
        assert_eq!(error.to_string(), "nmap failed: requires root privileges.");
    }
}
