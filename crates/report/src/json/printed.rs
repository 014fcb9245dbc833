//! Records of `ports` and `audit` as JSON, made on any thread and written on one.
//!
//! A large estate has gigabytes of them, and nearly all of it is lists and
//! causes that many records share: those come here as text that is made, and
//! that serde would copy and look through again for each record. So the fields
//! are put together by hand; the test holds the result against serde's.

use std::io::{self, IoSlice, Write};

use portolan::record::{Blocks, Cause, Finding, MOST_SOURCES, Open, Port, PortClass, Shared};
use serde::Serialize;

use super::value;

/// JSON that is ready to be written.
#[derive(Default)]
pub struct Printed {
    text: Vec<u8>,
    /// Long lists that are not copied, and before which byte of the text they go.
    lists: Vec<(usize, Blocks)>,
}

/// A record that can be printed.
pub trait Print {
    /// Adds the record.
    fn print(&self, to: &mut Printed) -> io::Result<()>;
}

impl Printed {
    /// Lists whose runs are longer on average are not copied.
    const LONG: usize = 1 << 10;

    /// Records as lines.
    pub fn lines(records: &[impl Print]) -> io::Result<Self> {
        let mut printed = Self::default();
        for record in records {
            record.print(&mut printed)?;
            printed.text.push(b'\n');
        }
        Ok(printed)
    }

    /// Records to be added to a [`Document`](super::Document).
    pub fn elements(records: &[impl Print]) -> io::Result<Self> {
        let mut printed = Self::default();
        for record in records {
            printed.text.extend_from_slice(b",\n");
            record.print(&mut printed)?;
        }
        Ok(printed)
    }

    /// Whether there is nothing to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Writes all of it.
    pub fn write(&self, out: &mut (impl Write + ?Sized)) -> io::Result<()> {
        self.write_after(0, out)
    }

