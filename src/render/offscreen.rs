//! A view as a picture, without a window.

use super::gpu::{Gpu, RenderError};
use super::scene::Scene;
use super::view::SlideView;
use crate::model::Camera;
use crate::slide::Pixels;

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
    let _ = (gpu, view, camera, size, scene, ground);
    todo!()
}
