#![allow(clippy::unwrap_used)]

mod search;

use std::{cell::Cell, path::Path, sync::Barrier, thread, time::Duration};

use bson::{doc, oid::ObjectId};
use data_api_protocol::{
    answer, conformance,
    index::{Between, Order, Plan},
};
use http::{Method, Request, Response};
use mql::Filter;
use serde_json::{Value as Json, json};

use crate::{
    database::{Database, SqlError, Value},
    schema,
    store::Store,
    walk::Walk,
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

    fn give_up(&self) {}
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

    /// What a statement gives.
    fn run(&self, statement: &str) -> Vec<Vec<Value>> {
        (&self.database).execute(statement, Vec::new()).unwrap()
    }

    /// How many rows a table has.
    fn count(&self, table: &str) -> i64 {
        match self.run(&format!("SELECT count(*) FROM {table}"))[0][0] {
            Value::Integer(count) => count,
            ref other => panic!("{other:?}"),
        }
    }

    /// The answer to an action that has to succeed.
    fn ok(&self, action: &str, body: Json) -> Json {
        let (status, answer) = act(&self.database, action, body);
        assert!(status < 300, "{action}: {answer}");
        answer
    }
}

fn answered(database: &Native, request: &Request<Vec<u8>>) -> Response<Vec<u8>> {
    answer(request, || Ok(Store::new(database))).unwrap_or_else(|failure| {
        assert!(failure.status < 500, "{failure:?}");
        failure.response()
    })
}

fn request(action: &str, mut body: Json) -> Request<Vec<u8>> {
    body["database"] = "test".into();
    body["collection"] = "things".into();
    let mut request = Request::new(body.to_string().into_bytes());
    *request.method_mut() = Method::POST;
    *request.uri_mut() = format!("/action/{action}").parse().unwrap();
    request
}

fn act(database: &Native, action: &str, body: Json) -> (u16, Json) {
    let response = answered(database, &request(action, body));
    let body = serde_json::from_slice(response.body()).unwrap();
    (response.status().as_u16(), body)
}

#[test]
fn it_answers_as_everybody_does() {
    let fresh = Fresh::new();
    conformance::check(&|request| answered(&fresh.database, &request));
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
        let (status, answer) = act(database, "updateOne", body);
        assert_eq!(status, 200, "{answer}");
    });
    assert_eq!(
        fresh.ok("findOne", json!({}))["document"],
        json!({"_id": 1, "n": 400})
    );
}

/// A database to which somebody else writes whenever a document is about to be changed, where they can.
struct Meddled<'a> {
    database: &'a Native,
    other: Native,
    update: Json,
    /// How often it has come to that.
    times: Cell<usize>,
    /// A statement that fails, with its transaction as it was.
    failing: &'static str,
    given_up: Cell<bool>,
}

impl<'a> Meddled<'a> {
    fn new(fresh: &'a Fresh, update: Json, failing: &'static str) -> Self {
        let other = Native::open(&fresh.folder.path().join("test.db"));
        other.0.busy_timeout(Duration::ZERO).unwrap();
        Self {
            database: &fresh.database,
            other,
            update,
            times: Cell::new(0),
            failing,
            given_up: Cell::new(false),
        }
    }
}

impl Database for &Meddled<'_> {
    fn execute(
        &self,
        statement: &str,
        parameters: Vec<Value>,
    ) -> Result<Vec<Vec<Value>>, SqlError> {
        if statement == self.failing {
            return Err(SqlError("disk I/O error".into()));
        }
        if statement.starts_with("UPDATE documents") {
            let request = request("updateOne", json!({"filter": {}, "update": self.update}));
            let meddled = answer(&request, || Ok(Store::new(&self.other)));
            self.times
                .update(|times| times + usize::from(meddled.is_ok()));
        }
        self.database.execute(statement, parameters)
    }

    fn give_up(&self) {
        self.given_up.set(true);
    }
}

#[test]
fn whoever_was_too_late_has_the_store_to_themselves() {
    for (theirs, status, n) in [
        (json!({"$inc": {"n": 1}}), 200, json!(2)),
        (json!({"$set": {"n": "text"}}), 400, json!("text")),
    ] {
        let fresh = Fresh::new();
        fresh.ok("insertOne", json!({"document": {"_id": 1, "n": 0}}));
        let meddled = Meddled::new(&fresh, theirs, "");
        let body = json!({"filter": {}, "update": {"$inc": {"n": 1}}});
        let request = request("updateOne", body);
        let answered = answer(&request, || Ok(Store::new(&meddled)));
        assert_eq!(
            answered.map_or_else(|failure| failure.status, |_| 200),
            status
        );
        assert_eq!(meddled.times.get(), 1);
        assert!(!meddled.given_up.get());
        // Others' turn has come again, whatever the end.
        assert_eq!(fresh.ok("findOne", json!({}))["document"]["n"], n);
        let (status, _) = act(&meddled.other, "insertOne", json!({"document": {"_id": 2}}));
        assert_eq!(status, 201);
    }
}

