//! Certificates are read again when they change.

use std::{fs, time::Duration};

use rcgen::{CertifiedKey, generate_simple_self_signed};

use crate::{Database, Gateway};

#[tokio::test]
async fn a_new_certificate_is_shown_without_a_stop_and_a_broken_one_is_not() {
    let database = Database::start();
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = (folder.path().join("tls.crt"), folder.path().join("tls.key"));
    let write = || {
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        fs::write(&key, signing_key.serialize_pem()).unwrap();
        fs::write(&certificate, cert.pem()).unwrap();
        reqwest::Certificate::from_pem(cert.pem().as_bytes()).unwrap()
    };
    let first = write();
    let files = [certificate.to_str().unwrap(), key.to_str().unwrap()];
    let options = ["--tls-certificate", files[0], "--tls-key", files[1]];
    let gateway = Gateway::start(&database.uri(), &options);
    let port = gateway.address().port();
    let trusts = async |root: &reqwest::Certificate| {
        let client = reqwest::Client::builder().tls_certs_only([root.clone()]);
        let client = client
            .resolve("localhost", gateway.address())
            .build()
            .unwrap();
        let asked = client
            .get(format!("https://localhost:{port}/readyz"))
            .send()
            .await;
        asked
            .is_ok_and(|answer| answer.status() == 200 && answer.version() == http::Version::HTTP_2)
    };
    assert!(trusts(&first).await);
    fs::write(&certificate, "broken").unwrap();
    tokio::time::sleep(Duration::from_secs(6)).await;
    assert!(trusts(&first).await);
    let second = write();
    tokio::time::sleep(Duration::from_secs(6)).await;
    assert!(trusts(&second).await);
    assert!(!trusts(&first).await);
}
