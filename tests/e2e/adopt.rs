//! Documents that other programs wrote are adopted, and then served like any other.

use std::process::Output;

use cinema_tests::bson::{Bson, DateTime, Document, doc, oid::ObjectId};
use cinema_tests::{DataApi, Host, api::ids, day, host, keys};
use data_api_client::memory::odd_values;
use serde_json::json;

fn id(n: u64) -> ObjectId {
    ObjectId::parse_str(format!("65a1b2c3{n:016x}")).unwrap()
}

/// Runs `cinema adopt`, and gives how it ended with what it told.
fn adopt(arguments: &[&str]) -> (Option<i32>, String) {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../spin.toml");
    let command = [&["adopt", "--from", manifest], arguments].concat();
    let Output {
        status,
        stdout,
        stderr,
    } = host::cinema(&command);
    let told = [stdout, stderr].concat();
    (status.code(), String::from_utf8_lossy(&told).into_owned())
}

#[tokio::test]
async fn a_store_of_other_programs_is_adopted_and_served() {
    let storage = DataApi::start();
    let url = storage.url();
    let Some(host) = Host::start(&[("data_api_url", &url)]) else {
        return;
    };
    let long = f64::from(8.8f32);
    for (collection, document) in [
        (
            "movies",
            doc! {"_id": id(1), "title": "Text", "director": "D", "rating": "8.8", "created_at": "2015-11-30T18:30:00Z"},
        ),
        (
            "movies",
            doc! {"_id": id(2), "name": "Float", "director": "D", "rating": long, "tags": ["x"]},
        ),
        (
            "movies",
            doc! {"_id": id(5), "title": 1917, "director": null, "rating": "good"},
        ),
        (
            "showtimes",
            doc! {"_id": id(10), "date": DateTime::from_millis(1_448_908_200_000), "movies": [id(1).to_hex()]},
        ),
        (
            "showtimes",
            doc! {"_id": id(11), "date": "20151130", "movies": [id(1)], "capacity": "12"},
        ),
        (
            "bookings",
            doc! {"_id": id(20), "userid": id(30).to_hex(), "showtimeid": id(10).to_hex(), "movies": [id(1).to_hex()]},
        ),
        (
            "users",
            doc! {"_id": id(30), "username": "Old.User", "name": "Ann", "lastname": "Lee", "password": "hash"},
        ),
    ] {
        storage.put(collection, document).await;
    }
    let variable = format!("data_api_url={url}");
    let (code, told) = adopt(&["--variable", &variable]);
    assert_eq!(code, Some(1), "{told}");
    for line in [
        &format!(
            "movies {}: director is missing; rating is not a number from 0 to 10",
            id(5)
        ),
        "movies: 0 well, 2 would be rewritten, 1 cannot be read",
        "bookings: 0 well, 1 would be rewritten, 0 cannot be read",
    ] {
        assert!(told.contains(line), "{told}");
    }
    let (code, told) = adopt(&["--variable", &variable, "--write"]);
    assert_eq!(code, Some(1), "{told}");
    storage
        .set(
            "movies",
            doc! {"_id": id(5)},
            doc! {"director": "D", "rating": 8},
        )
        .await;
    let (code, told) = adopt(&["--variable", &variable, "--write"]);
    assert_eq!(code, Some(0), "{told}");
    assert!(
        told.contains("movies: 2 well, 1 rewritten, 0 cannot be read"),
        "{told}"
    );

    let cinema = host.api();
    let films = cinema.get("/movies").await.expect(200).list();
    assert_eq!(
        ids(&films),
        [id(1).to_hex(), id(2).to_hex(), id(5).to_hex()]
    );
    assert_eq!(
        (&films[1]["title"], &films[1]["rating"]),
        (&json!("Float"), &json!(8.8))
    );
    let created = films[0]["createdon"].as_str().unwrap();
    assert!(created.starts_with("2015-11-30T18:30:00"), "{created}");
    let day = cinema
        .get("/showtimes?date=2015-11-30")
        .await
        .expect(200)
        .list();
    assert_eq!(day.len(), 2);
    let user = cinema.get(&format!("/users/{}", id(30))).await.expect(200);
    assert_eq!(
        (&user.data()["username"], &user.data()["firstname"]),
        (&json!("old.user"), &json!("Ann"))
    );
    assert!(!String::from_utf8_lossy(&user.body).contains("hash"));
    // A password that another program keeps with its users opens nothing here.
    cinema.login("old.user", "hash").await.problem(401);
    let mine = cinema
        .get(&format!("/users/{}/bookings", id(30)))
        .await
        .expect(200)
        .list();
    assert_eq!(ids(&mine), [id(20).to_hex()]);
    assert_eq!(mine[0]["movies"][0]["title"], json!("Text"));
    cinema
        .get(&format!("/users/{}/suggested", id(30)))
        .await
        .expect(200);
}

