//! The listings of one account and region, and the edits that mends are made of.
//!
//! An edit that meets nothing is an error: then the estate changed, and the mend
//! has to be thought over.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Serialize as _;
use serde_json::ser::{PrettyFormatter, Serializer};

use super::json::{Json, object};

/// Where an edit goes wrong.
pub(super) type Edit = Result<(), Box<dyn std::error::Error>>;

const ACCOUNT: &str = "111122223333";
const REGION: &str = "eu-west-1";

/// Files by name, without `.json`.
#[derive(Clone, Debug)]
pub(super) struct Estate {
    pub(super) files: BTreeMap<String, Json>,
}

/// Which way packets go.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Way {
    In,
    Out,
}

impl Estate {
    /// Reads every listing of a folder.
    pub(super) fn read(folder: &Path) -> Result<Self, Box<dyn std::error::Error>> {
        let mut files = BTreeMap::new();
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let Some(name) = path.file_stem().and_then(|name| name.to_str()) else { continue };
            files.insert(name.to_owned(), serde_json::from_slice(&fs::read(&path)?)?);
        }
        Ok(Self { files })
    }

    /// The text of each file, as the AWS CLI indents it.
    pub(super) fn texts(&self) -> Result<BTreeMap<String, String>, Box<dyn std::error::Error>> {
        let mut texts = BTreeMap::new();
        for (name, json) in &self.files {
            let mut text = Vec::new();
            let format = PrettyFormatter::with_indent(b"    ");
            json.serialize(&mut Serializer::with_formatter(&mut text, format))?;
            text.push(b'\n');
            texts.insert(format!("{name}.json"), String::from_utf8(text)?);
        }
        Ok(texts)
    }

    /// The elements of a listing.
    pub(super) fn list(
        &mut self,
        file: &str,
        key: &str,
    ) -> Result<&mut Vec<Json>, Box<dyn std::error::Error>> {
        let list = self.files.get_mut(file).and_then(|json| json.list(key));
        list.ok_or_else(|| format!("{file}.json has no list {key}").into())
    }

    /// The element of a listing whose `field` is `id`.
    pub(super) fn find(
        &mut self,
        (file, key): (&str, &str),
        field: &str,
        id: &str,
    ) -> Result<&mut Json, Box<dyn std::error::Error>> {
        let found = self.list(file, key)?.iter_mut().find(|it| it.is(field, id));
        found.ok_or_else(|| format!("{file}.json has no {id}").into())
    }

    /// Removes the elements of a listing whose `field` is `id`.
    pub(super) fn remove(&mut self, (file, key): (&str, &str), field: &str, id: &str) -> Edit {
        let list = self.list(file, key)?;
        let before = list.len();
        list.retain(|it| !it.is(field, id));
        if list.len() == before { Err(format!("{file}.json has no {id}").into()) } else { Ok(()) }
    }

    /// Takes a group off everything that wears it.
    pub(super) fn take_off(&mut self, group: &str) -> Edit {
        let mut worn = false;
        for file in ["NetworkInterfaces", "Instances"] {
            let Some(json) = self.files.get_mut(file) else { continue };
            json.each(&mut |it| {
                for name in ["Groups", "SecurityGroups"] {
                    if let Some(groups) = it.list(name) {
                        let before = groups.len();
                        groups.retain(|it| !it.is("GroupId", group));
                        worn |= groups.len() != before;
                    }
                }
            });
        }
        if worn { Ok(()) } else { Err(format!("nothing wears {group}").into()) }
    }

    /// Gives a group these rules in a direction and no others, in both listings:
    /// traffic, peer, description.
    pub(super) fn rules(&mut self, group: &str, way: Way, rules: &[(&str, &str, &str)]) -> Edit {
        let field = match way {
            Way::In => "IpPermissions",
            Way::Out => "IpPermissionsEgress",
        };
        let mut permissions: Vec<Json> = Vec::new();
        for &(traffic, peer, description) in rules {
            let (protocol, (from, to)) = packets(traffic)?;
            let known = permissions.iter_mut().find(|it| {
                it.is("IpProtocol", protocol) && it.get("FromPort") == Some(&from.into())
            });
            let pair =
                |field: &str| object([("Description", description.into()), (field, peer.into())]);
            let (list, item) = match peer_of(peer) {
                PeerOf::Group => (
                    "UserIdGroupPairs",
                    object([
                        ("Description", description.into()),
                        ("UserId", ACCOUNT.into()),
                        ("GroupId", peer.into()),
                    ]),
                ),
                PeerOf::V4 => ("IpRanges", pair("CidrIp")),
                PeerOf::V6 => ("Ipv6Ranges", pair("CidrIpv6")),
                PeerOf::List => ("PrefixListIds", pair("PrefixListId")),
            };
            if let Some(known) = known {
                known.list(list).into_iter().for_each(|items| items.push(item.clone()));
                continue;
            }
            let mut permission = object([
                ("IpProtocol", protocol.into()),
                ("FromPort", from.into()),
                ("ToPort", to.into()),
                ("UserIdGroupPairs", Json::List(Vec::new())),
                ("IpRanges", Json::List(Vec::new())),
                ("Ipv6Ranges", Json::List(Vec::new())),
                ("PrefixListIds", Json::List(Vec::new())),
            ]);
            permission.set(list, Json::List(vec![item]));
            permissions.push(permission);
        }
        let facts = self.find(("SecurityGroups", "SecurityGroups"), "GroupId", group)?;
        facts.set(field, Json::List(permissions));
        self.rule_listing(group, way, rules)
    }

    fn rule_listing(&mut self, group: &str, way: Way, rules: &[(&str, &str, &str)]) -> Edit {
        let list = self.list("SecurityGroupRules", "SecurityGroupRules")?;
        let egress = Json::from(way == Way::Out);
        let is_old = |it: &Json| it.is("GroupId", group) && it.get("IsEgress") == Some(&egress);
        let at = list.iter().position(is_old).unwrap_or(list.len());
        list.retain(|it| !is_old(it));
        let mut new = Vec::new();
        for (number, &(traffic, peer, description)) in (1..).zip(rules) {
            let (protocol, (from, to)) = packets(traffic)?;
            let letter = if way == Way::Out { "e" } else { "c" };
            let tail = group.get(3..15).unwrap_or_default();
            let id = format!("sgr-{tail}{letter}{number:04}");
            let (field, peer) = match peer_of(peer) {
                PeerOf::Group => (
                    "ReferencedGroupInfo",
                    object([("GroupId", peer.into()), ("UserId", ACCOUNT.into())]),
                ),
                PeerOf::V4 => ("CidrIpv4", peer.into()),
                PeerOf::V6 => ("CidrIpv6", peer.into()),
                PeerOf::List => ("PrefixListId", peer.into()),
            };
            let arn = format!("arn:aws:ec2:{REGION}:{ACCOUNT}:security-group-rule/{id}");
            new.push(object([
                ("SecurityGroupRuleId", id.as_str().into()),
                ("GroupId", group.into()),
                ("GroupOwnerId", ACCOUNT.into()),
                ("IsEgress", egress.clone()),
                ("IpProtocol", protocol.into()),
                ("FromPort", from.into()),
                ("ToPort", to.into()),
                (field, peer),
                ("Description", description.into()),
                ("Tags", Json::List(Vec::new())),
                ("SecurityGroupRuleArn", arn.as_str().into()),
            ]));
        }
        list.splice(at..at, new);
        Ok(())
    }

    /// Takes rules out of a group by a text that stands in them: an address, the id
    /// of a group.
    pub(super) fn drop_rules(&mut self, group: &str, texts: &[&str]) -> Edit {
        let names = |it: &Json| {
            let mut named = false;
            it.clone().each(&mut |part| {
                named |= matches!(part, Json::Text(own) if texts.contains(&own.as_str()));
            });
            named
        };
        let list = self.list("SecurityGroupRules", "SecurityGroupRules")?;
        let before = list.len();
        list.retain(|it| !(it.is("GroupId", group) && names(it)));
        if list.len() + texts.len() != before {
            return Err(format!("{group} has other rules than {texts:?}").into());
        }
        let facts = self.find(("SecurityGroups", "SecurityGroups"), "GroupId", group)?;
        let Some(permissions) = facts.list("IpPermissions") else { return Ok(()) };
        let peers = ["UserIdGroupPairs", "IpRanges", "Ipv6Ranges", "PrefixListIds"];
        for permission in permissions.iter_mut() {
            for field in peers {
                permission.list(field).into_iter().for_each(|items| items.retain(|it| !names(it)));
            }
        }
        permissions.retain_mut(|it| {
            peers.iter().any(|field| it.list(field).is_some_and(|items| !items.is_empty()))
        });
        Ok(())
    }

    /// Gives a network ACL these entries in a direction, before the one that denies
    /// the rest: number, traffic, block.
    pub(super) fn entries(&mut self, acl: &str, way: Way, entries: &[(i32, &str, &str)]) -> Edit {
        let facts = self.find(("NetworkAcls", "NetworkAcls"), "NetworkAclId", acl)?;
        let Some(list) = facts.list("Entries") else { return Ok(()) };
        let egress = Json::from(way == Way::Out);
        let is_last = |it: &Json| {
            it.get("RuleNumber").is_some_and(|number| {
                matches!(number, Json::Other(value) if matches!(value.as_u64(), Some(32767 | 32768)))
            })
        };
        let is_old = |it: &Json| it.get("Egress") == Some(&egress) && !is_last(it);
        let at = list.iter().position(is_old).unwrap_or(0);
        list.retain(|it| !is_old(it));
        let mut new = Vec::new();
        for &(number, traffic, block) in entries {
            let mut fields = Vec::new();
            let v6 = block.contains(':');
            let mut field = |name: &str, value: Json| fields.push((name.to_owned(), value));
            if !v6 {
                field("CidrBlock", block.into());
            }
            field("Egress", egress.clone());
            if v6 {
                field("Ipv6CidrBlock", block.into());
            }
            if traffic == "all" {
                field("Protocol", "-1".into());
            } else {
                let (_, (from, to)) = packets(traffic)?;
                field("PortRange", object([("From", from.into()), ("To", to.into())]));
                field("Protocol", "6".into());
            }
            field("RuleAction", "allow".into());
            field("RuleNumber", number.into());
            new.push(Json::Object(fields));
        }
        list.splice(at..at, new);
        Ok(())
    }
}

enum PeerOf {
    Group,
    V4,
    V6,
    List,
}

fn peer_of(peer: &str) -> PeerOf {
    match peer {
        _ if peer.starts_with("sg-") => PeerOf::Group,
        _ if peer.starts_with("pl-") => PeerOf::List,
        _ if peer.contains(':') => PeerOf::V6,
        _ => PeerOf::V4,
    }
}

/// A protocol, the first and the last port.
type Packets<'t> = (&'t str, (i32, i32));

/// `tcp/443`, `tcp/1024-65535`.
fn packets(traffic: &str) -> Result<Packets<'_>, Box<dyn std::error::Error>> {
    let (protocol, ports) = traffic.split_once('/').ok_or("no ports")?;
    let (from, to) = ports.split_once('-').unwrap_or((ports, ports));
    Ok((protocol, (from.parse()?, to.parse()?)))
}
