#![allow(clippy::unwrap_used)]

use bson::{Bson, bson, doc};

use super::*;
use crate::{Code, Error};

fn run(stages: Vec<Document>, documents: Vec<Document>) -> Result<Vec<Document>> {
    Pipeline::parse(&stages)?.run(documents, &mut |name| {
        Err(Error::bad_value(format!("no collection {name}")))
    })
}

#[track_caller]
fn gives(stage: Document, documents: Vec<Document>, wanted: Vec<Document>) {
    let result = run(vec![stage.clone()], documents).unwrap();
    assert_eq!(result, wanted, "{stage}");
    // The order of the fields counts, too.
    for (result, wanted) in result.iter().zip(&wanted) {
        assert!(result.keys().eq(wanted.keys()), "{stage}: {result}");
    }
}

#[track_caller]
fn refused(stage: Document, name: &str) {
    let error = Pipeline::parse(std::slice::from_ref(&stage)).unwrap_err();
    assert!(error.message.contains(name), "{stage}: {error}");
}

fn three() -> Vec<Document> {
    vec![
        doc! {"_id": 1, "a": 2, "t": "x"},
        doc! {"_id": 2, "a": 1, "t": "y"},
        doc! {"_id": 3, "a": 2.0, "t": "z"},
    ]
}

fn ids(documents: &[Document]) -> Vec<i32> {
    documents
        .iter()
        .map(|document| document.get_i32("_id").unwrap())
        .collect()
}

#[test]
fn stages_follow_one_another() {
    let stages = vec![
        doc! {"$match": {"a": {"$gte": 1}}},
        doc! {"$sort": {"a": 1, "_id": -1}},
        doc! {"$skip": 1},
        doc! {"$limit": 1_i64},
    ];
    assert_eq!(ids(&run(stages, three()).unwrap()), [3]);
    assert_eq!(ids(&run(vec![], three()).unwrap()), [1, 2, 3]);
    assert!(run(vec![doc! {"$skip": 9}], three()).unwrap().is_empty());
}

#[test]
fn counting() {
    gives(doc! {"$count": "n"}, three(), vec![doc! {"n": 3}]);
    gives(doc! {"$count": "n"}, vec![], vec![]);
    refused(doc! {"$count": ""}, "$count");
    refused(doc! {"$count": "$n"}, "$count");
}

#[test]
fn projecting() {
    let document = vec![doc! {"_id": 1, "a": 2, "b": {"c": 3}, "e": [{"f": 5}, 7]}];
    let project = |stage: Document, wanted: Document| {
        gives(doc! {"$project": stage}, document.clone(), vec![wanted]);
    };
    project(doc! {"a": 1}, doc! {"_id": 1, "a": 2});
    project(doc! {"_id": 0, "b.c": true}, doc! {"b": {"c": 3}});
    project(doc! {"e": 0, "b": 0}, doc! {"_id": 1, "a": 2});
    project(
        doc! {"_id": 0, "a": "$b.c", "b": 1},
        doc! {"b": {"c": 3}, "a": 3},
    );
    project(doc! {"_id": "$a"}, doc! {"_id": 2});
    project(
        doc! {"_id": 0, "x": "text", "y": {"$literal": 1}},
        doc! {"x": "text", "y": 1},
    );
    project(
        doc! {"_id": 0, "x": "$missing", "y": ["$a"]},
        doc! {"y": [2]},
    );
    project(doc! {"_id": 0, "b.d": "$a"}, doc! {"b": {"d": 2}});
    project(
        doc! {"_id": 0, "b": {"c": 1, "d": "$a"}},
        doc! {"b": {"c": 3, "d": 2}},
    );
    project(
        doc! {"_id": 0, "e.g": "$a"},
        doc! {"e": [{"g": 2}, {"g": 2}]},
    );
    project(doc! {"_id": 0, "a.x": "$a"}, doc! {"a": {"x": 2}});
    gives(
        doc! {"$unset": ["b", "e.f"]},
        document.clone(),
        vec![doc! {"_id": 1, "a": 2, "e": [{}, 7]}],
    );
    gives(
        doc! {"$unset": "_id"},
        vec![doc! {"_id": 1, "a": 1}],
        vec![doc! {"a": 1}],
    );
    refused(doc! {"$project": {}}, "$project");
    refused(doc! {"$project": {"a": {}}}, "'a'");
    refused(doc! {"$project": {"a": 1, "a.b": "$x"}}, "a.b");
    refused(doc! {"$project": {"a": 0, "b": "$x"}}, "b");
    refused(doc! {"$project": {"a": {"$slice": 1}}}, "$slice");
    refused(doc! {"$unset": []}, "$unset");
}

