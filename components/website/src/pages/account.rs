//! `/me`: name, password, and where somebody is signed in.

use std::rc::Rc;

use futures::try_join;
use http::Method;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::json;
use service::{Id, Listed, Moment, Problem, Reply};

use crate::{
    forms::{Field, Form},
    layout::{Page, page as framed},
    pages::leaving,
    session,
    visit::Visit,
};

#[derive(Deserialize)]
struct User {
    username: String,
    firstname: String,
    lastname: String,
}

#[derive(Deserialize)]
struct Known {
    id: Id,
    agent: Option<String>,
    current: bool,
    usedon: Moment,
}

const NAMES: [&str; 2] = ["firstname", "lastname"];

/// `GET /me`
pub async fn page(visit: Rc<Visit>) -> Result<Reply, Problem> {
    visit.signed_in()?;
    let page = shown(&visit, &Form::default(), &Form::default()).await?;
    Ok(visit.personal(page))
}

/// `GET` of what is only sent to.
pub async fn back(visit: Rc<Visit>) -> Result<Reply, Problem> {
    Ok(visit.on_to("/me"))
}

/// `POST /me`
pub async fn names(visit: Rc<Visit>) -> Result<Reply, Problem> {
    let (caller, form) = (visit.signed_in()?, visit.form()?);
    let path = format!("/users/{}", caller.id);
    match visit
        .sibling("users")?
        .ask(Method::PATCH, &path, Some(&form.body(&NAMES)), Vec::new())
        .await
    {
        Ok(_) => Ok(visit.on_to("/me?done=saved")),
        Err(problem) => {
            let form = form.refused(problem)?;
            Ok(visit.with_status(form.status(), shown(&visit, &form, &Form::default()).await?))
        }
    }
}

/// `POST /me/password`
pub async fn password(visit: Rc<Visit>) -> Result<Reply, Problem> {
    let (caller, form) = (visit.signed_in()?, visit.form()?);
    let path = format!("/users/{}/password", caller.id);
    let body = json!({"current": form.get("current"), "password": form.get("password")});
    match visit
        .sibling("users")?
        .ask(Method::PUT, &path, Some(&body), session::from(visit.origin))
        .await
    {
        Ok(_) => Ok(visit.on_to("/me?done=changed")),
        Err(problem) => {
            let form = form.refused(problem)?;
            Ok(visit.with_status(form.status(), shown(&visit, &Form::default(), &form).await?))
        }
    }
}

/// `POST /me/sessions`: one, or all.
pub async fn end(visit: Rc<Visit>) -> Result<Reply, Problem> {
    visit.signed_in()?;
    let form = visit.form()?;
    let auth = visit.sibling("auth")?;
    match form.get("session") {
        "all" => {
            auth.ask(Method::DELETE, "/auth/sessions", None::<&()>, Vec::new())
                .await?;
            leaving::ended(&visit, "/?done=signed-out").await
        }
        one => {
            let id: Id = one
                .parse()
                .map_err(|_| Problem::not_found(format!("there is no session {one}")))?;
            auth.remove(&format!("/auth/sessions/{id}")).await?;
            Ok(visit.on_to("/me?done=ended"))
        }
    }
}

async fn shown(visit: &Visit, names: &Form, password: &Form) -> Result<Markup, Problem> {
    let t = visit.t;
    let auth = visit.sibling("auth")?;
    let (user, sessions) = try_join!(
        auth.one::<User>("/auth/me"),
        auth.page::<Known>("/auth/sessions")
    )?;
    let user = user.ok_or_else(|| Problem::unauthorized("sign in"))?;
    let Listed { data: sessions, .. } = sessions;
    let own = [
        Field {
            name: "firstname",
            label: t.sign_up_firstname,
            autocomplete: "given-name",
            value: &user.firstname,
            ..Field::default()
        },
        Field {
            name: "lastname",
            label: t.sign_up_lastname,
            autocomplete: "family-name",
            value: &user.lastname,
            ..Field::default()
        },
    ];
    let secret = [
        Field {
            name: "current",
            label: t.account_current,
            kind: "password",
            autocomplete: "current-password",
            ..Field::default()
        },
        Field::new_password(t, t.account_new),
    ];
    let main = html! {
        h1 { (t.account_hello(&user.firstname)) }
        @if let Some(done) = visit.done() { (done) }
        (names.summary(t, &own)) (password.summary(t, &secret))
        div.panels {
            section.panel {
                h2 { (t.account_names) }
                form method="post" action="/me" {
                    (visit.token())
                    (names.fields(t, &own))
                    button { (t.account_save) }
                }
            }
            section.panel {
                h2 { (t.account_password) }
                form method="post" action="/me/password" {
                    (visit.token())
                    input type="hidden" name="username" value=(user.username) autocomplete="username";
                    (password.fields(t, &secret))
                    button { (t.account_change) }
                }
            }
            section.panel {
                h2 { (t.account_sessions) }
                ul.sessions { @for session in &sessions { (one(visit, session)) } }
                form method="post" action="/me/sessions" {
                    (visit.token())
                    button.quiet name="session" value="all" { (t.account_end_all) }
                }
            }
            section.panel {
                h2 { (t.account_delete) }
                p { (t.account_delete_lead) }
                p { a.button.quiet href="/me/delete" { (t.account_delete) } }
            }
        }
    };
    Ok(framed(visit, Page::own(t.nav_account, "/me", main)))
}

fn one(visit: &Visit, session: &Known) -> Markup {
    let t = visit.t;
    let agent = session
        .agent
        .as_deref()
        .and_then(browser)
        .unwrap_or_else(|| t.account_unknown.to_owned());
    html! {
        li {
            div {
                b { (agent) } @if session.current { " " span.tag { (t.account_this) } }
                p.soft { (t.account_used(t.full_day(visit.clock.day(session.usedon)))) }
            }
            @if !session.current {
                form method="post" action="/me/sessions" {
                    (visit.token())
                    button.quiet.small name="session" value=(session.id) aria-label=(t.account_end_one(&agent)) { (t.account_end) }
                }
            }
        }
    }
}

/// A browser and its system, by what it says of itself. It is a word of help and nothing more.
fn browser(agent: &str) -> Option<String> {
    let first = |names: &[(&str, &'static str)]| {
        names
            .iter()
            .find(|(part, _)| agent.contains(part))
            .map(|(_, name)| *name)
    };
    let browser = first(&[
        ("Edg", "Edge"),
        ("OPR", "Opera"),
        ("Firefox", "Firefox"),
        ("FxiOS", "Firefox"),
        ("Chrom", "Chrome"),
        ("CriOS", "Chrome"),
        ("Safari", "Safari"),
        ("curl", "curl"),
    ])?;
    let system = first(&[
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ]);
    Some(system.map_or_else(
        || browser.to_owned(),
        |system| format!("{browser}, {system}"),
    ))
}
