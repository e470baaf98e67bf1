//! `/search`: films by their title or director.

use std::{collections::BTreeMap, rc::Rc};

use futures::try_join;
use http::{Method, StatusCode};
use maud::html;
use service::{Listed, Problem, Reply};

use crate::{
    layout::{Page, page as framed},
    siblings::Film,
    visit::{Visit, quoted},
};

/// How many films are shown of each kind.
const MOST: usize = 48;

/// `GET /search`
pub async fn page(visit: Rc<Visit>) -> Result<Reply, Problem> {
    let t = visit.t;
    let words = visit
        .request
        .query("q")
        .unwrap_or_default()
        .trim()
        .to_owned();
    let (films, more, said) = match found(&visit, &words).await {
        Ok((films, more)) => (films, more, None),
        // What is too short to look for.
        Err(problem) if problem.status == StatusCode::BAD_REQUEST => {
            (Vec::new(), false, Some(problem.detail))
        }
        Err(problem) => return Err(problem),
    };
    let main = html! {
        h1 { (t.search_title) }
        form.search role="search" action="/search" {
            label for="q" { (t.search_label) }
            div { input #q type="search" name="q" value=(words) required autocomplete="off" enterkeyhint="search"; button { (t.search_button) } }
        }
        div role="status" {
            @if let Some(said) = said { p.notice.bad { (t.said(&said)) } }
            @else if words.is_empty() { p.soft { (t.search_about) } }
            @else if films.is_empty() { p { (t.search_nothing(&words)) } p.soft { (t.search_hint) } }
            @else { p.soft { (t.search_found(films.len() as u32, &words)) } }
        }
        ul.shelf {
            @for film in &films {
                li {
                    a href={ "/films/" (film.id) } { (visit.picture(film)) b { (film.title) } }
                    p.soft { (film.director) }
                }
            }
        }
        @if more { p.soft { (t.search_more) } }
    };
    let title = if words.is_empty() {
        t.search_title.to_owned()
    } else {
        format!("{words} · {}", t.search_title)
    };
    let page = Page {
        about: Some(t.search_about.to_owned()),
        place: "/search",
        is_hidden: !words.is_empty(),
        ..Page::new(&title, main)
    };
    Ok(visit.public(framed(&visit, page)))
}

/// The films that have the words in their title, and then those that have them in their director's name; and whether there are more.
async fn found(visit: &Visit, words: &str) -> Result<(Vec<Film>, bool), Problem> {
    if words.is_empty() {
        return Ok((Vec::new(), false));
    }
    let (words, movies) = (quoted(words), visit.sibling("movies")?);
    let (by_title, by_director) = (
        format!("/movies?limit={MOST}&title={words}"),
        format!("/movies?limit={MOST}&director={words}"),
    );
    let asked = |path| movies.ask_for::<Listed<Film>>(Method::GET, path, None::<&()>, Vec::new());
    let (titled, directed) = try_join!(asked(&by_title), asked(&by_director))?;
    let more = titled.next.is_some() || directed.next.is_some();
    let mut known = BTreeMap::new();
    let all = titled.data.into_iter().chain(directed.data);
    Ok((
        all.filter(|film| known.insert(film.id, ()).is_none())
            .collect(),
        more,
    ))
}
