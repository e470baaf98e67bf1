//! Tokens that are forged, old, early, another's, or none at all: all are refused alike, by every service.

use cinema_tests::{
    Answer, Api, Host, KeyPair, NOBODY,
    keys::{self, claims, encode, forging, jwks, now, part_of, unsigned},
    people::Tokens,
    shared,
    staff::FIRST,
    tag,
};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

/// A route of each service that only staff, or whoever is signed in, may use, and what staff are answered.
const GUARDED: [(&str, &str, u16); 5] = [
    ("DELETE", "/movies/000000000000000000000000", 404),
    ("DELETE", "/showtimes/000000000000000000000000", 404),
    ("GET", "/bookings?limit=1", 200),
    ("GET", "/users?limit=1", 200),
    ("GET", "/auth/me", 200),
];

/// A request with these `Authorization` headers.
async fn ask(cinema: &Api, method: &str, path: &str, values: &[&str]) -> Answer {
    let stranger = cinema.anonymous();
    let mut request = stranger.request(method, path);
    for value in values {
        request = request.header("authorization", *value);
    }
    stranger.send(request).await
}

/// Asserts that nobody is signed in by these headers.
async fn refused_headers(cinema: &Api, values: &[&str]) {
    for (method, path, _) in GUARDED {
        let problem = ask(cinema, method, path, values).await.problem(401);
        // What was sent is not sent back.
        for value in values {
            assert!(value.len() < 20 || !problem.to_string().contains(value));
        }
    }
    // Where nobody needs to be signed in, nobody is asked.
    ask(cinema, "GET", "/movies?limit=1", values)
        .await
        .expect(200);
}

async fn refused(cinema: &Api, token: &str) {
    refused_headers(cinema, &[&format!("Bearer {token}")]).await;
}

async fn accepted(cinema: &Api, token: &str) {
    for (method, path, status) in GUARDED {
        let answer = ask(cinema, method, path, &[&format!("Bearer {token}")]).await;
        assert_eq!(answer.status, status, "{answer:?}");
    }
}

/// The claims of a good token for staff, with an id that is somebody's.
async fn good(cinema: &Api) -> Value {
    let token = cinema.authorization().await.unwrap();
    let first = part_of(&token, 1)["sub"].clone();
    claims(first.as_str().unwrap(), "staff")
}

/// These claims with one changed, or left out where there is no value.
fn with(claims: &Value, name: &str, value: Value) -> Value {
    let mut claims = claims.clone();
    if value.is_null() {
        claims.as_object_mut().unwrap().remove(name);
    } else {
        claims[name] = value;
    }
    claims
}

#[tokio::test]
async fn a_token_is_signed_by_the_algorithm_of_the_house() {
    let Some(ours) = forging() else { return };
    let cinema = shared();
    let claims = good(&cinema).await;
    accepted(&cinema, &ours.token(&claims)).await;

    let signature = ours.token(&claims);
    let (_, signature) = signature.rsplit_once('.').unwrap();
    for alg in [
        "none", "None", "NONE", "nOnE", "", "HS256", "ES256", "RS256", "eddsa",
    ] {
        let header = json!({"alg": alg, "typ": "JWT", "kid": ours.kid()});
        let message = unsigned(&header, &claims);
        refused(&cinema, &format!("{message}.")).await;
        refused(&cinema, &message).await;
        refused(&cinema, &format!("{message}.{signature}")).await;
        refused(&cinema, &ours.token_with(&header, &claims)).await;
    }
    // Signed by a secret that is none: everybody knows the public key.
    let set = cinema.get("/auth/.well-known/jwks.json").await.body;
    let known = jwks(&[ours]);
    for secret in [
        ours.public_bytes().as_slice(),
        encode(&ours.public_bytes()).as_bytes(),
        ours.public().to_string().as_bytes(),
        known.as_bytes(),
        set.as_slice(),
        b"".as_slice(),
    ] {
        for header in [
            json!({"alg": "HS256", "typ": "JWT", "kid": ours.kid()}),
            json!({"alg": "HS256", "typ": "JWT"}),
            ours.header(),
        ] {
            let message = unsigned(&header, &claims);
            let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap();
            mac.update(message.as_bytes());
            let signature = encode(&mac.finalize().into_bytes());
            refused(&cinema, &format!("{message}.{signature}")).await;
        }
    }
    cinema.assert_no_trap();
}

