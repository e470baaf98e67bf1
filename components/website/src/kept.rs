//! Pages that are alike for everybody, which an instance keeps for a moment: where many look, few have them made.

use std::{cell::RefCell, collections::HashMap, rc::Rc};

use service::Moment;
use tokens::digest;

/// For so many milliseconds a page is kept, as users keeps what it suggests by.
const FRESH: i64 = 2_000;

/// How many pages are kept, and how large they may be, in bytes.
const MOST: usize = 64;
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
    since: Moment,
}

thread_local! {
    static PAGES: RefCell<HashMap<Key, Rc<Page>>> = RefCell::default();
}

impl Page {
    /// One that was made now.
    pub fn new(body: String, now: Moment) -> Self {
        let tag = format!("W/\"{}\"", &digest(&body)[..22]);
        Self {
            body,
            tag,
            since: now,
        }
    }

    fn is_fresh(&self, now: Moment) -> bool {
        (0..FRESH).contains(&(now.millis() - self.since.millis()))
    }
}

/// The page that is kept, if it is still fresh.
pub fn find(key: &Key, now: Moment) -> Option<Rc<Page>> {
    PAGES.with_borrow(|pages| pages.get(key).filter(|page| page.is_fresh(now)).cloned())
}

/// Keeps a page.
pub fn keep(key: Key, page: &Rc<Page>, now: Moment) {
    if page.body.len() > LARGEST {
        return;
    }
    PAGES.with_borrow_mut(|pages| {
        if pages.len() >= MOST {
            pages.retain(|_, page| page.is_fresh(now));
        }
        if pages.len() < MOST {
            pages.insert(key, Rc::clone(page));
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_kept_for_two_seconds_and_no_more_than_there_is_room_for() {
        let at = Moment::clamped;
        let key = |target: &str| Key {
            address: "http://x".into(),
            target: target.into(),
            language: "en",
        };
        let put = |target: &str, body: &str, now| {
            keep(key(target), &Rc::new(Page::new(body.into(), now)), now)
        };
        put("/", "one", at(10_000));
        let body = |target: &str, now| find(&key(target), at(now)).map(|page| page.body.clone());
        assert_eq!(body("/", 11_999).as_deref(), Some("one"));
        assert_eq!(body("/", 12_000), None);
        // A clock that was put back makes nothing fresh for long.
        assert_eq!(body("/", 9_999), None);
        assert_eq!(body("/x", 10_000), None);
        assert!(
            find(
                &Key {
                    language: "de",
                    ..key("/")
                },
                at(10_000)
            )
            .is_none()
        );
        put("/large", &"x".repeat(LARGEST + 1), at(10_000));
        assert_eq!(body("/large", 10_000), None);
        for page in 0..2 * MOST {
            put(&format!("/{page}"), "x", at(10_500));
        }
        assert_eq!(PAGES.with_borrow(HashMap::len), MOST);
        put("/new", "new", at(20_000));
        assert_eq!(PAGES.with_borrow(HashMap::len), 1);
        assert_ne!(
            Page::new("a".into(), at(0)).tag,
            Page::new("b".into(), at(0)).tag
        );
    }
}
