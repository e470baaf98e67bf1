//! Signing up and in.

use serde_json::json;

use crate::{Answer, Api, api::person, staff};

/// A customer who has signed up and in.
#[derive(Debug, Clone)]
pub struct Customer {
    /// A client with the customer's token.
    pub api: Api,
    /// The customer's id.
    pub id: String,
    /// The customer's name.
    pub username: String,
}

/// What signing in gives.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// The access token.
    pub access: String,
    /// The refresh token.
    pub refresh: String,
}

impl Tokens {
    /// Those of a good answer to a login or a refresh.
    #[track_caller]
    pub fn of(answer: Answer) -> Self {
        let given = answer.expect(200).json();
        assert_eq!(
            (&given["token_type"], &given["expires_in"]),
            (&json!("Bearer"), &json!(900))
        );
        let text = |name: &str| given[name].as_str().unwrap().to_owned();
        Self {
            access: text("access_token"),
            refresh: text("refresh_token"),
        }
    }
}

impl Api {
    /// `POST /auth/login`, as a stranger.
    pub async fn login(&self, username: &str, password: &str) -> Answer {
        let body = json!({"username": username, "password": password});
        self.anonymous().post("/auth/login", &body).await
    }

    /// Signs in somebody who signed up in this run.
    pub async fn sign_in(&self, username: &str) -> Tokens {
        Tokens::of(self.login(username, staff::password()).await)
    }

    /// `POST /auth/refresh`, as a stranger.
    pub async fn refresh(&self, token: &str) -> Answer {
        let body = json!({"refresh_token": token});
        self.anonymous().post("/auth/refresh", &body).await
    }

    /// `POST /auth/logout`, as a stranger.
    pub async fn logout(&self, token: &str) -> Answer {
        let body = json!({"refresh_token": token});
        self.anonymous().post("/auth/logout", &body).await
    }

    /// Signs up a customer, as a stranger does, and signs them in.
    pub async fn customer(&self, username: &str) -> Customer {
        let id = self.anonymous().user(username).await;
        let tokens = self.sign_in(username).await;
        Customer {
            api: self.with_token(&tokens.access),
            id,
            username: username.to_owned(),
        }
    }

    /// Signs up somebody with this role, which only staff can give, and gives a client of theirs.
    pub async fn member(&self, username: &str, role: &str) -> Api {
        let mut body = person(username);
        body["role"] = json!(role);
        self.post("/users", &body).await.expect(201);
        self.with_token(&self.sign_in(username).await.access)
    }
}
