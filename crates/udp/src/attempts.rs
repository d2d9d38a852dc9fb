//! How often a request is sent, and how long each time its reply is waited for.

use std::num::NonZeroU32;
use std::time::Duration;

/// Attempts whose timeouts double, so that a full network is not made fuller (RFC 8085, section
/// 3.1, asks for that, and for one datagram in a round trip at most).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempts {
    /// How often the request is sent at most.
    pub limit: NonZeroU32,
    /// How long the first reply is waited for.
    pub timeout: Duration,
}

impl Attempts {
    /// How long the reply to each attempt is waited for.
    ///
    /// ```
    /// use std::num::NonZeroU32;
    /// use std::time::Duration;
    /// use udp::attempts::Attempts;
    ///
    /// let limit = NonZeroU32::MIN.saturating_add(3);
    /// let attempts = Attempts { limit, timeout: Duration::from_millis(250) };
    /// let millis: Vec<_> = attempts.timeouts().map(|each| each.as_millis()).collect();
    /// assert_eq!(millis, [250, 500, 1000, 2000]);
    /// ```
    pub fn timeouts(self) -> impl Iterator<Item = Duration> {
        let doubled = |timeout: &Duration| Some(timeout.saturating_mul(2));
        let limit = usize::try_from(self.limit.get()).unwrap_or(usize::MAX);
        std::iter::successors(Some(self.timeout), doubled).take(limit)
    }
}