#[test]
fn adding_fields() {
    let document = vec![doc! {"_id": 1, "a": 2, "b": {"c": 3}, "e": [{"f": 5}, 7]}];
    let add = |stage: Document, wanted: Document| {
        gives(doc! {"$addFields": stage}, document.clone(), vec![wanted]);
    };
    add(
        doc! {"a": {"$add": ["$a", 1]}, "x": "$a"},
        doc! {"_id": 1, "a": 3, "b": {"c": 3}, "e": [{"f": 5}, 7], "x": 2},
    );
    add(
        doc! {"b.d": 1, "e.g": "$a", "a": "$$REMOVE"},
        doc! {"_id": 1, "b": {"c": 3, "d": 1}, "e": [{"f": 5, "g": 2}, {"g": 2}]},
    );
    add(
        doc! {"b": {"d": true}, "y.z": "$missing"},
        doc! {"_id": 1, "a": 2, "b": {"c": 3, "d": true}, "e": [{"f": 5}, 7], "y": {}},
    );
    refused(doc! {"$addFields": {}}, "$addFields");
    refused(doc! {"$set": {"a": {"$nonsense": 1}}}, "$nonsense");
    refused(doc! {"$set": {"a": 1, "a.b": 1}}, "a.b");
}

#[test]
fn grouping() {
    gives(
        doc! {"$group": {
            "_id": "$a", "n": {"$sum": 1}, "ids": {"$push": "$_id"}, "first": {"$first": "$t"}, "last": {"$last": "$t"},
            "least": {"$min": "$t"}, "most": {"$max": "$t"}, "mean": {"$avg": "$_id"},
        }},
        three(),
        vec![
            doc! {"_id": 2, "n": 2, "ids": [1, 3], "first": "x", "last": "z", "least": "x", "most": "z", "mean": 2.0},
            doc! {"_id": 1, "n": 1, "ids": [2], "first": "y", "last": "y", "least": "y", "most": "y", "mean": 2.0},
        ],
    );
    let odd = vec![
        doc! {"_id": 1, "v": null},
        doc! {"_id": 2},
        doc! {"_id": 3, "v": 1},
        doc! {"_id": 4, "v": 1.0},
    ];
    gives(
        doc! {"$group": {"_id": null, "set": {"$addToSet": "$v"}, "all": {"$push": "$v"}, "sum": {"$sum": "$v"},
        "mean": {"$avg": "$x"}, "least": {"$min": "$v"}, "first": {"$first": "$x"}}},
        odd.clone(),
        vec![
            doc! {"_id": null, "set": [null, 1], "all": [null, 1, 1.0], "sum": 2.0, "mean": null, "least": 1, "first": null},
        ],
    );
    gives(
        doc! {"$group": {"_id": "$v"}},
        odd.clone(),
        vec![doc! {"_id": null}, doc! {"_id": 1}],
    );
    gives(
        doc! {"$group": {"_id": {"v": "$v"}, "n": {"$sum": 1}}},
        odd,
        vec![
            doc! {"_id": {"v": null}, "n": 1},
            doc! {"_id": {}, "n": 1},
            doc! {"_id": {"v": 1}, "n": 2},
        ],
    );
    gives(
        doc! {"$group": {"_id": null, "n": {"$sum": 1}}},
        vec![],
        vec![],
    );
    refused(doc! {"$group": {"n": {"$sum": 1}}}, "_id");
    refused(doc! {"$group": {"_id": 1, "n": {"$median": 1}}}, "$median");
    refused(doc! {"$group": {"_id": 1, "n": 1}}, "'n'");
    refused(doc! {"$group": {"_id": 1, "n.m": {"$sum": 1}}}, "n.m");
}

#[test]
fn unwinding() {
    let documents = vec![
        doc! {"_id": 1, "a": [1, 2], "z": 0},
        doc! {"_id": 2, "a": []},
        doc! {"_id": 3, "a": null},
        doc! {"_id": 4},
        doc! {"_id": 5, "a": "x"},
    ];
    gives(
        doc! {"$unwind": "$a"},
        documents.clone(),
        vec![
            doc! {"_id": 1, "a": 1, "z": 0},
            doc! {"_id": 1, "a": 2, "z": 0},
            doc! {"_id": 5, "a": "x"},
        ],
    );
    gives(
        doc! {"$unwind": {"path": "$a", "includeArrayIndex": "i", "preserveNullAndEmptyArrays": true}},
        documents,
        vec![
            doc! {"_id": 1, "a": 1, "z": 0, "i": 0_i64},
            doc! {"_id": 1, "a": 2, "z": 0, "i": 1_i64},
            doc! {"_id": 2, "i": null},
            doc! {"_id": 3, "a": null, "i": null},
            doc! {"_id": 4, "i": null},
            doc! {"_id": 5, "a": "x", "i": null},
        ],
    );
    gives(
        doc! {"$unwind": "$a.b"},
        vec![doc! {"a": {"b": [1], "c": 2}}, doc! {"a": [{"b": [1]}]}],
        vec![doc! {"a": {"b": 1, "c": 2}}],
    );
    refused(doc! {"$unwind": "a"}, "$");
    refused(doc! {"$unwind": {"path": "$a", "x": 1}}, "'x'");
    refused(
        doc! {"$unwind": {"path": "$a", "includeArrayIndex": 1}},
        "includeArrayIndex",
    );
    refused(doc! {"$unwind": 1}, "$unwind");
}

