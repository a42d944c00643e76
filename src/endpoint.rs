//! The address of a service: a URL, taken apart and checked. It knows no services.

use crate::partition::is_at_aws;
use smol_str::SmolStr;
use std::net::IpAddr;

/// The address of another service: an `http://` or `https://` URL without query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    scheme: Scheme,
    host: String,
    port: u16,
    path: String,
    /// The region and the service's name in signatures, where the caller doesn't say them.
    signing: Option<(SmolStr, &'static str)>,
}

/// How an endpoint is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// as it is
    Http,
    /// over TLS
    Https,
}

impl Scheme {
    /// As it stands in a URL.
    pub fn as_str(self) -> &'static str {
        match self {
            Scheme::Http => "http",
            Scheme::Https => "https",
        }
    }

    /// The port of URLs that name none.
    pub fn port(self) -> u16 {
        match self {
            Scheme::Http => 80,
            Scheme::Https => 443,
        }
    }
}

/// Why a text is not an [`Endpoint`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum EndpointProblem {
    #[error("is not a URL that begins with http:// or https://")]
    NotHttp,
    #[error("has no host")]
    NoHost,
    #[error("has a port that is not a number between 1 and 65535")]
    Port,
    #[error("has a user, query or fragment, which an endpoint can't have")]
    Extras,
    #[error("has characters that a URL can't have")]
    Characters,
}

impl Endpoint {
    /// Takes a URL without query as an endpoint.
    pub fn parse(url: &str) -> Result<Endpoint, EndpointProblem> {
        let (origin, path) = Endpoint::of_url(url)?;
        if path.contains('?') {
            return Err(EndpointProblem::Extras);
        }
        Ok(Endpoint { path: path.trim_end_matches('/').to_owned(), ..origin })
    }

    /// Takes a URL apart: the server, as an endpoint without a path, and the path with the query.
    pub fn of_url(url: &str) -> Result<(Endpoint, &str), EndpointProblem> {
        let (scheme, rest) = url.split_once("://").ok_or(EndpointProblem::NotHttp)?;
        let scheme = match scheme.to_ascii_lowercase().as_str() {
            "http" => Scheme::Http,
            "https" => Scheme::Https,
            _ => return Err(EndpointProblem::NotHttp),
        };
        let (authority, path) = rest.find(['/', '?', '#']).map_or((rest, ""), |end| rest.split_at(end));
        if authority.contains('@') || path.contains('#') {
            return Err(EndpointProblem::Extras);
        }
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => {
                (host, port.parse().ok().filter(|port| *port != 0).ok_or(EndpointProblem::Port)?)
            }
            _ => (authority, scheme.port()),
        };
        let bracketed = host.starts_with('[') && host.ends_with(']') && host.len() > 2;
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
        if !bracketed && (host.is_empty() || !host.chars().all(plain)) {
            return Err(EndpointProblem::NoHost);
        }
        if !path.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte)) {
            return Err(EndpointProblem::Characters);
        }
        let host = host.to_ascii_lowercase();
        Ok((Endpoint { scheme, host, port, path: String::new(), signing: None }, path))
    }

    /// A host of AWS, with what stands before its name.
    pub fn at_aws(prefix: &str, host: &str, region: SmolStr, name: &'static str) -> Result<Endpoint, EndpointProblem> {
        let endpoint = Endpoint::parse(&format!("https://{prefix}{host}"))?;
        // What stands before the name must not lead elsewhere.
        if endpoint.path.is_empty() && endpoint.port == 443 && endpoint.is_at_aws() {
            Ok(Endpoint { signing: Some((region, name)), ..endpoint })
        } else {
            Err(EndpointProblem::NoHost)
        }
    }

    /// Whether it is at AWS itself.
    pub fn is_at_aws(&self) -> bool {
        is_at_aws(self.host.trim_end_matches('.'))
    }

    /// The region and the service's name in signatures, where they aren't those of the caller.
    pub fn signing(&self) -> Option<(&str, &'static str)> {
        self.signing.as_ref().map(|(region, name)| (region.as_str(), *name))
    }

    /// How it is spoken to.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The host's name or address, an IPv6 address in brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, that of the scheme where the URL has none.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What stands before every path, without a slash at its end; mostly nothing.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// `host:port`, without the port where it is that of the scheme, as in the Host header.
    pub fn authority(&self) -> String {
        if self.port == self.scheme.port() { self.host.clone() } else { format!("{}:{}", self.host, self.port) }
    }

    /// Whether both have the same scheme, host and port, whatever their paths. A dot at the end of a name changes nothing.
    pub fn is_same_server(&self, other: &Endpoint) -> bool {
        fn identity(endpoint: &Endpoint) -> (Scheme, &str, u16) {
            (endpoint.scheme, endpoint.host.trim_end_matches('.'), endpoint.port)
        }
        identity(self) == identity(other)
    }

    /// Whether a request to it would reach a server that listens at this address and port.
    pub fn leads_to(&self, host: IpAddr, port: u16) -> bool {
        let bare = self.host.trim_start_matches('[').trim_end_matches(']');
        let address: Option<IpAddr> = bare.parse().ok();
        let this_machine = bare == "localhost" || address.is_some_and(|a| a.is_loopback() || a.is_unspecified());
        self.port == port && (address == Some(host) || (this_machine && (host.is_loopback() || host.is_unspecified())))
    }
}

