//! What ties a request to the requests it causes: `x-request-id`, and `traceparent` of W3C Trace Context.

use http::HeaderMap;

/// The longest request id that is taken over from a caller.
const LONGEST_ID: usize = 128;

/// The identity of the request being served, sent along with every request it causes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// As it came, or made here.
    pub request_id: String,
    /// The caller's trace with a span of our own in it, or a new trace.
    pub traceparent: String,
    /// The caller's `tracestate`, as it came.
    pub tracestate: Option<String>,
}

impl Trace {
    /// Reads the headers of a request; what is missing or malformed is made anew.
    pub fn of(headers: &HeaderMap) -> Self {
        let ids: [u8; 24] = random();
        let (trace, span) = ids.split_at(16);
        let parent = text(headers, "traceparent").and_then(parse);
        let tracestate = parent.and(text(headers, "tracestate")).map(str::to_owned);
        let traceparent = match parent {
            Some((trace, flags)) => format!("00-{trace}-{}-{flags}", hex::encode(span)),
            None => format!("00-{}-{}-01", hex::encode(trace), hex::encode(span)),
        };
        let request_id = text(headers, "x-request-id")
            .filter(|id| is_request_id(id))
            .map_or_else(|| hex::encode(random::<16>()), str::to_owned);
        Self {
            request_id,
            traceparent,
            tracestate,
        }
    }

    /// The headers to send along.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [
            ("x-request-id", self.request_id.as_str()),
            ("traceparent", self.traceparent.as_str()),
        ]
        .into_iter()
        .chain(
            self.tracestate
                .as_deref()
                .map(|state| ("tracestate", state)),
        )
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn is_request_id(id: &str) -> bool {
    (1..=LONGEST_ID).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The trace id and the flags of a `traceparent`.
fn parse(header: &str) -> Option<(&str, &str)> {
    let mut parts = header.split('-');
    let (version, trace, parent, flags) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let hex = |text: &str, length: usize| {
        text.len() == length
            && text
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    let zero = |text: &str| text.bytes().all(|byte| byte == b'0');
    let known = hex(version, 2) && version != "ff" && (version != "00" || parts.next().is_none());
    (known && hex(trace, 32) && !zero(trace) && hex(parent, 16) && !zero(parent) && hex(flags, 2))
        .then_some((trace, flags))
}

/// Random bytes, for what is no secret.
pub(crate) fn random<const LENGTH: usize>() -> [u8; LENGTH] {
    let mut random = [0; LENGTH];
    // Where there are none to be had, ids are only less telling, and retries less spread.
    let _ = getrandom::fill(&mut random);
    random
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn trace(name: &'static str, value: &str) -> Trace {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().unwrap());
        Trace::of(&headers)
    }

    #[test]
    fn a_trace_is_carried_on_with_a_span_of_our_own() {
        let header = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";
        let carried = trace("traceparent", header).traceparent;
        assert!(
            carried.starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-") && carried.ends_with("-00")
        );
        assert_ne!(carried, header);
        for wrong in [
            "",
            "00-0-0-00",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00",
            &format!("{header}-x"),
        ] {
            let made = trace("traceparent", wrong).traceparent;
            assert!(!made.contains("4bf92f"), "{wrong}");
            assert_eq!(made.len(), header.len());
        }
    }

    #[test]
    fn a_sane_request_id_is_kept() {
        assert_eq!(trace("x-request-id", "abc-1").request_id, "abc-1");
        for wrong in ["", "a b", &"x".repeat(129)] {
            assert_eq!(trace("x-request-id", wrong).request_id.len(), 32, "{wrong}");
        }
    }
}
