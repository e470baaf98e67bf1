//! Users: each route's good and bad ways, and their bookings.

use cinema_tests::{
    Api, Host, NOBODY,
    api::{ids, in_days, person},
    shared, staff, tag,
};
use futures::future::join_all;
use serde_json::{Value, json};

#[tokio::test]
async fn a_user_is_added_read_and_deleted() {
    let cinema = shared();
    let name = tag();
    let added = cinema.post("/users", &person(&name)).await.expect(201);
    let path = format!("/users/{}", added.id());
    assert_eq!(added.header("location"), path);
    let user = added.data();
    assert_eq!(
        (&user["username"], &user["firstname"], &user["lastname"]),
        (&json!(name), &json!("Ada"), &json!("Okafor"))
    );
    assert!(user["createdon"].is_string());
    assert_eq!(user["role"], json!("customer"));
    assert_eq!(cinema.get(&path).await.expect(200).data(), user);
    let all = cinema.all("/users?limit=100").await;
    assert!(all.contains(&user));

    cinema.delete(&path).await.expect(204);
    cinema.get(&path).await.problem(404);
    cinema.delete(&path).await.problem(404);
    for path in [format!("{path}/bookings"), format!("{path}/suggested")] {
        cinema.get(&path).await.problem(404);
    }
    // The name is free again.
    cinema.user(&name).await;
}

#[tokio::test]
async fn a_username_is_taken_whatever_its_case() {
    let cinema = shared();
    let name = tag();
    let first = cinema.user(&name).await;
    cinema.post("/users", &person(&name)).await.problem(409);
    let upper = cinema.post("/users", &person(&name.to_uppercase())).await;
    assert!(matches!(upper.status, 409 | 422), "{upper:?}");
    let named = cinema.all("/users?limit=100").await;
    let same = |user: &&Value| {
        user["username"]
            .as_str()
            .unwrap()
            .eq_ignore_ascii_case(&name)
    };
    assert_eq!(named.iter().filter(same).count(), 1);
    cinema.get(&format!("/users/{first}")).await.expect(200);
}

#[tokio::test]
async fn sixteen_at_once_want_one_name_and_one_gets_it() {
    let cinema = shared();
    for _ in 0..3 {
        let body = person(&tag());
        let answers = join_all((0..16).map(|_| cinema.post("/users", &body))).await;
        let (won, lost): (Vec<_>, Vec<_>) =
            answers.into_iter().partition(|answer| answer.status == 201);
        assert_eq!(won.len(), 1);
        for answer in lost {
            answer.problem(409);
        }
        let path = format!("/users/{}", won[0].id());
        assert_eq!(
            cinema.get(&path).await.expect(200).data()["username"],
            body["username"]
        );
    }
}

#[tokio::test]
async fn every_fault_of_a_user_is_told_at_once() {
    let cinema = shared();
    for (body, faults) in [
        (
            json!({}),
            vec!["firstname", "lastname", "password", "username"],
        ),
        (
            json!({"username": 1, "firstname": [], "lastname": {}, "password": true, "role": 1}),
            vec!["firstname", "lastname", "password", "role", "username"],
        ),
        (
            json!({"username": "ab", "firstname": "A", "lastname": "B"}),
            vec!["username"],
        ),
        (
            json!({"username": "a".repeat(65), "firstname": "A", "lastname": "B"}),
            vec!["username"],
        ),
        (
            json!({"username": "ann lee", "firstname": "A", "lastname": "B"}),
            vec!["username"],
        ),
        (
            json!({"username": "ann/lee", "firstname": "A", "lastname": "B"}),
            vec!["username"],
        ),
        (
            json!({"username": "änn", "firstname": "A", "lastname": "B"}),
            vec!["username"],
        ),
        (
            json!({"username": "ann\n", "firstname": "A", "lastname": "B"}),
            vec!["username"],
        ),
        (
            json!({"username": null, "firstname": null, "lastname": "B"}),
            vec!["firstname", "username"],
        ),
        (json!({"role": "owner"}), vec!["role"]),
        (json!({"role": "Staff"}), vec!["role"]),
        (json!({"password": null}), vec!["password"]),
        (json!({"password": "nine char"}), vec!["password"]),
        (json!({"password": "é".repeat(129)}), vec!["password"]),
        (json!({"password": 1_234_567_890}), vec!["password"]),
        (json!({"password": {"$gt": ""}}), vec!["password"]),
    ] {
        // What a case does not speak of is as it should be.
        let mut body = body;
        if faults.len() < 4 {
            let members = body.as_object_mut().unwrap();
            for (name, value) in person(&tag()).as_object().unwrap() {
                members.entry(name).or_insert(value.clone());
            }
        }
        assert_eq!(
            cinema.post("/users", &body).await.faults(),
            faults,
            "{body}"
        );
    }
    // The bounds are inside, and every allowed character is allowed.
    cinema
        .user(&format!("{:-<64}", format!("{}._-az09", tag())))
        .await;
}

