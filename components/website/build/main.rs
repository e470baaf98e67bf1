//! Makes what the component carries: the texts of every language, so that one with a text too few is no build, and the files that
//! pages refer to, by addresses that change with them.

mod assets;
mod messages;

use std::{env, error::Error, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let made = env::var("OUT_DIR")?;
    let made = Path::new(&made);
    for folder in ["build", "messages", "assets"] {
        println!("cargo::rerun-if-changed={folder}");
    }
    fs::write(
        made.join("messages.rs"),
        messages::generated(&root.join("messages"))?,
    )?;
    fs::write(
        made.join("assets.rs"),
        assets::generated(&root.join("assets"))?,
    )?;
    Ok(())
}
