//! What services say to people, which they do in English, in the reader's language: by the words themselves, as far as they are known.

use std::borrow::Cow;

use super::{ALL, Texts};

impl Texts {
    /// What a service said; as it came, where its words are not known.
    pub fn said<'a>(&self, words: &'a str) -> Cow<'a, str> {
        if self.said.is_empty() {
            return words.into();
        }
        let known = self.known(words).or_else(|| self.sentence(words));
        known.map_or(words.into(), Cow::from)
    }

    fn known(&self, words: &str) -> Option<String> {
        let dates = [
            (ALL[0].date_weekdays, self.date_weekdays),
            (ALL[0].date_months, self.date_months),
        ];
        for (known, here) in dates {
            if let Some(at) = known.iter().position(|name| *name == words) {
                return Some(here[at].to_owned());
            }
        }
        self.said.iter().find_map(|(pattern, text)| {
            let values = matched(pattern, words)?;
            let mut filled = (*text).to_owned();
            for (place, value) in values {
                // What is itself something that is said is known, too, or the whole is not.
                let value = if place.starts_with('_') {
                    self.known(value)?
                } else {
                    value.to_owned()
                };
                filled = filled.replace(&format!("{{{place}}}"), &value);
            }
            Some(filled)
        })
    }

    /// A sentence of several parts, each of which is known.
    fn sentence(&self, words: &str) -> Option<String> {
        let words = words.strip_suffix('.')?;
        let parts: Option<Vec<String>> = lowered(words)
            .split("; ")
            .map(|part| self.known(part))
            .collect();
        Some(raised(&parts?.join("; ")) + ".")
    }
}

/// The values of a pattern's places, where the words are made after it.
fn matched<'a, 'b>(pattern: &'a str, words: &'b str) -> Option<Vec<(&'a str, &'b str)>> {
    let mut values = Vec::new();
    let (literal, mut pattern) = pattern.split_at(pattern.find('{').unwrap_or(pattern.len()));
    let mut words = words.strip_prefix(literal)?;
    while let Some((place, rest)) = pattern
        .strip_prefix('{')
        .and_then(|rest| rest.split_once('}'))
    {
        let (literal, next) = rest.split_at(rest.find('{').unwrap_or(rest.len()));
        let end = if next.is_empty() {
            words.strip_suffix(literal)?.len()
        } else {
            words.find(literal)?
        };
        values.push((place, words.get(..end).filter(|value| !value.is_empty())?));
        words = &words[end + literal.len()..];
        pattern = next;
    }
    words.is_empty().then_some(values)
}

fn lowered(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_lowercase().chain(letters).collect())
        .unwrap_or_default()
}

fn raised(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use crate::messages::tagged;

    #[test]
    fn what_services_say_is_said_in_german() {
        let [de, en] = ["de", "en"].map(|tag| tagged(tag).unwrap());
        for (words, said) in [
            ("is required", "fehlt noch"),
            (
                "has to be a text of 1 to 100 characters, without control characters",
                "muss ein Text von 1 bis 100 Zeichen sein",
            ),
            (
                "has to be a text of 10 to 128 characters",
                "muss ein Text von 10 bis 128 Zeichen sein",
            ),
            (
                "sold out: seats asked for 2, seats left 1",
                "Ausverkauft: gewünscht sind 2 Plätze, frei ist noch: 1",
            ),
            (
                "Rated 8.5 out of 10; showing on Saturday 28 November at 20:45.",
                "Bewertet mit 8.5 von 10; läuft am Samstag, 28. November um 20:45 Uhr.",
            ),
            (
                "Directed by A. B, as are One and Two, which you booked; showing today at 20:00.",
                "Regie: A. B, wie bei One und Two, die du gebucht hast; läuft heute um 20:00 Uhr.",
            ),
            (
                "whatever nobody has heard of",
                "whatever nobody has heard of",
            ),
            (
                "Whatever; rated 8.5 out of 10.",
                "Whatever; rated 8.5 out of 10.",
            ),
        ] {
            assert_eq!(de.said(words), said);
            assert_eq!(en.said(words), words);
        }
    }
}
