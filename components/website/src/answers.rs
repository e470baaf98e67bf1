//! How pages are sent: what a browser may do with them, and who may keep them.

use http::{HeaderName, StatusCode, header};
use maud::Markup;
use service::Reply;
use tokens::digest;

use crate::visit::Visit;

pub const HTML: &str = "text/html; charset=utf-8";

/// Everything comes from this site, and nothing is written into a page but what it shows.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; \
    base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'; img-src 'self' data:";

const PERMISSIONS: &str =
    "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()";

impl Visit {
    /// A page that is alike for everybody who is not signed in, and is asked for anew only where it has changed.
    pub fn public(&self, page: Markup) -> Reply {
        let body = page.into_string();
        let tag = format!("W/\"{}\"", &digest(&body)[..22]);
        let known = self
            .request
            .header(header::IF_NONE_MATCH.as_str())
            .unwrap_or_default();
        let reply = if known.split(',').any(|one| one.trim() == tag) {
            Reply {
                status: StatusCode::NOT_MODIFIED,
                content_type: "",
                ..Reply::text("", "")
            }
        } else {
            Reply::text(HTML, body)
        };
        let who = if self.session.caller.is_some() || !self.session.cookies.is_empty() {
            "private"
        } else {
            "public"
        };
        secured(self, reply)
            .header(header::CACHE_CONTROL, format!("{who}, no-cache"))
            .header(header::VARY, "accept-language, cookie")
            .header(header::ETAG, tag)
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
