//! From files to a network: every core busy, facts in the order of the files
//! whatever finished first.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, mpsc};

use portolan::model::FileId;

use crate::aws::{self, Cx, Listed, Part, Sink};
use crate::document::{self, Document};
use crate::error::{LoadError, Syntax, count};
use crate::files::{self, File, Found, Limits};
use crate::queue::{Queue, Task};
use crate::sources::Sources;
use crate::stream::{Frame, Piece, Window};
use crate::{LoadOptions, LoadReport, Loaded, Progress};

pub(crate) fn load(paths: &[&Path], options: &LoadOptions<'_>) -> Result<Loaded, LoadError> {
    let mut found = Found::default();
    for (number, path) in paths.iter().enumerate() {
        files::find(path, number, paths.len() > 1, options, &mut found)?;
    }
    let names: Vec<String> = paths.iter().map(|path| format!("`{}`", path.display())).collect();
    load_files(found, &names.join(", "), options)
}

pub(crate) fn load_bytes(
    given: Vec<(String, Vec<u8>)>,
    options: &LoadOptions<'_>,
) -> Result<Loaded, LoadError> {
    let mut found = Found::default();
    let single = given.len() == 1;
    let names: Vec<String> = given.iter().take(3).map(|(name, _)| format!("`{name}`")).collect();
    for (name, bytes) in given {
        if !single && !files::is_candidate(&name) {
            found.left_alone += 1;
            continue;
        }
        let place = name.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        found.files.push(File {
            name,
            place,
            root: 0,
            size: count(bytes.len()),
            origin: files::Origin::Memory(bytes.into()),
            interfaces: Arc::default(),
        });
    }
    load_files(found, &names.join(", "), options)
}

fn load_files(
    mut found: Found,
    names: &str,
    options: &LoadOptions<'_>,
) -> Result<Loaded, LoadError> {
    let mut load = Load {
        sink: Sink::default(),
        report: LoadReport { files_left_alone: found.left_alone, ..LoadReport::default() },
        progress: Progress {
            files: 0,
            of_files: count(found.files.len()),
            bytes: 0,
            of_bytes: found.files.iter().map(|file| file.size).sum(),
        },
        listings: false,
        windows: Windows::default(),
        options,
    };
    files::share_folders(&mut found.files);
    load.files(&found.files)?;
    if !load.listings {
        return Err(LoadError::NoListing {
            sources: if names.is_empty() { "nothing".to_owned() } else { names.to_owned() },
            left_alone: load.report.files_left_alone,
        });
    }
    Ok(Loaded {
        network: load.sink.finish(options.threads()),
        sources: Sources::new(found.files),
        report: load.report,
    })
}

struct Load<'o> {
    sink: Sink,
    report: LoadReport,
    progress: Progress,
    /// Whether any listing was there that the model knows.
    listings: bool,
    windows: Windows,
    options: &'o LoadOptions<'o>,
}

/// What the windows of a file gave, until its frame comes.
#[derive(Default)]
struct Windows {
    /// How many elements of each listing there were, by where it stands.
    elements: BTreeMap<(Listed, usize), u32>,
    has_blocks: bool,
    repaired: u64,
}

/// What a worker made of a task.
enum Read {
    File(Box<FileRead>),
    Window(Box<WindowRead>),
    /// The window does not hold whole elements: the file is to be cut again from here.
    Miscut(usize),
}

/// What a window holds.
struct WindowRead {
    listed: Listed,
    /// Where the listing stands.
    listing: usize,
    elements: u32,
    is_other: bool,
    repaired: u64,
    part: Part,
}

/// What a file holds, or what its frame does.
struct FileRead {
    /// What it says besides the elements of its listings.
    frame: Part,
    facts: Part,
    elements: BTreeMap<Listed, u32>,
    not_modelled: Vec<(&'static str, u64)>,
    /// There is a listing that the model knows.
    listings: bool,
    is_foreign: bool,
    /// All that it holds are `Entries`, perhaps of something else than a prefix list.
    only_entries: bool,
    has_blocks: bool,
    repaired: u64,
    length: u64,
}

impl Load<'_> {
    fn files(&mut self, files: &[File]) -> Result<(), LoadError> {
        let limits = Limits {
            file_bytes: self.options.max_file_bytes,
            window_bytes: self.options.window_bytes,
        };
        let mut queue = Queue::new(files, limits);
        while let Some((file, from)) = self.tasks(files, &mut queue, limits)? {
            queue.again(file, from)?;
        }
        Ok(())
    }

