//! What bodies say.

use service::{Fields, Problem};

/// The longest name and password that are looked at, in characters: longer than any that there are.
const LONGEST: usize = 1024;

/// Who wants to sign in.
pub struct Login {
    /// In lower case.
    pub username: String,
    /// As it was typed.
    pub password: String,
    /// Whether tokens are to be given as cookies.
    pub cookies: bool,
}

impl Login {
    /// Reads a body.
    ///
    /// # Errors
    /// 422 with every fault of the body.
    pub fn read(mut fields: Fields) -> Result<Self, Problem> {
        let login = Self {
            username: fields.string("username", 1..=LONGEST).to_lowercase(),
            password: fields.string("password", 1..=LONGEST),
            cookies: fields
                .optional("cookies", "has to be true or false", |value| {
                    value.as_bool()
                })
                .unwrap_or_default(),
        };
        fields.finish()?;
        Ok(login)
    }
}

/// The refresh token that a body has, if it has one.
///
/// # Errors
/// 422 where it is no text.
pub fn refresh_token(mut fields: Fields) -> Result<Option<String>, Problem> {
    let token = fields.optional("refresh_token", "has to be a text", |value| {
        value.as_str().map(str::to_owned)
    });
    fields.finish()?;
    Ok(token)
}
