//! Pages that are alike for everybody, which an instance keeps for a moment: where many look, few have them made.

use std::rc::Rc;

use service::{Fresh, Moment};
use tokens::digest;

/// How large a page may be that is kept, in bytes.
const LARGEST: usize = 256 * 1024;

/// What a page depends on beside the time.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Key {
    pub address: String,
    pub target: String,
    pub language: &'static str,
}

/// A page as it is sent.
pub struct Page {
    pub body: String,
    /// The validator.
    pub tag: String,
}

thread_local! {
    static PAGES: Fresh<Key, Rc<Page>, 64> = Fresh::default();
}

impl From<String> for Page {
    fn from(body: String) -> Self {
        let tag = format!("W/\"{}\"", &digest(&body)[..22]);
        Self { body, tag }
    }
}

/// The page that is kept, if it is still fresh.
pub fn find(key: &Key, now: Moment) -> Option<Rc<Page>> {
    PAGES.with(|pages| pages.get(key, now))
}

/// Keeps a page that was made now.
pub fn keep(key: Key, page: &Rc<Page>, now: Moment) {
    if page.body.len() <= LARGEST {
        PAGES.with(|pages| pages.keep(key, Rc::clone(page), now));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_kept_for_who_asks_for_just_that() {
        let now = Moment::now();
        let key = |target: &str| Key {
            address: "http://x".into(),
            target: target.into(),
            language: "en",
        };
        let put = |target: &str, body: String| keep(key(target), &Rc::new(Page::from(body)), now);
        put("/", "one".into());
        put("/large", "x".repeat(LARGEST + 1));
        let body = |key| find(&key, now).map(|page| page.body.clone());
        assert_eq!(body(key("/")).as_deref(), Some("one"));
        let german = Key {
            language: "de",
            ..key("/")
        };
        assert_eq!(
            (body(key("/x")), body(german), body(key("/large"))),
            (None, None, None)
        );
        let tag = |body: &str| Page::from(body.to_owned()).tag;
        assert_ne!(tag("a"), tag("b"));
    }
}