#[tokio::test]
async fn the_files_of_the_first_system_are_taken_into_the_embedded_store() {
    let Some(mut host) = Host::start(&[]) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let (uuid, name) = ("720d006c-3a57-4b6a-b18f-9b713b073f3c", "chris_rivers");
    for (file, content) in [
        (
            "movies.json",
            json!({uuid: {"title": "The Good Dinosaur", "rating": 7.4, "director": "Peter Sohn", "id": uuid}}),
        ),
        (
            "users.json",
            json!({name: {"id": name, "name": "Chris Rivers", "last_active": 1_360_031_010}}),
        ),
        ("showtimes.json", json!({"20151130": [uuid]})),
        ("bookings.json", json!({name: {"20151130": [uuid]}})),
    ] {
        std::fs::write(folder.path().join(file), content.to_string()).unwrap();
    }
    let state = host.state_dir().to_owned();
    let arguments = [
        "--state-dir",
        state.to_str().unwrap(),
        "--write",
        "--from-json",
        folder.path().to_str().unwrap(),
    ];
    let (code, told) = adopt(&arguments);
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("is being served by another host"), "{told}");
    host.stop("TERM");
    for line in ["files: 0 well, 4 rewritten", "files: 4 well, 0 rewritten"] {
        let (code, told) = adopt(&arguments);
        assert_eq!(code, Some(0), "{told}");
        assert!(told.contains(line), "{told}");
    }
    let (code, told) = adopt(&arguments[..2]);
    assert_eq!(code, Some(0), "{told}");
    host.restart();
    let cinema = host.api();
    let users = cinema.get("/users").await.expect(200).list();
    let user = users
        .iter()
        .find(|user| user["username"] == json!(name))
        .unwrap();
    assert_eq!(
        (&user["firstname"], &user["lastname"]),
        (&json!("Chris"), &json!("Rivers"))
    );
    let path = format!("/users/{}/bookings", user["id"].as_str().unwrap());
    let booked = cinema.get(&path).await.expect(200).list();
    assert_eq!(booked[0]["movies"][0]["title"], json!("The Good Dinosaur"));
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
    let day = day();
    let showtime = cinema.showtime(&day, &[&film], None).await;
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
        }
    }
    for path in [
        "/movies?title=o&min_rating=1",
        &format!("/showtimes?date={day}"),
        "/showtimes?from=2000-01-01",
        &format!("/showtimes/{day}"),
    ] {
        cinema.get(path).await.expect(200);
    }
    for n in 1000..n {
        for collection in ["movies", "showtimes", "bookings", "users"] {
            let answer = cinema.get(&format!("/{collection}/{}", id(n))).await;
            assert!(matches!(answer.status, 404 | 500), "{answer:?}");
        }
        for rest in ["bookings", "suggested"] {
            let answer = cinema.get(&format!("/users/{}/{rest}", id(n))).await;
            assert!(matches!(answer.status, 404 | 500), "{answer:?}");
        }
    }
    cinema
        .get(&format!("/users/{user}/bookings"))
        .await
        .expect(200);
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
        let expected = if matches!(value, Bson::String(_)) {
            401
        } else {
            500
        };
        storage
            .set("credentials", doc! {"_id": user}, doc! {"password": &value})
            .await;
        for password in [cinema_tests::staff::password(), "not hashed"] {
            let answer = cinema.login("ordinary", password).await;
            assert_eq!(answer.status, expected, "{value:?}: {answer:?}");
            // So long ago that it is forgotten.
            let last = doc! {"last": DateTime::from_millis(0)};
            storage
                .set(
                    "attempts",
                    doc! {"_id": keys::digest("ordinary\n127.0.0.1")},
                    last,
                )
                .await;
        }
    }
    host.logs().tell_of_no_trap();
}

fn deep(levels: u32) -> Document {
    (0..levels).fold(doc! {}, |inner, _| doc! {"a": [inner]})
}
