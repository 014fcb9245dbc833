//! AWS's `ip-ranges.json`: which addresses are whose service's, where
//! (<https://docs.aws.amazon.com/vpc/latest/userguide/aws-ip-ranges.html>).
//!
//! Strict about what decides (blocks, services, regions), since a range that is
//! overlooked would be taken for somebody else's; fields that are not known are left
//! alone, as AWS adds some from time to time.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use portolan::net::Cidr;
use portolan::who::{AwsPrefix, AwsRanges};
use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde_json::error::Category;

use crate::error::{LoadError, Syntax, count};

/// AWS's file has about 2 MB.
const MOST_BYTES: u64 = 64 << 20;

/// Why `ip-ranges.json` could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IpRangesError {
    /// The bytes could not be read, or are no JSON.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// It is JSON, and says something else than `ip-ranges.json`.
    #[error("`{file}`, line {line}, column {column}: {reason}")]
    Content {
        /// The file.
        file: String,
        /// The line, from 1.
        line: u64,
        /// The column in bytes, from 1.
        column: u64,
        /// What is wrong there.
        reason: String,
    },
}

impl IpRangesError {
    /// What to do about it, where we know.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Load(LoadError::Json { .. }) | Self::Content { .. } => Some(
                "give the file that AWS publishes: `curl -O https://ip-ranges.amazonaws.com/ip-ranges.json`",
            ),
            Self::Load(error) => error.hint(),
        }
    }
}

/// Reads AWS's `ip-ranges.json`.
///
/// # Errors
///
/// If the file can't be read, is another file, or has an entry whose block, service or
/// region can't be read.
pub fn load_ip_ranges(path: &Path) -> Result<AwsRanges, IpRangesError> {
    let unread = |source| LoadError::Read { path: path.to_owned(), source };
    let file = std::fs::File::open(path).map_err(unread)?;
    let mut bytes = Vec::new();
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(unread)?;
    read_ip_ranges(&path.display().to_string(), &bytes)
}

/// Reads the text of AWS's `ip-ranges.json`; `file` is what messages call it.
///
/// ```
/// let text = br#"{
///     "syncToken": "1793534400", "createDate": "2026-11-01-12-00-00",
///     "prefixes": [{"ip_prefix": "192.0.2.0/24", "region": "eu-west-1", "service": "EC2"}],
///     "ipv6_prefixes": []
/// }"#;
/// let ranges = portolan_ingest::read_ip_ranges("ip-ranges.json", text)?;
/// assert_eq!(&*ranges.prefixes[0].region, "eu-west-1");
/// # Ok::<(), portolan_ingest::IpRangesError>(())
/// ```
///
/// # Errors
///
/// As [`load_ip_ranges`].
pub fn read_ip_ranges(file: &str, bytes: &[u8]) -> Result<AwsRanges, IpRangesError> {
    if count(bytes.len()) > MOST_BYTES {
        return Err(LoadError::TooLarge { file: file.to_owned(), limit: MOST_BYTES }.into());
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| LoadError::NotUtf8 {
        file: file.to_owned(),
        byte: count(error.valid_up_to()),
        utf16: bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]),
    })?;
    let document: Document<'_> =
        serde_json::from_str(text).map_err(|error| failure(&error, file, text))?;
    let mut words: BTreeSet<Arc<str>> = BTreeSet::new();
    let mut shared = |word: &str| {
        let known = words.get(word).cloned();
        known.unwrap_or_else(|| {
            let word: Arc<str> = word.into();
            words.insert(Arc::clone(&word));
            word
        })
    };
    let v4 = document.prefixes.into_iter().map(|it| (it.ip_prefix.0, it.service, it.region));
    let v6 = document.ipv6_prefixes.into_iter().map(|it| (it.ipv6_prefix.0, it.service, it.region));
    let prefixes = v4.chain(v6).map(|(block, service, region)| AwsPrefix {
        block,
        service: shared(&service.0),
        region: shared(&region.0),
    });
    let prefixes = prefixes.collect();
    Ok(AwsRanges { created: document.created.0.into_owned(), prefixes })
}

