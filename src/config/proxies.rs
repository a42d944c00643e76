//! The HTTP proxies that other services are reached through.

/// What the environment says of proxies, as it says it; nothing that is here is used for hosts of this machine.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Proxies {
    /// That for `http://` URLs: `HTTP_PROXY`.
    pub http: String,
    /// That for `https://` URLs: `HTTPS_PROXY`.
    pub https: String,
    /// Names and addresses that are reached without one: `NO_PROXY`.
    pub no: String,
}

/// Shows whether there are any, not their passwords.
impl std::fmt::Debug for Proxies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (http, https) = (!self.http.is_empty(), !self.https.is_empty());
        f.debug_struct("Proxies").field("http", &http).field("https", &https).field("no", &self.no).finish()
    }
}
