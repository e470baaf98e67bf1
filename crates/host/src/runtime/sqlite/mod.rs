//! SQLite databases for components.

mod lock;
mod pool;

use rusqlite::types::{Value as Stored, ValueRef};
use wasmtime::component::Resource;

use super::{
    bindings::sqlite::{Error, Host, HostConnection, QueryResult, RowResult, Value},
    state::State,
};
pub use pool::Databases;
use pool::Pooled;

/// The database every Spin application may have.
const DEFAULT: &str = "default";

/// The most that the rows of one answer may hold, in bytes: what an instance's memory can take.
const ANSWER_LIMIT: usize = 32 * 1024 * 1024;

/// An open connection, as a component holds it.
pub struct Connection(Pooled);

impl Host for State {}

impl HostConnection for State {
    fn open(&mut self, database: String) -> Result<Resource<Connection>, Error> {
        if !self.outbound.component().databases.contains(&database) {
            return Err(Error::AccessDenied);
        }
        if database != DEFAULT {
            return Err(Error::NoSuchDatabase);
        }
        let connection = self
            .outbound
            .runtime()
            .databases
            .connection()
            .map_err(|error| failed(&error))?;
        self.table
            .push(Connection(connection))
            .map_err(|error| Error::Io(error.to_string()))
    }

    fn execute(
        &mut self,
        connection: Resource<Connection>,
        statement: String,
        parameters: Vec<Value>,
    ) -> Result<QueryResult, Error> {
        let connection = self
            .table
            .get(&connection)
            .map_err(|_| Error::InvalidConnection)?;
        // In place: a look-up by key takes less time than to hand it to another thread and back.
        execute(&connection.0, &statement, parameters)
    }

    fn drop(&mut self, connection: Resource<Connection>) -> wasmtime::Result<()> {
        self.table.delete(connection)?;
        Ok(())
    }
}

fn execute(
    connection: &rusqlite::Connection,
    statement: &str,
    parameters: Vec<Value>,
) -> Result<QueryResult, Error> {
    let mut statement = connection
        .prepare_cached(statement)
        .map_err(|error| failed(&error))?;
    let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let width = columns.len();
    let parameters = rusqlite::params_from_iter(parameters.into_iter().map(stored));
    let mut found = statement
        .query(parameters)
        .map_err(|error| failed(&error))?;
    let (mut rows, mut size) = (Vec::new(), 0);
    while let Some(row) = found.next().map_err(|error| failed(&error))? {
        let mut values = Vec::with_capacity(width);
        for column in 0..width {
            let value = given(row.get_ref(column).map_err(|error| failed(&error))?)?;
            size += match &value {
                Value::Text(text) => text.len(),
                Value::Blob(bytes) => bytes.len(),
                _ => size_of::<Value>(),
            };
            values.push(value);
        }
        if size > ANSWER_LIMIT {
            return Err(Error::Io(format!(
                "the answer is larger than {ANSWER_LIMIT} bytes"
            )));
        }
        rows.push(RowResult { values });
    }
    Ok(QueryResult { columns, rows })
}

fn stored(value: Value) -> Stored {
    match value {
        Value::Integer(value) => Stored::Integer(value),
        Value::Real(value) => Stored::Real(value),
        Value::Text(value) => Stored::Text(value),
        Value::Blob(value) => Stored::Blob(value),
        Value::Null => Stored::Null,
    }
}

fn given(value: ValueRef<'_>) -> Result<Value, Error> {
    Ok(match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(value) => Value::Integer(value),
        ValueRef::Real(value) => Value::Real(value),
        ValueRef::Text(value) => Value::Text(
            String::from_utf8(value.to_vec())
                .map_err(|_| Error::Io("a text is not UTF-8".into()))?,
        ),
        ValueRef::Blob(value) => Value::Blob(value.to_vec()),
    })
}

fn failed(error: &rusqlite::Error) -> Error {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DiskFull) => Error::DatabaseFull,
        _ => Error::Io(error.to_string()),
    }
}
