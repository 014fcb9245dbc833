//! A lab that stands beyond the command that built it.
//!
//! A process holds it: its namespaces are that process's open files. A file says which
//! process and which files, and is locked as long as the process lives: so a lab that is
//! gone is known from one that stands, and nobody else's process is ever taken for it.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nix::sched::{CloneFlags, setns};
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, geteuid};
use serde::{Deserialize, Serialize};

use crate::kernel::{Lab, enter_file};
use crate::plan::Plan;

/// The folder's name, and what every name of ours begins with.
const PREFIX: &str = "portolan-lab";
/// How long a lab may take to go.
const PATIENCE: Duration = Duration::from_secs(5);

/// What is known of a lab that stands.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Standing {
    /// The process that holds it.
    pub process: i32,
    /// Its hosts.
    pub hosts: Vec<StandingHost>,
}

/// A host of a lab that stands.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct StandingHost {
    /// Its name.
    pub name: String,
    /// `i-…` or `eni-…`; empty on the internet.
    pub id: String,
    /// Its addresses.
    pub addresses: Vec<std::net::IpAddr>,
    /// Its public addresses.
    pub public: Vec<std::net::IpAddr>,
    /// The open file of the holder that is its namespace.
    pub file: i32,
}

/// Why something can't be done with a standing lab.
#[derive(Debug, thiserror::Error)]
pub enum StandingError {
    /// There is none.
    #[error("there is no lab `{0}`")]
    None(String),
    /// One is there already.
    #[error("there is a lab `{0}` already")]
    Exists(String),
    /// It has no such host.
    #[error("the lab has no host `{0}`")]
    NoHost(String),
    /// A name that is no file's.
    #[error("`{0}` is no name for a lab: letters, digits, `-` and `_`")]
    Name(String),
    /// Anything else.
    #[error("{what}: {error}")]
    Io {
        /// What was wanted.
        what: String,
        /// What the system said.
        error: io::Error,
    },
}

impl StandingError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::None(_) => Some("`portolan lab up SOURCE` builds one"),
            Self::Exists(_) => {
                Some("`portolan lab down` takes it down; --name calls another one differently")
            }
            Self::NoHost(_) => {
                Some("`portolan lab up` printed its hosts: a name, an id or an address")
            }
            Self::Name(_) | Self::Io { .. } => None,
        }
    }
}

fn io_error(what: impl Into<String>) -> impl FnOnce(io::Error) -> StandingError {
    let what = what.into();
    move |error| StandingError::Io { what, error }
}

/// The folder that says which labs stand; of the calling user only.
///
/// # Errors
///
/// It can't be made, or is somebody else's.
pub fn folder() -> Result<PathBuf, StandingError> {
    let user = geteuid();
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").filter(|folder| !folder.is_empty());
    let path = match runtime {
        Some(folder) if !user.is_root() => Path::new(&folder).join(PREFIX),
        _ if user.is_root() => Path::new("/run").join(PREFIX),
        _ => std::env::temp_dir().join(format!("{PREFIX}-{user}")),
    };
    let said = format!("folder `{}`", path.display());
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&path)
        .map_err(io_error(said.clone()))?;
    let owner = fs::symlink_metadata(&path).map_err(io_error(said.clone()))?;
    if owner.uid() != user.as_raw() || !owner.is_dir() {
        return Err(io_error(said)(io::ErrorKind::PermissionDenied.into()));
    }
    Ok(path)
}

fn file_of(folder: &Path, name: &str) -> Result<PathBuf, StandingError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if name.is_empty() || !name.chars().all(plain) {
        return Err(StandingError::Name(name.to_owned()));
    }
    Ok(folder.join(format!("{name}.json")))
}

/// The mark of a lab that this process holds: locked until it ends.
#[derive(Debug)]
pub struct Held {
    path: PathBuf,
    file: File,
}

