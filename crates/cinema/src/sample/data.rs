//! The sample data's files (`data/README.md` describes them), read and checked whole before anything is sent.

use anyhow::{Context as _, Result, anyhow, bail};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{
    collections::{HashMap, HashSet},
    fs,
    path::Path,
};
use time::{Date, Duration};

/// Everything there is to load. Films, users and showtimes are referred to by their place in these lists.
#[derive(Debug)]
pub struct SampleData {
    pub(super) movies: Vec<Movie>,
    pub(super) users: Vec<User>,
    pub(super) showtimes: Vec<Showtime>,
    pub(super) bookings: Vec<Booking>,
}

/// A film, as the API takes it.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Movie {
    pub title: String,
    pub director: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rating: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minutes: Option<u32>,
}

/// A user, as the API takes it.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct User {
    pub username: String,
    pub firstname: String,
    pub lastname: String,
}

#[derive(Debug)]
pub(super) struct Showtime {
    pub slot: Slot,
    pub capacity: Option<u32>,
    pub movies: Vec<usize>,
}

/// When and where: what tells one showtime from another.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Slot {
    pub date: String,
    pub time: Option<String>,
    pub screen: Option<String>,
}

#[derive(Debug)]
pub(super) struct Booking {
    pub user: usize,
    pub showtime: usize,
    /// Empty for all films of the showtime.
    pub movies: Vec<usize>,
    pub seats: Option<u32>,
}

#[derive(Deserialize)]
struct RawShowtime {
    #[serde(flatten)]
    slot: RawSlot,
    capacity: Option<u32>,
    movies: Vec<RawMovie>,
}

/// A fixed date, or a number of days from today, so that the programme is always one to come.
#[derive(Deserialize)]
struct RawSlot {
    date: Option<String>,
    day: Option<i64>,
    time: Option<String>,
    screen: Option<String>,
}

/// A film by its title, with its director where two films share the title.
#[derive(Deserialize)]
#[serde(untagged)]
enum RawMovie {
    Title(String),
    Exact { title: String, director: String },
}

#[derive(Deserialize)]
struct RawBooking {
    username: String,
    showtime: RawSlot,
    #[serde(default)]
    movies: Vec<RawMovie>,
    seats: Option<u32>,
}

impl SampleData {
    /// Reads the four files of a folder. Days are counted from `today`. The error names the file and the entry at fault.
    pub fn read(folder: &Path, today: Date) -> Result<Self> {
        let movies: Vec<Movie> = read(folder, "movies.json")?;
        let users: Vec<User> = read(folder, "users.json")?;
        let titles = Titles::new(&movies);

        let mut showtimes = Vec::new();
        let mut slots = HashMap::new();
        for (number, raw) in (1..).zip(read::<RawShowtime>(folder, "showtimes.json")?) {
            let showtime = showtime(raw, &titles, today)
                .with_context(|| format!("showtimes.json, entry {number}"))?;
            if slots
                .insert(showtime.slot.clone(), showtimes.len())
                .is_some()
            {
                bail!(
                    "showtimes.json, entry {number}: another showtime has its date, time and screen"
                );
            }
            showtimes.push(showtime);
        }
        let usernames: HashMap<&str, usize> = users
            .iter()
            .enumerate()
            .map(|(place, user)| (user.username.as_str(), place))
            .collect();
        let mut bookings = Vec::new();
        let mut booked = HashSet::new();
        for (number, raw) in (1..).zip(read::<RawBooking>(folder, "bookings.json")?) {
            let booking = booking(raw, &usernames, &slots, &titles, today)
                .with_context(|| format!("bookings.json, entry {number}"))?;
            if !booked.insert((booking.user, booking.showtime)) {
                bail!("bookings.json, entry {number}: its user has booked this showtime already");
            }
            bookings.push(booking);
        }
        Ok(Self {
            movies,
            users,
            showtimes,
            bookings,
        })
    }

    /// How many things there are in all.
    pub fn len(&self) -> usize {
        self.movies.len() + self.users.len() + self.showtimes.len() + self.bookings.len()
    }
}

fn read<T: DeserializeOwned>(folder: &Path, name: &str) -> Result<Vec<T>> {
    let path = folder.join(name);
    let text = fs::read(&path)
        .with_context(|| format!("cannot read the sample data {}", path.display()))?;
    serde_json::from_slice(&text)
        .with_context(|| format!("{} is not what it should be", path.display()))
}

