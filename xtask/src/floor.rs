//! What it costs merely to read an estate: the floor that the command is measured against.
//!
//! Every `.json` file is read whole and its JSON checked with `serde_json`'s
//! `IgnoredAny`, which builds nothing, on as many threads as the machine has.

use std::error::Error;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde::de::IgnoredAny;

use crate::Outcome;

/// What reading an estate took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Floor {
    /// Files read.
    pub(crate) files: usize,
    /// Bytes read.
    pub(crate) bytes: u64,
    /// Wall time.
    pub(crate) wall: Duration,
    /// Threads used.
    pub(crate) threads: usize,
}

/// Prints bytes, seconds and speed as one line.
pub(crate) fn run(dir: &Path) -> Outcome {
    let floor = measure(dir)?;
    let seconds = floor.wall.as_secs_f64();
    println!(
        "floor: {} files, {} bytes, {seconds:.3} s, {:.2} GB/s, {} threads",
        floor.files,
        floor.bytes,
        gigabytes(floor.bytes) / seconds.max(1e-9),
        floor.threads,
    );
    Ok(true)
}

/// Reads and validates every `.json` file below `dir`.
pub(crate) fn measure(dir: &Path) -> Result<Floor, Box<dyn Error>> {
    let mut files = json_files(dir)?;
    // The biggest first, so that no thread begins the longest one last.
    files.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let next = AtomicUsize::new(0);

    let started = Instant::now();
    thread::scope(|scope| {
        let workers: Vec<_> =
            (0..threads).map(|_| scope.spawn(|| validate_from(&files, &next))).collect();
        workers.into_iter().try_for_each(|worker| worker.join().map_err(|_| "a reader died")?)
    })?;
    let wall = started.elapsed();

    let bytes = files.iter().map(|(size, _)| size).sum();
    Ok(Floor { files: files.len(), bytes, wall, threads })
}

/// One thread's work: takes the next file until none is left, into one reused buffer.
fn validate_from(files: &[(u64, PathBuf)], next: &AtomicUsize) -> Result<(), String> {
    let mut buffer = Vec::new();
    while let Some((_, path)) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
        let failed = |error: &dyn Error| format!("{}: {error}", path.display());
        buffer.clear();
        let mut file = File::open(path).map_err(|error| failed(&error))?;
        file.read_to_end(&mut buffer).map_err(|error| failed(&error))?;
        serde_json::from_slice::<IgnoredAny>(&buffer).map_err(|error| failed(&error))?;
    }
    Ok(())
}

/// Every `.json` file below `dir` with its size.
pub(crate) fn json_files(dir: &Path) -> io::Result<Vec<(u64, PathBuf)>> {
    let mut found = Vec::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            let path = entry.path();
            if entry.file_type()?.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "json") {
                found.push((entry.metadata()?.len(), path));
            }
        }
    }
    Ok(found)
}

/// Bytes as gigabytes, for people.
#[expect(
    clippy::as_conversions,
    reason = "a count of bytes below 2^53, printed with two digits; there is no From for it"
)]
pub(crate) fn gigabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e9
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_not_json_is_named() {
        let dir = std::env::temp_dir().join(format!("portolan-floor-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        fs::write(dir.join("Vpcs.json"), "{\"Vpcs\":[]}").unwrap();
        assert_eq!(measure(&dir).unwrap().files, 1);

        fs::write(dir.join("Broken.json"), "{\"Vpcs\":").unwrap();
        let error = measure(&dir).unwrap_err().to_string();
        fs::remove_dir_all(&dir).unwrap();
        assert!(error.contains("Broken.json"), "{error}");
    }
}
