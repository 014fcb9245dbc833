//! Probes of real sockets: on the loopback interface, and in a network namespace that
//! the test makes for itself, where half-open probes are allowed to anyone.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test may panic, says when it is skipped"
)]

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, TcpListener, UdpSocket};
use std::process::Command;
use std::sync::Arc;

use portolan::net::Protocol;
use portolan::observed::{Observation, PortState, Tls};
use portolan_scan::{Approved, Options, Rate, Seen, Technique, Work, greet, scan};

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// What ports of a host of this machine do.
fn probe(
    host: IpAddr,
    ports: &[(Protocol, u16)],
    technique: Technique,
) -> BTreeMap<(Protocol, u16), (PortState, String)> {
    let options =
        Options { technique, rate: Rate::Unlimited, total: Rate::Unlimited, ..Options::default() };
    let work = vec![Work { host: Approved::dangerously(host), ports: ports.to_vec() }];
    let mut seen: Vec<Observation> = Vec::new();
    let mut tell = |it| {
        if let Seen::Whole(_, observations) = it {
            seen.extend(observations);
        }
        Ok(())
    };
    scan(work, &options, &mut tell, &mut |_| ()).unwrap();
    seen.iter()
        .flat_map(|it| {
            let ports = it.ports.first()..=it.ports.last();
            ports.map(|port| ((it.protocol, port), (it.state, it.reason.to_string())))
        })
        .collect()
}

/// A port that nobody listens at: somebody did a moment ago.
fn free() -> u16 {
    TcpListener::bind((HERE, 0)).unwrap().local_addr().unwrap().port()
}

#[test]
fn open_and_closed_ports_are_told_apart_by_connecting() {
    let listener = TcpListener::bind((HERE, 0)).unwrap();
    let open = listener.local_addr().unwrap().port();
    let closed = free();
    let ports = [(Protocol::Tcp, open), (Protocol::Tcp, closed)];
    let seen = probe(HERE, &ports, Technique::Connect);
    assert_eq!(seen[&ports[0]], (PortState::Open, "syn-ack".to_owned()));
    assert_eq!(seen[&ports[1]], (PortState::Closed, "conn-refused".to_owned()));
}

#[test]
fn what_is_known_is_told_before_a_host_is_done() {
    let ports: Vec<_> = (0..12).map(|_| (Protocol::Tcp, free())).collect();
    let work = vec![Work { host: Approved::dangerously(HERE), ports }];
    let options = Options {
        technique: Technique::Connect,
        rate: Rate::PerSecond(20),
        parts: std::time::Duration::from_millis(50),
        ..Options::default()
    };
    let (mut parts, mut told, mut whole) = (0, 0, 0);
    let of = |seen: &[Observation]| seen.iter().map(|it| it.ports.size()).sum::<u32>();
    let mut tell = |it| {
        match it {
            Seen::Part(_, seen) => {
                parts += 1;
                told += of(&seen);
            }
            Seen::Whole(_, seen) => whole += of(&seen),
        }
        Ok(())
    };
    scan(work, &options, &mut tell, &mut |_| ()).unwrap();
    // None is told twice, and in the end all are.
    assert!(parts > 1 && (2..=whole).contains(&told), "{parts} parts, {told} of {whole}");
    assert!(whole > 1);
}

#[test]
fn a_udp_port_is_open_only_if_it_answers() {
    let answering = UdpSocket::bind((HERE, 0)).unwrap();
    let silent = UdpSocket::bind((HERE, 0)).unwrap();
    let closed = UdpSocket::bind((HERE, 0)).unwrap().local_addr().unwrap().port();
    let port = |socket: &UdpSocket| socket.local_addr().unwrap().port();
    let ports = [
        (Protocol::Udp, port(&answering)),
        (Protocol::Udp, port(&silent)),
        (Protocol::Udp, closed),
    ];
    std::thread::spawn(move || {
        let mut buffer = [0_u8; 64];
        while let Ok((_, from)) = answering.recv_from(&mut buffer) {
            answering.send_to(b"here", from).unwrap();
        }
    });
    let seen = probe(HERE, &ports, Technique::Connect);
    assert_eq!(seen[&ports[0]].0, PortState::Open);
    assert_eq!(seen[&ports[1]].0, PortState::OpenOrFiltered);
    assert_eq!(seen[&ports[2]].0, PortState::Closed);
}

/// Serves one connection of TLS with a certificate of its own making.
fn serve_tls(versions: &[&'static rustls::SupportedProtocolVersion]) -> u16 {
    let key = rcgen::generate_simple_self_signed(vec!["www.example.org".to_owned()]).unwrap();
    let private =
        rustls::pki_types::PrivateKeyDer::try_from(key.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![key.cert.der().clone()], private)
        .unwrap();
    let listener = TcpListener::bind((HERE, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut connection = rustls::ServerConnection::new(Arc::new(config)).unwrap();
        while connection.is_handshaking() && connection.complete_io(&mut stream).is_ok() {}
    });
    port
}

/// Serves connections that say this, whatever they are asked.
fn serve(answer: &'static [u8]) -> u16 {
    let listener = TcpListener::bind((HERE, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            let mut buffer = [0_u8; 2048];
            drop(stream.read(&mut buffer));
            drop(stream.write_all(answer));
        }
    });
    port
}

