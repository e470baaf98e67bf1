//! The time that a client gives.

use std::time::Duration;

use http::HeaderMap;
use tonic::Status;

use super::status;
use crate::Problem;

/// Until when a call is to be done, on the clock of [`door::elapsed`]; none where the client waits as long as it takes.
#[derive(Debug, Clone, Copy)]
pub struct Deadline(Option<Duration>);

impl Deadline {
    /// What `grpc-timeout` says.
    pub fn of(headers: &HeaderMap) -> Result<Self, Status> {
        let Some(header) = headers.get("grpc-timeout") else {
            return Ok(Self(None));
        };
        let time = header.to_str().ok().and_then(read).ok_or_else(|| {
            Status::invalid_argument(
                "grpc-timeout: give 1 to 8 digits and a unit: H, M, S, m, u or n",
            )
        })?;
        Ok(Self(Some(door::elapsed().saturating_add(time))))
    }

    /// What comes of some work by then. What it waits for goes with it.
    pub async fn bound<T>(
        self,
        work: impl Future<Output = Result<T, Problem>>,
    ) -> Result<T, Status> {
        let done = match self.0.map(|end| end.saturating_sub(door::elapsed())) {
            None => Some(work.await),
            // Nothing is begun for whoever waits no more.
            Some(Duration::ZERO) => None,
            Some(left) => door::within(left, work).await,
        };
        match done {
            Some(done) => done.map_err(status::of),
            None => Err(Status::deadline_exceeded(
                "it took longer than grpc-timeout says",
            )),
        }
    }
}

/// A timeout, as "gRPC over HTTP2" writes it.
fn read(text: &str) -> Option<Duration> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let is_number =
        (1..=8).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number: u64 = is_number.then(|| digits.parse().ok())??;
    Some(match unit {
        "H" => Duration::from_secs(number * 3600),
        "M" => Duration::from_secs(number * 60),
        "S" => Duration::from_secs(number),
        "m" => Duration::from_millis(number),
        "u" => Duration::from_micros(number),
        "n" => Duration::from_nanos(number),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts_are_read_as_the_protocol_writes_them() {
        assert_eq!(read("1S"), Some(Duration::from_secs(1)));
        assert_eq!(
            read("99999999H"),
            Some(Duration::from_secs(359_999_996_400))
        );
        assert_eq!(read("250m"), Some(Duration::from_millis(250)));
        assert_eq!(read("0n"), Some(Duration::ZERO));
        for wrong in ["", "S", "1", "1s", "-1S", "1.5S", "123456789S", "1é", "é"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
