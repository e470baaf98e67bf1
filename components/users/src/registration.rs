//! A name is given to one user, whoever else asks for it at the same time.
//!
//! The name is reserved by a document whose `_id` it is, since `_id` is what every server keeps unique; then the user is
//! written, the password first, so that whoever is there can sign in. A process that dies between the two leaves a reservation without a user. A minute later, whoever wants the name
//! first makes void the place of the user who was to have it, so that a write still on its way can't arrive after all, and then
//! puts a reservation of their own in its place, by one conditional update.

use data_api_client::Error;
use passwords::Credentials;
use service::Id;
use service::clock;

use crate::model::User;
use crate::storage::{Reservation, Storage};

/// How long a reservation waits for its user to be written, in milliseconds.
const PATIENCE_MS: i64 = 60_000;

/// Adds a user. False when the name is taken.
pub async fn register<S: Storage>(
    storage: &S,
    user: &User,
    credentials: &Credentials,
) -> Result<bool, Error> {
    // Other programs write users without a reservation.
    if storage.is_named(&user.username).await? || !reserve(storage, user).await? {
        return Ok(false);
    }
    storage.keep(credentials).await?;
    let written = storage.write(user).await?;
    if !written {
        storage.forget(user.id).await?;
    }
    Ok(written)
}

async fn reserve<S: Storage>(storage: &S, user: &User) -> Result<bool, Error> {
    let ours = Reservation {
        username: user.username.clone(),
        userid: user.id,
        at: clock::now(),
    };
    let first = storage.reserve(&ours).await?;
    if first.userid == ours.userid {
        return Ok(true);
    }
    let age = ours
        .at
        .timestamp_millis()
        .saturating_sub(first.at.timestamp_millis());
    Ok(age >= PATIENCE_MS
        && storage.void(first.userid).await?
        && storage.replace(&first, &ours).await?)
}

/// Removes a user with their password, and frees their name. False when there is no such user.
pub async fn remove<S: Storage>(storage: &S, id: Id) -> Result<bool, Error> {
    let Some(user) = storage.find(id).await? else {
        return Ok(false);
    };
    // In this order: a name is free only when nobody has it. Where a later step fails, the name is had again in a minute, and a
    // password without a user opens nothing.
    let removed = storage.remove(id).await?;
    storage.forget(id).await?;
    storage.free(&user.username, id).await?;
    Ok(removed)
}
