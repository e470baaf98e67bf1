//! Values as bytes that sort as BSON does, so that SQLite's own order is the order of ids.

use bson::{Bson, Document};

/// The bytes for a value. Values that are equal to a query have the same bytes; of two others, the one that BSON puts first
/// has the lesser ones. Only decimals that no double can tell apart may stand in another order among themselves.
pub fn of(value: &Bson) -> Vec<u8> {
    let mut key = Vec::with_capacity(16);
    write(value, &mut key);
    key
}

/// The keys of values of the same type as this one: from the first on, up to but without the last.
pub fn class_range(value: &Bson) -> (Vec<u8>, Vec<u8>) {
    let class = class(value);
    (vec![class], vec![class + 1])
}

/// The first key of what may be greater than a value, or equal to it where that is `inclusive`.
pub fn lower(value: &Bson, inclusive: bool) -> Vec<u8> {
    match rough(value) {
        Some(key) => key,
        None => beside(value, !inclusive),
    }
}

/// The first key that comes after what may be less than a value, or equal to it where that is `inclusive`.
pub fn upper(value: &Bson, inclusive: bool) -> Vec<u8> {
    match rough(value) {
        // No key has so many of the greatest bytes.
        Some(key) => [key, vec![0xff; 32]].concat(),
        None => beside(value, inclusive),
    }
}

/// A value's key, or the very next bytes there can be.
fn beside(value: &Bson, after: bool) -> Vec<u8> {
    let mut key = of(value);
    if after {
        key.push(0);
    }
    key
}

/// What the keys begin with that are as near as any to the value's, where keys are not in order to the last byte: those of numbers
/// with the same nearest double, and those of a whole type that may hold such numbers.
fn rough(value: &Bson) -> Option<Vec<u8>> {
    let exact = match value {
        Bson::Int32(_) | Bson::Int64(_) | Bson::Double(_) | Bson::Decimal128(_) => 9,
        Bson::Document(_)
        | Bson::Array(_)
        | Bson::DbPointer(_)
        | Bson::JavaScriptCodeWithScope(_) => 1,
        _ => return None,
    };
    let mut key = of(value);
    key.truncate(exact);
    Some(key)
}

/// Where a type stands in BSON's order.
fn class(value: &Bson) -> u8 {
    match value {
        Bson::MinKey => 1,
        Bson::Undefined => 2,
        Bson::Null => 3,
        Bson::Int32(_) | Bson::Int64(_) | Bson::Double(_) | Bson::Decimal128(_) => 4,
        Bson::String(_) | Bson::Symbol(_) => 5,
        Bson::Document(_) => 6,
        Bson::Array(_) => 7,
        Bson::Binary(_) => 8,
        Bson::ObjectId(_) => 9,
        Bson::Boolean(_) => 10,
        Bson::DateTime(_) => 11,
        Bson::Timestamp(_) => 12,
        Bson::RegularExpression(_) => 13,
        Bson::DbPointer(_) => 14,
        Bson::JavaScriptCode(_) => 15,
        Bson::JavaScriptCodeWithScope(_) => 16,
        Bson::MaxKey => 17,
    }
}

fn write(value: &Bson, key: &mut Vec<u8>) {
    key.push(class(value));
    match value {
        Bson::Int32(number) => whole((*number).into(), key),
        Bson::Int64(number) => whole(*number, key),
        Bson::Double(number) => double(*number, key),
        Bson::Decimal128(number) => decimal(&number.to_string(), key),
        Bson::String(text) | Bson::Symbol(text) | Bson::JavaScriptCode(text) => {
            bytes(text.as_bytes(), key)
        }
        Bson::Document(document) => fields(document, key),
        Bson::Array(items) => {
            items.iter().for_each(|item| write(item, key));
            key.push(0);
        }
        Bson::Binary(binary) => {
            key.extend((binary.bytes.len() as u64).to_be_bytes());
            key.push(binary.subtype.into());
            key.extend(&binary.bytes);
        }
        Bson::ObjectId(id) => key.extend(id.bytes()),
        Bson::Boolean(value) => key.push((*value).into()),
        Bson::DateTime(date) => signed(date.timestamp_millis(), key),
        Bson::Timestamp(timestamp) => {
            key.extend(timestamp.time.to_be_bytes());
            key.extend(timestamp.increment.to_be_bytes());
        }
        Bson::RegularExpression(regex) => {
            bytes(regex.pattern.as_str().as_bytes(), key);
            bytes(regex.options.as_str().as_bytes(), key);
        }
        Bson::DbPointer(pointer) => bytes(format!("{pointer:?}").as_bytes(), key),
        Bson::JavaScriptCodeWithScope(code) => {
            bytes(code.code.as_bytes(), key);
            fields(&code.scope, key);
        }
        Bson::MinKey | Bson::MaxKey | Bson::Null | Bson::Undefined => {}
    }
}

/// Type, then name, then value of each field, as BSON compares documents.
fn fields(document: &Document, key: &mut Vec<u8>) {
    for (name, value) in document {
        key.push(class(value));
        bytes(name.as_bytes(), key);
        write(value, key);
    }
    key.push(0);
}

