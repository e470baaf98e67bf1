#![allow(clippy::unwrap_used)]

use bson::{DateTime, bson, doc, oid::ObjectId};

use super::*;
use crate::{Code, order::identical};

fn evaluate(expression: &Bson, document: &Document) -> Result<Option<Bson>> {
    let expression = Expression::parse(expression)?;
    Ok(expression.evaluate(document)?.map(Cow::into_owned))
}

fn sample() -> Document {
    doc! {
        "i": 7, "l": 7_i64, "d": 2.5, "s": "Tide", "n": null, "t": true,
        "list": [3, 1, 2], "none": [],
        "o": {"x": 1}, "os": [{"x": 1}, {"y": 2}, {"x": 3}],
        "date": DateTime::parse_rfc3339_str("2024-02-29T23:05:06.007Z").unwrap(),
    }
}

#[track_caller]
fn gives(expression: Bson, wanted: impl Into<Bson>) {
    let value = evaluate(&expression, &sample()).unwrap();
    let wanted = wanted.into();
    assert!(
        value
            .as_ref()
            .is_some_and(|value| identical(value, &wanted)),
        "{expression} gives {value:?}, not {wanted:?}"
    );
}

#[track_caller]
fn gives_nothing(expression: Bson) {
    assert_eq!(
        evaluate(&expression, &sample()).unwrap(),
        None,
        "{expression}"
    );
}

#[track_caller]
fn fails(expression: Bson, name: &str) {
    let error = evaluate(&expression, &sample()).unwrap_err();
    assert!(error.message.contains(name), "{expression}: {error}");
}

#[test]
fn fields_and_literals() {
    gives(bson!("$i"), 7);
    gives(bson!("$o.x"), 1);
    gives(bson!("$os.x"), bson!([1, 3]));
    gives(bson!("$list.0"), bson!([]));
    gives_nothing(bson!("$missing"));
    gives_nothing(bson!("$s.x"));
    gives(bson!("i"), "i");
    gives(bson!({"$literal": "$i"}), "$i");
    gives(bson!({"$literal": {"$add": 1}}), bson!({"$add": 1}));
    gives(bson!({"a": "$i", "b": "$missing"}), bson!({"a": 7}));
    gives(bson!(["$i", "$missing"]), bson!([7, null]));
    gives(bson!("$$ROOT.i"), 7);
    gives(bson!("$$CURRENT.o"), bson!({"x": 1}));
    gives(bson!("$$ROOT"), sample());
    gives_nothing(bson!("$$REMOVE"));
}

#[test]
fn arithmetic() {
    gives(bson!({"$add": ["$i", 1]}), 8);
    gives(bson!({"$add": ["$i", "$l"]}), 14_i64);
    gives(bson!({"$add": ["$i", "$d"]}), 9.5);
    gives(bson!({"$add": ["$i", "$missing"]}), Bson::Null);
    gives(bson!({"$add": []}), 0);
    gives(bson!({"$subtract": ["$i", 10]}), -3);
    gives(bson!({"$multiply": ["$i", "$d"]}), 17.5);
    gives(bson!({"$divide": ["$i", 2]}), 3.5);
    gives(bson!({"$divide": ["$i", 7]}), 1.0);
    gives(bson!({"$mod": ["$i", 4]}), 3);
    gives(bson!({"$mod": [-7, 4]}), -3);
    gives(bson!({"$abs": -2.5}), 2.5);
    gives(bson!({"$ceil": "$d"}), 3.0);
    gives(bson!({"$floor": [-2.5]}), -3.0);
    gives(bson!({"$round": ["$d"]}), 2.0);
    gives(bson!({"$round": [2.345, 1]}), 2.3);
    gives(bson!({"$trunc": [-2.7]}), -2.0);
    gives(
        bson!({"$subtract": ["$date", DateTime::from_millis(0)]}),
        1_709_247_906_007_i64,
    );
    gives(
        bson!({"$add": [DateTime::from_millis(0), 1.6]}),
        DateTime::from_millis(2),
    );
    fails(bson!({"$add": ["$s", 1]}), "$add");
    fails(bson!({"$divide": [1, 0]}), "$divide");
    fails(bson!({"$mod": [1, 0]}), "$mod");
    fails(bson!({"$add": ["$date", "$date"]}), "$add");
    fails(bson!({"$subtract": [1]}), "$subtract");
    fails(bson!({"$round": [1, 200]}), "$round");
}

