//! Passwords: hashed by argon2id (RFC 9106) with the least parameters that OWASP's password storage cheat sheet recommends, written
//! in PHC format.

use std::{ops::RangeInclusive, sync::LazyLock};

use argon2::{
    Algorithm, Argon2, Params,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use thiserror::Error;

/// How long a password may be, in characters. Any character will do.
pub const LENGTH: RangeInclusive<usize> = 10..=128;

/// The parameters of a new hash: 19 MiB, twice over, in one lane.
const PARAMS: Params = Params::DEFAULT;

/// A password could not be hashed, for want of memory or of random bytes.
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

/// The hash of a password, with a salt of its own.
pub fn hash(password: &str) -> Result<String, HashError> {
    let hash: PasswordHash = Argon2::default()
        .hash_password(password.as_bytes())
        .map_err(|_| HashError)?;
    Ok(hash.to_string())
}

/// Whether this is the password of a hash. What is no hash of argon2 is no password's, which takes as long to say.
pub fn verify(password: &str, phc: &str) -> Match {
    let Some((hash, params)) = parse(phc) else {
        verify_nobody(password);
        return Match::No;
    };
    if Argon2::default()
        .verify_password(password.as_bytes(), &hash)
        .is_err()
    {
        return Match::No;
    }
    let weak = hash.algorithm != Algorithm::Argon2id.ident()
        || params.m_cost() < PARAMS.m_cost()
        || params.t_cost() < PARAMS.t_cost();
    if weak { Match::YesButWeak } else { Match::Yes }
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
            assert_eq!(verify(password, &hash), Match::Yes, "{password:?}");
            assert_eq!(verify(&format!("{password} "), &hash), Match::No);
        }
        let hash = hash("a\0b").unwrap();
        assert_eq!(verify("a\0c", &hash), Match::No);
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
            assert_eq!(verify("correct horse", &hash.to_string()), expected);
            assert_eq!(verify("wrong horse", &hash.to_string()), Match::No);
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
            assert_eq!(verify("correct horse", text), Match::No, "{text}");
        }
    }
}
