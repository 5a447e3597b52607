//! Offline: the same session and the same renderer, as fast as the machine goes.
