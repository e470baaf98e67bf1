//! A user's bookings, with what they are of.

use super::*;

fn booking(number: u32, user: &str, showtime: u32, movies: &[u32]) -> Value {
    let movies: Vec<_> = movies.iter().map(|number| id(*number)).collect();
    json!({"id": id(number), "userid": user, "showtimeid": id(showtime), "movies": movies, "seats": 2, "createdon": "2030-01-01T00:00:00.000Z"})
}

#[test]
fn showtimes_and_films_stand_in_place_of_their_ids() {
    let world = World::new();
    let user = world.user();
    let bookings = [
        booking(900, &user, 100, &[1, 2]),
        booking(901, &user, 101, &[1]),
    ];
    world.bookings.answer(
        &format!("/bookings?userid={user}&limit=50"),
        &list(&bookings),
    );
    let showtime =
        json!({"id": id(100), "date": "2030-01-15", "time": "20:15", "movies": [id(1), id(2)]});
    world.showtimes.answer(
        &format!("/showtimes?limit=100&ids={},{}", id(100), id(101)),
        &list(&[showtime]),
    );
    world.movies.answer(
        &format!("/movies?limit=100&ids={},{}", id(1), id(2)),
        &list(&[film(1, "Alien", 8.5)]),
    );

    let answer = world.get(&format!("/users/{user}/bookings"));
    assert_eq!(answer.status, 200, "{}", answer.json);
    assert_eq!(
        answer.json["data"],
        json!([
            {"id": id(900), "userid": user, "seats": 2, "createdon": "2030-01-01T00:00:00.000Z",
             "showtime": {"id": id(100), "date": "2030-01-15", "time": "20:15"},
             "movies": [film(1, "Alien", 8.5), {"id": id(2)}]},
            {"id": id(901), "userid": user, "seats": 2, "createdon": "2030-01-01T00:00:00.000Z",
             "showtime": {"id": id(101)},
             "movies": [film(1, "Alien", 8.5)]},
        ])
    );
}

#[test]
fn a_page_leads_to_the_next() {
    let world = World::new();
    let user = world.user();
    let mut page = list(&[booking(900, &user, 100, &[])]);
    page["next"] = json!("/bookings?whatever");
    world
        .bookings
        .answer(&format!("/bookings?userid={user}&limit=1"), &page);
    world
        .showtimes
        .answer(&format!("/showtimes?limit=100&ids={}", id(100)), &list(&[]));
    let answer = world.get(&format!("/users/{user}/bookings?limit=1"));
    assert_eq!(
        answer.json["next"],
        format!("/users/{user}/bookings?limit=1&after={}", id(900))
    );
}

#[test]
fn a_hundred_bookings_cost_a_handful_of_requests() {
    let world = World::new();
    let user = world.user();
    let bookings: Vec<_> = (0..100)
        .map(|n| booking(900 + n, &user, 100 + n, &[300 + n]))
        .collect();
    world.bookings.answer(
        &format!("/bookings?userid={user}&limit=100"),
        &list(&bookings),
    );
    let ids = |from: u32| (from..from + 100).map(id).collect::<Vec<_>>().join(",");
    world.showtimes.answer(
        &format!("/showtimes?limit=100&ids={}", ids(100)),
        &list(&[]),
    );
    world
        .movies
        .answer(&format!("/movies?limit=100&ids={}", ids(300)), &list(&[]));
    let before = world.memory.request_count();
    let answer = world.get(&format!("/users/{user}/bookings?limit=100"));
    assert_eq!(answer.json["data"].as_array().unwrap().len(), 100);
    let asked =
        world.bookings.asked().len() + world.showtimes.asked().len() + world.movies.asked().len();
    assert_eq!((asked, world.memory.request_count() - before), (3, 1));
}

#[test]
fn a_sibling_that_is_down_is_named() {
    let world = World::new();
    let user = world.user();
    world
        .bookings
        .fail(&format!("/bookings?userid={user}&limit=50"));
    let answer = world.get(&format!("/users/{user}/bookings"));
    assert_eq!(answer.status, 503);
    assert!(answer.json["detail"].as_str().unwrap().contains("bookings"));
    assert!(answer.headers.contains_key("retry-after"));

    let nobody = world.get(&format!("/users/{}/bookings", id(1)));
    assert_eq!(
        nobody.status, 404,
        "who does not exist is unknown whatever is down"
    );
}

#[test]
fn what_is_gone_is_shown_as_it_was_bought() {
    let world = World::new();
    let user = world.user();
    let mut bought = booking(900, &user, 100, &[1, 2]);
    bought["date"] = json!("2030-01-15");
    bought["time"] = json!("20:15");
    bought["screen"] = json!("1");
    bought["films"] = json!([{"id": id(2), "title": "Low Water at Pell"}]);
    let why = json!({"on": "2030-01-02T00:00:00.000Z", "reason": "the showtime was cancelled"});
    bought["cancelled"] = why.clone();
    let path = format!("/bookings?userid={user}&limit=50");
    world.bookings.answer(&path, &list(&[bought]));
    let path = format!("/showtimes?limit=100&ids={}", id(100));
    world.showtimes.answer(&path, &list(&[]));
    let path = format!("/movies?limit=100&ids={},{}", id(1), id(2));
    world.movies.answer(&path, &list(&[]));
    let shown = world.get(&format!("/users/{user}/bookings")).json["data"][0].clone();
    let showtime = json!({"id": id(100), "date": "2030-01-15", "time": "20:15", "screen": "1"});
    assert_eq!(shown["showtime"], showtime);
    let movies = json!([{"id": id(1)}, {"id": id(2), "title": "Low Water at Pell"}]);
    assert_eq!((&shown["movies"], &shown["cancelled"]), (&movies, &why));
}

#[test]
fn who_leaves_has_their_bookings_cancelled_first() {
    let world = World::new();
    let path = format!("/users/{}", world.user());
    // While bookings does not answer, nobody leaves.
    assert_eq!(world.send(Call::new("DELETE", &path)).status, 503);
    assert_eq!(world.get(&path).status, 200);
    let before = world.bookings.asked().len();
    assert_eq!(world.send(world.deletion(&path)).status, 204);
    // And again, for what was booked until the user was gone.
    let cancelling = path.replace("/users/", "DELETE /bookings?userid=");
    assert_eq!(
        world.bookings.asked()[before..],
        [cancelling.clone(), cancelling]
    );
}
