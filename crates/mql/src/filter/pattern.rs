//! Regular expressions, with the options MongoDB has.

use bson::{Bson, Regex};
use regex::RegexBuilder;

use super::part;
use crate::{Error, Result};

/// A compiled regular expression.
#[derive(Debug, Clone)]
pub struct Pattern {
    source: Regex,
    compiled: regex::Regex,
}

impl Pattern {
    /// Compiles an expression.
    ///
    /// # Errors
    /// An expression that is none, or that needs what an engine of linear time does not offer (look-around, back-references);
    /// an option other than `i`, `m`, `s`, `x` and `u`.
    pub fn compile(source: &Regex) -> Result<Self> {
        let mut builder = RegexBuilder::new(source.pattern.as_str());
        for option in source.options.as_str().chars() {
            match option {
                'i' => builder.case_insensitive(true),
                'm' => builder.multi_line(true),
                's' => builder.dot_matches_new_line(true),
                'x' => builder.ignore_whitespace(true),
                'u' => builder.unicode(true),
                _ => {
                    return Err(Error::bad_value(format!(
                        "$regex has no option '{option}': give any of imsxu"
                    )));
                }
            };
        }
        let compiled = builder.build().map_err(|error| {
            Error::bad_value(format!(
                "$regex is not an expression this server can run: {error}"
            ))
        })?;
        Ok(Self {
            source: source.clone(),
            compiled,
        })
    }

    /// A text, folded, that every string has in it that holds the pattern.
    pub fn part(&self) -> Option<String> {
        part::part(&self.source)
    }

    /// Whether a string holds the pattern; a stored regular expression matches if it is the same one.
    pub fn matches(&self, value: &Bson) -> bool {
        match value {
            Bson::String(text) | Bson::Symbol(text) => self.compiled.is_match(text),
            Bson::RegularExpression(other) => *other == self.source,
            _ => false,
        }
    }
}
