//! Satisfying a component's imports with other components, as `[component.x.dependencies]` says.

use anyhow::{Context, Result, bail};
use wac_graph::{CompositionGraph, EncodeOptions, types::Package};

use crate::manifest::Dependency;

/// What a dependency may import without being given anything: the means every program's runtime drags in. Everything
/// else is access to something, which it has only where the manifest lets it inherit its importer's configuration.
const HARMLESS: [&str; 6] = [
    "wasi:io/",
    "wasi:clocks/",
    "wasi:random/",
    "wasi:cli/",
    "wasi:filesystem/types@",
    "wasi:filesystem/preopens@",
];

/// One component out of several: each dependency takes the place of the import of its name.
///
/// # Errors
/// A dependency that lacks the export, does not fit the import, or imports what it may not have.
pub fn compose(main: Vec<u8>, dependencies: Vec<(&str, &Dependency, Vec<u8>)>) -> Result<Vec<u8>> {
    if dependencies.is_empty() {
        return Ok(main);
    }
    let mut graph = CompositionGraph::new();
    let package = Package::from_bytes("cinema:main", None, main, graph.types_mut())?;
    let main = graph.register_package(package)?;
    let main_instance = graph.instantiate(main);
    for (index, (import, dependency, bytes)) in dependencies.into_iter().enumerate() {
        let package = Package::from_bytes(
            &format!("cinema:dependency{index}"),
            None,
            bytes,
            graph.types_mut(),
        )?;
        let world = &graph.types()[package.ty()];
        if !dependency.inherits_configuration
            && let Some(name) = world
                .imports
                .keys()
                .find(|name| !HARMLESS.iter().any(|prefix| name.starts_with(prefix)))
        {
            bail!(
                "{} imports {name}, and a dependency may use nothing of the outside",
                dependency.path.display()
            );
        }
        let export = dependency.export.as_deref().unwrap_or(import);
        let package = graph.register_package(package)?;
        let instance = graph.instantiate(package);
        let export = graph
            .alias_instance_export(instance, export)
            .with_context(|| format!("{} does not export {export}", dependency.path.display()))?;
        graph
            .set_instantiation_argument(main_instance, import, export)
            .with_context(|| {
                format!(
                    "{import} cannot be satisfied by {}",
                    dependency.path.display()
                )
            })?;
    }
    let exports: Vec<String> = graph.types()[graph[main].ty()]
        .exports
        .keys()
        .cloned()
        .collect();
    for name in exports {
        let export = graph.alias_instance_export(main_instance, &name)?;
        graph.export(export, &name)?;
    }
    Ok(graph.encode(EncodeOptions::default())?)
}
