//! `java.util.Random`: the numbers that AWS's JSONata function `$random(seed)` gives.

/// A generator with 48 bits of state.
pub struct JavaRandom(u64);

impl JavaRandom {
    const MASK: u64 = (1 << 48) - 1;

    /// The generator that begins at this seed.
    pub fn new(seed: i64) -> Self {
        Self((seed as u64 ^ 0x5_DEEC_E66D) & Self::MASK)
    }

    fn next(&mut self, bits: u32) -> i32 {
        self.0 = self.0.wrapping_mul(0x5_DEEC_E66D).wrapping_add(0xB) & Self::MASK;
        (self.0 >> (48 - bits)) as i32
    }

    /// `nextDouble()`: a number from 0 on, below 1.
    pub fn next_double(&mut self) -> f64 {
        let bits = (i64::from(self.next(26)) << 27) + i64::from(self.next(27));
        bits as f64 / (1i64 << 53) as f64
    }

    /// `nextInt(bound)`, for a bound above 0
    fn below(&mut self, bound: i32) -> i32 {
        if bound & (bound - 1) == 0 {
            return ((i64::from(bound) * i64::from(self.next(31))) >> 31) as i32;
        }
        loop {
            let bits = self.next(31);
            let value = bits % bound;
            if bits.checked_sub(value).and_then(|n| n.checked_add(bound - 1)).is_some() {
                return value;
            }
        }
    }

    /// As `ints(from, to)` makes them, for a `from` below `to`.
    pub fn between(&mut self, from: i32, to: i32) -> i32 {
        if let Some(width) = to.checked_sub(from) {
            return from + self.below(width);
        }
        loop {
            let value = self.next(32);
            if (from..to).contains(&value) {
                return value;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_javas() {
        assert_eq!(JavaRandom::new(42).next_double(), 0.7275636800328681);
        assert_eq!(JavaRandom::new(42).next(32), -1_170_105_035);
        assert_eq!(JavaRandom::new(42).between(0, 10), 0);
        assert_eq!(JavaRandom::new(42).between(5, 1005), 135);
        assert!((i32::MIN..i32::MAX).contains(&JavaRandom::new(-1).between(i32::MIN, i32::MAX)));
    }
}
