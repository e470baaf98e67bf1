#![allow(clippy::unwrap_used)]

use bson::{Bson, DateTime, Document, Timestamp, doc, oid::ObjectId};
use data_api_client::memory::Memory;
use indicatif::ProgressBar;
use proptest::prelude::*;

use super::{
    collections::{FOREIGN, OURS, shape_of},
    pass::{Pass, Report},
    shape::Verdict,
    values,
};

fn id(n: u64) -> ObjectId {
    ObjectId::parse_str(format!("65a1b2c3{n:016x}")).unwrap()
}

fn judge(collection: &str, document: &Document) -> Verdict {
    shape_of(collection, document).judge(document)
}

/// What a foreign document becomes, which is then well, and found again as it was read.
#[track_caller]
fn rewritten(collection: &str, document: Document) -> Document {
    let Verdict::Rewritten(change) = judge(collection, &document) else {
        panic!("{:?}: {document}", judge(collection, &document));
    };
    let after = change.apply(document);
    assert_eq!(judge(collection, &after), Verdict::Well, "{after}");
    after
}

#[track_caller]
fn unreadable(collection: &str, document: &Document) -> String {
    match judge(collection, document) {
        Verdict::Unreadable(why) => why,
        other => panic!("{other:?}: {document}"),
    }
}

/// Values that no field expects.
fn odd_values() -> Vec<Bson> {
    vec![
        Bson::Null,
        Bson::Undefined,
        Bson::Boolean(true),
        Bson::Int32(-1),
        Bson::Int64(i64::MAX),
        Bson::Double(f64::NAN),
        Bson::Double(f64::INFINITY),
        Bson::Double(1e300),
        Bson::Decimal128("9.99E+6100".parse().unwrap()),
        Bson::String(String::new()),
        Bson::String("x".repeat(100_000)),
        Bson::Array(vec![Bson::Null, Bson::Array(vec![])]),
        Bson::Document(doc! {"$date": "never", "a": {"b": []}}),
        Bson::DateTime(DateTime::MAX),
        Bson::DateTime(DateTime::MIN),
        Bson::MinKey,
        Bson::MaxKey,
        Bson::Symbol("s".into()),
        Bson::JavaScriptCode("f()".into()),
        Bson::ObjectId(id(0)),
    ]
}

#[test]
fn a_number_is_read_from_every_type() {
    let long_decimal = f64::from(8.8f32);
    for (value, expected) in [
        (Bson::from("8.8"), Some(8.8)),
        (Bson::from(" 9 "), Some(9.0)),
        (Bson::from(long_decimal), Some(long_decimal)),
        (Bson::from(7), Some(7.0)),
        (Bson::from(7i64), Some(7.0)),
        (Bson::Decimal128("6.5".parse().unwrap()), Some(6.5)),
        (Bson::from("high"), None),
        (Bson::from("inf"), None),
        (Bson::from(f64::NAN), None),
        (Bson::Null, None),
        (Bson::from(true), None),
    ] {
        assert_eq!(values::number(&value), expected, "{value}");
    }
    for (value, expected) in [
        (Bson::from(3.0), Some(3)),
        (Bson::from("12"), Some(12)),
        (Bson::from(i64::MAX), Some(i64::MAX)),
        (Bson::from(2.5), None),
        (Bson::from(1e300), None),
    ] {
        assert_eq!(values::integer(&value), expected, "{value}");
    }
}

#[test]
fn a_moment_is_read_from_its_many_shapes() {
    let expected = DateTime::parse_rfc3339_str("2015-11-30T18:30:00Z").unwrap();
    let stamp = Timestamp {
        time: 1_448_908_200,
        increment: 1,
    };
    for value in [
        Bson::DateTime(expected),
        Bson::from("2015-11-30T18:30:00Z"),
        Bson::from("2015-11-30T19:30:00+01:00"),
        Bson::from("2015-11-30T18:30:00.000Z"),
        Bson::from("2015-11-30 18:30:00"),
        Bson::from("2015-11-30 18:30:00Z"),
        Bson::from("2015-11-30T18:30:00"),
        Bson::from("Mon, 30 Nov 2015 18:30:00 GMT"),
        Bson::from("1448908200"),
        Bson::from(1_448_908_200i64),
        Bson::from(1_448_908_200_000i64),
        Bson::from(1_448_908_200_000f64),
        Bson::Timestamp(stamp),
    ] {
        assert_eq!(values::moment(&value), Some(expected), "{value}");
        assert_eq!(
            values::day(&value).as_deref(),
            Some("2015-11-30"),
            "{value}"
        );
    }
    let midnight = DateTime::parse_rfc3339_str("2015-11-30T00:00:00Z").unwrap();
    assert_eq!(values::moment(&"2015-11-30".into()), Some(midnight));
    for value in ["", "soon", "2015-13-40", "30/11/2015"] {
        assert_eq!(values::moment(&value.into()), None, "{value}");
    }
}

