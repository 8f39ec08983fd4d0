// Where the view is. Positions on the slide come as two numbers each, whose sum is exact beyond 32 bits.
struct View {
    viewport: vec2<f32>,
    // Cosine and sine of the rotation.
    turn: vec2<f32>,
    center_hi: vec2<f32>,
    center_lo: vec2<f32>,
    ground: vec4<f32>,
    // Screen pixels per level-0 pixel, in the first number.
    zoom: vec4<f32>,
}

@group(0) @binding(0) var<uniform> view: View;

// Screen pixels from the middle of the view, before rotation.
fn place(hi: vec2<f32>, lo: vec2<f32>) -> vec2<f32> {
    return ((hi - view.center_hi) + (lo - view.center_lo)) * view.zoom.x;
}

fn turned(p: vec2<f32>) -> vec2<f32> {
    return vec2<f32>(p.x * view.turn.x - p.y * view.turn.y, p.x * view.turn.y + p.y * view.turn.x);
}

// From screen pixels around the middle, after rotation.
fn clip(p: vec2<f32>) -> vec4<f32> {
    return vec4<f32>(2.0 * p.x / view.viewport.x, -2.0 * p.y / view.viewport.y, 0.0, 1.0);
}

// Corner of a triangle strip of four, each part 0 or 1.
fn corner(index: u32) -> vec2<f32> {
    return vec2<f32>(f32(index & 1u), f32(index >> 1u));
}

// `top` over `under`, both premultiplied.
fn over(top: vec4<f32>, under: vec4<f32>) -> vec4<f32> {
    return top + under * (1.0 - top.a);
}

fn paint(color: vec3<f32>, alpha: f32) -> vec4<f32> {
    return vec4<f32>(color * alpha, alpha);
}
