use super::*;
use crate::Find;
use crate::scripted::answer;
use bson::doc;
use serde_json::json;

const NONE: &str = r#"{"document": null}"#;

#[test]
fn a_request_is_the_protocols() {
    let transport = Scripted::new([answer(200, r#"{"documents": []}"#)]);
    let id = bson::oid::ObjectId::parse_str("65a1b2c3d4e5f60718293a4b").unwrap();
    let find = Find::filter(doc! {"_id": {"$gt": id}})
        .sort(doc! {"title": 1, "createdon": -1, "_id": 1})
        .limit(7)
        .skip(2)
        .projection(doc! {"title": 1});
    block_on(films(&transport).find(find)).unwrap();

    let sent = transport.sent.borrow()[0].clone();
    assert_eq!(sent.uri, "http://storage.test:8080/v1/action/find");
    assert_eq!(sent.headers["content-type"], "application/json");
    assert_eq!(
        sent.body,
        json!({
            "dataSource": "source", "database": "base", "collection": "movies",
            "filter": {"_id": {"$gt": {"$oid": "65a1b2c3d4e5f60718293a4b"}}},
            "sort": {"title": 1, "createdon": -1, "_id": 1},
            "limit": 7, "skip": 2, "projection": {"title": 1},
        })
    );
    // A sort is another one when its fields come in another order.
    let fields: Vec<_> = sent.body["sort"].as_object().unwrap().keys().collect();
    assert_eq!(fields, ["title", "createdon", "_id"]);
}

#[test]
fn never_more_than_a_hundred_are_asked_for_nor_none() {
    let transport = Scripted::new([
        answer(200, r#"{"documents": []}"#),
        answer(200, r#"{"documents": []}"#),
    ]);
    let films = films(&transport);
    block_on(films.find(Find::filter(doc! {}).limit(5000))).unwrap();
    block_on(films.find(Find::default())).unwrap();
    for sent in transport.sent.borrow().iter() {
        assert_eq!(sent.body["limit"], 100);
    }
    let nothing = block_on(films.find(Find::filter(doc! {}).limit(0))).unwrap();
    assert!(nothing.is_empty());
    assert_eq!(transport.count(), 2);
}

#[test]
fn each_kind_of_credentials_has_its_headers() {
    let cases: [(Auth, &[(&str, &str)]); 6] = [
        (Auth::None, &[]),
        (Auth::ApiKey("k3y".into()), &[("apiKey", "k3y")]),
        (
            Auth::Basic {
                username: "Aladdin".into(),
                password: "open sesame".into(),
            },
            &[("authorization", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")],
        ),
        (
            Auth::EmailPassword {
                email: "a@b.c".into(),
                password: "pw".into(),
            },
            &[("email", "a@b.c"), ("password", "pw")],
        ),
        (Auth::Jwt("j.w.t".into()), &[("jwtTokenString", "j.w.t")]),
        (
            Auth::Bearer("tok".into()),
            &[("authorization", "Bearer tok")],
        ),
    ];
    for (auth, expected) in cases {
        let transport = Scripted::new([answer(200, NONE)]);
        block_on(client_with(&transport, auth).ping()).unwrap();
        let headers = transport.sent.borrow()[0].headers.clone();
        for (name, value) in expected {
            assert_eq!(headers[*name], *value);
            assert!(headers[*name].is_sensitive());
        }
        // Beside content-type and accept.
        assert_eq!(headers.len(), expected.len() + 2);
    }
}
