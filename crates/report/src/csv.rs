//! CSV as RFC 4180 has it, for spreadsheets that run what looks like a formula.
//!
//! A cell that begins with `=`, `+`, `-`, `@`, TAB, CR or NUL gets a leading `'`
//! (CWE-1236). Control characters are shown as in [`Untrusted`](crate::Untrusted);
//! lists are separated by blanks. Lines end with LF.

use std::io;

use portolan::record::{
    Beyond, Blocks, Cause, Explanation, Finding, LimitationRecord, MOST_SOURCES, Open, OpenFor,
    Port, PortClass, Service, Witness,
};
use serde::Serialize;

use crate::human::place;
use crate::untrusted::visible;

/// A record that can be a row.
pub trait Row {
    /// The header.
    const COLUMNS: &'static [&'static str];

    /// The cells, one for each column.
    fn cells(&self) -> Vec<String>;
}

/// The header of a table of `R`.
pub fn header<R: Row>() -> io::Result<Vec<u8>> {
    table(|table| table.write_record(R::COLUMNS))
}

/// Records as rows, made on any thread.
pub fn rows(records: &[impl Row]) -> io::Result<Vec<u8>> {
    table(|table| {
        records.iter().try_for_each(|record| {
            table.write_record(record.cells().iter().map(|cell| harmless(cell)))
        })
    })
}

fn table(
    write: impl FnOnce(&mut csv::Writer<Vec<u8>>) -> Result<(), csv::Error>,
) -> io::Result<Vec<u8>> {
    let mut table = csv::Writer::from_writer(Vec::new());
    write(&mut table)?;
    table.into_inner().map_err(csv::IntoInnerError::into_error)
}

/// A cell that no spreadsheet takes for a formula.
fn harmless(cell: &str) -> String {
    let formula = cell.starts_with([
        '=', '+', '-', '@', '\t', '\r', '\0', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
    ]);
    let shown = visible(cell);
    if formula { format!("'{shown}") } else { shown.into_owned() }
}

/// The columns of what is open, after those that say where.
macro_rules! open_columns {
    ($($where:literal),+) => {
        &[
            $($where,)+ "audience", "breadth", "protocol", "ports", "sources", "destinations",
            "source_groups", "clients", "client_ports", "certainty", "because", "via", "through",
        ]
    };
}

impl Row for Port {
    const COLUMNS: &'static [&'static str] = open_columns!(
        "interface",
        "account",
        "region",
        "vpc",
        "subnet",
        "instance",
        "name",
        "addresses",
        "public_addresses",
        "services"
    );

    fn cells(&self) -> Vec<String> {
        let mut cells = vec![
            self.interface.clone(),
            self.account.clone(),
            self.region.clone(),
            self.vpc.clone(),
            self.subnet.clone(),
            self.instance.clone(),
            self.name.clone(),
            self.addresses.join(" "),
            self.public_addresses.join(" "),
            services(&self.services),
        ];
        cells.extend(open_cells(&self.open));
        cells
    }
}

impl Row for PortClass {
    const COLUMNS: &'static [&'static str] = open_columns!(
        "interfaces",
        "names",
        "account",
        "region",
        "vpc",
        "subnet",
        "addresses",
        "public_addresses",
        "services"
    );

    fn cells(&self) -> Vec<String> {
        let mut cells = vec![
            self.interfaces.join(" "),
            self.names.join(" "),
            self.account.clone(),
            self.region.clone(),
            self.vpc.clone(),
            self.subnet.clone(),
            self.addresses.join(" "),
            self.public_addresses.join(" "),
            services(&self.services),
        ];
        cells.extend(open_cells(&self.open));
        cells
    }
}

/// `rds/orders`, …
fn services(services: &[Service]) -> String {
    let words = services.iter().map(|it| match it.name.as_str() {
        "" => it.kind.clone(),
        name => format!("{}/{name}", it.kind),
    });
    words.collect::<Vec<_>>().join("; ")
}

fn open_cells(open: &Open) -> Vec<String> {
    let through = open.through.as_ref();
    vec![
        word(&open.audience),
        word(&open.breadth),
        open.protocol.clone(),
        open.ports.clone(),
        open.sources.as_ref().map_or_else(String::new, Blocks::joined),
        open.destinations.as_ref().map_or_else(String::new, Blocks::joined),
        open.source_groups.join(" "),
        word(&open.clients),
        open.client_ports.clone(),
        word(&open.certainty),
        list(&open.because, |because| cause(because)),
        open.via.join(" "),
        through
            .map(|to| format!("{} {} {}", to.load_balancer, to.address, to.port))
            .unwrap_or_default(),
    ]
}

impl Row for Explanation {
    const COLUMNS: &'static [&'static str] = &[
        "from",
        "to",
        "port",
        "verdict",
        "clients",
        "client_ports",
        "blocked_by",
        "assumptions",
        "limitations",
        "open_for",
        "also",
    ];

    fn cells(&self) -> Vec<String> {
        vec![
            self.from.clone(),
            self.to.clone(),
            self.port.clone(),
            word(&self.verdict),
            word(&self.clients),
            self.client_ports.clone(),
            list(&self.blocked_by, |by| {
                let way = word(&by.direction);
                format!("{} {way} {} {} {}", by.code, by.stage, by.id, by.rule)
            }),
            self.assumptions.join(" "),
            list(&self.limitations, |limit: &LimitationRecord| {
                format!("{} {}", limit.code, limit.about)
            }),
            list(&self.open_for, |for_: &OpenFor| {
                format!("{} {} {} {}", for_.from, for_.to, for_.port, for_.count)
            }),
            self.also.clone(),
        ]
    }
}

