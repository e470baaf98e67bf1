//! Showtimes that are changed, and taken off, beside what bookings says.

use super::*;

/// A programme with one showtime, its film and its id.
fn one() -> (Programme, ObjectId, String) {
    let programme = Programme::new();
    let film = programme.film(Some(90));
    let id = programme.added(&json!({
        "date": "2030-01-15", "time": "20:00", "screen": "1", "movies": [film.to_hex()], "capacity": 40,
    }));
    (programme, film, id)
}

#[test]
fn what_is_left_out_stays_and_null_takes_away() {
    let (programme, film, id) = one();
    let before = programme.send(Call::get(&format!("/showtimes/{id}"))).json["data"].clone();
    let changed = programme.patch(&id, &json!({"time": "21:00", "screen": null}));
    assert_eq!(changed.status, 200, "{}", changed.json);
    let mut expected = before.clone();
    expected["time"] = json!("21:00");
    expected["revision"] = json!(1);
    expected.as_object_mut().unwrap().shift_remove("screen");
    assert_eq!(changed.json["data"], expected);
    let read = programme.send(Call::get(&format!("/showtimes/{id}")));
    assert_eq!(read.json["data"], expected);
    assert_eq!(
        programme.bookings.asked(),
        [""; 0],
        "its terms are the same"
    );

    // What changes nothing is no change.
    let same = json!({"time": "21:00", "movies": [film.to_hex()], "id": id, "createdon": "x"});
    for body in [same, json!({})] {
        assert_eq!(programme.patch(&id, &body).json["data"], expected);
    }
    let missing = ObjectId::new().to_hex();
    assert_eq!(
        programme.patch(&missing, &json!({"capacity": 1})).status,
        404
    );
    assert_eq!(programme.patch("x", &json!({})).status, 400);
}

#[test]
fn a_change_keeps_the_rules_of_what_is_added() {
    let (programme, film, id) = one();
    let unknown = ObjectId::new();
    programme.knows(&[film, unknown], &[film]);
    for (body, fields) in [
        (
            json!({"date": null, "movies": null}),
            vec!["date", "movies"],
        ),
        (json!({"date": "2029-12-30"}), vec!["date"]),
        (json!({"date": "2040-12-30"}), vec!["date"]),
        (json!({"date": "2029-12-31", "time": "12:00"}), vec!["time"]),
        (
            json!({"capacity": 0, "time": "8pm", "colour": 1}),
            vec!["time", "capacity", "colour"],
        ),
        (
            json!({"date": "2029-12-30", "movies": [film.to_hex(), unknown.to_hex()]}),
            vec!["date", "movies[1]"],
        ),
    ] {
        assert_eq!(faults(&programme.patch(&id, &body)), fields, "{body}");
    }
    // What has begun may still get other seats, and be put off.
    programme
        .bookings
        .answer(&format!("PUT /bookings/terms/{id}"), &json!(null));
    NOW.set(clock("UTC").moment("2030-01-15".parse().unwrap(), "20:30".parse().unwrap()));
    assert_eq!(programme.patch(&id, &json!({"capacity": 50})).status, 200);
    assert_eq!(
        faults(&programme.patch(&id, &json!({"time": "20:29"}))),
        ["time"]
    );
    assert_eq!(programme.patch(&id, &json!({"time": "20:45"})).status, 200);
}

#[test]
fn a_film_that_was_shown_before_may_have_gone_since() {
    let (programme, film, id) = one();
    let new = ObjectId::new();
    programme.knows(&[film, new], &[new]);
    let terms = format!("PUT /bookings/terms/{id}");
    programme.bookings.answer(&terms, &json!(null));
    let movies = [film.to_hex(), new.to_hex()];
    let changed = programme.patch(&id, &json!({"movies": movies}));
    assert_eq!(changed.json["data"]["movies"], json!(movies));
    assert_eq!(changed.json["data"]["minutes"], Value::Null);
    let told = json!({"revision": 1, "capacity": 40, "movies": movies});
    assert_eq!(programme.bookings.asked(), [format!("{terms} {told}")]);
}

#[test]
fn bookings_is_told_the_terms_first_and_may_refuse() {
    let (programme, _, id) = one();
    let terms = format!("PUT /bookings/terms/{id}");
    let refusal = json!({"status": 409, "detail": "31 seats are sold"});
    programme.bookings.conflict(&terms, &refusal);
    let refused = programme.patch(&id, &json!({"capacity": 30, "time": "22:00"}));
    assert_eq!(refused.status, 409);
    assert_eq!(refused.json["detail"], "31 seats are sold");
    programme.bookings.fail(&terms);
    assert_eq!(programme.patch(&id, &json!({"capacity": 30})).status, 503);
    let read = programme.send(Call::get(&format!("/showtimes/{id}")));
    assert_eq!(read.json["data"]["capacity"], 40);
    assert_eq!(read.json["data"]["time"], "20:00");
    // The time that it was refused is free.
    let film = programme.film(None).to_hex();
    let body = json!({"date": "2030-01-15", "time": "22:00", "screen": "1", "movies": [film]});
    assert_eq!(programme.post(&body).status, 201);
    // A showtime without bounds is sold on terms as well.
    programme.bookings.answer(&terms, &json!(null));
    let boundless = programme.patch(&id, &json!({"capacity": null}));
    assert_eq!(boundless.json["data"]["capacity"], Value::Null);
    let told = programme.bookings.asked().pop().unwrap();
    assert!(!told.contains("capacity"), "{told}");
}

