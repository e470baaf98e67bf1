//! A function a route.

use std::rc::Rc;

use bson::DateTime;
use door::log;
use http::{StatusCode, header};
use passwords::{Credentials, Match};
use service::{Id, Problem, Reply, Request, Service, cookies};
use tokens::digest;

use crate::attempts;
use crate::grant;
use crate::keys::Keys;
use crate::model::{Account, Session};
use crate::requests::{self, Login};
use crate::sessions::{self, Fresh, RefreshToken};
use crate::storage::Storage;

/// What the handlers work with.
pub struct Auth<S> {
    storage: S,
    keys: Keys,
    now: fn() -> DateTime,
}

impl<S> Auth<S> {
    /// The service over a storage, with keys, on a clock.
    pub fn new(storage: S, keys: Keys, now: fn() -> DateTime) -> Self {
        Self { storage, keys, now }
    }
}

impl<S: Storage + 'static> Service for Auth<S> {
    async fn ready(&self) -> Result<(), Problem> {
        Ok(self.storage.ping().await?)
    }
}

/// `POST /auth/login`
pub async fn login<S: Storage>(auth: Rc<Auth<S>>, request: Request) -> Result<Reply, Problem> {
    let Login {
        username,
        password,
        cookies,
    } = Login::read(request.body()?)?;
    let issuer = auth.keys.issuer()?;
    let now = (auth.now)();
    attempts::admit(&auth.storage, &username, now).await?;
    let Some(account) = auth.recognised(&username, &password).await? else {
        attempts::tidy(&auth.storage, now).await?;
        return Err(Problem::unauthorized(
            "the username or the password is wrong",
        ));
    };
    attempts::forget(&auth.storage, &username).await?;
    auth.storage.end_expired(account.id, now).await?;
    let id = Id::new();
    let fresh = Fresh::make(id, cookies)?;
    let session = sessions::begin(id, account.id, &fresh, now);
    auth.storage.add(&session).await?;
    let access = issuer.token(&account, now, fresh.digests().csrf)?;
    grant::reply(&request, &access, &fresh)
}

/// `POST /auth/refresh`
pub async fn refresh<S: Storage>(auth: Rc<Auth<S>>, request: Request) -> Result<Reply, Problem> {
    let over = || Problem::unauthorized("the refresh token works no more: sign in again");
    let issuer = auth.keys.issuer()?;
    let presented = Presented::by(&request)?
        .ok_or_else(|| Problem::fault("refresh_token", "is required, here or as the cookie"))?;
    let token = presented.token.as_ref().ok_or_else(over)?;
    let session = auth
        .storage
        .session(token.session)
        .await?
        .ok_or_else(over)?;
    let now = (auth.now)();
    let account = if session.expires > now && token.is_current(&session) {
        auth.storage.account(session.userid).await?
    } else {
        None
    };
    let Some(account) = account else {
        auth.storage.end(session.id).await?;
        return Err(over());
    };
    presented.check_csrf(&request, &session)?;
    let fresh = Fresh::make(session.id, presented.by_cookie)?;
    if !auth.storage.renew(&session, &fresh.digests()).await? {
        auth.storage.end(session.id).await?;
        return Err(over());
    }
    let access = issuer.token(&account, now, fresh.digests().csrf)?;
    grant::reply(&request, &access, &fresh)
}

/// `POST /auth/logout`
pub async fn logout<S: Storage>(auth: Rc<Auth<S>>, request: Request) -> Result<Reply, Problem> {
    if let Some(presented) = Presented::by(&request)?
        && let Some(token) = &presented.token
        && let Some(session) = auth.storage.session(token.session).await?
    {
        presented.check_csrf(&request, &session)?;
        // An old token of the session ends it, too, as it would by being used.
        auth.storage.end(session.id).await?;
    }
    Ok(grant::taken_back(&request))
}

/// `GET /auth/me`
pub async fn me<S: Storage>(auth: Rc<Auth<S>>, request: Request) -> Result<Reply, Problem> {
    let caller = request.signed_in()?;
    let account = auth.storage.account(caller.id).await?;
    let account =
        account.ok_or_else(|| Problem::invalid_token("this user is not there any more"))?;
    Reply::one(&account.view())
}

/// `GET /auth/.well-known/jwks.json`
pub async fn jwks<S: Storage>(auth: Rc<Auth<S>>, _: Request) -> Result<Reply, Problem> {
    let keys = auth.keys.published()?;
    Ok(Reply::json(StatusCode::OK, &keys)?.header(header::CACHE_CONTROL, "public, max-age=300"))
}

impl<S: Storage> Auth<S> {
    /// The user of this name, if this is their password. Takes as long for a name that nobody has.
    async fn recognised(&self, username: &str, password: &str) -> Result<Option<Account>, Problem> {
        let Some((account, credentials)) = self.storage.person(username).await? else {
            passwords::verify_nobody(password);
            return Ok(None);
        };
        match passwords::verify(password, &credentials.password) {
            Match::No => return Ok(None),
            Match::Yes => {}
            Match::YesButWeak => self.rehash(&credentials, password).await,
        }
        Ok(Some(account))
    }

    /// Makes a weak hash a strong one. That it fails is no reason not to let somebody in.
    async fn rehash(&self, old: &Credentials, password: &str) {
        let Ok(hash) = passwords::hash(password) else {
            return log::warn("a weak hash of a password could not be made a strong one");
        };
        let new = Credentials {
            userid: old.userid,
            password: hash,
            changedon: (self.now)(),
        };
        if let Err(error) = self.storage.rehash(old.userid, &old.password, &new).await {
            log::warn(&format!(
                "a weak hash of a password stays as it is: {error}"
            ));
        }
    }
}

/// A refresh token as it came.
struct Presented {
    /// None where it is no token.
    token: Option<RefreshToken>,
    by_cookie: bool,
}

impl Presented {
    /// What the body says, or else the cookie.
    fn by(request: &Request) -> Result<Option<Self>, Problem> {
        if request.has_header(header::CONTENT_TYPE.as_str())
            && let Some(text) = requests::refresh_token(request.body()?)?
        {
            return Ok(Some(Self {
                token: RefreshToken::parse(&text),
                by_cookie: false,
            }));
        }
        Ok(request.cookie(cookies::REFRESH).map(|text| Self {
            token: RefreshToken::parse(text),
            by_cookie: true,
        }))
    }

    /// Browsers send cookies whoever caused the request, so it takes the session's CSRF token, too.
    fn check_csrf(&self, request: &Request, session: &Session) -> Result<(), Problem> {
        let given = request.header("x-csrf-token").map(digest);
        if !self.by_cookie || (given.is_some() && given == session.current.csrf) {
            return Ok(());
        }
        Err(Problem::forbidden(
            "send the CSRF token, which the cookie cinema_csrf has, in the header X-CSRF-Token",
        ))
    }
}
