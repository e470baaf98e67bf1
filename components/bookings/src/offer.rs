//! What an order is for: whether all that it names is there, and on sale.

use door::{Transport, log};
use futures::join;
use serde_json::Value;
use service::{Caller, Clock, Id, Problem, Sibling};

use crate::model::{Film, Order, Showtime};

/// 422 where somebody books for another who does not exist.
pub async fn check_user<S: Transport>(
    users: &Sibling<S>,
    caller: Caller,
    user: Id,
) -> Result<(), Problem> {
    if user == caller.id
        || users
            .one::<Value>(&format!("/users/{user}"))
            .await?
            .is_some()
    {
        return Ok(());
    }
    let message = format!("there is no user {user}");
    Err(Problem::fault("userid", &message))
}

/// What an order is for, and the titles of its films; 422 where there is no such thing, 409 where it has begun.
pub async fn read<S: Transport>(
    (showtimes, movies): (&Sibling<S>, &Sibling<S>),
    clock: &Clock,
    order: &Order,
) -> Result<Showtime, Problem> {
    let path = format!("/showtimes/{}", order.showtimeid);
    let (showtime, films) = join!(showtimes.one(&path), titles(movies, order));
    let showtime = order.at(showtime?)?;
    let Showtime { date, time, .. } = showtime;
    if clock.has_begun(date, time) {
        let time = time.map(|time| format!(" at {time}")).unwrap_or_default();
        let detail = format!("the showtime has begun: it was on {date}{time}");
        return Err(Problem::conflict(detail));
    }
    Ok(Showtime { films, ..showtime })
}

/// The titles of an order's films, as far as they are to be had: seats are sold without, too.
async fn titles<S: Transport>(movies: &Sibling<S>, order: &Order) -> Vec<Film> {
    let films = movies.by_ids("/movies", &order.movies).await;
    films.unwrap_or_else(|problem| {
        let detail = problem.detail;
        log::warn(&format!("a booking keeps no titles: {detail}"));
        Vec::new()
    })
}
