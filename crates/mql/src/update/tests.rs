#![allow(clippy::unwrap_used)]

use bson::{DateTime, Document, Regex, cstr, doc};

use super::*;

fn updated(update: Document, document: Document) -> Result<Document> {
    let mut document = document;
    Update::parse(&update)?.apply(&mut document, DateTime::from_millis(5000))?;
    Ok(document)
}

#[track_caller]
fn gives(update: Document, before: Document, after: Document) {
    assert_eq!(updated(update, before).unwrap(), after);
}

#[track_caller]
fn fails(update: Document, document: Document, code: Code) {
    assert_eq!(updated(update, document).unwrap_err().code, code);
}

#[test]
fn fields() {
    gives(
        doc! {"$set": {"a.b": 1, "c": 2}},
        doc! {"_id": 1},
        doc! {"_id": 1, "a": {"b": 1}, "c": 2},
    );
    gives(
        doc! {"$set": {"a.2": 1}},
        doc! {"a": [0]},
        doc! {"a": [0, null, 1]},
    );
    gives(
        doc! {"$set": {"a.1.b": 1}},
        doc! {"a": [0]},
        doc! {"a": [0, {"b": 1}]},
    );
    gives(
        doc! {"$unset": {"a.b": "", "x": ""}},
        doc! {"a": {"b": 1, "c": 2}},
        doc! {"a": {"c": 2}},
    );
    gives(
        doc! {"$unset": {"a.0": ""}},
        doc! {"a": [1, 2]},
        doc! {"a": [null, 2]},
    );
    gives(
        doc! {"$rename": {"a": "b.c"}},
        doc! {"a": 1},
        doc! {"b": {"c": 1}},
    );
    gives(doc! {"$rename": {"x": "y"}}, doc! {"a": 1}, doc! {"a": 1});
    gives(
        doc! {"$currentDate": {"a": true}},
        doc! {},
        doc! {"a": DateTime::from_millis(5000)},
    );
    gives(
        doc! {"$currentDate": {"a": {"$type": "timestamp"}}},
        doc! {},
        doc! {"a": Timestamp { time: 5, increment: 1 }},
    );
    gives(doc! {"$setOnInsert": {"a": 1}}, doc! {}, doc! {});
    fails(
        doc! {"$rename": {"a.0": "b"}},
        doc! {"a": [1]},
        Code::BadValue,
    );
    fails(
        doc! {"$rename": {"b": "a.0"}},
        doc! {"a": [1], "b": 2},
        Code::BadValue,
    );
    fails(
        doc! {"$set": {"a.b": 1}},
        doc! {"a": 1},
        Code::PathNotViable,
    );
    fails(
        doc! {"$set": {"a.x": 1}},
        doc! {"a": []},
        Code::PathNotViable,
    );
    fails(
        doc! {"$set": {"a.4000000": 1}},
        doc! {"a": []},
        Code::BadValue,
    );
}

#[test]
fn numbers() {
    gives(
        doc! {"$inc": {"a": 2, "b": 1}},
        doc! {"a": 1},
        doc! {"a": 3, "b": 1},
    );
    gives(
        doc! {"$inc": {"a": 1}},
        doc! {"a": i32::MAX},
        doc! {"a": i64::from(i32::MAX) + 1},
    );
    gives(
        doc! {"$mul": {"a": 2.5, "b": 3}},
        doc! {"a": 2},
        doc! {"a": 5.0, "b": 0},
    );
    gives(
        doc! {"$min": {"a": 1, "b": 1}},
        doc! {"a": 2},
        doc! {"a": 1, "b": 1},
    );
    gives(doc! {"$max": {"a": 1}}, doc! {"a": 2}, doc! {"a": 2});
    gives(doc! {"$max": {"a": "x"}}, doc! {"a": 2}, doc! {"a": "x"});
    fails(doc! {"$inc": {"a": 1}}, doc! {"a": "x"}, Code::TypeMismatch);
    fails(doc! {"$inc": {"a": "x"}}, doc! {}, Code::TypeMismatch);
    fails(
        doc! {"$inc": {"a": 1}},
        doc! {"a": i64::MAX},
        Code::BadValue,
    );
    fails(
        doc! {"$mul": {"a": 2}},
        doc! {"a": i64::MAX},
        Code::BadValue,
    );
}

