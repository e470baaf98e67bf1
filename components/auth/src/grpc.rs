//! The methods of `cinema.v1.Auth`: of which route each is, and how both say the same.

use accounts::User;
use proto::{
    DeleteSessionRequest, DeleteSessionResponse, DeleteSessionsRequest, DeleteSessionsResponse,
    GetMeRequest, GetMeResponse, ListKeysRequest, ListKeysResponse, ListSessionsRequest,
    ListSessionsResponse, LoginRequest, LoginResponse, LogoutRequest, LogoutResponse, PublicKey,
    RefreshRequest, RefreshResponse, ResetRequest, ResetResponse, Session,
};
use service::grpc::{Call, Methods, timestamp};
use tokens::{JwkSet, PublicJwk};

use crate::{
    grant::{ByCookie, Grant, Tokens},
    model::View,
};

pub fn methods(methods: &mut Methods) {
    methods.unary("Login", login, granted);
    methods.unary("Refresh", refresh, |grant| {
        let LoginResponse {
            access_token,
            token_type,
            expires_in,
            refresh_token,
            csrf_token,
        } = granted(grant);
        RefreshResponse {
            access_token,
            token_type,
            expires_in,
            refresh_token,
            csrf_token,
        }
    });
    methods.unary("Logout", logout, |()| LogoutResponse {});
    methods.unary("Reset", reset, |()| ResetResponse {});
    methods.page("ListSessions", list_sessions, |sessions, _| {
        let sessions = sessions.into_iter().map(session).collect();
        ListSessionsResponse { sessions }
    });
    methods.unary("DeleteSession", delete_session, |()| {
        DeleteSessionResponse {}
    });
    methods.unary("DeleteSessions", delete_sessions, |()| {
        DeleteSessionsResponse {}
    });
    methods.one("GetMe", get_me, |me: User| GetMeResponse {
        user: Some(me.into()),
    });
    methods.unary("ListKeys", list_keys, |JwkSet { keys }| {
        let keys = keys.into_iter().map(key).collect();
        ListKeysResponse { keys }
    });
}

fn login(asked: LoginRequest) -> Call {
    Call::post("/auth/login")
        .field("username", asked.username)
        .field("password", asked.password)
        .field("cookies", asked.cookies)
}

fn refresh(asked: RefreshRequest) -> Call {
    Call::post("/auth/refresh").given("refresh_token", asked.refresh_token)
}

fn logout(asked: LogoutRequest) -> Call {
    Call::post("/auth/logout").given("refresh_token", asked.refresh_token)
}

fn reset(asked: ResetRequest) -> Call {
    Call::post("/auth/reset")
        .field("username", asked.username)
        .field("code", asked.code)
        .field("password", asked.password)
}

fn list_sessions(_: ListSessionsRequest) -> Call {
    Call::get("/auth/sessions")
}

fn delete_session(asked: DeleteSessionRequest) -> Call {
    Call::delete("/auth/sessions/:id").param("id", asked.id)
}

fn delete_sessions(_: DeleteSessionsRequest) -> Call {
    Call::delete("/auth/sessions")
}

fn get_me(_: GetMeRequest) -> Call {
    Call::get("/auth/me")
}

fn list_keys(_: ListKeysRequest) -> Call {
    Call::get("/auth/.well-known/jwks.json")
}

fn granted(grant: Grant) -> LoginResponse {
    match grant {
        Grant::Tokens(Tokens {
            access_token,
            token_type,
            expires_in,
            refresh_token,
        }) => LoginResponse {
            access_token: Some(access_token),
            token_type: token_type.to_owned(),
            expires_in: expires_in as i32,
            refresh_token: Some(refresh_token),
            csrf_token: None,
        },
        Grant::ByCookie(ByCookie {
            token_type,
            expires_in,
            csrf_token,
        }) => LoginResponse {
            access_token: None,
            token_type: token_type.to_owned(),
            expires_in: expires_in as i32,
            refresh_token: None,
            csrf_token: Some(csrf_token),
        },
    }
}

fn session(session: View) -> Session {
    Session {
        id: session.id.to_string(),
        agent: session.agent,
        current: session.current,
        usedon: Some(timestamp(session.usedon)),
        expires: Some(timestamp(session.expires)),
        createdon: Some(timestamp(session.createdon)),
    }
}

fn key(key: PublicJwk) -> PublicKey {
    PublicKey {
        kty: key.kty,
        crv: key.crv,
        x: key.x,
        kid: key.kid,
        r#use: key.usage,
        alg: key.alg,
    }
}
