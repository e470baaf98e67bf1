//! Aggregation: stages that turn documents into other documents.

mod compute;
mod group;
mod lookup;
mod parse;
#[cfg(test)]
mod tests;
mod unwind;

use std::collections::HashMap;

use bson::{Document, doc};

use crate::{Filter, Projection, Result, Sort, depth, expression};
use compute::Computed;
use group::Group;
use lookup::Lookup;
use unwind::Unwind;

/// A parsed aggregation pipeline.
#[derive(Debug, Clone)]
pub struct Pipeline {
    stages: Vec<Stage>,
}

#[derive(Debug, Clone)]
enum Stage {
    Match(Filter),
    /// What is kept of a document, then what is calculated from the whole.
    Project(Projection, Computed),
    AddFields(Computed),
    Group(Group),
    Sort(Sort),
    Skip(usize),
    Limit(usize),
    /// The name of the field that holds the number of documents.
    Count(String),
    Unwind(Unwind),
    Lookup(Lookup),
}

impl Pipeline {
    /// Parses the stages.
    ///
    /// # Errors
    /// A stage or an operator that is unknown, or given what it does not take; the message names it.
    pub fn parse(stages: &[Document]) -> Result<Self> {
        let stages = stages.iter().map(|stage| {
            depth::check(stage)?;
            parse::stage(stage)
        });
        Ok(Self {
            stages: stages.collect::<Result<_>>()?,
        })
    }

    /// The `$match` the pipeline begins with, for whoever looks its documents up by an index. Running the pipeline on what the
    /// filter matches gives the same as running it on everything.
    pub fn leading_match(&self) -> Option<&Filter> {
        match self.stages.first() {
            Some(Stage::Match(filter)) => Some(filter),
            _ => None,
        }
    }

    /// The collections that `$lookup` stages read from, each once.
    pub fn collections(&self) -> Vec<&str> {
        let mut names = Vec::new();
        for stage in &self.stages {
            if let Stage::Lookup(lookup) = stage
                && !names.contains(&lookup.from())
            {
                names.push(lookup.from());
            }
        }
        names
    }

    /// Runs the documents through every stage. `fetch` gives all documents of a collection that a `$lookup` names; each is
    /// asked for once.
    ///
    /// # Errors
    /// An expression given a value it does not take, and whatever `fetch` fails with.
    pub fn run(
        &self,
        documents: Vec<Document>,
        fetch: &mut dyn FnMut(&str) -> Result<Vec<Document>>,
    ) -> Result<Vec<Document>> {
        let mut collections: HashMap<&str, Vec<Document>> = HashMap::new();
        for name in self.collections() {
            collections.insert(name, fetch(name)?);
        }
        let mut documents = documents;
        for stage in &self.stages {
            documents = match stage {
                Stage::Lookup(lookup) => {
                    let foreign = collections
                        .get(lookup.from())
                        .map_or(&[][..], Vec::as_slice);
                    lookup.run(documents, foreign)?
                }
                _ => stage.run(documents)?,
            };
        }
        Ok(documents)
    }
}

impl Stage {
    fn run(&self, mut documents: Vec<Document>) -> Result<Vec<Document>> {
        match self {
            Self::Match(filter) => documents.retain(|document| filter.matches(document)),
            Self::Project(projection, computed) => {
                for document in &mut documents {
                    let mut projected = projection.apply(document);
                    computed.apply(&mut projected, document)?;
                    *document = projected;
                }
            }
            Self::AddFields(computed) => {
                for document in &mut documents {
                    let before = document.clone();
                    computed.apply(document, &before)?;
                }
            }
            Self::Group(group) => return group.run(&documents),
            Self::Sort(sort) => documents.sort_by(|left, right| sort.compare(left, right)),
            Self::Skip(number) => {
                documents.drain(..(*number).min(documents.len()));
            }
            Self::Limit(number) => documents.truncate(*number),
            Self::Count(_) if documents.is_empty() => {}
            Self::Count(name) => return Ok(vec![doc! {name: expression::count(documents.len())}]),
            Self::Unwind(unwind) => return unwind.run(documents),
            Self::Lookup(lookup) => return lookup.run(documents, &[]),
        }
        Ok(documents)
    }
}
