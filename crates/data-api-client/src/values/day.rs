//! Days and times of day, as the cinema's own clock and calendar have them.

use std::fmt;
use std::str::FromStr;

use bson::Bson;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use time::{format_description::BorrowedFormatItem, macros::format_description};

use super::NotThat;

/// A day of the calendar, `YYYY-MM-DD` (ISO 8601).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(time::Date);

/// A time of day, `HH:MM` on a clock of 24 hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(time::Time);

macro_rules! text {
    ($name:ident, $inner:ty, $format:tt, $length:literal, $expected:literal) => {
        impl $name {
            /// What it has to be, in the words of an error.
            pub const EXPECTED: &'static str = $expected;

            const FORMAT: &'static [BorrowedFormatItem<'static>] = format_description!($format);
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let text = self.0.format(Self::FORMAT).map_err(|_| fmt::Error)?;
                f.pad(&text)
            }
        }

        impl FromStr for $name {
            type Err = NotThat;

            fn from_str(text: &str) -> Result<Self, NotThat> {
                // The format alone would take signs, and more digits.
                (text.len() == $length)
                    .then(|| <$inner>::parse(text, Self::FORMAT).ok().map(Self))
                    .flatten()
                    .ok_or(NotThat(Self::EXPECTED))
            }
        }

        impl From<$name> for Bson {
            fn from(value: $name) -> Self {
                Bson::String(value.to_string())
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(D::Error::custom)
            }
        }
    };
}

text!(
    Day,
    time::Date,
    "[year]-[month]-[day]",
    10,
    "a day of the calendar, YYYY-MM-DD"
);
text!(
    Time,
    time::Time,
    "[hour]:[minute]",
    5,
    "a time of day, HH:MM"
);

impl From<time::Date> for Day {
    fn from(date: time::Date) -> Self {
        Self(date)
    }
}

impl Day {
    /// A day by its year, 0 to 9999, its month and its number in it, both from 1; none where the calendar has no such day.
    pub fn of(year: i16, month: u8, day: u8) -> Option<Self> {
        let month = time::Month::try_from(month).ok()?;
        let date = time::Date::from_calendar_date(year.into(), month, day).ok();
        date.filter(|date| date.year() >= 0).map(Self)
    }

    /// Its year, month and number, as [`Day::of`] takes them.
    pub fn parts(self) -> (i16, u8, u8) {
        let (year, month, day) = self.0.to_calendar_date();
        (year as i16, month.into(), day)
    }

    /// Its day of the week: 1 is Monday, 7 Sunday.
    pub fn weekday(self) -> u8 {
        self.0.weekday().number_from_monday()
    }

    /// The day so many days later, or earlier where it is less than none.
    #[must_use]
    pub fn plus_days(self, days: i64) -> Self {
        Self(self.0.saturating_add(time::Duration::days(days)))
    }

    /// The same day so many years later; of the 29th of February, the 28th where that year has none.
    #[must_use]
    pub fn plus_years(self, years: i16) -> Self {
        let (year, month, day) = self.parts();
        let year = year.saturating_add(years);
        Self::of(year, month, day)
            .or(Self::of(year, month, day - 1))
            .unwrap_or(self)
    }
}

impl Time {
    /// The first of a day.
    pub const MIDNIGHT: Self = Self(time::Time::MIDNIGHT);

    /// A time of day by its hour, 0 to 23, and its minute; none where the clock has no such time.
    pub fn of(hour: u8, minute: u8) -> Option<Self> {
        time::Time::from_hms(hour, minute, 0).ok().map(Self)
    }

    /// Its hour and minute.
    pub fn parts(self) -> (u8, u8) {
        (self.0.hour(), self.0.minute())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn days_and_times_are_real_ones() {
        assert_eq!(
            "2028-02-29".parse::<Day>().map(|day| day.to_string()),
            Ok("2028-02-29".into())
        );
        for wrong in [
            "2027-02-29",
            "2027-13-01",
            "27-01-01",
            "2027-1-1",
            "2027-01-01T",
            "+027-01-01",
            "",
        ] {
            assert!(wrong.parse::<Day>().is_err(), "{wrong}");
        }
        assert_eq!(
            "23:59".parse::<Time>().map(|time| time.to_string()),
            Ok("23:59".into())
        );
        let day = |text: &str| text.parse::<Day>().unwrap();
        assert_eq!(day("2028-02-29").parts(), (2028, 2, 29));
        assert_eq!(Day::of(2028, 2, 29), Some(day("2028-02-29")));
        assert_eq!((Day::of(2027, 2, 29), Day::of(-1, 1, 1)), (None, None));
        assert_eq!(day("2028-02-28").plus_days(2), day("2028-03-01"));
        assert_eq!(day("2028-02-29").plus_years(1), day("2029-02-28"));
        assert_eq!(day("2028-02-29").plus_years(8), day("2036-02-29"));
        for wrong in ["24:00", "9:30", "12:60", "12-30", ""] {
            assert!(wrong.parse::<Time>().is_err(), "{wrong}");
        }
    }
}