/// Ended by two zeros; a zero within is marked, so that no text is the beginning of another's bytes.
fn bytes(bytes: &[u8], key: &mut Vec<u8>) {
    for &byte in bytes {
        key.push(byte);
        if byte == 0 {
            key.push(0xff);
        }
    }
    key.extend([0, 0]);
}

fn signed(number: i64, key: &mut Vec<u8>) {
    key.extend((number as u64 ^ (1 << 63)).to_be_bytes());
}

/// The nearest double, then how far it is off.
fn whole(number: i64, key: &mut Vec<u8>) {
    let near = number as f64;
    number_bytes(near, key);
    let off = i128::from(number) - near as i128;
    signed(i64::try_from(off).unwrap_or_default(), key);
}

fn double(number: f64, key: &mut Vec<u8>) {
    number_bytes(number, key);
    signed(0, key);
}

/// As the double that is written the same way, or as the nearest one and the text.
fn decimal(text: &str, key: &mut Vec<u8>) {
    let near: f64 = text.parse().unwrap_or(f64::NAN);
    match text.parse::<i64>() {
        Ok(number) => whole(number, key),
        Err(_) => {
            double(near, key);
            let (left, right) = (normal(text), normal(&format!("{near:e}")));
            if near.is_finite() && left != right {
                bytes(format!("{left:?}").as_bytes(), key);
            }
        }
    }
}

/// The digits of a decimal number and the power of ten, without zeros at either end.
fn normal(text: &str) -> (bool, String, i64) {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let exponent: i64 = exponent.parse().unwrap_or_default();
    let negative = mantissa.starts_with('-');
    let mantissa = mantissa.trim_start_matches('-');
    let (before, after) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{before}{after}");
    let trimmed = digits.trim_end_matches('0');
    let exponent = exponent - after.len() as i64 + (digits.len() - trimmed.len()) as i64;
    let significant = trimmed.trim_start_matches('0');
    if significant.is_empty() {
        (false, String::new(), 0)
    } else {
        (negative, significant.to_owned(), exponent)
    }
}

/// Doubles in order: NaN, then from the least to the greatest; the zeros are one.
fn number_bytes(number: f64, key: &mut Vec<u8>) {
    let bits = if number.is_nan() {
        0
    } else {
        let bits = (number + 0.0).to_bits();
        if bits >> 63 == 0 {
            bits | (1 << 63)
        } else {
            !bits
        }
    };
    key.extend(bits.to_be_bytes());
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use bson::{DateTime, Timestamp, bson, oid::ObjectId};

    use super::*;

    #[test]
    fn keys_sort_as_values_do() {
        let decimal = |text: &str| Bson::Decimal128(text.parse().unwrap());
        let values = [
            Bson::MinKey,
            Bson::Null,
            bson!(f64::NAN),
            bson!(f64::NEG_INFINITY),
            bson!(i64::MIN),
            bson!(-1.5),
            bson!(-1),
            bson!(0),
            decimal("0.1"),
            bson!(1),
            bson!(1.5),
            decimal("2.5"),
            bson!(i64::MAX - 1),
            bson!(i64::MAX),
            bson!(1e300),
            bson!(f64::INFINITY),
            bson!(""),
            bson!("a"),
            bson!("a\0"),
            bson!("a\0b"),
            bson!("ab"),
            bson!("b"),
            bson!({}),
            bson!({"a": 1}),
            bson!({"a": 2}),
            bson!({"a": 2, "b": 1}),
            bson!({"b": 0}),
            bson!([]),
            bson!([1]),
            bson!([1, 2]),
            bson!([2]),
            bson!(ObjectId::from_bytes([0; 12])),
            bson!(ObjectId::from_bytes([1; 12])),
            bson!(false),
            bson!(true),
            bson!(DateTime::from_millis(-5)),
            bson!(DateTime::from_millis(5)),
            Bson::Timestamp(Timestamp {
                time: 1,
                increment: 2,
            }),
            Bson::MaxKey,
        ];
        for (i, left) in values.iter().enumerate() {
            for (j, right) in values.iter().enumerate() {
                assert_eq!(of(left).cmp(&of(right)), i.cmp(&j), "{left} {right}");
                assert_eq!(mql::compare(left, right), i.cmp(&j), "{left} {right}");
            }
        }
    }

    #[test]
    fn equal_numbers_have_one_key() {
        let decimal = |text: &str| Bson::Decimal128(text.parse().unwrap());
        for equal in [
            bson!(5_i64),
            bson!(5.0),
            decimal("5"),
            decimal("5.0"),
            decimal("0.5E+1"),
        ] {
            assert_eq!(of(&equal), of(&bson!(5)), "{equal}");
        }
        assert_eq!(of(&bson!(-0.0)), of(&bson!(0)));
        assert_eq!(of(&decimal("0.10")), of(&bson!(0.1)));
        assert_ne!(of(&decimal("0.1000000000000000000001")), of(&bson!(0.1)));
    }
}
