//! The sentence that tells the user why a film is suggested.

use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use crate::programme::Next;
use crate::taste::Others;
use crate::wit::exports::cinema::recommender::rank::Movie;

const WEEKDAY: &[BorrowedFormatItem] =
    format_description!("[weekday] [day padding:none] [month repr:long]");
const WEEKDAY_AND_YEAR: &[BorrowedFormatItem] =
    format_description!("[weekday] [day padding:none] [month repr:long] [year]");
const CLOCK: &[BorrowedFormatItem] = format_description!("[hour]:[minute]");

/// From this rating on, the rating speaks for the film.
const GOOD: f64 = 7.0;
/// Up to this many days ahead, a showing is worth naming beside other reasons.
const FORTNIGHT: u32 = 14;
/// From this many days ahead on, a day needs its year to be understood.
const HALF_A_YEAR: u32 = 180;

/// A sentence of what speaks for `movie`: its director (by whom the user has booked `others`), its rating (0 to 10), its
/// next showing. What is strong is said; a film with nothing strong to it is given what little there is.
pub fn sentence(movie: &Movie, others: &Others, rating: Option<f64>, next: Option<Next>) -> String {
    let mut parts: Vec<String> = directed(movie, others).into_iter().collect();
    if let Some(rating) = rating.filter(|rating| *rating >= GOOD) {
        parts.push(rated(rating));
    }
    if let Some(next) = next.filter(|next| next.days <= FORTNIGHT) {
        parts.push(showing(next));
    }
    if parts.is_empty() {
        parts.extend(rating.map(rated));
        parts.extend(next.map(showing));
    }
    if parts.is_empty() {
        parts.push("new to you, and not yet rated".to_owned());
    }
    capitalised(&parts.join("; ")) + "."
}

fn directed(movie: &Movie, others: &Others) -> Option<String> {
    let director = movie.director.trim();
    let those = match (others.titles.as_slice(), others.more) {
        ([], _) => return None,
        ([one], _) => format!("as is {one}, which you booked"),
        ([one, other, ..], 0) => format!("as are {one} and {other}, which you booked"),
        ([one, other, ..], more) => {
            format!("as are {one}, {other} and {more} more that you booked")
        }
    };
    Some(format!("directed by {director}, {those}"))
}

fn rated(rating: f64) -> String {
    format!("rated {rating:.1} out of 10")
}

fn showing(next: Next) -> String {
    let day = match next.days {
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        days => {
            let format = if days < HALF_A_YEAR {
                WEEKDAY
            } else {
                WEEKDAY_AND_YEAR
            };
            // A date has all that these formats ask for, so the day's own form is never needed.
            let day = next.date.format(format);
            format!("on {}", day.unwrap_or_else(|_| next.date.to_string()))
        }
    };
    match next.time.and_then(|time| time.format(CLOCK).ok()) {
        Some(time) => format!("showing {day} at {time}"),
        None => format!("showing {day}"),
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::{date, time};

    fn movie() -> Movie {
        Movie {
            id: "m".to_owned(),
            title: "Low Water".to_owned(),
            director: "Ines Marlow ".to_owned(),
            rating: None,
        }
    }

    fn others<'a>(titles: &[&'a str], more: usize) -> Others<'a> {
        Others {
            titles: titles.to_vec(),
            more,
        }
    }

    fn on_friday(days: u32) -> Option<Next> {
        Some(Next {
            date: date!(2026 - 11 - 27),
            time: Some(time!(20:15)),
            days,
        })
    }

    #[test]
    fn it_names_director_rating_and_showing() {
        assert_eq!(
            sentence(
                &movie(),
                &others(&["The Tide Table"], 0),
                Some(6.0),
                on_friday(4)
            ),
            "Directed by Ines Marlow, as is The Tide Table, which you booked; showing on Friday 27 November at 20:15."
        );
        assert_eq!(
            sentence(&movie(), &others(&["A", "B"], 0), Some(8.25), None),
            "Directed by Ines Marlow, as are A and B, which you booked; rated 8.2 out of 10."
        );
        assert_eq!(
            sentence(&movie(), &others(&["A", "B"], 2), None, None),
            "Directed by Ines Marlow, as are A, B and 2 more that you booked."
        );
    }

    #[test]
    fn a_day_is_named_as_people_name_it() {
        let said = |days| sentence(&movie(), &Others::default(), None, on_friday(days));
        assert_eq!(said(0), "Showing today at 20:15.");
        assert_eq!(said(1), "Showing tomorrow at 20:15.");
        assert_eq!(said(200), "Showing on Friday 27 November 2026 at 20:15.");
        let untimed = on_friday(4).map(|next| Next { time: None, ..next });
        assert_eq!(
            sentence(&movie(), &Others::default(), None, untimed),
            "Showing on Friday 27 November."
        );
    }

    #[test]
    fn there_is_always_something_to_say() {
        assert_eq!(
            sentence(&movie(), &Others::default(), Some(3.0), None),
            "Rated 3.0 out of 10."
        );
        assert_eq!(
            sentence(&movie(), &Others::default(), None, None),
            "New to you, and not yet rated."
        );
    }
}
