//! Connections that are kept, with their prepared statements.

use std::{
    ops::Deref,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyhow::{Context, Result};
use rusqlite::{
    Connection, OpenFlags,
    config::DbConfig,
    hooks::{AuthAction, AuthContext, Authorization},
};
use tokio::runtime::Handle;

use super::{
    brief::Bound,
    lock::Lock,
    waits::{Threads, Turn},
};
use crate::private;

/// How many prepared statements a connection keeps.
const STATEMENTS: usize = 128;

/// How many idle connections are kept.
const KEPT: usize = 32;

/// The file of the default database, where Spin has it, too.
const FILE: &str = "sqlite_db.db";

/// What SQLite puts beside it.
const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];

/// The application's databases.
#[derive(Clone)]
pub struct Databases(Arc<Inner>);

struct Inner {
    path: PathBuf,
    idle: Mutex<Vec<Kept>>,
    threads: Threads,
    _lock: Lock,
}

impl Databases {
    /// The databases in a folder, which this process alone then serves.
    ///
    /// # Errors
    /// Another host that serves them; a file that can't be written.
    pub fn open(folder: &Path) -> Result<Self> {
        let lock = Lock::take(folder)?;
        let path = folder.join(FILE);
        // Before any connection: when a file is closed, all of the process's locks on it go. SQLite gives those beside it the same rights.
        private::file(&path).with_context(|| format!("cannot write {}", path.display()))?;
        for beside in BESIDE {
            let path = folder.join(format!("{FILE}{beside}"));
            if path.exists() {
                private::close(&path)
                    .with_context(|| format!("cannot keep {} to its owner", path.display()))?;
            }
        }
        Ok(Self(Arc::new(Inner {
            path,
            idle: Mutex::default(),
            threads: Threads::default(),
            _lock: lock,
        })))
    }

    /// Where the databases' work is done that may take a while.
    pub fn threads(&self) -> &Threads {
        &self.0.threads
    }

    /// A connection to the default database.
    ///
    /// # Errors
    /// SQLite's, where the file can't be opened.
    pub async fn connection(&self) -> rusqlite::Result<Pooled> {
        let idle = self.idle().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => {
                let path = self.0.path.clone();
                self.0.threads.read(move || connect(&path)).await?
            }
        };
        Ok(Pooled {
            kept: Some(connection),
            turn: None,
            pool: self.clone(),
        })
    }

    fn keep(&self, connection: Kept) {
        let mut idle = self.idle();
        if idle.len() < KEPT {
            idle.push(connection);
        }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Kept>> {
        self.0.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn connect(path: &Path) -> rusqlite::Result<Kept> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    // Whoever waits for a lock does it without a thread.
    connection.busy_timeout(Duration::ZERO)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // Or a statement whose LIMIT is a parameter would be prepared anew for each value of it.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // With a write-ahead log readers and the writer do not wait for one another. What was committed is then with the operating
    // system, so it outlives this process however that ends; only the log's merging waits for the disk.
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "normal")?;
    connection.pragma_update(None, "cache_size", -16_384)?;
    connection.authorizer(Some(|context: AuthContext<'_>| match context.action {
        // A component has its own database, and no other file of the machine.
        AuthAction::Attach { filename } if !matches!(filename, "" | ":memory:") => {
            Authorization::Deny
        }
        _ => Authorization::Allow,
    }))?;
    let bound = Bound::of(&mut connection)?;
    Ok(Kept { connection, bound })
}

/// A connection, and what bounds its work.
struct Kept {
    connection: Connection,
    bound: Bound,
}

/// A connection that goes back to the pool.
pub struct Pooled {
    kept: Option<Kept>,
    /// Held as long as a transaction is open that writes.
    turn: Option<Turn>,
    pool: Databases,
}

impl Pooled {
    fn kept(&self) -> &Kept {
        self.kept.as_ref().expect("taken by drop alone")
    }

    /// What bounds its work.
    pub fn bound(&self) -> &Bound {
        &self.kept().bound
    }

    /// Whether a transaction is open.
    pub fn is_within_transaction(&self) -> bool {
        !self.is_autocommit()
    }

    /// Ends the turn to write, or keeps one, where a transaction has begun with it.
    pub fn settle(&mut self, turn: Option<Turn>) {
        self.turn = (turn.or(self.turn.take())).filter(|_| self.is_within_transaction());
    }
}

impl Deref for Pooled {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.kept().connection
    }
}

impl Drop for Pooled {
    fn drop(&mut self) {
        let Some(kept) = self.kept.take() else {
            return;
        };
        let pool = self.pool.clone();
        if kept.connection.is_autocommit() {
            pool.keep(kept);
        } else if let Ok(runtime) = Handle::try_current() {
            // What an instance left open would otherwise go on in the next one's hands.
            let turn = self.turn.take();
            runtime.spawn_blocking(move || {
                if kept.connection.execute_batch("ROLLBACK").is_ok() {
                    pool.keep(kept);
                }
                drop(turn);
            });
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use rusqlite::StatementStatus;

    use super::*;

    #[test]
    fn a_statement_is_prepared_once_whatever_its_limit() {
        let folder = tempfile::tempdir().unwrap();
        let Kept { connection, .. } = connect(&folder.path().join(FILE)).unwrap();
        connection.execute_batch("CREATE TABLE t (n)").unwrap();
        for (stable, prepared_anew) in [(true, false), (false, true)] {
            let config = DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG;
            if !stable {
                connection.set_db_config(config, false).unwrap();
            }
            let mut statement = connection.prepare("SELECT n FROM t LIMIT ?1").unwrap();
            for limit in 1..5 {
                statement.query([limit]).unwrap().next().unwrap();
            }
            let times = statement.get_status(StatementStatus::RePrepare);
            assert_eq!(times > 0, prepared_anew, "{times}");
        }
    }
}