#[tokio::test]
async fn a_token_is_signed_by_a_key_of_the_house() {
    let Some(ours) = forging() else { return };
    let cinema = shared();
    let claims = good(&cinema).await;
    let other = KeyPair::generate();
    refused(&cinema, &other.token(&claims)).await;
    refused(&cinema, &other.token_with(&ours.header(), &claims)).await;
    for kid in [
        json!(other.kid()),
        json!(""),
        json!("../../dev/null"),
        json!("' OR 1=1 --"),
        json!({"$gt": ""}),
        json!(0),
        Value::Null,
        json!(ours.kid().to_lowercase()),
    ] {
        let header = with(&ours.header(), "kid", kid);
        refused(&cinema, &ours.token_with(&header, &claims)).await;
    }
    // A key that comes along with the token is nobody's.
    for (name, value) in [
        ("jwk", other.public()),
        ("jku", json!("http://127.0.0.1:1/jwks.json")),
        ("x5u", json!("http://127.0.0.1:1/key.pem")),
    ] {
        for kid in [ours.kid(), other.kid()] {
            let header = with(
                &with(&ours.header(), name, value.clone()),
                "kid",
                json!(kid),
            );
            refused(&cinema, &other.token_with(&header, &claims)).await;
        }
    }
    let header = with(&ours.header(), "crit", json!(["b64"]));
    refused(&cinema, &ours.token_with(&header, &claims)).await;
    cinema.assert_no_trap();
}

#[tokio::test]
async fn a_token_is_for_this_cinema_and_somebody_in_it() {
    let Some(ours) = forging() else { return };
    let cinema = shared();
    let claims = good(&cinema).await;
    for (name, values) in [
        (
            "iss",
            vec![
                json!("another"),
                json!(""),
                json!("cinema "),
                json!(["another"]),
            ],
        ),
        (
            "aud",
            vec![
                json!("another"),
                json!(""),
                json!("Cinema"),
                json!(["another"]),
            ],
        ),
        (
            "sub",
            vec![
                json!(""),
                json!("x"),
                json!("*"),
                json!({"$gt": ""}),
                json!(1),
            ],
        ),
        (
            "role",
            vec![
                json!("owner"),
                json!("Staff"),
                json!(""),
                json!(["staff"]),
                json!({"$ne": "customer"}),
            ],
        ),
        ("iat", vec![json!("now"), json!({}), json!(-1e300)]),
        ("exp", vec![json!("never"), json!([]), json!(-1), json!(0)]),
    ] {
        for value in values.into_iter().chain([Value::Null]) {
            let claims = with(&claims, name, value);
            refused(&cinema, &ours.token(&claims)).await;
        }
    }
    for claims in [json!([]), json!("staff"), json!(null), json!({})] {
        refused(&cinema, &ours.token(&claims)).await;
    }
    cinema.assert_no_trap();
}

#[tokio::test]
async fn a_token_is_of_its_time_give_or_take_a_minute() {
    let Some(ours) = forging() else { return };
    let cinema = shared();
    let good = good(&cinema).await;
    let token = |iat: i64, exp: i64| {
        let claims = with(
            &with(&good, "iat", json!(now() + iat)),
            "exp",
            json!(now() + exp),
        );
        ours.token(&claims)
    };
    for (iat, exp) in [(0, 900), (-890, 10), (-930, -30), (30, 930)] {
        accepted(&cinema, &token(iat, exp)).await;
    }
    for (iat, exp) in [
        (-1020, -120),
        (-100_000, -99_100),
        (120, 1020),
        (86_400, 87_300),
    ] {
        refused(&cinema, &token(iat, exp)).await;
    }
    let early = with(&good, "nbf", json!(now() + 120));
    refused(&cinema, &ours.token(&early)).await;
    // No number of seconds is too many to count.
    for (iat, exp) in [
        (json!(0), json!(u64::MAX)),
        (json!(u64::MAX), json!(u64::MAX)),
        (json!(0), json!(1e300)),
    ] {
        let claims = with(&with(&good, "iat", iat), "exp", exp);
        let bearer = format!("Bearer {}", ours.token(&claims));
        let answer = ask(&cinema, "GET", "/users?limit=1", &[&bearer]).await;
        assert!(matches!(answer.status, 200 | 401), "{answer:?}");
    }
    cinema.assert_no_trap();
}