#[test]
fn new_fields_come_in_the_order_of_their_names() {
    let mut document = doc! {"z": 0};
    Update::parse(
        &doc! {"$set": {"c": 1, "b.10": 1, "b.9": 1}, "$inc": {"a": 1}, "$rename": {"z": "bb"}},
    )
    .unwrap()
    .apply(&mut document, DateTime::now())
    .unwrap();
    let names: Vec<_> = document.keys().map(String::as_str).collect();
    assert_eq!(names, ["a", "b", "bb", "c"]);
    let inner: Vec<_> = document.get_document("b").unwrap().keys().collect();
    assert_eq!(inner, ["9", "10"]);
}

#[test]
fn arrays() {
    gives(
        doc! {"$push": {"a": 1, "b": 2}},
        doc! {"a": [0]},
        doc! {"a": [0, 1], "b": [2]},
    );
    gives(
        doc! {"$push": {"a": {"$each": [1, 2], "$position": 0}}},
        doc! {"a": [3]},
        doc! {"a": [1, 2, 3]},
    );
    gives(
        doc! {"$push": {"a": {"$each": [1], "$slice": -2}}},
        doc! {"a": [3, 4]},
        doc! {"a": [4, 1]},
    );
    gives(
        doc! {"$push": {"a": {"$each": [2, 1], "$sort": -1, "$slice": 2}}},
        doc! {"a": [3]},
        doc! {"a": [3, 2]},
    );
    gives(
        doc! {"$push": {"a": {"$each": [{"n": 1}], "$sort": {"n": 1}}}},
        doc! {"a": [{"n": 2}]},
        doc! {"a": [{"n": 1}, {"n": 2}]},
    );
    // Unlike in a query's sort, an array is not its least element here.
    gives(
        doc! {"$push": {"a": {"$each": [], "$sort": {"n": 1, "m.0": -1}}}},
        doc! {"a": [{"n": [9]}, {"n": [0, 5]}, {"n": 3, "m": [1, 9]}, {"n": 3, "m": [2]}, 4]},
        doc! {"a": [4, {"n": 3, "m": [2]}, {"n": 3, "m": [1, 9]}, {"n": [0, 5]}, {"n": [9]}]},
    );
    gives(
        doc! {"$addToSet": {"a": {"$each": [1.0, 2]}, "b": [1]}},
        doc! {"a": [1]},
        doc! {"a": [1, 2], "b": [[1]]},
    );
    gives(
        doc! {"$pull": {"a": 1}},
        doc! {"a": [1, 2, 1.0]},
        doc! {"a": [2]},
    );
    gives(
        doc! {"$pull": {"a": {"$gt": 1}}},
        doc! {"a": [1, 2, "x"]},
        doc! {"a": [1, "x"]},
    );
    gives(
        doc! {"$pull": {"a": {"n": 1}}},
        doc! {"a": [{"n": 1, "m": 2}, {"n": 2}]},
        doc! {"a": [{"n": 2}]},
    );
    gives(
        doc! {"$pull": {"a": {"$or": [{"n": 1}, {"n": 2}]}}},
        doc! {"a": [{"n": 1}, {"n": 3}]},
        doc! {"a": [{"n": 3}]},
    );
    gives(
        doc! {"$pull": {"a": Regex { pattern: cstr!("^x").into(), options: cstr!("").into() }}},
        doc! {"a": ["xy", "yx", 1]},
        doc! {"a": ["yx", 1]},
    );
    gives(doc! {"$pull": {"x": 1}}, doc! {}, doc! {});
    gives(
        doc! {"$pop": {"a": 1, "b": -1}},
        doc! {"a": [1, 2], "b": [1, 2]},
        doc! {"a": [1], "b": [2]},
    );
    fails(doc! {"$push": {"a": 1}}, doc! {"a": 1}, Code::BadValue);
}

#[test]
fn a_failure_changes_nothing_and_a_repetition_modifies_nothing() {
    let mut document = doc! {"a": 1, "b": "x"};
    let update = Update::parse(&doc! {"$set": {"a": 2}, "$inc": {"b": 1}}).unwrap();
    assert!(update.apply(&mut document, DateTime::now()).is_err());
    assert_eq!(document, doc! {"a": 1, "b": "x"});
    let update = Update::parse(&doc! {"$set": {"a": 1}}).unwrap();
    assert!(!update.apply(&mut document, DateTime::now()).unwrap());
    let update = Update::parse(&doc! {"$set": {"a": 1.0}}).unwrap();
    assert!(update.apply(&mut document, DateTime::now()).unwrap());
}

