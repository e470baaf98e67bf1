//! The same by gRPC.

use proto::{
    DeleteSessionRequest, DeleteSessionResponse, GetMeRequest, GetMeResponse, ListKeysRequest,
    ListKeysResponse, ListSessionsRequest, ListSessionsResponse, LoginRequest, LoginResponse,
    LogoutRequest, LogoutResponse, PublicKey, RefreshRequest, RefreshResponse, ResetRequest,
    ResetResponse,
};
use service::{
    cookies::{ACCESS, CSRF, REFRESH},
    grpc::timestamp,
    testing::{Code, Message, Status},
};

use super::*;
use crate::grpc;

impl World {
    fn called<P: Message + Default>(&self, call: Call) -> Result<P, Status> {
        run(call.unary(self.service(), crate::routes, grpc::methods))
    }

    fn login_by_grpc(&self, password: &str) -> Result<LoginResponse, Status> {
        self.called(login(password, false))
    }

    fn refresh_by_grpc(&self, token: &str) -> Result<RefreshResponse, Status> {
        let refresh_token = Some(token.to_owned());
        self.called(method("Refresh", &RefreshRequest { refresh_token }))
    }
}

fn method(name: &str, message: &impl Message) -> Call {
    Call::method(&format!("cinema.v1.Auth/{name}"), message)
}

fn login(password: &str, cookies: bool) -> Call {
    let message = LoginRequest {
        username: "ada".into(),
        password: password.into(),
        cookies,
    };
    method("Login", &message)
}

#[test]
fn tokens_are_in_the_message() {
    let world = World::new();
    let given = world.login_by_grpc(PASSWORD).unwrap();
    let refresh = given.refresh_token.clone().unwrap();
    assert_eq!(
        claims(given.access_token.as_ref().unwrap()).sub,
        world.ada.to_string()
    );
    assert_eq!(
        (given.token_type.as_str(), given.expires_in),
        ("Bearer", 900)
    );
    assert_eq!(given.csrf_token, None);
    let renewed = world.refresh_by_grpc(&refresh).unwrap();
    assert!(renewed.access_token.is_some() && renewed.csrf_token.is_none());
    assert_eq!(
        (renewed.token_type, renewed.expires_in),
        ("Bearer".into(), 900)
    );
    let refresh_token = renewed.refresh_token;
    assert!(refresh_token.is_some() && refresh_token != Some(refresh));
    let logout = LogoutRequest { refresh_token };
    let LogoutResponse {} = world.called(method("Logout", &logout)).unwrap();
    assert!(world.memory.documents("sessions").is_empty());
    let token = logout.refresh_token.unwrap();
    let over = world.refresh_by_grpc(&token).unwrap_err();
    assert_eq!(over.code(), Code::Unauthenticated);
    // Without one, and without a cookie, it is told which field it is to be in.
    let none: Result<RefreshResponse, _> =
        world.called(method("Refresh", &RefreshRequest::default()));
    let none = none.unwrap_err();
    assert_eq!(none.code(), Code::InvalidArgument);
    assert!(none.message().contains("refresh_token"), "{none}");
}

#[test]
fn cookies_come_as_metadata() {
    let world = World::new();
    let sent = |call: Call| run(call.metadata(world.service(), crate::routes, grpc::methods));
    let cookies = |headers: &http::HeaderMap| -> Vec<String> {
        let cookies = headers.get_all("set-cookie").iter();
        cookies
            .map(|cookie| cookie.to_str().unwrap().to_owned())
            .collect()
    };
    let headers = sent(login(PASSWORD, true));
    let set = cookies(&headers);
    assert!(
        [ACCESS, REFRESH, CSRF]
            .iter()
            .zip(&set)
            .all(|(name, cookie)| cookie.starts_with(name))
    );
    assert_eq!(
        (set.len(), &headers["cache-control"]),
        (3, &"no-store".parse().unwrap())
    );
    let pairs: Vec<_> = set
        .iter()
        .map(|cookie| cookie.split(';').next().unwrap())
        .collect();
    let (_, csrf) = pairs[2].split_once('=').unwrap();
    let by_browser =
        |name, message: &RefreshRequest| method(name, message).header("cookie", &pairs.join("; "));

    let message = RefreshRequest::default();
    let refused = world.called::<RefreshResponse>(by_browser("Refresh", &message));
    assert_eq!(refused.unwrap_err().code(), Code::PermissionDenied);
    let meant = || by_browser("Refresh", &message).header("x-csrf-token", csrf);
    let renewed: RefreshResponse = world.called(meant()).unwrap();
    assert_eq!((renewed.access_token, renewed.refresh_token), (None, None));
    assert!(cookies(&sent(meant()))[2].contains(&renewed.csrf_token.unwrap()));
    let given: LoginResponse = world.called(login(PASSWORD, true)).unwrap();
    assert_eq!((given.access_token, given.refresh_token), (None, None));
    assert!(given.csrf_token.is_some());

    let logout = by_browser("Logout", &message).header("x-csrf-token", csrf);
    let taken = cookies(&sent(logout));
    assert_eq!(taken.len(), 3);
    assert!(taken.iter().all(|cookie| cookie.contains("; Max-Age=0;")));
}

