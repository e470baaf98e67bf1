//! Values of all types, and how they are shown.

use serde_json::json;

use super::Api;

pub fn every_type_survives(api: &Api) {
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
    api.ok("insertOne", json!({"document": document}));
    let found = api.canonical("findOne", json!({"filter": {"decimal": {"$gt": 1}}}));
    assert_eq!(found["document"], document);
}

pub fn dates_are_shown_whole(api: &Api) {
    for (millis, relaxed) in [
        (0, json!("1970-01-01T00:00:00Z")),
        (1_700_000_000_123, json!("2023-11-14T22:13:20.123Z")),
        (253_402_300_799_999, json!("9999-12-31T23:59:59.999Z")),
        (
            253_402_300_800_000,
            json!({"$numberLong": "253402300800000"}),
        ),
        (i64::MAX, json!({"$numberLong": "9223372036854775807"})),
        (-1, json!({"$numberLong": "-1"})),
        (i64::MIN, json!({"$numberLong": "-9223372036854775808"})),
    ] {
        let millis = json!({"$date": {"$numberLong": millis.to_string()}});
        let relaxed = json!({"$date": relaxed});
        let document = |date: &serde_json::Value| json!({"_id": 1, "date": date, "list": [{"date": date}], "code": {"$code": "f()", "$scope": {"date": date}}});
        api.ok("deleteMany", json!({"filter": {}}));
        api.ok("insertOne", json!({"document": document(&millis)}));
        let filter = json!({"filter": {"date": relaxed}});
        assert_eq!(api.ok("findOne", filter)["document"], document(&relaxed));
        let answer = api.canonical("findOne", json!({"filter": {"list.date": millis}}));
        assert_eq!(answer["document"]["date"], millis);
    }
}
