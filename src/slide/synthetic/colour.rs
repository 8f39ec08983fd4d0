//! From stains to colours, after Beer and Lambert.

/// The ground where there is no tissue.
pub(super) const GROUND: [u8; 3] = [243, 243, 243];
/// Optical densities of haematoxylin and eosin in red, green and blue; unit vectors.
pub(super) const HAEMATOXYLIN: [f32; 3] = [0.56, 0.71, 0.427];
pub(super) const EOSIN: [f32; 3] = [0.25, 0.785, 0.567];

/// Densest that is told apart, and how finely.
const DENSEST: f32 = 2.5;
const STEPS: usize = 4096;

/// Light that passes, by optical density.
pub(super) struct Light {
    table: Vec<[u8; 3]>,
}

impl Light {
    pub(super) fn new() -> Self {
        let table = (0..STEPS)
            .map(|i| {
                let through = 10f32.powf(-(i as f32) * DENSEST / STEPS as f32);
                GROUND.map(|g| (f32::from(g) * through).round() as u8)
            })
            .collect();
        Self { table }
    }

    /// The colour of so much haematoxylin and eosin.
    #[inline]
    pub(super) fn of(&self, [h, e]: [f32; 2]) -> [u8; 3] {
        std::array::from_fn(|k| {
            let density = h * HAEMATOXYLIN[k] + e * EOSIN[k];
            let i = (density * (STEPS as f32 / DENSEST)) as usize;
            self.table[i.min(STEPS - 1)][k]
        })
    }
}
