//! The tables, and how those of an earlier version become these.

use std::sync::LazyLock;

use bson::Document;
use data_api_protocol::{Failure, index};

use crate::database::{Database, Value};

/// Documents by namespace (`database.collection`) and id, as BSON. `id` is made by [`index::key`], so the primary key is
/// the natural order. `version` is another number after each write. `keys` holds the entries of the index as a JSON array of
/// `[field, key in hex]`; triggers keep `entries` in step, so that each write is one statement, and atomic under any host.
/// [`SEARCH`] does the same with `texts`.
const SCHEMA: [&str; 6] = [
    "CREATE TABLE IF NOT EXISTS documents (
        namespace TEXT NOT NULL,
        id BLOB NOT NULL,
        version INTEGER NOT NULL,
        body BLOB NOT NULL,
        keys TEXT NOT NULL,
        PRIMARY KEY (namespace, id)
    ) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS entries (
        namespace TEXT NOT NULL,
        field TEXT NOT NULL,
        value TEXT NOT NULL,
        id BLOB NOT NULL,
        PRIMARY KEY (namespace, field, value, id)
    ) WITHOUT ROWID",
    // How far the rows are brought up to date, for whoever goes on after somebody who was stopped.
    "CREATE TABLE IF NOT EXISTS progress (name TEXT PRIMARY KEY, namespace TEXT NOT NULL, id BLOB NOT NULL)",
    "CREATE TRIGGER IF NOT EXISTS documents_inserted AFTER INSERT ON documents WHEN NEW.keys <> '[]' BEGIN
        INSERT OR IGNORE INTO entries
            SELECT NEW.namespace, json_extract(value, '$[0]'), json_extract(value, '$[1]'), NEW.id FROM json_each(NEW.keys);
    END",
    "CREATE TRIGGER IF NOT EXISTS documents_updated AFTER UPDATE ON documents WHEN NEW.keys <> OLD.keys BEGIN
        DELETE FROM entries WHERE (namespace, field, value, id) IN
            (SELECT OLD.namespace, json_extract(value, '$[0]'), json_extract(value, '$[1]'), OLD.id FROM json_each(OLD.keys));
        INSERT OR IGNORE INTO entries
            SELECT NEW.namespace, json_extract(value, '$[0]'), json_extract(value, '$[1]'), NEW.id FROM json_each(NEW.keys);
    END",
    "CREATE TRIGGER IF NOT EXISTS documents_deleted AFTER DELETE ON documents WHEN OLD.keys <> '[]' BEGIN
        DELETE FROM entries WHERE (namespace, field, value, id) IN
            (SELECT OLD.namespace, json_extract(value, '$[0]'), json_extract(value, '$[1]'), OLD.id FROM json_each(OLD.keys));
    END",
];

/// The column of the texts that are searched, a JSON object, or nothing where a document has none.
const TEXTS: &str = "ALTER TABLE documents ADD COLUMN texts TEXT NOT NULL DEFAULT ''";

/// Which documents have which three characters in a row in which text. A full-text table numbers its rows: `numbers` says which
/// documents they are. It keeps no texts, only where the parts are: they stand in `documents` already.
const SEARCH: [&str; 5] = [
    "CREATE TABLE IF NOT EXISTS numbers (
        number INTEGER PRIMARY KEY,
        namespace TEXT NOT NULL,
        id BLOB NOT NULL,
        UNIQUE (namespace, id)
    )",
    "CREATE VIRTUAL TABLE IF NOT EXISTS parts USING fts5
        (director, title, content = '', contentless_delete = 1, detail = column, tokenize = 'trigram case_sensitive 1')",
    "CREATE TRIGGER IF NOT EXISTS texts_inserted AFTER INSERT ON documents WHEN NEW.texts <> '' BEGIN
        INSERT INTO numbers (namespace, id) VALUES (NEW.namespace, NEW.id);
        INSERT INTO parts (rowid, director, title) SELECT number, NEW.texts ->> 'director', NEW.texts ->> 'title'
            FROM numbers WHERE namespace = NEW.namespace AND id = NEW.id;
    END",
    "CREATE TRIGGER IF NOT EXISTS texts_updated AFTER UPDATE ON documents WHEN NEW.texts <> OLD.texts BEGIN
        DELETE FROM parts WHERE rowid = (SELECT number FROM numbers WHERE namespace = OLD.namespace AND id = OLD.id);
        DELETE FROM numbers WHERE namespace = OLD.namespace AND id = OLD.id;
        INSERT INTO numbers (namespace, id) SELECT NEW.namespace, NEW.id WHERE NEW.texts <> '';
        INSERT INTO parts (rowid, director, title) SELECT number, NEW.texts ->> 'director', NEW.texts ->> 'title'
            FROM numbers WHERE namespace = NEW.namespace AND id = NEW.id;
    END",
    "CREATE TRIGGER IF NOT EXISTS texts_deleted AFTER DELETE ON documents WHEN OLD.texts <> '' BEGIN
        DELETE FROM parts WHERE rowid = (SELECT number FROM numbers WHERE namespace = OLD.namespace AND id = OLD.id);
        DELETE FROM numbers WHERE namespace = OLD.namespace AND id = OLD.id;
    END",
];

/// How many rows are brought up to date at once.
const STEP: usize = 500;

/// In how many steps one request does so, before it is answered.
const STEPS: usize = 10;

