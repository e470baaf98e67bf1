//! Which documents are given, in which order.

use serde_json::{Value, json};

use super::Api;

pub fn pages_sorts_and_projections(api: &Api) {
    let documents: Vec<_> = (0..250)
        .map(|n| json!({"_id": n, "n": 250 - n, "x": {"y": n}}))
        .collect();
    api.ok("insertMany", json!({"documents": documents}));
    assert_eq!(api.ids(json!({"filter": {}})).len(), 250);
    for (body, ids) in [
        (
            json!({"filter": {"_id": {"$gt": 100}}, "sort": {"_id": 1}, "limit": 3}),
            &[101, 102, 103][..],
        ),
        (
            json!({"filter": {"_id": {"$gte": 100, "$lt": 102}}, "sort": {"_id": 1}, "limit": 0}),
            &[100, 101],
        ),
        (
            json!({"filter": {}, "sort": {"_id": -1}, "limit": 2, "skip": 1}),
            &[248, 247],
        ),
        (
            json!({"filter": {}, "sort": {"n": 1}, "limit": 2.0, "skip": null}),
            &[249, 248],
        ),
        (
            json!({"filter": {"_id": {"$in": [7, 3, 999, 3.0]}}, "sort": {"_id": 1}}),
            &[3, 7],
        ),
        (json!({"filter": {"_id": 7}, "skip": 1}), &[]),
    ] {
        assert_eq!(api.ids(body.clone()), ids, "{body}");
    }
    let last = api.ok("findOne", json!({"sort": {"_id": -1}, "skip": 1}));
    assert_eq!(last["document"]["_id"], 248);
    let projected = json!({"filter": {"_id": 5}, "projection": {"x.y": 1, "_id": 0}});
    assert_eq!(
        api.ok("find", projected),
        json!({"documents": [{"x": {"y": 5}}]})
    );
}

pub fn any_of_several_values_give_each_document_once(api: &Api) {
    let documents: Vec<_> = (0..60)
        .map(|id| match id % 5 {
            0 => json!({"_id": id, "movies": ["a", "b"]}),
            1 => json!({"_id": id, "movies": "b"}),
            2 => json!({"_id": id, "movies": [["a"]]}),
            3 => json!({"_id": id, "movies": ["c", 7]}),
            _ => json!({"_id": id}),
        })
        .collect();
    api.ok("insertMany", json!({"documents": documents}));
    let many: Vec<_> = (0..40)
        .map(|n| format!("x{n}"))
        .chain(["a".into()])
        .collect();
    for (values, kinds) in [
        (json!(["a", "b"]), &[0, 1][..]),
        (json!(["b", "b", "nobody's"]), &[0, 1]),
        (json!(["a", "b", "c", 7.0]), &[0, 1, 3]),
        (json!([["a"], ["a", "b"]]), &[0, 2]),
        (json!(["a", null]), &[0, 4]),
        (json!([]), &[]),
        (json!(many), &[0]),
    ] {
        let mut wanted: Vec<_> = (0..60).filter(|id| kinds.contains(&(id % 5))).collect();
        for direction in [1, -1] {
            let body = json!({"filter": {"movies": {"$in": values}}, "sort": {"_id": direction}});
            assert_eq!(api.ids(body.clone()), wanted, "{body}");
            wanted.reverse();
        }
    }
}

