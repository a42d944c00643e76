//! How connections come about, serve for several calls, and end.

use super::{answer, get, request_head, server};
use crate::config::Config;
use crate::integrations::http::connector::Connector;
use crate::integrations::http::{Client, Problem};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// What a server does with each of its connections: it answers so many requests, and reads another one if it ends unread.
#[derive(Clone, Copy)]
struct Serves {
    requests: usize,
    reads_another: bool,
}

/// What two calls, one after the other, come to, and how many connections they took.
async fn two_calls(serves: Serves) -> ([Result<String, Problem>; 2], usize) {
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = connections.clone();
    let port = server(move |mut stream| {
        let number = counted.fetch_add(1, Ordering::SeqCst) + 1;
        async move {
            for _ in 0..serves.requests {
                if request_head(&mut stream).await.is_none() {
                    return;
                }
                answer(&mut stream, &number.to_string()).await;
            }
            if serves.reads_another {
                request_head(&mut stream).await;
            }
        }
    })
    .await;
    let (client, url) = (Client::new(&Config::default()), format!("http://127.0.0.1:{port}"));
    let results = [get(&client, &url).await, get(&client, &url).await];
    (results, connections.load(Ordering::SeqCst))
}

#[tokio::test]
async fn one_connection_serves_one_call_after_the_other() {
    let serves = Serves { requests: 9, reads_another: false };
    assert_eq!(two_calls(serves).await, ([Ok("1".to_owned()), Ok("1".to_owned())], 1));
}

#[tokio::test]
async fn what_a_service_closed_since_the_last_answer_is_replaced() {
    for reads_another in [false, true] {
        let serves = Serves { requests: 1, reads_another };
        assert_eq!(two_calls(serves).await, ([Ok("1".to_owned()), Ok("2".to_owned())], 2), "{reads_another}");
    }
}

#[tokio::test]
async fn a_new_connection_that_is_closed_without_an_answer_fails_the_call() {
    let (results, connections) = two_calls(Serves { requests: 0, reads_another: true }).await;
    assert!(results.iter().all(|result| matches!(result, Err(Problem::NoResponse { .. }))), "{results:?}");
    assert_eq!(connections, 2);
}

/// Linux answers nobody once the queue of a listener is full.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_connection_must_come_about_in_time() {
    use socket2::{Domain, Socket, Type};
    use std::net::{Ipv4Addr, SocketAddr};
    let socket = || Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    let listener = socket();
    listener.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()).expect("a free port");
    listener.listen(0).expect("a listener");
    let address = listener.local_addr().expect("an address");
    let waiting: Vec<Socket> = std::iter::repeat_with(socket).take(4).collect();
    for one in &waiting {
        one.set_nonblocking(true).expect("a socket that doesn't block");
        let _ = one.connect(&address);
    }
    let port = address.as_socket().expect("an IP address").port();
    let config = Config::default();
    let client = Client::over(Connector::within(&config, Duration::from_millis(50)), &config);
    let problem = get(&client, &format!("http://127.0.0.1:{port}")).await.expect_err("no connection");
    assert_eq!(problem.to_string(), format!("Connect to 127.0.0.1:{port} failed: connect timed out"));
}