fn failure(error: &serde_json::Error, file: &str, text: &str) -> IpRangesError {
    match error.classify() {
        Category::Syntax | Category::Eof => Syntax::of(error, text, 0).in_file(file, text).into(),
        Category::Data | Category::Io => {
            let message = error.to_string();
            let reason = message.rsplit_once(" at line ").map_or(&*message, |(reason, _)| reason);
            IpRangesError::Content {
                file: file.to_owned(),
                line: count(error.line()),
                column: count(error.column()),
                reason: reason.to_owned(),
            }
        }
    }
}

#[derive(serde::Deserialize)]
#[serde(expecting = "an object with `prefixes`")]
struct Document<'a> {
    #[serde(rename = "createDate", borrow)]
    created: Word<'a>,
    #[serde(borrow)]
    prefixes: Vec<PrefixV4<'a>>,
    #[serde(borrow)]
    ipv6_prefixes: Vec<PrefixV6<'a>>,
}

#[derive(serde::Deserialize)]
#[serde(expecting = "an object with a block, a service and a region")]
struct PrefixV4<'a> {
    ip_prefix: Block<true>,
    #[serde(borrow)]
    service: Word<'a>,
    #[serde(borrow)]
    region: Word<'a>,
}

#[derive(serde::Deserialize)]
#[serde(expecting = "an object with a block, a service and a region")]
struct PrefixV6<'a> {
    ipv6_prefix: Block<false>,
    #[serde(borrow)]
    service: Word<'a>,
    #[serde(borrow)]
    region: Word<'a>,
}

/// A word that is there.
struct Word<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Word<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Words;
        impl<'de> Visitor<'de> for Words {
            type Value = Cow<'de, str>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a word")
            }
            fn visit_borrowed_str<E>(self, word: &'de str) -> Result<Cow<'de, str>, E> {
                Ok(Cow::Borrowed(word))
            }
            fn visit_str<E>(self, word: &str) -> Result<Cow<'de, str>, E> {
                Ok(Cow::Owned(word.to_owned()))
            }
        }
        let word = deserializer.deserialize_str(Words)?;
        if word.is_empty() {
            return Err(D::Error::custom("expected a word, found an empty text"));
        }
        Ok(Self(word))
    }
}

/// A block of IPv4 (`true`) or IPv6.
struct Block<const V4: bool>(Cidr);

