//! An attempt to sign in, from its beginning to what comes of it.

use accounts::{
    Attempt, Credentials, User,
    password::{self, HashError, Match},
    random,
};
use door::{Transport, log};
use service::{Id, Moment, Problem, Request, cookies};
use tokens::digest;

use crate::{
    handlers::Auth,
    model::Reset,
    sessions::{RefreshToken, Standing},
};

/// 503: nothing is known of the password.
fn no_hash(error: HashError) -> Problem {
    Problem::unavailable("the comparison of passwords", error, None)
}

impl<T: Transport> Auth<T> {
    /// Whose attempt a request for a username is: that of a browser that has a session of that user, or of an address.
    pub async fn attempt(&self, request: &Request, username: &str) -> Result<Attempt, Problem> {
        if let Some(token) = request
            .cookie(cookies::REFRESH)?
            .and_then(RefreshToken::parse)
            && let Some(session) = self.storage.sessions.find(token.session).await?
            && token.standing(&session, (self.now)()) != Standing::Foreign
            && let Some(user) = self.storage.accounts.find(session.userid).await?
            && user.username == username
        {
            return Ok(Attempt::known(username, session.id));
        }
        Ok(Attempt::new(username, &request.origin()?.counted()))
    }

    /// Notes that it is running, or says why it has to wait.
    pub async fn begin(&self, attempt: &Attempt, now: Moment) -> Result<(), Problem> {
        match self.storage.throttle.begin(attempt, now).await? {
            None => Ok(()),
            Some(refusal) => Err(Problem::too_many(refusal.to_string(), refusal.wait())),
        }
    }

    /// Notes what came of it: a failure is a wrong password, and nothing else.
    pub async fn ended<A>(
        &self,
        attempt: &Attempt,
        found: Result<Option<A>, Problem>,
        now: Moment,
    ) -> Result<Option<A>, Problem> {
        self.storage.throttle.end(attempt, &found, now).await?;
        found
    }

    /// The user of this name, if this is their password. Takes as long for a name that nobody has.
    pub async fn recognised(
        &self,
        username: &str,
        password: &str,
    ) -> Result<Option<User>, Problem> {
        let Some((user, credentials)) = self.storage.accounts.named(username).await? else {
            password::verify_nobody(password);
            return Ok(None);
        };
        match password::verify(password, &credentials.password).map_err(no_hash)? {
            Match::No => return Ok(None),
            Match::Yes => {}
            Match::YesButWeak => self.rehash(&credentials, password).await,
        }
        Ok(Some(user))
    }

    /// Whose password a code has set.
    pub async fn redeemed(
        &self,
        username: &str,
        reset: &Reset,
        now: Moment,
    ) -> Result<Option<Id>, Problem> {
        let accounts = &self.storage.accounts;
        let hash = password::hash(&reset.password).map_err(no_hash)?;
        let Some((user, _)) = accounts.named(username).await? else {
            return Ok(None);
        };
        let code = digest(&random::typed(&reset.code));
        let redeemed = accounts.redeem(user.id, &code, &hash, now).await?;
        Ok(redeemed.then_some(user.id))
    }

    /// Makes a weak hash a strong one. That it fails is no reason not to let somebody in.
    async fn rehash(&self, old: &Credentials, password: &str) {
        let Ok(hash) = password::hash(password) else {
            return log::warn("a weak hash of a password could not be made a strong one");
        };
        let replaced = (self.storage.accounts).replace_password(old, &hash, (self.now)());
        if let Err(error) = replaced.await {
            log::warn(&format!(
                "a weak hash of a password stays as it is: {error}"
            ));
        }
    }
}
