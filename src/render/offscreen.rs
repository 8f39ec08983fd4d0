//! A view as a picture, without a window.

use super::gpu::{Gpu, RenderError};
use super::scene::Scene;
use super::view::{Frame, SlideView};
use super::wgpu;
use crate::model::{Camera, ScreenPx};
use crate::slide::Pixels;
use std::sync::mpsc;
use std::time::Duration;

/// Largest side that is drawn at once; larger pictures are put together from pieces.
const PIECE: u32 = 2048;
/// Largest side of a picture.
const MOST: u32 = 16_384;
/// A reader that gives no tile for so long is taken for stuck.
const PATIENCE: Duration = Duration::from_secs(120);

/// Draws until every wanted tile is sharp, then reads the picture back. Waits for the loader.
///
/// # Errors
/// When the GPU fails or a picture of this size can't be made.
pub fn render(
    gpu: &Gpu,
    view: &mut SlideView,
    camera: Camera,
    size: [u32; 2],
    scene: &Scene,
    ground: [u8; 3],
) -> Result<Pixels, RenderError> {
    if size.iter().any(|s| !(1..=MOST).contains(s)) {
        let [w, h] = size;
        return Err(RenderError::Failed(format!("{w}x{h} pixels; each side may have 1 to {MOST}")));
    }
    let whole = size.map(f64::from);
    let mut picture = Pixels::filled(size[0], size[1], [0, 0, 0, 255]);
    let fade = view.set_fade(Duration::ZERO);
    let result = (|| {
        for top in (0..size[1]).step_by(PIECE as usize) {
            for left in (0..size[0]).step_by(PIECE as usize) {
                let part = [(size[0] - left).min(PIECE), (size[1] - top).min(PIECE)];
                let middle = ScreenPx::new(
                    f64::from(left) + f64::from(part[0]) / 2.0,
                    f64::from(top) + f64::from(part[1]) / 2.0,
                );
                let camera = Camera { center: camera.to_slide(middle, whole), ..camera };
                let piece = sharp(gpu, view, camera, part, scene, ground)?;
                put(&mut picture, &piece, left, top);
            }
        }
        Ok(picture)
    })();
    view.set_fade(fade);
    result
}

fn sharp(
    gpu: &Gpu,
    view: &mut SlideView,
    camera: Camera,
    size: [u32; 2],
    scene: &Scene,
    ground: [u8; 3],
) -> Result<Pixels, RenderError> {
    let frame = Frame { camera, viewport: size, scene, now: Duration::ZERO, ahead: &[], ground };
    loop {
        let report = view.frame(gpu, &frame);
        if report.sharp {
            return draw_once(gpu, view, size);
        }
        // Hands the uploads over, which would else pile up in memory until the picture is drawn.
        gpu.queue.submit([]);
        if report.uploads == 0 && !view.wait(PATIENCE) {
            return Err(RenderError::Failed(
                "the slide's reader gives no tiles; is its drive reachable?".into(),
            ));
        }
    }
}

fn put(picture: &mut Pixels, piece: &Pixels, left: u32, top: u32) {
    for (row, line) in piece.rgba.chunks_exact(4 * piece.width as usize).enumerate() {
        let at = 4 * ((top as usize + row) * picture.width as usize + left as usize);
        picture.rgba[at..at + line.len()].copy_from_slice(line);
    }
}

/// Draws what the last [`SlideView::frame`] prepared, without waiting for anything but the GPU. `size` is that
/// frame's viewport.
///
/// # Errors
/// When the GPU fails.
pub fn draw_once(gpu: &Gpu, view: &SlideView, size: [u32; 2]) -> Result<Pixels, RenderError> {
    let most = gpu.device.limits().max_texture_dimension_2d;
    if size.iter().any(|s| !(1..=most).contains(s)) {
        return Err(RenderError::Failed(format!("a side may have 1 to {most} pixels here")));
    }
    let texture = target(gpu, size);
    let mut encoder = gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    {
        let mut pass = begin(&mut encoder, &texture);
        view.paint(&mut pass);
    }
    gpu.queue.submit([encoder.finish()]);
    read_back(gpu, &texture)
}

