//! Letting guests in: once a booking, and the second who tries is told when it was.

use std::rc::Rc;

use door::Transport;
use service::{Problem, Reply, Request};

use crate::{
    handlers::{BY_CINEMA, Bookings, missing},
    model::CheckedIn,
};

/// `POST /bookings/:id/checkin`
pub async fn set<T: Transport, S>(
    bookings: Rc<Bookings<T, S>>,
    request: Request,
) -> Result<Reply, Problem> {
    let (id, caller, storage) = (request.id("id")?, request.signed_in()?, &bookings.storage);
    let checkedin = CheckedIn {
        on: storage.now(),
        by: caller.id,
    };
    let (is_noted, booking) = storage.check_in(id, checkedin).await?;
    let booking = booking.ok_or_else(|| missing(id))?;
    match booking.checkedin {
        _ if is_noted => Ok(Reply::one(booking)),
        _ if booking.cancelled.is_some() => Err(Problem::conflict(BY_CINEMA)),
        Some(noted) => {
            let (day, time) = (bookings.clock.day(noted.on), bookings.clock.time(noted.on));
            Err(Problem::conflict(format!(
                "the guests of this booking were let in already, on {day} at {time}"
            )))
        }
        None => Err(Problem::busy()),
    }
}

/// `DELETE /bookings/:id/checkin`
pub async fn take_back<T: Transport, S>(
    bookings: Rc<Bookings<T, S>>,
    request: Request,
) -> Result<Reply, Problem> {
    let id = request.id("id")?;
    let booking = bookings.storage.check_out(id).await?;
    booking.map(Reply::one).ok_or_else(|| missing(id))
}
