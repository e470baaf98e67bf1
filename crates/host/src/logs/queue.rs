//! Lines on their way out, where a reader that stalls holds nobody up.

use std::{
    io::Write,
    mem,
    sync::{
        Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// How much waits to be written, in bytes; a line that finds no room is lost.
const ROOM: usize = 1024 * 1024;

/// Lines that wait to be written.
#[derive(Default)]
pub struct Queue {
    waiting: Mutex<Waiting>,
    /// There is something to write.
    filled: Condvar,
    /// All is written.
    emptied: Condvar,
    lost: AtomicU64,
}

#[derive(Default)]
struct Waiting {
    lines: Vec<u8>,
    /// How many lines were lost behind these.
    lost: u64,
    /// Whether what was here before is still being written.
    writing: bool,
}

impl Queue {
    /// Puts a line behind those that wait, or loses it; never waits for who reads.
    pub fn push(&self, line: &str) {
        let mut waiting = self.waiting();
        // What comes behind a lost line is lost, too, so that the gap is told of in its place.
        if waiting.lost > 0 || waiting.lines.len() + line.len() >= ROOM {
            waiting.lost += 1;
            self.lost.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let sleeps = waiting.lines.is_empty() && !waiting.writing;
        waiting.lines.extend_from_slice(line.as_bytes());
        waiting.lines.push(b'\n');
        drop(waiting);
        if sleeps {
            self.filled.notify_one();
        }
    }

    /// How many lines were lost since the start.
    pub fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }

    /// Writes what waits, for ever; `gap` says in a line how many are missing.
    pub fn write_to(&self, mut out: impl Write, gap: impl Fn(u64) -> String) {
        let mut lines = Vec::new();
        loop {
            let mut waiting = self
                .filled
                .wait_while(self.waiting(), |waiting| waiting.lines.is_empty())
                .unwrap_or_else(PoisonError::into_inner);
            mem::swap(&mut waiting.lines, &mut lines);
            let lost = mem::take(&mut waiting.lost);
            waiting.writing = true;
            drop(waiting);
            if lost > 0 {
                lines.extend_from_slice(gap(lost).as_bytes());
                lines.push(b'\n');
            }
            // Nobody reading them is no reason to stop serving.
            let _ = out.write_all(&lines);
            lines.clear();
            self.waiting().writing = false;
            self.emptied.notify_all();
        }
    }

    /// Waits until all is written, but no longer than this; whether it is.
    pub fn drain(&self, patience: Duration) -> bool {
        let busy = |waiting: &mut Waiting| waiting.writing || !waiting.lines.is_empty();
        let waited = self
            .emptied
            .wait_timeout_while(self.waiting(), patience, busy);
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::{
        io::{BufRead, BufReader, PipeReader, pipe},
        sync::Arc,
        thread,
    };

    /// A queue, and where its lines come out.
    fn queue() -> (Arc<Queue>, PipeReader) {
        let queue = Arc::new(Queue::default());
        let (reader, writer) = pipe().unwrap();
        let written = Arc::clone(&queue);
        thread::spawn(move || written.write_to(writer, |lost| format!("lost {lost}")));
        (queue, reader)
    }

    #[test]
    fn lines_come_out_in_order_and_whole() {
        let (queue, reader) = queue();
        let reading = thread::spawn(move || {
            let lines = BufReader::new(reader).lines().take(1000);
            lines.map(Result::unwrap).collect::<Vec<_>>()
        });
        for number in 0..1000 {
            queue.push(&format!("line {number}"));
        }
        let lines = reading.join().unwrap();
        assert!((0..1000).all(|number| lines[number] == format!("line {number}")));
        assert!(queue.drain(Duration::from_secs(60)));
        assert_eq!(queue.lost(), 0);
    }

    #[test]
    fn a_reader_that_stalls_loses_lines_and_is_told_how_many() {
        let (queue, reader) = queue();
        let line = "x".repeat(1000);
        // More than there is room for, in the queue and in the pipe: this ends though nobody reads.
        for _ in 0..4000 {
            queue.push(&line);
        }
        assert!(!queue.drain(Duration::from_millis(50)));
        let lost = queue.lost();
        assert!((1..4000).contains(&lost), "{lost}");
        let mut lines = BufReader::new(reader).lines().map(Result::unwrap);
        let (mut read, mut told) = (0, 0);
        while read + told < 4000 {
            let next = lines.next().unwrap();
            match next.strip_prefix("lost ") {
                Some(lost) => told += lost.parse::<u64>().unwrap(),
                None => {
                    assert_eq!(next, line);
                    read += 1;
                }
            }
        }
        assert_eq!(told, lost);
        queue.push("again");
        assert_eq!(lines.next().unwrap(), "again");
    }

    #[test]
    fn a_reader_that_is_gone_holds_nobody_up() {
        let (queue, reader) = queue();
        drop(reader);
        for _ in 0..4000 {
            queue.push(&"x".repeat(1000));
        }
        assert!(queue.drain(Duration::from_secs(60)));
    }
}
