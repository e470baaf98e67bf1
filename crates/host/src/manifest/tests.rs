//! The manifest as a whole: what is read, and what is refused, in which words.
#![allow(clippy::unwrap_used)]

use super::*;
use std::{collections::BTreeMap, fs, path::Path};

/// A manifest around what a test is about: an `[application]`, a trigger, and the start of `[component.movies]`.
fn manifest(variables: &str, component: &str) -> String {
    format!(
        r#"spin_manifest_version = 2
[application]
name = "cinema"
[variables]
{variables}
[[trigger.http]]
route = "/movies/..."
component = "movies"
[component.movies]
source = "movies.wasm"
{component}
"#
    )
}

fn load_with(text: &str, env_file: &str, sources: Sources) -> Result<App, Error> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("spin.toml");
    fs::write(&path, text).unwrap();
    if !env_file.is_empty() {
        fs::write(directory.path().join(".env"), env_file).unwrap();
    }
    load(&path, &sources)
}

fn load_text(text: &str) -> Result<App, Error> {
    load_with(text, "", Sources::default())
}

fn refusal(text: &str) -> Error {
    load_text(text).unwrap_err()
}

fn sources(given: &[(&str, &str)], environment: &[(&str, &str)]) -> Sources {
    Sources {
        given: given
            .iter()
            .map(|(n, v)| ((*n).into(), (*v).into()))
            .collect(),
        environment: environment
            .iter()
            .map(|(n, v)| ((*n).into(), (*v).into()))
            .collect::<BTreeMap<_, _>>(),
        env_file: None,
    }
}

#[test]
fn paths_are_counted_from_the_manifest() {
    let text = manifest(
        "",
        r#"environment = { A = "{{ not a template }}" }
[component.movies.dependencies]
"a:b/c" = { path = "dep/b.wasm", export = "x:y/z", inherit_configuration = true }
plain = { component = "other" }
[component.other]
source = "other.wasm""#,
    );
    let app = load_text(&text).unwrap();
    let movies = app.component("movies").unwrap();
    assert_eq!(movies.source, app.directory.join("movies.wasm"));
    assert_eq!(movies.environment.get("A"), Some("{{ not a template }}"));
    assert_eq!(
        movies.dependencies[0].1.path,
        app.directory.join("dep/b.wasm")
    );
    assert_eq!(movies.dependencies[0].1.export.as_deref(), Some("x:y/z"));
    assert!(movies.dependencies[0].1.inherits_configuration);
    assert_eq!(
        movies.dependencies[1].1.path,
        app.directory.join("other.wasm")
    );
    assert!(!app.component("other").unwrap().serves_http);
}

#[test]
fn what_spin_ignores_is_accepted() {
    let text = manifest(
        "",
        r#"description = "films"
targets = ["spin-up:3.3"]
build = { command = ["a", "b"], workdir = ".", watch = ["*.rs"] }
tool.editor.colour = "red"
[component.movies.profile.debug]
source = "debug.wasm""#,
    );
    load_text(&text).unwrap();
}

#[test]
fn what_this_host_does_not_know_is_refused_by_name_and_place() {
    for (component, name) in [
        ("files = [\"a\"]", "`files`"),
        ("exclude_files = [\"a\"]", "`exclude_files`"),
        ("key_value_stores = [\"default\"]", "`key_value_stores`"),
        ("ai_models = [\"llama\"]", "`ai_models`"),
        ("allowed_http_hosts = [\"a\"]", "`allowed_http_hosts`"),
        ("sqlite_databases = [\"other\"]", "\"other\""),
        ("fils = []", "`fils`"),
        ("dependencies = { \"a:b\" = \"1.0\" }", "\"a:b\""),
        ("dependencies = { \"a:b\" = { url = \"u\" } }", "`url`"),
        (
            "dependencies = { \"a:b\" = { path = \"p\", export = \"e\" } }",
            "`export`",
        ),
        (
            "dependencies = { \"a:b/c\" = { path = \"p\", inherit_configuration = [\"x\"] } }",
            "inherit_configuration",
        ),
        (
            "dependencies = { \"a:b/c\" = { component = \"gone\" } }",
            "[component.gone]",
        ),
        ("build = { comand = \"x\", command = \"x\" }", "`comand`"),
    ] {
        let error = refusal(&manifest("", component));
        assert!(error.message.contains(name), "{component}: {error}");
        assert_eq!(error.place.unwrap().0, 11, "{component}: {error}");
        assert!(!error.to_string().contains('\n'), "{error}");
    }
}

