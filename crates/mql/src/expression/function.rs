//! The operators that calculate a value from values.

use std::{borrow::Cow, cmp::Ordering};

use bigdecimal::RoundingMode;
use bson::{Bson, DateTime};

use super::{Accumulator, Value, is_nullish};
use crate::{
    Error, Result,
    date::{self, Format, Part},
    number::{Arithmetic, Number},
    order,
    truth::truthy,
    types,
};

/// An operator, by what it does.
#[derive(Debug, Clone)]
pub enum Function {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Absolute,
    Round(&'static str, RoundingMode),
    Compare,
    Relation(fn(Ordering) -> bool),
    Not,
    Concatenate,
    Lower,
    Upper,
    ToString,
    Length,
    Size,
    ElementAt,
    In,
    First,
    Last,
    IsArray,
    ConcatenateArrays,
    Type,
    DatePart(Part),
    DateToString(Format),
    /// `$sum` and its like over the arguments, or over the elements of an array that is the only one.
    Over(Accumulator),
}

impl Function {
    /// The operator of that name, with the least and the most arguments it takes.
    pub fn named(name: &str) -> Option<(Self, usize, usize)> {
        const ANY: usize = usize::MAX;
        Some(match name {
            "$add" => (Self::Add, 0, ANY),
            "$subtract" => (Self::Subtract, 2, 2),
            "$multiply" => (Self::Multiply, 0, ANY),
            "$divide" => (Self::Divide, 2, 2),
            "$mod" => (Self::Remainder, 2, 2),
            "$abs" => (Self::Absolute, 1, 1),
            "$ceil" => (Self::Round("$ceil", RoundingMode::Ceiling), 1, 1),
            "$floor" => (Self::Round("$floor", RoundingMode::Floor), 1, 1),
            "$round" => (Self::Round("$round", RoundingMode::HalfEven), 1, 2),
            "$trunc" => (Self::Round("$trunc", RoundingMode::Down), 1, 2),
            "$cmp" => (Self::Compare, 2, 2),
            "$eq" => (Self::Relation(Ordering::is_eq), 2, 2),
            "$ne" => (Self::Relation(Ordering::is_ne), 2, 2),
            "$gt" => (Self::Relation(Ordering::is_gt), 2, 2),
            "$gte" => (Self::Relation(Ordering::is_ge), 2, 2),
            "$lt" => (Self::Relation(Ordering::is_lt), 2, 2),
            "$lte" => (Self::Relation(Ordering::is_le), 2, 2),
            "$not" => (Self::Not, 1, 1),
            "$concat" => (Self::Concatenate, 0, ANY),
            "$toLower" => (Self::Lower, 1, 1),
            "$toUpper" => (Self::Upper, 1, 1),
            "$toString" => (Self::ToString, 1, 1),
            "$strLenCP" => (Self::Length, 1, 1),
            "$size" => (Self::Size, 1, 1),
            "$arrayElemAt" => (Self::ElementAt, 2, 2),
            "$in" => (Self::In, 2, 2),
            "$first" => (Self::First, 1, 1),
            "$last" => (Self::Last, 1, 1),
            "$isArray" => (Self::IsArray, 1, 1),
            "$concatArrays" => (Self::ConcatenateArrays, 0, ANY),
            "$type" => (Self::Type, 1, 1),
            "$year" => (Self::DatePart(Part::Year), 1, 1),
            "$month" => (Self::DatePart(Part::Month), 1, 1),
            "$dayOfMonth" => (Self::DatePart(Part::DayOfMonth), 1, 1),
            "$dayOfWeek" => (Self::DatePart(Part::DayOfWeek), 1, 1),
            "$dayOfYear" => (Self::DatePart(Part::DayOfYear), 1, 1),
            "$hour" => (Self::DatePart(Part::Hour), 1, 1),
            "$minute" => (Self::DatePart(Part::Minute), 1, 1),
            "$second" => (Self::DatePart(Part::Second), 1, 1),
            "$millisecond" => (Self::DatePart(Part::Millisecond), 1, 1),
            "$sum" => (Self::Over(Accumulator::sum()), 1, ANY),
            "$avg" => (Self::Over(Accumulator::average()), 1, ANY),
            "$min" => (Self::Over(Accumulator::min()), 1, ANY),
            "$max" => (Self::Over(Accumulator::max()), 1, ANY),
            _ => return None,
        })
    }

