//! Tiles as instanced quads from texture arrays, the coarse ones under the fine.

use super::gpu::Gpu;
use super::pipeline::{self, Instances, ViewBinding};
use super::wgpu;
use crate::tiles::grid::{BYTES, SIDE};

/// Layers of one texture array; every device of today has as many.
const LAYERS: usize = 256;

/// One tile to draw.
#[repr(C)]
#[derive(Debug, Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
pub struct Quad {
    /// Left, top, right, bottom in screen pixels from the middle of the view, before rotation.
    pub rect: [f32; 4],
    /// The same corners in the texture, 0 to 1.
    pub uv: [f32; 4],
    /// Layer of the array.
    pub layer: u32,
    /// Strength over what lies under it.
    pub alpha: f32,
}

/// A tile to draw and where it is.
pub struct Draw {
    /// Level of the grid; coarser ones are drawn first.
    pub level: u8,
    /// Place on the GPU.
    pub slot: usize,
    /// The quad; its layer is set by [`SlidePass::prepare`].
    pub quad: Quad,
}

struct Array {
    texture: wgpu::Texture,
    group: wgpu::BindGroup,
    layers: usize,
}

/// Textures and pipelines of the tiles.
pub struct SlidePass {
    ground: wgpu::RenderPipeline,
    tiles: wgpu::RenderPipeline,
    layout: wgpu::BindGroupLayout,
    sampler: wgpu::Sampler,
    arrays: Vec<Array>,
    layers: usize,
    capacity: usize,
    instances: Instances,
    /// Array and instances of each draw call.
    runs: Vec<(usize, std::ops::Range<u32>)>,
}

