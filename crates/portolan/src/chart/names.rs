//! What people call a class: what the names of its hosts have in common.

use std::collections::BTreeMap;

use crate::model::{Component, Interface, Network, SecurityGroup};

/// So many different names stand in a title.
const NAMED: usize = 2;

/// So many letters they have together, if there are two.
const ROOM: usize = 12;

/// A name without what tells one host from its sisters: `web-1` and `web-2` are
/// `web`; an id at the end says nothing.
pub(super) fn stem(name: &str) -> &str {
    let mut stem = plain(name);
    loop {
        let cut = match without_id(stem) {
            // Not yet the digits at the end: they may be of another id.
            shorter if shorter.len() < stem.len() => shorter,
            whole => whole.trim_end_matches(|c: char| c.is_ascii_digit()),
        };
        let cut = cut.trim_end_matches(['-', '_', '.', ' ', '/', '#', ':']);
        if cut.is_empty() || cut == stem {
            return stem;
        }
        stem = cut;
    }
}

/// A name without what AWS writes around it: `ELB app/front/0123456789abcdef` is
/// called front, and an ARN by its last part.
pub(super) fn plain(name: &str) -> &str {
    let name = name.trim();
    let name = name.strip_prefix("Network Interface for ").unwrap_or(name);
    let name =
        if name.starts_with("arn:") { name.rsplit(':').next().unwrap_or(name) } else { name };
    match name.strip_prefix("ELB ") {
        Some(of) => of.split('/').nth(1).unwrap_or(of),
        None => name,
    }
}

/// Without a last word that is nothing but a long hexadecimal number.
fn without_id(name: &str) -> &str {
    let Some(at) = name.rfind(['-', ' ', '/']) else { return name };
    let (head, word) = name.split_at(at);
    let word = word.trim_start_matches(['-', ' ', '/']);
    let hexadecimal = word.len() >= 4
        && word.bytes().all(|byte| byte.is_ascii_hexdigit())
        && word.bytes().any(|byte| byte.is_ascii_digit());
    if hexadecimal || word == "tgw" || word == "attach" { head } else { name }
}

/// The name of an interface's host, else its own; an id is no name.
pub(super) fn of<'n>(
    network: &'n Network,
    component: &Component,
    interface: Interface<'_>,
) -> &'n str {
    let host = interface.instance().map_or("", |id| network.text(component.instances[id].name));
    let own = if interface.name() == interface.id() { "" } else { network.text(interface.name()) };
    if host.is_empty() { own } else { host }
}

/// The name of a group, else its id.
pub(super) fn of_group<'n>(network: &'n Network, group: &SecurityGroup) -> &'n str {
    let name = network.text(group.name);
    if name.is_empty() { network.text(group.id) } else { name }
}

/// A title of the commonest stems: `web, api +3`.
pub(super) fn title(stems: &BTreeMap<String, u64>) -> String {
    let mut ranked: Vec<(&String, &u64)> =
        stems.iter().filter(|(stem, _)| !stem.is_empty()).collect();
    ranked.sort_by(|(one, times), (other, of_other)| of_other.cmp(times).then(one.cmp(other)));
    let mut title = String::new();
    let mut named = 0_usize;
    for (stem, _) in &ranked {
        let longer = title.chars().count().saturating_add(stem.chars().count()) > ROOM;
        if named == NAMED || named > 0 && longer {
            break;
        }
        if named > 0 {
            title.push_str(", ");
        }
        title.push_str(stem);
        named = named.saturating_add(1);
    }
    match ranked.len().saturating_sub(named) {
        0 => title,
        rest => format!("{title} +{rest}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sisters_have_one_name() {
        let stems = [
            ("web-1", "web"),
            ("web-12", "web"),
            ("web01", "web"),
            ("reports-replica", "reports-replica"),
            ("ELB app/front/0123456789abcdef", "front"),
            ("ELB classic", "classic"),
            (
                "Network Interface for Transit Gateway Attachment tgw-attach-01",
                "Transit Gateway Attachment",
            ),
            (
                "arn:aws:ecs:us-east-1:1:attachment/ed8fed01-82d0-4bf6-86cf-fe3115c23ab8",
                "attachment",
            ),
            ("RDSNetworkInterface", "RDSNetworkInterface"),
            ("fn-0a1b2c3d4e", "fn"),
            ("10", "10"),
            ("", ""),
            ("db.prod_03", "db.prod"),
        ];
        for (name, expected) in stems {
            assert_eq!(stem(name), expected, "{name}");
        }
    }

    #[test]
    fn the_commonest_names_are_told() {
        let stems = |all: &[(&str, u64)]| {
            title(&all.iter().map(|&(stem, times)| (stem.to_owned(), times)).collect())
        };
        assert_eq!(stems(&[("web", 1), ("api", 1)]), "api, web");
        assert_eq!(stems(&[("web", 9), ("api", 1), ("db", 2), ("", 50)]), "web, db +1");
        assert_eq!(stems(&[]), "");
    }
}
