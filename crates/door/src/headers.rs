//! Headers, between Spin's types and the `http` crate's.

use http::{HeaderMap, HeaderName, HeaderValue, header::CONTENT_LENGTH};
use spin_sdk::http::Fields;

/// Headers as they came; what is no header is left out.
pub(crate) fn read(fields: &Fields) -> HeaderMap {
    let entries = fields.entries().into_iter().filter_map(|(name, value)| {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        Some((name, HeaderValue::from_bytes(&value).ok()?))
    });
    let mut headers = HeaderMap::new();
    for (name, value) in entries {
        headers.append(name, value);
    }
    headers
}

/// Headers as the host takes them.
pub(crate) fn written(headers: &HeaderMap) -> Vec<(String, Vec<u8>)> {
    headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()))
        .collect()
}

/// The announced length of a body, in bytes.
pub(crate) fn length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}
