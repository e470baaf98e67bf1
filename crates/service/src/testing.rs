//! A service without Spin, for native tests: requests by hand, answers to look at, siblings that are not there.

use std::{
    cell::RefCell,
    collections::HashMap,
    future::Future,
    pin::pin,
    rc::Rc,
    task::{Context, Poll, Waker},
    time::Duration,
};

use data_api_client::{Id, Moment};
use door::{Trace, Transport, TransportError};
use http::{HeaderMap, Method, Response, StatusCode};
use http_body_util::BodyExt;
pub use prost::Message;
use serde_json::Value;
use tokens::{Claims, LIFETIME, Signer};
use tonic::body::Body;
pub use tonic::{Code, Status};

use crate::{
    Access, Caller, Role, Routes, Service, Sibling,
    grpc::{self, Kind, Methods},
    serve,
    settings::Settings,
};

/// The public half of the key pair that RFC 8037 has as its example (appendix A), as a JWK Set.
pub const JWKS: &str = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","use":"sig","alg":"EdDSA","kid":"kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;

/// The private half.
pub const SIGNING_KEY: &str = r#"{"kty":"OKP","crv":"Ed25519","kid":"kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"}"#;

/// A token that the services of a test believe.
///
/// # Panics
/// Where it can't be signed.
pub fn token(id: Id, role: Role) -> String {
    signed(id, role, None)
}

/// A token that comes by cookie, and this CSRF token with it.
///
/// # Panics
/// Where it can't be signed.
pub fn cookie_token(id: Id, role: Role, csrf: &str) -> String {
    signed(id, role, Some(tokens::digest(csrf)))
}

fn signed(id: Id, role: Role, csrf: Option<String>) -> String {
    let now = Moment::now().millis().unsigned_abs() / 1000;
    let claims = Claims {
        iss: "cinema".into(),
        aud: "cinema".into(),
        sub: id.to_string(),
        role,
        iat: now,
        exp: now + LIFETIME,
        jti: Id::new().to_string(),
        csrf,
        sid: None,
    };
    let signer = Signer::new(SIGNING_KEY).expect("a signing key");
    signer.sign(&claims).expect("a token")
}

/// Every route of a service: its method, its path, and whom it is open to.
pub fn table<S: Service>(
    routes: impl FnOnce(&mut Routes<S>),
) -> Vec<(String, &'static str, Access)> {
    let rows = rows(routes).into_iter();
    rows.map(|(method, path, access, _)| (method, path, access))
        .collect()
}

