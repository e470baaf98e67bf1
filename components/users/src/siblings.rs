//! What is asked of bookings, showtimes and movies, and how they put it.

use std::collections::HashSet;

use door::Transport;
use http::Method;
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{DeserializeOwned, Error as _, IgnoredAny},
};
use serde_json::value::RawValue;
use service::{Day, Id, Listed, Moment, PageRequest, Problem, Sibling, Time};

/// The most that a page of a list may have.
pub const PAGE: u32 = PageRequest::MOST;

/// Of what a user has booked of some films, so many pages are read at the most.
const MOST_PAGES: usize = 20;

/// The services next door.
pub struct Siblings<A> {
    pub bookings: Sibling<A>,
    pub showtimes: Sibling<A>,
    pub movies: Sibling<A>,
}

/// A booking, to be shown to its user. Day, time, screen and titles are as they were when it was made.
#[derive(Debug, Deserialize)]
pub struct Booking {
    pub id: Id,
    pub userid: Id,
    pub showtimeid: Id,
    pub movies: Vec<Id>,
    pub seats: i32,
    pub date: Option<Day>,
    pub time: Option<Time>,
    pub screen: Option<String>,
    #[serde(default)]
    pub films: Vec<Film>,
    pub cancelled: Option<Cancelled>,
    pub createdon: Moment,
}

/// A film that was booked.
#[derive(Debug, Deserialize)]
pub struct Film {
    pub id: Id,
    pub title: String,
}

/// That the cinema cancelled a booking.
#[derive(Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub struct Cancelled {
    pub on: Moment,
    pub reason: String,
}

/// A booking, as far as it tells what its user likes.
#[derive(Debug, Deserialize)]
pub struct Booked {
    pub movies: Vec<Id>,
    /// Whom the cinema has sent away may still want to see it.
    cancelled: Option<IgnoredAny>,
}

/// A showtime of the coming programme.
#[derive(Debug, Clone, Deserialize)]
pub struct Showtime {
    pub date: Day,
    pub time: Option<Time>,
    pub movies: Vec<Id>,
}

/// A film, as far as it is ranked by; it is passed on as it came.
#[derive(Debug, Clone)]
pub struct Movie {
    pub id: Id,
    pub title: String,
    pub director: String,
    pub rating: f64,
    pub whole: Box<RawValue>,
}

impl<'de> Deserialize<'de> for Movie {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Ranked {
            id: Id,
            title: String,
            director: String,
            rating: f64,
        }
        let whole = Box::<RawValue>::deserialize(deserializer)?;
        let ranked: Ranked = serde_json::from_str(whole.get()).map_err(D::Error::custom)?;
        Ok(Self {
            id: ranked.id,
            title: ranked.title,
            director: ranked.director,
            rating: ranked.rating,
            whole,
        })
    }
}

impl Serialize for Movie {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.whole.serialize(serializer)
    }
}

impl<A: Transport> Siblings<A> {
    /// A page of a user's bookings, in order of id.
    pub async fn bookings(&self, user: Id, page: PageRequest) -> Result<Listed<Booking>, Problem> {
        let mut query = vec![
            ("userid", user.to_string()),
            ("limit", page.limit.to_string()),
        ];
        query.extend(page.after.map(|after| ("after", after.to_string())));
        self.bookings.page(&path("/bookings", &query)).await
    }

    /// What a user has booked of late, the latest first.
    pub async fn booked(&self, user: Id) -> Result<Listed<Booked>, Problem> {
        let query = [
            ("userid", user.to_string()),
            ("order", "newest".to_owned()),
            ("limit", PAGE.to_string()),
        ];
        let mut page: Listed<Booked> = self.bookings.page(&path("/bookings", &query)).await?;
        page.data.retain(|booking| booking.cancelled.is_none());
        Ok(page)
    }

    /// Has what a user has booked to come cancelled.
    pub async fn cancel_bookings(&self, user: Id) -> Result<(), Problem> {
        let path = path("/bookings", &[("userid", user.to_string())]);
        let told = self.bookings.tell(Method::DELETE, &path, None::<&()>);
        Ok(told.await??)
    }

    /// Those of these films that a user has ever booked.
    pub async fn booked_among(&self, user: Id, films: &[Id]) -> Result<HashSet<Id>, Problem> {
        let mut booked = HashSet::new();
        let mut left = films.to_vec();
        let of = |films: &[Id]| {
            let query = [
                ("userid", user.to_string()),
                ("movies", listed(films)),
                ("limit", PAGE.to_string()),
            ];
            path("/bookings", &query)
        };
        let mut next = of(&left);
        for _ in 0..MOST_PAGES {
            if left.is_empty() {
                break;
            }
            let page: Listed<Booked> = self.bookings.page(&next).await?;
            let kept = page.data.iter().filter(|one| one.cancelled.is_none());
            booked.extend(kept.flat_map(|booking| &booking.movies));
            let before = left.len();
            left.retain(|film| !booked.contains(film));
            next = match page.next {
                None => break,
                // Without what is known by now, there are hardly any.
                Some(_) if left.len() < before => of(&left),
                Some(next) => next,
            };
        }
        Ok(booked)
    }

    /// The programme of these days, the soonest first.
    pub async fn programme(&self, from: Day, to: Day) -> Result<Vec<Showtime>, Problem> {
        let query = [
            ("from", from.to_string()),
            ("to", to.to_string()),
            ("limit", PAGE.to_string()),
        ];
        let page = self.showtimes.page(&path("/showtimes", &query)).await?;
        Ok(page.data)
    }

    /// Those of these showtimes that there are.
    pub async fn showtimes<S: DeserializeOwned>(&self, ids: &[Id]) -> Result<Vec<S>, Problem> {
        self.showtimes.by_ids("/showtimes", ids).await
    }

    /// Those of these films that there are.
    pub async fn movies<M: DeserializeOwned>(&self, ids: &[Id]) -> Result<Vec<M>, Problem> {
        self.movies.by_ids("/movies", ids).await
    }

    /// The best-rated films, a page of them; with no better rating than this.
    pub async fn best_films(&self, most: Option<f64>) -> Result<Vec<Movie>, Problem> {
        let mut query = vec![("order", "rating".to_owned()), ("limit", PAGE.to_string())];
        query.extend(most.map(|most| ("max_rating", most.to_string())));
        let page = self.movies.page(&path("/movies", &query)).await?;
        Ok(page.data)
    }

    /// Films by the directors of these, a page of them.
    pub async fn films_like(&self, films: &[Id]) -> Result<Vec<Movie>, Problem> {
        if films.is_empty() {
            return Ok(Vec::new());
        }
        let query = [("like", listed(films)), ("limit", PAGE.to_string())];
        let page = self.movies.page(&path("/movies", &query)).await?;
        Ok(page.data)
    }
}

fn listed(ids: &[Id]) -> String {
    let ids: Vec<_> = ids.iter().map(Id::to_string).collect();
    ids.join(",")
}

fn path(path: &str, query: &[(&str, String)]) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(query)
        .finish();
    format!("{path}?{query}")
}
