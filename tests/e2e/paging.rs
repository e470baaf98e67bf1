//! Lists, page by page.

use std::collections::BTreeSet;

use cinema_tests::{Api, Host, api::ids, given, shared, tag};
use futures::future::join_all;
use futures::stream::{self, StreamExt};
use serde_json::json;

/// Films by one director, a few at a time.
async fn add(cinema: &Api, director: &str, count: usize) -> BTreeSet<String> {
    let films =
        (0..count).map(|n| async move { cinema.film(&format!("Film {n}"), director, 5.0).await });
    stream::iter(films).buffer_unordered(16).collect().await
}

#[tokio::test]
async fn a_list_in_pages_of_any_size_is_the_same_list() {
    let cinema = shared();
    let director = tag();
    let known = add(&cinema, &director, 10).await;
    for limit in [1, 3, 5, 9, 10, 11, 100] {
        let mut path = format!("/movies?director={director}&limit={limit}");
        let (mut seen, mut pages) = (Vec::new(), 0);
        loop {
            let page = cinema.get(&path).await.expect(200);
            let list = page.list();
            assert!(list.len() <= limit);
            assert!(!list.is_empty(), "no page is empty");
            seen.extend(ids(&list).into_iter().map(str::to_owned));
            pages += 1;
            let Some(next) = page.next() else { break };
            assert!(next.starts_with("/movies?"), "a path and a query: {next}");
            path = next;
        }
        assert_eq!(pages, known.len().div_ceil(limit), "limit {limit}");
        assert!(seen.is_sorted_by(|one, other| one < other), "by id");
        assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), known);
    }
}

#[tokio::test]
async fn a_page_is_fifty_when_nothing_is_said() {
    let cinema = shared();
    let director = tag();
    let known = add(&cinema, &director, 51).await;
    let page = cinema
        .get(&format!("/movies?director={director}"))
        .await
        .expect(200);
    assert_eq!(page.list().len(), 50);
    let rest = cinema.get(&page.next().unwrap()).await.expect(200);
    assert_eq!(ids(&rest.list()), [known.last().unwrap().as_str()]);
    assert!(rest.next().is_none());
}

#[tokio::test]
async fn the_next_page_keeps_the_filters_however_odd() {
    let cinema = shared();
    let director = format!("A&B=C %26 +é?#/{}", tag());
    let known = add(&cinema, &director, 3).await;
    let encoded: String = director
        .bytes()
        .map(|byte| format!("%{byte:02X}"))
        .collect();
    let all = cinema
        .all(&format!(
            "/movies?limit=1&director={encoded}&min_rating=1.5"
        ))
        .await;
    assert_eq!(all.len(), known.len());
}

#[tokio::test]
async fn limit_and_after_are_what_they_should_be() {
    let cinema = shared();
    for path in ["/movies", "/showtimes", "/bookings", "/users"] {
        for bad in [
            "limit=0",
            "limit=101",
            "limit=-1",
            "limit=ten",
            "limit=",
            "limit=1.0",
            "limit=18446744073709551617",
            "after=x",
            "after=",
            "after=00000000000000000000000g",
        ] {
            cinema.get(&format!("{path}?{bad}")).await.problem(400);
        }
        for good in ["limit=1", "limit=100"] {
            cinema.get(&format!("{path}?{good}")).await.expect(200);
        }
        // In the programme an id that nothing has is nowhere.
        if path == "/showtimes" {
            let lost = "/showtimes?after=000000000000000000000000";
            cinema.get(lost).await.problem(400);
            continue;
        }
        for good in [
            "after=000000000000000000000000",
            "after=FFFFFFFFFFFFFFFFFFFFFFFF",
        ] {
            cinema.get(&format!("{path}?{good}")).await.expect(200);
        }
        assert!(
            cinema
                .get(&format!("{path}?after=ffffffffffffffffffffffff"))
                .await
                .list()
                .is_empty()
        );
    }
}

#[tokio::test]
async fn paging_while_others_write_neither_repeats_nor_skips() {
    let cinema = shared();
    let director = tag();
    let there = add(&cinema, &director, 60).await;
    let doomed: Vec<_> = add(&cinema, &director, 20).await.into_iter().collect();

    let reading = async {
        let mut seen = Vec::new();
        let mut next = Some(format!("/movies?director={director}&limit=4"));
        while let Some(path) = next {
            let page = cinema.get(&path).await.expect(200);
            seen.extend(ids(&page.list()).into_iter().map(str::to_owned));
            next = page.next();
        }
        seen
    };
    let adding = add(&cinema, &director, 60);
    let changing = async {
        for (n, id) in there.iter().enumerate() {
            let body = json!({"title": format!("Changed {n}"), "rating": 1});
            cinema
                .patch(&format!("/movies/{id}"), &body)
                .await
                .expect(200);
        }
    };
    let deleting = async {
        for id in &doomed {
            cinema.delete(&format!("/movies/{id}")).await.expect(204);
        }
    };
    let (seen, ..) = futures::join!(reading, adding, changing, deleting);
    let unique: BTreeSet<_> = seen.iter().cloned().collect();
    assert_eq!(unique.len(), seen.len(), "repeated");
    assert!(
        there.is_subset(&unique),
        "skipped: {:?}",
        there.difference(&unique)
    );
}

#[tokio::test]
async fn ten_thousand_films_are_listed_page_by_page() {
    let host = match given() {
        Some(_) => None,
        None => Host::start(&[]),
    };
    let cinema = host.as_ref().map_or_else(|| given().unwrap(), Host::api);
    let director = tag();
    let known = add(&cinema, &director, 10_000).await;
    assert_eq!(known.len(), 10_000);
    let paths = match host {
        Some(_) => vec!["/movies?limit=100".to_owned()],
        None => vec![format!("/movies?limit=100&director={director}")],
    };
    for path in paths {
        let all = cinema.all(&path).await;
        let seen = ids(&all);
        assert_eq!(seen.len(), 10_000);
        assert!(seen.is_sorted_by(|one, other| one < other));
        assert!(seen.iter().all(|id| known.contains(*id)));
    }
    // From anywhere in the middle.
    let middle: Vec<_> = known.iter().skip(7_000).take(2).collect();
    let page = cinema
        .get(&format!(
            "/movies?limit=1&director={director}&after={}",
            middle[0]
        ))
        .await
        .expect(200);
    assert_eq!(ids(&page.list()), [middle[1].as_str()]);
    // An instance that is not ours is left as it was found.
    if host.is_none() {
        let deletions: Vec<_> = known.iter().map(|id| format!("/movies/{id}")).collect();
        for some in deletions.chunks(16) {
            join_all(some.iter().map(|path| cinema.delete(path))).await;
        }
    }
}
