//! Passwords: hashed by argon2id (RFC 9106) with the least parameters that OWASP's password storage cheat sheet recommends, written
//! in PHC format.

use std::{borrow::Cow, ops::RangeInclusive, sync::LazyLock};

use argon2::{
    Algorithm, Argon2, Params,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use icu_normalizer::ComposingNormalizerBorrowed;
use thiserror::Error;

/// How long a password may be, in characters. Any character will do.
pub const LENGTH: RangeInclusive<usize> = 10..=128;

/// The parameters of a new hash: 19 MiB, twice over, in one lane.
const PARAMS: Params = Params::DEFAULT;

/// Those of the thousand most used passwords that are long enough, as the estimator zxcvbn ranks them (its list `passwords`).
const MOST_USED: [&str; 16] = [
    "qwertyuiop",
    "1234567890",
    "q1w2e3r4t5",
    "1q2w3e4r5t",
    "4815162342",
    "123456789a",
    "12345qwert",
    "1234554321",
    "usuckballz1",
    "password123",
    "123456789q",
    "1029384756",
    "123qweasdzxc",
    "soso123aljg",
    "manchester",
    "1qaz2wsx3edc",
];

/// A password could not be hashed, or compared with a hash, for want of memory or of random bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a password could not be hashed")]
pub struct HashError;

/// Whether a password is the one that was hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Match {
    /// It is another.
    No,
    /// It is.
    Yes,
    /// It is, and its hash is weaker than one would be made today: hash it anew.
    YesButWeak,
}

/// What anybody would guess first of a password for a username, if it is such a one: what it may not be.
pub fn too_easy(password: &str, username: &str) -> Option<&'static str> {
    let password = composed(password).to_lowercase();
    let mut characters = password.chars();
    let first = characters.next();
    if password == username.to_lowercase() {
        Some("may not be the username")
    } else if characters.all(|character| Some(character) == first) {
        Some("may not be one character again and again")
    } else if MOST_USED.contains(&password.as_str()) {
        Some("is one of the most used passwords: choose another")
    } else {
        None
    }
}

/// The hash of a password, with a salt of its own.
pub fn hash(password: &str) -> Result<String, HashError> {
    let hash: PasswordHash = Argon2::default()
        .hash_password(composed(password).as_bytes())
        .map_err(|_| HashError)?;
    Ok(hash.to_string())
}

/// Whether this is the password of a hash, however its characters are composed. What is no hash of argon2 is no password's, which
/// takes as long to say.
///
/// # Errors
/// Where they could not be compared, which tells nothing of the password.
pub fn verify(password: &str, phc: &str) -> Result<Match, HashError> {
    let Some((hash, params)) = parse(phc) else {
        verify_nobody(password);
        return Ok(Match::No);
    };
    let composed = composed(password);
    // A hash may have been made of the password as it was typed.
    let as_typed = || Ok(password != composed && compare(password, &hash)?);
    let weak = hash.algorithm != Algorithm::Argon2id.ident()
        || params.m_cost() < PARAMS.m_cost()
        || params.t_cost() < PARAMS.t_cost();
    Ok(match compare(&composed, &hash)? {
        true if weak => Match::YesButWeak,
        true => Match::Yes,
        false if as_typed()? => Match::YesButWeak,
        false => Match::No,
    })
}

fn compare(password: &str, hash: &PasswordHash) -> Result<bool, HashError> {
    match Argon2::default().verify_password(password.as_bytes(), hash) {
        Ok(()) => Ok(true),
        Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
        Err(_) => Err(HashError),
    }
}

/// In the composed form (NFC, Unicode Standard Annex 15): keyboards differ in how they write one and the same character.
fn composed(password: &str) -> Cow<'_, str> {
    ComposingNormalizerBorrowed::new_nfc().normalize(password)
}

/// Does the work of [`verify`] for somebody who is not there, so that how long it takes tells nobody who is.
pub fn verify_nobody(password: &str) {
    /// Of a password that nobody knows.
    static NOBODY: LazyLock<Option<String>> = LazyLock::new(|| {
        let salt = [0; 16];
        let mut output = [0; Params::DEFAULT_OUTPUT_LEN];
        // Any output will do, since none is to match.
        output[0] = 1;
        let salt = argon2::password_hash::phc::Salt::new(&salt).ok()?;
        let hash = PasswordHash {
            algorithm: Algorithm::Argon2id.ident(),
            version: Some(argon2::Version::default().into()),
            params: PARAMS.try_into().ok()?,
            salt: Some(salt),
            hash: argon2::password_hash::phc::Output::new(&output).ok(),
        };
        Some(hash.to_string())
    });
    if let Some((hash, _)) = NOBODY.as_deref().and_then(parse) {
        let _ = Argon2::default().verify_password(password.as_bytes(), &hash);
    }
}

