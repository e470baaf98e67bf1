#![allow(clippy::unwrap_used)]

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::{Value, json};

use super::*;

struct Fixture {
    key: Ed25519KeyPair,
    set: tempfile::NamedTempFile,
}

fn pair() -> Ed25519KeyPair {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).unwrap();
    Ed25519KeyPair::from_seed_unchecked(&seed).unwrap()
}

fn jwk(key: &Ed25519KeyPair, kid: &str) -> Value {
    let x = BASE64.encode(key.public_key());
    json!({"kty": "OKP", "crv": "Ed25519", "kid": kid, "use": "sig", "alg": "EdDSA", "x": x})
}

fn sign(key: &Ed25519KeyPair, header: &Value, claims: &Value) -> String {
    let part = |value: &Value| BASE64.encode(value.to_string());
    let message = format!("{}.{}", part(header), part(claims));
    let signature = BASE64.encode(key.sign(message.as_bytes()));
    format!("{message}.{signature}")
}

fn claims() -> Value {
    let now = jsonwebtoken::get_current_timestamp();
    json!({"iss": "https://issuer", "aud": ["other", "data"], "sub": "ada", "exp": now + 60})
}

impl Fixture {
    fn new() -> Self {
        let fixture = Self {
            key: pair(),
            set: tempfile::NamedTempFile::new().unwrap(),
        };
        fixture.publish(&[jwk(&fixture.key, "one")]);
        fixture
    }

    fn publish(&self, keys: &[Value]) {
        std::fs::write(self.set.path(), json!({"keys": keys}).to_string()).unwrap();
    }

    fn tokens(&self) -> Tokens {
        let path = self.set.path().to_str().unwrap();
        let issuer = toml::toml! {
            name = "people"
            issuer = "https://issuer"
            audience = "data"
            algorithm = "EdDSA"
            jwks = path
            read = ["cinema.*"]
        };
        Tokens::new(&[issuer.try_into().unwrap()]).unwrap()
    }
}

async fn verifies(tokens: &Tokens, token: String) -> bool {
    tokens.verify(token).await.unwrap().is_some()
}

#[tokio::test]
async fn only_what_the_issuer_signed_for_us_is_taken() {
    let fixture = Fixture::new();
    let tokens = fixture.tokens();
    let header = json!({"alg": "EdDSA", "kid": "one"});
    assert!(verifies(&tokens, sign(&fixture.key, &header, &claims())).await);
    let only_key = json!({"alg": "EdDSA"});
    assert!(verifies(&tokens, sign(&fixture.key, &only_key, &claims())).await);

    for (claim, value) in [
        ("iss", json!("https://other")),
        ("aud", json!("other")),
        ("exp", json!(1)),
        ("nbf", json!(9_999_999_999_u64)),
        ("exp", Value::Null),
        ("aud", Value::Null),
        ("iss", Value::Null),
    ] {
        let mut claims = claims();
        match value {
            Value::Null => drop(claims.as_object_mut().unwrap().remove(claim)),
            value => claims[claim] = value,
        }
        let token = sign(&fixture.key, &header, &claims);
        assert!(!verifies(&tokens, token).await, "{claims}");
    }
    for header in [
        json!({"alg": "none"}),
        json!({"alg": "HS256", "kid": "one"}),
        json!({"alg": "RS256", "kid": "one"}),
        json!({"alg": "EdDSA", "kid": "two"}),
    ] {
        let token = sign(&fixture.key, &header, &claims());
        assert!(!verifies(&tokens, token).await, "{header}");
    }
    assert!(!verifies(&tokens, sign(&pair(), &header, &claims())).await);
    assert!(!verifies(&tokens, "a.b.c".to_owned()).await);
}

#[tokio::test]
async fn keys_that_come_later_are_looked_for() {
    let fixture = Fixture::new();
    std::fs::remove_file(fixture.set.path()).unwrap();
    let tokens = fixture.tokens();
    let header = json!({"alg": "EdDSA", "kid": "one"});
    let token = sign(&fixture.key, &header, &claims());
    assert_eq!(tokens.verify(token.clone()).await.unwrap_err().status, 503);
    fixture.publish(&[jwk(&fixture.key, "one")]);
    assert!(verifies(&fixture.tokens(), token).await);
}

#[test]
fn keys_come_from_where_nobody_in_between_can_change_them() {
    for (place, good) in [
        ("https://issuer/keys", true),
        ("http://127.0.0.1:1/keys", true),
        ("http://localhost/keys", true),
        ("/etc/keys.json", true),
        ("http://issuer/keys", false),
        ("http://localhost.example.com/keys", false),
        ("ftp://issuer/keys", false),
    ] {
        // Whoever asks an address installs how TLS is done.
        let _ = rustls::crypto::ring::default_provider().install_default();
        assert_eq!(Jwks::new(place).is_ok(), good, "{place}");
    }
}

/// A signature that another program, OpenSSL, has made.
#[test]
fn a_signature_by_rsa_is_verified() {
    provider::install();
    let n = "kzrNmhVdFVmR2xU-1ipEIim8xqfJtf24eCBS5z1z6elFO63eoXnaw-9cqxUCIL9Rc_tyxkq3xO3FaL5d6R0oYHA0IpTaLFWQNS1D\
             dTjpqmN3mbW4So1-9OTCG2VNfBBmPZUG46psneXBA-YD56XMzTdez2JoPFhj7349H3cGK2N6wwb3u6uTyT7L1xK-VMm4VNi0ODCu\
             ngGgEx9zyb2QEBpD6Hv_SQPe9TENrhAZKRHugRQjBLBNBzVf5HEz_4L7h0UnraXGrvs2fd7jkjkPiSAE91TfR0dHHcIMDnRdSvNC\
             _RfUZ2vjbKoZY-fuJ-eRWrhR9ZRhXKZhsFAsE2GgFw";
    let key = DecodingKey::from_rsa_components(n, "AQAB").unwrap();
    let message = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhZGEifQ";
    let signature = "LCNikvzE2dLPMz5Sgsv4HROk9-6KtX-46TX_ohKS8vP3yC3aTY7jNBJorgWEe2YRndoSjActbPuaKpOnPa1KuU_SCK8IDZ3IZUwo\
                     ZJxM_n0BLdNuIkzhYWlmfcKOVVhWfbhmoeJmHKfhZThOk81JFrfi2LJOzOQ3G5MSEzFSiJdPfrEGFnyhBDhGVgHJG4JGxPdsfHT5\
                     zpOu9NEI0ImxZHpasny07ngQfhcOZTJRlxBSL8pOZGvcb72ntDZBq6wSROu7elItZF2ZuDnQ2Wa2-rTyGSauyx-OLgzOdIGjENKj\
                     Fqmdx-CB_LejVqaJXdKc-7owQ-V5e5J3c6UU62LxHw";
    let verify = |message: &str, algorithm| {
        jsonwebtoken::crypto::verify(signature, message.as_bytes(), &key, algorithm).unwrap()
    };
    assert!(verify(message, Algorithm::RS256));
    assert!(!verify(message, Algorithm::PS256));
    assert!(!verify(&message.to_lowercase(), Algorithm::RS256));
}
