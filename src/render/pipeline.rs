//! What the passes share: the view's uniform, pipelines of instanced quads, buffers that grow.

use super::gpu::Gpu;
use super::wgpu;
use crate::model::{Camera, SlidePx};

/// The view as the shaders see it (`shaders/view.wgsl`).
#[repr(C)]
#[derive(Debug, Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
pub struct ViewUniform {
    viewport: [f32; 2],
    turn: [f32; 2],
    center_hi: [f32; 2],
    center_lo: [f32; 2],
    ground: [f32; 4],
    zoom: [f32; 4],
}

impl ViewUniform {
    /// Of a camera, a size in physical pixels and the colour around the slide.
    pub fn new(camera: Camera, viewport: [u32; 2], ground: [u8; 3]) -> Self {
        let (sin, cos) = camera.angle.sin_cos();
        let [hi_x, hi_y, lo_x, lo_y] = split(camera.center);
        let [r, g, b] = ground.map(|v| f32::from(v) / 255.0);
        Self {
            viewport: [viewport[0] as f32, viewport[1] as f32],
            turn: [cos as f32, sin as f32],
            center_hi: [hi_x, hi_y],
            center_lo: [lo_x, lo_y],
            ground: [r, g, b, 1.0],
            zoom: [camera.zoom as f32, 0.0, 0.0, 0.0],
        }
    }
}

/// A slide position as high x, high y, low x, low y: the sums are exact far beyond 32 bits.
pub fn split(p: SlidePx) -> [f32; 4] {
    let (x, y) = (p.x as f32, p.y as f32);
    [x, y, (p.x - f64::from(x)) as f32, (p.y - f64::from(y)) as f32]
}

/// The uniform on the GPU.
pub struct ViewBinding {
    buffer: wgpu::Buffer,
    /// Group 0 of every pipeline.
    pub group: wgpu::BindGroup,
    /// Its layout.
    pub layout: wgpu::BindGroupLayout,
}

impl ViewBinding {
    /// An empty one.
    pub fn new(gpu: &Gpu) -> Self {
        let buffer = gpu.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("view"),
            size: size_of::<ViewUniform>() as u64,
            usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        let layout = gpu.device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some("view"),
            entries: &[wgpu::BindGroupLayoutEntry {
                binding: 0,
                visibility: wgpu::ShaderStages::VERTEX_FRAGMENT,
                ty: wgpu::BindingType::Buffer {
                    ty: wgpu::BufferBindingType::Uniform,
                    has_dynamic_offset: false,
                    min_binding_size: None,
                },
                count: None,
            }],
        });
        let group = gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("view"),
            layout: &layout,
            entries: &[wgpu::BindGroupEntry { binding: 0, resource: buffer.as_entire_binding() }],
        });
        Self { buffer, group, layout }
    }

    /// Sets it for the next picture.
    pub fn write(&self, gpu: &Gpu, uniform: &ViewUniform) {
        gpu.queue.write_buffer(&self.buffer, 0, bytemuck::bytes_of(uniform));
    }
}

/// Compiles WGSL.
pub fn shader(gpu: &Gpu, label: &str, source: &str) -> wgpu::ShaderModule {
    gpu.device.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: Some(label),
        source: wgpu::ShaderSource::Wgsl(source.into()),
    })
}

/// A pipeline of quads, one an instance, blended as premultiplied colours.
pub fn quads(
    gpu: &Gpu,
    groups: &[Option<&wgpu::BindGroupLayout>],
    module: &wgpu::ShaderModule,
    entries: [&str; 2],
    instance: Option<wgpu::VertexBufferLayout<'_>>,
) -> wgpu::RenderPipeline {
    let layout = gpu.device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
        label: Some(entries[0]),
        bind_group_layouts: groups,
        immediate_size: 0,
    });
    let buffers: &[Option<wgpu::VertexBufferLayout<'_>>] = if instance.is_some() { &[instance] } else { &[] };
    gpu.device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
        label: Some(entries[0]),
        layout: Some(&layout),
        vertex: wgpu::VertexState {
            module,
            entry_point: Some(entries[0]),
            compilation_options: wgpu::PipelineCompilationOptions::default(),
            buffers,
        },
        primitive: wgpu::PrimitiveState {
            topology: wgpu::PrimitiveTopology::TriangleStrip,
            ..wgpu::PrimitiveState::default()
        },
        depth_stencil: None,
        multisample: wgpu::MultisampleState::default(),
        fragment: Some(wgpu::FragmentState {
            module,
            entry_point: Some(entries[1]),
            compilation_options: wgpu::PipelineCompilationOptions::default(),
            targets: &[Some(wgpu::ColorTargetState {
                format: gpu.format,
                blend: Some(wgpu::BlendState::PREMULTIPLIED_ALPHA_BLENDING),
                write_mask: wgpu::ColorWrites::ALL,
            })],
        }),
        multiview_mask: None,
        cache: None,
    })
}

/// Instances on the GPU; the buffer grows as needed.
#[derive(Default)]
pub struct Instances {
    buffer: Option<wgpu::Buffer>,
    /// Number of instances.
    pub count: u32,
}

impl Instances {
    /// Replaces all.
    pub fn fill<T: bytemuck::Pod>(&mut self, gpu: &Gpu, label: &str, instances: &[T]) {
        self.count = instances.len() as u32;
        if instances.is_empty() {
            return;
        }
        let bytes: &[u8] = bytemuck::cast_slice(instances);
        let fits = self.buffer.as_ref().is_some_and(|b| b.size() >= bytes.len() as u64);
        if !fits {
            self.buffer = Some(gpu.device.create_buffer(&wgpu::BufferDescriptor {
                label: Some(label),
                size: (bytes.len() as u64).next_power_of_two().max(1024),
                usage: wgpu::BufferUsages::VERTEX | wgpu::BufferUsages::COPY_DST,
                mapped_at_creation: false,
            }));
        }
        if let Some(buffer) = &self.buffer {
            gpu.queue.write_buffer(buffer, 0, bytes);
        }
    }

    /// Sets the instances for the next draw; `false` when there are none.
    pub fn bind(&self, pass: &mut wgpu::RenderPass<'_>) -> bool {
        match &self.buffer {
            Some(buffer) if self.count > 0 => {
                pass.set_vertex_buffer(0, buffer.slice(..));
                true
            }
            _ => false,
        }
    }
}
