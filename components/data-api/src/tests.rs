#![allow(clippy::unwrap_used)]

use std::{path::Path, sync::Barrier, thread, time::Duration};

use bson::{doc, oid::ObjectId};
use http::{Method, Request};
use serde_json::{Value as Json, json};

use crate::{
    answer,
    database::{Database, SqlError, Value},
    plan::Plan,
    store::Store,
};

/// SQLite itself, as a host has it.
struct Native(rusqlite::Connection);

impl Native {
    fn open(path: &Path) -> Self {
        let connection = rusqlite::Connection::open(path).unwrap();
        connection.busy_timeout(Duration::from_secs(20)).unwrap();
        connection
            .pragma_update(None, "journal_mode", "wal")
            .unwrap();
        connection
            .pragma_update(None, "synchronous", "off")
            .unwrap();
        Self(connection)
    }
}

impl Database for &Native {
    fn execute(
        &self,
        statement: &str,
        parameters: Vec<Value>,
    ) -> Result<Vec<Vec<Value>>, SqlError> {
        use rusqlite::types::Value as Stored;
        let failed = |error: rusqlite::Error| SqlError(error.to_string());
        let parameters = parameters.into_iter().map(|value| match value {
            Value::Integer(value) => Stored::Integer(value),
            Value::Text(value) => Stored::Text(value),
            Value::Blob(value) => Stored::Blob(value),
        });
        let mut statement = self.0.prepare_cached(statement).map_err(failed)?;
        let width = statement.column_count();
        let mut rows = statement
            .query(rusqlite::params_from_iter(parameters))
            .map_err(failed)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next().map_err(failed)? {
            let values = (0..width).map(|column| match row.get(column).unwrap() {
                Stored::Integer(value) => Value::Integer(value),
                Stored::Text(value) => Value::Text(value),
                Stored::Blob(value) => Value::Blob(value),
                other => panic!("{other:?}"),
            });
            found.push(values.collect());
        }
        Ok(found)
    }
}

/// A database in a fresh folder.
struct Fresh {
    folder: tempfile::TempDir,
    database: Native,
}

impl Fresh {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = Native::open(&folder.path().join("test.db"));
        Self { folder, database }
    }

    fn act(&self, action: &str, body: Json) -> (u16, Json) {
        act(&self.database, action, body, "application/json")
    }

    /// The answer to an action that has to succeed.
    fn ok(&self, action: &str, body: Json) -> Json {
        let (status, answer) = self.act(action, body);
        assert!(status < 300, "{action}: {answer}");
        answer
    }
}

fn act(database: &Native, action: &str, mut body: Json, accept: &str) -> (u16, Json) {
    for (field, value) in [
        ("dataSource", "cinema"),
        ("database", "test"),
        ("collection", "things"),
    ] {
        if body.get(field).is_none() {
            body[field] = value.into();
        }
    }
    let mut request = Request::new(body.to_string().into_bytes());
    *request.method_mut() = Method::POST;
    *request.uri_mut() = format!("/app/x/endpoint/data/v1/action/{action}")
        .parse()
        .unwrap();
    request
        .headers_mut()
        .insert("accept", accept.parse().unwrap());
    let response = answer(&request, || Ok(Store::new(database)));
    (
        response.status().as_u16(),
        serde_json::from_slice(response.body()).unwrap(),
    )
}

#[test]
fn documents_come_and_go() {
    let fresh = Fresh::new();
    assert_eq!(
        fresh.ok("findOne", json!({"filter": {}})),
        json!({"document": null})
    );
    let inserted = fresh.act("insertOne", json!({"document": {"a": 1}}));
    assert_eq!(inserted.0, 201);
    let id = inserted.1["insertedId"].clone();
    assert_eq!(
        fresh.ok("findOne", json!({"filter": {"_id": id}})),
        json!({"document": {"_id": id, "a": 1}})
    );
    let updated = fresh.ok(
        "updateOne",
        json!({"filter": {"_id": id}, "update": {"$inc": {"a": 1}}}),
    );
    assert_eq!(updated, json!({"matchedCount": 1, "modifiedCount": 1}));
    let same = fresh.ok(
        "updateOne",
        json!({"filter": {"_id": id}, "update": {"$set": {"a": 2}}}),
    );
    assert_eq!(same, json!({"matchedCount": 1, "modifiedCount": 0}));
    assert_eq!(
        fresh.ok("deleteOne", json!({"filter": {"a": 2}})),
        json!({"deletedCount": 1})
    );
    assert_eq!(
        fresh.ok("deleteOne", json!({"filter": {"a": 2}})),
        json!({"deletedCount": 0})
    );
}

