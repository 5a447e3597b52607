//! The standard library: instruments, kits, effects and buses written in the language, part of the program.

/// Name and text of each file.
pub const FILES: &[(&str, &str)] = &[];

/// The chapter of the vocabulary a file of the library belongs to: its name without folder and ending.
pub fn category(file: &str) -> &str {
    let name = file.rsplit('/').next().unwrap_or(file);
    name.strip_suffix(".rhai").unwrap_or(name)
}
