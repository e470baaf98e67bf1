//! Suggestions: what is gathered, and that the recommender's answer is not taken on trust.

use super::*;

/// What is asked of each sibling first.
pub fn first_asked(user: &str) -> [String; 3] {
    [
        format!("/bookings?userid={user}&order=newest&limit=100"),
        "/showtimes?from=2030-01-01&to=2030-01-07&limit=100".to_owned(),
        "/movies?order=rating&limit=100".to_owned(),
    ]
}

/// A user with these bookings, beside this programme and catalogue.
fn world(bookings: &[Value], showtimes: &[Value], films: &[Value]) -> (World, String) {
    let world = World::new();
    let user = world.user();
    let [of_bookings, of_showtimes, of_movies] = first_asked(&user);
    world.bookings.answer(&of_bookings, &list(bookings));
    world.showtimes.answer(&of_showtimes, &list(showtimes));
    world.movies.answer(&of_movies, &list(films));
    (world, format!("/users/{user}/suggested"))
}

fn titles(answer: &Answer) -> Vec<&str> {
    let suggestions = answer.json["data"].as_array().unwrap();
    suggestions
        .iter()
        .map(|one| one["movie"]["title"].as_str().unwrap())
        .collect()
}

fn films() -> [Value; 4] {
    [
        film(1, "Alien", 8.5),
        film(2, "Brazil", 7.9),
        film(3, "Cube", 7.2),
        film(4, "Dune", 8.0),
    ]
}

#[test]
fn the_best_are_suggested_without_what_is_booked() {
    let booking = json!({"id": id(900), "showtimeid": id(100), "movies": [id(1)], "seats": 1});
    let showing = json!({"id": id(100), "date": "2999-01-01", "movies": [id(1), id(4)]});
    let (world, path) = world(&[booking], &[showing], &films());
    let answer = world.get(&path);
    assert_eq!(answer.status, 200, "{}", answer.json);
    assert_eq!(titles(&answer), ["Dune", "Brazil", "Cube"]);
    assert_eq!(answer.json["data"][0]["reason"], "1 booked, 2 showings");
    assert_eq!(answer.json["data"][0]["movie"], film(4, "Dune", 8.0));
    assert_eq!(titles(&world.get(&format!("{path}?limit=1"))), ["Dune"]);
}

#[test]
fn what_has_begun_is_on_no_more() {
    let showing =
        |time: &str| json!({"id": id(100), "date": "2030-01-01", "time": time, "movies": [id(1)]});
    let untimed = json!({"id": id(101), "date": "2030-01-01", "movies": [id(1)]});
    let showings = ["00:00", "02:00", "02:01", "23:59"].map(showing);
    let (world, path) = world(&[], &[&showings[..], &[untimed]].concat(), &films());
    let answer = world.get(&path);
    assert_eq!(answer.json["data"][0]["reason"], "0 booked, 3 showings");
}

#[test]
fn what_the_cinema_has_cancelled_is_suggested_again() {
    let why = json!({"on": "2030-01-01T00:00:00.000Z", "reason": "the showtime was cancelled"});
    let booking =
        json!({"id": id(900), "showtimeid": id(100), "movies": [id(1)], "cancelled": why});
    let (world, path) = world(&[booking], &[], &films());
    let answer = world.get(&path);
    assert_eq!(titles(&answer), ["Alien", "Dune", "Brazil"]);
    assert_eq!(answer.json["data"][0]["reason"], "0 booked, 0 showings");
}

#[test]
fn a_limit_out_of_bounds_is_refused() {
    let (world, path) = world(&[], &[], &films());
    for limit in ["0", "21", "x", "-1"] {
        assert_eq!(
            world.get(&format!("{path}?limit={limit}")).status,
            400,
            "{limit}"
        );
    }
    assert_eq!(
        world.get(&format!("/users/{}/suggested", id(7))).status,
        404
    );
}

#[test]
fn an_empty_catalogue_has_nothing_to_suggest() {
    let (world, path) = world(&[], &[], &[]);
    let answer = world.get(&path);
    assert_eq!((answer.status, &answer.json["data"]), (200, &json!([])));
}

#[test]
fn what_a_recommender_makes_up_is_left_out() {
    let booking = json!({"id": id(900), "showtimeid": id(100), "movies": [id(1)], "seats": 1});
    let (mut world, path) = world(&[booking], &[], &films());
    let suggest = |id: String, score| Suggestion {
        movie_id: id,
        score,
        reason: "because".to_owned(),
    };
    world.recommender = Ranking(Some(vec![
        suggest(id(1), 0.9),
        suggest("nonsense".to_owned(), 0.9),
        suggest(id(77), 0.9),
        suggest(id(2), f64::NAN),
        suggest(id(2), 0.5),
        suggest(id(3), 7.0),
    ]));
    let answer = world.get(&path);
    assert_eq!(titles(&answer), ["Brazil", "Cube"]);
    assert_eq!(answer.json["data"][0]["score"], 0.0);
    assert_eq!(answer.json["data"][1]["score"], 1.0);
}

