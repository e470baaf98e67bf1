//! A function a route.

use std::{collections::HashSet, rc::Rc};

use bson::oid::ObjectId;
use serde::Deserialize;
use service::{Ask, Problem, Reply, Request, Service, clock};

use crate::{
    model::Showtime,
    storage::{Storage, Wanted},
};

/// What the handlers work with.
pub struct Showtimes<S, A> {
    storage: S,
    movies: A,
}

/// A film, as far as a showtime has to do with it.
#[derive(Debug, Deserialize)]
struct Movie {
    id: ObjectId,
}

impl<S, A> Showtimes<S, A> {
    /// The service over a storage and the movies service.
    pub fn new(storage: S, movies: A) -> Self {
        Self { storage, movies }
    }
}

impl<S: Storage + 'static, A: Ask + 'static> Service for Showtimes<S, A> {
    async fn ready(&self) -> Result<(), Problem> {
        Ok(self.storage.ping().await?)
    }
}

/// `GET /showtimes`
pub async fn list<S: Storage, A: Ask>(
    showtimes: Rc<Showtimes<S, A>>,
    request: Request,
) -> Result<Reply, Problem> {
    let date = day(&request, "date")?;
    let (from, to) = (day(&request, "from")?, day(&request, "to")?);
    let wanted = Wanted {
        from: date.clone().max(from),
        to: match (date, to) {
            (Some(date), Some(to)) => Some(date.min(to)),
            (date, to) => date.or(to),
        },
        movie: request.query_id("movie")?,
        ids: request.query_ids()?,
    };
    showtimes.page(&request, &wanted).await
}

/// `POST /showtimes`
pub async fn create<S: Storage, A: Ask>(
    showtimes: Rc<Showtimes<S, A>>,
    request: Request,
) -> Result<Reply, Problem> {
    let mut fields = request.body()?;
    let showtime = Showtime::create(&mut fields);
    if !showtime.movies.is_empty() {
        let found: HashSet<_> = showtimes
            .movies
            .by_ids::<Movie>("/movies", &showtime.movies)
            .await?
            .iter()
            .map(|movie| movie.id)
            .collect();
        for (at, movie) in showtime
            .movies
            .iter()
            .enumerate()
            .filter(|(_, movie)| !found.contains(movie))
        {
            fields.fault(
                format!("movies[{at}]"),
                format!("there is no movie {movie}"),
            );
        }
    }
    fields.finish()?;
    showtimes.storage.add(&showtime).await?;
    Reply::created(format!("/showtimes/{}", showtime.id), &showtime.view())
}

/// `GET /showtimes/{id}`, or a day's list at `GET /showtimes/{YYYY-MM-DD}`
pub async fn read<S: Storage, A: Ask>(
    showtimes: Rc<Showtimes<S, A>>,
    request: Request,
) -> Result<Reply, Problem> {
    let text = request.param("id");
    if clock::is_day(text) {
        let day = Some(text.to_owned());
        return showtimes
            .page(
                &request,
                &Wanted {
                    from: day.clone(),
                    to: day,
                    ..Wanted::default()
                },
            )
            .await;
    }
    let id = ObjectId::parse_str(text).map_err(|_| {
        Problem::bad_request("give an id of 24 hex digits, or a day of the calendar, YYYY-MM-DD")
    })?;
    let showtime = showtimes
        .storage
        .find(id)
        .await?
        .ok_or_else(|| missing(id))?;
    Reply::one(&showtime.view())
}

/// `DELETE /showtimes/{id}`
pub async fn delete<S: Storage, A: Ask>(
    showtimes: Rc<Showtimes<S, A>>,
    request: Request,
) -> Result<Reply, Problem> {
    let id = request.id("id")?;
    if showtimes.storage.remove(id).await? {
        Ok(Reply::no_content())
    } else {
        Err(missing(id))
    }
}

impl<S: Storage, A> Showtimes<S, A> {
    async fn page(&self, request: &Request, wanted: &Wanted) -> Result<Reply, Problem> {
        let page = self.storage.list(wanted, request.page()?).await?;
        Reply::page(request, &page.map(Showtime::view))
    }
}

fn missing(id: ObjectId) -> Problem {
    Problem::not_found(format!("there is no showtime {id}"))
}

/// A query parameter that is a day.
fn day(request: &Request, name: &str) -> Result<Option<String>, Problem> {
    match request.query(name) {
        None => Ok(None),
        Some(text) if clock::is_day(&text) => Ok(Some(text.into_owned())),
        Some(_) => Err(Problem::bad_request(format!(
            "{name}: give a day of the calendar, YYYY-MM-DD"
        ))),
    }
}
