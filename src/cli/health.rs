//! `stepwell health`: for container images that have no other HTTP client.

use std::io::{Error, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(3);

/// Asks the server at this address for `/health`; an error says why it isn't well.
pub fn check(host: IpAddr, port: u16) -> Result<(), Error> {
    let host = match host {
        IpAddr::V4(address) if address.is_unspecified() => IpAddr::from(Ipv4Addr::LOCALHOST),
        IpAddr::V6(address) if address.is_unspecified() => IpAddr::from(Ipv6Addr::LOCALHOST),
        other => other,
    };
    let address = SocketAddr::new(host, port);
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let request = format!("GET /health HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut status = [0; 12];
    stream.read_exact(&mut status)?;
    match &status {
        b"HTTP/1.1 200" => Ok(()),
        other => Err(Error::other(format!("the answer begins with {:?}", String::from_utf8_lossy(other)))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    fn answering(answer: &'static [u8]) -> Result<(), Error> {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a connection");
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                stream.read_exact(&mut byte).expect("a request");
                request.extend(byte);
            }
            assert!(request.starts_with(b"GET /health HTTP/1.1\r\n"));
            stream.write_all(answer).expect("an open connection");
        });
        let result = check(IpAddr::from([0, 0, 0, 0]), port);
        server.join().expect("no panic");
        result
    }

    #[test]
    fn a_server_is_well_if_it_says_so() {
        assert!(answering(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").is_ok());
        assert!(answering(b"HTTP/1.1 503 Service Unavailable\r\n\r\n").is_err());
        assert!(answering(b"").is_err());
    }

    #[test]
    fn no_server_is_not_well() {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port").port();
        assert!(check(IpAddr::from([127, 0, 0, 1]), port).is_err());
    }
}
