//! Bodies that no client wants: endless, huge, or a byte at a time.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::body::{Body, Bytes, Frame, SizeHint};
use tokio::time::Interval;

/// The same piece again and again, made while it is sent: nothing of it is kept.
pub(super) struct Pieces {
    piece: Bytes,
    /// The remaining pieces; `None`: it never ends.
    remaining: Option<u64>,
    /// The time between two pieces, if there is one.
    pace: Option<Interval>,
}

impl Pieces {
    /// White space without an end, which may stand in front of any JSON value.
    pub(super) fn endless() -> Pieces {
        Pieces { piece: Bytes::from_static(&[b' '; 4096]), remaining: None, pace: None }
    }

    /// At least `bytes` of white space; the length is known, so it is announced as
    /// `Content-Length`.
    pub(super) fn huge(bytes: u64) -> Pieces {
        let endless = Pieces::endless();
        Pieces { remaining: Some(bytes.div_ceil(endless.piece.len() as u64)), ..endless }
    }

    /// A digit every `pace`, `digits` of them: together a JSON number.
    pub(super) fn drip(digits: u64, pace: Duration) -> Pieces {
        Pieces {
            piece: Bytes::from_static(b"1"),
            remaining: Some(digits),
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
        if self.remaining == Some(0) {
            return Poll::Ready(None);
        }
        if let Some(pace) = &mut self.pace {
            ready!(pace.poll_tick(context));
        }
        if let Some(remaining) = &mut self.remaining {
            *remaining -= 1;
        }
        Poll::Ready(Some(Ok(Frame::data(self.piece.clone()))))
    }

    fn is_end_stream(&self) -> bool {
        self.remaining == Some(0)
    }

    fn size_hint(&self) -> SizeHint {
        match self.remaining {
            Some(pieces) => SizeHint::with_exact(pieces * self.piece.len() as u64),
            None => SizeHint::default(),
        }
    }
}
