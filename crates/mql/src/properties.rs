//! What holds for all documents and queries, tried on random ones.

mod parts;

use std::cmp::Ordering;

use bson::{
    Binary, Bson, DateTime, Decimal128, Document, JavaScriptCodeWithScope, Timestamp, doc,
    oid::ObjectId, spec::BinarySubtype,
};
use proptest::{collection::vec, prelude::*, sample::select};

use crate::{Filter, Pipeline, Projection, Sort, Update, order};

/// Of every type, and of every kind of number the same ones, so that they often meet.
fn scalar() -> impl Strategy<Value = Bson> {
    let number = select(vec![-1.5, -1.0, 0.0, 1.0, 2.0, 9_007_199_254_740_993.0]);
    prop_oneof![
        number.clone().prop_map(Bson::Double),
        number.clone().prop_map(|number| Bson::Int64(number as i64)),
        (-2..3).prop_map(Bson::Int32),
        number.prop_map(|number| {
            Bson::Decimal128(number.to_string().parse::<Decimal128>().unwrap())
        }),
        select(vec![f64::NAN, f64::INFINITY, -0.0, f64::MIN_POSITIVE]).prop_map(Bson::Double),
        select(vec![i64::MAX, i64::MIN, 9_007_199_254_740_993]).prop_map(Bson::Int64),
        any::<[u8; 16]>().prop_map(|bytes| Bson::Decimal128(Decimal128::from_bytes(bytes))),
        select(vec!["", "a", "b", "a\0", "é"]).prop_map(Bson::from),
        any::<bool>().prop_map(Bson::Boolean),
        any::<i64>().prop_map(|moment| Bson::DateTime(DateTime::from_millis(moment))),
        (0..3_u8).prop_map(|byte| Bson::ObjectId(ObjectId::from_bytes([byte; 12]))),
        (0..3_u32, 0..3_u32)
            .prop_map(|(time, increment)| Bson::Timestamp(Timestamp { time, increment })),
        (vec(any::<u8>(), 0..3), any::<bool>()).prop_map(|(bytes, uuid)| {
            let subtype = if uuid {
                BinarySubtype::Uuid
            } else {
                BinarySubtype::Generic
            };
            Bson::Binary(Binary { subtype, bytes })
        }),
        select(vec![
            Bson::Null,
            Bson::Undefined,
            Bson::MinKey,
            Bson::MaxKey,
            Bson::Symbol("a".into()),
            Bson::JavaScriptCode("a".into()),
            Bson::JavaScriptCodeWithScope(JavaScriptCodeWithScope {
                code: "a".into(),
                scope: doc! {"a": 1},
            }),
            Bson::RegularExpression(bson::Regex {
                pattern: bson::cstr!("^a").into(),
                options: bson::cstr!("i").into(),
            }),
        ]),
    ]
}

/// Values under names of these.
fn value_of(names: &'static [&'static str]) -> impl Strategy<Value = Bson> {
    scalar().prop_recursive(3, 12, 3, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Bson::Array),
            vec((select(names), inner), 0..3).prop_map(|fields| Bson::Document(named(fields))),
        ]
    })
}

fn named(fields: Vec<(&str, Bson)>) -> Document {
    let fields = fields.into_iter();
    fields
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

fn document_of(names: &'static [&'static str]) -> impl Strategy<Value = Document> {
    vec((select(names), value_of(names)), 0..4).prop_map(named)
}

const NAMES: &[&str] = &["_id", "a", "b", "c"];

fn value() -> impl Strategy<Value = Bson> {
    value_of(NAMES)
}

fn document() -> impl Strategy<Value = Document> {
    document_of(NAMES)
}

/// What a filter asks of a field.
fn test() -> impl Strategy<Value = Document> {
    prop_oneof![
        value().prop_map(|value| doc! {"$eq": value}),
        value().prop_map(|value| doc! {"$ne": value}),
        (select(vec!["$gt", "$gte", "$lt", "$lte"]), value())
            .prop_map(|(relation, value)| doc! {relation: value}),
        (select(vec!["$in", "$nin", "$all"]), vec(scalar(), 0..3))
            .prop_map(|(operator, values)| doc! {operator: values}),
        any::<bool>().prop_map(|exists| doc! {"$exists": exists}),
        (0..3).prop_map(|size| doc! {"$size": size}),
        select(vec!["array", "number", "string", "null"]).prop_map(|name| doc! {"$type": name}),
        scalar().prop_map(|value| doc! {"$elemMatch": {"$gt": value}}),
        scalar().prop_map(|value| doc! {"$elemMatch": {"b": value}}),
    ]
}

/// Filters that can be parsed.
fn filter() -> impl Strategy<Value = (Document, Filter)> {
    let path = select(vec!["_id", "a", "b", "a.b", "a.0", "c.a.b"]);
    let clause = prop_oneof![
        (path.clone(), test()).prop_map(|(path, test)| doc! {path: test}),
        (path, test()).prop_map(|(path, test)| doc! {path: {"$not": test}}),
    ];
    clause
        .prop_recursive(2, 6, 2, |inner| {
            (select(vec!["$and", "$or", "$nor"]), vec(inner, 1..3))
                .prop_map(|(operator, clauses)| doc! {operator: clauses})
        })
        .prop_filter_map("a regex stands where none may", |query| {
            Filter::parse(&query).ok().map(|filter| (query, filter))
        })
}

