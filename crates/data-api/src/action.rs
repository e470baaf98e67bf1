//! The actions by name.

/// What is asked of a collection, by the last part of the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// The first document that a query means.
    FindOne,
    /// The documents that a query means.
    Find,
    /// Adds a document.
    InsertOne,
    /// Adds documents.
    InsertMany,
    /// Changes the first document that a filter means.
    UpdateOne,
    /// Changes all documents that a filter means.
    UpdateMany,
    /// Removes the first document that a filter means.
    DeleteOne,
    /// Removes all documents that a filter means.
    DeleteMany,
    /// Makes others of a collection's documents.
    Aggregate,
}

impl Action {
    const ALL: [Self; 9] = [
        Self::FindOne,
        Self::Find,
        Self::InsertOne,
        Self::InsertMany,
        Self::UpdateOne,
        Self::UpdateMany,
        Self::DeleteOne,
        Self::DeleteMany,
        Self::Aggregate,
    ];

    /// The name, as it stands in the path.
    pub fn name(self) -> &'static str {
        match self {
            Self::FindOne => "findOne",
            Self::Find => "find",
            Self::InsertOne => "insertOne",
            Self::InsertMany => "insertMany",
            Self::UpdateOne => "updateOne",
            Self::UpdateMany => "updateMany",
            Self::DeleteOne => "deleteOne",
            Self::DeleteMany => "deleteMany",
            Self::Aggregate => "aggregate",
        }
    }

    /// The action of a path that ends in `/action/{name}`, whatever stands before it; the name where there is none such.
    pub fn of(path: &str) -> Result<Self, &str> {
        let (_, name) = path.rsplit_once("/action/").unwrap_or(("", ""));
        let mut all = Self::ALL.into_iter();
        all.find(|action| action.name() == name).ok_or(name)
    }
}
