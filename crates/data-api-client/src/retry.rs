//! Which failures are tried again, when, and for how long.

use std::time::{Duration, SystemTime};

use http::{HeaderMap, header};

use door::Transport;

/// All tries of one call together, and every wait between them, take no longer.
pub(crate) const WHOLE: Duration = Duration::from_secs(5);

/// How often a call that may be repeated is tried.
const TRIES: u32 = 3;

/// The wait before the second try; it doubles with each further one.
const FIRST_WAIT: Duration = Duration::from_millis(100);

/// The tries of one call: how many are left, and how much time.
pub(crate) struct Tries<'a, T> {
    transport: &'a T,
    begun: Duration,
    left: u32,
    done: u32,
}

impl<'a, T: Transport> Tries<'a, T> {
    /// Up to three tries when the call may be `repeated`, else the one.
    pub(crate) fn new(transport: &'a T, repeated: bool) -> Self {
        Self {
            transport,
            begun: transport.elapsed(),
            left: if repeated { TRIES } else { 1 },
            done: 0,
        }
    }

    /// Begins a try, and says how long it may take.
    pub(crate) fn begin(&mut self) -> Duration {
        self.left = self.left.saturating_sub(1);
        self.done += 1;
        self.remaining()
    }

    /// Whether an earlier try may have been carried out without our having seen its answer.
    pub(crate) fn is_repeat(&self) -> bool {
        self.done > 1
    }

    /// Waits for the next try: exponentially longer, spread at random, and no shorter than storage asked for. False when
    /// there is none to be made any more.
    pub(crate) async fn wait(&self, retry_after: Option<Duration>) -> bool {
        if self.left == 0 {
            return false;
        }
        let longest = FIRST_WAIT * 2u32.pow(self.done.saturating_sub(1));
        // Half the wait is fixed, so that a server in trouble is left alone for a moment at least.
        let spread = longest.mul_f64(0.5 + self.transport.random() / 2.0);
        let wait = spread.max(retry_after.unwrap_or_default());
        if wait >= self.remaining() {
            return false;
        }
        self.transport.sleep(wait).await;
        true
    }

    fn remaining(&self) -> Duration {
        WHOLE.saturating_sub(self.transport.elapsed().saturating_sub(self.begun))
    }
}

/// `Retry-After` (RFC 9110, 10.2.3): seconds, or a date. A date is taken against the answer's own `Date` where there is
/// one, so that the two machines' clocks need not agree.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name)?.to_str().ok().map(str::trim);
    let value = text(header::RETRY_AFTER)?;
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = httpdate::parse_http_date(value).ok()?;
    let now = text(header::DATE)
        .and_then(|date| httpdate::parse_http_date(date).ok())
        .unwrap_or_else(SystemTime::now);
    Some(at.duration_since(now).unwrap_or_default())
}
