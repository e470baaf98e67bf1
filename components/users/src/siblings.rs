//! What is asked of bookings, showtimes and movies, and how they put it.

use door::Transport;
use form_urlencoded::Serializer;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use service::{Day, Id, Listed, Moment, PageRequest, Problem, Sibling, Time};

/// The most that a page of a list may have.
const PAGE: &str = "100";

/// How many pages of the coming programme are read: a thousand showtimes.
const PROGRAMME_PAGES: usize = 10;

/// The services next door.
pub struct Siblings<A> {
    pub bookings: Sibling<A>,
    pub showtimes: Sibling<A>,
    pub movies: Sibling<A>,
}

/// A booking, to be shown to its user.
#[derive(Debug, Deserialize)]
pub struct Booking {
    pub id: Id,
    pub userid: Id,
    pub showtimeid: Id,
    pub movies: Vec<Id>,
    pub seats: i32,
    pub createdon: Moment,
}

/// A booking, as far as it tells what its user likes.
#[derive(Debug, Deserialize)]
pub struct Booked {
    pub movies: Vec<Id>,
}

/// A showtime of the coming programme.
#[derive(Debug, Deserialize)]
pub struct Showtime {
    pub date: Day,
    pub time: Option<Time>,
    pub movies: Vec<Id>,
}

/// A film, which is passed on as it is.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[cfg_attr(
    test,
    derive(utoipa::ToSchema),
    schema(description = "A film of the catalogue.")
)]
pub struct Movie {
    pub id: Id,
    pub title: String,
    pub director: String,
    pub rating: f64,
    pub createdon: Moment,
    /// Whatever else movies says of it.
    #[serde(flatten)]
    #[cfg_attr(test, schema(ignore))]
    pub more: Map<String, Value>,
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

    /// What a user has booked, all of it.
    pub async fn booked(&self, user: Id) -> Result<Vec<Booked>, Problem> {
        let query = [("userid", user.to_string()), ("limit", PAGE.to_owned())];
        self.bookings.all(&path("/bookings", &query)).await
    }

    /// The programme from a day on.
    pub async fn programme(&self, from: Day) -> Result<Vec<Showtime>, Problem> {
        let query = [("from", from.to_string()), ("limit", PAGE.to_owned())];
        let mut page: Listed<Showtime> = self.showtimes.page(&path("/showtimes", &query)).await?;
        let mut showtimes = page.data;
        for _ in 1..PROGRAMME_PAGES {
            let Some(next) = page.next else { break };
            page = self.showtimes.page(&next).await?;
            showtimes.append(&mut page.data);
        }
        Ok(showtimes)
    }

    /// Those of these showtimes that there are.
    pub async fn showtimes<S: DeserializeOwned>(&self, ids: &[Id]) -> Result<Vec<S>, Problem> {
        self.showtimes.by_ids("/showtimes", ids).await
    }

    /// Those of these films that there are.
    pub async fn movies<M: DeserializeOwned>(&self, ids: &[Id]) -> Result<Vec<M>, Problem> {
        self.movies.by_ids("/movies", ids).await
    }

    /// A hundred films after `after`, in order of id, of which all that is in `filter` is true.
    pub async fn films(
        &self,
        filter: &[(&str, String)],
        after: Option<Id>,
    ) -> Result<Listed<Movie>, Problem> {
        let mut query = vec![("limit", PAGE.to_owned())];
        query.extend_from_slice(filter);
        query.extend(after.map(|after| ("after", after.to_string())));
        self.movies.page(&path("/movies", &query)).await
    }
}

fn path(path: &str, query: &[(&str, String)]) -> String {
    let query = Serializer::new(String::new()).extend_pairs(query).finish();
    format!("{path}?{query}")
}
