//! Where data goes: stdout, or a file that appears when it is complete.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, IoSlice, IsTerminal, StdoutLock, Write};
use std::path::{Path, PathBuf};

use portolan_report::Look;

use crate::args::Color;
use crate::error::Error;

/// Where data goes. A closed pipe is no error: what nobody reads is dropped.
pub(crate) struct Output {
    to: To,
    closed: bool,
}

enum To {
    Stdout(BufWriter<StdoutLock<'static>>),
    File {
        file: BufWriter<File>,
        temporary: Temporary,
        name: PathBuf,
    },
    /// A pipe or device that has a name: nothing there can be renamed.
    Device(BufWriter<File>),
}

/// A file that is gone if it is not wanted in the end.
struct Temporary(Option<PathBuf>);

impl Drop for Temporary {
    fn drop(&mut self) {
        if let Some(path) = &self.0 {
            // It was never complete; if it can't be removed there is nothing to add.
            drop(fs::remove_file(path));
        }
    }
}

impl Output {
    /// Opens stdout, or a file beside the one that is named.
    pub(crate) fn open(path: Option<&Path>) -> Result<Self, Error> {
        let to = match path {
            None => To::Stdout(BufWriter::with_capacity(1 << 16, io::stdout().lock())),
            Some(given) => {
                let failed = |error| Error::File { path: given.to_owned(), done: "written", error };
                // A link is followed: what it leads to is replaced, not the link.
                let name = fs::canonicalize(given).unwrap_or_else(|_| given.to_owned());
                if fs::metadata(&name).is_ok_and(|known| !known.is_file() && !known.is_dir()) {
                    let device = OpenOptions::new().write(true).open(&name).map_err(failed)?;
                    return Ok(Self { to: To::Device(BufWriter::new(device)), closed: false });
                }
                if name.is_dir() {
                    return Err(failed(io::ErrorKind::IsADirectory.into()));
                }
                let temporary = temporary_name(&name).map_err(failed)?;
                let file = OpenOptions::new()
                    .write(true)
                    .create_new(true)
                    .open(&temporary)
                    .map_err(failed)?;
                let file = BufWriter::with_capacity(1 << 16, file);
                To::File { file, temporary: Temporary(Some(temporary)), name }
            }
        };
        Ok(Self { to, closed: false })
    }

    /// Ends the output: the file gets its name.
    pub(crate) fn finish(mut self) -> Result<(), Error> {
        self.flush().map_err(Error::Output)?;
        if let To::File { file, mut temporary, name } = self.to {
            let failed = |error| Error::File { path: name.clone(), done: "written", error };
            let file = file.into_inner().map_err(|error| failed(error.into_error()))?;
            file.sync_all().map_err(failed)?;
            if let Some(from) = &temporary.0 {
                fs::rename(from, &name).map_err(failed)?;
            }
            temporary.0 = None;
        }
        Ok(())
    }

    /// What tables may look like here.
    pub(crate) fn look(&self, color: Color) -> Look {
        let terminal = matches!(self.to, To::Stdout(_)) && io::stdout().is_terminal();
        let color = match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => terminal && colors_wanted(),
        };
        let width = terminal.then(terminal_size::terminal_size).flatten();
        Look { color, width: width.map(|(width, _)| width.0) }
    }

    fn inner(&mut self) -> &mut dyn Write {
        match &mut self.to {
            To::Stdout(stdout) => stdout,
            To::File { file, .. } | To::Device(file) => file,
        }
    }

    fn or_closed<T>(&mut self, written: io::Result<T>, dropped: T) -> io::Result<T> {
        match written {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(dropped)
            }
            other => other,
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.closed {
            return Ok(bytes.len());
        }
        let written = self.inner().write(bytes);
        self.or_closed(written, bytes.len())
    }

    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        let all = || slices.iter().map(|slice| slice.len()).sum();
        if self.closed {
            return Ok(all());
        }
        let written = self.inner().write_vectored(slices);
        self.or_closed(written, all())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.closed {
            return Ok(());
        }
        let flushed = self.inner().flush();
        self.or_closed(flushed, ())
    }
}

/// A name beside `name`, so that renaming never crosses file systems.
fn temporary_name(name: &Path) -> io::Result<PathBuf> {
    let file = name.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let mut hidden = std::ffi::OsString::from(".");
    hidden.push(file);
    hidden.push(format!(".{}.part", std::process::id()));
    Ok(name.with_file_name(hidden))
}

/// `NO_COLOR` (<https://no-color.org>) and terminals that can't.
fn colors_wanted() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}
