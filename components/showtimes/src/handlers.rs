//! A function a route.

use std::rc::Rc;

use door::Transport;
use service::{
    Body, Day, Fields, Id, PageRequest, Problem, Reply, Request, Service, Sibling,
    rule::{day, optional, time},
};

use crate::{
    model::{self, MOVIES, NewShowtime, Showtime, ShowtimeChanges, Spot},
    programme,
    storage::{Storage, Wanted},
};

/// A day's programme comes whole, up to so many.
const WHOLE: usize = 1000;

/// What the handlers work with.
pub struct Showtimes<T, S> {
    pub storage: Storage<T>,
    pub movies: Sibling<S>,
    pub bookings: Sibling<S>,
}

impl<T: Transport + 'static, S: Transport + 'static> Service for Showtimes<T, S> {
    async fn ready(&self) -> Result<(), Problem> {
        Ok(self.storage.ready().await?)
    }
}

/// `GET /showtimes`
pub async fn list<T: Transport, S: Transport>(
    showtimes: Rc<Showtimes<T, S>>,
    request: Request,
) -> Result<Reply, Problem> {
    let date: Option<Day> = request.query_as("date")?;
    let (from, to) = (request.query_as("from")?, request.query_as("to")?);
    let wanted = Wanted {
        from: date.max(from),
        to: [date, to].into_iter().flatten().min(),
        movie: request.query_as("movie")?,
        ids: request.query_ids("ids")?,
    };
    let PageRequest { limit, .. } = request.page()?;
    showtimes.part(&request, &wanted, limit as usize).await
}

/// `POST /showtimes`
pub async fn create<T: Transport, S: Transport>(
    showtimes: Rc<Showtimes<T, S>>,
    request: Request,
) -> Result<Reply, Problem> {
    let mut fields = request.body()?;
    let new = NewShowtime::read(&mut fields);
    let movies = fields.peek("movies", &MOVIES).unwrap_or_default();
    let films = programme::films(&showtimes.movies, &movies).await?;
    for (at, id) in movies.iter().enumerate() {
        if !films.contains_key(id) {
            fields.note(model::no_movie(at, *id));
        }
    }
    check_begin(&showtimes.storage, &mut fields);
    let mut showtime = Showtime::from(fields.finish(new)?);
    showtime.minutes = programme::minutes(&movies, &films);
    programme::add(&showtimes.storage, &showtime).await?;
    Ok(Reply::created(
        format!("/showtimes/{}", showtime.id),
        showtime,
    ))
}

/// `GET /showtimes/:id`, or a day's list at `GET /showtimes/{YYYY-MM-DD}`
pub async fn read<T: Transport, S: Transport>(
    showtimes: Rc<Showtimes<T, S>>,
    request: Request,
) -> Result<Reply, Problem> {
    let text = request.param("id");
    if let Ok(day) = text.parse() {
        let wanted = Wanted {
            from: Some(day),
            to: Some(day),
            ..Wanted::default()
        };
        return showtimes.part(&request, &wanted, WHOLE).await;
    }
    let id = text.parse().map_err(|_| {
        Problem::bad_request("give an id of 24 hex digits, or a day of the calendar, YYYY-MM-DD")
    })?;
    let showtime = showtimes.storage.find(id).await?;
    showtime.map(Reply::one).ok_or_else(|| missing(id))
}

/// `PATCH /showtimes/:id`
pub async fn update<T: Transport, S: Transport>(
    showtimes: Rc<Showtimes<T, S>>,
    request: Request,
) -> Result<Reply, Problem> {
    let id = request.id("id")?;
    let changes: ShowtimeChanges = request.body()?.read()?;
    let siblings = (&showtimes.movies, &showtimes.bookings);
    let changed = programme::change(&showtimes.storage, siblings, id, &changes).await?;
    changed.map(Reply::one).ok_or_else(|| missing(id))
}

/// `DELETE /showtimes/:id`
pub async fn delete<T: Transport, S: Transport>(
    showtimes: Rc<Showtimes<T, S>>,
    request: Request,
) -> Result<Reply, Problem> {
    let id = request.id("id")?;
    let cancels = request.query_is("cancel_bookings", "true")?;
    let Showtimes {
        storage, bookings, ..
    } = &*showtimes;
    let removed = programme::remove(storage, bookings, id, cancels).await?;
    removed.then(Reply::no_content).ok_or_else(|| missing(id))
}

impl<T: Transport, S: Transport> Showtimes<T, S> {
    /// A part of the showtimes that are wanted, after what the request has seen already.
    async fn part(
        &self,
        request: &Request,
        wanted: &Wanted,
        limit: usize,
    ) -> Result<Reply, Problem> {
        let after = self.after(request).await?;
        let found = self.storage.programme(wanted, after.as_ref(), limit);
        let (showtimes, more) = found.await?;
        let last = showtimes.last().filter(|_| more).map(Showtime::spot);
        let next = last.map(|spot| [("after", spot.id.to_string()), ("place", spot.to_string())]);
        let next = next.as_ref().map(<[_; 2]>::as_slice);
        Ok(Reply::part(request, showtimes, next))
    }

    /// Where the request has seen the list up to. What `next` says knows the place; of an id alone it is looked up.
    async fn after(&self, request: &Request) -> Result<Option<Spot>, Problem> {
        let Some(id) = request.query_as::<Id>("after")? else {
            return Ok(None);
        };
        if let Some(place) = request.query("place") {
            let spot = Spot::read(&place, id);
            return spot
                .map(Some)
                .map_err(|_| Problem::bad_request("place: give what next says, or leave it out"));
        }
        let showtime = self.storage.find(id).await?.ok_or_else(|| {
            let detail =
                format!("after: there is no showtime {id} now; follow next, which knows its place");
            Problem::bad_request(detail)
        })?;
        Ok(Some(showtime.spot()))
    }
}

/// Notes what is wrong with when a showtime is to begin.
fn check_begin<T>(storage: &Storage<T>, fields: &mut Fields) {
    let time = fields.peek("time", &optional(time())).flatten();
    let date = fields.peek("date", &day());
    let fault = date.and_then(|date| model::fault(&storage.clock, date, time));
    fault.into_iter().for_each(|fault| fields.note(fault));
}

fn missing(id: Id) -> Problem {
    Problem::missing("showtime", id)
}
