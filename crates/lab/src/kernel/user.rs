//! The right to make namespaces: root's, or that of a user namespace.

use std::fs;
use std::io;

use nix::sched::{CloneFlags, unshare};
use nix::unistd::{getegid, geteuid};

use super::LabError;

/// By what right a lab is built.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Rights {
    /// Root's own.
    Root,
    /// Root within a user namespace: large messages to the kernel are refused.
    UserNamespace,
}

/// Gains the right to make network namespaces.
///
/// Without root's the process becomes root in a user namespace of its own, for which it
/// must have no other threads. Nothing is changed outside of the process.
///
/// # Errors
///
/// The machine allows neither.
pub fn become_root() -> Result<Rights, LabError> {
    if geteuid().is_root() {
        return try_namespace().map(|()| Rights::Root).map_err(LabError::NoNamespaces);
    }
    let (user, group) = (geteuid(), getegid());
    unshare(CloneFlags::CLONE_NEWUSER).map_err(|error| LabError::NoUserNamespace(error.into()))?;
    for (file, text) in [
        ("/proc/self/setgroups", "deny".to_owned()),
        ("/proc/self/uid_map", format!("0 {user} 1")),
        ("/proc/self/gid_map", format!("0 {group} 1")),
    ] {
        fs::write(file, text).map_err(LabError::NoUserNamespace)?;
    }
    try_namespace().map(|()| Rights::UserNamespace).map_err(LabError::NoNamespaces)
}

/// Makes a namespace on a thread that ends at once.
fn try_namespace() -> io::Result<()> {
    let made = std::thread::scope(|scope| scope.spawn(|| unshare(CloneFlags::CLONE_NEWNET)).join());
    match made {
        Ok(made) => Ok(made?),
        Err(_) => Err(io::ErrorKind::Other.into()),
    }
}