#[test]
fn what_this_host_does_not_know_outside_components_is_refused() {
    let whole = manifest("", "");
    for (from, to, name) in [
        ("[variables]", "[vars]\n[variables]", "`vars`"),
        ("name =", "nam = \"a\"\nname =", "`nam`"),
        (
            "[variables]",
            "[application.trigger.http]\nbase = \"/x\"\n[variables]",
            "[application.trigger]",
        ),
        (
            "route =",
            "static_response = { status_code = 200 }\nroute =",
            "`static_response`",
        ),
        (
            "route =",
            "executor = { type = \"wagi\" }\nroute =",
            "executor",
        ),
        ("route =", "rout = 1\nroute =", "`rout`"),
        (
            "[[trigger.http]]",
            "[[trigger.redis]]\nchannel = \"c\"\n[[trigger.http]]",
            "redis",
        ),
        (
            "[[trigger.http]]",
            "[[trigger.cron]]\nx = 1\n[[trigger.http]]",
            "`cron`",
        ),
        ("\"/movies/...\"", "{ private = false }", "private"),
        ("\"/movies/...\"", "\"/*/x\"", "/*/x"),
        (
            "component = \"movies\"",
            "component = { source = \"x.wasm\" }",
            "[component.<id>]",
        ),
        (
            "component = \"movies\"",
            "component = \"gone\"",
            "[component.gone]",
        ),
        ("component = \"movies\"\n", "", "component"),
        (
            "source = \"movies.wasm\"",
            "source = { url = \"https://a/b.wasm\", digest = \"sha256:0\" }",
            "registry",
        ),
        ("source = \"movies.wasm\"\n", "", "`source`"),
        (
            "[component.movies]",
            "[component.other_one]\nsource = \"a\"\n[component.movies]",
            "other_one",
        ),
    ] {
        assert!(whole.contains(from), "{from}");
        let error = refusal(&whole.replacen(from, to, 1));
        assert!(error.message.contains(name), "{to}: {error}");
        assert!(error.place.is_some(), "{to}: {error}");
    }
}

#[test]
fn other_versions_are_told_apart_before_their_shape() {
    let error = refusal("spin_manifest_version = \"1\"\nname = \"old\"\n");
    assert!(error.message.contains("version \"1\""), "{error}");
    assert_eq!(error.place, Some((1, 25)));
    assert!(
        refusal("[package]\nname = \"x\"\n")
            .message
            .contains("spin_manifest_version")
    );
    assert!(
        refusal("spin_manifest_version = 2\n[application]\nname = \"x\"\n")
            .message
            .contains("[[trigger.http]]")
    );
    let error = refusal("spin_manifest_version = \n");
    assert_eq!(error.place.unwrap().0, 1, "{error}");
    assert!(
        load(Path::new("no/such/spin.toml"), &Sources::default())
            .unwrap_err()
            .message
            .contains("--from")
    );
}

#[test]
fn a_setting_is_taken_from_the_first_source_that_has_it() {
    let text = manifest(
        "greeting = { default = \"default\" }",
        "variables = { text = \"<{{ greeting }}>\" }",
    );
    let value = |env_file: &str, sources| {
        let app = load_with(&text, env_file, sources).unwrap();
        app.components[0].variables.get("text").unwrap().to_owned()
    };
    let env_file = "# settings\nSPIN_VARIABLE_GREETING=\"from file\"\nOTHER=1\n";
    let environment = [("SPIN_VARIABLE_GREETING", "environment")];
    assert_eq!(value("", sources(&[], &[])), "<default>");
    assert_eq!(value(env_file, sources(&[], &[])), "<from file>");
    assert_eq!(value(env_file, sources(&[], &environment)), "<environment>");
    assert_eq!(
        value(env_file, sources(&[("greeting", "")], &environment)),
        "<>"
    );
}