/// The same, with the parameters that its query may have.
pub fn rows<S: Service>(
    routes: impl FnOnce(&mut Routes<S>),
) -> Vec<(String, &'static str, Access, &'static [&'static str])> {
    let mut table = Routes::new();
    routes(&mut table);
    let row = |(path, route): (_, &crate::routes::Route<S>)| {
        let (method, access, query) = route.row();
        (method, path, access, query)
    };
    table.all().map(row).collect()
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as JSON; null where it is none.
    pub json: Value,
}

/// A request to be sent to a service.
#[derive(Debug, Clone)]
pub struct Call {
    head: http::request::Parts,
    body: Vec<u8>,
    settings: HashMap<String, String>,
    standing: Option<Option<Role>>,
}

impl Call {
    /// A request without a body.
    ///
    /// # Panics
    /// Where the path is no path.
    pub fn new(method: &str, path: &str) -> Self {
        let mut request = http::Request::new(());
        *request.method_mut() = Method::from_bytes(method.as_bytes()).expect("a method");
        *request.uri_mut() = path.parse().expect("a path");
        let settings = [
            ("auth_jwks", JWKS),
            ("auth_signing_key", SIGNING_KEY),
            ("auth_issuer", "cinema"),
            ("auth_audience", "cinema"),
        ];
        Self {
            head: request.into_parts().0,
            body: Vec::new(),
            standing: None,
            settings: settings
                .map(|(name, value)| (name.into(), value.into()))
                .into(),
        }
    }

    /// A `GET`.
    pub fn get(path: &str) -> Self {
        Self::new("GET", path)
    }

    /// A request with a JSON body.
    pub fn json(method: &str, path: &str, body: &Value) -> Self {
        let mut call = Self::new(method, path).header("content-type", "application/json");
        call.body = body.to_string().into_bytes();
        call
    }

    /// A call by gRPC of a method, such as `cinema.v1.Movies/GetMovie`.
    ///
    /// # Panics
    /// Where the method has no such name.
    pub fn method(method: &str, message: &impl Message) -> Self {
        let mut call = Self::new("POST", &format!("/{method}"));
        call.body = framed(&message.encode_to_vec());
        call.header("content-type", "application/grpc")
    }

    /// With this body.
    pub fn body(mut self, body: &str) -> Self {
        self.body = body.as_bytes().to_vec();
        self
    }

    /// With a header.
    ///
    /// # Panics
    /// Where it is no header.
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.head
            .headers
            .append(name, value.parse().expect("a header value"));
        self
    }

    /// From somebody who runs the cinema.
    pub fn staff(self) -> Self {
        self.bearer(&token(Id::new(), Role::Staff))
    }

    /// From this one of those who run it.
    pub fn staff_user(self, id: Id) -> Self {
        self.bearer(&token(id, Role::Staff))
    }

    /// From this customer.
    pub fn customer(self, id: Id) -> Self {
        self.bearer(&token(id, Role::Customer))
    }

    fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// From somebody who has this role by now, or is not there any more; else they are whom their token says.
    pub fn from_now(mut self, role: Option<Role>) -> Self {
        self.standing = Some(role);
        self
    }

    /// To a service with this setting.
    pub fn setting(mut self, name: &str, value: &str) -> Self {
        self.settings.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Sends it through a service's routes.
    pub async fn send<S: Service>(
        self,
        name: &'static str,
        service: impl FnOnce() -> S,
        routes: impl FnOnce(&mut Routes<S>),
    ) -> Answer {
        let request = http::Request::from_parts(self.head, self.body);
        let settings = Settings::new(move |name| self.settings.get(name).cloned());
        let now = self.standing;
        let standing = async move |_, caller: Caller| Ok(now.unwrap_or(Some(caller.role)));
        let open = |_| Ok(service());
        let response = serve::answer(name, request, settings, standing, open, routes).await;
        let (parts, body) = response.into_parts();
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            json: serde_json::from_slice(&body).unwrap_or_default(),
        }
    }

    /// Sends it to a service's methods; the message of the answer.
    ///
    /// # Panics
    /// Where it is answered by none, or by several.
    pub async fn unary<S: Service, P: Message + Default>(
        self,
        service: impl Fn() -> S + Clone + 'static,
        routes: impl Fn(&mut Routes<S>) + Clone + 'static,
        methods: impl FnOnce(&mut Methods),
    ) -> Result<P, Status> {
        let mut messages = self.stream(service, routes, methods).await?;
        let message = messages.pop().filter(|_| messages.is_empty());
        Ok(message.expect("one message"))
    }

    /// The same with any number of messages.
    ///
    /// # Panics
    /// Where the answer is not as gRPC has it.
    pub async fn stream<S: Service, P: Message + Default>(
        self,
        service: impl Fn() -> S + Clone + 'static,
        routes: impl Fn(&mut Routes<S>) + Clone + 'static,
        methods: impl FnOnce(&mut Methods),
    ) -> Result<Vec<P>, Status> {
        let (head, body) = self.answered(service, routes, methods).await.into_parts();
        let body = body.collect().await?;
        let status = Status::from_header_map(body.trailers().unwrap_or(&head.headers));
        let status = status.expect("a status");
        if status.code() != Code::Ok {
            return Err(status);
        }
        Ok(messages(&body.to_bytes()))
    }

    /// The metadata that the answer begins with.
    pub async fn metadata<S: Service>(
        self,
        service: impl Fn() -> S + Clone + 'static,
        routes: impl Fn(&mut Routes<S>) + Clone + 'static,
        methods: impl FnOnce(&mut Methods),
    ) -> HeaderMap {
        let response = self.answered(service, routes, methods).await;
        response.into_parts().0.headers
    }

    async fn answered<S: Service>(
        self,
        service: impl Fn() -> S + Clone + 'static,
        routes: impl Fn(&mut Routes<S>) + Clone + 'static,
        methods: impl FnOnce(&mut Methods),
    ) -> Response<Body> {
        let mut request = http::Request::from_parts(self.head, self.body);
        let headers = Rc::new(std::mem::take(request.headers_mut()));
        let trace = Trace::of(&headers);
        let settings = Settings::new(move |name| self.settings.get(name).cloned());
        let now = self.standing;
        let standing = async move |_, caller: Caller| Ok(now.unwrap_or(Some(caller.role)));
        let open = move |_| Ok(service());
        let ask = grpc::asking(
            Rc::clone(&headers),
            (trace, settings),
            standing,
            open,
            routes,
        );
        grpc::answer(Kind::Grpc, request, &headers, ask, methods).await
    }
}

