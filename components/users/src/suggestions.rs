//! What is handed to the recommender, and what becomes of its answer.

use std::collections::HashSet;

use door::Transport;
use futures::try_join;
use serde::{Deserialize, Serialize};
use service::{Clock, Day, Id, Problem};

use crate::{
    catalogue::Catalogue,
    common::Kept,
    recommender::{self, Recommender, Request, Showing},
    siblings::{Booked, Movie, Showtime, Siblings},
};

/// A suggestion as the API shows it.
#[derive(Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = Suggestion))]
pub struct View {
    #[cfg_attr(test, schema(value_type = Described))]
    pub movie: Movie,
    /// 0 to 1.
    #[cfg_attr(test, schema(minimum = 0, maximum = 1))]
    pub score: f64,
    /// Why, in words.
    pub reason: String,
}

/// A film of the catalogue.
#[cfg(test)]
#[derive(utoipa::ToSchema)]
#[schema(as = Movie)]
#[expect(dead_code, reason = "it is described only")]
struct Described {
    id: Id,
    title: String,
    director: String,
    rating: f64,
    /// How long it is, where that is known.
    minutes: Option<i32>,
    /// The address of a picture of it; where there is none, it is drawn of the title.
    poster: Option<String>,
    createdon: service::Moment,
}

/// Of a user with more bookings than are read, so many films are ranked to find those that were not booked before.
const CHECKED: u32 = 100;

/// All that a user's suggestions depend on.
#[derive(Debug)]
pub struct Gathered {
    today: Day,
    /// A film for each booking of it, the latest first.
    booked: Vec<Id>,
    /// Whether there are bookings before these.
    booked_before: bool,
    programme: Vec<Showtime>,
    catalogue: Catalogue,
}

impl Gathered {
    /// Asks the siblings: bookings, programme and films side by side, for `limit` suggestions.
    pub async fn gather<A: Transport>(
        siblings: &Siblings<A>,
        kept: &Kept,
        user: Id,
        clock: &Clock,
        limit: u32,
    ) -> Result<Self, Problem> {
        let (bookings, common) = try_join!(siblings.booked(user), kept.read(siblings, clock))?;
        let coming = common.programme.iter();
        let coming = coming.filter(|showtime| !clock.has_begun(showtime.date, showtime.time));
        let programme: Vec<_> = coming.cloned().collect();
        let mut catalogue = common.films.clone();
        let booked_before = bookings.next.is_some();
        let booked: Vec<_> = bookings
            .data
            .iter()
            .flat_map(|Booked { movies, .. }| movies.iter().copied())
            .collect();
        let limit = if booked_before { CHECKED } else { limit };
        catalogue.widen(siblings, &booked, limit as usize).await?;
        Ok(Self {
            today: clock.today(),
            booked,
            booked_before,
            programme,
            catalogue,
        })
    }

    /// What to suggest to the user, best first.
    pub async fn suggest<A: Transport, R: Recommender>(
        &self,
        siblings: &Siblings<A>,
        recommender: &R,
        user: Id,
        limit: u32,
    ) -> Result<Vec<View>, Problem> {
        if !self.booked_before {
            return Ok(self.rank(recommender, limit));
        }
        let mut ranked = self.rank(recommender, CHECKED);
        let films: Vec<_> = ranked.iter().map(|view| view.movie.id).collect();
        let booked = siblings.booked_among(user, &films).await?;
        ranked.retain(|view| !booked.contains(&view.movie.id));
        ranked.truncate(limit as usize);
        Ok(ranked)
    }

    /// Has the recommender rank. What it gives is checked: any component may stand in its place.
    fn rank<R: Recommender>(&self, recommender: &R, limit: u32) -> Vec<View> {
        let candidates = self.catalogue.without(&self.booked);
        let request = Request {
            today: self.today.to_string(),
            candidates: candidates.iter().copied().map(told).collect(),
            booked: self
                .booked
                .iter()
                .filter_map(|id| self.catalogue.get(*id))
                .map(told)
                .collect(),
            showings: self.programme.iter().flat_map(showings).collect(),
            limit,
        };
        let mut left: HashSet<Id> = candidates.iter().map(|movie| movie.id).collect();
        let suggestions = recommender.suggest(&request).into_iter();
        suggestions
            .filter_map(|suggestion| {
                let id = suggestion.movie_id.parse::<Id>().ok()?;
                let movie = self.catalogue.get(id).filter(|_| left.remove(&id))?.clone();
                let score = if suggestion.score.is_nan() {
                    0.0
                } else {
                    suggestion.score.clamp(0.0, 1.0)
                };
                Some(View {
                    movie,
                    score,
                    reason: suggestion.reason,
                })
            })
            .take(usize::try_from(limit).unwrap_or(usize::MAX))
            .collect()
    }
}

fn told(movie: &Movie) -> recommender::Movie {
    recommender::Movie {
        id: movie.id.to_string(),
        title: movie.title.clone(),
        director: movie.director.clone(),
        rating: Some(movie.rating),
    }
}

fn showings(showtime: &Showtime) -> impl Iterator<Item = Showing> {
    showtime.movies.iter().map(|movie| Showing {
        movie_id: movie.to_string(),
        date: showtime.date.to_string(),
        time: showtime.time.map(|time| time.to_string()),
    })
}
