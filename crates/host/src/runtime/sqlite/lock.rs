//! One host, one store.

use std::{
    fs::File,
    io::{Read, Seek, Write},
    path::Path,
};

use anyhow::{Context, Result, bail};
use rustix::fs::{FlockOperation, flock};

use crate::private;

/// The mark that a store is being served; it goes with the process, however that ends.
#[derive(Debug)]
pub struct Lock(
    #[expect(
        dead_code,
        reason = "held, not used: the system lets go of it when it is closed"
    )]
    File,
);

impl Lock {
    /// Marks the store in a folder as served by this process.
    ///
    /// # Errors
    /// Another process that serves it, by its id; a folder that can't be written.
    pub fn take(folder: &Path) -> Result<Self> {
        private::folder(folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
        let path = folder.join("cinema.lock");
        let mut file =
            private::file(&path).with_context(|| format!("cannot write {}", path.display()))?;
        if flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
            let mut holder = String::new();
            // The id is a help only; the lock itself is what counts.
            let _ = file.read_to_string(&mut holder);
            bail!(
                "the store in {} is being served by another host (process {}); stop that one, or give this one a store of its own by --state-dir",
                folder.display(),
                holder.trim()
            );
        }
        file.set_len(0)?;
        file.rewind()?;
        writeln!(file, "{}", std::process::id())?;
        Ok(Self(file))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_store_is_taken_once() {
        let folder = tempfile::tempdir().unwrap();
        let first = Lock::take(folder.path()).unwrap();
        let error = Lock::take(folder.path()).unwrap_err().to_string();
        assert!(
            error.contains(&std::process::id().to_string()) && error.contains("--state-dir"),
            "{error}"
        );
        drop(first);
        Lock::take(folder.path()).unwrap();
    }
}
