//! The stage: what the performer does to the sound besides the text, and what therefore survives every save.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A gesture of the performer. Names are tracks'.
#[derive(Clone, Debug, PartialEq)]
pub enum Stage {
    /// Every track stops playing; what sounds rings out. A track plays again once its own text changes, it is evaluated at
    /// the REPL, or it is unmuted.
    Hush,
    /// Silence now; then as after `Hush`.
    Panic,
    Mute(Arc<str>),
    /// One track, or all: neither muted nor hushed any more.
    Unmute(Option<Arc<str>>),
    /// Only soloed tracks are heard while there are any.
    Solo(Arc<str>),
    /// One track, or all.
    Unsolo(Option<Arc<str>>),
    /// So many voices are let go of, because there is not enough time for all: the machine's gesture, not the performer's.
    Shed(u32),
}

impl Stage {
    /// The gesture as words: what is done, and to whom.
    pub fn words(&self) -> (&'static str, Option<Cow<'_, str>>) {
        match self {
            Stage::Hush => ("hush", None),
            Stage::Panic => ("panic", None),
            Stage::Mute(name) => ("mute", Some(Cow::from(&**name))),
            Stage::Unmute(name) => ("unmute", name.as_deref().map(Cow::from)),
            Stage::Solo(name) => ("solo", Some(Cow::from(&**name))),
            Stage::Unsolo(name) => ("unsolo", name.as_deref().map(Cow::from)),
            Stage::Shed(voices) => ("shed", Some(Cow::from(voices.to_string()))),
        }
    }

    /// The gesture of these words, if they are one.
    pub fn from_words(word: &str, name: Option<&str>) -> Option<Stage> {
        let name: Option<Arc<str>> = name.map(Arc::from);
        match (word, name) {
            ("hush", None) => Some(Stage::Hush),
            ("panic", None) => Some(Stage::Panic),
            ("mute", Some(name)) => Some(Stage::Mute(name)),
            ("unmute", name) => Some(Stage::Unmute(name)),
            ("solo", Some(name)) => Some(Stage::Solo(name)),
            ("unsolo", name) => Some(Stage::Unsolo(name)),
            ("shed", Some(voices)) => voices.parse().ok().map(Stage::Shed),
            _ => None,
        }
    }
}

/// Who is muted, soloed and hushed at present. Names are remembered whether or not such a track plays just now.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Standing {
    pub muted: BTreeSet<Arc<str>>,
    pub soloed: BTreeSet<Arc<str>>,
    pub hushed: BTreeSet<Arc<str>>,
}

impl Standing {
    /// Makes a gesture, `present` being the tracks there are.
    pub fn make(&mut self, stage: &Stage, present: impl Iterator<Item = Arc<str>>) {
        match stage {
            Stage::Hush | Stage::Panic => self.hushed.extend(present),
            Stage::Mute(name) => drop(self.muted.insert(name.clone())),
            Stage::Unmute(Some(name)) => {
                self.muted.remove(name);
                self.hushed.remove(name);
            }
            Stage::Unmute(None) => {
                self.muted.clear();
                self.hushed.clear();
            }
            Stage::Solo(name) => drop(self.soloed.insert(name.clone())),
            Stage::Unsolo(Some(name)) => drop(self.soloed.remove(name)),
            Stage::Unsolo(None) => self.soloed.clear(),
            Stage::Shed(_) => {}
        }
    }

    /// Whether the performer lets this track be heard.
    pub fn lets(&self, name: &str) -> bool {
        !self.muted.contains(name) && (self.soloed.is_empty() || self.soloed.contains(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(stages: &[Stage]) -> Standing {
        let mut standing = Standing::default();
        for stage in stages {
            standing.make(stage, ["a", "b"].into_iter().map(Arc::from));
        }
        standing
    }

    #[test]
    fn a_solo_silences_all_others_and_a_mute_silences_even_a_solo() {
        let a = || Arc::from("a");
        let solo = standing(&[Stage::Solo(a())]);
        assert!(solo.lets("a") && !solo.lets("b"));
        let both = standing(&[Stage::Solo(a()), Stage::Mute(a())]);
        assert!(!both.lets("a"));
        let none = standing(&[Stage::Solo(a()), Stage::Unsolo(None)]);
        assert!(none.lets("a") && none.lets("b"));
    }

    #[test]
    fn unmute_lifts_mutes_and_hushes_of_one_or_of_all() {
        let one = standing(&[Stage::Hush, Stage::Mute("a".into()), Stage::Unmute(Some("a".into()))]);
        assert!(one.lets("a") && !one.hushed.contains("a") && one.hushed.contains("b"));
        assert_eq!(standing(&[Stage::Panic, Stage::Unmute(None)]), Standing::default());
    }

    #[test]
    fn a_gesture_is_the_same_after_being_put_into_words() {
        let name: Arc<str> = "a".into();
        for stage in [
            Stage::Hush,
            Stage::Panic,
            Stage::Mute(name.clone()),
            Stage::Unmute(None),
            Stage::Unmute(Some(name.clone())),
            Stage::Solo(name.clone()),
            Stage::Unsolo(Some(name)),
            Stage::Unsolo(None),
            Stage::Shed(8),
        ] {
            let (word, name) = stage.words();
            assert_eq!(Stage::from_words(word, name.as_deref()), Some(stage.clone()));
        }
        assert_eq!(Stage::from_words("mute", None), None);
    }
}
