//! BSON's order of types and values.
//!
//! Source: MongoDB's manual, "BSON Types: Comparison/Sort Order".

use std::cmp::Ordering;

use bson::{Binary, Bson, Document};

use crate::number::Number;

/// Where a value's type stands in BSON's order; values compare by content only within one class.
pub fn class(value: &Bson) -> u8 {
    match value {
        Bson::MinKey => 0,
        Bson::Undefined => 1,
        Bson::Null => 2,
        Bson::Int32(_) | Bson::Int64(_) | Bson::Double(_) | Bson::Decimal128(_) => 3,
        Bson::String(_) | Bson::Symbol(_) => 4,
        Bson::Document(_) => 5,
        Bson::Array(_) => 6,
        Bson::Binary(_) => 7,
        Bson::ObjectId(_) => 8,
        Bson::Boolean(_) => 9,
        Bson::DateTime(_) => 10,
        Bson::Timestamp(_) => 11,
        Bson::RegularExpression(_) => 12,
        Bson::DbPointer(_) => 13,
        Bson::JavaScriptCode(_) => 14,
        Bson::JavaScriptCodeWithScope(_) => 15,
        Bson::MaxKey => 16,
    }
}

/// BSON's total order: by type first, then by value; numbers of every type compare by value.
pub fn compare(left: &Bson, right: &Bson) -> Ordering {
    let by_class = class(left).cmp(&class(right));
    if by_class.is_ne() {
        return by_class;
    }
    if let (Some(left), Some(right)) = (Number::of(left), Number::of(right)) {
        return left.compare(right);
    }
    match (left, right) {
        (Bson::String(left) | Bson::Symbol(left), Bson::String(right) | Bson::Symbol(right)) => {
            left.cmp(right)
        }
        (Bson::Document(left), Bson::Document(right)) => compare_documents(left, right),
        (Bson::Array(left), Bson::Array(right)) => compare_items(left.iter(), right.iter()),
        (Bson::Binary(left), Bson::Binary(right)) => compare_binary(left, right),
        (Bson::ObjectId(left), Bson::ObjectId(right)) => left.bytes().cmp(&right.bytes()),
        (Bson::Boolean(left), Bson::Boolean(right)) => left.cmp(right),
        (Bson::DateTime(left), Bson::DateTime(right)) => left.cmp(right),
        (Bson::Timestamp(left), Bson::Timestamp(right)) => {
            (left.time, left.increment).cmp(&(right.time, right.increment))
        }
        (Bson::RegularExpression(left), Bson::RegularExpression(right)) => {
            (left.pattern.as_str(), left.options.as_str())
                .cmp(&(right.pattern.as_str(), right.options.as_str()))
        }
        (Bson::JavaScriptCode(left), Bson::JavaScriptCode(right)) => left.cmp(right),
        (Bson::JavaScriptCodeWithScope(left), Bson::JavaScriptCodeWithScope(right)) => left
            .code
            .cmp(&right.code)
            .then_with(|| compare_documents(&left.scope, &right.scope)),
        (Bson::DbPointer(left), Bson::DbPointer(right)) => {
            format!("{left:?}").cmp(&format!("{right:?}"))
        }
        _ => Ordering::Equal,
    }
}

/// A value that keeps its place in BSON's order, for sets and maps.
#[derive(Debug, Clone)]
pub struct Ordered(pub Bson);