/// The index by its fields, a view of `entries`, quoted. It is there once each row has its entry for each of these fields, so that
/// the first to ask for another set of fields finds it missing, as it finds a table missing in a new database.
pub fn index() -> &'static str {
    static INDEX: LazyLock<String> = LazyLock::new(|| {
        let fewer = index::FEWER.map(|(name, fields)| format!("; {name} by {}", fields.join(", ")));
        let fields = index::FIELDS.join(", ");
        format!("\"entries by {fields}{}\"", fewer.concat())
    });
    &INDEX
}

/// The parts of texts, views of `numbers` and `parts`, likewise.
pub fn numbers() -> String {
    format!("\"numbers by {}\"", index::SEARCHED.join(", "))
}

/// A document's texts that are searched, as they stand in `texts`.
pub fn texts(document: &Document) -> String {
    let texts = index::texts(document);
    if texts.is_empty() {
        return String::new();
    }
    let texts = texts.into_iter();
    let texts: serde_json::Map<_, _> = texts
        .map(|(field, text)| (field.to_owned(), text.into()))
        .collect();
    serde_json::Value::from(texts).to_string()
}

/// A document's entries of the index, as they stand in `keys`.
pub fn keys(namespace: &str, document: &Document) -> String {
    let entries: Vec<_> = index::entries(namespace, document)
        .into_iter()
        .map(|(field, key)| format!("[\"{field}\",\"{}\"]", hex::encode(key)))
        .collect();
    format!("[{}]", entries.join(","))
}

/// Makes what is missing, and says whether that is all: a large store of an earlier version gets its entries by several requests, each
/// of which leaves less to the next. Asked for by the first statement that finds no table, so that it costs the others nothing. Several
/// may do so at once.
pub fn create(database: &impl Database) -> Result<bool, Failure> {
    for statement in SCHEMA {
        database.execute(statement, Vec::new())?;
    }
    match database.execute(TEXTS, Vec::new()) {
        Err(error) if !error.is_duplicate_column() => return Err(error.into()),
        _ => {}
    }
    for statement in SEARCH {
        database.execute(statement, Vec::new())?;
    }
    let views = [
        (
            index().to_owned(),
            "SELECT namespace, field, value, id FROM entries",
        ),
        (numbers(), "SELECT number, namespace, id FROM numbers"),
    ];
    let name = Value::Text(format!("{} {}", index(), numbers()));
    let known = "SELECT namespace, id FROM progress WHERE name = ?1";
    let known = database.execute(known, vec![name.clone()])?.pop();
    let mut last = match known.map(<[Value; 2]>::try_from).and_then(Result::ok) {
        Some([namespace, id]) => (namespace, id),
        None => (Value::Text(String::new()), Value::Blob(Vec::new())),
    };
    for _ in 0..STEPS {
        let Some(next) = bring_up_to_date(database, last)? else {
            for (name, rows) in views {
                let view = format!("CREATE VIEW IF NOT EXISTS {name} AS {rows}");
                database.execute(&view, Vec::new())?;
            }
            return Ok(true);
        };
        let (namespace, id) = next.clone();
        database.execute(
            "INSERT INTO progress VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET namespace = ?2, id = ?3
             WHERE (?2, ?3) > (namespace, id)",
            vec![name.clone(), namespace, id],
        )?;
        last = next;
    }
    Ok(false)
}

/// Gives the next rows their entries, and tells of the last of them. What is written meanwhile has them already.
/// `IN` has SQLite look the rows up: for so many it would walk through all there are.
fn bring_up_to_date(
    database: &impl Database,
    (namespace, id): (Value, Value),
) -> Result<Option<(Value, Value)>, Failure> {
    let rows = database.execute(
        "SELECT namespace, id, version, keys, texts, body FROM documents
         WHERE (namespace, id) > (?1, ?2) ORDER BY namespace, id LIMIT ?3",
        vec![namespace, id, Value::Integer(STEP as i64)],
    )?;
    let mut last = None;
    let mut parameters = Vec::new();
    for row in rows {
        let Ok(
            [
                Value::Text(namespace),
                id,
                version,
                Value::Text(old_keys),
                Value::Text(old_texts),
                Value::Blob(body),
            ],
        ) = <[Value; 6]>::try_from(row)
        else {
            return Err(Failure::internal("a row has other columns than it should"));
        };
        last = Some((Value::Text(namespace.clone()), id.clone()));
        let document = Document::from_reader(body.as_slice()).map_err(Failure::damaged)?;
        let (keys, texts) = (keys(&namespace, &document), texts(&document));
        if (&keys, &texts) != (&old_keys, &old_texts) {
            parameters.extend([
                Value::Text(namespace),
                id,
                version,
                Value::Text(keys),
                Value::Text(texts),
            ]);
        }
    }
    if !parameters.is_empty() {
        let places = vec!["(?, ?, ?, ?, ?)"; parameters.len() / 5].join(",");
        let statement = format!(
            "WITH new (namespace, id, version, keys, texts) AS (VALUES {places})
             UPDATE documents SET keys = new.keys, texts = new.texts FROM new WHERE documents.namespace = new.namespace
             AND documents.id = new.id AND documents.version = new.version
             AND (documents.namespace, documents.id) IN (SELECT namespace, id FROM new)"
        );
        database.execute(&statement, parameters)?;
    }
    Ok(last)
}
