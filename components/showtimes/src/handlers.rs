//! A function a route.

use std::{collections::HashSet, rc::Rc};

use door::Transport;
use serde::Deserialize;
use service::{Body, Day, Fields, Id, Problem, Reply, Request, Service, Sibling};

use crate::{
    model::{MOVIES, NewShowtime, Showtime},
    storage::{Storage, Wanted},
};

/// What the handlers work with.
pub struct Showtimes<T, S> {
    pub storage: Storage<T>,
    pub movies: Sibling<S>,
}

/// A film, as far as a showtime has to do with it.
#[derive(Debug, Deserialize)]
struct Movie {
    id: Id,
}

impl<T: Transport + 'static, S: Transport + 'static> Service for Showtimes<T, S> {
    async fn ready(&self) -> Result<(), Problem> {
        Ok(self.storage.ready().await?)
    }
}

/// `GET /showtimes`
pub async fn list<T: Transport, S: Transport>(
    showtimes: Rc<Showtimes<T, S>>,
    request: Request,
) -> Result<Reply, Problem> {
    let date: Option<Day> = request.query_as("date")?;
    let (from, to) = (request.query_as("from")?, request.query_as("to")?);
    let wanted = Wanted {
        from: date.max(from),
        to: [date, to].into_iter().flatten().min(),
        movie: request.query_as("movie")?,
        ids: request.query_ids("ids")?,
    };
    if request.query_is("order", "date")? {
        let page = showtimes.storage.soonest(wanted, request.only_page()?);
        return Reply::page(&request, &page.await?);
    }
    showtimes.page(&request, wanted).await
}

/// `POST /showtimes`
pub async fn create<T: Transport, S: Transport>(
    showtimes: Rc<Showtimes<T, S>>,
    request: Request,
) -> Result<Reply, Problem> {
    let mut fields = request.body()?;
    let new = NewShowtime::read(&mut fields);
    showtimes.check_movies(&mut fields).await?;
    let showtime = Showtime::from(fields.finish(new)?);
    showtimes.storage.add(&showtime).await?;
    Reply::created(format!("/showtimes/{}", showtime.id), &showtime)
}

/// `GET /showtimes/:id`, or a day's list at `GET /showtimes/{YYYY-MM-DD}`
pub async fn read<T: Transport, S: Transport>(
    showtimes: Rc<Showtimes<T, S>>,
    request: Request,
) -> Result<Reply, Problem> {
    let text = request.param("id");
    if let Ok(day) = text.parse() {
        let wanted = Wanted {
            from: Some(day),
            to: Some(day),
            ..Wanted::default()
        };
        return showtimes.page(&request, wanted).await;
    }
    let id = text.parse().map_err(|_| {
        Problem::bad_request("give an id of 24 hex digits, or a day of the calendar, YYYY-MM-DD")
    })?;
    let showtime = showtimes.storage.find(id).await?;
    Reply::one(&showtime.ok_or_else(|| missing(id))?)
}

/// `DELETE /showtimes/:id`
pub async fn delete<T: Transport, S: Transport>(
    showtimes: Rc<Showtimes<T, S>>,
    request: Request,
) -> Result<Reply, Problem> {
    let id = request.id("id")?;
    let removed = showtimes.storage.remove(id).await?;
    removed.then(Reply::no_content).ok_or_else(|| missing(id))
}

impl<T: Transport, S: Transport> Showtimes<T, S> {
    async fn page(&self, request: &Request, wanted: Wanted) -> Result<Reply, Problem> {
        let page = self.storage.list(wanted, request.page()?).await?;
        Reply::page(request, &page)
    }

    /// Notes which of the films in a body do not exist.
    async fn check_movies(&self, fields: &mut Fields) -> Result<(), Problem> {
        let named = fields.peek("movies", &MOVIES).unwrap_or_default();
        let found: Vec<Movie> = self.movies.by_ids("/movies", &named).await?;
        let found: HashSet<Id> = found.into_iter().map(|movie| movie.id).collect();
        for (at, id) in named.iter().enumerate() {
            if !found.contains(id) {
                fields.fault(format!("movies[{at}]"), format!("there is no movie {id}"));
            }
        }
        Ok(())
    }
}

fn missing(id: Id) -> Problem {
    Problem::missing("showtime", id)
}
