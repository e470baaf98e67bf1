//! Dates taken apart and written out, in UTC.

use bson::DateTime;
use time::OffsetDateTime;

use crate::{Error, Result};

/// A part of a date, as the operators named after them give it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Year,
    Month,
    DayOfMonth,
    /// 1 is Sunday.
    DayOfWeek,
    DayOfYear,
    Hour,
    Minute,
    Second,
    Millisecond,
}

impl Part {
    /// The part's number.
    pub fn of(self, date: DateTime) -> Result<i32> {
        let date = calendar(date)?;
        Ok(match self {
            Self::Year => date.year(),
            Self::Month => u8::from(date.month()).into(),
            Self::DayOfMonth => date.day().into(),
            Self::DayOfWeek => date.weekday().number_from_sunday().into(),
            Self::DayOfYear => date.ordinal().into(),
            Self::Hour => date.hour().into(),
            Self::Minute => date.minute().into(),
            Self::Second => date.second().into(),
            Self::Millisecond => date.millisecond().into(),
        })
    }
}

/// The pieces of a format of `$dateToString`.
#[derive(Debug, Clone)]
pub struct Format {
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone)]
enum Piece {
    Text(char),
    /// A number with so many digits at least.
    Number(Part, usize),
    /// 1 is Monday.
    IsoDayOfWeek,
}

impl Format {
    /// Parses a format.
    ///
    /// # Errors
    /// A specifier that is unknown.
    pub fn parse(format: &str) -> Result<Self> {
        let mut pieces = Vec::new();
        let mut characters = format.chars();
        while let Some(character) = characters.next() {
            if character != '%' {
                pieces.push(Piece::Text(character));
                continue;
            }
            let specifier = characters.next().unwrap_or(' ');
            match specifier {
                '%' => pieces.push(Piece::Text('%')),
                'Y' => pieces.push(Piece::Number(Part::Year, 4)),
                'm' => pieces.push(Piece::Number(Part::Month, 2)),
                'd' => pieces.push(Piece::Number(Part::DayOfMonth, 2)),
                'H' => pieces.push(Piece::Number(Part::Hour, 2)),
                'M' => pieces.push(Piece::Number(Part::Minute, 2)),
                'S' => pieces.push(Piece::Number(Part::Second, 2)),
                'L' => pieces.push(Piece::Number(Part::Millisecond, 3)),
                'j' => pieces.push(Piece::Number(Part::DayOfYear, 3)),
                'w' => pieces.push(Piece::Number(Part::DayOfWeek, 1)),
                'u' => pieces.push(Piece::IsoDayOfWeek),
                'z' => pieces.extend("+0000".chars().map(Piece::Text)),
                _ => {
                    return Err(Error::bad_value(format!(
                        "$dateToString: unknown format specifier '%{specifier}'"
                    )));
                }
            }
        }
        Ok(Self { pieces })
    }

    /// The date, written so.
    pub fn write(&self, date: DateTime) -> Result<String> {
        let mut text = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(character) => text.push(*character),
                Piece::Number(part, digits) => {
                    text.push_str(&format!("{:0digits$}", part.of(date)?));
                }
                Piece::IsoDayOfWeek => {
                    let weekday = calendar(date)?.weekday();
                    text.push_str(&weekday.number_from_monday().to_string());
                }
            }
        }
        Ok(text)
    }
}

/// A date as MongoDB writes one where no format is given.
pub fn text(date: DateTime) -> Result<String> {
    Format::parse("%Y-%m-%dT%H:%M:%S.%LZ")?.write(date)
}

fn calendar(date: DateTime) -> Result<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(date.timestamp_millis()) * 1_000_000)
        .map_err(|_| Error::bad_value("a date of a year that has more than four digits"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_taken_apart_in_utc() {
        let date = DateTime::parse_rfc3339_str("2024-02-29T23:05:06.007Z").unwrap();
        let format = Format::parse("%Y-%m-%d %H:%M:%S.%L day %j %w %u %z 100%%").unwrap();
        assert_eq!(
            format.write(date).unwrap(),
            "2024-02-29 23:05:06.007 day 060 5 4 +0000 100%"
        );
        assert_eq!(text(date).unwrap(), "2024-02-29T23:05:06.007Z");
        let before = DateTime::from_millis(-1);
        assert_eq!(text(before).unwrap(), "1969-12-31T23:59:59.999Z");
        assert_eq!(Part::Year.of(before), Ok(1969));
    }

    #[test]
    fn what_has_no_calendar_is_an_error() {
        assert!(Part::Year.of(DateTime::MAX).is_err());
        assert!(Format::parse("%Q").is_err());
        assert!(Format::parse("%").is_err());
    }
}
