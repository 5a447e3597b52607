//! A piece under way: what is evaluated becomes a plan, a plan becomes changes, patterns become events ahead of time.
