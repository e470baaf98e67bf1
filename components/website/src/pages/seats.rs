//! `/seats`: what is left of showtimes, for the page's script to keep up to date.

use std::rc::Rc;

use http::{StatusCode, header};
use serde_json::{Map, Value, json};
use service::{Problem, Reply};

use crate::{pages::showings::Left, visit::Visit};

/// `GET /seats?showtimes=…`
pub async fn read(visit: Rc<Visit>) -> Result<Reply, Problem> {
    let ids = visit.request.query_ids("showtimes")?.unwrap_or_default();
    let seats = visit.seats_of(&ids).await?;
    let told = seats.iter().map(|(id, seats)| {
        let left = Left::by(Some(seats));
        (
            id.to_string(),
            json!({"kind": left.class(), "words": left.words(&visit)}),
        )
    });
    let told = Value::Object(told.collect::<Map<_, _>>());
    Ok(Reply::json(StatusCode::OK, told).header(header::CACHE_CONTROL, "no-store"))
}