#[test]
fn comparisons_are_of_every_type() {
    gives(bson!({"$eq": ["$i", "$l"]}), true);
    gives(bson!({"$gt": ["$s", "$i"]}), true);
    gives(bson!({"$gt": ["$i", null]}), true);
    gives(bson!({"$eq": ["$missing", null]}), false);
    gives(bson!({"$lt": ["$missing", null]}), true);
    gives(bson!({"$ne": ["$i", 7.0]}), false);
    gives(bson!({"$lte": [1, 1]}), true);
    gives(bson!({"$gte": [1, 2]}), false);
    gives(bson!({"$cmp": ["$i", 8]}), -1);
    gives(bson!({"$cmp": ["$list", [3, 1]]}), 1);
}

#[test]
fn conditions() {
    gives(bson!({"$and": ["$t", "$i"]}), true);
    gives(bson!({"$and": []}), true);
    gives(bson!({"$and": [true, "$n"]}), false);
    gives(bson!({"$or": []}), false);
    gives(bson!({"$or": [0, "$none"]}), true);
    gives(bson!({"$not": ["$missing"]}), true);
    // What is decided is not asked further.
    gives(bson!({"$and": [false, {"$divide": [1, 0]}]}), false);
    gives(bson!({"$or": [true, {"$divide": [1, 0]}]}), true);
    gives(
        bson!({"$cond": [{"$gt": ["$i", 5]}, "many", "few"]}),
        "many",
    );
    gives(
        bson!({"$cond": {"if": "$n", "then": 1, "else": "$s"}}),
        "Tide",
    );
    gives(bson!({"$ifNull": ["$missing", "$n", "$i"]}), 7);
    gives(bson!({"$ifNull": ["$i", 0]}), 7);
    gives_nothing(bson!({"$ifNull": ["$n", "$missing"]}));
    let branches = bson!([{"case": {"$lt": ["$i", 5]}, "then": "low"}, {"case": {"$lt": ["$i", 9]}, "then": "high"}]);
    gives(bson!({"$switch": {"branches": branches}}), "high");
    let never = bson!([{"case": false, "then": 1}]);
    gives(
        bson!({"$switch": {"branches": never.clone(), "default": 2}}),
        2,
    );
    fails(bson!({"$switch": {"branches": never}}), "$switch");
    fails(bson!({"$cond": [1, 2]}), "$cond");
    fails(bson!({"$cond": {"if": 1, "then": 2}}), "else");
    fails(bson!({"$ifNull": [1]}), "$ifNull");
}

#[test]
fn strings() {
    gives(bson!({"$concat": ["$s", "s"]}), "Tides");
    gives(bson!({"$concat": ["$s", "$missing"]}), Bson::Null);
    gives(bson!({"$toLower": "$s"}), "tide");
    gives(bson!({"$toUpper": ["$s"]}), "TIDE");
    gives(bson!({"$toUpper": "$missing"}), "");
    gives(bson!({"$toString": "$i"}), "7");
    gives(bson!({"$toString": "$d"}), "2.5");
    gives(bson!({"$toString": "$t"}), "true");
    gives(bson!({"$toString": "$missing"}), Bson::Null);
    gives(bson!({"$toString": "$date"}), "2024-02-29T23:05:06.007Z");
    let id = ObjectId::from_bytes([1; 12]);
    gives(bson!({"$toString": id}), "010101010101010101010101");
    gives(bson!({"$strLenCP": "été"}), 3);
    gives(bson!({"$type": "$missing"}), "missing");
    gives(bson!({"$type": "$l"}), "long");
    fails(bson!({"$concat": ["$s", 1]}), "$concat");
    fails(bson!({"$toString": "$list"}), "$toString");
    fails(bson!({"$strLenCP": "$missing"}), "$strLenCP");
}

