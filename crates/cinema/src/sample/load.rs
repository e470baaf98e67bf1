//! Makes what is missing of the sample data, and only that.

use super::{
    client::{Client, Made},
    data::{Booking, SampleData, Showtime, Slot, User},
};
use crate::keys::secret;
use anyhow::{Result, bail};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use indicatif::ProgressBar;
use serde::{Deserialize, Serialize};
use std::{
    collections::{HashMap, HashSet},
    fmt,
};

/// How many requests are sent at a time.
const AT_A_TIME: usize = 8;
/// The longest page the API gives.
const PAGE: u32 = 100;

/// What loading came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// How many things were made.
    pub made: usize,
    /// How many were there before.
    pub there: usize,
    /// How many bookings found no seats left.
    pub sold_out: usize,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.made, self.there) {
            (0, there) => write!(f, "all {there} were there already")?,
            (made, 0) => write!(f, "{made} made")?,
            (made, there) => write!(f, "{made} made, {there} were there already")?,
        }
        match self.sold_out {
            0 => Ok(()),
            sold_out => write!(f, ", {sold_out} bookings found their showtime sold out"),
        }
    }
}

/// Loads the data into a cinema. A film is known by title and director, a user by name, a showtime by date, time and screen, and a
/// booking by its user and showtime: whatever is there is left as it is. `progress` moves by one for each thing.
pub async fn load(client: &Client, data: &SampleData, progress: &ProgressBar) -> Result<Report> {
    let mut report = Report::default();
    progress.set_message("films");
    let movies = load_movies(client, data, progress, &mut report).await?;
    progress.set_message("users");
    let users = load_users(client, data, progress, &mut report).await?;
    progress.set_message("showtimes");
    let showtimes = load_showtimes(client, data, &movies, progress, &mut report).await?;
    progress.set_message("bookings");
    load_bookings(
        client,
        data,
        &Loaded {
            movies,
            users,
            showtimes,
        },
        progress,
        &mut report,
    )
    .await?;
    Ok(report)
}

/// The ids of what the data's lists hold, in their order.
struct Loaded {
    movies: Vec<String>,
    users: Vec<String>,
    showtimes: Vec<Shown>,
}

/// A showtime as it is in the cinema, whose films may be others than the data's when somebody changed it.
#[derive(Clone, Deserialize)]
struct Shown {
    id: String,
    movies: Vec<String>,
}

/// Anything the API gives back, of which only the id matters.
#[derive(Clone, Deserialize)]
struct Thing {
    id: String,
}

async fn load_movies(
    client: &Client,
    data: &SampleData,
    progress: &ProgressBar,
    report: &mut Report,
) -> Result<Vec<String>> {
    #[derive(Deserialize)]
    struct Found {
        id: String,
        title: String,
        director: String,
    }
    let found: Vec<Found> = client.all(&format!("/movies?limit={PAGE}")).await?;
    let known: HashMap<_, _> = found
        .into_iter()
        .map(|movie| ((movie.title, movie.director), movie.id))
        .collect();
    let known = |place: usize| {
        let movie = &data.movies[place];
        known
            .get(&(movie.title.clone(), movie.director.clone()))
            .cloned()
    };
    complete(data.movies.len(), known, progress, report, async |place| {
        made(
            client
                .create::<_, Thing>("/movies", &data.movies[place], None)
                .await?,
        )
    })
    .await
}

async fn load_users(
    client: &Client,
    data: &SampleData,
    progress: &ProgressBar,
    report: &mut Report,
) -> Result<Vec<String>> {
    #[derive(Deserialize)]
    struct Found {
        id: String,
        username: String,
    }
    /// Nobody signs in as a user of the sample data, so nobody knows the password.
    #[derive(Serialize)]
    struct New<'a> {
        #[serde(flatten)]
        user: &'a User,
        password: String,
    }
    let found: Vec<Found> = client.all(&format!("/users?limit={PAGE}")).await?;
    let known: HashMap<_, _> = found
        .into_iter()
        .map(|user| (user.username.to_lowercase(), user.id))
        .collect();
    let known = |place: usize| {
        known
            .get(&data.users[place].username.to_lowercase())
            .cloned()
    };
    complete(data.users.len(), known, progress, report, async |place| {
        let user = New {
            user: &data.users[place],
            password: secret()?,
        };
        made(client.create::<_, Thing>("/users", &user, None).await?)
    })
    .await
}

