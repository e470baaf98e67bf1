use super::*;
use crate::scripted::answer;
use bson::{doc, oid::ObjectId};
use serde_json::{Value, json};

fn page(ids: &[Value]) -> crate::scripted::Exchange {
    let documents: Vec<_> = ids.iter().map(|id| json!({"_id": id})).collect();
    answer(200, &json!({"documents": documents}).to_string())
}

fn object_id(n: u32) -> Value {
    json!({"$oid": format!("{n:024x}")})
}

#[test]
fn all_are_found_page_by_page_along_the_id() {
    let ids: Vec<_> = (0..230).map(object_id).collect();
    let transport = Scripted::new([page(&ids[..100]), page(&ids[100..200]), page(&ids[200..])]);
    let all = block_on(films(&transport).find_all(doc! {"director": "Mann"})).unwrap();
    let seen: Vec<_> = all
        .iter()
        .map(|film| film.get_object_id("_id").unwrap().to_hex())
        .collect();
    let expected: Vec<_> = (0..230).map(|n| format!("{n:024x}")).collect();
    assert_eq!(seen, expected);

    let sent = transport.sent.borrow();
    assert_eq!(sent[0].body["filter"], json!({"director": "Mann"}));
    assert_eq!(
        sent[1].body["filter"],
        json!({"director": "Mann", "_id": {"$gt": object_id(99)}})
    );
    assert_eq!(
        sent[2].body["filter"],
        json!({"director": "Mann", "_id": {"$gt": object_id(199)}})
    );
    for sent in sent.iter() {
        assert_eq!(sent.body["sort"], json!({"_id": 1}));
        assert_eq!(sent.body["limit"], 100);
    }
}

#[test]
fn a_demand_on_the_id_holds_on_every_page() {
    let ids: Vec<_> = (0..100).map(object_id).collect();
    let transport = Scripted::new([page(&ids), page(&[])]);
    let from = ObjectId::from_bytes([0; 12]);
    let all = block_on(films(&transport).find_all(doc! {"_id": {"$gte": from}})).unwrap();
    assert_eq!(all.len(), 100);
    assert_eq!(
        transport.sent.borrow()[1].body["filter"],
        json!({"$and": [{"_id": {"$gte": {"$oid": "000000000000000000000000"}}}, {"_id": {"$gt": object_id(99)}}]})
    );
}

#[test]
fn half_a_list_is_no_list() {
    let ids: Vec<_> = (0..100).map(object_id).collect();
    let transport = Scripted::new([page(&ids), answer(200, r#"{"nothing": true}"#)]);
    block_on(films(&transport).find_all(doc! {})).unwrap_err();
}
