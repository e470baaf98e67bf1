//! The website's pages for the staff, without a browser: who is let see them, what their forms do, and what is said before it is done.

use cinema_tests::{Api, Browser, Fake, Host, Page, api::in_days, day, shared, staff, tag};
use serde_json::{Value, json};

/// What hostile people call things.
const HOSTILE: &str = "<script>alert('&\")</script>";
const ESCAPED: &str = "&lt;script&gt;alert('&amp;&quot;)&lt;/script&gt;";

fn browser(cinema: &Api) -> Browser {
    Browser::new(&format!("http://{}", cinema.address()))
}

/// Somebody of the staff, signed in by the form, with their id.
async fn manager(cinema: &Api) -> (Browser, String) {
    let (browser, name) = (browser(cinema), tag());
    let id = cinema.user(&name).await;
    cinema
        .patch(&format!("/users/{id}"), &json!({"role": "staff"}))
        .await
        .expect(200);
    sign_in(&browser, &name).await;
    (browser, id)
}

async fn sign_in(browser: &Browser, name: &str) {
    let token = browser.get("/sign-in").await.token();
    let fields = [
        ("csrf", token.as_str()),
        ("username", name),
        ("password", staff::password()),
    ];
    browser.post("/sign-in", &fields).await.leads_to("/");
}

/// A page that is the staff's own: nobody keeps it, and nothing in it is against the policy.
#[track_caller]
fn is_own(page: &Page) {
    assert_eq!(
        page.0.header("cache-control"),
        "no-store",
        "{}",
        page.0.asked
    );
    let html = page.html();
    for refused in [
        " style=\"",
        "<style",
        " onclick=",
        "javascript:",
        "<script>",
    ] {
        assert!(
            !html.contains(refused),
            "{refused} at {}: {html}",
            page.0.asked
        );
    }
    assert_eq!(html.matches("<script").count(), 1, "{html}");
    assert!(
        html.contains("noindex") && html.contains("staff.") && html.contains("class=\"staff-nav\"")
    );
}

/// A form of a page sent with these fields.
async fn sent(browser: &Browser, path: &str, fields: &[(&str, &str)]) -> Page {
    let token = browser.get(path).await.token();
    let all: Vec<_> = [("csrf", token.as_str())]
        .into_iter()
        .chain(fields.iter().copied())
        .collect();
    browser.post(path, &all).await
}

/// A showtime of a film on a day of its own, and the film.
async fn showtime(cinema: &Api, title: &str, capacity: u32) -> (String, String, String) {
    let (film, date) = (cinema.film(title, "Agnès Varda", 8.1).await, day());
    let body = json!({"date": date, "time": "20:00", "screen": "1", "movies": [film], "capacity": capacity});
    (
        cinema.post("/showtimes", &body).await.expect(201).id(),
        film,
        date,
    )
}

async fn read(cinema: &Api, path: &str) -> Value {
    cinema.get(path).await.expect(200).data()
}

