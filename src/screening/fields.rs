//! The plan: fields of a fixed physical size that cover all tissue, in an order without detours.

use super::tissue::Mask;
use crate::model::{Rect, Resolution};
use serde::{Deserialize, Serialize};

/// How fields are laid.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Area of a field in mm2.
    pub field_mm2: f64,
    /// Width / height.
    pub aspect: f64,
    /// Shared part of neighbours, 0 <= overlap < 1.
    pub overlap: f64,
}

impl Default for Settings {
    /// One high power field of 0.237 mm2 at 4:3, 10 % overlap.
    fn default() -> Self {
        Self { field_mm2: 0.237, aspect: 4.0 / 3.0, overlap: 0.1 }
    }
}

/// One screening step.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// Its number in screening order, from 0.
    pub index: u32,
    /// What it shows, in level-0 pixels.
    pub rect: Rect,
    /// The piece of tissue it belongs to, from 0.
    pub fragment: u32,
}

/// All fields of a slide, in screening order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The fields.
    pub fields: Vec<Field>,
    /// Tissue found, in mm2.
    pub tissue_mm2: f64,
    /// Way between the fields' centres, in level-0 pixels.
    pub travel_px: f64,
    /// How the fields were laid.
    pub settings: Settings,
}

/// Lays fields over all tissue. The same mask and settings give the same plan everywhere.
pub fn plan(mask: &Mask, slide_size: (u32, u32), resolution: Resolution, settings: Settings) -> Plan {
    let _ = (mask, slide_size, resolution, settings);
    todo!()
}
