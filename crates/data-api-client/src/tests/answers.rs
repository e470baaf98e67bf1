use super::*;
use crate::scripted::{answer, with_headers};
use crate::{Error, Updated};
use bson::{Bson, doc};
use std::time::Duration;

#[test]
fn documents_come_relaxed_or_canonical() {
    let transport = Scripted::new([answer(
        200,
        r#"{"document": {"_id": {"$oid": "65a1b2c3d4e5f60718293a4b"}, "seats": {"$numberInt": "3"},
            "rating": 8.0, "createdon": {"$date": {"$numberLong": "1700000000000"}}}}"#,
    )]);
    let film = block_on(films(&transport).find_one(doc! {}))
        .unwrap()
        .unwrap();
    assert_eq!(film.get_i32("seats").unwrap(), 3);
    assert_eq!(film.get_f64("rating").unwrap(), 8.0);
    assert_eq!(
        film.get_datetime("createdon").unwrap().timestamp_millis(),
        1_700_000_000_000
    );
}

#[test]
fn one_odd_document_leaves_the_others_readable() {
    let transport = Scripted::new([answer(
        200,
        r#"{"documents": [{"_id": 1, "createdon": {"$date": "soon"}, "n": 18446744073709551615},
                          {"_id": 2, "rating": {"$numberDouble": "8.5"}}]}"#,
    )]);
    let found = block_on(
        transport
            .client()
            .collection::<crate::Raw>("movies")
            .find(crate::Find::default()),
    )
    .unwrap();
    assert_eq!(
        found[0].0.get_document("createdon").unwrap(),
        &doc! {"$date": "soon"}
    );
    assert_eq!(found[1].0.get_f64("rating").unwrap(), 8.5);
}

#[test]
fn updates_and_deletes_are_counted_as_the_server_writes_numbers() {
    let transport = Scripted::new([
        answer(
            200,
            r#"{"matchedCount": 2, "modifiedCount": {"$numberInt": "1"}}"#,
        ),
        answer(
            200,
            r#"{"matchedCount": 0, "modifiedCount": 0, "upsertedId": "ann"}"#,
        ),
        answer(200, r#"{"deletedCount": {"$numberLong": "4"}}"#),
    ]);
    let films = films(&transport);
    let updated = block_on(films.update_many(doc! {}, doc! {"$set": {"a": 1}})).unwrap();
    assert_eq!(
        updated,
        Updated {
            matched: 2,
            modified: 1,
            upserted: None
        }
    );
    let upserted = block_on(films.update_one_upsert(doc! {}, doc! {"$set": {"a": 1}})).unwrap();
    assert_eq!(upserted.upserted, Some(Bson::String("ann".into())));
    assert_eq!(block_on(films.delete_many(doc! {})).unwrap(), 4);
}

#[test]
fn what_is_not_the_protocols_shape_is_malformed() {
    for body in [
        "",
        "<html>",
        "[]",
        "{}",
        "null",
        r#"{"document": []}"#,
        r#"{"document": {"#,
        "\u{0}",
        r#"{"documents": []}"#,
    ] {
        let transport = Scripted::new([answer(200, body)]);
        let error = block_on(films(&transport).find_one(doc! {})).unwrap_err();
        assert!(matches!(error, Error::Malformed(_)), "{body}: {error:?}");
    }
    for body in [
        r#"{"documents": {}}"#,
        r#"{"documents": [1]}"#,
        r#"{"documents": null}"#,
    ] {
        let transport = Scripted::new([answer(200, body)]);
        let error = block_on(films(&transport).find(crate::Find::default())).unwrap_err();
        assert!(matches!(error, Error::Malformed(_)), "{body}: {error:?}");
    }
    for body in [
        r#"{"deletedCount": -1}"#,
        r#"{"deletedCount": 1.5}"#,
        r#"{"deletedCount": "x"}"#,
    ] {
        let transport = Scripted::new([answer(200, body)]);
        let error = block_on(films(&transport).delete_one(doc! {})).unwrap_err();
        assert!(matches!(error, Error::Malformed(_)), "{body}: {error:?}");
    }
    // A web server at the wrong address.
    for status in [204, 302, 400, 404] {
        let transport = Scripted::new([answer(status, "<html>not here</html>")]);
        let error = block_on(films(&transport).find_one(doc! {})).unwrap_err();
        assert!(matches!(error, Error::Malformed(_)), "{status}: {error:?}");
    }
}

#[test]
fn a_refusal_is_told_apart_by_what_the_server_says() {
    let refuse = |status, body| {
        let transport = Scripted::new([answer(status, body)]);
        let error = block_on(films(&transport).update_one(doc! {}, doc! {})).unwrap_err();
        assert_eq!(transport.count(), 1);
        error
    };
    for (status, body) in [
        (400, r#"{"error": "no", "error_code": "DuplicateKey"}"#),
        (400, r#"{"error": "E11000 duplicate key error"}"#),
        (409, r#"{"error": "exists", "error_code": "DuplicateKey"}"#),
        (
            500,
            r#"{"error": "E11000 duplicate key", "error_code": "Location11000"}"#,
        ),
    ] {
        assert_eq!(refuse(status, body), Error::DuplicateKey);
    }
    assert_eq!(
        refuse(
            400,
            r#"{"error": "unknown operator $foo", "error_code": "BadValue", "link": "x"}"#
        ),
        Error::Refused {
            status: 400,
            code: "BadValue".into(),
            message: "unknown operator $foo".into()
        }
    );
    // FerretDB's status for every failure is 500.
    assert!(matches!(
        refuse(500, r#"{"error": "bad", "error_code": "TypeMismatch"}"#),
        Error::Refused { status: 500, .. }
    ));
}

#[test]
fn refused_credentials_are_the_operators_to_mend_and_no_secret_is_told() {
    let secret = "s3cr3t-value";
    let kinds = [
        Auth::ApiKey(secret.into()),
        Auth::Basic {
            username: "ann".into(),
            password: secret.into(),
        },
        Auth::EmailPassword {
            email: "a@b.c".into(),
            password: secret.into(),
        },
        Auth::Jwt(secret.into()),
        Auth::Bearer(secret.into()),
    ];
    for auth in kinds {
        assert!(!format!("{auth:?}").contains(secret));
        for status in [401, 403, 500] {
            let body = format!(
                r#"{{"error": "{secret} is wrong", "error_code": "AuthenticationFailed"}}"#
            );
            let transport = Scripted::new([answer(status, &body)]);
            let error = block_on(client_with(&transport, auth.clone()).ping()).unwrap_err();
            assert!(error.is_credentials(), "{error:?}");
            assert!(!format!("{error:?} {error}").contains(secret));
            assert!(error.to_string().contains("data_api_key"));
        }
        // Nor when a server repeats it in an error of another kind.
        for status in [400, 503] {
            let transport =
                Scripted::new([answer(status, &format!(r#"{{"error": "saw {secret}"}}"#))]);
            let error = block_on(client_with(&transport, auth.clone()).ping()).unwrap_err();
            assert!(!format!("{error:?} {error}").contains(secret), "{error:?}");
        }
    }
}

#[test]
fn unavailable_says_how_long_storage_wants_to_be_left_alone() {
    let transport = Scripted::new([with_headers(503, &[("retry-after", "120")], "")]);
    let error = block_on(films(&transport).find_one(doc! {})).unwrap_err();
    let Error::Unavailable {
        retry_after,
        reason,
    } = error
    else {
        panic!("{error:?}");
    };
    assert_eq!(retry_after, Some(Duration::from_secs(120)));
    assert!(reason.contains("503"));
}
