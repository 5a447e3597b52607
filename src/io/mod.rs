//! The edge: audio devices, the silent clock and sound files.
