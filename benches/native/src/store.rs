//! The films in the tables of the embedded Data API (`components/data-api`), read directly.

use std::{
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use anyhow::Result;
use bson::{Document, oid::ObjectId};
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};
use serde::Serialize;

/// The collection of films, as the services' default settings name it.
const NAMESPACE: &str = "cinema.movies";

/// What stands before an ObjectId's bytes in the key of its document.
const OBJECT_ID: u8 = 9;

/// A film as the API shows it.
#[derive(Debug, Serialize)]
pub struct Movie {
    pub id: String,
    title: String,
    director: String,
    rating: f64,
    createdon: String,
}

/// The store. Connections are kept, as many as were ever used at once, with their prepared statements.
pub struct Store {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

impl Store {
    /// Opens a store.
    pub fn open(path: &Path) -> Result<Self> {
        let store = Self {
            path: path.to_owned(),
            idle: Mutex::new(Vec::new()),
        };
        store.with(|_| Ok(()))?;
        Ok(store)
    }

    /// One film.
    pub fn find(&self, id: ObjectId) -> Result<Option<Movie>> {
        self.with(|connection| {
            let mut statement = connection
                .prepare_cached("SELECT body FROM documents WHERE namespace = ?1 AND id = ?2")?;
            let body = statement
                .query_row(params![NAMESPACE, key(id)], |row| row.get::<_, Vec<u8>>(0))
                .optional()?;
            body.map(|body| movie(&body)).transpose()
        })
    }

    /// The first films after one, in order of id.
    pub fn list(&self, after: Option<ObjectId>, limit: usize) -> Result<Vec<Movie>> {
        self.with(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT body FROM documents WHERE namespace = ?1 AND id > ?2 ORDER BY id LIMIT ?3",
            )?;
            let from = after.map_or_else(|| vec![OBJECT_ID], key);
            let rows = statement.query_map(params![NAMESPACE, from, limit as i64], |row| {
                row.get::<_, Vec<u8>>(0)
            })?;
            rows.map(|body| movie(&body?)).collect()
        })
    }

    fn with<T>(&self, ask: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let kept = self.idle().pop();
        let connection = match kept {
            Some(connection) => connection,
            None => Connection::open_with_flags(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY)?,
        };
        let answer = ask(&connection);
        self.idle().push(connection);
        answer
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(id: ObjectId) -> Vec<u8> {
    [&[OBJECT_ID][..], &id.bytes()].concat()
}

fn movie(body: &[u8]) -> Result<Movie> {
    let document = Document::from_reader(body)?;
    Ok(Movie {
        id: document.get_object_id("_id")?.to_hex(),
        title: document.get_str("title")?.to_owned(),
        director: document.get_str("director")?.to_owned(),
        rating: (document.get_f64("rating")? * 10.0).round() / 10.0,
        createdon: document
            .get_datetime("createdon")?
            .try_to_rfc3339_string()?,
    })
}
