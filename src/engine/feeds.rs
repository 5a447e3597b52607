//! Feeds: what arrives at each bus in a block.

use super::fader::{SILENCE, Stereo};

pub(super) struct Feeds {
    sums: Vec<Stereo>,
    fed: Vec<bool>,
    /// Buses before this one have played already and take nothing more.
    first: usize,
}

impl Feeds {
    pub fn new(buses: usize) -> Self {
        Feeds { sums: vec![SILENCE; buses], fed: vec![false; buses], first: 0 }
    }

    /// How many buses there are.
    pub fn len(&self) -> usize {
        self.sums.len()
    }

    /// A new block begins: nothing has arrived anywhere.
    pub fn clear(&mut self) {
        self.fed.fill(false);
        self.first = 0;
    }

    /// From here on only buses after `bus` can be fed.
    pub fn pass(&mut self, bus: usize) {
        self.first = bus + 1;
    }

    /// The sum of a bus to add to, silent where nothing came before; None where the bus is not there or has played.
    pub fn get(&mut self, bus: usize) -> Option<&mut Stereo> {
        if bus < self.first || bus >= self.sums.len() {
            return None;
        }
        if !std::mem::replace(&mut self.fed[bus], true) {
            self.sums[bus] = SILENCE;
        }
        Some(&mut self.sums[bus])
    }

    /// What arrived, if anything did, to be worked on.
    pub fn taken(&mut self, bus: usize) -> Option<&mut Stereo> {
        self.fed[bus].then(|| &mut self.sums[bus])
    }

    /// What arrived, if anything did.
    pub fn heard(&self, bus: usize) -> Option<&Stereo> {
        self.fed[bus].then(|| &self.sums[bus])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bus_that_has_played_takes_nothing_more() {
        let mut feeds = Feeds::new(3);
        feeds.pass(1);
        assert!(feeds.get(0).is_none() && feeds.get(1).is_none() && feeds.get(3).is_none());
        feeds.get(2).unwrap()[0][0] = 1.0;
        assert_eq!(feeds.heard(2).unwrap()[0][0], 1.0);
        feeds.clear();
        assert!(feeds.heard(2).is_none());
        assert_eq!(feeds.get(2).unwrap()[0][0], 0.0);
    }
}
