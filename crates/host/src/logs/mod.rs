//! What an operator reads, on standard error: a line a request, what components print, and what went wrong.
//!
//! - `queue`: lines on their way out, where a reader that stalls holds nobody up
//! - `visible`: texts that others wrote, made harmless

mod queue;
mod visible;

use std::{
    fmt::Write as _,
    io::{IsTerminal, stderr},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use serde::Serialize;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use queue::Queue;
use visible::{ascii, visible};

/// How lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// One JSON object a line, for programs.
    Json,
}

static FORMAT: OnceLock<Format> = OnceLock::new();

/// How long a stop waits for who reads the last lines.
const PATIENCE: Duration = Duration::from_secs(2);

/// How many want requests not to be logged just now.
static PAUSES: AtomicUsize = AtomicUsize::new(0);

/// Sets the format, once, before anything is logged.
pub fn init(format: Format) {
    let _ = FORMAT.set(format);
}

/// Requests are not logged while this is kept.
pub struct Pause(());

/// Has requests not logged until what it gives is dropped.
pub fn pause_requests() -> Pause {
    PAUSES.fetch_add(1, Ordering::Relaxed);
    Pause(())
}

impl Drop for Pause {
    fn drop(&mut self) {
        PAUSES.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A request that was answered.
#[derive(Debug, Serialize)]
pub struct Served<'a> {
    /// Its method.
    pub method: &'a str,
    /// Its path, without the query, which may hold what nobody but the client is to see.
    pub path: &'a str,
    /// The component that answered.
    pub component: &'a str,
    /// The status of the answer.
    pub status: u16,
    /// From the end of its headers to the start of the answer.
    #[serde(rename = "duration_us", serialize_with = "microseconds")]
    pub duration: Duration,
    /// How many chained calls it caused.
    pub chained: u32,
    /// Its `x-request-id`.
    pub request_id: &'a str,
}

fn microseconds<S: serde::Serializer>(
    duration: &Duration,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX))
}

/// Everything that can be a line.
#[derive(Serialize)]
struct Line<'a, T: Serialize> {
    time: String,
    level: &'a str,
    kind: &'a str,
    #[serde(flatten)]
    fields: T,
}

#[derive(Default, Serialize)]
struct Message<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    component: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
    message: &'a str,
}

impl<'a> Message<'a> {
    fn of(message: &'a str) -> Self {
        Self {
            message,
            ..Self::default()
        }
    }
}

/// Logs a request.
pub fn served(request: &Served<'_>) {
    if PAUSES.load(Ordering::Relaxed) > 0 {
        return;
    }
    match format() {
        Format::Json => json("info", "request", request),
        Format::Text => {
            let color = match request.status {
                500.. => "31",
                400.. => "33",
                _ => "32",
            };
            let mut line = format!(
                "{} {:6} {} {} {}",
                now().get(11..19).unwrap_or_default(),
                visible(request.method),
                visible(request.path),
                paint(color, &request.status.to_string()),
                visible(request.component),
            );
            let _ = write!(line, " {:.1} ms", request.duration.as_secs_f64() * 1000.0);
            if request.chained > 0 {
                let _ = write!(line, ", {} chained", request.chained);
            }
            write(&line);
        }
    }
}

/// Logs a line that a component printed.
pub fn printed(component: &str, request_id: &str, line: &str) {
    match format() {
        Format::Json => json(
            "info",
            "output",
            Message {
                component: Some(component),
                request_id: Some(request_id),
                ..Message::of(line)
            },
        ),
        Format::Text => write(&format!("{} {}", paint("36", component), visible(line))),
    }
}

/// Logs that a component gave no answer to a request.
pub fn trap(component: &str, path: &str, request_id: &str, reason: &str) {
    match format() {
        Format::Json => json(
            "error",
            "trap",
            Message {
                component: Some(component),
                path: Some(path),
                request_id: Some(request_id),
                ..Message::of(reason)
            },
        ),
        Format::Text => write(&format!(
            "{} {} failed at {} (request {}): {}",
            paint("31", "trap"),
            visible(component),
            visible(path),
            visible(request_id),
            visible(reason)
        )),
    }
}

/// Logs something that is not as it should be.
pub fn fault(message: &str) {
    write(&warning(message));
}

/// How many lines were lost, since nobody read those before them.
pub fn lost() -> u64 {
    queue().lost()
}

/// Waits until all lines are written, but not for ever: nobody may be reading.
pub fn drain() {
    queue().drain(PATIENCE);
}

fn warning(message: &str) -> String {
    match format() {
        Format::Json => line("warn", "host", Message::of(message)),
        Format::Text => format!("{} {}", paint("33", "warning"), visible(message)),
    }
}

fn format() -> Format {
    FORMAT.get().copied().unwrap_or(Format::Text)
}

fn json(level: &str, kind: &str, fields: impl Serialize) {
    write(&line(level, kind, fields));
}

fn line(level: &str, kind: &str, fields: impl Serialize) -> String {
    let line = Line {
        time: now(),
        level,
        kind,
        fields,
    };
    // What is in a line can all be JSON.
    ascii(serde_json::to_string(&line).unwrap_or_default())
}

fn write(line: &str) {
    queue().push(line);
}

/// The queue, and from its first use on the thread that empties it.
fn queue() -> &'static Queue {
    static QUEUE: OnceLock<Arc<Queue>> = OnceLock::new();
    QUEUE.get_or_init(|| {
        let queue = Arc::new(Queue::default());
        let written = Arc::clone(&queue);
        let gap = |lost| {
            warning(&format!(
                "{lost} lines of this log are lost here: nobody read those before them"
            ))
        };
        let writer = thread::Builder::new().name("log".into());
        if let Err(error) = writer.spawn(move || written.write_to(stderr(), gap)) {
            eprintln!("nothing is logged, since no thread can be started: {error}");
        }
        queue
    })
}

fn now() -> String {
    OffsetDateTime::now_utc()
        .format(&Rfc3339)
        .unwrap_or_default()
}

fn paint(color: &str, text: &str) -> String {
    static COLORED: OnceLock<bool> = OnceLock::new();
    let colored =
        COLORED.get_or_init(|| stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none());
    let text = visible(text);
    if *colored {
        format!("\x1b[{color}m{text}\x1b[0m")
    } else {
        text.into_owned()
    }
}
