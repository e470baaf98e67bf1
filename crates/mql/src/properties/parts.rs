//! What holds for what can be parsed: operators with arguments they mostly take.

use bson::{Array, Bson, Document, bson, doc};
use proptest::{collection::vec, prelude::*, sample::select};

use super::{document, filter, now, scalar, test, value};
use crate::{Filter, Pipeline, Projection, Sort, Update, order};

const PATHS: &[&str] = &["_id", "a", "b", "a.b", "a.0", "a.1.b", "c.a.b"];

/// An update that mostly can be parsed, and often carried out.
fn update() -> impl Strategy<Value = Document> {
    let anything = (
        select(vec![
            "$set",
            "$setOnInsert",
            "$min",
            "$max",
            "$push",
            "$addToSet",
            "$pull",
        ]),
        value(),
    );
    let number = (select(vec!["$inc", "$mul"]), (-2..3).prop_map(Bson::Int32));
    let fixed = select(vec![
        ("$unset", bson!("")),
        ("$pop", bson!(1)),
        ("$pop", bson!(-1)),
        ("$rename", bson!("b")),
        ("$rename", bson!("c.a")),
        ("$currentDate", bson!(true)),
        ("$push", bson!({"$each": [2, 1], "$sort": 1, "$slice": -2})),
        (
            "$push",
            bson!({"$each": [{"b": 1}], "$position": -1, "$sort": {"b": -1}}),
        ),
        ("$addToSet", bson!({"$each": [1, [1], {"b": 1}]})),
        ("$pull", bson!({"$gte": 1})),
        ("$pull", bson!({"b": {"$in": [1, null]}})),
    ]);
    let step = (select(PATHS), prop_oneof![anything, number, fixed]);
    vec(step, 1..3).prop_map(|steps| {
        let steps = steps.into_iter();
        steps
            .map(|(path, (operator, value))| (operator.to_owned(), doc! {path: value}.into()))
            .collect()
    })
}

/// An expression that mostly can be parsed.
fn expression() -> impl Strategy<Value = Bson> {
    let leaf = prop_oneof![
        select(vec!["$_id", "$a", "$b", "$a.b", "$$ROOT", "$$REMOVE"]).prop_map(Bson::from),
        value().prop_map(|value| doc! {"$literal": value}.into()),
    ];
    let one = select(vec![
        "$abs",
        "$ceil",
        "$floor",
        "$round",
        "$not",
        "$toLower",
        "$toString",
        "$size",
        "$first",
        "$isArray",
        "$type",
        "$year",
        "$dayOfYear",
        "$sum",
        "$avg",
        "$min",
        "$strLenCP",
    ]);
    let two = select(vec![
        "$add",
        "$subtract",
        "$multiply",
        "$divide",
        "$mod",
        "$round",
        "$trunc",
        "$cmp",
        "$eq",
        "$lt",
        "$concat",
        "$arrayElemAt",
        "$in",
        "$concatArrays",
        "$max",
        "$ifNull",
        "$and",
        "$or",
    ]);
    leaf.prop_recursive(3, 12, 3, move |inner| {
        prop_oneof![
            (one.clone(), inner.clone())
                .prop_map(|(operator, value)| doc! {operator: [value]}.into()),
            (two.clone(), inner.clone(), inner.clone())
                .prop_map(|(operator, left, right)| doc! {operator: [left, right]}.into()),
            (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(case, then, other)| doc! {"$cond": [case, then, other]}.into()),
            inner
                .clone()
                .prop_map(|date| doc! {"$dateToString": {"date": date}}.into()),
            vec(inner.clone(), 0..3).prop_map(Bson::Array),
            inner.prop_map(|value| bson!({"x": value})),
        ]
    })
}

fn stage() -> impl Strategy<Value = Document> {
    let accumulator = select(vec![
        "$sum",
        "$avg",
        "$min",
        "$max",
        "$first",
        "$last",
        "$push",
        "$addToSet",
    ]);
    prop_oneof![
        filter().prop_map(|(query, _)| doc! {"$match": query}),
        (select(PATHS), expression()).prop_map(|(path, value)| doc! {"$project": {path: value}}),
        (select(PATHS), expression()).prop_map(|(path, value)| doc! {"$addFields": {path: value}}),
        (expression(), accumulator, expression())
            .prop_map(|(id, operator, value)| doc! {"$group": {"_id": id, "x": {operator: value}}}),
        (select(PATHS), any::<bool>()).prop_map(|(path, keep)| {
            doc! {"$unwind": {"path": format!("${path}"), "includeArrayIndex": "c.i", "preserveNullAndEmptyArrays": keep}}
        }),
        (select(PATHS), select(PATHS), select(PATHS)).prop_map(|(local, foreign, to)| {
            doc! {"$lookup": {"from": "x", "localField": local, "foreignField": foreign, "as": to}}
        }),
        (select(PATHS), 0..3).prop_map(|(path, skip)| {
            let by = doc! {path: -1};
            if skip == 0 { doc! {"$sort": by} } else { doc! {"$skip": skip} }
        }),
        select(PATHS).prop_map(|path| doc! {"$unset": path}),
    ]
}

