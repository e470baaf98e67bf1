//! An application as this host runs it: the manifest with its routes, settings and permissions worked out.

use super::{
    Error, Fault,
    allowed_hosts::{AllowedHost, AllowedHosts},
    names,
    routes::{Route, RouteTable},
    schema::{self, Manifest},
    template::Template,
    variables::{Resolved, Sources, Values},
};
use std::{
    fs,
    path::{Path, PathBuf},
};
use toml::Spanned;

/// An application, ready to be started.
#[derive(Debug)]
pub struct App {
    /// The application's name.
    pub name: String,
    /// The directory of the manifest, from which all its paths are counted.
    pub directory: PathBuf,
    /// Every component, by id.
    pub components: Vec<Component>,
    /// The public routes.
    pub routes: RouteTable,
}

impl App {
    /// The component of this id.
    pub fn component(&self, id: &str) -> Option<&Component> {
        self.components.iter().find(|component| component.id == id)
    }
}

/// A component, with what it may use.
#[derive(Debug, Clone)]
pub struct Component {
    /// Its id, unique in the application.
    pub id: String,
    /// The wasm file, as a path that can be opened (the manifest's directory joined with what the manifest says).
    pub source: PathBuf,
    /// What its imports are satisfied with: the name of a package, an interface or a plain import, and the component that
    /// serves it.
    pub dependencies: Vec<(String, Dependency)>,
    /// The labels of the SQLite databases it may open. This host has one: `default`.
    pub sqlite_databases: Vec<String>,
    /// Where it may send requests.
    pub allowed_outbound_hosts: AllowedHosts,
    /// Its settings, with their templates filled in.
    pub variables: Values,
    /// Its WASI environment variables.
    pub environment: Values,
    /// Whether a trigger names it, with a public route or a private one. Only then can it be asked by HTTP.
    pub serves_http: bool,
}

/// A component that satisfies imports of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency {
    /// The wasm file, as a path that can be opened.
    pub path: PathBuf,
    /// The export that satisfies the import, when it has another name than the import.
    pub export: Option<String>,
    /// Whether it may use what the component that imports it may use: network, storage, settings. Otherwise it may use nothing.
    pub inherits_configuration: bool,
}

/// Reads the manifest at `path`, checks it, and finds the value of every setting.
pub fn load(path: &Path, sources: &Sources) -> Result<App, Error> {
    let text = fs::read_to_string(path).map_err(|e| Error {
        file: path.to_owned(),
        place: None,
        message: format!("cannot read the manifest: {e}; name another by --from"),
    })?;
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    parse(&text, directory, sources).map_err(|fault| fault.in_file(path.to_owned(), &text))
}

fn parse(text: &str, directory: PathBuf, sources: &Sources) -> Result<App, Fault> {
    let manifest = schema::read(text)?;
    let resolved = Resolved::new(&manifest.variables, sources, &directory)?;
    let routes = routes(&manifest)?;
    let ids: Vec<&str> = manifest
        .component
        .keys()
        .map(|id| id.get_ref().as_str())
        .collect();
    let components = (manifest.component.iter())
        .map(|(id, component)| {
            self::component(id, component, &manifest, &ids, &resolved, &directory)
        })
        .collect::<Result<_, _>>()?;
    Ok(App {
        name: manifest.application.name.clone(),
        directory,
        components,
        routes,
    })
}

fn routes(manifest: &Manifest) -> Result<RouteTable, Fault> {
    if manifest.trigger.http.is_empty() {
        return Err(Fault::anywhere(
            "there is no [[trigger.http]], so nothing could be asked: add one",
        ));
    }
    let mut routes = Vec::new();
    for trigger in &manifest.trigger.http {
        let component = trigger.component()?;
        if !manifest
            .component
            .contains_key(component.get_ref().as_str())
        {
            return Err(Fault::at(
                component.span(),
                format!(
                    "there is no [component.{0}], which a trigger names",
                    component.get_ref()
                ),
            ));
        }
        if let Some(pattern) = trigger.public_route()? {
            let route = Route {
                pattern,
                component: component.get_ref().clone(),
            };
            // One by one, so that the fault is shown at its place.
            RouteTable::new([route.clone()])
                .map_err(|message| Fault::at(trigger.route.span(), message))?;
            routes.push(route);
        }
    }
    RouteTable::new(routes).map_err(Fault::anywhere)
}

fn component(
    id: &Spanned<String>,
    component: &schema::Component,
    manifest: &Manifest,
    ids: &[&str],
    resolved: &Resolved,
    directory: &Path,
) -> Result<Component, Fault> {
    names::component_id(id.get_ref()).map_err(|message| Fault::at(id.span(), message))?;
    let serves_http = manifest
        .trigger
        .http
        .iter()
        .map(|trigger| trigger.component())
        .any(|named| named.is_ok_and(|named| named.get_ref() == id.get_ref()));
    Ok(Component {
        id: id.get_ref().clone(),
        source: directory.join(source(component)?),
        dependencies: dependencies(component, manifest, directory)?,
        sqlite_databases: databases(component)?,
        allowed_outbound_hosts: allowed_hosts(component, ids, resolved)?,
        variables: variables(component, resolved)?,
        environment: component.environment.clone().into_iter().collect(),
        serves_http,
    })
}

