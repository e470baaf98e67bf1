//! What is put on the programme, changed there and taken off it, step by step, beside what the screens and the bookings allow.

use std::collections::HashMap;

use door::Transport;
use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use service::{Conflict, Id, Problem, Sibling};

use crate::{
    model::{self, Showtime, ShowtimeChanges},
    screens::{self, Claimed, Taken},
    storage::Storage,
};

/// How often something is tried while others change the same showtime.
const ROUNDS: usize = 8;

/// A film, as far as a showtime has to do with it.
#[derive(Debug, Deserialize)]
struct Movie {
    id: Id,
    minutes: Option<i32>,
}

/// The films asked for that there are, and how long they take, where that is known.
pub type Films = HashMap<Id, Option<i32>>;

/// On which terms a showtime is sold.
#[derive(Debug, Serialize)]
struct Terms<'a> {
    revision: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    capacity: Option<i32>,
    movies: &'a [Id],
}

/// Asks movies for films.
pub async fn films<S: Transport>(movies: &Sibling<S>, ids: &[Id]) -> Result<Films, Problem> {
    let found: Vec<Movie> = movies.by_ids("/movies", ids).await?;
    let films = found.into_iter().map(|film| (film.id, film.minutes));
    Ok(films.collect())
}

/// How long films take together; none where that of one is not known.
pub fn minutes(movies: &[Id], films: &Films) -> Option<i32> {
    let minutes = movies.iter().map(|id| films.get(id).copied().flatten());
    minutes.sum()
}

/// Puts a showtime on the programme.
pub async fn add<T: Transport>(storage: &Storage<T>, showtime: &Showtime) -> Result<(), Problem> {
    claim(storage, showtime).await?;
    match storage.add(showtime).await? {
        true => Ok(()),
        // It was so slow that it was given up on.
        false => Err(Problem::busy()),
    }
}

/// Changes a showtime, and gives it as it is then; none where there is none.
pub async fn change<T: Transport, S: Transport>(
    storage: &Storage<T>,
    (movies, bookings): (&Sibling<S>, &Sibling<S>),
    id: Id,
    changes: &ShowtimeChanges,
) -> Result<Option<Showtime>, Problem> {
    for _ in 0..ROUNDS {
        let Some(read) = storage.find(id).await? else {
            return Ok(None);
        };
        let mut changed = changes.of(&read);
        if changed == read {
            return Ok(Some(read));
        }
        check(storage, movies, &read, &mut changed).await?;
        let moves = changed.is_moved_from(&read) || changed.minutes != read.minutes;
        let claimed = match moves {
            true => claim(storage, &changed).await?,
            false => None,
        };
        let settled = settle(storage, bookings, &read, &mut changed).await;
        if let Ok(true) = settled {
            if moves {
                screens::leave(storage, &read, Some(&changed)).await;
            }
            return Ok(Some(changed));
        }
        if let Some(claimed) = claimed {
            screens::give_up(storage, &claimed).await;
        }
        settled?;
    }
    Err(Problem::busy())
}

/// Checks what a showtime is to become, and reckons how long it will take.
async fn check<T: Transport, S: Transport>(
    storage: &Storage<T>,
    movies: &Sibling<S>,
    read: &Showtime,
    changed: &mut Showtime,
) -> Result<(), Problem> {
    let mut faults = Vec::new();
    if (changed.date, changed.time) != (read.date, read.time) {
        faults.extend(model::fault(&storage.clock, changed.date, changed.time));
    }
    if changed.is_moved_from(read) || changed.movies != read.movies {
        let films = films(movies, &changed.movies).await?;
        for (at, id) in changed.movies.iter().enumerate() {
            // One that was shown before may have gone since.
            if !films.contains_key(id) && !read.movies.contains(id) {
                faults.push(model::no_movie(at, *id));
            }
        }
        changed.minutes = minutes(&changed.movies, &films);
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Problem::invalid(faults))
    }
}

/// Writes a changed showtime, after bookings has taken its terms. False where somebody else has changed it meanwhile.
async fn settle<T: Transport, S: Transport>(
    storage: &Storage<T>,
    bookings: &Sibling<S>,
    read: &Showtime,
    changed: &mut Showtime,
) -> Result<bool, Problem> {
    changed.revision = read.revision.saturating_add(1);
    if changed.is_sold_unlike(read) {
        tell(bookings, changed).await?;
    }
    Ok(storage.change(read, changed).await?)
}

/// Tells bookings the terms, under a revision greater than any that it knows of.
async fn tell<S: Transport>(bookings: &Sibling<S>, showtime: &mut Showtime) -> Result<(), Problem> {
    let path = format!("/bookings/terms/{}", showtime.id);
    for _ in 0..ROUNDS {
        let terms = Terms {
            revision: showtime.revision,
            capacity: showtime.capacity,
            movies: &showtime.movies,
        };
        let Err(conflict) = bookings.tell(Method::PUT, &path, Some(&terms)).await? else {
            return Ok(());
        };
        showtime.revision = newer(conflict, showtime.revision)?;
    }
    Err(Problem::busy())
}

/// The revision to go on with where bookings knows a newer one; what else it refuses is passed on.
fn newer(conflict: Conflict, revision: i32) -> Result<i32, Problem> {
    let known = conflict.members.get("revision").and_then(Value::as_i64);
    let known = known.and_then(|known| i32::try_from(known).ok());
    match known.filter(|known| *known >= revision) {
        Some(known) => Ok(known.saturating_add(1)),
        None => Err(conflict.into()),
    }
}

/// Takes a showtime off the programme, once bookings sells it no more. False where there is none.
pub async fn remove<T: Transport, S: Transport>(
    storage: &Storage<T>,
    bookings: &Sibling<S>,
    id: Id,
    cancels: bool,
) -> Result<bool, Problem> {
    let Some(showtime) = storage.find(id).await? else {
        return Ok(false);
    };
    let how = if cancels { "?cancel_bookings=true" } else { "" };
    let path = format!("/bookings/terms/{id}{how}");
    (bookings.tell(Method::DELETE, &path, None::<&()>).await?)?;
    storage.remove(&showtime).await?;
    screens::leave(storage, &showtime, None).await;
    storage.clear_tombstones().await;
    Ok(true)
}

async fn claim<T: Transport>(
    storage: &Storage<T>,
    showtime: &Showtime,
) -> Result<Option<Claimed>, Problem> {
    let claimed = screens::claim(storage, showtime).await?;
    claimed.map_err(|Taken(claim)| {
        let screen = showtime.screen.as_deref().unwrap_or_default();
        Problem::conflict(format!(
            "the screen {screen} is taken then: the showtime {} is on there at {} on {}",
            claim.showtime, claim.time, claim.date
        ))
    })
}
