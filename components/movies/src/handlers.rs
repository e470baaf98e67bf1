//! A function a route.

use std::rc::Rc;

use door::Transport;
use service::{Id, Problem, Reply, Request, Service};

use crate::{
    model::{Movie, MovieChanges, NewMovie, RATING},
    storage::{Storage, Wanted},
};

/// What the handlers work with.
pub struct Movies<T> {
    pub storage: Storage<T>,
}

impl<T: Transport + 'static> Service for Movies<T> {
    async fn ready(&self) -> Result<(), Problem> {
        Ok(self.storage.ready().await?)
    }
}

/// `GET /movies`
pub async fn list<T: Transport>(movies: Rc<Movies<T>>, request: Request) -> Result<Reply, Problem> {
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
    Reply::page(&request, &page)
}

/// `POST /movies`
pub async fn create<T: Transport>(
    movies: Rc<Movies<T>>,
    request: Request,
) -> Result<Reply, Problem> {
    let movie = Movie::from(request.body()?.read::<NewMovie>()?);
    movies.storage.add(&movie).await?;
    Reply::created(format!("/movies/{}", movie.id), &movie)
}

/// `GET /movies/:id`
pub async fn read<T: Transport>(movies: Rc<Movies<T>>, request: Request) -> Result<Reply, Problem> {
    let id = request.id("id")?;
    let movie = movies.storage.find(id).await?;
    Reply::one(&movie.ok_or_else(|| missing(id))?)
}

/// `PATCH /movies/:id`
pub async fn update<T: Transport>(
    movies: Rc<Movies<T>>,
    request: Request,
) -> Result<Reply, Problem> {
    let id = request.id("id")?;
    let changes: MovieChanges = request.body()?.read()?;
    let movie = movies.storage.change(id, changes).await?;
    Reply::one(&movie.ok_or_else(|| missing(id))?)
}

/// `DELETE /movies/:id`
pub async fn delete<T: Transport>(
    movies: Rc<Movies<T>>,
    request: Request,
) -> Result<Reply, Problem> {
    let id = request.id("id")?;
    let removed = movies.storage.remove(id).await?;
    removed.then(Reply::no_content).ok_or_else(|| missing(id))
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
