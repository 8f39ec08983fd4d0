//! The graphics device.

use super::wgpu;
use eframe::egui_wgpu::{WgpuSetup, WgpuSetupCreateNew};
use std::sync::Arc;

/// Layers of a texture array that a device is asked for, where the adapter has them.
const LAYERS: u32 = 2048;
/// Side of a texture that a device is asked for, where the adapter has it: screens may be wider than 8192.
const SIDE: u32 = 16_384;

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

fn raised(base: &wgpu::Limits, adapter: &wgpu::Adapter) -> wgpu::Limits {
    let most = adapter.limits();
    wgpu::Limits {
        max_texture_array_layers: most.max_texture_array_layers.min(LAYERS),
        max_texture_dimension_2d: most.max_texture_dimension_2d.min(SIDE),
        ..base.clone()
    }
}

/// The window's graphics setup: egui's own, with limits raised as far as the adapter allows.
pub fn window_setup() -> WgpuSetup {
    let mut setup = WgpuSetupCreateNew::without_display_handle();
    let base = Arc::clone(&setup.device_descriptor);
    setup.device_descriptor = Arc::new(move |adapter| {
        let mut descriptor = base(adapter);
        descriptor.required_limits = raised(&descriptor.required_limits, adapter);
        descriptor
    });
    setup.into()
}

impl Gpu {
    /// A device without a window; the software adapter where there is no other.
    ///
    /// # Errors
    /// A sentence when there is no adapter.
    pub fn headless() -> Result<Self, RenderError> {
        // OpenGL only where there is nothing else: to look for it takes time. WGPU_BACKEND overrides.
        let backends = match wgpu::Backends::from_env() {
            Some(chosen) => vec![chosen],
            None => vec![wgpu::Backends::PRIMARY, wgpu::Backends::GL],
        };
        let ask = |backends, software| {
            let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle_from_env();
            descriptor.backends = backends;
            pollster::block_on(wgpu::Instance::new(descriptor).request_adapter(
                &wgpu::RequestAdapterOptions {
                    power_preference: wgpu::PowerPreference::HighPerformance,
                    force_fallback_adapter: software,
                    ..wgpu::RequestAdapterOptions::default()
                },
            ))
        };
        let mut adapter = Err(String::new());
        for (backends, software) in backends.into_iter().flat_map(|b| [(b, false), (b, true)]) {
            if adapter.is_err() {
                adapter = ask(backends, software).map_err(|e| e.to_string());
            }
        }
        let adapter = adapter.map_err(RenderError::NoAdapter)?;
        let base = if adapter.get_info().backend == wgpu::Backend::Gl {
            wgpu::Limits::downlevel_webgl2_defaults()
        } else {
            wgpu::Limits::default()
        };
        let (device, queue) = pollster::block_on(adapter.request_device(&wgpu::DeviceDescriptor {
            label: Some("pictures"),
            required_limits: raised(&base, &adapter),
            ..wgpu::DeviceDescriptor::default()
        }))
        .map_err(|e| RenderError::NoAdapter(e.to_string()))?;
        Ok(Self { device, queue, format: wgpu::TextureFormat::Rgba8Unorm, adapter: adapter.get_info().name })
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