impl PartialEq for Ordered {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Ordered {}

impl PartialOrd for Ordered {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ordered {
    fn cmp(&self, other: &Self) -> Ordering {
        compare(&self.0, &other.0)
    }
}

/// Whether two values are the same to a query: equal numbers of different types are.
pub fn equal(left: &Bson, right: &Bson) -> bool {
    compare(left, right).is_eq()
}

/// Whether two values are the same to the letter: of one type, with their fields in one order. Equality of `bson`'s own is
/// neither, since it passes over the order of fields and has no NaN equal to itself.
pub fn identical(left: &Bson, right: &Bson) -> bool {
    match (left, right) {
        (Bson::Double(left), Bson::Double(right)) => left.to_bits() == right.to_bits(),
        (Bson::Document(left), Bson::Document(right)) => identical_documents(left, right),
        (Bson::Array(left), Bson::Array(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .zip(right)
                    .all(|(left, right)| identical(left, right))
        }
        (Bson::JavaScriptCodeWithScope(left), Bson::JavaScriptCodeWithScope(right)) => {
            left.code == right.code && identical_documents(&left.scope, &right.scope)
        }
        _ => left == right,
    }
}

/// Whether two documents are the same to the letter.
pub fn identical_documents(left: &Document, right: &Document) -> bool {
    left.len() == right.len()
        && left
            .iter()
            .zip(right)
            .all(|((left_name, left), (right_name, right))| {
                left_name == right_name && identical(left, right)
            })
}

/// Field by field: by type, then name, then value, as MongoDB has it.
fn compare_documents(left: &Document, right: &Document) -> Ordering {
    let (mut left, mut right) = (left.iter(), right.iter());
    loop {
        match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some((left_name, left)), Some((right_name, right))) => {
                let order = class(left)
                    .cmp(&class(right))
                    .then_with(|| left_name.cmp(right_name))
                    .then_with(|| compare(left, right));
                if order.is_ne() {
                    return order;
                }
            }
        }
    }
}

fn compare_items<'a>(
    mut left: impl Iterator<Item = &'a Bson>,
    mut right: impl Iterator<Item = &'a Bson>,
) -> Ordering {
    loop {
        match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(left), Some(right)) => {
                let order = compare(left, right);
                if order.is_ne() {
                    return order;
                }
            }
        }
    }
}

/// By length, then subtype, then bytes.
fn compare_binary(left: &Binary, right: &Binary) -> Ordering {
    left.bytes
        .len()
        .cmp(&right.bytes.len())
        .then_with(|| u8::from(left.subtype).cmp(&u8::from(right.subtype)))
        .then_with(|| left.bytes.cmp(&right.bytes))
}

#[cfg(test)]
mod tests {
    use bson::{bson, doc, oid::ObjectId};

    use super::*;

    #[test]
    fn types_come_before_values() {
        let ordered = [
            Bson::MinKey,
            Bson::Null,
            bson!(-1),
            bson!(2.5),
            bson!(3_i64),
            bson!(""),
            bson!("a"),
            bson!({}),
            bson!({"a": 1}),
            bson!({"a": 2}),
            bson!({"b": 1}),
            bson!([]),
            bson!([1]),
            bson!([1, 2]),
            Bson::ObjectId(ObjectId::from_bytes([0; 12])),
            bson!(false),
            bson!(true),
            Bson::DateTime(bson::DateTime::from_millis(0)),
            Bson::MaxKey,
        ];
        for (i, left) in ordered.iter().enumerate() {
            for (j, right) in ordered.iter().enumerate() {
                assert_eq!(compare(left, right), i.cmp(&j), "{left} {right}");
            }
        }
    }

    #[test]
    fn identity_is_to_the_letter() {
        let document = bson!({"a": 1, "b": [f64::NAN]});
        assert!(identical(&document, &document.clone()));
        assert!(!identical(
            &bson!({"a": 1, "b": 2}),
            &bson!({"b": 2, "a": 1})
        ));
        assert!(!identical(&bson!([1]), &bson!([1_i64])));
        assert!(!identical(&bson!(0.0), &bson!(-0.0)));
        assert!(!identical(&bson!([1]), &bson!([1, 2])));
    }

    #[test]
    fn documents_differ_by_the_order_of_their_fields() {
        assert!(!equal(
            &doc! {"a": 1, "b": 2}.into(),
            &doc! {"b": 2, "a": 1}.into()
        ));
        assert!(equal(
            &doc! {"a": 1, "b": 2}.into(),
            &doc! {"a": 1_i64, "b": 2.0}.into()
        ));
    }
}
