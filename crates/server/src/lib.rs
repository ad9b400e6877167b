//! REST and events on loopback.
