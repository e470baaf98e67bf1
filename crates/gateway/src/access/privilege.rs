//! What is refused unless a rule allows it, by name.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

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
