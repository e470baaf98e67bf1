//! The website, without a browser: what its pages say, who is let see them, what their forms do, and what becomes of what is hostile.

use std::io::Write;

use cinema_tests::{
    Api, Browser, Fake, Host, NOBODY, Page, Way, api::in_days, browser::encoded, day, shared,
    staff, tag,
};
use serde_json::json;

/// Somebody new at a cinema.
fn browser(cinema: &Api) -> Browser {
    Browser::new(&format!("http://{}", cinema.address()))
}

/// A showtime of a film at eight on a day of its own, with so many seats.
async fn evening(cinema: &Api, title: &str, capacity: u32) -> (String, String) {
    let film = cinema.film(title, "Agnès Varda", 8.1).await;
    let body = json!({"date": day(), "time": "20:00", "screen": "1", "movies": [film], "capacity": capacity});
    (
        cinema.post("/showtimes", &body).await.expect(201).id(),
        film,
    )
}

/// What a page may do and who may keep it.
#[track_caller]
fn is_safe(page: &Page) {
    let header = |name: &str| page.0.header(name).to_owned();
    let policy = header("content-security-policy");
    assert!(
        policy.starts_with("default-src 'none'") && !policy.contains("unsafe"),
        "{policy}"
    );
    for part in [
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "script-src 'self';",
    ] {
        assert!(policy.contains(part), "{part}: {policy}");
    }
    assert_eq!(header("referrer-policy"), "same-origin");
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert!(header("permissions-policy").contains("camera=()"));
    // Nothing is written into a page that the policy would refuse.
    let html = page.html();
    for refused in [
        " style=\"",
        "<style",
        " onclick=",
        " onload=",
        "javascript:",
    ] {
        assert!(!html.contains(refused), "{refused}: {html}");
    }
    assert_eq!(html.matches("<script").count(), 1, "{html}");
    assert!(html.contains("<script src=\"/assets/site."));
}

#[tokio::test]
async fn the_programme_says_what_is_on() {
    let cinema = shared();
    let (film, date) = (
        cinema.film("Cléo & the <Hours>", "Agnès Varda", 8.1).await,
        day(),
    );
    let at = async |time: &str, screen: &str, capacity: u32| {
        let body = json!({"date": date, "time": time, "screen": screen, "movies": [film], "capacity": capacity});
        cinema.post("/showtimes", &body).await.expect(201).id()
    };
    let late = at("20:00", "1", 100).await;
    let early = at("18:00", "Studio", 2).await;
    cinema
        .booking(&cinema.user(&tag()).await, &early, &[&film], 2)
        .await;
    let visitor = browser(&cinema);
    let page = visitor.get(&format!("/programme/{date}")).await.shows(200);
    is_safe(&page);
    assert!(page.has("Cléo &amp; the &lt;Hours&gt;") && !page.has("<Hours>"));
    let html = page.html();
    let place = |text: &str| {
        html.find(text)
            .unwrap_or_else(|| panic!("no {text}: {html}"))
    };
    assert!(place("18:00") < place("20:00"));
    assert!(page.has("Sold out") && page.has("Screen 1") && page.has("Studio"));
    assert!(
        page.has(&format!("href=\"/book/{late}\""))
            && !page.has(&format!("href=\"/book/{early}\""))
    );
    let by_time = visitor
        .get(&format!("/programme/{date}?by=time"))
        .await
        .shows(200);
    assert!(by_time.has("<ol class=\"times\">"));

    let page = visitor.get(&format!("/films/{film}")).await.shows(200);
    is_safe(&page);
    assert!(page.has("Directed by Agnès Varda") && page.has(&late) && page.has("og:image"));
    let page = visitor
        .get(&format!("/search?q={}", encoded("cléo & the <h")))
        .await
        .shows(200);
    assert!(page.has("Cléo &amp; the &lt;Hours&gt;") && page.has("value=\"cléo &amp; the &lt;h\""));
    let seats = visitor
        .get(&format!("/seats?showtimes={early},{late}"))
        .await
        .0
        .json();
    assert_eq!(
        (&seats[&early]["kind"], &seats[&late]["kind"]),
        (&json!("sold-out"), &json!("many"))
    );
    let poster = visitor
        .get(&format!("/posters/{film}.svg"))
        .await
        .0
        .expect(200);
    assert_eq!(poster.header("content-type"), "image/svg+xml");
    visitor.get("/programme/2026-02-30").await.shows(404);
    visitor.get(&format!("/films/{NOBODY}")).await.shows(404);
    visitor
        .get("/programme")
        .await
        .leads_to(&format!("/programme/{}", in_days(0)));
    cinema.assert_no_trap();
}

