//! Decimal numbers with all their digits.

use std::num::NonZeroU64;

use bigdecimal::{BigDecimal, RoundingMode, ToPrimitive, Zero};
use bson::Decimal128;

use super::Arithmetic;

/// How many digits a `Decimal128` has.
const DIGITS: NonZeroU64 = NonZeroU64::MIN.saturating_add(33);

/// A decimal number. The derived order is that of the values.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exact {
    NotANumber,
    NegativeInfinity,
    Finite(BigDecimal),
    Infinity,
}

impl Exact {
    /// A double by so many significant digits.
    pub fn of_double(value: f64, digits: usize) -> Self {
        if value.is_finite() {
            Self::parse(&format!("{value:.*e}", digits - 1))
        } else {
            Self::of_special(value)
        }
    }

    fn of_special(value: f64) -> Self {
        if value.is_nan() {
            Self::NotANumber
        } else if value > 0.0 {
            Self::Infinity
        } else {
            Self::NegativeInfinity
        }
    }

    fn parse(text: &str) -> Self {
        match text {
            "Infinity" => Self::Infinity,
            "-Infinity" => Self::NegativeInfinity,
            _ => text
                .parse()
                .map_or(Self::NotANumber, |value: BigDecimal| Self::Finite(value)),
        }
    }

    fn nearest_double(&self) -> f64 {
        match self {
            Self::NotANumber => f64::NAN,
            Self::NegativeInfinity => f64::NEG_INFINITY,
            Self::Finite(value) => value.to_f64().unwrap_or(f64::NAN),
            Self::Infinity => f64::INFINITY,
        }
    }

    /// The whole number it is, where it is one that fits.
    pub fn whole(&self) -> Option<i64> {
        match self {
            // Asked first, so that no huge exponent is written out in digits.
            Self::Finite(value) if value.order_of_magnitude() < 20 && value.is_integer() => {
                value.to_i64()
            }
            _ => None,
        }
    }

    pub fn calculate(&self, arithmetic: Arithmetic, other: &Self) -> Self {
        let (Self::Finite(left), Self::Finite(right)) = (self, other) else {
            // With an infinity or NaN in it, the rules of doubles are those of decimals.
            let result = arithmetic.of_doubles(self.nearest_double(), other.nearest_double());
            return Self::of_double(result, 15);
        };
        let by_zero = matches!(arithmetic, Arithmetic::Divide | Arithmetic::Remainder);
        if by_zero && right.is_zero() {
            return Self::of_special(arithmetic.of_doubles(self.nearest_double(), 0.0));
        }
        Self::Finite(match arithmetic {
            Arithmetic::Add => left + right,
            Arithmetic::Subtract => left - right,
            Arithmetic::Multiply => left * right,
            Arithmetic::Divide => left / right,
            Arithmetic::Remainder => left % right,
        })
    }

    /// Rounded to so many places after the point.
    pub fn round(self, places: i64, mode: RoundingMode) -> Self {
        match self {
            Self::Finite(value) => Self::Finite(value.with_scale_round(places, mode)),
            other => other,
        }
    }
}

impl From<i64> for Exact {
    fn from(value: i64) -> Self {
        Self::Finite(value.into())
    }
}

impl From<Decimal128> for Exact {
    fn from(value: Decimal128) -> Self {
        Self::parse(&value.to_string())
    }
}

impl From<Exact> for Decimal128 {
    /// The nearest decimal of 34 digits; what is beyond the largest becomes infinite, what is beneath the smallest zero.
    fn from(exact: Exact) -> Self {
        let text = match &exact {
            Exact::NotANumber => "NaN".to_owned(),
            Exact::NegativeInfinity => "-Infinity".to_owned(),
            Exact::Infinity => "Infinity".to_owned(),
            Exact::Finite(value) => {
                let rounded = if value.digits() > DIGITS.get() {
                    value.with_precision_round(DIGITS, RoundingMode::HalfEven)
                } else {
                    value.clone()
                };
                let (digits, scale) = rounded.into_bigint_and_scale();
                format!("{digits}E{}", -scale)
            }
        };
        text.parse().unwrap_or_else(|_| {
            let magnitude = match &exact {
                Exact::Finite(value) if value.order_of_magnitude() < 0 => "0",
                _ if exact < Exact::from(0) => "-Infinity",
                _ => "Infinity",
            };
            magnitude.parse().unwrap_or(Self::from_bytes([0; 16]))
        })
    }
}
