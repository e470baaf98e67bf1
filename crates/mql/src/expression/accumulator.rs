//! What `$group` gathers over documents, and `$sum` and its like over the elements of an array.

use std::{borrow::Cow, collections::BTreeSet};

use bson::Bson;

use super::{Value, is_nullish};
use crate::{
    number::{Arithmetic, Number},
    order::{self, Ordered},
};

/// A total in the making.
#[derive(Debug, Clone)]
pub enum Accumulator {
    Sum(Number),
    /// The sum, and of how many.
    Average(Number, i64),
    Min(Option<Bson>),
    Max(Option<Bson>),
    First(Option<Bson>),
    Last(Option<Bson>),
    Push(Vec<Bson>),
    AddToSet(BTreeSet<Ordered>),
}

impl Accumulator {
    /// The operator of that name, with nothing in it yet.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "$sum" => Self::sum(),
            "$avg" => Self::average(),
            "$min" => Self::min(),
            "$max" => Self::max(),
            "$first" => Self::First(None),
            "$last" => Self::Last(None),
            "$push" => Self::Push(Vec::new()),
            "$addToSet" => Self::AddToSet(BTreeSet::new()),
            _ => return None,
        })
    }

    pub fn sum() -> Self {
        Self::Sum(Number::Int32(0))
    }

    pub fn average() -> Self {
        Self::Average(Number::Int32(0), 0)
    }

    pub fn min() -> Self {
        Self::Min(None)
    }

    pub fn max() -> Self {
        Self::Max(None)
    }

    /// Takes one more value, or, where a field is missing, none.
    pub fn add(&mut self, value: Value<'_>) {
        match self {
            Self::Sum(sum) => {
                if let Some(number) = value.as_deref().and_then(Number::of) {
                    *sum = sum.calculate(Arithmetic::Add, number);
                }
            }
            Self::Average(sum, count) => {
                if let Some(number) = value.as_deref().and_then(Number::of) {
                    *sum = sum.calculate(Arithmetic::Add, number);
                    *count += 1;
                }
            }
            Self::Min(least) => keep_if(least, value, |new, old| order::compare(new, old).is_lt()),
            Self::Max(greatest) => {
                keep_if(greatest, value, |new, old| order::compare(new, old).is_gt());
            }
            Self::First(first) => {
                first.get_or_insert_with(|| value.map_or(Bson::Null, Cow::into_owned));
            }
            Self::Last(last) => *last = Some(value.map_or(Bson::Null, Cow::into_owned)),
            Self::Push(items) => items.extend(value.map(Cow::into_owned)),
            Self::AddToSet(items) => items.extend(value.map(Cow::into_owned).map(Ordered)),
        }
    }

    /// The total.
    pub fn finish(self) -> Bson {
        match self {
            Self::Sum(sum) => sum.into(),
            Self::Average(_, 0) => Bson::Null,
            Self::Average(sum, count) => sum
                .calculate(Arithmetic::Divide, Number::Int64(count))
                .into(),
            Self::Min(value) | Self::Max(value) | Self::First(value) | Self::Last(value) => {
                value.unwrap_or(Bson::Null)
            }
            Self::Push(items) => items.into(),
            Self::AddToSet(items) => items
                .into_iter()
                .map(|Ordered(item)| item)
                .collect::<Vec<_>>()
                .into(),
        }
    }
}

/// Null and what is missing are not compared.
fn keep_if(kept: &mut Option<Bson>, value: Value<'_>, better: fn(&Bson, &Bson) -> bool) {
    let Some(value) = value.filter(|value| !is_nullish(Some(value))) else {
        return;
    };
    if kept.as_ref().is_none_or(|kept| better(&value, kept)) {
        *kept = Some(value.into_owned());
    }
}