#[tokio::test]
async fn a_password_is_10_to_128_characters_of_any_kind() {
    let cinema = shared();
    for password in [
        "9081726354".to_owned(),
        " x".repeat(5),
        "🎬🍿".repeat(64),
        "\u{0}\u{202E}\"\\'$where{}\n%00".to_owned(),
    ] {
        let mut body = person(&tag());
        body["password"] = json!(password);
        cinema.post("/users", &body).await.expect(201);
        let username = body["username"].as_str().unwrap();
        cinema.login(username, &password).await.expect(200);
    }
}

#[tokio::test]
async fn a_password_is_never_given_back() {
    let cinema = shared();
    let body = person(&tag());
    let added = cinema.post("/users", &body).await.expect(201);
    let path = format!("/users/{}", added.id());
    let mut faulty = body.clone();
    faulty["lastname"] = json!(7);
    let answers = [
        added,
        cinema.get(&path).await.expect(200),
        cinema.get("/users?limit=100").await.expect(200),
        cinema.get(&format!("{path}/bookings")).await.expect(200),
        cinema.get(&format!("{path}/suggested")).await.expect(200),
        cinema.post("/users", &body).await,
        cinema.post("/users", &faulty).await,
    ];
    let secret = staff::password().to_lowercase();
    for answer in answers {
        let text = String::from_utf8_lossy(&answer.body).to_lowercase();
        assert!(
            !text.contains(&secret) && !text.contains("\"password\":"),
            "{answer:?}"
        );
    }
}

/// A user with a booking of two films.
async fn booked(cinema: &Api) -> (String, String, [String; 2]) {
    let films = [
        cinema.film("Alpha", "Users", 6.0).await,
        cinema.film("Beta", "Users", 8.5).await,
    ];
    let body = json!({"date": in_days(300), "time": "20:15", "movies": films});
    let showtime = cinema.post("/showtimes", &body).await.expect(201).id();
    let user = cinema.user(&tag()).await;
    cinema
        .booking(&user, &showtime, &[&films[0], &films[1]], 2)
        .await;
    (user, showtime, films)
}

/// The showtime and the films of one of a user's bookings.
fn parts(booking: &Value) -> (&Value, &Vec<Value>) {
    (&booking["showtime"], booking["movies"].as_array().unwrap())
}

#[tokio::test]
async fn a_users_bookings_show_when_and_what() {
    let cinema = shared();
    let (user, showtime, films) = booked(&cinema).await;
    let path = format!("/users/{user}/bookings");
    let list = cinema.get(&path).await.expect(200).list();
    assert_eq!(list.len(), 1);
    let (when, what) = parts(&list[0]);
    assert_eq!(list[0]["seats"], json!(2));
    assert_eq!(
        (&when["id"], &when["date"], &when["time"]),
        (&json!(showtime), &json!(in_days(300)), &json!("20:15"))
    );
    assert_eq!(what.len(), 2);
    assert_eq!(
        (
            &what[0]["id"],
            &what[0]["title"],
            what[0]["rating"].as_f64()
        ),
        (&json!(films[0]), &json!("Alpha"), Some(6.0))
    );
    assert_eq!(
        (
            &what[1]["id"],
            &what[1]["title"],
            what[1]["rating"].as_f64()
        ),
        (&json!(films[1]), &json!("Beta"), Some(8.5))
    );

    // What has been deleted since is as it was bought.
    cinema
        .delete(&format!("/showtimes/{showtime}?cancel_bookings=true"))
        .await
        .expect(204);
    cinema
        .delete(&format!("/movies/{}", films[0]))
        .await
        .expect(204);
    let list = cinema.get(&path).await.expect(200).list();
    let (when, what) = parts(&list[0]);
    assert_eq!(
        *when,
        json!({"id": showtime, "date": in_days(300), "time": "20:15"})
    );
    assert_eq!(what[0], json!({"id": films[0], "title": "Alpha"}));
    assert_eq!(what[1]["title"], json!("Beta"));
    assert_eq!(list[0]["cancelled"]["reason"], "the showtime was cancelled");
}

#[tokio::test]
async fn a_users_bookings_are_paged() {
    let cinema = shared();
    let (user, showtime, films) = booked(&cinema).await;
    for _ in 0..6 {
        cinema.booking(&user, &showtime, &[&films[1]], 1).await;
    }
    let plain = cinema.all(&format!("/bookings?userid={user}")).await;
    for limit in [1, 3, 7, 100] {
        let mine = cinema
            .all(&format!("/users/{user}/bookings?limit={limit}"))
            .await;
        assert_eq!(ids(&mine), ids(&plain), "{limit}");
        assert!(
            mine.iter()
                .all(|booking| booking["movies"][0]["title"].is_string())
        );
    }
    let empty = cinema.user(&tag()).await;
    assert!(
        cinema
            .get(&format!("/users/{empty}/bookings"))
            .await
            .expect(200)
            .list()
            .is_empty()
    );
    cinema
        .get(&format!("/users/{NOBODY}/bookings"))
        .await
        .problem(404);
    cinema.get("/users/x/bookings").await.problem(400);
    cinema
        .get(&format!("/users/{user}/bookings?limit=0"))
        .await
        .problem(400);
}

