//! Records for tests.

use portolan::observed::{PortState, Tls};
use portolan::record::{
    About, Audience, Beyond, Blocker, Breadth, Cause, Certainty, Clients, Compared, Coverage,
    Excepted, Expected, Explanation, Finding, Hop, LimitationRecord, Open, Outcome, Port,
    PortClass, Severity, Tally, Verdict, Verification, Way, Witness,
};

pub(crate) fn cause() -> Cause {
    Cause {
        kind: "security-group-rule".into(),
        id: "sgr-1".into(),
        of: "sg-1".into(),
        at: "SecurityGroups.json#/SecurityGroups/0/IpPermissions/0".into(),
        address: String::new(),
        file: "dump/SecurityGroups.json".into(),
        line: Some(14),
    }
}

pub(crate) fn open() -> Open {
    Open {
        audience: Audience::Internet,
        breadth: Breadth::Everyone,
        protocol: "tcp".into(),
        ports: "443".into(),
        sources: Some(["0.0.0.0/0", "::/0"].into_iter().collect()),
        destinations: None,
        source_groups: Vec::new(),
        clients: Clients::All,
        client_ports: String::new(),
        certainty: Certainty::Certain,
        because: vec![cause().into()],
        via: vec!["igw-1".into()],
        through: None,
    }
}

pub(crate) fn port() -> Port {
    Port {
        format: "portolan.port/1".into(),
        interface: "eni-0a".into(),
        account: "111122223333".into(),
        region: "us-east-1".into(),
        vpc: "vpc-1".into(),
        subnet: "subnet-1".into(),
        instance: "i-0a".into(),
        name: "web-1".into(),
        addresses: vec!["10.0.1.10".into(), "2001:db8:0:1::10".into()],
        public_addresses: vec!["198.51.100.7".into()],
        services: Vec::new(),
        open: open(),
    }
}

pub(crate) fn port_class() -> PortClass {
    PortClass {
        format: "portolan.port-class/1".into(),
        interfaces: vec!["eni-0a".into(), "eni-0b".into(), "eni-0c".into()],
        names: vec!["web-1".into(), "web-2".into(), "web-3".into()],
        account: "111122223333".into(),
        region: "us-east-1".into(),
        vpc: "vpc-1".into(),
        subnet: "subnet-1".into(),
        addresses: vec!["10.0.1.10".into(), "10.0.1.11".into(), "10.0.1.12".into()],
        public_addresses: vec!["198.51.100.7".into()],
        services: Vec::new(),
        open: open(),
    }
}

pub(crate) fn blocker() -> Blocker {
    Blocker {
        code: "SUBNET_ACL_RESTRICTION".into(),
        kind: "network-acl".into(),
        id: "acl-1".into(),
        rule: "*".into(),
        direction: Way::Reply,
        stage: "egress".into(),
        at: "NetworkAcls.json#/NetworkAcls/1".into(),
        address: String::new(),
        file: "dump/NetworkAcls.json".into(),
        line: Some(30),
    }
}

pub(crate) fn hop() -> Hop {
    Hop {
        component: "security-group".into(),
        id: "sg-1".into(),
        action: "allow".into(),
        rule: "sgr-1".into(),
        stage: "ingress".into(),
        detail: "tcp/22 from 10.0.0.0/16".into(),
        at: "SecurityGroups.json#/SecurityGroups/0/IpPermissions/0".into(),
        address: String::new(),
        file: "dump/SecurityGroups.json".into(),
        line: Some(14),
    }
}

pub(crate) fn limitation() -> LimitationRecord {
    LimitationRecord {
        code: "unknown-security-group".into(),
        about: "sg-9".into(),
        scope: "111122223333/us-east-1".into(),
        at: "SecurityGroups.json#/SecurityGroups/0/IpPermissions/1".into(),
        collect: "aws ec2 describe-security-groups --group-ids sg-9 > SecurityGroups.json".into(),
    }
}

pub(crate) fn explanation() -> Explanation {
    Explanation {
        format: "portolan.explain/1".into(),
        from: "10.0.0.5".into(),
        to: "10.0.1.10".into(),
        port: "tcp/22".into(),
        verdict: Verdict::Closed,
        clients: Clients::None,
        client_ports: String::new(),
        blocked_by: vec![blocker()],
        forward: vec![hop()],
        reply: vec![Hop {
            component: "network-acl".into(),
            id: "acl-1".into(),
            action: "deny".into(),
            rule: "*".into(),
            stage: "egress".into(),
            detail: String::new(),
            at: "NetworkAcls.json#/NetworkAcls/1".into(),
            address: String::new(),
            file: "dump/NetworkAcls.json".into(),
            line: None,
        }],
        assumptions: vec!["instances-running".into()],
        limitations: vec![limitation()],
        open_for: Vec::new(),
        also: String::new(),
    }
}

pub(crate) fn coverage() -> Coverage {
    Coverage {
        interfaces: 21,
        rules: 87,
        vpcs: 2,
        accounts: vec!["111122223333".into()],
        regions: vec!["eu-west-1".into()],
        not_collected: vec!["describe-instances (111122223333/eu-west-1)".into()],
        limitations: 1,
        assumptions: vec!["instances-running".into()],
        warnings: 0,
    }
}

