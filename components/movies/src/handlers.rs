//! A function a route.

use std::rc::Rc;

use bson::oid::ObjectId;
use service::{Problem, Reply, Request, Service};

use crate::{
    model::{Movie, RATING},
    storage::{Storage, Wanted},
};

/// What the handlers work with.
pub struct Movies<S> {
    storage: S,
}

impl<S> Movies<S> {
    /// The service over a storage.
    pub fn new(storage: S) -> Self {
        Self { storage }
    }
}

impl<S: Storage + 'static> Service for Movies<S> {
    async fn ready(&self) -> Result<(), Problem> {
        Ok(self.storage.ping().await?)
    }
}

/// `GET /movies`
pub async fn list<S: Storage>(movies: Rc<Movies<S>>, request: Request) -> Result<Reply, Problem> {
    let wanted = Wanted {
        title: request.query("title").map(Into::into),
        director: request.query("director").map(Into::into),
        min_rating: min_rating(&request)?,
        ids: request.query_ids()?,
    };
    let page = movies.storage.list(&wanted, request.page()?).await?;
    Reply::page(&request, &page.map(Movie::view))
}

/// `POST /movies`
pub async fn create<S: Storage>(movies: Rc<Movies<S>>, request: Request) -> Result<Reply, Problem> {
    let mut fields = request.body()?;
    let movie = Movie::create(&mut fields);
    fields.finish()?;
    movies.storage.add(&movie).await?;
    Reply::created(format!("/movies/{}", movie.id), &movie.view())
}

/// `GET /movies/{id}`
pub async fn read<S: Storage>(movies: Rc<Movies<S>>, request: Request) -> Result<Reply, Problem> {
    let id = request.id("id")?;
    let movie = movies.storage.find(id).await?.ok_or_else(|| missing(id))?;
    Reply::one(&movie.view())
}

/// `PATCH /movies/{id}`
pub async fn update<S: Storage>(movies: Rc<Movies<S>>, request: Request) -> Result<Reply, Problem> {
    let id = request.id("id")?;
    let mut fields = request.body()?;
    let changes = Movie::patch(&mut fields);
    fields.finish()?;
    let movie = movies
        .storage
        .change(id, changes)
        .await?
        .ok_or_else(|| missing(id))?;
    Reply::one(&movie.view())
}

/// `DELETE /movies/{id}`
pub async fn delete<S: Storage>(movies: Rc<Movies<S>>, request: Request) -> Result<Reply, Problem> {
    let id = request.id("id")?;
    if movies.storage.remove(id).await? {
        Ok(Reply::no_content())
    } else {
        Err(missing(id))
    }
}

fn missing(id: ObjectId) -> Problem {
    Problem::not_found(format!("there is no movie {id}"))
}

fn min_rating(request: &Request) -> Result<Option<f64>, Problem> {
    let Some(text) = request.query("min_rating") else {
        return Ok(None);
    };
    match text.parse() {
        Ok(rating) if RATING.contains(&rating) => Ok(Some(rating)),
        _ => Err(Problem::bad_request(
            "min_rating: give a number from 0 to 10",
        )),
    }
}