async fn load_showtimes(
    client: &Client,
    data: &SampleData,
    movies: &[String],
    progress: &ProgressBar,
    report: &mut Report,
) -> Result<Vec<Shown>> {
    #[derive(Deserialize)]
    struct Found {
        date: String,
        time: Option<String>,
        screen: Option<String>,
        #[serde(flatten)]
        shown: Shown,
    }
    #[derive(Serialize)]
    struct New<'a> {
        date: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        time: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        screen: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        capacity: Option<u32>,
        movies: Vec<&'a str>,
    }
    let dates = || {
        data.showtimes
            .iter()
            .map(|showtime| showtime.slot.date.as_str())
    };
    let (Some(from), Some(to)) = (dates().min(), dates().max()) else {
        return Ok(Vec::new());
    };
    let found: Vec<Found> = client
        .all(&format!("/showtimes?from={from}&to={to}&limit={PAGE}"))
        .await?;
    let known: HashMap<_, _> = found
        .into_iter()
        .map(|found| {
            (
                Slot {
                    date: found.date,
                    time: found.time,
                    screen: found.screen,
                },
                found.shown,
            )
        })
        .collect();
    let known = |place: usize| known.get(&data.showtimes[place].slot).cloned();
    complete(
        data.showtimes.len(),
        known,
        progress,
        report,
        async |place| {
            let Showtime {
                slot,
                capacity,
                movies: places,
            } = &data.showtimes[place];
            let new = New {
                date: &slot.date,
                time: slot.time.as_deref(),
                screen: slot.screen.as_deref(),
                capacity: *capacity,
                movies: places.iter().map(|place| movies[*place].as_str()).collect(),
            };
            match client.create("/showtimes", &new, None).await? {
                Made::Yes(shown) => Ok(shown),
                Made::Conflict(reason) => bail!("a showtime was refused: {reason}"),
            }
        },
    )
    .await
}

async fn load_bookings(
    client: &Client,
    data: &SampleData,
    loaded: &Loaded,
    progress: &ProgressBar,
    report: &mut Report,
) -> Result<()> {
    #[derive(Deserialize)]
    struct Found {
        userid: String,
        showtimeid: String,
    }
    #[derive(Serialize)]
    struct New<'a> {
        userid: &'a str,
        showtimeid: &'a str,
        movies: Vec<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        seats: Option<u32>,
    }
    let found: Vec<Found> = client.all(&format!("/bookings?limit={PAGE}")).await?;
    let there: HashSet<_> = found
        .into_iter()
        .map(|found| (found.userid, found.showtimeid))
        .collect();
    let who_and_what = |place: usize| {
        let booking = &data.bookings[place];
        (
            &loaded.users[booking.user],
            &loaded.showtimes[booking.showtime],
        )
    };
    let known = |place: usize| {
        let (userid, showtime) = who_and_what(place);
        there
            .contains(&(userid.clone(), showtime.id.clone()))
            .then_some(true)
    };
    let results = complete(
        data.bookings.len(),
        known,
        progress,
        report,
        async |place| {
            let booking = &data.bookings[place];
            let (userid, showtime) = who_and_what(place);
            let key = format!("sample-{userid}-{}", showtime.id);
            let movies = booked_movies(booking, showtime, &loaded.movies);
            let new = New {
                userid,
                showtimeid: &showtime.id,
                movies,
                seats: booking.seats,
            };
            match client
                .create::<_, Thing>("/bookings", &new, Some(&key))
                .await?
            {
                Made::Yes(_) => Ok(true),
                Made::Conflict(_) => Ok(false),
            }
        },
    )
    .await?;
    report.sold_out = results.iter().filter(|booked| !**booked).count();
    report.made -= report.sold_out;
    Ok(())
}

/// The ids of a booking's films: those the data names, as far as the showtime shows them, or else all that it shows.
fn booked_movies<'a>(booking: &Booking, showtime: &'a Shown, ids: &[String]) -> Vec<&'a str> {
    let named: Vec<&String> = booking.movies.iter().map(|place| &ids[*place]).collect();
    let shows = || showtime.movies.iter().map(String::as_str);
    let shown: Vec<&str> = shows()
        .filter(|id| named.iter().any(|named| *named == id))
        .collect();
    if shown.is_empty() {
        shows().collect()
    } else {
        shown
    }
}

fn made(made: Made<Thing>) -> Result<String> {
    match made {
        Made::Yes(thing) => Ok(thing.id),
        Made::Conflict(reason) => {
            bail!("{reason}; somebody else writes at the same time? Load again")
        }
    }
}

/// For each place of a list: what is known to be there, or else what `make` makes, several at a time.
async fn complete<T>(
    length: usize,
    known: impl Fn(usize) -> Option<T>,
    progress: &ProgressBar,
    report: &mut Report,
    make: impl AsyncFn(usize) -> Result<T>,
) -> Result<Vec<T>> {
    let missing: Vec<usize> = (0..length)
        .filter(|place| known(*place).is_none())
        .collect();
    report.made += missing.len();
    report.there += length - missing.len();
    progress.inc((length - missing.len()) as u64);
    let mut new: HashMap<usize, T> = stream::iter(missing)
        .map(|place| {
            let make = &make;
            async move {
                let thing = make(place).await?;
                progress.inc(1);
                anyhow::Ok((place, thing))
            }
        })
        .buffer_unordered(AT_A_TIME)
        .try_collect()
        .await?;
    (0..length)
        .map(|place| known(place).or_else(|| new.remove(&place)))
        .collect::<Option<_>>()
        .ok_or_else(|| anyhow::anyhow!("what was there a moment ago is gone; load again"))
}
