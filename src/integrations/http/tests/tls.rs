//! TLS, against servers with certificates that are made for the test.

use super::{get, server};
use crate::config::Config;
use crate::integrations::http::{Client, check_bundle};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;

/// Somebody who signs certificates, and a file that says so.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    bundle: PathBuf,
}

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("a certificate");
        let bundle = std::env::temp_dir().join(format!("stepwell-{name}-{}.pem", std::process::id()));
        std::fs::write(&bundle, issuer.pem()).expect("a file");
        Self { issuer, bundle }
    }

    /// A server's certificate for this name, good until the end of this year.
    fn acceptor(&self, name: &str, last_year: i32) -> TlsAcceptor {
        let mut params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(last_year, 12, 31);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let key = KeyPair::generate().expect("a key");
        let certificate: CertificateDer<'static> =
            params.signed_by(&key, &self.issuer).expect("a certificate").der().clone();
        let key = PrivatePkcs8KeyDer::from(key.serialize_der());
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key.into())
            .expect("a key that fits");
        TlsAcceptor::from(Arc::new(config))
    }

    fn client(&self) -> Client {
        Client::new(&Config { ca_bundle: Some(self.bundle.clone()), ..Config::default() })
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.bundle);
    }
}

/// A server that answers each request with itself.
async fn echo(acceptor: TlsAcceptor) -> u16 {
    server(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            let Ok(mut stream) = acceptor.accept(stream).await else { return };
            let mut request = vec![0; 4096];
            let length = stream.read(&mut request).await.expect("a request");
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n");
            stream.write_all(&[head.as_bytes(), &request[..length]].concat()).await.expect("an open connection");
            let _ = stream.shutdown().await;
        }
    })
    .await
}

#[tokio::test]
async fn an_https_endpoint_is_called_over_tls() {
    let authority = Authority::new("https");
    let port = echo(authority.acceptor("localhost", 2999)).await;
    let request = get(&authority.client(), &format!("https://localhost:{port}/base")).await.expect("an answer");
    assert!(request.starts_with("GET /base/a?b=c HTTP/1.1\r\n"), "{request}");
    assert!(request.contains(&format!("\r\nhost: localhost:{port}\r\n")), "{request}");
}

#[tokio::test]
async fn what_is_wrong_with_a_server_is_told_in_the_words_of_the_sdk() {
    let authority = Authority::new("known");
    let stranger = Authority::new("unknown");
    for (acceptor, expected) in [
        (
            stranger.acceptor("localhost", 2999),
            "PKIX path building failed: sun.security.provider.certpath.SunCertPathBuilderException: unable to find \
             valid certification path to requested target",
        ),
        (
            authority.acceptor("elsewhere.example", 2999),
            "Certificate for <localhost> doesn't match any of the subject alternative names: [elsewhere.example]",
        ),
        (
            authority.acceptor("localhost", 2020),
            "PKIX path validation failed: java.security.cert.CertPathValidatorException: validity check failed",
        ),
    ] {
        let port = echo(acceptor).await;
        let problem = get(&authority.client(), &format!("https://localhost:{port}")).await.expect_err("no answer");
        assert_eq!(problem.to_string(), expected);
    }
}

#[tokio::test]
async fn a_server_may_not_speak_tls_at_all() {
    let authority = Authority::new("plain");
    let plain = server(|mut stream| async move {
        let _ = stream.read(&mut [0; 1024]).await;
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    });
    let silent = server(|mut stream| async move {
        let _ = stream.read(&mut [0; 1024]).await;
    });
    let alerting = server(|mut stream| async move {
        let _ = stream.read(&mut [0; 1024]).await;
        // A fatal alert: handshake_failure.
        let _ = stream.write_all(&[21, 3, 3, 0, 2, 2, 40]).await;
    });
    for (port, expected) in [
        (plain.await, "Unsupported or unrecognized SSL message"),
        (silent.await, "Remote host terminated the handshake"),
        (alerting.await, "Received fatal alert: handshake_failure"),
    ] {
        let problem = get(&authority.client(), &format!("https://localhost:{port}")).await.expect_err("no answer");
        assert_eq!(problem.to_string(), expected);
    }
}

#[tokio::test]
async fn the_roots_are_read_when_they_are_needed() {
    let nowhere = Config { ca_bundle: Some("/nowhere/ca.pem".into()), ..Config::default() };
    let client = Client::new(&nowhere);
    let plain = server(|mut stream| async move {
        let _ = stream.read(&mut [0; 1024]).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    });
    let port = plain.await;
    assert_eq!(get(&client, &format!("http://localhost:{port}")).await, Ok(String::new()));
    let problem = get(&client, &format!("https://localhost:{port}")).await.expect_err("no answer");
    assert!(problem.to_string().starts_with("AWS_CA_BUNDLE can't be read: "), "{problem}");
}

#[test]
fn a_bundle_is_a_file_of_certificates() {
    let authority = Authority::new("bundle");
    assert_eq!(check_bundle(&authority.bundle), Ok(()));
    for text in ["", "no certificate", "-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n"] {
        std::fs::write(&authority.bundle, text).expect("a file");
        assert_eq!(check_bundle(&authority.bundle), Err("has no certificate in PEM".to_owned()), "{text}");
    }
}