#[tokio::test]
async fn nobody_but_the_staff_is_let_in() {
    let cinema = shared();
    let (id, film, date) = showtime(&cinema, &tag(), 9).await;
    let user = cinema.user(&tag()).await;
    let booking = cinema.booking(&user, &id, &[&film], 2).await;
    let (visitor, customer, (boss, _)) =
        (browser(&cinema), browser(&cinema), manager(&cinema).await);
    customer.sign_up(&tag()).await;
    let token = customer.get("/me").await.token();
    for path in [
        "/staff".to_owned(),
        format!("/staff/day/{date}"),
        "/staff/films".into(),
        "/staff/films/new".into(),
        format!("/staff/films/{film}"),
        format!("/staff/films/{film}/remove"),
        "/staff/showtimes/new".into(),
        format!("/staff/showtimes/{id}"),
        format!("/staff/showtimes/{id}/bookings"),
        format!("/staff/showtimes/{id}/remove"),
        format!("/staff/bookings/{booking}"),
        format!("/staff/bookings/{booking}/cancel"),
        "/staff/users".into(),
        format!("/staff/users/{user}"),
        format!("/staff/users/{user}/remove"),
    ] {
        let page = visitor.get(&path).await;
        assert!(
            page.0.status == 303
                && page
                    .0
                    .header("location")
                    .starts_with("/sign-in?next=%2Fstaff"),
            "{path}"
        );
        let page = customer.get(&path).await.shows(403);
        assert!(page.has("for the cinema's staff"), "{path}");
        is_own(&boss.get(&path).await.shows(200));
        let page = customer
            .post(
                &path,
                &[("csrf", token.as_str()), ("role", "staff"), ("do", "in")],
            )
            .await;
        assert!(
            matches!(page.0.status, 403 | 405),
            "{path}: {}",
            page.0.status
        );
    }
    assert!(
        read(&cinema, &format!("/bookings/{booking}"))
            .await
            .get("checkedin")
            .is_none()
    );
    // Nor is anything taken that none of their pages sent.
    boss.post(&format!("/staff/films/{film}/remove"), &[("csrf", "x")])
        .await
        .shows(403);
    read(&cinema, &format!("/movies/{film}")).await;
    cinema.assert_no_trap();
}

