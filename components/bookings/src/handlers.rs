//! A function a route.

use std::rc::Rc;

use data_api_client::Place;
use door::Transport;
use futures::join;
use service::{Caller, Clock, Fresh, Id, PageRequest, Problem, Reply, Request, Service, Sibling};

use crate::{
    idempotency,
    model::{self, Booking, Film, NewBooking, NewTerms, Outcome},
    offer,
    sale::{self, Ended},
    storage::{Storage, Wanted},
    terms::{self, Unfit},
};

/// Why a booking is not cancelled, nor are its guests let in.
pub const BY_CINEMA: &str = "the cinema has cancelled this booking already";

/// What the handlers work with.
pub struct Bookings<T, S> {
    pub storage: Storage<T>,
    pub showtimes: Sibling<S>,
    pub movies: Sibling<S>,
    pub users: Sibling<S>,
    pub clock: Clock,
    pub titles: Fresh<Id, Film>,
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
    Ok(Reply::page(&request, page))
}

/// `GET /bookings/:id`
pub async fn read<T: Transport, S: Transport>(
    bookings: Rc<Bookings<T, S>>,
    request: Request,
) -> Result<Reply, Problem> {
    let (id, caller) = (request.id("id")?, request.signed_in()?);
    let living = bookings.storage.entry(id).await?.and_then(Place::living);
    let booking = living.filter(|booking| is_for(caller, booking));
    booking.map(Reply::one).ok_or_else(|| missing(id))
}

/// `DELETE /bookings/:id`
pub async fn delete<T: Transport, S: Transport>(
    bookings: Rc<Bookings<T, S>>,
    request: Request,
) -> Result<Reply, Problem> {
    let (id, caller) = (request.id("id")?, request.signed_in()?);
    match sale::cancel(&bookings.storage, id, |booking| is_for(caller, booking)).await? {
        Ended::Cancelled => Ok(Reply::no_content()),
        Ended::Missing => Err(missing(id)),
        Ended::ByCinema => Err(Problem::conflict(BY_CINEMA)),
        Ended::Used => Err(Problem::conflict(
            "the guests of this booking were let in: it can't be cancelled any more",
        )),
    }
}

/// `PUT /bookings/terms/:id`
pub async fn set_terms<T: Transport, S>(
    bookings: Rc<Bookings<T, S>>,
    request: Request,
) -> Result<Reply, Problem> {
    let id = request.id("id")?;
    let terms = request.body()?.read::<NewTerms>()?.into();
    match terms::set(&bookings.storage, id, &terms).await? {
        Ok(()) => Ok(Reply::no_content()),
        Err(unfit) => Err(refused(unfit)),
    }
}

/// `DELETE /bookings/terms/:id`
pub async fn close<T: Transport, S>(
    bookings: Rc<Bookings<T, S>>,
    request: Request,
) -> Result<Reply, Problem> {
    let (id, cancels) = (
        request.id("id")?,
        request.query_is("cancel_bookings", "true")?,
    );
    let closed = terms::close(&bookings.storage, id, cancels).await?;
    closed.map(|()| Reply::no_content()).map_err(|booked| {
        Problem::conflict(format!(
            "bookings that hang on it: {booked}; send cancel_bookings=true to have them cancelled"
        ))
    })
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
    // None waits on another.
    let (answer, known, showtime) = join!(
        async {
            match &key {
                Some(key) => idempotency::answer(storage, key, &order).await,
                None => Ok(None),
            }
        },
        offer::check_user(&bookings.users, caller, order.userid),
        offer::read(
            (&bookings.showtimes, &bookings.movies),
            &bookings.titles,
            &bookings.clock,
            &order
        ),
    );
    // What a key was answered before counts more than what has become of the showtime since.
    if let Some(outcome) = answer? {
        return answered(outcome, order.seats);
    }
    known?;
    let showtime = showtime?;
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
pub fn whose(caller: Caller, named: Option<Id>) -> Result<Option<Id>, Problem> {
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
    Err(Problem::conflict(match outcome {
        Outcome::Booked(booking) => {
            return Ok(Reply::created(format!("/bookings/{}", booking.id), booking));
        }
        Outcome::NotShown(movies) => return Err(model::not_shown(&movies)),
        Outcome::SoldOut(left) => format!("sold out: seats asked for {seats}, seats left {left}"),
        Outcome::Enough(left) => format!(
            "one customer has only so many seats at one showtime: seats asked for {seats}, seats left to them {left}"
        ),
        Outcome::Closed => "the showtime was cancelled: nothing is sold there any more".to_owned(),
        Outcome::Cancelled => {
            "what was booked under this key was cancelled since: book anew with another".to_owned()
        }
    }))
}

fn refused(unfit: Unfit) -> Problem {
    let (detail, revision) = match unfit {
        Unfit::Sold(seats) => (format!("more seats are sold: {seats}"), None),
        Unfit::Booked(film) => (format!("the movie {film} is booked there"), None),
        Unfit::Stale(revision) => {
            let detail = format!("there are terms of revision {revision} already");
            (detail, Some(revision))
        }
        Unfit::Closed => ("the showtime was cancelled".to_owned(), None),
    };
    let mut problem = Problem::conflict(detail);
    problem.revision = revision;
    problem
}

pub fn missing(id: Id) -> Problem {
    Problem::missing("booking", id)
}
