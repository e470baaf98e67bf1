//! Who may become what: everybody a customer, and staff only by staff.
//!
//! The first of the staff can't be made by one, so the settings name them: whoever signs up with just that name and password is
//! staff, and nobody has that name with another.

use accounts::{
    Credentials, User,
    password::{self, HashError},
};
use service::{Context, Id, Moment, Problem, Role};
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

    /// Whether the name is theirs.
    pub fn is_named(&self, username: &str) -> bool {
        self.username == username
    }

    fn has(&self, password: &str) -> bool {
        self.password == digest(password)
    }
}

/// Whether a user is to be the first of the staff. 409 where the name is to be theirs, and the password is another.
pub fn is_first(new: &NewUser, first: Option<&FirstStaff>) -> Result<bool, Problem> {
    match first.filter(|first| first.is_named(&new.username)) {
        None => Ok(false),
        Some(first) if first.has(&new.password) => Ok(true),
        Some(_) => Err(taken(&new.username)),
    }
}

/// 409: the name is somebody else's.
pub fn taken(username: &str) -> Problem {
    Problem::taken(format!("the username {username} is taken: choose another"))
}

/// The user that a body makes in a role, with the credentials that go with it.
pub fn user(new: NewUser, role: Role) -> Result<(User, Credentials), Problem> {
    let (id, now) = (Id::new(), Moment::now());
    let credentials = Credentials {
        id,
        password: hashed(&new.password, &new.username)?,
        changedon: now,
        code: None,
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

/// The hash of a password for a username; 422 where anybody would guess it.
pub fn hashed(password: &str, username: &str) -> Result<String, Problem> {
    match password::too_easy(password, username) {
        Some(fault) => Err(Problem::fault("password", fault)),
        None => password::hash(password).map_err(no_hash),
    }
}

/// 503: nothing is known of the password.
pub fn no_hash(error: HashError) -> Problem {
    Problem::unavailable("the comparison of passwords", error, None)
}
