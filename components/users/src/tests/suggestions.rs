//! Suggestions: what is gathered, and that the recommender's answer is not taken on trust.

use service::Moment;

use super::*;

/// A user with these bookings, beside this programme and catalogue.
fn world(bookings: &[Value], showtimes: &[Value], films: &[Value]) -> (World, String) {
    let world = World::new();
    let user = world.user();
    world.bookings.answer(
        &format!("/bookings?userid={user}&limit=100"),
        &list(bookings),
    );
    world.showtimes.answer(
        &format!("/showtimes?from={}&limit=100", Moment::now().day()),
        &list(showtimes),
    );
    world.movies.answer("/movies?limit=100", &list(films));
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
fn a_sibling_that_is_down_is_named() {
    for down in ["bookings", "showtimes", "movies"] {
        let (world, path) = world(&[], &[], &films());
        let user = &path[7..31];
        match down {
            "bookings" => world
                .bookings
                .fail(&format!("/bookings?userid={user}&limit=100")),
            "showtimes" => world.showtimes.fail(&format!(
                "/showtimes?from={}&limit=100",
                Moment::now().day()
            )),
            _ => world.movies.fail("/movies?limit=100"),
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

#[test]
fn of_a_large_catalogue_no_better_film_is_missed() {
    let (world, path) = world(&[], &[], &[]);
    // Five pages of middling films, then the best of all on the page after them.
    let mut before = String::new();
    for page in 0..5u32 {
        let last = 100 + page * 100;
        let films: Vec<_> = (last - 99..=last)
            .map(|n| film(n, "Middling", 5.0))
            .collect();
        let mut listed = list(&films);
        listed["next"] = json!("/movies?more");
        world
            .movies
            .answer(&format!("/movies?limit=100{before}"), &listed);
        before = format!("&after={}", id(last));
    }
    let best = format!("/movies?limit=100&min_rating=5{before}");
    world.movies.answer(&best, &list(&[film(777, "Best", 9.9)]));
    let answer = world.get(&path);
    assert_eq!(answer.status, 200, "{}", answer.json);
    assert_eq!(titles(&answer)[0], "Best");
    assert!(
        world.movies.asked().len() <= 10,
        "{:?}",
        world.movies.asked()
    );
}