#[test]
fn where_bookings_knows_a_newer_revision_it_goes_on_with_a_newer_one() {
    let (programme, _, id) = one();
    let terms = format!("PUT /bookings/terms/{id}");
    let stale = json!({"detail": "there are newer terms", "revision": 6});
    programme.bookings.conflict(&terms, &stale);
    // It says so of 7 as well: which then is no longer a question of age.
    let refused = programme.patch(&id, &json!({"capacity": 30}));
    assert_eq!(refused.status, 409);
    let revisions: Vec<_> = programme.bookings.asked();
    assert!(revisions[0].contains(r#""revision":1,"#), "{revisions:?}");
    assert!(revisions[1].contains(r#""revision":7,"#), "{revisions:?}");
    assert_eq!(revisions.len(), 2);
}

#[test]
fn a_showtime_moves_to_where_the_screen_is_free() {
    let (programme, film, id) = one();
    let other = programme.added(&json!({
        "date": "2030-01-15", "time": "22:00", "screen": "1", "movies": [film.to_hex()],
    }));
    let to = |id: &str, time: &str| programme.patch(id, &json!({"time": time})).status;
    assert_eq!(to(&id, "21:00"), 409);
    assert_eq!(to(&other, "20:30"), 409);
    // It is not in its own way.
    assert_eq!(to(&id, "20:20"), 200);
    assert_eq!(to(&id, "17:00"), 200);
    assert_eq!(to(&other, "20:20"), 200);
    assert_eq!(to(&id, "18:50"), 200);
    let there = programme.memory.documents("screens");
    let claims = there[0].get_array("claims").unwrap();
    assert_eq!(claims.len(), 2, "{claims:?}");
}

#[test]
fn a_longer_film_needs_more_room() {
    let (programme, film, id) = one();
    programme
        .bookings
        .answer(&format!("PUT /bookings/terms/{id}"), &json!(null));
    programme.added(&json!({
        "date": "2030-01-15", "time": "21:30", "screen": "1", "movies": [film.to_hex()],
    }));
    let (long, short) = (programme.film(Some(91)), programme.film(Some(60)));
    let show = |film: ObjectId| {
        programme
            .patch(&id, &json!({"movies": [film.to_hex()]}))
            .status
    };
    assert_eq!(show(long), 409);
    assert_eq!(show(short), 200);
    let brief = programme.film(Some(30)).to_hex();
    let body = json!({"date": "2030-01-15", "time": "21:00", "screen": "1", "movies": [brief]});
    assert_eq!(programme.post(&body).status, 201);
}

#[test]
fn what_is_booked_is_not_taken_off_unless_it_is_cancelled() {
    let (programme, film, id) = one();
    let terms = format!("DELETE /bookings/terms/{id}");
    programme
        .bookings
        .conflict(&terms, &json!({"detail": "3 bookings stand"}));
    let refused = programme.delete(&id);
    assert_eq!(refused.status, 409);
    assert_eq!(refused.json["detail"], "3 bookings stand");
    let path = format!("/showtimes/{id}?cancel_bookings=true");
    assert_eq!(programme.send(Call::new("DELETE", &path)).status, 503);
    assert_eq!(programme.ids("/showtimes"), std::slice::from_ref(&id));

    let all = format!("{terms}?cancel_bookings=true");
    programme.bookings.answer(&all, &json!(null));
    assert_eq!(programme.send(Call::new("DELETE", &path)).status, 204);
    assert_eq!(programme.bookings.asked(), [terms, all.clone(), all]);
    assert_eq!(programme.ids("/showtimes"), [""; 0]);
    // Its screen is free at once.
    let again =
        json!({"date": "2030-01-15", "time": "20:00", "screen": "1", "movies": [film.to_hex()]});
    assert_eq!(programme.post(&again).status, 201);
    for wrong in ["?cancel_bookings=false", "?cancel_bookings", "?cancel=true"] {
        let path = format!("/showtimes/{id}{wrong}");
        assert_eq!(
            programme.send(Call::new("DELETE", &path)).status,
            400,
            "{wrong}"
        );
    }
}
