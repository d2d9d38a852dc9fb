//! Bodies that no client would wish for: endless, huge, or a byte at a time.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::body::{Body, Bytes, Frame, SizeHint};
use tokio::time::Interval;

/// The same piece again and again, made while it is sent: nothing of it is kept.
pub(super) struct Pieces {
    piece: Bytes,
    /// `None`: it never ends.
    left: Option<u64>,
    /// The time between two pieces, if they are not to follow at once.
    pace: Option<Interval>,
}

impl Pieces {
    /// White space without an end, which may stand in front of any JSON value.
    pub(super) fn endless() -> Pieces {
        Pieces { piece: Bytes::from_static(&[b' '; 4096]), left: None, pace: None }
    }

    /// At least `bytes` of white space; the length is known, so it is announced as
    /// `Content-Length`.
    pub(super) fn huge(bytes: u64) -> Pieces {
        let endless = Pieces::endless();
        Pieces { left: Some(bytes.div_ceil(endless.piece.len() as u64)), ..endless }
    }

    /// A digit every `pace`, that many of them: together a JSON number.
    pub(super) fn drip(digits: u64, pace: Duration) -> Pieces {
        Pieces {
            piece: Bytes::from_static(b"1"),
            left: Some(digits),
            pace: Some(tokio::time::interval(pace)),
        }
    }
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.left == Some(0) {
            return Poll::Ready(None);
        }
        if let Some(pace) = &mut self.pace {
            ready!(pace.poll_tick(context));
        }
        if let Some(left) = &mut self.left {
            *left -= 1;
        }
        Poll::Ready(Some(Ok(Frame::data(self.piece.clone()))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == Some(0)
    }

    fn size_hint(&self) -> SizeHint {
        match self.left {
            Some(left) => SizeHint::with_exact(left * self.piece.len() as u64),
            None => SizeHint::default(),
        }
    }
}
