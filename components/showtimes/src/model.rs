//! A showtime: the document, and what makes one valid.

use serde::{Deserialize, Serialize};
use service::{
    Day, Id, Moment, Time,
    rule::{Ids, day, ids, integer, optional, text, time},
};

/// What a showtime may show.
pub const MOVIES: Ids = ids(1..=50);

/// Films shown together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub struct Showtime {
    #[serde(alias = "_id")]
    pub id: Id,
    pub date: Day,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub screen: Option<String>,
    pub movies: Vec<Id>,
    /// How many seats there are; without it there is always one more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capacity: Option<i32>,
    pub createdon: Moment,
}

service::body! {
    /// A showtime to add.
    pub struct NewShowtime {
        date: Day = day(),
        time: Option<Time> = optional(time()),
        screen: Option<String> = optional(text(1..=50)),
        /// Each of them has to exist.
        movies: Vec<Id> = MOVIES,
        /// How many seats there are; without it there is always one more.
        capacity: Option<i32> = optional(integer(1..=10_000)),
    }
}

impl From<NewShowtime> for Showtime {
    fn from(new: NewShowtime) -> Self {
        Self {
            id: Id::new(),
            date: new.date,
            time: new.time,
            screen: new.screen,
            movies: new.movies,
            capacity: new.capacity,
            createdon: Moment::now(),
        }
    }
}
