//! Groups, network ACLs, prefix lists and Block Public Access.

use super::{Reader, Said, setting, take, unknown};
use crate::model::{
    BlockMode, BlockPublicAccess, Exclusion, ExclusionMode, NetworkAcl, NetworkAclEntry, Peer,
    PrefixList, PrefixListId, SecurityGroup, SecurityGroupId, SecurityGroupRule, SubnetId, TextId,
    VpcId,
};
use crate::net::{Cidr, Match};
use crate::testing::parse;

impl Reader {
    pub(super) fn acl(&mut self, name: &str, mut words: std::slice::Iter<'_, &str>) -> Said {
        let vpc = take(&mut words, "a VPC")?;
        let mut acl = NetworkAcl {
            id: self.text(name),
            place: self.place,
            vpc: VpcId::named(self.text(vpc)),
            is_default: false,
            subnets: Vec::new(),
            entries: Vec::new(),
            contested: false,
        };
        while let Some(&word) = words.next() {
            match word {
                "default" => acl.is_default = true,
                "contested" => acl.contested = true,
                "in" | "out" => {
                    let number = take(&mut words, "a number")?;
                    let number = number.parse().map_err(|_| format!("`{number}` is no number"))?;
                    let allow = match take(&mut words, "allow or deny")? {
                        "allow" => Some(true),
                        "deny" => Some(false),
                        "unknown" => None,
                        other => return unknown(other),
                    };
                    let traffic = parse::traffic(take(&mut words, "traffic")?)?;
                    let cidrs = match take(&mut words, "a block")? {
                        "?" => vec![None],
                        word => parse::blocks(word)?.into_iter().map(Some).collect(),
                    };
                    for cidr in cidrs {
                        let ordinal = u32::try_from(acl.entries.len()).unwrap_or(u32::MAX);
                        let egress = word == "out";
                        acl.entries.push(NetworkAclEntry {
                            number,
                            egress,
                            allow,
                            traffic,
                            cidr,
                            ordinal,
                        });
                    }
                }
                _ => match setting(word, "subnets") {
                    Some(names) => {
                        for subnet in names.split(',') {
                            acl.subnets.push(SubnetId::named(self.text(subnet)));
                        }
                    }
                    None => return unknown(word),
                },
            }
        }
        self.acls.insert(name.to_owned(), (acl, self.origin));
        Ok(())
    }

    pub(super) fn group(&mut self, name: &str, mut words: std::slice::Iter<'_, &str>) -> Said {
        let vpc = take(&mut words, "a VPC")?;
        let id = self.text(name);
        let mut rules: Vec<SecurityGroupRule> = Vec::new();
        let mut description = TextId::EMPTY;
        let mut called = id;
        let mut default_egress = true;
        while let Some(&word) = words.next() {
            let direction = match word {
                "in" => crate::model::Direction::Ingress,
                "out" => {
                    default_egress = false;
                    crate::model::Direction::Egress
                }
                "contested" => {
                    // All rules that the words before it made.
                    let last = rules.last().ok_or("there is no rule to contest")?.ordinal;
                    for rule in rules.iter_mut().filter(|rule| rule.ordinal == last) {
                        rule.contested = true;
                    }
                    continue;
                }
                _ => {
                    if let Some(said) = setting(word, "description") {
                        let said = self.words(said);
                        match rules.last().map(|rule| rule.ordinal) {
                            None => description = said,
                            Some(last) => rules
                                .iter_mut()
                                .filter(|rule| rule.ordinal == last)
                                .for_each(|rule| rule.description = said),
                        }
                        continue;
                    }
                    if let Some(said) = setting(word, "name") {
                        called = self.words(said);
                        continue;
                    }
                    let names = setting(word, "worn").ok_or(format!("`{word}` is no rule"))?;
                    for vpc in names.split(',') {
                        let vpc = self.text(vpc);
                        self.builder.add_security_group_vpc_association(id, vpc);
                    }
                    continue;
                }
            };
            let traffic = take(&mut words, "traffic")?;
            if traffic == "none" {
                continue;
            }
            let traffic = parse::traffic(traffic)?;
            let ordinal = u32::try_from(rules.len()).unwrap_or(u32::MAX);
            for peer in take(&mut words, "a peer")?.split(',') {
                for peer in self.peers(peer)? {
                    let rule = SecurityGroupRule {
                        direction,
                        traffic,
                        peer,
                        id: TextId::EMPTY,
                        description: TextId::EMPTY,
                        ordinal,
                        contested: false,
                    };
                    rules.push(rule);
                }
            }
        }
        if default_egress {
            for peer in self.peers("any")? {
                rules.push(SecurityGroupRule {
                    direction: crate::model::Direction::Egress,
                    traffic: Some(Match::All),
                    peer,
                    id: TextId::EMPTY,
                    description: TextId::EMPTY,
                    ordinal: 0,
                    contested: false,
                });
            }
        }
        for (number, rule) in rules.iter_mut().enumerate() {
            rule.id = self.builder.text.intern(&format!("{name}.{}", number.saturating_add(1)));
        }
        let group = SecurityGroup {
            id,
            place: self.place,
            name: called,
            description,
            vpc: VpcId::named(self.text(vpc)),
            owner: self.origin.account,
            associated: Vec::new(),
            rules,
            seen: true,
        };
        self.builder.add_security_group(group, self.origin);
        Ok(())
    }

