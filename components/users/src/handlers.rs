//! A function a route.

use std::rc::Rc;

use accounts::Accounts;
use data_api_client::Client;
use door::{Transport, log};
use futures::join;
use service::{Clock, Id, Page, Problem, Reply, Request, Service};

use crate::{
    booked,
    model::NewUser,
    recommender::Recommender,
    siblings::Siblings,
    signup::{self, FirstStaff},
    suggestions::Gathered,
};

/// How many films are suggested when nobody says, and at the most.
pub const SUGGESTIONS: (u32, u32) = (3, 20);

/// What the handlers work with.
pub struct Users<T, S, R> {
    storage: Client<T>,
    accounts: Accounts<T>,
    siblings: Siblings<S>,
    recommender: R,
    first_staff: Option<FirstStaff>,
    clock: Clock,
}

impl<T: Transport, S, R> Users<T, S, R> {
    /// The service over a storage, beside siblings, with somebody to rank, somebody who is staff by signing up, and a clock.
    pub fn new(
        storage: Client<T>,
        siblings: Siblings<S>,
        recommender: R,
        first_staff: Option<FirstStaff>,
        clock: Clock,
    ) -> Self {
        Self {
            accounts: Accounts::new(&storage),
            storage,
            siblings,
            recommender,
            first_staff,
            clock,
        }
    }
}

impl<T: Transport + 'static, S: Transport + 'static, R: Recommender + 'static> Service
    for Users<T, S, R>
{
    async fn ready(&self) -> Result<(), Problem> {
        Ok(self.storage.ready().await?)
    }
}

/// `GET /users`
pub async fn list<T: Transport, S, R>(
    users: Rc<Users<T, S, R>>,
    request: Request,
) -> Result<Reply, Problem> {
    let page = users.accounts.list(request.page()?).await?;
    Reply::page(&request, &page)
}

/// `POST /users`
pub async fn create<T: Transport, S, R>(
    users: Rc<Users<T, S, R>>,
    request: Request,
) -> Result<Reply, Problem> {
    let caller = request.caller()?;
    let new: NewUser = request.body()?.read()?;
    let (user, credentials) = signup::user(new, caller, users.first_staff.as_ref())?;
    if !users.accounts.register(&user, &credentials).await? {
        let detail = format!("the username {} is taken: choose another", user.username);
        return Err(Problem::conflict(detail));
    }
    Reply::created(format!("/users/{}", user.id), &user)
}

/// `GET /users/{id}`
pub async fn read<T: Transport, S, R>(
    users: Rc<Users<T, S, R>>,
    request: Request,
) -> Result<Reply, Problem> {
    let id = request.id("id")?;
    let user = users.accounts.find(id).await?;
    Reply::one(&user.ok_or_else(|| missing(id))?)
}

/// `DELETE /users/{id}`
pub async fn delete<T: Transport, S: Transport, R>(
    users: Rc<Users<T, S, R>>,
    request: Request,
) -> Result<Reply, Problem> {
    let id = request.id("id")?;
    users.siblings.cancel_bookings(id).await?;
    if !users.accounts.remove(id).await? {
        return Err(missing(id));
    }
    // What was booked until then goes as well; the user has gone whatever comes of it.
    if let Err(problem) = users.siblings.cancel_bookings(id).await {
        let detail = problem.detail;
        log::warn(&format!(
            "what the user {id} booked last is booked still: {detail}"
        ));
    }
    Ok(Reply::no_content())
}

/// `GET /users/{id}/bookings`
pub async fn bookings<T: Transport, S: Transport, R>(
    users: Rc<Users<T, S, R>>,
    request: Request,
) -> Result<Reply, Problem> {
    let id = request.id("id")?;
    let page = request.page()?;
    let (user, listed) = join!(users.accounts.find(id), users.siblings.bookings(id, page));
    user?.ok_or_else(|| missing(id))?;
    let listed = listed?;
    let next = listed
        .data
        .last()
        .filter(|_| listed.next.is_some())
        .map(|booking| booking.id);
    let items = booked::views(&users.siblings, listed.data).await?;
    Reply::page(&request, &Page { items, next })
}

/// `GET /users/{id}/suggested`
pub async fn suggested<T: Transport, S: Transport, R: Recommender>(
    users: Rc<Users<T, S, R>>,
    request: Request,
) -> Result<Reply, Problem> {
    let id = request.id("id")?;
    let (default, most) = SUGGESTIONS;
    let limit = request.query_number("limit", default, most)?;
    let gathering = Gathered::gather(&users.siblings, id, &users.clock, limit);
    let (user, gathered) = join!(users.accounts.find(id), gathering);
    // Who does not exist is unknown even when a sibling is down.
    user?.ok_or_else(|| missing(id))?;
    let gathered = gathered?;
    let suggested = gathered.suggest(&users.siblings, &users.recommender, id, limit);
    Reply::list(&suggested.await?)
}

fn missing(id: Id) -> Problem {
    Problem::missing("user", id)
}