    /// The operator's value for its arguments, of which there are as many as it takes.
    pub fn call(&self, arguments: &[Value<'_>]) -> Result<Option<Bson>> {
        let argument = |index: usize| arguments.get(index).and_then(|value| value.as_deref());
        let first = argument(0);
        let any_nullish = || {
            arguments
                .iter()
                .any(|argument| is_nullish(argument.as_deref()))
        };
        Ok(Some(match self {
            // These have a value for null, too.
            Self::Compare => Bson::Int32(compare(first, argument(1)) as i32),
            Self::Relation(holds) => holds(compare(first, argument(1))).into(),
            Self::Not => (!first.is_some_and(truthy)).into(),
            Self::Lower => text_or_empty("$toLower", first)?
                .to_ascii_lowercase()
                .into(),
            Self::Upper => text_or_empty("$toUpper", first)?
                .to_ascii_uppercase()
                .into(),
            Self::IsArray => matches!(first, Some(Bson::Array(_))).into(),
            Self::Type => first.map_or("missing", types::name).into(),
            Self::Size => count(array("$size", first)?.len()),
            Self::In => {
                let wanted = first.unwrap_or(&Bson::Undefined);
                array("$in", argument(1))?
                    .iter()
                    .any(|item| order::equal(item, wanted))
                    .into()
            }
            Self::Length => match first {
                Some(Bson::String(text)) => count(text.chars().count()),
                other => return Err(mistyped("$strLenCP", "a string", other)),
            },
            Self::Over(accumulator) => over(accumulator, arguments),
            // All others give null where they are given null or nothing.
            _ if any_nullish() => Bson::Null,
            Self::Add => sum(arguments)?,
            Self::Multiply => {
                let mut product = Number::Int32(1);
                for argument in arguments {
                    let factor = number("$multiply", argument.as_deref())?;
                    product = product.calculate(Arithmetic::Multiply, factor);
                }
                product.into()
            }
            Self::Subtract => subtract(first, argument(1))?,
            Self::Divide => divide("$divide", Arithmetic::Divide, first, argument(1))?,
            Self::Remainder => divide("$mod", Arithmetic::Remainder, first, argument(1))?,
            Self::Absolute => number("$abs", first)?.absolute().into(),
            Self::Round(name, mode) => {
                let places = match argument(1) {
                    None => 0,
                    Some(places) => Number::of(places)
                        .and_then(Number::as_i64)
                        .filter(|places| (-20..=100).contains(places))
                        .ok_or_else(|| {
                            Error::bad_value(format!(
                                "{name} rounds to a whole number of places from -20 to 100"
                            ))
                        })?,
                };
                number(name, first)?.round(places, *mode).into()
            }
            Self::Concatenate => {
                let mut text = String::new();
                for argument in arguments {
                    match argument.as_deref() {
                        Some(Bson::String(part)) => text.push_str(part),
                        other => return Err(mistyped("$concat", "strings", other)),
                    }
                }
                text.into()
            }
            Self::ToString => text("$toString", first)?.into(),
            Self::ElementAt => {
                let items = array("$arrayElemAt", first)?;
                let index = number("$arrayElemAt", argument(1))?
                    .as_i64()
                    .ok_or_else(|| {
                        Error::bad_value("$arrayElemAt takes an index that is a whole number")
                    })?;
                return Ok(element(items, index).cloned());
            }
            Self::First => return Ok(array("$first", first)?.first().cloned()),
            Self::Last => return Ok(array("$last", first)?.last().cloned()),
            Self::ConcatenateArrays => {
                let mut all = Vec::new();
                for argument in arguments {
                    all.extend_from_slice(array("$concatArrays", argument.as_deref())?);
                }
                all.into()
            }
            Self::DatePart(part) => part.of(moment("a date operator", first)?)?.into(),
            Self::DateToString(format) => format.write(moment("$dateToString", first)?)?.into(),
        }))
    }
}

/// A number of things, as an `int` where it is one.
pub fn count(number: usize) -> Bson {
    i32::try_from(number).map_or(Bson::Int64(number as i64), Bson::Int32)
}

/// Nothing is below null here, as it is in no order of stored values.
fn compare(left: Option<&Bson>, right: Option<&Bson>) -> Ordering {
    order::compare(
        left.unwrap_or(&Bson::Undefined),
        right.unwrap_or(&Bson::Undefined),
    )
}

fn mistyped(operator: &str, wanted: &str, value: Option<&Bson>) -> Error {
    Error::type_mismatch(format!(
        "{operator} takes {wanted}, not {}",
        value.map_or("missing", types::name)
    ))
}

fn number(operator: &str, value: Option<&Bson>) -> Result<Number> {
    value
        .and_then(Number::of)
        .ok_or_else(|| mistyped(operator, "numbers", value))
}

fn array<'a>(operator: &str, value: Option<&'a Bson>) -> Result<&'a [Bson]> {
    match value {
        Some(Bson::Array(items)) => Ok(items),
        _ => Err(mistyped(operator, "an array", value)),
    }
}