#[test]
fn what_is_alike_for_everybody_is_asked_for_once_in_two_seconds() {
    let (mut world, path) = world(&[], &[], &films());
    let asked = |world: &World| {
        assert_eq!(titles(&world.get(&path)), ["Alien", "Dune", "Brazil"]);
        [&world.bookings, &world.showtimes, &world.movies].map(|one| one.asked().len())
    };
    fn after(milliseconds: i64) -> Moment {
        Moment::clamped(noon().millis() + milliseconds)
    }
    assert_eq!(asked(&world), [1, 1, 1]);
    // A clock that is put back tells nothing of how long ago it was.
    for (now, times) in [
        ((|| after(1_999)) as fn() -> Moment, [2, 1, 1]),
        (|| after(2_000), [3, 2, 2]),
        (|| after(1_000), [4, 3, 3]),
    ] {
        world.now = now;
        assert_eq!(asked(&world), times);
    }
}

#[test]
fn a_sibling_that_is_down_is_named() {
    for down in ["bookings", "showtimes", "movies"] {
        let (world, path) = world(&[], &[], &films());
        let [of_bookings, of_showtimes, of_movies] = first_asked(&path[7..31]);
        match down {
            "bookings" => world.bookings.fail(&of_bookings),
            "showtimes" => world.showtimes.fail(&of_showtimes),
            _ => world.movies.fail(&of_movies),
        };
        let answer = world.get(&path);
        assert_eq!(answer.status, 503);
        assert!(
            answer.json["detail"].as_str().unwrap().contains(down),
            "{}",
            answer.json
        );
    }
}

/// The numbers' films, as the best-rated hundred of a larger catalogue.
fn hundred(from: u32, rating: f64) -> Vec<Value> {
    (from..from + 100)
        .map(|n| film(n, &format!("Best {n}"), rating))
        .collect()
}

fn booking(number: u32, movie: u32) -> Value {
    json!({"id": id(number), "showtimeid": id(100), "movies": [id(movie)], "seats": 1})
}

#[test]
fn of_a_large_catalogue_what_is_showing_and_like_what_was_booked_is_ranked_too() {
    let bookings = [booking(900, 300), booking(901, 301), booking(902, 301)];
    let showing = json!({"id": id(100), "date": "2999-01-01", "movies": [id(1), id(302)]});
    let (world, path) = world(&bookings, &[showing], &hundred(1, 5.0));
    // Not among the best, as far as anybody has said.
    let shown = format!("/movies?limit=100&ids={}", id(302));
    let found = [film(302, "Showing", 9.0)];
    world.movies.answer(&shown, &list(&found));
    let booked = format!("/movies?limit=100&ids={},{}", id(300), id(301));
    let found = [film(300, "Booked", 1.0), film(301, "Booked twice", 1.0)];
    world.movies.answer(&booked, &list(&found));
    let like = format!("/movies?like={}%2C{}&limit=100", id(301), id(300));
    let found = [film(301, "Booked twice", 1.0), film(303, "Alike", 8.0)];
    world.movies.answer(&like, &list(&found));
    let answer = world.get(&path);
    assert_eq!(answer.status, 200, "{}", answer.json);
    assert_eq!(titles(&answer), ["Showing", "Alike", "Best 1"]);
    assert_eq!(answer.json["data"][0]["reason"], "3 booked, 2 showings");
    let asked =
        world.bookings.asked().len() + world.showtimes.asked().len() + world.movies.asked().len();
    assert_eq!(asked, 6);
}

#[test]
fn whoever_has_booked_the_best_hundred_is_given_the_next() {
    let bookings: Vec<_> = (1..=100).map(|n| booking(900 + n, n)).collect();
    let (world, path) = world(&bookings, &[], &hundred(1, 9.0));
    let favourites: Vec<_> = (1..=10).map(id).collect();
    let like = format!("/movies?like={}&limit=100", favourites.join("%2C"));
    world.movies.answer(&like, &list(&[]));
    let next = "/movies?order=rating&limit=100&max_rating=9";
    world.movies.answer(
        next,
        &list(&[film(1, "Best 1", 9.0), film(777, "Next", 8.9)]),
    );
    assert_eq!(titles(&world.get(&path)), ["Next"]);
}

#[test]
fn what_was_booked_before_the_last_hundred_bookings_is_never_suggested() {
    let latest: Vec<_> = (0..100).map(|n| booking(900 + n, 1)).collect();
    let (world, path) = world(&latest, &[], &films());
    let user = path[7..31].to_owned();
    let mut page = list(&latest);
    page["next"] = json!("/bookings?more");
    world.bookings.answer(&first_asked(&user)[0], &page);
    let check = |films: &[u32]| {
        let films: Vec<_> = films.iter().map(|film| id(*film)).collect();
        let films = films.join("%2C");
        format!("/bookings?userid={user}&movies={films}&limit=100")
    };
    // The best are booked so often that a page tells of nothing else.
    let mut page = list(&[booking(800, 4), booking(801, 4)]);
    page["next"] = json!("/bookings?more");
    world.bookings.answer(&check(&[4, 2, 3]), &page);
    // Whole pages may be cancelled.
    let mut cancelled = booking(802, 2);
    cancelled["cancelled"] =
        json!({"on": "2030-01-01T00:00:00.000Z", "reason": "the showtime was cancelled"});
    let mut page = list(&[cancelled]);
    page["next"] = json!("/bookings?others");
    world.bookings.answer(&check(&[2, 3]), &page);
    world
        .bookings
        .answer("/bookings?others", &list(&[booking(803, 3)]));
    assert_eq!(titles(&world.get(&path)), ["Brazil"]);
}