#[test]
fn pages_sorts_and_projections() {
    let fresh = Fresh::new();
    let documents: Vec<_> = (0..250)
        .map(|n| json!({"_id": n, "n": 250 - n, "x": {"y": n}}))
        .collect();
    fresh.ok("insertMany", json!({"documents": documents}));
    let found = |body: Json| -> Vec<i64> {
        let answer = fresh.ok("find", body);
        answer["documents"]
            .as_array()
            .unwrap()
            .iter()
            .map(|document| document["_id"].as_i64().unwrap())
            .collect()
    };
    assert_eq!(found(json!({"filter": {}})).len(), 250);
    assert_eq!(
        found(json!({"filter": {"_id": {"$gt": 100}}, "limit": 3})),
        [101, 102, 103]
    );
    assert_eq!(
        found(json!({"filter": {"_id": {"$gte": 100, "$lt": 102}}})),
        [100, 101]
    );
    assert_eq!(
        found(json!({"filter": {}, "sort": {"_id": -1}, "limit": 2, "skip": 1})),
        [248, 247]
    );
    assert_eq!(
        found(json!({"filter": {}, "sort": {"n": 1}, "limit": 2})),
        [249, 248]
    );
    assert_eq!(
        found(json!({"filter": {"_id": {"$in": [7, 3, 999, 3.0]}}})),
        [3, 7]
    );
    let projected = fresh.ok(
        "find",
        json!({"filter": {"_id": 5}, "projection": {"x.y": 1, "_id": 0}}),
    );
    assert_eq!(projected, json!({"documents": [{"x": {"y": 5}}]}));
}

#[test]
fn an_insert_of_many_is_all_or_nothing() {
    let fresh = Fresh::new();
    fresh.ok("insertOne", json!({"document": {"_id": 2}}));
    let (status, answer) = fresh.act(
        "insertMany",
        json!({"documents": [{"_id": 1}, {"_id": 2.0}, {"_id": 3}]}),
    );
    assert_eq!(
        (status, answer["error_code"].as_str().unwrap()),
        (400, "DuplicateKey")
    );
    assert!(answer["error"].as_str().unwrap().starts_with("E11000"));
    assert_eq!(
        fresh.ok("find", json!({}))["documents"],
        json!([{"_id": 2}])
    );
}

#[test]
fn many_are_updated_and_deleted_at_once() {
    let fresh = Fresh::new();
    let documents: Vec<_> = (0..1200)
        .map(|n| json!({"_id": n, "even": n % 2 == 0}))
        .collect();
    fresh.ok("insertMany", json!({"documents": documents}));
    let updated = fresh.ok(
        "updateMany",
        json!({"filter": {"even": true}, "update": {"$set": {"title": "even"}}}),
    );
    assert_eq!(updated, json!({"matchedCount": 600, "modifiedCount": 600}));
    assert_eq!(
        fresh.ok("find", json!({"filter": {"title": "even"}}))["documents"]
            .as_array()
            .unwrap()
            .len(),
        600
    );
    // One that can't be updated leaves the others as they are.
    fresh.ok(
        "updateOne",
        json!({"filter": {"_id": 700}, "update": {"$set": {"n": "text"}}}),
    );
    let (status, answer) = fresh.act(
        "updateMany",
        json!({"filter": {}, "update": {"$inc": {"n": 1}}}),
    );
    assert_eq!(
        (status, answer["error_code"].as_str().unwrap()),
        (400, "TypeMismatch")
    );
    assert_eq!(
        fresh.ok("find", json!({"filter": {"n": 1}}))["documents"],
        json!([])
    );
    assert_eq!(
        fresh.ok("deleteMany", json!({"filter": {"title": "even"}})),
        json!({"deletedCount": 600})
    );
    assert_eq!(
        fresh.ok("find", json!({"filter": {"title": "even"}}))["documents"],
        json!([])
    );
}

