//! What is to be read next: whole files, and the parts of large ones.

use crate::error::LoadError;
use crate::files::{File, Limits};
use crate::stream::{Piece, Stream};

/// A piece of work.
#[derive(Debug)]
pub(crate) enum Task {
    /// A whole file, which whoever does it reads from the disk.
    Whole,
    Piece(Piece),
}

/// The files, as tasks in order.
pub(crate) struct Queue<'f> {
    files: &'f [File],
    limits: Limits,
    /// The next file.
    next: usize,
    /// The file before that, if it is cut up.
    stream: Option<Stream<'f>>,
    /// How many tasks there were.
    given: usize,
}

/// The number of a task, that of its file, and the task.
type Next = (usize, usize, Result<Task, LoadError>);

impl<'f> Queue<'f> {
    pub(crate) fn new(files: &'f [File], limits: Limits) -> Self {
        Self { files, limits, next: 0, stream: None, given: 0 }
    }

    /// The next task; `room` is a buffer that is not needed any more.
    pub(crate) fn next(&mut self, room: Vec<u8>) -> Option<Next> {
        let task = match &mut self.stream {
            Some(stream) => stream.next(room).map(Task::Piece),
            None => {
                let file = self.files.get(self.next)?;
                self.next += 1;
                self.begin(file, room)
            }
        };
        let file = self.next - 1;
        if !matches!(task, Ok(Task::Piece(Piece::Window(_)))) {
            self.stream = None;
        }
        self.given += 1;
        Some((self.given - 1, file, task))
    }

    fn begin(&mut self, file: &'f File, room: Vec<u8>) -> Result<Task, LoadError> {
        if !file.is_larger_than(self.limits.window_bytes) {
            return Ok(Task::Whole);
        }
        let mut stream = Stream::open(file, self.limits)?;
        let piece = stream.next(room)?;
        self.stream = Some(stream);
        Ok(Task::Piece(piece))
    }

    /// Goes back to a file that was cut at the wrong places, and counts from 0 again;
    /// `from` is where the first window that did not hold whole elements began.
    pub(crate) fn again(&mut self, file: usize, from: usize) -> Result<(), LoadError> {
        if let Some(given) = self.files.get(file) {
            self.stream = Some(Stream::again(given, self.limits, from)?);
        }
        self.next = file + 1;
        self.given = 0;
        Ok(())
    }
}
