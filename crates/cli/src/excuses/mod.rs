//! What may be as it is, for a while: the files of exceptions and baselines.
//!
//! Both are named on the command line and never looked for: they change the exit
//! code, and a folder of answers may come from a stranger and bring one along.
//! What they allow is decided in the core; here they are read, with the line of
//! everything that can't be understood, and today's date is known.

pub(crate) mod baseline;
pub(crate) mod exceptions;

use std::ops::Range;
use std::path::Path;

use jiff::civil::Date;
use serde::de::{DeserializeOwned, Deserializer, Error as _};

use crate::error::Error;

/// Today, in UTC: the same everywhere.
fn today() -> Date {
    jiff::tz::Offset::UTC.to_datetime(jiff::Timestamp::now()).date()
}

/// A day as it was written: the last one on which something is allowed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Day(Date);

impl Day {
    /// Reads `2026-12-31`.
    fn parse(text: &str) -> Result<Self, String> {
        let whole = (text.len() == 10).then(|| text.parse::<Date>().ok()).flatten();
        whole.map(Self).ok_or_else(|| format!("`{text}` is no day such as 2026-12-31"))
    }

    /// Reads the last day of what is allowed from now on.
    pub(crate) fn to_come(text: &str) -> Result<Self, Error> {
        let day = Self::parse(text).map_err(Error::Until)?;
        if day.is_over() {
            return Err(Error::Until(format!("{text} is over already")));
        }
        Ok(day)
    }

    /// Whether it is over.
    fn is_over(self) -> bool {
        self.0 < today()
    }

    /// `2026-12-31`.
    pub(crate) fn text(self) -> String {
        self.0.to_string()
    }
}

impl<'de> serde::Deserialize<'de> for Day {
    /// A date of TOML, or the same as a text.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = match toml::Value::deserialize(deserializer)? {
            toml::Value::String(text) => text,
            toml::Value::Datetime(day) => day.to_string(),
            other @ (toml::Value::Integer(_)
            | toml::Value::Float(_)
            | toml::Value::Boolean(_)
            | toml::Value::Array(_)
            | toml::Value::Table(_)) => {
                return Err(D::Error::custom(format!("`{other}` is no day")));
            }
        };
        Self::parse(&text).map_err(D::Error::custom)
    }
}

/// A TOML file, and where things stand in it.
struct Source {
    name: String,
    text: String,
    /// What such a file looks like, for errors.
    mend: &'static str,
}

impl Source {
    fn open(path: &Path, mend: &'static str) -> Result<Self, Error> {
        let text = std::fs::read_to_string(path).map_err(|error| Error::File {
            path: path.to_owned(),
            done: "read",
            error,
        })?;
        Ok(Self { name: path.display().to_string(), text, mend })
    }

    fn read<T: DeserializeOwned>(&self) -> Result<T, Error> {
        toml::from_str(&self.text).map_err(|error| {
            let reason = error.message().trim_end_matches('\n').replace('\n', ", ");
            self.wrong(&error.span().unwrap_or_default(), reason)
        })
    }

    fn line(&self, span: &Range<usize>) -> u64 {
        let before = self.text.get(..span.start).unwrap_or_default();
        u64::try_from(before.matches('\n').count()).unwrap_or(u64::MAX).saturating_add(1)
    }

    fn wrong(&self, span: &Range<usize>, reason: String) -> Error {
        self.wrong_because(span, reason, self.mend.to_owned())
    }

    fn wrong_because(&self, span: &Range<usize>, reason: String, mend: String) -> Error {
        Error::Excuses { file: self.name.clone(), line: self.line(span), reason, mend }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_a_day_and_nothing_else() {
        assert_eq!(Day::parse("2026-12-31").unwrap().text(), "2026-12-31");
        for no_day in ["2026-02-30", "20261231", "2026-12-31T00:00", "tomorrow", ""] {
            assert!(Day::parse(no_day).is_err(), "{no_day}");
        }
    }

    #[test]
    fn the_last_day_is_not_over() {
        let yesterday = today().yesterday().unwrap().to_string();
        assert!(Day::to_come(&yesterday).is_err());
        assert!(Day::to_come(&today().to_string()).is_ok());
    }
}
