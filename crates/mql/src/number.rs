//! Arithmetic over BSON's kinds of number.

use std::cmp::Ordering;

use bson::{Bson, Decimal128};

/// A number of any BSON type.
#[derive(Debug, Clone, Copy)]
pub enum Number {
    Int32(i32),
    Int64(i64),
    Double(f64),
    Decimal(Decimal128),
}

impl Number {
    /// The number in a value, if it is one.
    pub fn of(value: &Bson) -> Option<Self> {
        match value {
            Bson::Int32(value) => Some(Self::Int32(*value)),
            Bson::Int64(value) => Some(Self::Int64(*value)),
            Bson::Double(value) => Some(Self::Double(*value)),
            Bson::Decimal128(value) => Some(Self::Decimal(*value)),
            _ => None,
        }
    }

    /// The nearest double.
    pub fn as_f64(self) -> f64 {
        match self {
            Self::Int32(value) => f64::from(value),
            Self::Int64(value) => value as f64,
            Self::Double(value) => value,
            Self::Decimal(value) => value.to_string().parse().unwrap_or(f64::NAN),
        }
    }

    /// The whole number it is, where it is one that fits.
    pub fn as_i64(self) -> Option<i64> {
        match self {
            Self::Int32(value) => Some(value.into()),
            Self::Int64(value) => Some(value),
            Self::Double(value) => whole(value),
            Self::Decimal(_) => whole(self.as_f64()),
        }
    }

    fn as_integer(self) -> Option<i64> {
        match self {
            Self::Int32(value) => Some(value.into()),
            Self::Int64(value) => Some(value),
            Self::Double(_) | Self::Decimal(_) => None,
        }
    }

    fn as_decimal(self) -> Option<Decimal> {
        match self {
            Self::Int32(value) => Some(Decimal::whole(value.into())),
            Self::Int64(value) => Some(Decimal::whole(value)),
            Self::Double(value) if value.is_finite() => Decimal::parse(&format!("{value:e}")),
            Self::Double(_) => None,
            Self::Decimal(value) => Decimal::of(value),
        }
    }

    /// Order by value, whatever the types; NaN is below every other number and equal to itself, as MongoDB has it.
    pub fn compare(self, other: Self) -> Ordering {
        if let (Some(left), Some(right)) = (self.as_integer(), other.as_integer()) {
            return left.cmp(&right);
        }
        let (left, right) = (self.as_f64(), other.as_f64());
        match (left.is_nan(), right.is_nan()) {
            (true, true) => return Ordering::Equal,
            (true, false) => return Ordering::Less,
            (false, true) => return Ordering::Greater,
            (false, false) => {}
        }
        match (self, other) {
            (Self::Double(left), Self::Double(right)) => {
                left.partial_cmp(&right).unwrap_or(Ordering::Equal)
            }
            (Self::Decimal(_), _) | (_, Self::Decimal(_)) => {
                match (self.as_decimal(), other.as_decimal()) {
                    (Some(left), Some(right)) => left.compare(right),
                    _ => left.total_cmp(&right),
                }
            }
            (Self::Double(left), other) => {
                compare_double(left, other.as_integer().unwrap_or_default())
            }
            (this, _) => compare_double(right, this.as_integer().unwrap_or_default()).reverse(),
        }
    }

    /// The sum, in the widest of the two types, widened where it overflows.
    pub fn add(self, other: Self) -> Self {
        self.combine(other, i64::checked_add, |a, b| a + b, Decimal::add)
    }

    /// The product, in the widest of the two types, widened where it overflows.
    pub fn multiply(self, other: Self) -> Self {
        self.combine(other, i64::checked_mul, |a, b| a * b, Decimal::multiply)
    }

    fn combine(
        self,
        other: Self,
        integers: fn(i64, i64) -> Option<i64>,
        doubles: fn(f64, f64) -> f64,
        decimals: fn(Decimal, Decimal) -> Option<Decimal>,
    ) -> Self {
        let double = || Self::Double(doubles(self.as_f64(), other.as_f64()));
        match (self, other) {
            (Self::Decimal(_), _) | (_, Self::Decimal(_)) => self
                .as_decimal()
                .zip(other.as_decimal())
                .and_then(|(left, right)| decimals(left, right))
                .and_then(Decimal::to_bson)
                .or_else(|| {
                    doubles(self.as_f64(), other.as_f64())
                        .to_string()
                        .parse()
                        .ok()
                })
                .map_or_else(double, Self::Decimal),
            _ => match self.as_integer().zip(other.as_integer()) {
                None => double(),
                Some((left, right)) => match integers(left, right) {
                    None => double(),
                    Some(result) => match (self, other, i32::try_from(result)) {
                        (Self::Int32(_), Self::Int32(_), Ok(result)) => Self::Int32(result),
                        _ => Self::Int64(result),
                    },
                },
            },
        }
    }
}

impl From<Number> for Bson {
    fn from(number: Number) -> Self {
        match number {
            Number::Int32(value) => Self::Int32(value),
            Number::Int64(value) => Self::Int64(value),
            Number::Double(value) => Self::Double(value),
            Number::Decimal(value) => Self::Decimal128(value),
        }
    }
}

fn whole(value: f64) -> Option<i64> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    (value.fract() == 0.0 && (-LIMIT..LIMIT).contains(&value)).then_some(value as i64)
}

/// A double against a whole number, exactly: the nearest double of a large integer may be equal where the integer is not.
fn compare_double(double: f64, integer: i64) -> Ordering {
    match whole(double.trunc()) {
        Some(truncated) => truncated
            .cmp(&integer)
            .then_with(|| double.fract().partial_cmp(&0.0).unwrap_or(Ordering::Equal)),
        // Beyond every whole number there is.
        None if double < 0.0 => Ordering::Less,
        None => Ordering::Greater,
    }
}

