//! Prefix lists and their entries, which come from up to four calls.

use portolan::model::{LimitationCode, PrefixList, TextId};
use portolan::net::Cidr;

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

/// The entries of a reply of get-managed-prefix-list-entries, which does not say
/// of which list they are: the path does.
#[derive(Debug, Default)]
pub(crate) struct Loose {
    /// `None`: the path names no list.
    list: Option<TextId>,
    /// `None`: one can't be read.
    blocks: Option<Vec<Cidr>>,
    /// Whether the first one has a block, as other things that are called `Entries` have not.
    pub(crate) has_blocks: bool,
    begun: bool,
}

/// Begins such a reply, or a window of it; it stands at that byte of the file.
pub(super) fn begin_entries(cx: &mut Cx<'_>, byte: usize) {
    cx.at_byte(byte);
    let list = detect::prefix_list_of(cx.name).map(|list| cx.intern(list));
    cx.about = list.unwrap_or_default();
    cx.entries = Some(Loose { list, blocks: Some(Vec::new()), has_blocks: false, begun: false });
}

/// Says that nobody knows of which list the reply at `offset` is, if so.
pub(super) fn attribute_entries(cx: &mut Cx<'_>, offset: usize) {
    if detect::prefix_list_of(cx.name).is_none() {
        cx.at(offset, &Str::Absent);
        let about = cx.intern(cx.name);
        cx.limit(LimitationCode::UnattributedFile, about);
    }
}

/// One entry of it.
pub(super) fn loose_entry(cx: &mut Cx<'_>, given: &Field<words::PrefixListEntry<'_>>) {
    let Some(mut entries) = cx.entries.take() else { return };
    if !entries.begun {
        entries.begun = true;
        entries.has_blocks = given.get().is_some_and(|entry| !entry.cidr.is_absent());
    }
    if entries.list.is_some() {
        let block = match given {
            Field::Given(entry) => cx.cidr("Cidr", &entry.cidr),
            Field::Absent | Field::Wrong => {
                cx.unreadable("Entries");
                None
            }
        };
        match (&mut entries.blocks, block) {
            (Some(blocks), Some(block)) => blocks.push(block),
            (blocks, _) => *blocks = None,
        }
    }
    cx.entries = Some(entries);
}

/// Ends it; whether there were blocks.
pub(super) fn end_entries(cx: &mut Cx<'_>) -> bool {
    let Some(Loose { list, blocks, has_blocks, .. }) = cx.entries.take() else { return false };
    if let Some(list) = list {
        cx.add_entries(list, blocks);
    }
    has_blocks
}
