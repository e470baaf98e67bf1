//! What an order is for: whether all that it names is there, and on sale.

use door::{Transport, log};
use futures::join;
use serde_json::Value;
use service::{Caller, Clock, Fresh, Id, Problem, Sibling};

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
    known: &Fresh<Id, Film>,
    clock: &Clock,
    order: &Order,
) -> Result<Showtime, Problem> {
    let path = format!("/showtimes/{}", order.showtimeid);
    let titles = titles(movies, known, clock, order);
    let (showtime, films) = join!(showtimes.one(&path), titles);
    let showtime = order.at(showtime?)?;
    let Showtime { date, time, .. } = showtime;
    if clock.has_begun(date, time) {
        let time = time.map(|time| format!(" at {time}")).unwrap_or_default();
        let detail = format!("the showtime has begun: it was on {date}{time}");
        return Err(Problem::conflict(detail));
    }
    Ok(Showtime { films, ..showtime })
}

/// The titles of an order's films, in order of id, as far as they are to be had: seats are sold without, too.
async fn titles<S: Transport>(
    movies: &Sibling<S>,
    known: &Fresh<Id, Film>,
    clock: &Clock,
    order: &Order,
) -> Vec<Film> {
    let now = clock.now();
    let mut films = Vec::new();
    let mut unknown = order.movies.clone();
    unknown.retain(|id| known.get(id, now).map(|film| films.push(film)).is_none());
    match movies.by_ids::<Film>("/movies", &unknown).await {
        Ok(found) => {
            for film in found {
                known.keep(film.id, film.clone(), now);
                films.push(film);
            }
        }
        Err(problem) => {
            let detail = problem.detail;
            log::warn(&format!("a booking keeps no titles: {detail}"));
        }
    }
    // As movies has them, whichever were known.
    films.sort_by_key(|film| film.id);
    films
}
