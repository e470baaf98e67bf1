//! The order a query asks for.

mod together;

use std::cmp::Ordering;

use bson::{Bson, Document};

use crate::{
    Error, Result, depth,
    number::Number,
    order,
    path::{self, Path},
    place,
};
use together::Step;

/// A parsed sort: fields, each upwards or downwards.
#[derive(Debug, Clone)]
pub struct Sort {
    keys: Vec<(Path, bool)>,
    /// Whether two of the paths begin alike, so that they may lead through one array.
    together: bool,
}

impl Sort {
    /// Parses `{field: 1 | -1, …}`.
    ///
    /// # Errors
    /// A direction that is neither 1 nor -1, or a path with an empty name or an operator in it.
    pub fn parse(document: &Document) -> Result<Self> {
        depth::check(document)?;
        let keys = document.iter().map(|(name, direction)| {
            path::fields(name)?;
            match Number::of(direction).and_then(Number::as_i64) {
                Some(1) => Ok((Path::new(name)?, true)),
                Some(-1) => Ok((Path::new(name)?, false)),
                _ => Err(Error::bad_value(format!(
                    "$sort key ordering must be 1 (ascending) or -1 (descending), for {name}"
                ))),
            }
        });
        let keys = keys.collect::<Result<Vec<(Path, bool)>>>()?;
        let first = |index: usize| keys[index].0.parts().first();
        let together = (1..keys.len()).any(|one| (0..one).any(|other| first(one) == first(other)));
        Ok(Self { keys, together })
    }

    /// The fields in their order, and whether each is ascending.
    pub fn fields(&self) -> impl Iterator<Item = (&str, bool)> {
        self.keys
            .iter()
            .map(|(path, ascending)| (path.as_str(), *ascending))
    }

    /// Which of two documents comes first. An array stands by its least element upwards, by its greatest downwards; what is
    /// missing, like null. Of keys within the elements of one array, those of the element that comes first count.
    pub fn compare(&self, left: &Document, right: &Document) -> Ordering {
        if self.together {
            return self.compare_keys(&self.keys_together(left), &self.keys_together(right));
        }
        self.keys
            .iter()
            .map(|(path, ascending)| {
                let order =
                    order::compare(key(path, *ascending, left), key(path, *ascending, right));
                if *ascending { order } else { order.reverse() }
            })
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    }

    /// Which of two elements of an array comes first where `$push` sorts it: arrays in them are compared as such.
    pub(crate) fn compare_elements(&self, left: &Document, right: &Document) -> Ordering {
        let keys = |document| -> Vec<&Bson> {
            let keys = self.keys.iter();
            keys.map(|(path, _)| place::get(document, path.parts()).unwrap_or(&Bson::Null))
                .collect()
        };
        self.compare_keys(&keys(left), &keys(right))
    }

    fn keys_together<'a>(&'a self, document: &'a Document) -> Vec<&'a Bson> {
        let steps = self.keys.iter().map(|(path, _)| match path.parts() {
            [] => Step::At(None, &[]),
            [name, rest @ ..] => Step::At(document.get(name), rest),
        });
        together::first(steps.collect(), &|left, right| {
            self.compare_keys(left, right)
        })
    }

    fn compare_keys(&self, left: &[&Bson], right: &[&Bson]) -> Ordering {
        together::compare(
            left,
            right,
            self.keys.iter().map(|(_, ascending)| *ascending),
        )
    }
}