/// The URL, without a slash at its end.
impl std::fmt::Display for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}://{}{}", self.scheme.as_str(), self.authority(), self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_a_url_of_http_or_https() {
        for (url, expected) in [
            ("http://127.0.0.1:4566", "http://127.0.0.1:4566"),
            ("http://localhost", "http://localhost"),
            ("HTTP://LocalStack:80/", "http://localstack"),
            ("http://[::1]:3001/lambda/", "http://[::1]:3001/lambda"),
            ("http://host.docker.internal:3001", "http://host.docker.internal:3001"),
            ("https://lambda.us-east-1.amazonaws.com", "https://lambda.us-east-1.amazonaws.com"),
            ("HTTPS://localhost:443/a/", "https://localhost/a"),
            ("https://localhost:80", "https://localhost:80"),
        ] {
            assert_eq!(Endpoint::parse(url).map(|e| e.to_string()).as_deref(), Ok(expected), "{url}");
        }
        for (url, problem) in [
            ("localhost:3001", EndpointProblem::NotHttp),
            ("ftp://localhost", EndpointProblem::NotHttp),
            ("http://", EndpointProblem::NoHost),
            ("http:///path", EndpointProblem::NoHost),
            ("http://:3001", EndpointProblem::NoHost),
            ("http://a b", EndpointProblem::NoHost),
            ("http://localhost:0", EndpointProblem::Port),
            ("http://localhost:70000", EndpointProblem::Port),
            ("http://localhost:", EndpointProblem::Port),
            ("http://user@localhost", EndpointProblem::Extras),
            ("http://localhost/?a=b", EndpointProblem::Extras),
            ("http://localhost?a=b", EndpointProblem::Extras),
            ("http://localhost#a", EndpointProblem::Extras),
            ("http://localhost/a b", EndpointProblem::Characters),
            ("http://localhost/{a}", EndpointProblem::Characters),
        ] {
            assert_eq!(Endpoint::parse(url), Err(problem), "{url}");
        }
    }

    #[test]
    fn a_url_is_a_server_and_what_it_is_asked_for() {
        for (url, server, rest) in [
            ("https://h", "https://h", ""),
            ("HTTPS://H:443/A/b?c=/d?@", "https://h", "/A/b?c=/d?@"),
            ("http://h:81?a", "http://h:81", "?a"),
        ] {
            let found = Endpoint::of_url(url).map(|(server, rest)| (server.to_string(), rest));
            assert_eq!(found, Ok((server.to_owned(), rest)), "{url}");
        }
    }

    #[test]
    fn servers_are_the_same_however_they_are_written() {
        let endpoint = |url: &str| Endpoint::parse(url).expect("a URL");
        for (other, expected) in [
            ("https://h/other", true),
            ("HTTPS://H.:443", true),
            ("https://h:8443", false),
            ("http://h:443", false),
            ("https://hh", false),
        ] {
            assert_eq!(endpoint("https://h/a").is_same_server(&endpoint(other)), expected, "{other}");
        }
    }

    #[test]
    fn an_endpoint_may_lead_back_to_the_server_itself() {
        let [loopback, any, other] = ["127.0.0.1", "0.0.0.0", "192.168.1.5"].map(|ip| ip.parse().expect("an address"));
        for (url, host, expected) in [
            ("http://localhost:8083", loopback, true),
            ("http://127.0.0.1:8083", any, true),
            ("http://[::1]:8083", any, true),
            ("http://192.168.1.5:8083", other, true),
            ("http://localhost:8083", other, false),
            ("http://localhost:4566", loopback, false),
            ("http://localstack:8083", loopback, false),
        ] {
            assert_eq!(Endpoint::parse(url).expect("a URL").leads_to(host, 8083), expected, "{url} {host}");
        }
    }
}
