//! How many requests are worked on at once.

use std::{net::IpAddr, sync::Arc, time::Duration};

use http::Method;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use super::{Refusal, Share, Shares, pattern::Patterns};
use crate::server::ServeOptions;

/// Places for probes alone.
const PROBES: u32 = 8;

/// How many wait at once for one of the places of costly requests, and for how long.
const WAITING: usize = 32;
const PATIENCE: Duration = Duration::from_secs(2);

/// The places that there are.
pub struct Places {
    /// How many there are, but for those of probes.
    pub most: usize,
    all: Arc<Semaphore>,
    each: Shares,
    probed: Patterns,
    probes: Arc<Semaphore>,
    costly: Patterns,
    cost: Arc<Semaphore>,
    waiting: Semaphore,
}

/// A request's place, until it is dropped.
pub struct Place {
    _permits: [Option<OwnedSemaphorePermit>; 2],
    _share: Option<Share>,
}

impl Places {
    /// As many as the options say.
    pub fn new(options: &ServeOptions) -> Self {
        Self {
            most: options.in_flight,
            all: Arc::new(Semaphore::new(options.in_flight)),
            each: Shares::new(options.in_flight.div_ceil(2)),
            probed: Patterns::new(&options.probes),
            probes: Arc::new(Semaphore::new(PROBES as usize)),
            costly: Patterns::new(&options.costly),
            cost: Arc::new(Semaphore::new(options.costly_in_flight)),
            waiting: Semaphore::new(WAITING),
        }
    }

    /// How many of them are taken, but for those of probes.
    pub fn taken(&self) -> usize {
        self.most - self.all.available_permits()
    }

    /// How many wait for a costly one.
    pub fn waiting(&self) -> usize {
        WAITING - self.waiting.available_permits()
    }

    /// Waits until nobody has a place any more.
    pub async fn emptied(&self) {
        let all = |places, count| async move {
            // Nobody closes the semaphores.
            let _all = Semaphore::acquire_many(places, count).await;
        };
        all(&self.all, u32::try_from(self.most).unwrap_or(u32::MAX)).await;
        all(&self.probes, PROBES).await;
    }

    /// A place for a request, of which one address has half of all at most. Probes have some of their own; who costs much waits for one
    /// of a few before.
    pub async fn take(
        &self,
        method: &Method,
        path: &str,
        address: Option<IpAddr>,
    ) -> Result<Place, Refusal> {
        if self.probed.have(method, path) {
            let place = Arc::clone(&self.probes).try_acquire_owned();
            let place = place.map_err(|_| Refusal::busy("too many probes at once; try again"))?;
            return Ok(Place {
                _permits: [Some(place), None],
                _share: None,
            });
        }
        let cost = match self.costly.have(method, path) {
            true => Some(self.wait().await?),
            false => None,
        };
        let share = match address {
            Some(address) => Some(self.each.take(address).ok_or_else(|| {
                Refusal::busy("too many requests at once from this address; try again")
            })?),
            None => None,
        };
        let place = Arc::clone(&self.all).try_acquire_owned();
        let place = place.map_err(|_| Refusal::busy("too many requests at once; try again"))?;
        Ok(Place {
            _permits: [Some(place), cost],
            _share: share,
        })
    }

    /// Waits for one of the places of costly requests; who is still on the way to them holds none of the others.
    async fn wait(&self) -> Result<OwnedSemaphorePermit, Refusal> {
        let busy = || Refusal::busy("too many such requests at once; try again");
        let _waits = self.waiting.try_acquire().map_err(|_| busy())?;
        let place = timeout(PATIENCE, Arc::clone(&self.cost).acquire_owned()).await;
        place.ok().and_then(Result::ok).ok_or_else(busy)
    }
}
