//! The log of a node: what a crash, a failing disk, another owner and a flipped bit do to it.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

mod crashes;
mod damage;
mod failures;
mod folder;
mod forgetful;
mod life;

use runtime::log::Identity;

fn me() -> Identity {
    Identity { cluster: "counter".to_owned(), node: 0, nodes: 3 }
}