#[test]
fn a_day_is_read_from_text_and_numbers() {
    for value in [
        Bson::from("2015-11-30"),
        Bson::from("20151130"),
        Bson::from(20_151_130),
        Bson::from(20_151_130i64),
    ] {
        assert_eq!(
            values::day(&value).as_deref(),
            Some("2015-11-30"),
            "{value}"
        );
    }
    for value in [
        "2015-02-30",
        "20150230",
        "2015113x",
        "201511-30",
        "é0151130",
    ] {
        assert_eq!(values::day(&value.into()), None, "{value}");
    }
}

#[test]
fn a_time_is_hours_and_minutes() {
    for (text, time) in [
        ("9:05", "09:05"),
        ("18:30", "18:30"),
        ("18:30:15.5", "18:30"),
    ] {
        assert_eq!(values::time(&text.into()).as_deref(), Some(time));
    }
    for text in [
        "",
        "24:00",
        "18:60",
        "18:5",
        "18",
        "18:30:61",
        "18:30:00:00",
        "+8:30",
        "noon",
    ] {
        assert_eq!(values::time(&text.into()), None, "{text}");
    }
}

#[test]
fn ids_may_be_text_or_stand_in_references() {
    for odd in [
        Bson::from(id(1)),
        id(1).to_hex().into(),
        doc! {"$ref": "movies", "$id": id(1)}.into(),
        doc! {"_id": id(1)}.into(),
    ] {
        assert_eq!(values::object_id(&odd), Some(id(1)), "{odd}");
    }
    // A whole document in place of its id would be lost.
    assert_eq!(
        values::object_id(&doc! {"_id": id(1), "title": "Heat"}.into()),
        None
    );
}

#[test]
fn films() {
    let at = DateTime::from_millis(1_448_908_200_000);
    let well = doc! {"_id": id(1), "title": "Text", "director": "D", "rating": 8.8, "createdon": at, "__v": 0, "tags": ["x"]};
    assert_eq!(judge("movies", &well), Verdict::Well);
    let text = doc! {"_id": id(1), "name": "Text", "director": "D", "rating": "8.8", "created_at": "2015-11-30T18:30:00Z", "__v": 0, "tags": ["x"]};
    assert_eq!(rewritten("movies", text), well);
    let float = doc! {"_id": id(2), "title": 1917, "director": "D", "rating": f64::from(8.8f32), "createdon": null, "id": "a8034f44"};
    let expected = doc! {"_id": id(2), "title": "1917", "director": "D", "rating": 8.8, "createdon": id(2).timestamp(), "foreignid": "a8034f44"};
    assert_eq!(rewritten("movies", float), expected);
    let why = unreadable(
        "movies",
        &doc! {"_id": id(5), "title": "Bare", "director": null, "rating": "good"},
    );
    assert_eq!(
        why,
        "director is missing; rating is not a number from 0 to 10"
    );
    let why = unreadable(
        "movies",
        &doc! {"_id": "text", "title": "T", "director": "D", "rating": 1.0},
    );
    assert_eq!(why, "_id is not an ObjectId; createdon is missing");
}

#[test]
fn showtimes() {
    let moment = DateTime::from_millis(1_448_908_200_000);
    let created = DateTime::parse_rfc3339_str("2015-11-01T00:00:00Z").unwrap();
    let odd = doc! {"_id": id(10), "date": moment, "movies": [id(1).to_hex(), id(1)], "created_at": "2015-11-01", "capacity": null};
    let expected = doc! {"_id": id(10), "date": "2015-11-30", "time": "18:30", "movies": [id(1)], "createdon": created};
    assert_eq!(rewritten("showtimes", odd), expected);
    let odd = doc! {"_id": id(11), "date": 20_151_130, "movies": id(1), "capacity": "12", "screen": 3, "createdon": created};
    let expected = doc! {"_id": id(11), "date": "2015-11-30", "movies": [id(1)], "capacity": 12, "screen": "3", "createdon": created};
    assert_eq!(rewritten("showtimes", odd), expected);
    let why = unreadable(
        "showtimes",
        &doc! {"_id": id(12), "date": "soon", "movies": [id(1), "none"], "capacity": 0},
    );
    for field in ["date", "movies", "capacity"] {
        assert!(why.contains(field), "{why}");
    }
}

