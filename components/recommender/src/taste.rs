//! What the user's bookings say of directors.

use std::collections::{BTreeMap, BTreeSet};

use crate::wit::exports::cinema::recommender::rank::Movie;

/// How many films of a director are named; the rest are only counted.
const NAMED: usize = 2;

/// The directors a user has booked.
pub struct Taste<'a> {
    directors: BTreeMap<String, Director<'a>>,
}

/// One director, as this user knows them.
struct Director<'a> {
    bookings: u32,
    titles: BTreeSet<&'a str>,
}

/// The films of one director that the user has booked.
#[derive(Debug, Default, PartialEq)]
pub struct Others<'a> {
    /// The first of their titles in alphabetical order, at most two.
    pub titles: Vec<&'a str>,
    /// How many there are beside these.
    pub more: usize,
}

impl<'a> Taste<'a> {
    /// Reads the bookings, one film a booking.
    pub fn of(booked: &'a [Movie]) -> Self {
        let mut directors: BTreeMap<String, Director> = BTreeMap::new();
        for movie in booked {
            let Some(name) = name(&movie.director) else {
                continue;
            };
            let director = directors.entry(name).or_insert(Director {
                bookings: 0,
                titles: BTreeSet::new(),
            });
            director.bookings = director.bookings.saturating_add(1);
            director.titles.insert(&movie.title);
        }
        Self { directors }
    }

    /// How near a film is to what the user books, 0 to 1: each booking of its director takes half of the way that is left,
    /// so one counts a half, two three quarters, three seven eighths.
    pub fn nearness(&self, movie: &Movie) -> f64 {
        match self.director(movie) {
            None => 0.0,
            Some(director) => 1.0 - 0.5_f64.powf(f64::from(director.bookings)),
        }
    }

    /// What else by the film's director the user has booked.
    pub fn others_by_director_of(&self, movie: &Movie) -> Others<'a> {
        match self.director(movie) {
            None => Others::default(),
            Some(director) => {
                let titles: Vec<&str> = director.titles.iter().copied().take(NAMED).collect();
                Others {
                    more: director.titles.len() - titles.len(),
                    titles,
                }
            }
        }
    }

    fn director(&self, movie: &Movie) -> Option<&Director<'a>> {
        self.directors.get(&name(&movie.director)?)
    }
}

/// A director's name such that two spellings of one are equal; none where there is no name to go by.
fn name(director: &str) -> Option<String> {
    let words: Vec<&str> = director.split_whitespace().collect();
    (!words.is_empty()).then(|| words.join(" ").to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn movie(title: &str, director: &str) -> Movie {
        Movie {
            id: String::new(),
            title: title.to_owned(),
            director: director.to_owned(),
            rating: None,
        }
    }

    #[test]
    fn more_bookings_of_a_director_weigh_more_and_never_fill_the_scale_past_one() {
        let one = vec![movie("A", "Vask")];
        let two = vec![movie("A", "Vask"), movie("A", "Vask")];
        let many = vec![movie("A", "Vask"); 5000];
        let film = movie("B", "Vask");
        assert_eq!(Taste::of(&one).nearness(&film), 0.5);
        assert_eq!(Taste::of(&two).nearness(&film), 0.75);
        assert_eq!(Taste::of(&many).nearness(&film), 1.0);
        assert_eq!(Taste::of(&many).nearness(&movie("B", "Marlow")), 0.0);
    }

    #[test]
    fn a_name_is_the_same_however_it_is_spaced_and_capitalised() {
        let booked = [movie("A", " Ínes  marlow")];
        assert_eq!(
            Taste::of(&booked).nearness(&movie("B", "ínes Marlow ")),
            0.5
        );
    }

    #[test]
    fn films_without_a_director_are_not_near_to_one_another() {
        let booked = [movie("A", ""), movie("C", "  ")];
        let taste = Taste::of(&booked);
        assert_eq!(taste.nearness(&movie("B", "")), 0.0);
        assert_eq!(
            taste.others_by_director_of(&movie("B", " ")),
            Others::default()
        );
    }

    #[test]
    fn titles_come_in_order_and_once_each() {
        let mut booked = vec![movie("Z", "V"), movie("A", "V"), movie("Z", "V")];
        let others = |booked: &[Movie], titles: &[&str], more| {
            let taste = Taste::of(booked);
            let film = movie("B", "v");
            let found = taste.others_by_director_of(&film);
            assert_eq!((found.titles.as_slice(), found.more), (titles, more));
        };
        others(&booked, &["A", "Z"], 0);
        booked.extend([movie("C", "V"), movie("D", "V")]);
        others(&booked, &["A", "C"], 2);
    }
}
