//! Showtimes: each route's good and bad ways.

use std::{
    collections::BTreeSet,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use cinema_tests::{
    Api, Host, NOBODY,
    api::{ids, in_days},
    day, shared, tag,
};
use futures::future::join_all;
use serde_json::{Value, json};

async fn film(cinema: &Api) -> String {
    cinema.film("On the programme", "Showtimes", 7.0).await
}

#[tokio::test]
async fn a_showtime_is_added_read_and_deleted() {
    let cinema = shared();
    let (first, second, day) = (film(&cinema).await, film(&cinema).await, day());
    let body = json!({"date": day, "time": "20:15", "screen": "1", "movies": [second, first], "capacity": 40});
    let added = cinema.post("/showtimes", &body).await.expect(201);
    let path = format!("/showtimes/{}", added.id());
    assert_eq!(added.header("location"), path);
    let showtime = added.data();
    for field in ["date", "time", "screen", "movies", "capacity"] {
        assert_eq!(showtime[field], body[field], "{field}");
    }
    assert!(showtime["createdon"].is_string());
    assert_eq!(cinema.get(&path).await.expect(200).data(), showtime);

    cinema.delete(&path).await.expect(204);
    cinema.get(&path).await.problem(404);
    cinema.delete(&path).await.problem(404);
}

#[tokio::test]
async fn what_is_optional_is_left_out() {
    let cinema = shared();
    let film = film(&cinema).await;
    let id = cinema.showtime(&day(), &[&film], None).await;
    let showtime = cinema
        .get(&format!("/showtimes/{id}"))
        .await
        .expect(200)
        .data();
    for field in ["time", "screen", "capacity"] {
        assert!(showtime.get(field).is_none(), "{showtime}");
    }
}

#[tokio::test]
async fn every_fault_of_a_showtime_is_told_at_once() {
    let cinema = shared();
    let film = film(&cinema).await;
    let movies = [film.as_str()];
    let day = day();
    for (body, faults) in [
        (json!({}), vec!["date", "movies"]),
        (
            json!({"date": "2030-02-30", "movies": [], "time": "25:00", "capacity": 0}),
            vec!["capacity", "date", "movies", "time"],
        ),
        (
            json!({"date": 20300101, "movies": film, "time": 20, "screen": 1, "capacity": "40"}),
            vec!["capacity", "date", "movies", "screen", "time"],
        ),
        (json!({"date": "2030-1-5", "movies": movies}), vec!["date"]),
        (
            json!({"date": "30-01-2005", "movies": movies}),
            vec!["date"],
        ),
        (
            json!({"date": day, "movies": movies, "time": "7:30"}),
            vec!["time"],
        ),
        (
            json!({"date": day, "movies": movies, "time": "20:60"}),
            vec!["time"],
        ),
        (
            json!({"date": day, "movies": movies, "capacity": 10001}),
            vec!["capacity"],
        ),
        (
            json!({"date": day, "movies": movies, "capacity": 1.5}),
            vec!["capacity"],
        ),
        (
            json!({"date": day, "movies": movies, "capacity": -1}),
            vec!["capacity"],
        ),
        (json!({"date": day, "movies": [film, film]}), vec!["movies"]),
        (
            json!({"date": day, "movies": [film, film.to_uppercase()]}),
            vec!["movies"],
        ),
        (json!({"date": day, "movies": ["nonsense"]}), vec!["movies"]),
        (json!({"date": day, "movies": [1]}), vec!["movies"]),
        (
            json!({"date": day, "movies": [film, NOBODY]}),
            vec!["movies"],
        ),
        (
            json!({"date": "never", "movies": [NOBODY]}),
            vec!["date", "movies"],
        ),
    ] {
        let answer = cinema.post("/showtimes", &body).await;
        let told: Vec<_> = answer
            .faults()
            .iter()
            .map(|field| field.split(['[', '.']).next().unwrap().to_owned())
            .collect();
        assert_eq!(told, faults, "{body}");
    }
    assert!(
        cinema
            .get(&format!("/showtimes/{day}"))
            .await
            .expect(200)
            .list()
            .is_empty()
    );
}

#[tokio::test]
async fn a_showtime_has_fifty_films_at_most_and_each_exists() {
    let cinema = shared();
    let mut films = Vec::new();
    for _ in 0..51 {
        films.push(film(&cinema).await);
    }
    let body = json!({"date": day(), "movies": films});
    assert_eq!(cinema.post("/showtimes", &body).await.faults(), ["movies"]);
    films.pop();
    let body = json!({"date": day(), "movies": films, "capacity": 10000});
    let added = cinema.post("/showtimes", &body).await.expect(201).data();
    assert_eq!(added["movies"], json!(films));

    // A film that was deleted exists no more.
    cinema
        .delete(&format!("/showtimes/{}", added["id"].as_str().unwrap()))
        .await
        .expect(204);
    cinema
        .delete(&format!("/movies/{}", films[7]))
        .await
        .expect(204);
    assert_eq!(
        cinema.post("/showtimes", &body).await.faults(),
        ["movies[7]"]
    );
}

#[tokio::test]
async fn a_day_has_a_list() {
    let cinema = shared();
    let (film, day) = (film(&cinema).await, day());
    let path = format!("/showtimes/{day}");
    let empty = cinema.get(&path).await.expect(200);
    assert!(empty.list().is_empty() && empty.next().is_none());
    let add = async |time: Option<String>, screen: Option<&str>| {
        let body = json!({"date": day, "time": time, "screen": screen, "movies": [film]});
        cinema.post("/showtimes", &body).await.expect(201).id()
    };
    let untimed = add(None, None).await;
    let (late, second) = (
        add(Some("20:00".into()), None).await,
        add(Some("20:00".into()), Some("2")).await,
    );
    let first = add(Some("20:00".into()), Some("1")).await;
    let mut order = Vec::new();
    for minute in 0..60 {
        order.push(add(Some(format!("10:{minute:02}")), None).await);
    }
    order.extend([first, second, late, untimed]);
    let whole = cinema.get(&path).await.expect(200);
    assert_eq!(ids(&whole.list()), order);
    assert!(whole.next().is_none());
    for limit in [1, 7, 63, 64, 100] {
        let paged = cinema
            .all(&format!("/showtimes?date={day}&limit={limit}"))
            .await;
        assert_eq!(ids(&paged), order, "{limit}");
    }
    for bad in ["2030-02-30", "2030-13-01", "2030-1-1", "today", "20300101"] {
        cinema.get(&format!("/showtimes/{bad}")).await.problem(400);
    }
}

#[tokio::test]
async fn paging_through_the_programme_while_others_write_neither_repeats_nor_skips() {
    let cinema = shared();
    let film = film(&cinema).await;
    let days = [day(), day(), day()];
    let add = async |day: &str, minute: usize| {
        let time = format!("{:02}:{:02}", 10 + minute / 60, minute % 60);
        let body = json!({"date": day, "time": time, "movies": [film]});
        cinema.post("/showtimes", &body).await.expect(201).id()
    };
    let (mut there, mut doomed) = (BTreeSet::new(), Vec::new());
    for day in &days {
        for n in 0..20 {
            there.insert(add(day, 4 * n).await);
        }
        for n in 0..8 {
            doomed.push(add(day, 8 * n + 2).await);
        }
    }
    let reading = async {
        let (mut seen, mut list) = (Vec::new(), Vec::new());
        let mut next = Some(format!("/showtimes?movie={film}&limit=3"));
        while let Some(path) = next {
            let page = cinema.get(&path).await.expect(200);
            seen.extend(ids(&page.list()).into_iter().map(str::to_owned));
            list.extend(page.list());
            next = page.next();
        }
        (seen, list)
    };
    let adding = async {
        for n in 0..20 {
            add(&days[n % 3], 4 * n + 1).await;
        }
    };
    let changing = async {
        for id in &there {
            let changes = json!({"screen": format!("screen of {id}")});
            let path = format!("/showtimes/{id}");
            cinema.patch(&path, &changes).await.expect(200);
        }
    };
    let deleting = async {
        for id in &doomed {
            cinema.delete(&format!("/showtimes/{id}")).await.expect(204);
        }
    };
    let ((seen, list), ..) = futures::join!(reading, adding, changing, deleting);
    let unique: BTreeSet<_> = seen.iter().cloned().collect();
    assert_eq!(unique.len(), seen.len(), "repeated");
    let skipped: Vec<_> = there.difference(&unique).collect();
    assert!(skipped.is_empty(), "{skipped:?}");
    let when = |one: &Value| format!("{} {}", one["date"], one["time"]);
    assert!(list.is_sorted_by_key(when));
}

#[tokio::test]
async fn showtimes_are_found_by_date_span_and_film() {
    let cinema = shared();
    let (film, other) = (film(&cinema).await, film(&cinema).await);
    let days = [in_days(200), in_days(201), in_days(202)];
    let mut all = Vec::new();
    for day in &days {
        all.push(cinema.showtime(day, &[&film, &other], None).await);
    }
    let search = async |query: String| {
        let found = cinema
            .all(&format!("/showtimes?movie={film}&{query}"))
            .await;
        let of = |id: &&str| all.iter().position(|known| known == id).unwrap();
        ids(&found).iter().map(of).collect::<Vec<_>>()
    };
    let [first, second, third] = &days;
    assert_eq!(search(String::new()).await, [0, 1, 2]);
    assert_eq!(search(format!("date={second}")).await, [1]);
    assert_eq!(search(format!("from={second}")).await, [1, 2]);
    assert_eq!(search(format!("to={second}")).await, [0, 1]);
    assert_eq!(search(format!("from={second}&to={second}")).await, [1]);
    assert_eq!(search(format!("from={third}&to={first}")).await, [0; 0]);
    assert_eq!(search(format!("date={first}&from={second}")).await, [0; 0]);
    assert_eq!(search("limit=1".into()).await, [0, 1, 2]);
    // Made last, and on before all of them.
    let soonest = cinema.showtime(&in_days(199), &[&film], None).await;
    let path = format!("/showtimes?movie={film}&limit=2");
    let page = cinema.get(&path).await.expect(200);
    assert_eq!(ids(&page.list()), [&soonest, &all[0]]);
    assert!(
        cinema
            .get(&format!("/showtimes?movie={NOBODY}"))
            .await
            .expect(200)
            .list()
            .is_empty()
    );
    for bad in [
        "date=today",
        "date=",
        "from=2031-02-29",
        "to=x",
        "movie=x",
        "movie=",
        "order=date",
        "limit=1&place=x&after=000000000000000000000000",
    ] {
        cinema.get(&format!("/showtimes?{bad}")).await.problem(400);
    }
}

#[tokio::test]
async fn what_is_past_or_too_far_ahead_is_not_put_on() {
    let cinema = shared();
    let film = film(&cinema).await;
    let id = cinema.showtime(&in_days(2), &[&film], None).await;
    for date in [in_days(-2), "1894-12-31".into(), in_days(3655)] {
        let body = json!({"date": date, "movies": [film]});
        assert_eq!(cinema.post("/showtimes", &body).await.faults(), ["date"]);
        let moved = cinema
            .patch(&format!("/showtimes/{id}"), &json!({"date": date}))
            .await;
        assert_eq!(moved.faults(), ["date"]);
    }
    cinema.showtime(&in_days(3650), &[&film], None).await;
}

#[tokio::test]
async fn a_screen_shows_one_thing_at_a_time() {
    let cinema = shared();
    let (screen, day) = (tag(), day());
    let body = json!({"title": "Of an hour and a half", "director": "Showtimes", "rating": 7, "minutes": 90});
    let film = cinema.post("/movies", &body).await.expect(201).id();
    let at = |time: &str, screen: &str| json!({"date": day, "time": time, "screen": screen, "movies": [film]});
    let first = at("20:00", &screen);
    let id = cinema.post("/showtimes", &first).await.expect(201).id();
    for (time, screen) in [
        ("20:00", screen.to_uppercase()),
        ("21:29", format!(" {screen} ")),
    ] {
        let taken = cinema.post("/showtimes", &at(time, &screen)).await;
        let detail = taken.problem(409)["detail"].to_string();
        assert!(detail.contains(&id), "{detail}");
    }
    let next = at("21:30", &screen);
    let next = cinema.post("/showtimes", &next).await.expect(201).id();
    let path = format!("/showtimes/{next}");
    cinema
        .patch(&path, &json!({"time": "21:29"}))
        .await
        .problem(409);
    cinema
        .patch(&path, &json!({"time": "21:45"}))
        .await
        .expect(200);
    cinema.delete(&format!("/showtimes/{id}")).await.expect(204);
    cinema
        .patch(&path, &json!({"time": "20:00"}))
        .await
        .expect(200);
}

#[tokio::test]
async fn of_sixteen_who_want_a_screen_at_once_one_gets_it() {
    let cinema = shared();
    let film = film(&cinema).await;
    for round in 0..5 {
        let body = json!({"date": day(), "time": "20:00", "screen": tag(), "movies": [film]});
        let adding = (0..16).map(|_| cinema.post("/showtimes", &body));
        let mut status: Vec<_> = (join_all(adding).await.iter())
            .map(|answer| answer.status)
            .collect();
        status.sort_unstable();
        assert_eq!(status[0], 201, "{round}");
        assert_eq!(status[1..], [409; 15], "{round}");
    }
    // At sixteen times of one day, all of them may.
    let (day, screen) = (day(), tag());
    let body = |hour| json!({"date": day, "time": format!("{hour:02}:00"), "screen": screen, "movies": [film]});
    let bodies: Vec<_> = (6..22).map(body).collect();
    let adding = bodies.iter().map(|body| cinema.post("/showtimes", body));
    for answer in join_all(adding).await {
        answer.expect(201);
    }
}

#[tokio::test]
async fn a_showtime_is_changed_by_a_merge_patch() {
    let cinema = shared();
    let film = film(&cinema).await;
    let body =
        json!({"date": day(), "time": "20:15", "screen": tag(), "movies": [film], "capacity": 40});
    let added = cinema.post("/showtimes", &body).await.expect(201);
    let path = format!("/showtimes/{}", added.id());
    let later = day();
    let changes = json!({"date": later, "time": null, "capacity": 30});
    let changed = cinema.patch(&path, &changes).await.expect(200).data();
    assert_eq!(
        (&changed["date"], &changed["capacity"]),
        (&json!(later), &json!(30))
    );
    assert!(changed.get("time").is_none());
    for field in ["id", "screen", "movies", "createdon"] {
        assert_eq!(changed[field], added.data()[field], "{field}");
    }
    assert_eq!(cinema.get(&path).await.expect(200).data(), changed);
    assert_eq!(
        ids(&cinema.get(&format!("/showtimes/{later}")).await.list()),
        [added.id()]
    );
    let bad = json!({"movies": [NOBODY], "screen": "", "colour": "red"});
    assert_eq!(
        cinema.patch(&path, &bad).await.faults(),
        ["colour", "screen"]
    );
    let bad = json!({"movies": [film, NOBODY]});
    assert_eq!(cinema.patch(&path, &bad).await.faults(), ["movies[1]"]);
}

#[tokio::test]
async fn what_is_sold_is_kept_or_cancelled() {
    let cinema = shared();
    let (film, other) = (film(&cinema).await, film(&cinema).await);
    let showtime = cinema.showtime(&day(), &[&film, &other], Some(10)).await;
    let user = cinema.user(&tag()).await;
    let booking = cinema.booking(&user, &showtime, &[&film], 3).await;
    let path = format!("/showtimes/{showtime}");
    let told = cinema.patch(&path, &json!({"capacity": 2})).await;
    assert!(told.problem(409)["detail"].as_str().unwrap().contains('3'));
    cinema
        .patch(&path, &json!({"movies": [other]}))
        .await
        .problem(409);
    cinema
        .patch(&path, &json!({"movies": [film], "capacity": 3}))
        .await
        .expect(200);
    let full = cinema_tests::api::booking(&user, &showtime, &[&film], 1);
    cinema.post("/bookings", &full).await.problem(409);
    cinema.delete(&path).await.problem(409);
    cinema.delete(&format!("/movies/{film}")).await.problem(409);
    cinema
        .delete(&format!("{path}?cancel_bookings=true"))
        .await
        .expect(204);
    cinema.get(&path).await.problem(404);
    let cancelled = cinema
        .get(&format!("/bookings/{booking}"))
        .await
        .expect(200)
        .data();
    assert!(cancelled["cancelled"]["reason"].is_string(), "{cancelled}");
    // Nothing hangs on the film any more.
    cinema.delete(&format!("/movies/{film}")).await.expect(204);
}

#[tokio::test]
async fn showtimes_know_their_methods_bodies_and_ids() {
    let cinema = shared();
    let one = format!("/showtimes/{NOBODY}");
    let answer = cinema.send(cinema.request("PUT", "/showtimes")).await;
    assert_eq!(answer.allowed(), ["GET", "HEAD", "POST"]);
    for method in ["PUT", "POST"] {
        let answer = cinema.send(cinema.request(method, &one)).await;
        assert_eq!(
            answer.allowed(),
            ["DELETE", "GET", "HEAD", "PATCH"],
            "{method}"
        );
    }
    cinema.refuses_malformed("/showtimes").await;
}

/// Whenever the crash comes, what was answered is on, and nothing else at the same time.
#[tokio::test]
async fn kill_9_amid_a_rush_for_a_screen_leaves_one_thing_on_at_a_time() {
    let Some(mut host) = Host::start(&[]) else {
        return;
    };
    let cinema = host.api();
    let body = json!({"title": "Rush", "director": "Showtimes", "rating": 7, "minutes": 30});
    let film = cinema.post("/movies", &body).await.expect(201).id();
    let day = day();
    let answered = Mutex::new(Vec::new());
    let next = AtomicUsize::new(0);
    for round in 1..=3 {
        let cinema = host.api();
        let writer = async |_| {
            loop {
                // Seven minutes further each time, so that many want the same half an hour.
                let minute = next.fetch_add(7, Ordering::Relaxed) % (22 * 60);
                let time = format!("{:02}:{:02}", minute / 60, minute % 60);
                let body = json!({"date": day, "time": time, "screen": "1", "movies": [film]});
                let request = cinema.request("POST", "/showtimes").json(&body);
                match cinema.try_send(request).await {
                    Ok(answer) if answer.status == 201 => {
                        answered.lock().unwrap().push(answer.id())
                    }
                    Ok(answer) => assert!(matches!(answer.status, 409 | 503), "{answer:?}"),
                    Err(_) => return,
                }
            }
        };
        let writing = join_all((0..8).map(writer));
        let killing = async {
            while answered.lock().unwrap().len() < round * 6 {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            host.kill();
        };
        futures::join!(writing, killing);
        host.restart();
    }
    let list = host.api().get(&format!("/showtimes/{day}")).await.list();
    let on = ids(&list);
    for id in answered.lock().unwrap().iter() {
        assert!(on.contains(&id.as_str()), "{id} was answered and is not on");
    }
    let begins = |one: &Value| {
        let (hour, minute) = one["time"].as_str().unwrap().split_once(':').unwrap();
        hour.parse::<u32>().unwrap() * 60 + minute.parse::<u32>().unwrap()
    };
    for pair in list.windows(2) {
        assert!(begins(&pair[0]) + 30 <= begins(&pair[1]), "{pair:?}");
    }
    // Late in the evening nobody wanted the screen.
    let body = json!({"date": day, "time": "23:00", "screen": "1", "movies": [film]});
    host.api().post("/showtimes", &body).await.expect(201);
    host.logs().tell_of_no_trap();
}
