//! The application of a manifest with its settings, for the commands that serve it or look into its store.

use crate::sample::Staff;
use anyhow::{Result, bail};
use clap::Args;
use host::manifest::{self, App, Component, Sources};
use std::{collections::BTreeMap, path::PathBuf};

/// Which application, and where its settings and its store are.
#[derive(Debug, Args)]
pub struct Settings {
    /// The manifest, or the folder it is in
    #[arg(long, short, value_name = "PATH", default_value = "spin.toml")]
    pub from: PathBuf,

    /// A file with lines SPIN_VARIABLE_<NAME>=value [default: .env beside the manifest, if there]
    #[arg(long, value_name = "FILE")]
    env_file: Option<PathBuf>,

    /// Where the store and the compile cache are [default: .spin beside the manifest]
    #[arg(long, value_name = "DIR")]
    state_dir: Option<PathBuf>,

    /// A variable's value, over the environment and the env file; can be given again
    #[arg(long = "variable", value_name = "NAME=VALUE")]
    variables: Vec<String>,
}

impl Settings {
    /// The folder of the application's store and of the compile cache.
    pub fn state_dir(&self, app: &App) -> PathBuf {
        let beside = || app.directory.join(".spin");
        self.state_dir.clone().unwrap_or_else(beside)
    }
}

/// The application of a manifest, or of the folder it is in, with its settings: those of `--variable` go first.
pub fn load(settings: &Settings) -> Result<App> {
    let path = if settings.from.is_dir() {
        settings.from.join("spin.toml")
    } else {
        settings.from.clone()
    };
    let sources = Sources {
        env_file: settings.env_file.clone(),
        given: given(&settings.variables)?,
        ..Sources::of_process()
    };
    let app = manifest::load(&path, &sources)?;
    for duplicate in app.routes.duplicates() {
        eprintln!("cinema: {}: {duplicate}", path.display());
    }
    Ok(app)
}

/// What `--variable` was given. Errors count the options, since to repeat one could show a secret.
fn given(variables: &[String]) -> Result<BTreeMap<String, String>> {
    let mut values = BTreeMap::new();
    for (number, variable) in (1..).zip(variables) {
        match variable.split_once('=') {
            Some((name, value)) if !name.is_empty() => {
                values.insert(name.to_owned(), value.to_owned())
            }
            _ => bail!("the {number}. --variable is not NAME=VALUE"),
        };
    }
    Ok(values)
}

/// Names every file at once that is still to be built.
pub fn missing_files(app: &App) -> Result<()> {
    let dependencies = |component: &Component| -> Vec<PathBuf> {
        component
            .dependencies
            .iter()
            .map(|(_, dependency)| dependency.path.clone())
            .collect()
    };
    let missing: Vec<String> = (app.components.iter())
        .flat_map(|component| [vec![component.source.clone()], dependencies(component)].concat())
        .filter(|path| !path.is_file())
        .map(|path| path.display().to_string())
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    bail!(
        "these components are not built: {}; `make build` builds them",
        missing.join(", ")
    )
}

/// The first staff user, as the application's settings name them.
pub fn staff(app: &App) -> Option<Staff> {
    let set = |component: &Component, name| {
        let value = component.variables.get(name)?;
        (!value.is_empty()).then(|| value.to_owned())
    };
    app.components.iter().find_map(|component| {
        Some(Staff {
            username: set(component, "first_staff_username")?,
            password: set(component, "first_staff_password")?,
        })
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_split_at_the_first_equals_sign() {
        let values = given(&["a=b=c".to_owned(), "b=".to_owned()]).unwrap();
        assert_eq!(values["a"], "b=c");
        assert_eq!(values["b"], "");
        for bad in ["s3cr3t", "=s3cr3t"] {
            let error = given(&["a=1".to_owned(), bad.to_owned()])
                .unwrap_err()
                .to_string();
            assert!(error.contains("2.") && !error.contains("s3cr3t"), "{error}");
        }
    }
}
