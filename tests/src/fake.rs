//! Servers that stand in for storage or for a sibling service, and behave as badly as they are told to.

use std::collections::VecDeque;
use std::net::{SocketAddr, TcpListener as StdListener};
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use data_api_client::bson::{Bson, Document};
use data_api_client::memory::Memory;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::HeaderMap;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::LocalSet;

use crate::Api;

/// How a server treats one request.
#[derive(Debug, Clone)]
pub enum Way {
    /// As it should.
    Good,
    /// As it should, after so long.
    Slow(Duration),
    /// With this status, these headers and this body, without doing anything.
    Answer(u16, Vec<(&'static str, String)>, String),
    /// With these bytes and the end of the connection.
    Bytes(&'static [u8]),
    /// As it should, but the connection is closed before the answer.
    LostAnswer,
}

impl Way {
    /// An answer of some status and body, by the name of JSON.
    pub fn json(status: u16, body: &str) -> Self {
        let headers = vec![("content-type", "application/json".to_owned())];
        Self::Answer(status, headers, body.to_owned())
    }

    /// A web page, with a status of 200.
    pub fn html() -> Self {
        let headers = vec![("content-type", "text/html".to_owned())];
        Self::Answer(
            200,
            headers,
            "<!doctype html><title>Welcome</title>".to_owned(),
        )
    }
}

/// A request that a server has seen.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

#[derive(Default)]
struct Control {
    always: Option<Way>,
    next: VecDeque<Way>,
    seen: Vec<Seen>,
}

/// A server on a port of its own, for as long as it is held.
pub struct Fake {
    address: SocketAddr,
    control: Arc<Mutex<Control>>,
    _end: oneshot::Sender<()>,
}

/// What a server does when it is good: a status and a JSON body.
pub type Handler = Box<dyn Fn(&Seen) -> (u16, Vec<u8>)>;

impl Fake {
    /// A server whose good ways are those of a handler, which is made and lives in the server's own thread.
    pub fn start(make: impl FnOnce() -> Handler + Send + 'static) -> Self {
        let listener = StdListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let control = Arc::new(Mutex::new(Control::default()));
        let (end, ended) = oneshot::channel::<()>();
        let shared = Arc::clone(&control);
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            let handler: Rc<Handler> = Rc::new(make());
            let serving = async move {
                let listener = TcpListener::from_std(listener).unwrap();
                loop {
                    let Ok((stream, _)) = listener.accept().await else {
                        break;
                    };
                    tokio::task::spawn_local(serve(
                        stream,
                        Rc::clone(&handler),
                        Arc::clone(&shared),
                    ));
                }
            };
            LocalSet::new().block_on(&runtime, async {
                tokio::select! {
                    () = serving => {}
                    // The sender is dropped with the server.
                    _ = ended => {}
                }
            });
        });
        Self {
            address,
            control,
            _end: end,
        }
    }

    /// A sibling service that answers every request with a status and a body.
    pub fn answering(status: u16, body: Value) -> Self {
        Self::start(move || Box::new(move |_| (status, body.to_string().into_bytes())))
    }

    /// Its address, such as `http://127.0.0.1:4711`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Treats every request so, from now on.
    pub fn always(&self, way: Way) {
        self.control.lock().unwrap().always = Some(way);
    }

    /// Treats the next requests so, one way each, and those after them as before.
    pub fn next(&self, ways: impl IntoIterator<Item = Way>) {
        self.control.lock().unwrap().next.extend(ways);
    }

    /// Whether every way that was to come next has been used.
    pub fn idle(&self) -> bool {
        self.control.lock().unwrap().next.is_empty()
    }

    /// The requests seen since this was last asked.
    pub fn seen(&self) -> Vec<Seen> {
        std::mem::take(&mut self.control.lock().unwrap().seen)
    }
}

/// One connection, for one request: so the way can be chosen before a byte is read.
async fn serve(mut stream: TcpStream, handler: Rc<Handler>, control: Arc<Mutex<Control>>) {
    let way = {
        let mut control = control.lock().unwrap();
        let next = control.next.pop_front();
        next.or_else(|| control.always.clone()).unwrap_or(Way::Good)
    };
    if let Way::Bytes(bytes) = way {
        let _ = stream.read(&mut [0; 64 * 1024]).await;
        let _ = stream.write_all(bytes).await;
        let _ = stream.shutdown().await;
        // What is left of the request is read, lest closing the connection take back what was written.
        let rest = async {
            while stream
                .read(&mut [0; 4096])
                .await
                .is_ok_and(|count| count > 0)
            {}
        };
        let _ = tokio::time::timeout(Duration::from_secs(1), rest).await;
        return;
    }
    let answer = service_fn(move |request: Request<Incoming>| {
        let (way, handler, control) = (way.clone(), Rc::clone(&handler), Arc::clone(&control));
        async move {
            let (parts, body) = request.into_parts();
            let body = body.collect().await?.to_bytes().to_vec();
            let seen = Seen {
                method: parts.method.to_string(),
                path: parts
                    .uri
                    .path_and_query()
                    .map_or("/".to_owned(), ToString::to_string),
                headers: parts.headers,
                body,
            };
            control.lock().unwrap().seen.push(seen.clone());
            respond(way, &handler, &seen).await
        }
    });
    let _ = http1::Builder::new()
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), answer)
        .await;
}

