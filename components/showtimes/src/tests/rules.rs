//! What may be put on the programme.

use std::time::Duration;

use super::*;

#[test]
fn a_showtime_is_added_read_and_deleted() {
    let programme = Programme::new();
    let movies = [ObjectId::new(), ObjectId::new()];
    programme.knows(&movies, &movies);
    let body = json!({"date": "2030-01-15", "time": "20:15", "screen": "1", "capacity": 40, "movies": movies.map(|id| id.to_hex())});
    let created = programme.post(&body);
    assert_eq!(created.status, 201);
    for (field, value) in body.as_object().unwrap() {
        assert_eq!(created.json["data"][field], *value);
    }
    assert_eq!(created.json["data"]["revision"], 0);
    let path = created.headers["location"].to_str().unwrap().to_owned();
    assert_eq!(programme.send(Call::get(&path)).json, created.json);
    let id = path.rsplit('/').next().unwrap();
    let terms = format!("DELETE /bookings/terms/{id}");
    programme.bookings.answer(&terms, &json!(null));
    assert_eq!(programme.delete(id).status, 204);
    assert_eq!(programme.send(Call::get(&path)).status, 404);
    assert_eq!(programme.delete(id).status, 404);
    assert_eq!(programme.bookings.asked(), [terms]);
    assert_eq!(
        programme.send(Call::new("PUT", &path)).headers["allow"],
        "GET, PATCH, DELETE, HEAD"
    );
}

#[test]
fn every_fault_is_told_at_once() {
    let programme = Programme::new();
    let movies = [ObjectId::new(), ObjectId::new()];
    programme.knows(&movies, &movies[..1]);
    let body = json!({"date": "2030-02-30", "time": "8pm", "screen": "", "capacity": 0, "movies": movies.map(|id| id.to_hex())});
    assert_eq!(
        faults(&programme.post(&body)),
        ["date", "time", "screen", "capacity", "movies[1]"]
    );
    let past = json!({"date": "2029-12-30", "capacity": 0, "movies": movies.map(|id| id.to_hex())});
    assert_eq!(
        faults(&programme.post(&past)),
        ["capacity", "movies[1]", "date"]
    );
}

#[test]
fn the_catalogue_is_needed_to_add() {
    let programme = Programme::new();
    let movie = ObjectId::new();
    let path = format!("/movies?limit=100&ids={movie}");
    programme.movies.fail(&path);
    let answer = programme.post(&json!({"date": "2030-01-01", "movies": [movie.to_hex()]}));
    assert_eq!(answer.status, 503);
    assert!(answer.json["detail"].as_str().unwrap().contains("movies"));
    assert!(answer.headers.contains_key("retry-after"));
}

#[test]
fn what_has_begun_is_not_put_on_nor_what_is_more_than_ten_years_ahead() {
    let programme = Programme::new();
    let movie = programme.film(None).to_hex();
    let at = |date: &str, time: Option<&str>| {
        programme.post(&json!({"date": date, "time": time, "movies": [movie]}))
    };
    for (date, time, fault) in [
        ("2029-12-30", None, "date"),
        ("2029-12-30", Some("23:59"), "date"),
        ("1894-12-31", None, "date"),
        ("2040-01-01", None, "date"),
        ("9999-12-31", Some("20:00"), "date"),
        ("2029-12-31", Some("11:59"), "time"),
        ("2029-12-31", Some("12:00"), "time"),
    ] {
        assert_eq!(faults(&at(date, time)), [fault], "{date} {time:?}");
    }
    for (date, time) in [
        ("2029-12-31", None),
        ("2029-12-31", Some("12:01")),
        ("2039-12-31", Some("23:59")),
    ] {
        assert_eq!(at(date, time).status, 201, "{date} {time:?}");
    }
}

#[test]
fn what_has_begun_is_told_by_the_clock_on_the_cinema_s_wall() {
    let mut programme = Programme::new();
    let movie = programme.film(None).to_hex();
    // There it is the first of January, two in the morning.
    programme.zone = "Pacific/Kiritimati";
    let today = json!({"date": "2029-12-31", "movies": [movie]});
    assert_eq!(faults(&programme.post(&today)), ["date"]);
    let begun = json!({"date": "2030-01-01", "time": "02:00", "movies": [movie]});
    assert_eq!(faults(&programme.post(&begun)), ["time"]);
    let later = json!({"date": "2030-01-01", "time": "02:01", "movies": [movie]});
    assert_eq!(programme.post(&later).status, 201);
}

/// A showtime on a screen, of a film.
fn on(screen: &str, date: &str, time: &str, movie: ObjectId) -> Value {
    json!({"date": date, "time": time, "screen": screen, "movies": [movie.to_hex()]})
}

