//! A function a route.

use std::rc::Rc;

use accounts::password;
use door::Transport;
use http::{StatusCode, header};
use service::{Moment, Problem, Reply, Request, Service};

use crate::{
    grant,
    keys::Keys,
    model::{Login, Reset, View},
    presented::Presented,
    sessions::{Fresh, Standing},
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
    let attempt = auth.attempt(&request, &username).await?;
    auth.begin(&attempt, now).await?;
    let recognised = auth.recognised(&username, &login.password).await;
    let user = auth.ended(&attempt, recognised, now).await?;
    let wrong = || Problem::unauthorized("the username or the password is wrong");
    let user = user.ok_or_else(wrong)?;
    let fresh = Fresh::make(login.cookies.unwrap_or_default())?;
    let session = fresh.begin(user.id, request.header(header::USER_AGENT.as_str()), now);
    auth.storage.sessions.add(&session).await?;
    auth.storage.sessions.clear(now).await;
    let access = issuer.token(&user, &session, now)?;
    grant::reply(&request, access, &fresh)
}

/// `POST /auth/refresh`
pub async fn refresh<T: Transport>(auth: Rc<Auth<T>>, request: Request) -> Result<Reply, Problem> {
    let over = || Problem::unauthorized("the refresh token works no more: sign in again");
    let issuer = auth.keys.issuer()?;
    let presented = Presented::by(&request)?
        .ok_or_else(|| Problem::fault("refresh_token", "is required, here or as the cookie"))?;
    let token = presented.token.as_ref().ok_or_else(over)?;
    let now = (auth.now)();
    let Storage {
        sessions, accounts, ..
    } = &auth.storage;
    let session = sessions.find(token.session).await?.ok_or_else(over)?;
    let standing = token.standing(&session, now);
    let user = match standing {
        Standing::Foreign => return Err(over()),
        Standing::Old => None,
        _ if session.expires <= now => None,
        Standing::Current | Standing::Replaced => accounts.find(session.userid).await?,
    };
    let Some(user) = user else {
        sessions.end(session.id).await?;
        return Err(over());
    };
    presented.check_csrf(&request, &session)?;
    let fresh = Fresh::after(token, presented.by_cookie, &issuer)?;
    let renewed = match standing {
        Standing::Current => fresh.renew(&session, now),
        _ => session.clone(),
    };
    let works = match standing {
        Standing::Current => sessions.renew(&session, &renewed).await?,
        _ => fresh.current() == session.current,
    };
    if !works {
        return Err(over());
    }
    let access = issuer.token(&user, &renewed, now)?;
    grant::reply(&request, access, &fresh)
}

/// `POST /auth/logout`
pub async fn logout<T: Transport>(auth: Rc<Auth<T>>, request: Request) -> Result<Reply, Problem> {
    if let Some(presented) = Presented::by(&request)?
        && let Some(token) = &presented.token
        && let Some(session) = auth.storage.sessions.find(token.session).await?
        && token.standing(&session, (auth.now)()) != Standing::Foreign
    {
        presented.check_csrf(&request, &session)?;
        // An old token of the session ends it, too, as it would by being used.
        auth.storage.sessions.end(session.id).await?;
    }
    grant::taken_back(&request)
}

/// `GET /auth/sessions`
pub async fn sessions<T: Transport>(auth: Rc<Auth<T>>, request: Request) -> Result<Reply, Problem> {
    let caller = request.signed_in()?;
    let mut sessions = auth.storage.sessions.of(caller.id).await?;
    let now = (auth.now)();
    sessions.retain(|session| session.expires > now);
    sessions.sort_by_key(|session| session.createdon);
    let views = sessions
        .into_iter()
        .map(|session| View::of(session, caller.session));
    Ok(Reply::list(views.collect()))
}

/// `DELETE /auth/sessions`
pub async fn end_all<T: Transport>(auth: Rc<Auth<T>>, request: Request) -> Result<Reply, Problem> {
    let caller = request.signed_in()?;
    auth.storage.sessions.end_others(caller.id, None).await?;
    Ok(Reply::no_content())
}

/// `DELETE /auth/sessions/{id}`
pub async fn end_one<T: Transport>(auth: Rc<Auth<T>>, request: Request) -> Result<Reply, Problem> {
    let (caller, id) = (request.signed_in()?, request.id("id")?);
    let session = auth.storage.sessions.find(id).await?;
    let own = session.filter(|session| session.userid == caller.id);
    own.ok_or_else(|| Problem::missing("session", id))?;
    auth.storage.sessions.end(id).await?;
    Ok(Reply::no_content())
}

/// `POST /auth/reset`
pub async fn reset<T: Transport>(auth: Rc<Auth<T>>, request: Request) -> Result<Reply, Problem> {
    let reset: Reset = request.body()?.read()?;
    let username = reset.username.to_lowercase();
    if let Some(fault) = password::too_easy(&reset.password, &username) {
        return Err(Problem::fault("password", fault));
    }
    let now = (auth.now)();
    let attempt = auth.attempt(&request, &username).await?;
    auth.begin(&attempt, now).await?;
    let redeemed = auth.redeemed(&username, &reset, now).await;
    let id = auth.ended(&attempt, redeemed, now).await?;
    let id = id.ok_or_else(|| {
        Problem::unauthorized("the username or the code is wrong, or the code works no more")
    })?;
    auth.storage.sessions.end_others(id, None).await?;
    Ok(Reply::no_content())
}

/// `GET /auth/me`
pub async fn me<T: Transport>(auth: Rc<Auth<T>>, request: Request) -> Result<Reply, Problem> {
    let caller = request.signed_in()?;
    let user = auth.storage.accounts.find(caller.id).await?;
    let gone = || Problem::invalid_token("this user is not there any more");
    user.map(Reply::one).ok_or_else(gone)
}

/// `GET /auth/.well-known/jwks.json`
pub async fn jwks<T: Transport>(auth: Rc<Auth<T>>, _: Request) -> Result<Reply, Problem> {
    let keys = auth.keys.published()?;
    Ok(Reply::json(StatusCode::OK, keys).header(header::CACHE_CONTROL, "public, max-age=300"))
}
