//! A request as pages see it.

use std::rc::Rc;

use door::Outbound;
use maud::{Markup, html};
use service::{Caller, Clock, Context, Origin, Problem, Reply, Request, Role, Service, Sibling};

use crate::{
    messages::{self, Texts},
    session::Session,
    visited,
};

/// The website.
pub struct Site {
    pub context: Context,
}

impl Service for Site {
    const FOR_PEOPLE: bool = true;

    async fn ready(&self) -> Result<(), Problem> {
        Ok(())
    }

    async fn told(self: Rc<Self>, request: Request, problem: Problem) -> Result<Reply, Problem> {
        visited(self, request, |_| async { Err(problem) }).await
    }

    async fn standing(_: Context, caller: Caller) -> Result<Option<Role>, Problem> {
        Ok(Some(caller.role))
    }
}

/// A request, with who sent it, and the siblings, which are asked with just their rights.
pub struct Visit {
    pub request: Request,
    pub session: Session,
    /// What pages say, in the visitor's language.
    pub t: &'static Texts,
    pub clock: Clock,
    pub origin: Origin,
    context: Context,
}

impl Visit {
    pub async fn of(site: &Site, request: Request) -> Result<Self, Problem> {
        let origin = request.origin()?;
        let auth = site.context.on_behalf(None).sibling("auth")?;
        let session = Session::of(&request, &auth, origin).await?;
        Ok(Self {
            t: messages::of(&request),
            clock: site.context.clock()?,
            context: site.context.on_behalf(session.token.clone()),
            origin,
            session,
            request,
        })
    }

    /// A sibling, as it answers to whoever is signed in.
    pub fn sibling(&self, name: &'static str) -> Result<Sibling<Outbound>, Problem> {
        self.context.sibling(name)
    }

    /// Whoever is signed in; 401 where nobody is.
    pub fn signed_in(&self) -> Result<Caller, Problem> {
        self.session
            .caller
            .ok_or_else(|| Problem::unauthorized("sign in"))
    }

    /// Whoever is signed in, who is of the staff; 401 where nobody is, 403 where they are not.
    pub fn staff(&self) -> Result<Caller, Problem> {
        let caller = self.signed_in()?;
        let told = || Problem::forbidden(self.t.staff_only);
        caller.is_staff().then_some(caller).ok_or_else(told)
    }

    /// What the cinema is called.
    pub fn cinema(&self) -> String {
        self.setting("cinema_name")
            .unwrap_or_else(|| "Cinema".to_owned())
    }

    /// A setting that is set.
    pub fn setting(&self, name: &str) -> Option<String> {
        self.context.setting(name).filter(|value| !value.is_empty())
    }

    /// The site's own address: scheme, host and port.
    pub fn address(&self) -> String {
        format!(
            "{}://{}",
            if self.origin.is_https {
                "https"
            } else {
                "http"
            },
            self.host()
        )
    }

    /// The name of the site and its port, as it was asked for.
    pub fn host(&self) -> &str {
        let full = self
            .request
            .header("spin-full-url")
            .and_then(|url| url.split('/').nth(2));
        full.or_else(|| self.request.header("host"))
            .unwrap_or("localhost")
    }

    /// What has just been done, as the address of the page says.
    pub fn done(&self) -> Option<Markup> {
        let t = self.t;
        let words = match &*self.request.query("done")? {
            "booked" => t.ticket_done,
            "cancelled" => t.cancel_done,
            "saved" => t.account_saved,
            "changed" => t.account_changed,
            "ended" => t.account_ended,
            "deleted" => t.account_deleted,
            "signed-out" => t.account_signed_out,
            "added" => t.staff_added,
            "kept" => t.staff_kept,
            "removed" => t.staff_removed,
            "let-in" => t.guests_let_in,
            "taken-back" => t.guests_taken_back,
            _ => return None,
        };
        Some(html! { p.notice.good role="status" { (words) } })
    }

    /// Where somebody wanted to be before they were sent to sign in: a path of ours, and nothing else.
    pub fn next(&self) -> Option<String> {
        self.request
            .query("next")
            .map(Into::into)
            .filter(|next: &String| is_ours(next))
    }
}

/// A text as a part of a query.
pub fn quoted(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// Whether it is a path of this site, however a browser reads it.
pub fn is_ours(path: &str) -> bool {
    let mut characters = path.chars();
    let begins = characters.next() == Some('/') && !matches!(characters.next(), Some('/' | '\\'));
    begins && !path.contains('\\') && path.chars().all(|character| character.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_elsewhere() {
        for path in [
            "/",
            "/me/bookings?after=1",
            "/book/65a1?seats=2#sum",
            "/search?q=%2F%2Fx",
        ] {
            assert!(is_ours(path), "{path}");
        }
        for path in [
            "",
            "me",
            "//elsewhere.example",
            "/\\elsewhere.example",
            "\\/x",
            "https://elsewhere.example/",
            "javascript:alert(1)",
            "/\t/elsewhere.example",
            "/\n/elsewhere.example",
            " /me",
            "/a\\b",
            "/ä",
            "?next=/",
        ] {
            assert!(!is_ours(path), "{path:?}");
        }
    }
}
