//! Ids: a `u32` for each kind of thing, and the one vector that is indexed by them.
//!
//! An id counts the things of its kind inside one component, in the order of
//! their AWS ids. While a network is being built the same types hold the
//! [`TextId`] of the AWS id instead (`named`), and `NetworkBuilder::build`
//! rewrites them: see there.

use std::marker::PhantomData;
use std::ops::{Index, IndexMut};

use super::TextId;

/// What an [`IdVec`] is indexed by.
pub trait Id: Copy + Ord {
    /// The id of the thing at `index`.
    fn from_index(index: usize) -> Self;
    /// The place of the thing in its vector.
    fn index(self) -> usize;
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub struct $name(u32);

        impl $name {
            /// A reference by AWS id, to be resolved by `NetworkBuilder::build`.
            #[must_use]
            pub fn named(text: TextId) -> Self {
                Self(text.number())
            }

            /// The AWS id's text, before the reference is resolved.
            #[must_use]
            pub fn as_text(self) -> TextId {
                TextId::from_number(self.0)
            }

            /// The number itself, for tables that are kept beside the model.
            #[must_use]
            pub fn number(self) -> u32 {
                self.0
            }
        }

        impl Id for $name {
            fn from_index(index: usize) -> Self {
                // More than u32::MAX things of a kind do not fit into memory;
                // saturating keeps this total instead of panicking.
                Self(u32::try_from(index).unwrap_or(u32::MAX))
            }

            #[expect(clippy::as_conversions, reason = "u32 always fits usize on the platforms we build for")]
            fn index(self) -> usize {
                self.0 as usize
            }
        }
    )+};
}

ids! {
    /// A component of the network.
    ComponentId,
    /// An account in a region.
    ScopeId,
    /// A VPC.
    VpcId,
    /// A subnet.
    SubnetId,
    /// A network interface.
    NetworkInterfaceId,
    /// An instance.
    InstanceId,
    /// A security group.
    SecurityGroupId,
    /// A set of security groups that some interface wears.
    GroupSetId,
    /// A network ACL.
    NetworkAclId,
    /// A route table.
    RouteTableId,
    /// An internet gateway.
    InternetGatewayId,
    /// An egress-only internet gateway.
    EgressOnlyInternetGatewayId,
    /// A NAT gateway.
    NatGatewayId,
    /// A VPC peering connection.
    VpcPeeringConnectionId,
    /// A VPC endpoint.
    VpcEndpointId,
    /// A managed prefix list.
    PrefixListId,
    /// A transit gateway.
    TransitGatewayId,
    /// An attachment of a transit gateway.
    TransitGatewayAttachmentId,
    /// A route table of a transit gateway.
    TransitGatewayRouteTableId,
    /// A load balancer.
    LoadBalancerId,
    /// A target group.
    TargetGroupId,
}

/// A vector indexed by the ids of one kind.
///
/// The only place of the core that may index: an id comes from the vector it
/// indexes, and components are never shortened.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct IdVec<I, T> {
    items: Vec<T>,
    kind: PhantomData<fn(I) -> I>,
}

impl<I, T> Default for IdVec<I, T> {
    fn default() -> Self {
        Self { items: Vec::new(), kind: PhantomData }
    }
}

impl<I: Id, T> IdVec<I, T> {
    /// The thing of this id; none if it is of another vector.
    #[must_use]
    pub fn find(&self, id: I) -> Option<&T> {
        self.items.get(id.index())
    }

    /// Appends a thing and gives its id.
    pub fn push(&mut self, item: T) -> I {
        let id = I::from_index(self.items.len());
        self.items.push(item);
        id
    }

    /// How many things there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// All things, in the order of their ids.
    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.items.iter()
    }

    /// All things, to be changed.
    pub fn iter_mut(&mut self) -> std::slice::IterMut<'_, T> {
        self.items.iter_mut()
    }

    /// All ids, ascending.
    pub fn ids(&self) -> impl DoubleEndedIterator<Item = I> + use<I, T> {
        (0..self.items.len()).map(I::from_index)
    }

    /// All things with their ids.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = (I, &T)> {
        self.items.iter().enumerate().map(|(index, item)| (I::from_index(index), item))
    }

    /// The things as a slice.
    #[must_use]
    pub fn as_slice(&self) -> &[T] {
        &self.items
    }
}

impl<I, T> FromIterator<T> for IdVec<I, T> {
    fn from_iter<It: IntoIterator<Item = T>>(iter: It) -> Self {
        Self { items: iter.into_iter().collect(), kind: PhantomData }
    }
}

impl<I: Id, T> Index<I> for IdVec<I, T> {
    type Output = T;

    #[expect(
        clippy::indexing_slicing,
        reason = "an id comes from the vector it indexes; see the type"
    )]
    fn index(&self, id: I) -> &T {
        &self.items[id.index()]
    }
}

impl<I: Id, T> IndexMut<I> for IdVec<I, T> {
    #[expect(
        clippy::indexing_slicing,
        reason = "an id comes from the vector it indexes; see the type"
    )]
    fn index_mut(&mut self, id: I) -> &mut T {
        &mut self.items[id.index()]
    }
}