fn key<'a>(path: &Path, ascending: bool, document: &'a Document) -> &'a Bson {
    let mut best: Option<&Bson> = None;
    path.each_key(document, &mut |value| {
        let better = best.is_none_or(|best| {
            let order = order::compare(value, best);
            if ascending {
                order.is_lt()
            } else {
                order.is_gt()
            }
        });
        if better {
            best = Some(value);
        }
    });
    best.unwrap_or(&Bson::Null)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use bson::doc;

    use super::*;

    fn sorted(sort: Document, mut documents: Vec<Document>) -> Vec<i32> {
        let sort = Sort::parse(&sort).unwrap();
        documents.sort_by(|left, right| sort.compare(left, right));
        documents
            .iter()
            .map(|document| document.get_i32("_id").unwrap())
            .collect()
    }

    #[test]
    fn missing_and_arrays_have_their_places() {
        let documents = vec![
            doc! {"_id": 1, "a": 2},
            doc! {"_id": 2},
            doc! {"_id": 3, "a": [1, 9]},
            doc! {"_id": 4, "a": "x"},
            doc! {"_id": 5, "a": []},
        ];
        assert_eq!(sorted(doc! {"a": 1}, documents.clone()), [5, 2, 3, 1, 4]);
        assert_eq!(sorted(doc! {"a": -1}, documents), [4, 3, 1, 2, 5]);
    }

    #[test]
    fn an_index_stands_for_its_element_alone() {
        let documents = vec![
            doc! {"_id": 1, "a": [{"b": 3}, {"b": 1}]},
            doc! {"_id": 2, "a": [{"b": 2}, {"c": 9}]},
            doc! {"_id": 3, "a": [{"c": 1}, {"b": 0}]},
            doc! {"_id": 4, "a": [5, {"b": 0}]},
        ];
        assert_eq!(
            sorted(doc! {"a.0.b": 1, "_id": 1}, documents.clone()),
            [3, 4, 2, 1]
        );
        assert_eq!(
            sorted(doc! {"a.0": 1, "_id": 1}, documents),
            [4, 2, 1, 3],
            "a number, then documents: of one field each, by its name and value"
        );
        let nested = vec![
            doc! {"_id": 1, "a": [[0, 9]]},
            doc! {"_id": 2, "a": [7]},
            doc! {"_id": 3, "a": [[0, 1]]},
        ];
        assert_eq!(sorted(doc! {"a.0": 1}, nested), [2, 3, 1]);
    }

    #[test]
    fn what_has_no_fields_counts_as_null_among_documents() {
        let documents = vec![
            doc! {"_id": 1, "a": [{"b": 1}]},
            doc! {"_id": 2, "a": [5, {"b": 2}]},
            doc! {"_id": 3, "a": []},
        ];
        assert_eq!(sorted(doc! {"a.b": 1}, documents), [2, 3, 1]);
    }

    #[test]
    fn keys_within_one_array_go_together() {
        let documents = vec![
            doc! {"_id": 1, "a": [{"b": 1, "c": 5}, {"b": 2, "c": 0}]},
            doc! {"_id": 2, "a": [{"b": 1, "c": 3}]},
            doc! {"_id": 3, "a": [{"b": 1, "c": 9}, {"b": 1, "c": 4}]},
            doc! {"_id": 4, "a": {"b": 1, "c": 6}},
            doc! {"_id": 5, "a": [7, {"b": 0, "c": 0}]},
            doc! {"_id": 6, "a": []},
        ];
        assert_eq!(
            sorted(doc! {"a.b": 1, "a.c": 1, "_id": -1}, documents.clone()),
            [6, 5, 2, 3, 1, 4]
        );
        assert_eq!(
            sorted(doc! {"a.b": -1, "a.c": 1}, documents),
            [1, 2, 3, 4, 5, 6]
        );
        let indexed = vec![
            doc! {"_id": 1, "a": [{"b": 2}, {"b": 8}]},
            doc! {"_id": 2, "a": [{"b": 2}, {"b": 7}]},
        ];
        let many: Vec<_> = (0..3000).collect();
        let beside = vec![
            doc! {"_id": 1, "a": {"b": many.clone(), "c": [3, 2]}},
            doc! {"_id": 2, "a": {"b": [0], "c": many}},
        ];
        assert_eq!(sorted(doc! {"a.b": 1, "a.c": 1}, beside), [2, 1]);
        assert_eq!(sorted(doc! {"a.0.b": 1, "a.1.b": 1}, indexed), [2, 1]);
    }

    #[test]
    fn later_fields_break_ties() {
        let documents = vec![
            doc! {"_id": 1, "a": 1, "b": 1},
            doc! {"_id": 2, "a": 1, "b": 2},
            doc! {"_id": 3, "a": 0},
        ];
        assert_eq!(sorted(doc! {"a": 1, "b": -1}, documents), [3, 2, 1]);
    }

    #[test]
    fn directions_are_one_or_minus_one() {
        assert!(Sort::parse(&doc! {"a": 2}).is_err());
        assert!(Sort::parse(&doc! {"a": "up"}).is_err());
        assert!(Sort::parse(&doc! {"a": {"$meta": "textScore"}}).is_err());
        assert!(Sort::parse(&doc! {"a..b": 1}).is_err());
    }
}
