//! The keys that requests to other services are signed with.

/// Keys for requests to other services.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Credentials {
    /// Who signs; the account of the execution where it isn't given.
    pub access_key_id: Option<String>,
    /// What is signed with.
    pub secret_access_key: Option<String>,
    /// What temporary credentials carry besides.
    pub session_token: Option<String>,
}

/// Shows whose keys they are, never the secret.
impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials").field("access_key_id", &self.access_key_id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_shown() {
        let credentials = Credentials { secret_access_key: Some("geheim".into()), ..Credentials::default() };
        assert!(!format!("{credentials:?}").contains("geheim"));
    }
}