#[tokio::test]
async fn a_film_is_added_changed_and_removed_once_nothing_hangs_on_it() {
    let cinema = shared();
    let (boss, _) = manager(&cinema).await;
    let wrong = [
        ("title", ""),
        ("director", HOSTILE),
        ("rating", "eleven"),
        ("minutes", "-1"),
    ];
    let page = sent(&boss, "/staff/films/new", &wrong).await.shows(422);
    is_own(&page);
    assert!(
        page.has(&format!("value=\"{}\"", ESCAPED)),
        "{}",
        page.html()
    );
    for fault in [
        "id=\"title-fault\"",
        "id=\"rating-fault\"",
        "id=\"minutes-fault\"",
        "value=\"eleven\"",
        "value=\"-1\"",
    ] {
        assert!(page.has(fault), "{fault}: {}", page.html());
    }
    let title = format!("{HOSTILE} {}", tag());
    let right = [
        ("title", title.as_str()),
        ("director", "Agnès Varda"),
        ("rating", "8,1"),
        ("minutes", "90"),
    ];
    sent(&boss, "/staff/films/new", &right)
        .await
        .leads_to("/staff/films?done=added");
    let words: String = cinema_tests::browser::encoded(&title);
    let found = boss
        .get(&format!("/staff/films?title={words}"))
        .await
        .shows(200);
    is_own(&found);
    assert!(found.has(ESCAPED) && !found.has(HOSTILE));
    let known = cinema
        .get(&format!("/movies?title={words}"))
        .await
        .expect(200)
        .list();
    let id = known[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(
        (&known[0]["rating"], &known[0]["minutes"]),
        (&json!(8.1), &json!(90))
    );

    let path = format!("/staff/films/{id}");
    let changed = [
        ("title", title.as_str()),
        ("director", "Agnès V."),
        ("rating", "7"),
        ("minutes", ""),
    ];
    sent(&boss, &path, &changed)
        .await
        .leads_to(&format!("{path}?done=kept"));
    let film = read(&cinema, &format!("/movies/{id}")).await;
    assert_eq!(
        (&film["director"], &film["rating"], film.get("minutes")),
        (&json!("Agnès V."), &json!(7.0), None)
    );

    let (date, leaving) = (day(), format!("{path}/remove"));
    let free = boss.get(&leaving).await.shows(200);
    assert!(free.has("on no programme to come"));
    let body = json!({"date": date, "time": "20:00", "movies": [id], "capacity": 5});
    let shown = cinema.post("/showtimes", &body).await.expect(201).id();
    // What is put on the programme meanwhile is told by who is asked to remove it.
    let page = boss
        .post(&leaving, &[("csrf", free.token().as_str())])
        .await
        .shows(409);
    assert!(page.has("is to show it") && page.has("shown once more"));
    let page = boss.get(&leaving).await.shows(200);
    assert!(
        page.has("shown once more")
            && page.has(&format!("/staff/showtimes/{shown}"))
            && page.has("0 of 5 seats sold")
    );
    cinema
        .delete(&format!("/showtimes/{shown}"))
        .await
        .expect(204);
    sent(&boss, &leaving, &[])
        .await
        .leads_to("/staff/films?done=removed");
    cinema.get(&format!("/movies/{id}")).await.expect(404);
}

#[tokio::test]
async fn a_showtime_is_put_on_changed_and_taken_off_with_what_hangs_on_it_said() {
    let cinema = shared();
    let (boss, _) = manager(&cinema).await;
    let (film, other, date) = (
        cinema.film(HOSTILE, "Agnès Varda", 8.1).await,
        cinema.film("Vagabond", "Agnès Varda", 8.0).await,
        day(),
    );
    let new = format!("/staff/showtimes/new?film={film}&date={date}");
    let blank = boss.get(&new).await.shows(200);
    assert!(
        blank.has(ESCAPED)
            && blank.has(&format!("value=\"{date}\""))
            && blank.has(&format!("value=\"{film}\" checked"))
    );
    let token = blank.token();
    let fields = |date, capacity| {
        [
            ("csrf", token.as_str()),
            ("date", date),
            ("time", "20:00"),
            ("screen", "Studio"),
            ("capacity", capacity),
            ("movies", film.as_str()),
        ]
    };
    let page = boss
        .post("/staff/showtimes/new", &fields("2020-01-01", "many"))
        .await
        .shows(422);
    is_own(&page);
    assert!(
        page.has("id=\"date-fault\"")
            && page.has("value=\"many\"")
            && page.has("id=\"capacity-fault\"")
            && page.has(&format!("value=\"{film}\" checked"))
    );
    let none = [
        ("csrf", token.as_str()),
        ("date", date.as_str()),
        ("time", "20:00"),
        ("screen", ""),
        ("capacity", ""),
    ];
    let page = boss.post("/staff/showtimes/new", &none).await.shows(422);
    assert!(page.has("id=\"movies-fault\""), "{}", page.html());
    boss.post("/staff/showtimes/new", &fields(&date, "9"))
        .await
        .leads_to(&format!("/staff/day/{date}?done=added"));
    let page = boss
        .post("/staff/showtimes/new", &fields(&date, "9"))
        .await
        .shows(409);
    assert!(page.has("the screen Studio is taken then"));

    let listed = cinema
        .get(&format!("/showtimes/{date}"))
        .await
        .expect(200)
        .list();
    let id = listed[0]["id"].as_str().unwrap().to_owned();
    let user = cinema.user(&tag()).await;
    let booking = cinema.booking(&user, &id, &[&film], 4).await;
    let plan = boss.get(&format!("/staff/day/{date}")).await.shows(200);
    is_own(&plan);
    assert!(
        plan.has(&format!(
            "<title>20:00, {ESCAPED}, Studio, 4 of 9 seats sold</title>"
        )),
        "{}",
        plan.html()
    );
    assert!(plan.has("<svg") && plan.has("<table>") && plan.has("4 seats sold"));

    let path = format!("/staff/showtimes/{id}");
    let page = boss.get(&path).await.shows(200);
    assert!(page.has("4 of 9 seats sold") && page.has("keep their seats"));
    let changes = |capacity, movies| {
        [
            ("date", date.as_str()),
            ("time", "21:00"),
            ("screen", "Studio"),
            ("capacity", capacity),
            ("movies", movies),
        ]
    };
    let page = sent(&boss, &path, &changes("3", &film)).await.shows(409);
    assert!(
        page.has("more seats are sold: 4")
            && page.has("value=\"3\"")
            && page.has("value=\"21:00\"")
    );
    let page = sent(&boss, &path, &changes("9", &other)).await.shows(409);
    assert!(page.has("is booked there"));
    sent(&boss, &path, &changes("8", &film))
        .await
        .leads_to(&format!("{path}?done=kept"));
    let known = read(&cinema, &format!("/showtimes/{id}")).await;
    assert_eq!(
        (&known["time"], &known["capacity"]),
        (&json!("21:00"), &json!(8))
    );

    let leaving = format!("{path}/remove");
    let page = boss.get(&leaving).await.shows(200);
    assert!(
        page.has("1 booking hangs on it: 4 seats.") && page.has("name=\"cancel\""),
        "{}",
        page.html()
    );
    let page = sent(&boss, &leaving, &[("date", &date)]).await.shows(409);
    assert!(page.has("bookings that hang on it: 1"));
    sent(&boss, &leaving, &[("date", &date), ("cancel", "yes")])
        .await
        .leads_to(&format!("/staff/day/{date}?done=removed"));
    cinema.get(&format!("/showtimes/{id}")).await.expect(404);
    let page = boss
        .get(&format!("/staff/bookings/{booking}"))
        .await
        .shows(200);
    assert!(page.has("cancelled") && !page.has("value=\"in\""));
    boss.get(&format!("/staff/showtimes/{id}/bookings"))
        .await
        .shows(404);
}

#[tokio::test]
async fn guests_are_found_by_name_or_code_and_let_in_once() {
    let cinema = shared();
    let (boss, _) = manager(&cinema).await;
    let (id, film, _) = showtime(&cinema, "Cléo", 50).await;
    let hostile = json!({"username": tag(), "firstname": HOSTILE, "lastname": "Zola", "password": staff::password()});
    let zola = cinema.post("/users", &hostile).await.expect(201).id();
    let (first, second) = (
        cinema.booking(&zola, &id, &[&film], 2).await,
        cinema
            .booking(&cinema.user(&tag()).await, &id, &[&film], 3)
            .await,
    );
    let path = format!("/staff/showtimes/{id}/bookings");
    let page = boss.get(&path).await.shows(200);
    is_own(&page);
    assert!(
        page.has(ESCAPED)
            && page.has("5 seats booked")
            && page.has("0 let in")
            && page.has(&second)
    );
    let found = boss.get(&format!("{path}?q=ZOL")).await.shows(200);
    assert!(found.has(&first) && !found.has(&second));
    let html = found.html();
    let code = html
        .split("class=\"code\">")
        .nth(1)
        .unwrap()
        .split('<')
        .next()
        .unwrap();
    let by_code = boss
        .get(&format!("{path}?q={}", code.to_lowercase()))
        .await
        .shows(200);
    assert!(by_code.has(&first) && !by_code.has(&second));
    assert!(
        boss.get(&format!("{path}?q=nobody"))
            .await
            .shows(200)
            .has("Nothing found")
    );

    let door = format!("/staff/bookings/{first}");
    let back = format!("{path}?q=ZOL");
    sent(&boss, &door, &[("do", "in"), ("back", &back)])
        .await
        .leads_to(&format!("{back}&done=let-in"));
    let page = boss.get(&path).await.shows(200);
    assert!(page.has("2 let in") && page.has("in since"));
    // The second who tries, with the same ticket, is told when it was.
    let page = sent(&boss, &door, &[("do", "in")]).await.shows(409);
    assert!(page.has("were let in already, on "), "{}", page.html());
    let customer = cinema
        .delete(&format!("/bookings/{first}"))
        .await
        .problem(409);
    assert!(customer["detail"].as_str().unwrap().contains("let in"));
    sent(
        &boss,
        &door,
        &[("do", "back"), ("back", "//elsewhere.example/")],
    )
    .await
    .leads_to(&format!("{door}?done=taken-back"));
    assert!(
        read(&cinema, &format!("/bookings/{first}"))
            .await
            .get("checkedin")
            .is_none()
    );
    sent(&boss, &door, &[("do", "in"), ("back", "/me")])
        .await
        .leads_to(&format!("{door}?done=let-in"));

    let door = format!("/staff/bookings/{second}");
    let cancel = boss.get(&format!("{door}/cancel")).await.shows(200);
    assert!(cancel.has("3 seats for Cléo"));
    sent(&boss, &format!("{door}/cancel"), &[("showtime", &id)])
        .await
        .leads_to(&format!("{path}?done=cancelled"));
    cinema.get(&format!("/bookings/{second}")).await.expect(404);
    boss.get(&door).await.shows(404);
    // The picture of a ticket leads the staff there.
    boss.get(&format!("/tickets/{first}"))
        .await
        .leads_to(&format!("/staff/bookings/{first}"));
}

#[tokio::test]
async fn users_are_found_given_roles_and_codes_and_leave() {
    let cinema = shared();
    let ((boss, own), name) = (manager(&cinema).await, tag());
    let id = cinema.user(&name).await;
    let page = boss
        .get(&format!("/staff/users?username={}", name.to_uppercase()))
        .await
        .shows(200);
    is_own(&page);
    assert!(page.has(&format!("/staff/users/{id}")) && !page.has(&own));
    let path = format!("/staff/users/{id}");
    sent(&boss, &path, &[("role", "staff")])
        .await
        .leads_to(&format!("{path}?done=kept"));
    assert_eq!(
        read(&cinema, &format!("/users/{id}")).await["role"],
        "staff"
    );
    sent(&boss, &path, &[("role", "king")]).await.shows(422);
    let token = boss.get(&path).await.token();
    let page = boss
        .post(&format!("{path}/code"), &[("csrf", &token)])
        .await
        .shows(200);
    is_own(&page);
    let html = page.html();
    let code = html
        .split("class=\"code big\">")
        .nth(1)
        .unwrap()
        .split('<')
        .next()
        .unwrap()
        .to_owned();
    assert!(!boss.get(&path).await.has(&code));
    let visitor = browser(&cinema);
    let token = visitor.get("/reset").await.token();
    let fields = [
        ("csrf", token.as_str()),
        ("username", &name),
        ("code", &code),
        ("password", "another tide at midnight"),
    ];
    assert_eq!(visitor.post("/reset", &fields).await.0.status, 303);

    let (showtime, film, _) = showtime(&cinema, "Cléo", 9).await;
    let booking = cinema.booking(&id, &showtime, &[&film], 2).await;
    let page = boss.get(&format!("{path}/remove")).await.shows(200);
    assert!(page.has("1 booking to come is cancelled") && page.has(&booking));
    sent(&boss, &format!("{path}/remove"), &[])
        .await
        .leads_to("/staff/users?done=removed");
    cinema.get(&format!("/users/{id}")).await.expect(404);
    cinema
        .get(&format!("/bookings/{booking}"))
        .await
        .expect(404);
    boss.get(&path).await.shows(404);
}

#[tokio::test]
async fn the_overview_shows_what_is_sold_with_a_table_behind_each_picture() {
    let Some(host) = Host::start(&[("cinema_name", "Kino")]) else {
        return;
    };
    let cinema = host.api();
    let (boss, _) = manager(&cinema).await;
    let empty = boss.get("/staff").await.shows(200);
    is_own(&empty);
    assert!(empty.has("Nothing was sold"));
    let (cleo, other) = (
        cinema.film(HOSTILE, "Agnès Varda", 8.1).await,
        cinema.film("Vagabond", "Agnès Varda", 8.0).await,
    );
    let tomorrow = in_days(1);
    let at = async |time: &str, movies: &[&str]| {
        let body = json!({"date": tomorrow, "time": time, "movies": movies, "capacity": 10});
        cinema.post("/showtimes", &body).await.expect(201).id()
    };
    let (single, double) = (
        at("18:00", &[&cleo]).await,
        at("20:30", &[&cleo, &other]).await,
    );
    let user = cinema.user(&tag()).await;
    cinema.booking(&user, &single, &[&cleo], 5).await;
    cinema.booking(&user, &double, &[&cleo, &other], 3).await;
    cinema.booking(&user, &double, &[&other], 4).await;
    let report = read(
        &cinema,
        &format!("/bookings/report?from={tomorrow}&to={tomorrow}"),
    )
    .await;
    assert_eq!(
        report["days"],
        json!([{"date": tomorrow, "showtimes": 2, "seats": 12}])
    );
    assert_eq!(
        report["films"],
        json!([{"id": cleo, "seats": 8}, {"id": other, "seats": 7}])
    );
    let hours: Vec<_> = report["hours"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (
                one["hour"].clone(),
                one["capacity"].clone(),
                one["seats"].clone(),
            )
        })
        .collect();
    assert_eq!(
        hours,
        [
            (json!(18), json!(10), json!(5)),
            (json!(20), json!(10), json!(7))
        ]
    );
    let page = boss.get("/staff").await.shows(200);
    is_own(&page);
    assert_eq!(
        (
            page.html().matches("<svg class=\"chart ").count(),
            page.html().matches("<table>").count()
        ),
        (3, 3)
    );
    assert!(
        page.has(ESCAPED) && page.has("50 %") && page.has("70 %") && page.has(": 12 seats"),
        "{}",
        page.html()
    );
    let german = boss.reading("de").get("/staff").await.shows(200);
    assert!(german.has("Auslastung nach Wochentag") && german.has("12 Plätze"));
    for wrong in [
        "",
        "?from=2030-01-01",
        "?from=2030-01-01&to=2029-12-31",
        "?from=2030-01-01&to=2030-02-01",
        "?from=x&to=y",
    ] {
        cinema
            .get(&format!("/bookings/report{wrong}"))
            .await
            .problem(400);
    }
    cinema
        .get("/bookings/report?from=2030-01-01&to=2030-01-31")
        .await
        .expect(200);
}

