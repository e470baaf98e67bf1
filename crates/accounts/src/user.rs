//! A user, and what they sign in by.

use data_api_client::{Id, Moment};
use serde::{Deserialize, Serialize};
use tokens::Role;

/// Somebody who books, or runs the cinema.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields' names say it")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct User {
    #[serde(alias = "_id")]
    pub id: Id,
    /// Lower-case, and no other user's.
    pub username: String,
    pub firstname: String,
    pub lastname: String,
    /// What the user may do.
    pub role: Role,
    pub createdon: Moment,
}

impl From<User> for proto::User {
    fn from(user: User) -> Self {
        let role = match user.role {
            Role::Customer => proto::Role::Customer,
            Role::Staff => proto::Role::Staff,
        };
        Self {
            id: user.id.to_string(),
            username: user.username,
            firstname: user.firstname,
            lastname: user.lastname,
            role: role.into(),
            createdon: Some(proto::timestamp(user.createdon.millis())),
        }
    }
}

/// What a user signs in by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credentials {
    /// Whose they are.
    #[serde(alias = "_id")]
    pub id: Id,
    /// The password's hash, in PHC format.
    pub password: String,
    /// Since when it is this one.
    pub changedon: Moment,
    /// What sets another, where staff gave out such a code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<Code>,
}

/// A code with which somebody who forgot their password sets a new one, once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Code {
    /// The code's digest.
    pub digest: String,
    /// Until when it is good.
    pub expires: Moment,
}
