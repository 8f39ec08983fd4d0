@vertex
fn ground_vertex(@builtin(vertex_index) index: u32) -> @builtin(position) vec4<f32> {
    return vec4<f32>(corner(index) * 2.0 - 1.0, 0.0, 1.0);
}

@fragment
fn ground_fragment() -> @location(0) vec4<f32> {
    return view.ground;
}