#[test]
fn a_transaction_without_an_end_is_given_up_with_its_connection() {
    let fresh = Fresh::new();
    fresh.ok("insertOne", json!({"document": {"_id": 1, "n": 0}}));
    let meddled = Meddled::new(&fresh, json!({"$inc": {"n": 1}}), "COMMIT");
    let request = request(
        "updateOne",
        json!({"filter": {}, "update": {"$inc": {"n": 5}}}),
    );
    let failure = answer(&request, || Ok(Store::new(&meddled))).unwrap_err();
    assert_eq!(failure.status, 500);
    assert!(meddled.given_up.get());
    drop(meddled);
    let Fresh { folder, database } = fresh;
    drop(database);
    let reopened = Native::open(&folder.path().join("test.db"));
    let (_, answer) = act(&reopened, "findOne", json!({}));
    assert_eq!(answer["document"]["n"], 1);
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
        );
        let (_, answer) = act(database, "find", json!({}));
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
        assert_eq!(act(database, "updateOne", body).0, 200);
    });
    let ledger = fresh.ok("findOne", json!({}))["document"].clone();
    assert_eq!(ledger["taken"], 100);
    assert_eq!(ledger["holds"].as_array().unwrap().len(), 50);
}

/// How SQLite goes about the statement of a walk.
fn explained(database: &impl Database, walk: &Walk) -> String {
    let (statement, parameters) = walk.statement(10);
    let rows = database
        .execute(&format!("EXPLAIN QUERY PLAN {statement}"), parameters)
        .unwrap();
    format!("{rows:?}")
}