#[test]
fn a_tls_server_shows_its_certificate() {
    for (version, name) in
        [(&rustls::version::TLS13, "TLS 1.3"), (&rustls::version::TLS12, "TLS 1.2")]
    {
        let shown = greet(HERE, serve_tls(&[version])).unwrap();
        assert_eq!(shown.version, name);
        assert!(shown.names.contains(&"www.example.org".to_owned()), "{shown:?}");
        assert!(shown.self_signed && !shown.expired);
        assert!(shown.not_after.ends_with('Z'));
    }
}

#[test]
fn what_speaks_something_else_is_told() {
    let instead = |answer| greet(HERE, serve(answer)).map(|Tls { instead, .. }| instead);
    assert_eq!(instead(b"HTTP/1.1 400 Bad Request\r\n\r\n").as_deref(), Some("plain HTTP"));
    // A fatal alert: protocol version.
    let old = instead(b"\x15\x03\x01\x00\x02\x02\x46");
    assert_eq!(old.as_deref(), Some("only versions before TLS 1.2"));
    assert_eq!(instead(b"SSH-2.0-OpenSSH_9.6\r\n"), None);
    assert_eq!(greet(HERE, free()), None);
}

/// Runs a test of this file in a namespace of its own; false if that can't be had.
fn in_namespace(test: &str) -> bool {
    let own = std::env::current_exe().unwrap();
    let script = "ip link set lo up && exec \"$0\" \"$@\"";
    let output = Command::new("unshare")
        .args(["-Urn", "sh", "-c", script])
        .arg(own)
        .args(["--exact", test, "--nocapture"])
        .env("PORTOLAN_TEST_NAMESPACE", "1")
        .output();
    match output {
        Ok(output) if output.status.success() => true,
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            // What the test itself says is a failure; what `unshare` says is not.
            assert!(!String::from_utf8_lossy(&output.stdout).contains("running 1 test"), "{said}");
            eprintln!("SKIPPED: no network namespace here: {said}");
            false
        }
        Err(error) => {
            eprintln!("SKIPPED: no network namespace here: {error}");
            false
        }
    }
}

fn inside() -> bool {
    std::env::var_os("PORTOLAN_TEST_NAMESPACE").is_some()
}

#[test]
fn half_open_probes_find_every_open_port_of_all() {
    if !inside() {
        in_namespace("half_open_probes_find_every_open_port_of_all");
        return;
    }
    for host in [HERE, "::1".parse().unwrap()] {
        let listeners: Vec<TcpListener> =
            (0..10).map(|_| TcpListener::bind((host, 0)).unwrap()).collect();
        let open: Vec<u16> = listeners.iter().map(|it| it.local_addr().unwrap().port()).collect();
        let ports: Vec<(Protocol, u16)> =
            (1..=u16::MAX).map(|port| (Protocol::Tcp, port)).collect();
        let seen = probe(host, &ports, Technique::HalfOpen);
        assert_eq!(seen.len(), 65_535);
        for (&(_, port), (state, reason)) in &seen {
            let expected = if open.contains(&port) {
                (PortState::Open, "syn-ack")
            } else {
                (PortState::Closed, "reset")
            };
            assert_eq!((*state, reason.as_str()), expected, "{host} {port}");
        }
    }
}

#[test]
fn silence_and_refusals_on_the_way_are_filtered() {
    if !inside() {
        in_namespace("silence_and_refusals_on_the_way_are_filtered");
        return;
    }
    let rules = "table inet t {\n chain i {\n type filter hook input priority 0\n \
                 tcp dport 1000-2000 drop\n tcp dport 2001 reject with icmpx admin-prohibited\n }\n}\n";
    let loaded = Command::new("sh").arg("-c").arg(format!("nft -f - <<'X'\n{rules}X\n")).status();
    if !loaded.is_ok_and(|status| status.success()) {
        eprintln!("SKIPPED: no nft here");
        return;
    }
    let listener = TcpListener::bind((HERE, 1500)).unwrap();
    let ports: Vec<(Protocol, u16)> = [999, 1000, 1500, 2000, 2001]
        .map(|port| (Protocol::Tcp, port))
        .into_iter()
        .chain([(Protocol::Icmp, 8 << 8)])
        .collect();
    for technique in [Technique::HalfOpen, Technique::Connect] {
        let seen = probe(HERE, &ports, technique);
        let state = |port| seen[&(Protocol::Tcp, port)].0;
        assert_eq!(state(999), PortState::Closed);
        for silent in [1000, 1500, 2000, 2001] {
            assert_eq!(state(silent), PortState::Filtered, "{technique:?} {silent}");
        }
        assert_eq!(seen[&(Protocol::Icmp, 8 << 8)], (PortState::Open, "echo-reply".to_owned()));
    }
    let seen = probe(HERE, &ports, Technique::HalfOpen);
    assert_eq!(seen[&(Protocol::Tcp, 2001)].1, "admin-prohibited");
    drop(listener);
}