    /// Does all tasks, or those before a window that does not hold whole elements:
    /// of which file, and where it begins.
    fn tasks(
        &mut self,
        files: &[File],
        queue: &mut Queue<'_>,
        limits: Limits,
    ) -> Result<Option<(usize, usize)>, LoadError> {
        let threads = self.options.threads().get();
        let queue = Mutex::new(queue);
        let next = &|room| queue.lock().unwrap_or_else(PoisonError::into_inner).next(room);
        // A full channel makes the others wait, so that results do not pile up.
        let (done, results) = mpsc::sync_channel(threads);
        std::thread::scope(|scope| {
            for _ in 0..threads {
                let done = done.clone();
                scope.spawn(move || {
                    let mut room = Vec::new();
                    // A large file is read under the lock, while the others turn what
                    // was read before into facts.
                    while let Some((number, file, task)) = next(std::mem::take(&mut room)) {
                        let read = task.and_then(|task| work(file, files, task, limits, &mut room));
                        // Nobody listens after an error.
                        if done.send((number, file, read)).is_err() {
                            break;
                        }
                    }
                });
            }
            drop(done);
            let (mut early, mut wanted) = (BTreeMap::new(), 0);
            for (number, file, read) in results {
                early.insert(number, (file, read));
                while let Some((number, read)) = early.remove(&wanted) {
                    let read = match read? {
                        Read::Miscut(from) => return Ok(Some((number, from))),
                        read @ (Read::File(_) | Read::Window(_)) => read,
                    };
                    if let Some(file) = files.get(number) {
                        self.take(file_id(number), file, read);
                    }
                    wanted += 1;
                }
            }
            Ok(None)
        })
    }

    fn take(&mut self, id: FileId, file: &File, read: Read) {
        match read {
            Read::Miscut(_) => {}
            Read::Window(read) => {
                let WindowRead { listed, listing, elements, is_other, repaired, mut part } = *read;
                let before = self.windows.elements.entry((listed, listing)).or_default();
                part.count_from(*before);
                *before = before.saturating_add(elements);
                self.windows.has_blocks |= listed == Listed::Entries && !is_other;
                self.windows.repaired += repaired;
                let folder = self.folder(file);
                self.sink.absorb(folder, part);
            }
            Read::File(read) => {
                let mut windows = std::mem::take(&mut self.windows);
                windows.has_blocks |= read.has_blocks;
                self.file(id, file, *read, windows);
                self.progress.files += 1;
                self.progress.bytes += file.size;
                if let Some(tell) = self.options.progress {
                    tell(self.progress);
                }
            }
        }
    }

    fn folder(&mut self, file: &File) -> usize {
        self.sink.folder(&format!("{}:{}", file.root, file.place), &file.place)
    }

    fn file(&mut self, id: FileId, file: &File, read: FileRead, windows: Windows) {
        self.report.bytes += read.length;
        let is_other = read.only_entries
            && crate::detect::prefix_list_of(&file.name).is_none()
            && !windows.has_blocks;
        if read.is_foreign || is_other {
            self.report.files_left_alone += 1;
            return;
        }
        self.report.files_read += 1;
        self.listings |= read.listings;
        for (key, elements) in read.not_modelled {
            *self.report.not_modelled.entry(key).or_default() += elements;
        }
        let of_windows =
            windows.elements.into_iter().map(|((listed, _), elements)| (listed, elements));
        for (listed, elements) in read.elements.into_iter().chain(of_windows) {
            *self.report.elements.entry(listed.key()).or_default() += u64::from(elements);
        }
        let folder = self.folder(file);
        let repaired = read.repaired + windows.repaired;
        if repaired > 0 {
            let mut cx = Cx::new(id, file, Vec::new());
            cx.warn(format!("{repaired} escapes are no character: read as U+FFFD"));
            self.sink.absorb(folder, cx.part);
        }
        self.sink.absorb(folder, read.frame);
        self.sink.absorb(folder, read.facts);
    }
}

