#![allow(clippy::unwrap_used)]

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ed25519_dalek::{Signer as _, SigningKey};
use serde_json::{Value, json};

use super::*;

fn now() -> u64 {
    jsonwebtoken::get_current_timestamp()
}

/// A pair of keys: private, public.
fn pair(seed: u8, kid: &str) -> (Value, Value) {
    let seed = [seed; 32];
    let public = SigningKey::from_bytes(&seed).verifying_key();
    let public = json!({"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": kid,
        "x": URL_SAFE_NO_PAD.encode(public.as_bytes())});
    let mut private = public.clone();
    private["d"] = json!(URL_SAFE_NO_PAD.encode(seed));
    (private, public)
}

fn claims() -> Claims {
    Claims {
        iss: "cinema".into(),
        aud: "cinema".into(),
        sub: "65f0000000000000000000aa".into(),
        role: Role::Staff,
        iat: now(),
        exp: now() + LIFETIME,
        jti: "1".into(),
        csrf: None,
        sid: None,
    }
}

fn signer(seed: u8, kid: &str) -> Signer {
    Signer::new(&pair(seed, kid).0.to_string()).unwrap()
}

fn verifier(keys: &[Value]) -> Verifier {
    Verifier::new(&json!({"keys": keys}).to_string(), "cinema", "cinema").unwrap()
}

/// A token with any header and payload, signed rightly.
fn forged(seed: u8, header: &Value, payload: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(header), part(payload));
    let signature = SigningKey::from_bytes(&[seed; 32]).sign(message.as_bytes());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()))
}

#[test]
fn what_is_signed_is_believed() {
    let claims = Claims {
        csrf: Some("x".into()),
        ..claims()
    };
    let token = signer(1, "a").sign(&claims).unwrap();
    assert_eq!(verifier(&[pair(1, "a").1]).verify(&token), Ok(claims));
}

#[test]
fn keys_are_rotated_without_signing_anybody_out() {
    let (old, new) = (
        signer(1, "a").sign(&claims()).unwrap(),
        signer(2, "b").sign(&claims()).unwrap(),
    );
    let both = verifier(&[pair(1, "a").1, pair(2, "b").1]);
    assert!(both.verify(&old).is_ok() && both.verify(&new).is_ok());
    assert!(both.knows("a") && !both.knows("c"));
    let retired = verifier(&[pair(2, "b").1]);
    assert_eq!(retired.verify(&old), Err(Refused::Key));
    assert!(retired.verify(&new).is_ok());
}

#[test]
fn what_others_signed_is_not_believed() {
    let known = verifier(&[pair(1, "a").1]);
    for (seed, kid) in [(2, "a"), (1, "b")] {
        let token = signer(seed, kid).sign(&claims()).unwrap();
        assert_eq!(known.verify(&token), Err(Refused::Key), "{seed} {kid}");
    }
    let elsewhere: [fn(&mut Claims); 2] = [
        |claims| claims.iss = "other".into(),
        |claims| claims.aud = "other".into(),
    ];
    for change in elsewhere {
        let mut claims = claims();
        change(&mut claims);
        let token = signer(1, "a").sign(&claims).unwrap();
        assert_eq!(known.verify(&token), Err(Refused::Elsewhere));
    }
}

#[test]
fn time_is_kept_with_a_minute_to_spare() {
    let known = verifier(&[pair(1, "a").1]);
    let at = |iat: u64, exp: u64| {
        let claims = Claims {
            iat,
            exp,
            ..claims()
        };
        known
            .verify(&signer(1, "a").sign(&claims).unwrap())
            .map(|_| ())
    };
    let now = now();
    assert_eq!(at(now - 900, now - 55), Ok(()));
    assert_eq!(at(now - 900, now - 65), Err(Refused::Expired));
    assert_eq!(at(now + 55, now + 900), Ok(()));
    assert_eq!(at(now + 65, now + 900), Err(Refused::Early));
    assert_eq!(at(u64::MAX, u64::MAX), Err(Refused::Early));
    assert_eq!(at(0, 0), Err(Refused::Expired));
}

