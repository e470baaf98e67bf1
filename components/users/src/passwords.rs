//! How a password takes another's place: by whoever knows that one, by staff, or by a code that staff gives out.

use std::{rc::Rc, time::Duration};

use accounts::{
    Attempt, Code,
    password::{self, Match},
    random,
};
use door::Transport;
use service::{Id, Moment, Problem, Reply, Request};
use tokens::digest;

use crate::{
    handlers::{Users, missing},
    model::{GivenCode, NewPassword},
    signup,
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
    let hash = signup::hashed(&new.password, &user.username)?;
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
    Ok(Reply::one(GivenCode { code, expires }))
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
        if password::verify(current, &old.password).map_err(signup::no_hash)? == Match::No {
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
