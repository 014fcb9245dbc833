//! What earlier runs of the same size measured, kept in the cache directory.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// One run.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub(super) struct Results {
    /// Of the generator: other estates are other figures.
    pub(super) generator: u32,
    pub(super) interfaces: u32,
    /// Of the estate that is one VPC.
    pub(super) one_vpc: u32,
    pub(super) seed: u64,
    /// As the estate's name says it.
    pub(super) shape: String,
    pub(super) cores: usize,
    /// Seconds since 1970.
    pub(super) at: u64,
    /// Of the tree, with `+` if it was changed since.
    pub(super) commit: Option<String>,
    /// By row.
    pub(super) figures: BTreeMap<String, f64>,
}

impl Results {
    /// Whether the figures of the two can be compared.
    fn like(&self, other: &Self) -> bool {
        let of = |it: &Self| {
            (it.generator, it.interfaces, it.one_vpc, it.seed, it.shape.clone(), it.cores)
        };
        of(self) == of(other)
    }

    /// The latest run before that can be compared with this one.
    pub(super) fn before(&self, dir: &Path) -> Option<Self> {
        let read = |path: PathBuf| serde_json::from_slice::<Self>(&fs::read(path).ok()?).ok();
        let files = fs::read_dir(dir).ok()?.filter_map(|entry| Some(entry.ok()?.path()));
        files.filter_map(read).filter(|known| self.like(known)).max_by_key(|known| known.at)
    }

    /// Keeps this run.
    pub(super) fn keep(&self, dir: &Path) -> Result<PathBuf, Box<dyn Error>> {
        fs::create_dir_all(dir)?;
        let name = format!("{}-{}{}-{}.json", self.interfaces, self.seed, self.shape, self.at);
        let path = dir.join(name);
        fs::write(&path, serde_json::to_vec_pretty(self)?)?;
        Ok(path)
    }
}

/// Now, in seconds since 1970.
pub(super) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// The commit of the tree, if it is one of git.
pub(super) fn commit(tree: &Path) -> Option<String> {
    let git = |arguments: &[&str]| {
        let output = Command::new("git").args(arguments).current_dir(tree).output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        output.status.success().then(|| text.trim().to_owned())
    };
    let changed = git(&["status", "--porcelain", "--untracked-files=no"])?;
    let mark = if changed.is_empty() { "" } else { "+" };
    Some(format!("{}{mark}", git(&["rev-parse", "--short", "HEAD"])?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_run_of_the_same_size_is_found() {
        let dir = std::env::temp_dir().join(format!("portolan-results-{}", std::process::id()));
        let run = |interfaces, at| Results { interfaces, at, ..Results::default() };
        assert_eq!(run(10, 5).before(&dir), None);
        for one in [run(10, 1), run(10, 2), run(99, 3)] {
            one.keep(&dir).unwrap();
        }
        let before = run(10, 5).before(&dir);
        fs::remove_dir_all(&dir).unwrap();
        assert_eq!(before, Some(run(10, 2)));
    }
}
