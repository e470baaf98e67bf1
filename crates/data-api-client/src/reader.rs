//! Reads a document as a value, by serde and strictly: BSON's types are told apart, and nothing stands for another.
//!
//! The `bson` crate's own deserializers tell serde that people read them, or take bytes, and make a service half as large again.

use std::fmt::{self, Display};

use bson::{Bson, Document};
use serde::de::{
    self, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Unexpected,
    Visitor, value::MapAccessDeserializer,
};
use serde::forward_to_deserialize_any;

/// Where a document is not in the shape, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// The field, such as `movies[7]`.
    path: String,
    reason: String,
}

impl Misfit {
    fn inside(self, place: impl Display) -> Self {
        let dot = if self.path.is_empty() || self.path.starts_with('[') {
            ""
        } else {
            "."
        };
        let path = format!("{place}{dot}{}", self.path);
        Self { path, ..self }
    }
}

impl Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.reason)
    }
}

impl std::error::Error for Misfit {}

impl de::Error for Misfit {
    fn custom<T: Display>(reason: T) -> Self {
        Self {
            path: String::new(),
            reason: reason.to_string(),
        }
    }
}

/// A value to be read.
pub(crate) struct Reader(pub(crate) Bson);

impl<'de> Deserializer<'de> for Reader {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.0 {
            Bson::Double(number) => visitor.visit_f64(number),
            Bson::Int32(number) => visitor.visit_i32(number),
            Bson::Int64(number) => visitor.visit_i64(number),
            Bson::String(text) => visitor.visit_string(text),
            Bson::Boolean(flag) => visitor.visit_bool(flag),
            Bson::Array(values) => visitor.visit_seq(Items(values.into_iter().enumerate())),
            Bson::Document(fields) => visitor.visit_map(Fields::new(fields)),
            other => {
                let kind = format!("{:?}", other.element_type());
                Err(de::Error::invalid_type(Unexpected::Other(&kind), &visitor))
            }
        }
    }

    /// What an id alone is read from. Whoever asks for a text would take bytes as well.
    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.0 {
            Bson::ObjectId(id) => visitor.visit_bytes(&id.bytes()),
            _ => self.deserialize_any(visitor),
        }
    }

    /// What a moment alone is read from.
    fn deserialize_i128<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.0 {
            Bson::DateTime(date) => visitor.visit_i128(date.timestamp_millis().into()),
            _ => self.deserialize_any(visitor),
        }
    }

    /// What is absent is left out: there are no nulls.
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        match self.0 {
            Bson::String(name) => visitor.visit_enum(name.into_deserializer()),
            // A variant that holds something stands as a document with just its name.
            Bson::Document(fields) => {
                visitor.visit_enum(MapAccessDeserializer::new(Fields::new(fields)))
            }
            _ => Err(de::Error::custom("has to be a name")),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_unit()
    }

    fn is_human_readable(&self) -> bool {
        false
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 u128 f32 f64 char str string byte_buf
        unit unit_struct seq tuple tuple_struct map struct identifier
    }
}

struct Items(std::iter::Enumerate<std::vec::IntoIter<Bson>>);

impl<'de> SeqAccess<'de> for Items {
    type Error = Misfit;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Misfit> {
        let Some((at, value)) = self.0.next() else {
            return Ok(None);
        };
        let read = seed.deserialize(Reader(value));
        read.map(Some)
            .map_err(|misfit| misfit.inside(format!("[{at}]")))
    }
}

struct Fields {
    fields: <Document as IntoIterator>::IntoIter,
    next: Option<(String, Bson)>,
}

impl Fields {
    fn new(fields: Document) -> Self {
        Self {
            fields: fields.into_iter(),
            next: None,
        }
    }
}

impl<'de> MapAccess<'de> for Fields {
    type Error = Misfit;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Misfit> {
        self.next = self.fields.next();
        let Some((name, _)) = &self.next else {
            return Ok(None);
        };
        seed.deserialize(name.as_str().into_deserializer())
            .map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Misfit> {
        let (name, value) =
            (self.next.take()).ok_or_else(|| de::Error::custom("a value without a name"))?;
        seed.deserialize(Reader(value))
            .map_err(|misfit| misfit.inside(name))
    }
}
