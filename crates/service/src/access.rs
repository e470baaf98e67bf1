//! Who may use a route.

use std::rc::Rc;

use data_api_client::Id;
use http::{HeaderMap, Method};
use tokens::{Claims, Role};

use crate::{Problem, credentials, settings::Settings, verified};

/// Whom a route is open to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody. A token is looked at only where the handler asks for it.
    Anyone,
    /// Whoever is signed in.
    SignedIn,
    /// Those who run the cinema.
    Staff,
    /// The user whose id is this parameter of the path, and staff.
    Oneself(&'static str),
}

impl Access {
    /// 403 where it is not open to a caller. `param` gives the parameters of the path.
    pub(crate) fn allows<'a>(
        self,
        caller: Caller,
        param: impl Fn(&str) -> &'a str,
    ) -> Result<(), Problem> {
        let why_not = match self {
            Self::Anyone | Self::SignedIn => return Ok(()),
            Self::Oneself(name) if param(name).parse() == Ok(caller.id) => return Ok(()),
            Self::Oneself(_) => "this is for the user it is about, and for staff",
            Self::Staff => "this is for staff",
        };
        if caller.is_staff() {
            Ok(())
        } else {
            Err(Problem::forbidden(why_not))
        }
    }
}

/// Who sent a request, by the token that came with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller {
    /// The user.
    pub id: Id,
    /// What they may do.
    pub role: Role,
    /// The session that the token is of.
    pub session: Option<Id>,
}

impl Caller {
    /// Whether they run the cinema.
    pub fn is_staff(self) -> bool {
        self.role == Role::Staff
    }
}

impl Settings {
    /// Who sent a request with this method and these headers; none where it came without a token.
    pub(crate) fn caller(
        &self,
        method: &Method,
        headers: &HeaderMap,
    ) -> Result<Option<Caller>, Problem> {
        let Some(found) = credentials::find(headers)? else {
            return Ok(None);
        };
        let claims = self.claims(found.token)?;
        if found.by_cookie {
            credentials::check_csrf(method, headers, claims.csrf.as_deref())?;
        }
        named(&claims).map(Some)
    }

    /// Whose a token is.
    pub(crate) fn believed(&self, token: &str) -> Result<Caller, Problem> {
        named(&*self.claims(token)?)
    }

    fn claims(&self, token: &str) -> Result<Rc<Claims>, Problem> {
        let settings = [
            self.required("auth_jwks")?,
            self.required("auth_issuer")?,
            self.required("auth_audience")?,
        ];
        verified::claims(settings, token)
    }

    /// Lets a request in, or says why not. `param` gives the parameters of its path.
    pub(crate) fn admit<'a>(
        &self,
        access: Access,
        method: &Method,
        headers: &HeaderMap,
        param: impl Fn(&str) -> &'a str,
    ) -> Result<Option<Caller>, Problem> {
        match access {
            Access::Anyone => return Ok(None),
            Access::SignedIn | Access::Staff | Access::Oneself(_) => {}
        }
        // Who can't be recognised at all is told so before being sent for a token.
        self.required("auth_jwks")?;
        let caller = self.caller(method, headers)?.ok_or_else(sign_in)?;
        access.allows(caller, param)?;
        Ok(Some(caller))
    }
}

fn named(claims: &Claims) -> Result<Caller, Problem> {
    let id = (claims.sub.parse()).map_err(|_| Problem::invalid_token("the token names no user"))?;
    Ok(Caller {
        id,
        role: claims.role,
        session: claims.sid.as_deref().and_then(|sid| sid.parse().ok()),
    })
}

/// 401 for whoever has not signed in.
pub(crate) fn sign_in() -> Problem {
    Problem::unauthorized(
        "sign in: auth's login gives a token, to be sent as Authorization: Bearer",
    )
}
