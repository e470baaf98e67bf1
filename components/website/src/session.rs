//! Who is signed in: by the cookies that auth sets, which the browser sends and no script reads.
//!
//! An access token is good for a quarter of an hour, and a browser drops it then. Auth is asked for the next, by the refresh token, and
//! what it sets is passed on. What is sent by a form proves by a token in it that it came from a page of this site: one that follows
//! from what all of a session's refresh tokens have, so that it stays the same, in other tabs too, when they are renewed. Where nobody
//! is signed in, it follows from a cookie that is there for this alone.

use accounts::random;
use door::Transport;
use http::{HeaderName, Method, StatusCode, header};
use serde_json::json;
use service::{Caller, Origin, Problem, Request, Sibling, cookies};
use tokens::digest;

/// The cookie of somebody who is not signed in and is about to fill in a form.
const VISITOR: &str = "cinema_visitor";

/// How long a visitor's cookie is kept, in seconds.
const DAY: u64 = 24 * 60 * 60;

/// Who is signed in, if anybody is.
#[derive(Debug, Clone)]
pub struct Session {
    pub caller: Option<Caller>,
    /// The access token, for siblings.
    pub token: Option<String>,
    /// What forms carry.
    pub csrf: String,
    /// What the browser is to be told: `Set-Cookie`.
    pub cookies: Vec<String>,
    /// Whether there was a session, which works no more.
    pub is_over: bool,
}

impl Session {
    /// The one that a request is of.
    pub async fn of<T: Transport>(
        request: &Request,
        auth: &Sibling<T>,
        origin: Origin,
    ) -> Result<Self, Problem> {
        let Some(refresh) = request.cookie(cookies::REFRESH)? else {
            return Self::nobody(request, origin);
        };
        let (session, csrf) = family(refresh);
        let is_of_it = |caller: &Caller| caller.session.is_some_and(|id| id.to_string() == session);
        if let Some(token) = request.cookie(cookies::ACCESS)?
            && let Some(caller) = believed(request, token)?.filter(is_of_it)
        {
            return Ok(Self {
                caller: Some(caller),
                token: Some(token.to_owned()),
                csrf,
                cookies: Vec::new(),
                is_over: false,
            });
        }
        match renewed(request, auth, origin).await? {
            Some((token, cookies)) => Ok(Self {
                caller: believed(request, &token)?,
                token: Some(token),
                csrf,
                cookies,
                is_over: false,
            }),
            None => {
                let mut nobody = Self::nobody(request, origin)?;
                nobody.cookies.extend(
                    [cookies::ACCESS, cookies::REFRESH, cookies::CSRF]
                        .map(|name| cookies::set(name, "", 0, origin.is_https)),
                );
                nobody.is_over = true;
                Ok(nobody)
            }
        }
    }

    fn nobody(request: &Request, origin: Origin) -> Result<Self, Problem> {
        let mut given = Vec::new();
        let secret = match request.cookie(VISITOR)? {
            Some(secret) => secret.to_owned(),
            None if has_form(request) => {
                let secret =
                    random::secret().map_err(|error| Problem::internal(error.to_string()))?;
                given.push(cookies::set(VISITOR, &secret, DAY, origin.is_https));
                secret
            }
            None => String::new(),
        };
        Ok(Self {
            caller: None,
            token: None,
            csrf: if secret.is_empty() {
                String::new()
            } else {
                digest(&format!("visitor.{secret}"))
            },
            cookies: given,
            is_over: false,
        })
    }

    /// 403 where a form does not carry what the session's pages carry.
    pub fn check(&self, given: &str) -> Result<(), Problem> {
        if !self.csrf.is_empty() && digest(given) == digest(&self.csrf) {
            return Ok(());
        }
        Err(Problem::new(
            StatusCode::FORBIDDEN,
            "the form was not sent from a page of this session",
        ))
    }
}

