//! Files of what answers: scans and lists of listening sockets.
//!
//! Strict about what decides (addresses, ports, states), since a port that is
//! overlooked would be taken for one that nobody saw; what is beside that is left
//! alone. Nothing in a file makes the reader open another: documents with entities are
//! refused.

mod listeners;
mod masscan;
mod nmap;

use std::io::Read;
use std::path::Path;

use portolan::observed::{Listener, Scan};

use crate::error::{LoadError, count};

/// A scan of a large estate has some hundreds of MB.
const MOST_BYTES: u64 = 1 << 30;

/// Why a file of observations could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ObservedError {
    /// The bytes could not be read.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// They are not what was said that they are.
    #[error("`{file}`, line {line}: {reason}")]
    Content {
        /// The file.
        file: String,
        /// The line, from 1.
        line: u64,
        /// What is wrong there.
        reason: String,
        /// What to do about it.
        hint: &'static str,
    },
}

impl ObservedError {
    /// What to do about it, where we know.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Load(error) => error.hint(),
            Self::Content { hint, .. } => Some(hint),
        }
    }
}

/// What kind of file it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ScanFormat {
    /// `nmap -oX`.
    NmapXml,
    /// `masscan -oJ`, `-oD`.
    MasscanJson,
}

/// Reads a scan that another program made.
///
/// # Errors
///
/// If the file can't be read, is another kind of file, or says something of a host or
/// a port that can't be understood.
pub fn load_scan(path: &Path, format: ScanFormat) -> Result<Scan, ObservedError> {
    read_scan(&path.display().to_string(), &bytes_of(path)?, format)
}

/// Reads the bytes of a scan; `file` is what messages call it.
///
/// ```
/// use portolan::observed::PortState;
/// use portolan_ingest::{ScanFormat, read_scan};
///
/// let xml = br#"<nmaprun scanner="nmap" version="7.93"><host><status state="up"/>
///   <address addr="192.0.2.1" addrtype="ipv4"/><ports>
///   <port protocol="tcp" portid="22"><state state="open" reason="syn-ack"/></port>
/// </ports></host></nmaprun>"#;
/// let scan = read_scan("scan.xml", xml, ScanFormat::NmapXml)?;
/// assert_eq!(scan.observations[0].state, PortState::Open);
/// # Ok::<(), portolan_ingest::ObservedError>(())
/// ```
///
/// # Errors
///
/// As [`load_scan`].
pub fn read_scan(file: &str, bytes: &[u8], format: ScanFormat) -> Result<Scan, ObservedError> {
    let text = text_of(file, bytes)?;
    match format {
        ScanFormat::NmapXml => nmap::read(file, text),
        ScanFormat::MasscanJson => masscan::read(file, text),
    }
}

/// Reads the listening sockets of a host: what `ss -Htuln` prints, or the JSON of
/// osquery's table `listening_ports`.
///
/// # Errors
///
/// If the file can't be read or is something else.
pub fn load_listeners(path: &Path) -> Result<Vec<Listener>, ObservedError> {
    read_listeners(&path.display().to_string(), &bytes_of(path)?)
}

/// Reads the bytes of a list of listening sockets.
///
/// # Errors
///
/// As [`load_listeners`].
pub fn read_listeners(file: &str, bytes: &[u8]) -> Result<Vec<Listener>, ObservedError> {
    listeners::read(file, text_of(file, bytes)?)
}

fn bytes_of(path: &Path) -> Result<Vec<u8>, LoadError> {
    let unread = |source| LoadError::Read { path: path.to_owned(), source };
    let file = std::fs::File::open(path).map_err(unread)?;
    let mut bytes = Vec::new();
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(unread)?;
    Ok(bytes)
}

fn text_of<'t>(file: &str, bytes: &'t [u8]) -> Result<&'t str, LoadError> {
    if count(bytes.len()) > MOST_BYTES {
        return Err(LoadError::TooLarge { file: file.to_owned(), limit: MOST_BYTES });
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|error| LoadError::NotUtf8 {
        file: file.to_owned(),
        byte: count(error.valid_up_to()),
        utf16: bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]),
    })
}

/// The line of a byte.
fn line_of(text: &str, offset: usize) -> u64 {
    let before = text.as_bytes().get(..offset).unwrap_or(text.as_bytes());
    count(memchr::memchr_iter(b'\n', before).count()) + 1
}