#[tokio::test]
async fn a_page_for_the_staff_asks_three_times_at_the_most() {
    let (film, showtime, booking) = ("a".repeat(24), "b".repeat(24), "c".repeat(24));
    let known = json!({"id": film, "title": "Stalker", "director": "Andrei Tarkovsky", "rating": 8.9, "minutes": 162});
    let shown = json!({"id": showtime, "date": in_days(1), "time": "20:00", "screen": "1", "movies": [film], "capacity": 9});
    let booked = json!({
        "id": booking, "userid": film, "showtimeid": showtime, "movies": [film], "seats": 2, "createdon": "2026-01-01T00:00:00.000Z",
    });
    let sold = json!({
        "days": [{"date": in_days(1), "showtimes": 1, "seats": 2}], "films": [{"id": film, "seats": 2}],
        "hours": [{"weekday": 1, "hour": 20, "capacity": 9, "seats": 2}],
    });
    let sibling = Fake::start(move || {
        Box::new(move |seen| {
            let path = seen.path.split('?').next().unwrap();
            let answer = match path.split('/').nth(1).unwrap() {
                _ if path == "/bookings/availability" => {
                    json!({"data": [{"showtimeid": shown["id"], "capacity": 9, "left": 7}]})
                }
                _ if path == "/bookings/report" => json!({"data": sold}),
                _ if path.starts_with("/bookings/guests/") => {
                    json!({"data": [{"booking": booked}]})
                }
                "movies" if path == "/movies" => json!({"data": [known]}),
                "movies" => json!({"data": known}),
                "showtimes" if path == "/showtimes" || path.contains('-') => {
                    json!({"data": [shown]})
                }
                "showtimes" => json!({"data": shown}),
                _ if path == "/bookings" => json!({"data": [booked]}),
                _ => json!({"data": booked}),
            };
            (200, answer.to_string().into_bytes())
        })
    });
    let url = sibling.url();
    let Some(host) = Host::start(&[
        ("movies_url", &url),
        ("showtimes_url", &url),
        ("bookings_url", &url),
    ]) else {
        return;
    };
    let (boss, user) = manager(&host.api()).await;
    sibling.seen();
    // Users, which is no other than it is, is asked once more where somebody is named.
    for (path, most) in [
        ("/staff".to_owned(), 2),
        (format!("/staff/day/{}", in_days(1)), 3),
        ("/staff/films".into(), 1),
        ("/staff/films/new".into(), 0),
        (format!("/staff/films/{film}"), 3),
        (format!("/staff/films/{film}/remove"), 3),
        (format!("/staff/showtimes/new?film={film}"), 1),
        (format!("/staff/showtimes/{showtime}"), 3),
        (format!("/staff/showtimes/{showtime}/bookings"), 3),
        (format!("/staff/showtimes/{showtime}/remove"), 3),
        ("/staff/users".into(), 0),
        (format!("/staff/users/{user}"), 1),
        (format!("/staff/users/{user}/remove"), 1),
        (format!("/staff/bookings/{booking}"), 2),
    ] {
        let page = boss.get(&path).await.shows(200);
        is_own(&page);
        let asked: Vec<_> = sibling.seen().into_iter().map(|seen| seen.path).collect();
        assert_eq!(asked.len(), most, "{path}: {asked:?}");
    }
}

