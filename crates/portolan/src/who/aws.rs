//! What AWS publishes of its own addresses: `ip-ranges.json`
//! (<https://docs.aws.amazon.com/vpc/latest/userguide/aws-ip-ranges.html>).

use std::sync::Arc;

use crate::net::{Cidr, IpSet};

/// AWS's ranges, as one edition of the file has them.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct AwsRanges {
    /// `createDate`: `2026-11-01-12-00-00`, in UTC.
    pub created: String,
    /// `prefixes` and `ipv6_prefixes`. An address may be in several of them.
    pub prefixes: Vec<AwsPrefix>,
}

/// A block of one service in one region.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct AwsPrefix {
    /// The block.
    pub block: Cidr,
    /// `service`: `EC2`, `S3`, …; `AMAZON` is all of them.
    pub service: Arc<str>,
    /// `region`: `eu-west-1`, …; `GLOBAL`.
    pub region: Arc<str>,
}

/// The service of every address of AWS.
pub(super) const AMAZON: &str = "AMAZON";

/// The service whose addresses customers hold.
const EC2: &str = "EC2";

impl AwsPrefix {
    /// How good a word it is, lower is better: `AMAZON` is the superset of all, and
    /// services that run on EC2 have blocks within EC2's.
    pub(super) fn rank(&self) -> u8 {
        match &*self.service {
            AMAZON => 2,
            EC2 => 1,
            _ => 0,
        }
    }

    /// Whether customers' hosts have its addresses.
    pub(super) fn is_ec2(&self) -> bool {
        &*self.service == EC2
    }
}

impl AwsRanges {
    /// The addresses that customers' hosts may have.
    pub(super) fn ec2(&self) -> IpSet {
        self.prefixes.iter().filter(|prefix| prefix.is_ec2()).map(|prefix| prefix.block).collect()
    }
}
