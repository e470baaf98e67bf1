use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::wit::exports::cinema::recommender::rank::Showing;

fn movie(id: &str, title: &str, director: &str, rating: impl Into<Option<f64>>) -> Movie {
    Movie {
        id: id.to_owned(),
        title: title.to_owned(),
        director: director.to_owned(),
        rating: rating.into(),
    }
}

fn showing(movie_id: &str, date: &str) -> Showing {
    Showing {
        movie_id: movie_id.to_owned(),
        date: date.to_owned(),
        time: None,
    }
}

fn request(candidates: Vec<Movie>, booked: Vec<Movie>, showings: Vec<Showing>) -> Request {
    Request {
        today: "2026-11-23".to_owned(),
        candidates,
        booked,
        showings,
        limit: 100,
    }
}

fn order(request: &Request) -> Vec<String> {
    let suggestions = suggest(request).into_iter();
    suggestions.map(|suggestion| suggestion.movie_id).collect()
}

#[test]
fn a_user_without_bookings_gets_the_best_rated() {
    let films = vec![
        movie("a", "A", "X", 7.0),
        movie("b", "B", "Y", 9.0),
        movie("c", "C", "Z", None),
    ];
    let on_today = vec![showing("a", "2026-11-23"), showing("c", "2026-11-23")];
    assert_eq!(order(&request(films, vec![], on_today)), ["b", "a", "c"]);
}

#[test]
fn to_a_user_without_bookings_showing_soon_counts_between_equals_only() {
    let films = vec![
        movie("a", "A", "X", 7.0),
        movie("b", "B", "X", 7.0),
        movie("c", "C", "X", 7.0),
        movie("d", "D", "X", 7.1),
    ];
    let showings = vec![showing("c", "2026-11-23"), showing("b", "2026-12-23")];
    assert_eq!(
        order(&request(films, vec![], showings)),
        ["d", "c", "b", "a"]
    );
}

#[test]
fn a_director_booked_more_often_goes_first() {
    let films = vec![movie("a", "A", "X", 7.0), movie("b", "B", "Y", 7.0)];
    let booked = vec![
        movie("1", "1", "X", 5.0),
        movie("2", "2", "Y", 5.0),
        movie("2", "2", "Y", 5.0),
    ];
    assert_eq!(order(&request(films, booked, vec![])), ["b", "a"]);
}

#[test]
fn what_is_on_sooner_goes_first() {
    let films = vec![
        movie("a", "A", "X", 7.0),
        movie("b", "B", "X", 7.0),
        movie("c", "C", "X", 7.0),
    ];
    let showings = vec![showing("b", "2026-11-28"), showing("c", "2026-11-25")];
    let booked = vec![movie("1", "1", "Q", 5.0)];
    assert_eq!(order(&request(films, booked, showings)), ["c", "b", "a"]);
}

#[test]
fn ties_go_by_title_then_id() {
    let films = vec![
        movie("3", "B", "X", 7.0),
        movie("2", "A", "X", 7.0),
        movie("1", "B", "X", 7.0),
    ];
    assert_eq!(order(&request(films, vec![], vec![])), ["2", "1", "3"]);
}

#[test]
fn absurd_ratings_do_no_harm() {
    let films = vec![
        movie("nan", "A", "X", f64::NAN),
        movie("infinite", "B", "X", f64::INFINITY),
        movie("huge", "C", "X", 1e308),
        movie("negative", "D", "X", -3.0),
        movie("good", "E", "X", 9.0),
    ];
    let suggestions = suggest(&request(films, vec![], vec![]));
    let scores: Vec<(&str, f64)> = suggestions
        .iter()
        .map(|suggestion| (suggestion.movie_id.as_str(), suggestion.score))
        .collect();
    assert_eq!(
        scores,
        [
            ("huge", 0.995),
            ("good", 0.8955),
            ("nan", 0.0),
            ("infinite", 0.0),
            ("negative", 0.0)
        ]
    );
    assert_eq!(suggestions[0].reason, "Rated 10.0 out of 10.");
}

#[test]
fn a_film_listed_twice_is_suggested_once() {
    let films = vec![movie("a", "A", "X", 7.0), movie("a", "A", "X", 7.0)];
    assert_eq!(order(&request(films, vec![], vec![])), ["a"]);
}

