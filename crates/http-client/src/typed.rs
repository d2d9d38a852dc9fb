//! JSON into a struct: what is optional, what is required, and what is not JSON at all.

use crate::client::{ApiClient, ApiError, User};
use crate::server::ApiServer;
use crate::{EXPERIMENT_TIMEOUT, refused};

/// What the client made of three answers with status 200.
#[derive(Debug)]
pub struct Observed {
    /// The good one, as JSON,
    pub document: serde_json::Value,
    /// and as a struct.
    pub user: User,
    /// The same user from an older version of the API, which sends the id as text.
    pub wrong_type: ApiError,
    /// A page for people where JSON was expected.
    pub page: ApiError,
}

/// Requests the same user in a good and a bad version, and something that is not a user.
///
/// # Errors
/// If the good answer does not come, or a bad one is accepted.
pub fn into_a_struct() -> anyhow::Result<Observed> {
    let server = ApiServer::on_loopback()?;
    let client = ApiClient::new(&server.url(), EXPERIMENT_TIMEOUT)?;
    Ok(Observed {
        document: client.get("/users/octocat")?,
        user: client.user("octocat")?,
        wrong_type: refused(client.get::<User>("/v0/users/octocat"))?,
        page: refused(client.get::<User>("/page"))?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_and_absent_are_both_none() {
        let user = into_a_struct().unwrap().user;
        assert_eq!((user.login.as_str(), user.id), ("octocat", 583_231));
        assert_eq!(user.name.as_deref(), Some("Octocat"));
        assert_eq!((user.email, user.bio), (None, None));
    }

    #[test]
    fn a_wrong_type_is_named_with_field_and_line() {
        let saw = into_a_struct().unwrap();
        let ApiError::Shape { field, source } = saw.wrong_type else {
            panic!("{:?}", saw.wrong_type);
        };
        assert_eq!((field.as_str(), source.line()), ("id", 3));
        assert!(matches!(saw.page, ApiError::NotJson { .. }), "{:?}", saw.page);
    }
}
