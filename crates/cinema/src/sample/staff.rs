//! Signing in to a cinema as somebody who runs it.

use super::connection::{Connection, read, reason};
use anyhow::{Result, bail};
use reqwest::{Method, Response, StatusCode};
use serde::Deserialize;
use serde_json::json;
use std::fmt;
use tokio::sync::Mutex;

/// Somebody who runs the cinema.
pub struct Staff {
    /// The name to sign in by.
    pub username: String,
    /// The password, which is never shown.
    pub password: String,
}

impl fmt::Debug for Staff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Staff")
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}

/// Being signed in.
pub struct Session {
    staff: Staff,
    token: Mutex<String>,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.staff.fmt(f)
    }
}

impl Session {
    /// Signs in. Whoever can't may be the first staff user, who has not signed up yet.
    pub async fn begin(connection: &Connection, staff: Staff) -> Result<Self> {
        let mut answer = login(connection, &staff).await?;
        if answer.status() == StatusCode::UNAUTHORIZED && sign_up(connection, &staff).await? {
            answer = login(connection, &staff).await?;
        }
        let token = token(connection, &staff, answer).await?;
        Ok(Self {
            staff,
            token: Mutex::new(token),
        })
    }

    /// The access token.
    pub async fn token(&self) -> String {
        self.token.lock().await.clone()
    }

    /// A new one in place of one that is not believed any more; the one that another request has got since.
    pub async fn renew(&self, connection: &Connection, old: &str) -> Result<String> {
        let mut kept = self.token.lock().await;
        if *kept == old {
            let answer = login(connection, &self.staff).await?;
            *kept = token(connection, &self.staff, answer).await?;
        }
        Ok(kept.clone())
    }
}

async fn login(connection: &Connection, staff: &Staff) -> Result<Response> {
    let body = json!({"username": staff.username, "password": staff.password});
    let request = connection.request(Method::POST, "/auth/login").json(&body);
    connection.send(request, "POST /auth/login").await
}

/// False where somebody has the name already.
async fn sign_up(connection: &Connection, staff: &Staff) -> Result<bool> {
    let body = json!({
        "username": staff.username,
        "password": staff.password,
        "firstname": "First",
        "lastname": "Staff",
    });
    let request = connection.request(Method::POST, "/users").json(&body);
    let answer = connection.send(request, "POST /users").await?;
    match answer.status() {
        StatusCode::CREATED => Ok(true),
        StatusCode::CONFLICT => Ok(false),
        status => bail!(
            "{} cannot sign up: {status}: {}",
            staff.username,
            reason(answer).await
        ),
    }
}

async fn token(connection: &Connection, staff: &Staff, answer: Response) -> Result<String> {
    #[derive(Deserialize)]
    struct Tokens {
        access_token: String,
    }
    match answer.status() {
        StatusCode::OK => {
            let tokens: Tokens = read(answer, "POST /auth/login").await?;
            Ok(tokens.access_token)
        }
        status => bail!(
            "{} cannot sign in at {}: {status}: {}",
            staff.username,
            connection.base(),
            reason(answer).await
        ),
    }
}
