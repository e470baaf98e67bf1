//! Texts that others wrote, made such that they can't move a terminal's cursor, turn what is read around, hide, or pretend to be
//! another line.

use std::{borrow::Cow, fmt::Write as _};

use icu_properties::{CodePointMapData, props::GeneralCategory};

/// A text for people, in which a character that is not seen is told by its number.
pub fn visible(text: &str) -> Cow<'_, str> {
    if is_plain(text) {
        return Cow::Borrowed(text);
    }
    let categories = CodePointMapData::<GeneralCategory>::new();
    let is_unseen = |character| {
        use GeneralCategory as Is;
        matches!(
            categories.get(character),
            Is::Control | Is::Format | Is::LineSeparator | Is::ParagraphSeparator
        )
    };
    let mut seen = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        if is_unseen(character) {
            seen.extend(character.escape_default());
        } else {
            seen.push(character);
        }
    }
    Cow::Owned(seen)
}

/// The same JSON in printable ASCII: beyond it, and for the character DEL, JSON asks for no escapes (RFC 8259, 7).
pub fn ascii(json: String) -> String {
    if is_plain(&json) {
        return json;
    }
    let mut escaped = String::with_capacity(json.len() + 16);
    for character in json.chars() {
        if matches!(character, ' '..='~') {
            escaped.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                // Writing to a string cannot fail.
                let _ = write!(escaped, "\\u{unit:04x}");
            }
        }
    }
    escaped
}

fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// One of each kind: C0 and C1 controls, those that turn the direction, those of no width, those that break lines, tags.
    const UNSEEN: [char; 24] = [
        '\0',
        '\t',
        '\n',
        '\r',
        '\u{1b}',
        '\u{7f}',
        '\u{85}',
        '\u{9b}',
        '\u{ad}',
        '\u{61c}',
        '\u{200b}',
        '\u{200e}',
        '\u{200f}',
        '\u{2028}',
        '\u{2029}',
        '\u{202a}',
        '\u{202e}',
        '\u{2060}',
        '\u{2066}',
        '\u{2067}',
        '\u{2068}',
        '\u{2069}',
        '\u{feff}',
        '\u{e0041}',
    ];

    #[test]
    fn what_is_not_seen_is_told() {
        assert_eq!(visible("a\u{1b}[2Jb\nc"), "a\\u{1b}[2Jb\\nc");
        for unseen in UNSEEN {
            let text = format!("a{unseen}b");
            assert_eq!(visible(&text), format!("a{}b", unseen.escape_default()));
        }
    }

    #[test]
    fn what_is_seen_stays() {
        for text in [
            "",
            "GET /movies?a=\\b",
            "Am\u{e9}lie, 東京物語, שלום \u{1f600}",
        ] {
            assert_eq!(visible(text), text);
        }
    }

    #[test]
    fn json_is_ascii_and_says_the_same() {
        for text in UNSEEN.map(String::from).into_iter().chain([
            "a \"b\" \\ c".to_owned(),
            "Am\u{e9}lie 東京物語 \u{1f600}".to_owned(),
        ]) {
            let json = ascii(serde_json::to_string(&text).unwrap());
            assert!(json.bytes().all(|byte| matches!(byte, b' '..=b'~')));
            assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
        }
    }
}
