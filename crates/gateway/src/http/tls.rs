//! TLS by certificates that are read again when they change.

use std::{
    fs,
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use anyhow::Context as _;
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};
use tokio_rustls::TlsAcceptor;

use crate::settings::Settings;

/// How often the files are looked at.
const INTERVAL: Duration = Duration::from_secs(5);

/// What shakes hands with clients.
pub struct Tls(Arc<RwLock<TlsAcceptor>>);

struct Files {
    certificate: PathBuf,
    key: PathBuf,
}

impl Tls {
    /// That of the settings, where they have any. From then on its files are looked at.
    ///
    /// # Errors
    /// Files that are no certificate or no key.
    pub fn new(settings: &Settings) -> anyhow::Result<Option<Self>> {
        let (Some(certificate), Some(key)) = (&settings.tls_certificate, &settings.tls_key) else {
            return Ok(None);
        };
        let files = Files {
            certificate: certificate.clone(),
            key: key.clone(),
        };
        let read = files.read()?;
        let current = Arc::new(RwLock::new(acceptor(&read)?));
        tokio::spawn(follow(files, read, Arc::clone(&current)));
        Ok(Some(Self(current)))
    }

    /// With the certificate of this moment.
    pub fn acceptor(&self) -> TlsAcceptor {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Files {
    fn read(&self) -> anyhow::Result<(Vec<u8>, Vec<u8>)> {
        let read = |path: &PathBuf| {
            fs::read(path).with_context(|| format!("{} is not read", path.display()))
        };
        Ok((read(&self.certificate)?, read(&self.key)?))
    }
}

/// Puts what the files hold in the place of what they held. Files that are of no use, for one is written before the other, change
/// nothing.
async fn follow(files: Files, mut former: (Vec<u8>, Vec<u8>), current: Arc<RwLock<TlsAcceptor>>) {
    loop {
        tokio::time::sleep(INTERVAL).await;
        let read = match files.read() {
            Ok(read) if read != former => read,
            _ => continue,
        };
        match acceptor(&read) {
            Ok(acceptor) => {
                *current.write().unwrap_or_else(PoisonError::into_inner) = acceptor;
                tracing::info!("the certificate is read again");
            }
            Err(error) => {
                tracing::warn!(error = format!("{error:#}"), "the former certificate stays");
            }
        }
        former = read;
    }
}

fn acceptor((certificate, key): &(Vec<u8>, Vec<u8>)) -> anyhow::Result<TlsAcceptor> {
    let chain: Vec<_> = CertificateDer::pem_slice_iter(certificate)
        .collect::<Result<_, _>>()
        .context("tls-certificate is no PEM")?;
    let key = PrivateKeyDer::from_pem_slice(key).context("tls-key is no private key in PEM")?;
    let mut config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .context("tls-certificate and tls-key do not go together")?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
