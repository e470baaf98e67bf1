//! Films: each route's good and bad ways.

use cinema_tests::{NOBODY, api::ids, shared, tag};
use serde_json::{Value, json};

#[tokio::test]
async fn a_film_is_added_read_changed_and_deleted() {
    let cinema = shared();
    let mut body =
        json!({"title": " Heat ", "director": "Mann", "rating": 8.26, "id": NOBODY, "ratng": 9});
    let refused = cinema.post("/movies", &body).await.problem(422);
    let said = json!([{"field": "ratng", "message": "is no field here; rating is meant, perhaps"}]);
    assert_eq!(refused["errors"], said);
    body.as_object_mut().unwrap().remove("ratng");
    let added = cinema.post("/movies", &body).await.expect(201);
    let id = added.id();
    assert_ne!(id, NOBODY, "the service makes the id");
    let path = format!("/movies/{id}");
    assert_eq!(added.header("location"), path);
    let film = added.data();
    assert_eq!(
        (&film["title"], &film["director"]),
        (&json!("Heat"), &json!("Mann"))
    );
    assert_eq!(film["rating"], json!(8.3), "one decimal");
    let created = film["createdon"].as_str().unwrap();
    assert!(
        created.len() >= 20 && created.as_bytes()[10] == b'T',
        "RFC 3339: {created}"
    );
    assert_eq!(cinema.get(&path).await.expect(200).data(), film);

    let changed = cinema
        .patch(
            &path,
            &json!({"rating": 9, "id": NOBODY, "createdon": "2000-01-01T00:00:00Z"}),
        )
        .await;
    let mut expected = film.clone();
    expected["rating"] = json!(9.0);
    assert_same_film(&changed.expect(200).data(), &expected);
    assert_same_film(&cinema.get(&path).await.expect(200).data(), &expected);

    let gone = cinema.delete(&path).await.expect(204);
    assert!(gone.body.is_empty());
    cinema.get(&path).await.problem(404);
    cinema.delete(&path).await.problem(404);
    cinema
        .patch(&path, &json!({"rating": 1}))
        .await
        .problem(404);
}

/// The same, whether a whole rating is written 9 or 9.0.
fn assert_same_film(one: &Value, other: &Value) {
    assert_eq!(one["rating"].as_f64(), other["rating"].as_f64());
    for field in ["id", "title", "director", "createdon"] {
        assert_eq!(one[field], other[field], "{field}");
    }
}

