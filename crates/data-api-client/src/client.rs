//! One storage, and the way every request to it goes.

use std::{pin::pin, rc::Rc, time::Duration};

use bson::{Document, doc, oid::ObjectId};
use data_api_protocol::Action;
use futures::future::{Either, select};
use http::{HeaderValue, Method, Request, Response, StatusCode, header};

use crate::protocol::{self, Answer, Fault};
use crate::retry::{self, Tries};
use crate::{Config, Error, Raw};
use door::Transport;

/// How long a probe's write may wait for its turn.
const PATIENCE: Duration = Duration::from_secs(1);

/// A client of one storage. A clone is cheap, and shares everything.
pub struct Client<T> {
    inner: Rc<Inner<T>>,
}

struct Inner<T> {
    config: Rc<Config>,
    transport: T,
}

impl<T> Clone for Client<T> {
    fn clone(&self) -> Self {
        Self {
            inner: Rc::clone(&self.inner),
        }
    }
}

/// How a call ended: with an answer, or with an error after how many tries.
pub(crate) struct Outcome {
    pub(crate) result: Result<Answer, Error>,
    /// Whether an earlier try may have been carried out unseen.
    pub(crate) repeated: bool,
}

impl<T: Transport> Client<T> {
    /// A client of the storage at `config`. Nothing is sent yet.
    pub fn new(config: impl Into<Rc<Config>>, transport: T) -> Self {
        let config = config.into();
        Self {
            inner: Rc::new(Inner { config, transport }),
        }
    }

    /// Whether storage answers: one question to it, tried once.
    pub async fn ping(&self) -> Result<(), Error> {
        let question =
            doc! {"filter": {"_id": ObjectId::from_bytes([0; 12])}, "projection": {"_id": 1}};
        let answer = self.call(Action::FindOne, "ping", &question, false).await;
        answer
            .result?
            .document()
            .map(drop)
            .map_err(|what| malformed(Action::FindOne, &what))
    }

    /// Whether storage answers and takes writes, each tried once. A write that waits for somebody else's lock, such as a backup's,
    /// is no fault: reads go on meanwhile.
    ///
    /// # Errors
    /// As for any request; with a full disk, say, storage answers and takes nothing.
    pub async fn ready(&self) -> Result<(), Error> {
        let probes = self.collection::<Raw>("health");
        let id = doc! {"_id": ObjectId::from_bytes([0; 12])};
        let write = probes.update_one_upsert(id, doc! {"$inc": {"probes": 1}});
        match select(pin!(write), pin!(self.inner.transport.sleep(PATIENCE))).await {
            // Another's probe came first.
            Either::Left((Ok(_) | Err(Error::DuplicateKey), _)) => Ok(()),
            Either::Left((Err(error), _)) => Err(error),
            Either::Right(_) => self.ping().await,
        }
    }

    /// Asks storage for `action`. `repeat` says that it may be tried again: doing it twice is as good as once.
    pub(crate) async fn call(
        &self,
        action: Action,
        collection: &str,
        arguments: &Document,
        repeat: bool,
    ) -> Outcome {
        let body = self.body(collection, arguments);
        let mut tries = Tries::new(&self.inner.transport, repeat);
        loop {
            let timeout = tries.begin();
            let request = body.clone().and_then(|body| self.request(action, body));
            let answer = match request {
                Ok(request) => self.inner.transport.send(request, timeout).await,
                Err(error) => {
                    return Outcome {
                        result: Err(error),
                        repeated: false,
                    };
                }
            };
            let result = match answer {
                Ok(response) => self.read(action, &response),
                Err(error) => Err(Error::Unavailable {
                    reason: self.inner.config.auth.hide(&error.to_string()),
                    retry_after: None,
                }),
            };
            if let Err(Error::Unavailable { retry_after, .. }) = &result
                && tries.wait(*retry_after).await
            {
                continue;
            }
            return Outcome {
                result,
                repeated: tries.is_repeat(),
            };
        }
    }

    fn body(&self, collection: &str, arguments: &Document) -> Result<Vec<u8>, Error> {
        let config = &self.inner.config;
        let mut body = doc! {
            "dataSource": &config.data_source,
            "database": &config.database,
            "collection": collection,
        };
        body.extend(arguments.clone());
        protocol::body(&body).map_err(|message| Error::Refused {
            status: 400,
            code: "BadValue".to_owned(),
            message,
        })
    }

    fn request(&self, action: Action, body: Vec<u8>) -> Result<Request<Vec<u8>>, Error> {
        let Config { url, path, .. } = &*self.inner.config;
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(format!("{url}{path}/action/{}", action.name()))
            .body(body)
            .map_err(|_| unusable("data_api_url and data_api_path make no address"))?;
        let headers = request.headers_mut();
        headers.extend(self.inner.config.auth.headers().map_err(unusable)?);
        // FerretDB refuses `application/ejson`.
        let json = HeaderValue::from_static("application/json");
        headers.insert(header::CONTENT_TYPE, json.clone());
        headers.insert(header::ACCEPT, json);
        Ok(request)
    }

    fn read(&self, action: Action, response: &Response<Vec<u8>>) -> Result<Answer, Error> {
        let status = response.status();
        if matches!(status, StatusCode::OK | StatusCode::CREATED) {
            return Answer::parse(response).map_err(|what| malformed(action, &what));
        }
        let fault = Fault::parse(response.body());
        if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)
            || fault.as_ref().is_some_and(Fault::is_credentials)
        {
            return Err(self.credentials_refused(status));
        }
        let auth = &self.inner.config.auth;
        Err(match fault {
            Some(fault) if fault.is_duplicate_key() => Error::DuplicateKey,
            Some(fault) if fault.is_final() || !protocol::is_temporary(status) => Error::Refused {
                status: status.as_u16(),
                code: auth.hide(&fault.code),
                message: auth.hide(&fault.message),
            },
            fault if protocol::is_temporary(status) => {
                let said = fault.map_or(String::new(), |fault| format!(": {}", fault.message));
                Error::Unavailable {
                    reason: auth.hide(&format!("it answered {status}{said}")),
                    retry_after: retry::retry_after(response.headers()),
                }
            }
            _ => malformed(
                action,
                &format!("it answered {status}; check data_api_url and data_api_path"),
            ),
        })
    }

    /// A server may repeat what it was sent, so its own words are left out.
    fn credentials_refused(&self, status: StatusCode) -> Error {
        Error::Refused {
            status: status.as_u16(),
            code: Error::CREDENTIALS.to_owned(),
            message: format!(
                "storage does not accept our credentials, which are {:?}; check data_api_key, data_api_username, \
                 data_api_email, data_api_password, data_api_jwt and data_api_token, and what they may read and write",
                self.inner.config.auth
            ),
        }
    }
}

pub(crate) fn malformed(action: Action, what: &str) -> Error {
    Error::Malformed(format!("{}: {what}", action.name()))
}

/// Only for a configuration put together by hand: `Config::from_settings` has looked at all of it.
fn unusable(what: impl ToString) -> Error {
    Error::Unavailable {
        reason: what.to_string(),
        retry_after: None,
    }
}
