//! A function a route.

use std::rc::Rc;

use door::Transport;
use serde::Deserialize;
use service::{
    Clock, Day, Id, Listed, PageRequest, Problem, Reply, Request, Service, Sibling, Time,
};

use crate::{
    model::{Movie, MovieChanges, NewMovie, RATING},
    storage::{Storage, Wanted},
};

/// What the handlers work with.
pub struct Movies<T, S> {
    pub storage: Storage<T>,
    pub showtimes: Sibling<S>,
    pub clock: Clock,
}

/// A showtime, as far as it says whether a film is still to be shown.
#[derive(Debug, Deserialize)]
struct Showtime {
    id: Id,
    date: Day,
    time: Option<Time>,
}

impl<T: Transport + 'static, S: Transport + 'static> Service for Movies<T, S> {
    async fn ready(&self) -> Result<(), Problem> {
        Ok(self.storage.ready().await?)
    }
}

/// `GET /movies`
pub async fn list<T: Transport, S: Transport>(
    movies: Rc<Movies<T, S>>,
    request: Request,
) -> Result<Reply, Problem> {
    let wanted = Wanted {
        title: request.query("title").map(Into::into),
        director: request.query("director").map(Into::into),
        like: request.query_ids("like")?,
        min_rating: rating(&request, "min_rating")?,
        max_rating: rating(&request, "max_rating")?,
        ids: request.query_ids("ids")?,
    };
    let page = if request.query_is("order", "rating")? {
        movies.storage.best(wanted, request.only_page()?).await
    } else {
        movies.storage.list(wanted, request.page()?).await
    };
    let page = page.map_err(|error| match error {
        error if error.is_too_wide() => Problem::bad_request(
            "title, director: too many films to look for so short a part; give three characters or more",
        ),
        error => error.into(),
    })?;
    Ok(Reply::page(&request, page))
}

/// `POST /movies`
pub async fn create<T: Transport, S: Transport>(
    movies: Rc<Movies<T, S>>,
    request: Request,
) -> Result<Reply, Problem> {
    let movie = Movie::from(request.body()?.read::<NewMovie>()?);
    movies.storage.add(&movie).await?;
    Ok(Reply::created(format!("/movies/{}", movie.id), movie))
}

/// `GET /movies/:id`
pub async fn read<T: Transport, S: Transport>(
    movies: Rc<Movies<T, S>>,
    request: Request,
) -> Result<Reply, Problem> {
    let id = request.id("id")?;
    let movie = movies.storage.find(id).await?;
    movie.map(Reply::one).ok_or_else(|| missing(id))
}

/// `PATCH /movies/:id`
pub async fn update<T: Transport, S: Transport>(
    movies: Rc<Movies<T, S>>,
    request: Request,
) -> Result<Reply, Problem> {
    let id = request.id("id")?;
    let changes: MovieChanges = request.body()?.read()?;
    let movie = movies.storage.change(id, changes).await?;
    movie.map(Reply::one).ok_or_else(|| missing(id))
}

/// `DELETE /movies/:id`
pub async fn delete<T: Transport, S: Transport>(
    movies: Rc<Movies<T, S>>,
    request: Request,
) -> Result<Reply, Problem> {
    let id = request.id("id")?;
    movies.storage.find(id).await?.ok_or_else(|| missing(id))?;
    if let Some(showtime) = movies.next_showtime(id).await? {
        let Showtime { id, date, .. } = showtime;
        let detail = format!("the showtime {id} on {date} is to show it");
        return Err(Problem::conflict(detail));
    }
    let removed = movies.storage.remove(id).await?;
    removed.then(Reply::no_content).ok_or_else(|| missing(id))
}

impl<T: Transport, S: Transport> Movies<T, S> {
    /// The first showtime of a film that has not begun.
    async fn next_showtime(&self, movie: Id) -> Result<Option<Showtime>, Problem> {
        let (today, limit) = (self.clock.today(), PageRequest::MOST);
        let mut next = Some(format!(
            "/showtimes?movie={movie}&from={today}&limit={limit}"
        ));
        // There are only those of today to go past.
        while let Some(path) = next {
            let page: Listed<Showtime> = self.showtimes.page(&path).await?;
            let is_to_come = |one: &Showtime| !self.clock.has_begun(one.date, one.time);
            if let Some(showtime) = page.data.into_iter().find(is_to_come) {
                return Ok(Some(showtime));
            }
            next = page.next;
        }
        Ok(None)
    }
}

fn missing(id: Id) -> Problem {
    Problem::missing("movie", id)
}

fn rating(request: &Request, name: &str) -> Result<Option<f64>, Problem> {
    let Some(text) = request.query(name) else {
        return Ok(None);
    };
    match text.parse() {
        Ok(rating) if RATING.contains(&rating) => Ok(Some(rating)),
        _ => Err(Problem::bad_request(format!(
            "{name}: give a number from 0 to 10"
        ))),
    }
}
