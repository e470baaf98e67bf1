//! What an operator reads, on standard error: a line a request, what components print, and what went wrong.

use std::{
    fmt::Write as _,
    io::{IsTerminal, Write},
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use serde::Serialize;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// How lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// One JSON object a line, for programs.
    Json,
}

static FORMAT: OnceLock<Format> = OnceLock::new();

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

#[derive(Serialize)]
struct Message<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    component: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
    message: &'a str,
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
                request.method,
                visible(request.path),
                paint(color, &request.status.to_string()),
                request.component,
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
        Format::Json => {
            let message = Message {
                component: Some(component),
                path: None,
                request_id: Some(request_id),
                message: line,
            };
            json("info", "output", message);
        }
        Format::Text => write(&format!("{} {}", paint("36", component), visible(line))),
    }
}

/// Logs that a component gave no answer to a request.
pub fn trap(component: &str, path: &str, request_id: &str, reason: &str) {
    match format() {
        Format::Json => {
            let (component, path, request_id) = (Some(component), Some(path), Some(request_id));
            json(
                "error",
                "trap",
                Message {
                    component,
                    path,
                    request_id,
                    message: reason,
                },
            );
        }
        Format::Text => write(&format!(
            "{} {component} failed at {} (request {request_id}): {}",
            paint("31", "trap"),
            visible(path),
            visible(reason)
        )),
    }
}

/// Logs something that is not as it should be.
pub fn fault(message: &str) {
    match format() {
        Format::Json => json(
            "warn",
            "host",
            Message {
                component: None,
                path: None,
                request_id: None,
                message,
            },
        ),
        Format::Text => write(&format!("{} {}", paint("33", "warning"), visible(message))),
    }
}

fn format() -> Format {
    FORMAT.get().copied().unwrap_or(Format::Text)
}

fn json(level: &str, kind: &str, fields: impl Serialize) {
    if let Ok(line) = serde_json::to_string(&Line {
        time: now(),
        level,
        kind,
        fields,
    }) {
        write(&line);
    }
}

/// One write a line, so that lines of different requests do not mix. Nobody reading them is no reason to stop serving.
fn write(line: &str) {
    let _ = std::io::stderr()
        .lock()
        .write_all(format!("{line}\n").as_bytes());
}

fn now() -> String {
    OffsetDateTime::now_utc()
        .format(&Rfc3339)
        .unwrap_or_default()
}

fn paint(color: &str, text: &str) -> String {
    static COLORED: OnceLock<bool> = OnceLock::new();
    let colored = COLORED
        .get_or_init(|| std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none());
    if *colored {
        format!("\x1b[{color}m{text}\x1b[0m")
    } else {
        text.to_owned()
    }
}

/// A text that can't move a terminal's cursor or pretend to be another line.
fn visible(text: &str) -> String {
    text.chars()
        .flat_map(|character| {
            if character.is_control() {
                character.escape_default().collect()
            } else {
                vec![character]
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_shown() {
        assert_eq!(visible("a\u{1b}[2Jb\nc é"), "a\\u{1b}[2Jb\\nc é");
    }
}
