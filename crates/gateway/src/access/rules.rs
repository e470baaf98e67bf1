//! What a caller may: which collections to read and to write, and which of what is refused otherwise.

use std::{fmt, str::FromStr};

use anyhow::bail;
use data_api_protocol::{Action, Failure, Namespace};
use serde::{Deserialize, Serialize};

use super::Demands;

/// What is refused unless a rule allows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Privilege {
    /// A stage or an operator, by its name.
    Operator(&'static str),
    /// The server's own collections and databases.
    System,
}

impl Privilege {
    /// Stages that write, operators that run JavaScript, and stages that tell of the server.
    const OPERATORS: [&str; 9] = [
        "$out",
        "$merge",
        "$where",
        "$function",
        "$accumulator",
        "$collStats",
        "$indexStats",
        "$planCacheStats",
        "$listSessions",
    ];

    /// The privilege that an operator takes, if any.
    pub fn of(operator: &str) -> Option<Self> {
        let mut all = Self::OPERATORS.into_iter();
        all.find(|name| *name == operator).map(Self::Operator)
    }
}

impl fmt::Display for Privilege {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Operator(name) => name,
            Self::System => "system",
        })
    }
}

impl FromStr for Privilege {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "system" => Ok(Self::System),
            name => Self::of(name).ok_or_else(|| {
                format!(
                    "allow: what can be allowed is {} and system",
                    Self::OPERATORS.join(", ")
                )
            }),
        }
    }
}

impl Serialize for Privilege {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Privilege {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        name.parse().map_err(serde::de::Error::custom)
    }
}

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
#[allow(clippy::unwrap_used)]
mod tests {
    use bson::doc;

    use super::*;

    fn rules(read: &[&str], write: &[&str], allow: &[&str]) -> Rules {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Rules::new(&Granted {
            read: texts(read),
            write: texts(write),
            allow: allow.iter().map(|name| name.parse().unwrap()).collect(),
            ..Granted::default()
        })
        .unwrap()
    }

    fn may(rules: &Rules, action: Action, place: &str, body: bson::Document) -> bool {
        let (database, collection) = place.split_once('.').unwrap();
        let namespace = Namespace {
            data_source: None,
            database: database.to_owned(),
            collection: collection.to_owned(),
        };
        let demands = Demands::of(&body).unwrap();
        rules.permit(action, &namespace, &demands).is_ok()
    }

    #[test]
    fn reading_and_writing_are_each_for_themselves() {
        let rules = rules(&["cinema.*", "logs.2026*"], &["cinema.bookings"], &[]);
        for (action, place, allowed) in [
            (Action::Find, "cinema.movies", true),
            (Action::Aggregate, "cinema.a.b", true),
            (Action::FindOne, "cinemas.movies", false),
            (Action::Find, "logs.2026-01", true),
            (Action::Find, "logs.2025-01", false),
            (Action::InsertOne, "cinema.bookings", true),
            (Action::UpdateMany, "cinema.movies", false),
            (Action::DeleteOne, "logs.2026-01", false),
        ] {
            assert_eq!(
                may(&rules, action, place, doc! {}),
                allowed,
                "{action:?} {place}"
            );
        }
    }

    #[test]
    fn the_servers_own_collections_take_a_rule_of_their_own() {
        let everything = rules(&["*"], &["*"], &[]);
        let system = rules(&["*"], &["*"], &["system"]);
        for place in [
            "admin.users",
            "cinema.system.users",
            "local.oplog.rs",
            "config.shards",
        ] {
            assert!(!may(&everything, Action::Find, place, doc! {}), "{place}");
            assert!(may(&system, Action::Find, place, doc! {}), "{place}");
        }
    }

    #[test]
    fn joined_and_written_collections_take_the_same_rules_as_others() {
        let rules = rules(&["cinema.*"], &["cinema.copies"], &["$out", "$merge"]);
        for (stage, allowed) in [
            (doc! {"$lookup": {"from": "movies"}}, true),
            (
                doc! {"$lookup": {"from": {"db": "other", "coll": "movies"}}},
                false,
            ),
            (doc! {"$unionWith": "system.users"}, false),
            (
                doc! {"$facet": {"a": [{"$unionWith": {"coll": "movies", "db": "other"}}]}},
                false,
            ),
            (doc! {"$graphLookup": {"from": "system.js"}}, false),
            (doc! {"$out": "copies"}, true),
            (doc! {"$out": "movies"}, false),
            (
                doc! {"$merge": {"into": {"db": "other", "coll": "copies"}}},
                false,
            ),
        ] {
            let body = doc! {"pipeline": [&stage]};
            assert_eq!(
                may(&rules, Action::Aggregate, "cinema.movies", body),
                allowed,
                "{stage}"
            );
        }
    }

    #[test]
    fn what_runs_code_or_writes_is_refused_wherever_it_stands() {
        let plain = rules(&["*"], &["*"], &[]);
        for body in [
            doc! {"filter": {"$where": "1"}},
            doc! {"filter": {"$or": [{"a": {"$not": {"$where": "1"}}}]}},
            doc! {"filter": {"$expr": {"$function": {"body": "f"}}}},
            doc! {"pipeline": [{"$group": {"_id": 1, "n": {"$accumulator": {}}}}]},
            doc! {"pipeline": [{"$lookup": {"from": "a", "pipeline": [{"$out": "a"}]}}]},
            doc! {"pipeline": [{"$merge": "a"}]},
            doc! {"projection": {"a": {"$function": {}}}},
        ] {
            assert!(
                !may(&plain, Action::Aggregate, "cinema.movies", body.clone()),
                "{body}"
            );
        }
        let trusted = rules(&["*"], &["*"], &["$where"]);
        assert!(may(
            &trusted,
            Action::Find,
            "cinema.movies",
            doc! {"filter": {"$where": "1"}}
        ));
    }

    #[test]
    fn what_is_no_rule_is_told() {
        for text in ["cinema", "", "a.*b*", ".movies", "cinema."] {
            let granted = Granted {
                read: vec![text.to_owned()],
                ..Granted::default()
            };
            assert!(Rules::new(&granted).is_err(), "{text}");
        }
        let granted: Granted = toml::from_str("raed = ['*']").unwrap();
        assert!(
            Rules::new(&granted)
                .unwrap_err()
                .to_string()
                .contains("raed")
        );
    }
}