#[test]
fn the_id_stays() {
    gives(
        doc! {"$set": {"_id": 1.0}},
        doc! {"_id": 1},
        doc! {"_id": 1},
    );
    for update in [doc! {"$set": {"_id": 2}}, doc! {"$unset": {"_id": ""}}] {
        fails(update, doc! {"_id": 1}, Code::ImmutableField);
    }
}

#[test]
fn an_upsert_begins_with_what_the_filter_demands() {
    let filter = Filter::parse(&doc! {"_id": 7, "a.b": {"$eq": 1}, "n": {"$lt": 5}}).unwrap();
    let upsert = |update: Document| {
        Update::parse(&update)
            .unwrap()
            .upsert(&filter, DateTime::now())
            .unwrap()
    };
    assert_eq!(
        upsert(doc! {"$setOnInsert": {"c": 1}, "$inc": {"n": 2}}),
        doc! {"_id": 7, "a": {"b": 1}, "c": 1, "n": 2}
    );

    let filter = Filter::parse(&doc! {"a": null, "b": {"$all": [1]}, "c": {"$in": [1]}}).unwrap();
    let update = Update::parse(&doc! {"$set": {"d": 1}}).unwrap();
    assert_eq!(
        update.upsert(&filter, DateTime::now()).unwrap(),
        doc! {"a": null, "b": 1, "d": 1}
    );
    let filter = Filter::parse(&doc! {"a": {"b": 1}, "a.c": 2}).unwrap();
    assert_eq!(
        update.upsert(&filter, DateTime::now()).unwrap_err().code,
        Code::NotSingleValueField
    );
}

#[test]
fn only_what_is_the_same_to_the_letter_is_unmodified() {
    let mut document = doc! {"_id": 1, "a": 1, "n": f64::NAN, "o": {"x": 1, "y": 1}};
    let mut modified = |update: Document| {
        Update::parse(&update)
            .unwrap()
            .apply(&mut document, DateTime::now())
            .unwrap()
    };
    assert!(!modified(doc! {"$set": {"a": 1, "n": f64::NAN}}));
    assert!(modified(doc! {"$set": {"o": {"y": 1, "x": 1}}}));
    assert!(modified(doc! {"$set": {"a": 1_i64}}));
}

#[test]
fn what_is_unknown_or_contradicts_itself_is_refused() {
    for (update, code, name) in [
        (doc! {"$bit": {"a": 1}}, Code::FailedToParse, "$bit"),
        (doc! {"$bit": {}}, Code::FailedToParse, "$bit"),
        (
            doc! {"$set": {"a": 1}, "b": 1},
            Code::FailedToParse,
            "operators",
        ),
        (doc! {"$set": 1}, Code::FailedToParse, "$set"),
        (
            doc! {"$set": {"a": 1}, "$inc": {"a": 1}},
            Code::ConflictingUpdateOperators,
            "a",
        ),
        (
            doc! {"$set": {"a": 1, "a.b": 1}},
            Code::ConflictingUpdateOperators,
            "a.b",
        ),
        (
            doc! {"$rename": {"a": "b"}, "$set": {"b": 1}},
            Code::ConflictingUpdateOperators,
            "b",
        ),
        (doc! {"$set": {"a.$": 1}}, Code::BadValue, "$"),
        (doc! {"$set": {"a..b": 1}}, Code::BadValue, "a..b"),
        (
            doc! {"$push": {"a": {"$each": [1], "$x": 1}}},
            Code::BadValue,
            "$x",
        ),
        (doc! {"$pop": {"a": 2}}, Code::FailedToParse, "$pop"),
        (doc! {}, Code::FailedToParse, "operators"),
        (doc! {"a": 1}, Code::FailedToParse, "operators"),
        (
            doc! {"$set": {"a": 1}, "b": 1},
            Code::FailedToParse,
            "operators",
        ),
        (doc! {"$pull": {"a": {"$near": 1}}}, Code::BadValue, "$near"),
    ] {
        let error = Update::parse(&update).unwrap_err();
        assert_eq!(error.code, code, "{update}");
        assert!(error.message.contains(name), "{update}: {error}");
    }
    assert!(Update::parse(&doc! {"$set": {}}).is_ok());
}
