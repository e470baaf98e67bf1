//! A function a route.

use std::rc::Rc;

use accounts::{Accounts, Demotion, Sessions, Staff, Throttle, User};
use bson::Bson;
use data_api_client::{Client, given};
use door::{Transport, log};
use futures::join;
use service::{Caller, Clock, Id, Page, Problem, Reply, Request, Role, Service};

use crate::{
    booked,
    common::Kept,
    model::{NewUser, UserPatch},
    recommender::Recommender,
    siblings::Siblings,
    signup::{self, FirstStaff},
    suggestions::Gathered,
};

/// How many films are suggested when nobody says, and at the most.
pub const SUGGESTIONS: (u32, u32) = (3, 20);

/// Why a role is refused.
const ROLE_BY_STAFF: &str = "a role is given by staff alone: leave it out";

/// What the handlers work with.
pub struct Users<T, S, R> {
    storage: Client<T>,
    pub(crate) accounts: Accounts<T>,
    pub(crate) sessions: Sessions<T>,
    pub(crate) throttle: Throttle<T>,
    staff: Staff<T>,
    siblings: Siblings<S>,
    recommender: R,
    kept: Kept,
    first_staff: Option<FirstStaff>,
    clock: Clock,
}

impl<T: Transport, S, R> Users<T, S, R> {
    /// The service over a storage, beside siblings, with somebody to rank, what is kept for that, somebody who is staff by signing up,
    /// and a clock.
    pub fn new(
        storage: Client<T>,
        siblings: Siblings<S>,
        recommender: R,
        kept: Kept,
        first_staff: Option<FirstStaff>,
        clock: Clock,
    ) -> Self {
        Self {
            accounts: Accounts::new(&storage),
            sessions: Sessions::new(&storage),
            throttle: Throttle::new(&storage),
            staff: Staff::new(&storage),
            storage,
            siblings,
            recommender,
            kept,
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
    let (ids, username) = (request.query_ids("ids")?, request.query("username"));
    let username = username.map(|begin| begin.to_lowercase());
    let page = users
        .accounts
        .list(ids, username.as_deref(), request.page()?);
    let page = page.await?;
    Ok(Reply::page(&request, page))
}

/// `POST /users`
pub async fn create<T: Transport, S, R>(
    users: Rc<Users<T, S, R>>,
    request: Request,
) -> Result<Reply, Problem> {
    let caller = request.caller()?;
    let new: NewUser = request.body()?.read()?;
    let role = if signup::is_first(&new, users.first_staff.as_ref())? {
        Role::Staff
    } else {
        let role = new.role.unwrap_or_default();
        if role != Role::default() && !is_staff_now(&users, caller).await? {
            return Err(Problem::forbidden(ROLE_BY_STAFF));
        }
        role
    };
    let (user, credentials) = signup::user(new, role)?;
    if !users.accounts.register(&user, &credentials).await? {
        return Err(signup::taken(&user.username));
    }
    Ok(Reply::created(format!("/users/{}", user.id), user))
}

/// `GET /users/{id}`
pub async fn read<T: Transport, S, R>(
    users: Rc<Users<T, S, R>>,
    request: Request,
) -> Result<Reply, Problem> {
    let id = request.id("id")?;
    let user = users.accounts.find(id).await?;
    user.map(Reply::one).ok_or_else(|| missing(id))
}

/// `PATCH /users/{id}`
pub async fn change<T: Transport, S, R>(
    users: Rc<Users<T, S, R>>,
    request: Request,
) -> Result<Reply, Problem> {
    let (id, caller) = (request.id("id")?, request.signed_in()?);
    let patch: UserPatch = request.body()?.read()?;
    let gone = || missing(id);
    let user = users.accounts.find(id).await?.ok_or_else(gone)?;
    let role = patch.role.filter(|role| *role != user.role);
    if role.is_some() && !caller.is_staff() {
        return Err(Problem::forbidden(ROLE_BY_STAFF));
    }
    let fields = given([
        ("firstname", patch.firstname.map(Bson::from)),
        ("lastname", patch.lastname.map(Bson::from)),
        ("role", role.map(|role| role.name().into())),
    ]);
    let change = users.accounts.change(id, fields);
    let demoted = role.is_some() && user.role == Role::Staff;
    let changed = if demoted {
        users.off_the_staff(&user, change).await?
    } else {
        change.await
    };
    changed?.map(Reply::one).ok_or_else(gone)
}

/// `DELETE /users/{id}`
pub async fn delete<T: Transport, S: Transport, R>(
    users: Rc<Users<T, S, R>>,
    request: Request,
) -> Result<Reply, Problem> {
    let id = request.id("id")?;
    let caller = request.signed_in()?;
    let Some(user) = users.accounts.find(id).await? else {
        // Of somebody whose removal was cut off, what they booked is left.
        users.siblings.cancel_bookings(id).await?;
        return Err(missing(id));
    };
    let leave = async {
        users.siblings.cancel_bookings(id).await?;
        Ok::<_, Problem>(users.accounts.remove(id).await?)
    };
    let removed = if user.role == Role::Staff {
        users.off_the_staff(&user, leave).await?
    } else {
        leave.await
    }?;
    users.sessions.end_others(id, None).await?;
    // What was booked until then goes as well; who is gone can ask for nothing themselves.
    if caller.id != id
        && let Err(problem) = users.siblings.cancel_bookings(id).await
    {
        let detail = problem.detail;
        log::warn(&format!(
            "what the user {id} booked last is booked still: {detail}"
        ));
    }
    removed.then(Reply::no_content).ok_or_else(|| missing(id))
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
    Ok(Reply::page(&request, Page { items, next }))
}

/// `GET /users/{id}/suggested`
pub async fn suggested<T: Transport, S: Transport, R: Recommender>(
    users: Rc<Users<T, S, R>>,
    request: Request,
) -> Result<Reply, Problem> {
    let id = request.id("id")?;
    let (default, most) = SUGGESTIONS;
    let limit = request.query_number("limit", default, most)?;
    let gathering = Gathered::gather(&users.siblings, &users.kept, id, &users.clock, limit);
    let (user, gathered) = join!(users.accounts.find(id), gathering);
    // Who does not exist is unknown even when a sibling is down.
    user?.ok_or_else(|| missing(id))?;
    let gathered = gathered?;
    let suggested = gathered.suggest(&users.siblings, &users.recommender, id, limit);
    Ok(Reply::list(suggested.await?))
}

impl<T: Transport, S, R> Users<T, S, R> {
    /// Does what takes somebody from the staff, unless they are the last of it.
    async fn off_the_staff<A>(
        &self,
        user: &User,
        doing: impl Future<Output = A>,
    ) -> Result<A, Problem> {
        match self.staff.begin(&self.accounts, user.id).await? {
            Demotion::Free(by) => {
                let done = doing.await;
                self.staff.end(by).await?;
                Ok(done)
            }
            Demotion::Last => Err(Problem::conflict(
                "this is the last of the staff: make somebody else staff first",
            )),
            Demotion::Busy => Err(Problem::conflict(
                "somebody else is just being taken from the staff: try again",
            )),
        }
    }
}

pub(crate) fn missing(id: Id) -> Problem {
    Problem::missing("user", id)
}

/// Whether a caller's own document, and not their token alone, says that they are staff.
async fn is_staff_now<T: Transport, S, R>(
    users: &Users<T, S, R>,
    caller: Option<Caller>,
) -> Result<bool, Problem> {
    let Some(caller) = caller.filter(|caller| caller.is_staff()) else {
        return Ok(false);
    };
    let user = users.accounts.find(caller.id).await?;
    Ok(user.is_some_and(|user| user.role == Role::Staff))
}
