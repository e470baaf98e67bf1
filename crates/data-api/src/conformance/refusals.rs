//! What is refused, with a word that tells why.

use serde_json::json;

use super::Api;

pub fn what_makes_no_sense(api: &Api) {
    let (status, answer) = api.act("explode", json!({}));
    assert_eq!(status, 404, "{answer}");
    for (action, body, word) in [
        ("find", json!({"filter": {"$where": "1"}}), "$where"),
        ("find", json!({"filter": []}), "filter"),
        ("find", json!({"filter": {}, "limit": -1}), "limit"),
        ("find", json!({"filter": {}, "skip": 0.5}), "skip"),
        ("find", json!({"filter": {}, "sort": {"a": 2}}), "a"),
        (
            "find",
            json!({"filter": {}, "collection": ""}),
            "collection",
        ),
        (
            "find",
            json!({"filter": {}, "collection": null}),
            "collection",
        ),
        ("find", json!({"filter": {}, "database": "a.b"}), "database"),
        ("find", json!({"filter": {}, "dataSource": 1}), "dataSource"),
        ("insertOne", json!({}), "document"),
        ("insertOne", json!({"document": {"_id": [1]}}), "_id"),
        (
            "insertOne",
            json!({"document": {"a": [{"b\u{0}c": 1}]}}),
            "null",
        ),
        (
            "updateOne",
            json!({"filter": {}, "update": {"$set": {"b\u{0}c": 1}}}),
            "null",
        ),
        (
            "insertOne",
            json!({"document": {"_id": {"a": [{"$b": 1}]}}}),
            "_id",
        ),
        ("insertMany", json!({"documents": []}), "documents"),
        ("insertMany", json!({"documents": [1]}), "documents"),
        (
            "insertMany",
            json!({"documents": [{}], "ordered": false}),
            "ordered",
        ),
        ("updateOne", json!({"filter": {}}), "update"),
        ("updateOne", json!({"update": {"$set": {"a": 1}}}), "filter"),
        (
            "updateOne",
            json!({"filter": {}, "update": {}}),
            "operators",
        ),
        (
            "updateOne",
            json!({"filter": {}, "update": {"a": 1}}),
            "operators",
        ),
        (
            "updateMany",
            json!({"filter": {}, "update": {"a": 1}}),
            "operators",
        ),
        (
            "updateOne",
            json!({"filter": {}, "update": {"$set": {"a": 1}, "b": 1}}),
            "operators",
        ),
        (
            "updateOne",
            json!({"filter": {}, "update": [{"$set": {"a": 1}}]}),
            "update",
        ),
        (
            "updateOne",
            json!({"filter": {}, "update": {"$explode": {"a": 1}}}),
            "$explode",
        ),
        (
            "updateOne",
            json!({"filter": {}, "update": {"$set": {"a": 1}}, "upsert": 1}),
            "upsert",
        ),
        ("deleteMany", json!({}), "filter"),
        ("aggregate", json!({}), "pipeline"),
        (
            "aggregate",
            json!({"pipeline": [{"$explode": 1}]}),
            "$explode",
        ),
    ] {
        let error = api.refused(action, body.clone());
        assert!(error.contains(word), "{action} {body}: {error}");
    }
}

pub fn parameters_of_other_actions(api: &Api) {
    api.ok("insertMany", json!({"documents": [{"_id": 1}, {"_id": 2}]}));
    let set = json!({"$set": {"a": 1}});
    for (action, body) in [
        ("findOne", json!({})),
        ("find", json!({})),
        ("insertOne", json!({"document": {"_id": 3}})),
        ("insertMany", json!({"documents": [{"_id": 3}]})),
        ("updateOne", json!({"filter": {}, "update": set})),
        ("updateMany", json!({"filter": {}, "update": set})),
        ("deleteOne", json!({"filter": {}})),
        ("deleteMany", json!({"filter": {}})),
        ("aggregate", json!({"pipeline": [{"$match": {}}]})),
    ] {
        for parameter in [
            "hint",
            "collation",
            "arrayFilters",
            "Filter",
            "maxTimeMS",
            "let",
            "sort",
            "limit",
            "skip",
            "projection",
        ] {
            if api.has(action, parameter) {
                continue;
            }
            let mut body = body.clone();
            body[parameter] = json!({"_id": -1});
            let error = api.refused(action, body);
            assert!(error.contains(parameter), "{action}: {error}");
            assert!(error.contains(action), "{action}: {error}");
        }
    }
    // Nothing was done.
    assert_eq!(
        api.ok("find", json!({"sort": {"_id": 1}}))["documents"],
        json!([{"_id": 1}, {"_id": 2}])
    );
}

pub fn values_that_are_none(api: &Api) {
    let decimals = [
        "", ".", "-", "+", "-+1", "+-1", "--1", "E", "E+1", ".E1", "1E", "1E+", "1E+-1", "1.2.3",
        "1 ", " 1", "1e1e1", "1_0", "０", "Infinit", "i", "in", "-.", ".+1", "1E1.0", "nan1",
        "sNaN", "0x1",
    ];
    let values = decimals
        .map(|text| json!({"$numberDecimal": text}))
        .into_iter()
        .chain([
            json!({"$date": 42}),
            json!({"$date": 4.2}),
            json!({"$date": null}),
            json!({"$date": "yesterday"}),
            json!({"$date": {"$numberLong": "x"}}),
            json!({"$date": {"$numberLong": 5}}),
            json!({"$date": {"$numberInt": "5"}}),
            json!({"$oid": "short"}),
            json!({"$oid": 1}),
            json!({"$numberInt": "2147483648"}),
            json!({"$numberInt": 1}),
            json!({"$numberLong": "1.0"}),
            json!({"$numberDouble": "one"}),
            json!({"$numberDecimal": 1}),
            json!({"$binary": {"base64": "AQ", "subType": "100"}}),
            json!({"$timestamp": {"t": -1, "i": 0}}),
            json!({"$regularExpression": {"pattern": 1, "options": ""}}),
            json!({"$minKey": 2}),
            json!({"$undefined": false}),
            json!({"$symbol": 1}),
            json!({"$oid": "000000000000000000000001", "more": 1}),
            json!({"more": 1, "$oid": "000000000000000000000001"}),
        ]);
    for value in values {
        for (action, body) in [
            ("insertOne", json!({"document": {"a": [{"b": value}]}})),
            (
                "insertOne",
                json!({"document": {"a": {"$code": "f()", "$scope": {"b": value}}}}),
            ),
            ("find", json!({"filter": {"$or": [{"a": {"$lt": value}}]}})),
        ] {
            api.refused(action, body);
        }
    }
}

pub fn decimals_that_are_some(api: &Api) {
    for text in [
        "0",
        "-0",
        "+1",
        "1.",
        ".5",
        "1e5",
        "-1.5E-3",
        "NaN",
        "-Infinity",
        "inf",
        "1E+6111",
        "0E-6177",
    ] {
        api.ok(
            "insertOne",
            json!({"document": {"a": {"$numberDecimal": text}}}),
        );
    }
}
