//! `$lookup` by equal fields.

use std::collections::BTreeMap;

use bson::{Bson, Document};

use super::compute::Computed;
use crate::{
    Error, Result,
    expression::Expression,
    order::Ordered,
    path::{self, Path},
};

/// A parsed `$lookup`.
#[derive(Debug, Clone)]
pub struct Lookup {
    from: String,
    local: Path,
    foreign: Path,
    as_field: String,
}

impl Lookup {
    /// Parses `{from, localField, foreignField, as}`.
    ///
    /// # Errors
    /// One of the four missing, or another option, like a pipeline of its own.
    pub fn parse(value: &Bson) -> Result<Self> {
        const OPTIONS: [&str; 4] = ["from", "localField", "foreignField", "as"];
        let options = value
            .as_document()
            .ok_or_else(|| Error::failed_to_parse("$lookup takes a document of options"))?;
        if let Some(name) = options
            .keys()
            .find(|name| !OPTIONS.contains(&name.as_str()))
        {
            return Err(Error::failed_to_parse(format!(
                "$lookup: the option '{name}' is not supported"
            )));
        }
        let text = |name: &str| {
            options
                .get_str(name)
                .ok()
                .filter(|text| !text.is_empty())
                .ok_or_else(|| Error::failed_to_parse(format!("$lookup needs '{name}', a string")))
        };
        path::fields(text("as")?)?;
        Ok(Self {
            from: text("from")?.to_owned(),
            local: Path::new(text("localField")?)?,
            foreign: Path::new(text("foreignField")?)?,
            as_field: text("as")?.to_owned(),
        })
    }

    /// The collection that is read.
    pub fn from(&self) -> &str {
        &self.from
    }

    /// Each document with the foreign ones that have one of its values.
    pub fn run(&self, documents: Vec<Document>, foreign: &[Document]) -> Result<Vec<Document>> {
        let mut places: BTreeMap<Ordered, Vec<usize>> = BTreeMap::new();
        for (place, document) in foreign.iter().enumerate() {
            for value in self.foreign_values(document) {
                places.entry(Ordered(value)).or_default().push(place);
            }
        }
        let mut documents = documents;
        for document in &mut documents {
            let mut found: Vec<usize> = self
                .local_values(document)
                .into_iter()
                .filter_map(|value| places.get(&Ordered(value)))
                .flatten()
                .copied()
                .collect();
            found.sort_unstable();
            found.dedup();
            let found: Vec<_> = found
                .into_iter()
                .filter_map(|place| foreign.get(place))
                .map(|document| Bson::Document(document.clone()))
                .collect();
            let mut computed = Computed::default();
            computed.insert(&self.as_field, Expression::Literal(found.into()))?;
            computed.apply(document, &Document::new())?;
        }
        Ok(documents)
    }

    /// The values that an equality would match: each that the path leads to, and the elements of one that is an array; null
    /// where it leads to none.
    fn foreign_values(&self, document: &Document) -> Vec<Bson> {
        let mut values = Vec::new();
        self.foreign.any(document, &mut |value, whole| {
            values.push(value.unwrap_or(&Bson::Null).clone());
            match value {
                Some(Bson::Array(items)) if !whole => values.extend_from_slice(items),
                _ => {}
            }
            false
        });
        values
    }

    /// The values that are looked for: of an array, its elements; null where there are none at all.
    fn local_values(&self, document: &Document) -> Vec<Bson> {
        let mut values = Vec::new();
        self.local.any(document, &mut |value, _| {
            match value {
                Some(Bson::Array(items)) => values.extend_from_slice(items),
                Some(value) => values.push(value.clone()),
                None => {}
            }
            false
        });
        if values.is_empty() {
            values.push(Bson::Null);
        }
        values
    }
}