/// A texture that a picture can be drawn into and read back from. `size` is within the device's limits.
pub fn target(gpu: &Gpu, [width, height]: [u32; 2]) -> wgpu::Texture {
    gpu.device.create_texture(&wgpu::TextureDescriptor {
        label: Some("picture"),
        size: wgpu::Extent3d { width, height, depth_or_array_layers: 1 },
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format: gpu.format,
        usage: wgpu::TextureUsages::RENDER_ATTACHMENT | wgpu::TextureUsages::COPY_SRC,
        view_formats: &[],
    })
}

/// Begins to draw on a black picture.
pub fn begin<'a>(encoder: &'a mut wgpu::CommandEncoder, target: &wgpu::Texture) -> wgpu::RenderPass<'a> {
    let view = target.create_view(&wgpu::TextureViewDescriptor::default());
    encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
        label: Some("picture"),
        color_attachments: &[Some(wgpu::RenderPassColorAttachment {
            view: &view,
            depth_slice: None,
            resolve_target: None,
            ops: wgpu::Operations {
                load: wgpu::LoadOp::Clear(wgpu::Color::BLACK),
                store: wgpu::StoreOp::Store,
            },
        })],
        ..wgpu::RenderPassDescriptor::default()
    })
}

/// The pixels of a texture of 8 bits a channel (RGBA or BGRA) that may be copied from.
///
/// # Errors
/// When the format is another, or the GPU fails.
pub fn read_back(gpu: &Gpu, texture: &wgpu::Texture) -> Result<Pixels, RenderError> {
    use wgpu::TextureFormat::{Bgra8Unorm, Bgra8UnormSrgb, Rgba8Unorm, Rgba8UnormSrgb};
    let swapped = match texture.format() {
        Rgba8Unorm | Rgba8UnormSrgb => false,
        Bgra8Unorm | Bgra8UnormSrgb => true,
        other => {
            return Err(RenderError::Failed(format!("pictures of the kind {other:?} can't be read back")));
        }
    };
    let failed = |e: &dyn std::fmt::Display| RenderError::Failed(format!("the graphics adapter says: {e}"));
    let (width, height) = (texture.width(), texture.height());
    let row = 4 * width as usize;
    let padded = row.next_multiple_of(wgpu::COPY_BYTES_PER_ROW_ALIGNMENT as usize);
    let buffer = gpu.device.create_buffer(&wgpu::BufferDescriptor {
        label: Some("read back"),
        size: padded as u64 * u64::from(height),
        usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
        mapped_at_creation: false,
    });
    let mut encoder = gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    encoder.copy_texture_to_buffer(
        texture.as_image_copy(),
        wgpu::TexelCopyBufferInfo {
            buffer: &buffer,
            layout: wgpu::TexelCopyBufferLayout {
                offset: 0,
                bytes_per_row: Some(padded as u32),
                rows_per_image: Some(height),
            },
        },
        wgpu::Extent3d { width, height, depth_or_array_layers: 1 },
    );
    gpu.queue.submit([encoder.finish()]);
    let (sender, receiver) = mpsc::channel();
    buffer.map_async(wgpu::MapMode::Read, .., move |result| {
        let _ = sender.send(result);
    });
    gpu.device.poll(wgpu::PollType::wait_indefinitely()).map_err(|e| failed(&e))?;
    receiver.recv().map_err(|e| failed(&e))?.map_err(|e| failed(&e))?;
    let mut rgba = Vec::with_capacity(row * height as usize);
    {
        let mapped = buffer.get_mapped_range(..).map_err(|e| failed(&e))?;
        for line in mapped.chunks_exact(padded) {
            rgba.extend_from_slice(&line[..row]);
        }
    }
    buffer.unmap();
    if swapped {
        for pixel in rgba.chunks_exact_mut(4) {
            pixel.swap(0, 2);
        }
    }
    Ok(Pixels { width, height, rgba })
}
