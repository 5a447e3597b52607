//! Files that a piece must not reach, asked for in every way, and imports that never end.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What `segue check` says of a piece in a folder.
fn check(folder: &Path, text: &str) -> String {
    let piece = folder.join("piece.rhai");
    fs::write(&piece, text).unwrap();
    let begun = Instant::now();
    let output = Command::new(env!("CARGO_BIN_EXE_segue"))
        .args(["check", "piece.rhai"])
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(begun.elapsed() < Duration::from_secs(10), "{text}: it waits for something");
    assert_eq!(output.status.code(), Some(1), "{text}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn an_import_reaches_nothing_outside_its_folder_and_no_device() {
    let dir = tempfile::tempdir().unwrap();
    let (outside, inside) = (dir.path().join("secret.rhai"), dir.path().join("songs"));
    fs::create_dir(&inside).unwrap();
    fs::write(&outside, "let secret = 42;").unwrap();
    fs::create_dir(inside.join("folder.rhai")).unwrap();
    fs::write(inside.join("binary.rhai"), b"\xff\xfe\0").unwrap();
    fs::File::create(inside.join("huge.rhai")).unwrap().set_len(1 << 40).unwrap();
    let link = |to: &Path, name: &str| std::os::unix::fs::symlink(to, inside.join(name)).unwrap();
    link(&outside, "link.rhai");
    link(dir.path(), "up");
    link(Path::new("/dev/zero"), "zero.rhai");
    link(Path::new("/dev/stdin"), "stdin.rhai");
    link(Path::new("round.rhai"), "round.rhai");
    link(Path::new("gone"), "dangling.rhai");
    assert!(Command::new("mkfifo").arg(inside.join("pipe.rhai")).status().unwrap().success());
    let folder = "expected a file in the piece's folder";
    for (path, message) in [
        ("../secret", folder),
        ("..\\\\secret", folder),
        ("x/../../secret", folder),
        ("/etc/passwd", folder),
        ("/dev/zero", folder),
        ("file:///etc/passwd", folder),
        ("link", "outside the piece's folder"),
        ("up/secret", "outside the piece's folder"),
        ("zero", "outside the piece's folder"),
        ("stdin", "outside the piece's folder"),
        ("round", "no such file"),
        ("dangling", "no such file"),
        ("pipe", "not a plain file"),
        ("folder", "is a folder"),
        ("binary", "is not text"),
        ("huge", "MB long"),
        ("", "no such file"),
        (".", "no such file"),
        ("nothing", "no such file"),
    ] {
        let said = check(&inside, &format!("import \"{path}\" as x;"));
        assert!(said.contains(message) && said.contains("piece.rhai:1:8"), "import \"{path}\": {said}");
        assert!(!said.contains("42"), "import \"{path}\" shows what it must not: {said}");
    }
}

#[test]
fn imports_that_never_end_are_reported() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
    write("me.rhai", "import \"me\" as me;");
    write("a.rhai", "import \"b\" as b;");
    write("b.rhai", "import \"c\" as c;");
    write("c.rhai", "import \"a\" as a;");
    for n in 0..100 {
        write(&format!("chain{n}.rhai"), &format!("import \"chain{}\" as next;", n + 1));
        // Each is evaluated twice by the one before it, 2 to the power of 40 times in all: time or memory ends that.
        let next = n + 1;
        write(&format!("twice{n}.rhai"), &format!("import \"twice{next}\" as a; import \"twice{next}\" as b;"));
    }
    write("chain100.rhai", "");
    write("twice40.rhai", "export const x = 1;");
    write("wrong.rhai", "let a = (;");
    write("slow.rhai", "loop {}");
    for (path, messages) in [
        ("me", &["imports itself"][..]),
        ("a", &["imports itself"]),
        ("chain0", &["at most 64 imports expected"]),
        // Whichever it comes to first.
        ("twice0", &["longer than 1 s", "more than 128 MB of memory"]),
        ("wrong", &["wrong:1:"]),
        ("slow", &["does it ever end"]),
    ] {
        let said = check(dir.path(), &format!("import \"{path}\" as x;"));
        assert!(messages.iter().any(|message| said.contains(message)), "import \"{path}\": {said}");
    }
}