#[tokio::test]
async fn a_merge_patch_changes_what_it_names() {
    let cinema = shared();
    let path = format!("/movies/{}", cinema.film("Ran", "Kurosawa", 8.2).await);
    let before = cinema.get(&path).await.data();
    let same = cinema.patch(&path, &json!({})).await.expect(200).data();
    assert_same_film(&same, &before);

    let request = cinema
        .request("PATCH", &path)
        .header("content-type", "application/merge-patch+json")
        .body(r#"{"title": "乱", "director": "Akira Kurosawa"}"#);
    let changed = cinema.send(request).await.expect(200).data();
    assert_eq!(
        (&changed["title"], &changed["director"]),
        (&json!("乱"), &json!("Akira Kurosawa"))
    );
    assert_eq!(changed["rating"], before["rating"]);

    // Null takes a member away, and a film needs all of these.
    let faults = cinema
        .patch(
            &path,
            &json!({"title": null, "director": "", "rating": "8"}),
        )
        .await
        .faults();
    assert_eq!(faults, ["director", "rating", "title"]);
    assert_same_film(&cinema.get(&path).await.data(), &changed);

    cinema
        .patch("/movies/nothing", &json!({}))
        .await
        .problem(400);
    cinema.patch(&path, &json!([])).await.problem(422);
    let request = cinema
        .request("PATCH", &path)
        .header("content-type", "application/json")
        .body("{");
    cinema.send(request).await.problem(400);
    let request = cinema
        .request("PATCH", &path)
        .header("content-type", "text/plain")
        .body("{}");
    cinema.send(request).await.problem(415);
}

#[tokio::test]
async fn every_fault_of_a_film_is_told_at_once() {
    let cinema = shared();
    let long = "é".repeat(201);
    for (body, faults) in [
        (json!({}), vec!["director", "rating", "title"]),
        (
            json!({"title": "", "director": "", "rating": 10.1}),
            vec!["director", "rating", "title"],
        ),
        (
            json!({"title": 1, "director": ["x"], "rating": "8"}),
            vec!["director", "rating", "title"],
        ),
        (
            json!({"title": null, "director": "x", "rating": null}),
            vec!["rating", "title"],
        ),
        (
            json!({"title": long, "director": long, "rating": 5}),
            vec!["director", "title"],
        ),
        (
            json!({"title": "x", "director": "x", "rating": -0.1}),
            vec!["rating"],
        ),
        (
            json!({"title": "x", "director": "x", "rating": true}),
            vec!["rating"],
        ),
    ] {
        assert_eq!(
            cinema.post("/movies", &body).await.faults(),
            faults,
            "{body}"
        );
    }
    for body in [json!([]), json!("x"), json!(1), json!(null), json!(true)] {
        cinema.post("/movies", &body).await.problem(422);
    }
}

#[tokio::test]
async fn lengths_are_counted_in_characters_and_bounds_are_inside() {
    let cinema = shared();
    let most = "é".repeat(200);
    for rating in [json!(0), json!(10), json!(10.0), json!(1e0)] {
        let body = json!({"title": most, "director": most, "rating": rating});
        let film = cinema.post("/movies", &body).await.expect(201).data();
        assert_eq!(film["title"], json!(most));
        assert_eq!(film["rating"].as_f64(), rating.as_f64());
    }
}

#[tokio::test]
async fn any_text_comes_back_as_it_went_in() {
    let cinema = shared();
    let title = "\"q\" \\ \u{1F3AC} ' $where {\"$gt\": 1} %00 <b>&amp; \u{5d0}";
    let body = json!({"title": title, "director": "$set", "rating": 5});
    let id = cinema.post("/movies", &body).await.expect(201).id();
    let film = cinema
        .get(&format!("/movies/{id}"))
        .await
        .expect(200)
        .data();
    assert_eq!(
        (&film["title"], &film["director"]),
        (&json!(title), &json!("$set"))
    );
    // What nobody sees is no part of a text.
    for unseen in ["\u{202E}abc", "a\u{0000}", "a\nb", "\u{200B}"] {
        let body = json!({"title": unseen, "director": "x", "rating": 5});
        assert_eq!(cinema.post("/movies", &body).await.faults(), ["title"]);
    }
}

#[tokio::test]
async fn a_body_is_json_and_says_so() {
    let cinema = shared();
    let good = r#"{"title": "x", "director": "y", "rating": 5}"#;
    for kind in [
        "application/json",
        "application/json; charset=utf-8",
        "Application/JSON",
    ] {
        cinema.post_as("/movies", kind, good).await.expect(201);
    }
    for kind in [
        "text/plain",
        "application/xml",
        "application/jsonp",
        "application/x-www-form-urlencoded",
        "json",
        "",
    ] {
        cinema.post_as("/movies", kind, good).await.problem(415);
    }
    let none = cinema.request("POST", "/movies").body(good);
    cinema.send(none).await.problem(415);
    for body in [
        "",
        "{",
        "{}}",
        "{'title': 1}",
        "nul",
        "{\"title\": \"\u{0001}",
        "[1,]",
        "NaN",
    ] {
        cinema
            .post_as("/movies", "application/json", body)
            .await
            .problem(400);
    }
    cinema
        .post_as(
            "/movies",
            "application/json",
            b"{\"title\": \"\xff\xfe\"}".to_vec(),
        )
        .await
        .problem(400);
}

#[tokio::test]
async fn a_body_is_a_mebibyte_at_most() {
    let cinema = shared();
    let padded = |size: usize| {
        let film = r#"{"title": "x", "director": "y", "rating": 5}"#;
        format!("{film}{}", " ".repeat(size - film.len()))
    };
    let most = padded(1024 * 1024);
    assert_eq!(most.len(), 1024 * 1024);
    cinema
        .post_as("/movies", "application/json", most)
        .await
        .expect(201);
    cinema
        .post_as("/movies", "application/json", padded(1024 * 1024 + 1))
        .await
        .problem(413);
    cinema
        .post_as("/movies", "application/json", padded(8 * 1024 * 1024))
        .await
        .problem(413);
}

#[tokio::test]
async fn an_id_is_24_hex_digits() {
    let cinema = shared();
    cinema.get(&format!("/movies/{NOBODY}")).await.problem(404);
    for id in [
        "1",
        "00000000000000000000000",
        "0000000000000000000000000",
        "zzzzzzzzzzzzzzzzzzzzzzzz",
        "%F0%9F%8E%AC",
    ] {
        cinema.get(&format!("/movies/{id}")).await.problem(400);
        cinema.delete(&format!("/movies/{id}")).await.problem(400);
    }
    // Hex digits are of either case.
    let id = cinema.film("Case", "Case", 5.0).await;
    let upper = cinema
        .get(&format!("/movies/{}", id.to_uppercase()))
        .await
        .expect(200);
    assert_eq!(upper.id(), id);
}

#[tokio::test]
async fn the_best_rated_come_first_and_films_by_the_same_directors_are_found() {
    let cinema = shared();
    let [tag, director] = [tag(), tag()];
    let mut known = Vec::new();
    for (n, rating) in [7.0, 9.0, 7.0, 8.0].into_iter().enumerate() {
        let title = format!("{tag} {n}");
        let by = if n < 3 { director.clone() } else { tag.clone() };
        known.push(cinema.film(&title, &by, rating).await);
    }
    let list = async |query: &str| {
        let answer = cinema.get(&format!("/movies?{query}")).await.expect(200);
        let of = |id: &&str| known.iter().position(|known| known == id).unwrap();
        let found = answer.list();
        let found: Vec<_> = ids(&found).iter().map(of).collect();
        (found, answer.next())
    };
    let best = format!("title={tag}&order=rating");
    assert_eq!(list(&best).await, (vec![1, 3, 2, 0], None));
    let two = format!("{best}&limit=2&max_rating=8");
    assert_eq!(list(&two).await, (vec![3, 2], None), "one page");
    let like = format!("like={},{}", known[0], known[1]);
    assert_eq!(list(&like).await, (vec![0, 1, 2], None));
    assert!(list(&format!("{like}&limit=2")).await.1.is_some());
    let after = format!("order=rating&after={}", known[0]);
    for wrong in ["order=title", "like=x", "max_rating=10.1", &after] {
        cinema.get(&format!("/movies?{wrong}")).await.problem(400);
    }
}

#[tokio::test]
async fn films_are_found_by_part_of_title_and_director_whatever_the_case() {
    let cinema = shared();
    let tag = tag();
    let first = cinema
        .film(&format!("The {tag} (Part I.)"), "Agnès Varda", 7.0)
        .await;
    let second = cinema
        .film(
            &format!("THE {} (PART II.)", tag.to_uppercase()),
            "Ágnes V. [sic] $",
            8.0,
        )
        .await;
    let search = async |query: &str| {
        let found = cinema
            .get(&format!("/movies?title={tag}&{query}"))
            .await
            .expect(200)
            .list();
        let of = |id: &&str| [&first, &second].iter().position(|known| known == id);
        ids(&found).iter().map(of).collect::<Vec<_>>()
    };
    assert_eq!(search("").await, [Some(0), Some(1)]);
    assert_eq!(search("director=AGN%C3%88S").await, [Some(0)]);
    assert_eq!(search("director=varda").await, [Some(0)]);
    // What a regular expression would take for its own is only text.
    assert_eq!(search("director=V.%20[SIC]%20$").await, [Some(1)]);
    assert_eq!(search("director=.*").await, [None; 0]);
    assert_eq!(search("director=(").await, [None; 0]);
    assert_eq!(search("director=%5C").await, [None; 0]);
    assert_eq!(search("min_rating=7.5").await, [Some(1)]);
    assert_eq!(search("min_rating=7").await.len(), 2);
    assert_eq!(search("min_rating=10").await, [None; 0]);
    // Two ways to write a space, and one to write a plus.
    let path = format!("/movies?title={tag}+(part+i.");
    assert_eq!(cinema.get(&path).await.list().len(), 1);
    let path = format!("/movies?title={tag}%20(part%20i");
    assert_eq!(cinema.get(&path).await.list().len(), 2);
    assert_eq!(
        cinema
            .get(&format!("/movies?title={tag}%2B"))
            .await
            .list()
            .len(),
        0
    );
    // Shorter than what an index has.
    assert_eq!(search("director=%C3%A1g").await, [Some(1)]);
    // What was changed is found as it is now.
    let path = format!("/movies/{first}");
    let change = json!({"director": "Chantal Akerman"});
    cinema.patch(&path, &change).await.expect(200);
    assert_eq!(search("director=varda").await, [None; 0]);
    assert_eq!(search("director=AKERMAN").await, [Some(0)]);
    let unknown = cinema.get("/movies?titel=x&colour=red").await.problem(400);
    assert_eq!(
        unknown["detail"],
        "there is no parameter titel here; title is meant, perhaps"
    );
    for bad in ["min_rating=high", "min_rating=", "min_rating=NaN"] {
        cinema.get(&format!("/movies?{bad}")).await.problem(400);
    }
}

#[tokio::test]
async fn films_are_fetched_many_at_once_by_id() {
    let cinema = shared();
    let mut known = Vec::new();
    for n in 0..3 {
        known.push(cinema.film(&format!("Film {n}"), "ids", 5.0).await);
    }
    let path = format!(
        "/movies?ids={},{NOBODY},{},{}",
        known[2], known[0], known[2]
    );
    let found = cinema.get(&path).await.expect(200);
    assert!(found.next().is_none());
    assert_eq!(
        ids(&found.list()),
        [&known[0], &known[2]],
        "by id, unknown ones left out, none twice"
    );

    let hundred = vec![known[1].as_str(); 100].join(",");
    assert_eq!(
        cinema
            .get(&format!("/movies?ids={hundred}"))
            .await
            .expect(200)
            .list()
            .len(),
        1
    );
    cinema
        .get(&format!("/movies?ids={hundred},{}", known[1]))
        .await
        .problem(400);
    for bad in [
        "x",
        &format!("{},", &known[0][1..]),
        &format!("{},x", known[0]),
    ] {
        cinema.get(&format!("/movies?ids={bad}")).await.problem(400);
    }
    // Sixty known ones come although a page is fifty when nothing is said.
    let mut sixty = Vec::new();
    for n in 0..60 {
        sixty.push(cinema.film(&format!("Sixty {n}"), "ids", 5.0).await);
    }
    let all = cinema
        .all(&format!("/movies?ids={}", sixty.join(",")))
        .await;
    assert_eq!(all.len(), 60);
}

#[tokio::test]
async fn films_know_their_methods() {
    let cinema = shared();
    let one = format!("/movies/{NOBODY}");
    for method in ["PUT", "DELETE", "PATCH", "OPTIONS"] {
        let answer = cinema.send(cinema.request(method, "/movies")).await;
        assert_eq!(answer.allowed(), ["GET", "HEAD", "POST"], "{method}");
    }
    for method in ["PUT", "POST"] {
        let answer = cinema.send(cinema.request(method, &one)).await;
        assert_eq!(
            answer.allowed(),
            ["DELETE", "GET", "HEAD", "PATCH"],
            "{method}"
        );
    }
}