fn file_id(number: usize) -> FileId {
    FileId(u32::try_from(number).unwrap_or(u32::MAX))
}

/// Does a task; `room` is a buffer.
fn work(
    number: usize,
    files: &[File],
    task: Task,
    limits: Limits,
    room: &mut Vec<u8>,
) -> Result<Read, LoadError> {
    let id = file_id(number);
    let Some(file) = files.get(number) else { return Ok(Read::Miscut(0)) };
    match task {
        Task::Whole => {
            files::bytes(file, limits.file_bytes, room)?;
            whole(id, file, room).map(|read| Read::File(Box::new(read)))
        }
        Task::Piece(Piece::Window(Window { mut bytes, base, listed, listing, exact })) => {
            let read = window(id, file, &mut bytes, base, listed, listing);
            *room = bytes;
            match read {
                Some(read) => Ok(read),
                None if !exact => Ok(Read::Miscut(base)),
                None => Err(error(id, file, limits)),
            }
        }
        Task::Piece(Piece::Frame(Frame { mut bytes, shifts, length })) => {
            let read =
                document(id, file, &mut bytes, shifts).map_err(|_| error(id, file, limits))?;
            Ok(Read::File(Box::new(FileRead { length, ..read })))
        }
    }
}

/// The error of a file that was read in windows, as reading it in one go gives it.
fn error(id: FileId, file: &File, limits: Limits) -> LoadError {
    let mut bytes = Vec::new();
    let read = files::bytes(file, limits.file_bytes, &mut bytes);
    match read.and_then(|()| whole(id, file, &mut bytes)) {
        Err(error) => error,
        Ok(_) => Syntax::new(0, "the same bytes as before").in_file(&file.name, ""),
    }
}

/// Reads a whole file.
fn whole(id: FileId, file: &File, bytes: &mut [u8]) -> Result<FileRead, LoadError> {
    document(id, file, bytes, vec![(0, 0)])
}

/// Reads a file, or the frame of one.
fn document(
    id: FileId,
    file: &File,
    bytes: &mut [u8],
    shifts: Vec<(usize, usize)>,
) -> Result<FileRead, LoadError> {
    let text = files::text(file, bytes)?;
    let mut facts = Cx::new(id, file, shifts.clone());
    let read = document::read(text.text, text.start, &mut facts);
    let read = read.map_err(|syntax| syntax.in_file(&file.name, text.text))?;
    let mut frame = Cx::new(id, file, shifts);
    aws::frame(&mut frame, &read);
    Ok(summary(&read, &text, frame.part, facts.part))
}

fn summary(read: &Document<'_>, text: &files::Text<'_>, frame: Part, facts: Part) -> FileRead {
    let mut elements: BTreeMap<Listed, u32> = BTreeMap::new();
    for section in &read.sections {
        *elements.entry(section.listed).or_default() += section.elements;
    }
    FileRead {
        frame,
        facts,
        elements,
        not_modelled: read.not_modelled.clone(),
        listings: !read.sections.is_empty() || !read.odd.is_empty(),
        is_foreign: read.is_foreign(),
        only_entries: read.only_entries(),
        has_blocks: read
            .sections
            .iter()
            .any(|section| section.listed == Listed::Entries && !section.is_other),
        repaired: text.repaired,
        length: count(text.text.len()),
    }
}

/// Reads a window; `None` if it does not hold whole elements.
fn window(
    id: FileId,
    file: &File,
    bytes: &mut [u8],
    base: usize,
    listed: Listed,
    listing: usize,
) -> Option<Read> {
    let text = files::text(file, bytes).ok()?;
    let mut cx = Cx::new(id, file, vec![(0, base)]);
    let (elements, is_other) = document::read_window(text.text, listed, listing, &mut cx).ok()?;
    let (part, repaired) = (cx.part, text.repaired);
    let read = WindowRead { listed, listing, elements, is_other, repaired, part };
    Some(Read::Window(Box::new(read)))
}

impl LoadOptions<'_> {
    fn threads(&self) -> NonZeroUsize {
        self.threads
            .or_else(|| std::thread::available_parallelism().ok())
            .unwrap_or(NonZeroUsize::MIN)
    }
}
