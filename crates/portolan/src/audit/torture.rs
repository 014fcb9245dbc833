//! Cases that checks which compare strings get wrong: each has the right finding
//! here, or rightly none.
//!
//! They are about one question, whether SSH is open to the internet, in every
//! spelling that AWS knows. Who gets a case wrong is said beside it, as measured
//! with Prowler's port function and `subnet.public`, Checkov 3.3.30 with all
//! checks on, and read in Trivy. `reach/traps/torture.rs` asks the same of single
//! packets.
//!
//! Cases that are not about EC2 data, or wait for what the model does not hold:
//!
//! | case | why it is not here |
//! |---|---|
//! | a Terraform rule that has `prefix_list_ids` beside `0.0.0.0/0`, `self = true` in one rule and `0.0.0.0/0` in the next, `aws_vpc_security_group_ingress_rule` with `ip_protocol = -1` and without ports | Terraform is not read yet; the same groups as EC2 shows them are here |
//! | a host without a public address behind a public load balancer | load balancers are not modelled: `unknown`, see `docs/semantics.md` |
//! | a default route to a transit gateway with a firewall behind it | where attachments were not listed nobody knows what is behind it: `unknown` |

use super::tests::{check, check_all, check_code, check_declared, web};

/// SSH of `a` is open to everyone of a family.
const V4: &str = "critical administration-open-to-internet a ingress tcp/22 0.0.0.0/0";
const V6: &str = "critical administration-open-to-internet a ingress tcp/22 ::/0";
/// The same, said where no rule says so.
const PIECES_V4: &str = "medium internet-in-pieces g ingress tcp/22 0.0.0.0/0";
const PIECES_V6: &str = "medium internet-in-pieces g ingress tcp/22 ::/0";

/// A host `a` with a public address, a group that lets everything in, and an ACL.
fn behind(entries: &str) -> String {
    format!(
        "vpc v1 10.0.0.0/16 igw
         acl tight v1 {entries}
         subnet other v1 10.0.2.0/24
         subnet s v1 10.0.1.0/24 acl=tight route 0.0.0.0/0->igw
         interface a s 10.0.1.10 public=198.51.100.7 groups=g
         group g v1 in tcp/22 any4; out none"
    )
}

/// A host `a` with a public address that opens SSH to everyone; its subnet's routes.
fn routed(routes: &str, more: &str) -> String {
    format!(
        "vpc v1 10.0.0.0/16 igw
         {more}
         subnet s v1 10.0.1.0/24 {routes}
         interface a s 10.0.1.10 public=198.51.100.7 groups=g
         group g v1 in tcp/22 any4; out none"
    )
}

// Everyone has this one right.
#[test]
fn all_addresses() {
    check(&web("group g v1 in tcp/22 0.0.0.0/0"), V4);
    check(&web("group g v1 in tcp/22 ::/0"), V6);
}

// Prowler: closed (another check flags /1 to /23 as wide). Checkov: passes.
#[test]
fn two_halves_of_ipv4() {
    let text = web("group g v1 in tcp/22 0.0.0.0/1,128.0.0.0/1");
    check(&text, V4);
    check_code(&text, "internet-in-pieces", PIECES_V4);
}

// Prowler: closed. Checkov: passes.
#[test]
fn two_halves_of_ipv6() {
    let text = web("group g v1 in tcp/22 ::/1,8000::/1");
    check(&text, V6);
    check_code(&text, "internet-in-pieces", PIECES_V6);
}

// Prowler: closed. `2000::/3` is all of IPv6 that is routed on the internet.
#[test]
fn global_unicast() {
    let text = web("group g v1 in tcp/22 2000::/3");
    check(&text, V6);
    check_code(&text, "internet-in-pieces", PIECES_V6);
}

// Prowler looks at no prefix list: closed.
#[test]
fn a_prefix_list_that_holds_all_addresses() {
    let text = web("list pl 0.0.0.0/0\ngroup g v1 in tcp/22 list:pl");
    check(&text, V4);
    check_code(&text, "prefix-list-holds-internet", "medium prefix-list-holds-internet pl");
}

// The same in halves.
#[test]
fn a_prefix_list_that_adds_up_to_all_addresses() {
    let text = web("list pl 0.0.0.0/1 128.0.0.0/1\ngroup g v1 in tcp/22 list:pl");
    check(&text, V4);
    check_code(&text, "prefix-list-holds-internet", "medium prefix-list-holds-internet pl");
}

