//! From a stage's document to the stage.

use bson::{Bson, Document};

use super::{Computed, Group, Lookup, Stage, Unwind};
use crate::{
    Error, Filter, Projection, Result, Sort, expression::Expression, number::Number,
    projection::Ask, truth::truthy,
};

pub fn stage(stage: &Document) -> Result<Stage> {
    let (Some((name, value)), 1) = (stage.iter().next(), stage.len()) else {
        return Err(Error::failed_to_parse(
            "a pipeline stage has exactly one field",
        ));
    };
    let document = || {
        value
            .as_document()
            .ok_or_else(|| Error::failed_to_parse(format!("{name} takes a document")))
    };
    Ok(match name.as_str() {
        "$match" => Stage::Match(Filter::parse(document()?)?),
        "$project" => project(document()?)?,
        "$addFields" | "$set" => add_fields(name, document()?)?,
        "$unset" => unset(value)?,
        "$group" => Stage::Group(Group::parse(document()?)?),
        "$sort" if document()?.is_empty() => {
            return Err(Error::failed_to_parse("$sort needs at least one field"));
        }
        "$sort" => Stage::Sort(Sort::parse(document()?)?),
        "$skip" => Stage::Skip(number(name, value, 0)?),
        "$limit" => Stage::Limit(number(name, value, 1)?),
        "$count" => Stage::Count(count(value)?),
        "$unwind" => Stage::Unwind(Unwind::parse(value)?),
        "$lookup" => Stage::Lookup(Lookup::parse(value)?),
        _ => {
            return Err(Error::failed_to_parse(format!(
                "unrecognized pipeline stage name: '{name}'"
            )));
        }
    })
}

fn number(name: &str, value: &Bson, least: usize) -> Result<usize> {
    Number::of(value)
        .and_then(Number::as_i64)
        .and_then(|number| usize::try_from(number).ok())
        .filter(|number| *number >= least)
        .ok_or_else(|| {
            Error::bad_value(format!(
                "{name} takes a whole number of at least {least}, not {value}"
            ))
        })
}

fn count(value: &Bson) -> Result<String> {
    value
        .as_str()
        .filter(|name| !name.is_empty() && !name.starts_with('$') && !name.contains(['.', '\0']))
        .map(str::to_owned)
        .ok_or_else(|| Error::failed_to_parse("$count takes the name of a field"))
}

/// Each path of a `$project` or `$addFields` with its value; nested documents are paths written another way.
fn leaves<'a>(
    stage: &str,
    prefix: &str,
    document: &'a Document,
    found: &mut Vec<(String, &'a Bson)>,
) -> Result<()> {
    if document.is_empty() {
        return Err(Error::failed_to_parse(match prefix {
            "" => format!("{stage} needs at least one field"),
            prefix => format!("{stage}: the document for '{prefix}' is empty"),
        }));
    }
    for (name, value) in document {
        let path = match prefix {
            "" => name.clone(),
            prefix => format!("{prefix}.{name}"),
        };
        match value {
            Bson::Document(inner) if !inner.keys().any(|name| name.starts_with('$')) => {
                leaves(stage, &path, inner, found)?;
            }
            _ => found.push((path, value)),
        }
    }
    Ok(())
}

fn project(document: &Document) -> Result<Stage> {
    let mut found = Vec::new();
    leaves("$project", "", document, &mut found)?;
    let (mut asks, mut computed) = (Vec::new(), Computed::default());
    for (path, value) in found {
        let flag = matches!(value, Bson::Boolean(_)) || Number::of(value).is_some();
        let ask = match (flag, truthy(value)) {
            (true, true) => Ask::Keep,
            (true, false) => Ask::Drop,
            (false, _) => {
                computed.insert(&path, Expression::parse(value)?)?;
                Ask::Computed
            }
        };
        asks.push((path, ask));
    }
    Ok(Stage::Project(Projection::of(asks)?, computed))
}

fn add_fields(stage: &str, document: &Document) -> Result<Stage> {
    let mut found = Vec::new();
    leaves(stage, "", document, &mut found)?;
    let mut computed = Computed::default();
    for (path, value) in found {
        computed.insert(&path, Expression::parse(value)?)?;
    }
    Ok(Stage::AddFields(computed))
}

fn unset(value: &Bson) -> Result<Stage> {
    let wrong = || Error::failed_to_parse("$unset takes a path or a nonempty array of paths");
    let paths = match value {
        Bson::Array(paths) if !paths.is_empty() => paths.as_slice(),
        Bson::String(_) => std::slice::from_ref(value),
        _ => return Err(wrong()),
    };
    let asks = paths.iter().map(|path| {
        let path = path.as_str().ok_or_else(wrong)?;
        Ok((path.to_owned(), Ask::Drop))
    });
    Ok(Stage::Project(
        Projection::of(asks.collect::<Result<_>>()?)?,
        Computed::default(),
    ))
}