impl Held {
    /// Claims a name.
    ///
    /// # Errors
    ///
    /// Somebody has it.
    pub fn claim(folder: &Path, name: &str) -> Result<Self, StandingError> {
        let path = file_of(folder, name)?;
        let said = || format!("`{}`", path.display());
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(io_error(said()))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { path, file }),
            Err(TryLockError::WouldBlock) => Err(StandingError::Exists(name.to_owned())),
            Err(TryLockError::Error(error)) => Err(io_error(said())(error)),
        }
    }

    /// Says what stands.
    ///
    /// # Errors
    ///
    /// It can't be written.
    pub fn tell(&mut self, plan: &Plan, lab: &Lab) -> Result<Standing, StandingError> {
        let hosts = plan.hosts.iter().filter_map(|host| {
            Some(StandingHost {
                name: host.name.clone(),
                id: host.id.clone(),
                addresses: host.addresses.clone(),
                public: host.public.clone(),
                file: lab.space(host.space)?.number(),
            })
        });
        let process = nix::unistd::getpid().as_raw();
        let standing = Standing { process, hosts: hosts.collect() };
        let written = serde_json::to_vec(&standing).map_err(io::Error::other).and_then(|bytes| {
            self.file.set_len(0)?;
            self.file.write_all(&bytes)
        });
        written.map_err(io_error(format!("`{}`", self.path.display())))?;
        Ok(standing)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // What is left is found, and removed, by `clean`.
        drop(fs::remove_file(&self.path));
    }
}

/// Whether a file of the folder is of a lab that stands.
fn stands(path: &Path) -> io::Result<bool> {
    let file = File::open(path)?;
    match file.try_lock_shared() {
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// The lab of a name.
///
/// # Errors
///
/// There is none that stands.
pub fn find(folder: &Path, name: &str) -> Result<Standing, StandingError> {
    let path = file_of(folder, name)?;
    if !stands(&path).unwrap_or(false) {
        return Err(StandingError::None(name.to_owned()));
    }
    let read =
        fs::read(&path).and_then(|bytes| serde_json::from_slice(&bytes).map_err(io::Error::other));
    read.map_err(io_error(format!("`{}`", path.display())))
}

impl Standing {
    /// Takes this process, which has one thread, to a host.
    ///
    /// # Errors
    ///
    /// There is no such host, or the kernel refuses.
    pub fn enter(&self, wanted: &str) -> Result<(), StandingError> {
        let address: Option<std::net::IpAddr> = wanted.parse().ok();
        let named = self.hosts.iter().find(|host| host.name == wanted || host.id == wanted);
        let held = |host: &&StandingHost| {
            address.is_some_and(|at| host.addresses.contains(&at) || host.public.contains(&at))
        };
        let host = named.or_else(|| self.hosts.iter().find(held));
        let host = host.ok_or_else(|| StandingError::NoHost(wanted.to_owned()))?;
        let of_holder = format!("/proc/{}", self.process);
        let network = File::open(format!("{of_holder}/fd/{}", host.file))
            .map_err(io_error("the namespace of the host"))?;
        if !geteuid().is_root() {
            let entered = File::open(format!("{of_holder}/ns/user"))
                .and_then(|user| Ok(setns(user.as_fd(), CloneFlags::CLONE_NEWUSER)?));
            entered.map_err(io_error("the user namespace of the lab"))?;
        }
        enter_file(&network).map_err(io_error("the namespace of the host"))
    }
}

/// Takes a lab down; whether it stood.
///
/// # Errors
///
/// It does not go.
pub fn down(folder: &Path, name: &str) -> Result<bool, StandingError> {
    let path = file_of(folder, name)?;
    let failed = |error| io_error(format!("lab `{name}`"))(error);
    if !path.exists() {
        return Ok(false);
    }
    let stood = stands(&path).map_err(failed)?;
    if stood {
        let standing = find(folder, name)?;
        end(&path, standing.process).map_err(failed)?;
    }
    match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(error)),
        _ => Ok(stood),
    }
}

/// Ends the process that holds the lock of a file: asked first, then made to.
fn end(path: &Path, process: i32) -> io::Result<()> {
    for signal in [Signal::SIGTERM, Signal::SIGKILL] {
        if !path.exists() || !stands(path)? {
            return Ok(());
        }
        kill(Pid::from_raw(process), signal)?;
        let asked = Instant::now();
        while path.exists() && stands(path)? {
            if asked.elapsed() > PATIENCE {
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
    Ok(())
}

/// Takes down all labs of the user, and removes what ended labs left; their names, and
/// whether each stood.
///
/// # Errors
///
/// One does not go.
pub fn clean(folder: &Path) -> Result<Vec<(String, bool)>, StandingError> {
    let files = fs::read_dir(folder).map_err(io_error(format!("`{}`", folder.display())))?;
    let mut names: Vec<String> = files
        .filter_map(|file| file.ok()?.file_name().into_string().ok())
        .filter_map(|file| Some(file.strip_suffix(".json")?.to_owned()))
        .collect();
    names.sort_unstable();
    names.into_iter().map(|name| Ok((name.clone(), down(folder, &name)?))).collect()
}
