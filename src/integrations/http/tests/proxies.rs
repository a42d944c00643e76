//! Which calls go through a proxy, and how it is spoken to.

use super::{answer, get, request_head, server};
use crate::config::{Config, Proxies};
use crate::integrations::http::connector::Connector;
use crate::integrations::http::{Client, Problem};
use tokio::io::AsyncWriteExt;

fn config(http: &str, https: &str, no: &str) -> Config {
    Config { proxies: Proxies { http: http.into(), https: https.into(), no: no.into() }, ..Config::default() }
}

#[test]
fn the_environment_says_which_hosts_have_a_proxy() {
    const HTTP: &str = "http://http:1/";
    const HTTPS: &str = "http://https:2/";
    for (no, url, expected) in [
        ("", "http://host.example", Some(HTTP)),
        ("", "https://host.example", Some(HTTPS)),
        // Never for this machine and what is linked to it.
        ("", "http://localhost:4566", None),
        ("", "https://s3.localhost:4566", None),
        ("", "http://127.0.0.1", None),
        ("", "http://[::1]:80", None),
        ("", "http://0.0.0.0:80", None),
        ("", "http://169.254.169.254", None),
        ("host.example", "http://host.example", None),
        ("host.example", "https://a.host.example", None),
        (".host.example", "https://a.host.example", None),
        ("host.example", "http://nothost.example", Some(HTTP)),
        ("other, host.example", "http://host.example:81", None),
        ("10.0.0.0/8", "http://10.1.2.3", None),
        ("10.0.0.0/8", "http://11.1.2.3", Some(HTTP)),
        ("*", "https://host.example", None),
    ] {
        let connector = Connector::new(&config("http:1", "http://https:2", no));
        let proxy = connector.proxy(&url.parse().expect("a URL")).map(|proxy| proxy.uri().to_string());
        assert_eq!(proxy.as_deref(), expected, "{url} without {no}");
    }
    // A proxy for the one is none for the other.
    let connector = Connector::new(&config("http://http:1", "", ""));
    assert!(connector.proxy(&"https://host.example".parse().expect("a URL")).is_none());
}

#[tokio::test]
async fn a_proxy_is_told_the_whole_url_of_plain_http_and_who_asks() {
    let port = server(|mut stream| async move {
        while let Some(head) = request_head(&mut stream).await {
            answer(&mut stream, &head).await;
        }
    })
    .await;
    let client = Client::new(&config(&format!("http://user:pass@127.0.0.1:{port}"), "", ""));
    let head = get(&client, "http://host.example/base").await.expect("an answer");
    assert!(head.starts_with("GET http://host.example/base/a?b=c HTTP/1.1\r\n"), "{head}");
    assert!(head.contains("\r\nproxy-authorization: Basic dXNlcjpwYXNz\r\n"), "{head}");
    assert!(head.contains("\r\nhost: host.example\r\n"), "{head}");
}

#[tokio::test]
async fn what_a_proxy_says_of_a_tunnel_is_told() {
    for (refusal, told) in [
        ("407 Proxy Authentication Required", "HTTP/1.1 407 Proxy Authentication Required"),
        ("403 Forbidden", "tunnel error: unsuccessful"),
    ] {
        let port = server(move |mut stream| async move {
            let head = request_head(&mut stream).await.unwrap_or_default();
            assert!(head.starts_with("CONNECT host.example:443 HTTP/1.1\r\n"), "{head}");
            let _ = stream.write_all(format!("HTTP/1.1 {refusal}\r\nContent-Length: 0\r\n\r\n").as_bytes()).await;
        })
        .await;
        let client = Client::new(&config("", &format!("http://127.0.0.1:{port}"), ""));
        let problem = get(&client, "https://host.example").await.expect_err("no tunnel");
        assert_eq!(problem.to_string(), format!("CONNECT refused by proxy: {told}"));
    }
}

#[tokio::test]
async fn it_is_the_proxy_that_is_not_reached() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port").port();
    let proxy = format!("http://127.0.0.1:{port}");
    for (client, url) in [
        (Client::new(&config(&proxy, "", "")), "http://host.example"),
        (Client::new(&config("", &proxy, "")), "https://host.example"),
    ] {
        assert_eq!(get(&client, url).await, Err(Problem::Refused { address: format!("127.0.0.1:{port}") }), "{url}");
    }
}

#[tokio::test]
async fn a_proxy_is_an_http_url() {
    for proxy in ["https://127.0.0.1:1", "socks5://127.0.0.1:1"] {
        let client = Client::new(&config(proxy, proxy, ""));
        let problem = get(&client, "http://host.example").await.expect_err("no such proxy");
        assert_eq!(problem.to_string(), "only proxies with http:// URLs are known", "{proxy}");
    }
}
