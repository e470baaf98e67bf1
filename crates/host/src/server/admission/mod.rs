//! Who is let in, and when: so that nobody, however many they are and however slow, shuts others out.
//!
//! - `client`: whom a request is counted for
//! - `pattern`: requests that an option names
//! - `arrival`: bodies, which are there before their requests get a place
//! - `places`: how many requests are worked on at once
//! - `share`: how much of something an address has

mod arrival;
mod client;
mod pattern;
mod places;
mod share;

use std::{net::IpAddr, num::NonZeroU32, time::Duration};

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter, clock::Clock as _};
use http::{HeaderMap, Method, StatusCode};
use hyper::body::Incoming;

use super::ServeOptions;
use arrival::Arrivals;
pub use arrival::Arrived;
pub use pattern::Pattern;
use pattern::Patterns;
pub use places::Place;
use places::Places;
pub use share::{Share, Shares};

/// Why somebody is not let in: what they are told.
#[derive(Debug)]
pub struct Refusal {
    pub status: StatusCode,
    pub detail: String,
    /// When to come again.
    pub retry_after: Option<Duration>,
}

impl Refusal {
    /// With this status.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            status,
            detail: detail.into(),
            retry_after: None,
        }
    }

    fn busy(detail: &str) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, detail)
    }
}

/// What decides who is let in.
pub struct Admission {
    trusted: Vec<ipnet::IpNet>,
    arrivals: Arrivals,
    places: Places,
    limited: Patterns,
    rate: DefaultKeyedRateLimiter<IpAddr>,
}

impl Admission {
    /// By these options.
    pub fn new(options: &ServeOptions) -> Self {
        let rate = NonZeroU32::new(options.rate).unwrap_or(NonZeroU32::MIN);
        Self {
            trusted: options.trusted_proxies.clone(),
            arrivals: Arrivals::new(options),
            places: Places::new(options),
            limited: Patterns::new(&options.limited),
            rate: RateLimiter::keyed(Quota::per_minute(rate)),
        }
    }

    /// The address that a request with these headers from there is counted for; none for a trusted proxy itself.
    pub fn counted(&self, peer: IpAddr, headers: &HeaderMap) -> Option<IpAddr> {
        client::counted(peer, headers, &self.trusted)
    }

    /// Counts a request against the rate of its address, where that has a limit.
    ///
    /// # Errors
    /// 429, where it has asked too often.
    pub fn rate(
        &self,
        method: &Method,
        path: &str,
        address: Option<IpAddr>,
    ) -> Result<(), Refusal> {
        let Some(address) = address else {
            return Ok(());
        };
        if !self.limited.have(method, path) {
            return Ok(());
        }
        self.rate.check_key(&address).map_err(|until| Refusal {
            retry_after: Some(until.wait_time_from(self.rate.clock().now())),
            ..Refusal::new(
                StatusCode::TOO_MANY_REQUESTS,
                "too many such requests from this address; try again later",
            )
        })
    }

    /// A body, once it is there as a whole, or that of a call of gRPC with its first message.
    ///
    /// # Errors
    /// 408, 413, 400, and 503 where too many bytes of bodies are waiting.
    pub async fn arrive(&self, body: Incoming, call: bool) -> Result<Arrived, Refusal> {
        self.arrivals.arrive(body, call).await
    }

    /// A place to be worked on, which is given back when it is dropped.
    ///
    /// # Errors
    /// 503, where there is none.
    pub async fn place(
        &self,
        method: &Method,
        path: &str,
        address: Option<IpAddr>,
    ) -> Result<Place, Refusal> {
        self.places.take(method, path, address).await
    }

    /// How many requests have a place.
    pub fn in_flight(&self) -> usize {
        self.places.taken()
    }

    /// How many wait for a place of costly ones.
    pub fn waiting(&self) -> usize {
        self.places.waiting()
    }

    /// How many places there are.
    pub fn places(&self) -> usize {
        self.places.most
    }

    /// Waits until no request has a place any more, though its client may be gone.
    pub async fn emptied(&self) {
        self.places.emptied().await;
    }

    /// Forgets the rates of those who have not asked for a while.
    pub fn forget(&self) {
        self.rate.retain_recent();
    }
}
