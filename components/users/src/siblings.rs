//! What is asked of bookings, showtimes and movies, and how they put it.

#[cfg(test)]
use apidoc::schema;
use door::{Outbound, Transport};
use form_urlencoded::Serializer;
use serde::{Deserialize, Serialize};
use service::Id;
use service::{Context, Listed, PageRequest, Problem, Sibling};

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

/// A booking.
#[derive(Debug, Deserialize)]
pub struct Booking {
    pub id: Id,
    pub userid: Option<Id>,
    pub showtimeid: Option<Id>,
    #[serde(default)]
    pub movies: Vec<Id>,
    #[serde(default)]
    pub seats: i64,
    pub createdon: Option<String>,
}

/// A showtime.
#[derive(Debug, Deserialize)]
pub struct Showtime {
    pub id: Id,
    pub date: Option<String>,
    pub time: Option<String>,
    #[serde(default)]
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
    #[serde(serialize_with = "hex")]
    #[cfg_attr(test, schema(value_type = schema::Id))]
    pub id: Id,
    #[serde(default)]
    #[cfg_attr(test, schema(required = true))]
    pub title: String,
    #[serde(default)]
    #[cfg_attr(test, schema(required = true))]
    pub director: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(required = true))]
    pub rating: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(required = true, value_type = schema::Moment))]
    pub createdon: Option<String>,
}

/// An id as the API writes it.
pub fn hex<S: serde::Serializer>(id: &Id, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(id)
}

impl Siblings<Outbound> {
    /// Where the variables say they are.
    ///
    /// # Errors
    /// 503 where one of them is not said to be anywhere.
    pub fn open(context: &Context) -> Result<Self, Problem> {
        Ok(Self {
            bookings: context.sibling("bookings")?,
            showtimes: context.sibling("showtimes")?,
            movies: context.sibling("movies")?,
        })
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

    /// All of a user's bookings.
    pub async fn all_bookings(&self, user: Id) -> Result<Vec<Booking>, Problem> {
        let query = [("userid", user.to_string()), ("limit", PAGE.to_owned())];
        self.bookings.all(&path("/bookings", &query)).await
    }

    /// The programme from a day on.
    pub async fn programme(&self, from: &str) -> Result<Vec<Showtime>, Problem> {
        let query = [("from", from.to_owned()), ("limit", PAGE.to_owned())];
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
    pub async fn showtimes(&self, ids: &[Id]) -> Result<Vec<Showtime>, Problem> {
        self.showtimes.by_ids("/showtimes", ids).await
    }

    /// Those of these films that there are.
    pub async fn movies(&self, ids: &[Id]) -> Result<Vec<Movie>, Problem> {
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
