//! Time, and work that has only so much of it.

use std::{pin::pin, time::Duration};

use futures::future::{Either, select};
use wasi::clocks::monotonic_clock;

use crate::wait;

/// Time since some fixed moment. It never goes backwards.
pub fn elapsed() -> Duration {
    Duration::from_nanos(monotonic_clock::now())
}

/// What comes of some work, if it does within this time. What is not done by then is dropped, and what it waits for with it.
pub async fn within<T>(time: Duration, work: impl Future<Output = T>) -> Option<T> {
    match select(pin!(work), pin!(sleep(time))).await {
        Either::Left((done, _)) => Some(done),
        Either::Right(_) => None,
    }
}

pub(crate) async fn sleep(time: Duration) {
    let nanoseconds = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
    wait::ready(monotonic_clock::subscribe_duration(nanoseconds)).await;
}
