//! How the tests are signed in as those who run the cinema: by the first staff user, who signs up where that has not been done yet. A
//! host of ours believes tokens that the harness signs itself for that user, and the instance of `CINEMA_URL` is asked for one, once
//! for all tests, since it counts how often anybody tries.

use std::sync::{Arc, LazyLock, OnceLock};
use std::time::{Duration, Instant};

use crate::{Answer, Api, NOBODY, cinema, keys};
use serde_json::{Value, json};
use tokio::sync::Mutex;

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

/// A token of somebody who runs one running cinema, and since when it is kept, for whoever asks first. It goes with that cinema and
/// not with its address, which soon may be another's.
#[derive(Debug, Clone, Default)]
pub(crate) struct Token(Arc<Mutex<Option<(Instant, String)>>>);

impl Token {
    /// The one for the instance of `CINEMA_URL`.
    pub(crate) fn of_given() -> Self {
        static GIVEN: LazyLock<Token> = LazyLock::new(Token::default);
        GIVEN.clone()
    }

    pub(crate) async fn get(&self, api: &Api) -> String {
        let mut kept = self.0.lock().await;
        if let Some((since, token)) = &*kept
            && since.elapsed() < RENEWAL
        {
            return token.clone();
        }
        let since = Instant::now();
        let token = match cinema::url() {
            Some(_) => ask(api).await,
            None => match first_of_ours(api).await {
                Some(id) => keys::ours().token(&keys::claims(&id, "staff")),
                // A store that does not answer knows nobody, and whoever asks it wants to see just that.
                None => return keys::ours().token(&keys::claims(NOBODY, "staff")),
            },
        };
        *kept = Some((since, token.clone()));
        token
    }
}

/// The id of the first staff user of a host of ours.
async fn first_of_ours(api: &Api) -> Option<String> {
    let person = json!({"username": FIRST, "password": password(), "firstname": "First", "lastname": "Staff"});
    let added = post(api, "/users", &person).await;
    if added.status == 201 {
        return Some(added.id());
    }
    let login = json!({"username": FIRST, "password": password()});
    let answer = post(api, "/auth/login", &login).await;
    let token = (answer.status == 200).then(|| answer.json()["access_token"].clone())?;
    let claims = keys::part_of(token.as_str()?, 1);
    Some(claims["sub"].as_str()?.to_owned())
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