#[tokio::test]
async fn users_know_their_methods_bodies_and_ids() {
    let cinema = shared();
    let one = format!("/users/{NOBODY}");
    let answer = cinema.send(cinema.request("PUT", "/users")).await;
    assert_eq!(answer.allowed(), ["GET", "HEAD", "POST"]);
    for method in ["PUT", "POST"] {
        let answer = cinema.send(cinema.request(method, &one)).await;
        assert_eq!(
            answer.allowed(),
            ["DELETE", "GET", "HEAD", "PATCH"],
            "{method}"
        );
    }
    for path in [format!("{one}/bookings"), format!("{one}/suggested")] {
        let answer = cinema.send(cinema.request("POST", &path)).await;
        assert_eq!(answer.allowed(), ["GET", "HEAD"]);
    }
    cinema.refuses_malformed("/users").await;
}

#[tokio::test]
async fn a_password_is_changed_and_the_other_sessions_end() {
    let cinema = shared();
    let ann = cinema.customer(&tag()).await;
    let (here, there) = (
        cinema.sign_in(&ann.username).await,
        cinema.sign_in(&ann.username).await,
    );
    let path = format!("/users/{}/password", ann.id);
    let put = async |client: &Api, body: serde_json::Value| {
        client.send(client.request("PUT", &path).json(&body)).await
    };
    let (client, new) = (cinema.with_token(&here.access), "a new tide at dawn");
    put(&client, json!({"current": "wrong", "password": new}))
        .await
        .problem(422);
    let body = json!({"current": staff::password(), "password": new});
    put(&client, body).await.expect(204);
    cinema.refresh(&there.refresh).await.problem(401);
    let here = cinema_tests::people::Tokens::of(cinema.refresh(&here.refresh).await);
    cinema
        .login(&ann.username, staff::password())
        .await
        .problem(401);
    cinema.login(&ann.username, new).await.expect(200);
    // Staff set it without, and a code that they give out does so once.
    put(&cinema, json!({"password": "set by the staff"}))
        .await
        .expect(204);
    cinema.refresh(&here.refresh).await.problem(401);
    let given = cinema
        .post(&format!("/users/{}/code", ann.id), &json!({}))
        .await
        .expect(200)
        .data();
    let reset = json!({"username": ann.username, "code": given["code"], "password": new});
    cinema
        .anonymous()
        .post("/auth/reset", &reset)
        .await
        .expect(204);
    cinema
        .anonymous()
        .post("/auth/reset", &reset)
        .await
        .problem(401);
    cinema.login(&ann.username, new).await.expect(200);
}

#[tokio::test]
async fn who_is_deleted_or_demoted_changes_nothing_by_an_old_token() {
    let cinema = shared();
    let film = cinema.film("Gone", &tag(), 5.0).await;
    let showtime = cinema.showtime("2033-01-01", &[&film], None).await;
    let (left, demoted) = (
        cinema.member(&tag(), "staff").await,
        cinema.member(&tag(), "staff").await,
    );
    let id = async |member: &Api| {
        let me = member.get("/auth/me").await.expect(200).data();
        me["id"].as_str().unwrap().to_owned()
    };
    let (left_id, demoted_id) = (id(&left).await, id(&demoted).await);
    cinema
        .delete(&format!("/users/{left_id}"))
        .await
        .expect(204);
    let customer = json!({"role": "customer"});
    cinema
        .patch(&format!("/users/{demoted_id}"), &customer)
        .await
        .expect(200);
    for (member, status) in [(&left, 401), (&demoted, 403)] {
        let mut accomplice = person(&tag());
        accomplice["role"] = json!("staff");
        member.post("/users", &accomplice).await.problem(403);
        member
            .patch(&format!("/movies/{film}"), &json!({"rating": 1}))
            .await
            .problem(status);
        member
            .delete(&format!("/showtimes/{showtime}"))
            .await
            .problem(status);
    }
    let booking = json!({"showtimeid": showtime, "movies": [film]});
    left.post("/bookings", &booking).await.problem(401);
}

#[tokio::test]
async fn of_staff_who_demote_one_another_at_once_somebody_stays() {
    let Some(host) = Host::start(&[]) else { return };
    let cinema = host.api();
    let mut staff = vec![cinema.clone()];
    for name in ["one", "two", "three"] {
        staff.push(cinema.member(name, "staff").await);
    }
    let ids: Vec<_> = cinema
        .all("/users")
        .await
        .iter()
        .map(|user| user["id"].as_str().unwrap().to_owned())
        .collect();
    let customer = json!({"role": "customer"});
    let paths: Vec<_> = ids.iter().map(|id| format!("/users/{id}")).collect();
    let demotions = staff
        .iter()
        .zip(paths.iter().rev())
        .map(|(member, path)| member.patch(path, &customer));
    for answer in join_all(demotions).await {
        assert!(matches!(answer.status, 200 | 401 | 403 | 409), "{answer:?}");
    }
    let users = cinema.all("/users").await;
    assert!(
        users.iter().any(|user| user["role"] == json!("staff")),
        "{users:?}"
    );
}
