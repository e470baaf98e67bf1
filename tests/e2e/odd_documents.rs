//! Documents that other programs wrote are read as they are.

use cinema_tests::bson::{Bson, DateTime, Document, doc, oid::ObjectId};
use cinema_tests::{DataApi, Host, api::ids, keys};
use serde_json::json;

fn id(n: u64) -> ObjectId {
    ObjectId::parse_str(format!("65a1b2c3{n:016x}")).unwrap()
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

#[tokio::test]
async fn films_of_other_programs_are_read() {
    let storage = DataApi::start();
    let Some(host) = Host::start(&[("data_api_url", &storage.url())]) else {
        return;
    };
    let cinema = host.api();
    let long = f64::from(8.8f32);
    for document in [
        doc! {"_id": id(1), "title": "Text", "director": "D", "rating": "8.8", "created_at": "2015-11-30T18:30:00Z"},
        doc! {"_id": id(2), "title": "Float", "director": "D", "rating": long, "createdon": DateTime::from_millis(1_448_908_200_000)},
        doc! {"_id": id(3), "title": "Whole", "director": "D", "rating": 9i64, "__v": 0, "tags": ["x"]},
        doc! {"_id": id(4), "title": "Bare"},
        doc! {"_id": id(5), "title": 1917, "director": null, "rating": "good"},
    ] {
        storage.put("movies", document).await;
    }
    let list = cinema.get("/movies").await.expect(200).list();
    assert_eq!(list.len(), 5);
    assert_eq!(list[0]["rating"], json!(8.8));
    assert_eq!(list[1]["rating"], json!(8.8));
    assert_eq!(list[2]["rating"].as_f64(), Some(9.0));
    for film in &list[..2] {
        let created = film["createdon"].as_str().unwrap();
        assert!(created.starts_with("2015-11-30T18:30:00"), "{created}");
    }
    assert!(list[2].get("tags").is_none() && list[2].get("__v").is_none());
    assert_eq!(list[3]["title"], json!("Bare"));
    for film in &list {
        let path = format!("/movies/{}", film["id"].as_str().unwrap());
        assert_eq!(cinema.get(&path).await.expect(200).data(), *film);
    }
    // Where they go on, they can be changed, and found.
    let changed = cinema
        .patch(&format!("/movies/{}", id(1)), &json!({"title": "Changed"}))
        .await
        .expect(200);
    assert_eq!(changed.data()["rating"], json!(8.8));
    let best = cinema
        .get("/movies?min_rating=8.5")
        .await
        .expect(200)
        .list();
    assert!(
        ids(&best).contains(&id(1).to_hex().as_str()),
        "a rating stored as text counts too: {best:?}"
    );
    assert!(ids(&best).contains(&id(3).to_hex().as_str()));
    // They are booked and suggested like any other.
    let showtime = cinema
        .showtime("2049-01-01", &[&id(2).to_hex()], None)
        .await;
    let user = cinema.user("reader").await;
    cinema
        .booking(&user, &showtime, &[&id(2).to_hex()], 1)
        .await;
    cinema
        .get(&format!("/users/{user}/bookings"))
        .await
        .expect(200);
    let suggested = cinema
        .get(&format!("/users/{user}/suggested?limit=20"))
        .await
        .expect(200)
        .list();
    assert_eq!(suggested.len(), 4);
}

#[tokio::test]
async fn showtimes_bookings_and_users_of_other_programs_are_read() {
    let storage = DataApi::start();
    let Some(host) = Host::start(&[("data_api_url", &storage.url())]) else {
        return;
    };
    let cinema = host.api();
    storage
        .put(
            "movies",
            doc! {"_id": id(1), "title": "Film", "director": "D", "rating": 5},
        )
        .await;
    storage.put("showtimes", doc! {"_id": id(10), "date": DateTime::from_millis(1_448_908_200_000), "movies": [id(1).to_hex()], "created_at": "2015-11-01"}).await;
    storage
        .put(
            "showtimes",
            doc! {"_id": id(11), "date": "2015-11-30", "movies": [id(1)], "capacity": "12"},
        )
        .await;
    storage.put("bookings", doc! {"_id": id(20), "userid": id(30).to_hex(), "showtimeid": id(10).to_hex(), "movies": [id(1).to_hex()]}).await;
    storage.put("users", doc! {"_id": id(30), "username": "Old.User", "name": "Ann", "lastname": "Lee", "password": "hash"}).await;

    let showtimes = cinema.get("/showtimes").await.expect(200).list();
    assert_eq!(ids(&showtimes), [id(10).to_hex(), id(11).to_hex()]);
    for showtime in &showtimes {
        assert_eq!(
            (&showtime["date"], &showtime["movies"]),
            (&json!("2015-11-30"), &json!([id(1).to_hex()])),
            "{showtime}"
        );
    }
    let bookings = cinema.get("/bookings").await.expect(200).list();
    assert_eq!(bookings[0]["userid"], json!(id(30).to_hex()));
    assert_eq!(
        (&bookings[0]["showtimeid"], &bookings[0]["seats"]),
        (&json!(id(10).to_hex()), &json!(1))
    );

    let user = cinema.get(&format!("/users/{}", id(30))).await.expect(200);
    assert_eq!(
        user.data()["firstname"],
        json!("Ann"),
        "`name` in place of `firstname`"
    );
    assert!(!String::from_utf8_lossy(&user.body).contains("hash"));
    // A password that another program keeps with its users opens nothing here.
    cinema.login("old.user", "hash").await.problem(401);
    let mine = cinema
        .get(&format!("/users/{}/bookings", id(30)))
        .await
        .expect(200)
        .list();
    assert_eq!(
        ids(&mine),
        [id(20).to_hex()],
        "an id stored as text is found too"
    );
    assert_eq!(mine[0]["movies"][0]["title"], json!("Film"));
    cinema
        .get(&format!("/users/{}/suggested", id(30)))
        .await
        .expect(200);
}

/// Whatever is in whichever field, a list is never a 500.
#[tokio::test]
async fn no_document_is_too_odd() {
    let storage = DataApi::start();
    let Some(host) = Host::start(&[("data_api_url", &storage.url())]) else {
        return;
    };
    let cinema = host.api();
    let fields = [
        (
            "movies",
            ["title", "director", "rating", "createdon"].as_slice(),
        ),
        (
            "showtimes",
            &["date", "time", "screen", "movies", "capacity", "createdon"],
        ),
        (
            "bookings",
            &["userid", "showtimeid", "movies", "seats", "createdon"],
        ),
        (
            "users",
            &["username", "firstname", "lastname", "role", "createdon"],
        ),
    ];
    let mut n = 1000;
    for (collection, names) in fields {
        for value in odd_values() {
            let mut document = doc! {"_id": id(n)};
            for name in names {
                document.insert(*name, value.clone());
            }
            storage.put(collection, document).await;
            n += 1;
        }
        storage
            .put(collection, doc! {"_id": id(n), "deep": deep(40)})
            .await;
        n += 1;
        storage.put(collection, doc! {"_id": id(n)}).await;
        n += 1;
        // An id of another kind stands at either end of the order.
        storage.put(collection, doc! {"_id": "text"}).await;
        storage.put(collection, doc! {"_id": 7}).await;
        storage.put(collection, doc! {"_id": DateTime::now()}).await;
    }
    let user = cinema.user("ordinary").await;
    let film = cinema.film("Ordinary", "Ordinary", 5.0).await;
    let showtime = cinema.showtime("2049-02-01", &[&film], None).await;
    let booking = cinema.booking(&user, &showtime, &[&film], 1).await;
    for (collection, id) in [
        ("movies", &film),
        ("showtimes", &showtime),
        ("bookings", &booking),
        ("users", &user),
    ] {
        for limit in [1, 3, 100] {
            let all = cinema.all(&format!("/{collection}?limit={limit}")).await;
            assert!(
                all.iter().any(|listed| listed["id"] == json!(id)),
                "{collection}, limit {limit}"
            );
            assert!(
                all.len() >= odd_values().len() + 3,
                "{collection}, limit {limit}: {}",
                all.len()
            );
        }
    }
    for path in [
        "/movies?title=o&min_rating=1",
        "/showtimes?date=2049-02-01",
        "/showtimes?from=2000-01-01",
        "/showtimes/2049-02-01",
    ] {
        cinema.get(path).await.expect(200);
    }
    for n in 1000..n {
        for collection in ["movies", "showtimes", "bookings", "users"] {
            let answer = cinema.get(&format!("/{collection}/{}", id(n))).await;
            assert!(matches!(answer.status, 200 | 404), "{answer:?}");
        }
        for rest in ["bookings", "suggested"] {
            let answer = cinema.get(&format!("/users/{}/{rest}", id(n))).await;
            assert!(matches!(answer.status, 200 | 404), "{answer:?}");
        }
    }
    cinema
        .get(&format!("/users/{user}/bookings"))
        .await
        .expect(200);
    let suggested = cinema
        .get(&format!("/users/{user}/suggested?limit=20"))
        .await
        .expect(200);
    assert_eq!(suggested.list().len(), 20);
    host.logs().tell_of_no_trap();
}

/// Whatever stands for a password, it is nobody's.
#[tokio::test]
async fn no_credentials_are_too_odd() {
    let storage = DataApi::start();
    let Some(host) = Host::start(&[("data_api_url", &storage.url())]) else {
        return;
    };
    let cinema = host.api();
    let user = ObjectId::parse_str(cinema.user("ordinary").await).unwrap();
    let texts = [
        "not hashed",
        "$argon2id$",
        "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$",
        "$2b$12$KIXQ0eJ1m8o0C8d2n1Wc4uYt5y0l2J9T7p3v6r1s5q8w2e4r6t8y0",
    ];
    let texts = texts.map(|text| Bson::String(text.into()));
    for value in odd_values().into_iter().chain(texts) {
        storage
            .set("credentials", doc! {"_id": user}, doc! {"password": &value})
            .await;
        for password in [cinema_tests::staff::password(), "not hashed"] {
            let answer = cinema.login("ordinary", password).await;
            assert_eq!(answer.status, 401, "{value:?}: {answer:?}");
            // So long ago that it is forgotten.
            let last = doc! {"last": DateTime::from_millis(0)};
            storage
                .set("attempts", doc! {"_id": keys::digest("ordinary")}, last)
                .await;
        }
    }
    host.logs().tell_of_no_trap();
}

fn deep(levels: u32) -> Document {
    (0..levels).fold(doc! {}, |inner, _| doc! {"a": [inner]})
}
