//! The parameters that Atlas' Data API did not have, and MongoDB's own commands do.

use std::time::Duration;

use bson::{Bson, Document};
use data_api_protocol::{Body, Failure};
use mongodb::options::{Collation, Hint};

use super::Bounds;

/// The parameters that most actions have.
pub struct Extras {
    pub collation: Option<Collation>,
    pub hint: Option<Hint>,
    pub let_vars: Option<Document>,
    pub comment: Option<Bson>,
    /// The longest that the server may take: what the client wants, or what it gets at the most.
    pub time: Duration,
}

impl Extras {
    /// Those of a body.
    pub fn take(body: &mut Body, bounds: Bounds) -> Result<Self, Failure> {
        let collation = body.document("collation")?.map(|collation| {
            bson::deserialize_from_document(collation)
                .map_err(|error| Failure::invalid(format!("collation: {error}")))
        });
        let hint = match body.take("hint") {
            None => None,
            Some(Bson::String(name)) => Some(Hint::Name(name)),
            Some(Bson::Document(keys)) => Some(Hint::Keys(keys)),
            Some(_) => {
                let message = "hint has to be an index's name, or its keys";
                return Err(Failure::invalid(message));
            }
        };
        let wanted = match body.number("maxTimeMS")? {
            // As at the server, zero is as long as may be.
            None | Some(0) => bounds.time,
            Some(millis) => Duration::from_millis(millis as u64),
        };
        Ok(Self {
            collation: collation.transpose()?,
            hint,
            let_vars: body.document("let")?,
            comment: body.take("comment"),
            time: wanted.min(bounds.time),
        })
    }

    /// How long the gateway itself waits: a little longer, so that a server that keeps its time has the word.
    pub fn patience(&self) -> Duration {
        self.time + Duration::from_millis(500)
    }
}
