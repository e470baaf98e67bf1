//! Servers by TLS, and names that nobody has.
#![allow(clippy::unwrap_used)]

use std::{
    convert::Infallible,
    net::Ipv4Addr,
    sync::atomic::{AtomicUsize, Ordering},
};

use http_body_util::{Empty, Full};
use hyper::{body::Bytes, service::service_fn};
use hyper_util::server::conn::auto;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::{ServerConfig, pki_types::CertificateDer};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::*;

/// A server by TLS of its own authority, that answers with the version of HTTP; it offers both, and counts its connections.
async fn server() -> (String, CertificateDer<'static>, Arc<AtomicUsize>) {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(vec!["127.0.0.1".into()]).unwrap();
    let key = signing_key.serialize_der().try_into().unwrap();
    let mut tls = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    tls.alpn_protocols = vec![b"h2".into(), b"http/1.1".into()];
    let acceptor = TlsAcceptor::from(Arc::new(tls));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let place = format!("https://{}/", listener.local_addr().unwrap());
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&connections);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(stream) = acceptor.accept(stream).await else {
                continue;
            };
            counted.fetch_add(1, Ordering::SeqCst);
            let service = service_fn(async |request: Request<Incoming>| {
                assert!(!request.headers().contains_key(header::HOST));
                let version = format!("{:?} {}", request.version(), request.uri());
                Ok::<_, Infallible>(Response::new(Full::new(Bytes::from(version))))
            });
            tokio::spawn(async move {
                auto::Builder::new(TokioExecutor::new())
                    .serve_connection(TokioIo::new(stream), service)
                    .await
            });
        }
    });
    (place, cert.der().clone(), connections)
}

async fn get(network: &Network, place: &str) -> Result<Bytes, Error> {
    let request = Request::get(place)
        .header(header::HOST, "what it names")
        .body(Empty::new().map_err(Error::from).boxed_unsync())
        .unwrap();
    let answer = network.send(request, RequestOptions::default()).await?;
    Ok(answer.into_body().collect().await?.to_bytes())
}

#[tokio::test]
async fn by_tls_one_connection_serves_all_requests_at_once() {
    let (place, authority, connections) = server().await;
    let mut roots = RootCertStore::empty();
    roots.add(authority).unwrap();
    let network = Network::new(roots).unwrap();
    let expected = format!("HTTP/2.0 {place}");
    assert_eq!(get(&network, &place).await.unwrap(), expected);
    let (one, other) = tokio::join!(get(&network, &place), get(&network, &place));
    assert_eq!([one.unwrap(), other.unwrap()], [expected.clone(), expected]);
    assert_eq!(connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_server_nobody_vouches_for_is_sent_nothing() {
    let (place, _, connections) = server().await;
    let network = Network::new(RootCertStore::empty()).unwrap();
    let error = get(&network, &place).await.unwrap_err();
    assert!(matches!(error, Error::Tls(_)), "{error}");
    assert_eq!(connections.load(Ordering::SeqCst), 0);
}

/// No name service is asked for a name with a part as long as that.
#[tokio::test]
async fn a_name_that_nobody_can_have_is_told() {
    let network = Network::new(RootCertStore::empty()).unwrap();
    let name = "x".repeat(64);
    for (scheme, text) in [
        // By these words it becomes a guest's error of DNS.
        (
            "http",
            "connection error: failed to lookup address information",
        ),
        ("https", "DNS error"),
    ] {
        let error = get(&network, &format!("{scheme}://{name}/")).await;
        let error = error.unwrap_err().to_string();
        assert!(error.starts_with(text), "{error}");
    }
}
