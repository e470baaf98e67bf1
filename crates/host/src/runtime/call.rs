//! The request that an instance serves.

use std::{
    sync::{Arc, Mutex, PoisonError, atomic::AtomicU32},
    time::Instant,
};

/// The request from outside that a call belongs to.
#[derive(Debug)]
pub struct Origin {
    /// Its `x-request-id`, for the log.
    pub request_id: String,
    /// Where the server that took it listens, for calls of the application to itself.
    pub address: std::net::SocketAddr,
    /// How many chained calls it has caused.
    pub chained: AtomicU32,
}

/// All that an instance knows of the request it serves.
#[derive(Debug, Clone)]
pub struct Call {
    /// Where it came from.
    pub origin: Arc<Origin>,
    /// How many components lie between it and the client.
    pub depth: u32,
    /// When it is over time.
    pub end: Instant,
}

/// The call of an instance, in whose place the next one is set as a whole, for everybody who looks.
#[derive(Clone)]
pub struct Serving(Arc<Mutex<Call>>);

impl Serving {
    /// An instance that serves this call first.
    pub fn new(call: Call) -> Self {
        Self(Arc::new(Mutex::new(call)))
    }

    /// Serves this call from now on.
    pub fn begin(&self, call: Call) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = call;
    }

    /// The call that is served.
    pub fn call(&self) -> Call {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}
