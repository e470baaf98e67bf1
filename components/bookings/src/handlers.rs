//! A function a route.

use std::rc::Rc;

use door::Transport;
use futures::join;
use serde::Deserialize;
use service::Id;
use service::{Caller, PageRequest, Problem, Reply, Request, Service, Sibling};

use crate::entry::Entry;
use crate::idempotency::{self, Replay};
use crate::model::{Booking, Draft, Order, Shown};
use crate::record::Outcome;
use crate::sale::{self, Sale};
use crate::storage::{Storage, Wanted};

/// What the handlers work with.
pub struct Bookings<S, A> {
    storage: S,
    showtimes: Sibling<A>,
}

/// A showtime, as far as a booking has to do with it.
#[derive(Debug, Deserialize)]
struct Showtime {
    movies: Vec<Id>,
    capacity: Option<i64>,
}

impl<S, A> Bookings<S, A> {
    /// The service over a storage and the showtimes service.
    pub fn new(storage: S, showtimes: Sibling<A>) -> Self {
        Self { storage, showtimes }
    }
}

impl<S: Storage + 'static, A: Transport + 'static> Service for Bookings<S, A> {
    async fn ready(&self) -> Result<(), Problem> {
        Ok(self.storage.ping().await?)
    }
}

/// `GET /bookings`
pub async fn list<S: Storage, A: Transport>(
    bookings: Rc<Bookings<S, A>>,
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
    let page = bookings.storage.list(&wanted, page).await?;
    Reply::page(&request, &page.map(Shown::from))
}

/// `GET /bookings/:id`
pub async fn read<S: Storage, A: Transport>(
    bookings: Rc<Bookings<S, A>>,
    request: Request,
) -> Result<Reply, Problem> {
    let id = request.id("id")?;
    match bookings.storage.entry(id).await? {
        Some(Entry::Live(booking)) if is_for(request.signed_in()?, &booking) => {
            Reply::one(&Shown::from(booking))
        }
        _ => Err(no_such(id)),
    }
}

/// `DELETE /bookings/:id`
pub async fn delete<S: Storage, A: Transport>(
    bookings: Rc<Bookings<S, A>>,
    request: Request,
) -> Result<Reply, Problem> {
    let id = request.id("id")?;
    let caller = request.signed_in()?;
    if sale::cancel(&bookings.storage, id, |booking| is_for(caller, booking)).await? {
        Ok(Reply::no_content())
    } else {
        Err(no_such(id))
    }
}

/// `POST /bookings`
pub async fn create<S: Storage, A: Transport>(
    bookings: Rc<Bookings<S, A>>,
    request: Request,
) -> Result<Reply, Problem> {
    let caller = request.signed_in()?;
    let key = idempotency_key(&request, caller)?;
    let draft = Draft::read(request.body()?, caller.id);
    whose(caller, Some(draft.userid))?;
    let order = draft.order();
    let storage = &bookings.storage;
    // Neither waits on the other.
    let (record, showtime) = join!(
        async {
            match (&key, &order) {
                (Some(key), Some(_)) => storage.record(key).await,
                _ => Ok(None),
            }
        },
        bookings.showtime(draft.showtimeid)
    );
    // What a key was answered before counts more than what has become of the showtime since.
    if let (Some(record), Some(order)) = (record?, &order)
        && let Some(replay) = idempotency::answer_of(storage, &record, order).await?
    {
        return replayed(replay, order);
    }
    let (order, capacity) = accept(draft, showtime)?;
    let Some(key) = key else {
        return match sale::sell_order(storage, &order, capacity).await? {
            Sale::Booked(booking) => answered(Outcome::Booked(booking), &order),
            Sale::SoldOut { left } => answered(Outcome::SoldOut { left }, &order),
            Sale::Void(_) => Err(overtaken()),
        };
    };
    replayed(
        idempotency::book(storage, &key, &order, capacity).await?,
        &order,
    )
}

impl<S, A: Transport> Bookings<S, A> {
    async fn showtime(&self, id: Option<Id>) -> Result<Option<Showtime>, Problem> {
        match id {
            Some(id) => self.showtimes.one(&format!("/showtimes/{id}")).await,
            None => Ok(None),
        }
    }
}

/// The order, and the capacity to keep to, where the draft has no fault, neither of its own nor for this showtime.
fn accept(
    mut draft: Draft,
    showtime: Result<Option<Showtime>, Problem>,
) -> Result<(Order, Option<i64>), Problem> {
    let mut capacity = None;
    match showtime {
        Ok(Some(showtime)) => {
            draft.shown(&showtime.movies);
            capacity = showtime.capacity;
        }
        Ok(None) => draft.no_such_showtime(),
        // A body with faults is refused whatever the showtime is like.
        Err(problem) if draft.order().is_some() => return Err(problem),
        Err(_) => {}
    }
    Ok((draft.finish()?, capacity))
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
    caller.is_staff() || booking.userid == Some(caller.id)
}

/// The hash of the request's key, if it has one. Keys are each caller's own: nobody is given another's booking by guessing one.
fn idempotency_key(request: &Request, caller: Caller) -> Result<Option<String>, Problem> {
    const NAME: &str = "idempotency-key";
    if !request.has_header(NAME) {
        return Ok(None);
    }
    match request
        .header(NAME)
        .and_then(|key| idempotency::hash_key(key, caller.id))
    {
        Some(hash) => Ok(Some(hash)),
        None => Err(Problem::bad_request(
            "Idempotency-Key: give 1 to 128 printable ASCII characters",
        )),
    }
}

fn replayed(replay: Replay, order: &Order) -> Result<Reply, Problem> {
    match replay {
        Replay::Answer(outcome) => answered(outcome, order),
        Replay::OtherRequest => Err(Problem::fault(
            "Idempotency-Key",
            "came with another body before: send that one again, or another key",
        )),
        Replay::Busy => Err(overtaken()),
    }
}

fn answered(outcome: Outcome, order: &Order) -> Result<Reply, Problem> {
    match outcome {
        Outcome::Booked(booking) => {
            let location = format!("/bookings/{}", booking.id);
            Reply::created(location, &Shown::from(booking))
        }
        Outcome::SoldOut { left } => Err(Problem::conflict(format!(
            "sold out: seats asked for {}, seats left {left}",
            order.seats
        ))),
    }
}

/// The seats that were held for this request went to somebody else, because it took longer than a minute.
fn overtaken() -> Problem {
    Problem::busy()
}

fn no_such(id: Id) -> Problem {
    Problem::not_found(format!("there is no booking {id}"))
}
