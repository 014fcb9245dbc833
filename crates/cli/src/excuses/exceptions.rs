//! `portolan.exceptions.toml`: what may be as it is, exactly, and who says so.
//!
//! ```toml
//! [[exception]]
//! code = "administration-open-to-internet"
//! on = "name:bastion-*"
//! ports = "tcp/22"
//! from = ["203.0.113.0/24", "zone:partners"]
//! reason = "the suppliers' maintenance, until their VPN is there"
//! owner = "network team"
//! until = 2026-12-31
//! ```
//!
//! `from` is for what comes in and `to` for what goes out; a finding that is about
//! no packets (a group that nothing wears) is excepted without `ports`.

use std::fmt;
use std::ops::Range;
use std::path::Path;

use portolan::audit::{Exception, Packets, RULES};
use portolan::model::Direction;
use portolan::reach::place::{PortFilter, Selector, Zones};
use serde::de::{Deserializer, SeqAccess, Visitor};
use toml::Spanned;

use super::{Day, Source};
use crate::error::{Error, nearest};

const MEND: &str = "an exception is a table `[[exception]]` with code, on, ports and from or to, \
                    reason, owner and until (2026-12-31)";

#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    exception: Vec<Spanned<Entry>>,
}

#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    code: Spanned<String>,
    on: Spanned<String>,
    ports: Option<Spanned<Texts>>,
    from: Option<Spanned<Texts>>,
    to: Option<Spanned<Texts>>,
    reason: Spanned<String>,
    owner: Spanned<String>,
    until: Spanned<Day>,
}

/// One text, or a list of them.
#[derive(Debug)]
struct Texts(Vec<String>);

