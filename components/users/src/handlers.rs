//! A function a route.

use std::rc::Rc;

use door::{Outbound, Transport};
use futures::join;
use service::Id;
use service::{Context, Page, Problem, Reply, Request, Service, clock};

use crate::booked;
use crate::model::User;
use crate::recommender::{Composed, Recommender};
use crate::registration;
use crate::siblings::Siblings;
use crate::signup::{self, FirstStaff};
use crate::storage::{DataApi, Storage};
use crate::suggestions::Gathered;

/// How many films are suggested when nobody says, and at the most.
pub const SUGGESTIONS: (u32, u32) = (3, 20);

/// What the handlers work with.
pub struct Users<S, A, R> {
    storage: S,
    siblings: Siblings<A>,
    recommender: R,
    first_staff: Option<FirstStaff>,
}

impl Users<DataApi<Outbound>, Outbound, Composed> {
    /// For one request.
    ///
    /// # Errors
    /// 503 where the variables do not say where storage or a sibling is.
    pub fn open(context: Context) -> Result<Self, Problem> {
        let storage = DataApi::new(context.storage()?);
        let users = Self::new(storage, Siblings::open(&context)?, Composed);
        Ok(users.with_first_staff(FirstStaff::of(&context)))
    }
}

impl<S, A, R> Users<S, A, R> {
    /// The service over a storage, beside siblings, with somebody to rank. Nobody is staff by signing up.
    pub fn new(storage: S, siblings: Siblings<A>, recommender: R) -> Self {
        Self {
            storage,
            siblings,
            recommender,
            first_staff: None,
        }
    }

    /// With somebody who is staff by signing up.
    pub fn with_first_staff(self, first_staff: Option<FirstStaff>) -> Self {
        Self {
            first_staff,
            ..self
        }
    }
}

impl<S: Storage + 'static, A: Transport + 'static, R: Recommender + 'static> Service
    for Users<S, A, R>
{
    async fn ready(&self) -> Result<(), Problem> {
        Ok(self.storage.ping().await?)
    }
}

/// `GET /users`
pub async fn list<S: Storage, A, R>(
    users: Rc<Users<S, A, R>>,
    request: Request,
) -> Result<Reply, Problem> {
    let page = users.storage.list(request.page()?).await?;
    Reply::page(&request, &page.map(User::view))
}

/// `POST /users`
pub async fn create<S: Storage, A, R>(
    users: Rc<Users<S, A, R>>,
    request: Request,
) -> Result<Reply, Problem> {
    let caller = request.caller()?;
    let (user, credentials) = signup::read(request.body()?, caller, users.first_staff.as_ref())?;
    if registration::register(&users.storage, &user, &credentials).await? {
        Reply::created(format!("/users/{}", user.id), &user.view())
    } else {
        Err(Problem::conflict(format!(
            "the username {} is taken: choose another",
            user.username
        )))
    }
}

/// `GET /users/{id}`
pub async fn read<S: Storage, A, R>(
    users: Rc<Users<S, A, R>>,
    request: Request,
) -> Result<Reply, Problem> {
    let id = request.id("id")?;
    let user = users.storage.find(id).await?.ok_or_else(|| missing(id))?;
    Reply::one(&user.view())
}

/// `DELETE /users/{id}`
pub async fn delete<S: Storage, A, R>(
    users: Rc<Users<S, A, R>>,
    request: Request,
) -> Result<Reply, Problem> {
    let id = request.id("id")?;
    if registration::remove(&users.storage, id).await? {
        Ok(Reply::no_content())
    } else {
        Err(missing(id))
    }
}

/// `GET /users/{id}/bookings`
pub async fn bookings<S: Storage, A: Transport, R>(
    users: Rc<Users<S, A, R>>,
    request: Request,
) -> Result<Reply, Problem> {
    let id = request.id("id")?;
    let page = request.page()?;
    let (user, listed) = join!(users.storage.find(id), users.siblings.bookings(id, page));
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
pub async fn suggested<S: Storage, A: Transport, R: Recommender>(
    users: Rc<Users<S, A, R>>,
    request: Request,
) -> Result<Reply, Problem> {
    let id = request.id("id")?;
    let (default, most) = SUGGESTIONS;
    let limit = request.query_number("limit", default, most)?;
    let gathering = Gathered::gather(&users.siblings, id, clock::today(), limit);
    let (user, gathered) = join!(users.storage.find(id), gathering);
    // Who does not exist is unknown even when a sibling is down.
    user?.ok_or_else(|| missing(id))?;
    Reply::list(&gathered?.rank(&users.recommender, limit))
}

fn missing(id: Id) -> Problem {
    Problem::not_found(format!("there is no user {id}"))
}
