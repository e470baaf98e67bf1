//! Signing out, and `/me/delete`: leaving for good.

use std::rc::Rc;

use http::{HeaderName, Method, header};
use maud::{Markup, html};
use service::{Problem, Reply, cookies};

use crate::{
    forms::Form,
    layout::{Page, page as framed},
    session,
    visit::Visit,
};

/// `POST /sign-out`
pub async fn sign_out(visit: Rc<Visit>) -> Result<Reply, Problem> {
    if visit.session.caller.is_none() {
        return Ok(visit.on_to("/"));
    }
    visit.form()?;
    ended(&visit, "/?done=signed-out").await
}

/// The session is ended, the cookies are taken back, and it goes on.
pub async fn ended(visit: &Visit, next: &str) -> Result<Reply, Problem> {
    // What was renewed for this very request is what the session goes by now.
    let fresh: Vec<_> = visit
        .session
        .cookies
        .iter()
        .filter_map(|cookie| cookie.split(';').next())
        .collect();
    let sent = match fresh.join("; ") {
        fresh if fresh.is_empty() => visit
            .request
            .header(header::COOKIE.as_str())
            .unwrap_or_default()
            .to_owned(),
        fresh => fresh,
    };
    let csrf = sent.split("; ").find_map(|cookie| {
        let (name, value) = cookie.split_once('=')?;
        (name.trim_start_matches(cookies::HOST) == cookies::CSRF).then_some(value)
    });
    let csrf = csrf.unwrap_or_default().to_owned();
    let mut headers = session::from(visit.origin);
    headers.extend([
        (header::COOKIE, sent),
        (HeaderName::from_static("x-csrf-token"), csrf),
    ]);
    let answer = visit
        .sibling("auth")?
        .ask(Method::POST, "/auth/logout", None::<&()>, headers)
        .await?;
    let taken_back = session::set(answer.headers()).into_iter();
    let reply = taken_back.fold(visit.on_to(next), |reply, cookie| {
        reply.header(header::SET_COOKIE, cookie)
    });
    Ok(reply.header(HeaderName::from_static("clear-site-data"), "\"cache\""))
}

/// `GET /me/delete`
pub async fn page(visit: Rc<Visit>) -> Result<Reply, Problem> {
    visit.signed_in()?;
    Ok(visit.personal(shown(&visit, &Form::default())))
}

/// `POST /me/delete`
pub async fn delete(visit: Rc<Visit>) -> Result<Reply, Problem> {
    let caller = visit.signed_in()?;
    let form = visit.form()?;
    if form.get("sure").is_empty() {
        return Ok(visit.on_to("/me/delete"));
    }
    let path = format!("/users/{}", caller.id);
    match visit
        .sibling("users")?
        .ask(Method::DELETE, &path, None::<&()>, Vec::new())
        .await
    {
        Ok(_) => ended(&visit, "/?done=deleted").await,
        Err(problem) => {
            let form = form.refused(problem)?;
            Ok(visit.with_status(form.status(), shown(&visit, &form)))
        }
    }
}

fn shown(visit: &Visit, form: &Form) -> Markup {
    let t = visit.t;
    let main = html! {
        section.narrow {
            h1 { (t.account_delete_title) }
            p.lead { (t.account_delete_lead) }
            (form.summary(t, &[]))
            form method="post" action="/me/delete" {
                (visit.token())
                label.check { input type="checkbox" name="sure" value="yes" required; " " (t.account_delete_sure) }
                p.actions { button.danger { (t.account_delete_button) } a.button.quiet href="/me" { (t.form_cancel) } }
            }
        }
    };
    framed(visit, Page::own(t.account_delete_title, "/me", main))
}
