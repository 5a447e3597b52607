//! The standard library: instruments, kits, effects and buses written in the language, part of the program.

/// Name and text of each file.
pub const FILES: &[(&str, &str)] = &[
    ("stdlib/waves.rhai", include_str!("../../stdlib/waves.rhai")),
    ("stdlib/drums_808.rhai", include_str!("../../stdlib/drums_808.rhai")),
    ("stdlib/drums_909.rhai", include_str!("../../stdlib/drums_909.rhai")),
    ("stdlib/kit.rhai", include_str!("../../stdlib/kit.rhai")),
    ("stdlib/bass.rhai", include_str!("../../stdlib/bass.rhai")),
    ("stdlib/keys.rhai", include_str!("../../stdlib/keys.rhai")),
    ("stdlib/strings.rhai", include_str!("../../stdlib/strings.rhai")),
    ("stdlib/rooms.rhai", include_str!("../../stdlib/rooms.rhai")),
];

/// The chapter of the vocabulary a file of the library belongs to: its name without folder and ending.
pub fn category(file: &str) -> &str {
    let name = file.rsplit('/').next().unwrap_or(file);
    name.strip_suffix(".rhai").unwrap_or(name)
}
