//! The graphics device.

use super::wgpu;

/// Device and queue, the window's own or one of our own without a window.
#[derive(Clone)]
pub struct Gpu {
    /// The device.
    pub device: wgpu::Device,
    /// Its queue.
    pub queue: wgpu::Queue,
    /// The format of the pictures that are drawn into.
    pub format: wgpu::TextureFormat,
    /// The adapter's name, for About and logs.
    pub adapter: String,
}

impl Gpu {
    /// A device without a window; the software adapter where there is no other.
    ///
    /// # Errors
    /// A sentence when there is no adapter.
    pub fn headless() -> Result<Self, RenderError> {
        todo!()
    }

    /// The window's device.
    pub fn of_window(state: &eframe::egui_wgpu::RenderState) -> Self {
        Self {
            device: state.device.clone(),
            queue: state.queue.clone(),
            format: state.target_format,
            adapter: state.adapter.get_info().name,
        }
    }
}

/// Why nothing can be drawn.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum RenderError {
    /// No adapter.
    #[error(
        "no graphics adapter was found ({0}); install a Vulkan driver (mesa-vulkan-drivers has one in software)"
    )]
    NoAdapter(String),
    /// The picture can't be made.
    #[error("the picture can't be drawn: {0}")]
    Failed(String),
}