pub(crate) fn finding() -> Finding {
    Finding {
        format: "portolan.finding/1".into(),
        code: "database-open-to-internet".into(),
        title: "PostgreSQL (tcp/5432) of reports (eni-0a) is open to everyone on the internet"
            .into(),
        severity: Severity::Critical,
        attached: true,
        about: About {
            kind: "network-interface".into(),
            id: "eni-0a".into(),
            name: "reports".into(),
            instance: "i-0a".into(),
            account: "111122223333".into(),
            region: "eu-west-1".into(),
            vpc: "vpc-1".into(),
            address: String::new(),
            at: "NetworkInterfaces.json#/NetworkInterfaces/0".into(),
            file: "dump/NetworkInterfaces.json".into(),
            line: Some(3),
        },
        direction: "ingress".into(),
        protocol: "tcp".into(),
        ports: "5432".into(),
        audience: Some(Audience::Internet),
        breadth: Some(Breadth::Everyone),
        sources: ["0.0.0.0/0"].into_iter().collect(),
        sources_left_out: 0,
        source_groups: Vec::new(),
        who: Vec::new(),
        clients: Some(Clients::All),
        client_ports: String::new(),
        certainty: Certainty::Certain,
        witness: Some(Witness {
            from: "203.0.113.1".into(),
            to: "eni-0a".into(),
            port: "tcp/5432".into(),
        }),
        because: vec![cause().into()],
        blocked_by: Vec::new(),
        controls: vec!["CIS-AWS-5.0/5.3".to_owned(), "FSBP/EC2.19".to_owned()].into(),
        why: "Databases are found by scanners within minutes.".into(),
        fix: "Let the rule name the security group of the application servers.".into(),
        fingerprint: "891eaa70ca2aca48b44e5db94111d74e".into(),
        exception: None,
        beyond: Vec::new(),
    }
}

/// The same, and an exception that allows it.
pub(crate) fn excepted() -> Finding {
    Finding {
        exception: Some(Excepted {
            reason: "until the move".into(),
            owner: "data team".into(),
            until: "2999-12-31".into(),
            file: "portolan.exceptions.toml".into(),
            line: Some(3),
        }),
        ..finding()
    }
}

/// The same, and more open than its exception allows.
pub(crate) fn beyond() -> Finding {
    let part = Beyond {
        ports: vec!["tcp/5432".into()],
        sources: ["128.0.0.0/1"].into_iter().collect(),
        sources_left_out: 0,
        source_groups: vec!["sg-9".into()],
    };
    Finding {
        who: vec!["everyone".into()],
        blocked_by: vec![blocker()],
        source_groups: vec!["sg-9".into()],
        breadth: Some(Breadth::Some),
        beyond: vec![part],
        ..finding()
    }
}

/// What was found in `dump`, as it is told without further wishes.
pub(crate) fn audit<'a>(
    findings: &'a [Finding],
    coverage: &'a Coverage,
    limitations: &'a [LimitationRecord],
) -> crate::AuditReport<'a> {
    crate::AuditReport {
        source: "dump",
        findings,
        narrowed: false,
        less_bad: 0,
        show_excepted: false,
        fail_on: None,
        mended: None,
        coverage,
        limitations,
    }
}

pub(crate) fn verifications() -> (Vec<Verification>, Compared) {
    let one = |outcome, ports: &str, expected, observed| Verification {
        format: "portolan.verification/1".to_owned(),
        from: "internet".to_owned(),
        to: "198.51.100.7".to_owned(),
        interface: "eni-0a".to_owned(),
        instance: "i-0a".to_owned(),
        name: "web-1".to_owned(),
        account: "111122223333".to_owned(),
        region: "us-east-1".to_owned(),
        vpc: "vpc-1".to_owned(),
        protocol: "tcp".to_owned(),
        ports: ports.to_owned(),
        count: 1,
        expected,
        observed,
        reason: "syn-ack".to_owned(),
        service: "smtp".to_owned(),
        tls: None,
        outcome,
        differs: Outcome::differs(outcome),
        means: "what it means".to_owned(),
        check: vec!["this".to_owned(), "that".to_owned()],
        because: Vec::new(),
        blocked_by: Vec::new(),
        limitations: Vec::new(),
        scanner: "nmap 7.93".to_owned(),
        file: "scan.xml".to_owned(),
        line: Some(8),
    };
    let (closed, open) = (Expected::Closed, Expected::Open);
    let unexpected = one(Outcome::OpenUnexpectedly, "25", closed, PortState::Open);
    let silent = one(Outcome::NoAnswer, "80", open, PortState::Filtered);
    let agrees = one(Outcome::Agrees, "443", open, PortState::Open);
    let tls = Tls {
        version: "TLS 1.3".to_owned(),
        names: vec!["www.example.org".to_owned()],
        not_after: "2026-12-31T00:00:00Z".to_owned(),
        self_signed: true,
        ..Tls::default()
    };
    let records = vec![
        Verification { blocked_by: vec![blocker()], ..unexpected },
        Verification {
            because: vec![cause()],
            limitations: vec![limitation()],
            reason: "no-response".to_owned(),
            service: String::new(),
            ..silent
        },
        Verification { tls: Some(tls), ..agrees },
    ];
    let tally = |outcome| Tally { outcome, ports: 1, addresses: 1 };
    let compared = Compared {
        from: "internet".to_owned(),
        scanners: vec!["nmap 7.93".to_owned()],
        started: "2026-11-01T12:00:00Z".to_owned(),
        ended: "2026-11-01T12:05:00Z".to_owned(),
        addresses: 1,
        down: vec!["198.51.100.9".to_owned()],
        not_scanned: vec!["198.51.100.8".to_owned()],
        tallies: [Outcome::OpenUnexpectedly, Outcome::NoAnswer, Outcome::Agrees]
            .map(tally)
            .to_vec(),
    };
    (records, compared)
}
