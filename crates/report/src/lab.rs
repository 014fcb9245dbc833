//! What a lab found, and which hosts it has, for people.

use std::io::{self, Write};

use crate::Untrusted;

/// Differences that are printed one by one.
const SHOWN: usize = 40;

/// What a run of a lab found.
#[derive(Clone, Debug)]
pub struct View<'a> {
    /// Where the network was read from.
    pub source: &'a str,
    /// Hosts that were built.
    pub hosts: usize,
    /// Namespaces that were built.
    pub namespaces: usize,
    /// Packets whose fate was compared.
    pub compared: usize,
    /// How many ended how.
    pub outcomes: [(&'static str, u64); 3],
    /// Where lab and model differ.
    pub differences: Vec<Difference<'a>>,
    /// What was not compared: why, and how much.
    pub not_compared: Vec<(&'static str, u64)>,
    /// What was not built: its id, and why.
    pub not_compiled: Vec<(&'a str, &'static str)>,
    /// Seconds for building, probing, taking down.
    pub seconds: [f64; 3],
}

/// A packet that went otherwise than the model says.
#[derive(Clone, Copy, Debug)]
pub struct Difference<'a> {
    /// The host that sends.
    pub from: &'a str,
    /// The address that it sends from.
    pub source: &'a str,
    /// The host that should receive; empty: nobody.
    pub to: &'a str,
    /// The address that it sends to.
    pub destination: &'a str,
    /// Which port.
    pub port: &'a str,
    /// What the model says.
    pub model: &'static str,
    /// What happened.
    pub lab: &'static str,
}

/// Writes what a run found.
///
/// # Errors
///
/// The output can't be written.
pub fn write_report(out: &mut dyn Write, view: &View<'_>) -> io::Result<()> {
    let [up, probes, down] = view.seconds;
    writeln!(
        out,
        "{}: {} hosts in {} namespaces, up in {up:.2} s, probed in {probes:.2} s, down in {down:.2} s",
        Untrusted(view.source),
        view.hosts,
        view.namespaces
    )?;
    let outcomes: Vec<String> =
        view.outcomes.iter().map(|(name, count)| format!("{count} {name}")).collect();
    writeln!(out, "{} packets compared with the model: {}", view.compared, outcomes.join(", "))?;
    match view.differences.len() {
        0 => writeln!(out, "none went otherwise than the model says")?,
        differing => writeln!(out, "{differing} went otherwise than the model says:")?,
    }
    for one in view.differences.iter().take(SHOWN) {
        let to = if one.to.is_empty() { "nobody" } else { one.to };
        writeln!(
            out,
            "  {} ({}) to {} ({}) {}: the model says {}, the lab {}",
            Untrusted(one.from),
            one.source,
            Untrusted(to),
            one.destination,
            one.port,
            one.model,
            one.lab
        )?;
    }
    if let Some(more) = view.differences.len().checked_sub(SHOWN).filter(|&more| more > 0) {
        writeln!(out, "  and {more} more: --format json lists them all")?;
    }
    for (reason, count) in &view.not_compared {
        writeln!(out, "not compared: {count} packets: {reason}")?;
    }
    for (id, reason) in &view.not_compiled {
        writeln!(out, "not built: {}: {reason}", Untrusted(id))?;
    }
    Ok(())
}

/// Writes the hosts of a lab: names, ids and addresses.
///
/// # Errors
///
/// The output can't be written.
pub fn write_hosts<'a>(
    out: &mut dyn Write,
    lab: &str,
    hosts: impl Iterator<Item = (&'a str, &'a str, Vec<String>)>,
) -> io::Result<()> {
    writeln!(out, "lab `{}` stands:", Untrusted(lab))?;
    for (name, id, addresses) in hosts {
        let id = if id.is_empty() { "on the internet" } else { id };
        writeln!(out, "  {:<20} {:<22} {}", Untrusted(name).to_string(), id, addresses.join(" "))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_strangers_do_no_harm() {
        let mut out = Vec::new();
        let view = View {
            source: "dir",
            hosts: 2,
            namespaces: 4,
            compared: 2,
            outcomes: [("open", 1), ("closed", 0), ("filtered", 1)],
            differences: vec![Difference {
                from: "web\u{1b}[31m",
                source: "10.0.0.1:1024",
                to: "",
                destination: "10.0.0.2",
                port: "tcp/22",
                model: "filtered",
                lab: "open",
            }],
            not_compared: vec![("the model does not know", 3)],
            not_compiled: vec![("tgw-1", "transit gateways are not compiled yet")],
            seconds: [0.1, 1.2, 0.0],
        };
        write_report(&mut out, &view).unwrap();
        write_hosts(&mut out, "lab", [("web\n", "i-1", vec!["10.0.0.1".to_owned()])].into_iter())
            .unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(!text.contains('\u{1b}'), "{text}");
        assert_eq!(text.lines().count(), 8, "{text}");
        assert!(text.contains("the model says filtered, the lab open"), "{text}");
        assert!(text.contains("not built: tgw-1"), "{text}");
    }
}
