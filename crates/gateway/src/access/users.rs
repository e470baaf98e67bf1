//! People, by name and password. Passwords are kept as argon2id (RFC 9106).

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use argon2::{
    Algorithm, Argon2,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use data_api_protocol::Failure;
use ring::hmac;
use serde::Deserialize;
use tokio::sync::Semaphore;

use super::{Caller, Rules, keys::Entry, rules::Granted};

/// How long a password that was right is right without being hashed again.
const REMEMBERED: Duration = Duration::from_secs(300);

/// The most passwords that are remembered.
const MOST: usize = 4096;

/// Somebody, as they are kept.
#[derive(Deserialize)]
pub struct User {
    /// The name, or the address.
    pub name: String,
    /// The password's hash, as a PHC string.
    pub argon2id: String,
    /// What they may.
    #[serde(flatten)]
    pub granted: Granted,
}

/// The people that are known.
pub struct Users {
    known: HashMap<String, (String, Caller)>,
    /// A hash that nobody's password has, so that a name that is unknown takes as long as one that is known; none where none is.
    nobody: Option<String>,
    /// Under a key of this process: what was remembered is of no use elsewhere.
    secret: hmac::Key,
    right: Mutex<HashMap<[u8; 32], Instant>>,
    /// Hashing takes memory and time on purpose, so only so many hash at once.
    places: Arc<Semaphore>,
}

impl Users {
    /// Those of the settings.
    pub fn new(users: &[User]) -> anyhow::Result<Self> {
        let mut known = HashMap::new();
        for user in users {
            let hash = PasswordHash::new(&user.argon2id).ok();
            ensure!(
                hash.is_some_and(|hash| hash.algorithm == Algorithm::Argon2id.ident()),
                "user {}: argon2id has to be a hash as `data-api-gateway user new` makes it",
                user.name
            );
            let caller = Caller {
                name: user.name.as_str().into(),
                rules: Arc::new(Rules::new(&user.granted)?),
            };
            let former = known.insert(user.name.clone(), (user.argon2id.clone(), caller));
            ensure!(
                former.is_none(),
                "user {}: there are two of them",
                user.name
            );
        }
        let mut random = [0; 32];
        getrandom::fill(&mut random)?;
        let places = thread::available_parallelism().map_or(1, usize::from);
        Ok(Self {
            nobody: match known.len() {
                0 => None,
                _ => Some(hash(&hex::encode(random))?),
            },
            known,
            secret: hmac::Key::new(hmac::HMAC_SHA256, &random),
            right: Mutex::default(),
            places: Arc::new(Semaphore::new(places)),
        })
    }

    /// Whose name and password these are.
    ///
    /// # Errors
    /// Too many passwords to hash.
    pub async fn verify(&self, name: String, password: String) -> Result<Option<Caller>, Failure> {
        let Some(nobody) = &self.nobody else {
            return Ok(None);
        };
        let known = self.known.get(&name);
        let mark = self.mark(&name, &password);
        if known.is_some() && self.remembers(&mark) {
            return Ok(known.map(|(_, caller)| caller.clone()));
        }
        let hash = known.map_or(nobody, |(hash, _)| hash).clone();
        let place = Arc::clone(&self.places).acquire_owned();
        let place = tokio::time::timeout(Duration::from_secs(5), place).await;
        let Ok(Ok(place)) = place else {
            let message = "too many passwords are to be verified just now";
            return Err(Failure::new(503, "ServiceUnavailable", message));
        };
        let right = tokio::task::spawn_blocking(move || {
            let _place = place;
            PasswordHash::new(&hash).is_ok_and(|hash| {
                Argon2::default()
                    .verify_password(password.as_bytes(), &hash)
                    .is_ok()
            })
        });
        let right = right
            .await
            .map_err(|error| Failure::internal(error.to_string()))?;
        let found = known.filter(|_| right).map(|(_, caller)| caller.clone());
        if found.is_some() {
            self.remember(mark);
        }
        Ok(found)
    }

    fn mark(&self, name: &str, password: &str) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.secret);
        context.update(&(name.len() as u64).to_le_bytes());
        context.update(name.as_bytes());
        context.update(password.as_bytes());
        let mut mark = [0; 32];
        mark.copy_from_slice(context.sign().as_ref());
        mark
    }

    fn remembers(&self, mark: &[u8; 32]) -> bool {
        let right = self.right.lock().unwrap_or_else(PoisonError::into_inner);
        right
            .get(mark)
            .is_some_and(|since| since.elapsed() < REMEMBERED)
    }

    fn remember(&self, mark: [u8; 32]) {
        let mut right = self.right.lock().unwrap_or_else(PoisonError::into_inner);
        if right.len() >= MOST {
            right.retain(|_, since| since.elapsed() < REMEMBERED);
        }
        if right.len() < MOST {
            right.insert(mark, Instant::now());
        }
    }
}

fn hash(password: &str) -> anyhow::Result<String> {
    let hash: Result<PasswordHash, _> = Argon2::default().hash_password(password.as_bytes());
    let hash = hash.map_err(|_| anyhow::anyhow!("the password can't be hashed"))?;
    Ok(hash.to_string())
}

/// The entry for the file of somebody with a password, which it does not tell.
///
/// # Errors
/// A password that is none.
pub fn hash_password(name: &str, password: &str, granted: &Granted) -> anyhow::Result<String> {
    ensure!(
        password.chars().count() >= 12,
        "give a password of at least 12 characters"
    );
    let hash = hash(password).context("argon2id")?;
    let entry = Entry {
        table: "users",
        name,
        secret: ("argon2id", &hash),
        granted,
    };
    Ok(entry.to_string())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_right_for_its_own_user_alone_again_and_again() {
        #[derive(Deserialize)]
        struct File {
            users: Vec<User>,
        }
        let entry = |name, password| hash_password(name, password, &Granted::default()).unwrap();
        let entries =
            entry("ada@example.com", "correct horse battery") + &entry("bob", "another password");
        let file: File = toml::from_str(&entries).unwrap();
        let users = Users::new(&file.users).unwrap();
        let whose = async |name: &str, password: &str| {
            let found = users
                .verify(name.to_owned(), password.to_owned())
                .await
                .unwrap();
            found.map(|caller| caller.name.to_string())
        };
        for _ in 0..2 {
            assert_eq!(
                whose("ada@example.com", "correct horse battery")
                    .await
                    .unwrap(),
                "ada@example.com"
            );
            assert_eq!(whose("bob", "correct horse battery").await, None);
            assert_eq!(whose("eve", "correct horse battery").await, None);
            assert_eq!(whose("ada@example.com", "").await, None);
        }
    }

    #[tokio::test]
    async fn where_there_is_nobody_no_password_is_hashed() {
        let users = Users::new(&[]).unwrap();
        assert!(users.nobody.is_none());
        let found = users.verify("ada".into(), "correct horse battery".into());
        assert!(found.await.unwrap().is_none());
    }

    #[test]
    fn a_hash_of_another_kind_is_refused() {
        let user = User {
            name: "ada".into(),
            argon2id: "$argon2i$v=19$m=65536,t=1,p=1$c29tZXNhbHQ$9sTbSlTio3Biev89thdrlKKiCaYsjjYVJxGAL3swxpQ".into(),
            granted: Granted::default(),
        };
        assert!(Users::new(&[user]).is_err());
    }
}