impl<'de> serde::Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Texts;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a list of texts")
            }

            fn visit_str<E>(self, text: &str) -> Result<Texts, E> {
                Ok(Texts(vec![text.to_owned()]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Texts, A::Error> {
                let mut texts = Vec::new();
                while let Some(text) = items.next_element()? {
                    texts.push(text);
                }
                Ok(Texts(texts))
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

/// Reads a file of exceptions, which may name zones.
pub(crate) fn read(path: &Path, zones: &Zones) -> Result<Vec<Exception>, Error> {
    let source = Source::open(path, MEND)?;
    Reader { source: &source, zones }.exceptions()
}

struct Reader<'a> {
    source: &'a Source,
    zones: &'a Zones,
}

impl Reader<'_> {
    fn exceptions(&self) -> Result<Vec<Exception>, Error> {
        let file: File = self.source.read()?;
        file.exception.iter().map(|entry| self.exception(entry)).collect()
    }

    fn exception(&self, entry: &Spanned<Entry>) -> Result<Exception, Error> {
        let (span, entry) = (entry.span(), entry.get_ref());
        let code = self.said("code", &entry.code)?;
        if !RULES.iter().any(|rule| rule.code == code) {
            let codes: Vec<&str> = RULES.iter().map(|rule| rule.code).collect();
            let mend = nearest(code, &codes).map_or_else(
                || "docs/findings.md lists the findings and their codes".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            let reason = format!("`{code}` is not the code of a finding");
            return Err(self.source.wrong_because(&entry.code.span(), reason, mend));
        }
        let on = self.said("on", &entry.on)?;
        let place = self.selector(&entry.on.span(), on)?;
        if matches!(place, Selector::Any | Selector::Internet) || on == "name:*" {
            let reason = format!("`{on}` is no particular thing");
            let mend = "an exception is for things that it names: `eni-…`, `i-…`, `sg-…`, \
                        `subnet-…`, `vpc-…`, `tag:Key=value`, `name:web-*`, an address";
            return Err(self.source.wrong_because(&entry.on.span(), reason, mend.to_owned()));
        }
        let (direction, packets) = self.packets(&span, entry)?;
        let until = *entry.until.get_ref();
        Ok(Exception {
            code: code.to_owned(),
            thing: on.to_owned(),
            place,
            direction,
            packets,
            reason: self.said("reason", &entry.reason)?.to_owned(),
            owner: self.said("owner", &entry.owner)?.to_owned(),
            until: until.text(),
            expired: until.is_over(),
            file: self.source.name.clone(),
            line: Some(self.source.line(&span)),
        })
    }

    /// A text that says something.
    fn said<'e>(&self, key: &str, text: &'e Spanned<String>) -> Result<&'e str, Error> {
        match text.get_ref().trim() {
            "" => Err(self.source.wrong(&text.span(), format!("`{key}` says nothing"))),
            said => Ok(said),
        }
    }

    fn packets(
        &self,
        span: &Range<usize>,
        entry: &Entry,
    ) -> Result<(Option<Direction>, Option<Packets>), Error> {
        let (direction, peers) = match (&entry.from, &entry.to) {
            (None, None) => (None, None),
            (Some(from), None) => (Some(Direction::Ingress), Some(from)),
            (None, Some(to)) => (Some(Direction::Egress), Some(to)),
            (Some(_), Some(to)) => {
                let reason = "`from` is for what comes in and `to` for what goes out: not both";
                return Err(self.source.wrong(&to.span(), reason.to_owned()));
            }
        };
        match (&entry.ports, peers) {
            (None, None) => Ok((None, None)),
            (Some(ports), Some(peers)) => {
                let port = |text: &String| {
                    PortFilter::filter(text)
                        .map_err(|error| self.source.wrong(&ports.span(), error.to_string()))
                };
                let peer = |text: &String| self.selector(&peers.span(), text);
                let packets = Packets {
                    ports: self.some("ports", ports)?.iter().map(port).collect::<Result<_, _>>()?,
                    sources: self
                        .some("peers", peers)?
                        .iter()
                        .map(peer)
                        .collect::<Result<_, _>>()?,
                };
                Ok((direction, Some(packets)))
            }
            (Some(_), None) => {
                let reason = "`ports` says which, and neither `from` nor `to` says with whom";
                Err(self.source.wrong(span, reason.to_owned()))
            }
            (None, Some(_)) => {
                let reason = "it says with whom, and no `ports` say which (`any` for all)";
                Err(self.source.wrong(span, reason.to_owned()))
            }
        }
    }

    fn some<'e>(&self, key: &str, texts: &'e Spanned<Texts>) -> Result<&'e [String], Error> {
        match texts.get_ref().0.as_slice() {
            [] => Err(self.source.wrong(&texts.span(), format!("the list of {key} is empty"))),
            texts => Ok(texts),
        }
    }

    fn selector(&self, span: &Range<usize>, text: &str) -> Result<Selector, Error> {
        let selector =
            Selector::parse(text).map_err(|error| self.source.wrong(span, error.to_string()))?;
        if let Selector::Zone(name) = &selector
            && !self.zones.zones.contains_key(name)
        {
            let reason = format!("no zone is called `{name}`");
            let mend = "zones stand under [zones] in portolan.toml".to_owned();
            return Err(self.source.wrong_because(span, reason, mend));
        }
        Ok(selector)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = "\n[[exception]]\ncode = \"database-open-to-internet\"\non = \"eni-1\"\n\
                         ports = \"tcp/5432\"\nfrom = [\"internet\"]\nreason = \"r\"\n\
                         owner = \"o\"\nuntil = 2999-12-31\n";

    fn exceptions(text: &str) -> Result<Vec<Exception>, Error> {
        let source = Source { name: "e.toml".to_owned(), text: text.to_owned(), mend: MEND };
        Reader { source: &source, zones: &Zones::default() }.exceptions()
    }

    #[test]
    fn an_exception_says_all_of_it() {
        let read = exceptions(WHOLE).unwrap();
        let [exception] = read.as_slice() else { panic!("one") };
        assert_eq!(exception.line, Some(2));
        assert_eq!(exception.direction, Some(Direction::Ingress));
        assert_eq!((exception.until.as_str(), exception.expired), ("2999-12-31", false));
        let packets = exception.packets.as_ref().unwrap();
        assert_eq!(packets.sources, [Selector::Internet]);
        assert!(exceptions("").unwrap().is_empty());
        let text = WHOLE.replace("2999-12-31", "\"2020-01-31\"");
        assert!(exceptions(&text).unwrap()[0].expired);
    }

    #[test]
    fn the_exceptions_of_the_manual_are_read() {
        let manual = include_str!("../../../../docs/audit.md");
        let (_, rest) = manual.split_once("```toml\n").unwrap();
        let (text, _) = rest.split_once("```").unwrap();
        let source = Source { name: "e.toml".to_owned(), text: text.to_owned(), mend: MEND };
        let mut zones = Zones::default();
        zones.zones.insert("partners".to_owned(), Vec::new());
        let read = Reader { source: &source, zones: &zones }.exceptions().unwrap();
        let packets: Vec<bool> = read.iter().map(|it| it.packets.is_some()).collect();
        assert_eq!(packets, [true, false]);
    }

    #[test]
    fn what_cannot_be_read_is_named_with_its_line() {
        let changes = [
            ("reason = \"r\"\n", "", "e.toml:2: missing field `reason`"),
            ("reason = \"r\"", "reason = \" \"", "e.toml:7: `reason` says nothing"),
            ("owner", "ownr", "e.toml:8: unknown field `ownr`"),
            ("tcp/5432", "tcp/x", "e.toml:5: `tcp/x` is no port"),
            ("ports = \"tcp/5432\"\n", "", "e.toml:2: it says with whom"),
            ("from = [\"internet\"]\n", "", "e.toml:2: `ports` says which"),
            ("[\"internet\"]", "[]", "e.toml:6: the list of peers is empty"),
            ("[\"internet\"]", "\"zone:x\"", "e.toml:6: no zone is called `x`"),
            ("[\"internet\"]", "\"10.0.0\"", "e.toml:6: `10.0.0` is no IP address"),
            ("from = [", "to = \"any\"\nfrom = [", "e.toml:6: `from` is for what comes in"),
            ("2999-12-31", "2999-02-30", "e.toml:9: "),
            ("2999-12-31", "12", "e.toml:9: `12` is no day"),
            ("\"eni-1\"", "\"any\"", "e.toml:4: `any` is no particular thing"),
            ("database-open", "databse-open", "e.toml:3: `databse-open-to-internet` is not"),
        ];
        for (from, to, expected) in changes {
            let text = WHOLE.replacen(from, to, 1);
            assert_ne!(text, WHOLE, "{from}");
            let error = exceptions(&text).unwrap_err();
            let said = error.to_string();
            assert!(said.starts_with(expected), "{said}");
            assert!(error.hint().is_some_and(|hint| !hint.is_empty()), "{said}");
        }
    }
}