#[tokio::test]
async fn a_film_has_a_picture_of_its_own_from_where_pictures_may_come() {
    let fine = "https://pictures.example.com/stalker.jpg?a=1&b=2";
    let Some(host) = Host::start(&[("image_sources", "https://pictures.example.com")]) else {
        return;
    };
    let cinema = host.api();
    let (boss, _) = manager(&cinema).await;
    let film = |poster| {
        [
            ("title", "Stalker"),
            ("director", "Andrei Tarkovsky"),
            ("rating", "8"),
            ("minutes", ""),
            ("poster", poster),
        ]
    };
    for (wrong, said) in [
        (
            "https://elsewhere.example/stalker.jpg",
            "pictures are shown from https://pictures.example.com alone",
        ),
        (
            "http://pictures.example.com/stalker.jpg",
            "has to be an https address",
        ),
    ] {
        let page = sent(&boss, "/staff/films/new", &film(wrong))
            .await
            .shows(422);
        assert!(
            page.has("id=\"poster-fault\"")
                && page.has(said)
                && page.has(&format!("value=\"{wrong}\"")),
            "{}",
            page.html()
        );
    }
    sent(&boss, "/staff/films/new", &film(fine))
        .await
        .leads_to("/staff/films?done=added");
    let id = cinema.get("/movies").await.expect(200).list()[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let shown = "<img src=\"https://pictures.example.com/stalker.jpg?a=1&amp;b=2\" alt=\"\"";
    let visitor = browser(&cinema);
    let page = visitor.get(&format!("/films/{id}")).await.shows(200);
    assert!(page.has(shown), "{}", page.html());
    assert!(
        page.0
            .header("content-security-policy")
            .ends_with("img-src 'self' data: https://pictures.example.com")
    );
    assert!(visitor.get("/search?q=stalker").await.shows(200).has(shown));
    // What another program has given it from elsewhere is not shown, but drawn.
    cinema
        .patch(
            &format!("/movies/{id}"),
            &json!({"poster": "https://elsewhere.example/x.jpg"}),
        )
        .await
        .expect(200);
    let page = browser(&cinema)
        .get(&format!("/films/{id}?again"))
        .await
        .shows(200);
    assert!(
        !page.has("<img") && !page.has("elsewhere.example"),
        "{}",
        page.html()
    );
}
