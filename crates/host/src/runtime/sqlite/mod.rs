//! SQLite databases for components.
//!
//! - `lock`: one host, one store
//! - `pool`: connections that are kept
//! - `brief`: statements run in place, and broken off where they turn out to be long
//! - `counts`: how long statements have waited
//! - `waits`: statements run where they may wait, and nobody else waits with them

mod brief;
mod counts;
mod lock;
mod pool;
mod waits;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::{
    Statement,
    types::{Value as Stored, ValueRef},
};
use tracing::instrument;
use wasmtime::component::Resource;

use super::{
    bindings::sqlite::{Error, Host, HostConnection, QueryResult, RowResult, Value},
    state::State,
};
pub use counts::Waits;
pub use pool::Databases;
use pool::Pooled;

/// The database every Spin application may have.
const DEFAULT: &str = "default";

/// The most that the rows of one answer may hold, in bytes: what an instance's memory can take.
const ANSWER_LIMIT: usize = 32 * 1024 * 1024;

/// An open connection, as a component holds it; while a statement runs, its thread holds it, too.
#[derive(Clone)]
pub struct Connection(Arc<Mutex<Pooled>>);

impl Connection {
    /// Whether a transaction is open.
    pub(super) fn is_within_transaction(&self) -> bool {
        self.lock().is_within_transaction()
    }

    fn lock(&self) -> MutexGuard<'_, Pooled> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Host for State {}

impl HostConnection for State {
    #[instrument(name = "spin_sqlite.open", skip_all, fields(otel.kind = "client", db.system.name = "sqlite"))]
    async fn open(&mut self, database: String) -> Result<Resource<Connection>, Error> {
        if !self.component.sqlite_databases.contains(&database) {
            return Err(Error::AccessDenied);
        }
        if database != DEFAULT {
            return Err(Error::NoSuchDatabase);
        }
        let connection = self
            .databases
            .connection()
            .await
            .map_err(|error| failed(&error))?;
        self.table
            .push(Connection(Arc::new(Mutex::new(connection))))
            .map_err(|error| Error::Io(error.to_string()))
    }

    #[instrument(name = "spin_sqlite.execute", skip_all, fields(otel.kind = "client", db.system.name = "sqlite"))]
    async fn execute(
        &mut self,
        connection: Resource<Connection>,
        statement: String,
        parameters: Vec<Value>,
    ) -> Result<QueryResult, Error> {
        let connection = self
            .table
            .get(&connection)
            .map_err(|_| Error::InvalidConnection)?;
        let connection = connection.clone();
        let parameters: Vec<Stored> = parameters.into_iter().map(stored).collect();
        let writes = match begin(&connection, &statement, &parameters) {
            Begun::Done(result) => return result.unwrap_or_else(|error| Err(failed(&error))),
            Begun::Reads => false,
            Begun::Writes => true,
        };
        let working = connection.clone();
        let work = move || {
            let connection = working.lock();
            let mut statement = connection.prepare_cached(&statement)?;
            rows(&mut statement, &parameters)
        };
        let threads = self.databases.threads();
        let mut turn = None;
        let result = if writes {
            threads.write(work, &mut turn).await
        } else {
            threads.read(work).await
        };
        connection.lock().settle(turn);
        result.unwrap_or_else(|error| Err(failed(&error)))
    }

    fn drop(&mut self, connection: Resource<Connection>) -> wasmtime::Result<()> {
        self.table.delete(connection)?;
        Ok(())
    }
}

/// What a statement gives; or SQLite's error; or, within, why what it gives can't be handed over.
type Given = rusqlite::Result<Result<QueryResult, Error>>;

/// How far a statement has come in place.
enum Begun {
    Done(Given),
    /// It takes longer, and waits for nobody who writes.
    Reads,
    /// It waits for its turn.
    Writes,
}

/// Executes a statement in place where it only reads and is brief: that takes less time than to hand it to a thread and back.
fn begin(connection: &Connection, statement: &str, parameters: &[Stored]) -> Begun {
    let connection = connection.lock();
    let done = connection.bound().briefly(|| {
        let mut statement = connection.prepare_cached(statement)?;
        // Within a transaction, its turn has come.
        let writes = !statement.readonly() && !connection.is_within_transaction();
        // What has no columns is no query: it may begin or end a transaction.
        let queries = statement.readonly() && statement.column_count() > 0;
        let given = queries.then(|| rows(&mut statement, parameters));
        Ok((writes, given.transpose()?))
    });
    match done {
        Some(Ok((_, Some(given)))) => Begun::Done(Ok(given)),
        Some(Ok((true, None))) => Begun::Writes,
        Some(Err(error)) => Begun::Done(Err(error)),
        Some(Ok((false, None))) | None => Begun::Reads,
    }
}

fn rows(statement: &mut Statement<'_>, parameters: &[Stored]) -> Given {
    let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let width = columns.len();
    let mut found = statement.query(rusqlite::params_from_iter(parameters))?;
    let (mut rows, mut size) = (Vec::new(), 0);
    while let Some(row) = found.next()? {
        let mut values = Vec::with_capacity(width);
        for column in 0..width {
            let value = match given(row.get_ref(column)?) {
                Ok(value) => value,
                Err(error) => return Ok(Err(error)),
            };
            size += match &value {
                Value::Text(text) => text.len(),
                Value::Blob(bytes) => bytes.len(),
                _ => size_of::<Value>(),
            };
            values.push(value);
        }
        if size > ANSWER_LIMIT {
            return Ok(Err(Error::Io(format!(
                "the answer is larger than {ANSWER_LIMIT} bytes"
            ))));
        }
        rows.push(RowResult { values });
    }
    Ok(Ok(QueryResult { columns, rows }))
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
