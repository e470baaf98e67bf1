//! What an index over parts of texts can tell of a filter: each entry is a part of [`PART`] characters, as SQLite's FTS5 has them
//! by its tokenizer `trigram`.

use bson::Document;
use mql::Filter;

/// The fields by a part of which the services ask.
pub const SEARCHED: [&str; 2] = ["director", "title"];

/// How many characters an entry has.
const PART: usize = 3;

/// So many parts of a text are looked up at the most: more hardly make it fewer documents.
const MOST_PARTS: usize = 24;

/// A part that every document has in a field's text, as the entries that it has there.
#[derive(Debug, Clone, PartialEq)]
pub struct Holding {
    /// The field.
    pub field: &'static str,
    /// The entries, folded as [`texts`] are.
    pub parts: Vec<String>,
}

impl Holding {
    /// The longest part that a filter demands of a field; none where there is none that is long enough.
    pub fn of(filter: &Filter) -> Option<Self> {
        let found = demanded(filter).filter_map(|(field, text)| {
            let characters: Vec<_> = text?.chars().collect();
            let parts = characters.windows(PART).take(MOST_PARTS);
            let parts: Vec<String> = parts.map(|part| part.iter().collect()).collect();
            (!parts.is_empty()).then_some(Self { field, parts })
        });
        found.max_by_key(|holding| holding.parts.len())
    }
}

/// Whether a filter has a regular expression on a field by whose parts the services ask.
pub fn is_search(filter: &Filter) -> bool {
    demanded(filter).next().is_some()
}

fn demanded(filter: &Filter) -> impl Iterator<Item = (&'static str, Option<String>)> {
    SEARCHED.into_iter().filter_map(|field| {
        let part = filter.part(field)?;
        Some((field, part.map(|part| without_nulls(&part))))
    })
}

/// A document's texts, by their fields.
pub fn texts(document: &Document) -> Vec<(&'static str, String)> {
    let texts = SEARCHED.into_iter().filter_map(|field| {
        let texts = mql::texts(document.get(field)?);
        (!texts.is_empty()).then(|| (field, without_nulls(&texts.join("\n"))))
    });
    texts.collect()
}

/// SQLite ends a text at the first null.
fn without_nulls(text: &str) -> String {
    text.replace('\0', "\u{1}")
}
