//! SQL, one statement at a time: over Spin's SQLite, or over any other in tests.

use std::{cell::RefCell, rc::Rc};

use data_api_protocol::Failure;
use spin_sdk::sqlite::Connection;

/// A value of SQLite.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Integer(i64),
    Text(String),
    Blob(Vec<u8>),
}

/// A statement that failed, in SQLite's words.
#[derive(Debug)]
pub struct SqlError(pub String);

impl From<SqlError> for Failure {
    fn from(error: SqlError) -> Self {
        Self::internal(error.0)
    }
}

impl SqlError {
    /// Whether a row with this primary key is there already.
    pub fn is_duplicate(&self) -> bool {
        self.0.contains("UNIQUE constraint failed")
    }

    /// Whether the schema, or a part of it, is still to be made.
    pub fn is_missing(&self) -> bool {
        let missing = ["no such table", "no such column", "no column named"];
        missing.iter().any(|missing| self.0.contains(missing))
    }

    /// Whether a column is there already.
    pub fn is_duplicate_column(&self) -> bool {
        self.0.contains("duplicate column name")
    }
}

/// Where statements are executed. Each is a transaction of its own, but between those that begin and end one.
pub trait Database {
    /// Executes one statement with its parameters, and gives its rows.
    fn execute(&self, statement: &str, parameters: Vec<Value>)
    -> Result<Vec<Vec<Value>>, SqlError>;

    /// Begins anew with the next request: nobody knows whether a transaction is still open.
    fn give_up(&self);
}

thread_local! {
    /// The connection that this instance has opened, with the statements that the host has prepared for it.
    static CONNECTION: RefCell<Option<Rc<Connection>>> = const { RefCell::new(None) };
}

/// Spin's SQLite.
pub struct SpinDatabase(Rc<Connection>);

impl SpinDatabase {
    /// The application's default database, opened once in the life of the instance.
    ///
    /// # Errors
    /// A host that does not let this component have it.
    pub fn open() -> Result<Self, SqlError> {
        CONNECTION.with_borrow_mut(|kept| {
            if let Some(opened) = kept {
                return Ok(Self(Rc::clone(opened)));
            }
            let opened = Connection::open_default().map_err(|error| SqlError(error.to_string()))?;
            Ok(Self(Rc::clone(kept.insert(Rc::new(opened)))))
        })
    }
}

impl Database for SpinDatabase {
    fn execute(
        &self,
        statement: &str,
        parameters: Vec<Value>,
    ) -> Result<Vec<Vec<Value>>, SqlError> {
        use spin_sdk::sqlite::Value as Spin;
        let parameters: Vec<_> = parameters
            .into_iter()
            .map(|value| match value {
                Value::Integer(value) => Spin::Integer(value),
                Value::Text(value) => Spin::Text(value),
                Value::Blob(value) => Spin::Blob(value),
            })
            .collect();
        let result = self
            .0
            .execute(statement, &parameters)
            .map_err(|error| SqlError(error.to_string()))?;
        result
            .rows
            .into_iter()
            .map(|row| {
                row.values
                    .into_iter()
                    .map(|value| match value {
                        Spin::Integer(value) => Ok(Value::Integer(value)),
                        Spin::Text(value) => Ok(Value::Text(value)),
                        Spin::Blob(value) => Ok(Value::Blob(value)),
                        other => Err(SqlError(format!("a column holds {other:?}"))),
                    })
                    .collect()
            })
            .collect()
    }
    /// The host takes back what was open on a connection that is let go.
    fn give_up(&self) {
        CONNECTION.with_borrow_mut(Option::take);
    }
}