#[tokio::test]
async fn a_token_is_whole() {
    let cinema = shared();
    let ann = cinema.customer(&tag()).await;
    let token = cinema.sign_in(&ann.username).await.access;
    let parts: Vec<_> = token.split('.').collect();
    let [header, claims, signature] = parts[..] else {
        panic!("{token}")
    };
    for broken in [
        "x",
        ".",
        "..",
        "...",
        &token[..token.len() - 1],
        &token[..token.len() / 2],
        &token[1..],
        header,
        &format!("{header}.{claims}"),
        &format!("{header}.{claims}."),
        &format!("{header}..{signature}"),
        &format!(".{claims}.{signature}"),
        &format!("{claims}.{header}.{signature}"),
        &format!("{token}{token}"),
        &format!("{token}.{token}"),
        &format!("{token}.{signature}"),
        &format!("{token}."),
        &format!("{token}="),
        &format!("{header}.{claims}.{}", "A".repeat(86)),
        &format!("{header}.{claims}.{}", signature.to_lowercase()),
        &format!("{header}.{claims}.{signature}{}", "A".repeat(4_000)),
        &"A".repeat(10_000),
        &".".repeat(10_000),
        &format!("{{{token}}}"),
        "null",
        "%00",
    ] {
        refused(&cinema, broken).await;
    }
    // More than a host may be willing to read at all.
    for long in [
        "A".repeat(100_000),
        format!("{token}{}", "A".repeat(100_000)),
    ] {
        let client = cinema.with_token(&long);
        match client.try_send(client.request("GET", "/auth/me")).await {
            Ok(answer) => assert!(matches!(answer.status, 401 | 431), "{}", answer.status),
            Err(closed) => eprintln!("the host has hung up: {closed}"),
        }
    }
    cinema.assert_no_trap();
}

#[tokio::test]
async fn what_was_signed_is_what_counts() {
    let cinema = shared();
    let ann = cinema.customer(&tag()).await;
    let token = cinema.sign_in(&ann.username).await.access;
    let (header, claims) = (part_of(&token, 0), part_of(&token, 1));
    let (_, signature) = token.rsplit_once('.').unwrap();
    for (name, value) in [
        ("role", json!("staff")),
        ("sub", json!(NOBODY)),
        ("exp", json!(now() + 1_000_000)),
        ("jti", json!(NOBODY)),
        ("role", Value::Null),
        ("extra", json!(1)),
    ] {
        let message = unsigned(&header, &with(&claims, name, value));
        refused(&cinema, &format!("{message}.{signature}")).await;
    }
    let message = unsigned(&with(&header, "typ", json!("jwt")), &claims);
    refused(&cinema, &format!("{message}.{signature}")).await;
}

#[tokio::test]
async fn a_token_comes_once_and_as_a_bearers() {
    let cinema = shared();
    let good = cinema.authorization().await.unwrap();
    let token = good.strip_prefix("Bearer ").unwrap();
    let basic = "Basic YW5uOm9wZW4gc2VzYW1l";
    for values in [
        [good.as_str(), good.as_str()],
        [&good, "Bearer x"],
        ["Bearer x", &good],
        [&good, basic],
        [basic, &good],
    ] {
        refused_headers(&cinema, &values).await;
    }
    for value in [
        basic,
        token,
        "Bearer",
        "Bearer ",
        "null",
        "",
        &format!("Basic {token}"),
        &format!("Token {token}"),
        &format!("DPoP {token}"),
        &format!("Bearer{token}"),
        &format!("Bearer: {token}"),
        &format!("Bearer {token} {token}"),
        &format!("Bearer {token}, Bearer {token}"),
        &format!("Bearer \"{token}\""),
    ] {
        refused_headers(&cinema, &[value]).await;
    }
    // Nowhere else is a token looked for.
    for path in ["access_token", "token", "authorization"] {
        let path = format!("/users?limit=1&{path}={token}");
        cinema.anonymous().get(&path).await.problem(401);
    }
    // A scheme is of any case (RFC 9110, 11.1).
    let lower = format!("bearer {token}");
    ask(&cinema, "GET", "/users?limit=1", &[&lower])
        .await
        .expect(200);
    cinema.assert_no_trap();
}