impl<'de, const V4: bool> Deserialize<'de> for Block<V4> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Word::deserialize(deserializer)?.0;
        let (block, has_host_bits) = Cidr::parse(&text).map_err(D::Error::custom)?;
        let family = if V4 { "IPv4" } else { "IPv6" };
        if block.is_v4() != V4 {
            return Err(D::Error::custom(format!("`{text}` is no {family} block")));
        }
        if has_host_bits {
            return Err(D::Error::custom(format!("`{text}` has bits behind its prefix length")));
        }
        Ok(Self(block))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REALISTIC: &str = include_str!("../tests/ip_ranges/ip-ranges.json");

    fn read(text: &str) -> Result<AwsRanges, IpRangesError> {
        read_ip_ranges("ip-ranges.json", text.as_bytes())
    }

    #[test]
    fn blocks_services_and_regions_are_read_and_the_rest_is_left_alone() {
        let ranges = read(REALISTIC).unwrap();
        assert_eq!(ranges.created, "2026-11-01-12-00-00");
        let lines: Vec<String> = ranges
            .prefixes
            .iter()
            .map(|it| format!("{} {} {}", it.block, it.service, it.region))
            .collect();
        expect_test::expect![[r#"
            3.80.0.0/12 AMAZON us-east-1
            18.200.0.0/16 AMAZON eu-west-1
            3.80.0.0/12 EC2 us-east-1
            18.200.0.0/16 EC2 eu-west-1
            18.202.216.48/29 EC2_INSTANCE_CONNECT eu-west-1
            13.32.0.0/15 CLOUDFRONT GLOBAL
            2600:1f18::/33 AMAZON us-east-1
            2600:1f18::/33 EC2 us-east-1"#]]
        .assert_eq(&lines.join("\n"));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        let changed = |from: &str, to: &str| {
            assert!(REALISTIC.contains(from), "{from}");
            let error = read(&REALISTIC.replacen(from, to, 1)).unwrap_err();
            assert!(error.hint().unwrap().contains("ip-ranges.amazonaws.com"));
            error.to_string()
        };
        let errors = [
            changed("\"3.80.0.0/12\"", "\"3.80.0.0/33\""),
            changed("\"3.80.0.0/12\"", "\"3.80.0.1/12\""),
            changed("\"3.80.0.0/12\"", "\"2600:1f18::/33\""),
            changed("\"3.80.0.0/12\"", "380"),
            changed("\"region\": \"us-east-1\",", ""),
            changed("\"AMAZON\"", "\"\""),
            changed("\"prefixes\": [", "\"prefix\": ["),
            changed("\"ipv6_prefixes\"", "\"ipv6\""),
            changed("\"createDate\"", "\"date\""),
            changed("],", "]"),
        ];
        expect_test::expect![[r#"
            `ip-ranges.json`, line 6, column 32: the prefix length 33 of `3.80.0.0/33` is more than its address has bits
            `ip-ranges.json`, line 6, column 32: `3.80.0.1/12` has bits behind its prefix length
            `ip-ranges.json`, line 6, column 35: `2600:1f18::/33` is no IPv4 block
            `ip-ranges.json`, line 6, column 22: invalid type: integer `380`, expected a word
            `ip-ranges.json`, line 10, column 5: missing field `region`
            `ip-ranges.json`, line 8, column 19: expected a word, found an empty text
            `ip-ranges.json`, line 56, column 1: missing field `prefixes`
            `ip-ranges.json`, line 56, column 1: missing field `ipv6_prefixes`
            `ip-ranges.json`, line 56, column 1: missing field `createDate`
            `ip-ranges.json`, line 42, column 3: expected `,` or `}`, found `"`"#]].assert_eq(&errors.join("\n"));
    }

    #[test]
    fn other_bytes_are_refused() {
        let error = |bytes: &[u8]| read_ip_ranges("x.json", bytes).unwrap_err().to_string();
        expect_test::expect![[r#"
            `x.json`, line 1, column 1: expected a value, found the end of the file
            `x.json`, line 1, column 2: invalid length 0, expected an object with `prefixes`
            `x.json`, line 1, column 1: expected a value, found `<`
            `x.json`: byte 0 is not UTF-8"#]]
        .assert_eq(&[error(b""), error(b"[]"), error(b"<html>"), error(b"\xff\xfe{")].join("\n"));
        assert!(
            read_ip_ranges("x.json", &[b"\xef\xbb\xbf", REALISTIC.as_bytes()].concat()).is_ok()
        );
    }

    #[test]
    fn an_absent_file_is_named() {
        let error = load_ip_ranges(Path::new("no/such/ip-ranges.json")).unwrap_err();
        assert!(error.to_string().starts_with("can't read `no/such/ip-ranges.json`"));
    }

    #[test]
    fn a_real_edition_is_read() {
        let Some(data) = std::env::var_os("PORTOLAN_TEST_DATA") else {
            eprintln!("skipped: PORTOLAN_TEST_DATA is not set");
            return;
        };
        let path = Path::new(&data).join("A5-aws-ip-ranges/ip-ranges.json");
        let ranges = load_ip_ranges(&path).unwrap();
        let v4 = ranges.prefixes.iter().filter(|prefix| prefix.block.is_v4()).count();
        assert_eq!((v4, ranges.prefixes.len()), (6735, 6735 + 1360));
    }
}
