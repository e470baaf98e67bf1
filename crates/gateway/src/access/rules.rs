//! What a caller may: which collections to read and to write, and which of what is refused otherwise.

use anyhow::bail;
use data_api_protocol::{Action, Failure, Namespace};
use serde::{Deserialize, Serialize};

use super::{Demands, Privilege};

/// Rules as they are written.
#[derive(Debug, Clone, Default, Deserialize, Serialize, clap::Args)]
#[serde(default)]
pub struct Granted {
    /// What may be read: database.collection, database.*, or *
    #[arg(long, value_name = "DATABASE.COLLECTION")]
    pub read: Vec<String>,
    /// What may be written, in the same way
    #[arg(long, value_name = "DATABASE.COLLECTION")]
    pub write: Vec<String>,
    /// What nobody else may: $out, $merge, $where, $function, $accumulator, system
    #[arg(long)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allow: Vec<Privilege>,
    /// What is no rule.
    #[arg(skip)]
    #[serde(flatten, skip_serializing)]
    pub unknown: toml::Table,
}

/// What a caller may.
#[derive(Debug, Clone)]
pub struct Rules {
    read: Vec<Pattern>,
    write: Vec<Pattern>,
    allow: Vec<Privilege>,
}

/// Collections: each part a name, or the beginning of one before a `*`.
#[derive(Debug, Clone)]
struct Pattern {
    database: Part,
    collection: Part,
}

#[derive(Debug, Clone)]
enum Part {
    Name(String),
    Prefix(String),
}

impl Rules {
    /// Rules as they are written.
    ///
    /// # Errors
    /// A pattern that is none.
    pub fn new(granted: &Granted) -> anyhow::Result<Self> {
        if let Some(name) = granted.unknown.keys().next() {
            bail!("{name} is unknown; rules are read, write and allow");
        }
        let patterns = |texts: &[String]| -> anyhow::Result<Vec<_>> {
            texts.iter().map(|text| Pattern::parse(text)).collect()
        };
        Ok(Self {
            read: patterns(&granted.read)?,
            write: patterns(&granted.write)?,
            allow: granted.allow.clone(),
        })
    }

    /// Every collection.
    pub fn everything(allow: &[Privilege]) -> Self {
        let every = Pattern {
            database: Part::Prefix(String::new()),
            collection: Part::Prefix(String::new()),
        };
        Self {
            read: vec![every.clone()],
            write: vec![every],
            allow: allow.to_vec(),
        }
    }

    /// Whether an action on a collection is allowed, with all that its body takes.
    ///
    /// # Errors
    /// The first thing that is not.
    pub fn permit(
        &self,
        action: Action,
        namespace: &Namespace,
        demands: &Demands,
    ) -> Result<(), Failure> {
        let own = (namespace.database.as_str(), namespace.collection.as_str());
        if matches!(action, Action::FindOne | Action::Find | Action::Aggregate) {
            self.reads(own)?;
        } else {
            self.writes(own)?;
        }
        for (database, collection) in &demands.read {
            self.reads((database.as_deref().unwrap_or(own.0), collection))?;
        }
        for (database, collection) in &demands.written {
            self.writes((database.as_deref().unwrap_or(own.0), collection))?;
        }
        match demands
            .privileges
            .iter()
            .find(|privilege| !self.allow.contains(privilege))
        {
            None => Ok(()),
            Some(privilege) => Err(Failure::invalid(format!(
                "{privilege} is refused, for no rule allows it"
            ))),
        }
    }

    fn reads(&self, of: (&str, &str)) -> Result<(), Failure> {
        self.covers(&self.read, of, "read")
    }

    fn writes(&self, of: (&str, &str)) -> Result<(), Failure> {
        self.covers(&self.write, of, "write")
    }

    fn covers(
        &self,
        patterns: &[Pattern],
        (database, collection): (&str, &str),
        doing: &str,
    ) -> Result<(), Failure> {
        let covers = |pattern: &Pattern| {
            pattern.database.takes(database) && pattern.collection.takes(collection)
        };
        if !patterns.iter().any(covers) {
            return Err(denied(format!(
                "no rule exists for namespace '{database}.{collection}' to {doing} it"
            )));
        }
        let system = ["admin", "local", "config"].contains(&database)
            || collection.split('.').any(|part| part == "system");
        if system && !self.allow.contains(&Privilege::System) {
            return Err(denied(format!(
                "'{database}.{collection}' is the server's own"
            )));
        }
        Ok(())
    }
}

impl Pattern {
    fn parse(text: &str) -> anyhow::Result<Self> {
        let (database, collection) = match text.split_once('.') {
            Some(parts) => parts,
            None if text == "*" => ("*", "*"),
            None => bail!("{text:?} is no rule: write database.collection, database.* or *"),
        };
        Ok(Self {
            database: Part::parse(database)?,
            collection: Part::parse(collection)?,
        })
    }
}

impl Part {
    fn parse(text: &str) -> anyhow::Result<Self> {
        let (name, prefix) = match text.strip_suffix('*') {
            Some(prefix) => (prefix, true),
            None => (text, false),
        };
        if name.contains('*') || text.is_empty() {
            bail!("{text:?} is no part of a rule: a * ends it, or there is none");
        }
        Ok(match prefix {
            true => Self::Prefix(name.to_owned()),
            false => Self::Name(name.to_owned()),
        })
    }

    fn takes(&self, name: &str) -> bool {
        match self {
            Self::Name(own) => own == name,
            Self::Prefix(prefix) => name.starts_with(prefix.as_str()),
        }
    }
}

fn denied(message: String) -> Failure {
    Failure::new(403, "NoMatchingRuleFound", message)
}

#[cfg(test)]
mod tests;
