//! Who may become what: everybody a customer, and staff only by staff.
//!
//! The first of the staff can't be made by one, so the settings name them: whoever signs up with just that name and password is
//! staff.

use passwords::Credentials;
use serde_json::json;
use service::{
    Caller, Context, Fields, Problem, Role, clock,
    rule::{Other, optional, other, text},
};
use tokens::digest;

use crate::model::User;

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

/// The user that a body makes, with the password that goes with it.
///
/// # Errors
/// 422 with every fault of the body.
pub fn read(
    mut fields: Fields,
    caller: Option<Caller>,
    first: Option<&FirstStaff>,
) -> Result<(User, Credentials), Problem> {
    let mut user = User::create(&mut fields);
    let password = fields
        .take("password", &text(passwords::LENGTH))
        .unwrap_or_default();
    if caller.is_some_and(Caller::is_staff) {
        const ROLE: Other<Role> = other(
            "customer or staff",
            || json!({"$ref": "#/components/schemas/Role"}),
            |value| Role::parse(value.as_str()?),
        );
        user.role = fields
            .take("role", &optional(ROLE))
            .flatten()
            .unwrap_or_default();
    }
    fields.finish(Some(()))?;
    if first.is_some_and(|first| first.is(&user.username, &password)) {
        user.role = Role::Staff;
    }
    let credentials = Credentials {
        userid: user.id,
        password: passwords::hash(&password)
            .map_err(|error| Problem::internal(error.to_string()))?,
        changedon: clock::now(),
    };
    Ok((user, credentials))
}
