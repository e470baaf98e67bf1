//! The settings of an application: what the manifest declares in `[variables]`, and where the values come from.

use super::{Fault, names, schema, template::Template};
use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    ffi::OsString,
    fmt,
    path::{Path, PathBuf},
};

/// What a variable's name in the environment and in the `.env` file begins with; the rest is its name in upper case.
const PREFIX: &str = "SPIN_VARIABLE_";

/// Where values come from, the first that has one winning: given by name on the command line; the environment, as
/// `SPIN_VARIABLE_<NAME>`; the `.env` file, under the same name; the manifest's default.
#[derive(Clone, Default)]
pub struct Sources {
    /// Given by name. Each must be declared in the manifest.
    pub given: BTreeMap<String, String>,
    /// The process's environment; other names than `SPIN_VARIABLE_…` are not looked at.
    pub environment: BTreeMap<OsString, OsString>,
    /// The `.env` file. Without it, the one beside the manifest is read, if there is one.
    pub env_file: Option<PathBuf>,
}

impl Sources {
    /// The sources of this process: its environment, and a `.env` file beside the manifest.
    pub fn of_process() -> Self {
        Self {
            environment: env::vars_os().collect(),
            ..Self::default()
        }
    }
}

impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sources")
            .field("given", &self.given.keys())
            .field("env_file", &self.env_file)
            .finish_non_exhaustive()
    }
}

/// Values by name. `Debug` shows the names alone, since any value may be a secret.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Values(BTreeMap<String, String>);

impl Values {
    /// The value of a name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Every name with its value, in order of the names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl FromIterator<(String, String)> for Values {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(values: I) -> Self {
        Self(values.into_iter().collect())
    }
}

impl fmt::Debug for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// The application's variables with their values.
pub(super) struct Resolved {
    values: Values,
    secrets: BTreeSet<String>,
}

impl Resolved {
    /// Finds the value of each declared variable. Every required variable without one is named.
    pub(super) fn new(
        declared: &BTreeMap<toml::Spanned<String>, schema::Variable>,
        sources: &Sources,
        directory: &Path,
    ) -> Result<Self, Fault> {
        let names: Vec<&str> = declared
            .keys()
            .map(|name| name.get_ref().as_str())
            .collect();
        if let Some(unknown) = sources
            .given
            .keys()
            .find(|name| !names.contains(&name.as_str()))
        {
            return Err(Fault::anywhere(format!(
                "variable {unknown:?} was given, but [variables] declares no such name; it declares: {}",
                names.join(", ")
            )));
        }
        let env_file =
            read_env_file(sources.env_file.as_deref(), directory).map_err(Fault::anywhere)?;

        let (mut values, mut secrets, mut missing) = (BTreeMap::new(), BTreeSet::new(), Vec::new());
        for (key, variable) in declared {
            let name = key.get_ref();
            let fault = |message: String| Fault::at(key.span(), message);
            names::variable(name).map_err(fault)?;
            if variable.required == variable.default.is_some() {
                return Err(fault(format!(
                    "variable {name:?} needs either `default` or `required = true`, and not both"
                )));
            }
            if variable.secret {
                secrets.insert(name.clone());
            }
            let env_name = format!("{PREFIX}{}", name.to_ascii_uppercase());
            let in_environment = match sources.environment.get(&OsString::from(&env_name)) {
                None => None,
                Some(value) => Some(value.to_str().ok_or_else(|| {
                    Fault::anywhere(format!("{env_name} in the environment is not UTF-8"))
                })?),
            };
            let value = (sources.given.get(name).map(String::as_str))
                .or(in_environment)
                .or(env_file.get(&env_name).map(String::as_str))
                .or(variable.default.as_deref());
            match value {
                Some(value) => _ = values.insert(name.clone(), value.to_owned()),
                None => missing.push(env_name),
            }
        }
        if !missing.is_empty() {
            return Err(Fault::anywhere(format!(
                "required but not set: {}; set it in the environment, in the .env file, or by --variable NAME=VALUE",
                missing.join(", ")
            )));
        }
        Ok(Self {
            values: Values(values),
            secrets,
        })
    }

    /// Fills in a template. The error names the variable that the manifest does not declare.
    pub(super) fn fill(&self, template: &Template) -> Result<String, String> {
        template.fill(|name| {
            self.values.get(name).ok_or_else(|| {
                format!("variable {name:?} in \"{template}\" is not declared in [variables]")
            })
        })
    }

    /// Whether what the template gives must not be shown.
    pub(super) fn is_secret(&self, template: &Template) -> bool {
        template.variables().any(|name| self.secrets.contains(name))
    }
}

/// Reads the `.env` file: the one named, which must exist, or the one beside the manifest, which need not.
fn read_env_file(
    named: Option<&Path>,
    directory: &Path,
) -> Result<BTreeMap<String, String>, String> {
    let path = named.map_or_else(|| directory.join(".env"), Path::to_owned);
    let lines = match dotenvy::from_path_iter(&path) {
        Ok(lines) => lines,
        Err(e) if named.is_none() && e.not_found() => return Ok(BTreeMap::new()),
        Err(e) => return Err(format!("cannot read {}: {e}", path.display())),
    };
    let mut values = BTreeMap::new();
    for (number, line) in (1..).zip(lines) {
        // The error itself would show the line, which may hold a secret.
        let (name, value) = line.map_err(|_| {
            format!(
                "{}: entry {number} is not NAME=VALUE; put quotes around a value with spaces",
                path.display()
            )
        })?;
        values.insert(name, value);
    }
    Ok(values)
}