fn ids(documents: &[Document]) -> Vec<i32> {
    documents
        .iter()
        .map(|document| document.get_i32("_id").unwrap())
        .collect()
}

proptest! {
    #[test]
    fn not_is_the_opposite(path in select(PATHS), test in test(), document in document()) {
        prop_assume!(Filter::parse(&doc! {path: test.clone()}).is_ok());
        let plain = Filter::parse(&doc! {path: test.clone()}).unwrap();
        let opposite = Filter::parse(&doc! {path: {"$not": test}}).unwrap();
        prop_assert_ne!(plain.matches(&document), opposite.matches(&document));
    }

    #[test]
    fn an_update_says_whether_it_changed_anything(update in update(), document in document(), (_, filter) in filter()) {
        let Ok(update) = Update::parse(&update) else {
            return Ok(());
        };
        let _ = update.upsert(&filter, now());
        let mut changed = document.clone();
        let modified = update.apply(&mut changed, now()).unwrap_or(false);
        prop_assert_eq!(modified, !order::identical_documents(&document, &changed));
    }

    #[test]
    fn a_pipeline_ends_in_documents_or_an_error(stages in vec(stage(), 1..4), documents in vec(document(), 0..3)) {
        if let Ok(pipeline) = Pipeline::parse(&stages) {
            let foreign = documents.clone();
            let _ = pipeline.run(documents, &mut |_| Ok(foreign.clone()));
        }
    }

    #[test]
    fn a_match_is_a_filter((query, filter) in filter(), documents in vec(document(), 0..4)) {
        let pipeline = Pipeline::parse(&[doc! {"$match": query}]).unwrap();
        let kept = documents.iter().filter(|document| filter.matches(document)).cloned();
        let kept = Array::from_iter(kept.map(Bson::Document));
        let run = pipeline.run(documents, &mut |_| Ok(Vec::new())).unwrap();
        let run = Array::from_iter(run.into_iter().map(Bson::Document));
        prop_assert!(order::identical(&kept.into(), &run.into()));
    }

    #[test]
    fn a_sort_keeps_all_and_the_order_of_equals(documents in vec(document(), 0..6), path in select(&PATHS[1..])) {
        let documents: Vec<Document> = (0..)
            .zip(documents)
            .map(|(id, mut document)| {
                document.insert("_id", id);
                document
            })
            .collect();
        let (one, both) = (doc! {path: 1}, doc! {path: 1, "_id": 1});
        let run = |sort: Document| {
            let pipeline = Pipeline::parse(&[doc! {"$sort": sort}]).unwrap();
            pipeline.run(documents.clone(), &mut |_| Ok(Vec::new())).unwrap()
        };
        let sorted = ids(&run(one));
        prop_assert_eq!(&sorted, &ids(&run(both)));
        let mut all = sorted;
        all.sort_unstable();
        prop_assert_eq!(all, ids(&documents));
    }

    #[test]
    fn the_reverse_of_a_sort_orders_single_values_the_other_way(one in scalar(), other in scalar()) {
        let (one, other) = (doc! {"a": one}, doc! {"a": other});
        let upwards = Sort::parse(&doc! {"a": 1}).unwrap().compare(&one, &other);
        let downwards = Sort::parse(&doc! {"a": -1}).unwrap().compare(&one, &other);
        prop_assert_eq!(upwards, downwards.reverse());
    }

    #[test]
    fn a_later_key_only_breaks_ties(keys in vec((select(PATHS), any::<bool>()), 1..4), one in document(), other in document()) {
        let keys: Document = keys
            .into_iter()
            .map(|(path, upwards)| (path.to_owned(), Bson::Int32(if upwards { 1 } else { -1 })))
            .collect();
        let mut fewer = keys.clone();
        let last = keys.keys().last().unwrap();
        fewer.remove(last);
        let order = Sort::parse(&fewer).unwrap().compare(&one, &other);
        if order.is_ne() {
            prop_assert_eq!(Sort::parse(&keys).unwrap().compare(&one, &other), order);
        }
    }

    #[test]
    fn a_projection_has_nothing_left_to_do(paths in vec(select(PATHS), 1..3), flag in 0..2, document in document()) {
        let fields = paths.into_iter().map(|path| (path.to_owned(), Bson::Int32(flag)));
        if let Ok(projection) = Projection::parse(&fields.collect()) {
            let once = projection.apply(&document);
            prop_assert!(order::identical_documents(&once, &projection.apply(&once)));
        }
    }
}
