//! The tour of the README does what the README says, word for word.

use std::path::Path;
use std::process::{Command, Stdio};

use cinema_tests::{Host, staff};
use serde_json::json;

/// The address that the README speaks of.
const ADDRESS: &str = "http://127.0.0.1:3000";

/// What begins a line that says what one will see.
const SEEN: &str = "# → ";

/// The shell's lines of the README's tour.
fn tour() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let readme = std::fs::read_to_string(path).unwrap();
    let (_, tour) = readme.split_once("\n## A tour\n").unwrap();
    let (tour, _) = tour.split_once("\n## ").unwrap();
    let blocks = tour.split("\n```sh\n").skip(1);
    blocks
        .map(|block| block.split_once("\n```").unwrap().0)
        .collect::<Vec<_>>()
        .join("\n")
}

/// The tour's commands with, behind each, what it should show.
fn steps(tour: &str) -> Vec<(String, Vec<&str>)> {
    let mut steps: Vec<(String, Vec<&str>)> = vec![Default::default()];
    for line in tour.lines() {
        let (commands, seen) = steps.last_mut().unwrap();
        match line.strip_prefix(SEEN) {
            Some(text) => seen.push(text),
            None if seen.is_empty() => commands.extend([line, "\n"]),
            None => steps.push((format!("{line}\n"), Vec::new())),
        }
    }
    steps
}

#[tokio::test]
async fn the_tour_shows_what_the_readme_says() {
    let Some(host) = Host::start(&[]) else {
        return;
    };
    // As `make up` does.
    let first = json!({"username": staff::FIRST, "password": staff::password(), "firstname": "First", "lastname": "Staff"});
    host.api()
        .anonymous()
        .post("/users", &first)
        .await
        .expect(201);
    let folder = tempfile::tempdir().unwrap();
    let settings = format!(
        "SPIN_VARIABLE_FIRST_STAFF_USERNAME='{}'\nSPIN_VARIABLE_FIRST_STAFF_PASSWORD='{}'\n",
        staff::FIRST,
        staff::password()
    );
    std::fs::write(folder.path().join(".env"), settings).unwrap();

    let tour = tour();
    assert_eq!(tour.matches(ADDRESS).count(), 1, "{tour}");
    let steps = steps(&tour);
    // What parts the steps' output, which nothing else writes.
    let end = cinema_tests::tag();
    let script: String = steps
        .iter()
        .map(|(commands, _)| format!("{commands}echo {end}\n"))
        .collect();
    let output = Command::new("bash")
        .args(["--noprofile", "--norc", "-euo", "pipefail", "-c"])
        .arg(script.replace(ADDRESS, host.url()))
        .current_dir(folder.path())
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let shown = String::from_utf8(output.stdout).unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{shown}\n{told}");

    let (mut expected, mut shown) = (0, shown.split(&end));
    for (commands, seen) in &steps {
        let mut rest = shown.next().unwrap();
        for text in seen {
            let found = rest.find(text);
            let at = found.unwrap_or_else(|| panic!("{commands}does not show {text}, but {rest}"));
            rest = &rest[at + text.len()..];
            expected += 1;
        }
    }
    assert!(expected > 0, "the tour says nothing of what one will see");
}