/// Whether the page has a form for whoever is not signed in. Others are alike for everybody, and nobody gets a cookie by them.
fn has_form(request: &Request) -> bool {
    matches!(request.path.as_str(), "/sign-in" | "/sign-up" | "/reset")
}

/// The id of the session that a refresh token is of, and what the session's forms carry.
fn family(refresh: &str) -> (&str, String) {
    let mut parts = refresh.split('.');
    let (session, family) = (
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
    );
    (session, digest(&format!("form.{session}.{family}")))
}

/// Whose a token is, if it may be believed.
fn believed(request: &Request, token: &str) -> Result<Option<Caller>, Problem> {
    match request.believed(token) {
        Ok(caller) => Ok(Some(caller)),
        Err(problem) if problem.status == StatusCode::UNAUTHORIZED => Ok(None),
        Err(problem) => Err(problem),
    }
}

/// A new access token and what the browser is to be told; none where the session is over.
async fn renewed<T: Transport>(
    request: &Request,
    auth: &Sibling<T>,
    origin: Origin,
) -> Result<Option<(String, Vec<String>)>, Problem> {
    let cookies = request.header(header::COOKIE.as_str()).unwrap_or_default();
    let csrf = request.cookie(cookies::CSRF)?.unwrap_or_default();
    let mut headers = from(origin);
    headers.push((header::COOKIE, cookies.to_owned()));
    headers.push((HeaderName::from_static("x-csrf-token"), csrf.to_owned()));
    match auth
        .ask(Method::POST, "/auth/refresh", None::<&()>, headers)
        .await
    {
        Ok(response) => Ok(begun(response.headers())),
        Err(problem) if problem.status.is_client_error() => Ok(None),
        Err(problem) => Err(problem),
    }
}

/// Signs in, and gives what the browser is to be told; or refuses, as auth does.
pub async fn begin<T: Transport>(
    auth: &Sibling<T>,
    request: &Request,
    origin: Origin,
    username: &str,
    password: &str,
) -> Result<Vec<String>, Problem> {
    let body = json!({"username": username, "password": password, "cookies": true});
    let mut headers = from(origin);
    let agent = request
        .header(header::USER_AGENT.as_str())
        .unwrap_or_default();
    headers.push((header::USER_AGENT, agent.to_owned()));
    // Who has a session of that user is not kept waiting for what others guess.
    headers.push((
        header::COOKIE,
        request
            .header(header::COOKIE.as_str())
            .unwrap_or_default()
            .to_owned(),
    ));
    let response = auth
        .ask(Method::POST, "/auth/login", Some(&body), headers)
        .await?;
    Ok(set(response.headers()))
}

/// Where a visitor is, for siblings who ask: this site is whom they hear it from.
pub fn from(origin: Origin) -> Vec<(HeaderName, String)> {
    let proto = if origin.is_https { "https" } else { "http" };
    let mut headers = vec![(
        HeaderName::from_static("x-forwarded-proto"),
        proto.to_owned(),
    )];
    headers.extend(origin.address.map(|address| {
        (
            HeaderName::from_static("x-forwarded-for"),
            address.to_string(),
        )
    }));
    headers
}

/// What an answer sets.
pub fn set(headers: &http::HeaderMap) -> Vec<String> {
    let lines = headers.get_all(header::SET_COOKIE).iter();
    lines
        .filter_map(|line| Some(line.to_str().ok()?.to_owned()))
        .collect()
}

/// The access token among what an answer sets, and all of it.
fn begun(headers: &http::HeaderMap) -> Option<(String, Vec<String>)> {
    let cookies = set(headers);
    let token = cookies.iter().find_map(|line| {
        let (name, rest) = line.split_once('=')?;
        (name.strip_prefix(cookies::HOST).unwrap_or(name) == cookies::ACCESS)
            .then(|| rest.split(';').next().unwrap_or_default().to_owned())
    })?;
    Some((token, cookies))
}
