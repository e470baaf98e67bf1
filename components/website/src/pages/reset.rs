//! `/reset`: a new password, by a code that staff gave out.

use std::rc::Rc;

use http::{Method, StatusCode};
use maud::{Markup, html};
use service::{Problem, Reply};

use crate::{
    forms::{Field, Form},
    layout::{Page, page as framed},
    messages::Texts,
    session,
    visit::Visit,
};

const NAMES: [&str; 3] = ["username", "code", "password"];

/// `GET /reset`
pub async fn page(visit: Rc<Visit>) -> Result<Reply, Problem> {
    Ok(visit.personal(shown(&visit, &Form::default())))
}

/// `POST /reset`
pub async fn sent(visit: Rc<Visit>) -> Result<Reply, Problem> {
    let form = visit.form()?;
    let set = visit
        .sibling("auth")?
        .ask(
            Method::POST,
            "/auth/reset",
            Some(&form.body(&NAMES)),
            session::from(visit.origin),
        )
        .await;
    let form = match set {
        Ok(_) => return Ok(visit.on_to("/sign-in?done=changed")),
        Err(problem) if problem.status == StatusCode::UNAUTHORIZED => {
            form.wrong(StatusCode::UNPROCESSABLE_ENTITY, &problem.detail)
        }
        Err(problem) => form.refused(problem)?,
    };
    Ok(visit.with_status(form.status(), shown(&visit, &form)))
}

fn fields(t: &Texts) -> [Field<'_>; 3] {
    [
        Field {
            name: "username",
            label: t.sign_in_username,
            autocomplete: "username",
            ..Field::default()
        },
        Field {
            name: "code",
            label: t.reset_code,
            autocomplete: "one-time-code",
            ..Field::default()
        },
        Field::new_password(t, t.reset_password),
    ]
}

fn shown(visit: &Visit, form: &Form) -> Markup {
    let t = visit.t;
    let fields = fields(t);
    let main = html! {
        section.narrow {
            h1 { (t.reset_title) }
            p.lead { (t.reset_lead) }
            (form.summary(t, &fields))
            form method="post" action="/reset" {
                (visit.token())
                (form.fields(t, &fields))
                button { (t.reset_button) }
            }
        }
    };
    framed(visit, Page::own(t.reset_title, "/sign-in", main))
}
