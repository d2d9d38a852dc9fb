//! The log of a node: what a crash, a failing disk, another owner and a flipped bit do to it.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

mod crashes;
mod damage;
mod failures;
mod folder;
#[path = "../forgetful/mod.rs"]
mod forgetful;
mod life;

use worlds::host::log::Identity;

fn me() -> Identity {
    Identity {
        cluster: "counter".to_owned(),
        node: 0,
        nodes: 3,
    }
}

/// An error and all that caused it, in one line.
fn in_full(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}
