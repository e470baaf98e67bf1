//! One host, one store.

use std::{
    fs::{self, File},
    io::Write,
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
    /// Marks the store in a folder as served by this process. The mark is on the folder itself, which nobody deletes as they may a
    /// file in it; the file only tells whose it is.
    ///
    /// # Errors
    /// Another process that serves it, by its id; a folder that can't be written.
    pub fn take(folder: &Path) -> Result<Self> {
        private::folder(folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
        let marked =
            File::open(folder).with_context(|| format!("cannot open {}", folder.display()))?;
        let path = folder.join("cinema.lock");
        if flock(&marked, FlockOperation::NonBlockingLockExclusive).is_err() {
            let holder = fs::read_to_string(&path).unwrap_or_else(|_| "unknown".into());
            bail!(
                "the store in {} is being served by another host (process {}); stop that one, or give this one a store of its own by --state-dir",
                folder.display(),
                holder.trim()
            );
        }
        let told = private::file(&path).and_then(|mut file| {
            file.set_len(0)?;
            writeln!(file, "{}", std::process::id())
        });
        told.with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Self(marked))
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
        fs::remove_file(folder.path().join("cinema.lock")).unwrap();
        Lock::take(folder.path()).unwrap_err();
        drop(first);
        Lock::take(folder.path()).unwrap();
    }
}