/// A message with its prefix.
fn framed(message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).expect("a message's length");
    [&[0], length.to_be_bytes().as_slice(), message].concat()
}

/// What [`framed`] was done to, one after another.
fn messages<P: Message + Default>(mut body: &[u8]) -> Vec<P> {
    let mut messages = Vec::new();
    while let Some(([0, length @ ..], rest)) = body.split_first_chunk::<5>() {
        let (message, rest) = rest.split_at(u32::from_be_bytes(*length) as usize);
        messages.push(P::decode(message).expect("a message"));
        body = rest;
    }
    messages
}

/// Where siblings that are not there are.
const ADDRESS: &str = "http://sibling.invalid";

type Answers = HashMap<String, (StatusCode, Vec<u8>)>;

/// A sibling that knows answers by path and query, after the method where that is not `GET`, and what it was asked.
#[derive(Debug, Clone, Default)]
pub struct FakeSibling {
    name: &'static str,
    answers: Rc<RefCell<Answers>>,
    asked: Rc<RefCell<Vec<String>>>,
}

impl FakeSibling {
    /// A sibling that knows nothing yet.
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            ..Self::default()
        }
    }

    /// The way to ask it.
    pub fn sibling(&self) -> Sibling<Self> {
        Sibling::new(self.name, ADDRESS, self.clone())
    }

    /// Has it answer a path and query with a body.
    pub fn answer(&self, path: &str, body: &Value) -> &Self {
        self.put(path, StatusCode::OK, body.to_string())
    }

    /// Has it fail at a path and query.
    pub fn fail(&self, path: &str) -> &Self {
        self.put(path, StatusCode::SERVICE_UNAVAILABLE, String::new())
    }

    /// Has it refuse a path and query as a conflict, with a problem.
    pub fn conflict(&self, path: &str, problem: &Value) -> &Self {
        self.put(path, StatusCode::CONFLICT, problem.to_string())
    }

    fn put(&self, path: &str, status: StatusCode, body: String) -> &Self {
        let mut answers = self.answers.borrow_mut();
        answers.insert(path.to_owned(), (status, body.into_bytes()));
        self
    }

    /// What it was asked for, in order; after what is no `GET`, with the body.
    pub fn asked(&self) -> Vec<String> {
        self.asked.borrow().clone()
    }
}

impl Transport for FakeSibling {
    async fn send(
        &self,
        request: http::Request<Vec<u8>>,
        _: Duration,
    ) -> Result<Response<Vec<u8>>, TransportError> {
        let mut path = request.uri().to_string().replacen(ADDRESS, "", 1);
        if request.method() != Method::GET {
            path = format!("{} {path}", request.method());
        }
        let answer = self.answers.borrow().get(&path).cloned();
        if !request.body().is_empty() {
            path = format!("{path} {}", String::from_utf8_lossy(request.body()));
        }
        self.asked.borrow_mut().push(path);
        let (status, body) = answer.unwrap_or((StatusCode::NOT_FOUND, Vec::new()));
        let mut response = Response::new(body);
        *response.status_mut() = status;
        Ok(response)
    }

    async fn sleep(&self, _: Duration) {}

    fn elapsed(&self) -> Duration {
        Duration::ZERO
    }

    fn random(&self) -> f64 {
        0.0
    }
}

/// Runs a future that waits for nothing outside, as those on storage in memory are.
///
/// # Panics
/// Where it does wait.
pub fn run<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("a future of a native test waits for something outside"),
    }
}