/// Values in BSON's order, each of which is equal to no other.
fn values() -> Vec<Value> {
    vec![
        json!({"$minKey": 1}),
        json!(null),
        json!({"$numberDouble": "NaN"}),
        json!({"$numberDouble": "-Infinity"}),
        json!({"$numberDecimal": "-1E+400"}),
        json!(i64::MIN),
        json!(-1.5),
        json!(0),
        json!({"$numberDecimal": "0.1"}),
        json!({"$numberDecimal": "0.1000000000000000000001"}),
        json!(1),
        json!(i64::MAX - 1),
        json!(i64::MAX),
        json!(1e300),
        json!(""),
        json!("2030-01-01"),
        json!("2030-01-02"),
        json!("2030-01-02\u{0}"),
        json!("a"),
        json!({"a": 1}),
        json!({"a": {"$numberDecimal": "1.5"}}),
        json!({"$binary": {"base64": "AQ==", "subType": "00"}}),
        json!({"$oid": "000000000000000000000001"}),
        json!({"$oid": "000000000000000000000002"}),
        json!(false),
        json!(true),
        json!({"$date": {"$numberLong": "-5"}}),
        json!({"$date": {"$numberLong": "5"}}),
        json!({"$timestamp": {"t": 1, "i": 2}}),
        json!({"$maxKey": 1}),
    ]
}

/// The class of each of [`values`]: only within it do values compare.
const CLASSES: &str = "-0nnnnnnnnnnnntttttooxiibbddT+";

pub fn ranges_hold_for_every_type(api: &Api) {
    let values = values();
    let classes: Vec<_> = CLASSES.chars().collect();
    let documents = values.iter().enumerate();
    let documents: Vec<_> = documents
        .flat_map(|(id, value)| {
            [
                json!({"_id": id, "at": value, "plain": value}),
                json!({"_id": id + 100}),
            ]
        })
        .collect();
    api.ok("insertMany", json!({"documents": documents}));
    for (bound, value) in values.iter().enumerate() {
        for operators in [
            json!({"$gt": value}),
            json!({"$gte": value}),
            json!({"$lt": value}),
            json!({"$lte": value}),
            json!({"$gte": value, "$lte": value}),
            json!({"$gt": value, "$exists": true}),
            json!({"$gte": value, "$lt": values[(bound + 1) % values.len()]}),
        ] {
            // A field without an index says what is right of one that has it.
            for sort in [
                json!({"_id": 1}),
                json!({"_id": -1}),
                json!({"at": 1, "_id": 1}),
            ] {
                let ask = |field: &str| {
                    api.ids(json!({"filter": {field: operators}, "sort": sort, "limit": 50}))
                };
                assert_eq!(ask("at"), ask("plain"), "{operators} {sort}");
            }
        }
        let near = api.ids(json!({"filter": {"at": {"$gt": value}}, "sort": {"_id": 1}}));
        let is_end = ['-', '+', 'n'].contains(&classes[bound]);
        if !is_end {
            let wanted: Vec<_> = (bound + 1..values.len())
                .filter(|other| classes[*other] == classes[bound])
                .map(|other| other as i64)
                .collect();
            assert_eq!(near, wanted, "{value}");
        }
    }
    let all = api.ids(json!({"filter": {"at": {"$exists": true}}, "sort": {"at": -1}}));
    let wanted: Vec<_> = (0..values.len() as i64).rev().collect();
    assert_eq!(all, wanted);
}

pub fn ranges_hold_within_arrays(api: &Api) {
    let documents = json!([
        {"_id": 1, "at": [1, 9]},
        {"_id": 2, "at": 5},
        {"_id": 3, "at": [5, 6]},
        {"_id": 4, "at": []},
        {"_id": 5, "at": [[5]]},
        {"_id": 6, "at": 9},
        {"_id": 7},
    ]);
    api.ok("insertMany", json!({"documents": documents}));
    for (operators, sort, ids) in [
        // One element meets the lower bound, another the upper.
        (
            json!({"$gte": 4, "$lte": 6}),
            json!({"_id": 1}),
            &[1, 2, 3][..],
        ),
        (
            json!({"$gte": 4, "$lte": 6}),
            json!({"at": 1, "_id": 1}),
            &[1, 2, 3],
        ),
        (
            json!({"$gte": 4}),
            json!({"at": -1, "_id": -1}),
            &[6, 1, 3, 2],
        ),
        (json!({"$lte": 5}), json!({"at": 1, "_id": 1}), &[1, 2, 3]),
        (json!({"$gte": [5]}), json!({"_id": 1}), &[3, 5]),
        (json!({"$gte": []}), json!({"_id": 1}), &[1, 3, 4, 5]),
        (
            json!({"$exists": true}),
            json!({"at": 1, "_id": 1}),
            &[4, 1, 2, 3, 6, 5],
        ),
    ] {
        let body = json!({"filter": {"at": operators}, "sort": sort, "limit": 50});
        assert_eq!(api.ids(body.clone()), ids, "{body}");
        let many = json!({"filter": {"at": operators}});
        assert_eq!(api.ids(many).len(), ids.len(), "{body}");
    }
}

