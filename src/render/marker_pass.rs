//! Fills, lines and marks as instances: filled when the scene changes, not when the view moves.

use super::gpu::Gpu;
use super::pipeline::{self, Instances, ViewBinding, split};
use super::scene::Scene;
use super::wgpu;
use crate::model::SlidePx;

#[repr(C)]
#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
struct MarkInstance {
    at: [f32; 4],
    radius: [f32; 2],
    color: [u8; 4],
    kind: [u32; 2],
}

#[repr(C)]
#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
struct LineInstance {
    a: [f32; 4],
    b: [f32; 4],
    color: [u8; 4],
    stroke: [f32; 2],
}

#[repr(C)]
#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
struct FillInstance {
    a: [f32; 4],
    b: [f32; 4],
    color: [u8; 4],
}

fn instance<T>(attributes: &[wgpu::VertexAttribute]) -> Option<wgpu::VertexBufferLayout<'_>> {
    Some(wgpu::VertexBufferLayout {
        array_stride: size_of::<T>() as u64,
        step_mode: wgpu::VertexStepMode::Instance,
        attributes,
    })
}

/// Buffers and pipelines of what is drawn over the slide.
pub struct MarkerPass {
    fill: wgpu::RenderPipeline,
    halo: wgpu::RenderPipeline,
    line: wgpu::RenderPipeline,
    mark: wgpu::RenderPipeline,
    fills: Instances,
    lines: Instances,
    marks: Instances,
    version: Option<u64>,
}

impl MarkerPass {
    /// Without anything to draw.
    pub fn new(gpu: &Gpu, view: &ViewBinding) -> Self {
        let module = pipeline::shader(
            gpu,
            "marks",
            concat!(include_str!("../../shaders/view.wgsl"), include_str!("../../shaders/marks.wgsl")),
        );
        let marks = wgpu::vertex_attr_array![0 => Float32x4, 1 => Float32x2, 2 => Unorm8x4, 3 => Uint32x2];
        let lines = wgpu::vertex_attr_array![0 => Float32x4, 1 => Float32x4, 2 => Unorm8x4, 3 => Float32x2];
        let fills = wgpu::vertex_attr_array![0 => Float32x4, 1 => Float32x4, 2 => Unorm8x4];
        let quads = |entries, layout| pipeline::quads(gpu, &[Some(&view.layout)], &module, entries, layout);
        Self {
            fill: quads(["fill_vertex", "fill_fragment"], instance::<FillInstance>(&fills)),
            halo: quads(["line_vertex", "line_halo"], instance::<LineInstance>(&lines)),
            line: quads(["line_vertex", "line_fragment"], instance::<LineInstance>(&lines)),
            mark: quads(["mark_vertex", "mark_fragment"], instance::<MarkInstance>(&marks)),
            fills: Instances::default(),
            lines: Instances::default(),
            marks: Instances::default(),
            version: None,
        }
    }

    /// Fills the buffers if the scene is another than the last; says whether it was.
    pub fn prepare(&mut self, gpu: &Gpu, scene: &Scene) -> bool {
        if self.version == Some(scene.version) {
            return false;
        }
        self.version = Some(scene.version);
        let finite = |p: SlidePx| p.x.is_finite() && p.y.is_finite();
        let fills: Vec<FillInstance> = scene
            .fills
            .iter()
            .map(|f| FillInstance {
                a: split(SlidePx::new(f.rect.x, f.rect.y)),
                b: split(SlidePx::new(f.rect.right(), f.rect.bottom())),
                color: f.color,
            })
            .collect();
        let lines: Vec<LineInstance> = scene
            .lines
            .iter()
            .filter(|l| finite(l.a) && finite(l.b))
            .map(|l| LineInstance {
                a: split(l.a),
                b: split(l.b),
                color: l.color,
                stroke: [l.width_px, l.dash_px],
            })
            .collect();
        let marks: Vec<MarkInstance> = scene
            .marks
            .iter()
            .filter(|m| finite(m.at))
            .map(|m| MarkInstance {
                at: split(m.at),
                radius: [m.radius as f32, m.min_radius_px],
                color: m.color,
                kind: [m.kind as u32, u32::from(m.selected)],
            })
            .collect();
        self.fills.fill(gpu, "fills", &fills);
        self.lines.fill(gpu, "lines", &lines);
        self.marks.fill(gpu, "marks", &marks);
        true
    }

    /// Draws fills, lines and marks in this order.
    pub fn paint(&self, pass: &mut wgpu::RenderPass<'_>, view: &ViewBinding) {
        pass.set_bind_group(0, &view.group, &[]);
        let mut draw = |pipeline, instances: &Instances| {
            pass.set_pipeline(pipeline);
            if instances.bind(pass) {
                pass.draw(0..4, 0..instances.count);
            }
        };
        draw(&self.fill, &self.fills);
        // All halos first: that of one side of a polygon must not darken the next side.
        draw(&self.halo, &self.lines);
        draw(&self.line, &self.lines);
        draw(&self.mark, &self.marks);
    }
}
