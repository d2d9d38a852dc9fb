//! Exercise: how far is a server's clock from the client's, and how sure is that?
//!
//! The client sends a request, and the server answers it. Each of them notes what its own clock
//! shows, in nanoseconds since 1970; before 1970 they are negative:
//!
//! | the stamp | on the clock of | when |
//! |---|---|---|
//! | `t1` | the client | it sends the request |
//! | `t2` | the server | it receives the request |
//! | `t3` | the server | it sends the reply |
//! | `t4` | the client | it receives the reply |
//!
//! The offset is what has to be added to the client's clock to get the server's. The stamps do not
//! say how long the request took, nor how long the reply took. Each took 0 ns or more, so the
//! stamps allow all offsets in a range: from the one where the reply took no time to the one where
//! the request took no time.
//!
//! `sample` returns a `Sample`:
//!
//! | the field | what it is |
//! |---|---|
//! | `offset: i64` | the middle of that range; halfway between two numbers, the one nearer to 0 |
//! | `bound: u64` | the least for which offset - bound to offset + bound covers the whole range |
//!
//! An example: `sample(100, 104, 107, 109)`. Of 9 ns the server took 3, so the request and the
//! reply took 6 ns together. The server is 4 ns ahead if the request took none of them, and 2 ns
//! behind if the reply took none. So the offset is 1, and the bound is 3.
//!
//! Or `sample` returns a `BadSample`. The first line that fits decides:
//!
//! | the error | when |
//! |---|---|
//! | `ClockSetBack` | `t4` is less than `t1`, or `t3` is less than `t2` |
//! | `NegativeDelay` | no offset is allowed: the server took longer than the whole exchange |
//! | `OffsetTooLarge` | the offset does not fit into an `i64` |
//!
//! Each stamp may be any `i64`: the server, which sends two of them, may be wrong or hostile.
//!
//! `best` gets what `sample` returned for some exchanges with one server, in their order, and
//! returns the sample with the smallest bound: of several, the first. It skips those that were
//! refused. Where nothing is left, it returns `None`. Any offset may come with any bound.
//!
//! The judge tries `sample`, the smallest numbers first, and then `best`. You can write and check
//! `sample` alone at first.
//!
//! To check it: `cargo run -- check wall-clocks`

use checks::wall_clocks::{BadSample, Sample};

/// The offset that four stamps allow, and how far from it the true one may be.
pub fn sample(t1: i64, t2: i64, t3: i64, t4: i64) -> Result<Sample, BadSample> {
    checks::unsolved!("the offset and its bound", t1, t2, t3, t4)
}

/// The sample to trust.
pub fn best(samples: &[Result<Sample, BadSample>]) -> Option<Sample> {
    checks::unsolved!("the sample to trust", samples)
}