pub fn a_sort_along_a_range_is_exact(api: &Api) {
    // More than are read at once, with many of the same value, and others between that do not match.
    let day = |n: i64| format!("2030-01-{:02}", n * 7 % 28 + 1);
    let documents: Vec<_> = (0..3000)
        .map(|n| match n % 3 {
            0 => json!({"_id": n}),
            _ => json!({"_id": n, "date": day(n), "odd": n % 2 == 1}),
        })
        .collect();
    api.ok("insertMany", json!({"documents": documents}));
    for (from, to) in [
        ("2030-01-05", "2030-01-20"),
        ("2030-01-05", "2030-01-05"),
        ("2029", "2031"),
    ] {
        let mut wanted: Vec<i64> = (0..3000)
            .filter(|n| n % 3 != 0 && n % 2 == 1 && (from..=to).contains(&day(*n).as_str()))
            .collect();
        let filter = json!({"date": {"$gte": from, "$lte": to}, "odd": true});
        let page = |sort: Value, skip: usize, limit: usize| {
            api.ids(json!({"filter": filter, "sort": sort, "skip": skip, "limit": limit}))
        };
        let part = |all: &[i64], skip: usize, limit: usize| -> Vec<i64> {
            all.iter().copied().skip(skip).take(limit).collect()
        };
        for (skip, limit) in [(0, 50), (30, 51), (0, 4000), (700, 100)] {
            wanted.sort();
            assert_eq!(
                page(json!({"_id": 1}), skip, limit),
                part(&wanted, skip, limit)
            );
            wanted.reverse();
            assert_eq!(
                page(json!({"_id": -1}), skip, limit),
                part(&wanted, skip, limit)
            );
            wanted.sort_by_key(|n| (day(*n), *n));
            assert_eq!(
                page(json!({"date": 1, "_id": 1}), skip, limit),
                part(&wanted, skip, limit)
            );
            wanted.reverse();
            assert_eq!(
                page(json!({"date": -1, "_id": -1}), skip, limit),
                part(&wanted, skip, limit)
            );
            wanted.sort_by_key(|n| (std::cmp::Reverse(day(*n)), *n));
            assert_eq!(
                page(json!({"date": -1, "_id": 1}), skip, limit),
                part(&wanted, skip, limit)
            );
        }
        assert_eq!(api.ids(json!({"filter": filter})).len(), wanted.len());
    }
}

pub fn collections_are_joined(api: &Api) {
    api.ok("deleteMany", json!({"filter": {}, "collection": "films"}));
    api.ok(
        "insertMany",
        json!({"documents": [{"_id": 1, "movies": [1, 2]}, {"_id": 2, "movies": [2]}]}),
    );
    api.ok("insertMany", json!({"collection": "films", "documents": [{"_id": 1, "title": "A"}, {"_id": 2, "title": "B"}]}));
    let pipeline = json!([
        {"$match": {"movies": 2}},
        {"$unwind": "$movies"},
        {"$lookup": {"from": "films", "localField": "movies", "foreignField": "_id", "as": "film"}},
        {"$group": {"_id": "$film.title", "count": {"$sum": 1}}},
        {"$sort": {"count": -1}},
    ]);
    let answer = api.ok("aggregate", json!({"pipeline": pipeline}));
    assert_eq!(
        answer["documents"],
        json!([{"_id": ["B"], "count": 2}, {"_id": ["A"], "count": 1}])
    );
}
