//! `examples/harbour-clean`: the example estate with its mistakes mended.
//!
//! It is written from `examples/harbour`, so that the two can't drift apart: what
//! is added to one is in the other, and a mend that meets nothing is an error.

mod estate;
mod json;
mod mends;

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::Path;

use crate::Outcome;
use estate::Estate;

const SOURCE: &str = "examples/harbour/111122223333/eu-west-1";
const TWIN: &str = "examples/harbour-clean/111122223333/eu-west-1";

/// Writes the listings of the twin, or with `check` says whether they are up to date.
pub(crate) fn run(root: &Path, check: bool) -> Outcome {
    let fresh = twin(root)?;
    let folder = root.join(TWIN);
    let stale = stale(&folder, &fresh);
    if stale.is_empty() {
        println!("twin: {TWIN} is up to date");
        return Ok(true);
    }
    if check {
        eprintln!(
            "twin: stale in {TWIN}: {}; write it anew with `cargo xtask twin`",
            stale.join(", ")
        );
        return Ok(false);
    }
    fs::create_dir_all(&folder)?;
    for name in &stale {
        match fresh.get(name) {
            Some(text) => fs::write(folder.join(name), text)?,
            None => fs::remove_file(folder.join(name))?,
        }
    }
    println!("twin: wrote {}", stale.join(", "));
    Ok(true)
}

/// The files of the twin.
fn twin(root: &Path) -> Result<BTreeMap<String, String>, Box<dyn Error>> {
    let mut estate = Estate::read(&root.join(SOURCE))?;
    mends::all(&mut estate)?;
    estate.texts()
}

/// The files that differ from what they should be, or should not be there.
fn stale(folder: &Path, fresh: &BTreeMap<String, String>) -> Vec<String> {
    let there = fs::read_dir(folder).into_iter().flatten().filter_map(|entry| {
        let name = entry.ok()?.file_name().into_string().ok()?;
        (!fresh.contains_key(&name)).then_some(name)
    });
    let differs = |(name, text): &(&String, &String)| {
        fs::read_to_string(folder.join(name)).ok().as_ref() != Some(*text)
    };
    fresh.iter().filter(differs).map(|(name, _)| name.clone()).chain(there).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree;

    #[test]
    fn the_source_is_written_as_it_was_read() {
        let folder = tree().join(SOURCE);
        let texts = Estate::read(&folder).unwrap().texts().unwrap();
        assert_eq!(stale(&folder, &texts), [""; 0]);
    }

    #[test]
    fn the_twin_in_the_tree_is_up_to_date() {
        assert_eq!(stale(&tree().join(TWIN), &twin(&tree()).unwrap()), [""; 0]);
    }
}