impl SlidePass {
    /// For `capacity` tiles at most. Textures are made when they are first needed.
    pub fn new(gpu: &Gpu, view: &ViewBinding, capacity: usize) -> Self {
        let layout = gpu.device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some("tiles"),
            entries: &[
                wgpu::BindGroupLayoutEntry {
                    binding: 0,
                    visibility: wgpu::ShaderStages::FRAGMENT,
                    ty: wgpu::BindingType::Texture {
                        sample_type: wgpu::TextureSampleType::Float { filterable: true },
                        view_dimension: wgpu::TextureViewDimension::D2Array,
                        multisampled: false,
                    },
                    count: None,
                },
                wgpu::BindGroupLayoutEntry {
                    binding: 1,
                    visibility: wgpu::ShaderStages::FRAGMENT,
                    ty: wgpu::BindingType::Sampler(wgpu::SamplerBindingType::Filtering),
                    count: None,
                },
            ],
        });
        let sampler = gpu.device.create_sampler(&wgpu::SamplerDescriptor {
            label: Some("tiles"),
            mag_filter: wgpu::FilterMode::Linear,
            min_filter: wgpu::FilterMode::Linear,
            ..wgpu::SamplerDescriptor::default()
        });
        let ground = pipeline::shader(
            gpu,
            "ground",
            concat!(include_str!("../../shaders/view.wgsl"), include_str!("../../shaders/ground.wgsl")),
        );
        let slide = pipeline::shader(
            gpu,
            "slide",
            concat!(include_str!("../../shaders/view.wgsl"), include_str!("../../shaders/slide.wgsl")),
        );
        let quad = wgpu::VertexBufferLayout {
            array_stride: size_of::<Quad>() as u64,
            step_mode: wgpu::VertexStepMode::Instance,
            attributes: &wgpu::vertex_attr_array![0 => Float32x4, 1 => Float32x4, 2 => Uint32, 3 => Float32],
        };
        let layers = LAYERS.min(gpu.device.limits().max_texture_array_layers as usize).max(1);
        Self {
            ground: pipeline::quads(
                gpu,
                &[Some(&view.layout)],
                &ground,
                ["ground_vertex", "ground_fragment"],
                None,
            ),
            tiles: pipeline::quads(
                gpu,
                &[Some(&view.layout), Some(&layout)],
                &slide,
                ["tile_vertex", "tile_fragment"],
                Some(quad),
            ),
            layout,
            sampler,
            arrays: Vec::new(),
            layers,
            capacity,
            instances: Instances::default(),
            runs: Vec::new(),
        }
    }

    /// Bytes of the textures made so far.
    pub fn bytes(&self) -> usize {
        self.arrays.iter().map(|a| a.layers * BYTES).sum()
    }

    /// Copies a tile to its place. `bytes` are [`BYTES`] long.
    pub fn upload(&mut self, gpu: &Gpu, slot: usize, bytes: &[u8]) {
        while self.arrays.len() <= slot / self.layers {
            let array = self.array(gpu);
            self.arrays.push(array);
        }
        let size = wgpu::Extent3d { width: SIDE, height: SIDE, depth_or_array_layers: 1 };
        gpu.queue.write_texture(
            wgpu::TexelCopyTextureInfo {
                texture: &self.arrays[slot / self.layers].texture,
                mip_level: 0,
                origin: wgpu::Origin3d { x: 0, y: 0, z: (slot % self.layers) as u32 },
                aspect: wgpu::TextureAspect::All,
            },
            bytes,
            wgpu::TexelCopyBufferLayout {
                offset: 0,
                bytes_per_row: Some(4 * SIDE),
                rows_per_image: Some(SIDE),
            },
            size,
        );
    }

    fn array(&self, gpu: &Gpu) -> Array {
        // Two at least: a texture of one layer would be bound as a plain one on some backends.
        let layers = self.layers.min(self.capacity - self.arrays.len() * self.layers).max(2);
        let texture = gpu.device.create_texture(&wgpu::TextureDescriptor {
            label: Some("tiles"),
            size: wgpu::Extent3d { width: SIDE, height: SIDE, depth_or_array_layers: layers as u32 },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: wgpu::TextureFormat::Rgba8Unorm,
            usage: wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
            view_formats: &[],
        });
        let view = texture.create_view(&wgpu::TextureViewDescriptor {
            dimension: Some(wgpu::TextureViewDimension::D2Array),
            ..wgpu::TextureViewDescriptor::default()
        });
        let group = gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("tiles"),
            layout: &self.layout,
            entries: &[
                wgpu::BindGroupEntry { binding: 0, resource: wgpu::BindingResource::TextureView(&view) },
                wgpu::BindGroupEntry { binding: 1, resource: wgpu::BindingResource::Sampler(&self.sampler) },
            ],
        });
        Array { texture, group, layers }
    }

    /// Fills the instances for the next picture; the number of draw calls that it takes.
    pub fn prepare(&mut self, gpu: &Gpu, mut draws: Vec<Draw>) -> u32 {
        // Within an array by place, not by slot: which of two tiles that share a pixel lies on top must not depend on the
        // order in which they were read.
        draws.sort_by(|a, b| {
            let array = |d: &Draw| (std::cmp::Reverse(d.level), d.slot / self.layers);
            let [ax, ay, ..] = a.quad.rect;
            let [bx, by, ..] = b.quad.rect;
            array(a).cmp(&array(b)).then(ay.total_cmp(&by)).then(ax.total_cmp(&bx))
        });
        self.runs.clear();
        let mut quads = Vec::with_capacity(draws.len());
        for (i, draw) in draws.into_iter().enumerate() {
            let (array, i) = (draw.slot / self.layers, i as u32);
            match self.runs.last_mut() {
                Some((last, range)) if *last == array => range.end = i + 1,
                _ => self.runs.push((array, i..i + 1)),
            }
            quads.push(Quad { layer: (draw.slot % self.layers) as u32, ..draw.quad });
        }
        self.instances.fill(gpu, "tile quads", &quads);
        self.runs.len() as u32
    }

    /// Draws the ground and the tiles.
    pub fn paint(&self, pass: &mut wgpu::RenderPass<'_>, view: &ViewBinding) {
        pass.set_bind_group(0, &view.group, &[]);
        pass.set_pipeline(&self.ground);
        pass.draw(0..4, 0..1);
        pass.set_pipeline(&self.tiles);
        if self.instances.bind(pass) {
            for (array, range) in &self.runs {
                pass.set_bind_group(1, &self.arrays[*array].group, &[]);
                pass.draw(0..4, range.clone());
            }
        }
    }
}
