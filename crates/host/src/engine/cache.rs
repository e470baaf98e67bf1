//! Compiled components, kept on disk between runs.

use std::{
    fs::{self, File},
    hash::{Hash, Hasher},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;
use wasmtime::{Engine, component::Component};

use crate::{logs, private};

/// A folder of compiled components, named by all that they depend on.
///
/// What is compiled is run as it is, outside the sandbox, and a checksum keeps out damage, not malice: so the folder and its files are
/// their owner's alone, and whatever others could have put there or changed is compiled again.
pub struct Cache {
    folder: PathBuf,
    compatibility: u64,
}

/// The bytes of a SHA-256 checksum, which stands before what it is of.
const CHECKSUM: usize = 32;

impl Cache {
    /// The cache in a folder, for one engine's version and settings.
    pub fn new(folder: PathBuf, engine: &Engine) -> Self {
        let mut hasher = std::hash::DefaultHasher::new();
        engine.precompile_compatibility_hash().hash(&mut hasher);
        let cache = Self {
            folder,
            compatibility: hasher.finish(),
        };
        if !cache.trusted() {
            discard(&cache.folder);
        }
        cache
    }

    /// The component compiled from these files, from the cache if it is there; `make` makes its WebAssembly where it is not.
    ///
    /// # Errors
    /// Those of `make` and of the compiler. A cache that can't be read or written is no error: what it would have held is made again.
    pub fn get(
        &self,
        engine: &Engine,
        files: &[Vec<u8>],
        make: impl FnOnce() -> Result<Vec<u8>>,
    ) -> Result<Component> {
        let path = self.folder.join(self.name(files));
        if let Some(compiled) = self.read(&path) {
            // SAFETY: nobody but its owner could write the file, and the checksum says that these are the bytes this host wrote,
            // for this version of the engine.
            if let Ok(component) = unsafe { Component::deserialize(engine, &compiled) } {
                return Ok(component);
            }
        }
        let wasm = make()?;
        let compiled = engine
            .precompile_component(&wasm)
            .map_err(anyhow::Error::from)
            .context("it does not compile")?;
        if let Err(error) = self.write(&path, &compiled) {
            logs::fault(&format!(
                "the compile cache cannot be written: {error}; the next start compiles again"
            ));
        }
        // SAFETY: these are the bytes the engine has just made.
        Ok(unsafe { Component::deserialize(engine, &compiled) }?)
    }

    fn name(&self, files: &[Vec<u8>]) -> String {
        let mut hash = Sha256::new();
        hash.update(env!("CARGO_PKG_VERSION"));
        hash.update(self.compatibility.to_le_bytes());
        for file in files {
            hash.update((file.len() as u64).to_le_bytes());
            hash.update(file);
        }
        format!("{}.cwasm", hex::encode(hash.finalize()))
    }

    /// What was kept, if it is as it was written.
    fn read(&self, path: &Path) -> Option<Vec<u8>> {
        let mut file = File::open(path).ok()?;
        if !self.trusted() || !private::is(&file.metadata().ok()?) {
            return None;
        }
        let mut content = Vec::new();
        file.read_to_end(&mut content).ok()?;
        let (checksum, compiled) = content.split_at_checked(CHECKSUM)?;
        (Sha256::digest(compiled).as_slice() == checksum).then(|| compiled.to_vec())
    }

    /// Under another name first, so that nobody ever reads half a file.
    fn write(&self, path: &Path, compiled: &[u8]) -> io::Result<()> {
        private::folder(&self.folder)?;
        if !self.trusted() {
            return Err(io::Error::other("others have rights in its folder"));
        }
        // From the start its owner's alone.
        let mut file = NamedTempFile::new_in(&self.folder)?;
        file.write_all(&Sha256::digest(compiled))?;
        file.write_all(compiled)?;
        file.persist(path)?;
        Ok(())
    }

    /// Whether nobody else can have put anything into the folder.
    fn trusted(&self) -> bool {
        fs::symlink_metadata(&self.folder).is_ok_and(|found| private::is(&found))
    }
}

/// Removes what is compiled from a folder, and nothing else that may be in it.
fn discard(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.extension().is_some_and(|kind| kind == "cwasm") {
            // One that can't be removed is not ours, and so not read either.
            _ = fs::remove_file(path);
        }
    }
}
