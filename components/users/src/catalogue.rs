//! Which films are ranked, and how they are had at a bounded price.
//!
//! A catalogue of up to [`WHOLE`] hundred films is ranked whole. Of a larger one, these are ranked:
//! - its first [`WHOLE`] hundred films,
//! - the best-rated of the rest: as many as there can be suggestions, so that no better-rated film is missed,
//! - films on the coming programme, the soonest first,
//! - films by the directors whom the user has booked most.
//!
//! So however many films there are, it takes no more than some fifteen requests, and a catalogue of a hundred takes one.

use std::collections::HashMap;

use door::Transport;
use futures::{future::try_join_all, try_join};
use service::{Id, Problem};

use crate::siblings::{Movie, Siblings};

/// A catalogue of so many pages is ranked whole.
const WHOLE: usize = 5;
/// How many pages of the best-rated are read at the most.
const BEST: usize = 4;
/// How many films are looked up by their ids at the most.
const BY_ID: usize = 300;
/// How many directors are looked up at the most.
const DIRECTORS: usize = 3;

/// Films, as far as they are known.
#[derive(Debug, Default)]
pub struct Catalogue {
    films: HashMap<Id, Movie>,
    /// The last film of those read in order of id, where more follow.
    more_after: Option<Id>,
}

impl Catalogue {
    /// Reads the catalogue from its beginning.
    pub async fn read<A: Transport>(siblings: &Siblings<A>) -> Result<Self, Problem> {
        let mut catalogue = Self::default();
        for _ in 0..WHOLE {
            let page = siblings.films(&[], catalogue.more_after).await?;
            catalogue.more_after = page
                .data
                .last()
                .filter(|_| page.next.is_some())
                .map(|film| film.id);
            catalogue.add(page.data);
            if catalogue.more_after.is_none() {
                break;
            }
        }
        Ok(catalogue)
    }

    /// Adds to a catalogue that was too large to be read whole what a user may like of the rest. `booked` are the films the
    /// user has booked, `showing` those on the programme, soonest first, and `limit` is how many are to be suggested.
    pub async fn widen<A: Transport>(
        &mut self,
        siblings: &Siblings<A>,
        booked: &[Id],
        showing: &[Id],
        limit: u32,
    ) -> Result<(), Problem> {
        let Some(after) = self.more_after else {
            return Ok(());
        };
        let mut missing = Vec::new();
        for id in booked.iter().chain(showing) {
            if !self.films.contains_key(id) && !missing.contains(id) && missing.len() < BY_ID {
                missing.push(*id);
            }
        }
        let (best, named) = try_join!(
            self.best(siblings, booked, after, limit),
            siblings.movies(&missing)
        )?;
        self.add(best);
        self.add(named);
        let by_directors =
            self.favourites(booked)
                .into_iter()
                .map(|director| async move {
                    siblings.films(&[("director", director)], Some(after)).await
                });
        for page in try_join_all(by_directors).await? {
            self.add(page.data);
        }
        Ok(())
    }

    /// A film.
    pub fn get(&self, id: Id) -> Option<&Movie> {
        self.films.get(&id)
    }

    /// Every film but these, in order of id.
    pub fn without(&self, ids: &[Id]) -> Vec<&Movie> {
        let mut films: Vec<_> = self
            .films
            .values()
            .filter(|film| !ids.contains(&film.id))
            .collect();
        films.sort_by_key(|film| film.id);
        films
    }

    fn add(&mut self, films: Vec<Movie>) {
        self.films
            .extend(films.into_iter().map(|film| (film.id, film)));
    }

    /// The films after `after` that are among the best-rated `limit` of all. The bar is the rating that is good enough by what is
    /// known so far; each page raises it.
    async fn best<A: Transport>(
        &self,
        siblings: &Siblings<A>,
        booked: &[Id],
        mut after: Id,
        limit: u32,
    ) -> Result<Vec<Movie>, Problem> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut ratings: Vec<f64> = self
            .without(booked)
            .iter()
            .map(|film| film.rating)
            .collect();
        let mut best = Vec::new();
        for _ in 0..BEST {
            ratings.sort_by(|one, other| other.total_cmp(one));
            ratings.truncate(limit);
            let bar = if ratings.len() < limit {
                None
            } else {
                ratings.last()
            };
            let bar = bar.map(|bar| ("min_rating", bar.clamp(0.0, 10.0).to_string()));
            let page = siblings.films(bar.as_slice(), Some(after)).await?;
            ratings.extend(
                page.data
                    .iter()
                    .filter(|film| !booked.contains(&film.id))
                    .map(|film| film.rating),
            );
            let last = page.data.last().map(|film| film.id);
            best.extend(page.data);
            match last {
                Some(last) if page.next.is_some() => after = last,
                _ => break,
            }
        }
        Ok(best)
    }

    /// The directors of most of the booked films.
    fn favourites(&self, booked: &[Id]) -> Vec<String> {
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for film in booked.iter().filter_map(|id| self.get(*id)) {
            *counts.entry(film.director.trim()).or_default() += 1;
        }
        counts.remove("");
        let mut directors: Vec<_> = counts.into_iter().collect();
        directors.sort_by(|(name, count), (other_name, other_count)| {
            other_count.cmp(count).then_with(|| name.cmp(other_name))
        });
        directors.truncate(DIRECTORS);
        directors
            .into_iter()
            .map(|(name, _)| name.to_owned())
            .collect()
    }
}
