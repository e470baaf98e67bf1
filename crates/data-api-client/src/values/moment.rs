//! Moments.

use std::fmt;
use std::time::Duration;

use bson::{Bson, DateTime};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error as _, Visitor},
};

use time::{format_description::BorrowedFormatItem, macros::format_description};

use super::{Day, NotThat};

/// A moment, to the millisecond, of a year that RFC 3339 can write: 0 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(DateTime);

/// The first millisecond of the year 0, and the last of 9999.
const YEARS: std::ops::RangeInclusive<i64> = -62_167_219_200_000..=253_402_300_799_999;

/// RFC 3339, with the milliseconds whether there are any or not.
const WRITTEN: &[BorrowedFormatItem] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

impl Moment {
    /// Now.
    pub fn now() -> Self {
        Self::clamped(DateTime::now().timestamp_millis())
    }

    /// So many milliseconds after 1970 began, or the nearest moment that there is.
    pub const fn clamped(millis: i64) -> Self {
        let (first, last) = (*YEARS.start(), *YEARS.end());
        Self(DateTime::from_millis(if millis < first {
            first
        } else if millis > last {
            last
        } else {
            millis
        }))
    }

    /// Milliseconds since 1970 began.
    pub const fn millis(self) -> i64 {
        self.0.timestamp_millis()
    }

    /// Its day in UTC.
    pub fn day(self) -> Day {
        self.0.to_time_0_3().date().into()
    }

    /// How long before it `earlier` was; nothing where that is later.
    pub fn since(self, earlier: Self) -> Duration {
        self.0.saturating_duration_since(earlier.0)
    }

    /// So long before.
    #[must_use]
    pub fn before(self, duration: Duration) -> Self {
        Self::clamped(self.millis().saturating_sub(millis(duration)))
    }

    /// So long after.
    #[must_use]
    pub fn after(self, duration: Duration) -> Self {
        Self::clamped(self.millis().saturating_add(millis(duration)))
    }
}

fn millis(duration: Duration) -> i64 {
    duration.as_millis().try_into().unwrap_or(i64::MAX)
}

impl TryFrom<DateTime> for Moment {
    type Error = NotThat;

    fn try_from(date: DateTime) -> Result<Self, NotThat> {
        let is_written = YEARS.contains(&date.timestamp_millis());
        is_written
            .then_some(Self(date))
            .ok_or(NotThat("a date of the years 0 to 9999"))
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.to_time_0_3().format(WRITTEN);
        f.pad(&text.map_err(|_| fmt::Error)?)
    }
}

impl From<Moment> for Bson {
    fn from(moment: Moment) -> Self {
        Bson::DateTime(moment.0)
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            self.0.serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if !deserializer.is_human_readable() {
            return deserializer.deserialize_i128(Millis);
        }
        DateTime::parse_rfc3339_str(String::deserialize(deserializer)?)
            .map_err(|_| NotThat("a time as RFC 3339 has it"))
            .and_then(Self::try_from)
            .map_err(D::Error::custom)
    }
}

/// Of the values that a document has, a date alone comes as an integer of 128 bits.
struct Millis;

impl Visitor<'_> for Millis {
    type Value = Moment;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a date")
    }

    fn visit_i128<E: serde::de::Error>(self, millis: i128) -> Result<Moment, E> {
        let millis = i64::try_from(millis).map_err(E::custom)?;
        Moment::try_from(DateTime::from_millis(millis)).map_err(E::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_in_utc() {
        let text = |millis| Moment::clamped(millis).to_string();
        assert_eq!(text(1_500), "1970-01-01T00:00:01.500Z");
        assert_eq!(text(i64::MAX), "9999-12-31T23:59:59.999Z");
        assert_eq!(text(i64::MIN), "0000-01-01T00:00:00.000Z");
        assert!(Moment::try_from(DateTime::MAX).is_err());
    }
}
