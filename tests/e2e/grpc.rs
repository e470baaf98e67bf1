//! gRPC beside HTTP: the same cinema by another door, which tonic's clients go through.

use std::collections::BTreeSet;

use cinema_tests::grpc::v1::{
    CreateBookingRequest, CreateBookingResponse, CreateMovieRequest, GetMovieRequest,
    GetShowtimeRequest, GetUserRequest, LoginRequest, Movie, Role, StreamMoviesRequest,
    UpdateMovieRequest, auth_client::AuthClient, bookings_client::BookingsClient,
    movies_client::MoviesClient, showtimes_client::ShowtimesClient, users_client::UsersClient,
};
use cinema_tests::grpc::{Code, FieldMask, Signed};
use cinema_tests::{Api, Host, api::booking, api::ids, day, shared, staff, tag};
use data_api_client::Moment;
use futures::future::join_all;
use futures::stream::{self, StreamExt};
use serde_json::json;
use tonic::{Request, Status};

/// A film as HTTP tells it.
fn told(film: &Movie) -> serde_json::Value {
    let createdon = film.createdon.unwrap();
    let millis = createdon.seconds * 1000 + i64::from(createdon.nanos) / 1_000_000;
    let mut told = json!({
        "id": film.id, "title": film.title, "director": film.director, "rating": film.rating,
        "createdon": Moment::clamped(millis).to_string(),
    });
    if let Some(minutes) = film.minutes {
        told["minutes"] = json!(minutes);
    }
    if let Some(poster) = &film.poster {
        told["poster"] = json!(poster);
    }
    told
}

#[tokio::test]
async fn what_comes_in_by_one_door_goes_out_by_the_other() {
    let cinema = shared();
    let signed = cinema.grpc().await;
    let mut films = MoviesClient::new(signed.clone());
    let new = CreateMovieRequest {
        title: "Ångström \u{1F3AC}".into(),
        director: tag(),
        rating: Some(0.0),
        minutes: Some(999),
        poster: Some("https://example.com/a.png".into()),
    };
    let film = films.create_movie(new).await.unwrap().into_inner().movie;
    let film = film.unwrap();
    let path = format!("/movies/{}", film.id);
    assert_eq!(cinema.get(&path).await.expect(200).data(), told(&film));

    // What is taken away by one is gone by the other.
    let change = UpdateMovieRequest {
        id: film.id.clone(),
        rating: Some(9.96),
        update_mask: Some(FieldMask {
            paths: vec!["minutes".into(), "rating".into()],
        }),
        ..Default::default()
    };
    let changed = films.update_movie(change).await.unwrap().into_inner().movie;
    let (changed, seen) = (changed.unwrap(), cinema.get(&path).await.data());
    assert_eq!((changed.minutes, changed.rating), (None, 10.0));
    assert_eq!(seen, told(&changed));
    cinema
        .patch(&path, &json!({"poster": null}))
        .await
        .expect(200);
    let one = GetMovieRequest {
        id: film.id.clone(),
    };
    let film = films.get_movie(one).await.unwrap().into_inner().movie;
    assert_eq!(film.as_ref().unwrap().poster, None);

    let date = day();
    let film = film.unwrap().id;
    let evening = json!({"date": date, "time": "20:15", "movies": [film], "capacity": 7});
    let id = cinema.post("/showtimes", &evening).await.expect(201).id();
    let one = GetShowtimeRequest { id };
    let showtime = ShowtimesClient::new(signed.clone()).get_showtime(one).await;
    let showtime = showtime.unwrap().into_inner().showtime.unwrap();
    assert_eq!((showtime.date, showtime.time), (date, Some("20:15".into())));
    assert_eq!((showtime.screen, showtime.capacity), (None, Some(7)));
    let id = cinema.user(&tag()).await;
    let user = UsersClient::new(signed)
        .get_user(GetUserRequest { id })
        .await;
    assert_eq!(
        user.unwrap().into_inner().user.unwrap().role(),
        Role::Customer
    );
    cinema.assert_no_trap();
}

#[tokio::test]
async fn who_signs_in_at_one_door_is_known_at_the_other() {
    let cinema = shared();
    let username = tag();
    let id = cinema.anonymous().user(&username).await;
    let login = LoginRequest {
        username,
        password: staff::password().to_owned(),
        cookies: false,
    };
    let mut auth = AuthClient::new(cinema.anonymous().grpc().await);
    let given = auth.login(login).await.unwrap().into_inner();
    let customer = cinema.with_token(&given.access_token.unwrap());
    let me = customer.get("/auth/me").await.expect(200);
    assert_eq!(me.id(), id);
    cinema
        .logout(&given.refresh_token.unwrap())
        .await
        .expect(204);
    let sessions = customer.get("/auth/sessions").await.expect(200).list();
    assert!(sessions.is_empty());
}

/// A film, a showtime of it, and so many customers.
async fn evening(cinema: &Api, capacity: u32, customers: usize) -> (String, String, Vec<String>) {
    let film = cinema.film("Both doors", &tag(), 7.0).await;
    let showtime = cinema.showtime(&day(), &[&film], Some(capacity)).await;
    let users = join_all((0..customers).map(async |_| cinema.user(&tag()).await)).await;
    (film, showtime, users)
}

