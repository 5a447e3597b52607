//! Which devices there are, and which one is meant.

use std::str::FromStr;

use cpal::traits::{DeviceTrait, HostTrait};
use serde::Serialize;

use super::host::{Rig, TestHost};
use super::{Error, advice};

/// Where the sound should go.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Device {
    /// What the system plays through.
    #[default]
    Default,
    /// Nowhere: the silent clock.
    Null,
    /// A host (`jack`, `alsa` …: its default device), an id as `devices` lists it, or a part of a name.
    Named(String),
    /// A card in memory.
    Test(TestHost),
}

/// `default`, `null`, `test[:…]`, or a name.
impl FromStr for Device {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "" | "default" => Ok(Device::Default),
            "null" => Ok(Device::Null),
            _ if text == "test" || text.starts_with("test:") => Ok(Device::Test(TestHost::new(text.parse::<Rig>()?))),
            name => Ok(Device::Named(name.into())),
        }
    }
}

/// One line of `segue devices`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DeviceInfo {
    /// What `--device` takes and means exactly this one.
    pub id: String,
    pub name: String,
    pub host: String,
    /// Channels it plays; 0: it only records.
    pub outputs: u16,
    /// Channels it records.
    pub inputs: u16,
    /// Frames per second, slowest and fastest.
    pub rates: Option<(u32, u32)>,
    /// Whether its host plays through it unless told otherwise.
    pub default: bool,
}

/// All devices of all hosts.
pub fn devices() -> Vec<DeviceInfo> {
    quiet();
    let mut all = Vec::new();
    for host in hosts() {
        let default = host.default_output_device().and_then(|d| d.id().ok());
        for device in host.devices().into_iter().flatten() {
            let configs: Vec<_> = device.supported_output_configs().into_iter().flatten().collect();
            let id = device.id().ok();
            all.push(DeviceInfo {
                name: device.to_string(),
                host: host.id().name().into(),
                outputs: configs.iter().map(|c| c.channels()).max().unwrap_or(0),
                inputs: device.supported_input_configs().into_iter().flatten().map(|c| c.channels()).max().unwrap_or(0),
                rates: configs
                    .iter()
                    .map(|c| (c.min_sample_rate(), c.max_sample_rate()))
                    .reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))),
                default: default.is_some() && default == id,
                id: id.map_or_else(|| device.to_string(), |id| id.to_string()),
            });
        }
    }
    all
}

/// Names of the hosts this build knows and this machine has.
pub fn host_names() -> Vec<String> {
    cpal::available_hosts().into_iter().map(|id| id.to_string()).collect()
}

/// The device that is meant, and what to call it; never asked for `Null`.
pub(super) fn find(wanted: &Device) -> Result<(cpal::Device, String), Error> {
    quiet();
    match wanted {
        Device::Test(host) => Ok((host.device(), "test".into())),
        Device::Named(name) => by_name(name),
        Device::Default | Device::Null => {
            let host = cpal::default_host();
            let device = host
                .default_output_device()
                .ok_or_else(|| Error::Device { message: "no audio device".into(), hint: advice::no_sound() })?;
            let name = device.to_string();
            Ok((device, name))
        }
    }
}

fn by_name(name: &str) -> Result<(cpal::Device, String), Error> {
    if name.eq_ignore_ascii_case("jack") {
        return jack();
    }
    if let Ok(id) = cpal::HostId::from_str(name) {
        let device = cpal::host_from_id(id).ok().and_then(|host| host.default_output_device());
        return device.map(named).ok_or_else(|| unknown(name));
    }
    if let Ok(id) = cpal::DeviceId::from_str(name)
        && let Some(device) = cpal::host_from_id(id.host()).ok().and_then(|host| host.device_by_id(&id))
    {
        return Ok(named(device));
    }
    let part = name.to_lowercase();
    let plays = |d: &cpal::Device| d.to_string().to_lowercase().contains(&part) && d.supports_output();
    let mut fitting = hosts().into_iter().flat_map(|host| host.devices().into_iter().flatten()).filter(plays);
    fitting.next().map(named).ok_or_else(|| unknown(name))
}

#[cfg(feature = "jack")]
fn jack() -> Result<(cpal::Device, String), Error> {
    let mut host = cpal::platform::JackHost::new().ok();
    let device = host.as_mut().and_then(|host| host.output_device_with_name("segue"));
    let device = device.ok_or_else(|| Error::Device {
        message: "no jack server runs".into(),
        hint: "start one: jackd -d alsa, or use --device default".into(),
    })?;
    Ok((device.into(), "jack".into()))
}

#[cfg(not(feature = "jack"))]
fn jack() -> Result<(cpal::Device, String), Error> {
    Err(Error::Device {
        message: "this segue was built without jack".into(),
        hint: "build it with: cargo build --release --features jack".into(),
    })
}

fn hosts() -> Vec<cpal::Host> {
    cpal::available_hosts().into_iter().filter_map(|id| cpal::host_from_id(id).ok()).collect()
}

fn named(device: cpal::Device) -> (cpal::Device, String) {
    let name = device.to_string();
    (device, name)
}

fn unknown(name: &str) -> Error {
    let known: Vec<_> = devices().into_iter().filter(|d| d.outputs > 0).map(|d| d.id).take(8).collect();
    let hint = match known.is_empty() {
        true => "there is none; type --device null to play without sound".into(),
        false => format!("there are {}; segue devices lists them all", known.join(", ")),
    };
    Error::Device { message: format!("no device is called `{name}`"), hint }
}

/// Keeps libasound from writing to the terminal, on the calling thread: the player may be typing there.
#[cfg(target_os = "linux")]
fn quiet() {
    // A new buffer each time, so that what libasound says does not pile up.
    let _ = alsa::Output::local_error_handler();
}

#[cfg(not(target_os = "linux"))]
fn quiet() {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_read_from_its_name() {
        assert_eq!("default".parse(), Ok(Device::Default));
        assert_eq!("null".parse(), Ok(Device::Null));
        assert_eq!("Scarlett".parse(), Ok(Device::Named("Scarlett".into())));
        assert!(matches!("test:64".parse(), Ok(Device::Test(_))));
        assert!("test:0".parse::<Device>().is_err());
    }

    #[test]
    fn a_device_that_does_not_exist_is_told_with_what_there_is() {
        let error = find(&Device::Named("no such card anywhere".into())).unwrap_err().to_string();
        assert!(error.contains("no device is called `no such card anywhere`"), "{error}");
        assert!(error.contains("--device null") || error.contains("there are"), "{error}");
    }
}
