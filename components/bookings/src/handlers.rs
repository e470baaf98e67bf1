//! A function a route.

use std::rc::Rc;

use data_api_client::Place;
use door::Transport;
use futures::join;
use service::{Caller, Id, PageRequest, Problem, Reply, Request, Service, Sibling};

use crate::{
    idempotency,
    model::{Booking, NewBooking},
    record::Outcome,
    sale,
    storage::{Storage, Wanted},
};

/// What the handlers work with.
pub struct Bookings<T, S> {
    pub storage: Storage<T>,
    pub showtimes: Sibling<S>,
}

impl<T: Transport + 'static, S: Transport + 'static> Service for Bookings<T, S> {
    async fn ready(&self) -> Result<(), Problem> {
        Ok(self.storage.ready().await?)
    }
}

/// `GET /bookings`
pub async fn list<T: Transport, S: Transport>(
    bookings: Rc<Bookings<T, S>>,
    request: Request,
) -> Result<Reply, Problem> {
    let wanted = Wanted {
        userid: whose(request.signed_in()?, request.query_as("userid")?)?,
        showtimeid: request.query_as("showtimeid")?,
        movies: request.query_ids("movies")?,
    };
    let page = PageRequest {
        newest_first: request.query_is("order", "newest")?,
        ..request.page()?
    };
    let page = bookings.storage.list(wanted, page).await?;
    Reply::page(&request, &page)
}

/// `GET /bookings/:id`
pub async fn read<T: Transport, S: Transport>(
    bookings: Rc<Bookings<T, S>>,
    request: Request,
) -> Result<Reply, Problem> {
    let (id, caller) = (request.id("id")?, request.signed_in()?);
    let living = bookings.storage.entry(id).await?.and_then(Place::living);
    let booking = living.filter(|booking| is_for(caller, booking));
    Reply::one(&booking.ok_or_else(|| missing(id))?)
}

/// `DELETE /bookings/:id`
pub async fn delete<T: Transport, S: Transport>(
    bookings: Rc<Bookings<T, S>>,
    request: Request,
) -> Result<Reply, Problem> {
    let (id, caller) = (request.id("id")?, request.signed_in()?);
    let cancelled = sale::cancel(&bookings.storage, id, |booking| is_for(caller, booking)).await?;
    cancelled.then(Reply::no_content).ok_or_else(|| missing(id))
}

/// `POST /bookings`
pub async fn create<T: Transport, S: Transport>(
    bookings: Rc<Bookings<T, S>>,
    request: Request,
) -> Result<Reply, Problem> {
    let caller = request.signed_in()?;
    let key = idempotency_key(&request, caller)?;
    let order = request.body()?.read::<NewBooking>()?.by(caller.id);
    whose(caller, Some(order.userid))?;
    let storage = &bookings.storage;
    let path = format!("/showtimes/{}", order.showtimeid);
    // Neither waits on the other.
    let (record, showtime) = join!(
        async {
            match &key {
                Some(key) => storage.record(key).await,
                None => Ok(None),
            }
        },
        bookings.showtimes.one(&path)
    );
    // What a key was answered before counts more than what has become of the showtime since.
    if let Some(record) = record?
        && let Some(outcome) = idempotency::answer_of(storage, &record, &order).await?
    {
        return answered(outcome, order.seats);
    }
    let showtime = order.at(showtime?)?;
    let outcome = match key {
        None => sale::sell_order(storage, &order, &showtime).await?,
        Some(key) => {
            let booked = idempotency::book(storage, &key, &order, &showtime);
            join!(booked, storage.clear_records()).0?
        }
    };
    answered(outcome, order.seats)
}

/// Whose bookings somebody may see and make: their own, or, for staff, anyone's who is named, or everybody's.
fn whose(caller: Caller, named: Option<Id>) -> Result<Option<Id>, Problem> {
    match named {
        named if caller.is_staff() => Ok(named),
        Some(other) if other != caller.id => Err(Problem::forbidden(
            "userid: you see and make your own bookings only; leave it out",
        )),
        _ => Ok(Some(caller.id)),
    }
}

/// Whether somebody may know of a booking at all.
fn is_for(caller: Caller, booking: &Booking) -> bool {
    caller.is_staff() || booking.userid == caller.id
}

/// The hash of the request's key, if it has one. Keys are each caller's own: nobody is given another's booking by guessing one.
fn idempotency_key(request: &Request, caller: Caller) -> Result<Option<String>, Problem> {
    const NAME: &str = "idempotency-key";
    if !request.has_header(NAME) {
        return Ok(None);
    }
    let key = request.header(NAME);
    let hash = key.and_then(|key| idempotency::hash_key(key, caller.id));
    hash.map(Some).ok_or_else(|| {
        Problem::bad_request("Idempotency-Key: give 1 to 128 printable ASCII characters")
    })
}

fn answered(outcome: Outcome, seats: i32) -> Result<Reply, Problem> {
    match outcome {
        Outcome::Booked(booking) => Reply::created(format!("/bookings/{}", booking.id), &booking),
        Outcome::SoldOut(left) => Err(Problem::conflict(format!(
            "sold out: seats asked for {seats}, seats left {left}"
        ))),
    }
}

fn missing(id: Id) -> Problem {
    Problem::missing("booking", id)
}
