//! The bodies of the actions: each parameter of an action is known, and any other is refused by its name.

use bson::{Bson, Document, oid::ObjectId};
use mql::{Filter, Pipeline, Projection, Sort, Update};

use crate::{Action, Failure, json::Extended};

/// What may stand in an action's body, beside where its documents are.
fn parameters(action: Action) -> &'static [&'static str] {
    match action {
        Action::FindOne => &["filter", "projection", "sort", "skip"],
        Action::Find => &["filter", "projection", "sort", "skip", "limit"],
        Action::InsertOne => &["document"],
        Action::InsertMany => &["documents", "ordered"],
        Action::UpdateOne | Action::UpdateMany => &["filter", "update", "upsert"],
        Action::DeleteOne | Action::DeleteMany => &["filter"],
        Action::Aggregate => &["pipeline"],
    }
}

/// The body of an action, from which its parameters are taken one by one.
pub(crate) struct Body {
    /// The action it is for.
    pub action: Action,
    /// The parameters that nobody has taken yet.
    left: Document,
}

/// Which documents to give, and what of them.
pub(crate) struct Find {
    pub namespace: String,
    pub filter: Filter,
    pub projection: Option<Projection>,
    pub sort: Sort,
    pub skip: usize,
    pub limit: usize,
}

/// Documents to add. Each has an `_id`, in front.
pub(crate) struct Insert {
    pub namespace: String,
    pub documents: Vec<Document>,
}

/// What to change, and how.
pub(crate) struct Change {
    pub namespace: String,
    pub filter: Filter,
    pub update: Update,
    pub upsert: bool,
}

/// What to remove.
pub(crate) struct Delete {
    pub namespace: String,
    pub filter: Filter,
}

/// What to make of a collection's documents.
pub(crate) struct Aggregate {
    pub database: String,
    pub namespace: String,
    pub pipeline: Pipeline,
}