fn parse(phc: &str) -> Option<(PasswordHash, Params)> {
    let hash = PasswordHash::new(phc).ok()?;
    Algorithm::try_from(hash.algorithm.as_str()).ok()?;
    let params = Params::try_from(&hash).ok()?;
    Some((hash, params))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_says_how_it_was_made() {
        let (one, other) = (
            hash("correct horse").unwrap(),
            hash("correct horse").unwrap(),
        );
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{one}");
        assert_ne!(one, other);
    }

    #[test]
    fn a_password_is_known_again() {
        for password in ["correct horse", "", "\0", "\u{1F600}é\n", &"x".repeat(128)] {
            let hash = hash(password).unwrap();
            assert_eq!(verify(password, &hash), Ok(Match::Yes), "{password:?}");
            assert_eq!(verify(&format!("{password} "), &hash), Ok(Match::No));
        }
        let hash = hash("a\0b").unwrap();
        assert_eq!(verify("a\0c", &hash), Ok(Match::No));
    }

    #[test]
    fn a_password_is_one_however_it_is_composed() {
        let (one, other) = ("caf\u{e9} at noon", "cafe\u{301} at noon");
        for made_of in [one, other] {
            let hash = hash(made_of).unwrap();
            assert_eq!(verify(one, &hash), Ok(Match::Yes));
            assert_eq!(verify(other, &hash), Ok(Match::Yes));
        }
        // A hash from before has to be made anew.
        let before: PasswordHash = Argon2::default().hash_password(other.as_bytes()).unwrap();
        assert_eq!(verify(other, &before.to_string()), Ok(Match::YesButWeak));
        assert_eq!(verify("cafe at noon", &before.to_string()), Ok(Match::No));
    }

    #[test]
    fn a_hash_that_cannot_be_compared_is_no_wrong_password() {
        let greedy = hash("correct horse")
            .unwrap()
            .replace("m=19456", "m=4294967295");
        assert_eq!(verify("correct horse", &greedy), Err(HashError));
    }

    #[test]
    fn what_anybody_would_guess_is_too_easy() {
        for easy in [
            "Ada.Marlow",
            "aaaaaaaaaa",
            "\u{e9}e\u{301}\u{e9}",
            "Password123",
            "1234567890",
        ] {
            assert!(too_easy(easy, "ada.marlow").is_some(), "{easy}");
        }
        for good in ["a tide at midnight", "ada.marlow1", "aaaaaaaaab"] {
            assert_eq!(too_easy(good, "ada.marlow"), None, "{good}");
        }
    }

    #[test]
    fn a_hash_of_weaker_parameters_is_told() {
        for (algorithm, memory, times, expected) in [
            (Algorithm::Argon2id, 8 * 1024, 2, Match::YesButWeak),
            (Algorithm::Argon2id, 19 * 1024, 1, Match::YesButWeak),
            (Algorithm::Argon2i, 19 * 1024, 2, Match::YesButWeak),
            (Algorithm::Argon2id, 20 * 1024, 3, Match::Yes),
        ] {
            let params = Params::new(memory, times, 1, None).unwrap();
            let maker = Argon2::new(algorithm, argon2::Version::default(), params);
            let hash: PasswordHash = maker.hash_password(b"correct horse").unwrap();
            assert_eq!(verify("correct horse", &hash.to_string()), Ok(expected));
            assert_eq!(verify("wrong horse", &hash.to_string()), Ok(Match::No));
        }
    }

    #[test]
    fn what_is_no_hash_is_nobodys() {
        let good = hash("correct horse").unwrap();
        for text in [
            "",
            "correct horse",
            "$2b$12$abcdefghijklmnopqrstuv",
            "$argon2id$",
            &good[..good.len() / 2],
            "$argon2id$v=19$m=19456,t=2,p=1",
        ] {
            assert_eq!(verify("correct horse", text), Ok(Match::No), "{text}");
        }
    }
}
