//! How the tests are signed in as those who run the cinema: a host of ours believes tokens that the harness signs itself, and the
//! instance of `CINEMA_URL` is asked for one, once for all tests, since it counts how often anybody tries.

use std::sync::{LazyLock, OnceLock};
use std::time::{Duration, Instant};

use data_api_client::bson::oid::ObjectId;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::{Answer, Api, cinema, keys};

/// The first staff user of a host of ours.
pub const FIRST: &str = "first.staff";

/// The age at which a token is renewed, well before it expires.
const RENEWAL: Duration = Duration::from_secs(10 * 60);

/// The password of everybody who signs up in this run. Nobody else can know it: users may stay behind in the instance of
/// `CINEMA_URL`.
pub fn password() -> &'static str {
    static PASSWORD: OnceLock<String> = OnceLock::new();
    PASSWORD.get_or_init(|| {
        let mut random = [0; 16];
        getrandom::fill(&mut random).unwrap();
        format!("secret of the tests {}", keys::encode(&random))
    })
}

/// The variables of a host of ours.
pub(crate) fn settings() -> Vec<(&'static str, String)> {
    let ours = keys::ours();
    vec![
        ("auth_jwks", keys::jwks(&[ours])),
        ("auth_signing_key", ours.private().to_string()),
        ("first_staff_username", FIRST.to_owned()),
        ("first_staff_password", password().to_owned()),
    ]
}

/// A token of somebody who runs the cinema.
pub(crate) async fn token(api: &Api) -> String {
    // Idempotency keys are each caller's own, so it is one and the same for the whole run.
    static MEMBER: LazyLock<ObjectId> = LazyLock::new(ObjectId::new);
    static KEPT: Mutex<Option<(Instant, String)>> = Mutex::const_new(None);
    let mut kept = KEPT.lock().await;
    match &*kept {
        Some((since, token)) if since.elapsed() < RENEWAL => token.clone(),
        _ => {
            let since = Instant::now();
            let token = match cinema::url() {
                Some(_) => ask(api).await,
                None => keys::ours().token(&keys::claims(&MEMBER.to_hex(), "staff")),
            };
            *kept = Some((since, token.clone()));
            token
        }
    }
}

/// Signs in as the first staff user, who signs up where that has not been done yet.
async fn ask(api: &Api) -> String {
    let (username, password) = (given("USERNAME"), given("PASSWORD"));
    let login = json!({"username": username, "password": password});
    let mut answer = post(api, "/auth/login", &login).await;
    if answer.status == 401 {
        let person = json!({"username": username, "password": password, "firstname": "First", "lastname": "Staff"});
        let added = post(api, "/users", &person).await;
        assert_eq!(
            added.status, 201,
            "neither can {username} sign in at CINEMA_URL, nor sign up: is CINEMA_STAFF_PASSWORD right?"
        );
        answer = post(api, "/auth/login", &login).await;
    }
    let token = answer.expect(200).json()["access_token"].clone();
    let token = token.as_str().unwrap().to_owned();
    assert_eq!(
        keys::part_of(&token, 1)["role"],
        json!("staff"),
        "{username} is no staff at CINEMA_URL: are CINEMA_STAFF_USERNAME and CINEMA_STAFF_PASSWORD its first_staff_…?"
    );
    token
}

fn given(what: &str) -> String {
    let names = [
        format!("CINEMA_STAFF_{what}"),
        format!("SPIN_VARIABLE_FIRST_STAFF_{what}"),
    ];
    names
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
        .unwrap_or_else(|| {
            panic!("CINEMA_URL is set, so its first staff user is needed: set {names:?}")
        })
}

async fn post(api: &Api, path: &str, body: &Value) -> Answer {
    let request = api.request("POST", path).json(body).build();
    api.execute(request.unwrap()).await.unwrap()
}
