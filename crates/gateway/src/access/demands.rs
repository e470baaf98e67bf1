//! What an action's body takes, beyond reading or writing its own collection.

use bson::{Bson, Document};
use data_api_protocol::Failure;

use super::Privilege;

/// A collection, and its database where that is another.
type Place = (Option<String>, String);

/// What a body takes.
#[derive(Debug, Default)]
pub struct Demands {
    /// The collections that are read as well.
    pub read: Vec<Place>,
    /// The collections that are written as well.
    pub written: Vec<Place>,
    /// What a rule has to allow.
    pub privileges: Vec<Privilege>,
}

impl Demands {
    /// All that stands anywhere in the parameters of an action: its filter, its update, its pipeline.
    ///
    /// # Errors
    /// What no answer can be made of, and a collection that is not named as the server has it: what can't be read is not let
    /// through.
    pub fn of(parameters: &Document) -> Result<Self, Failure> {
        let mut demands = Self::default();
        demands.document(parameters)?;
        Ok(demands)
    }

    fn document(&mut self, document: &Document) -> Result<(), Failure> {
        document.iter().try_for_each(|(name, value)| {
            self.note(name, value)?;
            self.value(value)
        })
    }

    fn value(&mut self, value: &Bson) -> Result<(), Failure> {
        match value {
            Bson::Array(items) => items.iter().try_for_each(|item| self.value(item)),
            Bson::Document(document) => self.document(document),
            Bson::JavaScriptCodeWithScope(code) => self.document(&code.scope),
            _ => Ok(()),
        }
    }

    fn note(&mut self, name: &str, value: &Bson) -> Result<(), Failure> {
        match name {
            "$changeStream" => {
                return Err(Failure::invalid(
                    "$changeStream: an answer would have no end",
                ));
            }
            "$lookup" | "$graphLookup" => {
                // With a pipeline of its own, `$lookup` needs no collection.
                if let Some(from) = member(value, "from") {
                    self.read.push(place(name, from)?);
                }
            }
            "$unionWith" => match value {
                Bson::Document(of) if !of.contains_key("coll") => {}
                value => self.read.push(place(name, value)?),
            },
            "$out" => self.written.push(place(name, value)?),
            "$merge" => {
                let into = member(value, "into").unwrap_or(value);
                self.written.push(place(name, into)?);
            }
            _ => {}
        }
        self.privileges.extend(Privilege::of(name));
        Ok(())
    }
}

fn member<'a>(value: &'a Bson, name: &str) -> Option<&'a Bson> {
    value.as_document().and_then(|document| document.get(name))
}

/// A collection by its name, or with its database.
fn place(stage: &str, value: &Bson) -> Result<Place, Failure> {
    let text = |document: &Document, name: &str| document.get_str(name).ok().map(str::to_owned);
    match value {
        Bson::String(collection) => Some((None, collection.clone())),
        Bson::Document(document) => text(document, "coll")
            .filter(|_| document.get("db").is_none_or(|db| db.as_str().is_some()))
            .map(|collection| (text(document, "db"), collection)),
        _ => None,
    }
    .ok_or_else(|| Failure::invalid(format!("{stage}: name its collection")))
}
