//! The story of `docs/lab.md`: real nmap and curl in a small network, and two ACLs that
//! everybody writes once.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command;

use expect_test::{Expect, expect};
use portolan_lab::kernel::Lab;
use portolan_lab::plan::{Options, Plan, Vantage, compile};

use crate::trial::rights;

/// Internet, office; bastion and web in a public subnet, the database in a private one.
fn network(acl: &str) -> String {
    format!(
        "vpc vpc-1 10.0.0.0/16 igw
         acl public vpc-1 {acl}
         subnet public vpc-1 10.0.1.0/24 acl=public route any->igw:igw-vpc-1
         subnet private vpc-1 10.0.2.0/24
         group bastion vpc-1 in tcp/22 203.0.113.10/32
         group web vpc-1 in tcp/80 any; in tcp/443 any; in tcp/8080 any; in tcp/22 group:bastion
         group db vpc-1 in tcp/3306 group:web; in tcp/5432 group:web; in tcp/22 group:bastion; out none
         interface bastion public 10.0.1.10 public=52.8.0.10 groups=bastion
         interface web public 10.0.1.20 public=52.8.0.20 groups=web
         interface db private 10.0.2.30 groups=db"
    )
}

const OPEN: &str = "in 100 allow all any out 100 allow all any";
/// Answers go to the ports that clients chose: nobody wrote that down.
const NO_ANSWERS: &str = "in 100 allow all any out 100 allow tcp/80 any out 110 allow tcp/443 any";
/// Only the clients of Windows were thought of.
const SOME_ANSWERS: &str = "in 100 allow all any out 100 allow tcp/49152-65535 any";

/// A network that stands, with those who listen in it.
struct Story {
    plan: Plan,
    lab: Lab,
    _listeners: Vec<TcpListener>,
}

impl Story {
    fn begin(acl: &str) -> Option<Self> {
        let rights = rights()?;
        if Command::new("nmap").arg("--version").output().is_err() {
            println!("SKIPPED: there is no nmap");
            return None;
        }
        let network = portolan::testing::network(&network(acl)).unwrap();
        let vantage = |name: &str, address: [u8; 4]| Vantage {
            name: name.to_owned(),
            addresses: vec![address.into()],
        };
        let vantages =
            vec![vantage("internet", [192, 0, 2, 1]), vantage("office", [203, 0, 113, 10])];
        let plan = compile(&network, &Options { vantages, ..Options::default() });
        assert_eq!(plan.not_compiled, []);
        let lab = Lab::build(&plan, rights).unwrap();
        let mut listeners = Vec::new();
        for (host, ports) in
            [("bastion", vec![22]), ("web", vec![22, 443]), ("db", vec![22, 3306, 5432])]
        {
            let space = lab.space(plan.host(host).unwrap().space).unwrap();
            for port in ports {
                listeners.push(space.within(|| TcpListener::bind(("0.0.0.0", port))).unwrap());
            }
        }
        let web = lab.space(plan.host("web").unwrap().space).unwrap();
        let server = web.within(|| TcpListener::bind(("0.0.0.0", 80))).unwrap();
        std::thread::spawn(move || serve(&server));
        Some(Self { plan, lab, _listeners: listeners })
    }

    /// What a command prints as one of the hosts.
    fn exec(&self, host: &str, command: &str) -> String {
        let space = self.lab.space(self.plan.host(host).unwrap().space).unwrap();
        let mut words = command.split(' ');
        let program = words.next().unwrap();
        let output = space.within(|| Command::new(program).args(words).output()).unwrap();
        String::from_utf8(output.stdout).unwrap()
    }

    /// The table of a scan.
    fn scan(&self, host: &str, command: &str, expected: &Expect) {
        let said = self
            .exec(host, &format!("{command} -n -Pn -sS --max-retries 1 --max-rtt-timeout 200ms"));
        let table: Vec<&str> = said.lines().filter(|line| line.contains("/tcp ")).collect();
        expected.assert_eq(&(table.join("\n") + "\n"));
    }
}

/// Says hello to everybody who asks.
fn serve(server: &TcpListener) {
    for mut stream in server.incoming().flatten() {
        let mut request = [0; 1024];
        if stream.read(&mut request).is_ok() {
            drop(stream.write_all(b"HTTP/1.0 200 OK\r\n\r\nhello from web\n"));
        }
    }
}

#[test]
fn who_reaches_what() {
    let Some(story) = Story::begin(OPEN) else { return };
    story.scan(
        "internet",
        "nmap -p 22,80,443,3306,5432,8080 52.8.0.20",
        &expect![[r#"
            22/tcp   filtered ssh
            80/tcp   open     http
            443/tcp  open     https
            3306/tcp filtered mysql
            5432/tcp filtered postgresql
            8080/tcp closed   http-proxy
        "#]],
    );
    story.scan(
        "internet",
        "nmap -p 22 52.8.0.10",
        &expect![[r#"
        22/tcp filtered ssh
    "#]],
    );
    story.scan(
        "office",
        "nmap -p 22 52.8.0.10",
        &expect![[r#"
        22/tcp open  ssh
    "#]],
    );
    story.scan(
        "web",
        "nmap -p 22,3306,5432 10.0.2.30",
        &expect![[r#"
        22/tcp   filtered ssh
        3306/tcp open     mysql
        5432/tcp open     postgresql
    "#]],
    );
    story.scan(
        "bastion",
        "nmap -p 22,3306,5432 10.0.2.30",
        &expect![[r#"
        22/tcp   open     ssh
        3306/tcp filtered mysql
        5432/tcp filtered postgresql
    "#]],
    );
    story.scan(
        "db",
        "nmap -p 80 192.0.2.1",
        &expect![[r#"
        80/tcp filtered http
    "#]],
    );
    // Out and in again it has its public address, and is no member of its group.
    story.scan(
        "bastion",
        "nmap -p 22 52.8.0.20",
        &expect![[r#"
        22/tcp filtered ssh
    "#]],
    );
    if Command::new("curl").arg("--version").output().is_ok() {
        let said = story.exec("internet", "curl -s --max-time 3 http://52.8.0.20/");
        assert_eq!(said, "hello from web\n");
    }
}

#[test]
fn an_acl_that_forgets_the_answers() {
    let Some(story) = Story::begin(NO_ANSWERS) else { return };
    story.scan(
        "internet",
        "nmap -p 80,443 52.8.0.20",
        &expect![[r#"
        80/tcp  filtered http
        443/tcp filtered https
    "#]],
    );
    assert_eq!(story.exec("internet", "curl -s --max-time 1 http://52.8.0.20/"), "");
}

#[test]
fn an_acl_that_answers_some_clients() {
    let Some(story) = Story::begin(SOME_ANSWERS) else { return };
    story.scan(
        "internet",
        "nmap -g 40000 -p 443 52.8.0.20",
        &expect![[r#"
        443/tcp filtered https
    "#]],
    );
    story.scan(
        "internet",
        "nmap -g 50000 -p 443 52.8.0.20",
        &expect![[r#"
        443/tcp open  https
    "#]],
    );
}