fn moment(operator: &str, value: Option<&Bson>) -> Result<DateTime> {
    match value {
        Some(Bson::DateTime(date)) => Ok(*date),
        Some(Bson::Timestamp(stamp)) => Ok(DateTime::from_millis(i64::from(stamp.time) * 1000)),
        Some(Bson::ObjectId(id)) => Ok(id.timestamp()),
        _ => Err(mistyped(operator, "a date", value)),
    }
}

/// The sum of numbers; or a date and so many milliseconds.
fn sum(arguments: &[Value<'_>]) -> Result<Bson> {
    let (mut total, mut since) = (Number::Int32(0), None);
    for argument in arguments {
        match argument.as_deref() {
            Some(Bson::DateTime(_)) if since.is_some() => {
                return Err(Error::type_mismatch("only one date is allowed in an $add"));
            }
            Some(Bson::DateTime(date)) => since = Some(*date),
            other => {
                let number = number("$add", other)
                    .map_err(|_| mistyped("$add", "numbers, and at most one date", other))?;
                total = total.calculate(Arithmetic::Add, number);
            }
        }
    }
    match since {
        None => Ok(total.into()),
        Some(date) => shifted("$add", date, Arithmetic::Add, total),
    }
}

fn subtract(left: Option<&Bson>, right: Option<&Bson>) -> Result<Bson> {
    match (left, right) {
        (Some(Bson::DateTime(left)), Some(Bson::DateTime(right))) => {
            let difference = left
                .timestamp_millis()
                .checked_sub(right.timestamp_millis())
                .ok_or_else(|| Error::bad_value("$subtract: two dates too far apart"))?;
            Ok(difference.into())
        }
        (Some(Bson::DateTime(date)), _) => shifted(
            "$subtract",
            *date,
            Arithmetic::Subtract,
            number("$subtract", right)?,
        ),
        _ => Ok(number("$subtract", left)?
            .calculate(Arithmetic::Subtract, number("$subtract", right)?)
            .into()),
    }
}

/// A date some milliseconds on.
fn shifted(operator: &str, date: DateTime, arithmetic: Arithmetic, by: Number) -> Result<Bson> {
    let by = by.round(0, RoundingMode::HalfEven);
    Number::Int64(date.timestamp_millis())
        .calculate(arithmetic, by)
        .as_i64()
        .map(|millis| DateTime::from_millis(millis).into())
        .ok_or_else(|| Error::bad_value(format!("{operator}: a date beyond all dates")))
}

fn divide(
    operator: &str,
    arithmetic: Arithmetic,
    left: Option<&Bson>,
    right: Option<&Bson>,
) -> Result<Bson> {
    let (left, right) = (number(operator, left)?, number(operator, right)?);
    if right.is_zero() {
        return Err(Error::bad_value(format!("can't {operator} by zero")));
    }
    Ok(left.calculate(arithmetic, right).into())
}

fn over(accumulator: &Accumulator, arguments: &[Value<'_>]) -> Bson {
    let mut accumulator = accumulator.clone();
    match arguments {
        [Some(only)] if matches!(**only, Bson::Array(_)) => {
            let items = only.as_array().into_iter().flatten();
            items.for_each(|item| accumulator.add(Some(Cow::Borrowed(item))));
        }
        _ => arguments
            .iter()
            .for_each(|argument| accumulator.add(argument.clone())),
    }
    accumulator.finish()
}

fn element(items: &[Bson], index: i64) -> Option<&Bson> {
    let distance = usize::try_from(index.unsigned_abs()).ok()?;
    if index < 0 {
        items.get(items.len().checked_sub(distance)?)
    } else {
        items.get(distance)
    }
}

fn text_or_empty(operator: &str, value: Option<&Bson>) -> Result<String> {
    match value {
        value if is_nullish(value) => Ok(String::new()),
        Some(Bson::Boolean(_) | Bson::ObjectId(_)) => Err(mistyped(operator, "a string", value)),
        value => text(operator, value),
    }
}

/// A value written out.
fn text(operator: &str, value: Option<&Bson>) -> Result<String> {
    Ok(match value {
        Some(Bson::String(text) | Bson::Symbol(text)) => text.clone(),
        Some(Bson::Boolean(value)) => value.to_string(),
        Some(Bson::Int32(value)) => value.to_string(),
        Some(Bson::Int64(value)) => value.to_string(),
        Some(Bson::Double(value)) if value.is_infinite() => {
            let sign = if *value < 0.0 { "-" } else { "" };
            format!("{sign}Infinity")
        }
        Some(Bson::Double(value)) => value.to_string(),
        Some(Bson::Decimal128(value)) => value.to_string(),
        Some(Bson::ObjectId(id)) => id.to_hex(),
        Some(Bson::DateTime(date)) => date::text(*date)?,
        _ => {
            return Err(mistyped(
                operator,
                "a string, number, boolean, date or ObjectId",
                value,
            ));
        }
    })
}
