//! Connections: plain ones, those over TLS, and those through a proxy.

use super::Problem;
use super::tls::{Roots, Tls};
use crate::config::{Config, Proxies};
use hyper::Uri;
use hyper::http::Extensions;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use hyper_util::rt::TokioIo;
use std::error::Error;
use std::future::Future;
use std::io::{self, IoSlice};
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tower_service::Service;

/// How long a connection may take to come about: the default of AWS's SDK for Java.
const CONNECT: Duration = Duration::from_secs(10);

/// Connects to the host of a URL, in the way that its scheme asks for, through a proxy if there is one for it.
#[derive(Clone, Debug)]
pub(super) struct Connector {
    tcp: HttpConnector,
    tls: Arc<Tls>,
    proxies: Option<Arc<Matcher>>,
}

impl Connector {
    pub fn new(config: &Config) -> Self {
        Self::within(config, CONNECT)
    }

    /// The same with so much time for a connection to come about.
    pub fn within(config: &Config, time: Duration) -> Self {
        let mut tcp = HttpConnector::new();
        tcp.set_connect_timeout(Some(time));
        tcp.set_nodelay(true);
        tcp.enforce_http(false);
        let Proxies { http, https, no } = &config.proxies;
        let matcher = || Matcher::builder().http(http.as_str()).https(https.as_str()).no(no.as_str()).build();
        let proxies = (!http.is_empty() || !https.is_empty()).then(|| Arc::new(matcher()));
        let roots = config.ca_bundle.clone().map_or(Roots::System, Roots::Bundle);
        Self { tcp, tls: Arc::new(Tls::new(roots)), proxies }
    }

    /// The same, trusting certificates of these authorities alone, in PEM.
    pub fn trusting(&self, authorities: Vec<u8>) -> Self {
        Self { tls: Arc::new(Tls::new(Roots::Given(authorities))), ..self.clone() }
    }

    /// The proxy for a URL; none for this machine and what is linked to it, whatever the environment says.
    pub fn proxy(&self, uri: &Uri) -> Option<Intercept> {
        let host = uri.host()?;
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let near = match bare.parse::<IpAddr>() {
            Ok(IpAddr::V4(address)) => address.is_loopback() || address.is_link_local() || address.is_unspecified(),
            Ok(IpAddr::V6(address)) => address.is_loopback() || address.is_unspecified(),
            Err(_) => bare == "localhost" || bare.ends_with(".localhost"),
        };
        if near { None } else { self.proxies.as_ref()?.intercept(uri) }
    }
}

impl Service<Uri> for Connector {
    type Response = Stream;
    type Error = Box<dyn Error + Send + Sync>;
    type Future = Pin<Box<dyn Future<Output = Result<Stream, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.tcp.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let proxy = self.proxy(&uri);
        let (mut tcp, tls) = (self.tcp.clone(), self.tls.clone());
        Box::pin(async move {
            let is_https = uri.scheme_str() == Some("https");
            let stream = match &proxy {
                None => tcp.call(uri.clone()).await?,
                Some(proxy) if proxy.uri().scheme_str() != Some("http") => {
                    return Err(Problem::Other("only proxies with http:// URLs are known".to_owned()).into());
                }
                Some(proxy) if is_https => {
                    let tunnel = Tunnel::new(proxy.uri().clone(), tcp);
                    let mut tunnel = match proxy.basic_auth() {
                        Some(authorization) => tunnel.with_auth(authorization.clone()),
                        None => tunnel,
                    };
                    tunnel.call(uri.clone()).await.map_err(|error| not_tunnelled(&error, proxy))?
                }
                Some(proxy) => {
                    tcp.call(proxy.uri().clone()).await.map_err(|error| Problem::at(&error, &authority(proxy)))?
                }
            };
            if !is_https {
                return Ok(Stream { io: Box::new(stream), is_proxied: proxy.is_some() });
            }
            let host = uri.host().ok_or_else(|| Problem::Other("the URL has no host".to_owned()))?;
            let stream = tls.secure(host, stream.into_inner()).await?;
            Ok(Stream { io: Box::new(TokioIo::new(stream)), is_proxied: false })
        })
    }
}

fn authority(proxy: &Intercept) -> String {
    format!("{}:{}", proxy.uri().host().unwrap_or_default(), proxy.uri().port_u16().unwrap_or(80))
}

/// The library has no public type for this error: what happened below is its source, and 407 is told by its text.
fn not_tunnelled(error: &(dyn Error + 'static), proxy: &Intercept) -> Problem {
    match (error.source(), error.to_string()) {
        (Some(below), _) => Problem::at(below, &authority(proxy)),
        (None, text) if text.contains("authorization required") => {
            Problem::RefusedByProxy { answer: "HTTP/1.1 407 Proxy Authentication Required".to_owned() }
        }
        (None, text) => Problem::RefusedByProxy { answer: text },
    }
}

/// Whether an answer has come over a connection.
#[derive(Clone, Debug, Default)]
pub(super) struct Answered(Arc<AtomicBool>);

impl Answered {
    /// One has come.
    pub fn once(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether one had come over this connection.
    pub fn before(connection: &Connected) -> bool {
        let mut extras = Extensions::new();
        connection.get_extras(&mut extras);
        extras.get::<Answered>().is_some_and(|answered| answered.0.load(Ordering::Relaxed))
    }
}

/// A connection, whatever it is made of.
pub(super) struct Stream {
    io: Box<dyn Io>,
    /// Whether the other side is a proxy that wants to be told whole URLs.
    is_proxied: bool,
}

trait Io: Read + Write + Send + Unpin {}

impl<T: Read + Write + Send + Unpin> Io for T {}

impl Connection for Stream {
    fn connected(&self) -> Connected {
        Connected::new().proxy(self.is_proxied).extra(Answered::default())
    }
}

impl Read for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(context, buffer)
    }
}

impl Write for Stream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(context, parts)
    }
}