    /// Writes all of it but the first bytes.
    pub(super) fn write_after(
        &self,
        skipped: usize,
        out: &mut (impl Write + ?Sized),
    ) -> io::Result<()> {
        let mut slices = Vec::new();
        let mut from = skipped;
        for (before, blocks) in &self.lists {
            slices.extend(self.text.get(from..*before).map(IoSlice::new));
            let mut lead = true;
            for run in blocks.json().into_iter().flatten() {
                let run = if std::mem::take(&mut lead) { run.get(1..) } else { Some(run) };
                slices.extend(run.map(|run| IoSlice::new(run.as_bytes())));
            }
            from = *before;
        }
        slices.extend(self.text.get(from..).map(IoSlice::new));
        let mut left = slices.as_mut_slice();
        IoSlice::advance_slices(&mut left, 0);
        while !left.is_empty() {
            match out.write_vectored(left) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => IoSlice::advance_slices(&mut left, written),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn raw(&mut self, json: &str) {
        self.text.extend_from_slice(json.as_bytes());
    }

    fn value(&mut self, name: &str, of: &impl Serialize) -> io::Result<()> {
        self.raw(name);
        value(&mut self.text, of)
    }

    fn text(&mut self, name: &str, text: &str) -> io::Result<()> {
        self.raw(name);
        self.string(text)
    }

    fn string(&mut self, text: &str) -> io::Result<()> {
        let plain = |byte: u8| (b' '..0x7f).contains(&byte) && byte != b'"' && byte != b'\\';
        if !text.bytes().all(plain) {
            return value(&mut self.text, text);
        }
        self.text.push(b'"');
        self.raw(text);
        self.text.push(b'"');
        Ok(())
    }

    fn texts(&mut self, name: &str, texts: &[String]) -> io::Result<()> {
        self.raw(name);
        self.text.push(b'[');
        for (at, text) in texts.iter().enumerate() {
            if at > 0 {
                self.text.push(b',');
            }
            self.string(text)?;
        }
        self.text.push(b']');
        Ok(())
    }

    fn blocks(&mut self, name: &str, blocks: Option<&Blocks>) -> io::Result<()> {
        let Some(blocks) = blocks else { return Ok(()) };
        let Some(runs) = blocks.json() else { return self.value(name, blocks) };
        self.raw(name);
        self.text.push(b'[');
        let (size, count) =
            runs.fold((0_usize, 0_usize), |(size, count), run| (size + run.len(), count + 1));
        if size > count.saturating_mul(Self::LONG) {
            self.lists.push((self.text.len(), blocks.clone()));
        } else {
            let start = self.text.len();
            for run in blocks.json().into_iter().flatten() {
                // The first comma of all has nothing before it.
                let lead = self.text.len() == start;
                self.raw(if lead { run.get(1..).unwrap_or_default() } else { run });
            }
        }
        self.text.push(b']');
        Ok(())
    }

    /// As many as a finding writes.
    fn first_blocks(&mut self, name: &str, blocks: &Blocks) -> io::Result<()> {
        self.raw(name);
        self.text.push(b'[');
        for (at, block) in blocks.iter().take(MOST_SOURCES).enumerate() {
            if at > 0 {
                self.text.push(b',');
            }
            self.string(block)?;
        }
        self.text.push(b']');
        Ok(())
    }

    fn causes(&mut self, name: &str, causes: &[Shared<Cause>]) {
        self.raw(name);
        self.text.push(b'[');
        for (at, cause) in causes.iter().enumerate() {
            if at > 0 {
                self.text.push(b',');
            }
            self.raw(cause.json(json));
        }
        self.text.push(b']');
    }

    fn open(&mut self, open: &Open) -> io::Result<()> {
        let Open {
            audience,
            breadth,
            protocol,
            ports,
            sources,
            destinations,
            source_groups,
            clients,
            client_ports,
            certainty,
            because,
            via,
            through,
        } = open;
        self.value(r#","audience":"#, audience)?;
        self.value(r#","breadth":"#, breadth)?;
        self.text(r#","protocol":"#, protocol)?;
        self.text(r#","ports":"#, ports)?;
        self.blocks(r#","sources":"#, sources.as_ref())?;
        self.blocks(r#","destinations":"#, destinations.as_ref())?;
        self.texts(r#","source_groups":"#, source_groups)?;
        self.value(r#","clients":"#, clients)?;
        self.text(r#","client_ports":"#, client_ports)?;
        self.value(r#","certainty":"#, certainty)?;
        self.causes(r#","because":"#, because);
        self.texts(r#","via":"#, via)?;
        self.value(r#","through":"#, through)?;
        self.text.push(b'}');
        Ok(())
    }
}

fn json(cause: &Cause) -> String {
    let mut json = Vec::new();
    // A buffer takes everything, and a cause has nothing that JSON lacks.
    let written = value(&mut json, cause);
    debug_assert!(written.is_ok(), "{cause:?}");
    String::from_utf8(json).unwrap_or_default()
}

impl Print for Port {
    fn print(&self, to: &mut Printed) -> io::Result<()> {
        let Self {
            format,
            interface,
            account,
            region,
            vpc,
            subnet,
            instance,
            name,
            addresses,
            public_addresses,
            services,
            open,
        } = self;
        to.text(r#"{"format":"#, format)?;
        to.text(r#","interface":"#, interface)?;
        to.text(r#","account":"#, account)?;
        to.text(r#","region":"#, region)?;
        to.text(r#","vpc":"#, vpc)?;
        to.text(r#","subnet":"#, subnet)?;
        to.text(r#","instance":"#, instance)?;
        to.text(r#","name":"#, name)?;
        to.texts(r#","addresses":"#, addresses)?;
        to.texts(r#","public_addresses":"#, public_addresses)?;
        to.value(r#","services":"#, services)?;
        to.open(open)
    }
}

impl Print for PortClass {
    fn print(&self, to: &mut Printed) -> io::Result<()> {
        let Self {
            format,
            interfaces,
            names,
            account,
            region,
            vpc,
            subnet,
            addresses,
            public_addresses,
            services,
            open,
        } = self;
        to.text(r#"{"format":"#, format)?;
        to.texts(r#","interfaces":"#, interfaces)?;
        to.texts(r#","names":"#, names)?;
        to.text(r#","account":"#, account)?;
        to.text(r#","region":"#, region)?;
        to.text(r#","vpc":"#, vpc)?;
        to.text(r#","subnet":"#, subnet)?;
        to.texts(r#","addresses":"#, addresses)?;
        to.texts(r#","public_addresses":"#, public_addresses)?;
        to.value(r#","services":"#, services)?;
        to.open(open)
    }
}

impl Print for Finding {
    fn print(&self, to: &mut Printed) -> io::Result<()> {
        let Self {
            format,
            code,
            title,
            severity,
            attached,
            about,
            direction,
            protocol,
            ports,
            audience,
            breadth,
            sources,
            sources_left_out,
            source_groups,
            who,
            clients,
            client_ports,
            certainty,
            witness,
            because,
            blocked_by,
            controls,
            why,
            fix,
            fingerprint,
            exception,
            beyond,
        } = self;
        to.text(r#"{"format":"#, format)?;
        to.text(r#","code":"#, code)?;
        to.text(r#","title":"#, title)?;
        to.value(r#","severity":"#, severity)?;
        to.value(r#","attached":"#, attached)?;
        to.value(r#","about":"#, about)?;
        to.text(r#","direction":"#, direction)?;
        to.text(r#","protocol":"#, protocol)?;
        to.text(r#","ports":"#, ports)?;
        to.value(r#","audience":"#, audience)?;
        to.value(r#","breadth":"#, breadth)?;
        to.first_blocks(r#","sources":"#, sources)?;
        to.value(r#","sources_left_out":"#, sources_left_out)?;
        to.texts(r#","source_groups":"#, source_groups)?;
        to.texts(r#","who":"#, who)?;
        to.value(r#","clients":"#, clients)?;
        to.text(r#","client_ports":"#, client_ports)?;
        to.value(r#","certainty":"#, certainty)?;
        to.value(r#","witness":"#, witness)?;
        to.causes(r#","because":"#, because);
        to.value(r#","blocked_by":"#, blocked_by)?;
        to.texts(r#","controls":"#, controls)?;
        to.text(r#","why":"#, why)?;
        to.text(r#","fix":"#, fix)?;
        to.text(r#","fingerprint":"#, fingerprint)?;
        to.value(r#","exception":"#, exception)?;
        to.value(r#","beyond":"#, beyond)?;
        to.text.push(b'}');
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use portolan::record::{Through, sources_left_out};

    use super::*;
    use crate::{json::line, samples};

    fn same<R: Print + Serialize>(records: &[R]) {
        let (mut by_serde, mut by_hand) = (Vec::new(), Vec::new());
        for record in records {
            line(&mut by_serde, record).unwrap();
        }
        Printed::lines(records).unwrap().write(&mut by_hand).unwrap();
        assert_eq!(String::from_utf8(by_hand), String::from_utf8(by_serde));
    }

    #[test]
    fn records_are_printed_as_serde_has_them() {
        let mut odd = samples::port();
        odd.name = "a\"\\\u{1b}\u{7f}\u{9b}\u{202e}\u{2069}日\n".into();
        odd.addresses = vec![odd.name.clone(), String::new()];
        odd.open.sources = None;
        odd.open.destinations = Some([odd.name.as_str(), "::/0"].into_iter().collect());
        odd.open.because = vec![Cause { of: odd.name.clone(), ..samples::cause() }.into(); 2];
        odd.open.through =
            Some(Through { load_balancer: "lb".into(), address: "1".into(), port: "2".into() });
        let mut closed = samples::port();
        closed.open.sources = Some(Blocks::default());
        closed.open.because = Vec::new();
        same(&[samples::port(), odd, closed]);
        same(&[samples::port_class()]);
        let mut odd = samples::beyond();
        odd.title = "a\"\\\u{1b}\u{7f}\u{9b}\u{202e}\u{2069}日\n".into();
        odd.about.name.clone_from(&odd.title);
        odd.controls = vec![odd.title.clone()].into();
        odd.witness = None;
        same(&[samples::finding(), samples::excepted(), odd]);
    }

    #[test]
    fn a_finding_writes_the_first_of_many_sources_and_how_many_more_there_are() {
        let mut long = samples::beyond();
        long.sources = (0..200_u32).map(|n| format!("10.0.0.{n}/32")).collect();
        long.sources_left_out = sources_left_out(&long.sources);
        long.beyond[0].sources = long.sources.clone();
        long.beyond[0].sources_left_out = long.sources_left_out;
        let mut text = Vec::new();
        Printed::lines(&[long.clone()]).unwrap().write(&mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        assert_eq!(text.matches(r#""10.0.0.99/32"],"sources_left_out":100,"#).count(), 2);
        assert!(!text.contains("10.0.0.100"));
        same(&[long]);
    }

    #[test]
    fn long_lists_are_written_where_they_stand() {
        let mut long = samples::port_class();
        let many: Blocks = (0..200_u32).map(|n| format!("10.0.0.{n}/32")).collect();
        long.open.sources = Some(many.clone());
        long.open.destinations = Some(many);
        let classes = [samples::port_class(), long.clone(), samples::port_class(), long];
        assert_eq!(Printed::lines(&classes).unwrap().lists.len(), 4);
        same(&classes);
    }
}