#[test]
fn another_env_file_can_be_named_and_must_then_exist() {
    let text = manifest("a = { required = true }", "variables = { a = \"{{ a }}\" }");
    let directory = tempfile::tempdir().unwrap();
    let env_file = directory.path().join("settings");
    fs::write(&env_file, "SPIN_VARIABLE_A=named\n").unwrap();
    let named = Sources {
        env_file: Some(env_file),
        ..Sources::default()
    };
    let app = load_with(&text, "SPIN_VARIABLE_A=beside\n", named).unwrap();
    assert_eq!(app.components[0].variables.get("a"), Some("named"));

    let gone = Sources {
        env_file: Some("no/such/file".into()),
        ..Sources::default()
    };
    assert!(
        load_with(&text, "SPIN_VARIABLE_A=beside\n", gone)
            .unwrap_err()
            .message
            .contains("no/such/file")
    );
}

#[test]
fn faults_of_settings_name_them() {
    let message =
        |variables: &str, component: &str| refusal(&manifest(variables, component)).message;
    let two = message("one = { required = true }\ntwo = { required = true }", "");
    assert!(
        two.contains("SPIN_VARIABLE_ONE") && two.contains("SPIN_VARIABLE_TWO"),
        "{two}"
    );
    assert!(message("a = {}", "").contains("required = true"));
    assert!(message("a = { default = \"x\", required = true }", "").contains("not both"));
    assert!(message("bad-name = { default = \"\" }", "").contains("bad-name"));
    assert!(message("", "variables = { a = \"{{ gone }}\" }").contains("\"gone\""));
    assert!(message("", "variables = { a = \"{{ open\" }").contains("`}}`"));
    assert!(message("", "variables = { A = \"\" }").contains("\"A\""));
    let given = load_with(
        &manifest("a = { default = \"\" }", ""),
        "",
        sources(&[("b", "1")], &[]),
    )
    .unwrap_err();
    assert!(
        given.message.contains("\"b\"") && given.message.contains("declares: a"),
        "{given}"
    );
}

#[test]
fn outbound_hosts_may_come_from_settings() {
    let text = manifest(
        "url = { default = \"http://db.example:27017\" }\nempty = { default = \"\" }",
        "allowed_outbound_hosts = [\"{{ url }}\", \"{{ empty }}\", \"https://{{ empty }}\"]",
    );
    let app = load_text(&text).unwrap();
    assert!(
        app.components[0]
            .allowed_outbound_hosts
            .allows("http", "db.example", Some(27017))
    );
    assert!(
        !app.components[0]
            .allowed_outbound_hosts
            .allows("https", "db.example", None)
    );

    let error = load_with(
        &text,
        "",
        sources(&[("url", "http://db.example/path")], &[]),
    )
    .unwrap_err();
    assert!(
        error.message.contains("http://db.example/path") && error.message.contains("has a path"),
        "{error}"
    );
    assert_eq!(error.place.unwrap().0, 12);
    assert!(
        refusal(&manifest("", "allowed_outbound_hosts = [\"\"]"))
            .message
            .contains("scheme")
    );
}

#[test]
fn no_secret_is_shown() {
    let text = manifest(
        "key = { default = \"\", secret = true }",
        "variables = { key = \"{{ key }}\" }\nallowed_outbound_hosts = [\"http://{{ key }}/x\"]",
    );
    let error = load_with(&text, "", sources(&[("key", "s3cr3t")], &[])).unwrap_err();
    assert!(!error.to_string().contains("s3cr3t"), "{error}");

    let malformed =
        load_with(&text, "SPIN_VARIABLE_KEY=\"s3cr3t\n", Sources::default()).unwrap_err();
    assert!(
        malformed.message.contains("entry 1") && !malformed.message.contains("s3cr3t"),
        "{malformed}"
    );

    let given = sources(&[("key", "s3cr3t")], &[("SPIN_VARIABLE_KEY", "s3cr3t")]);
    assert!(!format!("{given:?}").contains("s3cr3t"));
    let app = load_with(&text.replace("/x\"", "\""), "", given).unwrap();
    assert_eq!(app.components[0].variables.get("key"), Some("s3cr3t"));
    let shown = format!("{:?}", app.components[0].variables);
    assert_eq!(shown, "{\"key\"}");
}
