//! Guessing: after five failures for a username at an address it waits, longer each time, whoever has that name or nobody.

use cinema_tests::{
    Answer, Api, DataApi, Host,
    bson::{DateTime, doc},
    cookies::Session,
    keys, shared,
    staff::password,
    tag,
};
use futures::future::join_all;
use serde_json::json;

const WRONG: &str = "not the password";

/// The seconds that a 429 asks to wait.
#[track_caller]
fn wait(answer: &Answer) -> u64 {
    answer.problem(429);
    answer.header("retry-after").parse().unwrap()
}

/// Fails so often that the name has to wait.
async fn fail(cinema: &Api, username: &str) {
    for _ in 0..5 {
        cinema.login(username, WRONG).await.problem(401);
    }
}

#[tokio::test]
async fn after_five_failures_a_username_waits() {
    let cinema = shared();
    let (ann, bob) = (cinema.customer(&tag()).await, cinema.customer(&tag()).await);
    let nobody = tag();
    for name in [&ann.username, &nobody] {
        // One name, however it is written.
        for written in [name.clone(), name.to_uppercase(), name.clone()] {
            cinema.login(&written, WRONG).await.problem(401);
        }
        for written in [name.to_uppercase(), name.clone()] {
            cinema.login(&written, WRONG).await.problem(401);
        }
        // Now not even the right one is looked at.
        for password in [WRONG, password()] {
            let seconds = wait(&cinema.login(name, password).await);
            assert!((1..=10).contains(&seconds), "{seconds}");
        }
        wait(&cinema.login(&name.to_uppercase(), password()).await);
    }
    // Who is signed in stays so, and nobody else has to wait.
    ann.api.get("/auth/me").await.expect(200);
    cinema.login(&bob.username, password()).await.expect(200);
}

#[tokio::test]
async fn a_success_forgets_the_failures_before_it() {
    let cinema = shared();
    let ann = cinema.customer(&tag()).await;
    for _ in 0..3 {
        for _ in 0..4 {
            cinema.login(&ann.username, WRONG).await.problem(401);
        }
        cinema.login(&ann.username, password()).await.expect(200);
    }
}

#[tokio::test]
async fn of_many_guesses_at_once_sixteen_are_looked_at_and_all_count() {
    let cinema = shared();
    let ann = cinema.customer(&tag()).await;
    for name in [&ann.username, &tag()] {
        let clients: Vec<_> = (0..24).map(|_| cinema.apart()).collect();
        let guesses = clients.iter().map(|client| client.login(name, WRONG));
        let answers = join_all(guesses).await;
        let (looked_at, not): (Vec<_>, Vec<_>) =
            answers.iter().partition(|answer| answer.status == 401);
        assert!((5..=16).contains(&looked_at.len()), "{}", looked_at.len());
        for answer in looked_at {
            answer.problem(401);
        }
        for answer in not {
            wait(answer);
        }
        wait(&cinema.login(name, password()).await);
    }
    cinema.assert_no_trap();
}

#[tokio::test]
async fn attempts_that_are_still_running_are_no_failures() {
    let cinema = shared();
    let ann = cinema.customer(&tag()).await;
    let clients: Vec<_> = (0..12).map(|_| cinema.apart()).collect();
    let logins = clients
        .iter()
        .map(|client| client.login(&ann.username, password()));
    for answer in join_all(logins).await {
        answer.expect(200);
    }
    cinema.assert_no_trap();
}

#[tokio::test]
async fn a_browser_that_signed_in_before_is_not_locked_out_by_others() {
    let cinema = shared();
    let ann = cinema.customer(&tag()).await;
    let session = Session::begin(&cinema, &ann.username).await;
    fail(&cinema, &ann.username).await;
    wait(&cinema.login(&ann.username, password()).await);
    let login = json!({"username": ann.username, "password": password()});
    let browser = cinema.anonymous();
    let request = session
        .request(&browser, "POST", "/auth/login")
        .json(&login);
    browser.send(request).await.expect(200);
}

/// A store in which the time of the last failure can be set back.
async fn store() -> Option<(DataApi, Host)> {
    let storage = DataApi::start();
    let host = Host::start(&[("data_api_url", &storage.url())])?;
    host.api().customer("ann").await;
    Some((storage, host))
}

/// Makes the last failure of the one name there is so many seconds old.
async fn set_back(storage: &DataApi, seconds: i64) {
    let last = DateTime::from_millis(DateTime::now().timestamp_millis() - seconds * 1000);
    storage
        .set(
            "attempts",
            doc! {"_id": keys::digest("ann\n127.0.0.1")},
            doc! {"last": last},
        )
        .await;
}

#[tokio::test]
async fn the_wait_grows_and_ends() {
    let Some((storage, host)) = store().await else {
        return;
    };
    let cinema = host.api();
    fail(&cinema, "ann").await;
    set_back(&storage, 0).await;
    let mut before = wait(&cinema.login("ann", WRONG).await);
    for pause in [11, 21, 41, 81] {
        set_back(&storage, pause).await;
        cinema.login("ann", WRONG).await.problem(401);
        set_back(&storage, 0).await;
        let seconds = wait(&cinema.login("ann", password()).await);
        assert!(seconds > before, "{seconds} after {before}");
        before = seconds;
    }
    // Once it is over, the right password is the right one.
    set_back(&storage, 161).await;
    cinema.login("ann", password()).await.expect(200);
    assert!(storage.documents("attempts").await.is_empty());
}

#[tokio::test]
async fn failures_of_long_ago_are_forgotten() {
    let Some((storage, host)) = store().await else {
        return;
    };
    let cinema = host.api();
    fail(&cinema, "ann").await;
    set_back(&storage, 16 * 60).await;
    fail(&cinema, "ann").await;
    wait(&cinema.login("ann", password()).await);
}

#[tokio::test]
async fn no_wait_is_longer_than_a_quarter_of_an_hour() {
    let Some((storage, host)) = store().await else {
        return;
    };
    let cinema = host.api();
    fail(&cinema, "ann").await;
    for failures in [50, 1_000, i32::MAX] {
        let many = doc! {"failures": failures, "last": DateTime::now()};
        storage
            .set(
                "attempts",
                doc! {"_id": keys::digest("ann\n127.0.0.1")},
                many,
            )
            .await;
        let seconds = wait(&cinema.login("ann", password()).await);
        assert!((600..=900).contains(&seconds), "{failures}: {seconds}");
    }
    set_back(&storage, 901).await;
    cinema.login("ann", password()).await.expect(200);
    host.logs().tell_of_no_trap();
}