#[test]
fn nothing_in_nothing_out() {
    assert!(suggest(&request(vec![], vec![], vec![])).is_empty());
    let mut none = request(vec![movie("a", "A", "X", 7.0)], vec![], vec![]);
    none.limit = 0;
    assert!(suggest(&none).is_empty());
}

#[test]
fn a_great_many_films_are_ranked() {
    let films: Vec<Movie> = (0..50_000)
        .map(|n| {
            movie(
                &n.to_string(),
                &n.to_string(),
                "X",
                f64::from(n % 101) / 10.0,
            )
        })
        .collect();
    let booked = films[..20_000].to_vec();
    let showings = (0..50_000)
        .map(|n| showing(&n.to_string(), "2026-11-25"))
        .collect();
    let mut request = request(films, booked, showings);
    request.limit = u32::MAX;
    assert_eq!(suggest(&request).len(), 50_000);
}

fn any_rating() -> impl Strategy<Value = Option<f64>> {
    prop_oneof![
        Just(None),
        (0.0..=10.0).prop_map(Some),
        any::<f64>().prop_map(Some)
    ]
}

prop_compose! {
    /// Few titles, directors and days, so that they meet; ids are given out afterwards, each once.
    fn any_movie()(title in "[AB]?", director in "[XYZ]?", rating in any_rating()) -> Movie {
        movie("", &title, &director, rating)
    }
}

prop_compose! {
    fn any_request()(
        mut candidates in vec(any_movie(), 0..20),
        booked in vec(any_movie(), 0..8),
        on in vec((0..20usize, 20..32), 0..20),
        limit in 0..25u32,
    ) -> Request {
        for (n, movie) in candidates.iter_mut().enumerate() {
            movie.id = format!("{n:02}");
        }
        let showings = on.into_iter().map(|(n, day)| showing(&format!("{n:02}"), &format!("2026-11-{day}"))).collect();
        Request { limit, ..request(candidates, booked, showings) }
    }
}

fn answer(request: &Request) -> Vec<(String, u64, String)> {
    suggest(request)
        .into_iter()
        .map(|one| (one.movie_id, one.score.to_bits(), one.reason))
        .collect()
}

proptest! {
    #[test]
    fn the_order_of_the_input_does_not_matter(
        (request, shuffled) in any_request().prop_flat_map(|request| {
            let shuffled = (
                Just(request.candidates.clone()).prop_shuffle(),
                Just(request.booked.clone()).prop_shuffle(),
                Just(request.showings.clone()).prop_shuffle(),
                Just((request.today.clone(), request.limit)),
            ).prop_map(|(candidates, booked, showings, (today, limit))| Request { today, candidates, booked, showings, limit });
            (Just(request), shuffled)
        })
    ) {
        prop_assert_eq!(answer(&request), answer(&shuffled));
    }

    #[test]
    fn scores_are_in_range_and_fall_and_the_limit_holds(request in any_request()) {
        let suggestions = suggest(&request);
        prop_assert_eq!(suggestions.len(), request.candidates.len().min(request.limit as usize));
        for suggestion in &suggestions {
            prop_assert!((0.0..=1.0).contains(&suggestion.score));
            prop_assert!(suggestion.reason.ends_with('.') && suggestion.reason.len() > 10);
        }
        prop_assert!(suggestions.is_sorted_by(|one, next| one.score >= next.score));
    }

    #[test]
    fn a_better_rating_never_makes_a_film_sink(
        mut request in any_request(),
        which in any::<prop::sample::Index>(),
        low in 0.0..=10.0,
        more in 0.0..=10.0,
    ) {
        prop_assume!(!request.candidates.is_empty());
        request.limit = u32::MAX;
        let which = which.index(request.candidates.len());
        let id = request.candidates[which].id.clone();
        let mut place = |rating| {
            request.candidates[which].rating = Some(rating);
            let suggestions = suggest(&request);
            let found = suggestions.iter().enumerate().find(|(_, one)| one.movie_id == id);
            found.map(|(place, one)| (place, one.score)).unwrap_or((usize::MAX, 0.0))
        };
        let (before, score) = place(low);
        let (after, better) = place(low + more);
        prop_assert!(after <= before);
        prop_assert!(better >= score);
    }
}
