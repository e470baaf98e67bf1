//! A user's bookings with what they are of: a showtime's date and time and the films' titles and ratings, in place of ids.

use std::collections::{BTreeSet, HashMap};

#[cfg(test)]
use apidoc::{examples, schema};
use door::Transport;
use futures::try_join;
use serde::Serialize;
use service::Id;
use service::Problem;

use crate::siblings::{Booking, Movie, Showtime, Siblings, hex};

/// A booking as its user sees it.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = UsersBooking))]
pub struct View {
    #[serde(serialize_with = "hex")]
    #[cfg_attr(test, schema(value_type = schema::Id))]
    id: Id,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(value_type = Option<schema::Id>))]
    userid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    showtime: Option<When>,
    movies: Vec<What>,
    seats: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(value_type = Option<schema::Moment>))]
    createdon: Option<String>,
}

/// A booking's showtime; its id alone where it has been deleted.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = BookedShowtime))]
struct When {
    #[serde(serialize_with = "hex")]
    #[cfg_attr(test, schema(value_type = schema::Id))]
    id: Id,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(value_type = Option<schema::Day>))]
    date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<String>,
}

/// A booked film; its id alone where it has been deleted.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = BookedMovie))]
struct What {
    #[serde(serialize_with = "hex")]
    #[cfg_attr(test, schema(value_type = schema::Id))]
    id: Id,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rating: Option<f64>,
}

/// Looks up what the bookings are of: all showtimes and all films at once, a hundred a request.
///
/// # Errors
/// 503 where a sibling does not answer.
pub async fn views<A: Transport>(
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

fn distinct(ids: impl Iterator<Item = Id>) -> Vec<Id> {
    ids.collect::<BTreeSet<_>>().into_iter().collect()
}

fn view(
    booking: Booking,
    showtimes: &HashMap<Id, &Showtime>,
    movies: &HashMap<Id, &Movie>,
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
        userid: booking.userid.map(|id| id.to_string()),
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
        id: examples::BOOKING,
        userid: Some(examples::USER.to_string()),
        showtime: Some(When {
            id: examples::SHOWTIME,
            date: Some("2030-01-15".into()),
            time: Some("20:15".into()),
        }),
        movies: vec![What {
            id: examples::MOVIE,
            title: Some("The Tide Table".into()),
            rating: Some(8.4),
        }],
        seats: 2,
        createdon: Some(examples::WHEN.to_string()),
    }
}
