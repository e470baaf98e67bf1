//! The tables.

use crate::database::{Database, SqlError};

/// The fields by which the services ask, besides `_id`: an equality on one of them is looked up by an index.
pub const INDEXED: [&str; 6] = [
    "date",
    "movies",
    "showtimeid",
    "title",
    "userid",
    "username",
];

/// Documents by namespace (`database.collection`) and id, as BSON. `id` is made by [`crate::key`], so the primary key is
/// the natural order. `version` is another number after each write. `keys` holds the entries of the index as a JSON array of
/// `[field, key in hex]`; triggers keep `entries` in step, so that each write is one statement, and atomic under any host.
const SCHEMA: [&str; 5] = [
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

/// Makes what is missing. Asked for by the first statement that finds no table, so that it costs the others nothing.
///
/// # Errors
/// SQLite's.
pub fn create(database: &impl Database) -> Result<(), SqlError> {
    for statement in SCHEMA {
        database.execute(statement, Vec::new())?;
    }
    Ok(())
}
