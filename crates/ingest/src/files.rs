//! Finds files and reads them: walking, caps, gzip, text.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::LoadOptions;
use crate::error::{LoadError, count};

/// Where a file's bytes are.
#[derive(Clone, Debug)]
pub(crate) enum Origin {
    Disk(PathBuf),
    Memory(Arc<[u8]>),
}

/// A file that may be a listing.
#[derive(Clone, Debug)]
pub(crate) struct File {
    /// As it is shown: relative to the root.
    pub(crate) name: String,
    /// The folder with what is known above the root: `accounts/123456789012/us-east-1`.
    pub(crate) place: String,
    /// Tells folders of different roots apart.
    pub(crate) root: usize,
    pub(crate) origin: Origin,
    /// Bytes on disk.
    pub(crate) size: u64,
    /// Whether a listing of interfaces was seen in its folder, which files share.
    pub(crate) interfaces: Arc<AtomicBool>,
}

/// Lets files of the same folder know of each other.
pub(crate) fn share_folders(files: &mut [File]) {
    let mut folders: BTreeMap<(usize, String), Arc<AtomicBool>> = BTreeMap::new();
    for file in files {
        let folder = folders.entry((file.root, file.place.clone())).or_default();
        file.interfaces = Arc::clone(folder);
    }
}

impl File {
    /// Whether the file, decompressed, is likely to be longer than that.
    pub(crate) fn is_larger_than(&self, window: usize) -> bool {
        let is_gzip = match &self.origin {
            Origin::Disk(path) => {
                path.extension().is_some_and(|end| end.eq_ignore_ascii_case("gz"))
            }
            Origin::Memory(bytes) => bytes.starts_with(&[0x1f, 0x8b]),
        };
        let ratio = if is_gzip { USUAL_RATIO } else { 1 };
        self.size.saturating_mul(ratio) > count(window)
    }
}

/// What a walk found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) files: Vec<File>,
    pub(crate) left_alone: u64,
}

/// How much is read of a file, and how much of it at once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) file_bytes: u64,
    pub(crate) window_bytes: usize,
}

/// Whether a file of a directory is looked into.
pub(crate) fn is_candidate(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower.ends_with(".json")
        || lower.ends_with(".json.gz")
        || crate::detect::is_named_after_balancing(name)
}

/// Finds the files of a root: a directory of any depth, or a single file.
pub(crate) fn find(
    root: &Path,
    number: usize,
    several: bool,
    options: &LoadOptions<'_>,
    found: &mut Found,
) -> Result<(), LoadError> {
    let read = |source| LoadError::Read { path: root.to_owned(), source };
    let metadata = fs::metadata(root).map_err(read)?;
    // The names above the root may say region and account: `portolan ports us-east-1`.
    let real = fs::canonicalize(root).map_err(read)?;
    let folder = if metadata.is_dir() { Some(&*real) } else { real.parent() };
    let mut above: Vec<String> = folder
        .into_iter()
        .flat_map(Path::ancestors)
        .take(3)
        .filter_map(|folder| folder.file_name())
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    above.reverse();
    let place = above.join("/");
    if metadata.is_dir() {
        let prefix = if several { slashed(root) } else { String::new() };
        let walk = Walk { root: &real, number, options };
        return walk.directory(root, &prefix, &place, 0, found);
    }
    let name = if several { slashed(root) } else { last_name(root) };
    found.files.push(File {
        name,
        place,
        root: number,
        origin: Origin::Disk(root.to_owned()),
        size: metadata.len(),
        interfaces: Arc::default(),
    });
    Ok(())
}

fn slashed(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/").trim_end_matches('/').to_owned()
}

fn last_name(path: &Path) -> String {
    path.file_name().map_or_else(|| slashed(path), |name| name.to_string_lossy().into_owned())
}

struct Walk<'w> {
    root: &'w Path,
    number: usize,
    options: &'w LoadOptions<'w>,
}

