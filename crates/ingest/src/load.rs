//! From files to a network: in batches, every core busy, facts in the order of
//! the files whatever finished first.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use portolan::model::FileId;

use crate::aws::{self, Listed, Records, Sink};
use crate::document::{self, Content, Document};
use crate::error::{LoadError, count};
use crate::files::{self, File, Found, Text};
use crate::sources::Sources;
use crate::{LoadOptions, LoadReport, Loaded, Progress};

/// Files are read together until they make this many bytes.
const BATCH_BYTES: u64 = 64 << 20;

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
        });
    }
    load_files(found, &names.join(", "), options)
}

fn load_files(found: Found, names: &str, options: &LoadOptions<'_>) -> Result<Loaded, LoadError> {
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
        options,
    };
    let mut batch: Vec<(FileId, &File)> = Vec::new();
    let mut bytes = 0_u64;
    for (number, file) in found.files.iter().enumerate() {
        let id = FileId(u32::try_from(number).unwrap_or(u32::MAX));
        batch.push((id, file));
        bytes = bytes.saturating_add(file.size);
        if bytes >= BATCH_BYTES {
            load.batch(&batch)?;
            batch.clear();
            bytes = 0;
        }
    }
    load.batch(&batch)?;
    if !load.listings {
        return Err(LoadError::NoListing {
            sources: if names.is_empty() { "nothing".to_owned() } else { names.to_owned() },
            left_alone: load.report.files_left_alone,
        });
    }
    Ok(Loaded {
        network: load.sink.finish(),
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
    options: &'o LoadOptions<'o>,
}

impl Load<'_> {
    fn batch(&mut self, batch: &[(FileId, &File)]) -> Result<(), LoadError> {
        let (limit, window) = (self.options.max_file_bytes, self.options.window_bytes);
        let threads = self.options.threads();
        let mut read: Vec<(FileId, &File, Text)> = Vec::new();
        in_parallel(
            threads,
            batch,
            |&(_, file)| files::bytes(file, limit).and_then(|bytes| files::text(file, bytes)),
            |&(id, file), text| {
                read.push((id, file, text?));
                Ok(())
            },
        )?;
        in_parallel(
            threads,
            &read,
            |(_, file, text)| {
                document::read(&text.text, text.start, window)
                    .map_err(|syntax| in_order(file, text, syntax))
            },
            |(id, file, text), document| {
                self.document(*id, file, text, document?)?;
                self.progress.files += 1;
                self.progress.bytes += file.size;
                if let Some(tell) = self.options.progress {
                    tell(self.progress);
                }
                Ok(())
            },
        )
    }

    fn document(
        &mut self,
        id: FileId,
        file: &File,
        text: &Text,
        document: Document<'_>,
    ) -> Result<(), LoadError> {
        self.report.bytes += count(text.text.len());
        if document.is_foreign() || is_other_entries(&document, &file.name, text) {
            self.report.files_left_alone += 1;
            return Ok(());
        }
        self.report.files_read += 1;
        self.listings |= !document.sections.is_empty() || !document.odd.is_empty();
        for &(key, elements) in &document.not_modelled {
            *self.report.not_modelled.entry(key).or_default() += elements;
        }
        let folder = self.sink.folder(&format!("{}:{}", file.root, file.place), &file.place);
        let mut cx = self.sink.file(folder, id);
        if text.repaired > 0 {
            cx.warn(format!("{} escapes are no character: read as U+FFFD", text.repaired));
        }
        aws::begin(&mut cx, &document);
        for section in document.sections {
            let (listed, offset) = (section.listed, section.offset);
            cx.ordinal = 0;
            let mut add = |records: &Records<'_>| {
                *self.report.elements.entry(listed.key()).or_default() += count(records.len());
                if listed == Listed::Entries {
                    aws::entries(&mut cx, &file.name, records, offset);
                } else {
                    records.add(&mut cx);
                }
            };
            match section.content {
                Content::Records(records) => add(&records),
                // The words of a window take several times its room, so they
                // become facts as soon as they are there.
                Content::Windows(windows) => in_parallel(
                    self.options.threads(),
                    &windows,
                    |window| document::read_window(&text.text, listed, window.clone()),
                    |_, records| {
                        add(&records.map_err(|syntax| in_order(file, text, syntax))?);
                        Ok(())
                    },
                )?,
            }
        }
        Ok(())
    }
}

/// The error of a file that was read in windows, as reading it in one go gives it:
/// on bytes that are no JSON the windows may be cut anywhere.
fn in_order(file: &File, text: &Text, syntax: crate::error::Syntax) -> LoadError {
    let syntax = document::read(&text.text, text.start, usize::MAX).err().unwrap_or(syntax);
    syntax.in_file(&file.name, &text.text)
}

/// Whether the file's only listing is `Entries` of something else than a prefix list.
fn is_other_entries(document: &Document<'_>, name: &str, text: &Text) -> bool {
    document.not_modelled.is_empty()
        && document.account.is_none()
        && document.sections.iter().all(|section| section.listed == Listed::Entries)
        && document.odd.iter().all(|&(listed, _)| listed == Listed::Entries)
        && crate::detect::prefix_list_of(name).is_none()
        && !document.sections.iter().any(|section| match &section.content {
            Content::Records(records) => records.has_blocks(),
            Content::Windows(windows) => windows.first().is_some_and(|window| {
                document::read_window(&text.text, section.listed, window.clone())
                    .is_ok_and(|records| records.has_blocks())
            }),
        })
}

/// `each` of all items, on several threads; `take` gets the results on this one,
/// in the order of the items, while the next are at work.
fn in_parallel<'t, T: Sync, R: Send, E>(
    threads: usize,
    items: &'t [T],
    each: impl Fn(&'t T) -> R + Sync,
    mut take: impl FnMut(&'t T, R) -> Result<(), E>,
) -> Result<(), E> {
    if items.len() < 2 || threads < 2 {
        return items.iter().try_for_each(|item| take(item, each(item)));
    }
    let next = AtomicUsize::new(0);
    // A full channel makes the others wait, so that results do not pile up.
    let (done, results) = mpsc::sync_channel(threads);
    std::thread::scope(|scope| {
        for _ in 0..threads.min(items.len()) {
            let (next, each, done) = (&next, &each, done.clone());
            scope.spawn(move || {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(number) else { break };
                    // Nobody listens after an error.
                    if done.send((number, each(item))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(done);
        let mut early = BTreeMap::new();
        let mut waiting = items.iter().enumerate().peekable();
        for (number, result) in results {
            early.insert(number, result);
            while let Some(&(wanted, item)) = waiting.peek()
                && let Some(result) = early.remove(&wanted)
            {
                take(item, result)?;
                waiting.next();
            }
        }
        Ok(())
    })
}

impl LoadOptions<'_> {
    fn threads(&self) -> usize {
        self.threads
            .or_else(|| std::thread::available_parallelism().ok())
            .map_or(1, NonZeroUsize::get)
    }
}
