//! The time, and how the services write it.

use bson::DateTime;
use time::{
    OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339, macros::format_description,
};

/// Now.
pub fn now() -> DateTime {
    DateTime::now()
}

/// Today, in UTC, as `YYYY-MM-DD`.
pub fn today() -> String {
    day(now())
}

/// The UTC day of a moment, as `YYYY-MM-DD`.
pub fn day(moment: DateTime) -> String {
    offset(moment)
        .format(format_description!("[year]-[month]-[day]"))
        .unwrap_or_default()
}

/// A moment as RFC 3339, in UTC.
pub fn rfc3339(moment: DateTime) -> String {
    offset(moment).format(&Rfc3339).unwrap_or_default()
}

/// Whether a text is a day of the calendar, as `YYYY-MM-DD`.
pub fn is_day(text: &str) -> bool {
    text.len() == 10 && time::Date::parse(text, format_description!("[year]-[month]-[day]")).is_ok()
}

/// Whether a text is a time of day, as `HH:MM`.
pub fn is_time(text: &str) -> bool {
    text.len() == 5 && time::Time::parse(text, format_description!("[hour]:[minute]")).is_ok()
}

fn offset(moment: DateTime) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(moment.timestamp_millis()) * 1_000_000)
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
        .to_offset(UtcOffset::UTC)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_times_are_real_ones() {
        assert!(is_day("2028-02-29"));
        for wrong in [
            "2027-02-29",
            "2027-13-01",
            "27-01-01",
            "2027-1-1",
            "2027-01-01T",
            "+027-01-01",
            "",
        ] {
            assert!(!is_day(wrong), "{wrong}");
        }
        assert!(is_time("23:59"));
        for wrong in ["24:00", "9:30", "12:60", "12-30", ""] {
            assert!(!is_time(wrong), "{wrong}");
        }
    }

    #[test]
    fn moments_are_written_in_utc() {
        assert_eq!(
            rfc3339(DateTime::from_millis(1_500)),
            "1970-01-01T00:00:01.5Z"
        );
        assert_eq!(rfc3339(DateTime::MAX), "1970-01-01T00:00:00Z");
    }
}
