//! From an expression's BSON to the expression.

use bson::{Bson, Document};

use super::{Expression, function::Function};
use crate::{Code, Error, Result, date::Format, path::Path};

pub fn expression(value: &Bson) -> Result<Expression> {
    match value {
        Bson::String(text) => match text.strip_prefix('$') {
            None => Ok(Expression::Literal(value.clone())),
            Some(path) => match path.strip_prefix('$') {
                None => field(path),
                Some(name) => variable(name),
            },
        },
        Bson::Array(items) => Ok(Expression::Array(expressions(items)?)),
        Bson::Document(document) => match document.iter().next() {
            Some((name, arguments)) if name.starts_with('$') => {
                if document.len() > 1 {
                    return Err(Error::failed_to_parse(format!(
                        "an expression has one operator only, and that of {name} has more fields"
                    )));
                }
                operator(name, arguments)
            }
            _ => fields(document),
        },
        _ => Ok(Expression::Literal(value.clone())),
    }
}

fn expressions(items: &[Bson]) -> Result<Vec<Expression>> {
    items.iter().map(expression).collect()
}

fn field(path: &str) -> Result<Expression> {
    if path
        .split('.')
        .any(|part| part.is_empty() || part.starts_with('$'))
    {
        return Err(Error::failed_to_parse(format!(
            "'${path}' is no valid field path"
        )));
    }
    Ok(Expression::Field(Path::new(path)?))
}

/// `$$ROOT`, `$$CURRENT` and `$$REMOVE`, the first two with a path where one follows.
fn variable(name: &str) -> Result<Expression> {
    let (variable, path) = name.split_once('.').unwrap_or((name, ""));
    match (variable, path) {
        ("ROOT" | "CURRENT", "") => Ok(Expression::Root),
        ("ROOT" | "CURRENT", path) => field(path),
        ("REMOVE", "") => Ok(Expression::Nothing),
        _ => Err(Error::failed_to_parse(format!(
            "the variable $${variable} is not supported"
        ))),
    }
}

fn fields(document: &Document) -> Result<Expression> {
    let fields = document.iter().map(|(name, value)| {
        if name.contains('.') || name.starts_with('$') {
            return Err(Error::failed_to_parse(format!(
                "a document in an expression cannot have a field named '{name}'"
            )));
        }
        Ok((name.clone(), expression(value)?))
    });
    Ok(Expression::Document(fields.collect::<Result<_>>()?))
}

fn operator(name: &str, value: &Bson) -> Result<Expression> {
    Ok(match name {
        "$literal" => Expression::Literal(value.clone()),
        "$and" => Expression::All(arguments(value)?),
        "$or" => Expression::Any(arguments(value)?),
        "$ifNull" => match arguments(value)? {
            arguments if arguments.len() < 2 => {
                return Err(Error::failed_to_parse("$ifNull takes at least 2 arguments"));
            }
            arguments => Expression::FirstPresent(arguments),
        },
        "$cond" => condition(value)?,
        "$switch" => switch(value)?,
        "$dateToString" => date_to_string(value)?,
        _ => {
            let Some((function, least, most)) = Function::named(name) else {
                return Err(Error {
                    code: Code::InvalidPipelineOperator,
                    message: format!("unrecognized expression '{name}'"),
                });
            };
            let arguments = match function {
                Function::DatePart(_) => vec![date(name, value)?],
                _ => arguments(value)?,
            };
            if !(least..=most).contains(&arguments.len()) {
                let takes = match (least, most) {
                    (least, usize::MAX) => format!("at least {least}"),
                    (least, most) if least == most => format!("exactly {least}"),
                    (least, most) => format!("{least} to {most}"),
                };
                return Err(Error::failed_to_parse(format!(
                    "{name} takes {takes} arguments, and was given {}",
                    arguments.len()
                )));
            }
            Expression::Call(function, arguments)
        }
    })
}

/// An array holds the arguments; anything else is the only one.
fn arguments(value: &Bson) -> Result<Vec<Expression>> {
    match value {
        Bson::Array(items) => expressions(items),
        _ => Ok(vec![expression(value)?]),
    }
}

