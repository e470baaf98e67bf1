//! Documents, looked at one by one.

use bson::{Bson, DateTime, Document, doc};
use proptest::prelude::*;

use super::super::{
    collections::{FOREIGN, shape_of},
    shape::Verdict,
};
use data_api_client::memory::odd_values;

use super::id;

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
    let void = doc! {"_id": id(21), "voided": DateTime::from_millis(1)};
    assert_eq!(judge("users", &void), Verdict::Well);
    assert!(unreadable("bookings", &void).contains("showtimeid"));
    assert_eq!(judge("showtimes", &void), Verdict::Well);
    let mut owing = void;
    owing.extend(doc! {"showtimeid": id(10), "seats": 2, "owes": id(10)});
    assert_eq!(judge("bookings", &owing), Verdict::Well);
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
    let claim = doc! {"by": id(1), "showtime": id(2), "revision": 0, "date": "2030-01-15", "time": "20:15", "minutes": 104, "at": at};
    for (collection, well, odd) in [
        (
            "seats",
            doc! {"_id": id(1), "taken": 2, "holds": [&hold]},
            doc! {"_id": id(1), "taken": "2", "holds": [hold]},
        ),
        (
            "seats",
            doc! {"_id": id(1), "date": "2030-01-15", "epoch": id(2), "taken": 0, "holds": [], "released": id(3)},
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
        (
            "screens",
            doc! {"_id": "2030-01-15 1", "date": "2030-01-15", "version": id(1), "claims": [&claim]},
            doc! {"_id": "2030-01-15 1", "date": at, "version": id(1), "claims": [claim]},
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
