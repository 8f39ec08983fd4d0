// Tiles, and the ground around the slide.
@group(1) @binding(0) var tiles: texture_2d_array<f32>;
@group(1) @binding(1) var bilinear: sampler;

struct Quad {
    // Left, top, right, bottom in screen pixels from the middle, before rotation.
    @location(0) rect: vec4<f32>,
    @location(1) uv: vec4<f32>,
    @location(2) layer: u32,
    @location(3) alpha: f32,
}

struct Varying {
    @builtin(position) position: vec4<f32>,
    @location(0) uv: vec2<f32>,
    @location(1) @interpolate(flat) layer: u32,
    @location(2) @interpolate(flat) alpha: f32,
}

@vertex
fn tile_vertex(@builtin(vertex_index) index: u32, quad: Quad) -> Varying {
    let at = corner(index);
    var out: Varying;
    out.position = clip(turned(mix(quad.rect.xy, quad.rect.zw, at)));
    out.uv = mix(quad.uv.xy, quad.uv.zw, at);
    out.layer = quad.layer;
    out.alpha = quad.alpha;
    return out;
}

@fragment
fn tile_fragment(in: Varying) -> @location(0) vec4<f32> {
    return paint(textureSampleLevel(tiles, bilinear, in.uv, in.layer, 0.0).rgb, in.alpha);
}
