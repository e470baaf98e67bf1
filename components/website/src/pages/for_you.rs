//! `/me/for-you`: films to suggest, with the reasons.

use std::rc::Rc;

use maud::html;
use serde::Deserialize;
use service::{Listed, Problem, Reply};

use crate::{
    layout::{Page, page as framed},
    siblings::Film,
    visit::Visit,
};

#[derive(Deserialize)]
struct Suggestion {
    movie: Film,
    reason: String,
}

/// `GET /me/for-you`
pub async fn page(visit: Rc<Visit>) -> Result<Reply, Problem> {
    let (t, caller) = (visit.t, visit.signed_in()?);
    let path = format!("/users/{}/suggested?limit=12", caller.id);
    let suggested: Listed<Suggestion> = visit.sibling("users")?.page(&path).await?;
    let main = html! {
        h1 { (t.for_you_title) }
        p.lead { (t.for_you_lead) }
        @if suggested.data.is_empty() { div.empty { p { (t.for_you_none) } } }
        div.films {
            @for Suggestion { movie, reason } in &suggested.data {
                article.film {
                    a.poster href={ "/films/" (movie.id) } tabindex="-1" aria-hidden="true" { (visit.picture(movie)) }
                    div {
                        h2.h3 { a href={ "/films/" (movie.id) } { (movie.title) } }
                        (visit.facts(movie))
                        p { (t.said(reason)) }
                        p { a.button.quiet.small href={ "/films/" (movie.id) } { (t.film_when) } }
                    }
                }
            }
        }
    };
    Ok(visit.personal(framed(
        &visit,
        Page::own(t.for_you_title, "/me/for-you", main),
    )))
}