#[test]
fn arrays() {
    gives(bson!({"$size": "$list"}), 3);
    gives(bson!({"$arrayElemAt": ["$list", 0]}), 3);
    gives(bson!({"$arrayElemAt": ["$list", -1]}), 2);
    gives_nothing(bson!({"$arrayElemAt": ["$list", 3]}));
    gives_nothing(bson!({"$arrayElemAt": ["$list", -4]}));
    gives(bson!({"$arrayElemAt": ["$missing", 0]}), Bson::Null);
    gives(bson!({"$in": [2.0, "$list"]}), true);
    gives(bson!({"$in": ["$missing", "$list"]}), false);
    gives(bson!({"$first": "$list"}), 3);
    gives(bson!({"$last": "$list"}), 2);
    gives_nothing(bson!({"$first": "$none"}));
    gives(bson!({"$first": "$n"}), Bson::Null);
    gives(bson!({"$isArray": "$list"}), true);
    gives(bson!({"$isArray": ["$s"]}), false);
    gives(
        bson!({"$concatArrays": ["$list", [4]]}),
        bson!([3, 1, 2, 4]),
    );
    gives(bson!({"$sum": "$list"}), 6);
    gives(bson!({"$sum": ["$i", "$list", "$s"]}), 7);
    gives(bson!({"$avg": "$list"}), 2.0);
    gives(bson!({"$avg": "$none"}), Bson::Null);
    gives(bson!({"$min": "$list"}), 1);
    gives(bson!({"$max": ["$n", "$i", "$missing"]}), 7);
    fails(bson!({"$size": "$missing"}), "$size");
    fails(bson!({"$in": [1, "$i"]}), "$in");
    fails(bson!({"$first": "$i"}), "$first");
    fails(bson!({"$arrayElemAt": ["$list", 0.5]}), "$arrayElemAt");
}

#[test]
fn dates() {
    for (operator, part) in [
        ("$year", 2024),
        ("$month", 2),
        ("$dayOfMonth", 29),
        ("$dayOfWeek", 5),
        ("$dayOfYear", 60),
        ("$hour", 23),
        ("$minute", 5),
        ("$second", 6),
        ("$millisecond", 7),
    ] {
        gives(bson!({operator: "$date"}), part);
        gives(bson!({operator: ["$date"]}), part);
        gives(
            bson!({operator: {"date": "$date", "timezone": "UTC"}}),
            part,
        );
        gives(bson!({operator: "$missing"}), Bson::Null);
        fails(bson!({operator: "$s"}), "date");
        fails(
            bson!({operator: {"date": "$date", "timezone": "Europe/Paris"}}),
            operator,
        );
    }
    gives(bson!({"$year": ObjectId::from_bytes([0; 12])}), 1970);
    gives(
        bson!({"$dateToString": {"date": "$date", "format": "%d.%m.%Y"}}),
        "29.02.2024",
    );
    gives(
        bson!({"$dateToString": {"date": "$date"}}),
        "2024-02-29T23:05:06.007Z",
    );
    fails(
        bson!({"$dateToString": {"date": "$date", "format": "%Q"}}),
        "%Q",
    );
    fails(bson!({"$dateToString": {"format": "%Y"}}), "date");
}

#[test]
fn what_is_unknown_is_refused_by_name() {
    for (expression, code, name) in [
        (
            bson!({"$nonsense": 1}),
            Code::InvalidPipelineOperator,
            "$nonsense",
        ),
        (
            bson!({"a": [{"$map": {}}]}),
            Code::InvalidPipelineOperator,
            "$map",
        ),
        (bson!("$$NOW"), Code::FailedToParse, "$$NOW"),
        (bson!("$"), Code::FailedToParse, "'$'"),
        (bson!("$a..b"), Code::FailedToParse, "$a..b"),
        (bson!({"$add": 1, "x": 2}), Code::FailedToParse, "$add"),
        (bson!({"x": 1, "$add": 2}), Code::FailedToParse, "$add"),
        (bson!({"a.b": 1}), Code::FailedToParse, "a.b"),
    ] {
        let error = Expression::parse(&expression).unwrap_err();
        assert_eq!(error.code, code, "{expression}");
        assert!(error.message.contains(name), "{expression}: {error}");
    }
}
