#![allow(clippy::unwrap_used)]

use super::{
    EnvFile,
    pair::KeyPair,
    settings::{JWKS, SIGNING_KEY, STAFF_PASSWORD, STAFF_USERNAME, complete, retire, rotate},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;
use std::{fs, os::unix::fs::PermissionsExt as _, path::PathBuf};
use tempfile::TempDir;

fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(".env");
    (folder, path)
}

fn mode(path: &PathBuf) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn kids(file: &EnvFile) -> Vec<String> {
    let set: Value = serde_json::from_str(file.get(JWKS).unwrap()).unwrap();
    let keys = set["keys"].as_array().unwrap();
    keys.iter()
        .map(|key| key["kid"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_pair_belongs_together_and_only_half_of_it_is_public() {
    let pair = KeyPair::generate().unwrap();
    let (public, private) = (pair.public(), pair.private());
    assert!(public.get("d").is_none());
    let seed = URL_SAFE_NO_PAD
        .decode(private["d"].as_str().unwrap())
        .unwrap();
    let key = ed25519_dalek::SigningKey::from_bytes(&seed.try_into().unwrap());
    let x = URL_SAFE_NO_PAD.encode(key.verifying_key().as_bytes());
    assert_eq!(public["x"], x);
    assert_eq!(private["x"], x);
    assert_eq!(pair.kid().len(), 43);
}

#[test]
fn the_first_staff_users_name_is_nobodys_guess() {
    let named = || {
        let (_folder, path) = folder();
        let mut file = EnvFile::read(&path).unwrap();
        complete(&mut file).unwrap();
        file.get(STAFF_USERNAME).unwrap().to_owned()
    };
    let (one, other) = (named(), named());
    assert!(one.starts_with("staff-") && one.len() == 22, "{one}");
    assert_ne!(one, other);
}

#[test]
fn a_link_stays_one_and_what_it_leads_to_is_written() {
    let (folder, target) = folder();
    let link = folder.path().join("link.env");
    std::os::unix::fs::symlink(&target, &link).unwrap();
    // Whether the file is there already or not.
    for _ in 0..2 {
        let mut file = EnvFile::read(&link).unwrap();
        complete(&mut file).unwrap();
        rotate(&mut file).unwrap();
        file.write().unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        let written = EnvFile::read(&target).unwrap();
        assert_eq!(kids(&written), kids(&file));
        assert_eq!(mode(&target), 0o600);
    }
}

#[test]
fn what_is_missing_is_added_once() {
    let (_folder, path) = folder();
    let mut file = EnvFile::read(&path).unwrap();
    assert_eq!(complete(&mut file).unwrap().len(), 2);
    file.write().unwrap();
    assert_eq!(mode(&path), 0o600);
    let text = fs::read_to_string(&path).unwrap();
    let mut again = EnvFile::read(&path).unwrap();
    assert!(complete(&mut again).unwrap().is_empty());
    for name in [JWKS, SIGNING_KEY, STAFF_USERNAME, STAFF_PASSWORD] {
        assert_eq!(again.get(name), file.get(name));
    }
    again.write().unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    assert_eq!(again.get(STAFF_PASSWORD).unwrap().len(), 24);
}

#[test]
fn what_stands_there_stays_as_it_is() {
    let (_folder, path) = folder();
    let before = "# mine\nexport SPIN_VARIABLE_DATA_API_KEY=\"a b\"\n\nSPIN_VARIABLE_FIRST_STAFF_USERNAME=boss";
    fs::write(&path, before).unwrap();
    let mut file = EnvFile::read(&path).unwrap();
    complete(&mut file).unwrap();
    file.write().unwrap();
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.starts_with(before), "{text}");
    assert_eq!(file.get(STAFF_USERNAME), Some("boss"));
    assert_eq!(mode(&path), 0o600);
}

#[test]
fn half_of_it_is_not_made_whole() {
    let (_folder, path) = folder();
    for there in [JWKS, SIGNING_KEY, STAFF_PASSWORD] {
        fs::write(&path, format!("{there}='s3cret'\n")).unwrap();
        let mut file = EnvFile::read(&path).unwrap();
        let error = format!("{:#}", complete(&mut file).unwrap_err());
        assert!(
            error.contains(there) && !error.contains("s3cret"),
            "{error}"
        );
    }
}

#[test]
fn a_file_that_others_may_read_is_closed_to_them() {
    let (_folder, path) = folder();
    fs::write(&path, "A=b\n").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let file = EnvFile::read(&path).unwrap();
    assert!(file.close().unwrap());
    assert_eq!(mode(&path), 0o600);
    assert!(!file.close().unwrap());
}

#[test]
fn keys_are_rotated_and_retired() {
    let (_folder, path) = folder();
    let mut file = EnvFile::read(&path).unwrap();
    assert!(rotate(&mut file).is_err());
    complete(&mut file).unwrap();
    let old = kids(&file).remove(0);
    let new = rotate(&mut file).unwrap();
    assert_eq!(kids(&file), [old.clone(), new.clone()]);
    assert!(file.get(SIGNING_KEY).unwrap().contains(&new));
    let refusal = |file: &mut EnvFile, kid: &str| format!("{:#}", retire(file, kid).unwrap_err());
    assert!(refusal(&mut file, &new).contains("--rotate"));
    assert!(refusal(&mut file, "other").contains(&old));
    retire(&mut file, &old).unwrap();
    assert_eq!(kids(&file), [new]);
    file.write().unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap().matches(JWKS).count(), 1);
}

#[test]
fn a_line_that_is_none_is_named_and_not_shown() {
    let (_folder, path) = folder();
    fs::write(&path, "A=b\ns3cret s3cret\n").unwrap();
    let error = format!("{:#}", EnvFile::read(&path).err().unwrap());
    assert!(
        error.contains("entry 2") && !error.contains("s3cret"),
        "{error}"
    );
}

#[test]
fn values_are_read_by_a_shell_too() {
    let (_folder, path) = folder();
    let mut file = EnvFile::read(&path).unwrap();
    complete(&mut file).unwrap();
    file.write().unwrap();
    let script = format!(". {}; printf %s \"${JWKS}\"", path.display());
    let output = std::process::Command::new("sh")
        .args(["-c", &script])
        .output()
        .unwrap();
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        file.get(JWKS).unwrap()
    );
}
