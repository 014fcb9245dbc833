//! What a TLS server shows of itself in a handshake. Nothing is trusted here and
//! nothing is sent after it: every certificate is accepted, and written down.

use std::io::{self, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use portolan::observed::Tls;
use portolan::verify::moment;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, ProtocolVersion, SignatureScheme,
};
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

/// How long a server may take for each step.
const PATIENCE: Duration = Duration::from_secs(4);
/// Names of a certificate that are kept.
const MOST_NAMES: usize = 100;
/// Letters of a name that are kept.
const LONGEST_NAME: usize = 256;

/// Ports at which TLS stands from the first byte (IANA, and habit).
const PORTS: [u16; 25] = [
    261, 271, 443, 465, 563, 614, 636, 853, 989, 990, 992, 993, 994, 995, 2376, 3269, 4443, 5061,
    5671, 5986, 6443, 8443, 8883, 9443, 10250,
];

/// Whether a TCP port usually speaks TLS.
#[must_use]
pub fn usual_tls_port(port: u16) -> bool {
    PORTS.contains(&port)
}

/// Begins a TLS connection and says what the server showed; none if it speaks
/// something that is neither TLS nor HTTP, or nothing.
#[must_use]
pub fn greet(address: IpAddr, port: u16) -> Option<Tls> {
    let mut stream = Tap::connect(address, port).ok()?;
    let provider = Arc::new(ring::default_provider());
    let accepting = Arc::new(AcceptAll(Arc::clone(&provider)));
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .ok()?
        .dangerous()
        .with_custom_certificate_verifier(accepting)
        .with_no_client_auth();
    let name = ServerName::IpAddress(address.into());
    let mut connection = ClientConnection::new(Arc::new(config), name).ok()?;
    let mut shaken = Ok(());
    while shaken.is_ok() && connection.is_handshaking() {
        shaken = match connection.complete_io(&mut stream) {
            Ok((0, 0)) => Err(io::ErrorKind::UnexpectedEof.into()),
            other => other.map(drop),
        };
    }
    // A server may want a certificate of ours after it has shown its own.
    let shown = connection.peer_certificates().and_then(<[_]>::first).map(certificate);
    if shaken.is_ok() || shown.is_some() {
        let version = match connection.protocol_version() {
            Some(ProtocolVersion::TLSv1_3) => "TLS 1.3",
            Some(ProtocolVersion::TLSv1_2) => "TLS 1.2",
            Some(_) | None => "TLS",
        };
        return Some(Tls { version: version.to_owned(), ..shown.unwrap_or_default() });
    }
    let instead = |words: &str| Some(Tls { instead: words.to_owned(), ..Tls::default() });
    match stream.first.as_slice() {
        first if first.starts_with(b"HTTP/") => instead("plain HTTP"),
        // An alert: record type 21, version, length 2, level, description.
        &[21, 3, _, 0, 2, _, description] => match description {
            70 => instead("only versions before TLS 1.2"),
            40 => instead("TLS that refuses what this scanner offers"),
            other => instead(&format!("TLS that ends with alert {other}")),
        },
        // A server that answers with TLS 1.1 or 1.0: its hello names the version.
        &[22, 3, _, _, _, 2, ..] => instead("only versions before TLS 1.2"),
        [] => {
            let mut again = Tap::connect(address, port).ok()?;
            again.write_all(b"HEAD / HTTP/1.0\r\n\r\n").ok()?;
            let mut start = [0_u8; 5];
            again.read_exact(&mut start).ok()?;
            if &start == b"HTTP/" { instead("plain HTTP") } else { None }
        }
        _ => None,
    }
}

/// What a certificate says.
fn certificate(bytes: &CertificateDer<'_>) -> Tls {
    let Ok((_, certificate)) = X509Certificate::from_der(bytes) else { return Tls::default() };
    let short = |text: &str| text.chars().take(LONGEST_NAME).collect::<String>();
    let mut names: Vec<String> = Vec::new();
    for common in certificate.subject().iter_common_name() {
        names.extend(common.as_str().ok().map(short));
    }
    if let Ok(Some(alternative)) = certificate.subject_alternative_name() {
        for name in &alternative.value.general_names {
            if let GeneralName::DNSName(name) = name {
                names.push(short(name));
            } else if let GeneralName::IPAddress(bytes) = name {
                let v4 = <[u8; 4]>::try_from(*bytes).ok().map(IpAddr::from);
                let v6 = <[u8; 16]>::try_from(*bytes).ok().map(IpAddr::from);
                names.extend(v4.or(v6).map(|address| address.to_string()));
            }
        }
    }
    names.sort_unstable();
    names.dedup();
    names.truncate(MOST_NAMES);
    let validity = certificate.validity();
    let (first, last) = (validity.not_before.timestamp(), validity.not_after.timestamp());
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    Tls {
        names,
        issuer: short(&certificate.issuer().to_string()),
        not_before: moment(first),
        not_after: moment(last),
        expired: last < i64::try_from(now).unwrap_or(i64::MAX),
        self_signed: certificate.subject() == certificate.issuer(),
        ..Tls::default()
    }
}

/// A connection that remembers how the answer began.
struct Tap {
    stream: TcpStream,
    first: Vec<u8>,
}

impl Tap {
    fn connect(address: IpAddr, port: u16) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&SocketAddr::from((address, port)), PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(Self { stream, first: Vec::new() })
    }
}

impl Read for Tap {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.stream.read(buffer)?;
        let room = 7_usize.saturating_sub(self.first.len()).min(length);
        self.first.extend_from_slice(buffer.get(..room).unwrap_or_default());
        Ok(length)
    }
}

impl Write for Tap {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.stream.write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

/// Accepts whatever a server shows.
#[derive(Debug)]
struct AcceptAll(Arc<CryptoProvider>);

impl ServerCertVerifier for AcceptAll {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
