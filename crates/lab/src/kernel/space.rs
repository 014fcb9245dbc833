//! One network namespace.

use std::fs::{self, File};
use std::io;
use std::os::fd::{AsFd, AsRawFd, RawFd};

use nix::sched::{CloneFlags, setns, unshare};

use super::netlink::Netlink;

/// A network namespace that is open.
#[derive(Debug)]
pub struct Namespace {
    file: File,
    netlink: Netlink,
}

impl Namespace {
    /// A new one. The calling thread is in it afterwards.
    pub(super) fn make(forwards: bool, holds_blocks: bool) -> io::Result<Self> {
        unshare(CloneFlags::CLONE_NEWNET)?;
        let file = File::open("/proc/thread-self/ns/net")?;
        settings(forwards, holds_blocks)?;
        Ok(Self { file, netlink: Netlink::open()? })
    }

    /// Takes the calling thread into it.
    ///
    /// # Errors
    ///
    /// The kernel refuses.
    pub fn enter(&self) -> io::Result<()> {
        enter_file(&self.file)
    }

    /// Does something inside, on a thread of its own.
    ///
    /// # Errors
    ///
    /// The kernel refuses, or what is done fails.
    pub fn within<T: Send>(&self, work: impl FnOnce() -> io::Result<T> + Send) -> io::Result<T> {
        let done = std::thread::scope(|scope| {
            scope
                .spawn(|| {
                    self.enter()?;
                    work()
                })
                .join()
        });
        done.unwrap_or_else(|_| Err(io::ErrorKind::Other.into()))
    }

    /// The number of the open file: `/proc/PID/fd/N` is the namespace.
    #[must_use]
    pub fn number(&self) -> RawFd {
        self.file.as_raw_fd()
    }

    pub(super) fn netlink(&self) -> &Netlink {
        &self.netlink
    }
}

/// Takes the calling thread into the network namespace that a file is.
///
/// # Errors
///
/// The kernel refuses.
pub fn enter_file(file: &File) -> io::Result<()> {
    Ok(setns(file.as_fd(), CloneFlags::CLONE_NEWNET)?)
}

/// What every namespace needs before it has devices: no addresses that nobody asked
/// for, no check of where packets ought to come from, no redirects.
fn settings(forwards: bool, holds_blocks: bool) -> io::Result<()> {
    let set = |file: &str, value: &str| fs::write(format!("/proc/sys/net/{file}"), value);
    for devices in ["all", "default"] {
        set(&format!("ipv4/conf/{devices}/rp_filter"), "0")?;
        if forwards {
            set(&format!("ipv4/conf/{devices}/send_redirects"), "0")?;
        }
    }
    set("ipv6/conf/default/disable_ipv6", "0")?;
    // None but what is given: no link-local address, no router advertisements.
    set("ipv6/conf/default/addr_gen_mode", "1")?;
    set("ipv6/conf/default/accept_ra", "0")?;
    if forwards {
        set("ipv4/ip_forward", "1")?;
        set("ipv6/conf/all/forwarding", "1")?;
    }
    if holds_blocks {
        set("ipv4/ip_nonlocal_bind", "1")?;
        set("ipv6/ip_nonlocal_bind", "1")?;
    }
    Ok(())
}
