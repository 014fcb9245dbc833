//! Settings: flag, then `PORTOLAN_*`, then `portolan.toml` found upward, then the
//! user's file, then the default.
//!
//! `portolan.toml` is looked for from the source's folder upward, then from the
//! working directory upward; the first file of each that is found counts. What
//! would change an exit code or keep a limitation silent can't be set in a file,
//! since a folder of answers may come from a stranger and bring one along.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::ValueEnum;

use crate::args::{Color, Format};
use crate::command::ports::Sources;
use crate::error::Error;

const FILE: &str = "portolan.toml";

/// One configuration file.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
struct File {
    format: Option<Word<Format>>,
    color: Option<Word<Color>>,
    sources: Option<Word<Sources>>,
    ip_ranges: Option<PathBuf>,
    zones: BTreeMap<String, Vec<String>>,
}

/// A value that is written as the command line writes it.
#[derive(Clone, Copy, Debug)]
struct Word<T>(T);

impl<'de, T: ValueEnum> serde::Deserialize<'de> for Word<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = <String as serde::Deserialize>::deserialize(deserializer)?;
        T::from_str(&word, false).map(Self).map_err(|_| {
            serde::de::Error::custom(format!("`{word}` is not one of {}", allowed::<T>()))
        })
    }
}

/// What the files and the environment say.
#[derive(Clone, Debug, Default)]
pub(crate) struct Config {
    pub(crate) format: Option<Format>,
    pub(crate) color: Option<Color>,
    pub(crate) sources: Option<Sources>,
    pub(crate) quiet: Option<bool>,
    pub(crate) accept: Vec<String>,
    /// Where AWS's `ip-ranges.json` is.
    pub(crate) ip_ranges: Option<PathBuf>,
    /// The selectors of each zone.
    pub(crate) zones: BTreeMap<String, Vec<String>>,
}

impl Config {
    /// Reads the environment and all files, for a source at a path.
    pub(crate) fn read(source: Option<&Path>) -> Result<Self, Error> {
        let mut config = Self {
            format: variable("PORTOLAN_FORMAT")?,
            color: variable("PORTOLAN_COLOR")?,
            sources: variable("PORTOLAN_SOURCES")?,
            quiet: switch("PORTOLAN_QUIET")?,
            accept: text("PORTOLAN_ACCEPT")
                .map(|codes| codes.split(',').map(str::to_owned).collect())
                .unwrap_or_default(),
            ip_ranges: text("PORTOLAN_IP_RANGES").map(PathBuf::from),
            zones: BTreeMap::new(),
        };
        for path in files(source) {
            let mut file = read(&path)?;
            // A path in a file starts where the file is.
            let folder = path.parent().unwrap_or(Path::new(""));
            file.ip_ranges = file.ip_ranges.map(|it| folder.join(it));
            config.add(file);
        }
        Ok(config)
    }

    /// Adds what has not been said by something that goes before.
    fn add(&mut self, file: File) {
        self.format = self.format.or(file.format.map(|word| word.0));
        self.color = self.color.or(file.color.map(|word| word.0));
        self.sources = self.sources.or(file.sources.map(|word| word.0));
        self.ip_ranges = self.ip_ranges.take().or(file.ip_ranges);
        for (name, selectors) in file.zones {
            self.zones.entry(name).or_insert(selectors);
        }
    }
}

/// The files that exist, those that go before others first.
fn files(source: Option<&Path>) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = Vec::new();
    let starts = [source.map(Path::to_owned), std::env::current_dir().ok()];
    for start in starts.into_iter().flatten() {
        let start = std::fs::canonicalize(&start).unwrap_or(start);
        let file = start.ancestors().map(|folder| folder.join(FILE)).find(|file| file.is_file());
        found.extend(file);
    }
    found.extend(user_file().filter(|file| file.is_file()));
    let mut different = Vec::new();
    for file in found {
        if !different.contains(&file) {
            different.push(file);
        }
    }
    different
}

fn user_file() -> Option<PathBuf> {
    let absolute = |name| std::env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute());
    let folder = absolute("XDG_CONFIG_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".config")))?;
    Some(folder.join("portolan").join(FILE))
}

fn read(path: &Path) -> Result<File, Error> {
    let text = std::fs::read_to_string(path).map_err(|error| Error::File {
        path: path.to_owned(),
        done: "read",
        error,
    })?;
    parse(&text).map_err(|(line, reason)| Error::Config {
        file: path.display().to_string(),
        line,
        reason,
    })
}

fn parse(text: &str) -> Result<File, (usize, String)> {
    toml::from_str(text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        (line, error.message().trim_end_matches('\n').replace('\n', ", "))
    })
}

fn text(name: &str) -> Option<String> {
    let value = std::env::var_os(name)?;
    let value = value.to_string_lossy().into_owned();
    (!value.is_empty()).then_some(value)
}

fn variable<T: ValueEnum>(name: &'static str) -> Result<Option<T>, Error> {
    let Some(value) = text(name) else { return Ok(None) };
    T::from_str(&value, false).map(Some).map_err(|_| Error::Variable {
        name,
        value,
        allowed: allowed::<T>(),
    })
}

fn switch(name: &'static str) -> Result<Option<bool>, Error> {
    match text(name) {
        None => Ok(None),
        Some(value) => match value.as_str() {
            "1" | "true" => Ok(Some(true)),
            "0" | "false" => Ok(Some(false)),
            _ => Err(Error::Variable { name, value, allowed: "true, false".to_owned() }),
        },
    }
}

fn allowed<T: ValueEnum>() -> String {
    let names: Vec<String> = T::value_variants()
        .iter()
        .filter_map(|variant| Some(variant.to_possible_value()?.get_name().to_owned()))
        .collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_and_defaults_are_read() {
        let file = parse(
            "format = \"jsonl\"\nip_ranges = \"a.json\"\n[zones]\noffice = [\"203.0.113.0/24\"]\n",
        )
        .unwrap();
        assert_eq!(file.format.unwrap().0, Format::Jsonl);
        assert_eq!(file.ip_ranges.unwrap(), Path::new("a.json"));
        assert_eq!(file.zones["office"], ["203.0.113.0/24"]);
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line() {
        let (line, reason) = parse("format = \"human\"\n\nformatt = 1\n").unwrap_err();
        assert_eq!(line, 3);
        assert!(reason.contains("formatt"), "{reason}");
    }

    #[test]
    fn an_unknown_value_is_named_with_its_line() {
        let (line, reason) = parse("# ours\ncolor = \"blue\"\n").unwrap_err();
        assert_eq!((line, reason.as_str()), (2, "`blue` is not one of auto, always, never"));
    }

    #[test]
    fn what_goes_before_stays() {
        let mut config = Config { format: Some(Format::Csv), ..Config::default() };
        config.add(
            parse("color = \"never\"\nformat = \"json\"\n[zones]\na = [\"10.0.0.1\"]").unwrap(),
        );
        config.add(parse("color = \"always\"\n[zones]\na = [\"10.0.0.2\"]\nb = []").unwrap());
        assert_eq!(config.format, Some(Format::Csv));
        assert_eq!(config.color, Some(Color::Never));
        assert_eq!(config.zones["a"], ["10.0.0.1"]);
        assert!(config.zones.contains_key("b"));
    }
}
