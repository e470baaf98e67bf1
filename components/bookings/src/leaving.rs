//! A user who leaves: what they have booked to come is cancelled, and its seats are free.

use std::{
    collections::{BTreeSet, HashMap},
    rc::Rc,
};

use door::Transport;
use serde::Deserialize;
use service::{Day, Id, PageRequest, Problem, Reply, Request, Time};

use crate::{
    handlers::{Bookings, whose},
    model::Booking,
    sale,
};

/// When a showtime is.
#[derive(Debug, Clone, Copy, Deserialize)]
struct Slot {
    id: Id,
    date: Day,
    time: Option<Time>,
}

/// `DELETE /bookings`
pub async fn delete_all<T: Transport, S: Transport>(
    bookings: Rc<Bookings<T, S>>,
    request: Request,
) -> Result<Reply, Problem> {
    let (caller, named) = (request.signed_in()?, request.query_as("userid")?);
    // Of everybody, nobody means to.
    let named = named.ok_or_else(|| Problem::bad_request("userid: say whose bookings"))?;
    whose(caller, Some(named))?;
    cancel(&bookings, named).await?;
    Ok(Reply::no_content())
}

/// Cancels a user's bookings to come, a page at a time, as the user would; sent again, it goes on with those that are left.
async fn cancel<T: Transport, S: Transport>(
    bookings: &Bookings<T, S>,
    user: Id,
) -> Result<(), Problem> {
    let mut page = PageRequest {
        limit: PageRequest::MOST,
        ..PageRequest::default()
    };
    loop {
        let found = bookings.storage.living_of(user, page).await?;
        for id in to_come(bookings, &found.items).await? {
            sale::cancel(&bookings.storage, id, |_| true).await?;
        }
        page.after = found.next;
        if page.after.is_none() {
            return Ok(());
        }
    }
}

/// Those bookings whose showtimes have not begun. Of one that is gone, the booking knows when it was; of old ones nobody does, and
/// they stay.
async fn to_come<T: Transport, S: Transport>(
    bookings: &Bookings<T, S>,
    booked: &[Booking],
) -> Result<Vec<Id>, Problem> {
    let showtimes: BTreeSet<_> = booked.iter().map(|booking| booking.showtimeid).collect();
    let showtimes: Vec<_> = showtimes.into_iter().collect();
    let slots: Vec<Slot> = bookings.showtimes.by_ids("/showtimes", &showtimes).await?;
    let slots: HashMap<_, _> = slots.into_iter().map(|slot| (slot.id, slot)).collect();
    let is_to_come = |booking: &&Booking| {
        let now = (slots.get(&booking.showtimeid)).map(|slot| (slot.date, slot.time));
        let slot = now.or(booking.date.map(|date| (date, booking.time)));
        slot.is_some_and(|(date, time)| !bookings.clock.has_begun(date, time))
    };
    let to_come = booked.iter().filter(is_to_come);
    Ok(to_come.map(|booking| booking.id).collect())
}
