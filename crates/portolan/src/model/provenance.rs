//! Where a fact came from: 12 bytes a resource, found again on demand.

/// One of the files that a network was read from.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct FileId(pub u32);

/// Where a resource stands: the file, and the byte at which it begins there.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Place {
    /// The file.
    pub file: FileId,
    offset: [u32; 2],
}

impl Place {
    /// The place at `offset` bytes from the start of `file`.
    #[must_use]
    pub fn new(file: FileId, offset: u64) -> Self {
        let high = u32::try_from(offset >> 32).unwrap_or(u32::MAX);
        let low = u32::try_from(offset & u64::from(u32::MAX)).unwrap_or(u32::MAX);
        Self { file, offset: [high, low] }
    }

    /// Bytes from the start of the (decompressed) file.
    #[must_use]
    pub fn offset(self) -> u64 {
        let [high, low] = self.offset;
        u64::from(high) << 32 | u64::from(low)
    }
}

/// A place as people read it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Located {
    /// `SecurityGroups.json#/SecurityGroups/12`.
    pub at: String,
    /// The file's path.
    pub file: String,
    /// The line, counted from 1; `None` if the file has no lines of its own
    /// (a compact dump) or can't be read again.
    pub line: Option<u64>,
}

/// Finds places again. Implemented by whoever holds the files: the core does no I/O.
pub trait Locate {
    /// Where `place` is.
    fn locate(&self, place: Place) -> Located;

    /// Where a part of the resource at `place` is, by its JSON pointer from
    /// there (`/IpPermissions/3`). Without a way to look inside, the line is
    /// the resource's.
    fn locate_part(&self, place: Place, pointer: &str) -> Located {
        let mut located = self.locate(place);
        if !located.at.is_empty() {
            located.at.push_str(pointer);
        }
        located
    }
}

impl Locate for () {
    fn locate(&self, _: Place) -> Located {
        Located::default()
    }
}
