//! Documents as values: one struct, stored as BSON and shown as JSON.

use super::*;
use crate::scripted::answer;
use crate::{Day, Error, Id, Moment, Page, PageRequest, Place, Stored, Time};
use bson::{Bson, DateTime, Document, doc, oid::ObjectId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Showing {
    #[serde(alias = "_id")]
    id: Id,
    date: Day,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<Time>,
    movies: Vec<Id>,
    createdon: Moment,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Grave {
    #[serde(alias = "_id")]
    id: Id,
    voided: Moment,
}

fn showing() -> Showing {
    Showing {
        id: Id::from_bytes([1; 12]),
        date: "2030-01-15".parse().unwrap(),
        time: None,
        movies: vec![Id::from_bytes([2; 12])],
        createdon: Moment::clamped(1_500),
    }
}

fn grave() -> Grave {
    Grave {
        id: showing().id,
        voided: Moment::clamped(7),
    }
}

fn stored() -> Document {
    doc! {
        "_id": ObjectId::from_bytes([1; 12]),
        "date": "2030-01-15",
        "movies": [ObjectId::from_bytes([2; 12])],
        "createdon": DateTime::from_millis(1_500),
    }
}

fn extended(document: Document) -> serde_json::Value {
    bson::Bson::Document(document).into_canonical_extjson()
}

fn found(documents: &[Document]) -> crate::scripted::Exchange {
    let documents = documents.iter().cloned().map(extended);
    let body = json!({"documents": documents.collect::<Vec<_>>()});
    answer(200, &body.to_string())
}

fn found_one(document: Document) -> crate::scripted::Exchange {
    let body = json!({"document": extended(document)});
    answer(200, &body.to_string())
}

#[test]
fn one_struct_is_stored_as_bson_and_shown_as_json() {
    assert_eq!(showing().to_document().unwrap(), stored());
    assert_eq!(Showing::from_document(stored()).unwrap(), showing());
    let shown = json!({
        "id": "010101010101010101010101",
        "date": "2030-01-15",
        "movies": ["020202020202020202020202"],
        "createdon": "1970-01-01T00:00:01.500Z",
    });
    assert_eq!(serde_json::to_value(showing()).unwrap(), shown);
    assert_eq!(serde_json::from_value::<Showing>(shown).unwrap(), showing());
}

#[test]
fn what_is_not_in_the_shape_is_refused_by_its_field() {
    for (field, value) in [
        ("date", Bson::from("2030-1-15")),
        ("date", Bson::from(20_300_115)),
        ("time", Bson::from("8pm")),
        ("movies[1]", Bson::Null),
        ("time", Bson::Null),
        ("date", ObjectId::from_bytes(*b"2030-01-15\0\0").into()),
        ("createdon", Bson::from("2030-01-15T00:00:00Z")),
        ("id", Bson::from("010101010101010101010101")),
    ] {
        let mut document = stored();
        match field {
            "id" => document.insert("_id", value),
            "movies[1]" => {
                let ids = [ObjectId::new().into(), Bson::from(ObjectId::new().to_hex())];
                document.insert("movies", ids.to_vec())
            }
            field => document.insert(field, value),
        };
        let transport = Scripted::new([found_one(document)]);
        let showings = transport.client().collection::<Showing>("showings");
        let error = block_on(showings.find_one(doc! {})).unwrap_err();
        let Error::Shape { reason, .. } = &error else {
            panic!("{error:?}");
        };
        let field = field.replace("id", "_id");
        assert!(
            reason.starts_with(&format!("{field}: ")),
            "{field}: {reason}"
        );
        let said = error.to_string();
        assert!(
            said.contains("of showings") && said.contains("cinema adopt"),
            "{said}"
        );
    }
}

#[test]
fn one_odd_document_is_left_out_of_a_list_that_goes_on_after_it() {
    let mut odd = stored();
    odd.insert("_id", ObjectId::from_bytes([2; 12]));
    odd.insert("date", 5);
    let mut last = stored();
    last.insert("_id", ObjectId::from_bytes([3; 12]));
    let transport = Scripted::new([
        found(&[stored(), odd.clone(), last.clone()]),
        found(&[stored(), odd.clone()]),
        found(&[odd]),
    ]);
    let showings = transport.client().collection::<Showing>("showings");
    let page = |limit, after| PageRequest {
        limit,
        after,
        newest_first: false,
    };
    let first = block_on(showings.page(doc! {"date": 1}, page(2, None))).unwrap();
    let next = Some(Id::from_bytes([2; 12]));
    assert_eq!(
        first,
        Page {
            items: vec![showing()],
            next
        }
    );
    let rest = block_on(showings.page(doc! {}, page(2, next))).unwrap();
    assert_eq!((rest.items.len(), rest.next), (1, None));
    assert!(
        block_on(showings.find(crate::Find::default()))
            .unwrap()
            .is_empty()
    );

    let sent = transport.sent.borrow();
    let least = json!({"$oid": "0".repeat(24)});
    assert_eq!(
        sent[0].body["filter"],
        json!({"date": 1, "_id": {"$gt": least}})
    );
    assert_eq!(sent[0].body["limit"], 3);
    assert_eq!(
        sent[1].body["filter"],
        json!({"_id": {"$gt": {"$oid": "02".repeat(12)}}})
    );
}

#[test]
fn a_full_page_asks_whether_another_follows() {
    let full: Vec<_> = (0..100)
        .map(|n| {
            let mut document = stored();
            document.insert("_id", ObjectId::from_bytes([n; 12]));
            document
        })
        .collect();
    for (follows, next) in [
        (vec![stored()], Some(Id::from_bytes([99; 12]))),
        (vec![], None),
    ] {
        let transport = Scripted::new([found(&full), found(&follows)]);
        let showings = transport.client().collection::<Showing>("showings");
        let most = PageRequest {
            limit: PageRequest::MOST,
            ..PageRequest::default()
        };
        let page = block_on(showings.page(doc! {}, most)).unwrap();
        assert_eq!((page.items.len(), page.next), (100, next));
        assert_eq!(transport.sent.borrow()[1].body["limit"], 1);
    }
}

const INSERTED: &str = r#"{"insertedId": "any"}"#;
const TAKEN: &str = r#"{"error": "E11000", "error_code": "DuplicateKey"}"#;
const MATCHED: &str = r#"{"matchedCount": 1, "modifiedCount": 0}"#;
const NONE: &str = r#"{"matchedCount": 0, "modifiedCount": 0}"#;

#[test]
fn the_first_under_an_id_stays_and_is_given() {
    let mut other = showing();
    other.movies.clear();
    let nothing = || answer(200, r#"{"document": null}"#);
    let there = || answer(400, TAKEN);
    let others = || found_one(other.to_document().unwrap());
    for (script, expected) in [
        (vec![answer(201, INSERTED)], Ok(None)),
        (vec![there(), others()], Ok(Some(other.clone()))),
        // Another's that is the same.
        (vec![there(), found_one(stored())], Ok(Some(showing()))),
        // Our own, whose answer was lost.
        (
            vec![answer(503, ""), there(), found_one(stored())],
            Ok(None),
        ),
        // The answer is no proof, but what stands there is.
        (vec![answer(200, INSERTED), found_one(stored())], Ok(None)),
        (
            vec![answer(200, INSERTED), others()],
            Ok(Some(other.clone())),
        ),
        // Removed in between.
        (vec![there(), nothing(), answer(201, INSERTED)], Ok(None)),
        (
            (0..4).flat_map(|_| [there(), nothing()]).collect(),
            Err(Error::Busy),
        ),
    ] {
        let transport = Scripted::new(script);
        let showings = transport.client().collection::<Showing>("showings");
        assert_eq!(block_on(showings.insert_if_absent(&showing())), expected);
        let sent = transport.sent.borrow();
        // An upsert would be no claim: DocumentDB grants it to several at once.
        assert_eq!(transport.actions()[0], "insertOne");
        assert_eq!(sent[0].body["document"]["date"], "2030-01-15");
    }
}

#[test]
fn a_tombstone_takes_a_documents_place_once() {
    let void = || found_one(grave().to_document().unwrap());
    for (script, expected) in [
        (vec![answer(200, MATCHED)], true),
        // By this very call, whose answer was lost; and by another.
        (vec![answer(200, NONE), void()], true),
        (
            vec![
                answer(200, NONE),
                found_one(
                    doc! {"_id": ObjectId::from_bytes([1; 12]), "voided": DateTime::from_millis(6)},
                ),
            ],
            false,
        ),
        (
            vec![answer(200, NONE), answer(200, r#"{"document": null}"#)],
            false,
        ),
    ] {
        let transport = Scripted::new(script);
        let places = transport
            .client()
            .collection::<Place<Showing, Grave>>("showings");
        assert_eq!(
            block_on(
                places.bury(&showing(), &grave(), doc! {}, |standing| *standing
                    == grave())
            ),
            Ok(expected)
        );
        let body = transport.sent.borrow()[0].body.clone();
        assert_eq!(body["filter"]["voided"], json!({"$exists": false}));
        let voided: Value = json!({"$date": "1970-01-01T00:00:00.007Z"});
        assert_eq!(body["update"]["$set"], json!({"voided": voided}));
        assert_eq!(
            body["update"]["$unset"],
            json!({"date": "", "movies": "", "createdon": ""})
        );
    }
    let transport = Scripted::new([void(), found_one(stored())]);
    let places = transport
        .client()
        .collection::<Place<Showing, Grave>>("showings");
    assert_eq!(
        block_on(places.find_one(doc! {})),
        Ok(Some(Place::Void(grave())))
    );
    let living = block_on(places.find_one(doc! {}))
        .unwrap()
        .unwrap()
        .living();
    assert_eq!(living, Some(showing()));
}