// One half in a block, one in a list, and in two groups that the host wears.
#[test]
fn halves_in_a_block_a_list_and_two_groups() {
    check(&web("list pl 128.0.0.0/1\ngroup g v1 in tcp/22 0.0.0.0/1,list:pl"), V4);
    check(
        "vpc v1 10.0.0.0/16 igw
         subnet s v1 10.0.1.0/24 route 0.0.0.0/0->igw
         group g v1 in tcp/22 0.0.0.0/1; out none
         group h v1 in tcp/22 128.0.0.0/1; out none
         interface a s 10.0.1.10 public=198.51.100.7 groups=g,h",
        V4,
    );
}

// A list that nobody has listed may hold anything: it is neither open nor closed.
#[test]
fn a_prefix_list_that_is_not_known() {
    check(
        &web("list pl ?\ngroup g v1 in tcp/22 list:pl"),
        "high administration-open-to-internet a ingress tcp/22 0.0.0.0/0 ::/0",
    );
}

// Checkov passes every rule that has a prefix list, also one that has 0.0.0.0/0 too.
#[test]
fn all_addresses_beside_a_prefix_list() {
    check(&web("list pl 192.0.2.0/24\ngroup g v1 in tcp/22 0.0.0.0/0,list:pl"), V4);
}

// Checkov stops at the first rule for the group itself and passes.
#[test]
fn a_rule_for_the_group_itself_before_one_for_all_addresses() {
    check(&web("group g v1 in tcp/22 group:g; in tcp/22 0.0.0.0/0"), V4);
}

// Checkov wants `from_port` and passes: a rule for all protocols has none.
#[test]
fn every_protocol() {
    check(
        &web("group g v1 in all 0.0.0.0/0"),
        "critical all-ports-open-to-internet a ingress any/any 0.0.0.0/0",
    );
}

// Checkov fails it: a rule for another group is no rule for everyone.
#[test]
fn a_reference_only() {
    let text = web("group g v1 in tcp/22 group:bastion\ngroup bastion v1");
    check(&text, "");
    check_declared(&text, "");
}

// Checkov fails it: SSH is TCP. It is a port of some kind, and open.
#[test]
fn udp_22() {
    check(
        &web("group g v1 in udp/22 0.0.0.0/0"),
        "medium port-open-to-internet a ingress udp/22 0.0.0.0/0",
    );
}

// A range around SSH; Checkov and Prowler have it right, those that compare the
// first port do not.
#[test]
fn a_range_around_it() {
    check(
        &web("group g v1 in tcp/20-25 0.0.0.0/0"),
        "critical administration-open-to-internet a ingress tcp/22 0.0.0.0/0
         high plaintext-service-open-to-internet a ingress tcp/20-21 0.0.0.0/0
         high plaintext-service-open-to-internet a ingress tcp/23 0.0.0.0/0
         high internal-service-open-to-internet a ingress tcp/25 0.0.0.0/0
         medium port-open-to-internet a ingress tcp/24 0.0.0.0/0",
    );
}

// Prowler's checks of instances ask no ACL: open.
#[test]
fn an_acl_denies_both_halves() {
    check(
        &behind(
            "in 90 deny tcp/22 0.0.0.0/1; in 91 deny tcp/22 128.0.0.0/1; \
             in 100 allow all any4; out 100 allow all any4",
        ),
        "",
    );
}

// Prowler wants `0.0.0.0/0` in the entry: closed.
#[test]
fn an_acl_allows_both_halves() {
    let text = behind(
        "in 90 allow tcp/22 0.0.0.0/1; in 91 allow tcp/22 128.0.0.0/1; out 100 allow all any4",
    );
    check(&text, V4);
    check_code(
        &text,
        "network-acl-admits-administration",
        "low network-acl-admits-administration tight ingress tcp/22 0.0.0.0/0
         info network-acl-admits-administration acl-v1 ingress tcp/0-65535 0.0.0.0/0 ::/0",
    );
}

// Trivy judges each entry alone: the allow of 200 counts, though 100 denies first.
#[test]
fn an_acl_denies_before_it_allows() {
    let text = behind("in 100 deny tcp/22 any4; in 200 allow tcp/22 any4; out 100 allow all any4");
    check(&text, "");
    // The default ACL, of a subnet without hosts.
    check_code(
        &text,
        "network-acl-admits-administration",
        "info network-acl-admits-administration acl-v1 ingress tcp/0-65535 0.0.0.0/0 ::/0",
    );
}

// Batfish takes the entries in the order of the file: denied. The number decides.
#[test]
fn an_acl_is_ordered_by_number_and_not_by_place() {
    check(&behind("in 200 deny tcp/22 any4; in 100 allow tcp/22 any4; out 1 allow all any4"), V4);
}