#[test]
fn a_screen_shows_one_thing_at_a_time() {
    let programme = Programme::new();
    let (short, unknown) = (programme.film(Some(90)), programme.film(None));
    let first = programme.added(&on("Screen 1", "2030-01-15", "20:00", short));
    for (screen, date, time, film, status) in [
        ("Screen 1", "2030-01-15", "20:00", short, 409),
        (" screen 1 ", "2030-01-15", "20:00", unknown, 409),
        ("SCREEN 1", "2030-01-15", "21:29", unknown, 409),
        ("Screen 1", "2030-01-15", "18:31", short, 409),
        ("Screen 2", "2030-01-15", "20:00", short, 201),
        ("Screen 1", "2030-01-14", "20:00", short, 201),
        ("Screen 1", "2030-01-15", "18:30", short, 201),
        ("Screen 1", "2030-01-15", "21:30", unknown, 201),
        // How long that takes is not known.
        ("Screen 1", "2030-01-15", "21:31", short, 201),
    ] {
        let answer = programme.post(&on(screen, date, time, film));
        assert_eq!(answer.status, status, "{screen} {time}: {}", answer.json);
    }
    let refused = programme.post(&on("Screen 1", "2030-01-15", "20:30", short));
    let detail = refused.json["detail"].as_str().unwrap();
    assert!(
        detail.contains(&first) && detail.contains("20:00"),
        "{detail}"
    );
    // Without a screen or a time, nothing is in the way.
    for body in [
        json!({"date": "2030-01-15", "time": "20:00", "movies": [short.to_hex()]}),
        json!({"date": "2030-01-15", "screen": "Screen 1", "movies": [short.to_hex()]}),
    ] {
        assert_eq!(programme.post(&body).status, 201);
        assert_eq!(programme.post(&body).status, 201);
    }
    assert_eq!(programme.memory.scans(), [""; 0]);
}

#[test]
fn it_does_across_midnight_and_where_clocks_change() {
    let mut programme = Programme::new();
    programme.zone = "Europe/Berlin";
    let (long, short) = (programme.film(Some(180)), programme.film(Some(30)));
    let status = |date: &str, time: &str, film| programme.post(&on("1", date, time, film)).status;
    assert_eq!(status("2030-01-15", "23:30", long), 201);
    assert_eq!(status("2030-01-16", "02:29", short), 409);
    assert_eq!(status("2030-01-16", "02:30", short), 201);
    assert_eq!(status("2030-01-15", "23:00", short), 201);
    assert_eq!(status("2030-01-15", "22:30", long), 409);
    // From 02:00 on it is 03:00, so that it ends at 05:00.
    assert_eq!(status("2030-03-31", "01:00", long), 201);
    assert_eq!(status("2030-03-31", "04:59", short), 409);
    assert_eq!(status("2030-03-31", "05:00", short), 201);
    // From 03:00 on it is 02:00 again, so that it ends at 03:00.
    assert_eq!(status("2030-10-27", "01:00", long), 201);
    assert_eq!(status("2030-10-27", "03:00", short), 201);
}

#[test]
fn a_showtime_takes_as_long_as_all_its_films() {
    let programme = Programme::new();
    let films = [ObjectId::new(), ObjectId::new()];
    let told = |minutes: [Option<i32>; 2]| {
        let told = films.iter().zip(minutes);
        let told = told.map(|(id, minutes)| json!({"id": id.to_hex(), "minutes": minutes}));
        programme.tells(&films, told.collect());
        let body = json!({"date": "2030-01-15", "movies": films.map(|id| id.to_hex())});
        programme.post(&body).json["data"]["minutes"].clone()
    };
    assert_eq!(told([Some(90), Some(100)]), 190);
    assert_eq!(told([Some(90), None]), Value::Null);
}

#[test]
fn what_was_on_before_there_were_sheets_is_in_the_way_too() {
    let programme = Programme::new();
    let film = programme.film(Some(90));
    let old = bson::doc! {
        "_id": ObjectId::new(), "date": "2030-01-15", "time": "20:00", "screen": "Screen 1 ", "movies": [film],
        "createdon": bson::DateTime::now(),
    };
    programme.memory.put("showtimes", old);
    for (time, status) in [("20:00", 409), ("19:00", 409), ("20:01", 201)] {
        let answer = programme.post(&on("screen 1", "2030-01-15", time, film));
        assert_eq!(answer.status, status, "{time}");
    }
}

#[test]
fn sheets_of_days_past_are_cleared_away() {
    let programme = Programme::new();
    let film = programme.film(None);
    programme.added(&on("1", "2030-01-15", "20:00", film));
    NOW.set(NOW.get().after(Duration::from_secs(18 * 24 * 60 * 60)));
    programme.added(&on("1", "2030-02-15", "20:00", film));
    let sheets = programme.memory.documents("screens");
    let days: Vec<_> = sheets
        .iter()
        .map(|one| one.get_str("date").unwrap())
        .collect();
    assert_eq!(days, ["2030-02-15"]);
    assert_eq!(programme.memory.scans(), [""; 0]);
}
