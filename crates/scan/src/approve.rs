//! Which addresses may be probed.

use std::net::IpAddr;

use portolan::verify::Target;

/// An address that may be probed: the source holds it, or somebody took the
/// responsibility.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Approved(IpAddr);

/// An address that is none of the source's.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{0}` is no address of the source")]
pub struct NotInSource(
    /// The address.
    pub IpAddr,
);

impl Approved {
    /// An address that is a target of the source.
    ///
    /// # Errors
    ///
    /// If it is none.
    pub fn by_source(targets: &[Target], address: IpAddr) -> Result<Self, NotInSource> {
        let known = targets.iter().any(|target| target.address == address);
        known.then_some(Self(address)).ok_or(NotInSource(address))
    }

    /// Any address at all: whoever calls this answers for it, and has asked whoever
    /// owns it.
    #[must_use]
    pub fn dangerously(address: IpAddr) -> Self {
        Self(address)
    }

    /// The address.
    #[must_use]
    pub fn address(self) -> IpAddr {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_source_does_not_hold_is_not_probed() {
        let stranger = "192.0.2.1".parse().unwrap();
        let error = Approved::by_source(&[], stranger).unwrap_err();
        assert_eq!(error.to_string(), "`192.0.2.1` is no address of the source");
    }
}
