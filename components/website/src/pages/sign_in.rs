//! `/sign-in`

use std::rc::Rc;

use http::{StatusCode, header};
use maud::{Markup, html};
use service::{Problem, Reply};

use crate::{
    forms::{Field, Form},
    layout::{Page, page as framed},
    messages::Texts,
    session,
    visit::{Visit, is_ours, quoted},
};

/// `GET /sign-in`
pub async fn page(visit: Rc<Visit>) -> Result<Reply, Problem> {
    Ok(unless_signed_in(&visit, shown))
}

/// A form for whoever is not signed in; who is goes on to where they wanted to be.
pub fn unless_signed_in(visit: &Visit, shown: fn(&Visit, &Form) -> Markup) -> Reply {
    if visit.session.caller.is_some() {
        return visit.on_to(&visit.next().unwrap_or_else(|| "/".to_owned()));
    }
    visit.personal(shown(visit, &Form::default()))
}

/// `POST /sign-in`
pub async fn sent(visit: Rc<Visit>) -> Result<Reply, Problem> {
    let form = visit.form()?;
    let auth = visit.sibling("auth")?;
    let begun = session::begin(
        &auth,
        &visit.request,
        visit.origin,
        form.get("username"),
        form.get("password"),
    )
    .await;
    match begun {
        Ok(cookies) => Ok(begun_at(&visit, next(&form), cookies)),
        Err(problem) if problem.status == StatusCode::UNAUTHORIZED => {
            let form = form.wrong(StatusCode::UNPROCESSABLE_ENTITY, &problem.detail);
            Ok(visit.with_status(form.status(), shown(&visit, &form)))
        }
        Err(problem) => {
            let wait = problem.retry_after;
            let form = form.refused(problem)?;
            let reply = visit.with_status(form.status(), shown(&visit, &form));
            Ok(match wait {
                Some(wait) => reply.header(header::RETRY_AFTER, wait.as_secs().max(1).to_string()),
                None => reply,
            })
        }
    }
}

/// On, as somebody who is signed in.
pub fn begun_at(visit: &Visit, next: &str, cookies: Vec<String>) -> Reply {
    cookies
        .into_iter()
        .fold(visit.on_to(next), |reply, cookie| {
            reply.header(header::SET_COOKIE, cookie)
        })
}

/// Where a form says that somebody wanted to be.
pub fn next(form: &Form) -> &str {
    let next = form.get("next");
    if is_ours(next) { next } else { "/" }
}

/// The same as the query of a link.
pub fn onward(visit: &Visit) -> String {
    let next = visit.next();
    next.map_or_else(String::new, |next| format!("?next={}", quoted(&next)))
}

/// The field that remembers where somebody wanted to be.
pub fn wanted(visit: &Visit, form: &Form) -> Markup {
    let given = form.get("next").to_owned();
    let next = if given.is_empty() {
        visit.next().unwrap_or_default()
    } else {
        given
    };
    html! { @if is_ours(&next) { input type="hidden" name="next" value=(next); } }
}

fn fields(t: &Texts) -> [Field<'_>; 2] {
    [
        Field {
            name: "username",
            label: t.sign_in_username,
            autocomplete: "username",
            ..Field::default()
        },
        Field {
            name: "password",
            label: t.sign_in_password,
            kind: "password",
            autocomplete: "current-password",
            ..Field::default()
        },
    ]
}

fn shown(visit: &Visit, form: &Form) -> Markup {
    let t = visit.t;
    let fields = fields(t);
    let on = onward(visit);
    let main = html! {
        section.narrow {
            h1 { (t.sign_in_title) }
            @if visit.request.query("ended").is_some() { p.notice { (t.sign_in_ended) } }
            @else if !on.is_empty() { p.notice { (t.sign_in_first) } }
            @else { p.lead { (t.sign_in_lead) } }
            @if let Some(done) = visit.done() { (done) }
            (form.summary(t, &fields))
            form method="post" action={ "/sign-in" (on) } {
                (visit.token()) (wanted(visit, form))
                (form.fields(t, &fields))
                button { (t.sign_in_button) }
            }
            p { (t.sign_in_new) " " a href={ "/sign-up" (on) } { (t.sign_in_sign_up) } }
            p { a href="/reset" { (t.sign_in_forgot) } }
        }
    };
    framed(visit, Page::own(t.sign_in_title, "/sign-in", main))
}
