//! What makes a document well, and what of a foreign one is rewritten so that it is. No I/O.

use std::{collections::BTreeMap, ops::RangeInclusive};

use bson::{Bson, Document, doc};

use super::values::{self, given};

/// The shape of a collection's documents. Fields that it does not name stay as they are.
pub struct Shape {
    /// What `_id` is.
    pub id: Kind,
    /// The fields that it names.
    pub fields: &'static [Field],
    /// Whether only the services themselves write such documents, so that another shape is told of and not rewritten.
    pub ours: bool,
}

/// A field that a shape names.
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// The names it has elsewhere, looked at where it is missing itself. What does not fit there is something else, and stays.
    pub others: &'static [&'static str],
    /// What a missing one is made from; it may take fields out of the document that are used up by that.
    pub otherwise: Option<fn(&Document, &mut Change) -> Option<Bson>>,
    /// Whether the document is of no use without it.
    pub required: bool,
}

/// What a field holds.
#[derive(Clone)]
pub enum Kind {
    /// An ObjectId.
    Id,
    /// Different ObjectIds, so many at least and at most.
    Ids(RangeInclusive<usize>),
    /// Text of so many characters, not all of them blank.
    Text(RangeInclusive<usize>),
    /// A name to sign in by: lower-case.
    Username,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A double of one decimal, 0 to 10.
    Rating,
    /// A 32-bit integer.
    Count(RangeInclusive<i64>),
    /// A BSON date.
    Moment,
    /// Text `YYYY-MM-DD`.
    Day,
    /// Text `HH:MM`.
    Time,
    /// Documents with these fields.
    List(&'static [Field]),
    /// A document.
    Document,
}

/// What a document is found to be.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// In the shape.
    Well,
    /// In the shape once it is changed so.
    Rewritten(Change),
    /// Not to be brought into the shape without a guess: why, in words without the document's values.
    Unreadable(String),
}

/// Fields to set, and fields to remove (`None`).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Change(BTreeMap<String, Option<Bson>>);

impl Shape {
    /// Looks at a document.
    pub fn judge(&self, document: &Document) -> Verdict {
        let mut change = Change::default();
        let mut faults = Vec::new();
        match given(document, "_id").map(|id| (self.id.read(id), id)) {
            Some((Ok(right), id)) if right == *id => set_id_aside(document, &mut change),
            _ => faults.push(format!("_id is not {}", self.id.name())),
        }
        for field in self.fields {
            if let Err(why) = field.settle(document, &mut change) {
                faults.push(format!("{} {why}", field.name));
            }
        }
        if faults.is_empty() && self.ours {
            faults.extend(
                change
                    .0
                    .keys()
                    .map(|name| format!("{name} is not as the services write it")),
            );
        }
        match (faults.is_empty(), change.0.is_empty()) {
            (false, _) => Verdict::Unreadable(faults.join("; ")),
            (true, false) => Verdict::Rewritten(change),
            (true, true) => Verdict::Well,
        }
    }
}

/// What JSON shows as `id` is `_id`, so that another `id` would stand in its way: it is kept by another name.
fn set_id_aside(document: &Document, change: &mut Change) {
    let Some(id) = document.get("id") else { return };
    let same = given(document, "_id").is_some_and(|own| {
        own == id || values::object_id(own).is_some_and(|own| values::object_id(id) == Some(own))
    });
    change.remove("id");
    if !same && !document.contains_key("foreignid") && given(document, "id").is_some() {
        change.set("foreignid", id.clone());
    }
}

impl Field {
    fn settle(&self, document: &Document, change: &mut Change) -> Result<(), String> {
        let not = || format!("is not {}", self.kind.name());
        if let Some(value) = given(document, self.name) {
            let right = self.kind.read(value).map_err(|()| not())?;
            if right != *value {
                change.set(self.name, right);
            }
            return Ok(());
        }
        let elsewhere = self
            .others
            .iter()
            .find_map(|other| Some((other, self.kind.read(given(document, other)?).ok()?)));
        if let Some((other, right)) = elsewhere {
            change.remove(other);
            change.set(self.name, right);
        } else if let Some(made) = self.otherwise.and_then(|make| make(document, change)) {
            change.set(self.name, self.kind.read(&made).map_err(|()| not())?);
        } else if self.required {
            return Err("is missing".to_owned());
        } else if document.contains_key(self.name) {
            change.remove(self.name);
        }
        Ok(())
    }
}