// No checker asks for the reply: the ACL lets the request in and no answer out.
#[test]
fn an_acl_lets_no_reply_out() {
    let text = behind("in 100 allow tcp/22 any4; out 100 allow tcp/443 any4");
    check(&text, "");
    check_code(&text, "reply-blocked", "medium reply-blocked a ingress tcp/22 0.0.0.0/0");
}

// Prowler's `subnet.public` needs a literal 0.0.0.0/0: a private subnet.
#[test]
fn a_default_route_in_halves() {
    check(&routed("route 0.0.0.0/1->igw route 128.0.0.0/1->igw", ""), V4);
}

// The same: a private subnet.
#[test]
fn a_default_route_by_a_prefix_list() {
    check(&routed("route list:pl->igw", "list pl 0.0.0.0/0"), V4);
    check(&routed("route list:pl->igw", "list pl 0.0.0.0/1 128.0.0.0/1"), V4);
}

// The same overlooks a blackhole, and a gateway that is attached to nothing: public.
#[test]
fn a_default_route_that_leads_nowhere() {
    check(&routed("route 0.0.0.0/0->igw blackhole", ""), "");
    check(&routed("route 0.0.0.0/0->igw:gone", "igw gone v1 detached"), "");
}

// Prowler's checks of instances do not ask Block Public Access: open.
#[test]
fn block_public_access() {
    check(&routed("route 0.0.0.0/0->igw", "bpa bidirectional"), "");
    check(&routed("route 0.0.0.0/0->igw", "bpa ingress"), "");
    check(&routed("route 0.0.0.0/0->igw", "bpa bidirectional exclude=s:bidirectional"), V4);
}

// Cartography and others need no public address: exposed.
#[test]
fn no_public_address() {
    check(
        "vpc v1 10.0.0.0/16 igw
         subnet s v1 10.0.1.0/24 route 0.0.0.0/0->igw
         interface a s 10.0.1.10 groups=g
         group g v1 in tcp/22 any4; out none",
        "",
    );
}

// Batfish and AWS's analyzers know no IPv6: closed, or open to the office.
#[test]
fn open_over_ipv6_only() {
    let text = web("group g v1 in tcp/22 203.0.113.0/24,any6");
    check_all(
        &text,
        "administration-open-to-internet",
        "critical administration-open-to-internet a ingress tcp/22 203.0.113.0/24 ::/0: \
         SSH (tcp/22) of a is open to everyone on the internet over IPv6",
    );
    let text = web("group g v1 in tcp/22 any6");
    check(&text, V6);
    check_code(
        &text,
        "ipv6-open-while-ipv4-closed",
        "medium ipv6-open-while-ipv4-closed a ingress tcp/22 ::/0",
    );
}

// Most checks find the group, as bad as if it were worn. Before it is worn it
// opens nothing; in a source that says what will be it counts in full.
#[test]
fn a_group_that_nothing_wears() {
    let text = web("group g v1 in tcp/22 203.0.113.0/24\ngroup spare v1 in tcp/22 0.0.0.0/0");
    check(&text, "low administration-open-to-internet spare ingress tcp/22 0.0.0.0/0 unattached");
    check_declared(
        &text,
        "critical administration-open-to-internet spare ingress tcp/22 0.0.0.0/0 unattached",
    );
}

// Batfish drops a group that the data does not hold: closed to all. Who wears it
// is not known, nor its IPv6 addresses, and it is a few hosts and never everyone.
#[test]
fn a_reference_to_a_group_that_was_not_collected() {
    check_all(
        &web("group g v1 in tcp/22 group:elsewhere"),
        "administration-open-to-internet",
        "low administration-open-to-internet a ingress tcp/22 ::/0: SSH (tcp/22) of a is possibly \
         open to members of a security group that nobody has listed over IPv6",
    );
    // Beside something that may be everyone it excuses nothing.
    check(
        &web("group g v1 in tcp/22 group:elsewhere,list:gone"),
        "high administration-open-to-internet a ingress tcp/22 0.0.0.0/0 ::/0",
    );
    check(&web("group g v1 in tcp/22 group:elsewhere,any6"), V6);
}

// Prowler calls /1 to /23 wide open, and Trivy any public block. Sixteen addresses
// are an office; half of the internet is everyone.
#[test]
fn a_small_public_block_is_not_the_internet() {
    check(&web("group g v1 in tcp/22 198.51.100.0/28"), "");
    check(
        &web("group g v1 in tcp/22 64.0.0.0/2"),
        "critical administration-open-to-internet a ingress tcp/22 64.0.0.0/2",
    );
}