#[test]
fn headers_that_trick_are_refused() {
    let known = verifier(&[pair(1, "a").1]);
    let payload = serde_json::to_value(claims()).unwrap();
    let good = json!({"alg": "EdDSA", "kid": "a"});
    assert!(known.verify(&forged(1, &good, &payload)).is_ok());
    for header in [
        json!({"alg": "none", "kid": "a"}),
        json!({"alg": "HS256", "kid": "a"}),
        json!({"alg": "eddsa", "kid": "a"}),
        json!({"alg": "EdDSA", "kid": "a", "crit": ["exp"]}),
        json!({"alg": "EdDSA", "kid": ["a"]}),
        json!({"alg": "EdDSA"}),
        json!({"kid": "a"}),
        json!([]),
    ] {
        let token = forged(1, &header, &payload);
        assert!(known.verify(&token).is_err(), "{header}");
        let (message, _) = token.rsplit_once('.').unwrap();
        assert!(known.verify(&format!("{message}.")).is_err(), "{header}");
    }
}

#[test]
fn payloads_that_lack_something_are_refused() {
    let known = verifier(&[pair(1, "a").1]);
    let header = json!({"alg": "EdDSA", "kid": "a"});
    let whole = serde_json::to_value(claims()).unwrap();
    for claim in ["iss", "aud", "sub", "role", "iat", "exp", "jti"] {
        for wrong in [
            None,
            Some(Value::Null),
            Some(json!({"$gt": ""})),
            Some(json!([])),
        ] {
            let mut payload = whole.clone();
            match wrong {
                None => payload.as_object_mut().unwrap().remove(claim),
                Some(wrong) => payload.as_object_mut().unwrap().insert(claim.into(), wrong),
            };
            assert!(
                known.verify(&forged(1, &header, &payload)).is_err(),
                "{payload}"
            );
        }
    }
    let mut later = whole.clone();
    later["nbf"] = json!(now() + 100);
    assert_eq!(
        known.verify(&forged(1, &header, &later)),
        Err(Refused::Early)
    );
    let mut other = whole;
    other["role"] = json!("owner");
    assert!(known.verify(&forged(1, &header, &other)).is_err());
}

#[test]
fn what_is_no_token_is_refused() {
    let known = verifier(&[pair(1, "a").1]);
    let token = signer(1, "a").sign(&claims()).unwrap();
    let mut tampered: Vec<_> = token.split('.').map(str::to_owned).collect();
    let payload = serde_json::to_string(&Claims {
        role: Role::Customer,
        ..claims()
    });
    tampered[1] = URL_SAFE_NO_PAD.encode(payload.unwrap());
    for text in [
        String::new(),
        ".".into(),
        "..".into(),
        "a.b.c".into(),
        "é.é.é".into(),
        token[..token.len() - 1].into(),
        token[1..].into(),
        format!("{token}{token}"),
        format!("{token}.{token}"),
        format!("{token}="),
        format!("{token}{}", "A".repeat(LONGEST)),
        "a".repeat(100_000),
        tampered.join("."),
    ] {
        assert!(known.verify(&text).is_err(), "{text}");
    }
}

#[test]
fn keys_that_are_none_are_named() {
    let (private, public) = pair(1, "a");
    let set = |key: &Value| json!({"keys": [key]}).to_string();
    let error = |text: &str| Verifier::new(text, "", "").map(|_| ()).unwrap_err();
    assert_eq!(error("{}"), KeyError::Format("JWK Set (RFC 7517)"));
    assert_eq!(error(r#"{"keys": []}"#), KeyError::Empty);
    for (field, value) in [
        ("kty", "RSA"),
        ("crv", "X25519"),
        ("x", "AA"),
        ("x", "!"),
        ("alg", "HS256"),
    ] {
        let mut wrong = public.clone();
        wrong[field] = json!(value);
        assert_eq!(error(&set(&wrong)), KeyError::Key("a".into()), "{field}");
    }
    // A point of low order, for which a signature is good for any message.
    let mut weak = public.clone();
    weak["x"] = json!(URL_SAFE_NO_PAD.encode([1].into_iter().chain([0; 31]).collect::<Vec<u8>>()));
    assert_eq!(error(&set(&weak)), KeyError::Key("a".into()));
    let mut unmatched = private.clone();
    unmatched["x"] = pair(2, "b").1["x"].clone();
    let refusal = |key: &Value| Signer::new(&key.to_string()).map(|_| ()).unwrap_err();
    assert_eq!(refusal(&unmatched), KeyError::Unmatched);
    assert_eq!(refusal(&public), KeyError::Format("private JWK"));
}

#[test]
fn no_private_key_is_published() {
    let (private, public) = pair(1, "a");
    let shown = published(&json!({"keys": [private], "d": "x"}).to_string()).unwrap();
    assert_eq!(
        serde_json::to_value(shown).unwrap(),
        json!({"keys": [public]})
    );
}

#[test]
fn digests_are_those_of_sha_256() {
    assert_eq!(digest("abc"), "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0");
}
