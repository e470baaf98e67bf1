//! The shape of `spin.toml`, manifest version 2. A key that is not here is refused by the parser; a key of Spin's that this host
//! does not serve is here, and refused with a word on what to do.

use super::Fault;
use serde::{Deserialize, de::IgnoredAny};
use std::{collections::BTreeMap, path::PathBuf};
use toml::{Spanned, Value};

/// Of any form: either it has no bearing on a running application, or it is refused.
type Any = Spanned<IgnoredAny>;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    #[serde(rename = "spin_manifest_version")]
    _version: IgnoredAny,
    pub application: Application,
    #[serde(default)]
    pub variables: BTreeMap<Spanned<String>, Variable>,
    #[serde(default)]
    pub trigger: Triggers,
    #[serde(default)]
    pub component: BTreeMap<Spanned<String>, Component>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Application {
    pub name: String,
    #[serde(rename = "version")]
    _version: Option<String>,
    #[serde(rename = "description")]
    _description: Option<String>,
    #[serde(rename = "authors")]
    _authors: Option<Vec<String>>,
    /// For tools, as Spin has it.
    #[serde(rename = "tool")]
    _tool: Option<IgnoredAny>,
    /// Which environments `spin build` checks against.
    #[serde(rename = "targets")]
    _targets: Option<IgnoredAny>,
    trigger: Option<Any>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Variable {
    #[serde(rename = "description")]
    _description: Option<String>,
    pub default: Option<String>,
    #[serde(default)]
    pub required: bool,
    #[serde(default)]
    pub secret: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Triggers {
    #[serde(default)]
    pub http: Vec<Trigger>,
    redis: Option<Any>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Trigger {
    #[serde(rename = "id")]
    _id: Option<String>,
    pub route: Spanned<Value>,
    component: Option<Spanned<Value>>,
    executor: Option<Spanned<Value>>,
    static_response: Option<Any>,
    components: Option<Any>,
    dependencies: Option<Any>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Component {
    #[serde(rename = "description")]
    _description: Option<String>,
    pub source: Spanned<Value>,
    #[serde(default)]
    pub variables: BTreeMap<Spanned<String>, Spanned<String>>,
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    #[serde(default)]
    pub allowed_outbound_hosts: Vec<Spanned<String>>,
    #[serde(default)]
    pub sqlite_databases: Vec<Spanned<String>>,
    #[serde(default)]
    pub dependencies: BTreeMap<Spanned<String>, Spanned<Value>>,
    #[serde(default)]
    pub dependencies_inherit_configuration: bool,
    /// For `spin build`.
    #[serde(rename = "build")]
    _build: Option<Build>,
    /// For `spin build` and `spin up --profile`: without a profile named, it changes nothing.
    #[serde(rename = "profile")]
    _profile: Option<IgnoredAny>,
    #[serde(rename = "tool")]
    _tool: Option<IgnoredAny>,
    #[serde(rename = "targets")]
    _targets: Option<IgnoredAny>,
    files: Option<Any>,
    exclude_files: Option<Any>,
    allowed_http_hosts: Option<Any>,
    key_value_stores: Option<Any>,
    ai_models: Option<Any>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Build {
    #[serde(rename = "command")]
    _command: IgnoredAny,
    #[serde(rename = "workdir")]
    _workdir: Option<String>,
    #[serde(rename = "watch")]
    _watch: Option<Vec<String>>,
}

/// A dependency that is a table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DependencyTable {
    pub path: Option<PathBuf>,
    pub component: Option<String>,
    pub export: Option<String>,
    pub inherit_configuration: Option<Value>,
}

/// Reads the text of a manifest.
pub(super) fn read(text: &str) -> Result<Manifest, Fault> {
    check_version(text)?;
    let manifest: Manifest = toml::from_str(text).map_err(fault)?;
    refuse(&[(
        "the table [application.trigger]",
        &manifest.application.trigger,
    )])?;
    refuse(&[("the trigger `redis`", &manifest.trigger.redis)])?;
    for trigger in &manifest.trigger.http {
        refuse(&[
            ("the key `static_response`", &trigger.static_response),
            ("the key `components`", &trigger.components),
            ("the key `dependencies` of a trigger", &trigger.dependencies),
        ])?;
        trigger.check_executor()?;
    }
    for component in manifest.component.values() {
        refuse(&[
            ("the key `files`", &component.files),
            ("the key `exclude_files`", &component.exclude_files),
            (
                "the key `allowed_http_hosts` (now `allowed_outbound_hosts`)",
                &component.allowed_http_hosts,
            ),
            ("the key `key_value_stores`", &component.key_value_stores),
            ("the key `ai_models`", &component.ai_models),
        ])?;
    }
    Ok(manifest)
}

/// Told first, since another version has another shape, whose faults would be misleading.
fn check_version(text: &str) -> Result<(), Fault> {
    #[derive(Deserialize)]
    struct Version {
        spin_manifest_version: Option<Spanned<Value>>,
    }
    let version: Version = toml::from_str(text).map_err(fault)?;
    match version.spin_manifest_version {
        None => Err(Fault::anywhere(
            "there is no `spin_manifest_version`: is it a Spin manifest? Write `spin_manifest_version = 2`",
        )),
        Some(version) if version.get_ref().as_integer() == Some(2) => Ok(()),
        Some(version) => {
            let message = format!(
                "manifest version {} is not supported: this host reads version 2",
                version.get_ref()
            );
            Err(Fault::at(version.span(), message))
        }
    }
}

/// The parser's own error, on one line.
fn fault(error: toml::de::Error) -> Fault {
    let message = error
        .message()
        .replace('\n', " ")
        .replacen("unknown field", "unknown key", 1);
    Fault {
        span: error.span(),
        message,
    }
}

fn refuse(keys: &[(&str, &Option<Any>)]) -> Result<(), Fault> {
    match keys
        .iter()
        .find_map(|(what, value)| Some((what, value.as_ref()?)))
    {
        None => Ok(()),
        Some((what, value)) => Err(Fault::at(
            value.span(),
            format!("the bundled host does not serve {what}: remove it, or use the Spin CLI"),
        )),
    }
}

impl Trigger {
    /// The id of the component it calls.
    pub(super) fn component(&self) -> Result<Spanned<String>, Fault> {
        match &self.component {
            None => Err(Fault::at(
                self.route.span(),
                "the trigger with this route names no component: add `component = \"…\"`",
            )),
            Some(component) => match component.get_ref() {
                Value::String(id) => Ok(Spanned::new(component.span(), id.clone())),
                _ => Err(Fault::at(
                    component.span(),
                    "the bundled host does not serve a component written inside its trigger: give it a table \
                     [component.<id>], and write its id here",
                )),
            },
        }
    }

    /// The path pattern, or none for a private route, which only other components reach.
    pub(super) fn public_route(&self) -> Result<Option<String>, Fault> {
        match self.route.get_ref() {
            Value::String(pattern) => Ok(Some(pattern.clone())),
            Value::Table(table)
                if table.len() == 1 && table.get("private") == Some(&Value::Boolean(true)) =>
            {
                Ok(None)
            }
            _ => Err(Fault::at(
                self.route.span(),
                "a route is a path such as \"/movies/...\", or { private = true }",
            )),
        }
    }

    fn check_executor(&self) -> Result<(), Fault> {
        let Some(executor) = &self.executor else {
            return Ok(());
        };
        match executor.get_ref() {
            Value::Table(table)
                if table.len() == 1
                    && matches!(
                        table.get("type").and_then(Value::as_str),
                        Some("http" | "spin")
                    ) =>
            {
                Ok(())
            }
            _ => Err(Fault::at(
                executor.span(),
                "the bundled host knows one executor: { type = \"http\" }",
            )),
        }
    }
}
