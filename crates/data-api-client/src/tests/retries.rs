use super::*;
use crate::Error;
use crate::scripted::{answer, failure, with_headers};
use bson::doc;
use door::TransportError;
use std::time::Duration;

const FOUND: &str = r#"{"document": {"_id": 1}}"#;

fn connect() -> TransportError {
    TransportError::Connect("refused".into())
}

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

#[test]
fn a_read_is_tried_three_times() {
    let ways: [fn() -> crate::scripted::Exchange; 6] = [
        || failure(connect()),
        || failure(TransportError::Other("reset".into())),
        || failure(TransportError::Timeout),
        || answer(429, ""),
        || answer(500, "<html>"),
        || answer(503, r#"{"error": "busy"}"#),
    ];
    for way in ways {
        let transport = Scripted::new([way(), way(), answer(200, FOUND)]);
        assert!(
            block_on(films(&transport).find_one(doc! {}))
                .unwrap()
                .is_some()
        );

        let transport = Scripted::new([way(), way(), way()]);
        let error = block_on(films(&transport).find_one(doc! {})).unwrap_err();
        assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
        assert_eq!(transport.count(), 3);
    }
}

#[test]
fn a_refusal_and_nonsense_are_not_tried_again() {
    for exchange in [
        answer(400, r#"{"error": "no"}"#),
        answer(401, ""),
        answer(404, ""),
        answer(200, "<html>"),
    ] {
        let transport = Scripted::new([exchange]);
        block_on(films(&transport).find_one(doc! {})).unwrap_err();
        assert_eq!(transport.count(), 1);
    }
}

#[test]
fn waits_grow_and_are_spread_at_random() {
    for (random, expected) in [(0.0, [ms(50), ms(100)]), (0.999_999, [ms(100), ms(200)])] {
        let transport = Scripted::new([answer(500, ""), answer(500, ""), answer(200, FOUND)]);
        transport.random.set(random);
        block_on(films(&transport).find_one(doc! {})).unwrap();
        for (slept, expected) in transport.slept.borrow().iter().zip(expected) {
            assert!(slept.abs_diff(expected) < ms(1), "{slept:?} {expected:?}");
        }
        assert_eq!(transport.slept.borrow().len(), 2);
    }
}

#[test]
fn retry_after_is_honoured_in_seconds_and_as_a_date() {
    let seconds = with_headers(429, &[("retry-after", "2")], "");
    let date = with_headers(
        503,
        &[
            ("date", "Sun, 06 Nov 1994 08:49:37 GMT"),
            ("retry-after", "Sun, 06 Nov 1994 08:49:38 GMT"),
        ],
        "",
    );
    let transport = Scripted::new([seconds, date, answer(200, FOUND)]);
    block_on(films(&transport).find_one(doc! {})).unwrap();
    assert_eq!(*transport.slept.borrow(), [ms(2000), ms(1000)]);
}

#[test]
fn retry_after_in_the_past_or_in_no_known_shape_is_as_good_as_none() {
    let past = [
        ("date", "Sun, 06 Nov 1994 08:49:37 GMT"),
        ("retry-after", "Sun, 06 Nov 1994 08:00:00 GMT"),
    ];
    let transport = Scripted::new([
        with_headers(503, &past, ""),
        with_headers(503, &[("retry-after", "soon")], ""),
        answer(200, FOUND),
    ]);
    block_on(films(&transport).find_one(doc! {})).unwrap();
    assert_eq!(*transport.slept.borrow(), [ms(50), ms(100)]);
}

#[test]
fn a_wait_that_does_not_fit_the_whole_is_not_begun() {
    let transport = Scripted::new([with_headers(503, &[("retry-after", "5")], "")]);
    let error = block_on(films(&transport).find_one(doc! {})).unwrap_err();
    assert!(matches!(
        error,
        Error::Unavailable {
            retry_after: Some(_),
            ..
        }
    ));
    assert!(transport.slept.borrow().is_empty());
}

#[test]
fn the_whole_takes_five_seconds_at_most() {
    // The first try takes 4 s to fail; what is left is the second's.
    let transport = Scripted::new([
        answer(500, "").after(ms(4000)),
        answer(200, FOUND).after(ms(3000)),
    ]);
    let error = block_on(films(&transport).find_one(doc! {})).unwrap_err();
    assert!(matches!(error, Error::Unavailable { .. }));
    let timeouts: Vec<_> = transport
        .sent
        .borrow()
        .iter()
        .map(|sent| sent.timeout)
        .collect();
    assert_eq!(timeouts, [ms(5000), ms(950)]);

    // A server that never answers is asked once.
    let transport = Scripted::new([answer(200, FOUND).after(ms(60_000))]);
    block_on(films(&transport).find_one(doc! {})).unwrap_err();
    assert_eq!(transport.count(), 1);
}

#[test]
fn updates_and_deletes_are_tried_once_unless_said_to_be_idempotent() {
    let counts = r#"{"matchedCount": 1, "modifiedCount": 1, "deletedCount": 1}"#;
    for exchange in [|| failure(connect()), || answer(503, "")] {
        let transport = Scripted::new([exchange(), exchange(), exchange()]);
        let films = films(&transport);
        block_on(films.update_one(doc! {}, doc! {"$inc": {"n": 1}})).unwrap_err();
        block_on(films.update_many(doc! {}, doc! {"$inc": {"n": 1}})).unwrap_err();
        block_on(films.delete_one(doc! {})).unwrap_err();
        assert_eq!(transport.count(), 3);

        let transport = Scripted::new([
            exchange(),
            answer(200, counts),
            exchange(),
            answer(200, counts),
        ]);
        let films = super::films(&transport).idempotent();
        block_on(films.update_one(doc! {}, doc! {"$set": {"n": 1}})).unwrap();
        block_on(films.delete_one(doc! {})).unwrap();
        assert_eq!(transport.count(), 4);
    }
}

#[test]
fn a_ping_is_tried_once() {
    let transport = Scripted::new([answer(503, "")]);
    block_on(transport.client().ping()).unwrap_err();
    assert_eq!(transport.count(), 1);
}

#[test]
fn who_cannot_write_is_not_ready() {
    let counts = r#"{"matchedCount": 1, "modifiedCount": 1}"#;
    let full = r#"{"error": "database or disk is full", "error_code": "InternalError"}"#;
    let duplicate = r#"{"error": "E11000 duplicate key error", "error_code": "DuplicateKey"}"#;
    for (exchange, ready) in [
        (answer(200, counts), true),
        (answer(409, duplicate), true),
        (answer(500, full), false),
        (failure(connect()), false),
    ] {
        let transport = Scripted::new([exchange]);
        assert_eq!(block_on(transport.client().ready()).is_ok(), ready);
        assert_eq!(transport.count(), 1);
    }
}