impl Walk<'_> {
    fn directory(
        &self,
        directory: &Path,
        prefix: &str,
        place: &str,
        depth: usize,
        found: &mut Found,
    ) -> Result<(), LoadError> {
        if depth > self.options.max_depth {
            return Err(LoadError::TooDeep {
                path: directory.to_owned(),
                limit: self.options.max_depth,
            });
        }
        let read = |source| LoadError::Read { path: directory.to_owned(), source };
        let mut entries: Vec<(String, PathBuf)> = Vec::new();
        for entry in fs::read_dir(directory).map_err(read)? {
            let entry = entry.map_err(read)?;
            entries.push((entry.file_name().to_string_lossy().into_owned(), entry.path()));
        }
        // In the order of names, so that every run reads the same.
        entries.sort();
        for (name, path) in entries {
            let read = |source| LoadError::Read { path: path.clone(), source };
            let shown = if prefix.is_empty() { name.clone() } else { format!("{prefix}/{name}") };
            let own = fs::symlink_metadata(&path).map_err(read)?;
            // A link may lead to a file of this root, never out of it, and to no folder.
            let metadata = if own.is_symlink() {
                let inside = fs::canonicalize(&path).is_ok_and(|real| real.starts_with(self.root));
                match fs::metadata(&path) {
                    Ok(metadata) if inside && metadata.is_file() => metadata,
                    _ => {
                        found.left_alone += 1;
                        continue;
                    }
                }
            } else {
                own
            };
            if metadata.is_dir() {
                // `.git`, `.terraform`: nobody keeps listings there.
                if !name.starts_with('.') {
                    let place = format!("{place}/{name}");
                    self.directory(&path, &shown, &place, depth + 1, found)?;
                }
            } else if metadata.is_file() && is_candidate(&shown) {
                found.files.push(File {
                    name: shown,
                    place: place.to_owned(),
                    root: self.number,
                    origin: Origin::Disk(path),
                    size: metadata.len(),
                    interfaces: Arc::default(),
                });
            } else {
                found.left_alone += 1;
            }
        }
        Ok(())
    }
}

/// The (decompressed) bytes of a file, put into `bytes`.
pub(crate) fn bytes(file: &File, limit: u64, bytes: &mut Vec<u8>) -> Result<(), LoadError> {
    bytes.clear();
    // What is not a plain file (a pipe) has no length to believe.
    bytes.reserve(usize::try_from(file.size.min(limit)).unwrap_or(0));
    open(file, limit)?.read(usize::MAX, bytes).map(|_| ())
}

/// A file that is being read, and decompressed if it begins as gzip does.
pub(crate) struct Reading<'f> {
    file: &'f File,
    from: Box<dyn Read + Send + 'f>,
    is_gzip: bool,
    /// The most bytes that it may give, and how many it gave.
    cap: u64,
    given: u64,
    limit: u64,
}

/// Begins to read a file.
pub(crate) fn open(file: &File, limit: u64) -> Result<Reading<'_>, LoadError> {
    let mut raw: Box<dyn Read + Send> = match &file.origin {
        Origin::Disk(path) => {
            let read = |source| LoadError::Read { path: path.clone(), source };
            Box::new(fs::File::open(path).map_err(read)?)
        }
        Origin::Memory(bytes) => Box::new(&**bytes),
    };
    let mut first = Vec::new();
    (&mut raw).take(2).read_to_end(&mut first).map_err(|source| unreadable(file, source))?;
    let is_gzip = first == [0x1f, 0x8b];
    let raw = std::io::Cursor::new(first).chain(raw);
    if !is_gzip {
        return Ok(Reading { file, from: Box::new(raw), is_gzip, cap: limit, given: 0, limit });
    }
    let by_ratio = file.size.saturating_mul(MAX_RATIO).max(FREE_BYTES);
    let raw = std::io::BufReader::with_capacity(GZIP_BUFFER, raw);
    let from = Box::new(flate2::bufread::MultiGzDecoder::new(raw));
    Ok(Reading { file, from, is_gzip, cap: limit.min(by_ratio), given: 0, limit })
}

