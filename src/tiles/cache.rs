//! Tiles kept within a bound of bytes, the longest unused given up first.

use super::grid::{BYTES, TileKey};
use super::read::TileBytes;
use std::collections::HashMap;

/// Decoded tiles in memory.
pub struct Cache {
    tiles: HashMap<TileKey, (TileBytes, u64)>,
    clock: u64,
    most: usize,
}

impl Cache {
    /// Holds `bytes` at most (64 tiles at least).
    pub fn new(bytes: usize) -> Self {
        Self { tiles: HashMap::new(), clock: 0, most: (bytes / BYTES).max(64) }
    }

    /// Number of tiles that fit.
    pub fn capacity(&self) -> usize {
        self.most
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        self.tiles.len() * BYTES
    }

    /// Is it here? Does not count as a use.
    pub fn contains(&self, key: TileKey) -> bool {
        self.tiles.contains_key(&key)
    }

    /// A tile, marked as used.
    pub fn get(&mut self, key: TileKey) -> Option<TileBytes> {
        self.clock += 1;
        let (bytes, used) = self.tiles.get_mut(&key)?;
        *used = self.clock;
        Some(bytes.clone())
    }

    /// Adds a tile, and gives up the longest unused one when there is no room.
    pub fn insert(&mut self, key: TileKey, bytes: TileBytes) {
        self.clock += 1;
        if self.tiles.len() >= self.most
            && !self.tiles.contains_key(&key)
            && let Some(oldest) = self.tiles.iter().min_by_key(|(_, (_, used))| *used).map(|(k, _)| *k)
        {
            self.tiles.remove(&oldest);
        }
        self.tiles.insert(key, (bytes, self.clock));
    }
}

/// A tile's place on the GPU.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slot {
    /// Number of the place, from 0.
    pub index: usize,
    /// When the tile came there, in seconds of the view's own time.
    pub since: f64,
    /// Frame that used it last.
    used: u64,
}

/// Which tile is at which place on the GPU. Knows no GPU itself.
pub struct Slots {
    tiles: HashMap<TileKey, Slot>,
    next: usize,
    most: usize,
    pinned: TileKey,
    frame: u64,
}

impl Slots {
    /// `most` places; `pinned` is never given up.
    pub fn new(most: usize, pinned: TileKey) -> Self {
        Self { tiles: HashMap::new(), next: 0, most: most.max(2), pinned, frame: 0 }
    }

    /// A new frame: tiles touched from now on are in use until the next one.
    pub fn begin(&mut self) {
        self.frame += 1;
    }

    /// The place of a tile.
    pub fn get(&self, key: TileKey) -> Option<&Slot> {
        self.tiles.get(&key)
    }

    /// Marks a tile as in use.
    pub fn touch(&mut self, key: TileKey) {
        if let Some(slot) = self.tiles.get_mut(&key) {
            slot.used = self.frame;
        }
    }

    /// Finds a place for a tile: a free one, else that of the longest unused tile. `None` when all are in use.
    pub fn place(&mut self, key: TileKey, since: f64) -> Option<usize> {
        if let Some(slot) = self.tiles.get(&key) {
            return Some(slot.index);
        }
        let index = if self.next < self.most {
            self.next += 1;
            self.next - 1
        } else {
            let (&oldest, slot) = self
                .tiles
                .iter()
                .filter(|(k, slot)| **k != self.pinned && slot.used < self.frame)
                .min_by_key(|(k, slot)| (slot.used, **k))?;
            let index = slot.index;
            self.tiles.remove(&oldest);
            index
        };
        self.tiles.insert(key, Slot { index, since, used: self.frame });
        Some(index)
    }

    /// Places that were ever used: those below this number.
    pub fn high_water(&self) -> usize {
        self.next
    }

    /// Number of places.
    pub fn capacity(&self) -> usize {
        self.most
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(x: u32) -> TileKey {
        TileKey { level: 0, x, y: 0 }
    }

    #[test]
    fn the_longest_unused_tile_goes_first() {
        let mut cache = Cache::new(0);
        let tile: TileBytes = vec![0u8; 4].into();
        for x in 0..64 {
            cache.insert(key(x), tile.clone());
        }
        assert!(cache.get(key(0)).is_some());
        cache.insert(key(99), tile);
        assert!(cache.contains(key(0)) && !cache.contains(key(1)) && cache.contains(key(99)));
        assert_eq!(cache.bytes(), 64 * BYTES);
    }

    #[test]
    fn tiles_in_use_and_the_pinned_one_stay() {
        let mut slots = Slots::new(3, key(0));
        slots.begin();
        for x in 0..3 {
            assert_eq!(slots.place(key(x), 0.0), Some(x as usize));
        }
        assert_eq!(slots.place(key(7), 0.0), None, "all are in use");
        slots.begin();
        slots.touch(key(1));
        assert_eq!(slots.place(key(7), 0.0), Some(2));
        assert_eq!(slots.place(key(8), 0.0), None);
        assert!(slots.get(key(0)).is_some() && slots.get(key(1)).is_some() && slots.get(key(2)).is_none());
    }
}
