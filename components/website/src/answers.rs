//! How pages are sent: what a browser may do with them, and who may keep them.

use std::rc::Rc;

use http::{HeaderName, Method, StatusCode, header};
use maud::Markup;
use service::Reply;

use crate::{kept, visit::Visit};

pub const HTML: &str = "text/html; charset=utf-8";

/// Everything comes from this site, and nothing is written into a page but what it shows.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; \
    base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'; img-src 'self' data:";

const PERMISSIONS: &str =
    "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()";

impl Visit {
    /// A page that is alike for everybody who is not signed in, and is asked for anew only where it has changed.
    pub fn public(&self, page: Markup) -> Reply {
        let page = Rc::new(kept::Page::from(page.into_string()));
        if self.is_anybody() {
            kept::keep(self.key(), &page, self.clock.now());
        }
        self.validated(&page)
    }

    /// The page asked for, where it was just made for somebody else who is not signed in.
    pub fn kept(&self) -> Option<Reply> {
        let page = self
            .is_anybody()
            .then(|| kept::find(&self.key(), self.clock.now()))?;
        page.map(|page| self.validated(&page))
    }

    fn key(&self) -> kept::Key {
        kept::Key {
            address: self.address(),
            target: self.request.target(),
            language: self.t.tag,
        }
    }

    /// Whether it might be anybody who asks: they are not signed in, and are given no cookie.
    fn is_anybody(&self) -> bool {
        self.session.caller.is_none()
            && self.session.cookies.is_empty()
            && self.request.method == Method::GET
    }

    fn validated(&self, page: &kept::Page) -> Reply {
        let known = self
            .request
            .header(header::IF_NONE_MATCH.as_str())
            .unwrap_or_default();
        let reply = if known.split(',').any(|one| one.trim() == page.tag) {
            Reply {
                status: StatusCode::NOT_MODIFIED,
                content_type: "",
                ..Reply::text("", "")
            }
        } else {
            Reply::text(HTML, page.body.as_str())
        };
        let who = if self.is_anybody() {
            "public"
        } else {
            "private"
        };
        secured(self, reply)
            .header(header::CACHE_CONTROL, format!("{who}, no-cache"))
            .header(header::VARY, "accept-language, cookie")
            .header(header::ETAG, page.tag.clone())
    }

    /// A page that nobody keeps.
    pub fn personal(&self, page: Markup) -> Reply {
        kept_by_nobody(secured(self, Reply::text(HTML, page.into_string())))
    }

    /// The same with another status: a form that has something wrong, or a page of what went wrong.
    pub fn with_status(&self, status: StatusCode, page: Markup) -> Reply {
        Reply {
            status,
            ..self.personal(page)
        }
    }

    /// On to another page, by `GET`.
    pub fn on_to(&self, path: &str) -> Reply {
        let reply = Reply {
            status: StatusCode::SEE_OTHER,
            location: Some(path.to_owned()),
            content_type: "",
            ..Reply::text("", "")
        };
        kept_by_nobody(reply)
    }
}

fn secured(visit: &Visit, reply: Reply) -> Reply {
    let mut policy = POLICY.to_owned();
    if let Some(sources) = visit.setting("image_sources") {
        policy.push(' ');
        policy.push_str(&sources);
    }
    reply
        .header(header::CONTENT_SECURITY_POLICY, policy)
        .header(header::REFERRER_POLICY, "same-origin")
        .header(HeaderName::from_static("permissions-policy"), PERMISSIONS)
        .header(
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        )
        .header(header::CONTENT_LANGUAGE, visit.t.tag)
}

fn kept_by_nobody(reply: Reply) -> Reply {
    reply.header(header::CACHE_CONTROL, "no-store")
}
