//! What pages say, in each language that there is a file of in `messages`. Which texts there are is checked when this is built.

use std::fmt::Display;

use icu_locale_core::Locale;
use icu_plurals::{PluralCategory, PluralRules, PluralRulesOptions};
use service::{Day, Request};

mod said;

include!(concat!(env!("OUT_DIR"), "/messages.rs"));

/// A text for each plural category of its language.
type ByNumber = &'static [(PluralCategory, &'static str)];

/// The cookie of whoever has chosen a language.
pub const COOKIE: &str = "cinema_language";

/// The texts of a language by its tag.
pub fn tagged(tag: &str) -> Option<&'static Texts> {
    ALL.iter().find(|texts| texts.tag.eq_ignore_ascii_case(tag))
}

/// The texts for a request: in the language that was chosen, or else the first that the browser likes and there is.
pub fn of(request: &Request) -> &'static Texts {
    let chosen = request.cookie(COOKIE).ok().flatten();
    (chosen.and_then(tagged))
        .unwrap_or_else(|| liked(request.header("accept-language").unwrap_or_default()))
}

/// The best of what `Accept-Language` says (RFC 9110, 12.5.4).
fn liked(header: &str) -> &'static Texts {
    let wanted = header.split(',').filter_map(|part| {
        let mut parts = part.split(';').map(str::trim);
        let tag = parts.next()?.split('-').next()?;
        let weight = parts
            .find_map(|part| part.strip_prefix("q="))
            .map_or(Ok(1.0), str::parse::<f32>)
            .ok()?;
        let texts = if tag == "*" {
            Some(&ALL[0])
        } else {
            tagged(tag)
        };
        texts.filter(|_| weight > 0.0).map(|texts| (weight, texts))
    });
    // Of what is liked alike, the first.
    let best = wanted.reduce(|best, one| if one.0 > best.0 { one } else { best });
    best.map_or(&ALL[0], |(_, texts)| texts)
}

impl Texts {
    fn by_number(&self, texts: ByNumber, n: u32) -> &'static str {
        let locale = Locale::try_from_str(self.tag).unwrap_or(Locale::UNKNOWN);
        let rules = PluralRules::try_new((&locale).into(), PluralRulesOptions::default());
        let category = rules.map_or(PluralCategory::Other, |rules| rules.category_for(n));
        let of = |wanted| texts.iter().find(|(category, _)| *category == wanted);
        of(category)
            .or_else(|| of(PluralCategory::Other))
            .map_or("", |(_, text)| text)
    }

    /// A day in words.
    pub fn day(&self, day: Day) -> String {
        let (_, month, number) = day.parts();
        self.date_day(
            self.date_weekdays[weekday(day)],
            number,
            self.date_months[usize::from(month) - 1],
        )
    }

    /// A day in words, with its year.
    pub fn full_day(&self, day: Day) -> String {
        format!("{} {}", self.day(day), day.parts().0)
    }

    /// A day in as few letters as will do: the day of the week, and the date.
    pub fn short_day(&self, day: Day) -> (&'static str, String) {
        let (_, month, number) = day.parts();
        (
            self.date_short_weekdays[weekday(day)],
            self.date_short_day(number, self.date_short_months[usize::from(month) - 1]),
        )
    }

    /// A day as somebody says it who lives on `today`.
    pub fn near_day(&self, day: Day, today: Day) -> String {
        if day == today {
            self.date_today.to_owned()
        } else if day == today.plus_days(1) {
            self.date_tomorrow.to_owned()
        } else {
            self.day(day)
        }
    }

    /// A number with one decimal.
    pub fn decimal(&self, number: f64) -> String {
        format!("{number:.1}").replace('.', self.number_point)
    }
}

/// Monday is the first, 0 (Zeller's congruence).
fn weekday(day: Day) -> usize {
    let (year, month, number) = day.parts();
    let (year, month) = if month < 3 {
        (i32::from(year) - 1, i32::from(month) + 12)
    } else {
        (i32::from(year), i32::from(month))
    };
    let saturday_is_0 =
        i32::from(number) + 13 * (month + 1) / 5 + year + year / 4 - year / 100 + year / 400;
    (saturday_is_0 + 5).rem_euclid(7) as usize
}

fn fill(text: &str, places: &[(&str, &dyn Display)]) -> String {
    let mut filled = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let Some((place, after)) = after.split_once('}') else {
            break;
        };
        if let Some((_, value)) = places.iter().find(|(known, _)| *known == place) {
            filled.push_str(&value.to_string());
        }
        rest = after;
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_the_one_liked_best_of_those_there_are() {
        for (header, tag) in [
            ("", "en"),
            ("fr, xx", "en"),
            ("de", "de"),
            ("de-AT,de;q=0.9,en;q=0.8", "de"),
            ("en;q=0.5, de;q=0.6", "de"),
            ("fr, en, de", "en"),
            ("de;q=0, en;q=0.1", "en"),
            ("de;q=x", "en"),
        ] {
            assert_eq!(liked(header).tag, tag, "{header}");
        }
    }

    #[test]
    fn numbers_and_days_are_said_as_the_language_has_them() {
        let [de, en] = ["de", "en"].map(|tag| tagged(tag).unwrap());
        assert_eq!(en.seats_left(1), "1 seat left");
        assert_eq!(en.seats_left(7), "7 seats left");
        assert_eq!(de.seats_left(1), "noch 1 Platz");
        assert_eq!(de.seats_left(0), "noch 0 Plätze");
        let day: Day = "2026-11-26".parse().unwrap();
        assert_eq!(en.day(day), "Thursday 26 November");
        assert_eq!(de.full_day(day), "Donnerstag, 26. November 2026");
        let leap: Day = "2024-02-29".parse().unwrap();
        assert_eq!(en.day(leap), "Thursday 29 February");
        assert_eq!(
            (en.decimal(7.0), de.decimal(8.25)),
            ("7.0".into(), "8,2".into())
        );
    }
}
