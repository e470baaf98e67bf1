//! One JSON line on standard error for each thing worth knowing: level, message, service, request id, route.

use std::{cell::RefCell, panic::PanicHookInfo, sync::Once};

use serde::Serialize;

thread_local! {
    /// What is being served, one request after another.
    static SERVING: RefCell<Serving> = RefCell::default();
}

/// Panics are logged from the instance's first request on.
static HOOKED: Once = Once::new();

#[derive(Debug, Clone, Default)]
struct Serving {
    service: &'static str,
    request_id: String,
    route: String,
}

#[derive(Serialize)]
struct Line<'a> {
    level: &'a str,
    message: &'a str,
    service: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    request_id: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    route: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<String>,
}

/// A bug of ours.
pub fn error(message: &str) {
    write("error", message, None);
}

/// Something outside that is not as it should be.
pub fn warn(message: &str) {
    write("warn", message, None);
}

/// Something an operator may want to know.
pub fn info(message: &str) {
    write("info", message, None);
}

/// Says what is being served, for the lines to come, and has panics logged the same way.
pub fn begin(service: &'static str, request_id: &str) {
    SERVING.with_borrow_mut(|serving| {
        *serving = Serving {
            service,
            request_id: request_id.to_owned(),
            route: String::new(),
        };
    });
    HOOKED.call_once(|| std::panic::set_hook(Box::new(panicked)));
}

fn panicked(panic: &PanicHookInfo<'_>) {
    let payload = panic.payload();
    let message = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a panic without a message");
    let place = panic.location().map(ToString::to_string);
    write("error", &format!("panic: {message}"), place);
}

/// Says which route it is, once that is known.
pub fn route(route: &str) {
    SERVING.with_borrow_mut(|serving| serving.route = route.to_owned());
}

fn write(level: &str, message: &str, place: Option<String>) {
    let serving = SERVING
        .try_with(|serving| serving.borrow().clone())
        .unwrap_or_default();
    let line = Line {
        level,
        message,
        service: serving.service,
        request_id: &serving.request_id,
        route: &serving.route,
        place,
    };
    if let Ok(line) = serde_json::to_string(&line) {
        eprintln!("{}", ascii(&line));
    }
}

/// The same JSON in printable ASCII: what else JSON lets stand as it is (RFC 8259, 7) may steer a terminal, or turn what is read around.
fn ascii(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for character in json.chars() {
        match character {
            ' '..='~' => escaped.push(character),
            _ => {
                let mut units = [0; 2];
                let units = character.encode_utf16(&mut units).iter();
                escaped.extend(units.map(|unit| format!("\\u{unit:04x}")));
            }
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_printable_ascii_is_escaped() {
        let message = "C1 \u{9b}2J, bidi \u{202e}, DEL \u{7f}, Cléo 🎬";
        let line = serde_json::to_string(message).map(|line| ascii(&line));
        let line = line.unwrap_or_default();
        assert_eq!(
            line,
            r#""C1 \u009b2J, bidi \u202e, DEL \u007f, Cl\u00e9o \ud83c\udfac""#
        );
        assert_eq!(serde_json::from_str(&line).ok(), Some(message.to_owned()));
    }
}
