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

#[cfg(test)]
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
        for wrong in ["24:00", "9:30", "12:60", "12-30", ""] {
            assert!(wrong.parse::<Time>().is_err(), "{wrong}");
        }
    }
}
