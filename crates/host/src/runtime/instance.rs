//! An instance of a component, from one request to the next.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use http::{HeaderValue, Request, Response, header::HOST};
use http_body_util::BodyExt;
use wasmtime::{Result, Store, UpdateDeadline};
use wasmtime_wasi_http::{
    WasiBody, WasiHttpView,
    p2::bindings::{Proxy, http::types::Scheme},
};

use super::{
    Loaded, Runtime,
    call::Call,
    counts::{Counts, Ending, Life},
    grpc, response,
    state::State,
};

/// What serves requests, one after another.
pub struct Instance {
    store: Store<State>,
    /// None before its first request.
    proxy: Option<Proxy>,
    served: u32,
    born: Instant,
    life: Life,
}

impl Instance {
    /// An instance with this state, which serves the call in it first.
    pub fn new(runtime: &Runtime, counts: &Arc<Counts>, state: State) -> Self {
        let mut store = Store::new(&runtime.engine, state);
        store.limiter(State::limiter);
        store.epoch_deadline_callback(|store| {
            if Instant::now() < store.data().serving.call().end {
                // By way of tokio, which then looks at the network too; a plain yield would be first in line again.
                Ok(UpdateDeadline::YieldCustom(
                    1,
                    Box::pin(tokio::task::yield_now()),
                ))
            } else {
                Err(over_time())
            }
        });
        Self {
            store,
            proxy: None,
            served: 0,
            born: Instant::now(),
            life: Life::begin(counts),
        }
    }

    /// Serves this call next.
    pub fn begin(&self, call: Call) {
        self.life.reuse();
        self.store.data().serving.begin(call);
    }

    /// How many requests it has served.
    pub fn served(&self) -> u32 {
        self.served
    }

    /// How long it has been there.
    pub fn age(&self) -> Duration {
        self.born.elapsed()
    }

    /// The memory it has, in bytes.
    pub fn memory(&self) -> usize {
        self.store.data().memory()
    }

    /// Whether its last request has left something behind.
    pub fn is_littered(&mut self) -> bool {
        self.store.data_mut().is_littered()
    }

    /// Ends it, though it has not failed.
    pub fn end(mut self, ending: Ending) {
        self.life.end(ending);
    }

    /// Hands the request over and waits for the answer. When all has ended well, and only then, the instance may serve again.
    pub async fn answer(
        mut self,
        component: Arc<Loaded>,
        mut request: Request<WasiBody>,
        held: impl Send + 'static,
    ) -> Result<Response<WasiBody>> {
        if request.uri().authority().is_none() && !request.headers().contains_key(HOST) {
            let nobody = HeaderValue::from_static("localhost");
            request.headers_mut().insert(HOST, nobody);
        }
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let state = self.store.data_mut();
        let end = state.serving.call().end;
        let unread = state.unread.clone();
        let call = grpc::is_call(request.headers()).then_some(end);
        let request = request.map(|body| unread.watch(body).boxed_unsync());
        let mut view = state.http();
        let request = view.new_incoming_request(Scheme::Http, request)?;
        let out = view.new_response_outparam(sender)?;
        let guest = Box::pin(async move {
            let _held = held;
            let run = async {
                self.store.set_epoch_deadline(1);
                let proxy = match self.proxy.take() {
                    Some(proxy) => proxy,
                    None => component.pre.instantiate_async(&mut self.store).await?,
                };
                let handler = proxy.wasi_http_incoming_handler();
                handler.call_handle(&mut self.store, request, out).await?;
                Ok(proxy)
            };
            let proxy = tokio::time::timeout_at(end.into(), run)
                .await
                .map_err(|_| over_time())
                .flatten()?;
            self.store.data().end_lines();
            self.proxy = Some(proxy);
            self.served += 1;
            component.idle.keep(self);
            Ok(())
        });
        response::gather(guest, receiver, call).await
    }
}

fn over_time() -> wasmtime::Error {
    wasmtime::Error::msg("it was over time")
}