#[test]
fn an_upsert_inserts_once() {
    let fresh = Fresh::new();
    let body = json!({"filter": {"_id": 7}, "update": {"$inc": {"n": 1}, "$setOnInsert": {"new": true}}, "upsert": true});
    assert_eq!(
        fresh.ok("updateOne", body.clone()),
        json!({"matchedCount": 0, "modifiedCount": 0, "upsertedId": 7})
    );
    assert_eq!(
        fresh.ok("updateOne", body),
        json!({"matchedCount": 1, "modifiedCount": 1})
    );
    assert_eq!(
        fresh.ok("findOne", json!({}))["document"],
        json!({"_id": 7, "n": 2, "new": true})
    );
}

#[test]
fn every_type_survives() {
    let fresh = Fresh::new();
    let document = json!({
        "_id": {"$oid": "64b0c0ffee64b0c0ffee64b0"},
        "double": {"$numberDouble": "1.5"}, "nan": {"$numberDouble": "NaN"}, "infinite": {"$numberDouble": "-Infinity"},
        "int": {"$numberInt": "5"}, "long": {"$numberLong": "9223372036854775807"}, "least": {"$numberLong": "-9223372036854775808"},
        "decimal": {"$numberDecimal": "1.000000000000000000000000000000001"},
        "text": "é\u{0}x", "object": {"a": {}}, "array": [{"$numberInt": "1"}, []],
        "binary": {"$binary": {"base64": "AQID", "subType": "80"}},
        "uuid": {"$binary": {"base64": "AAAAAAAAAAAAAAAAAAAAAA==", "subType": "04"}},
        "true": true, "null": null, "date": {"$date": {"$numberLong": "-62135596800001"}},
        "regex": {"$regularExpression": {"pattern": "^a", "options": "im"}},
        "symbol": {"$symbol": "s"}, "code": {"$code": "f()"},
        "scoped": {"$code": "f()", "$scope": {"a": {"$numberInt": "1"}}},
        "timestamp": {"$timestamp": {"t": 4294967295u32, "i": 1}},
        "pointer": {"$dbPointer": {"$ref": "db.c", "$id": {"$oid": "64b0c0ffee64b0c0ffee64b0"}}},
        "undefined": {"$undefined": true}, "min": {"$minKey": 1}, "max": {"$maxKey": 1},
    });
    fresh.ok("insertOne", json!({"document": document}));
    let (_, answer) = act(
        &fresh.database,
        "findOne",
        json!({"filter": {"decimal": {"$gt": 1}}}),
        "application/ejson",
    );
    assert_eq!(answer["document"], document);
}

#[test]
fn what_makes_no_sense_is_refused() {
    let fresh = Fresh::new();
    for (action, body, status) in [
        ("explode", json!({}), 404),
        ("find", json!({"filter": {"$where": "1"}}), 400),
        ("find", json!({"filter": []}), 400),
        ("find", json!({"filter": {}, "limit": -1}), 400),
        ("find", json!({"filter": {}, "sort": {"a": 2}}), 400),
        ("find", json!({"filter": {}, "collection": ""}), 400),
        ("find", json!({"filter": {}, "database": "a.b"}), 400),
        ("find", json!({"filter": {"_id": {"$oid": "short"}}}), 400),
        ("insertOne", json!({}), 400),
        ("insertOne", json!({"document": {"_id": [1]}}), 400),
        ("insertMany", json!({"documents": [1]}), 400),
        ("updateOne", json!({"filter": {}}), 400),
        ("updateMany", json!({"filter": {}, "update": {"a": 1}}), 400),
        (
            "updateOne",
            json!({"filter": {}, "update": {"$explode": {"a": 1}}}),
            400,
        ),
        ("deleteMany", json!({}), 400),
        ("aggregate", json!({"pipeline": [{"$explode": 1}]}), 400),
    ] {
        let (found, answer) = fresh.act(action, body.clone());
        assert_eq!(found, status, "{action} {body}: {answer}");
        assert!(
            answer["error"].is_string() && answer["error_code"].is_string(),
            "{answer}"
        );
    }
}

