//! When a request may be sent again.

use std::time::Duration;

/// What came back from an attempt that failed.
///
/// Whether the request may be sent again depends on whether it may have been executed already, and
/// then on whether it may be executed twice: it is idempotent, or it has an idempotency key.
///
/// | what came back | sent again |
/// |---|---|
/// | no connection (refused, or timed out while connecting) | yes: it was not executed |
/// | 429 | yes: by convention it was not executed |
/// | 502, 503, 504; a timeout, a reset or a close after connecting | if it may be executed twice |
/// | all else | no |
///
/// RFC 9110, section 9.2.2, has this rule. RFC 6585, section 4, has status 429; that such a request
/// was not executed is a convention, which it does not promise.
///
/// ```
/// use common::retry::Failure;
///
/// let busy = Failure::Status { code: 429, retry_after: None };
/// let gateway_timeout = Failure::Status { code: 504, retry_after: None };
/// let is_post_retried = [Failure::NoConnection, busy, gateway_timeout, Failure::NoAnswer]
///     .map(|failure| failure.may_retry(false));
/// assert_eq!(is_post_retried, [true, true, false, false]);
/// assert!(gateway_timeout.may_retry(true));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// No connection: refused, or timed out while connecting.
    NoConnection,
    /// A timeout, a reset or a close after connecting.
    NoAnswer,
    /// An answer that reports a failure.
    Status {
        /// The HTTP status, or the one that says the same where the protocol is another.
        code: u16,
        /// The least wait that the server asks for before another attempt.
        retry_after: Option<Duration>,
    },
    /// Anything else, such as an answer that the client does not understand.
    Other,
}

impl Failure {
    /// Whether the request may be sent again. `idempotent`: executing it twice leaves what
    /// executing it once leaves, or it has an idempotency key.
    pub fn may_retry(self, idempotent: bool) -> bool {
        match self {
            Failure::NoConnection | Failure::Status { code: 429, .. } => true,
            Failure::NoAnswer | Failure::Status { code: 502..=504, .. } => idempotent,
            Failure::Status { .. } | Failure::Other => false,
        }
    }
}
