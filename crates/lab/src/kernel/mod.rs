//! A plan made real: namespaces that live as long as the process that holds them.
//!
//! Nothing is given a name in the file system: a namespace is an open file of this
//! process, and gone with it, however it ends.

mod build;
mod netlink;
mod nft;
mod space;
mod user;

pub use build::Lab;
pub use space::{Namespace, enter_file};
pub use user::{Rights, become_root};

use std::io;

/// Why a lab can't be had.
#[derive(Debug, thiserror::Error)]
pub enum LabError {
    /// The machine or the user may not.
    #[error("this machine gives no network namespaces: {0}")]
    NoNamespaces(io::Error),
    /// A user without privileges may not either.
    #[error("a user namespace can't be had: {0}")]
    NoUserNamespace(io::Error),
    /// A tool is missing.
    #[error("`{tool}` can't be run: {error}")]
    NoTool {
        /// Which.
        tool: &'static str,
        /// Why not.
        error: io::Error,
    },
    /// The kernel did not do something.
    #[error("{what}: {error}")]
    Kernel {
        /// What was wanted.
        what: String,
        /// What it said.
        error: io::Error,
    },
    /// nftables did not take a ruleset.
    #[error("nftables refuses the ruleset of `{space}`: {said}")]
    Ruleset {
        /// Whose.
        space: String,
        /// What it said.
        said: String,
    },
    /// A thread of the lab ended before its work was done.
    #[error("a worker of the lab ended early")]
    Worker,
}

impl LabError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NoNamespaces(_) => Some(
                "the lab needs Linux with network namespaces, and root or user namespaces (in a container: CAP_SYS_ADMIN and CAP_NET_ADMIN)",
            ),
            Self::NoUserNamespace(_) => Some(
                "run it as root, or allow user namespaces (sysctl kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns)",
            ),
            Self::NoTool { .. } => Some("install nftables (apt install nftables)"),
            Self::Kernel { .. } | Self::Ruleset { .. } | Self::Worker => None,
        }
    }

    pub(crate) fn kernel(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |error| Self::Kernel { what, error }
    }
}
