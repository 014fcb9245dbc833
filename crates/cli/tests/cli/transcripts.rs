//! What people see, word for word.

use insta::assert_snapshot;

use crate::support::{blind, command, path, portolan, run};

/// What was said about a source that has a name of its own only in this run.
fn without(folder: &str, text: &str) -> String {
    text.replace(folder, "SOURCE")
}

#[test]
fn the_story_of_a_source() {
    assert_snapshot!(portolan(&["quay"]).transcript(), @r"
    6 network interfaces in 1 VPC (111122223333; eu-west-1).
    Open to everyone on the internet: tcp/22, tcp/8443, tcp/443 of 4 interfaces.
    The worst: ssh (tcp/22) of web-3 (eni-03), by sg-0c sgr-0ci0.
               tcp/8443 of =cmd|' /C calc'!A0\u{1b}[31m<b>@all\u{202e} (eni-06), by sg-0e sgr-0ei0.
    Open from outside to some, not to everyone: ports of 1 interface.
    Nothing that these answers depend on is missing.
    Ask next:
      portolan ports quay
      portolan audit quay
      portolan explain quay 0.0.0.0/0 eni-03 tcp/22
    ");
}

#[test]
fn the_story_of_a_source_that_was_not_all_seen() {
    let blind = blind();
    let told = portolan(&[path(&blind)]);
    assert_snapshot!(without(path(&blind), &told.transcript()), @r"
    6 network interfaces in 1 VPC (111122223333; eu-west-1).
    Open to everyone on the internet: tcp/22, tcp/8443, tcp/443 of 4 interfaces.
    The worst: ssh (tcp/22) of web-3 (eni-03), by sg-0c sgr-0ci0, possible only.
               tcp/8443 of =cmd|' /C calc'!A0\u{1b}[31m<b>@all\u{202e} (eni-06), by sg-0e sgr-0ei0, possible only.
    Open from outside to some, not to everyone: ports of 5 interfaces.
    Could not be seen: describe-network-acls, describe-route-tables.
    Ask next:
      portolan ports SOURCE
      portolan audit SOURCE
      portolan explain SOURCE 0.0.0.0/0 eni-03 tcp/22
    --- stderr
    limitation: not-collected: describe-network-acls (111122223333/eu-west-1); collect it with: aws ec2 describe-network-acls --region eu-west-1
    limitation: not-collected: describe-route-tables (111122223333/eu-west-1); collect it with: aws ec2 describe-route-tables --region eu-west-1
    --- exit 3
    ");
}

#[test]
fn security_groups_alone() {
    let groups = "quay/111122223333/eu-west-1/SecurityGroups.json";
    let told = portolan(&[groups, "--quiet"]);
    assert_snapshot!(told.transcript(), @"
    0 network interfaces in 0 VPCs (111122223333; eu-west-1).
    By the security groups alone, everyone could reach: tcp/22, tcp/8443, tcp/443 of whatever wears them.
    The worst: ssh (tcp/22) of launch-wizard-1 (sg-0c), by sg-0c quay/111122223333/eu-west-1/SecurityGroups.json:80, possible only.
               tcp/8443 of api (sg-0e), by sg-0e quay/111122223333/eu-west-1/SecurityGroups.json:151, possible only.
    Could not be seen: describe-vpcs, describe-subnets, describe-network-interfaces, describe-network-acls and 2 more.
    Ask next:
      portolan ports quay/111122223333/eu-west-1/SecurityGroups.json
      portolan audit quay/111122223333/eu-west-1/SecurityGroups.json
    --- exit 3
    ");
    let asked = portolan(&["ports", groups, "--quiet", "--port", "ssh"]);
    assert_snapshot!(asked.transcript(), @"
    open from the internet
      FROM            TO     PORT    NAME             NOTE          BY     WHO
      0.0.0.0/0       sg-0c  tcp/22  launch-wizard-1  possible [1]  sg-0c
      203.0.113.0/24  sg-0b  tcp/22  office-ssh       possible [1]  sg-0b  zone office

    open from other networks (on-premises, VPN, peers not seen)
      FROM            TO     PORT    NAME             NOTE          BY
      10.0.0.0/8      sg-0c  tcp/22  launch-wizard-1  possible [1]  sg-0c
      100.64.0.0/10
      172.16.0.0/12
      192.168.0.0/16

    [1] possible: open unless something that was not seen forbids it
    inside the estate: 1 more (`--audience estate`)
    judged: 0 interfaces and 10 rules in 0 VPCs (111122223333; eu-west-1); not collected: describe-instances, describe-network-acls, describe-network-interfaces, describe-route-tables, describe-subnets (111122223333/eu-west-1) and 1 more; 6 limitations; assumed: instances-running, block-public-access-off, no-security-group-vpc-associations
    --- exit 3
    ");
}

#[test]
fn what_is_open_and_to_whom() {
    assert_snapshot!(portolan(&["ports", "quay"]).transcript(), @r"
    open from the internet
      FROM            TO      PORT      NAME                                         NOTE              BY     WHO
      0.0.0.0/0       eni-01  tcp/443   web-1 and 1 alike                                              sg-0a
      0.0.0.0/0       eni-03  tcp/22    web-3                                                          sg-0c
      0.0.0.0/0       eni-03  tcp/443   web-3                                                          sg-0a
      0.0.0.0/0       eni-06  tcp/8443  =cmd|' /C calc'!A0\u{1b}[31m<b>@all\u{202e}  some clients [1]  sg-0e
      203.0.113.0/24  eni-04  tcp/22    bastion                                                        sg-0b  zone office

    [1] answers reach client ports 32768-60999 only: Linux (32768-60999) always, Windows (49152-65535) 72% of the time, NAT gateways, load balancers and Lambda (1024-65535) 43% of the time
    inside the estate: 6 more (`--audience estate`)
    why: portolan explain quay 0.0.0.0/0 eni-01 tcp/443
    judged: 6 interfaces and 18 rules in 1 VPC (111122223333; eu-west-1); not collected: nothing; 0 limitations
    ");
}

#[test]
fn what_is_open_inside() {
    let asked = ["ports", "quay", "--audience", "estate", "--to", "name:orders-*"];
    assert_snapshot!(portolan(&asked).transcript(), @"
    open inside the estate
      FROM   TO      PORT      NAME        BY     WHO
      sg-0a  eni-05  tcp/5432  orders-db   sg-0d  members of web (sg-0a)

    why: portolan explain quay sg-0a eni-05 tcp/5432
    judged: 6 interfaces and 18 rules in 1 VPC (111122223333; eu-west-1); not collected: nothing; 0 limitations
    ");
}

#[test]
fn what_the_office_can_reach() {
    let asked = ["ports", "quay", "--from", "zone:office", "--port", "ssh"];
    assert_snapshot!(portolan(&asked).transcript(), @"
    open from the internet
      FROM            TO      PORT    NAME        BY     WHO
      203.0.113.0/24  eni-03  tcp/22  web-3       sg-0c  zone office
      203.0.113.0/24  eni-04  tcp/22  bastion     sg-0b  zone office

    why: portolan explain quay 203.0.113.0/24 eni-03 tcp/22
    judged: 6 interfaces and 18 rules in 1 VPC (111122223333; eu-west-1); not collected: nothing; 0 limitations
    ");
}

#[test]
fn where_hosts_can_go() {
    let asked = ["ports", "quay", "--direction", "out", "--from", "bastion"];
    assert_snapshot!(portolan(&asked).transcript(), @"
    can open connections to the internet
      FROM    TO         PORT  NAME        BY
      eni-04  0.0.0.0/0  any   bastion     sg-0b

    inside the estate: 3 more (`--audience estate`)
    why: portolan explain quay eni-04 0.0.0.0/0 any
    judged: 6 interfaces and 18 rules in 1 VPC (111122223333; eu-west-1); not collected: nothing; 0 limitations
    ");
}

#[test]
fn a_question_without_an_open_port() {
    assert_snapshot!(portolan(&["ports", "quay", "--port", "tcp/23"]).transcript(), @"
    nothing that was asked for is open

    judged: 6 interfaces and 18 rules in 1 VPC (111122223333; eu-west-1); not collected: nothing; 0 limitations
    ");
}

#[test]
fn ports_for_a_pull_request() {
    let asked = ["ports", "quay", "--format", "markdown", "--to", "web-3"];
    assert_snapshot!(portolan(&asked).transcript(), @"
    ### open from the internet

    | From | To | Port | Name | Note | By |
    | --- | --- | --- | --- | --- | --- |
    | 0.0.0.0/0 | eni-03 | tcp/22 | web-3 |  | sg-0c |
    | 0.0.0.0/0 | eni-03 | tcp/443 | web-3 |  | sg-0a |

    Inside the estate: 2 more.

    judged: 6 interfaces and 18 rules in 1 VPC (111122223333; eu-west-1); not collected: nothing; 0 limitations
    ");
}

#[test]
fn ports_for_a_spreadsheet() {
    let asked = ["ports", "quay", "--format", "csv", "--to", "web-3", "--from", "internet"];
    assert_snapshot!(portolan(&asked).transcript(), @"
    interface,account,region,vpc,subnet,instance,name,addresses,public_addresses,services,audience,breadth,protocol,ports,sources,destinations,source_groups,clients,client_ports,certainty,because,via,through
    eni-03,111122223333,eu-west-1,vpc-01,subnet-0a,i-03,web-3,10.0.1.13,198.51.100.13,,internet,everyone,tcp,22,0.0.0.0/0,,,all,,certain,sg-0c sgr-0ci0; acl-0a 100; rtb-0a 0.0.0.0/0,igw-01,
    eni-03,111122223333,eu-west-1,vpc-01,subnet-0a,i-03,web-3,10.0.1.13,198.51.100.13,,internet,everyone,tcp,443,0.0.0.0/0,,,all,,certain,sg-0a sgr-0ai0; acl-0a 100; rtb-0a 0.0.0.0/0,igw-01,
    --- stderr
    judged: 6 interfaces and 18 rules in 1 VPC (111122223333; eu-west-1); not collected: nothing; 0 limitations
    ");
}

#[test]
fn ports_for_a_pipeline() {
    let asked = ["ports", "quay", "--format", "json", "--to", "web-3", "--from", "internet"];
    assert_snapshot!(portolan(&asked).transcript(), @r#"
    {"format":"portolan.ports/1","records":[
    {"format":"portolan.port/1","interface":"eni-03","account":"111122223333","region":"eu-west-1","vpc":"vpc-01","subnet":"subnet-0a","instance":"i-03","name":"web-3","addresses":["10.0.1.13"],"public_addresses":["198.51.100.13"],"services":[],"audience":"internet","breadth":"everyone","protocol":"tcp","ports":"22","sources":["0.0.0.0/0"],"source_groups":[],"clients":"all","client_ports":"","certainty":"certain","because":[{"kind":"security-group-rule","id":"sgr-0ci0","of":"sg-0c","at":"111122223333/eu-west-1/SecurityGroups.json#/SecurityGroups/2/IpPermissions/0","address":"","file":"quay/111122223333/eu-west-1/SecurityGroups.json","line":80},{"kind":"network-acl-entry","id":"100","of":"acl-0a","at":"111122223333/eu-west-1/NetworkAcls.json#/NetworkAcls/0/Entries/1","address":"","file":"quay/111122223333/eu-west-1/NetworkAcls.json","line":26},{"kind":"route","id":"0.0.0.0/0","of":"rtb-0a","at":"111122223333/eu-west-1/RouteTables.json#/RouteTables/0/Routes/1","address":"","file":"quay/111122223333/eu-west-1/RouteTables.json","line":33}],"via":["igw-01"],"through":null},
    {"format":"portolan.port/1","interface":"eni-03","account":"111122223333","region":"eu-west-1","vpc":"vpc-01","subnet":"subnet-0a","instance":"i-03","name":"web-3","addresses":["10.0.1.13"],"public_addresses":["198.51.100.13"],"services":[],"audience":"internet","breadth":"everyone","protocol":"tcp","ports":"443","sources":["0.0.0.0/0"],"source_groups":[],"clients":"all","client_ports":"","certainty":"certain","because":[{"kind":"security-group-rule","id":"sgr-0ai0","of":"sg-0a","at":"111122223333/eu-west-1/SecurityGroups.json#/SecurityGroups/0/IpPermissions/0","address":"","file":"quay/111122223333/eu-west-1/SecurityGroups.json","line":10},{"kind":"network-acl-entry","id":"100","of":"acl-0a","at":"111122223333/eu-west-1/NetworkAcls.json#/NetworkAcls/0/Entries/1","address":"","file":"quay/111122223333/eu-west-1/NetworkAcls.json","line":26},{"kind":"route","id":"0.0.0.0/0","of":"rtb-0a","at":"111122223333/eu-west-1/RouteTables.json#/RouteTables/0/Routes/1","address":"","file":"quay/111122223333/eu-west-1/RouteTables.json","line":33}],"via":["igw-01"],"through":null}
    ],
    "coverage":{"interfaces":6,"rules":18,"vpcs":1,"accounts":["111122223333"],"regions":["eu-west-1"],"not_collected":[],"limitations":0,"assumptions":[],"warnings":0},
    "limitations":[]}
    "#);
}

#[test]
fn a_closed_port_and_why() {
    let asked = portolan(&["explain", "quay", "bastion", "10.0.2.5", "tcp/5432"]);
    assert_snapshot!(asked.transcript(), @"
    closed: bastion to 10.0.2.5 at tcp/5432
    no inbound rule of sg-0d admits it (ENI_SG_RULES_MISMATCH), quay/111122223333/eu-west-1/SecurityGroups.json:108

    forward
      1 allow    out  security group sg-0b  sgr-0be0: all traffic to 0.0.0.0/0  quay/111122223333/eu-west-1/SecurityGroups.json:60
      2 allow    out  network acl acl-0a    100: all traffic to 0.0.0.0/0       quay/111122223333/eu-west-1/NetworkAcls.json:19
      3 forward  out  route table rtb-0a    10.0.0.0/16: to local               quay/111122223333/eu-west-1/RouteTables.json:27
      4 allow    in   network acl acl-0a    100: all traffic from 0.0.0.0/0     quay/111122223333/eu-west-1/NetworkAcls.json:26
      5 deny     in   security group sg-0d  *: no rule admits it                quay/111122223333/eu-west-1/SecurityGroups.json:108

    reply
      1 allow    out  network acl acl-0a  100: all traffic to 0.0.0.0/0    quay/111122223333/eu-west-1/NetworkAcls.json:19
      2 forward  out  route table rtb-0b  10.0.0.0/16: to local            quay/111122223333/eu-west-1/RouteTables.json:56
      3 allow    in   network acl acl-0a  100: all traffic from 0.0.0.0/0  quay/111122223333/eu-west-1/NetworkAcls.json:26

    judged: 6 interfaces and 18 rules in 1 VPC (111122223333; eu-west-1); not collected: nothing; 0 limitations
    ");
}

#[test]
fn an_open_port_and_who_gets_no_answer() {
    let asked = portolan(&["explain", "quay", "203.0.113.9", "198.51.100.36", "8443"]);
    assert_snapshot!(asked.transcript(), @r#"
    open for some clients: 203.0.113.9 to 198.51.100.36 at 8443
    admitted by acl-0c 100, sg-0e sgr-0ei0; some answers get back
    answers reach client ports 32768-60999 only: Linux (32768-60999) always, Windows (49152-65535) 72% of the time, NAT gateways, load balancers and Lambda (1024-65535) 43% of the time
    203.0.113.9: zone office
    198.51.100.36: =cmd|' /C calc'!A0\u{1b}[31m<b>@all\u{202e} (eni-06)

    forward
      1 forward  in  internet gateway igw-01
      2 allow    in  network acl acl-0c       100: tcp/8443 from 0.0.0.0/0       quay/111122223333/eu-west-1/NetworkAcls.json:72
      3 allow    in  security group sg-0e     sgr-0ei0: tcp/8443 from 0.0.0.0/0  quay/111122223333/eu-west-1/SecurityGroups.json:151

    reply
      1 allow    out  network acl acl-0c       100: tcp/32768-60999 to 0.0.0.0/0  quay/111122223333/eu-west-1/NetworkAcls.json:61
      2 forward  out  route table rtb-0a       0.0.0.0/0: to igw-01               quay/111122223333/eu-west-1/RouteTables.json:33
      3 forward  out  internet gateway igw-01                                     quay/111122223333/eu-west-1/InternetGateways.json:3

    judged: 6 interfaces and 18 rules in 1 VPC (111122223333; eu-west-1); not collected: nothing; 0 limitations
    "#);
}

#[test]
fn what_is_not_known_and_how_to_know_it() {
    let blind = blind();
    let asked = portolan(&["explain", path(&blind), "203.0.113.9", "198.51.100.11", "https"]);
    assert_snapshot!(without(path(&blind), &asked.transcript()), @"
    unknown: 203.0.113.9 to 198.51.100.11 at https
    it depends on subnet-0a (no-route-table) and 1 more
    203.0.113.9: zone office
    198.51.100.11: web-1 (eni-01)

    forward
      1 forward  in  internet gateway igw-01
      2 allow    in  security group sg-0a     sgr-0ai0: tcp/443 from 0.0.0.0/0  SOURCE/111122223333/eu-west-1/SecurityGroups.json:10

    not seen or not modelled
      subnet-0a (no-route-table). A subnet has no route table: no association, and its VPC has no main table in the source.
      subnet-0a (no-network-acl). A subnet has no network ACL: no association, and its VPC has no default ACL in the source.

    to know more, collect
      aws ec2 describe-route-tables
      aws ec2 describe-network-acls

    judged: 6 interfaces and 10 rules in 1 VPC (111122223333; eu-west-1); not collected: describe-network-acls, describe-route-tables (111122223333/eu-west-1); 2 limitations
    --- stderr
    limitation: no-network-acl: subnet-0a; collect it with: aws ec2 describe-network-acls
    limitation: no-route-table: subnet-0a; collect it with: aws ec2 describe-route-tables
    --- exit 3
    ");
}

#[test]
fn a_name_that_nothing_has() {
    assert_snapshot!(portolan(&["explain", "quay", "bation", "10.0.2.5", "22"]).transcript(), @"
    --- stderr
    error: nothing in the source is called `bation`
    hint: did you mean `bastion`?
    --- exit 2
    ");
}

#[test]
fn a_port_that_is_none() {
    assert_snapshot!(portolan(&["explain", "quay", "bastion", "10.0.2.5", "22-"]).transcript(), @"
    --- stderr
    error: PORT: `22-` is no port: expected tcp/443, 443/tcp, tcp/8000-8080, icmp/8, proto/50, any or a service name
    --- exit 2
    ");
}

#[test]
fn a_batch_of_questions() {
    let questions = "port,to,from,expect\ntcp/5432,10.0.2.5,10.0.1.11,open\n\
                     tcp/5432,10.0.2.5,10.0.1.22,open\n22,nobody,10.0.1.11,\n";
    for format in ["human", "jsonl", "csv", "markdown"] {
        let mut asked = command(&["explain", "quay", "--batch", "-", "--format", format]);
        let transcript = run(&mut asked, questions.as_bytes()).transcript();
        match format {
            "human" => assert_snapshot!(transcript, @"
              VERDICT  FROM       TO        PORT      WHY
              open     10.0.1.11  10.0.2.5  tcp/5432  admitted by sg-0a sgr-0ae0, acl-0a 100, sg-0d sgr-0di0; the answer gets back
              closed   10.0.1.22  10.0.2.5  tcp/5432  no inbound rule of sg-0d admits it (ENI_SG_RULES_MISMATCH), quay/111122223333/eu-west-1/SecurityGroups.json:108
              unknown  10.0.1.11  nobody    22        it depends on nobody (no-such-place)

            3 questions: 1 open, 1 closed, 1 unknown
            why: portolan explain quay 10.0.1.11 10.0.2.5 tcp/5432
            judged: 6 interfaces and 18 rules in 1 VPC (111122223333; eu-west-1); not collected: nothing; 0 limitations
            --- stderr
            limitation: no-such-place: nobody
            stdin:3: expected open, is closed: 10.0.1.22 to 10.0.2.5 at tcp/5432
            --- exit 1
            "),
            "jsonl" => assert_snapshot!(transcript, @r#"
            {"format":"portolan.explain/1","from":"10.0.1.11","to":"10.0.2.5","port":"tcp/5432","verdict":"open","clients":"all","client_ports":"","blocked_by":[],"forward":[{"component":"security-group","id":"sg-0a","action":"allow","rule":"sgr-0ae0","stage":"egress","detail":"all traffic to 0.0.0.0/0","at":"111122223333/eu-west-1/SecurityGroups.json#/SecurityGroups/0/IpPermissionsEgress/0","address":"","file":"quay/111122223333/eu-west-1/SecurityGroups.json","line":25},{"component":"network-acl","id":"acl-0a","action":"allow","rule":"100","stage":"egress","detail":"all traffic to 0.0.0.0/0","at":"111122223333/eu-west-1/NetworkAcls.json#/NetworkAcls/0/Entries/0","address":"","file":"quay/111122223333/eu-west-1/NetworkAcls.json","line":19},{"component":"route-table","id":"rtb-0a","action":"forward","rule":"10.0.0.0/16","stage":"egress","detail":"to local","at":"111122223333/eu-west-1/RouteTables.json#/RouteTables/0/Routes/0","address":"","file":"quay/111122223333/eu-west-1/RouteTables.json","line":27},{"component":"network-acl","id":"acl-0a","action":"allow","rule":"100","stage":"ingress","detail":"all traffic from 0.0.0.0/0","at":"111122223333/eu-west-1/NetworkAcls.json#/NetworkAcls/0/Entries/1","address":"","file":"quay/111122223333/eu-west-1/NetworkAcls.json","line":26},{"component":"security-group","id":"sg-0d","action":"allow","rule":"sgr-0di0","stage":"ingress","detail":"tcp/5432 from sg-0a","at":"111122223333/eu-west-1/SecurityGroups.json#/SecurityGroups/3/IpPermissions/0","address":"","file":"quay/111122223333/eu-west-1/SecurityGroups.json","line":115}],"reply":[{"component":"network-acl","id":"acl-0a","action":"allow","rule":"100","stage":"egress","detail":"all traffic to 0.0.0.0/0","at":"111122223333/eu-west-1/NetworkAcls.json#/NetworkAcls/0/Entries/0","address":"","file":"quay/111122223333/eu-west-1/NetworkAcls.json","line":19},{"component":"route-table","id":"rtb-0b","action":"forward","rule":"10.0.0.0/16","stage":"egress","detail":"to local","at":"111122223333/eu-west-1/RouteTables.json#/RouteTables/1/Routes/0","address":"","file":"quay/111122223333/eu-west-1/RouteTables.json","line":56},{"component":"network-acl","id":"acl-0a","action":"allow","rule":"100","stage":"ingress","detail":"all traffic from 0.0.0.0/0","at":"111122223333/eu-west-1/NetworkAcls.json#/NetworkAcls/0/Entries/1","address":"","file":"quay/111122223333/eu-west-1/NetworkAcls.json","line":26}],"assumptions":[],"limitations":[],"open_for":[],"also":""}
            {"format":"portolan.explain/1","from":"10.0.1.22","to":"10.0.2.5","port":"tcp/5432","verdict":"closed","clients":"none","client_ports":"","blocked_by":[{"code":"ENI_SG_RULES_MISMATCH","kind":"security-group","id":"sg-0d","rule":"*","direction":"forward","stage":"ingress","at":"111122223333/eu-west-1/SecurityGroups.json#/SecurityGroups/3","address":"","file":"quay/111122223333/eu-west-1/SecurityGroups.json","line":108}],"forward":[{"component":"security-group","id":"sg-0b","action":"allow","rule":"sgr-0be0","stage":"egress","detail":"all traffic to 0.0.0.0/0","at":"111122223333/eu-west-1/SecurityGroups.json#/SecurityGroups/1/IpPermissionsEgress/0","address":"","file":"quay/111122223333/eu-west-1/SecurityGroups.json","line":60},{"component":"network-acl","id":"acl-0a","action":"allow","rule":"100","stage":"egress","detail":"all traffic to 0.0.0.0/0","at":"111122223333/eu-west-1/NetworkAcls.json#/NetworkAcls/0/Entries/0","address":"","file":"quay/111122223333/eu-west-1/NetworkAcls.json","line":19},{"component":"route-table","id":"rtb-0a","action":"forward","rule":"10.0.0.0/16","stage":"egress","detail":"to local","at":"111122223333/eu-west-1/RouteTables.json#/RouteTables/0/Routes/0","address":"","file":"quay/111122223333/eu-west-1/RouteTables.json","line":27},{"component":"network-acl","id":"acl-0a","action":"allow","rule":"100","stage":"ingress","detail":"all traffic from 0.0.0.0/0","at":"111122223333/eu-west-1/NetworkAcls.json#/NetworkAcls/0/Entries/1","address":"","file":"quay/111122223333/eu-west-1/NetworkAcls.json","line":26},{"component":"security-group","id":"sg-0d","action":"deny","rule":"*","stage":"ingress","detail":"no rule admits it","at":"111122223333/eu-west-1/SecurityGroups.json#/SecurityGroups/3","address":"","file":"quay/111122223333/eu-west-1/SecurityGroups.json","line":108}],"reply":[{"component":"network-acl","id":"acl-0a","action":"allow","rule":"100","stage":"egress","detail":"all traffic to 0.0.0.0/0","at":"111122223333/eu-west-1/NetworkAcls.json#/NetworkAcls/0/Entries/0","address":"","file":"quay/111122223333/eu-west-1/NetworkAcls.json","line":19},{"component":"route-table","id":"rtb-0b","action":"forward","rule":"10.0.0.0/16","stage":"egress","detail":"to local","at":"111122223333/eu-west-1/RouteTables.json#/RouteTables/1/Routes/0","address":"","file":"quay/111122223333/eu-west-1/RouteTables.json","line":56},{"component":"network-acl","id":"acl-0a","action":"allow","rule":"100","stage":"ingress","detail":"all traffic from 0.0.0.0/0","at":"111122223333/eu-west-1/NetworkAcls.json#/NetworkAcls/0/Entries/1","address":"","file":"quay/111122223333/eu-west-1/NetworkAcls.json","line":26}],"assumptions":[],"limitations":[],"open_for":[],"also":""}
            {"format":"portolan.explain/1","from":"10.0.1.11","to":"nobody","port":"22","verdict":"unknown","clients":"unknown","client_ports":"","blocked_by":[],"forward":[],"reply":[],"assumptions":[],"limitations":[{"code":"no-such-place","about":"nobody","scope":"","at":"","collect":""}],"open_for":[],"also":""}
            --- stderr
            limitation: no-such-place: nobody
            judged: 6 interfaces and 18 rules in 1 VPC (111122223333; eu-west-1); not collected: nothing; 0 limitations
            stdin:3: expected open, is closed: 10.0.1.22 to 10.0.2.5 at tcp/5432
            --- exit 1
            "#),
            "csv" => assert_snapshot!(transcript, @"
            from,to,port,verdict,clients,client_ports,blocked_by,assumptions,limitations,open_for,also
            10.0.1.11,10.0.2.5,tcp/5432,open,all,,,,,,
            10.0.1.22,10.0.2.5,tcp/5432,closed,none,,ENI_SG_RULES_MISMATCH forward ingress sg-0d *,,,,
            10.0.1.11,nobody,22,unknown,unknown,,,,no-such-place nobody,,
            --- stderr
            limitation: no-such-place: nobody
            judged: 6 interfaces and 18 rules in 1 VPC (111122223333; eu-west-1); not collected: nothing; 0 limitations
            stdin:3: expected open, is closed: 10.0.1.22 to 10.0.2.5 at tcp/5432
            --- exit 1
            "),
            _ => assert_snapshot!(transcript, @"
            | Verdict | From | To | Port | Why |
            | --- | --- | --- | --- | --- |
            | open | 10.0.1.11 | 10.0.2.5 | tcp/5432 | admitted by sg-0a sgr-0ae0, acl-0a 100, sg-0d sgr-0di0; the answer gets back |
            | closed | 10.0.1.22 | 10.0.2.5 | tcp/5432 | no inbound rule of sg-0d admits it (ENI&#95;SG&#95;RULES&#95;MISMATCH), quay/111122223333/eu-west-1/SecurityGroups.json:108 |
            | unknown | 10.0.1.11 | nobody | 22 | it depends on nobody (no-such-place) |

            * limitation: no-such-place: nobody

            judged: 6 interfaces and 18 rules in 1 VPC (111122223333; eu-west-1); not collected: nothing; 0 limitations
            --- stderr
            limitation: no-such-place: nobody
            stdin:3: expected open, is closed: 10.0.1.22 to 10.0.2.5 at tcp/5432
            --- exit 1
            "),
        }
    }
}

#[test]
fn a_batch_that_cannot_be_read() {
    let questions = "from,to,port\n10.0.1.11,10.0.2.5,22\n10.0.1.11,10.0.2.5.6,22\n";
    let mut asked = command(&["explain", "quay", "--batch", "-"]);
    assert_snapshot!(run(&mut asked, questions.as_bytes()).transcript(), @"
    --- stderr
    error: stdin: line 3, column 2 (to): `10.0.2.5.6` is no IP address or CIDR block
    hint: a batch is CSV with the columns from,to,port and, if wanted, expect (open or closed)
    --- exit 2
    ");
}

#[test]
fn a_source_that_is_not_there() {
    assert_snapshot!(portolan(&["ports", "dumps"]).transcript(), @"
    --- stderr
    error: there is no file or folder `dumps`
    hint: `portolan snapshot --script` prints a script that collects a folder to read
    --- exit 2
    ");
}

#[test]
fn bytes_that_are_no_json() {
    let mut asked = command(&["ports", "-"]);
    assert_snapshot!(run(&mut asked, b"{\"Vpcs\": [").transcript(), @"
    --- stderr
    error: `stdin.json`, line 1, column 11: expected a value, found the end of the file
    --- exit 2
    ");
}
