//! Endpoint services that the estate offers, and to whom.

use std::collections::BTreeSet;

use super::Context;
use crate::model::OfferedService;
use crate::record::About;

/// Who may make endpoints of a service, beyond the estate's own accounts.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Strangers {
    /// Anybody who has an account of AWS.
    pub(super) anybody: bool,
    /// Other accounts by id, and principals whose account can't be told.
    pub(super) accounts: BTreeSet<String>,
    /// Other accounts that have a working endpoint.
    pub(super) connected: BTreeSet<String>,
    /// Whether anyone is allowed at all, as far as the source says.
    pub(super) listed: bool,
}

impl Context<'_> {
    /// The accounts that the source holds listings of.
    pub(super) fn own_accounts(&self) -> BTreeSet<&str> {
        let listed = self.network.listings.iter().map(|(origin, _)| origin.account);
        let vpcs = self.network.components.iter().flat_map(|it| it.vpcs.iter());
        let owners = vpcs.filter(|vpc| vpc.seen).map(|vpc| vpc.owner);
        let accounts = listed.chain(owners).map(|id| self.network.text(id));
        accounts.filter(|account| !account.is_empty()).collect()
    }

    /// Who may make, and has made, endpoints of a service.
    pub(super) fn strangers_to(&self, service: &OfferedService, own: &BTreeSet<&str>) -> Strangers {
        let text = |id| self.network.text(id);
        let outside = &self.network.outside;
        let mut strangers = Strangers::default();
        for principal in outside.principals.iter().filter(|it| it.service == service.id) {
            strangers.listed = true;
            match text(principal.principal) {
                "*" => strangers.anybody = true,
                principal => {
                    let account = account_of(principal);
                    if !own.contains(account) {
                        strangers.accounts.insert(account.to_owned());
                    }
                }
            }
        }
        let connected = outside.connections.iter();
        for connection in connected.filter(|it| it.service == service.id && it.available) {
            let owner = text(connection.owner);
            if !owner.is_empty() && !own.contains(owner) {
                strangers.connected.insert(owner.to_owned());
            }
        }
        strangers
    }

    /// An endpoint service, as the thing that a finding is about.
    pub(super) fn about_offer(&self, service: &OfferedService) -> About {
        let text = |id| self.network.text(id).to_owned();
        let mut about = About {
            kind: "endpoint-service".to_owned(),
            id: text(service.id),
            account: text(service.origin.account),
            region: text(service.origin.region),
            ..About::default()
        };
        self.stands(&mut about, service.place);
        about
    }
}

/// The account of `arn:aws:iam::111122223333:root`; a principal of another form as it is.
fn account_of(principal: &str) -> &str {
    match principal.split(':').collect::<Vec<_>>().as_slice() {
        ["arn", _, _, _, account, ..] if !account.is_empty() => account,
        _ => principal,
    }
}

/// `111122223333, 444455556666 and 3 more`.
pub(super) fn few(names: &BTreeSet<String>) -> String {
    const FEW: usize = 3;
    let some: Vec<&str> = names.iter().take(FEW).map(String::as_str).collect();
    match names.len().saturating_sub(some.len()) {
        0 => some.join(", "),
        more => format!("{} and {more} more", some.join(", ")),
    }
}
