//! What is asked of UDP services: a server answers only what it understands, so a
//! port is asked in the words of the service that usually stands there. Each question is
//! one that changes nothing.

/// The ports whose services are known here, ascending.
pub(crate) const USUAL: [u16; 21] = [
    19, 53, 69, 111, 123, 137, 161, 389, 500, 1434, 1604, 1900, 3478, 4500, 5060, 5351, 5353, 5683,
    10001, 11211, 27015,
];

/// What is sent to a port; nothing where no usual service stands.
pub(crate) fn of(port: u16) -> &'static [u8] {
    match port {
        // DNS: who is `version.bind`, class CHAOS, TXT.
        53 | 5353 => {
            b"\x50\x4f\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x07version\x04bind\x00\x00\x10\x00\x03"
        }
        // NTP version 4, client.
        123 => {
            b"\xe3\x00\x04\xfa\x00\x01\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\
              \x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\
              \x00\x00\x00\x00\x00\x00\x00\x00"
        }
        // SNMP version 1, community `public`: GetRequest of sysDescr.0.
        161 => {
            b"\x30\x26\x02\x01\x00\x04\x06public\xa0\x19\x02\x01\x01\x02\x01\x00\x02\x01\x00\x30\
              \x0e\x30\x0c\x06\x08\x2b\x06\x01\x02\x01\x01\x01\x00\x05\x00"
        }
        // ONC RPC: the null procedure of the port mapper.
        111 => {
            b"\x50\x4f\x52\x54\x00\x00\x00\x00\x00\x00\x00\x02\x00\x01\x86\xa0\x00\x00\x00\x02\
              \x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
        }
        // TFTP: a file that is not there.
        69 => b"\x00\x01portolan-probe\x00octet\x00",
        // NetBIOS: the status of `*`.
        137 => {
            b"\x50\x4f\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x20CKAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
              \x00\x00\x21\x00\x01"
        }
        // CLDAP: search the root for supportedLDAPVersion.
        389 => {
            b"\x30\x3b\x02\x01\x01\x63\x36\x04\x00\x0a\x01\x00\x0a\x01\x00\x02\x01\x00\x02\x01\x00\
              \x01\x01\x00\x87\x0bobjectClass\x30\x16\x04\x14supportedLDAPVersion"
        }
        // IKE version 1, main mode, one proposal; on 4500 behind the non-ESP marker.
        500 => IKE.split_at(4).1,
        4500 => IKE,
        // Microsoft SQL Server: which instances?
        1434 => b"\x02",
        // Citrix ICA: is there a server?
        1604 => {
            b"\x1e\x00\x01\x30\x02\xfd\xa8\xe3\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\
              \x00\x00\x00\x00\x00\x00\x00\x00\x00"
        }
        // SSDP.
        1900 => {
            b"M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\n\
              MX: 1\r\nST: ssdp:all\r\n\r\n"
        }
        // STUN: a binding request.
        3478 => b"\x00\x01\x00\x00\x21\x12\xa4\x42portolanscan",
        // SIP: what can you do?
        5060 => {
            b"OPTIONS sip:probe@portolan.invalid SIP/2.0\r\nVia: SIP/2.0/UDP portolan.invalid;\
              branch=z9hG4bKprobe;rport\r\nMax-Forwards: 0\r\nFrom: <sip:probe@portolan.invalid>;\
              tag=probe\r\nTo: <sip:probe@portolan.invalid>\r\nCall-ID: portolan-probe\r\n\
              CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
        }
        // NAT-PMP: the outer address.
        5351 => b"\x00\x00",
        // CoAP: GET /.well-known/core.
        5683 => b"\x40\x01\x50\x4f\xbb.well-known\x04core",
        // Ubiquiti discovery.
        10001 => b"\x01\x00\x00\x00",
        // memcached over UDP: its version.
        11211 => b"\x50\x4f\x00\x00\x00\x01\x00\x00version\r\n",
        // Source engine: server information.
        27015 => b"\xff\xff\xff\xffTSource Engine Query\x00",
        _ => b"",
    }
}

const IKE: &[u8] = b"\x00\x00\x00\x00portolan\x00\x00\x00\x00\x00\x00\x00\x00\x01\x10\x02\x00\x00\
      \x00\x00\x00\x00\x00\x00\x58\x00\x00\x00\x3c\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00\x30\
      \x00\x01\x00\x01\x00\x00\x00\x28\x00\x01\x00\x00\x80\x01\x00\x07\x80\x0e\x01\x00\x80\x02\x00\
      \x02\x80\x04\x00\x0e\x80\x03\x00\x01\x80\x0b\x00\x01\x00\x0c\x00\x04\x00\x01\x51\x80";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_that_messages_give_are_theirs() {
        // SNMP and LDAP: the first length; IKE: the last word of its header.
        for port in [161_u16, 389] {
            assert_eq!(usize::from(of(port)[1]) + 2, of(port).len(), "{port}");
        }
        let ike = of(500);
        let length: [u8; 4] = ike[24..28].try_into().unwrap();
        assert_eq!(usize::try_from(u32::from_be_bytes(length)).unwrap(), ike.len());
        assert_eq!(of(4500).len(), ike.len() + 4);
        assert_eq!(of(123).len(), 48);
        assert_eq!(of(3478).len(), 20);
        assert_eq!(of(111).len(), 40);
    }

    #[test]
    fn the_usual_ports_ascend() {
        assert!(USUAL.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
