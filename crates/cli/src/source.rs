//! SOURCE: where an estate is read from.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Where an estate is read from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Source {
    /// A file or folder.
    Path(PathBuf),
    /// `-`.
    Stdin,
}

/// A source that exists in the design and not yet in the program.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum SourceError {
    #[error(
        "reading the live API is not there yet: `portolan snapshot --script` collects a folder to read (a folder that is called `aws` is `./aws`)"
    )]
    Live,
    #[error(
        "stored snapshots are not there yet: name a folder or file (one that is called `{0}` is `./{0}`)"
    )]
    Store(String),
    #[error("the source is empty: name a folder, a file, or `-`")]
    Empty,
}

impl Source {
    /// Reads the argument, for clap.
    pub(crate) fn parse(text: OsString) -> Result<Self, SourceError> {
        match text.to_str() {
            Some("") => Err(SourceError::Empty),
            Some("-") => Ok(Self::Stdin),
            Some("aws") => Err(SourceError::Live),
            Some(store) if store.starts_with('@') => Err(SourceError::Store(store.to_owned())),
            Some(_) | None => Ok(Self::Path(text.into())),
        }
    }

    /// The source as it was given, for messages and commands to paste.
    pub(crate) fn given(&self) -> String {
        match self {
            Self::Path(path) => path.display().to_string(),
            Self::Stdin => "-".to_owned(),
        }
    }

    /// The path, if it is one.
    pub(crate) fn path(&self) -> Option<&Path> {
        match self {
            Self::Path(path) => Some(path),
            Self::Stdin => None,
        }
    }
}

/// The value parser of SOURCE.
pub(crate) fn parser() -> impl clap::builder::TypedValueParser<Value = Source> {
    use clap::builder::{OsStringValueParser, TypedValueParser};
    OsStringValueParser::new().try_map(Source::parse)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_called_like_a_keyword_can_be_named() {
        assert_eq!(Source::parse("aws".into()), Err(SourceError::Live));
        assert_eq!(Source::parse("./aws".into()), Ok(Source::Path("./aws".into())));
        assert!(matches!(Source::parse("@latest".into()), Err(SourceError::Store(_))));
        assert_eq!(Source::parse("-".into()), Ok(Source::Stdin));
    }
}
