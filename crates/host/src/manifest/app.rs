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
    collections::BTreeMap,
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
    let ids: Vec<&str> = manifest.component.keys().map(|id| id.get_ref().as_str()).collect();
    let components = (manifest.component.iter())
        .map(|(id, component)| self::component(id, component, &manifest, &ids, &resolved, &directory))
        .collect::<Result<_, _>>()?;
    Ok(App { name: manifest.application.name.clone(), directory, components, routes })
}

fn routes(manifest: &Manifest) -> Result<RouteTable, Fault> {
    if manifest.trigger.http.is_empty() {
        return Err(Fault::anywhere("there is no [[trigger.http]], so nothing could be asked: add one"));
    }
    let mut routes = Vec::new();
    for trigger in &manifest.trigger.http {
        let component = trigger.component()?;
        if !manifest.component.contains_key(component.get_ref()) {
            return Err(Fault::at(
                component.span(),
                format!("there is no [component.{0}], which a trigger names", component.get_ref()),
            ));
        }
        if let Some(pattern) = trigger.public_route()? {
            let route = Route { pattern, component: component.get_ref().clone() };
            // One by one, so that the fault is shown at its place.
            RouteTable::new([route.clone()]).map_err(|message| Fault::at(trigger.route.span(), message))?;
            routes.push(route);
        }
    }
    RouteTable::new(routes).map_err(Fault::anywhere)
}