/// The settings of a host that knows these keys and signs with the last.
fn settings(known: &[&KeyPair]) -> [(&'static str, String); 2] {
    let signing = known[known.len() - 1].private().to_string();
    [("auth_jwks", jwks(known)), ("auth_signing_key", signing)]
}

fn borrowed<'a>(settings: &'a [(&'static str, String); 2]) -> [(&'a str, &'a str); 2] {
    settings
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()))
}

/// Which keys a host says that it knows.
async fn kids(cinema: &Api) -> Vec<String> {
    let set = cinema.get("/auth/.well-known/jwks.json").await.expect(200);
    let set = set.json();
    let keys = set["keys"].as_array().unwrap().iter();
    keys.map(|key| key["kid"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn keys_are_rotated_without_signing_anybody_out() {
    let (old, new) = (KeyPair::generate(), KeyPair::generate());
    let only_old = settings(&[&old]);
    let Some(mut host) = Host::start(&borrowed(&only_old)) else {
        return;
    };
    let signed_by = |token: &str, pair: &KeyPair| part_of(token, 0)["kid"] == json!(pair.kid());
    let cinema = host.api().anonymous();
    let user = cinema.user(FIRST).await;
    let first = cinema.sign_in(FIRST).await;
    assert!(signed_by(&first.access, &old));
    let staff = |pair: &KeyPair| pair.token(&claims(&user, "staff"));
    accepted(&cinema, &staff(&old)).await;
    refused(&cinema, &staff(&new)).await;
    refused(&cinema, &staff(keys::ours())).await;

    // Both are known, and the new one signs.
    host.stop("TERM");
    host.restart_with(&borrowed(&settings(&[&old, &new])));
    let cinema = host.api().anonymous();
    assert_eq!(kids(&cinema).await, [old.kid(), new.kid()]);
    accepted(&cinema, &staff(&old)).await;
    accepted(&cinema, &staff(&new)).await;
    let ann = cinema.with_token(&first.access);
    ann.get("/auth/me").await.expect(200);
    let second = Tokens::of(cinema.refresh(&first.refresh).await);
    assert!(signed_by(&second.access, &new));

    // The old one is retired. Who came back meanwhile has not noticed.
    host.stop("TERM");
    host.restart_with(&borrowed(&settings(&[&new])));
    let cinema = host.api().anonymous();
    assert_eq!(kids(&cinema).await, [new.kid()]);
    refused(&cinema, &staff(&old)).await;
    refused(&cinema, &first.access).await;
    accepted(&cinema, &staff(&new)).await;
    let ann = cinema.with_token(&second.access);
    ann.get("/auth/me").await.expect(200);
    cinema.refresh(&second.refresh).await.expect(200);
    host.logs().tell_of_no_trap();
}

/// Whoever puts the wrong half of a pair among the public keys does not publish it.
#[tokio::test]
async fn no_private_key_is_published() {
    let pair = KeyPair::generate();
    let private = json!({"keys": [pair.private()]}).to_string();
    let key = pair.private().to_string();
    let variables = [("auth_jwks", private.as_str()), ("auth_signing_key", &key)];
    let Some(host) = Host::start(&variables) else {
        return;
    };
    let answer = host.api().get("/auth/.well-known/jwks.json").await;
    let secret = pair.private()["d"].as_str().unwrap().to_owned();
    assert!(matches!(answer.status, 200 | 503), "{answer:?}");
    assert!(!String::from_utf8_lossy(&answer.body).contains(&secret));
    host.settle();
    assert!(!host.logs().since(0).join("\n").contains(&secret));
}

/// Instances serve one caller after another, and keep what they have verified.
#[tokio::test]
async fn nobody_is_taken_for_the_caller_before() {
    let Some(host) = Host::start(&[]) else { return };
    let cinema = host.api();
    let (one, other) = (cinema.customer("one").await, cinema.customer("other").await);
    for _ in 0..20 {
        for (me, them) in [(&one, &other), (&other, &one)] {
            assert_eq!(me.api.get("/auth/me").await.expect(200).id(), me.id);
            let bookings = |of: &str| format!("/users/{of}/bookings");
            me.api.get(&bookings(&me.id)).await.expect(200);
            me.api.get(&bookings(&them.id)).await.problem(403);
        }
        cinema.anonymous().get("/auth/me").await.problem(401);
    }
}
