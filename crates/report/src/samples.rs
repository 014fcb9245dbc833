//! Records for tests.

use portolan::record::{
    Audience, Blocker, Breadth, Cause, Certainty, Clients, Coverage, Explanation, Hop,
    LimitationRecord, Open, Port, PortClass, Verdict, Way,
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