fn source(component: &schema::Component) -> Result<PathBuf, Fault> {
    component.source.get_ref().as_str().map(PathBuf::from).ok_or_else(|| {
        Fault::at(
            component.source.span(),
            "the bundled host starts components from files: give the path of a .wasm file, not a URL or a registry",
        )
    })
}

fn dependencies(
    component: &schema::Component,
    manifest: &Manifest,
    directory: &Path,
) -> Result<Vec<(String, Dependency)>, Fault> {
    let one = |(name, value): (&Spanned<String>, &Spanned<toml::Value>)| {
        let fault = |message: String| {
            Fault::at(
                value.span(),
                format!("dependency {:?} {message}", name.get_ref()),
            )
        };
        if !value.get_ref().is_table() {
            return Err(fault(
                "is a version from a registry: give it as { path = \"….wasm\" }".into(),
            ));
        }
        let table: schema::DependencyTable = value
            .get_ref()
            .clone()
            .try_into()
            .map_err(|e: toml::de::Error| fault(format!("cannot be used: {}", e.message())))?;
        let inherits_configuration = match &table.inherit_configuration {
            None => component.dependencies_inherit_configuration,
            Some(toml::Value::Boolean(_)) if component.dependencies_inherit_configuration => {
                return Err(fault(
                    "has `inherit_configuration` beside its component's `dependencies_inherit_configuration`: leave one out".into(),
                ));
            }
            Some(toml::Value::Boolean(inherits)) => *inherits,
            Some(_) => {
                return Err(fault(
                    "may have `inherit_configuration` as true or false only".into(),
                ));
            }
        };
        let path = match (table.path, table.component) {
            (Some(path), None) => path,
            (None, Some(id)) => {
                let other = manifest
                    .component
                    .get(id.as_str())
                    .ok_or_else(|| fault(format!("names [component.{id}], which is not there")))?;
                source(other)?
            }
            _ => return Err(fault("needs either `path` or `component`".into())),
        };
        let is_package = name.get_ref().contains(':') && !name.get_ref().contains('/');
        if is_package && table.export.is_some() {
            return Err(fault(
                "is a whole package, which cannot have an `export`: name an interface of it".into(),
            ));
        }
        let dependency = Dependency {
            path: directory.join(path),
            export: table.export,
            inherits_configuration,
        };
        Ok((name.get_ref().clone(), dependency))
    };
    component.dependencies.iter().map(one).collect()
}

fn databases(component: &schema::Component) -> Result<Vec<String>, Fault> {
    let one = |label: &Spanned<String>| match label.get_ref().as_str() {
        "default" => Ok(label.get_ref().clone()),
        other => Err(Fault::at(
            label.span(),
            format!(
                "the bundled host has one SQLite database, \"default\", and none called {other:?}"
            ),
        )),
    };
    component.sqlite_databases.iter().map(one).collect()
}

fn allowed_hosts(
    component: &schema::Component,
    ids: &[&str],
    resolved: &Resolved,
) -> Result<AllowedHosts, Fault> {
    let one = |entry: &Spanned<String>| -> Result<Option<AllowedHost>, Fault> {
        let fault =
            |message: String| Fault::at(entry.span(), format!("allowed_outbound_hosts: {message}"));
        let template = Template::parse(entry.get_ref()).map_err(fault)?;
        let is_template = template.variables().next().is_some();
        let address = resolved.fill(&template).map_err(fault)?;
        // As in Spin: an address that is a variable may be left empty, for a service that is not used.
        if is_template && matches!(address.as_str(), "" | "http://" | "https://") {
            return Ok(None);
        }
        AllowedHost::parse(&address).map(Some).map_err(|reason| {
            let shown = if is_template && !resolved.is_secret(&template) {
                format!("\"{template}\", which is {address:?},")
            } else {
                format!("\"{template}\"")
            };
            fault(format!("{shown} cannot be used: {reason}"))
        })
    };
    let entries = component
        .allowed_outbound_hosts
        .iter()
        .filter_map(|entry| one(entry).transpose());
    Ok(AllowedHosts::new(entries.collect::<Result<_, _>>()?, ids))
}

fn variables(component: &schema::Component, resolved: &Resolved) -> Result<Values, Fault> {
    let one = |(name, value): (&Spanned<String>, &Spanned<String>)| {
        names::variable(name.get_ref()).map_err(|message| Fault::at(name.span(), message))?;
        let value = Template::parse(value.get_ref())
            .and_then(|template| resolved.fill(&template))
            .map_err(|message| Fault::at(value.span(), message))?;
        Ok((name.get_ref().clone(), value))
    };
    component.variables.iter().map(one).collect()
}
