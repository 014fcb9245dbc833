//! Which crate may depend on which: faces, acts, ingest, core, in one direction.
//!
//! A crate of the workspace stands on one layer and may use any layer below it,
//! in its tests and build script too. Within the faces three edges are allowed.

use std::collections::BTreeSet;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use super::Problem;
use super::rust::CrateRoot;

/// What a crate is, from the bottom up.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Layer {
    /// Pure: sets, the model, reachability.
    Core,
    /// Untrusted bytes into the model.
    Ingest,
    /// A side effect on the world.
    Act,
    /// Shown to people.
    Face,
    /// The project's own tasks.
    Task,
}

/// Every crate with its layer.
const LAYERS: [(&str, Layer); 11] = [
    ("portolan", Layer::Core),
    ("portolan-ingest", Layer::Ingest),
    ("portolan-aws", Layer::Act),
    ("portolan-store", Layer::Act),
    ("portolan-logs", Layer::Act),
    ("portolan-scan", Layer::Act),
    ("portolan-lab", Layer::Act),
    ("portolan-report", Layer::Face),
    ("portolan-web", Layer::Face),
    ("portolan-cli", Layer::Face),
    ("xtask", Layer::Task),
];

/// The edges within the faces.
const BETWEEN_FACES: [(&str, &str); 3] = [
    ("portolan-cli", "portolan-web"),
    ("portolan-cli", "portolan-report"),
    ("portolan-web", "portolan-report"),
];

/// What `cargo metadata --no-deps` says, as far as it matters here.
#[derive(Debug, Deserialize)]
pub(super) struct Metadata {
    packages: Vec<Package>,
}

#[derive(Debug, Deserialize)]
struct Package {
    name: String,
    dependencies: Vec<Dependency>,
    targets: Vec<Target>,
}

#[derive(Debug, Deserialize)]
struct Dependency {
    name: String,
    /// `null` for a normal dependency, else `dev` or `build`.
    kind: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Target {
    kind: Vec<String>,
    src_path: PathBuf,
}

impl Metadata {
    /// The roots of all libraries and binaries.
    pub(super) fn crate_roots(&self, root: &Path) -> Vec<CrateRoot> {
        let roots = |package: &Package| -> Vec<CrateRoot> {
            let of_crate = package
                .targets
                .iter()
                .filter(|target| target.kind.iter().any(|kind| kind == "lib" || kind == "bin"));
            of_crate
                .map(|target| target.src_path.strip_prefix(root).unwrap_or(&target.src_path))
                .map(|path| CrateRoot {
                    name: package.name.clone(),
                    path: path.to_string_lossy().replace('\\', "/"),
                })
                .collect()
        };
        self.packages.iter().flat_map(roots).collect()
    }
}

/// Asks cargo for the crates of the workspace.
pub(super) fn metadata(root: &Path) -> Result<Metadata, Box<dyn Error>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--no-deps"])
        .current_dir(root)
        .output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned().into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Edges between crates of the workspace that go up, sideways, or from a crate
/// that has no layer.
pub(super) fn check(metadata: &Metadata, problems: &mut Vec<Problem>) {
    let members: BTreeSet<_> = metadata.packages.iter().map(|package| &package.name).collect();
    for package in &metadata.packages {
        let place = format!("crate {}", package.name);
        if layer(&package.name).is_none() {
            problems.push(Problem::new(place, "has no layer in xtask/src/tidy/edges.rs"));
            continue;
        }
        for dependency in package.dependencies.iter().filter(|it| members.contains(&it.name)) {
            if !may_use(&package.name, &dependency.name) {
                let kind = dependency.kind.as_deref().unwrap_or("normal");
                problems.push(Problem::new(
                    &place,
                    format!(
                        "must not depend on {} ({kind}): faces -> acts -> ingest -> core",
                        dependency.name
                    ),
                ));
            }
        }
    }
}

fn layer(name: &str) -> Option<Layer> {
    LAYERS.iter().find(|(known, _)| *known == name).map(|(_, layer)| *layer)
}

/// Whether the crate `user` may depend on the crate `used`.
fn may_use(user: &str, used: &str) -> bool {
    let (Some(from), Some(to)) = (layer(user), layer(used)) else { return false };
    // A crate may use itself with another feature in its tests.
    let itself = user == used;
    match from {
        Layer::Task => to <= Layer::Ingest,
        Layer::Face => itself || to < from || BETWEEN_FACES.contains(&(user, used)),
        Layer::Core | Layer::Ingest | Layer::Act => itself || to < from,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::printed;
    use super::*;

    #[test]
    fn layers_are_used_downwards_only() {
        for (user, used) in [
            ("portolan-ingest", "portolan"),
            ("portolan-aws", "portolan-ingest"),
            ("portolan-cli", "portolan"),
            ("portolan-cli", "portolan-report"),
            ("portolan-web", "portolan-lab"),
            ("xtask", "portolan-ingest"),
            ("portolan", "portolan"),
        ] {
            assert!(may_use(user, used), "{user} -> {used}");
        }
        for (user, used) in [
            ("portolan", "portolan-ingest"),
            ("portolan-ingest", "portolan-report"),
            ("portolan-aws", "portolan-store"),
            ("portolan-report", "portolan-cli"),
            ("portolan-report", "portolan-web"),
            ("xtask", "portolan-report"),
            ("portolan-cli", "xtask"),
            ("portolan-cli", "portolan-new"),
        ] {
            assert!(!may_use(user, used), "{user} -> {used}");
        }
    }

    #[test]
    fn an_edge_upwards_is_a_problem_in_tests_too() {
        let metadata: Metadata = serde_json::from_str(
            r#"{"packages":[
              {"name":"portolan","targets":[],"dependencies":[
                {"name":"portolan-ingest","kind":"dev"},{"name":"serde","kind":null}]},
              {"name":"portolan-ingest","targets":[],"dependencies":[{"name":"portolan","kind":null}]},
              {"name":"portolan-new","targets":[],"dependencies":[]}]}"#,
        )
        .unwrap();
        let mut problems = Vec::new();
        check(&metadata, &mut problems);
        assert_eq!(
            printed(&problems),
            [
                "crate portolan: must not depend on portolan-ingest (dev): faces -> acts -> ingest -> core",
                "crate portolan-new: has no layer in xtask/src/tidy/edges.rs"
            ]
        );
    }

    #[test]
    fn roots_are_those_of_libraries_and_binaries() {
        let metadata: Metadata = serde_json::from_str(
            r#"{"packages":[{"name":"a","dependencies":[],"targets":[
              {"kind":["lib"],"src_path":"tree/a/src/lib.rs"},
              {"kind":["test"],"src_path":"tree/a/tests/b.rs"}]}]}"#,
        )
        .unwrap();
        let roots = metadata.crate_roots(Path::new("tree"));
        assert_eq!(roots.len(), 1);
        assert!(roots.iter().all(|root| root.path == "a/src/lib.rs" && root.name == "a"));
    }
}
