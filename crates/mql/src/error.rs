//! What can be wrong with a query, an update or a pipeline.

use std::fmt;

/// A query, update or pipeline that cannot be carried out; the message names the operator and says what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// MongoDB's own name for the kind of error.
    pub code: Code,
    /// What is wrong, for whoever wrote the query.
    pub message: String,
}

/// The kinds of error, by MongoDB's names for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// A value that the operator does not take.
    BadValue,
    /// An expression that is none.
    FailedToParse,
    /// A stored value of a type that the operator does not work on.
    TypeMismatch,
    /// Two operators that write the same place.
    ConflictingUpdateOperators,
    /// An expression's operator that there is none of.
    InvalidPipelineOperator,
    /// A change of `_id`.
    ImmutableField,
    /// A filter from which an upsert cannot tell what a field is to be.
    NotSingleValueField,
    /// A path through something that has no fields.
    PathNotViable,
}

impl Code {
    /// The name, as a server gives it in `error_code`.
    pub fn name(self) -> &'static str {
        match self {
            Self::BadValue => "BadValue",
            Self::FailedToParse => "FailedToParse",
            Self::TypeMismatch => "TypeMismatch",
            Self::ConflictingUpdateOperators => "ConflictingUpdateOperators",
            Self::InvalidPipelineOperator => "InvalidPipelineOperator",
            Self::ImmutableField => "ImmutableField",
            Self::NotSingleValueField => "NotSingleValueField",
            Self::PathNotViable => "PathNotViable",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// What parsing and applying give back.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    pub(crate) fn bad_value(message: impl Into<String>) -> Self {
        Self {
            code: Code::BadValue,
            message: message.into(),
        }
    }

    pub(crate) fn failed_to_parse(message: impl Into<String>) -> Self {
        Self {
            code: Code::FailedToParse,
            message: message.into(),
        }
    }

    pub(crate) fn type_mismatch(message: impl Into<String>) -> Self {
        Self {
            code: Code::TypeMismatch,
            message: message.into(),
        }
    }
}
