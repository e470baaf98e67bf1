//! `cinema keys`: what tokens are signed and verified with.

use super::Keys;
use crate::keys::{self, EnvFile};
use anyhow::{Context as _, Result};

/// Prints new keys, or changes those of the `.env` file.
pub(super) fn run(options: &Keys) -> Result<()> {
    let path = options.env_file.display();
    if !(options.write || options.rotate || options.retire.is_some()) {
        for (name, value) in keys::fresh()? {
            println!("{name}='{value}'");
        }
        return Ok(());
    }
    let mut file = EnvFile::read(&options.env_file)?;
    let within = || path.to_string();
    if let Some(kid) = &options.retire {
        keys::retire(&mut file, kid).with_context(within)?;
        file.write()?;
        println!("{path}: the key {kid} is believed no more; restart what serves");
    } else if options.rotate {
        let kid = keys::rotate(&mut file).with_context(within)?;
        file.write()?;
        println!(
            "{path}: the key {kid} signs from now on; restart what serves, and retire the old one after 15 minutes"
        );
    } else {
        let added = keys::complete(&mut file).with_context(within)?;
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