#[test]
fn bookings_and_what_is_left_of_them() {
    let odd = doc! {"_id": id(20), "userid": id(30).to_hex(), "showtimeid": id(10).to_hex(), "movies": [id(1).to_hex()]};
    let expected = doc! {"_id": id(20), "userid": id(30), "showtimeid": id(10), "movies": [id(1)], "seats": 1, "createdon": id(20).timestamp()};
    assert_eq!(rewritten("bookings", odd), expected);
    let void = doc! {"_id": id(21), "showtimeid": null, "voided": DateTime::from_millis(1)};
    let expected = doc! {"_id": id(21), "voided": DateTime::from_millis(1)};
    assert_eq!(rewritten("bookings", void), expected);
    assert_eq!(judge("users", &expected), Verdict::Well);
}

#[test]
fn users() {
    let odd = doc! {"_id": id(30), "username": "Old.User", "name": "Ann", "lastname": "Lee", "password": "hash"};
    let expected = doc! {"_id": id(30), "username": "old.user", "firstname": "Ann", "lastname": "Lee", "role": "customer", "createdon": id(30).timestamp(), "password": "hash"};
    assert_eq!(rewritten("users", odd), expected);
    let whole = rewritten(
        "users",
        doc! {"_id": id(31), "username": "ann", "name": " Ann Mary Lee "},
    );
    assert_eq!(
        (&whole["firstname"], &whole["lastname"]),
        (&Bson::from("Ann Mary"), &Bson::from("Lee"))
    );
    // A user's own name beside the two is something else, and stays.
    let both = doc! {"_id": id(32), "username": "ann", "firstname": "Ann", "lastname": "Lee", "name": "The Ann"};
    assert_eq!(rewritten("users", both)["name"], Bson::from("The Ann"));
    unreadable(
        "users",
        &doc! {"_id": id(33), "username": "ann", "name": "Ann"},
    );
    unreadable(
        "users",
        &doc! {"_id": id(33), "username": "an", "name": "Ann Lee"},
    );
    unreadable(
        "users",
        &doc! {"_id": id(33), "username": "ann", "name": "Ann Lee", "role": "king"},
    );
}

#[test]
fn what_only_the_services_write_is_told_of_and_not_rewritten() {
    let at = DateTime::from_millis(1);
    let hold = doc! {"booking": id(1), "seats": 2, "at": at};
    for (collection, well, odd) in [
        (
            "seats",
            doc! {"_id": id(1), "taken": 2, "holds": [&hold]},
            doc! {"_id": id(1), "taken": "2", "holds": [hold]},
        ),
        (
            "seats",
            doc! {"_id": id(1), "taken": 0, "holds": []},
            doc! {"_id": id(1), "taken": 2, "holds": [{"booking": id(1).to_hex(), "seats": 2, "at": at}]},
        ),
        (
            "attempts",
            doc! {"_id": "d", "failures": 1, "last": at},
            doc! {"_id": "d", "failures": 1, "last": 1},
        ),
        (
            "usernames",
            doc! {"_id": "ann", "userid": id(1), "at": at},
            doc! {"_id": "Ann", "userid": id(1), "at": at},
        ),
        (
            "credentials",
            doc! {"_id": id(1), "password": "$argon2id$", "changedon": at},
            doc! {"_id": id(1), "password": null, "changedon": at},
        ),
        (
            "sessions",
            doc! {"_id": id(1), "userid": id(1), "current": "d", "expires": at, "createdon": at},
            doc! {"_id": id(1)},
        ),
        (
            "idempotency",
            doc! {"_id": "d", "fingerprint": "f", "bookingid": id(1), "createdon": at, "outcome": {"left": 0}},
            doc! {"_id": "d", "outcome": 1},
        ),
    ] {
        assert_eq!(judge(collection, &well), Verdict::Well, "{collection}");
        unreadable(collection, &odd);
    }
}

