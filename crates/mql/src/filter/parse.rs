//! From a query document to a filter.

use bson::{Bson, Document, Regex, cstr};

use super::{Clause, ElementMatch, Filter, Pattern, Relation, Test, Wanted};
use crate::{Error, Result, number::Number, order, path::Path, truth::truthy, types};

pub fn filter(query: &Document) -> Result<Filter> {
    let clauses = query
        .iter()
        .map(|(name, value)| match name.as_str() {
            "$and" => Ok(Clause::And(filters(name, value)?)),
            // The same, and more to plan by.
            "$or" if value.as_array().is_some_and(|queries| queries.len() == 1) => {
                Ok(Clause::And(filters(name, value)?))
            }
            "$or" => Ok(Clause::Or(filters(name, value)?)),
            "$nor" => Ok(Clause::Nor(filters(name, value)?)),
            _ if name.starts_with('$') => Err(Error::bad_value(format!(
                "unknown top level operator: {name}"
            ))),
            _ => Ok(Clause::Field(Path::new(name)?, condition(value)?)),
        })
        .collect::<Result<_>>()?;
    Ok(Filter { clauses })
}

fn filters(name: &str, value: &Bson) -> Result<Vec<Filter>> {
    let wrong = || Error::bad_value(format!("{name} takes a nonempty array of queries"));
    let queries = value
        .as_array()
        .filter(|queries| !queries.is_empty())
        .ok_or_else(wrong)?;
    queries
        .iter()
        .map(|query| filter(query.as_document().ok_or_else(wrong)?))
        .collect()
}

/// What stands at a field: a value to be equal to, an expression to match, or operators.
fn condition(value: &Bson) -> Result<Vec<Test>> {
    match value {
        Bson::Document(operators) if is_operators(operators) => tests(operators),
        Bson::RegularExpression(regex) => Ok(vec![Test::Matches(Pattern::compile(regex)?)]),
        _ => Ok(vec![Test::Equal(value.clone())]),
    }
}

pub fn is_operators(document: &Document) -> bool {
    document
        .keys()
        .next()
        .is_some_and(|name| name.starts_with('$'))
}

/// Whether this asks for documents, and not, by operators, for bare values.
pub fn is_query(document: &Document) -> bool {
    document.keys().next().is_none_or(|name| {
        !name.starts_with('$') || matches!(name.as_str(), "$and" | "$or" | "$nor")
    })
}

/// Every operator of one field.
pub fn tests(operators: &Document) -> Result<Vec<Test>> {
    let mut tests = Vec::with_capacity(operators.len());
    for (name, value) in operators {
        match name.as_str() {
            // Read with `$regex`.
            "$options" if operators.contains_key("$regex") => {}
            "$options" => return Err(Error::bad_value("$options needs a $regex")),
            "$regex" => tests.push(regex(value, operators.get("$options"))?),
            _ => tests.push(test(name, value)?),
        }
    }
    Ok(tests)
}

fn test(name: &str, value: &Bson) -> Result<Test> {
    Ok(match name {
        "$eq" => Test::Equal(value.clone()),
        "$ne" => match value {
            Bson::RegularExpression(_) => {
                return Err(Error::bad_value("$ne takes no regex: use $not"));
            }
            _ => Test::Not(vec![Test::Equal(value.clone())]),
        },
        "$gt" => Test::Ordered(Relation::Greater, value.clone()),
        "$gte" => Test::Ordered(Relation::GreaterOrEqual, value.clone()),
        "$lt" => Test::Ordered(Relation::Less, value.clone()),
        "$lte" => Test::Ordered(Relation::LessOrEqual, value.clone()),
        "$in" => member(name, value)?,
        "$nin" => Test::Not(vec![member(name, value)?]),
        "$exists" if truthy(value) => Test::Exists,
        "$exists" => Test::Not(vec![Test::Exists]),
        "$type" => Test::Type(type_numbers(value)?),
        "$size" => Test::Size(size(value)?),
        "$all" => all(value)?,
        "$elemMatch" => Test::Element(ElementMatch::parse(value)?),
        "$not" => negation(value)?,
        _ => return Err(Error::bad_value(format!("unknown operator: {name}"))),
    })
}

