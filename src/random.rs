//! Numbers that look random but follow from a seed, so that an execution can be repeated exactly.

use std::cell::Cell;
use uuid::Uuid;

/// A SplitMix64 generator.
#[derive(Clone, Debug)]
pub struct Random(Cell<u64>);

impl Random {
    /// The generator that begins at `seed`.
    pub fn new(seed: u64) -> Self {
        Self(Cell::new(seed))
    }

    /// The next 64 bits.
    pub fn bits(&self) -> u64 {
        let state = self.0.get().wrapping_add(0x9E37_79B9_7F4A_7C15);
        self.0.set(state);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// The next number in `0.0..1.0`.
    pub fn unit(&self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// The next number in `from..to`; `from` if there is none in between.
    pub fn between(&self, from: i64, to: i64) -> i64 {
        let width = to.wrapping_sub(from) as u64;
        if to <= from { from } else { from.wrapping_add((self.bits() % width) as i64) }
    }

    /// The next random uuid (version 4).
    pub fn uuid(&self) -> Uuid {
        let bits = (u128::from(self.bits()) << 64) | u128::from(self.bits());
        uuid::Builder::from_random_bytes(bits.to_be_bytes()).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_numbers() {
        let (a, b) = (Random::new(7), Random::new(7));
        assert_eq!((a.bits(), a.uuid(), a.between(1, 6)), (b.bits(), b.uuid(), b.between(1, 6)));
        assert_ne!(Random::new(7).bits(), Random::new(8).bits());
        assert_eq!(a.uuid().get_version_num(), 4);
        assert!((0..1000).all(|_| (1..6).contains(&a.between(1, 6))));
    }
}
