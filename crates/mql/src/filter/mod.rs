//! Which documents a query means.

mod parse;
mod part;
mod pattern;
mod plan;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use bson::{Bson, Document};

use crate::{Result, depth, number::Number, order, path::Path, types};
pub(crate) use parse::is_query;
pub use part::{fold, texts};
use pattern::Pattern;
pub use plan::Bounds;

/// A parsed query filter.
#[derive(Debug, Clone)]
pub struct Filter {
    clauses: Vec<Clause>,
}

/// What a document must meet.
#[derive(Debug, Clone)]
enum Clause {
    And(Vec<Filter>),
    Or(Vec<Filter>),
    Nor(Vec<Filter>),
    Field(Path, Vec<Test>),
}

/// What the value at a path must meet.
#[derive(Debug, Clone)]
enum Test {
    Equal(Bson),
    Ordered(Relation, Bson),
    /// The values stand in their order.
    In(Vec<Bson>, Vec<Pattern>),
    Exists,
    /// BSON's type numbers, as `$type` takes them.
    Type(Vec<i32>),
    Matches(Pattern),
    Size(usize),
    All(Vec<Test>),
    Element(ElementMatch),
    Not(Vec<Test>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Relation {
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

impl Filter {
    /// Parses a query.
    ///
    /// # Errors
    /// An operator that is unknown, or given what it does not take; the message names it.
    pub fn parse(query: &Document) -> Result<Self> {
        depth::check(query)?;
        parse::filter(query)
    }

    /// Whether the document is one the query means.
    pub fn matches(&self, document: &Document) -> bool {
        self.clauses.iter().all(|clause| match clause {
            Clause::And(filters) => filters.iter().all(|filter| filter.matches(document)),
            Clause::Or(filters) => filters.iter().any(|filter| filter.matches(document)),
            Clause::Nor(filters) => !filters.iter().any(|filter| filter.matches(document)),
            Clause::Field(path, tests) => tests.iter().all(|test| test.holds_at(path, document)),
        })
    }
}

/// Parsed operators on a bare value, as the conditions of `$pull` are.
#[derive(Debug, Clone)]
pub(crate) struct Condition {
    tests: Vec<Test>,
}

impl Condition {
    /// Parses the operators.
    pub fn parse(operators: &Document) -> Result<Self> {
        Ok(Self {
            tests: parse::tests(operators)?,
        })
    }

    /// Whether the value meets every operator.
    pub fn holds_for(&self, value: &Bson) -> bool {
        self.tests.iter().all(|test| test.holds_for(Some(value)))
    }
}

/// What `$elemMatch` asks of an array's elements: of values as such, or of documents.
#[derive(Debug, Clone)]
pub(crate) struct ElementMatch(Wanted);

#[derive(Debug, Clone)]
enum Wanted {
    Value(Vec<Test>),
    Document(Filter),
}

impl ElementMatch {
    /// Parses the argument of `$elemMatch`.
    pub fn parse(condition: &Bson) -> Result<Self> {
        parse::element(condition).map(Self)
    }

    /// Whether the element is one that is asked for.
    pub fn takes(&self, item: &Bson) -> bool {
        match &self.0 {
            Wanted::Value(tests) => tests.iter().all(|test| test.is_met_by(Some(item))),
            Wanted::Document(filter) => as_document(item).is_some_and(|item| filter.matches(&item)),
        }
    }
}

impl Test {
    /// Negation is of the whole path, not of one of the values it leads to.
    fn holds_at(&self, path: &Path, document: &Document) -> bool {
        match self {
            Self::Not(tests) => !tests.iter().all(|test| test.holds_at(path, document)),
            Self::All(tests) => tests.iter().all(|test| test.holds_at(path, document)),
            _ => path.any(document, &mut |value, whole| match whole {
                true => self.is_met_by(value),
                false => self.holds_for(value),
            }),
        }
    }

    /// For one value a path leads to: of an array, each element counts as well as the whole.
    fn holds_for(&self, value: Option<&Bson>) -> bool {
        match (self, value) {
            (Self::Not(tests), _) => !tests.iter().all(|test| test.holds_for(value)),
            (Self::All(tests), _) => tests.iter().all(|test| test.holds_for(value)),
            (
                Self::Equal(_)
                | Self::Ordered(..)
                | Self::In(..)
                | Self::Type(_)
                | Self::Matches(_),
                Some(Bson::Array(items)),
            ) => self.is_met_by(value) || items.iter().any(|item| self.is_met_by(Some(item))),
            _ => self.is_met_by(value),
        }
    }

    /// For the value itself, an array as a whole.
    fn is_met_by(&self, value: Option<&Bson>) -> bool {
        match self {
            Self::Equal(wanted) => equal_or_missing(value, wanted),
            Self::Ordered(relation, bound) => relation.holds(value, bound),
            Self::In(sorted, patterns) => {
                let wanted = value.unwrap_or(&Bson::Null);
                sorted
                    .binary_search_by(|item| order::compare(item, wanted))
                    .is_ok()
                    || value
                        .is_some_and(|value| patterns.iter().any(|pattern| pattern.matches(value)))
            }
            Self::Type(numbers) => {
                value.is_some_and(|value| numbers.contains(&types::number(value)))
            }
            Self::Matches(pattern) => value.is_some_and(|value| pattern.matches(value)),
            Self::Exists => value.is_some(),
            Self::Size(size) => items(value).is_some_and(|items| items.len() == *size),
            Self::Element(wanted) => {
                items(value).is_some_and(|items| items.iter().any(|item| wanted.takes(item)))
            }
            Self::Not(tests) => !tests.iter().all(|test| test.is_met_by(value)),
            Self::All(tests) => tests.iter().all(|test| test.is_met_by(value)),
        }
    }
}

fn items(value: Option<&Bson>) -> Option<&Vec<Bson>> {
    value.and_then(Bson::as_array)
}

/// What `$elemMatch` asks an element as a document: an array within the array counts as one, its indexes being its fields.
fn as_document(value: &Bson) -> Option<Cow<'_, Document>> {
    match value {
        Bson::Document(document) => Some(Cow::Borrowed(document)),
        Bson::Array(items) => {
            let fields = items.iter().enumerate();
            Some(Cow::Owned(
                fields
                    .map(|(index, item)| (index.to_string(), item.clone()))
                    .collect(),
            ))
        }
        _ => None,
    }
}

/// Null is equal to what is missing, too.
fn equal_or_missing(value: Option<&Bson>, wanted: &Bson) -> bool {
    match value {
        None => *wanted == Bson::Null,
        Some(value) => order::equal(value, wanted),
    }
}

impl Relation {
    /// Only values of the bound's own class compare, but for the ends of the order, to which everything does.
    fn holds(self, value: Option<&Bson>, bound: &Bson) -> bool {
        let value = value.unwrap_or(&Bson::Null);
        if order::class(value) != order::class(bound)
            && !matches!(bound, Bson::MinKey | Bson::MaxKey)
        {
            return false;
        }
        let order = order::compare(value, bound);
        if is_nan(value) || is_nan(bound) {
            return order.is_eq() && matches!(self, Self::GreaterOrEqual | Self::LessOrEqual);
        }
        match self {
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
        }
    }
}

fn is_nan(value: &Bson) -> bool {
    Number::of(value).is_some_and(|number| number.as_f64().is_nan())
}
