//! What a filter says about a field, for whoever looks documents up by an index.

use std::collections::BTreeSet;

use bson::Bson;

use super::{Clause, Filter, Relation, Test};
use crate::order;

/// The range of values that a field may have.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Bounds {
    /// The least value, and whether it is itself within the range.
    pub lower: Option<(Bson, bool)>,
    /// The greatest value, and whether it is itself within the range.
    pub upper: Option<(Bson, bool)>,
}

impl Filter {
    /// What an upsert begins with: every path that the filter demands equal to one value, null included.
    pub(crate) fn singles(&self) -> Vec<(&str, &Bson)> {
        let mut found = Vec::new();
        self.each_demand(&mut |field, test| match test {
            Test::Equal(value) => found.push((field, value)),
            Test::All(tests) => {
                if let [Test::Equal(value)] = tests.as_slice() {
                    found.push((field, value));
                }
            }
            _ => {}
        });
        found
    }

    /// The values one of which every match has at a field, by `$in` or equality at the top level or in a top-level `$and`; none
    /// where the filter demands no such thing. Where null is among the values it is none as well, since what is missing meets
    /// null, too.
    pub fn membership(&self, field: &str) -> Option<Vec<Bson>> {
        let mut found: Option<Vec<Bson>> = None;
        self.each_demand(&mut |name, test| {
            let values = match test {
                Test::Equal(value) => std::slice::from_ref(value),
                Test::In(values, patterns) if patterns.is_empty() => values,
                _ => return,
            };
            let fewer = found
                .as_ref()
                .is_none_or(|found| values.len() < found.len());
            if name == field && fewer && !values.contains(&Bson::Null) {
                found = Some(values.to_vec());
            }
        });
        found
    }

    /// The range every match has a field's value in, by `$gt`, `$gte`, `$lt` and `$lte`. Of value only for a field that is never
    /// an array, like `_id`.
    pub fn bounds(&self, field: &str) -> Bounds {
        let mut bounds = Bounds::default();
        self.each_demand(&mut |name, test| {
            let Test::Ordered(relation, value) = test else {
                return;
            };
            if name != field {
                return;
            }
            let inclusive = matches!(relation, Relation::GreaterOrEqual | Relation::LessOrEqual);
            let lower = matches!(relation, Relation::Greater | Relation::GreaterOrEqual);
            let side = if lower {
                &mut bounds.lower
            } else {
                &mut bounds.upper
            };
            let tighter = side.as_ref().is_none_or(|(old, old_inclusive)| {
                let order = order::compare(value, old);
                let order = if lower { order } else { order.reverse() };
                order.is_gt() || (order.is_eq() && *old_inclusive)
            });
            if tighter {
                *side = Some((value.clone(), inclusive));
            }
        });
        bounds
    }

    /// Of a field that every match has to meet a regular expression with: the longest text, folded by [`fold`](super::fold), that is
    /// a part of one of its [`texts`](super::texts) in every match, where there is one.
    pub fn part(&self, field: &str) -> Option<Option<String>> {
        let mut found: Option<Option<String>> = None;
        self.each_demand(&mut |name, test| {
            if let (true, Test::Matches(pattern)) = (name == field, test) {
                let longest = found.take().flatten().into_iter().chain(pattern.part());
                found = Some(longest.max_by_key(|part| part.chars().count()));
            }
        });
        found
    }

    /// Whether every match has the field, since `$exists` says so.
    pub fn exists(&self, field: &str) -> bool {
        let mut exists = false;
        self.each_demand(&mut |name, test| exists |= name == field && matches!(test, Test::Exists));
        exists
    }

    /// Whether the filter can leave out a document for another field than this one. A field that a document has and should not
    /// have does not count.
    pub fn narrows_beyond(&self, field: &str) -> bool {
        let absent =
            |test: &Test| matches!(test, Test::Not(tests) if matches!(tests[..], [Test::Exists]));
        self.clauses.iter().any(|clause| match clause {
            Clause::And(filters) => filters.iter().any(|filter| filter.narrows_beyond(field)),
            Clause::Or(_) | Clause::Nor(_) => self.fields().into_iter().any(|name| name != field),
            Clause::Field(path, tests) => path.as_str() != field && !tests.iter().all(absent),
        })
    }

    /// The top-level fields that the filter looks at: of two documents that are alike in these, it takes both or neither.
    pub fn fields(&self) -> BTreeSet<&str> {
        let mut fields = BTreeSet::new();
        self.each_field(&mut |field| {
            fields.insert(field);
        });
        fields
    }

    fn each_field<'a>(&'a self, visit: &mut dyn FnMut(&'a str)) {
        for clause in &self.clauses {
            match clause {
                Clause::And(filters) | Clause::Or(filters) | Clause::Nor(filters) => {
                    filters.iter().for_each(|filter| filter.each_field(visit));
                }
                Clause::Field(path, _) => {
                    visit(path.as_str().split('.').next().unwrap_or_default());
                }
            }
        }
    }

    /// Every test that each match must meet, with its field.
    fn each_demand<'a>(&'a self, visit: &mut dyn FnMut(&'a str, &'a Test)) {
        for clause in &self.clauses {
            match clause {
                Clause::And(filters) => filters.iter().for_each(|filter| filter.each_demand(visit)),
                Clause::Field(path, tests) => {
                    tests.iter().for_each(|test| visit(path.as_str(), test))
                }
                Clause::Or(_) | Clause::Nor(_) => {}
            }
        }
    }
}
