//! `segue devices`: what there is to play through.

use segue::io::{DeviceInfo, devices};

use super::{Failure, out};

pub fn run() -> Result<(), Failure> {
    let all = devices();
    let none = "no audio devices; pieces play on the silent clock (`segue doctor` says what to do)\n";
    let lines: String = all.iter().map(|device| line(device) + "\n").collect();
    let null = "null\n    the silent clock: plays to nobody, in real time\n";
    out::show(&format!("{}{lines}{null}", if all.is_empty() { none } else { "" }))
}

/// What `--device` takes, and what stands behind it.
fn line(device: &DeviceInfo) -> String {
    let rates = match device.rates {
        Some((low, high)) if low == high => format!(", {low} Hz"),
        Some((low, high)) => format!(", {low} to {high} Hz"),
        None => String::new(),
    };
    let default = if device.default { "   (what plays unless told otherwise)" } else { "" };
    let DeviceInfo { id, name, host, outputs, inputs, .. } = device;
    format!("{id}{default}\n    {name}, by {host}: {outputs} out, {inputs} in{rates}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_shows_what_to_type_and_what_it_is() {
        let device = DeviceInfo {
            id: "alsa:hw:0".into(),
            name: "Card".into(),
            host: "ALSA".into(),
            outputs: 2,
            inputs: 0,
            rates: Some((44_100, 96_000)),
            default: true,
        };
        let shown = line(&device);
        assert!(shown.starts_with("alsa:hw:0   (what plays"));
        assert!(shown.contains("Card, by ALSA: 2 out, 0 in, 44100 to 96000 Hz"));
    }
}