#[test]
fn names_and_values_are_never_sql() {
    let fresh = Fresh::new();
    let evil = "x'; DROP TABLE documents; --";
    fresh.ok(
        "insertOne",
        json!({"document": {"_id": evil, "title": evil}, "collection": evil}),
    );
    let found = fresh.ok(
        "find",
        json!({"filter": {"title": evil}, "collection": evil}),
    );
    assert_eq!(found["documents"][0]["_id"], evil);
}

#[test]
fn collections_are_joined() {
    let fresh = Fresh::new();
    fresh.ok(
        "insertMany",
        json!({"documents": [{"_id": 1, "movies": [1, 2]}, {"_id": 2, "movies": [2]}]}),
    );
    fresh.ok("insertMany", json!({"collection": "films", "documents": [{"_id": 1, "title": "A"}, {"_id": 2, "title": "B"}]}));
    let pipeline = json!([
        {"$match": {"movies": 2}},
        {"$unwind": "$movies"},
        {"$lookup": {"from": "films", "localField": "movies", "foreignField": "_id", "as": "film"}},
        {"$group": {"_id": "$film.title", "count": {"$sum": 1}}},
        {"$sort": {"count": -1}},
    ]);
    let answer = fresh.ok("aggregate", json!({"pipeline": pipeline}));
    assert_eq!(
        answer["documents"],
        json!([{"_id": ["B"], "count": 2}, {"_id": ["A"], "count": 1}])
    );
}

/// Has several threads, each with a connection of its own, do the same many times.
fn crowd(fresh: &Fresh, threads: usize, times: usize, work: impl Fn(&Native, usize) + Sync) {
    fresh.ok("findOne", json!({}));
    let start = Barrier::new(threads);
    thread::scope(|scope| {
        for worker in 0..threads {
            let (start, work, path) = (&start, &work, fresh.folder.path().join("test.db"));
            scope.spawn(move || {
                let database = Native::open(&path);
                start.wait();
                (0..times).for_each(|time| work(&database, worker * times + time));
            });
        }
    });
}

#[test]
fn no_update_is_lost() {
    let fresh = Fresh::new();
    crowd(&fresh, 8, 50, |database, _| {
        let body = json!({"filter": {"_id": 1}, "update": {"$inc": {"n": 1}}, "upsert": true});
        let (status, answer) = act(database, "updateOne", body, "application/json");
        assert_eq!(status, 200, "{answer}");
    });
    assert_eq!(
        fresh.ok("findOne", json!({}))["document"],
        json!({"_id": 1, "n": 400})
    );
}

#[test]
fn many_are_never_updated_in_part() {
    let fresh = Fresh::new();
    let documents: Vec<_> = (0..20).map(|n| json!({"_id": n, "n": 0})).collect();
    fresh.ok("insertMany", json!({"documents": documents}));
    crowd(&fresh, 4, 20, |database, _| {
        act(
            database,
            "updateMany",
            json!({"filter": {}, "update": {"$inc": {"n": 1}}}),
            "application/json",
        );
        let (_, answer) = act(database, "find", json!({}), "application/json");
        let values: Vec<_> = answer["documents"]
            .as_array()
            .unwrap()
            .iter()
            .map(|document| document["n"].clone())
            .collect();
        assert!(values.iter().all(|value| *value == values[0]), "{values:?}");
    });
    assert_eq!(fresh.ok("findOne", json!({}))["document"]["n"], 80);
}