/// The `_id`s of the foreign documents found for each local one.
fn found(local: Bson, foreign: Vec<Document>) -> Vec<i32> {
    let stage = doc! {"$lookup": {"from": "others", "localField": "a.b", "foreignField": "c.d", "as": "found"}};
    let pipeline = Pipeline::parse(&[stage]).unwrap();
    assert_eq!(pipeline.collections(), ["others"]);
    let mut asked = 0;
    let result = pipeline
        .run(vec![doc! {"_id": 0, "a": {"b": local}}], &mut |name| {
            assert_eq!(name, "others");
            asked += 1;
            Ok(foreign.clone())
        })
        .unwrap();
    assert_eq!(asked, 1);
    let found = result[0].get_array("found").unwrap();
    found
        .iter()
        .map(|item| item.as_document().unwrap().get_i32("_id").unwrap())
        .collect()
}

#[test]
fn looking_up() {
    let foreign = || {
        vec![
            doc! {"_id": 0, "c": {"d": 1}},
            doc! {"_id": 1, "c": {"d": [1, 2]}},
            doc! {"_id": 2, "c": [{"d": 2}, {"x": 1}]},
            doc! {"_id": 3, "c": {"d": null}},
            doc! {"_id": 4},
            doc! {"_id": 5, "c": [1]},
            doc! {"_id": 6, "c": {"d": [[1, 2]]}},
        ]
    };
    assert_eq!(found(bson!(1.0), foreign()), [0, 1]);
    assert_eq!(found(bson!([1, 2]), foreign()), [0, 1, 2]);
    assert_eq!(found(bson!([[1, 2]]), foreign()), [1, 6]);
    assert_eq!(found(Bson::Null, foreign()), [2, 3, 4]);
    assert_eq!(found(bson!([]), foreign()), [2, 3, 4]);
    assert!(found(bson!("none"), foreign()).is_empty());
    refused(
        doc! {"$lookup": {"from": "x", "as": "y", "pipeline": []}},
        "pipeline",
    );
    refused(
        doc! {"$lookup": {"from": "x", "as": "y", "localField": "z"}},
        "foreignField",
    );
}

#[test]
fn a_failing_look_up_fails_the_whole() {
    let stage = doc! {"$lookup": {"from": "x", "localField": "a", "foreignField": "b", "as": "c"}};
    assert!(run(vec![stage], three()).is_err());
}

#[test]
fn the_first_match_is_shown_for_planning() {
    let pipeline = Pipeline::parse(&[doc! {"$match": {"_id": 1}}, doc! {"$limit": 1}]).unwrap();
    assert_eq!(
        pipeline.leading_match().unwrap().membership("_id"),
        Some(vec![Bson::Int32(1)])
    );
    let pipeline = Pipeline::parse(&[doc! {"$limit": 1}, doc! {"$match": {"_id": 1}}]).unwrap();
    assert!(pipeline.leading_match().is_none());
}

#[test]
fn what_is_unknown_is_refused_by_name() {
    refused(doc! {"$out": "x"}, "$out");
    refused(doc! {"$match": {"$where": "1"}}, "$where");
    refused(doc! {"$match": 1}, "$match");
    refused(doc! {"$sort": {}}, "$sort");
    refused(doc! {"$sort": {"a": 0}}, "$sort");
    refused(doc! {"$skip": -1}, "$skip");
    refused(doc! {"$limit": 0}, "$limit");
    refused(doc! {"$limit": 1.5}, "$limit");
    refused(doc! {"$limit": 1, "$skip": 1}, "exactly one");
    refused(doc! {}, "exactly one");
    let mut nested = bson!(1);
    for _ in 0..200 {
        nested = bson!({"$not": [nested]});
    }
    refused(doc! {"$project": {"a": nested}}, "deeper");
    let error = run(
        vec![doc! {"$project": {"a": {"$divide": ["$_id", 0]}}}],
        three(),
    )
    .unwrap_err();
    assert_eq!(error.code, Code::BadValue);
}