#[test]
fn every_walk_is_along_an_index() {
    let fresh = Fresh::new();
    schema::create(&&fresh.database).unwrap();
    let id = ObjectId::new();
    let date = doc! {"$gte": "2030-01-01", "$lt": "2030-02-01"};
    for filter in [
        doc! {"_id": {"$gt": id}},
        doc! {"userid": id},
        doc! {"date": "2030-01-01", "_id": {"$gt": id}},
        doc! {"userid": {"$in": [id, id.to_hex()]}},
        doc! {"movies": {"$in": [id, id.to_hex(), 7]}, "_id": {"$lt": id}},
        doc! {"date": date, "_id": {"$gt": id}},
    ] {
        for descending in [false, true] {
            let explain = |walk: Walk, sorts: bool| {
                let text = explained(&&fresh.database, &walk);
                let sorted = text.contains("TEMP B-TREE") && !text.contains("MERGE (UNION)");
                let scanned = text.contains("SCAN") && !text.contains("SCAN found");
                assert!(sorted == sorts && !scanned, "{filter}: {text}");
            };
            match Plan::of("n", &Filter::parse(&filter).unwrap(), Order::Any) {
                Plan::Ids(_) | Plan::Holding(..) => panic!("{filter}"),
                Plan::All(ids) => explain(Walk::ids("n", ids, descending), false),
                Plan::Equal(field, values, ids) => {
                    explain(Walk::equal("n", field, &values, ids, descending), false);
                }
                Plan::Between(field, Between { values, .. }, ids) => {
                    explain(
                        Walk::values("n", field, &values, ids.clone(), descending),
                        false,
                    );
                    // The first of the ids have to be found among all of the range.
                    explain(Walk::within("n", field, &values, ids, descending), true);
                }
            }
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
    assert_eq!(fresh.count("entries"), 0);
}

/// A store of so many documents, as it was when only `userid` had an index, and no text was searched.
fn earlier(documents: usize) -> Fresh {
    let fresh = Fresh::new();
    let documents: Vec<_> = (0..documents)
        .map(|n| json!({"_id": n, "userid": n % 10, "title": format!("Tide {n}"), "last": {"$date": {"$numberLong": n.to_string()}}}))
        .collect();
    for documents in documents.chunks(1000) {
        fresh.ok("insertMany", json!({"documents": documents}));
    }
    fresh.run(&format!("DROP VIEW {}", schema::index()));
    fresh.run(&format!("DROP VIEW {}", schema::numbers()));
    for trigger in ["inserted", "updated", "deleted"] {
        fresh.run(&format!("DROP TRIGGER texts_{trigger}"));
    }
    fresh.run("DELETE FROM progress");
    fresh.run("DROP TABLE parts");
    fresh.run("DROP TABLE numbers");
    fresh.run("ALTER TABLE documents DROP COLUMN texts");
    fresh.run(
        "UPDATE documents SET keys = (SELECT json_group_array(json(value)) FROM json_each(keys) WHERE value ->> 0 = 'userid')",
    );
    assert_eq!(fresh.count("entries"), documents.len() as i64);
    fresh
}

#[test]
fn a_large_store_of_an_earlier_version_gets_them_by_several_requests() {
    let fresh = earlier(7000);
    let titled = |text: &str| {
        let filter = json!({"filter": {"title": {"$regex": text}}});
        let answer = fresh.ok("find", filter)["documents"].clone();
        let found = answer.as_array().unwrap().iter();
        let mut ids: Vec<_> = found.map(|found| found["_id"].clone()).collect();
        ids.sort_by_key(Json::as_i64);
        ids
    };
    let of_user = |user: i32| {
        let body = json!({"filter": {"userid": user, "_id": {"$gte": 6990}}});
        let answer = fresh.ok("find", body)["documents"].clone();
        answer.as_array().unwrap().len()
    };
    // Whichever document it is, with its entries or without.
    assert_eq!(titled("ide 42$"), [42]);
    let some = fresh.count("numbers");
    assert!(some > 0 && some < 7000, "{some}");
    fresh.ok(
        "updateOne",
        json!({"filter": {"_id": 6999}, "update": {"$set": {"title": "Ebb", "userid": 77}}}),
    );
    fresh.ok("deleteOne", json!({"filter": {"_id": 6998}}));
    fresh.ok("deleteOne", json!({"filter": {"_id": 1}}));
    fresh.ok(
        "insertOne",
        json!({"document": {"_id": 8000, "title": "Ebb"}}),
    );
    assert!(fresh.count("numbers") < 6999);
    for _ in 0..3 {
        assert_eq!(titled("Ebb"), [6999, 8000]);
        assert_eq!(titled("ide 699[789]"), [6997]);
        assert_eq!((of_user(77), of_user(8), of_user(7)), (1, 0, 1));
    }
    assert_eq!(fresh.count("numbers"), 6999);
    assert_eq!(fresh.count("parts"), 6999);
    assert_eq!(fresh.count(&schema::numbers()), 6999);
}

#[test]
fn a_store_of_an_earlier_version_gets_the_entries_it_lacks() {
    let fresh = earlier(1200);
    let run = |statement: &str| fresh.run(statement);
    let recent = json!({"filter": {"last": {"$lt": {"$date": {"$numberLong": "7"}}}}});
    crowd(&fresh, 4, 2, |database, number| {
        let (status, answer) = act(database, "find", recent.clone());
        assert_eq!(status, 200, "{answer}");
        assert_eq!(answer["documents"].as_array().unwrap().len(), 7);
        let titled = json!({"filter": {"title": {"$regex": "ide 1199"}}});
        let (_, answer) = act(database, "find", titled);
        assert_eq!(answer["documents"].as_array().unwrap().len(), 1);
        let body =
            json!({"document": {"_id": 2000 + number, "last": {"$date": {"$numberLong": "8"}}}});
        assert_eq!(act(database, "insertOne", body).0, 201);
    });
    assert_eq!(fresh.count("entries"), 2408);
    // Whoever is stopped has got somewhere: what stands before is not looked at again.
    run(&format!("DROP VIEW {}", schema::numbers()));
    run("UPDATE documents SET texts = ''");
    let progress = run("SELECT id FROM progress");
    let [Value::Blob(last)] = &progress[0][..] else {
        panic!("{progress:?}");
    };
    let rows = run("SELECT id FROM documents ORDER BY id DESC LIMIT 9");
    assert!(rows.iter().any(|row| row[0] == Value::Blob(last.clone())));
    let titled = json!({"filter": {"title": {"$regex": "ide 1199"}}});
    assert_eq!(fresh.ok("find", titled)["documents"], json!([]));
    assert_eq!(fresh.ok("deleteMany", recent), json!({"deletedCount": 7}));
    fresh.ok("deleteMany", json!({"filter": {}}));
    assert_eq!(fresh.count("entries"), 0);
}
