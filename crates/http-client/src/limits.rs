//! Answers that are larger than anything the client wants.

use crate::client::{ApiClient, ApiError};
use crate::server::ApiServer;
use crate::{EXPERIMENT_TIMEOUT, refused};

/// What the client did about two of them.
#[derive(Debug)]
pub struct Observed {
    /// One whose length is announced.
    pub announced: ApiError,
    /// One that announces no length, and never ends.
    pub endless: ApiError,
}

/// Requests 64 MiB, and a body that never ends.
///
/// # Errors
/// If the server cannot be started, or an answer is accepted.
pub fn too_large() -> anyhow::Result<Observed> {
    let server = ApiServer::on_loopback()?;
    let client = ApiClient::new(&server.url(), EXPERIMENT_TIMEOUT)?;
    Ok(Observed {
        announced: refused(client.get::<serde_json::Value>("/huge"))?,
        endless: refused(client.get::<serde_json::Value>("/endless"))?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_client_stops_by_itself() {
        let limit = ApiClient::MAX_BODY;
        let saw = too_large().unwrap();
        let taken = [saw.announced, saw.endless].map(|error| match error {
            ApiError::TooLarge { taken, .. } => taken,
            other => panic!("{other:?}"),
        });
        assert_eq!(taken, [0, limit + 1]);
    }
}
