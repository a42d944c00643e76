//! The body of an answer, which knows when it leaves.

use crate::engine::Offer;
use crate::operations::Reply;
use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

/// A whole answer. The task in it is accepted when the connection takes the bytes; if it never does, because the
/// client is gone, the task is dropped with the body and goes to another worker.
pub struct ReplyBody {
    bytes: Option<Bytes>,
    offer: Option<Offer>,
}

impl From<Reply> for ReplyBody {
    fn from(reply: Reply) -> Self {
        Self { bytes: Some(reply.body.into()), offer: reply.offer }
    }
}

impl Body for ReplyBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let bytes = self.bytes.take();
        if bytes.is_some()
            && let Some(mut offer) = self.offer.take()
        {
            offer.accept();
        }
        Poll::Ready(bytes.map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
    }
}