    fn peers(&mut self, word: &str) -> Said<Vec<Peer>> {
        if word == "?" {
            return Ok(vec![Peer::Unknown(self.text("?"))]);
        }
        if let Some(list) = word.strip_prefix("list:") {
            return Ok(vec![Peer::PrefixList(PrefixListId::named(self.text(list)))]);
        }
        for (prefix, stale) in [("group:", false), ("stale:", true)] {
            if let Some(group) = word.strip_prefix(prefix) {
                let group = SecurityGroupId::named(self.text(group));
                return Ok(vec![Peer::SecurityGroup { group, stale }]);
            }
        }
        Ok(parse::blocks(word)?
            .into_iter()
            .map(|block| match block {
                Cidr::V4(prefix) => Peer::Ipv4(prefix),
                Cidr::V6(prefix) => Peer::Ipv6(prefix),
            })
            .collect())
    }

    pub(super) fn list(&mut self, name: &str, words: std::slice::Iter<'_, &str>) -> Said {
        let id = self.text(name);
        let mut entries = Some(Vec::new());
        for &word in words {
            match (word, &mut entries) {
                ("?", _) => entries = None,
                (word, Some(entries)) => entries.extend(parse::blocks(word)?),
                (word, None) => return unknown(word),
            }
        }
        let entries = entries.map(Into::into);
        let list = PrefixList { id, place: self.place, name: id, entries };
        self.builder.add_prefix_list(list, self.origin);
        Ok(())
    }

    pub(super) fn block_public_access(
        &mut self,
        mode: &str,
        words: std::slice::Iter<'_, &str>,
    ) -> Said {
        let mode = match mode {
            "off" => BlockMode::Off,
            "bidirectional" => BlockMode::Bidirectional,
            "ingress" => BlockMode::Ingress,
            "unknown" => BlockMode::Unknown,
            other => return unknown(other),
        };
        let mut exclusions = Vec::new();
        let mut known = true;
        for &word in words {
            if word == "exclusions-unknown" {
                known = false;
                continue;
            }
            let said = setting(word, "exclude").and_then(|said| said.split_once(':'));
            let Some((resource, mode)) = said else { return unknown(word) };
            let mode = match mode {
                "bidirectional" => ExclusionMode::Bidirectional,
                "egress" => ExclusionMode::Egress,
                "unknown" => ExclusionMode::Unknown,
                other => return unknown(other),
            };
            exclusions.push(Exclusion { resource: self.text(resource), mode });
        }
        let exclusions = known.then_some(exclusions);
        let block = BlockPublicAccess { mode, place: self.place, exclusions };
        self.builder.add_block_public_access(block, self.origin);
        Ok(())
    }
}
