//! Who may become what: everybody a customer, and staff only by staff.
//!
//! The first of the staff can't be made by one, so the settings name them: whoever signs up with just that name and password is
//! staff.

use accounts::{Credentials, User, password};
use service::{Caller, Context, Id, Moment, Problem, Role};
use tokens::digest;

use crate::model::NewUser;

/// The name and the password of the first of the staff, by the settings.
#[derive(Debug, Clone)]
pub struct FirstStaff {
    username: String,
    /// The digest of the password, so that comparing takes as long for any other.
    password: String,
}

impl FirstStaff {
    /// By the variables `first_staff_username` and `first_staff_password`; nobody, where one is not set.
    pub fn of(context: &Context) -> Option<Self> {
        let set = |name: &str| context.setting(name).filter(|value| !value.is_empty());
        Some(Self::new(
            &set("first_staff_username")?,
            &set("first_staff_password")?,
        ))
    }

    /// This name with this password.
    pub fn new(username: &str, password: &str) -> Self {
        Self {
            username: username.to_lowercase(),
            password: digest(password),
        }
    }

    fn is(&self, username: &str, password: &str) -> bool {
        let same = self.password == digest(password);
        same && self.username == username
    }
}

/// The user that a body makes, with the credentials that go with it.
pub fn user(
    new: NewUser,
    caller: Option<Caller>,
    first: Option<&FirstStaff>,
) -> Result<(User, Credentials), Problem> {
    let is_first = first.is_some_and(|first| first.is(&new.username, &new.password));
    let role = match new.role.filter(|_| caller.is_some_and(Caller::is_staff)) {
        _ if is_first => Role::Staff,
        role => role.unwrap_or_default(),
    };
    let (id, now) = (Id::new(), Moment::now());
    let hash = password::hash(&new.password);
    let credentials = Credentials {
        id,
        password: hash.map_err(|error| Problem::internal(error.to_string()))?,
        changedon: now,
    };
    let user = User {
        id,
        username: new.username,
        firstname: new.firstname,
        lastname: new.lastname,
        role,
        createdon: now,
    };
    Ok((user, credentials))
}
