//! The wait that an HTTP server asks for.

use std::time::Duration;

/// Reads the value of a `Retry-After` header (RFC 9110, section 10.2.3) in its usual form, a number
/// of seconds.
///
/// A number that no `u64` holds counts as the largest that does, as RFC 9111, section 1.2.2, has
/// it.
///
/// ```
/// use common::retry::{RetryAfterError, retry_after};
/// use std::time::Duration;
///
/// assert_eq!(retry_after("120"), Ok(Duration::from_secs(120)));
/// assert_eq!(retry_after("Fri, 31 Dec 1999 23:59:59 GMT"), Err(RetryAfterError::Date));
/// assert_eq!(retry_after("-1"), Err(RetryAfterError::NotSeconds));
/// ```
///
/// # Errors
/// If the value is a date, or nothing that the header allows.
pub fn retry_after(value: &str) -> Result<Duration, RetryAfterError> {
    let value = value.trim_matches([' ', '\t']);
    if value.ends_with("GMT") {
        return Err(RetryAfterError::Date);
    }
    if value.is_empty() || !value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(RetryAfterError::NotSeconds);
    }
    // Digits alone fail for one reason: there are too many.
    Ok(Duration::from_secs(value.parse().unwrap_or(u64::MAX)))
}

/// Why a `Retry-After` gives no wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RetryAfterError {
    /// It names a moment. How far off that is depends on two wall clocks that may disagree.
    #[error("Retry-After is a date, and only a number of seconds is understood here")]
    Date,
    /// It is neither a number of seconds nor a date.
    #[error("Retry-After is not a number of seconds")]
    NotSeconds,
}
