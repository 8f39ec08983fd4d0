//! Pictures by the GPU, the same on the screen and off it.
//!
//! A [`view::SlideView`] holds what one view of one slide needs: its tile loader, caches and GPU buffers. Each
//! frame, [`view::SlideView::frame`] plans, uploads within a byte budget and fills the instance buffers; then
//! [`view::SlideView::paint`] draws: coarse tiles under fine ones, then the [`scene::Scene`] of marks and lines.

pub mod gpu;
#[cfg(test)]
mod journey;
pub mod marker_pass;
pub mod offscreen;
pub mod overlay;
pub mod pipeline;
pub mod scene;
pub mod slide_pass;
#[cfg(test)]
mod twin;
pub mod view;

/// The one wgpu of the program: egui's.
pub use eframe::egui_wgpu::wgpu;
