//! The default timeouts of systems and libraries. The lesson's page names the sources.

use std::time::Duration;

/// A default, and what it bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preset {
    /// The system or the program that has it.
    pub of: &'static str,
    /// How long it waits; `None`: it never times out.
    pub wait: Option<Duration>,
    /// What the wait covers.
    pub bounds: &'static str,
}

/// Defaults of systems, clients and a proxy.
pub fn defaults() -> [Preset; 8] {
    let row = |of, wait, bounds| Preset { of, wait, bounds };
    let seconds = |seconds| Some(Duration::from_secs(seconds));
    [
        row("Linux", Some(linux_connect()), "a connect (127 s before Linux 6.5)"),
        row("Linux", Some(linux_unacknowledged()), "sent bytes, unacknowledged"),
        row("any system", None, "a read"),
        row("curl", seconds(300), "a connect; the rest has none"),
        row("nginx, to a server behind it", seconds(60), "each read"),
        row("reqwest, blocking", seconds(30), "the head; then the body, anew"),
        row("Python's requests", None, "if one is given: each read"),
        row("gRPC", None, "a call"),
    ]
}

/// How long Linux tries to connect: six retries (`tcp_syn_retries`), waiting 1 s (RFC 6298, section
/// 2.1) and twice as long each time, after four times at the first wait (`tcp_syn_linear_timeouts`,
/// since Linux 6.5).
pub fn linux_connect() -> Duration {
    let first = Duration::from_secs(1);
    4 * first + doubling(first, Duration::MAX, 7)
}

/// How long Linux retransmits unacknowledged bytes, at least: 15 times (`tcp_retries2`), from
/// 200 ms up to 120 s, and a last wait.
pub fn linux_unacknowledged() -> Duration {
    doubling(Duration::from_millis(200), Duration::from_secs(120), 16)
}

fn doubling(first: Duration, cap: Duration, waits: u32) -> Duration {
    (0..waits).map(|wait| (first * 2_u32.pow(wait)).min(cap)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The kernel's own documentation has these numbers (networking/ip-sysctl).
    #[test]
    fn the_sums_are_those_of_the_kernels_documentation() {
        assert_eq!(linux_connect(), Duration::from_secs(131));
        assert_eq!(linux_unacknowledged(), Duration::from_millis(924_600));
    }
}