impl Body {
    /// Reads Extended JSON, relaxed or canonical.
    ///
    /// # Errors
    /// What is no JSON, no Extended JSON, or no object.
    pub fn parse(action: Action, bytes: &[u8]) -> Result<Self, Failure> {
        match serde_json::from_slice(bytes) {
            Ok(Extended(Bson::Document(left))) => {
                let place = ["dataSource", "database", "collection"];
                let known =
                    |name: &str| place.contains(&name) || parameters(action).contains(&name);
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

    /// The query of `find`, or of `findOne`, which gives one document at the most.
    pub fn find(mut self) -> Result<Find, Failure> {
        let projection = self.document("projection")?.unwrap_or_default();
        let projection = (!projection.is_empty()).then(|| Projection::parse(&projection));
        Ok(Find {
            namespace: self.namespace()?.1,
            filter: Filter::parse(&self.document("filter")?.unwrap_or_default())?,
            projection: projection.transpose()?,
            sort: Sort::parse(&self.document("sort")?.unwrap_or_default())?,
            skip: self.number("skip")?.unwrap_or(0),
            limit: match self.action {
                Action::FindOne => 1,
                // A limit of zero is none, as in MongoDB.
                _ => self
                    .number("limit")?
                    .filter(|limit| *limit > 0)
                    .unwrap_or(usize::MAX),
            },
        })
    }

    /// The one document of `insertOne`, or the several of `insertMany`.
    pub fn insert(mut self) -> Result<Insert, Failure> {
        let documents = if self.action == Action::InsertOne {
            vec![self.required("document")?]
        } else {
            if !self.flag("ordered")?.unwrap_or(true) {
                let message = "ordered: false is not offered, for an insert is all or nothing";
                return Err(Failure::invalid(message));
            }
            self.documents("documents")?
        };
        if documents.is_empty() {
            return Err(Failure::invalid("documents: give at least one"));
        }
        Ok(Insert {
            namespace: self.namespace()?.1,
            documents: documents
                .into_iter()
                .map(with_id)
                .collect::<Result<_, _>>()?,
        })
    }

    /// The update of `updateOne` and `updateMany`.
    pub fn update(mut self) -> Result<Change, Failure> {
        Ok(Change {
            namespace: self.namespace()?.1,
            filter: Filter::parse(&self.required("filter")?)?,
            update: Update::parse(&self.required("update")?)?,
            upsert: self.flag("upsert")?.unwrap_or(false),
        })
    }

    /// The filter of `deleteOne` and `deleteMany`.
    pub fn delete(mut self) -> Result<Delete, Failure> {
        Ok(Delete {
            namespace: self.namespace()?.1,
            filter: Filter::parse(&self.required("filter")?)?,
        })
    }

    /// The pipeline of `aggregate`.
    pub fn aggregate(mut self) -> Result<Aggregate, Failure> {
        let (database, namespace) = self.namespace()?;
        let pipeline = Pipeline::parse(&self.documents("pipeline")?)?;
        Ok(Aggregate {
            database,
            namespace,
            pipeline,
        })
    }

    /// The database, and `database.collection`. Where the database is, a data source's name, is for other servers.
    fn namespace(&mut self) -> Result<(String, String), Failure> {
        if self.left.contains_key("dataSource") {
            self.name("dataSource")?;
        }
        let database = self.name("database")?;
        if database.contains('.') {
            return Err(Failure::bad_value("database: a name has no dots"));
        }
        let namespace = format!("{database}.{}", self.name("collection")?);
        Ok((database, namespace))
    }

    fn name(&mut self, field: &str) -> Result<String, Failure> {
        match self.left.remove(field) {
            Some(Bson::String(name)) if !name.is_empty() && !name.contains(['\0', '$']) => Ok(name),
            _ => Err(Failure::invalid(format!("{field}: give its name"))),
        }
    }

    /// A parameter, where it is given and not null.
    fn take(&mut self, field: &str) -> Option<Bson> {
        let value = self.left.remove(field);
        value.filter(|value| *value != Bson::Null)
    }

    fn document(&mut self, field: &str) -> Result<Option<Document>, Failure> {
        match self.take(field) {
            None => Ok(None),
            Some(Bson::Document(document)) => Ok(Some(document)),
            Some(_) => Err(Failure::invalid(format!("{field} has to be an object"))),
        }
    }

    fn required(&mut self, field: &str) -> Result<Document, Failure> {
        let document = self.document(field)?;
        document.ok_or_else(|| Failure::invalid(format!("{field} is required")))
    }

    fn documents(&mut self, field: &str) -> Result<Vec<Document>, Failure> {
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

    fn number(&mut self, field: &str) -> Result<Option<usize>, Failure> {
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

    fn flag(&mut self, field: &str) -> Result<Option<bool>, Failure> {
        match self.take(field) {
            None => Ok(None),
            Some(Bson::Boolean(flag)) => Ok(Some(flag)),
            Some(_) => Err(Failure::invalid(format!("{field} has to be true or false"))),
        }
    }
}

/// A document to insert: its `_id` in front, made here where it has none.
///
/// # Errors
/// An `_id` of a type that can't be one.
pub(crate) fn with_id(mut document: Document) -> Result<Document, Failure> {
    let id = document
        .remove("_id")
        .unwrap_or_else(|| Bson::ObjectId(ObjectId::new()));
    let refused = match &id {
        Bson::Array(_) | Bson::RegularExpression(_) | Bson::Undefined => {
            Some("_id cannot be an array, a regular expression or undefined")
        }
        id if has_operators(id) => Some("_id cannot hold names that begin with a $"),
        _ => None,
    };
    if let Some(message) = refused {
        return Err(Failure::bad_value(message));
    }
    let mut with_id = Document::new();
    with_id.insert("_id", id);
    with_id.extend(document);
    Ok(with_id)
}

/// Whether there is a name like an operator's anywhere within, but those of a reference to another document.
fn has_operators(value: &Bson) -> bool {
    match value {
        Bson::Document(document) => document.iter().any(|(name, value)| {
            name.starts_with('$') && !["$ref", "$id", "$db"].contains(&name.as_str())
                || has_operators(value)
        }),
        Bson::Array(items) => items.iter().any(has_operators),
        _ => false,
    }
}
