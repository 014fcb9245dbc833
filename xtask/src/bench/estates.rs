//! The estates that are measured, generated once and kept in the cache directory.

use std::error::Error;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use nix::sys::statvfs::statvfs;

use super::table::float;
use crate::floor;
use crate::generate::{self, Counts, GenerateArgs, Shape};

/// An estate on disk, its files in memory.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) dir: PathBuf,
    pub(super) counts: Counts,
    pub(super) bytes: u64,
}

/// Where estates are kept.
#[derive(Clone, Debug)]
pub(super) struct Estates {
    pub(super) cache: PathBuf,
    pub(super) seed: u64,
}

impl Estates {
    /// The estate of this size and shape, generated unless it is there; why not, if
    /// the disk is too small for it.
    pub(super) fn of(
        &self,
        interfaces: u32,
        shape: Shape,
    ) -> Result<Result<Kept, String>, Box<dyn Error>> {
        let name = format!("v{}-{interfaces}-{}{}", generate::VERSION, self.seed, shape.name());
        let dir = self.cache.join(&name);
        if !dir.is_dir() {
            fs::create_dir_all(&self.cache)?;
            let needed = bytes_of(interfaces, shape);
            let free = free_bytes(&self.cache)?;
            if free < needed {
                let gigabytes = |bytes| float(bytes) / 1e9;
                let (needed, free) = (gigabytes(needed), gigabytes(free));
                return Ok(Err(format!("needs {needed:.1} GB of disk, {free:.1} GB are free")));
            }
            self.generate(interfaces, shape, &dir, &name)?;
        }
        let counts = generate::beside(&dir)?;
        warm(&dir)?;
        let bytes = floor::json_files(&dir)?.iter().map(|(size, _)| size).sum();
        Ok(Ok(Kept { dir, counts, bytes }))
    }

    fn generate(
        &self,
        interfaces: u32,
        shape: Shape,
        finished: &Path,
        name: &str,
    ) -> Result<(), Box<dyn Error>> {
        let growing = self.cache.join(format!("{name}.part"));
        if growing.exists() {
            fs::remove_dir_all(&growing)?;
        }
        let out = growing.clone();
        generate::run(&GenerateArgs { interfaces, seed: self.seed, out, shape })?;
        fs::rename(generate::counts_path(&growing), generate::counts_path(finished))?;
        Ok(fs::rename(&growing, finished)?)
    }
}

/// What an estate of this size takes on disk, with room to spare.
fn bytes_of(interfaces: u32, shape: Shape) -> u64 {
    let each = if shape.indented { 7_500 } else { 3_300 };
    u64::from(interfaces) * each + (64 << 20)
}

fn free_bytes(dir: &Path) -> Result<u64, Box<dyn Error>> {
    let disk = statvfs(dir)?;
    Ok(disk.blocks_available().saturating_mul(disk.fragment_size()))
}

/// Reads everything once, so that all contestants find the files in memory.
fn warm(dir: &Path) -> io::Result<()> {
    for (_, path) in floor::json_files(dir)? {
        io::copy(&mut File::open(path)?, &mut io::sink())?;
    }
    Ok(())
}
