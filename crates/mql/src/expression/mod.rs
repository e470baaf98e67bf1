//! Expressions: what `$project`, `$addFields` and `$group` calculate from a document.

mod accumulator;
mod function;
mod parse;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use bson::{Bson, Document};

use crate::{Error, Result, path::Path, truth::truthy};
pub use accumulator::Accumulator;
use function::Function;
pub use function::count;

/// A parsed expression.
#[derive(Debug, Clone)]
pub enum Expression {
    /// A value that stands for itself.
    Literal(Bson),
    /// `$$ROOT`: the whole document.
    Root,
    /// `$$REMOVE`: nothing.
    Nothing,
    /// `$path`.
    Field(Path),
    /// A document of expressions.
    Document(Vec<(String, Expression)>),
    /// An array of expressions.
    Array(Vec<Expression>),
    /// `$and`.
    All(Vec<Expression>),
    /// `$or`.
    Any(Vec<Expression>),
    /// `$ifNull`: the first that is neither null nor missing, or else the last.
    FirstPresent(Vec<Expression>),
    /// `$cond` and `$switch`: conditions with their results, then what holds where none does.
    Choice(Vec<(Expression, Expression)>, Option<Box<Expression>>),
    /// An operator whose arguments are all calculated before it.
    Call(Function, Vec<Expression>),
}

/// What an expression gives: a value, often the document's own, or nothing where a field is missing.
pub type Value<'a> = Option<Cow<'a, Bson>>;

impl Expression {
    /// Parses an expression.
    ///
    /// # Errors
    /// An operator that is unknown, or given other arguments than it takes; the message names it.
    pub fn parse(value: &Bson) -> Result<Self> {
        parse::expression(value)
    }

    /// The expression's value for a document.
    ///
    /// # Errors
    /// An operator that was given a value it does not take; the message names both.
    pub fn evaluate<'a>(&'a self, document: &'a Document) -> Result<Value<'a>> {
        Ok(match self {
            Self::Literal(value) => Some(Cow::Borrowed(value)),
            Self::Root => Some(Cow::Owned(document.clone().into())),
            Self::Nothing => None,
            Self::Field(path) => path.value(document),
            Self::Document(fields) => {
                let mut result = Document::new();
                for (name, expression) in fields {
                    if let Some(value) = expression.evaluate(document)? {
                        result.insert(name.clone(), value.into_owned());
                    }
                }
                owned(result)
            }
            Self::Array(items) => {
                let mut result = Vec::with_capacity(items.len());
                for item in items {
                    let value = item.evaluate(document)?;
                    result.push(value.map_or(Bson::Null, Cow::into_owned));
                }
                owned(result)
            }
            Self::All(conditions) => {
                for condition in conditions {
                    if !condition.holds(document)? {
                        return Ok(owned(false));
                    }
                }
                owned(true)
            }
            Self::Any(conditions) => {
                for condition in conditions {
                    if condition.holds(document)? {
                        return Ok(owned(true));
                    }
                }
                owned(false)
            }
            Self::FirstPresent(expressions) => {
                let mut last = None;
                for expression in expressions {
                    last = expression.evaluate(document)?;
                    if !is_nullish(last.as_deref()) {
                        break;
                    }
                }
                last
            }
            Self::Choice(branches, otherwise) => {
                for (condition, result) in branches {
                    if condition.holds(document)? {
                        return result.evaluate(document);
                    }
                }
                return match otherwise {
                    Some(otherwise) => otherwise.evaluate(document),
                    None => Err(Error::bad_value(
                        "$switch: no branch's case holds, and there is no default",
                    )),
                };
            }
            Self::Call(function, arguments) => {
                let mut values = Vec::with_capacity(arguments.len());
                for argument in arguments {
                    values.push(argument.evaluate(document)?);
                }
                function.call(&values)?.map(Cow::Owned)
            }
        })
    }

    fn holds(&self, document: &Document) -> Result<bool> {
        Ok(self.evaluate(document)?.is_some_and(|value| truthy(&value)))
    }
}

fn owned<'a>(value: impl Into<Bson>) -> Value<'a> {
    Some(Cow::Owned(value.into()))
}

/// Whether a value is null or missing.
fn is_nullish(value: Option<&Bson>) -> bool {
    matches!(value, None | Some(Bson::Null | Bson::Undefined))
}
