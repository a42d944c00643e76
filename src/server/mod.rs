//! HTTP: requests to operations, answers to responses. It knows nothing of what operations do.

mod body;
mod connection;
mod honesty;
mod request_id;
mod reset;

use crate::arn::Namespace;
use crate::emulator::Emulator;
use crate::operations::{self, Error, Operation, Reply};
use crate::protocol::{self, Fault, MEDIA_TYPE, TARGET_PREFIX};
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode};
use axum::serve::IncomingStream;
use body::ReplyBody;
use bytes::Bytes;
use connection::{Client, Listener};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use std::any::Any;
use std::convert::Infallible;
use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tower::{Service, service_fn};
use tower_http::catch_panic::CatchPanic;

/// The largest body that is read at all. Those between the service's own limit and this one are read so that what is
/// too long in them can be named.
const BODY_BYTES: usize = 4 * crate::quota::REQUEST_BYTES;

/// How long requests under way have to finish once the server is told to stop. Long polls are answered at once.
const PATIENCE: Duration = Duration::from_millis(500);

const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
const TARGET: HeaderName = HeaderName::from_static("x-amz-target");
const TRACE_HEADER: HeaderName = HeaderName::from_static("x-amzn-trace-id");

/// Serves until `shutdown` is over, and a moment longer for requests under way.
pub async fn serve(
    listener: TcpListener,
    emulator: Arc<Emulator>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    operations::connect(&emulator);
    let (told, stopping) = tokio::sync::oneshot::channel::<()>();
    let engine = emulator.engine.clone();
    let shutdown = async move {
        shutdown.await;
        engine.end_polls();
        drop(told);
    };
    tokio::select! {
        result = axum::serve(Listener(listener), Connections(emulator)).with_graceful_shutdown(shutdown).into_future() => result,
        () = async { let _ = stopping.await; tokio::time::sleep(PATIENCE).await } => Ok(()),
    }
}

/// Gives each connection a service of its own.
struct Connections(Arc<Emulator>);

impl Service<IncomingStream<'_, Listener>> for Connections {
    type Response = Connection;
    type Error = Infallible;
    type Future = Ready<Result<Connection, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, stream: IncomingStream<'_, Listener>) -> Self::Future {
        ready(Ok(Connection { emulator: self.0.clone(), client: Client::of(&stream) }))
    }
}

/// Answers the requests of one client. There is one path that matters, and a router with its layers would cost a request
/// a dozen allocations.
#[derive(Clone)]
struct Connection {
    emulator: Arc<Emulator>,
    client: Client,
}

impl Service<Request> for Connection {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let connection = self.clone();
        Box::pin(async move {
            let handled = service_fn(move |request| {
                let connection = connection.clone();
                async move { Ok(handle(&connection.emulator, connection.client, request).await) }
            });
            let response = CatchPanic::custom(handled, panicked).call(request).await;
            response.map(|response| response.map(Body::new))
        })
    }
}

async fn handle(emulator: &Emulator, client: Client, request: Request) -> Response<ReplyBody> {
    if request.method() == Method::GET && request.uri().path() == "/health" {
        return respond(Ok(Reply { body: "{}".to_owned(), offer: None }), None);
    }
    if request.method() == Method::GET
        && let Some(arn) = honesty::execution(request.uri().path())
    {
        let (status, body) = honesty::report(emulator, &arn);
        return answered(status, Reply { body, offer: None }, None);
    }
    if request.method() == Method::POST && request.uri().path() == reset::PATH {
        let (status, body) = reset::reset(emulator, request.uri().query());
        tracing::debug!(%status, query = request.uri().query(), "a reset");
        return answered(status, Reply { body: body.to_owned(), offer: None }, None);
    }
    let begun = Instant::now();
    let (head, body) = request.into_parts();
    let called = called(&head, &emulator.config.namespace);
    let result = match &called {
        Some((operation, namespace)) => {
            answer(emulator, operation, namespace, body, text(&head.headers, &TRACE_HEADER)).await
        }
        None => Err(Fault::UnknownOperation.into()),
    };
    tracing::debug!(
        operation = called.as_ref().map(|(operation, _)| operation.name),
        account = called.as_ref().map(|(_, namespace)| namespace.account.as_str()),
        region = called.as_ref().map(|(_, namespace)| namespace.region.as_str()),
        error = result.as_ref().err().map(Error::code),
        reason = result.as_ref().err().map(tracing::field::display),
        microseconds = begun.elapsed().as_micros() as u64,
        "a request"
    );
    respond(result, Some(client))
}

/// The operation that a request calls, and for whom.
fn called(head: &Parts, default: &Namespace) -> Option<(&'static Operation, Namespace)> {
    let is_aws_json = head.method == Method::POST && head.uri.path() == "/" && has_media_type(&head.headers);
    let target = text(&head.headers, &TARGET).and_then(|target| target.strip_prefix(TARGET_PREFIX));
    let operation = target.filter(|_| is_aws_json).and_then(operations::find)?;
    Some((operation, protocol::namespace(text(&head.headers, &AUTHORIZATION), head.uri.query(), default)))
}

async fn answer(
    emulator: &Emulator,
    operation: &'static Operation,
    namespace: &Namespace,
    body: Body,
    trace_header: Option<&str>,
) -> Result<Reply, Error> {
    let body = read(body).await?;
    operations::carry_out(emulator, namespace.clone(), operation, &body, trace_header).await
}

/// The whole body. One that breaks off is no JSON, but nobody is left to hear it.
async fn read(body: Body) -> Result<Bytes, Fault> {
    match Limited::new(body, BODY_BYTES).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(Fault::RequestEntityTooLarge),
        Err(_) => Err(Fault::Serialization(protocol::Mistyped(None))),
    }
}

fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// JSON 1.1 differs in nothing but its name; services of the same framework take both.
fn has_media_type(headers: &HeaderMap) -> bool {
    let Some(value) = text(headers, &CONTENT_TYPE) else { return false };
    let media_type = value.split(';').next().unwrap_or_default().trim();
    [MEDIA_TYPE, "application/x-amz-json-1.1"].iter().any(|known| media_type.eq_ignore_ascii_case(known))
}

fn respond(result: Result<Reply, Error>, client: Option<Client>) -> Response<ReplyBody> {
    match result {
        Ok(reply) => answered(StatusCode::OK, reply, client),
        Err(error) => {
            let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::BAD_REQUEST);
            answered(status, Reply { body: error.body(), offer: None }, client)
        }
    }
}

fn answered(status: StatusCode, reply: Reply, client: Option<Client>) -> Response<ReplyBody> {
    let mut response = Response::new(ReplyBody::new(reply, client));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    headers.insert(REQUEST_ID, request_id::new());
    response
}

/// The last net: whatever was wrong in this program is said in the log, and the caller gets an answer.
fn panicked(panic: Box<dyn Any + Send>) -> Response<ReplyBody> {
    let message = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    tracing::error!(message = message.unwrap_or("no message"), "a request panicked; this is a bug of Stepwell");
    respond(Err(Error::InternalFailure), None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_internal_failure() {
        for panic in [Box::new("why") as Box<dyn Any + Send>, Box::new("why".to_owned()), Box::new(1)] {
            let response = panicked(panic);
            assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
            assert!(response.headers().contains_key(REQUEST_ID));
        }
    }
}
