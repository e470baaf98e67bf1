#![allow(clippy::unwrap_used)]

use bson::doc;

use super::*;

#[track_caller]
fn gives(projection: Document, result: Document) {
    let document = doc! {"_id": 1, "a": 2, "b": {"c": 3, "d": 4}, "e": [{"f": 5, "g": 6}, 7]};
    let parsed = Projection::parse(&projection).unwrap();
    assert_eq!(parsed.apply(&document), result, "{projection}");
}

#[test]
fn fields_are_kept() {
    gives(doc! {"a": 1}, doc! {"_id": 1, "a": 2});
    gives(doc! {"a": 1, "_id": 0}, doc! {"a": 2});
    gives(doc! {"_id": 1}, doc! {"_id": 1});
    gives(doc! {"_id": 1, "a": true}, doc! {"_id": 1, "a": 2});
    gives(doc! {"b.c": 1}, doc! {"_id": 1, "b": {"c": 3}});
    gives(doc! {"b": {"c": 1}}, doc! {"_id": 1, "b": {"c": 3}});
    gives(doc! {"e.f": 1}, doc! {"_id": 1, "e": [{"f": 5}]});
    gives(doc! {"e.0": 1}, doc! {"_id": 1, "e": [{}]});
    gives(doc! {"a.x": 1}, doc! {"_id": 1});
    gives(doc! {"x": 1}, doc! {"_id": 1});
}

#[test]
fn fields_are_left_out() {
    let all = doc! {"_id": 1, "a": 2, "b": {"c": 3, "d": 4}, "e": [{"f": 5, "g": 6}, 7]};
    gives(doc! {}, all.clone());
    gives(doc! {"a.x": 0}, all);
    gives(
        doc! {"a": 0, "e": 0},
        doc! {"_id": 1, "b": {"c": 3, "d": 4}},
    );
    gives(
        doc! {"_id": 0, "a": 0, "e": 0},
        doc! {"b": {"c": 3, "d": 4}},
    );
    gives(doc! {"_id": 1, "b": 0, "e": 0}, doc! {"_id": 1, "a": 2});
    gives(
        doc! {"e.f": 0, "a": 0, "b": 0},
        doc! {"_id": 1, "e": [{"g": 6}, 7]},
    );
}

#[test]
fn arrays_are_cut() {
    let document = doc! {"_id": 1, "a": [1, 2, 3], "b": [{"c": 1, "d": 1}, {"c": 2}], "s": "x"};
    let project = |projection: Document| Projection::parse(&projection).unwrap().apply(&document);
    let sliced = |slice: Bson| {
        project(doc! {"a": {"$slice": slice}, "b": 0})
            .get_array("a")
            .cloned()
            .unwrap()
    };
    assert_eq!(sliced(2.into()), [1.into(), 2.into()]);
    assert_eq!(sliced((-2).into()), [2.into(), 3.into()]);
    assert_eq!(sliced(9.into()).len(), 3);
    assert_eq!(sliced((-9).into()).len(), 3);
    assert_eq!(sliced(bson::bson!([1, 1])), [2.into()]);
    assert_eq!(sliced(bson::bson!([-2, 1])), [2.into()]);
    assert_eq!(sliced(bson::bson!([9, 1])), []);
    // Alone, it leaves the other fields as they are, unlike `$elemMatch`.
    assert_eq!(project(doc! {"a": {"$slice": 1}}).len(), 4);
    assert_eq!(project(doc! {"s": {"$slice": 1}}), document);
    assert_eq!(
        project(doc! {"b": {"$elemMatch": {"c": {"$gte": 1}}}}),
        doc! {"_id": 1, "b": [{"c": 1, "d": 1}]}
    );
    assert_eq!(
        project(doc! {"b": {"$elemMatch": {"c": 9}}}),
        doc! {"_id": 1}
    );
    assert_eq!(
        project(doc! {"a": {"$elemMatch": {"$gt": 1}}}),
        doc! {"_id": 1, "a": [2]}
    );
    assert_eq!(
        project(doc! {"a": {"$elemMatch": {"$gt": 1, "$lt": 2}}}),
        doc! {"_id": 1}
    );
}

#[test]
fn operators_leave_the_kind_to_others() {
    let document = doc! {"_id": 1, "a": [1, 2], "b": [3, 4], "c": 5};
    let project = |projection: Document| Projection::parse(&projection).unwrap().apply(&document);
    let first = doc! {"$slice": 1};
    let second = doc! {"$elemMatch": {"$gt": 3}};
    assert_eq!(
        project(doc! {"a": first.clone(), "_id": 0}),
        doc! {"a": [1], "b": [3, 4], "c": 5}
    );
    assert_eq!(
        project(doc! {"a": first.clone(), "_id": 1}),
        doc! {"_id": 1, "a": [1]}
    );
    assert_eq!(
        project(doc! {"a": first, "b": second.clone()}),
        doc! {"_id": 1, "a": [1], "b": [4], "c": 5}
    );
    assert_eq!(
        project(doc! {"b": second.clone(), "_id": 0}),
        doc! {"b": [4]}
    );
    assert_eq!(
        project(doc! {"b": second.clone(), "c": 0}),
        doc! {"_id": 1, "a": [1, 2], "b": [4]}
    );
    assert_eq!(
        project(doc! {"b": second, "c": 1}),
        doc! {"_id": 1, "b": [4], "c": 5}
    );
}

#[test]
fn mixtures_collisions_and_operators_are_refused() {
    for (projection, name) in [
        (doc! {"a": 1, "b": 0}, "b"),
        (doc! {"b": 1, "b.c": 1}, "b.c"),
        (doc! {"b.c": 1, "b": 1}, "b"),
        (doc! {"a": {"$meta": "textScore"}}, "$meta"),
        (doc! {"a.$": 1}, "$"),
        (doc! {"a": {"$slice": "x"}}, "$slice"),
        (doc! {"a": {"$slice": [1, 0]}}, "$slice"),
        (doc! {"a": {"$elemMatch": {"$near": 1}}}, "$near"),
        (doc! {"a": {"$elemMatch": 1}}, "$elemMatch"),
        (doc! {"b.c": {"$elemMatch": {"d": 1}}}, "nested"),
        (doc! {"a": "x"}, "a"),
        (doc! {"a": {}}, "a"),
        (doc! {"a..b": 1}, "a..b"),
    ] {
        let error = Projection::parse(&projection).unwrap_err();
        assert!(error.message.contains(name), "{projection}: {error}");
    }
}
