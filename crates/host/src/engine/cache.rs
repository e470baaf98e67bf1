//! Compiled components, kept on disk between runs.

use std::{
    fs,
    hash::{Hash, Hasher},
    path::PathBuf,
};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use wasmtime::{Engine, component::Component};

/// A folder of compiled components, named by all that they depend on.
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
        Self {
            folder,
            compatibility: hasher.finish(),
        }
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
        if let Some(compiled) = read(&path) {
            // SAFETY: the checksum says that these are the bytes this host wrote, for this version of the engine.
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
            eprintln!(
                "cinema: the compile cache cannot be written: {error}; the next start compiles again"
            );
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
        let hex: String = hash
            .finalize()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        format!("{hex}.cwasm")
    }

    /// Under another name first, so that nobody ever reads half a file.
    fn write(&self, path: &PathBuf, compiled: &[u8]) -> std::io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        let mut content = Sha256::digest(compiled).to_vec();
        content.extend_from_slice(compiled);
        let unfinished = path.with_extension(format!("{}.part", std::process::id()));
        fs::write(&unfinished, content)?;
        fs::rename(unfinished, path)
    }
}

/// What was kept, if it is as it was written.
fn read(path: &PathBuf) -> Option<Vec<u8>> {
    let content = fs::read(path).ok()?;
    let (checksum, compiled) = content.split_at_checked(CHECKSUM)?;
    (Sha256::digest(compiled).as_slice() == checksum).then(|| compiled.to_vec())
}
