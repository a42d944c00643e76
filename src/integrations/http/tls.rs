//! TLS: whom a client trusts, and what is said of a handshake that fails.
//!
//! Roots are read when the first connection needs them: those of `AWS_CA_BUNDLE` alone if it is set, else the system's
//! (on Linux also those that `SSL_CERT_FILE` and `SSL_CERT_DIR` name), else, in a container without any, Mozilla's, which
//! the program carries.

use super::Problem;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{AlertDescription, CertificateError, ClientConfig, RootCertStore};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::OnceCell;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// How long a handshake may take. The SDK for Java gives it the time that it gives to a connection.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// The end of a sentence that begins with the name of a file.
const NO_CERTIFICATE: &str = "has no certificate in PEM";

/// Whose certificates are trusted.
#[derive(Clone, Debug)]
pub(super) enum Roots {
    /// Those of the system.
    System,
    /// Those of a file, in PEM.
    Bundle(PathBuf),
    /// These, in PEM.
    Given(Vec<u8>),
}

/// The client's side of TLS.
#[derive(Debug)]
pub(super) struct Tls {
    roots: Roots,
    config: OnceCell<Arc<ClientConfig>>,
}

impl Tls {
    /// Trusts these.
    pub fn new(roots: Roots) -> Self {
        Self { roots, config: OnceCell::new() }
    }

    /// Secures a connection to the host with this name or address.
    pub async fn secure<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        host: &str,
        stream: S,
    ) -> Result<TlsStream<S>, Problem> {
        let name = ServerName::try_from(host.trim_start_matches('[').trim_end_matches(']').to_owned())
            .map_err(|problem| Problem::Other(problem.to_string()))?;
        let config = self.config.get_or_try_init(|| client_config(self.roots.clone())).await?;
        let handshake = TlsConnector::from(config.clone()).connect(name, stream);
        match tokio::time::timeout(HANDSHAKE, handshake).await {
            Ok(Ok(stream)) => Ok(stream),
            Ok(Err(error)) => Err(handshake_problem(&error, host)),
            Err(_) => Err(Problem::Late),
        }
    }
}

async fn client_config(roots: Roots) -> Result<Arc<ClientConfig>, Problem> {
    let roots = tokio::task::spawn_blocking(|| match roots {
        Roots::System => Ok(system_roots()),
        Roots::Bundle(bundle) => read_bundle(&bundle).map_err(|problem| format!("AWS_CA_BUNDLE {problem}")),
        Roots::Given(certificates) => {
            certificates_of(&certificates).map_err(|problem| format!("the certificate authority {problem}"))
        }
    });
    let roots = roots.await.map_err(|problem| Problem::Other(problem.to_string()))?.map_err(Problem::Other)?;
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|problem| Problem::Other(problem.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

fn system_roots() -> RootCertStore {
    let found = rustls_native_certs::load_native_certs();
    for problem in &found.errors {
        tracing::debug!(%problem, "a certificate of the system can't be used");
    }
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        tracing::debug!("the system has no root certificates; Mozilla's are used");
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    roots
}

/// Whether the file holds certificates; an error is the end of a sentence that begins with its name. Each is only known to
/// be written as one: what is in it is read when the first connection is secured.
pub fn check_bundle(path: &Path) -> Result<(), String> {
    match pem_of(&bytes_of(path)?).try_fold(0, |count: usize, certificate| certificate.map(|_| count + 1))? {
        0 => Err(NO_CERTIFICATE.to_owned()),
        _ => Ok(()),
    }
}

fn read_bundle(path: &Path) -> Result<RootCertStore, String> {
    certificates_of(&bytes_of(path)?)
}

fn certificates_of(bytes: &[u8]) -> Result<RootCertStore, String> {
    let certificates = pem_of(bytes).collect::<Result<Vec<_>, _>>()?;
    let mut roots = RootCertStore::empty();
    match roots.add_parsable_certificates(certificates) {
        (0, _) => Err(NO_CERTIFICATE.to_owned()),
        _ => Ok(roots),
    }
}

fn bytes_of(path: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(path).map_err(|problem| format!("can't be read: {problem}"))
}

fn pem_of(bytes: &[u8]) -> impl Iterator<Item = Result<CertificateDer<'static>, String>> {
    CertificateDer::pem_slice_iter(bytes)
        .map(|certificate| certificate.map_err(|problem| format!("is no file of certificates in PEM: {problem}")))
}

fn handshake_problem(error: &io::Error, host: &str) -> Problem {
    use rustls::Error::{AlertReceived, InvalidCertificate, InvalidMessage};
    match error.get_ref().and_then(|error| error.downcast_ref::<rustls::Error>()) {
        Some(InvalidCertificate(problem)) => match problem {
            CertificateError::NotValidForNameContext { presented, .. } => {
                let names = presented.iter().map(|name| bare_name(name).to_owned()).collect();
                Problem::WrongName { host: host.to_owned(), names }
            }
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. } => Problem::OutOfDate,
            _ => Problem::Untrusted,
        },
        Some(AlertReceived(alert)) => Problem::Alert { alert: name_of(*alert) },
        Some(InvalidMessage(_)) => Problem::NotTls,
        Some(other) => Problem::Other(other.to_string()),
        None => match error.kind() {
            io::ErrorKind::UnexpectedEof => Problem::HandshakeEnded,
            io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionAborted => {
                Problem::Reset
            }
            _ => Problem::Other(error.to_string()),
        },
    }
}

/// `localhost` out of `DnsName("localhost")`, which is how rustls shows a certificate's names.
fn bare_name(shown: &str) -> &str {
    let inside = shown.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')')).unwrap_or(shown);
    inside.trim_matches('"')
}

/// `handshake_failure`, as TLS's standard writes it.
fn name_of(alert: AlertDescription) -> String {
    let mut name = String::new();
    for c in format!("{alert:?}").chars() {
        if c.is_ascii_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(c.to_ascii_lowercase());
    }
    name
}
