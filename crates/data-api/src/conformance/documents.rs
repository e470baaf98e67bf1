//! Documents come, change and go.

use serde_json::json;

use super::Api;

pub fn they_come_and_go(api: &Api) {
    assert_eq!(
        api.ok("findOne", json!({"filter": {}})),
        json!({"document": null})
    );
    let (status, inserted) = api.act("insertOne", json!({"document": {"a": 1}}));
    assert!(matches!(status, 200 | 201), "{inserted}");
    let id = inserted["insertedId"].clone();
    assert_eq!(
        api.ok("findOne", json!({"filter": {"_id": id}})),
        json!({"document": {"_id": id, "a": 1}})
    );
    for (update, modified) in [
        (json!({"$inc": {"a": 1}}), 1),
        (json!({"$set": {"a": 2}}), 0),
    ] {
        assert_eq!(
            api.ok(
                "updateOne",
                json!({"filter": {"_id": id}, "update": update})
            ),
            json!({"matchedCount": 1, "modifiedCount": modified})
        );
    }
    for deleted in [1, 0] {
        assert_eq!(
            api.ok("deleteOne", json!({"filter": {"a": 2}})),
            json!({"deletedCount": deleted})
        );
    }
}

pub fn ids_are_made_and_kept(api: &Api) {
    let answer = api.ok(
        "insertMany",
        json!({"documents": [{"n": 1}, {"n": 2, "_id": "x"}], "ordered": true}),
    );
    let ids = answer["insertedIds"].as_array().unwrap();
    assert!(ids[0]["$oid"].is_string(), "{answer}");
    assert_eq!(ids[1], "x");
    api.duplicate("insertOne", json!({"document": {"_id": "x"}}));
    // The id stands in front, wherever it was.
    let found = api.ok("findOne", json!({"filter": {"n": 2}}))["document"].to_string();
    assert_eq!(found, r#"{"_id":"x","n":2}"#);
}

pub fn an_insert_of_many_is_all_or_nothing(api: &Api) {
    api.ok("insertOne", json!({"document": {"_id": 2}}));
    for documents in [
        json!([{"_id": 1}, {"_id": 2.0}, {"_id": 3}]),
        json!([{"_id": 4}, {"_id": 4}]),
    ] {
        api.duplicate("insertMany", json!({"documents": documents}));
    }
    assert_eq!(api.ids(json!({})), [2]);
}

pub fn many_are_updated_and_deleted_at_once(api: &Api) {
    let documents: Vec<_> = (0..1200)
        .map(|n| json!({"_id": n, "even": n % 2 == 0}))
        .collect();
    api.ok("insertMany", json!({"documents": documents}));
    let update = json!({"filter": {"even": true}, "update": {"$set": {"username": "even"}}});
    assert_eq!(
        api.ok("updateMany", update),
        json!({"matchedCount": 600, "modifiedCount": 600})
    );
    let even = json!({"filter": {"username": "even"}});
    assert_eq!(api.ids(even.clone()).len(), 600);
    // One that can't be updated leaves the others as they are.
    api.ok(
        "updateOne",
        json!({"filter": {"_id": 700}, "update": {"$set": {"n": "text"}}}),
    );
    let (status, answer) = api.act(
        "updateMany",
        json!({"filter": {}, "update": {"$inc": {"n": 1}}}),
    );
    assert_eq!(
        (status, answer["error_code"].as_str().unwrap()),
        (400, "TypeMismatch")
    );
    assert!(api.ids(json!({"filter": {"n": 1}})).is_empty());
    assert_eq!(
        api.ok("deleteMany", even.clone()),
        json!({"deletedCount": 600})
    );
    assert!(api.ids(even).is_empty());
}

pub fn an_upsert_inserts_once(api: &Api) {
    let body = json!({"filter": {"_id": 7}, "update": {"$inc": {"n": 1}, "$setOnInsert": {"new": true}}, "upsert": true});
    assert_eq!(
        api.ok("updateOne", body.clone()),
        json!({"matchedCount": 0, "modifiedCount": 0, "upsertedId": 7})
    );
    assert_eq!(
        api.ok("updateOne", body),
        json!({"matchedCount": 1, "modifiedCount": 1})
    );
    assert_eq!(
        api.ok("findOne", json!({}))["document"],
        json!({"_id": 7, "n": 2, "new": true})
    );
    // Nothing matches, and the id is taken: it is a duplicate, not another try without end.
    api.duplicate(
        "updateMany",
        json!({"filter": {"_id": 7, "n": 9}, "update": {"$set": {"n": 1}}, "upsert": true}),
    );
}

pub fn names_and_values_are_never_code(api: &Api) {
    let evil = "x'; DROP TABLE documents; --";
    let everywhere = json!({"filter": {}, "collection": evil});
    api.ok("deleteMany", everywhere);
    api.ok(
        "insertOne",
        json!({"document": {"_id": evil, "username": evil}, "collection": evil}),
    );
    let found = api.ok(
        "find",
        json!({"filter": {"username": evil}, "collection": evil}),
    );
    assert_eq!(found["documents"][0]["_id"], evil);
}