#[test]
fn who_guesses_has_to_wait() {
    let world = World::new();
    let code = |_| world.login_by_grpc("wrong horse").unwrap_err().code();
    let codes: Vec<_> = (0..20).map(code).collect();
    assert_eq!(codes[0], Code::Unauthenticated);
    assert_eq!(codes[19], Code::ResourceExhausted);
    let reset = ResetRequest {
        username: "ada".into(),
        code: "7K3M-Q9TX-2B4F-WZ8C".into(),
        password: "ada".into(),
    };
    let refused: Result<ResetResponse, _> = world.called(method("Reset", &reset));
    let refused = refused.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    assert!(refused.message().starts_with("password"), "{refused}");
}

#[test]
fn sessions_are_told_whole() {
    let world = World::new();
    let began = now();
    let call = login(PASSWORD, false).header("user-agent", "a test");
    let first: LoginResponse = world.called(call).unwrap();
    pass(60);
    let refresh_token = first.refresh_token.unwrap();
    world.refresh_by_grpc(&refresh_token).unwrap();
    let bearer = format!("Bearer {}", first.access_token.unwrap());
    let listed = || -> ListSessionsResponse {
        let call = method("ListSessions", &ListSessionsRequest {});
        world.called(call.header("authorization", &bearer)).unwrap()
    };
    let id = refresh_token.split('.').next().unwrap();
    let session = proto::Session {
        id: id.into(),
        agent: Some("a test".into()),
        current: true,
        usedon: Some(timestamp(now())),
        expires: Some(timestamp(began.after(crate::sessions::LIFETIME))),
        createdon: Some(timestamp(began)),
    };
    assert_eq!(listed().sessions, [session]);
    let delete = |id: &str| {
        let call = method("DeleteSession", &DeleteSessionRequest { id: id.into() });
        world.called::<DeleteSessionResponse>(call.header("authorization", &bearer))
    };
    let foreign = delete(&Id::new().to_string()).unwrap_err();
    assert_eq!(foreign.code(), Code::NotFound);
    delete(id).unwrap();
    assert!(listed().sessions.is_empty());
}

#[test]
fn oneself_and_the_keys_are_told_whole() {
    let world = World::new();
    let me = method("GetMe", &GetMeRequest {});
    let told: GetMeResponse = world.called(me.clone().customer(world.ada)).unwrap();
    let ada = proto::User {
        id: world.ada.to_string(),
        username: "ada".into(),
        firstname: "Ada".into(),
        lastname: "Lovelace".into(),
        role: proto::Role::Customer.into(),
        createdon: Some(timestamp(now())),
    };
    assert_eq!(told.user, Some(ada));
    let nobody = world.called::<GetMeResponse>(me).unwrap_err();
    assert_eq!(nobody.code(), Code::Unauthenticated);

    let told: ListKeysResponse = world
        .called(method("ListKeys", &ListKeysRequest {}))
        .unwrap();
    let key = PublicKey {
        kty: "OKP".into(),
        crv: "Ed25519".into(),
        x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo".into(),
        kid: "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k".into(),
        r#use: "sig".into(),
        alg: "EdDSA".into(),
    };
    assert_eq!(told.keys, [key]);
}
