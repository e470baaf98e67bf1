//! When each film is on next.

use std::collections::BTreeMap;

use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{Date, Time};

use crate::wit::exports::cinema::recommender::rank::Showing;

const DAY: &[BorrowedFormatItem] = format_description!("[year]-[month]-[day]");
const TIME: &[BorrowedFormatItem] = format_description!("[hour]:[minute]");

/// After this many days without it, being on the programme counts half.
const HALF: f64 = 7.0;

/// The coming showings, by film.
pub struct Programme<'a> {
    next: BTreeMap<&'a str, Next>,
}

/// A film's next showing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Next {
    /// The day.
    pub date: Date,
    /// The time of day, where it is known.
    pub time: Option<Time>,
    /// Days from today, 0 for today.
    pub days: u32,
}

impl<'a> Programme<'a> {
    /// Reads the programme as seen from `today`. What is over, and what has no readable day, is left out.
    pub fn from(today: &str, showings: &'a [Showing]) -> Self {
        let mut next: BTreeMap<&str, Next> = BTreeMap::new();
        if let Ok(today) = Date::parse(today, DAY) {
            for showing in showings {
                let Some(coming) = Next::read(today, showing) else {
                    continue;
                };
                let earliest = next.entry(&showing.movie_id).or_insert(coming);
                if coming.is_before(earliest) {
                    *earliest = coming;
                }
            }
        }
        Self { next }
    }

    /// The film's next showing.
    pub fn next(&self, movie_id: &str) -> Option<Next> {
        self.next.get(movie_id).copied()
    }

    /// How soon the film is on, 0 to 1: 1 today, a half in a week, a third in a fortnight, 0 when it is not on at all.
    pub fn soonness(&self, movie_id: &str) -> f64 {
        match self.next(movie_id) {
            None => 0.0,
            Some(next) => HALF / (HALF + f64::from(next.days)),
        }
    }
}

impl Next {
    fn read(today: Date, showing: &Showing) -> Option<Self> {
        let date = Date::parse(&showing.date, DAY).ok()?;
        let days = u32::try_from((date - today).whole_days()).ok()?;
        let time = showing.time.as_deref();
        let time = time.and_then(|time| Time::parse(time, TIME).ok());
        Some(Self { date, time, days })
    }

    /// By day, then by time; on one day, a showing at an unknown time is the last to be named.
    fn is_before(&self, other: &Self) -> bool {
        let key = |next: &Self| (next.date, next.time.is_none(), next.time);
        key(self) < key(other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::{date, time};

    fn showing(date: &str, time: Option<&str>) -> Showing {
        Showing {
            movie_id: "m".to_owned(),
            date: date.to_owned(),
            time: time.map(str::to_owned),
        }
    }

    #[test]
    fn the_next_showing_is_the_earliest_that_is_not_over() {
        let showings = [
            showing("2026-11-30", None),
            showing("2026-11-27", None),
            showing("2026-11-27", Some("20:15")),
            showing("2026-11-27", Some("21:00")),
            showing("2026-11-22", Some("20:15")),
        ];
        let expected = Next {
            date: date!(2026 - 11 - 27),
            time: Some(time!(20:15)),
            days: 4,
        };
        let programme = Programme::from("2026-11-23", &showings);
        assert_eq!(programme.next("m"), Some(expected));
        assert_eq!(programme.next("another"), None);
    }

    #[test]
    fn nearer_days_weigh_more() {
        let weight =
            |date: &str| Programme::from("2026-11-23", &[showing(date, None)]).soonness("m");
        assert_eq!(weight("2026-11-23"), 1.0);
        assert_eq!(weight("2026-11-30"), 0.5);
        assert_eq!(weight("2026-12-07"), 1.0 / 3.0);
        assert!(weight("9999-12-31") > 0.0);
        assert_eq!(weight("2026-11-22"), 0.0);
    }

    #[test]
    fn days_that_cannot_be_read_count_for_nothing() {
        for odd in ["", "soon", "2026-02-30", "27.11.2026", "2026-11-27T20:15"] {
            let showings = [showing(odd, None)];
            assert_eq!(Programme::from("2026-11-23", &showings).next("m"), None);
            let showings = [showing("2026-11-27", None)];
            assert_eq!(Programme::from(odd, &showings).next("m"), None);
        }
        let showings = [showing("2026-11-27", Some("late"))];
        let next = Programme::from("2026-11-23", &showings).next("m");
        assert_eq!(next.map(|next| next.time), Some(None));
    }
}
