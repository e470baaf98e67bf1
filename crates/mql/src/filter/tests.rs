#![allow(clippy::unwrap_used)]

use bson::{Bson, Document, doc, oid::ObjectId};

use super::*;

fn matches(query: Document, document: Document) -> bool {
    Filter::parse(&query).unwrap().matches(&document)
}

#[track_caller]
fn yes(query: Document, document: Document) {
    assert!(
        matches(query.clone(), document.clone()),
        "{query} should match {document}"
    );
}

#[track_caller]
fn no(query: Document, document: Document) {
    assert!(
        !matches(query.clone(), document.clone()),
        "{query} should not match {document}"
    );
}

#[test]
fn equality() {
    yes(doc! {}, doc! {"a": 1});
    yes(doc! {"a": 1}, doc! {"a": 1.0});
    yes(doc! {"a": {"$eq": 1_i64}}, doc! {"a": 1});
    no(doc! {"a": 1}, doc! {"a": "1"});
    yes(doc! {"a": 1}, doc! {"a": [2, 1]});
    yes(doc! {"a": [2, 1]}, doc! {"a": [2, 1]});
    yes(doc! {"a": [2, 1]}, doc! {"a": [[2, 1], 3]});
    no(doc! {"a": [1, 2]}, doc! {"a": [2, 1]});
    yes(doc! {"a": {"b": 1}}, doc! {"a": {"b": 1}});
    no(doc! {"a": {"b": 1}}, doc! {"a": {"b": 1, "c": 2}});
    yes(doc! {"a.b": 1}, doc! {"a": [{"b": 2}, {"b": 1}]});
    yes(doc! {"a.1": 5}, doc! {"a": [4, 5]});
    yes(doc! {"a.0.b": 2}, doc! {"a": [{"b": 2}]});
}

#[test]
fn null_and_missing() {
    yes(doc! {"a": null}, doc! {"a": null});
    yes(doc! {"a": null}, doc! {});
    yes(doc! {"a": null}, doc! {"a": [1, null]});
    no(doc! {"a": null}, doc! {"a": 0});
    no(doc! {"a.b": null}, doc! {"a": [1, 2]});
    yes(doc! {"a.b": null}, doc! {"a": [{"c": 1}]});
    yes(doc! {"a": {"$gte": null}}, doc! {});
    no(doc! {"a": {"$ne": null}}, doc! {});
    yes(doc! {"a": {"$exists": false}}, doc! {"b": 1});
    no(doc! {"a": {"$exists": false}}, doc! {"a": null});
    yes(doc! {"a": {"$exists": 1}}, doc! {"a": null});
    yes(doc! {"a": {"$in": [null]}}, doc! {});
}

#[test]
fn order() {
    yes(doc! {"a": {"$gt": 1}}, doc! {"a": 1.5});
    no(doc! {"a": {"$gt": 1}}, doc! {"a": "2"});
    yes(doc! {"a": {"$gt": 1, "$lt": 3}}, doc! {"a": [0, 4]});
    yes(doc! {"a": {"$gte": "b"}}, doc! {"a": "b"});
    yes(doc! {"a": {"$lte": true}}, doc! {"a": false});
    yes(doc! {"a": {"$gt": Bson::MinKey}}, doc! {"a": "anything"});
    yes(doc! {"a": {"$gt": [1]}}, doc! {"a": [1, 0]});
    no(doc! {"a": {"$lt": 5}}, doc! {"a": f64::NAN});
    yes(doc! {"a": {"$gte": f64::NAN}}, doc! {"a": f64::NAN});
    no(doc! {"a": {"$gt": 0}}, doc! {});
}

