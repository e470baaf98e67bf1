use super::*;
use crate::Error;
use crate::scripted::{answer, failure};
use bson::{Bson, doc, oid::ObjectId};
use door::TransportError;
use serde_json::{Value, json};

const DUPLICATE: &str = r#"{"error": "E11000", "error_code": "DuplicateKey"}"#;

fn lost() -> crate::scripted::Exchange {
    failure(TransportError::Other("the connection was closed".into()))
}

fn found(document: Value) -> crate::scripted::Exchange {
    answer(200, &json!({"document": document}).to_string())
}

fn id() -> ObjectId {
    ObjectId::parse_str("65a1b2c3d4e5f60718293a4b").unwrap()
}

#[test]
fn an_id_is_made_where_there_is_none_and_kept_through_retries() {
    for status in [200, 201] {
        let transport = Scripted::new([lost(), answer(status, r#"{"insertedId": "any"}"#)]);
        let given = block_on(films(&transport).insert_one(&Raw(doc! {"title": "Heat"}))).unwrap();
        let sent = transport.sent.borrow();
        let first = &sent[0].body["document"]["_id"];
        assert_eq!(*first, given.into_relaxed_extjson());
        assert_eq!(*first, sent[1].body["document"]["_id"]);
    }
}

#[test]
fn an_insert_answered_twice_is_one_insert() {
    let film = Raw(doc! {"_id": id(), "title": "Heat", "rating": 8.0, "n": 7i64});
    let stored = json!({"_id": {"$oid": id().to_hex()}, "n": 7, "rating": {"$numberInt": "8"}, "title": "Heat"});
    let transport = Scripted::new([lost(), answer(400, DUPLICATE), found(stored)]);
    block_on(films(&transport).insert_one(&film)).unwrap();
    assert_eq!(transport.actions(), ["insertOne", "insertOne", "findOne"]);
}

#[test]
fn somebody_elses_document_is_a_duplicate() {
    let film = Raw(doc! {"_id": id(), "title": "Heat"});
    // At the first try nobody asks whose it is.
    let transport = Scripted::new([answer(400, DUPLICATE)]);
    let error = block_on(films(&transport).insert_one(&film)).unwrap_err();
    assert_eq!(error, Error::DuplicateKey);

    for stored in [
        json!({"_id": {"$oid": id().to_hex()}, "title": "Ran"}),
        json!({"_id": {"$oid": id().to_hex()}, "title": "Heat", "more": 1}),
        Value::Null,
    ] {
        let transport = Scripted::new([answer(503, ""), answer(400, DUPLICATE), found(stored)]);
        let error = block_on(films(&transport).insert_one(&film)).unwrap_err();
        assert_eq!(error, Error::DuplicateKey);
    }
}

#[test]
fn a_natural_key_is_looked_at_where_the_answer_is_no_proof() {
    let name = Raw(doc! {"_id": "ann", "userid": 1});
    for (userid, given) in [
        (1, Ok(Bson::String("ann".into()))),
        (2, Err(Error::DuplicateKey)),
    ] {
        let there = found(json!({"_id": "ann", "userid": userid}));
        let transport = Scripted::new([answer(200, r#"{"insertedId": "ann"}"#), there]);
        assert_eq!(block_on(films(&transport).insert_one(&name)), given);
    }
}

#[test]
fn many_are_inserted_once_each_though_a_try_went_half_way() {
    let films_to_add: Vec<_> = (1..=3).map(|n| Raw(doc! {"_id": n, "n": n})).collect();
    let transport = Scripted::new([
        lost(),
        answer(400, DUPLICATE),
        answer(
            200,
            r#"{"documents": [{"_id": 1, "n": 1}, {"_id": 2, "n": 2}]}"#,
        ),
        answer(201, r#"{"insertedIds": [3]}"#),
    ]);
    let ids = block_on(films(&transport).insert_many(&films_to_add)).unwrap();
    assert_eq!(ids, [Bson::Int32(1), Bson::Int32(2), Bson::Int32(3)]);
    let sent = transport.sent.borrow();
    assert_eq!(sent[3].body["documents"], json!([{"_id": 3, "n": 3}]));
}

#[test]
fn many_are_refused_where_one_is_another_document() {
    let films_to_add = [Raw(doc! {"_id": 1, "n": 1}), Raw(doc! {"_id": 2, "n": 2})];
    for there in [r#"[{"_id": 1, "n": 9}]"#, "[]"] {
        let transport = Scripted::new([
            lost(),
            answer(400, DUPLICATE),
            answer(200, &format!(r#"{{"documents": {there}}}"#)),
        ]);
        let error = block_on(films(&transport).insert_many(&films_to_add)).unwrap_err();
        assert_eq!(error, Error::DuplicateKey);
    }
}

#[test]
fn none_are_inserted_without_a_request() {
    let transport = Scripted::new([]);
    assert!(
        block_on(films(&transport).insert_many(&[]))
            .unwrap()
            .is_empty()
    );
}