impl Row for Finding {
    const COLUMNS: &'static [&'static str] = &[
        "severity",
        "code",
        "title",
        "attached",
        "kind",
        "id",
        "name",
        "instance",
        "account",
        "region",
        "vpc",
        "at",
        "direction",
        "protocol",
        "ports",
        "audience",
        "breadth",
        "sources",
        "sources_left_out",
        "source_groups",
        "who",
        "clients",
        "client_ports",
        "certainty",
        "witness",
        "because",
        "blocked_by",
        "controls",
        "fix",
        "fingerprint",
        "allowed_until",
        "allowed_by",
        "allowed_because",
        "beyond",
    ];

    fn cells(&self) -> Vec<String> {
        let about = &self.about;
        let allowed = self.exception.as_ref();
        let asked = |it: &Witness| format!("{} {} {}", it.from, it.to, it.port);
        vec![
            word(&self.severity),
            self.code.clone(),
            self.title.clone(),
            self.attached.to_string(),
            about.kind.clone(),
            about.id.clone(),
            about.name.clone(),
            about.instance.clone(),
            about.account.clone(),
            about.region.clone(),
            about.vpc.clone(),
            place(&about.file, about.line, &about.at),
            self.direction.clone(),
            self.protocol.clone(),
            self.ports.clone(),
            self.audience.as_ref().map_or_else(String::new, word),
            self.breadth.as_ref().map_or_else(String::new, word),
            first_of(&self.sources),
            self.sources_left_out.to_string(),
            self.source_groups.join(" "),
            self.who.join("; "),
            self.clients.as_ref().map_or_else(String::new, word),
            self.client_ports.clone(),
            word(&self.certainty),
            self.witness.as_ref().map_or_else(String::new, asked),
            list(&self.because, |it| {
                let stands = place(&it.file, it.line, &it.at);
                format!("{} {stands}", cause(it)).trim_end().to_owned()
            }),
            list(&self.blocked_by, |by| format!("{} {} {}", by.code, by.id, by.rule)),
            self.controls.join(" "),
            self.fix.to_string(),
            self.fingerprint.clone(),
            allowed.map_or_else(String::new, |by| by.until.clone()),
            allowed.map_or_else(String::new, |by| by.owner.clone()),
            allowed.map_or_else(String::new, |by| by.reason.clone()),
            list(&self.beyond, |beyond: &Beyond| {
                let groups = beyond.source_groups.join(" ");
                let more = match beyond.sources_left_out {
                    0 => String::new(),
                    more => format!("and {more} more"),
                };
                let all = [beyond.ports.join(" "), first_of(&beyond.sources), more, groups];
                let told: Vec<String> = all.into_iter().filter(|it| !it.is_empty()).collect();
                told.join(" ")
            }),
        ]
    }
}

/// As many addresses as a finding writes.
fn first_of(blocks: &Blocks) -> String {
    blocks.iter().take(MOST_SOURCES).collect::<Vec<_>>().join(" ")
}

fn cause(cause: &Cause) -> String {
    match (cause.id.as_str(), cause.of.as_str()) {
        ("", "") => cause.at.clone(),
        ("", of) => format!("{of} {}", cause.at),
        (id, "") => id.to_owned(),
        (id, of) => format!("{of} {id}"),
    }
}

fn list<T>(items: &[T], show: impl Fn(&T) -> String) -> String {
    items.iter().map(show).collect::<Vec<_>>().join("; ")
}

/// An enum as its contract writes it.
pub(crate) fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(other) => other.to_string(),
        Err(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use portolan::record::Verification;

    use super::*;
    use crate::samples;

    #[test]
    fn a_row_has_a_cell_for_each_column() {
        assert_eq!(samples::port().cells().len(), Port::COLUMNS.len());
        assert_eq!(samples::port_class().cells().len(), PortClass::COLUMNS.len());
        assert_eq!(samples::explanation().cells().len(), Explanation::COLUMNS.len());
        assert_eq!(samples::finding().cells().len(), Finding::COLUMNS.len());
        let (verifications, _) = samples::verifications();
        assert!(verifications.iter().all(|it| it.cells().len() == Verification::COLUMNS.len()));
    }

    #[test]
    fn ports_as_csv() {
        let out = [header::<Port>().unwrap(), rows(&[samples::port()]).unwrap()].concat();
        expect![[r#"
            interface,account,region,vpc,subnet,instance,name,addresses,public_addresses,services,audience,breadth,protocol,ports,sources,destinations,source_groups,clients,client_ports,certainty,because,via,through
            eni-0a,111122223333,us-east-1,vpc-1,subnet-1,i-0a,web-1,10.0.1.10 2001:db8:0:1::10,198.51.100.7,,internet,everyone,tcp,443,0.0.0.0/0 ::/0,,,all,,certain,sg-1 sgr-1,igw-1,
        "#]].assert_eq(&String::from_utf8(out).unwrap());
    }

    #[test]
    fn a_formula_is_text() {
        assert_eq!(harmless("=1+1"), "'=1+1");
        assert_eq!(harmless("\t=1"), r"'\u{9}=1");
        assert_eq!(harmless("web-1"), "web-1");
    }
}
