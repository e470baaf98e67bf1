//! A showtime: the document, what makes one valid, and its place in the programme.

use std::fmt;

use data_api_client::{NotThat, Place};
use serde::{Deserialize, Serialize};
use service::{
    Clock, Day, Fault, Id, Moment, Time,
    rule::{Ids, Integer, Optional, Text, change, day, ids, integer, optional, text, time},
};

/// What a showtime may show.
pub const MOVIES: Ids = ids(1..=50);

const SCREEN: Optional<Text> = optional(text(1..=50));
const CAPACITY: Optional<Integer> = optional(integer(1..=10_000));

/// So many years ahead is a programme made at the most.
const YEARS: i16 = 10;

/// Films shown together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub struct Showtime {
    #[serde(alias = "_id")]
    pub id: Id,
    pub date: Day,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub screen: Option<String>,
    pub movies: Vec<Id>,
    /// How many seats there are; without it there is always one more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capacity: Option<i32>,
    /// How long it takes, where the length of each of its films was known when it was put on the programme.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minutes: Option<i32>,
    /// Greater after each change; 0 at first.
    #[serde(default)]
    pub revision: i32,
    pub createdon: Moment,
}

/// The mark that a showtime's id is used up: it was taken off the programme, or whoever was about to put it on was given up on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tombstone {
    #[serde(alias = "_id")]
    pub id: Id,
    /// Since when.
    pub voided: Moment,
}

/// What stands under a showtime's id. The first to write there decides.
pub type Entry = Place<Showtime, Tombstone>;

service::body! {
    /// A showtime to add.
    pub struct NewShowtime {
        /// Today or later, within ten years.
        date: Day = day(),
        /// Where it is today, later than now.
        time: Option<Time> = optional(time()),
        screen: Option<String> = SCREEN,
        /// Each of them has to exist.
        movies: Vec<Id> = MOVIES,
        /// How many seats there are; without it there is always one more.
        capacity: Option<i32> = CAPACITY,
    }
}

service::body! {
    /// What to change of a showtime; what is left out stays, and null takes away what may be left out.
    pub struct ShowtimeChanges {
        /// Today or later, within ten years.
        date: Option<Day> = change(day()),
        /// Where it is today, later than now.
        time: Option<Option<Time>> = change(optional(time())),
        screen: Option<Option<String>> = change(SCREEN),
        /// Each one that is new has to exist; none that is booked may go.
        movies: Option<Vec<Id>> = change(MOVIES),
        /// No less than the seats sold.
        capacity: Option<Option<i32>> = change(CAPACITY),
    }
}

impl From<NewShowtime> for Showtime {
    fn from(new: NewShowtime) -> Self {
        Self {
            id: Id::new(),
            date: new.date,
            time: new.time,
            screen: new.screen,
            movies: new.movies,
            capacity: new.capacity,
            minutes: None,
            revision: 0,
            createdon: Moment::now(),
        }
    }
}

impl ShowtimeChanges {
    /// The showtime as it is after them.
    pub fn of(&self, showtime: &Showtime) -> Showtime {
        let changes = self.clone();
        let mut changed = showtime.clone();
        changed.date = changes.date.unwrap_or(changed.date);
        changed.time = changes.time.unwrap_or(changed.time);
        changed.screen = changes.screen.unwrap_or(changed.screen);
        changed.movies = changes.movies.unwrap_or(changed.movies);
        changed.capacity = changes.capacity.unwrap_or(changed.capacity);
        changed
    }
}

impl Showtime {
    /// Whether it is elsewhere than another, or at another time.
    pub fn is_moved_from(&self, other: &Self) -> bool {
        (self.date, self.time, &self.screen) != (other.date, other.time, &other.screen)
    }

    /// Whether it is sold on other terms than another.
    pub fn is_sold_unlike(&self, other: &Self) -> bool {
        (self.capacity, &self.movies) != (other.capacity, &other.movies)
    }

    /// Its place in the programme.
    pub fn spot(&self) -> Spot {
        Spot {
            date: self.date,
            time: self.time,
            screen: self.screen.clone(),
            id: self.id,
        }
    }
}

/// What is wrong with a day and a time to be put on the programme.
pub fn fault(clock: &Clock, date: Day, time: Option<Time>) -> Option<Fault> {
    let (today, last) = (clock.today(), clock.today().plus_years(YEARS));
    let (field, message) = if !(today..=last).contains(&date) {
        let message = format!("has to be a day from today, {today}, to {last}");
        ("date", message)
    } else if clock.has_begun(date, time) {
        ("time", "has to be later than now".to_owned())
    } else {
        return None;
    };
    let field = field.to_owned();
    Some(Fault { field, message })
}

/// That a film of a showtime's does not exist.
pub fn no_movie(at: usize, id: Id) -> Fault {
    Fault {
        field: format!("movies[{at}]"),
        message: format!("there is no movie {id}"),
    }
}

/// A place in the programme, which is in the order of day, time and screen. What has no time, or no screen, comes after what has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    pub date: Day,
    pub time: Option<Time>,
    pub screen: Option<String>,
    pub id: Id,
}

impl Ord for Spot {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        fn key(spot: &Spot) -> impl Ord + '_ {
            let Spot {
                date,
                time,
                screen,
                id,
            } = spot;
            (date, time.is_none(), time, screen.is_none(), screen, id)
        }
        key(self).cmp(&key(other))
    }
}

impl PartialOrd for Spot {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// All but the id, such as `2030-01-15T20:15@Screen 1`.
impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.date)?;
        if let Some(time) = self.time {
            write!(f, "T{time}")?;
        }
        match &self.screen {
            Some(screen) => write!(f, "@{screen}"),
            None => Ok(()),
        }
    }
}

impl Spot {
    /// The place that is written so, of the showtime with this id.
    pub fn read(text: &str, id: Id) -> Result<Self, NotThat> {
        let (when, screen) = match text.split_once('@') {
            Some((when, screen)) => (when, Some(screen.to_owned())),
            None => (text, None),
        };
        let (date, time) = match when.split_once('T') {
            Some((date, time)) => (date, Some(time.parse()?)),
            None => (when, None),
        };
        let date = date.parse()?;
        Ok(Self {
            date,
            time,
            screen,
            id,
        })
    }
}