async fn respond(
    way: Way,
    handler: &Handler,
    seen: &Seen,
) -> Result<Response<Full<Bytes>>, Box<dyn std::error::Error + Send + Sync>> {
    let good = |seen| {
        let (status, body) = handler(seen);
        let response = Response::builder()
            .status(status)
            .header("content-type", "application/json");
        response.body(Full::new(Bytes::from(body)))
    };
    match way {
        Way::Good => Ok(good(seen)?),
        Way::Slow(time) => {
            tokio::time::sleep(time).await;
            Ok(good(seen)?)
        }
        Way::Answer(status, headers, body) => {
            let mut response = Response::builder().status(status);
            for (name, value) in headers {
                response = response.header(name, value);
            }
            Ok(response.body(Full::new(Bytes::from(body)))?)
        }
        Way::LostAnswer => {
            good(seen)?;
            // hyper closes the connection without an answer.
            Err("the answer is lost".into())
        }
        Way::Bytes(_) => Err("served before".into()),
    }
}

/// A Data API whose documents are in memory: storage that behaves as badly as it is told to.
pub struct DataApi {
    fake: Fake,
    api: Api,
}

impl DataApi {
    /// An empty one.
    pub fn start() -> Self {
        let fake = Fake::start(|| {
            let memory = Memory::new();
            Box::new(move |seen: &Seen| {
                let answer = memory.answer(&seen.path, &seen.body);
                (answer.status().as_u16(), answer.into_body())
            })
        });
        let api = Api::new(&fake.url());
        Self { fake, api }
    }

    /// Stores a document as another program would.
    pub async fn put(&self, collection: &str, document: Document) {
        let document = Bson::Document(document).into_canonical_extjson();
        self.ask("insertOne", collection, json!({"document": document}))
            .await;
    }

    /// The documents of a collection.
    pub async fn documents(&self, collection: &str) -> Vec<Document> {
        let answer = self.ask("find", collection, json!({"filter": {}})).await;
        let Ok(Bson::Array(documents)) = Bson::try_from(answer["documents"].clone()) else {
            panic!("no documents: {answer}");
        };
        documents
            .iter()
            .map(|document| document.as_document().unwrap().clone())
            .collect()
    }

    /// Changes fields of the one document of a collection that this filter finds, as another program would.
    pub async fn set(&self, collection: &str, filter: Document, fields: Document) {
        let extended = |document| Bson::Document(document).into_canonical_extjson();
        let body = json!({"filter": extended(filter), "update": {"$set": extended(fields)}});
        let answer = self.ask("updateOne", collection, body).await;
        assert_eq!(answer["matchedCount"].as_u64(), Some(1), "{answer}");
    }

    async fn ask(&self, action: &str, collection: &str, mut body: Value) -> Value {
        body["dataSource"] = json!("tests");
        body["database"] = json!("cinema");
        body["collection"] = json!(collection);
        let request = self
            .api
            .request("POST", &format!("/action/{action}"))
            .json(&body);
        let answer = self.api.send(request).await;
        assert!(answer.status < 300, "{answer:?}");
        self.forget(action);
        answer.json()
    }

    /// What the harness itself asked is not the application's.
    fn forget(&self, action: &str) {
        let mut control = self.fake.control.lock().unwrap();
        let own = control.seen.iter().rposition(|seen| {
            seen.path.ends_with(action)
                && String::from_utf8_lossy(&seen.body).contains(r#""tests""#)
        });
        if let Some(own) = own {
            control.seen.remove(own);
        }
    }
}

impl std::ops::Deref for DataApi {
    type Target = Fake;

    fn deref(&self) -> &Fake {
        &self.fake
    }
}
