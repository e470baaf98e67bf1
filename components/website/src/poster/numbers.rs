//! Numbers that follow from a title.

/// Numbers that follow from a title (SplitMix64, seeded by FNV-1a).
pub struct Numbers(u64);

impl Numbers {
    pub fn of(title: &str) -> Self {
        let hash = title
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            });
        Self(hash)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    /// A number between two, to a tenth.
    pub fn between(&mut self, from: f64, to: f64) -> f64 {
        round(from + (to - from) * (self.next() >> 11) as f64 / (1_u64 << 53) as f64)
    }
}

pub fn round(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}