async fn book(
    signed: Signed,
    (user, showtime, film): (&str, &str, &str),
    key: &str,
) -> Result<String, Status> {
    let mut request = Request::new(CreateBookingRequest {
        userid: Some(user.to_owned()),
        showtimeid: showtime.to_owned(),
        movies: vec![film.to_owned()],
        seats: Some(1),
    });
    let key = key.parse().unwrap();
    request.metadata_mut().insert("idempotency-key", key);
    let booked = BookingsClient::new(signed).create_booking(request).await?;
    let CreateBookingResponse { booking } = booked.into_inner();
    Ok(booking.unwrap().id)
}

#[tokio::test]
async fn the_last_seats_are_sold_once_at_both_doors_together() {
    let cinema = shared();
    let (film, showtime, users) = evening(&cinema, 20, 6).await;
    let signed = cinema.grpc().await;
    let sales = (0..48).map(async |n: usize| {
        let user = &users[n / 2 % users.len()];
        if n.is_multiple_of(2) {
            let sold = book(signed.clone(), (user, &showtime, &film), &tag()).await;
            return sold.map_err(|status| status.code());
        }
        let answer = cinema
            .post("/bookings", &booking(user, &showtime, &[&film], 1))
            .await;
        match answer.status {
            201 => Ok(answer.id()),
            409 => Err(Code::FailedPrecondition),
            _ => {
                answer.problem(503);
                Err(Code::Unavailable)
            }
        }
    });
    let (mut sold, mut refused) = (BTreeSet::new(), Vec::new());
    for sale in join_all(sales).await {
        match sale {
            Ok(id) => drop(sold.insert(id)),
            Err(code) => refused.push(code),
        }
    }
    let is_busy = refused.contains(&Code::Unavailable);
    refused.retain(|code| !matches!(code, Code::Unavailable | Code::FailedPrecondition));
    assert!(refused.is_empty(), "{refused:?}");
    assert!(sold.len() == 20 || is_busy && sold.len() < 20, "{sold:?}");
    let all = cinema
        .all(&format!("/bookings?showtimeid={showtime}&limit=100"))
        .await;
    assert_eq!(
        ids(&all),
        sold.iter().map(String::as_str).collect::<Vec<_>>()
    );
    cinema.assert_no_trap();
}

#[tokio::test]
async fn a_key_is_the_same_at_either_door() {
    let cinema = shared();
    let (film, showtime, users) = evening(&cinema, 5, 1).await;
    let (signed, key, user) = (cinema.grpc().await, tag(), &users[0]);
    let first = book(signed.clone(), (user, &showtime, &film), &key)
        .await
        .unwrap();
    let again = book(signed, (user, &showtime, &film), &key).await.unwrap();
    let request = cinema
        .request("POST", "/bookings")
        .header("idempotency-key", key)
        .json(&booking(user, &showtime, &[&film], 1));
    let by_http = cinema.send(request).await.expect(201).id();
    assert_eq!([&again, &by_http], [&first, &first]);
}

/// Films by one director, each of about a kilobyte.
async fn films(cinema: &Api, director: &str, count: usize) -> BTreeSet<String> {
    let add = |n| async move {
        let poster = format!("https://example.com/{}", "x".repeat(450));
        let film = json!({"title": format!("{n:0>200}"), "director": director, "rating": 5, "poster": poster});
        cinema.post("/movies", &film).await.expect(201).id()
    };
    stream::iter((0..count).map(add))
        .buffer_unordered(16)
        .collect()
        .await
}

fn all_by(director: &str) -> StreamMoviesRequest {
    StreamMoviesRequest {
        director: Some(director.to_owned()),
        ..Default::default()
    }
}

#[tokio::test]
async fn a_stream_has_all_that_stay_once_whatever_comes_and_goes() {
    let cinema = shared();
    let director = tag();
    let stay = films(&cinema, &director, 210).await;
    let go: Vec<_> = films(&cinema, &director, 20).await.into_iter().collect();
    let client = MoviesClient::new(cinema.grpc().await);
    let reading = join_all((0..4).map(async |_| {
        let mut stream = client.clone().stream_movies(all_by(&director)).await;
        let stream = stream.as_mut().unwrap().get_mut();
        let mut seen = Vec::new();
        while let Some(one) = stream.message().await.unwrap() {
            seen.push(one.movie.unwrap().id);
        }
        seen
    }));
    let writing = async {
        for id in &go {
            cinema.delete(&format!("/movies/{id}")).await.expect(204);
            cinema.film("New", &director, 5.0).await;
        }
    };
    let (read, ()) = futures::join!(reading, writing);
    for seen in read {
        assert!(
            seen.is_sorted_by(|one, other| one < other),
            "by id, each once"
        );
        let seen: BTreeSet<_> = seen.into_iter().collect();
        assert!(stay.is_subset(&seen));
    }
}

#[tokio::test]
async fn a_stream_whose_host_dies_does_not_end_well() {
    let Some(mut host) = Host::start(&[]) else {
        return;
    };
    let (cinema, director) = (host.api(), tag());
    // More than a client takes before it is read.
    let all = films(&cinema, &director, 200).await;
    let mut stream = MoviesClient::new(cinema.grpc().await)
        .stream_movies(all_by(&director))
        .await
        .unwrap()
        .into_inner();
    assert!(stream.message().await.unwrap().is_some());
    host.kill();
    let end = loop {
        match stream.message().await {
            Ok(Some(_)) => {}
            end => break end,
        }
    };
    assert!(end.is_err(), "{end:?}");
    host.restart();
    let again = host
        .api()
        .all(&format!("/movies?director={director}"))
        .await;
    assert_eq!(again.len(), all.len());
}
