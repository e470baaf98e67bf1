//! The bodies of the actions: each parameter of an action is known, and any other is refused by its name.

use std::fmt;

use bson::{Bson, Document};

use crate::{Action, Failure, id::with_id, json::Extended};

/// Which parameters the actions have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Those of MongoDB Atlas.
    Atlas,
    /// More of those that MongoDB's own commands have.
    Extended,
}

impl Dialect {
    /// Whether an action has a parameter, beside where its documents are.
    pub(crate) fn has(self, action: Action, name: &str) -> bool {
        let atlas: &[_] = match action {
            Action::FindOne => &["filter", "projection", "sort", "skip"],
            Action::Find => &["filter", "projection", "sort", "skip", "limit"],
            Action::InsertOne => &["document"],
            Action::InsertMany => &["documents", "ordered"],
            Action::UpdateOne | Action::UpdateMany => &["filter", "update", "upsert"],
            Action::DeleteOne | Action::DeleteMany => &["filter"],
            Action::Aggregate => &["pipeline"],
        };
        atlas.contains(&name)
            || self == Self::Extended
                && match name {
                    "comment" | "maxTimeMS" => true,
                    "collation" | "hint" | "let" => {
                        !matches!(action, Action::InsertOne | Action::InsertMany)
                    }
                    "arrayFilters" => matches!(action, Action::UpdateOne | Action::UpdateMany),
                    "sort" => action == Action::UpdateOne,
                    _ => false,
                }
    }
}

/// The body of an action, from which its parameters are taken one by one.
pub struct Body {
    /// The action it is for.
    pub action: Action,
    /// The parameters that nobody has taken yet.
    left: Document,
}

/// Where an action's documents are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Namespace {
    /// The name of a deployment, for servers that have several.
    pub data_source: Option<String>,
    /// The database.
    pub database: String,
    /// The collection.
    pub collection: String,
}

/// `database.collection`
impl fmt::Display for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.database, self.collection)
    }
}

impl Body {
    /// Reads Extended JSON, relaxed or canonical.
    ///
    /// # Errors
    /// What is no JSON, no Extended JSON, or no object; a parameter that the action does not have.
    pub fn parse(action: Action, dialect: Dialect, bytes: &[u8]) -> Result<Self, Failure> {
        match serde_json::from_slice(bytes) {
            Ok(Extended(Bson::Document(left))) => {
                let place = ["dataSource", "database", "collection"];
                let known = |name: &str| place.contains(&name) || dialect.has(action, name);
                match left.keys().find(|name| !known(name)) {
                    None => Ok(Self { action, left }),
                    Some(name) => Err(Failure::invalid(format!(
                        "{} has no parameter {name}",
                        action.name()
                    ))),
                }
            }
            Ok(_) => Err(Failure::invalid("the body has to be an object")),
            Err(error) => {
                let format = if error.is_data() {
                    "Extended JSON"
                } else {
                    "valid JSON"
                };
                Err(Failure::invalid(format!(
                    "the body is not {format}: {error}"
                )))
            }
        }
    }

    /// The parameters that nobody has taken yet.
    pub fn left(&self) -> &Document {
        &self.left
    }

    /// Where the documents are.
    ///
    /// # Errors
    /// A name that is missing, or can be none.
    pub fn namespace(&mut self) -> Result<Namespace, Failure> {
        let named = self.left.contains_key("dataSource");
        let data_source = named.then(|| self.name("dataSource")).transpose()?;
        let database = self.name("database")?;
        if database.contains('.') {
            return Err(Failure::bad_value("database: a name has no dots"));
        }
        Ok(Namespace {
            data_source,
            database,
            collection: self.name("collection")?,
        })
    }

    /// The one document of `insertOne`, or the several of `insertMany`. Each has an `_id`, in front.
    ///
    /// # Errors
    /// No documents, or one whose `_id` can be none.
    pub fn inserted(&mut self) -> Result<Vec<Document>, Failure> {
        let documents = if self.action == Action::InsertOne {
            vec![self.required("document")?]
        } else {
            if !self.flag("ordered")?.unwrap_or(true) {
                return Err(Failure::invalid("ordered: false is not offered"));
            }
            self.documents("documents")?
        };
        if documents.is_empty() {
            return Err(Failure::invalid("documents: give at least one"));
        }
        documents.into_iter().map(with_id).collect()
    }

    fn name(&mut self, field: &str) -> Result<String, Failure> {
        match self.left.remove(field) {
            Some(Bson::String(name)) if !name.is_empty() && !name.contains(['\0', '$']) => Ok(name),
            _ => Err(Failure::invalid(format!("{field}: give its name"))),
        }
    }

    /// A parameter, where it is given and not null.
    pub fn take(&mut self, field: &str) -> Option<Bson> {
        let value = self.left.remove(field);
        value.filter(|value| *value != Bson::Null)
    }

    /// A parameter that is a document.
    ///
    /// # Errors
    /// A value of another type.
    pub fn document(&mut self, field: &str) -> Result<Option<Document>, Failure> {
        match self.take(field) {
            None => Ok(None),
            Some(Bson::Document(document)) => Ok(Some(document)),
            Some(_) => Err(Failure::invalid(format!("{field} has to be an object"))),
        }
    }

    /// A parameter that has to be there, and is a document.
    ///
    /// # Errors
    /// None, or a value of another type.
    pub fn required(&mut self, field: &str) -> Result<Document, Failure> {
        let document = self.document(field)?;
        document.ok_or_else(|| Failure::invalid(format!("{field} is required")))
    }

    /// A parameter that has to be there, and is an array of documents.
    ///
    /// # Errors
    /// A value of another type.
    pub fn documents(&mut self, field: &str) -> Result<Vec<Document>, Failure> {
        let documents = match self.take(field) {
            Some(Bson::Array(items)) => items
                .into_iter()
                .map(|item| match item {
                    Bson::Document(document) => Some(document),
                    _ => None,
                })
                .collect(),
            _ => None,
        };
        documents.ok_or_else(|| Failure::invalid(format!("{field} has to be an array of objects")))
    }

    /// A parameter that is a whole number, not negative.
    ///
    /// # Errors
    /// A value that is no such number.
    pub fn number(&mut self, field: &str) -> Result<Option<usize>, Failure> {
        let Some(value) = self.take(field) else {
            return Ok(None);
        };
        let number = match value {
            Bson::Int32(number) => usize::try_from(number).ok(),
            Bson::Int64(number) => usize::try_from(number).ok(),
            Bson::Double(number) if number.fract() == 0.0 && (0.0..1e15).contains(&number) => {
                Some(number as usize)
            }
            _ => None,
        };
        let wrong = || Failure::invalid(format!("{field} has to be a whole number, not negative"));
        number.map(Some).ok_or_else(wrong)
    }

    /// A parameter that is true or false.
    ///
    /// # Errors
    /// A value of another type.
    pub fn flag(&mut self, field: &str) -> Result<Option<bool>, Failure> {
        match self.take(field) {
            None => Ok(None),
            Some(Bson::Boolean(flag)) => Ok(Some(flag)),
            Some(_) => Err(Failure::invalid(format!("{field} has to be true or false"))),
        }
    }
}
