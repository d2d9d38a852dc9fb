//! One client for all requests, or a new one for each: the connections that the server counts.

use common::transport::Deadline;

use crate::EXPERIMENT_TIMEOUT;
use crate::client::ApiClient;
use crate::server::{ApiServer, Counts};

/// What two servers counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Observed {
    /// For one client that sent all the requests.
    pub one_client: Counts,
    /// For a new client each time.
    pub one_each: Counts,
}

/// Sends this many requests in both ways, one after the other.
///
/// # Errors
/// If an answer does not come.
pub fn clients(requests: u32) -> anyhow::Result<Observed> {
    let tries = Deadline::after(EXPERIMENT_TIMEOUT);
    let one_client = loop {
        let counts = with_one_client(requests)?;
        if counts.connections == 1 || tries.remaining().is_none() {
            break counts;
        }
    };
    let server = ApiServer::on_loopback()?;
    for _ in 0..requests {
        ApiClient::new(&server.url(), EXPERIMENT_TIMEOUT)?.user("octocat")?;
    }
    let one_each = server.counts();
    Ok(Observed { one_client, one_each })
}

/// The library takes a connection back in a thread of its own. Where that thread is delayed until
/// the next request comes, it opens another one.
fn with_one_client(requests: u32) -> anyhow::Result<Counts> {
    let server = ApiServer::on_loopback()?;
    let client = ApiClient::new(&server.url(), EXPERIMENT_TIMEOUT)?;
    for _ in 0..requests {
        client.user("octocat")?;
    }
    Ok(server.counts())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_keeps_its_connection() {
        let saw = clients(5).unwrap();
        assert_eq!(saw.one_client, Counts { connections: 1, requests: 5 });
        assert_eq!(saw.one_each, Counts { connections: 5, requests: 5 });
    }
}