fn unreadable(file: &File, source: std::io::Error) -> LoadError {
    let path = match &file.origin {
        Origin::Disk(path) => path.clone(),
        Origin::Memory(_) => PathBuf::from(&file.name),
    };
    LoadError::Read { path, source }
}

impl Reading<'_> {
    /// Reads up to `length` bytes more behind those in `into`; fewer: the file ends.
    pub(crate) fn read(&mut self, length: usize, into: &mut Vec<u8>) -> Result<usize, LoadError> {
        // One byte more than allowed, to see that it is too much.
        let rest = (self.cap - self.given).saturating_add(1);
        let read = (&mut self.from).take(rest.min(count(length))).read_to_end(into);
        let read = read.map_err(|source| match self.is_gzip {
            true => LoadError::Gzip { file: self.file.name.clone(), source },
            false => unreadable(self.file, source),
        })?;
        self.given = self.given.saturating_add(count(read));
        if self.given <= self.cap {
            return Ok(read);
        }
        let file = self.file.name.clone();
        Err(if self.cap == self.limit {
            LoadError::TooLarge { file, limit: self.limit }
        } else {
            LoadError::Bomb { file, ratio: MAX_RATIO }
        })
    }
}

/// Compressed bytes are read in pieces of this length.
const GZIP_BUFFER: usize = 256 << 10;
/// Listings compress to a tenth or a fiftieth; deflate can do a thousandth.
const MAX_RATIO: u64 = 500;
/// What is likely.
const USUAL_RATIO: u64 = 4;
/// Below this nobody is harmed.
const FREE_BYTES: u64 = 64 << 20;

/// A file's text.
#[derive(Debug)]
pub(crate) struct Text<'b> {
    pub(crate) text: &'b str,
    /// Where it starts: behind the byte order mark.
    pub(crate) start: usize,
    /// How many escapes that are no character were replaced by U+FFFD.
    pub(crate) repaired: u64,
}

/// The bytes as text.
pub(crate) fn text<'b>(file: &File, bytes: &'b mut [u8]) -> Result<Text<'b>, LoadError> {
    let start = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let repaired = replace_lone_surrogates(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(Text { text, start, repaired }),
        Err(error) => Err(LoadError::NotUtf8 {
            file: file.name.clone(),
            byte: count(error.valid_up_to()),
            utf16: bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]),
        }),
    }
}

/// `\ud800` alone is no character, though Python writes it: U+FFFD instead.
/// It has the same length, so that nothing moves.
fn replace_lone_surrogates(bytes: &mut [u8]) -> u64 {
    let mut replaced = 0;
    let mut from = 0;
    while let Some(found) = bytes.get(from..).and_then(|rest| memchr::memmem::find(rest, b"\\u")) {
        let at = from + found;
        // A backslash that is itself escaped begins no escape.
        let before = bytes.get(..at).unwrap_or_default();
        let backslashes = before.iter().rev().take_while(|&&byte| byte == b'\\').count();
        if backslashes % 2 == 1 {
            from = at + 2;
            continue;
        }
        let high = unit(bytes, at).is_some_and(|unit| (0xd800..0xdc00).contains(&unit));
        let low = unit(bytes, at).is_some_and(|unit| (0xdc00..0xe000).contains(&unit));
        let paired = unit(bytes, at + 6).is_some_and(|unit| (0xdc00..0xe000).contains(&unit));
        if high && paired {
            from = at + 12;
            continue;
        }
        if (high || low)
            && let Some(digits) = bytes.get_mut(at + 2..at + 6)
        {
            digits.copy_from_slice(b"fffd");
            replaced += 1;
        }
        from = at + 2;
    }
    replaced
}

/// The code unit of the escape `\uXXXX` at `at`.
fn unit(bytes: &[u8], at: usize) -> Option<u32> {
    let digits = bytes.get(at..at + 6)?.strip_prefix(b"\\u")?;
    let digits = std::str::from_utf8(digits).ok()?;
    u32::from_str_radix(digits, 16).ok()
}
