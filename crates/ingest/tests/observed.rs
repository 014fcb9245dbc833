//! Files of what answers: read right, or refused with a place and a way out.

#![expect(clippy::unwrap_used, reason = "what a helper can't do fails the test")]

use std::collections::BTreeMap;
use std::path::Path;

use expect_test::{Expect, expect};
use portolan::observed::{PortState, Scan};
use portolan_ingest::{ScanFormat, load_scan, read_listeners, read_scan};
use proptest::prelude::*;

fn nmap(text: &str) -> String {
    told(read_scan("scan.xml", text.as_bytes(), ScanFormat::NmapXml))
}

fn masscan(text: &str) -> String {
    told(read_scan("scan.json", text.as_bytes(), ScanFormat::MasscanJson))
}

fn told(scan: Result<Scan, portolan_ingest::ObservedError>) -> String {
    let scan = match scan {
        Ok(scan) => scan,
        Err(error) => return format!("{error}\nhint: {}\n", error.hint().unwrap()),
    };
    let by = scan.scanners.join(" ");
    let mut text = format!("{by}, from {:?} to {:?}\n", scan.started, scan.ended);
    for host in scan.hosts.iter().filter(|host| !host.up) {
        text.push_str(&format!("{} is down: {}\n", host.address, host.reason));
    }
    for seen in &scan.observations {
        let (ports, state) = (seen.ports, seen.state.as_str());
        text.push_str(&format!("{} {}/{ports} {state}", seen.address, seen.protocol));
        for word in [&seen.reason, &seen.service] {
            text.push_str(&format!(" {}", if word.is_empty() { "-" } else { word }));
        }
        text.push_str(&format!(" :{}\n", seen.line.unwrap_or(0)));
    }
    scan.warnings.iter().for_each(|warning| text.push_str(&format!("warning: {warning}\n")));
    text
}

fn check(told: &str, expected: &Expect) {
    expected.assert_eq(told);
}