fn member(name: &str, value: &Bson) -> Result<Test> {
    let items = value
        .as_array()
        .ok_or_else(|| Error::bad_value(format!("{name} needs an array")))?;
    let (mut values, mut patterns) = (Vec::with_capacity(items.len()), Vec::new());
    for item in items {
        match item {
            Bson::RegularExpression(regex) => patterns.push(Pattern::compile(regex)?),
            Bson::Document(document) if is_operators(document) => {
                return Err(Error::bad_value(format!("cannot nest $ under {name}")));
            }
            _ => values.push(item.clone()),
        }
    }
    values.sort_by(order::compare);
    values.dedup_by(|left, right| order::equal(left, right));
    Ok(Test::In(values, patterns))
}

fn regex(value: &Bson, options: Option<&Bson>) -> Result<Test> {
    let mut regex = match value {
        Bson::RegularExpression(regex) => regex.clone(),
        Bson::String(pattern) => {
            let pattern = pattern
                .as_str()
                .try_into()
                .map_err(|_| Error::bad_value("$regex cannot hold a null byte"))?;
            Regex {
                pattern,
                options: cstr!("").into(),
            }
        }
        _ => return Err(Error::bad_value("$regex has to be a string")),
    };
    match options {
        None => {}
        Some(Bson::String(_)) if !regex.options.as_str().is_empty() => {
            return Err(Error::bad_value("options set in both $regex and $options"));
        }
        Some(Bson::String(options)) => {
            regex.options = options
                .as_str()
                .try_into()
                .map_err(|_| Error::bad_value("$options cannot hold a null byte"))?;
        }
        Some(_) => return Err(Error::bad_value("$options has to be a string")),
    }
    Ok(Test::Matches(Pattern::compile(&regex)?))
}

fn size(value: &Bson) -> Result<usize> {
    Number::of(value)
        .and_then(Number::as_i64)
        .and_then(|size| usize::try_from(size).ok())
        .ok_or_else(|| Error::bad_value("$size needs a whole number that is not negative"))
}

fn all(value: &Bson) -> Result<Test> {
    let items = value
        .as_array()
        .ok_or_else(|| Error::bad_value("$all needs an array"))?;
    if items.is_empty() {
        return Ok(Test::In(Vec::new(), Vec::new()));
    }
    let tests = items.iter().map(|item| match item {
        Bson::RegularExpression(regex) => Ok(Test::Matches(Pattern::compile(regex)?)),
        Bson::Document(document) if is_operators(document) => match document.get("$elemMatch") {
            Some(condition) if document.len() == 1 => {
                Ok(Test::Element(ElementMatch::parse(condition)?))
            }
            _ => Err(Error::bad_value(
                "no $ expressions in $all, but for $elemMatch",
            )),
        },
        _ => Ok(Test::Equal(item.clone())),
    });
    Ok(Test::All(tests.collect::<Result<_>>()?))
}

/// `$elemMatch` on plain values holds operators, on documents a query.
pub fn element(value: &Bson) -> Result<Wanted> {
    let condition = value
        .as_document()
        .ok_or_else(|| Error::bad_value("$elemMatch needs an Object"))?;
    if is_query(condition) {
        Ok(Wanted::Document(filter(condition)?))
    } else {
        Ok(Wanted::Value(tests(condition)?))
    }
}

fn negation(value: &Bson) -> Result<Test> {
    match value {
        Bson::RegularExpression(regex) => {
            Ok(Test::Not(vec![Test::Matches(Pattern::compile(regex)?)]))
        }
        Bson::Document(operators) if is_operators(operators) => Ok(Test::Not(tests(operators)?)),
        Bson::Document(_) => Err(Error::bad_value("$not needs at least one operator")),
        _ => Err(Error::bad_value("$not needs a regex or a document")),
    }
}

fn type_numbers(value: &Bson) -> Result<Vec<i32>> {
    let one = |value: &Bson| match value {
        Bson::String(alias) => types::named(alias)
            .ok_or_else(|| Error::bad_value(format!("$type: unknown type name: {alias}"))),
        _ => Number::of(value)
            .and_then(Number::as_i64)
            .and_then(|number| i32::try_from(number).ok())
            .filter(|number| matches!(number, -1 | 1..=19 | 127))
            .map(|number| vec![number])
            .ok_or_else(|| Error::bad_value(format!("$type: no BSON type has the number {value}"))),
    };
    match value {
        Bson::Array(items) if items.is_empty() => {
            Err(Error::failed_to_parse("$type must match at least one type"))
        }
        Bson::Array(items) => Ok(items.iter().map(one).collect::<Result<Vec<_>>>()?.concat()),
        _ => one(value),
    }
}