/// A decimal taken apart: `coefficient × 10^exponent`.
#[derive(Debug, Clone, Copy)]
struct Decimal {
    negative: bool,
    coefficient: u128,
    exponent: i32,
}

impl Decimal {
    /// The parts of a finite decimal; none for NaN and the infinities.
    fn of(value: Decimal128) -> Option<Self> {
        Self::parse(&value.to_string())
    }

    fn whole(value: i64) -> Self {
        Self {
            negative: value < 0,
            coefficient: value.unsigned_abs().into(),
            exponent: 0,
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let (negative, text) = text
            .strip_prefix('-')
            .map_or((false, text), |rest| (true, rest));
        let (digits, exponent) = match text.split_once(['e', 'E']) {
            Some((digits, exponent)) => (digits, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (before, after) = digits.split_once('.').unwrap_or((digits, ""));
        let coefficient = format!("{before}{after}").parse().ok()?;
        Some(Self {
            negative,
            coefficient,
            exponent: exponent - i32::try_from(after.len()).ok()?,
        })
    }

    fn text(self) -> String {
        format!(
            "{}{}E{}",
            if self.negative { "-" } else { "" },
            self.coefficient,
            self.exponent
        )
    }

    fn to_bson(self) -> Option<Decimal128> {
        self.text().parse().ok()
    }

    /// How many digits stand before the point; 0.1 has none, 0.01 one fewer than none.
    fn magnitude(self) -> i32 {
        self.exponent
            + self
                .coefficient
                .checked_ilog10()
                .map_or(0, |digits| digits as i32 + 1)
    }

    fn compare(self, other: Self) -> Ordering {
        match (self.coefficient, other.coefficient) {
            (0, 0) => return Ordering::Equal,
            (0, _) => {
                return if other.negative {
                    Ordering::Greater
                } else {
                    Ordering::Less
                };
            }
            (_, 0) => {
                return if self.negative {
                    Ordering::Less
                } else {
                    Ordering::Greater
                };
            }
            _ => {}
        }
        if self.negative != other.negative {
            return other.negative.cmp(&self.negative);
        }
        let order = self.magnitude().cmp(&other.magnitude()).then_with(|| {
            // Of the same magnitude, so the digits, left-aligned, say it.
            let (left, right) = (self.coefficient.to_string(), other.coefficient.to_string());
            left.trim_end_matches('0').cmp(right.trim_end_matches('0'))
        });
        if self.negative {
            order.reverse()
        } else {
            order
        }
    }

    fn add(self, other: Self) -> Option<Self> {
        let exponent = self.exponent.min(other.exponent);
        let scaled = |number: Self| {
            let by = 10_i128.checked_pow(u32::try_from(number.exponent - exponent).ok()?)?;
            let value = i128::try_from(number.coefficient).ok()?.checked_mul(by)?;
            Some(if number.negative { -value } else { value })
        };
        let sum = scaled(self)?.checked_add(scaled(other)?)?;
        Some(Self {
            negative: sum < 0,
            coefficient: sum.unsigned_abs(),
            exponent,
        })
    }

    fn multiply(self, other: Self) -> Option<Self> {
        Some(Self {
            negative: self.negative != other.negative,
            coefficient: self.coefficient.checked_mul(other.coefficient)?,
            exponent: self.exponent + other.exponent,
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn number(text: &str) -> Number {
        Number::Decimal(text.parse().unwrap())
    }

    #[test]
    fn numbers_of_different_types_compare_by_value() {
        let equal = [
            Number::Int32(5),
            Number::Int64(5),
            Number::Double(5.0),
            number("5.00"),
            number("50E-1"),
        ];
        for left in equal {
            for right in equal {
                assert_eq!(left.compare(right), Ordering::Equal, "{left:?} {right:?}");
            }
        }
        assert_eq!(
            Number::Int64(i64::MAX).compare(Number::Double(9_223_372_036_854_775_808.0)),
            Ordering::Less
        );
        assert_eq!(
            Number::Double(5.5).compare(Number::Int32(5)),
            Ordering::Greater
        );
        assert_eq!(
            Number::Double(-5.5).compare(Number::Int32(-5)),
            Ordering::Less
        );
        assert_eq!(
            Number::Double(-0.0).compare(Number::Int32(0)),
            Ordering::Equal
        );
        assert_eq!(number("0.1").compare(Number::Double(0.1)), Ordering::Equal);
        assert_eq!(number("-1E+3").compare(number("-999")), Ordering::Less);
        assert_eq!(
            Number::Double(f64::NAN).compare(Number::Double(f64::NEG_INFINITY)),
            Ordering::Less
        );
        assert_eq!(
            number("Infinity").compare(Number::Double(1e300)),
            Ordering::Greater
        );
    }

    #[test]
    fn sums_widen_where_they_overflow() {
        assert!(matches!(
            Number::Int32(i32::MAX).add(Number::Int32(1)),
            Number::Int64(2_147_483_648)
        ));
        assert!(matches!(
            Number::Int64(i64::MAX).add(Number::Int32(1)),
            Number::Double(_)
        ));
        assert_eq!(
            number("0.1").add(number("0.2")).compare(number("0.3")),
            Ordering::Equal
        );
        assert_eq!(
            number("1.5")
                .multiply(Number::Int32(-2))
                .compare(Number::Int32(-3)),
            Ordering::Equal
        );
    }
}
