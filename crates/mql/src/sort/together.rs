//! Sort keys whose paths may lead through one array: as in MongoDB's indexes, each of its elements gives all of them together.

use std::cmp::Ordering;

use bson::Bson;

use crate::{order, path::index};

/// How far a key's path has been followed.
#[derive(Debug, Clone, Copy)]
pub enum Step<'a> {
    /// Here, and so much of the path is left.
    At(Option<&'a Bson>, &'a [String]),
    /// The key.
    Done(&'a Bson),
}

/// The combination of keys that comes first by `compare`. Of two arrays side by side, each gives its own: MongoDB refuses those.
pub fn first<'a>(
    mut steps: Vec<Step<'a>>,
    compare: &dyn Fn(&[&Bson], &[&Bson]) -> Ordering,
) -> Vec<&'a Bson> {
    for step in &mut steps {
        *step = step.followed();
    }
    while let Some(items) = steps.iter().find_map(Step::array) {
        let best = first_of(items, &steps, compare);
        for (step, key) in steps.iter_mut().zip(best) {
            if step.is_through(items) {
                *step = Step::Done(key);
            }
        }
    }
    steps.iter().map(Step::key).collect()
}

/// The combination from the element that comes first; null for the keys that are elsewhere.
fn first_of<'a>(
    items: &'a Vec<Bson>,
    steps: &[Step<'a>],
    compare: &dyn Fn(&[&Bson], &[&Bson]) -> Ordering,
) -> Vec<&'a Bson> {
    let keys = |element: Option<&'a Bson>| {
        let steps = steps.iter().map(|step| match step {
            Step::At(_, rest) if step.is_through(items) => within(items, element, rest),
            _ => Step::Done(&Bson::Null),
        });
        first(steps.collect(), compare)
    };
    let by_element = steps.iter().any(|step| {
        matches!(step, Step::At(_, rest) if step.is_through(items) && indexed(items, rest).is_none())
    });
    match items.as_slice() {
        [one, others @ ..] if by_element => others.iter().fold(keys(Some(one)), |best, other| {
            let other = keys(Some(other));
            match compare(&other, &best) {
                Ordering::Less => other,
                _ => best,
            }
        }),
        _ => keys(None),
    }
}

/// The element that the rest of a path names by its index.
fn indexed<'a>(items: &'a [Bson], rest: &[String]) -> Option<&'a Bson> {
    items.get(index(rest.first()?)?)
}

/// The step into an array, of which it is one element's turn.
fn within<'a>(items: &'a [Bson], element: Option<&'a Bson>, rest: &'a [String]) -> Step<'a> {
    match (rest.split_first(), indexed(items, rest)) {
        (Some((_, [])), Some(item)) => Step::Done(item),
        (Some((_, after)), Some(item)) => Step::At(Some(item), after),
        (Some((name, after)), None) => {
            let document = element.and_then(Bson::as_document);
            Step::At(document.and_then(|document| document.get(name)), after)
        }
        // An array of nothing sorts below null.
        (None, _) => Step::Done(element.unwrap_or(&Bson::Undefined)),
    }
}

impl<'a> Step<'a> {
    /// As far as there are only documents on the way.
    fn followed(self) -> Self {
        match self {
            Self::At(Some(Bson::Document(document)), [name, after @ ..]) => {
                Self::At(document.get(name), after).followed()
            }
            Self::At(Some(Bson::Array(_)), _) | Self::Done(_) => self,
            Self::At(Some(value), []) => Self::Done(value),
            Self::At(..) => Self::Done(&Bson::Null),
        }
    }

    /// The array that the path leads through or to from here.
    fn array(&self) -> Option<&'a Vec<Bson>> {
        match self {
            Self::At(value, _) => value.and_then(Bson::as_array),
            Self::Done(_) => None,
        }
    }

    fn is_through(&self, items: &Vec<Bson>) -> bool {
        self.array().is_some_and(|other| std::ptr::eq(other, items))
    }

    fn key(&self) -> &'a Bson {
        match self {
            Self::At(value, _) => value.unwrap_or(&Bson::Null),
            Self::Done(key) => key,
        }
    }
}

/// Which of two combinations of keys comes first, where each key is upwards or downwards.
pub fn compare(left: &[&Bson], right: &[&Bson], ascending: impl Iterator<Item = bool>) -> Ordering {
    left.iter()
        .zip(right)
        .zip(ascending)
        .map(|((left, right), ascending)| {
            let order = order::compare(left, right);
            if ascending { order } else { order.reverse() }
        })
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}