/// The places of the films by title.
struct Titles<'a>(HashMap<&'a str, Vec<(&'a str, usize)>>);

impl<'a> Titles<'a> {
    fn new(movies: &'a [Movie]) -> Self {
        let mut titles: HashMap<&str, Vec<_>> = HashMap::new();
        for (place, movie) in movies.iter().enumerate() {
            titles
                .entry(&movie.title)
                .or_default()
                .push((movie.director.as_str(), place));
        }
        Self(titles)
    }

    fn place(&self, movie: &RawMovie) -> Result<usize> {
        let (title, director) = match movie {
            RawMovie::Title(title) => (title, None),
            RawMovie::Exact { title, director } => (title, Some(director.as_str())),
        };
        let of_title = self.0.get(title.as_str()).map_or(&[][..], Vec::as_slice);
        let mut found = of_title
            .iter()
            .filter(|(of, _)| director.is_none_or(|director| director == *of));
        match (found.next(), found.next()) {
            (Some((_, place)), None) => Ok(*place),
            (None, _) => bail!("movies.json has no film {title:?}"),
            (Some(_), Some(_)) => {
                bail!("movies.json has two films {title:?}: name the director too")
            }
        }
    }

    fn places(&self, movies: &[RawMovie]) -> Result<Vec<usize>> {
        movies.iter().map(|movie| self.place(movie)).collect()
    }
}

impl RawSlot {
    fn on(self, today: Date) -> Result<Slot> {
        let date = match (self.date, self.day) {
            (Some(date), None) => date,
            (None, Some(days)) => today
                .checked_add(Duration::seconds(days.saturating_mul(24 * 60 * 60)))
                .ok_or_else(|| anyhow!("day {days} is out of reach"))?
                .to_string(),
            _ => bail!("it needs either \"date\" or \"day\""),
        };
        Ok(Slot {
            date,
            time: self.time,
            screen: self.screen,
        })
    }
}

fn showtime(raw: RawShowtime, titles: &Titles, today: Date) -> Result<Showtime> {
    Ok(Showtime {
        slot: raw.slot.on(today)?,
        capacity: raw.capacity,
        movies: titles.places(&raw.movies)?,
    })
}

fn booking(
    raw: RawBooking,
    usernames: &HashMap<&str, usize>,
    slots: &HashMap<Slot, usize>,
    titles: &Titles,
    today: Date,
) -> Result<Booking> {
    let user = *usernames
        .get(raw.username.as_str())
        .ok_or_else(|| anyhow!("users.json has no user {:?}", raw.username))?;
    let showtime = *slots
        .get(&raw.showtime.on(today)?)
        .ok_or_else(|| anyhow!("showtimes.json has no showtime at its date, time and screen"))?;
    Ok(Booking {
        user,
        showtime,
        movies: titles.places(&raw.movies)?,
        seats: raw.seats,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use time::macros::date;

    /// A folder with sample data of these four files.
    fn folder(movies: &str, users: &str, showtimes: &str, bookings: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [
            ("movies", movies),
            ("users", users),
            ("showtimes", showtimes),
            ("bookings", bookings),
        ] {
            fs::write(folder.path().join(format!("{name}.json")), text).unwrap();
        }
        folder
    }

    const MOVIES: &str = r#"[{"title": "A", "director": "X", "rating": 8.1}, {"title": "B", "director": "X"},
                             {"title": "B", "director": "Y"}]"#;
    const USERS: &str = r#"[{"username": "ada", "firstname": "Ada", "lastname": "Okafor"}]"#;

    fn read(showtimes: &str, bookings: &str) -> Result<SampleData> {
        SampleData::read(
            folder(MOVIES, USERS, showtimes, bookings).path(),
            date!(2026 - 12 - 30),
        )
    }

    #[test]
    fn references_and_days_are_worked_out() {
        let data = read(
            r#"[{"day": 3, "time": "20:15", "screen": "1", "capacity": 40, "movies": ["A", {"title": "B", "director": "Y"}]},
                {"date": "2027-02-01", "movies": ["A"]}]"#,
            r#"[{"username": "ada", "showtime": {"date": "2027-01-02", "time": "20:15", "screen": "1"}, "movies": ["A"], "seats": 2},
                {"username": "ada", "showtime": {"date": "2027-02-01"}}]"#,
        )
        .unwrap();
        assert_eq!(data.showtimes[0].slot.date, "2027-01-02");
        assert_eq!(data.showtimes[0].movies, [0, 2]);
        assert_eq!(data.bookings[0].showtime, 0);
        assert_eq!(data.bookings[1].showtime, 1);
        assert!(data.bookings[1].movies.is_empty());
        assert_eq!(data.len(), 8);
    }

    #[test]
    fn the_projects_own_data_is_sound() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data");
        let data = SampleData::read(&folder, date!(2026 - 12 - 30)).unwrap();
        assert!(data.movies.len() >= 50 && !data.bookings.is_empty());
    }

    #[test]
    fn faults_name_their_file_and_entry() {
        let told = |showtimes: &str, bookings: &str| {
            format!("{:#}", read(showtimes, bookings).unwrap_err())
        };
        let ok = r#"[{"day": 0, "movies": ["A"]}]"#;
        for (showtimes, bookings, parts) in [
            (
                r#"[{"day": 0, "movies": ["C"]}]"#,
                "[]",
                ["showtimes.json, entry 1", "\"C\""],
            ),
            (
                r#"[{"day": 0, "movies": ["B"]}]"#,
                "[]",
                ["two films", "director"],
            ),
            (r#"[{"movies": ["A"]}]"#, "[]", ["entry 1", "\"day\""]),
            (
                r#"[{"day": 9223372036854775807, "movies": ["A"]}]"#,
                "[]",
                ["entry 1", "out of reach"],
            ),
            (
                r#"[{"day": 0, "movies": []}, {"day": 0, "movies": []}]"#,
                "[]",
                ["entry 2", "another"],
            ),
            (
                ok,
                r#"[{"username": "bob", "showtime": {"day": 0}}]"#,
                ["bookings.json, entry 1", "\"bob\""],
            ),
            (
                ok,
                r#"[{"username": "ada", "showtime": {"day": 1}}]"#,
                ["bookings.json, entry 1", "no showtime"],
            ),
            (
                ok,
                r#"[{"username": "ada", "showtime": {"day": 0}}, {"username": "ada", "showtime": {"day": 0}}]"#,
                ["bookings.json, entry 2", "already"],
            ),
            ("{", "[]", ["showtimes.json", "not what it should be"]),
        ] {
            let told = told(showtimes, bookings);
            assert!(parts.iter().all(|part| told.contains(part)), "{told}");
        }
        let gone =
            SampleData::read(Path::new("no/such/folder"), date!(2026 - 12 - 30)).unwrap_err();
        assert!(format!("{gone:#}").contains("no/such/folder/movies.json"));
    }
}
