//! What the services say, as far as pages show it.

use std::collections::{BTreeSet, HashMap};

use futures::try_join;
use serde::Deserialize;
use service::{Day, Id, Listed, Moment, Problem, Time};

use crate::visit::Visit;

/// How many things there are on a page of a list.
pub const PAGE: usize = 100;

/// A film.
#[derive(Debug, Clone, Deserialize)]
pub struct Film {
    pub id: Id,
    pub title: String,
    pub director: String,
    pub rating: f64,
    pub minutes: Option<u32>,
    /// The address of a picture, if there is one.
    pub poster: Option<String>,
}

/// A showtime.
#[derive(Debug, Clone, Deserialize)]
pub struct Showtime {
    pub id: Id,
    pub date: Day,
    pub time: Option<Time>,
    pub screen: Option<String>,
    pub movies: Vec<Id>,
    pub minutes: Option<u32>,
    pub capacity: Option<u32>,
}

/// How many seats a showtime has left.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Seats {
    pub showtimeid: Id,
    /// None where there is always one more.
    pub left: Option<u32>,
}

/// What was booked.
#[derive(Debug, Clone, Deserialize)]
pub struct Booking {
    pub id: Id,
    pub userid: Id,
    pub showtimeid: Id,
    pub movies: Vec<Id>,
    pub seats: u32,
    pub date: Option<Day>,
    pub time: Option<Time>,
    pub screen: Option<String>,
    #[serde(default)]
    pub films: Vec<Titled>,
    pub cancelled: Option<Cancelled>,
    pub checkedin: Option<CheckedIn>,
    pub createdon: Moment,
}

/// That guests were let in.
#[derive(Debug, Clone, Deserialize)]
pub struct CheckedIn {
    pub on: Moment,
}

/// A film by the title that it was booked by.
#[derive(Debug, Clone, Deserialize)]
pub struct Titled {
    pub id: Id,
    pub title: String,
}

/// That the cinema cancelled a booking.
#[derive(Debug, Clone, Deserialize)]
pub struct Cancelled {
    pub reason: String,
}

/// Showtimes, in their order, with their films and seats.
#[derive(Debug, Default)]
pub struct Programme {
    pub showtimes: Vec<Showtime>,
    pub films: HashMap<Id, Film>,
    pub seats: HashMap<Id, Seats>,
    /// The place that it goes on from: the parameters of the query.
    pub next: Option<String>,
}

impl Visit {
    /// A part of the programme: showtimes first, then what they show beside what is left of them.
    pub async fn programme(&self, query: &str) -> Result<Programme, Problem> {
        let mut programme = self.listed(query).await?;
        let ids = programme
            .showtimes
            .iter()
            .flat_map(|showtime| showtime.movies.iter().copied());
        let movies: Vec<Id> = ids.collect::<BTreeSet<_>>().into_iter().collect();
        (programme.films, programme.seats) =
            try_join!(self.films(&movies), self.seats(&programme.showtimes))?;
        Ok(programme)
    }

    /// The same without the films, for who knows what is shown.
    pub async fn times(&self, query: &str) -> Result<Programme, Problem> {
        let mut programme = self.listed(query).await?;
        programme.seats = self.seats(&programme.showtimes).await?;
        Ok(programme)
    }

    async fn listed(&self, query: &str) -> Result<Programme, Problem> {
        let listed: Listed<Showtime> = self
            .sibling("showtimes")?
            .page(&format!("/showtimes?limit={PAGE}&{query}"))
            .await?;
        let next = listed
            .next
            .as_deref()
            .and_then(|next| next.split_once('?'))
            .map(|(_, query)| query.to_owned());
        Ok(Programme {
            showtimes: listed.data,
            next,
            ..Programme::default()
        })
    }

    /// Those of these films that there are.
    pub async fn films(&self, ids: &[Id]) -> Result<HashMap<Id, Film>, Problem> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let films: Vec<Film> = self.sibling("movies")?.by_ids("/movies", ids).await?;
        Ok(films.into_iter().map(|film| (film.id, film)).collect())
    }

    /// The seats of these showtimes that are to come; nobody asks for those of others.
    pub async fn seats(&self, showtimes: &[Showtime]) -> Result<HashMap<Id, Seats>, Problem> {
        let coming = showtimes
            .iter()
            .filter(|showtime| !self.clock.has_begun(showtime.date, showtime.time));
        self.seats_of(&coming.map(|showtime| showtime.id).collect::<Vec<_>>())
            .await
    }

    /// The seats of the showtimes with these ids, a hundred at the most.
    pub async fn seats_of(&self, ids: &[Id]) -> Result<HashMap<Id, Seats>, Problem> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let ids: Vec<_> = ids.iter().take(PAGE).map(Id::to_string).collect();
        let path = format!("/bookings/availability?showtimeids={}", ids.join(","));
        let seats: Listed<Seats> = self.sibling("bookings")?.page(&path).await?;
        Ok(seats
            .data
            .into_iter()
            .map(|seats| (seats.showtimeid, seats))
            .collect())
    }

    /// An id of the path. What is no id is nothing that there is.
    pub fn id(&self) -> Result<Id, Problem> {
        let text = self.request.param("id");
        text.parse()
            .map_err(|_| Problem::not_found(format!("there is no {text}")))
    }
}

/// What there has to be; 404 where it is not.
pub fn found<T>(thing: Option<T>, what: &str, id: Id) -> Result<T, Problem> {
    thing.ok_or_else(|| Problem::missing(what, id))
}

impl Showtime {
    /// Its films, as far as they are known.
    pub fn films<'a>(&'a self, known: &'a HashMap<Id, Film>) -> impl Iterator<Item = &'a Film> {
        self.movies.iter().filter_map(|id| known.get(id))
    }
}

impl Programme {
    /// The films of a showtime, as far as they are known.
    pub fn films_of<'a>(&'a self, showtime: &'a Showtime) -> impl Iterator<Item = &'a Film> {
        showtime.films(&self.films)
    }

    /// The films, each with its showtimes, in the order of the first.
    pub fn by_film<'a>(
        &'a self,
        showtimes: impl Iterator<Item = &'a Showtime>,
    ) -> Vec<(&'a Film, Vec<&'a Showtime>)> {
        let mut grouped: Vec<(&Film, Vec<&Showtime>)> = Vec::new();
        for showtime in showtimes {
            for film in self.films_of(showtime) {
                match grouped.iter_mut().find(|(known, _)| known.id == film.id) {
                    Some((_, its)) => its.push(showtime),
                    None => grouped.push((film, vec![showtime])),
                }
            }
        }
        grouped
    }
}