#[tokio::test]
async fn a_day_longer_than_a_page_goes_on() {
    let Some(host) = Host::start(&[]) else { return };
    let cinema = host.api();
    let (film, date) = (
        cinema.film("Shoah", "Claude Lanzmann", 9.0).await,
        in_days(3),
    );
    for minute in 0..110 {
        let body = json!({"date": date, "time": format!("{:02}:{:02}", 10 + minute / 60, minute % 60), "movies": [film]});
        cinema.post("/showtimes", &body).await.expect(201);
    }
    let visitor = browser(&cinema);
    let page = visitor
        .get(&format!("/programme/{date}?by=time"))
        .await
        .shows(200);
    assert!(page.has("10:00") && page.has("11:39") && !page.has("11:40"));
    let html = page.html();
    let (_, next) = html
        .split_once("<a class=\"button quiet\" href=\"")
        .unwrap();
    let next = next.split('"').next().unwrap().replace("&amp;", "&");
    let page = visitor.get(&next).await.shows(200);
    assert!(
        page.has("11:40")
            && page.has("11:49")
            && !page.has("11:39")
            && page.has("<ol class=\"times\">")
    );
    let home = visitor.get("/").await.shows(200);
    assert!(home.has("Shoah"));
}

/// How many bytes something takes on its way, where it is sent gzipped.
fn gzipped(bytes: &[u8]) -> usize {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap().len()
}

#[tokio::test]
async fn a_day_of_sixty_showtimes_is_light() {
    let Some(host) = Host::start(&[]) else { return };
    let (cinema, date) = (host.api(), in_days(2));
    let mut films = Vec::new();
    for film in 0..20 {
        let title = format!("The {film}. Night of the {} Travellers", film * 7919 % 101);
        films.push(
            cinema
                .film(
                    &title,
                    &format!("Director No. {film}"),
                    5.0 + f64::from(film) / 10.0,
                )
                .await,
        );
    }
    for at in 0..60 {
        let body = json!({
            "date": date, "time": format!("{:02}:{:02}", 10 + at / 5, at % 5 * 12), "screen": (at % 5 + 1).to_string(),
            "movies": [films[at % 20]], "capacity": 100,
        });
        cinema.post("/showtimes", &body).await.expect(201);
    }
    let visitor = browser(&cinema);
    for order in ["", "?by=time"] {
        let page = visitor
            .get(&format!("/programme/{date}{order}"))
            .await
            .shows(200);
        assert_eq!(page.html().matches("href=\"/book/").count(), 60);
        let mut size = gzipped(&page.0.body);
        for (before, after) in [
            ("href=\"/assets/site.", ".css"),
            ("src=\"/assets/site.", ".js"),
        ] {
            let html = page.html();
            let (_, rest) = html.split_once(before).unwrap();
            let name = rest.split('"').next().unwrap();
            assert!(name.ends_with(after));
            size += gzipped(
                &visitor
                    .get(&format!("/assets/site.{name}"))
                    .await
                    .0
                    .expect(200)
                    .body,
            );
        }
        assert!(size < 30_000, "{order}: {size}");
    }
}