impl Kind {
    /// The value as it has to be. One that is so already comes back the same.
    fn read(&self, value: &Bson) -> Result<Bson, ()> {
        let right = match self {
            Self::Id => values::object_id(value).map(Bson::ObjectId),
            Self::Ids(count) => ids(value)
                .filter(|ids| count.contains(&ids.len()))
                .map(Bson::Array),
            Self::Text(length) => values::text(value)
                .filter(|text| length.contains(&text.chars().count()) && !text.trim().is_empty())
                .map(Bson::String),
            Self::Username => values::text(value)
                .map(|name| name.to_ascii_lowercase())
                .and_then(|name| {
                    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
                    ((3..=64).contains(&name.len()) && name.bytes().all(allowed))
                        .then_some(Bson::String(name))
                }),
            Self::Word(words) => values::text(value)
                .filter(|text| words.contains(&text.as_str()))
                .map(Bson::String),
            Self::Rating => values::number(value)
                .map(|rating| (rating * 10.0).round() / 10.0 + 0.0)
                .filter(|rating| (0.0..=10.0).contains(rating))
                .map(Bson::Double),
            Self::Count(range) => values::integer(value)
                .filter(|count| range.contains(count))
                .and_then(|count| i32::try_from(count).ok())
                .map(Bson::Int32),
            Self::Moment => values::moment(value).map(Bson::DateTime),
            Self::Day => values::day(value).map(Bson::String),
            Self::Time => values::time(value).map(Bson::String),
            Self::List(fields) => list(value, fields),
            Self::Document => value.as_document().cloned().map(Bson::Document),
        };
        right.ok_or(())
    }

    /// What it is, in words.
    fn name(&self) -> String {
        match self {
            Self::Id => "an ObjectId".to_owned(),
            Self::Ids(count) => format!("{} to {} ids", count.start(), count.end()),
            Self::Text(length) => {
                format!("text of {} to {} characters", length.start(), length.end())
            }
            Self::Username => "3 to 64 characters, each of a-z 0-9 . _ -".to_owned(),
            Self::Word(words) => words.join(" or "),
            Self::Rating => "a number from 0 to 10".to_owned(),
            Self::Count(range) => {
                format!("a whole number from {} to {}", range.start(), range.end())
            }
            Self::Moment => "a moment of the years 1 to 9999".to_owned(),
            Self::Day => "a day".to_owned(),
            Self::Time => "a time of day".to_owned(),
            Self::List(_) => "a list as the services write it".to_owned(),
            Self::Document => "a document".to_owned(),
        }
    }
}

/// The ids of an array, each once, in their order; a single id counts as an array of one.
fn ids(value: &Bson) -> Option<Vec<Bson>> {
    let single = std::slice::from_ref(value);
    let mut ids: Vec<Bson> = Vec::new();
    for value in value.as_array().map_or(single, Vec::as_slice) {
        let id = Bson::ObjectId(values::object_id(value)?);
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    Some(ids)
}

/// The array, if each of its documents has these fields.
fn list(value: &Bson, fields: &[Field]) -> Option<Bson> {
    for item in value.as_array()? {
        let (item, mut change) = (item.as_document()?, Change::default());
        let settled = fields
            .iter()
            .all(|field| field.settle(item, &mut change).is_ok());
        (settled && change.0.is_empty()).then_some(())?;
    }
    Some(value.clone())
}

impl Change {
    /// Sets a field.
    pub fn set(&mut self, name: &str, value: Bson) {
        self.0.insert(name.to_owned(), Some(value));
    }

    /// Removes a field.
    pub fn remove(&mut self, name: &str) {
        self.0.insert(name.to_owned(), None);
    }

    /// What the field is to be, if that changes.
    pub fn get(&self, name: &str) -> Option<&Bson> {
        self.0.get(name)?.as_ref()
    }

    /// The document, changed.
    pub fn apply(&self, mut document: Document) -> Document {
        for (name, value) in &self.0 {
            match value {
                Some(value) => _ = document.insert(name, value.clone()),
                None => _ = document.remove(name),
            }
        }
        document
    }

    /// The filter for the document as it was read, as far as the change goes by it.
    pub fn filter(&self, before: &Document) -> Document {
        let mut filter = doc! {"_id": before.get("_id").cloned()};
        for name in self.0.keys() {
            let as_read = match before.get(name) {
                None => doc! {"$exists": false},
                // An equality with null is true of what is missing, too, and one with undefined is refused.
                Some(Bson::Null) => doc! {"$type": "null"},
                Some(Bson::Undefined) => doc! {"$type": "undefined"},
                Some(value) => doc! {"$eq": value.clone()},
            };
            filter.insert(name, as_read);
        }
        filter
    }

    /// The update, in operators.
    pub fn update(&self) -> Document {
        let (mut set, mut unset) = (Document::new(), Document::new());
        for (name, value) in &self.0 {
            match value {
                Some(value) => set.insert(name, value.clone()),
                None => unset.insert(name, ""),
            };
        }
        let mut update = Document::new();
        for (operator, fields) in [("$set", set), ("$unset", unset)] {
            if !fields.is_empty() {
                update.insert(operator, fields);
            }
        }
        update
    }
}
