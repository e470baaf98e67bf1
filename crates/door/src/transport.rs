//! The way out, as those see it who send.

use std::time::Duration;

use http::{Request, Response};

/// Sends requests, and knows the time and random numbers. Whoever sends does no I/O of their own, so that they run the same inside
/// a component, natively, and in tests on a clock that moves only when told to.
pub trait Transport {
    /// Sends one request and reads the whole answer, whatever its status, in at most `timeout`.
    async fn send(
        &self,
        request: Request<Vec<u8>>,
        timeout: Duration,
    ) -> Result<Response<Vec<u8>>, TransportError>;

    /// Waits.
    async fn sleep(&self, duration: Duration);

    /// Time since some fixed moment. It never goes backwards.
    fn elapsed(&self) -> Duration;

    /// A random number in `[0, 1)`, to spread retries.
    fn random(&self) -> f64;
}

/// Why no answer came. The texts are for the operator's log and hold no secret: a transport must not put headers in them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// No connection could be made, so the request was not seen by anyone.
    #[error("no connection: {0}")]
    Connect(String),
    /// The answer did not come in time. The request may have been carried out.
    #[error("no answer in time")]
    Timeout,
    /// Anything else, such as a connection that broke half-way. The request may have been carried out.
    #[error("{0}")]
    Other(String),
}
