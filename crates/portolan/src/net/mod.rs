//! Sets of addresses, ports and packets.