#[tokio::test]
async fn a_page_asks_three_times_at_the_most() {
    let (film, showtime) = ("a".repeat(24), "b".repeat(24));
    let known = json!({"id": film, "title": "Stalker", "director": "Andrei Tarkovsky", "rating": 8.9, "minutes": 162});
    let shown = json!({"id": showtime, "date": in_days(1), "time": "20:00", "screen": "1", "movies": [film]});
    let sibling = Fake::start(move || {
        Box::new(move |seen| {
            let answer = match seen.path.split('?').next().unwrap() {
                "/movies" => json!({"data": [known]}),
                "/showtimes" => json!({"data": [shown]}),
                "/bookings/availability" => {
                    json!({"data": [{"showtimeid": shown["id"], "capacity": 9, "left": 4}]})
                }
                path if path.starts_with("/movies/") => json!({"data": known}),
                _ => json!({"data": shown}),
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
    let visitor = browser(&host.api());
    for (path, most) in [
        ("/".to_owned(), 3),
        (format!("/programme/{}", in_days(1)), 3),
        (format!("/films/{film}"), 3),
        (format!("/book/{showtime}"), 3),
        ("/search?q=stalker".to_owned(), 2),
        (format!("/seats?showtimes={showtime}"), 1),
        (format!("/posters/{film}.svg"), 1),
        ("/sign-in".to_owned(), 0),
        ("/nope".to_owned(), 0),
    ] {
        let page = visitor.get(&path).await;
        assert!(most == 0 || page.0.status == 200, "{path}: {}", page.html());
        let asked: Vec<_> = sibling.seen().into_iter().map(|seen| seen.path).collect();
        assert_eq!(asked.len(), most, "{path}: {asked:?}");
    }
}

#[tokio::test]
async fn what_is_alike_for_everybody_is_kept_and_asked_for_anew_only_where_it_changed() {
    let cinema = shared();
    let visitor = browser(&cinema);
    let path = format!("/programme/{}", day());
    let page = visitor.get(&path).await.shows(200);
    assert_eq!(page.0.header("cache-control"), "public, no-cache");
    assert_eq!(page.0.header("vary"), "accept-language, cookie");
    assert!(
        !page.0.headers.contains_key("set-cookie"),
        "who only looks gets no cookie"
    );
    let again = cinema
        .anonymous()
        .request("GET", &path)
        .header("if-none-match", page.0.header("etag"))
        .header("accept-language", "en");
    let again = cinema.anonymous().send(again).await.expect(304);
    assert!(again.body.is_empty());

    let html = page.html();
    for (before, media) in [
        ("href=\"/assets/site.", "text/css"),
        ("src=\"/assets/site.", "text/javascript"),
    ] {
        let start = html.find(before).unwrap() + before.find('/').unwrap();
        let file = html[start..].split('"').next().unwrap();
        let answer = visitor.get(file).await.0.expect(200);
        assert!(answer.header("content-type").starts_with(media));
        assert_eq!(
            answer.header("cache-control"),
            "public, max-age=31536000, immutable"
        );
        if media == "text/javascript" {
            assert!(answer.body.len() < 10_000);
        }
    }
    let missing = visitor.get("/assets/site.000000000000.css").await.0;
    missing.problem(404);
    visitor.get("/favicon.ico").await.0.expect(200);
    let robots = visitor.get("/robots.txt").await.0.expect(200);
    assert!(String::from_utf8_lossy(&robots.body).contains("Disallow: /me"));
}

#[tokio::test]
async fn an_unknown_path_is_a_page_for_who_reads_pages_and_a_problem_for_who_does_not() {
    let cinema = shared();
    let visitor = browser(&cinema);
    for path in ["/nope", "/films/x", "/films/", "//", "/me/", "/book/x/y"] {
        is_safe(&visitor.get(path).await.shows(404));
        cinema.anonymous().get(path).await.problem(404);
    }
    visitor.post("/search", &[]).await.shows(405);
    // The API stays what it is, also for who asks for pages.
    assert_eq!(
        visitor.get("/movies/x").await.0.header("content-type"),
        "application/problem+json"
    );
    cinema.get("/website/healthz").await.expect(200);
    cinema.get("/website/healthy").await.expect(200);
    // What links are passed on with is nobody's fault.
    visitor
        .get("/?utm_source=elsewhere&fbclid=1")
        .await
        .shows(200);
}

#[tokio::test]
async fn whoever_signs_up_is_signed_in_and_told_by_the_services_what_is_wrong() {
    let cinema = shared();
    let visitor = browser(&cinema);
    let page = visitor.get("/sign-up?next=/me").await.shows(200);
    is_safe(&page);
    assert_eq!(page.0.header("cache-control"), "no-store");
    assert_eq!(page.field("next"), "/me");
    let (token, name) = (page.token(), tag());
    let fill = async |csrf: &str, username: &str, password: &str| {
        let fields = [
            ("csrf", csrf),
            ("username", username),
            ("firstname", "<Ada>"),
            ("lastname", "O\"Kafor"),
            ("password", password),
            ("next", "/me"),
        ];
        visitor.post("/sign-up", &fields).await
    };
    for wrong in ["", "x", &token[1..]] {
        fill(wrong, &name, staff::password()).await.shows(403);
    }
    let page = fill(&token, "x", "short-secret").await.shows(422);
    is_safe(&page);
    assert!(page.has("has to be 3 to 64 characters, each of a-z 0-9 . _ -"));
    assert!(
        page.has("value=\"&lt;Ada&gt;\"") && page.has("value=\"O&quot;Kafor\""),
        "what was typed is there still"
    );
    assert!(!page.has("short-secret"), "but no password");
    assert!(
        page.has("aria-invalid=\"true\"")
            && page.has("aria-describedby=\"username-fault username-hint\"")
    );
    let fault = page.html();
    let (_, at) = fault.split_once("id=\"username-fault\"").unwrap();
    assert!(at.starts_with(">has to be 3 to 64"));

    fill(&token, &name, staff::password()).await.leads_to("/me");
    let page = fill(&token, &name, staff::password()).await;
    assert_eq!(
        page.0.status, 403,
        "the visitor's forms are not the customer's"
    );
    let page = visitor.get("/me").await.shows(200);
    assert!(page.has("Hello, &lt;Ada&gt;") && page.0.header("cache-control") == "no-store");
    visitor.get("/sign-up").await.leads_to("/");
    let other = browser(&cinema);
    let token = other.get("/sign-up").await.token();
    let fields = [
        ("csrf", token.as_str()),
        ("username", name.as_str()),
        ("firstname", "A"),
        ("lastname", "B"),
        ("password", staff::password()),
    ];
    let page = other.post("/sign-up", &fields).await.shows(409);
    assert!(page.has(&format!("the username {name} is taken")) && page.has("role=\"alert\""));
}

#[tokio::test]
async fn who_signs_in_goes_on_where_they_were_and_nowhere_else() {
    let cinema = shared();
    let ann = cinema.customer(&tag()).await;
    for (next, leads) in [
        ("/me/bookings?after=1", "/me/bookings?after=1"),
        ("//elsewhere.example/", "/"),
        ("https://elsewhere.example/", "/"),
        ("/\\elsewhere.example", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ] {
        let visitor = browser(&cinema);
        let page = visitor
            .get(&format!("/sign-in?next={}", encoded(next)))
            .await
            .shows(200);
        assert_eq!(page.has("name=\"next\""), leads != "/");
        let token = page.token();
        let fields = [
            ("csrf", token.as_str()),
            ("username", &ann.username),
            ("password", staff::password()),
            ("next", next),
        ];
        visitor.post("/sign-in", &fields).await.leads_to(leads);
        assert!(
            visitor.cookie("cinema_access").is_some() && visitor.cookie("cinema_refresh").is_some()
        );
        visitor
            .get(&format!("/sign-in?next={}", encoded(next)))
            .await
            .leads_to(leads);
        visitor
            .get(&format!("/language/de?next={}", encoded(next)))
            .await
            .leads_to(leads);
    }
    let visitor = browser(&cinema);
    let token = visitor.get("/sign-in").await.token();
    let fields = [
        ("csrf", token.as_str()),
        ("username", "nobody-at-all"),
        ("password", "wrong wrong"),
    ];
    let page = visitor.post("/sign-in", &fields).await.shows(422);
    assert!(
        page.has("the username or the password is wrong")
            && page.has("value=\"nobody-at-all\"")
            && !page.has("wrong wrong")
    );
    // What is somebody's own leads whoever is not signed in to the form, and back.
    visitor
        .get("/me/bookings")
        .await
        .leads_to("/sign-in?next=%2Fme%2Fbookings");
    let problem = cinema.anonymous().get("/me/bookings").await;
    problem.problem(401);
}

#[tokio::test]
async fn what_is_booked_twice_is_booked_once() {
    let cinema = shared();
    let (showtime, film) = evening(&cinema, "Playtime", 10).await;
    let visitor = browser(&cinema);
    let path = format!("/book/{showtime}");
    let page = visitor.get(&path).await.shows(200);
    assert!(page.has("10 seats left") && page.has(&format!("/sign-in?next={path}")));
    visitor
        .post(&path, &[("seats", "1")])
        .await
        .leads_to(&format!("/sign-in?next={}", encoded(&path)));
    visitor.sign_up(&tag()).await;
    let page = visitor.get(&format!("{path}?seats=3")).await.shows(200);
    is_safe(&page);
    let (csrf, key) = (page.token(), page.field("key"));
    assert_eq!(
        (page.field("seats"), page.field("movie")),
        ("3".into(), film.clone())
    );
    assert_ne!(
        visitor.get(&format!("{path}?seats=3")).await.field("key"),
        key,
        "each form has its own"
    );
    let book = async |csrf: &str, key: &str, seats: &str| {
        visitor
            .post(
                &path,
                &[
                    ("csrf", csrf),
                    ("key", key),
                    ("seats", seats),
                    ("movie", &film),
                ],
            )
            .await
    };
    book("", &key, "3").await.shows(403);
    let one = book(&csrf, &key, "3").await;
    let ticket = one.0.header("location").to_owned();
    book(&csrf, &key, "3").await.leads_to(&ticket);
    let left = visitor
        .get(&format!("/seats?showtimes={showtime}"))
        .await
        .0
        .json();
    assert_eq!(left[&showtime]["words"], "7 seats left");

    let page = visitor.get(&ticket).await.shows(200);
    is_safe(&page);
    assert!(page.has("Playtime") && page.has("class=\"qr\"") && page.has("See you at the cinema"));
    let place = ticket.split('?').next().unwrap();
    let calendar = visitor
        .get(&format!("{place}/calendar"))
        .await
        .0
        .expect(200);
    assert_eq!(
        calendar.header("content-type"),
        "text/calendar; charset=utf-8"
    );
    let calendar = String::from_utf8(calendar.body).unwrap();
    assert!(
        calendar.contains("SUMMARY:Playtime\r\n") && calendar.contains("T200000Z\r\n"),
        "{calendar}"
    );
    assert!(visitor.get("/me/bookings").await.has(place));
    let id = place.rsplit('/').next().unwrap();
    visitor.get(&format!("/tickets/{id}")).await.leads_to(place);

    // More than there are: the service's own words, and the form again.
    let page = book(&csrf, "another", "8").await.shows(409);
    assert!(page.has("seats asked for 8, seats left 7") && page.has("name=\"key\""));
    let page = book(&csrf, "a third", "-1").await.shows(422);
    assert!(page.has("has to be a whole number from 1 to 20"));
    // Nobody else sees the ticket.
    let other = browser(&cinema);
    other.sign_up(&tag()).await;
    other.get(place).await.shows(404);
    other.get(&format!("{place}/cancel")).await.shows(404);
    let token = other.get("/me").await.token();
    other
        .post(&format!("{place}/cancel"), &[("csrf", &token)])
        .await;
    visitor.get(place).await.shows(200);

    visitor
        .post(&format!("{place}/cancel"), &[("csrf", "x")])
        .await
        .shows(403);
    let page = visitor.get(&format!("{place}/cancel")).await.shows(200);
    let fields = [("csrf", page.token())];
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    for _ in 0..2 {
        visitor
            .post(&format!("{place}/cancel"), &fields)
            .await
            .leads_to("/me/bookings?done=cancelled");
    }
    visitor.get(place).await.shows(404);
    cinema.assert_no_trap();
}

/// Books so many seats by the form, and gives the ticket's path.
async fn book(visitor: &Browser, showtime: &str, seats: &str, movies: &[&str]) -> String {
    let chosen: String = movies
        .iter()
        .map(|movie| format!("&movie={movie}"))
        .collect();
    let path = format!("/book/{showtime}");
    let page = visitor
        .get(&format!("{path}?seats={seats}{chosen}"))
        .await
        .shows(200);
    assert_eq!(page.html().matches("name=\"movie\"").count(), movies.len());
    let (csrf, key) = (page.token(), page.field("key"));
    let mut fields = vec![("csrf", csrf.as_str()), ("key", &key), ("seats", seats)];
    fields.extend(movies.iter().map(|movie| ("movie", *movie)));
    let sent = visitor.post(&path, &fields).await;
    assert_eq!(sent.0.status, 303, "{}", sent.html());
    sent.0
        .header("location")
        .split('?')
        .next()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn a_ticket_says_what_has_become_of_its_showing() {
    let cinema = shared();
    let (one, other) = (
        cinema.film("Le Bonheur", "Agnès Varda", 7.6).await,
        cinema.film("Vagabond", "Agnès Varda", 7.7).await,
    );
    let date = day();
    let body = json!({"date": date, "time": "18:00", "screen": "2", "movies": [one, other], "capacity": 9});
    let showtime = cinema.post("/showtimes", &body).await.expect(201).id();
    let visitor = browser(&cinema);
    visitor.sign_up(&tag()).await;
    let choice = visitor.get(&format!("/book/{showtime}")).await.shows(200);
    assert!(choice.has("Which films?") && choice.has("Le Bonheur, Vagabond"));
    let ticket = book(&visitor, &showtime, "2", &[&other]).await;
    let page = visitor.get(&ticket).await.shows(200);
    assert!(page.has("Vagabond") && !page.has("Le Bonheur") && !page.has("has been moved"));

    let moved = json!({"time": "19:30"});
    cinema
        .patch(&format!("/showtimes/{showtime}"), &moved)
        .await
        .expect(200);
    let page = visitor.get(&ticket).await.shows(200);
    assert!(page.has("The showing has been moved.") && page.has("19:30") && page.has(", 18:00"));
    assert!(visitor.get("/me/bookings").await.has("19:30"));

    let gone = format!("/showtimes/{showtime}?cancel_bookings=true");
    cinema.delete(&gone).await.expect(204);
    let page = visitor.get(&ticket).await.shows(200);
    assert!(page.has("The cinema has cancelled this booking") && !page.has("class=\"qr\""));
    assert!(
        visitor
            .get("/me/bookings")
            .await
            .has("Cancelled by the cinema")
    );
    visitor
        .get(&format!("{ticket}/cancel"))
        .await
        .leads_to(&ticket);
    let token = visitor.get("/me").await.token();
    visitor
        .post(&format!("{ticket}/cancel"), &[("csrf", &token)])
        .await
        .shows(409);
    visitor.get(&format!("/book/{showtime}")).await.shows(404);
    cinema.assert_no_trap();
}

#[tokio::test]
async fn what_sells_out_while_somebody_books_is_told() {
    let cinema = shared();
    let (showtime, film) = evening(&cinema, "Tampopo", 2).await;
    let visitor = browser(&cinema);
    visitor.sign_up(&tag()).await;
    let page = visitor
        .get(&format!("/book/{showtime}?seats=2"))
        .await
        .shows(200);
    let (csrf, key) = (page.token(), page.field("key"));
    cinema
        .booking(&cinema.user(&tag()).await, &showtime, &[&film], 1)
        .await;
    let fields = [
        ("csrf", csrf.as_str()),
        ("key", &key),
        ("seats", "2"),
        ("movie", &film),
    ];
    let page = visitor
        .post(&format!("/book/{showtime}"), &fields)
        .await
        .shows(409);
    assert!(page.has("sold out: seats asked for 2, seats left 1"));
    cinema
        .booking(&cinema.user(&tag()).await, &showtime, &[&film], 1)
        .await;
    let page = visitor
        .get(&format!("/book/{showtime}?seats=1"))
        .await
        .shows(200);
    assert!(page.has("This showing is sold out.") && !page.has("name=\"key\""));
    visitor.get(&format!("/book/{NOBODY}")).await.shows(404);
}

#[tokio::test]
async fn a_session_is_renewed_and_its_forms_stay_good() {
    let cinema = shared();
    let visitor = browser(&cinema);
    let name = tag();
    visitor.sign_up(&name).await;
    let token = visitor.get("/me").await.token();
    let before = visitor.cookie("cinema_refresh").unwrap();
    // The browser drops an access token that is over.
    visitor.drop("cinema_access");
    visitor.get("/me").await.shows(200);
    assert_ne!(visitor.cookie("cinema_refresh").unwrap(), before);
    let fields = [
        ("csrf", token.as_str()),
        ("firstname", "Grace"),
        ("lastname", "Hopper"),
    ];
    visitor
        .post("/me", &fields)
        .await
        .leads_to("/me?done=saved");
    // In the middle of a form, too, and where a page is not there.
    visitor.drop("cinema_access");
    visitor
        .post("/me", &fields)
        .await
        .leads_to("/me?done=saved");
    visitor.drop("cinema_access");
    visitor.get("/nope").await.shows(404);
    assert!(visitor.cookie("cinema_access").is_some());
    assert!(visitor.get("/me").await.has("Hello, Grace"));

    // A token of somebody else's session is none of this one.
    let other = browser(&cinema);
    other.sign_up(&tag()).await;
    let foreign = other.get("/me").await.token();
    let fields = [
        ("csrf", foreign.as_str()),
        ("firstname", "Mallory"),
        ("lastname", "M"),
    ];
    visitor.post("/me", &fields).await.shows(403);
    // Nor does somebody else's refresh token make it so.
    visitor.keep("cinema_refresh", &other.cookie("cinema_refresh").unwrap());
    let planted = visitor.post("/me", &fields).await;
    planted.leads_to("/sign-in?next=%2Fme&ended=yes");
    let ada = cinema.sign_in(&name).await;
    let me = cinema
        .with_token(&ada.access)
        .get("/auth/me")
        .await
        .expect(200)
        .data();
    assert_eq!(
        me["firstname"], "Grace",
        "nothing is written in the name of the access token's user"
    );
}

#[tokio::test]
async fn a_session_that_ends_in_the_middle_leads_to_signing_in() {
    let cinema = shared();
    let visitor = browser(&cinema);
    let name = tag();
    visitor.sign_up(&name).await;
    let token = visitor.get("/me").await.token();
    // Signed out everywhere, from elsewhere; and the access token is over.
    let elsewhere = cinema.with_token(&cinema.sign_in(&name).await.access);
    elsewhere.delete("/auth/sessions").await.expect(204);
    visitor.drop("cinema_access");
    let fields = [
        ("csrf", token.as_str()),
        ("firstname", "A"),
        ("lastname", "B"),
    ];
    visitor
        .post("/me", &fields)
        .await
        .leads_to("/sign-in?next=%2Fme&ended=yes");
    assert_eq!(visitor.cookie("cinema_refresh"), None);
    assert!(
        visitor
            .get("/sign-in?next=%2Fme&ended=yes")
            .await
            .has("your session is over")
    );
    // Pages for everybody stay.
    visitor.get("/").await.shows(200);
}

#[tokio::test]
async fn an_account_is_one_s_own_until_it_is_deleted() {
    let cinema = shared();
    let visitor = browser(&cinema);
    let name = tag();
    visitor.sign_up(&name).await;
    cinema.sign_in(&name).await;
    let page = visitor.get("/me").await.shows(200);
    is_safe(&page);
    assert!(page.has("this browser"));
    let token = page.token();
    let session = page.html();
    let (_, session) = session.split_once("name=\"session\" value=\"").unwrap();
    let session = session.split('"').next().unwrap().to_owned();
    visitor
        .post("/me/sessions", &[("csrf", &token), ("session", &session)])
        .await
        .leads_to("/me?done=ended");
    let wrong = [
        ("csrf", token.as_str()),
        ("current", "not this one"),
        ("password", "another long one"),
    ];
    let page = visitor.post("/me/password", &wrong).await.shows(422);
    assert!(page.has("is not the password there is") && !page.has("another long one"));
    let right = [
        ("csrf", token.as_str()),
        ("current", staff::password()),
        ("password", "another long one"),
    ];
    visitor
        .post("/me/password", &right)
        .await
        .leads_to("/me?done=changed");
    cinema.login(&name, "another long one").await.expect(200);
    visitor.get("/me/for-you").await.shows(200);

    visitor.post("/sign-out", &[("csrf", "x")]).await.shows(403);
    visitor
        .post("/sign-out", &[("csrf", &token)])
        .await
        .leads_to("/?done=signed-out");
    assert_eq!(
        (
            visitor.cookie("cinema_access"),
            visitor.cookie("cinema_refresh")
        ),
        (None, None)
    );
    let form = visitor.get("/sign-in").await.token();
    let fields = [
        ("csrf", form.as_str()),
        ("username", &name),
        ("password", "another long one"),
    ];
    visitor.post("/sign-in", &fields).await.leads_to("/");
    let token = visitor.get("/me/delete").await.shows(200).token();
    visitor
        .post("/me/delete", &[("csrf", &token)])
        .await
        .leads_to("/me/delete");
    visitor
        .post("/me/delete", &[("csrf", &token), ("sure", "yes")])
        .await
        .leads_to("/?done=deleted");
    cinema.login(&name, "another long one").await.problem(401);
    visitor.get("/me").await.leads_to("/sign-in?next=%2Fme");
}

#[tokio::test]
async fn pages_are_in_the_reader_s_language() {
    let cinema = shared();
    let (showtime, film) = evening(&cinema, "Paterson", 1).await;
    let visitor = browser(&cinema).reading("de-AT,de;q=0.9,en;q=0.5");
    let page = visitor.get(&format!("/films/{film}")).await.shows(200);
    assert!(
        page.has("<html lang=\"de\">")
            && page.has("Regie: Agnès Varda")
            && page.has("noch 1 Platz")
            && page.has("★ 8,1")
    );
    assert_eq!(page.0.header("content-language"), "de");
    visitor
        .get(&format!("/language/en?next=/book/{showtime}"))
        .await
        .leads_to(&format!("/book/{showtime}"));
    let page = visitor.get(&format!("/book/{showtime}")).await.shows(200);
    assert!(page.has("<html lang=\"en\">") && page.has("How many seats?"));
    visitor.get("/language/xx").await.shows(404);
    let token = visitor.get("/language/de").await;
    token.leads_to("/");
    let token = visitor.get("/sign-up").await.token();
    let page = visitor
        .post("/sign-up", &[("csrf", &token)])
        .await
        .shows(422);
    assert!(page.has("4 Angaben stimmen noch nicht."));
}

#[tokio::test]
async fn a_sibling_that_is_down_is_a_page_that_helps() {
    let down = Fake::answering(200, json!({"data": []}));
    down.always(Way::json(500, "{}"));
    let url = down.url();
    for sibling in ["movies_url", "showtimes_url", "bookings_url"] {
        let Some(host) = Host::start(&[(sibling, &url)]) else {
            return;
        };
        let cinema = host.api();
        let visitor = browser(&cinema);
        let path = if sibling == "movies_url" {
            format!("/films/{NOBODY}")
        } else {
            "/".to_owned()
        };
        let page = visitor.get(&path).await;
        // Without showtimes nobody asks for seats.
        if sibling == "bookings_url" {
            page.shows(200);
            continue;
        }
        let page = page.shows(503);
        is_safe(&page);
        assert!(page.has("We will be right back") && !page.has("spin.internal"));
        assert!(page.0.header("retry-after").parse::<u32>().is_ok());
        assert_eq!(page.0.header("cache-control"), "no-store");
        cinema.anonymous().get(&path).await.problem(503);
        host.logs().tell_of_no_trap();
    }
    let Some(host) = Host::start(&[("auth_url", "http://127.0.0.1:1")]) else {
        return;
    };
    let visitor = browser(&host.api());
    let token = visitor.get("/sign-in").await.token();
    let fields = [
        ("csrf", token.as_str()),
        ("username", "ann"),
        ("password", "some password"),
    ];
    visitor.post("/sign-in", &fields).await.shows(503);
    // What anyone may see needs nobody to sign in.
    visitor.get("/").await.shows(200);
}

/// Auth hears from the site where a visitor is, so that guesses are counted for whoever makes them, and by https cookies are bound.
#[tokio::test]
async fn behind_a_proxy_a_visitor_is_known_by_their_own_address_and_by_https() {
    let Some(host) = Host::start(&[("trusted_proxies", "127.0.0.0/8")]) else {
        return;
    };
    let cinema = host.api();
    cinema.user("ann").await;
    let visit = async |address: &str, password: &str| {
        let form = cinema
            .anonymous()
            .request("GET", "/sign-in")
            .header("accept", "text/html")
            .header("x-forwarded-proto", "https");
        let page = Page(cinema.anonymous().send(form).await);
        let cookie = page
            .0
            .header("set-cookie")
            .split(';')
            .next()
            .unwrap()
            .to_owned();
        assert!(cookie.starts_with("__Host-cinema_visitor="), "{cookie}");
        let body = format!(
            "csrf={}&username=ann&password={}",
            encoded(&page.token()),
            encoded(password)
        );
        let sent = cinema
            .anonymous()
            .request("POST", "/sign-in")
            .body(body)
            .header("accept", "text/html");
        let sent = sent
            .header("content-type", "application/x-www-form-urlencoded")
            .header("cookie", cookie);
        let sent = sent
            .header("x-forwarded-proto", "https")
            .header("x-forwarded-for", address);
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        let answer = http.execute(sent.build().unwrap()).await.unwrap();
        (
            answer.status().as_u16(),
            answer
                .headers()
                .get_all("set-cookie")
                .iter()
                .map(|it| it.to_str().unwrap().to_owned())
                .collect::<Vec<_>>(),
        )
    };
    for _ in 0..5 {
        assert_eq!(visit("198.51.100.7", "guess guess guess").await.0, 422);
    }
    assert_eq!(visit("198.51.100.7", staff::password()).await.0, 429);
    let (status, cookies) = visit("198.51.100.8", staff::password()).await;
    assert_eq!(status, 303, "somebody else is not kept waiting");
    assert!(
        cookies
            .iter()
            .filter(|it| it.starts_with("__Host-") && it.ends_with("; Secure"))
            .count()
            >= 3,
        "{cookies:?}"
    );
}
