//! Which column a class stands in.
//!
//! A database is known by what it serves: a port that is a database's, or a range
//! of these; a class that opens everything is none.

use super::ClassId;
use super::classes::{Class, Classes, Kin, Kind};
use super::seen::Seen;
use crate::audit::service::{Use, ports_for};
use crate::audit::{self, Traffic};
use crate::model::IdVec;
use crate::record::chart::Column;

/// The column of each class.
pub(super) fn columns(classes: &Classes, seen: &[Seen]) -> IdVec<ClassId, Column> {
    let mut columns: IdVec<ClassId, Column> =
        classes.all.entries().map(|(_, class)| by_place(class)).collect();
    for record in seen.iter().filter(|record| serves_data(record.traffic)) {
        let column = &mut columns[record.to];
        if matches!(column, Column::Public | Column::Private) {
            *column = Column::Data;
        }
    }
    columns
}

fn by_place(class: &Class) -> Column {
    match class.kin {
        Kin::Interfaces { kind: Kind::LoadBalancer, .. } => Column::Edge,
        Kin::Interfaces { kind: Kind::TransitGateway, .. } => Column::Networks,
        Kin::Interfaces { kind: Kind::Host, .. } if class.database => Column::Data,
        Kin::Interfaces { kind: Kind::Host, public: true, .. } => Column::Public,
        Kin::Interfaces { kind: Kind::Host, public: false, .. } | Kin::Group(_) => Column::Private,
    }
}

fn serves_data(traffic: Traffic) -> bool {
    match traffic.kind {
        audit::Kind::Of(protocol) => {
            ports_for(Use::Database, protocol).contains_range(traffic.ports)
        }
        audit::Kind::Any | audit::Kind::Other => false,
    }
}
