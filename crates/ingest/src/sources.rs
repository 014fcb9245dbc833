//! The files of a network, and places in them found again when somebody asks.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use portolan::model::{FileId, Locate, Located, Place};
use serde_json::value::RawValue;

use crate::document::{self, Outline};
use crate::error::count;
use crate::files::{self, File, Origin};

/// The files that a network was read from.
///
/// Facts keep only the file and the byte; the way to them and the line are read
/// from the file again, once a file, when they are asked for.
#[derive(Debug, Default)]
pub struct Sources {
    files: Vec<File>,
    indexes: Mutex<BTreeMap<FileId, Option<Arc<Index>>>>,
    /// Lines found before: a rule is told in thousands of records.
    lines: Mutex<BTreeMap<(Place, String), u64>>,
}

/// Where the listings and elements of a file begin, ascending.
#[derive(Debug)]
struct Index {
    spots: Vec<Spot>,
    /// The file again, if it has lines: in a compact file every line is the first.
    text: Option<String>,
}

#[derive(Debug)]
struct Spot {
    offset: u64,
    line: u64,
    /// `None`: the listing itself.
    element: Option<u64>,
    pointer: Arc<str>,
}

impl Sources {
    pub(crate) fn new(files: Vec<File>) -> Self {
        Self { files, indexes: Mutex::default(), lines: Mutex::default() }
    }

    /// How many files there are, those that were left alone not counted.
    #[must_use]
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The files with their sizes in bytes as they lie there.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &str, u64)> {
        self.files.iter().enumerate().map(|(number, file)| {
            (FileId(u32::try_from(number).unwrap_or(u32::MAX)), &*file.name, file.size)
        })
    }

    /// A file's name relative to its root.
    #[must_use]
    pub fn name(&self, file: FileId) -> Option<&str> {
        self.file(file).map(|file| &*file.name)
    }

    /// A file's path; `None` if it came from memory.
    #[must_use]
    pub fn path(&self, file: FileId) -> Option<&Path> {
        match &self.file(file)?.origin {
            Origin::Disk(path) => Some(path),
            Origin::Memory(_) => None,
        }
    }

    fn file(&self, file: FileId) -> Option<&File> {
        self.files.get(usize::try_from(file.0).ok()?)
    }

    fn index(&self, id: FileId) -> Option<Arc<Index>> {
        let mut indexes = self.indexes.lock().unwrap_or_else(PoisonError::into_inner);
        let file = self.file(id)?;
        indexes.entry(id).or_insert_with(|| index(file).map(Arc::new)).clone()
    }
}

impl Sources {
    /// Where a place is, and where `pointer` leads from there.
    fn find(&self, place: Place, pointer: &str) -> Located {
        let Some(file) = self.file(place.file) else { return Located::default() };
        let shown = match &file.origin {
            Origin::Disk(path) => path.to_string_lossy().into_owned(),
            Origin::Memory(_) => file.name.clone(),
        };
        let plain = Located { at: file.name.clone(), file: shown, line: None };
        let Some(index) = self.index(place.file) else { return plain };
        let after = index.spots.partition_point(|spot| spot.offset <= place.offset());
        let Some(spot) = after.checked_sub(1).and_then(|last| index.spots.get(last)) else {
            return plain;
        };
        let element = spot.element.map(|element| format!("/{element}")).unwrap_or_default();
        let further = index.text.as_ref().map(|text| {
            let lines = || self.lines.lock().unwrap_or_else(PoisonError::into_inner);
            let key = (place, pointer.to_owned());
            if let Some(&known) = lines().get(&key) {
                return known;
            }
            let found = lines_to(text, spot.offset, pointer);
            lines().insert(key, found);
            found
        });
        Located {
            at: format!("{}#{}{element}{pointer}", file.name, spot.pointer),
            line: further.map(|further| spot.line + further),
            ..plain
        }
    }
}

impl Locate for Sources {
    fn locate(&self, place: Place) -> Located {
        self.find(place, "")
    }

    fn locate_part(&self, place: Place, pointer: &str) -> Located {
        self.find(place, pointer)
    }
}

/// How many lines below the element at `offset` the value that a pointer of
/// names and numbers leads to begins; 0 if it leads nowhere.
fn lines_to(text: &str, offset: u64, pointer: &str) -> u64 {
    let Some(element) = usize::try_from(offset).ok().and_then(|start| text.get(start..)) else {
        return 0;
    };
    if pointer.is_empty() {
        return 0;
    }
    let mut values = serde_json::Deserializer::from_str(element).into_iter::<&RawValue>();
    let Some(Ok(whole)) = values.next() else { return 0 };
    let mut at = whole;
    for step in pointer.split('/').skip(1) {
        let inside = match step.parse::<usize>() {
            Ok(number) => serde_json::from_str::<Vec<&RawValue>>(at.get())
                .ok()
                .and_then(|items| items.get(number).copied()),
            Err(_) => {
                serde_json::from_str::<BTreeMap<std::borrow::Cow<'_, str>, &RawValue>>(at.get())
                    .ok()
                    .and_then(|fields| fields.get(step).copied())
            }
        };
        let Some(inside) = inside else { return 0 };
        at = inside;
    }
    // The values are slices of the element's text.
    let before = at.get().as_ptr().addr().saturating_sub(element.as_ptr().addr());
    let between = element.as_bytes().get(..before).unwrap_or_default();
    count(memchr::memchr_iter(b'\n', between).count())
}

fn index(file: &File) -> Option<Index> {
    let mut bytes = Vec::new();
    files::bytes(file, u64::MAX, &mut bytes).ok()?;
    let text = files::text(file, &mut bytes).ok()?;
    let Outline { spots } = document::outline(text.text, text.start).ok()?;
    let mut index = Vec::with_capacity(spots.len());
    let (mut line, mut counted) = (1, 0);
    for spot in spots {
        let between = bytes.get(counted..spot.offset).unwrap_or_default();
        line += count(memchr::memchr_iter(b'\n', between).count());
        counted = spot.offset.max(counted);
        index.push(Spot {
            offset: count(spot.offset),
            line,
            element: spot.element,
            pointer: spot.pointer,
        });
    }
    let has_lines = memchr::memchr(b'\n', bytes.trim_ascii_end()).is_some();
    Some(Index { spots: index, text: has_lines.then(|| String::from_utf8(bytes).ok()).flatten() })
}
