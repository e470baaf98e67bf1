//! A user's bookings with what they are of: a showtime's date and time and the films' titles and ratings, in place of ids.

use std::collections::{BTreeSet, HashMap};

use bson::oid::ObjectId;
use futures::try_join;
use serde::Serialize;
#[cfg(test)]
use service::openapi::words;
use service::{Ask, Problem};

use crate::siblings::{Booking, Movie, Showtime, Siblings, hex};

/// A booking as its user sees it.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = UsersBooking))]
pub struct View {
    #[serde(serialize_with = "hex")]
    #[cfg_attr(test, schema(value_type = words::Id))]
    id: ObjectId,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(value_type = Option<words::Id>))]
    userid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    showtime: Option<When>,
    movies: Vec<What>,
    seats: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(value_type = Option<words::Moment>))]
    createdon: Option<String>,
}

/// A booking's showtime; its id alone where it has been deleted.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = BookedShowtime))]
struct When {
    #[serde(serialize_with = "hex")]
    #[cfg_attr(test, schema(value_type = words::Id))]
    id: ObjectId,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(value_type = Option<words::Day>))]
    date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<String>,
}

/// A booked film; its id alone where it has been deleted.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = BookedMovie))]
struct What {
    #[serde(serialize_with = "hex")]
    #[cfg_attr(test, schema(value_type = words::Id))]
    id: ObjectId,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rating: Option<f64>,
}

/// Looks up what the bookings are of: all showtimes and all films at once, a hundred a request.
///
/// # Errors
/// 503 where a sibling does not answer.
pub async fn views<A: Ask>(
    siblings: &Siblings<A>,
    bookings: Vec<Booking>,
) -> Result<Vec<View>, Problem> {
    let showtimes = distinct(bookings.iter().filter_map(|booking| booking.showtimeid));
    let movies = distinct(
        bookings
            .iter()
            .flat_map(|booking| booking.movies.iter().copied()),
    );
    let (showtimes, movies) = try_join!(siblings.showtimes(&showtimes), siblings.movies(&movies))?;
    let showtimes: HashMap<_, _> = showtimes
        .iter()
        .map(|showtime| (showtime.id, showtime))
        .collect();
    let movies: HashMap<_, _> = movies.iter().map(|movie| (movie.id, movie)).collect();
    Ok(bookings
        .into_iter()
        .map(|booking| view(booking, &showtimes, &movies))
        .collect())
}

fn distinct(ids: impl Iterator<Item = ObjectId>) -> Vec<ObjectId> {
    ids.collect::<BTreeSet<_>>().into_iter().collect()
}

fn view(
    booking: Booking,
    showtimes: &HashMap<ObjectId, &Showtime>,
    movies: &HashMap<ObjectId, &Movie>,
) -> View {
    let when = |id| {
        let showtime = showtimes.get(&id);
        When {
            id,
            date: showtime.and_then(|showtime| showtime.date.clone()),
            time: showtime.and_then(|showtime| showtime.time.clone()),
        }
    };
    let what = |id| {
        let movie = movies.get(&id);
        What {
            id,
            title: movie.map(|movie| movie.title.clone()),
            rating: movie.and_then(|movie| movie.rating),
        }
    };
    View {
        id: booking.id,
        userid: booking.userid.map(|id| id.to_hex()),
        showtime: booking.showtimeid.map(when),
        movies: booking.movies.into_iter().map(what).collect(),
        seats: booking.seats,
        createdon: booking.createdon,
    }
}

/// The booking of the description's examples.
#[cfg(test)]
pub fn example() -> View {
    View {
        id: words::BOOKING,
        userid: Some(words::USER.to_hex()),
        showtime: Some(When {
            id: words::SHOWTIME,
            date: Some("2030-01-15".into()),
            time: Some("20:15".into()),
        }),
        movies: vec![What {
            id: words::MOVIE,
            title: Some("The Tide Table".into()),
            rating: Some(8.4),
        }],
        seats: 2,
        createdon: Some(service::clock::rfc3339(words::WHEN)),
    }
}
