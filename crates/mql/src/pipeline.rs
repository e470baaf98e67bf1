//! Aggregation: stages that turn documents into other documents.

use bson::Document;

use crate::{Filter, Result};

/// A parsed aggregation pipeline.
#[derive(Debug, Clone)]
pub struct Pipeline;

impl Pipeline {
    /// Parses the stages.
    ///
    /// # Errors
    /// A stage or an operator that is unknown, or given what it does not take; the message names it.
    pub fn parse(_stages: &[Document]) -> Result<Self> {
        todo!()
    }

    /// The `$match` the pipeline begins with, for whoever looks its documents up by an index. Running the pipeline on what the
    /// filter matches gives the same as running it on everything.
    pub fn leading_match(&self) -> Option<&Filter> {
        todo!()
    }

    /// The collections that `$lookup` stages read from.
    pub fn collections(&self) -> Vec<&str> {
        todo!()
    }

    /// Runs the documents through every stage. `fetch` gives all documents of a collection that a `$lookup` names; each is
    /// asked for once.
    ///
    /// # Errors
    /// An expression given a value it does not take, and whatever `fetch` fails with.
    pub fn run(
        &self,
        _documents: Vec<Document>,
        _fetch: &mut dyn FnMut(&str) -> Result<Vec<Document>>,
    ) -> Result<Vec<Document>> {
        todo!()
    }
}
