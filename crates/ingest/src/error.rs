//! What can go wrong with bytes. What a listing *says* never fails to load:
//! that becomes a limitation or a warning of the network.

use std::path::PathBuf;

/// Why a source could not be loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The operating system would not let us read it.
    #[error("can't read `{}`: {source}", path.display())]
    Read {
        /// The file or directory.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The file is not JSON.
    #[error("`{file}`, line {line}, column {column}: expected {expected}, found {found}")]
    Json {
        /// The file.
        file: String,
        /// The line, from 1.
        line: u64,
        /// The column in bytes, from 1.
        column: u64,
        /// What should stand there.
        expected: String,
        /// What stands there.
        found: String,
    },
    /// The file is not text.
    #[error("`{file}`: byte {byte} is not UTF-8")]
    NotUtf8 {
        /// The file.
        file: String,
        /// Bytes before the first that is wrong.
        byte: u64,
        /// It begins as UTF-16 does.
        utf16: bool,
    },
    /// The gzip stream is damaged.
    #[error("can't decompress `{file}`: {source}")]
    Gzip {
        /// The file.
        file: String,
        /// Why not.
        source: std::io::Error,
    },
    /// The file is larger than allowed.
    #[error("`{file}` is larger than {limit} bytes")]
    TooLarge {
        /// The file.
        file: String,
        /// [`LoadOptions::max_file_bytes`](crate::LoadOptions::max_file_bytes).
        limit: u64,
    },
    /// The file decompresses to suspiciously much.
    #[error("`{file}` decompresses to more than {ratio} times its size")]
    Bomb {
        /// The file.
        file: String,
        /// The limit.
        ratio: u64,
    },
    /// Folders in folders in folders.
    #[error("`{}` lies more than {limit} folders deep", path.display())]
    TooDeep {
        /// The folder.
        path: PathBuf,
        /// [`LoadOptions::max_depth`](crate::LoadOptions::max_depth).
        limit: usize,
    },
    /// Nothing to load.
    #[error("no describe-* listing in {sources} ({left_alone} other files)")]
    NoListing {
        /// What was given.
        sources: String,
        /// How many files were there and left alone.
        left_alone: u64,
    },
}

impl LoadError {
    /// What to do about it, where we know.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Read { .. } | Self::Gzip { .. } => None,
            Self::Json { .. } => Some(
                "save the whole reply of the aws command as JSON (`--output json`), or move the file away",
            ),
            Self::NotUtf8 { utf16: true, .. } => {
                Some("the file looks like UTF-16, as PowerShell's `>` writes: save it as UTF-8")
            }
            Self::NotUtf8 { .. } => Some("save the file as UTF-8"),
            Self::TooLarge { .. } | Self::Bomb { .. } => {
                Some("if the file is what you expect, split it or raise the limit")
            }
            Self::TooDeep { .. } => Some("name the folder that holds the listings"),
            Self::NoListing { .. } => Some(
                "a listing is what `aws ec2 describe-security-groups --output json` prints, in a .json or .json.gz file",
            ),
        }
    }
}

/// Where a text stops being JSON.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Syntax {
    /// Bytes from the start of the text.
    pub(crate) offset: usize,
    pub(crate) expected: String,
}

impl Syntax {
    /// What is expected where brackets stand in too many others.
    pub(crate) const DEEP: &str = "at most 128 levels";

    pub(crate) fn new(offset: usize, expected: impl Into<String>) -> Self {
        Self { offset, expected: expected.into() }
    }

    /// The error of `serde_json` for `text[start..]`.
    pub(crate) fn of(error: &serde_json::Error, text: &str, start: usize) -> Self {
        let rest = text.as_bytes().get(start..).unwrap_or_default();
        let mut line_start = 0;
        for _ in 1..error.line().max(1) {
            let line = rest.get(line_start..).unwrap_or_default();
            line_start += memchr::memchr(b'\n', line).map_or(line.len(), |end| end + 1);
        }
        // At column 0 it is the line break before the line.
        let mut offset = (start + line_start + error.column()).saturating_sub(1);
        let message = error.to_string();
        let message = message.rsplit_once(" at line ").map_or(&*message, |(message, _)| message);
        if message.starts_with("EOF") {
            offset = text.len();
        }
        let expected = match message {
            "EOF while parsing an object" => "`,` or `}`",
            "EOF while parsing a list" => "`,` or `]`",
            "EOF while parsing a string" => "the `\"` that ends the string",
            "EOF while parsing a value" | "expected value" | "expected ident" => "a value",
            "trailing comma" => "another one after the comma",
            "key must be a string" => "a key in double quotes",
            "invalid escape" => "an escape of JSON",
            "invalid number" => "a number of JSON",
            "recursion limit exceeded" => Self::DEEP,
            message if message.starts_with("control character") => {
                "an escape: control characters do not stand in strings"
            }
            message if message.starts_with("duplicate field") => {
                return Self::new(
                    offset,
                    format!("{} once", message.trim_start_matches("duplicate field ")),
                );
            }
            message => message.trim_start_matches("expected "),
        };
        Self::new(offset.min(text.len()), expected)
    }

    /// The error as the user sees it.
    pub(crate) fn in_file(self, file: &str, text: &str) -> LoadError {
        let before = text.as_bytes().get(..self.offset).unwrap_or(text.as_bytes());
        let line_start = memchr::memrchr(b'\n', before).map_or(0, |end| end + 1);
        let found = text
            .get(self.offset..)
            .map_or(Some('\u{fffd}'), |rest| rest.chars().next())
            .map_or_else(
                || "the end of the file".to_owned(),
                |found| match found {
                    '"' | '\'' => format!("`{found}`"),
                    _ => format!("`{}`", found.escape_debug()),
                },
            );
        LoadError::Json {
            file: file.to_owned(),
            line: count(memchr::memchr_iter(b'\n', before).count()) + 1,
            column: count(before.len() - line_start) + 1,
            expected: self.expected,
            found,
        }
    }
}

/// A count as it is reported.
pub(crate) fn count(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
