//! Films over HTTP as one would write it without a sandbox: axum in front of SQLite, in one process. It reads a store that the
//! embedded Data API wrote and gives the same answers as `movies`, so that `make bench` can tell what the sandbox costs.

mod store;

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use axum::{
    Json, Router,
    extract::{Path, Query, State},
    http::StatusCode,
    routing::get,
};
use bson::oid::ObjectId;
use clap::Parser;
use serde::{Deserialize, Serialize};
use store::{Movie, Store};

/// The most films on a page, and how many there are when nobody says.
const LIMITS: (usize, usize) = (100, 50);

#[derive(Parser)]
struct Options {
    /// The address to listen at
    #[arg(long)]
    listen: SocketAddr,
    /// The SQLite file of a cinema
    #[arg(long)]
    database: PathBuf,
}

#[derive(Deserialize)]
struct Paging {
    limit: Option<usize>,
    after: Option<ObjectId>,
}

#[derive(Serialize)]
struct Reply<T> {
    data: T,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let store = Arc::new(Store::open(&options.database)?);
    let routes = Router::new()
        .route("/movies", get(list))
        .route("/movies/{id}", get(read))
        .with_state(store);
    let listener = tokio::net::TcpListener::bind(options.listen).await?;
    axum::serve(listener, routes).await?;
    Ok(())
}

async fn list(
    State(store): State<Arc<Store>>,
    Query(paging): Query<Paging>,
) -> Result<Json<Reply<Vec<Movie>>>, StatusCode> {
    let (most, default) = LIMITS;
    let limit = paging.limit.unwrap_or(default).clamp(1, most);
    let mut data = store.list(paging.after, limit + 1).map_err(failed)?;
    let more = data.len() > limit;
    data.truncate(limit);
    let last = data.last().filter(|_| more);
    let next = last.map(|movie| format!("/movies?limit={limit}&after={}", movie.id));
    Ok(Json(Reply { data, next }))
}

async fn read(
    State(store): State<Arc<Store>>,
    Path(id): Path<String>,
) -> Result<Json<Reply<Movie>>, StatusCode> {
    let id = ObjectId::parse_str(id).map_err(|_| StatusCode::BAD_REQUEST)?;
    let data = store
        .find(id)
        .map_err(failed)?
        .ok_or(StatusCode::NOT_FOUND)?;
    Ok(Json(Reply { data, next: None }))
}

fn failed(error: anyhow::Error) -> StatusCode {
    eprintln!("{error:#}");
    StatusCode::INTERNAL_SERVER_ERROR
}
