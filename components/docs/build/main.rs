//! Makes of the services' descriptions what the component serves: one description, and a page to read.

mod merge;
mod page;

use std::{env, error::Error, fs, path::Path};

/// Whose descriptions there are, in the order they are shown in.
const SERVICES: [&str; 6] = ["movies", "showtimes", "bookings", "users", "auth", "docs"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build");
    let components = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut descriptions = Vec::new();
    for service in SERVICES {
        let file = components.join(service).join("openapi.json");
        println!("cargo::rerun-if-changed={}", file.display());
        let text = fs::read_to_string(&file)
            .map_err(|error| format!("{}: {error}: run `make openapi`", file.display()))?;
        descriptions.push(serde_json::from_str(&text)?);
    }
    let whole = merge::merge(descriptions)?;
    let made = env::var("OUT_DIR")?;
    let made = Path::new(&made);
    fs::write(made.join("openapi.json"), serde_json::to_string(&whole)?)?;
    fs::write(made.join("page.html"), page::page(&whole).into_string())?;
    Ok(())
}
