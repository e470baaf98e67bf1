//! A user's bookings with what they are of, in place of ids.

use std::collections::{BTreeSet, HashMap};

use door::Transport;
use futures::try_join;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use service::{Day, Id, Moment, Problem, Time};

use crate::siblings::{Booking, Cancelled, Film, Siblings};

/// A booking as its user sees it.
#[derive(Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = UsersBooking))]
pub struct View {
    pub id: Id,
    pub userid: Id,
    pub showtime: BookedShowtime,
    pub movies: Vec<BookedMovie>,
    pub seats: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cancelled: Option<Cancelled>,
    pub createdon: Moment,
}

/// A booking's showtime; where it has been deleted, as it was when it was booked, if that is known.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub struct BookedShowtime {
    pub id: Id,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<Day>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub screen: Option<String>,
}

/// A booked film, as movies shows it; where it has been deleted, by the title that it was booked by, if that is known.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub struct BookedMovie {
    pub id: Id,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rating: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub director: Option<String>,
    /// How long it is, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minutes: Option<i32>,
    /// The address of a picture of it; where there is none, it is drawn of the title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub poster: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub createdon: Option<Moment>,
    /// Whatever else movies says of it.
    #[serde(flatten)]
    #[cfg_attr(test, schema(ignore))]
    more: Map<String, Value>,
}

/// Looks up what the bookings are of: all showtimes and all films at once, a hundred a request.
pub async fn views<A: Transport>(
    siblings: &Siblings<A>,
    bookings: Vec<Booking>,
) -> Result<Vec<View>, Problem> {
    let showtimes = distinct(bookings.iter().map(|booking| booking.showtimeid));
    let movies = distinct(bookings.iter().flat_map(|booking| booking.movies.clone()));
    let (showtimes, movies) = try_join!(siblings.showtimes(&showtimes), siblings.movies(&movies))?;
    let by_id = showtimes
        .into_iter()
        .map(|one: BookedShowtime| (one.id, one));
    let showtimes: HashMap<_, _> = by_id.collect();
    let by_id = movies.into_iter().map(|one: BookedMovie| (one.id, one));
    let movies: HashMap<_, _> = by_id.collect();
    let view = |booking: Booking| {
        let showtime = showtimes.get(&booking.showtimeid).cloned();
        let movie = |id: Id| {
            let movie = movies.get(&id).cloned();
            movie.unwrap_or_else(|| BookedMovie::gone(id, &booking.films))
        };
        View {
            id: booking.id,
            userid: booking.userid,
            movies: booking.movies.iter().copied().map(movie).collect(),
            showtime: showtime.unwrap_or(BookedShowtime {
                id: booking.showtimeid,
                date: booking.date,
                time: booking.time,
                screen: booking.screen,
            }),
            seats: booking.seats,
            cancelled: booking.cancelled,
            createdon: booking.createdon,
        }
    };
    Ok(bookings.into_iter().map(view).collect())
}

fn distinct(ids: impl Iterator<Item = Id>) -> Vec<Id> {
    ids.collect::<BTreeSet<_>>().into_iter().collect()
}

impl BookedMovie {
    fn gone(id: Id, booked: &[Film]) -> Self {
        let film = booked.iter().find(|film| film.id == id);
        Self {
            id,
            title: film.map(|film| film.title.clone()),
            rating: None,
            director: None,
            minutes: None,
            poster: None,
            createdon: None,
            more: Map::new(),
        }
    }
}
