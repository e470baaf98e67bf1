//! Arithmetic over BSON's kinds of number.

mod exact;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;

use bigdecimal::RoundingMode;
use bson::{Bson, Decimal128};

use exact::Exact;

/// A number of any BSON type.
#[derive(Debug, Clone, Copy)]
pub enum Number {
    Int32(i32),
    Int64(i64),
    Double(f64),
    Decimal(Decimal128),
}

/// What can be done with two numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
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
            Self::Decimal(_) => self.exact().whole(),
        }
    }

    pub fn is_nan(self) -> bool {
        match self {
            Self::Int32(_) | Self::Int64(_) => false,
            Self::Double(value) => value.is_nan(),
            Self::Decimal(_) => self.as_f64().is_nan(),
        }
    }

    pub fn is_zero(self) -> bool {
        self.compare(Self::Int32(0)).is_eq()
    }

    /// A double stands here by 34 digits, as many as a decimal has: enough to keep every two doubles apart.
    fn exact(self) -> Exact {
        match self {
            Self::Double(value) => Exact::of_double(value, 34),
            _ => self.rounded(),
        }
    }

    /// As MongoDB turns a double into a decimal to calculate with: by the 15 digits a double is sure of.
    fn rounded(self) -> Exact {
        match self {
            Self::Int32(value) => Exact::from(i64::from(value)),
            Self::Int64(value) => Exact::from(value),
            Self::Double(value) => Exact::of_double(value, 15),
            Self::Decimal(value) => Exact::from(value),
        }
    }

    fn as_integer(self) -> Option<i64> {
        match self {
            Self::Int32(value) => Some(value.into()),
            Self::Int64(value) => Some(value),
            Self::Double(_) | Self::Decimal(_) => None,
        }
    }

    /// Order by value, whatever the types; NaN is below every other number and equal to itself, as MongoDB has it.
    pub fn compare(self, other: Self) -> Ordering {
        match (self, other) {
            (Self::Decimal(_), _) | (_, Self::Decimal(_)) => self.exact().cmp(&other.exact()),
            (Self::Double(left), Self::Double(right)) => left
                .partial_cmp(&right)
                .unwrap_or_else(|| right.is_nan().cmp(&left.is_nan())),
            _ => match (self.as_integer(), other.as_integer()) {
                (Some(left), Some(right)) => left.cmp(&right),
                (Some(left), None) => compare_double(other.as_f64(), left).reverse(),
                (None, right) => compare_double(self.as_f64(), right.unwrap_or_default()),
            },
        }
    }

    /// The result in the wider of the two types, or the next wider where it does not fit: an overflow of 64 bits gives a double.
    /// A quotient is never an integer. Division by zero is for the caller to refuse; here, it gives what doubles give.
    pub fn calculate(self, arithmetic: Arithmetic, other: Self) -> Self {
        self.calculate_exactly(arithmetic, other)
            .unwrap_or_else(|| Self::Double(arithmetic.of_doubles(self.as_f64(), other.as_f64())))
    }

    /// Like [`Number::calculate`], but nothing where 64 bits overflow.
    pub fn calculate_exactly(self, arithmetic: Arithmetic, other: Self) -> Option<Self> {
        match (self, other) {
            (Self::Decimal(_), _) | (_, Self::Decimal(_)) => {
                let exact = self.rounded().calculate(arithmetic, &other.rounded());
                Some(Self::Decimal(exact.into()))
            }
            _ => match self.as_integer().zip(other.as_integer()) {
                Some((left, right)) if arithmetic != Arithmetic::Divide => {
                    let result = arithmetic.of_integers(left, right)?;
                    Some(match (self, other, i32::try_from(result)) {
                        (Self::Int32(_), Self::Int32(_), Ok(result)) => Self::Int32(result),
                        _ => Self::Int64(result),
                    })
                }
                _ => Some(Self::Double(
                    arithmetic.of_doubles(self.as_f64(), other.as_f64()),
                )),
            },
        }
    }

    /// The number without its sign; the least of an integer type is widened.
    pub fn absolute(self) -> Self {
        if self.compare(Self::Int32(0)).is_lt() {
            Self::Int32(0).calculate(Arithmetic::Subtract, self)
        } else {
            self
        }
    }

    /// Rounded to so many places after the point, or before it where `places` is negative; the type stays.
    pub fn round(self, places: i64, mode: RoundingMode) -> Self {
        match self {
            Self::Int32(_) | Self::Int64(_) if places >= 0 => self,
            Self::Double(value) if !value.is_finite() => self,
            Self::Double(value) if places == 0 => Self::Double(match mode {
                RoundingMode::Floor => value.floor(),
                RoundingMode::Ceiling => value.ceil(),
                RoundingMode::HalfEven => value.round_ties_even(),
                _ => value.trunc(),
            }),
            _ => {
                let exact = self.exact().round(places, mode);
                match self {
                    Self::Decimal(_) => Self::Decimal(exact.into()),
                    Self::Double(_) => Self::Double(Self::Decimal(exact.into()).as_f64()),
                    Self::Int32(_) | Self::Int64(_) => match exact.whole() {
                        None => Self::Double(Self::Decimal(exact.into()).as_f64()),
                        Some(whole) => match (self, i32::try_from(whole)) {
                            (Self::Int32(_), Ok(whole)) => Self::Int32(whole),
                            _ => Self::Int64(whole),
                        },
                    },
                }
            }
        }
    }
}

impl Arithmetic {
    fn of_integers(self, left: i64, right: i64) -> Option<i64> {
        match self {
            Self::Add => left.checked_add(right),
            Self::Subtract => left.checked_sub(right),
            Self::Multiply => left.checked_mul(right),
            Self::Divide => left.checked_div(right),
            // The remainder of the least integer by -1 does not overflow, only its calculation does.
            Self::Remainder => match right {
                0 => None,
                _ => Some(left.wrapping_rem(right)),
            },
        }
    }

    fn of_doubles(self, left: f64, right: f64) -> f64 {
        match self {
            Self::Add => left + right,
            Self::Subtract => left - right,
            Self::Multiply => left * right,
            Self::Divide => left / right,
            Self::Remainder => left % right,
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
        None if double > 0.0 => Ordering::Greater,
        None => Ordering::Less,
    }
}