/// Any value, odd or right, in any field.
fn any_document() -> impl Strategy<Value = (&'static str, Document)> {
    let right = [
        "Heat",
        "8.8",
        "2015-11-30",
        "20151130",
        "9:05",
        "staff",
        "Ann Lee",
        "Ann.Lee",
    ];
    let mut all = odd_values();
    all.extend(right.map(Bson::from));
    all.extend([
        f64::from(8.8f32).into(),
        (-0.04).into(),
        12i64.into(),
        7.into(),
        20_151_130.into(),
        1_448_908_200_000i64.into(),
        DateTime::from_millis(1_448_908_200_123).into(),
        id(1).to_hex().into(),
        Bson::Array(vec![
            id(1).into(),
            id(1).to_hex().into(),
            doc! {"_id": id(2)}.into(),
        ]),
    ]);
    let names = "title|name|director|rating|createdon|created_at|date|time|screen|movies|capacity|userid|user_id|showtimeid|seats|username|firstname|lastname|role|id|voided|by|other";
    let name = prop::sample::select(names.split('|').collect::<Vec<_>>());
    let fields = prop::collection::vec((name, prop::sample::select(all)), 0..9);
    // Most of what is drawn fits nothing, so the rest of a document that is nearly well stands beside it.
    let base = |collection: &str| match collection {
        "movies" => doc! {"_id": id(1), "title": "T", "director": "D", "rating": "8.8"},
        "users" => doc! {"_id": id(1), "username": "Ann", "name": "Ann Lee"},
        "showtimes" => doc! {"_id": id(1), "date": 20_151_130, "movies": id(1).to_hex()},
        _ => doc! {"_id": id(1), "userid": id(1), "showtimeid": id(1).to_hex(), "movies": [id(1)]},
    };
    (prop::sample::select(FOREIGN.to_vec()), fields).prop_map(move |(collection, fields)| {
        let mut document = base(collection);
        for (name, value) in fields {
            document.insert(name, value);
        }
        (collection, document)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_rewritten_document_is_well_and_keeps_what_is_not_ours((collection, document) in any_document()) {
        if let Verdict::Rewritten(change) = judge(collection, &document) {
            let after = change.apply(document.clone());
            prop_assert_eq!(judge(collection, &after), Verdict::Well, "{}", after);
            prop_assert_eq!(after.get("_id"), document.get("_id"));
            // NaN is not equal to itself.
            prop_assert_eq!(format!("{:?}", after.get("other")), format!("{:?}", document.get("other")));
        }
    }
}

async fn pass(memory: &Memory, name: &'static str, write: bool) -> Report {
    let bar = ProgressBar::hidden();
    Pass::new(&memory.client(), name, write, &bar)
        .run()
        .await
        .unwrap()
}

fn figures(report: &Report) -> (u64, u64, u64) {
    (report.well, report.rewritten, report.unreadable)
}

#[tokio::test]
async fn a_pass_reports_then_rewrites_and_then_finds_all_well() {
    let memory = Memory::new();
    for n in 0..250 {
        let rating = if n % 2 == 0 {
            Bson::from("8.8")
        } else {
            f64::from(8.8f32).into()
        };
        memory.put(
            "movies",
            doc! {"_id": id(n), "title": "T", "director": "D", "rating": rating, "x": f64::NAN},
        );
    }
    memory.put("movies", doc! {"_id": "text"});
    memory.put("movies", doc! {"_id": 7});
    memory.put("movies", doc! {"_id": true});
    let before = memory.documents("movies");
    assert_eq!(figures(&pass(&memory, "movies", false).await), (0, 250, 3));
    assert_eq!(
        format!("{:?}", memory.documents("movies")),
        format!("{before:?}"),
        "nothing is written"
    );
    assert_eq!(figures(&pass(&memory, "movies", true).await), (0, 250, 3));
    assert_eq!(figures(&pass(&memory, "movies", true).await), (250, 0, 3));
}

/// Whatever is in whichever field, it is looked at, and what can be rewritten is found by the condition.
#[tokio::test]
async fn no_document_is_too_odd() {
    let memory = Memory::new();
    let fields = "title director rating createdon date time screen movies capacity userid showtimeid seats username firstname lastname role";
    for collection in FOREIGN.into_iter().chain(OURS) {
        for (n, value) in (0..).zip(odd_values()) {
            let mut document = doc! {"_id": id(n)};
            for field in fields.split(' ') {
                document.insert(field, value.clone());
            }
            memory.put(collection, document);
            // One odd value beside what is well.
            for (m, field) in (1..).zip(["time", "createdon", "screen", "by", "seats", "other"]) {
                let mut document = doc! {
                    "_id": id(1000 * m + n), "title": "T", "director": "D", "rating": "1", "date": "20151130", "movies": [id(1)],
                    "userid": id(1).to_hex(), "showtimeid": id(1).to_hex(), "username": format!("User{m}.{n}"), "name": "Ann Lee",
                };
                document.insert(field, value.clone());
                memory.put(collection, document);
            }
        }
        let (_, rewritten, unreadable) = figures(&pass(&memory, collection, true).await);
        let again = pass(&memory, collection, true).await;
        assert_eq!(figures(&again), (rewritten, 0, unreadable), "{collection}");
    }
}

#[tokio::test]
async fn no_two_users_get_one_name() {
    let memory = Memory::new();
    let user =
        |n, name: &str| doc! {"_id": id(n), "username": name, "firstname": "A", "lastname": "L"};
    for (n, name) in [(1, "Ann"), (2, "ann"), (3, "Bob"), (4, "BOB")] {
        memory.put("users", user(n, name));
    }
    for write in [false, true] {
        assert_eq!(
            figures(&pass(&memory, "users", write).await),
            (0, 2, 2),
            "{write}"
        );
    }
    let names: Vec<_> = memory
        .documents("users")
        .iter()
        .map(|user| user.get_str("username").unwrap().to_owned())
        .collect();
    assert_eq!(names, ["Ann", "ann", "bob", "BOB"]);
}
