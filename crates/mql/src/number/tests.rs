#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;

fn decimal(text: &str) -> Number {
    Number::Decimal(text.parse().unwrap())
}

/// A number as it is written in a test: the type, then the value.
fn shown(number: Number) -> String {
    match number {
        Number::Int32(value) => format!("int {value}"),
        Number::Int64(value) => format!("long {value}"),
        Number::Double(value) => format!("double {value:?}"),
        Number::Decimal(value) => format!("decimal {value}"),
    }
}

#[test]
fn numbers_of_different_types_compare_by_value() {
    let equal = [
        Number::Int32(5),
        Number::Int64(5),
        Number::Double(5.0),
        decimal("5.00"),
        decimal("50E-1"),
    ];
    for left in equal {
        for right in equal {
            assert_eq!(left.compare(right), Ordering::Equal, "{left:?} {right:?}");
        }
    }
    let ascending = [
        Number::Double(f64::NAN),
        Number::Double(f64::NEG_INFINITY),
        decimal("-1E+6000"),
        decimal("-1E+3"),
        decimal("-999"),
        Number::Double(-5.5),
        Number::Int32(-5),
        Number::Double(-0.0),
        Number::Double(f64::MIN_POSITIVE),
        decimal("0.1"),
        // What the double nearest to 0.1 really is: a little more.
        Number::Double(0.1),
        Number::Double(5.5),
        Number::Int64(i64::MAX),
        Number::Double(9_223_372_036_854_775_808.0),
        decimal("1E+6000"),
        decimal("1E+6001"),
        Number::Double(f64::INFINITY),
    ];
    for (i, left) in ascending.iter().enumerate() {
        for (j, right) in ascending.iter().enumerate() {
            assert_eq!(left.compare(*right), i.cmp(&j), "{left:?} {right:?}");
        }
    }
    assert!(decimal("NaN").compare(Number::Double(f64::NAN)).is_eq());
    assert!(
        decimal("Infinity")
            .compare(Number::Double(f64::INFINITY))
            .is_eq()
    );
}

#[test]
fn results_take_the_wider_type() {
    use Arithmetic::{Add, Divide, Multiply, Remainder, Subtract};
    let int = Number::Int32;
    for (left, arithmetic, right, result) in [
        (int(1), Add, int(2), "int 3"),
        (int(i32::MAX), Add, int(1), "long 2147483648"),
        (int(1), Add, Number::Int64(1), "long 2"),
        (
            Number::Int64(i64::MAX),
            Add,
            int(1),
            "double 9.223372036854776e18",
        ),
        (int(1), Subtract, Number::Double(0.5), "double 0.5"),
        (decimal("0.1"), Add, decimal("0.2"), "decimal 0.3"),
        (decimal("1.5"), Multiply, int(-2), "decimal -3.0"),
        (
            decimal("1"),
            Divide,
            int(3),
            "decimal 0.3333333333333333333333333333333333",
        ),
        (
            decimal("1E+6111"),
            Multiply,
            decimal("1E+6111"),
            "decimal Infinity",
        ),
        (
            decimal("-1E+6111"),
            Multiply,
            decimal("1E+6111"),
            "decimal -Infinity",
        ),
        (decimal("Infinity"), Add, int(1), "decimal Infinity"),
        (decimal("7.5"), Remainder, int(2), "decimal 1.5"),
        (int(6), Divide, int(3), "double 2.0"),
        (int(-7), Remainder, int(3), "int -1"),
        (int(i32::MIN), Remainder, int(-1), "int 0"),
        (Number::Double(7.5), Remainder, int(2), "double 1.5"),
    ] {
        assert_eq!(
            shown(left.calculate(arithmetic, right)),
            result,
            "{left:?} {arithmetic:?} {right:?}"
        );
    }
    assert!(
        Number::Int64(i64::MAX)
            .calculate_exactly(Add, int(1))
            .is_none()
    );
}

#[test]
fn rounding_keeps_the_type() {
    use RoundingMode::{Ceiling, Down, Floor, HalfEven};
    for (number, places, mode, result) in [
        (Number::Int32(1234), -2, HalfEven, "int 1200"),
        (Number::Int32(1234), 2, HalfEven, "int 1234"),
        (Number::Int32(i32::MAX), -9, Ceiling, "long 3000000000"),
        (Number::Double(2.5), 0, HalfEven, "double 2.0"),
        (Number::Double(-2.5), 0, Floor, "double -3.0"),
        (Number::Double(2.345), 1, HalfEven, "double 2.3"),
        (Number::Double(-2.9), 0, Down, "double -2.0"),
        (decimal("2.25"), 1, HalfEven, "decimal 2.2"),
        (Number::Double(f64::INFINITY), 2, HalfEven, "double inf"),
    ] {
        assert_eq!(
            shown(number.round(places, mode)),
            result,
            "{number:?} {places}"
        );
    }
    assert_eq!(shown(Number::Int32(i32::MIN).absolute()), "long 2147483648");
    assert_eq!(shown(Number::Double(-0.5).absolute()), "double 0.5");
}

#[test]
fn only_whole_numbers_that_fit_are_whole() {
    assert_eq!(Number::Double(3.0).as_i64(), Some(3));
    assert_eq!(Number::Double(3.5).as_i64(), None);
    assert_eq!(decimal("300E-2").as_i64(), Some(3));
    assert_eq!(decimal("3.5").as_i64(), None);
    assert_eq!(decimal("1E+6000").as_i64(), None);
    assert_eq!(decimal("9223372036854775807").as_i64(), Some(i64::MAX));
    assert_eq!(decimal("NaN").as_i64(), None);
}

proptest! {
    #[test]
    fn any_bytes_of_a_decimal_are_taken(bytes: [u8; 16], other: [u8; 16]) {
        let left = Number::Decimal(Decimal128::from_bytes(bytes));
        let right = Number::Decimal(Decimal128::from_bytes(other));
        prop_assert_eq!(left.compare(right), right.compare(left).reverse());
        left.calculate(Arithmetic::Add, right);
        left.calculate(Arithmetic::Multiply, right);
        left.calculate(Arithmetic::Divide, right);
        left.calculate(Arithmetic::Remainder, right);
        left.as_i64();
    }
}
