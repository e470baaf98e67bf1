//! `cinema keys`: what tokens are signed and verified with, and a first staff user, as settings in a `.env` file.
//!
//! - [`settings`]: what is done to the settings
//! - `pair`: an Ed25519 key pair as JSON Web Keys
//! - [`EnvFile`]: the file, of which nothing is changed but what is asked for

mod env_file;
mod pair;
mod settings;
#[cfg(test)]
mod tests;

use anyhow::{Context as _, Result};
use clap::Args;
use std::path::PathBuf;

pub use env_file::EnvFile;
pub use pair::secret;
pub use settings::{STAFF_PASSWORD, STAFF_USERNAME};

/// The options of `cinema keys`.
#[derive(Debug, Args)]
pub struct Options {
    /// The file with lines SPIN_VARIABLE_<NAME>=value, for its owner alone to read
    #[arg(long, value_name = "FILE", default_value = ".env")]
    env_file: PathBuf,

    /// Write keys and a first staff user into the file, where it has none
    #[arg(long, group = "change")]
    write: bool,

    /// Have a new key sign; the old ones are believed until they are retired
    #[arg(long, group = "change")]
    rotate: bool,

    /// Believe an old key no more
    #[arg(long, value_name = "KID", group = "change")]
    retire: Option<String>,
}

/// Prints new keys, or changes those of the `.env` file.
pub fn run(options: &Options) -> Result<()> {
    let path = options.env_file.display();
    if !(options.write || options.rotate || options.retire.is_some()) {
        for (name, value) in settings::fresh()? {
            println!("{name}='{value}'");
        }
        return Ok(());
    }
    let mut file = EnvFile::read(&options.env_file)?;
    let within = || path.to_string();
    if let Some(kid) = &options.retire {
        settings::retire(&mut file, kid).with_context(within)?;
        file.write()?;
        println!("{path}: the key {kid} is believed no more; restart what serves");
    } else if options.rotate {
        let kid = settings::rotate(&mut file).with_context(within)?;
        file.write()?;
        println!(
            "{path}: the key {kid} signs from now on; restart what serves, and retire the old one after 15 minutes"
        );
    } else {
        let added = settings::complete(&mut file).with_context(within)?;
        if !added.is_empty() {
            file.write()?;
            println!("{path}: made {}", added.join(", and "));
        }
        if file.close()? {
            println!("{path}: only you may read it from now on");
        }
    }
    Ok(())
}
