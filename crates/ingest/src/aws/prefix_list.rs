//! Prefix lists and their entries, which come from up to four calls.

use portolan::model::{LimitationCode, PrefixList};
use portolan::net::Cidr;

use super::Records;
use super::field::{Field, List, Str};
use super::network::id;
use super::sink::Cx;
use super::words;
use crate::detect;

/// An element of describe-prefix-lists (`Cidrs`), of describe-managed-prefix-lists
/// (no entries of its own) or of a file that puts `Entries` beside it.
pub(crate) fn list(cx: &mut Cx<'_>, given: &words::PrefixList<'_>) {
    let id = id(cx, "PrefixListId");
    let name = cx.intern(given.prefix_list_name.as_str());
    cx.region(&Str::Absent, &given.prefix_list_arn);
    let entries = match (&given.cidrs, &given.entries) {
        (Field::Given(cidrs), _) => blocks(cx, "Cidrs", cidrs.iter()),
        (Field::Absent, Field::Given(entries)) => self::entries(cx, &given.entries, entries.len()),
        (Field::Absent, Field::Absent) => None,
        (Field::Wrong, _) | (_, Field::Wrong) => {
            cx.unreadable("Cidrs, Entries");
            None
        }
    };
    let entries = entries.map(Into::into);
    cx.add(PrefixList { id, place: cx.place, name, entries });
}

fn entries(
    cx: &mut Cx<'_>,
    given: &List<words::PrefixListEntry<'_>>,
    count: usize,
) -> Option<Vec<Cidr>> {
    if given.is_damaged() || given.items().count() != count {
        cx.unreadable("Entries");
        return None;
    }
    blocks(cx, "Cidr", given.items().map(|entry| &entry.cidr))
}

/// All blocks, or none if one can't be read: a list with a hole is not known.
fn blocks<'a, 'b: 'a>(
    cx: &mut Cx<'_>,
    field: &str,
    given: impl Iterator<Item = &'a Str<'b>>,
) -> Option<Vec<Cidr>> {
    let blocks: Vec<Option<Cidr>> = given.map(|block| cx.cidr(field, block)).collect();
    blocks.into_iter().collect()
}

/// Entries of a reply of their own are added all together: see [`loose_entries`].
pub(crate) fn loose_entry(_: &mut Cx<'_>, _: &words::PrefixListEntry<'_>) {}

/// `Entries` of get-managed-prefix-list-entries: of the list that the path names.
pub(super) fn loose_entries(cx: &mut Cx<'_>, path: &str, records: &Records<'_>) {
    let Records::Entries(given) = records else { return };
    let Some(list) = detect::prefix_list_of(path) else {
        let about = cx.intern(path);
        cx.limit(LimitationCode::UnattributedFile, about);
        return;
    };
    cx.about = cx.intern(list);
    let entries: Option<Vec<Cidr>> = given
        .iter()
        .map(|at| match &at.element {
            Field::Given(entry) => cx.cidr("Cidr", &entry.cidr),
            Field::Absent | Field::Wrong => {
                cx.unreadable("Entries");
                None
            }
        })
        .collect();
    let list = cx.about;
    cx.add_entries(list, entries);
}