#[test]
fn membership_and_negation() {
    yes(doc! {"a": {"$in": [1, 2]}}, doc! {"a": [5, 2]});
    no(doc! {"a": {"$in": []}}, doc! {"a": 1});
    yes(doc! {"a": {"$nin": [1, 2]}}, doc! {});
    no(doc! {"a": {"$nin": [1, 2]}}, doc! {"a": [5, 2]});
    no(doc! {"a": {"$ne": 1}}, doc! {"a": [1, 2]});
    yes(doc! {"a": {"$not": {"$gt": 5}}}, doc! {});
    no(doc! {"a": {"$not": {"$gt": 5}}}, doc! {"a": [1, 6]});
    yes(doc! {"$nor": [{"a": 1}, {"b": 1}]}, doc! {"a": 2});
    yes(
        doc! {"$or": [{"a": 1}, {"b": 1}], "c": 3},
        doc! {"b": 1, "c": 3},
    );
    no(doc! {"$and": [{"a": 1}, {"a": 2}]}, doc! {"a": 1});
}

#[test]
fn patterns() {
    yes(
        doc! {"a": {"$regex": "^the", "$options": "i"}},
        doc! {"a": "The Tide"},
    );
    no(doc! {"a": {"$regex": "^the"}}, doc! {"a": "The Tide"});
    yes(
        doc! {"a": {"$regex": "ÉTÉ", "$options": "i"}},
        doc! {"a": "un été"},
    );
    no(doc! {"a": {"$regex": "1"}}, doc! {"a": 1});
    yes(doc! {"a": {"$regex": "x"}}, doc! {"a": ["y", "x"]});
    yes(doc! {"a": {"$not": {"$regex": "x"}}}, doc! {"a": 5});
    yes(
        doc! {"a": {"$regex": "a.b", "$options": "s"}},
        doc! {"a": "a\nb"},
    );
}

#[test]
fn arrays() {
    yes(doc! {"a": {"$size": 2}}, doc! {"a": [1, 2]});
    no(doc! {"a": {"$size": 1}}, doc! {"a": 1});
    yes(doc! {"a": {"$all": [1, 2]}}, doc! {"a": [3, 2, 1]});
    yes(doc! {"a": {"$all": [1]}}, doc! {"a": 1});
    no(doc! {"a": {"$all": []}}, doc! {"a": []});
    yes(
        doc! {"a": {"$elemMatch": {"$gt": 1, "$lt": 3}}},
        doc! {"a": [0, 2]},
    );
    no(
        doc! {"a": {"$elemMatch": {"$gt": 1, "$lt": 3}}},
        doc! {"a": [0, 4]},
    );
    yes(
        doc! {"a": {"$elemMatch": {"b": 1, "c": 2}}},
        doc! {"a": [{"b": 1}, {"b": 1, "c": 2}]},
    );
    no(
        doc! {"a": {"$elemMatch": {"b": 1, "c": 2}}},
        doc! {"a": [{"b": 1}, {"c": 2}]},
    );
    yes(
        doc! {"a": {"$all": [{"$elemMatch": {"b": 1}}, {"$elemMatch": {"b": 2}}]}},
        doc! {"a": [{"b": 1}, {"b": 2}]},
    );
    yes(
        doc! {"a": {"$elemMatch": {"$or": [{"b": 1}, {"b": 2}]}}},
        doc! {"a": [{"b": 2}]},
    );
}

#[test]
fn elements_that_are_arrays() {
    // An element is asked as a whole, not element by element again.
    no(doc! {"a": {"$elemMatch": {"$gt": 1}}}, doc! {"a": [[2]]});
    yes(
        doc! {"a": {"$elemMatch": {"$in": [[2]]}}},
        doc! {"a": [[2]]},
    );
    yes(
        doc! {"a": {"$elemMatch": {"$not": {"$ne": 1}}}},
        doc! {"a": [1]},
    );
    yes(
        doc! {"a": {"$elemMatch": {"$elemMatch": {"$gt": 1}}}},
        doc! {"a": [[2]]},
    );
    yes(doc! {"a": {"$elemMatch": {"0": "x"}}}, doc! {"a": [["x"]]});
    yes(doc! {"a": {"$elemMatch": {}}}, doc! {"a": [{}]});
    no(doc! {"a": {"$elemMatch": {}}}, doc! {"a": [1]});
    no(doc! {"a.b": 1}, doc! {"a": [[{"b": 1}]]});
    yes(doc! {"a.0.b": 1}, doc! {"a": [[{"b": 1}]]});
    no(doc! {"a.00": 1}, doc! {"a": [1]});
}

