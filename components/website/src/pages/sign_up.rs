//! `/sign-up`: an account is made, and whoever made it is signed in.

use std::rc::Rc;

use http::Method;
use maud::{Markup, html};
use service::{Problem, Reply};

use crate::{
    forms::{Field, Form},
    layout::{Page, page as framed},
    messages::Texts,
    pages::sign_in::{begun_at, next, onward, unless_signed_in, wanted},
    session,
    visit::Visit,
};

const NAMES: [&str; 4] = ["username", "firstname", "lastname", "password"];

/// `GET /sign-up`
pub async fn page(visit: Rc<Visit>) -> Result<Reply, Problem> {
    Ok(unless_signed_in(&visit, shown))
}

/// `POST /sign-up`
pub async fn sent(visit: Rc<Visit>) -> Result<Reply, Problem> {
    let form = visit.form()?;
    let users = visit.sibling("users")?;
    if let Err(problem) = users
        .ask(Method::POST, "/users", Some(&form.body(&NAMES)), Vec::new())
        .await
    {
        let form = form.refused(problem)?;
        return Ok(visit.with_status(form.status(), shown(&visit, &form)));
    }
    let (auth, username) = (visit.sibling("auth")?, form.get("username"));
    match session::begin(
        &auth,
        &visit.request,
        visit.origin,
        username,
        form.get("password"),
    )
    .await
    {
        Ok(cookies) => Ok(begun_at(&visit, next(&form), cookies)),
        // The account is there: they sign in by themselves.
        Err(_) => Ok(visit.on_to("/sign-in")),
    }
}

fn fields(t: &Texts) -> [Field<'_>; 4] {
    [
        Field {
            name: "username",
            label: t.sign_in_username,
            hint: t.sign_up_username_hint,
            autocomplete: "username",
            ..Field::default()
        },
        Field {
            name: "firstname",
            label: t.sign_up_firstname,
            autocomplete: "given-name",
            ..Field::default()
        },
        Field {
            name: "lastname",
            label: t.sign_up_lastname,
            autocomplete: "family-name",
            ..Field::default()
        },
        Field::new_password(t, t.sign_in_password),
    ]
}

fn shown(visit: &Visit, form: &Form) -> Markup {
    let t = visit.t;
    let fields = fields(t);
    let on = onward(visit);
    let main = html! {
        section.narrow {
            h1 { (t.sign_up_title) }
            p.lead { (t.sign_up_lead) }
            (form.summary(t, &fields))
            form method="post" action={ "/sign-up" (on) } {
                (visit.token()) (wanted(visit, form))
                (form.fields(t, &fields))
                button { (t.sign_up_button) }
            }
            p { (t.sign_up_known) " " a href={ "/sign-in" (on) } { (t.sign_in_title) } }
        }
    };
    framed(visit, Page::own(t.sign_up_title, "/sign-in", main))
}
