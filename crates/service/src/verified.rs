//! Tokens whose signature is verified once in the life of an instance, which a host may have serve many requests.

use std::{
    cell::RefCell,
    collections::HashMap,
    rc::Rc,
    time::{SystemTime, UNIX_EPOCH},
};

use tokens::{Claims, LEEWAY, Verifier};

use crate::Problem;

/// How many tokens are remembered.
const MOST: usize = 256;

thread_local! {
    static KNOWN: RefCell<Option<Known>> = const { RefCell::new(None) };
}

/// What a token says, by these keys, of this issuer and for this audience, if it may be believed now.
pub(crate) fn claims(settings: [String; 3], token: &str) -> Result<Rc<Claims>, Problem> {
    KNOWN.with_borrow_mut(|known| {
        let known = match known {
            Some(known) if known.settings == settings => known,
            _ => known.insert(Known::new(settings)?),
        };
        known.claims(token)
    })
}

/// Tokens that are known to be good by certain settings.
struct Known {
    settings: [String; 3],
    verifier: Verifier,
    claims: HashMap<String, Rc<Claims>>,
}

impl Known {
    fn new(settings: [String; 3]) -> Result<Self, Problem> {
        let [jwks, issuer, audience] = &settings;
        let verifier = Verifier::new(jwks, issuer, audience)
            .map_err(|error| Problem::unusable("auth_jwks", &error.to_string()))?;
        Ok(Self {
            settings,
            verifier,
            claims: HashMap::new(),
        })
    }

    fn claims(&mut self, token: &str) -> Result<Rc<Claims>, Problem> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = now.map_or(u64::MAX, |now| now.as_secs());
        if let Some(claims) = self.claims.get(token)
            && claims.exp.saturating_add(LEEWAY) > now
        {
            return Ok(Rc::clone(claims));
        }
        let claims = self.verifier.verify(token);
        let claims = Rc::new(claims.map_err(|why| Problem::invalid_token(why.to_string()))?);
        if self.claims.len() >= MOST {
            self.claims.clear();
        }
        self.claims.insert(token.to_owned(), Rc::clone(&claims));
        Ok(claims)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use data_api_client::Id;

    use super::*;
    use crate::{
        Role,
        testing::{JWKS, token},
    };

    fn settings() -> [String; 3] {
        [JWKS, "cinema", "cinema"].map(str::to_owned)
    }

    #[test]
    fn each_token_says_what_it_says() {
        let (first, second) = (Id::new(), Id::new());
        let tokens = [first, second].map(|id| (id, token(id, Role::Customer)));
        for (id, token) in tokens.iter().chain(&tokens) {
            let claims = claims(settings(), token).unwrap();
            assert_eq!(claims.sub, id.to_string());
        }
    }

    #[test]
    fn a_token_that_is_known_is_refused_by_other_settings() {
        let token = token(Id::new(), Role::Staff);
        claims(settings(), &token).unwrap();
        for at in [1, 2] {
            let mut other = settings();
            other[at] = "elsewhere".into();
            assert_eq!(claims(other, &token).unwrap_err().status, 401, "{at}");
        }
        let retired = JWKS.replace("kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k", "another");
        let other = [retired, "cinema".into(), "cinema".into()];
        assert_eq!(claims(other, &token).unwrap_err().status, 401);
        claims(settings(), &token).unwrap();
    }

    #[test]
    fn a_token_that_is_known_expires() {
        let mut known = Known::new(settings()).unwrap();
        let token = token(Id::new(), Role::Staff);
        let said = known.claims(&token).unwrap();
        let forged = format!("{token}x");
        for (exp, good) in [(said.exp, true), (said.iat - LEEWAY, false)] {
            let claims = Claims {
                exp,
                ..Claims::clone(&said)
            };
            known.claims.insert(forged.clone(), Rc::new(claims));
            assert_eq!(known.claims(&forged).is_ok(), good, "{exp}");
        }
    }

    #[test]
    fn no_more_tokens_are_remembered_than_there_is_room_for() {
        let mut known = Known::new(settings()).unwrap();
        for _ in 0..=MOST {
            known.claims(&token(Id::new(), Role::Staff)).unwrap();
            assert!(known.claims.len() <= MOST);
        }
    }
}
