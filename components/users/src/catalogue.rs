//! Which films are ranked, and how they are had at a price that does not grow with the catalogue.
//!
//! - the [`PAGE`] best-rated, and more where the user has booked these. If they are all there are, that is it; else, also
//! - the films on the coming programme, the soonest first,
//! - those that the user has booked, and films by the directors of whom that were most.

use std::{
    collections::{BTreeMap, HashSet},
    rc::Rc,
};

use door::Transport;
use futures::try_join;
use service::{Id, Problem};

use crate::siblings::{Movie, PAGE, Siblings};

/// How many pages of the best-rated are read at the most.
const BEST: usize = 5;
/// How many films are looked up by their ids at the most.
const BY_ID: usize = 200;
/// How many of the booked films tell of directors: as many as movies takes.
const ALIKE: usize = 10;

/// Films, as far as they are known.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    films: BTreeMap<Id, Rc<Movie>>,
    /// The rating from which on upwards each film is known, where there may be others.
    known_from: Option<f64>,
}

impl Catalogue {
    /// Begins with the best-rated films.
    pub async fn read<A: Transport>(siblings: &Siblings<A>) -> Result<Self, Problem> {
        let mut catalogue = Self::default();
        catalogue.read_best(siblings).await?;
        Ok(catalogue)
    }

    /// Adds these films to a catalogue that was too large to be read whole, the first of those that it lacks.
    pub async fn complete<A: Transport>(
        &mut self,
        siblings: &Siblings<A>,
        ids: &[Id],
    ) -> Result<(), Problem> {
        if self.known_from.is_some() {
            let missing = siblings.movies(&self.missing(ids)).await?;
            self.add(missing);
        }
        Ok(())
    }

    /// Adds to a catalogue that was too large to be read whole what a user may like of the rest. `booked` are the films the
    /// user has booked, the latest first, and `limit` is how many are to be suggested.
    pub async fn widen<A: Transport>(
        &mut self,
        siblings: &Siblings<A>,
        booked: &[Id],
        limit: usize,
    ) -> Result<(), Problem> {
        if self.known_from.is_none() {
            return Ok(());
        }
        let (missing, favourites) = (self.missing(booked), favourites(booked));
        let (missing, alike) =
            try_join!(siblings.movies(&missing), siblings.films_like(&favourites))?;
        self.add(missing);
        self.add(alike);
        for _ in 1..BEST {
            if self.known_from.is_none() || self.without(booked).len() >= limit {
                break;
            }
            self.read_best(siblings).await?;
        }
        Ok(())
    }

    /// A film.
    pub fn get(&self, id: Id) -> Option<&Movie> {
        self.films.get(&id).map(Rc::as_ref)
    }

    /// Every film but these, in order of id.
    pub fn without(&self, ids: &[Id]) -> Vec<&Movie> {
        let ids: HashSet<_> = ids.iter().collect();
        let films = self.films.values().map(Rc::as_ref);
        films.filter(|film| !ids.contains(&film.id)).collect()
    }

    /// Which of these are to be looked up.
    fn missing(&self, ids: &[Id]) -> Vec<Id> {
        let mut seen = HashSet::new();
        let unknown = |id: &Id| !self.films.contains_key(id) && seen.insert(*id);
        ids.iter().copied().filter(unknown).take(BY_ID).collect()
    }

    fn add(&mut self, films: Vec<Movie>) {
        self.films
            .extend(films.into_iter().map(|film| (film.id, Rc::new(film))));
    }

    /// Reads the best-rated of those that are not known to be better.
    async fn read_best<A: Transport>(&mut self, siblings: &Siblings<A>) -> Result<(), Problem> {
        let films = siblings.best_films(self.known_from).await?;
        let last = films.last().filter(|_| films.len() >= PAGE as usize);
        self.known_from = last.map(|film| film.rating);
        self.add(films);
        Ok(())
    }
}

/// The films booked most, of those booked alike the latest.
fn favourites(booked: &[Id]) -> Vec<Id> {
    let mut counts: Vec<(Id, usize)> = Vec::new();
    for id in booked {
        match counts.iter_mut().find(|(counted, _)| counted == id) {
            Some((_, count)) => *count += 1,
            None => counts.push((*id, 1)),
        }
    }
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let ids = counts.into_iter().map(|(id, _)| id);
    ids.take(ALIKE).collect()
}