#[test]
fn extra_ports_are_those_that_were_asked_and_not_listed() {
    let told = nmap(
        r#"<?xml version="1.0"?>
<!DOCTYPE nmaprun>
<nmaprun scanner="nmap" version="7.40" start="100">
<scaninfo type="syn" protocol="tcp" numservices="6" services="20-25"/>
<host starttime="101" endtime="109"><status state="up" reason="reset"/>
<address addr="2001:db8::7" addrtype="ipv6"/><address addr="02:42:AC:1C:01:03" addrtype="mac"/>
<ports><extraports state="filtered" count="4"><extrareasons reason="no-responses" count="4"/></extraports>
<port protocol="tcp" portid="22"><state state="open" reason="syn-ack"/><service name="ssh" product="OpenSSH" version="8&#46;9"/></port>
<port protocol="tcp" portid="25"><state state="closed" reason="reset"/></port>
</ports></host>
<host><status state="down" reason="no-response"/><address addr="192.0.2.9" addrtype="ipv4"/></host>
<runstats><finished time="120"/></runstats></nmaprun>"#,
    );
    check(
        &told,
        &expect![[r#"
            nmap 7.40, from Some(100) to Some(120)
            192.0.2.9 is down: no-response
            2001:db8::7 tcp/22 open syn-ack ssh OpenSSH 8.9 :8
            2001:db8::7 tcp/25 closed reset - :9
            2001:db8::7 tcp/20-21 filtered no-responses - :7
            2001:db8::7 tcp/23-24 filtered no-responses - :7
        "#]],
    );
}

/// One host with these ports.
fn host(ports: &str) -> String {
    nmap(&format!(
        "<nmaprun scanner=\"nmap\"><scaninfo protocol=\"tcp\" services=\"1-9\"/>\
         <host><address addr=\"192.0.2.1\" addrtype=\"ipv4\"/><ports>{ports}</ports></host></nmaprun>"
    ))
}

#[test]
fn what_several_states_share_is_all_that_is_known_of_a_port() {
    let extra = |state: &str, count: u16| {
        format!(
            "<extraports state=\"{state}\" count=\"{count}\"><extrareasons reason=\"{state}\" count=\"{count}\"/></extraports>"
        )
    };
    check(
        &host(&(extra("closed", 4) + &extra("filtered", 5))),
        &expect![[r#"
            nmap, from None to None
            192.0.2.1 tcp/1-9 closed-or-filtered closed,filtered - :1
        "#]],
    );
    // An open port might be among them.
    check(
        &host(&(extra("closed", 4) + &extra("open|filtered", 5))),
        &expect![[r#"
            nmap, from None to None
            192.0.2.1 tcp/1-9 unknown closed,open|filtered - :1
        "#]],
    );
    check(
        &host(&extra("filtered", 5)),
        &expect![[r#"
            nmap, from None to None
            192.0.2.1 tcp/1-9 unknown filtered - :1
            warning: scan.xml:1: 5 ports are counted and 9 are neither listed nor counted elsewhere: nothing is concluded of these
        "#]],
    );
    // Newer versions say which.
    check(
        &host(
            "<extraports state=\"closed\" count=\"3\"><extrareasons reason=\"reset\" count=\"3\" \
             proto=\"tcp\" ports=\"1,8-9\"/></extraports><extraports state=\"filtered\" \
             count=\"6\"><extrareasons reason=\"no-response\" count=\"6\" proto=\"tcp\" \
             ports=\"2-7\"/></extraports>",
        ),
        &expect![[r#"
            nmap, from None to None
            192.0.2.1 tcp/1 closed reset - :1
            192.0.2.1 tcp/8-9 closed reset - :1
            192.0.2.1 tcp/2-7 filtered no-response - :1
        "#]],
    );
}

#[test]
fn traps_and_other_files_are_refused_where_they_stand() {
    let bomb = "<?xml version=\"1.0\"?>\n<!DOCTYPE nmaprun [\n<!ENTITY a \"aaaa\">\n\
                <!ENTITY b \"&a;&a;\">\n]>\n<nmaprun>&b;</nmaprun>";
    let external = "<!DOCTYPE nmaprun [ <!ENTITY x SYSTEM \"file:///etc/passwd\"> ]>\n<nmaprun/>";
    let undefined = "<nmaprun>\n<host>&x;</host></nmaprun>";
    let in_attribute = "<nmaprun>\n<host><address addr=\"&x;\"/></host></nmaprun>";
    for (text, line) in [(bomb, 5), (external, 1), (undefined, 2), (in_attribute, 2)] {
        let told = nmap(text);
        assert!(told.starts_with(&format!("`scan.xml`, line {line}: ")), "{told}");
        assert!(told.contains("entit"), "{told}");
    }
    check(
        &nmap("<html>\n</html>"),
        &expect![[r#"
            `scan.xml`, line 1: it begins with `html`, not with `nmaprun`
            hint: give the file that `nmap -oX scan.xml …` wrote, whole and unchanged
        "#]],
    );
    check(
        &nmap("<nmaprun>\n<host>\n<address addr=\"10.0.0.300\" addrtype=\"ipv4\"/></host>"),
        &expect![[r#"
            `scan.xml`, line 3: `10.0.0.300` is no address
            hint: give the file that `nmap -oX scan.xml …` wrote, whole and unchanged
        "#]],
    );
    let cut = nmap("<nmaprun>\n<host><address addr=\"10.0.0.3\" addrtype=\"ipv4\"/><ports>");
    assert!(cut.contains("it ends within the host that begins in line 2"), "{cut}");
    let between = nmap("<nmaprun>\n<host><address addr=\"10.0.0.3\" addrtype=\"ipv4\"/></host>\n");
    assert!(between.contains("the file ends before the scan did"), "{between}");
    let deep = format!("<nmaprun>{}", "<a>".repeat(100_000));
    assert!(nmap(&deep).contains("more than 64 elements"));
}

#[test]
fn masscan_is_read_as_all_its_versions_write() {
    let old = "[\n{   \"ip\": \"192.0.2.1\",   \"timestamp\": \"1600000000\", \"ports\": [ {\"port\": 80, \
               \"proto\": \"tcp\", \"status\": \"open\", \"reason\": \"syn-ack\", \"ttl\": 64} ] },\n\
               {   \"ip\": \"192.0.2.1\",   \"timestamp\": \"1600000009\", \"ports\": [ {\"port\": 80, \
               \"proto\": \"tcp\", \"service\": {\"name\": \"http\", \"banner\": \"x\"} } ] },\n\
               {finished: 1}\n]\n";
    check(
        &masscan(old),
        &expect![[r#"
            masscan, from Some(1600000000) to Some(1600000009)
            192.0.2.1 tcp/80 open syn-ack - :2
            192.0.2.1 tcp/80 open - http :3
        "#]],
    );
    let new = "[\n{ \"ip\": \"2001:db8::1\", \"timestamp\": \"1600000000\", \"ports\": [ {\"port\": 53, \
               \"proto\": \"udp\", \"status\": \"open\", \"reason\": \"none\", \"ttl\": 64} ] }\n,\n\
               { \"ip\": \"192.0.2.2\", \"timestamp\": \"1600000001\", \"ports\": [ {\"port\": 25, \
               \"proto\": \"tcp\", \"status\": \"closed\", \"reason\": \"rst-ack\", \"ttl\": 64} ] }\n]\n";
    let lines = "{\"ip\":\"192.0.2.3\",\"timestamp\":1600000002,\"port\":443,\"proto\":\"tcp\",\
                 \"rec_type\":\"status\",\"data\":{\"status\":\"open\",\"reason\":\"syn-ack\",\"ttl\":64}}\n";
    check(
        &(masscan(new) + &masscan(lines) + &masscan("[\n]\n")),
        &expect![[r#"
            masscan, from Some(1600000000) to Some(1600000001)
            2001:db8::1 udp/53 open none - :2
            192.0.2.2 tcp/25 closed rst-ack - :4
            masscan, from Some(1600000002) to Some(1600000002)
            192.0.2.3 tcp/443 open syn-ack - :1
            masscan, from None to None
            warning: scan.json: masscan saw nothing that answers
        "#]],
    );
    check(
        &masscan(
            "[\n{\"ip\": \"192.0.2.1\", \"ports\": [{\"port\": 70000, \"proto\": \"tcp\"}]}\n]",
        ),
        &expect![[r#"
            `scan.json`, line 2: no record of masscan: invalid value: integer `70000`, expected u16
            hint: give the file that `masscan -oJ scan.json …` wrote, whole and unchanged
        "#]],
    );
}

#[test]
fn listeners_are_those_that_others_can_hear() {
    let ss = "Netid State  Recv-Q Send-Q   Local Address:Port  Peer Address:Port Process\n\
              udp   UNCONN 0      0      127.0.0.53%lo:53       0.0.0.0:*\n\
              udp   ESTAB  0      0           10.0.0.5:68      10.0.0.1:67\n\
              tcp   LISTEN 0      4096         0.0.0.0:22       0.0.0.0:* users:((\"sshd\",pid=1,fd=3))\n\
              tcp   LISTEN 0      511                *:443            *:*\n\
              tcp   LISTEN 0      4096            [::]:111         [::]:*\n\
              tcp   LISTEN 0      4096       10.0.0.5:5432      0.0.0.0:*\n";
    let osquery = r#"[{"address":"0.0.0.0","port":"22","protocol":"6","family":"2"},
                      {"address":"","port":"0","protocol":"0","family":"1"},
                      {"address":"::","port":"443","protocol":"6","family":"10"}]"#;
    let mut told = String::new();
    for text in [ss, osquery] {
        for it in read_listeners("l", text.as_bytes()).unwrap() {
            let address = it.address.map_or("everywhere".to_owned(), |it| it.to_string());
            told.push_str(&format!("{}/{} {address} {:?}\n", it.protocol, it.port, it.line));
        }
    }
    check(
        &told,
        &expect![[r#"
            udp/53 127.0.0.53 Some(2)
            tcp/22 0.0.0.0 Some(4)
            tcp/443 everywhere Some(5)
            tcp/111 everywhere Some(6)
            tcp/5432 10.0.0.5 Some(7)
            tcp/22 0.0.0.0 None
            tcp/443 everywhere None
        "#]],
    );
    let error = read_listeners("l", b"\nActive Internet connections (only servers)\n").unwrap_err();
    assert!(error.to_string().starts_with("`l`, line 2: "), "{error}");
}

/// Files that libnmap's authors collected, of nmap 5 to 7.
#[test]
fn real_files_of_all_versions_are_read_right_or_refused() {
    let Some(data) = std::env::var_os("PORTOLAN_TEST_DATA") else {
        eprintln!("SKIPPED: PORTOLAN_TEST_DATA is not set, so real nmap files were not read");
        return;
    };
    let mut told = String::new();
    let mut files: Vec<_> = std::fs::read_dir(Path::new(&data).join("F1-libnmap-xml"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|it| it == "xml"))
        .collect();
    files.sort();
    for path in &files {
        let name = path.file_name().unwrap().to_str().unwrap();
        match load_scan(path, ScanFormat::NmapXml) {
            Ok(scan) => {
                let mut states: BTreeMap<PortState, u32> = BTreeMap::new();
                for seen in &scan.observations {
                    *states.entry(seen.state).or_default() += seen.ports.size();
                }
                let states: Vec<String> = states
                    .iter()
                    .rev()
                    .map(|(state, n)| format!("{n} {}", state.as_str()))
                    .collect();
                let up = scan.hosts.iter().filter(|host| host.up).count();
                let warnings = scan.warnings.len();
                told.push_str(&format!(
                    "{name}: {}, {up} of {} up, {}, {warnings} warnings\n",
                    scan.scanners[0],
                    scan.hosts.len(),
                    states.join(", ")
                ));
            }
            Err(error) => {
                let error = error.to_string().replace(&path.display().to_string(), name);
                told.push_str(&format!("{error}\n"));
            }
        }
    }
    assert_eq!(files.len(), 26, "{files:?}");
    check(
        &told,
        &expect![[r#"
        1_host_ping.xml: nmap 7.91, 1 of 1 up, , 0 warnings
        1_hosts.xml: nmap 5.51, 1 of 1 up, 5 open, 995 closed, 0 warnings
        1_hosts_banner.xml: nmap 5.51, 1 of 1 up, 5 open, 995 closed, 0 warnings
        1_hosts_banner_ports.xml: nmap 5.51, 1 of 1 up, 2 open, 2 closed, 0 warnings
        1_hosts_banner_ports_notsyn.xml: nmap 5.51, 1 of 1 up, 2 open, 2 closed, 0 warnings
        1_hosts_banner_ports_xmas.xml: nmap 5.51, 1 of 1 up, 2 closed, 2 open-or-filtered, 0 warnings
        1_hosts_diff.xml: nmap 5.51, 1 of 1 up, 4 open, 995 closed, 1 filtered, 0 warnings
        1_hosts_down.xml: nmap 5.51, 1 of 1 up, 1000 filtered, 0 warnings
        1_hosts_nohostname.xml: nmap 5.51, 1 of 1 up, 2 filtered, 0 warnings
        1_os_banner_scripts.xml: nmap 5.51, 1 of 1 up, 8 open, 992 closed, 0 warnings
        2_hosts.xml: nmap 5.51, 2 of 2 up, 8 open, 1991 closed, 1 filtered, 0 warnings
        2_hosts_achange.xml: nmap 5.51, 2 of 2 up, 7 open, 1992 closed, 1 filtered, 0 warnings
        2_hosts_version.xml: nmap 5.51, 2 of 2 up, 8 open, 1991 closed, 1 filtered, 0 warnings
        2_null_hosts.xml: nmap 5.51, 2 of 2 up, 2000 open-or-filtered, 0 warnings
        2_tcp_hosts.xml: nmap 5.51, 2 of 2 up, 8 open, 1991 closed, 1 filtered, 0 warnings
        `defused_et_included.xml`, line 2: it begins with `root`, not with `nmaprun`
        `defused_et_local_includer.xml`, line 4: a document type that defines entities is not read
        diff_1_host_ping_mac_changed.xml: nmap 7.91, 1 of 1 up, , 0 warnings
        dionaea_scan.xml: nmap 7.91, 1 of 1 up, 16 open, 65519 closed, 0 warnings
        extra_ports.xml: nmap 7.91, 1 of 1 up, 16 open, 65519 unknown, 0 warnings
        full_sudo5.xml: nmap 5.21, 4 of 256 up, 11 open, 1991 closed, 1998 filtered, 0 warnings
        full_sudo6.xml: nmap 6.40-2, 4 of 256 up, 12 open, 1993 closed, 1995 filtered, 0 warnings
        fullscan.xml: nmap 6.40-2, 2 of 256 up, 9 open, 1991 closed, 0 warnings
        os_scan5.xml: nmap 5.21, 4 of 256 up, 11 open, 1991 closed, 1998 filtered, 0 warnings
        os_scan6.xml: nmap 6.40-2, 3 of 256 up, 11 open, 994 closed, 1995 filtered, 0 warnings
        `test_osclass.xml`, line 14: `IP` is no address
    "#]],
    );
}

const SAMPLE: &str = r#"<?xml version="1.0"?><!DOCTYPE nmaprun><nmaprun scanner="nmap" start="1" version="7.9">
<scaninfo type="syn" protocol="tcp" numservices="3" services="1,3-4"/><host starttime="1" endtime="2">
<status state="up" reason="x"/><address addr="10.0.0.1" addrtype="ipv4"/><ports>
<extraports state="closed" count="2"><extrareasons reason="reset" count="2" proto="tcp" ports="3-4"/></extraports>
<port protocol="tcp" portid="1"><state state="open" reason="s"/><service name="a" product="&lt;b"/></port>
</ports></host><runstats><finished time="3"/></runstats></nmaprun>"#;

const RECORDS: &str = "[\n{\"ip\": \"10.0.0.1\", \"timestamp\": \"1\", \"ports\": [ {\"port\": 80, \"proto\": \
                       \"tcp\", \"status\": \"open\", \"reason\": \"syn-ack\", \"ttl\": 6} ] },\n{finished: 1}\n]";

fn read_all(bytes: &[u8]) {
    for format in [ScanFormat::NmapXml, ScanFormat::MasscanJson] {
        if let Err(error) = read_scan("f", bytes, format) {
            assert!(error.to_string().starts_with("`f`"), "{error}");
            assert!(error.hint().is_some());
        }
    }
    drop(read_listeners("f", bytes));
}

proptest! {
    #[test]
    fn random_bytes_are_an_error_or_a_scan(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        read_all(&bytes);
    }

    #[test]
    fn samples_with_bytes_changed_are_an_error_or_a_scan(
        changes in proptest::collection::vec(
            (0..10_000_usize, proptest::sample::select(b"<>/\"'&;[]{},:=0-9\n \xff!".to_vec())), 1..5),
        cut in 0..10_000_usize,
    ) {
        for sample in [SAMPLE, RECORDS, "tcp   LISTEN 0 4096 0.0.0.0:22 0.0.0.0:*\n"] {
            let mut bytes = sample.as_bytes().to_vec();
            for &(at, byte) in &changes {
                let at = at % bytes.len();
                bytes[at] = byte;
            }
            read_all(&bytes);
            bytes.truncate(cut % sample.len());
            read_all(&bytes);
        }
    }
}