#[test]
fn an_index_leads_to_one_element() {
    // An array at the index is asked as a whole, not element by element.
    no(doc! {"a.0": 1}, doc! {"a": [[1, 2]]});
    yes(doc! {"a.0": [1, 2]}, doc! {"a": [[1, 2]]});
    yes(doc! {"a.0": {"$size": 2}}, doc! {"a": [[1, 2]]});
    no(doc! {"a.0": {"$type": "int"}}, doc! {"a": [[1, 2]]});
    yes(doc! {"a.0": {"$not": {"$lt": 3}}}, doc! {"a": [[1, 2]]});
    yes(doc! {"a.0.1": 2}, doc! {"a": [[1, 2]]});
    yes(doc! {"a.0.b": 2}, doc! {"a": [{"b": [1, 2]}]});
    // What has no fields has no place where one could be missing.
    no(doc! {"a.0.b": null}, doc! {"a": [5]});
    yes(doc! {"a.0.b": null}, doc! {"a": [{"c": 5}]});
    yes(doc! {"a.0.b": {"$exists": false}}, doc! {"a": [5]});
}

#[test]
fn types() {
    yes(doc! {"a": {"$type": "number"}}, doc! {"a": 1_i64});
    yes(doc! {"a": {"$type": ["string", 1]}}, doc! {"a": 1.0});
    yes(doc! {"a": {"$type": "string"}}, doc! {"a": [1, "x"]});
    yes(doc! {"a": {"$type": "array"}}, doc! {"a": []});
    yes(doc! {"a": {"$type": -1}}, doc! {"a": Bson::MinKey});
    no(doc! {"a": {"$type": "null"}}, doc! {});
    yes(
        doc! {"_id": {"$type": "objectId"}},
        doc! {"_id": ObjectId::new()},
    );
}

#[test]
fn what_is_unknown_is_refused_by_name() {
    for (query, name) in [
        (doc! {"$where": "1"}, "$where"),
        (doc! {"a": {"$near": 1}}, "$near"),
        (doc! {"a": {"$gt": 1, "b": 2}}, "b"),
        (doc! {"$or": []}, "$or"),
        (doc! {"a": {"$in": 1}}, "$in"),
        (doc! {"a": {"$regex": "(?=x)"}}, "$regex"),
        (doc! {"a": {"$options": "i"}}, "$options"),
        (doc! {"a": {"$size": -1}}, "$size"),
        (doc! {"a": {"$type": "nonsense"}}, "nonsense"),
        (doc! {"a": {"$not": 1}}, "$not"),
        (doc! {"a": {"$not": {}}}, "$not"),
        (doc! {"a": {"$elemMatch": 1}}, "$elemMatch"),
        (doc! {"a": {"$all": 1}}, "$all"),
        (doc! {"a": {"$in": [{"$gt": 1}]}}, "$in"),
        (doc! {"a": {"$regex": "x", "$options": "q"}}, "'q'"),
    ] {
        let error = Filter::parse(&query).unwrap_err();
        assert!(error.message.contains(name), "{query}: {error}");
    }
}

#[test]
fn hostile_nesting_is_refused() {
    let mut query = doc! {"a": 1};
    for _ in 0..200 {
        query = doc! {"$and": [query]};
    }
    assert!(Filter::parse(&query).is_err());
}

#[test]
fn demands_are_found_for_planning() {
    let id = ObjectId::new();
    let filter = Filter::parse(&doc! {"_id": {"$gt": id, "$type": "objectId"}, "$and": [{"userid": id}], "$or": [{"x": 1}, {"y": 1}]}).unwrap();
    assert_eq!(filter.membership("userid"), Some(vec![id.into()]));
    assert_eq!(filter.membership("x"), None);
    assert_eq!(
        filter.bounds("_id"),
        Bounds {
            lower: Some((id.into(), false)),
            upper: None
        }
    );
    let filter = Filter::parse(&doc! {"_id": {"$in": [1, 2]}, "a": null}).unwrap();
    assert_eq!(filter.membership("_id"), Some(vec![1.into(), 2.into()]));
    assert_eq!(filter.membership("a"), None);
}