/// Names that mean something here and there, in places where they mostly do not.
const WORDS: &[&str] = &[
    "a",
    "a.b",
    "a.0",
    "$",
    "",
    "$and",
    "$or",
    "$not",
    "$eq",
    "$gt",
    "$in",
    "$all",
    "$size",
    "$type",
    "$regex",
    "$options",
    "$exists",
    "$elemMatch",
    "$set",
    "$unset",
    "$inc",
    "$mul",
    "$push",
    "$each",
    "$slice",
    "$position",
    "$pull",
    "$pop",
    "$rename",
    "$addToSet",
    "$currentDate",
    "$setOnInsert",
    "$match",
    "$group",
    "$project",
    "$addFields",
    "$sort",
    "$limit",
    "$skip",
    "$count",
    "$unwind",
    "path",
    "$lookup",
    "from",
    "localField",
    "foreignField",
    "as",
    "_id",
    "$sum",
    "$avg",
    "$cond",
    "if",
    "$switch",
    "branches",
    "$add",
    "$divide",
    "$mod",
    "$dateToString",
    "date",
    "format",
    "$literal",
];

fn now() -> DateTime {
    DateTime::from_millis(0)
}

fn part(document: &Document, fields: &std::collections::BTreeSet<&str>) -> Document {
    let fields = document
        .iter()
        .filter(|(name, _)| fields.contains(name.as_str()));
    fields
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

proptest! {
    #[test]
    fn values_have_one_order(one in value(), other in value(), third in value()) {
        prop_assert_eq!(order::compare(&one, &one), Ordering::Equal);
        prop_assert_eq!(order::compare(&one, &other), order::compare(&other, &one).reverse());
        let mut sorted = [&one, &other, &third];
        sorted.sort_by(|left, right| order::compare(left, right));
        prop_assert!(order::compare(sorted[0], sorted[2]).is_le());
        if order::compare(sorted[0], sorted[2]).is_eq() {
            prop_assert!(order::compare(sorted[0], sorted[1]).is_eq());
        }
    }

    #[test]
    fn no_words_break_anything(query in document_of(WORDS), document in document()) {
        if let Ok(filter) = Filter::parse(&query) {
            filter.matches(&document);
            filter.bounds("_id");
        }
        if let Ok(update) = Update::parse(&query) {
            let _ = update.apply(&mut document.clone(), now());
        }
        if let Ok(projection) = Projection::parse(&query) {
            projection.apply(&document);
        }
        if let Ok(sort) = Sort::parse(&query) {
            sort.compare(&document, &query);
        }
        if let Ok(pipeline) = Pipeline::parse(&[query]) {
            let _ = pipeline.run(vec![document.clone()], &mut |_| Ok(vec![document.clone()]));
        }
    }

    #[test]
    fn a_filter_looks_at_no_more_than_it_says((_, filter) in filter(), document in document()) {
        prop_assert_eq!(filter.matches(&document), filter.matches(&part(&document, &filter.fields())));
    }

    #[test]
    fn nor_is_the_opposite((query, filter) in filter(), document in document()) {
        let opposite = Filter::parse(&doc! {"$nor": [query]}).unwrap();
        prop_assert_ne!(filter.matches(&document), opposite.matches(&document));
    }

    #[test]
    fn an_index_hides_nothing((_, filter) in filter(), rest in document(), id in scalar()) {
        let mut document = doc! {"_id": id.clone()};
        document.extend(rest.into_iter().filter(|(name, _)| name != "_id"));
        if !filter.matches(&document) {
            return Ok(());
        }
        for field in filter.fields() {
            let Some(values) = filter.membership(field) else {
                continue;
            };
            let equal = |value: &Bson| {
                let equality = Filter::parse(&doc! {field: {"$eq": value.clone()}}).unwrap();
                equality.matches(&document)
            };
            prop_assert!(values.iter().any(equal), "{field}");
        }
        if let Some(values) = filter.membership("_id") {
            prop_assert!(values.iter().any(|value| order::equal(value, &id)));
        }
        let bounds = filter.bounds("_id");
        for (bound, inclusive, sign) in bounds
            .lower
            .map(|(bound, inclusive)| (bound, inclusive, Ordering::Greater))
            .into_iter()
            .chain(bounds.upper.map(|(bound, inclusive)| (bound, inclusive, Ordering::Less)))
        {
            let order = order::compare(&id, &bound);
            prop_assert!(order == sign || (inclusive && order.is_eq()), "{id} and {bound}");
        }
    }

    #[test]
    fn what_is_set_is_found(mut document in document(), value in value()) {
        prop_assume!(!matches!(value, Bson::RegularExpression(_)));
        Update::parse(&doc! {"$set": {"a": value.clone()}})
            .unwrap()
            .apply(&mut document, now())
            .unwrap();
        prop_assert!(order::identical(document.get("a").unwrap(), &value));
        let equality = Filter::parse(&doc! {"a": {"$eq": value}}).unwrap();
        prop_assert!(equality.matches(&document));
    }

    #[test]
    fn a_sort_puts_all_in_one_order(documents in vec(document(), 0..6), ascending: bool) {
        let sort = Sort::parse(&doc! {"a": if ascending { 1 } else { -1 }, "b.c": 1}).unwrap();
        let mut sorted = documents;
        sorted.sort_by(|left, right| sort.compare(left, right));
        for (index, left) in sorted.iter().enumerate() {
            for right in &sorted[index..] {
                prop_assert!(sort.compare(left, right).is_le());
            }
        }
    }
}
