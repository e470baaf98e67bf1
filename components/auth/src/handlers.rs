//! A function a route.

use std::{rc::Rc, time::Duration};

use accounts::{
    Credentials, User,
    password::{self, Match},
};
use door::{Transport, log};
use http::{StatusCode, header};
use service::{Id, Moment, Problem, Reply, Request, Service, cookies};
use tokens::digest;

use crate::{
    grant,
    keys::Keys,
    model::{Login, Renewal, Session},
    sessions::{Fresh, RefreshToken},
    storage::Storage,
};

/// What the handlers work with.
pub struct Auth<T> {
    pub storage: Storage<T>,
    pub keys: Keys,
    pub now: fn() -> Moment,
}

impl<T: Transport + 'static> Service for Auth<T> {
    async fn ready(&self) -> Result<(), Problem> {
        Ok(self.storage.ready().await?)
    }
}

/// `POST /auth/login`
pub async fn login<T: Transport>(auth: Rc<Auth<T>>, request: Request) -> Result<Reply, Problem> {
    let login: Login = request.body()?.read()?;
    let username = login.username.to_lowercase();
    let issuer = auth.keys.issuer()?;
    let now = (auth.now)();
    let Storage { throttle, .. } = &auth.storage;
    if let Some(wait) = throttle.admit(&username, now).await? {
        return Err(too_many(wait));
    }
    let Some(user) = auth.recognised(&username, &login.password).await? else {
        throttle.clear(now).await;
        return Err(Problem::unauthorized(
            "the username or the password is wrong",
        ));
    };
    throttle.forget(&username).await?;
    let fresh = Fresh::make(Id::new(), login.cookies.unwrap_or_default())?;
    let session = fresh.begin(user.id, now);
    auth.storage.add(&session).await?;
    auth.storage.clear(now).await;
    let access = issuer.token(&user, now, session.csrf)?;
    grant::reply(&request, &access, &fresh)
}

/// `POST /auth/refresh`
pub async fn refresh<T: Transport>(auth: Rc<Auth<T>>, request: Request) -> Result<Reply, Problem> {
    let over = || Problem::unauthorized("the refresh token works no more: sign in again");
    let issuer = auth.keys.issuer()?;
    let presented = Presented::by(&request)?
        .ok_or_else(|| Problem::fault("refresh_token", "is required, here or as the cookie"))?;
    let token = presented.token.as_ref().ok_or_else(over)?;
    let session = auth.storage.session(token.session).await?;
    let session = session.ok_or_else(over)?;
    let now = (auth.now)();
    let user = if session.expires > now && token.is_current(&session) {
        auth.storage.accounts.find(session.userid).await?
    } else {
        None
    };
    let Some(user) = user else {
        auth.storage.end(session.id).await?;
        return Err(over());
    };
    presented.check_csrf(&request, &session)?;
    let fresh = Fresh::make(session.id, presented.by_cookie)?;
    let renewed = fresh.renew(&session);
    if !auth.storage.renew(&session, &renewed).await? {
        auth.storage.end(session.id).await?;
        return Err(over());
    }
    let access = issuer.token(&user, now, renewed.csrf)?;
    grant::reply(&request, &access, &fresh)
}

/// `POST /auth/logout`
pub async fn logout<T: Transport>(auth: Rc<Auth<T>>, request: Request) -> Result<Reply, Problem> {
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
pub async fn me<T: Transport>(auth: Rc<Auth<T>>, request: Request) -> Result<Reply, Problem> {
    let caller = request.signed_in()?;
    let user = auth.storage.accounts.find(caller.id).await?;
    let gone = || Problem::invalid_token("this user is not there any more");
    Reply::one(&user.ok_or_else(gone)?)
}

/// `GET /auth/.well-known/jwks.json`
pub async fn jwks<T: Transport>(auth: Rc<Auth<T>>, _: Request) -> Result<Reply, Problem> {
    let keys = auth.keys.published()?;
    Ok(Reply::json(StatusCode::OK, &keys)?.header(header::CACHE_CONTROL, "public, max-age=300"))
}

impl<T: Transport> Auth<T> {
    /// The user of this name, if this is their password. Takes as long for a name that nobody has.
    async fn recognised(&self, username: &str, password: &str) -> Result<Option<User>, Problem> {
        let Some((user, credentials)) = self.storage.accounts.named(username).await? else {
            password::verify_nobody(password);
            return Ok(None);
        };
        match password::verify(password, &credentials.password) {
            Match::No => return Ok(None),
            Match::Yes => {}
            Match::YesButWeak => self.rehash(&credentials, password).await,
        }
        Ok(Some(user))
    }

    /// Makes a weak hash a strong one. That it fails is no reason not to let somebody in.
    async fn rehash(&self, old: &Credentials, password: &str) {
        let Ok(hash) = password::hash(password) else {
            return log::warn("a weak hash of a password could not be made a strong one");
        };
        let new = Credentials {
            id: old.id,
            password: hash,
            changedon: (self.now)(),
        };
        if let Err(error) = self.storage.accounts.rehash(old, &new).await {
            log::warn(&format!(
                "a weak hash of a password stays as it is: {error}"
            ));
        }
    }
}

fn too_many(wait: Duration) -> Problem {
    // Whoever waits a little less than a second too little would be told to wait again.
    let seconds = wait.as_millis().div_ceil(1000).max(1);
    let wait = Duration::from_secs(u64::try_from(seconds).unwrap_or(u64::MAX));
    let detail = format!(
        "too many wrong passwords for this username: try again in {} s",
        wait.as_secs()
    );
    Problem::too_many(detail, wait)
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
            && let Some(text) = request.body()?.read::<Renewal>()?.refresh_token
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
        if !self.by_cookie || (given.is_some() && given == session.csrf) {
            return Ok(());
        }
        Err(Problem::forbidden(
            "send the CSRF token, which the cookie cinema_csrf has, in the header X-CSRF-Token",
        ))
    }
}