#[test]
fn seats_are_never_oversold() {
    let fresh = Fresh::new();
    fresh.ok(
        "insertOne",
        json!({"document": {"_id": 1, "taken": 0, "holds": []}}),
    );
    crowd(&fresh, 8, 20, |database, booking| {
        let body = json!({
            "filter": {"_id": 1, "taken": {"$lte": 98}, "holds.booking": {"$ne": booking}},
            "update": {"$inc": {"taken": 2}, "$push": {"holds": {"booking": booking, "seats": 2}}},
        });
        assert_eq!(act(database, "updateOne", body, "application/json").0, 200);
    });
    let ledger = fresh.ok("findOne", json!({}))["document"].clone();
    assert_eq!(ledger["taken"], 100);
    assert_eq!(ledger["holds"].as_array().unwrap().len(), 50);
}

#[test]
fn look_ups_use_an_index() {
    let fresh = Fresh::new();
    fresh.ok("findOne", json!({}));
    let id = ObjectId::new();
    for filter in [
        doc! {"_id": {"$gt": id}},
        doc! {"userid": id},
        doc! {"date": "2030-01-01", "_id": {"$gt": id}},
        doc! {"movies": id},
        doc! {"userid": {"$in": [id, id.to_hex()]}},
        doc! {"movies": {"$in": [id, id.to_hex(), 7]}, "_id": {"$lt": id}},
    ] {
        let plan = Plan::of(&mql::Filter::parse(&filter).unwrap());
        for descending in [false, true] {
            let (statement, parameters) =
                plan.statement("test.things", &plan.range(), descending, 10);
            let explained = (&fresh.database)
                .execute(&format!("EXPLAIN QUERY PLAN {statement}"), parameters)
                .unwrap();
            let text = format!("{explained:?}");
            let sorted = text.contains("TEMP B-TREE") && !text.contains("MERGE (UNION)");
            let scanned = text.contains("SCAN") && !text.contains("SCAN found");
            assert!(!sorted && !scanned, "{filter}: {text}");
        }
    }
    assert!(
        matches!(Plan::of(&mql::Filter::parse(&doc! {"_id": id}).unwrap()), Plan::Ids(ids) if ids.len() == 1)
    );
}

#[test]
fn any_of_several_values_are_looked_up_at_once_and_give_each_document_once() {
    let fresh = Fresh::new();
    let documents: Vec<_> = (0..60)
        .map(|id| match id % 5 {
            0 => json!({"_id": id, "movies": ["a", "b"]}),
            1 => json!({"_id": id, "movies": "b"}),
            2 => json!({"_id": id, "movies": [["a"]]}),
            3 => json!({"_id": id, "movies": ["c", 7]}),
            _ => json!({"_id": id}),
        })
        .collect();
    fresh.ok("insertMany", json!({"documents": documents}));
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
        for descending in [false, true] {
            let body = json!({
                "filter": {"movies": {"$in": values}},
                "sort": {"_id": if descending { -1 } else { 1 }},
            });
            let found = fresh.ok("find", body.clone());
            let found: Vec<_> = found["documents"]
                .as_array()
                .unwrap()
                .iter()
                .map(|document| document["_id"].as_i64().unwrap())
                .collect();
            assert_eq!(found, wanted, "{body}");
            wanted.reverse();
        }
    }
}

#[test]
fn an_index_entry_is_found_again_as_the_document_changes() {
    let fresh = Fresh::new();
    let found = |value: Json| {
        fresh.ok("find", json!({"filter": {"movies": value}}))["documents"]
            .as_array()
            .unwrap()
            .len()
    };
    fresh.ok(
        "insertOne",
        json!({"document": {"_id": 1, "movies": ["a", "b"]}}),
    );
    assert_eq!(
        (
            found("a".into()),
            found(json!(["a", "b"])),
            found("c".into())
        ),
        (1, 1, 0)
    );
    fresh.ok(
        "updateOne",
        json!({"filter": {"movies": "a"}, "update": {"$push": {"movies": "c"}, "$set": {"n": 1}}}),
    );
    assert_eq!(
        (
            found("a".into()),
            found("c".into()),
            found(json!(["a", "b"]))
        ),
        (1, 1, 0)
    );
    fresh.ok("deleteOne", json!({"filter": {"movies": "c"}}));
    let entries = (&fresh.database)
        .execute("SELECT count(*) FROM entries", Vec::new())
        .unwrap();
    assert_eq!(entries, [[Value::Integer(0)]]);
}
