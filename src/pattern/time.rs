//! Exact rational time, in cycles.