/// The named arguments of an operator, in the order of `names`, of which the first `needed` have to be there.
fn named<'a, const N: usize>(
    operator: &str,
    document: &'a Document,
    names: [&str; N],
    needed: usize,
) -> Result<[Option<&'a Bson>; N]> {
    if let Some(name) = document.keys().find(|name| !names.contains(&name.as_str())) {
        return Err(Error::failed_to_parse(format!(
            "{operator} has no parameter '{name}'"
        )));
    }
    if let Some(name) = names[..needed]
        .iter()
        .find(|name| !document.contains_key(name))
    {
        return Err(Error::failed_to_parse(format!(
            "{operator} needs the parameter '{name}'"
        )));
    }
    Ok(names.map(|name| document.get(name)))
}

fn condition(value: &Bson) -> Result<Expression> {
    let parts = match value {
        Bson::Document(document) => named("$cond", document, ["if", "then", "else"], 3)?
            .into_iter()
            .flatten()
            .map(expression)
            .collect::<Result<Vec<_>>>()?,
        _ => arguments(value)?,
    };
    match <[Expression; 3]>::try_from(parts) {
        Ok([condition, then, otherwise]) => Ok(Expression::Choice(
            vec![(condition, then)],
            Some(Box::new(otherwise)),
        )),
        Err(_) => Err(Error::failed_to_parse("$cond takes exactly 3 arguments")),
    }
}

fn switch(value: &Bson) -> Result<Expression> {
    let wrong = || Error::failed_to_parse("$switch takes {branches: [{case, then}, …], default}");
    let document = value.as_document().ok_or_else(wrong)?;
    let [branches, otherwise] = named("$switch", document, ["branches", "default"], 1)?;
    let branches = branches
        .and_then(Bson::as_array)
        .filter(|branches| !branches.is_empty())
        .ok_or_else(wrong)?;
    let branches = branches.iter().map(|branch| {
        let branch = branch.as_document().ok_or_else(wrong)?;
        match named("$switch", branch, ["case", "then"], 2)? {
            [Some(case), Some(then)] => Ok((expression(case)?, expression(then)?)),
            _ => Err(wrong()),
        }
    });
    Ok(Expression::Choice(
        branches.collect::<Result<_>>()?,
        otherwise.map(expression).transpose()?.map(Box::new),
    ))
}

/// The one argument of the date operators: an expression, alone, in an array, or as `date`.
fn date(operator: &str, value: &Bson) -> Result<Expression> {
    match value {
        Bson::Document(document) if document.contains_key("date") => {
            let [date, zone] = named(operator, document, ["date", "timezone"], 1)?;
            utc_only(operator, zone)?;
            expression(date.unwrap_or(&Bson::Null))
        }
        Bson::Array(items) => match items.as_slice() {
            [item] => expression(item),
            _ => Err(Error::failed_to_parse(format!(
                "{operator} takes exactly 1 arguments, and was given {}",
                items.len()
            ))),
        },
        _ => expression(value),
    }
}

fn utc_only(operator: &str, zone: Option<&Bson>) -> Result<()> {
    match zone.map(Bson::as_str) {
        None | Some(Some("UTC" | "GMT" | "Etc/UTC" | "+00:00")) => Ok(()),
        Some(_) => Err(Error::bad_value(format!(
            "{operator}: no other timezone than UTC is supported"
        ))),
    }
}

fn date_to_string(value: &Bson) -> Result<Expression> {
    let wrong = |message: &str| Error::failed_to_parse(format!("$dateToString {message}"));
    let document = value
        .as_document()
        .ok_or_else(|| wrong("takes {date, format}"))?;
    let [date, format, zone] = named("$dateToString", document, ["date", "format", "timezone"], 1)?;
    utc_only("$dateToString", zone)?;
    let format = match format {
        None => "%Y-%m-%dT%H:%M:%S.%LZ",
        Some(format) => format
            .as_str()
            .filter(|format| !format.starts_with('$'))
            .ok_or_else(|| wrong("takes a format that is a plain string"))?,
    };
    Ok(Expression::Call(
        Function::DateToString(Format::parse(format)?),
        vec![expression(date.unwrap_or(&Bson::Null))?],
    ))
}
