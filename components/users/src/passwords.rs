//! How a password takes another's place: by whoever knows that one, by staff, or by a code that staff gives out.

use std::{rc::Rc, time::Duration};

use accounts::{
    Attempt, Code,
    password::{self, HashError, Match},
    random,
};
use door::Transport;
use service::{Caller, Id, Moment, Problem, Reply, Request};
use tokens::digest;

use crate::{
    handlers::{Users, missing},
    model::{GivenCode, NewPassword},
};

/// How long a code is good.
const LIFETIME: Duration = Duration::from_secs(60 * 60);

/// `PUT /users/{id}/password`
pub async fn change<T: Transport, S, R>(
    users: Rc<Users<T, S, R>>,
    request: Request,
) -> Result<Reply, Problem> {
    let (id, caller) = (request.id("id")?, request.signed_in()?);
    let new: NewPassword = request.body()?.read()?;
    let user = users.accounts.find(id).await?.ok_or_else(|| missing(id))?;
    let hash = hashed(&new.password, &user.username)?;
    let now = Moment::now();
    if caller.id == id {
        let current = (new.current.as_deref())
            .ok_or_else(|| Problem::fault("current", "is required: the password there is"))?;
        let attempt = Attempt::new(&user.username, &request.origin()?.counted());
        users.replace(&attempt, id, current, &hash, now).await?;
    } else {
        users.accounts.set_password(id, &hash, now).await?;
    }
    let kept = caller.session.filter(|_| caller.id == id);
    users.sessions.end_others(id, kept).await?;
    Ok(Reply::no_content())
}

/// `POST /users/{id}/code`
pub async fn code<T: Transport, S, R>(
    users: Rc<Users<T, S, R>>,
    request: Request,
) -> Result<Reply, Problem> {
    let id = request.id("id")?;
    users.accounts.find(id).await?.ok_or_else(|| missing(id))?;
    let code = random::code().map_err(|error| Problem::internal(error.to_string()))?;
    let expires = Moment::now().after(LIFETIME);
    let kept = Code {
        digest: digest(&random::typed(&code)),
        expires,
    };
    users.accounts.give_code(id, &kept).await?;
    Reply::one(&GivenCode { code, expires })
}

/// The hash of a password for a username; 422 where anybody would guess it.
pub fn hashed(password: &str, username: &str) -> Result<String, Problem> {
    match password::too_easy(password, username) {
        Some(fault) => Err(Problem::fault("password", fault)),
        None => password::hash(password).map_err(no_hash),
    }
}

/// 503: nothing is known of the password.
fn no_hash(error: HashError) -> Problem {
    Problem::unavailable("the comparison of passwords", error, None)
}

impl<T: Transport, S, R> Users<T, S, R> {
    /// Puts a hash in the place of the current password's. Who guesses at that has to wait as at a login.
    async fn replace(
        &self,
        attempt: &Attempt,
        id: Id,
        current: &str,
        hash: &str,
        now: Moment,
    ) -> Result<(), Problem> {
        if let Some(refusal) = self.throttle.begin(attempt, now).await? {
            return Err(Problem::too_many(refusal.to_string(), refusal.wait()));
        }
        let replaced = self.replaced(id, current, hash, now).await;
        self.throttle.end(attempt, &replaced, now).await?;
        replaced?.ok_or_else(|| Problem::fault("current", "is not the password there is"))
    }

    /// None where the current password is another.
    async fn replaced(
        &self,
        id: Id,
        current: &str,
        hash: &str,
        now: Moment,
    ) -> Result<Option<()>, Problem> {
        let Some(old) = self.accounts.credentials(id).await? else {
            password::verify_nobody(current);
            return Ok(None);
        };
        if password::verify(current, &old.password).map_err(no_hash)? == Match::No {
            return Ok(None);
        }
        if self.accounts.replace_password(&old, hash, now).await? {
            return Ok(Some(()));
        }
        Err(Problem::conflict(
            "the password has just been changed: try again",
        ))
    }
}

/// Whether a caller's own document, and not their token alone, says that they are staff.
pub async fn is_staff_now<T: Transport, S, R>(
    users: &Users<T, S, R>,
    caller: Option<Caller>,
) -> Result<bool, Problem> {
    let Some(caller) = caller.filter(|caller| caller.is_staff()) else {
        return Ok(false);
    };
    let user = users.accounts.find(caller.id).await?;
    Ok(user.is_some_and(|user| user.role == service::Role::Staff))
}
