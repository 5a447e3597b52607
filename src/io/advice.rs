//! What to do where there is no sound: what is missing on this machine, and the command that brings it.

use std::path::Path;

/// One line for a musician whose machine stays silent.
pub fn no_sound() -> String {
    if cfg!(target_os = "linux") { linux(&Machine::look()) } else { "check the system's sound settings".into() }
}

/// What decides the advice on Linux.
struct Machine {
    /// `/dev/snd` exists.
    cards: bool,
    /// One of its devices can be opened.
    allowed: bool,
    /// PipeWire or PulseAudio runs.
    server: bool,
    installer: Option<Installer>,
}

#[derive(Clone, Copy)]
enum Installer {
    Apt,
    Dnf,
    Pacman,
}

impl Machine {
    fn look() -> Self {
        let card = |e: &std::fs::DirEntry| e.file_name().to_string_lossy().starts_with("control");
        let cards: Vec<_> = std::fs::read_dir("/dev/snd").into_iter().flatten().flatten().filter(card).collect();
        let runtime = std::env::var("XDG_RUNTIME_DIR").unwrap_or_default();
        let sockets = ["pipewire-0", "pulse/native"].map(|name| Path::new(&runtime).join(name));
        let found = |program: &str| {
            std::env::var_os("PATH").is_some_and(|path| std::env::split_paths(&path).any(|d| d.join(program).exists()))
        };
        let installers = [("apt-get", Installer::Apt), ("dnf", Installer::Dnf), ("pacman", Installer::Pacman)];
        Machine {
            cards: !cards.is_empty(),
            allowed: cards.iter().any(|e| std::fs::File::open(e.path()).is_ok()),
            server: std::env::var_os("PULSE_SERVER").is_some() || sockets.iter().any(|s| s.exists()),
            installer: installers.into_iter().find(|(program, _)| found(program)).map(|(_, installer)| installer),
        }
    }
}

fn linux(machine: &Machine) -> String {
    if machine.server {
        return format!(
            "a sound server runs, but ALSA does not reach it: {}",
            install(machine, ["pipewire-alsa", "pipewire-alsa", "pipewire-alsa"])
        );
    }
    match (machine.cards, machine.allowed) {
        (false, _) => "this machine has no sound card: plug one in, or segue render FILE -o OUT.wav".into(),
        (true, false) => "you may not use the sound card: sudo usermod -aG audio $USER, then log in again".into(),
        (true, true) => format!(
            "the card is taken or not set up: close what plays, or {}",
            install(machine, ["pipewire pipewire-alsa", "pipewire-alsa", "pipewire-alsa"])
        ),
    }
}

/// The command that installs a package: its names for Debian and Ubuntu, Fedora, Arch.
fn install(machine: &Machine, [apt, dnf, pacman]: [&str; 3]) -> String {
    match machine.installer {
        Some(Installer::Apt) => format!("sudo apt-get install {apt}"),
        Some(Installer::Dnf) => format!("sudo dnf install {dnf}"),
        Some(Installer::Pacman) => format!("sudo pacman -S {pacman}"),
        None => format!("install {apt}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_silent_machine_gets_something_to_do() {
        let machine = Machine { cards: false, allowed: false, server: false, installer: Some(Installer::Apt) };
        assert!(linux(&machine).contains("segue render"));
        let machine = Machine { cards: true, ..machine };
        assert!(linux(&machine).contains("usermod -aG audio"));
        let machine = Machine { allowed: true, ..machine };
        assert!(linux(&machine).contains("sudo apt-get install pipewire pipewire-alsa"));
        let machine = Machine { server: true, installer: Some(Installer::Pacman), ..machine };
        assert!(linux(&machine).contains("sudo pacman -S pipewire-alsa"));
    }
}
