//! What `$push` and `$pull` do to an array.

use bson::{Bson, Document};

use crate::{Filter, Sort, filter::Condition, order};

/// `$push` with its modifiers.
#[derive(Debug, Clone, Default)]
pub struct Push {
    pub values: Vec<Bson>,
    pub position: Option<i64>,
    pub sort: Option<Order>,
    pub slice: Option<i64>,
}

/// How `$sort` within `$push` orders: whole elements, or by fields of them.
#[derive(Debug, Clone)]
pub enum Order {
    Whole { ascending: bool },
    Fields(Sort),
}

impl Push {
    /// Adds the values, then sorts, then cuts.
    pub fn apply(&self, items: &mut Vec<Bson>) {
        let at = match self.position {
            None => items.len(),
            Some(position) => from_either_end(position, items.len()),
        };
        items.splice(at..at, self.values.iter().cloned());
        match &self.sort {
            None => {}
            Some(Order::Whole { ascending: true }) => items.sort_by(order::compare),
            Some(Order::Whole { ascending: false }) => {
                items.sort_by(|left, right| order::compare(right, left))
            }
            Some(Order::Fields(sort)) => {
                // What is no document has none of the fields.
                let none = Document::new();
                items.sort_by(|left, right| {
                    sort.compare_elements(
                        left.as_document().unwrap_or(&none),
                        right.as_document().unwrap_or(&none),
                    )
                });
            }
        }
        match self.slice {
            None => {}
            Some(slice) if slice >= 0 => {
                items.truncate(usize::try_from(slice).unwrap_or(usize::MAX))
            }
            Some(slice) => {
                items.drain(..from_either_end(slice, items.len()));
            }
        }
    }
}

/// An index counted from the end where it is negative, kept within the array.
fn from_either_end(position: i64, length: usize) -> usize {
    let distance = usize::try_from(position.unsigned_abs())
        .unwrap_or(usize::MAX)
        .min(length);
    if position < 0 {
        length - distance
    } else {
        distance
    }
}

/// What `$pull` takes away.
#[derive(Debug, Clone)]
pub enum Pull {
    Equal(Bson),
    /// Documents that match.
    Matching(Filter),
    /// Values that meet operators.
    Meeting(Condition),
}

impl Pull {
    /// Removes every element that is meant.
    pub fn apply(&self, items: &mut Vec<Bson>) {
        items.retain(|item| !self.means(item));
    }

    fn means(&self, item: &Bson) -> bool {
        match self {
            Self::Equal(value) => order::equal(item, value),
            Self::Matching(filter) => item
                .as_document()
                .is_some_and(|document| filter.matches(document)),
            Self::Meeting(condition) => condition.holds_for(item),
        }
    }
}
