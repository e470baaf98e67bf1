//! Which documents have to be looked at for a query.

use bson::Bson;
use mql::{Bounds, Filter, Sort};

use super::{Holding, fields, key};

/// The documents that may match: never fewer than do.
#[derive(Debug, PartialEq)]
pub enum Plan {
    /// Those of just these ids.
    Ids(Vec<Vec<u8>>),
    /// Those with any of these values of a field, within a range of ids.
    Equal(&'static str, Vec<Vec<u8>>, Range),
    /// Those with a value of a field within a range, within a range of ids.
    Between(&'static str, Between, Range),
    /// Those whose texts hold a part, within a range of ids; or else, where these are many, those of another plan.
    Holding(Holding, Range, Box<Plan>),
    /// Those within a range of ids.
    All(Range),
}

/// The range that a field's values are in.
#[derive(Debug, Clone, PartialEq)]
pub struct Between {
    /// Where no document has an array there.
    pub values: Range,
    /// Where some have, of whose elements one may meet the lower bound and another the upper one: the range of one of them.
    pub elements: Range,
}

/// Keys from the first on, up to but without the last.
#[derive(Debug, Clone, PartialEq)]
pub struct Range {
    /// The first.
    pub from: Vec<u8>,
    /// The first that is too far.
    pub to: Vec<u8>,
}

/// The order that is wanted, and whether it is downwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order<'a> {
    /// Any.
    Any,
    /// By `_id`.
    Id(bool),
    /// By an indexed field, and by `_id` where that is the same.
    Field(&'a str, bool),
    /// Another, which no index has.
    Other,
}

/// The most values of a field that are looked up by the index: each is a search of its own.
const MOST_VALUES: usize = 16;

/// More than any key: those begin with the number of a class, of which there are few.
const END: [u8; 1] = [0xff];

impl Plan {
    /// The cheapest way there is.
    pub fn of(namespace: &str, filter: &Filter, order: Order) -> Self {
        if let Some(ids) = filter.membership("_id") {
            return Self::Ids(keys(&ids));
        }
        let ids = Range::of(&filter.bounds("_id"));
        let fields = fields(namespace).iter().copied();
        let fewest = (fields.clone())
            .filter_map(|field| Some((field, keys(&filter.membership(field)?))))
            .filter(|(_, keys)| keys.len() <= MOST_VALUES)
            .min_by_key(|(_, keys)| keys.len());
        if let Some((field, keys)) = fewest {
            return match keys.len() {
                0 => Self::Ids(keys),
                _ => Self::Equal(field, keys, ids),
            };
        }
        let narrowest = fields
            .filter_map(|field| Some((field, Between::of(filter, field)?)))
            .max_by_key(|(field, between)| (between.sides(), order.is_by(field)));
        let plain = match narrowest {
            Some((field, between)) => Self::Between(field, between, ids.clone()),
            None => Self::All(ids.clone()),
        };
        match Holding::of(filter) {
            Some(holding) => Self::Holding(holding, ids, Box::new(plain)),
            None => plain,
        }
    }

    /// The way that needs no index.
    pub fn scan(filter: &Filter) -> Self {
        Self::All(Range::of(&filter.bounds("_id")))
    }
}

impl<'a> Order<'a> {
    /// The order a sort asks for.
    pub fn of(sort: &'a Sort) -> Self {
        match sort.fields().collect::<Vec<_>>().as_slice() {
            [] => Self::Any,
            [("_id", ascending), ..] => Self::Id(!ascending),
            [(field, ascending)] => Self::Field(field, !ascending),
            [(field, ascending), ("_id", ids), ..] if ascending == ids => {
                Self::Field(field, !ascending)
            }
            _ => Self::Other,
        }
    }

    fn is_by(self, name: &str) -> bool {
        matches!(self, Self::Field(field, _) if field == name)
    }
}

/// Whether a store with this index has to look through its documents one by one for a query: no index leads to those that match,
/// or all of them are needed to find the first in order. A walk along `_id` that passes over nothing but documents marked by a
/// field that the others have not, such as tombstones, is none.
pub fn scans(namespace: &str, filter: &Filter, sort: &Sort) -> bool {
    let order = Order::of(sort);
    match Plan::of(namespace, filter, order) {
        Plan::Ids(_) | Plan::Equal(..) | Plan::Between(..) | Plan::Holding(..) => false,
        Plan::All(_) => !matches!(order, Order::Any | Order::Id(_)) || filter.narrows_beyond("_id"),
    }
}

/// The keys of values, each once, in order.
fn keys(values: &[Bson]) -> Vec<Vec<u8>> {
    let mut keys: Vec<_> = values.iter().map(key::of).collect();
    keys.sort();
    keys.dedup();
    keys
}

impl Between {
    /// What a filter says of a field's range; none where a document without the field may match.
    fn of(filter: &Filter, field: &str) -> Option<Self> {
        let bounds = filter.bounds(field);
        let says = |bound: &Option<(Bson, bool)>| {
            bound
                .as_ref()
                .is_some_and(|(value, _)| !is_met_by_nothing(value))
        };
        if !says(&bounds.lower) && !says(&bounds.upper) && !filter.exists(field) {
            return None;
        }
        let one = if says(&bounds.lower) {
            Bounds {
                upper: None,
                ..bounds.clone()
            }
        } else {
            Bounds {
                lower: None,
                ..bounds.clone()
            }
        };
        Some(Self {
            values: Range::of(&bounds),
            elements: Range::of(&one),
        })
    }

    /// How many sides of it are bound.
    fn sides(&self) -> usize {
        if self.values.from.is_empty() {
            0
        } else {
            1 + usize::from(self.values != self.elements)
        }
    }
}

impl Range {
    /// What bounds say of keys. Values of another type meet none; numbers whose nearest double is the same are not told apart.
    fn of(bounds: &Bounds) -> Self {
        let mut range = Self {
            from: Vec::new(),
            to: END.to_vec(),
        };
        let sides = [(&bounds.lower, true), (&bounds.upper, false)];
        for (value, inclusive, lower) in sides.into_iter().filter_map(|(bound, lower)| {
            let (value, inclusive) = bound.as_ref()?;
            Some((value, *inclusive, lower))
        }) {
            if matches!(value, Bson::MinKey | Bson::MaxKey) {
                continue;
            }
            let (first, last) = key::class_range(value);
            range.from = range.from.max(first);
            range.to = range.to.min(last);
            if lower {
                range.from = range.from.max(key::lower(value, inclusive));
            } else {
                range.to = range.to.min(key::upper(value, inclusive));
            }
        }
        range
    }
}

/// Whether what is missing, like null, may meet a bound of this value.
fn is_met_by_nothing(value: &Bson) -> bool {
    matches!(
        value,
        Bson::Null | Bson::Undefined | Bson::MinKey | Bson::MaxKey
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use bson::{DateTime, Document, doc, oid::ObjectId};

    use super::*;

    fn scanned(filter: Document, sort: Document) -> bool {
        scans(
            "cinema.films",
            &Filter::parse(&filter).unwrap(),
            &Sort::parse(&sort).unwrap(),
        )
    }

    #[test]
    fn what_an_index_answers_is_no_scan() {
        let id = ObjectId::new();
        let page = |filter: Document| doc! {"$and": [{"_id": {"$gt": id}}, filter]};
        let now = DateTime::from_millis(0);
        let week = doc! {"$gte": "2030-01-01", "$lte": "2030-01-07"};
        for (filter, sort) in [
            (doc! {}, doc! {}),
            (doc! {"_id": {"$type": "objectId"}}, doc! {"_id": 1}),
            (doc! {"_id": "ann", "holds.booking": {"$ne": id}}, doc! {}),
            (doc! {"_id": {"$in": [id]}, "title": "A"}, doc! {"title": 1}),
            (page(doc! {"voided": {"$exists": false}}), doc! {"_id": 1}),
            (page(doc! {"date": &week, "movies": id}), doc! {"_id": 1}),
            (page(doc! {"date": &week}), doc! {"_id": -1}),
            (doc! {"date": &week}, doc! {"date": -1, "_id": -1}),
            (doc! {"createdon": {"$exists": true}}, doc! {"createdon": 1}),
            (page(doc! {"rating": {"$gte": 7.5}}), doc! {"_id": 1}),
            (doc! {"userid": {"$in": [id, ObjectId::new()]}}, doc! {}),
            (doc! {"userid": id, "expires": {"$lt": now}}, doc! {}),
            (doc! {"last": {"$lt": now}}, doc! {}),
            (doc! {"title": {"$regex": "tide"}}, doc! {"_id": 1}),
        ] {
            assert!(!scanned(filter.clone(), sort.clone()), "{filter} {sort}");
        }
    }

    #[test]
    fn a_collection_may_have_fewer_indexes() {
        let filter = Filter::parse(&doc! {"date": "2030-01-01"}).unwrap();
        let sort = Sort::parse(&doc! {}).unwrap();
        let of = |namespace| scans(namespace, &filter, &sort);
        assert_eq!(
            (of("cinema.showtimes"), of("cinema.bookings")),
            (false, true)
        );
        let booking = doc! {"userid": 1, "date": "2030-01-01", "movies": [1]};
        let entries = |namespace| crate::index::entries(namespace, &booking).len();
        assert_eq!(
            (entries("cinema.showtimes"), entries("cinema.bookings")),
            (4, 1)
        );
    }

    #[test]
    fn what_no_index_answers_is_a_scan() {
        let many: Vec<_> = (0..=MOST_VALUES as i32).collect();
        for (filter, sort) in [
            (doc! {"title": {"$regex": "ab", "$options": "i"}}, doc! {}),
            (doc! {"title": {"$not": {"$regex": "tide"}}}, doc! {}),
            (doc! {"name": {"$regex": "tide"}}, doc! {"_id": 1}),
            (doc! {}, doc! {"title": 1}),
            // Documents without the field come first, or last, and have no entry.
            (doc! {}, doc! {"date": 1}),
            (doc! {"date": null}, doc! {}),
            (doc! {"date": {"$lte": null}}, doc! {}),
            (doc! {"date": {"$ne": "2030-01-01"}}, doc! {}),
            (
                doc! {"$or": [{"date": "2030-01-01"}, {"userid": 1}]},
                doc! {},
            ),
            (doc! {"userid": {"$in": many}}, doc! {}),
            (doc! {"date.year": 2030}, doc! {}),
        ] {
            assert!(scanned(filter.clone(), sort.clone()), "{filter} {sort}");
        }
    }
}
