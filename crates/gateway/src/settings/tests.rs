#![allow(clippy::unwrap_used)]

use std::io::Write as _;

use clap::Parser;

use super::*;

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    options: Options,
}

fn load(arguments: &[&str], file: &str) -> Result<Settings, String> {
    let mut written = tempfile::NamedTempFile::new().unwrap();
    written.write_all(file.as_bytes()).unwrap();
    let path = written.path().to_str().unwrap();
    let line = ["serve", "--config", path].into_iter();
    let line = line.chain(arguments.iter().copied());
    let options = Line::parse_from(line).options;
    Settings::load(&options).map_err(|error| format!("{error:#}"))
}

fn refused(arguments: &[&str], file: &str) -> String {
    match load(arguments, file) {
        Ok(_) => panic!("{file} is taken"),
        Err(error) => error,
    }
}

const URI: &str = "uri = 'mongodb://user:secret@localhost'\n";

#[test]
fn the_command_line_counts_before_the_file_and_that_before_the_defaults() {
    let file = format!("{URI}time = 7\npool = 8\n");
    let settings = load(&["--time", "9", "--listen", "[::1]:1"], &file).unwrap();
    assert_eq!((settings.time, settings.pool), (9, 8));
    assert_eq!(settings.requests, Settings::default().requests);
    assert_eq!(settings.listen, "[::1]:1".parse().unwrap());
}

#[test]
fn what_can_not_be_used_is_told_without_its_value() {
    for (arguments, file, word) in [
        (&[][..], "", "--uri"),
        (
            &["--uri", "mongodb://x"],
            "[sources.a]\nuri = 'y'",
            "either",
        ),
        (&[], "uri = 'mongodb://secret", "line 1"),
        (&[], "uri = 'secret'\nurl = 'secret'", "url"),
        (&["--requests", "0"], URI, "requests"),
        (&["--tls-key", "secret"], URI, "tls-certificate"),
        (&["--listen", "0.0.0.0:8090"], URI, "loopback"),
        (&[], "uri = 'secret'\nallow = ['$sleep']", "$where"),
    ] {
        let error = refused(arguments, file);
        assert!(error.contains(word), "{file}: {error}");
        assert!(!error.contains("secret"), "{error}");
    }
}

#[test]
fn with_credentials_it_may_be_reached_from_elsewhere() {
    let key = format!(
        "{URI}[[keys]]\nname = 'a'\nsha256 = '{}'\nread = ['*']\n",
        "ab".repeat(32)
    );
    let settings = load(&["--listen", "0.0.0.0:8090"], &key).unwrap();
    assert!(!settings.is_open());
}
