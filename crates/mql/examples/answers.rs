//! Answers cases of MongoDB's query language, one JSON object a line in and one out, for comparison with another implementation.
//!
//! A case has a `kind` and what that needs, in Extended JSON:
//!
//! - `filter`: `documents` and `filter`; the answer is the list of the matching documents' indexes
//! - `sort`: `documents` and `sort`; the indexes in their new order
//! - `update`: `document` and `update`; the document afterwards
//! - `projection`: `document` and `projection`; what is left of the document
//! - `aggregate`: `documents`, `pipeline` and `others`, what every `$lookup` reads; the documents that come out
//!
//! A case that cannot be carried out is answered by `{"error": "…"}`, any other by `{"answer": …}`.

use std::{
    error::Error,
    io::{self, BufRead, Write},
};

use mql::{
    Filter, Pipeline, Projection, Sort, Update,
    bson::{Bson, DateTime, Document, bson},
};
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    for line in io::stdin().lock().lines() {
        let answer = match answer(&line?) {
            Ok(answer) => json!({"answer": answer.into_relaxed_extjson()}),
            Err(error) => json!({"error": error.to_string()}),
        };
        writeln!(out, "{answer}")?;
    }
    Ok(())
}

fn answer(line: &str) -> Result<Bson, Box<dyn Error>> {
    let case: Value = serde_json::from_str(line)?;
    let Bson::Document(case) = Bson::try_from(case)? else {
        return Err("a case is an object".into());
    };
    Ok(match case.get_str("kind")? {
        "filter" => {
            let filter = Filter::parse(case.get_document("filter")?)?;
            let documents = documents(&case, "documents")?;
            let matching = (0_i64..)
                .zip(&documents)
                .filter(|(_, document)| filter.matches(document));
            Bson::Array(matching.map(|(index, _)| index.into()).collect())
        }
        "sort" => {
            let sort = Sort::parse(case.get_document("sort")?)?;
            let documents = documents(&case, "documents")?;
            let mut numbered: Vec<_> = (0_i64..).zip(&documents).collect();
            numbered.sort_by(|(_, left), (_, right)| sort.compare(left, right));
            Bson::Array(
                numbered
                    .into_iter()
                    .map(|(index, _)| index.into())
                    .collect(),
            )
        }
        "update" => {
            let mut document = case.get_document("document")?.clone();
            let update = Update::parse(case.get_document("update")?)?;
            let modified = update.apply(&mut document, DateTime::from_millis(0))?;
            bson!({"document": document, "modified": modified})
        }
        "projection" => {
            let projection = Projection::parse(case.get_document("projection")?)?;
            projection.apply(case.get_document("document")?).into()
        }
        "aggregate" => {
            let pipeline = Pipeline::parse(&documents(&case, "pipeline")?)?;
            let others = documents(&case, "others")?;
            let result =
                pipeline.run(documents(&case, "documents")?, &mut |_| Ok(others.clone()))?;
            Bson::Array(result.into_iter().map(Bson::Document).collect())
        }
        kind => return Err(format!("there is no kind of case '{kind}'").into()),
    })
}

fn documents(case: &Document, name: &str) -> Result<Vec<Document>, Box<dyn Error>> {
    let items = case.get_array(name)?.iter();
    items
        .map(|item| Ok(item.as_document().ok_or("a document is an object")?.clone()))
        .collect()
}
